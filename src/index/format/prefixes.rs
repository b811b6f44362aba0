//! The prefixes section: which patterns a number may fall under, by the digits it begins with.
//!
//! A pattern is filed under the fewest prefixes that cover it. A hash table holds the patterns of each
//! prefix. A search cuts the number to each length that some prefix has, and looks each up. Before that,
//! the [`gate`] ends the search for nearly all numbers that begin with no prefix.
//!
//! # Layout (little-endian)
//! ```text
//! u32 levels of the gate | u32 words of the gate | u32 buckets
//! u32 level of the gate, each | u64 word of the gate, each
//! buckets of 64 bytes: 5 x u64 prefix, 5 x u32 value, 4 x 0 | u32 word of the groups, each
//! ```
//! A prefix is its digits as an integer; an empty place is all ones. A value is the name of a rule,
//! or with bit 31 the place in `groups` of a count and as many names.
//!
//! Prefixes of local numbers, and of digits under an unassigned calling code, may begin with zeros and are
//! few. They stand in the stems section, an FST from tag and digits to a value as above.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::decimal::{DIGITS, LeadingDigits};
use super::fst::{Fst, transitions};
use super::fst_verify::{summarise, values_are_sound};
use super::gate::{self, Gate, hash, place};
use crate::{Error, Result};

const SECTION: &str = "prefixes";
const HEADER: usize = 12;
const BUCKET: usize = 64;
const PLACES: usize = 5;
/// Prefixes to buckets: at most 70 of 100 places are taken, so nearly every prefix is in the first
/// bucket looked at.
const BUCKET_PREFIXES: (usize, usize) = (7 * PLACES, 10);
const EMPTY: u64 = u64::MAX;
const GROUP: u32 = 1 << 31;
/// The most buckets that a look-up may read. It stops at an empty place. Three in ten places are empty, so
/// among millions of buckets no fifty or so in a row are full.
const WALK_MAX: usize = 1 << 10;
/// A tag and the digits of a pattern.
const LONGEST_STEM: usize = 1 + DIGITS;

/// The gate, and where the other parts of the section lie in a file.
#[derive(Debug)]
pub(crate) struct PrefixesLayout {
    pub(crate) gate: Gate,
    buckets: Range<usize>,
    groups: Range<usize>,
}

impl PrefixesLayout {
    /// Locates the parts of the section in this range of a file; `None` if it is empty or cut short.
    pub(crate) fn parse(file: &[u8], section: Range<usize>) -> Option<Self> {
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
        let gate = Gate::new(
            file.get(levels..words)?.as_chunks().0,
            file.get(words..buckets)?.as_chunks().0,
        );
        Some(Self { gate, buckets: buckets..groups, groups: groups..file.len() })
    }

    /// The table behind the gate.
    #[inline]
    pub(crate) fn prefixes<'a>(&self, file: &'a [u8]) -> Prefixes<'a> {
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

/// The table behind the gate, located but not copied.
#[derive(Clone, Copy)]
pub(crate) struct Prefixes<'a> {
    buckets: &'a [[u8; BUCKET]],
    groups: &'a [[u8; 4]],
}

impl<'a> Prefixes<'a> {
    /// Reports whether the number begins with a prefix of one of these lengths. Most prefixes are long, so
    /// the longest come first.
    pub(crate) fn begin(&self, number: LeadingDigits, lengths: u32) -> bool {
        // These loads wait for nothing, so the cache misses of all lengths overlap.
        std::hint::black_box(
            set_bits(lengths).fold(0, |all, length| all ^ self.touch(number.digits(length))),
        );
        set_bits(lengths).any(|length| self.find(number.digits(length)).is_some())
    }

    fn touch(&self, prefix: u64) -> u8 {
        self.buckets.get(place(hash(prefix), self.buckets.len())).map_or(0, |bucket| bucket[0])
    }

    /// About how many prefixes there are. A prefix of several patterns counts for each.
    pub(crate) fn count(&self) -> u64 {
        (self.buckets.len() * BUCKET_PREFIXES.0 / BUCKET_PREFIXES.1 + self.groups.len()) as u64
    }

