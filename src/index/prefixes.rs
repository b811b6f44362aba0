//! The prefixes section: which patterns a number may fall under, by the digits it begins with.
//!
//! A pattern is filed under the fewest prefixes that cover it. A hash table has the patterns of each
//! prefix; a number is cut to each length that some prefix has, and looked up. Before that a small
//! Bloom filter, the *gate*, ends the search for nearly all numbers that no prefix fits: it holds the
//! prefixes cut to one of a few lengths, the *levels*. So a number that matches nothing costs a
//! multiplication, a hash and one word for each level, whatever the number of prefixes, where a trie
//! takes a dependent load for each digit.
//!
//! # Layout (little-endian)
//! ```text
//! u32 lengths: bit n for prefixes of n digits | u32 levels: the same, a subset
//! u32 words of the gate | u32 buckets
//! gate: u64 words | buckets of 64 bytes: 5 x u64 prefix, 5 x u32 value, 4 x 0 | groups: u32 words
//! ```
//! A prefix is its digits as an integer; an empty place is all ones. A value is the name of a rule,
//! or with bit 31 the word of `groups` where a count and as many names stand. The level of a prefix
//! is the longest that is not longer than it.
//!
//! The beginnings of numbers that are not E.164, local ones and those of a calling code that nobody
//! has, may begin with zeros and are few: they stand in the stems section, an FST from tag and digits
//! to a value as above.
//!
//! (Gate: Putze, Sanders, Singler 2007, with a line of one word.)

use super::decimal::{DIGITS, Leading};
use super::fst::Fst;
use super::fst_verify::summarise;
use super::fst_walk::Keys;
use crate::{Error, Result};

const SECTION: &str = "prefixes";
const HEADER: usize = 16;
pub(super) const BUCKET: usize = 64;
pub(super) const PLACES: usize = 5;
pub(super) const EMPTY: u64 = u64::MAX;
pub(super) const GROUP: u32 = 1 << 31;
/// A tag and the digits of a pattern.
const LONGEST_STEM: usize = 1 + DIGITS;

/// The section, located but not copied.
#[derive(Clone, Copy)]
pub(super) struct Prefixes<'a> {
    lengths: u32,
    levels: u32,
    gate: &'a [[u8; 8]],
    buckets: &'a [[u8; BUCKET]],
    groups: &'a [[u8; 4]],
}

impl<'a> Prefixes<'a> {
    /// `None` if the section is empty or cut short.
    #[inline]
    pub(super) fn new(section: &'a [u8]) -> Option<Self> {
        let (head, rest) = section.split_first_chunk::<HEADER>()?;
        let word = |at: usize| Some(u32::from_le_bytes(*head.get(at..)?.first_chunk()?));
        let (gate, rest) = rest.split_at_checked((word(8)? as usize).checked_mul(8)?)?;
        let (buckets, groups) = rest.split_at_checked((word(12)? as usize).checked_mul(BUCKET)?)?;
        Some(Self {
            lengths: word(0)?,
            levels: word(4)?,
            gate: gate.as_chunks().0,
            buckets: buckets.as_chunks().0,
            groups: groups.as_chunks().0,
        })
    }

    /// Whether the number begins with a prefix.
    #[inline]
    pub(super) fn begin(&self, number: u64) -> bool {
        let number = Leading::of(number);
        let lengths = self.gate(&number);
        lengths != 0 && self.confirm(&number, lengths)
    }

    /// The lengths that prefixes of this number may have, as a mask; those without a bit none has.
    #[inline]
    pub(super) fn gate(&self, number: &Leading) -> u32 {
        let mut levels = self.levels & number.lengths();
        let mut passed = 0;
        while levels != 0 {
            let level = levels.trailing_zeros();
            levels &= levels - 1;
            let hash = hash(number.digits(level));
            let word = self.gate.get(place(hash, self.gate.len()));
            let bits = bits(hash);
            if word.map_or(0, |word| u64::from_le_bytes(*word)) & bits == bits {
                passed |= self.lengths_of(level);
            }
        }
        passed & number.lengths()
    }

    /// The lengths of the prefixes of a level.
    #[inline]
    fn lengths_of(&self, level: u32) -> u32 {
        let from = u32::MAX << level;
        let next = self.levels & (from << 1);
        // Up to the next level, or all that are left.
        let below_next = if next == 0 { u32::MAX } else { (1 << next.trailing_zeros()) - 1 };
        self.lengths & from & below_next
    }

