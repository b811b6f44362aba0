//! Entries that are not E.164 numbers: short codes, service strings, opaque users, patterns, classes.
//!
//! One FST holds them all. The first byte of a key, the tag, is the kind, so kinds never collide:
//!
//! | tag | entry | value |
//! | --- | --- | --- |
//! | `C` | class, by its word | set id, reference of its notes above bit 31 |
//! | `L` | local number | the same |
//! | `N` | opaque user | the same |
//! | `P` | pattern, in canonical form | name of its rule |
//! | `S` | service string | as for a class |
//! | `U` | digits under an unassigned calling code | the same |

use super::file::Section;
use super::fst::{Fst, FstKeys, transitions};
use super::fst_verify::{summarise, values_are_sound};
use super::rules::Rules;
use crate::number::{Class, Text};
use crate::{Error, Number, Result};

/// The tag of patterns.
pub(crate) const PATTERN: u8 = b'P';
/// The tag of classes.
pub(crate) const CLASS: u8 = b'C';
/// The tag of numbers under an unassigned calling code.
pub(crate) const UNASSIGNED: u8 = b'U';
/// The tag of local numbers.
pub(crate) const LOCAL: u8 = b'L';
/// The tag of service strings.
pub(crate) const SERVICE: u8 = b'S';
/// The tag of opaque users.
pub(crate) const USER: u8 = b'N';

/// The longest key: a tag, and a text or a pattern.
const LONGEST: usize = 1 + Text::MAX;

/// The value of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextValue {
    pub(crate) set: u32,
    /// For [`Notes::of_reference`](super::notes::Notes::of_reference).
    pub(crate) notes: u32,
}

impl TextValue {
    pub(crate) fn to_packed(self) -> u64 {
        u64::from(self.notes) << 32 | u64::from(self.set)
    }

    #[inline]
    pub(crate) fn from_packed(value: u64) -> Self {
        Self { set: value as u32, notes: (value >> 32) as u32 }
    }
}

/// The tag and the text under which a number is filed; `None` for E.164 numbers and for classes.
#[inline]
pub(crate) fn key(number: &Number) -> Option<(u8, &[u8])> {
    match number {
        Number::Unassigned(text) => Some((UNASSIGNED, text.as_bytes())),
        Number::Local(text) => Some((LOCAL, text.as_bytes())),
        Number::Service(text) => Some((SERVICE, text.as_bytes())),
        Number::Opaque(text) => Some((USER, text.as_bytes())),
        Number::E164(_) | Number::Anonymous | Number::Invalid(_) => None,
    }
}

/// The value of a text.
#[inline]
pub(crate) fn find(section: &[u8], tag: u8, text: &[u8]) -> Option<u64> {
    let key = std::iter::once(tag).chain(text.iter().copied());
    Fst::new(section)?.get(key)
}

/// Proves the section of a file of `bytes` sound: it has `texts` entries, every set id is below `sets`, and
/// every one of the `rules` is the value of its pattern.
pub(crate) fn verify(
    section: &[u8],
    bytes: usize,
    texts: u64,
    sets: usize,
    rules: Rules<'_>,
) -> Result<()> {
    let corrupt = |reason| Err(Error::Corrupt { section: Section::Texts.name(), reason });
    let sum = summarise(section, LONGEST, Section::Texts.name())?;
    if sum.keys != texts || sum.shortest == 0 {
        return corrupt("not as many entries as the meta section says");
    }
    let is_set = |value| (TextValue::from_packed(value).set as usize) < sets;
    let mut rules = rules.all();
    for (fst, first) in transitions(section) {
        let sound = match first.input {
            // Each key is another pattern, so this ends at the first that is no rule, however many there are.
            PATTERN => FstKeys::from_transition(fst, &first).all(|(text, value)| {
                rules.next().is_some_and(|(name, rule)| {
                    u64::from(name) == value && rule.text.as_bytes() == &*text
                })
            }),
            CLASS => FstKeys::from_transition(fst, &first).all(|(word, value)| {
                let class = Class::named(&word).map(Class::as_str);
                is_set(value) && class.is_some_and(|class| class.as_bytes() == &*word)
            }),
            UNASSIGNED | LOCAL | SERVICE | USER => values_are_sound(fst, &first, bytes, is_set),
            _ => false,
        };
        if !sound {
            return corrupt("an entry of no kind, or beyond the table of sets or rules");
        }
    }
    if rules.next().is_some() {
        return corrupt("a rule that no pattern leads to");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of 2^`ways` keys, each a tag and `ways` bytes, all with one value, in 17 bytes a node. If it is
    /// `dead`, no way leads to a key.
    fn many(tag: u8, ways: u64, value: u8, dead: bool) -> Vec<u8> {
        // Version, type, and a node of no transitions that no key ends at.
        let mut map = [3_u64.to_le_bytes(), 0_u64.to_le_bytes()].concat();
        let mut below = 0;
        if dead {
            map.extend([0, 0, 0]);
            below = map.len() - 1;
        }
        for _ in 0..ways {
            let delta = if below == 0 { 0 } else { (map.len() - below) as u8 };
            // Deltas, inputs, backwards; sizes, and two transitions.
            map.extend([delta, delta, b'b', b'a', 0x10, 2]);
            below = map.len() - 1;
        }
        let delta = (map.len() - below) as u8;
        map.extend([value, delta, 0x11, tag, 0x80]);
        let root = map.len() as u64 - 1;
        map.extend([u64::MAX.to_le_bytes(), root.to_le_bytes()].concat());
        map.extend([0; 4]);
        map
    }

    #[test]
    fn more_keys_than_can_be_counted_are_proved_by_the_bytes() {
        let map = many(b'N', 40, 1, false);
        assert!(map.len() < 400);
        verify(&map, map.len(), 1 << 40, 2, Rules::new(&[])).unwrap();
        assert!(verify(&map, map.len(), 1 << 40, 1, Rules::new(&[])).is_err());
        assert!(verify(&map, map.len(), 40, 2, Rules::new(&[])).is_err());
        for tag in [PATTERN, CLASS, b'x'] {
            let map = many(tag, 40, 0, false);
            assert!(verify(&map, map.len(), 1 << 40, 2, Rules::new(&[])).is_err());
            let map = many(tag, 40, 0, true);
            assert!(verify(&map, map.len(), 0, 2, Rules::new(&[])).is_err());
        }
    }
}
