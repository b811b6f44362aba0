//! Entries that are not E.164 numbers: short codes, service strings, opaque users, patterns, classes.
//!
//! One FST holds them all; the first byte of a key, the tag, tells the kind, so no kind meets another:
//!
//! | tag | entry | value |
//! | --- | --- | --- |
//! | `C` | class, by its word | set id, reference of its notes above bit 31 |
//! | `L` | local number | the same |
//! | `N` | opaque user | the same |
//! | `P` | pattern, in canonical form | name of its rule |
//! | `S` | service string | as for a class |
//! | `U` | digits under a calling code that nobody has | the same |

use super::format::Section;
use super::fst::Fst;
use super::fst_verify::summarise;
use super::fst_walk::Keys;
use super::rules::Rules;
use crate::number::{Class, Text};
use crate::{Error, Number, Result};

/// The tag of patterns.
pub(super) const PATTERN: u8 = b'P';
/// The tag of classes.
pub(super) const CLASS: u8 = b'C';
/// The tag of numbers under a calling code that nobody has.
pub(super) const UNASSIGNED: u8 = b'U';
/// The tag of local numbers.
pub(super) const LOCAL: u8 = b'L';

/// The longest key: a tag, and a text or a pattern.
const LONGEST: usize = 1 + Text::MAX;

/// What an entry's value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) set: u32,
    /// For [`Notes::of_reference`](super::notes::Notes::of_reference).
    pub(super) notes: u32,
}

impl Value {
    pub(super) fn pack(self) -> u64 {
        u64::from(self.notes) << 32 | u64::from(self.set)
    }

    #[inline]
    pub(super) fn unpack(value: u64) -> Self {
        Self { set: value as u32, notes: (value >> 32) as u32 }
    }
}

/// The tag and the text under which a number is filed; `None` for E.164 numbers and for classes.
#[inline]
pub(super) fn key(number: &Number) -> Option<(u8, &[u8])> {
    match number {
        Number::Unassigned(text) => Some((UNASSIGNED, text.as_bytes())),
        Number::Local(text) => Some((LOCAL, text.as_bytes())),
        Number::Service(text) => Some((b'S', text.as_bytes())),
        Number::Opaque(text) => Some((b'N', text.as_bytes())),
        Number::E164(_) | Number::Anonymous | Number::Invalid(_) => None,
    }
}

/// The value of a text.
#[inline]
pub(super) fn find(section: &[u8], tag: u8, text: &[u8]) -> Option<u64> {
    let key = std::iter::once(tag).chain(text.iter().copied());
    Fst::new(section)?.get(key)
}

/// Proves the section sound, with `texts` entries whose set ids are below `sets`, and each of the
/// `rules` the value of its pattern.
pub(super) fn verify(section: &[u8], texts: u64, sets: usize, rules: Rules<'_>) -> Result<()> {
    let corrupt = |reason| Err(Error::Corrupt { section: Section::Texts.name(), reason });
    let sum = summarise(section, LONGEST, Section::Texts.name())?;
    if sum.keys != texts {
        return corrupt("not as many entries as the meta section says");
    }
    let mut rules = rules.all();
    for (key, value) in Keys::of(section) {
        let is_set = (Value::unpack(value).set as usize) < sets;
        let sound = match key.split_first() {
            Some((&PATTERN, text)) => rules.next().is_some_and(|(name, rule)| {
                u64::from(name) == value && rule.text.as_bytes() == text
            }),
            Some((&CLASS, word)) => {
                let class = Class::named(word);
                is_set && class.is_some_and(|class| class.as_str().as_bytes() == word)
            }
            Some((&tag, _)) => is_set && matches!(tag, UNASSIGNED | LOCAL | b'S' | b'N'),
            None => false,
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