    /// The longest are the most, so they come first.
    #[inline(never)]
    fn confirm(&self, number: &Leading, mut lengths: u32) -> bool {
        while lengths != 0 {
            let length = lengths.ilog2();
            if self.find(number.digits(length)).is_some() {
                return true;
            }
            lengths ^= 1 << length;
        }
        false
    }

    /// The rules filed under this prefix.
    pub(super) fn rules(&self, prefix: u64) -> impl Iterator<Item = u32> + use<'a> {
        self.of_value(self.find(prefix))
    }

    /// The rules that the stems section files under this tag and these digits.
    pub(super) fn stem_rules(
        &self,
        stems: &[u8],
        tag: u8,
        digits: &[u8],
    ) -> impl Iterator<Item = u32> + use<'a> {
        let key = std::iter::once(tag).chain(digits.iter().copied());
        let value = Fst::new(stems).and_then(|stems| stems.get(key));
        self.of_value(value.and_then(|value| u32::try_from(value).ok()))
    }

    fn of_value(&self, value: Option<u32>) -> impl Iterator<Item = u32> + use<'a> {
        let (single, group) = match value {
            Some(value) if value & GROUP != 0 => (None, self.group(value & !GROUP)),
            value => (value, None),
        };
        let group = group.unwrap_or_default().iter().map(|word| u32::from_le_bytes(*word));
        single.into_iter().chain(group)
    }

    fn find(&self, prefix: u64) -> Option<u32> {
        let first = place(hash(prefix), self.buckets.len());
        for bucket in self.buckets.get(first..)?.iter().chain(self.buckets.get(..first)?) {
            let (keys, values) = bucket.split_at(8 * PLACES);
            for (key, value) in keys.as_chunks().0.iter().zip(values.as_chunks().0) {
                match u64::from_le_bytes(*key) {
                    key if key == prefix => return Some(u32::from_le_bytes(*value)),
                    EMPTY => return None,
                    _ => {}
                }
            }
        }
        None
    }

    fn group(&self, at: u32) -> Option<&'a [[u8; 4]]> {
        let (count, rest) = self.groups.get(at as usize..)?.split_first()?;
        rest.get(..u32::from_le_bytes(*count) as usize)
    }

    /// Proves both sections sound: whole, and every value of rules that there are.
    pub(super) fn verify(
        section: &'a [u8],
        stems: &[u8],
        is_rule: impl Fn(u32) -> bool,
    ) -> Result<()> {
        let corrupt = |reason| Err(Error::Corrupt { section: SECTION, reason });
        summarise(stems, LONGEST_STEM, "stems")?;
        let Some(prefixes) = Self::new(section) else {
            let nothing = section.is_empty() && stems.is_empty();
            return if nothing { Ok(()) } else { corrupt("cut short") };
        };
        let places = prefixes.buckets.iter().flat_map(|bucket| {
            let (keys, values) = bucket.split_at(8 * PLACES);
            keys.as_chunks().0.iter().zip(values.as_chunks().0)
        });
        let taken = places.filter(|(key, _)| u64::from_le_bytes(**key) != EMPTY);
        let values = taken.map(|(_, value)| u64::from(u32::from_le_bytes(*value)));
        for value in values.chain(Keys::of(stems).map(|(_, value)| value)) {
            if !prefixes.is_value(value, &is_rule) {
                return corrupt("a rule that there is not");
            }
        }
        Ok(())
    }

    fn is_value(&self, value: u64, is_rule: impl Fn(u32) -> bool) -> bool {
        match u32::try_from(value) {
            Ok(value) if value & GROUP == 0 => is_rule(value),
            Ok(value) => self
                .group(value & !GROUP)
                .is_some_and(|group| group.iter().all(|rule| is_rule(u32::from_le_bytes(*rule)))),
            Err(_) => false,
        }
    }
}

/// Folded multiply, with a constant of its own.
#[inline]
pub(super) fn hash(prefix: u64) -> u64 {
    let product = u128::from(prefix ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product >> 64) as u64 ^ product as u64
}

/// The high half scaled to a count.
#[inline]
pub(super) fn place(hash: u64, count: usize) -> usize {
    (((hash >> 32) * count as u64) >> 32) as usize
}

#[inline]
pub(super) fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
}