    /// The rules filed under this prefix.
    pub(crate) fn rules(&self, prefix: u64) -> impl Iterator<Item = u32> + use<'a> {
        self.of_value(self.find(prefix))
    }

    /// The rules that the stems section files under this tag and these digits.
    pub(crate) fn stem_rules(
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

    /// Proves both sections of a file of `bytes` sound: whole, with rules that exist, and without anything
    /// that would slow a check down.
    pub(crate) fn verify(
        section: &'a [u8],
        stems: &[u8],
        bytes: usize,
        is_rule: impl Fn(u32) -> bool,
    ) -> Result<()> {
        let corrupt = |reason| Err(Error::Corrupt { section: SECTION, reason });
        if summarise(stems, LONGEST_STEM, "stems")?.shortest == 0 {
            return corrupt("a stem without a tag");
        }
        let Some(parts) = PrefixesLayout::parse(section, 0..section.len()) else {
            let nothing = section.is_empty() && stems.is_empty();
            return if nothing { Ok(()) } else { corrupt("cut short") };
        };
        if !parts.gate.has_lengths_once() {
            return corrupt("two levels of one length");
        }
        let prefixes = parts.prefixes(section);
        if prefixes.longest_walk().is_none_or(|longest| longest > WALK_MAX) {
            return corrupt("too few empty places");
        }
        let Some(groups) = prefixes.sound_groups(&is_rule) else {
            return corrupt("a group with a rule that does not exist");
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
            return corrupt("a rule that does not exist");
        }
        Ok(())
    }

    /// The most buckets that a look-up reads; `None` if there is no empty place to stop at.
    fn longest_walk(&self) -> Option<usize> {
        let is_full = |bucket: &&[u8; BUCKET]| taken(bucket).count() == PLACES;
        let before = self.buckets.iter().take_while(is_full).count();
        if !self.buckets.is_empty() && before == self.buckets.len() {
            return None;
        }
        let runs = self.buckets.split(|bucket| !is_full(&bucket)).map(<[_]>::len);
        // A look-up goes on from the last bucket to the first.
        let last = runs.clone().next_back().unwrap_or_default();
        Some(runs.max().unwrap_or_default().max(last + before))
    }

    /// Where the groups begin; `None` if one is unsound.
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

/// The most prefixes that all patterns of an index may need, some 400 MB of them.
const PIECES_MAX: usize = 1 << 24;

/// Collects prefixes and their rules.
#[derive(Debug, Default)]
pub(crate) struct PrefixesBuilder {
    rules: Vec<(u64, u32)>,
    stems: BTreeMap<Box<[u8]>, Vec<u32>>,
    pieces: usize,
}

impl PrefixesBuilder {
    /// Files a rule under a prefix.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn add(&mut self, prefix: u64, rule: u32) -> Result<()> {
        self.count()?;
        self.rules.push((prefix, rule));
        Ok(())
    }

    /// Files a rule under digits of a number that is not E.164.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn add_stem(&mut self, tag: u8, digits: &[u8], rule: u32) -> Result<()> {
        self.count()?;
        let key = [&[tag], digits].concat().into();
        self.stems.entry(key).or_default().push(rule);
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        self.pieces += 1;
        if self.pieces > PIECES_MAX {
            let what = "prefixes that ranges and wildcards come to";
            return Err(Error::TooLarge { what, limit: PIECES_MAX as u64 });
        }
        Ok(())
    }

    /// The sections prefixes and stems.
    pub(crate) fn finish(mut self) -> Result<[Vec<u8>; 2]> {
        if self.rules.is_empty() && self.stems.is_empty() {
            return Ok([Vec::new(), Vec::new()]);
        }
        let mut groups: Vec<u32> = Vec::new();
        let stems = stems(&self.stems, &mut groups)?;
        self.rules.sort_unstable();
        Ok([table(&self.rules, groups)?, stems])
    }
}

/// The stems section.
fn stems(rules: &BTreeMap<Box<[u8]>, Vec<u32>>, groups: &mut Vec<u32>) -> Result<Vec<u8>> {
    // A builder takes a megabyte to begin with.
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let mut stems = fst::MapBuilder::memory();
    for (key, rules) in rules {
        let rules = rules.iter().copied();
        stems.insert(key, value(rules, groups)?.into()).expect("keys ascend");
    }
    Ok(stems.into_inner().expect("a vector takes every write"))
}

/// The rules of each prefix, in order.
fn by_prefix(rules: &[(u64, u32)]) -> impl Iterator<Item = (u64, &[(u64, u32)])> {
    rules.chunk_by(|(a, _), (b, _)| a == b).map(|of_prefix| (of_prefix[0].0, of_prefix))
}

