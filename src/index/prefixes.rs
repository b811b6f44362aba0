//! The prefixes section: which patterns a number may fall under, by the digits it begins with.
//!
//! A pattern is filed under the fewest prefixes that cover it. A hash table has the patterns of each
//! prefix; a number is cut to each length that some prefix has, and looked up. Before that the
//! [gate](super::gate) ends the search for nearly all numbers that no prefix fits.
//!
//! # Layout (little-endian)
//! ```text
//! u32 levels of the gate | u32 words of the gate | u32 buckets
//! u32 level of the gate, each | u64 word of the gate, each
//! buckets of 64 bytes: 5 x u64 prefix, 5 x u32 value, 4 x 0 | u32 word of the groups, each
//! ```
//! A prefix is its digits as an integer; an empty place is all ones. A value is the name of a rule,
//! or with bit 31 the word of `groups` where a count and as many names stand.
//!
//! The beginnings of numbers that are not E.164, local ones and those of a calling code that nobody
//! has, may begin with zeros and are few: they stand in the stems section, an FST from tag and digits
//! to a value as above.

use std::ops::Range;

use super::decimal::{DIGITS, Leading};
use super::fst::Fst;
use super::fst_verify::summarise;
use super::fst_walk::Keys;
use super::gate::{Gate, hash, place};
use crate::{Error, Result};

const SECTION: &str = "prefixes";
const HEADER: usize = 12;
pub(super) const BUCKET: usize = 64;
pub(super) const PLACES: usize = 5;
/// Prefixes to buckets: at most 70 of 100 places are taken, so nearly every prefix is in the first
/// bucket looked at.
pub(super) const BUCKET_PREFIXES: (usize, usize) = (7 * PLACES, 10);
pub(super) const EMPTY: u64 = u64::MAX;
pub(super) const GROUP: u32 = 1 << 31;
/// A tag and the digits of a pattern.
const LONGEST_STEM: usize = 1 + DIGITS;

/// The gate, and where the other parts of the section lie in a file.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) gate: Gate,
    buckets: Range<usize>,
    groups: Range<usize>,
}

impl Parts {
    /// Of the section that lies in this range of a file; `None` if it is empty or cut short.
    pub(super) fn read(file: &[u8], section: Range<usize>) -> Option<Self> {
        let file = file.get(..section.end)?;
        let from = section.start;
        let word = |at: usize| Some(u32::from_le_bytes(*file.get(from + at..)?.first_chunk()?));
        let end = |from: usize, count: u32, size: usize| {
            let end = from.checked_add((count as usize).checked_mul(size)?)?;
            (end <= file.len()).then_some(end)
        };
        let levels = from + HEADER;
        let words = end(levels, word(0)?, size_of::<u32>())?;
        let buckets = end(words, word(4)?, size_of::<u64>())?;
        let groups = end(buckets, word(8)?, BUCKET)?;
        let gate = Gate::read(
            file.get(levels..words)?.as_chunks().0,
            file.get(words..buckets)?.as_chunks().0,
        );
        Some(Self { gate, buckets: buckets..groups, groups: groups..file.len() })
    }

    /// What lies behind it.
    #[inline]
    pub(super) fn of<'a>(&self, file: &'a [u8]) -> Prefixes<'a> {
        Prefixes {
            buckets: part(file, &self.buckets).as_chunks().0,
            groups: part(file, &self.groups).as_chunks().0,
        }
    }
}

#[inline]
fn part<'a>(file: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    file.get(range.clone()).unwrap_or_default()
}

/// The places of the bits that are set, the highest first.
fn set_bits(mut bits: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = bits.checked_ilog2()?;
        bits ^= 1 << bit;
        Some(bit)
    })
}

/// What lies behind the gate, located but not copied.
#[derive(Clone, Copy)]
pub(super) struct Prefixes<'a> {
    buckets: &'a [[u8; BUCKET]],
    groups: &'a [[u8; 4]],
}

impl<'a> Prefixes<'a> {
    /// Whether the number begins with a prefix of one of these lengths. The longest are the most, so
    /// they come first.
    pub(super) fn begin(&self, number: Leading, lengths: u32) -> bool {
        // Loads that wait for nothing: the misses of all lengths overlap.
        std::hint::black_box(
            set_bits(lengths).fold(0, |all, length| all ^ self.touch(number.digits(length))),
        );
        set_bits(lengths).any(|length| self.find(number.digits(length)).is_some())
    }

    fn touch(&self, prefix: u64) -> u8 {
        self.buckets.get(place(hash(prefix), self.buckets.len())).map_or(0, |bucket| bucket[0])
    }

    /// How many prefixes there are, give or take a bucket, counted once for each of several patterns.
    #[cfg(feature = "store")]
    pub(super) fn count(&self) -> u64 {
        (self.buckets.len() * BUCKET_PREFIXES.0 / BUCKET_PREFIXES.1 + self.groups.len()) as u64
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
        let parts = Parts::read(section, 0..section.len());
        let Some(prefixes) = parts.as_ref().map(|parts| parts.of(section)) else {
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
