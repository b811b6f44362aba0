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

use std::collections::HashSet;
use std::ops::Range;

use super::decimal::{DIGITS, Leading};
use super::fst::Fst;
use super::fst_verify::{summarise, values_are_sound};
use super::fst_walk::transitions;
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
/// Buckets that a look-up may have to look at. It stops at an empty place: with three in ten of them
/// empty, of millions of buckets no fifty or so in a row are full.
const WALK_MAX: usize = 1 << 10;
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

    /// Proves both sections of a file of `bytes` sound: whole, every value of rules that there are, and
    /// nothing that would keep a check.
    pub(super) fn verify(
        section: &'a [u8],
        stems: &[u8],
        bytes: usize,
        is_rule: impl Fn(u32) -> bool,
    ) -> Result<()> {
        let corrupt = |reason| Err(Error::Corrupt { section: SECTION, reason });
        if summarise(stems, LONGEST_STEM, "stems")?.shortest == 0 {
            return corrupt("a stem without a tag");
        }
        let Some(parts) = Parts::read(section, 0..section.len()) else {
            let nothing = section.is_empty() && stems.is_empty();
            return if nothing { Ok(()) } else { corrupt("cut short") };
        };
        if !parts.gate.has_lengths_once() {
            return corrupt("two levels of one length");
        }
        let prefixes = parts.of(section);
        if prefixes.longest_walk().is_none_or(|longest| longest > WALK_MAX) {
            return corrupt("too few empty places");
        }
        let Some(groups) = prefixes.sound_groups(&is_rule) else {
            return corrupt("a group of rules that there are not");
        };
        let is_value = |value: u64| match u32::try_from(value) {
            Ok(value) if value & GROUP == 0 => is_rule(value),
            Ok(value) => groups.contains(&(value & !GROUP)),
            Err(_) => false,
        };
        let mut values = prefixes.buckets.iter().flat_map(taken).map(|(_, value)| value.into());
        let mut stems = transitions(stems);
        if !values.all(is_value)
            || !stems.all(|(fst, first)| values_are_sound(fst, &first, bytes, is_value))
        {
            return corrupt("a rule that there is not");
        }
        Ok(())
    }

    /// The most buckets that are looked at for a prefix; `None` if there is no empty place to stop at.
    fn longest_walk(&self) -> Option<usize> {
        let is_full = |bucket: &&[u8; BUCKET]| taken(bucket).count() == PLACES;
        let before = self.buckets.iter().take_while(is_full).count();
        if !self.buckets.is_empty() && before == self.buckets.len() {
            return None;
        }
        let runs = self.buckets.split(|bucket| !is_full(&bucket)).map(<[_]>::len);
        // From the last bucket it goes on with the first.
        let last = runs.clone().next_back().unwrap_or_default();
        Some(runs.max().unwrap_or_default().max(last + before))
    }

    /// Where groups begin, if there is nothing else between them.
    fn sound_groups(&self, is_rule: impl Fn(u32) -> bool) -> Option<HashSet<u32>> {
        let mut starts = HashSet::new();
        let mut at = 0;
        while at < self.groups.len() {
            let start = u32::try_from(at).ok()?;
            let group = self.group(start)?;
            if !group.iter().all(|rule| is_rule(u32::from_le_bytes(*rule))) {
                return None;
            }
            starts.insert(start);
            at += 1 + group.len();
        }
        Some(starts)
    }
}

/// The places of a bucket that are not empty.
fn taken(bucket: &[u8; BUCKET]) -> impl Iterator<Item = (u64, u32)> + use<'_> {
    let (keys, values) = bucket.split_at(8 * PLACES);
    let places = keys.as_chunks().0.iter().zip(values.as_chunks().0);
    let places = places.map(|(key, value)| (u64::from_le_bytes(*key), u32::from_le_bytes(*value)));
    places.filter(|&(key, _)| key != EMPTY)
}