/// The prefixes section, of prefixes in order, each with a rule.
fn table(rules: &[(u64, u32)], mut groups: Vec<u32>) -> Result<Vec<u8>> {
    let prefixes: Vec<u64> = by_prefix(rules).map(|(prefix, _)| prefix).collect();
    let (levels, gate) = gate::build(&prefixes);
    let places = (prefixes.len() * BUCKET_PREFIXES.1).div_ceil(BUCKET_PREFIXES.0);
    let mut buckets = vec![([EMPTY; PLACES], [0_u32; PLACES]); places];
    for (prefix, rules) in by_prefix(rules) {
        let rules = rules.iter().map(|&(_, rule)| rule);
        put(&mut buckets, prefix, value(rules, &mut groups)?);
    }
    let mut section = Vec::new();
    for word in [levels.len() as u32, gate.len() as u32, buckets.len() as u32] {
        section.extend_from_slice(&word.to_le_bytes());
    }
    section.extend(levels.iter().flat_map(|level| level.to_le_bytes()));
    section.extend(gate.iter().flat_map(|word| word.to_le_bytes()));
    for (keys, values) in buckets {
        section.extend(keys.iter().flat_map(|key| key.to_le_bytes()));
        section.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        section.extend([0; BUCKET - 12 * PLACES]);
    }
    section.extend(groups.iter().flat_map(|word| word.to_le_bytes()));
    Ok(section)
}

fn value(mut rules: impl ExactSizeIterator<Item = u32>, groups: &mut Vec<u32>) -> Result<u32> {
    let limit = u64::from(GROUP);
    let checked = |value: usize| match u32::try_from(value) {
        Ok(value) if value < GROUP => Ok(value),
        _ => Err(Error::TooLarge { what: "patterns", limit }),
    };
    if rules.len() == 1
        && let Some(rule) = rules.next()
    {
        return checked(rule as usize);
    }
    let at = checked(groups.len())?;
    groups.push(rules.len() as u32);
    groups.extend(rules);
    Ok(at | GROUP)
}

fn put(buckets: &mut [([u64; PLACES], [u32; PLACES])], prefix: u64, value: u32) {
    let mut at = place(hash(prefix), buckets.len());
    loop {
        let (keys, values) = &mut buckets[at];
        if let Some(free) = keys.iter().position(|&key| key == EMPTY) {
            (keys[free], values[free]) = (prefix, value);
            return;
        }
        at = (at + 1) % buckets.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prefixes of every length, some with several rules.
    fn sample() -> BTreeMap<u64, Vec<u32>> {
        let mut sample = BTreeMap::new();
        for i in 0..20_000_u64 {
            let digits = 1 + (i % 19) as u32;
            let prefix = (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_u64.pow(digits)).max(1);
            let mut rules = if i % 7 == 0 { vec![i as u32, 5, 9] } else { vec![i as u32] };
            rules.sort_unstable();
            sample.insert(prefix, rules);
        }
        sample.insert(0, vec![3]);
        sample
    }

    fn section(sample: &BTreeMap<u64, Vec<u32>>) -> Vec<u8> {
        let mut builder = PrefixesBuilder::default();
        for (&prefix, rules) in sample {
            for &rule in rules {
                builder.add(prefix, rule).unwrap();
            }
        }
        let [section, stems] = builder.finish().unwrap();
        assert!(stems.is_empty());
        section
    }

    fn begins(section: &[u8], number: u64) -> bool {
        let parts = PrefixesLayout::parse(section, 0..section.len()).unwrap();
        let number = LeadingDigits::new(number);
        parts.prefixes(section).begin(number, parts.gate.lengths(number))
    }

    #[test]
    fn finds_all_and_only_its_prefixes() {
        let sample = sample();
        let section = section(&sample);
        Prefixes::verify(&section, &[], section.len(), |rule| rule < 20_000).unwrap();
        assert!(Prefixes::verify(&section, &[], section.len(), |rule| rule < 19_999).is_err());
        let parts = PrefixesLayout::parse(&section, 0..section.len()).unwrap();
        let prefixes = parts.prefixes(&section);
        for (&prefix, rules) in &sample {
            assert_eq!(prefixes.rules(prefix).collect::<Vec<_>>(), *rules, "{prefix}");
            assert!(begins(&section, prefix.max(1)), "{prefix}");
        }
        let strangers =
            (0..100_000).map(|i: u64| 1 + i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_u64.pow(12));
        for stranger in strangers.filter(|stranger| !sample.contains_key(stranger)) {
            assert_eq!(prefixes.rules(stranger).count(), 0, "{stranger}");
        }
    }

    #[test]
    fn stems_may_begin_with_zeros() {
        let mut builder = PrefixesBuilder::default();
        builder.add_stem(b'L', b"00", 1).unwrap();
        builder.add_stem(b'L', b"00", 2).unwrap();
        builder.add_stem(b'U', b"999", 0).unwrap();
        let [section, stems] = builder.finish().unwrap();
        Prefixes::verify(&section, &stems, section.len(), |rule| rule < 3).unwrap();
        assert!(Prefixes::verify(&section, &stems, section.len(), |rule| rule < 2).is_err());
        let parts = PrefixesLayout::parse(&section, 0..section.len()).unwrap();
        let prefixes = parts.prefixes(&section);
        let rules = |tag, digits| prefixes.stem_rules(&stems, tag, digits).collect::<Vec<_>>();
        assert_eq!(rules(b'L', b"00"), [1, 2]);
        assert_eq!(rules(b'U', b"999"), [0]);
        assert!(rules(b'L', b"0").is_empty());
        assert!(!begins(&section, 905));
        assert_eq!(prefixes.rules(905).count(), 0);
    }

    /// A section of these levels, with buckets that are full of some rule, or empty.
    fn raw(levels: &[u32], full: impl ExactSizeIterator<Item = bool>) -> Vec<u8> {
        let mut section = Vec::new();
        for word in [levels.len() as u32, 1, full.len() as u32].iter().chain(levels) {
            section.extend(word.to_le_bytes());
        }
        section.extend(u64::MAX.to_le_bytes());
        for full in full {
            section.extend([if full { 0 } else { 0xff }; 8 * PLACES]);
            section.extend([0; BUCKET - 8 * PLACES]);
        }
        section
    }

    #[test]
    fn what_would_slow_each_check_is_refused() {
        let is_sound = |section: &[u8]| Prefixes::verify(section, &[], 0, |rule| rule == 0).is_ok();
        assert!(is_sound(&raw(&[0b0110, 0b1001], [true, true, false].into_iter())));
        // Levels without end.
        for levels in [&[0b0110, 0b1100][..], &[0b0110, 0], &[1 << 20]] {
            assert!(!is_sound(&raw(levels, [false].into_iter())), "{levels:?}");
        }
        // No place to stop, or only after a thousand buckets, also across the end of the table.
        assert!(!is_sound(&raw(&[1], [true].into_iter())));
        assert!(is_sound(&raw(&[1], (0..3000).map(|bucket| bucket % 1000 > 0))));
        assert!(!is_sound(&raw(&[1], (0..3000).map(|bucket| bucket != 1500))));
        assert!(!is_sound(&raw(&[1], (0..3000).map(|bucket| bucket > 1500))));
    }

    /// Each value would make a check look at thousands of rules.
    #[test]
    fn groups_in_groups_are_refused() {
        let sample = (1..=2000).map(|prefix| (prefix, vec![7, 7])).collect();
        let mut section = section(&sample);
        Prefixes::verify(&section, &[], 0, |rule| rule == 7).unwrap();
        let groups = section.len() - 2000 * 12;
        section[groups..].fill(0);
        section[groups..groups + 4].copy_from_slice(&5999_u32.to_le_bytes());
        assert!(Prefixes::verify(&section, &[], 0, |rule| rule == 0).is_err());
    }

    #[test]
    fn damaged_bytes_are_refused_or_harmless() {
        let sample = sample().into_iter().take(30).collect();
        let section = section(&sample);
        for at in 0..section.len() {
            assert!(
                at == 0
                    || Prefixes::verify(&section[..at], &[], at, |rule| rule < 20_000).is_err()
                    || at > 12
            );
            let mut section = section.clone();
            section[at] ^= 0xff;
            let _ = Prefixes::verify(&section, &[], section.len(), |rule| rule < 20_000);
            if let Some(parts) = PrefixesLayout::parse(&section, 0..section.len()) {
                let prefixes = parts.prefixes(&section);
                for &prefix in sample.keys() {
                    let _ = begins(&section, prefix.max(1));
                    let _ = prefixes.rules(prefix).count();
                }
            }
        }
    }
}
