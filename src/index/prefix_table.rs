//! Makes the sections that [`super::prefixes`] reads.

use std::collections::BTreeMap;

use super::gate::{self, hash, place};
use super::prefixes::{BUCKET, BUCKET_PREFIXES, EMPTY, GROUP, PLACES};
use crate::{Error, Result};

/// The most prefixes that all patterns of an index may need, some 400 MB of them.
const PIECES_MAX: usize = 1 << 24;

/// Collects prefixes and their rules.
#[derive(Debug, Default)]
pub(super) struct Builder {
    rules: Vec<(u64, u32)>,
    stems: BTreeMap<Box<[u8]>, Vec<u32>>,
    pieces: usize,
}

impl Builder {
    /// Files a rule under a prefix.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(super) fn add(&mut self, prefix: u64, rule: u32) -> Result<()> {
        self.count()?;
        self.rules.push((prefix, rule));
        Ok(())
    }

    /// Files a rule under digits of another kind of number.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(super) fn add_stem(&mut self, tag: u8, digits: &[u8], rule: u32) -> Result<()> {
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
    pub(super) fn finish(mut self) -> Result<[Vec<u8>; 2]> {
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
    use super::super::decimal::Leading;
    use super::super::prefixes::{Parts, Prefixes};
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
        let mut builder = Builder::default();
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
        let parts = Parts::read(section, 0..section.len()).unwrap();
        let number = Leading::of(number);
        parts.of(section).begin(number, parts.gate.lengths(number))
    }

    #[test]
    fn finds_all_and_only_its_prefixes() {
        let sample = sample();
        let section = section(&sample);
        Prefixes::verify(&section, &[], section.len(), |rule| rule < 20_000).unwrap();
        assert!(Prefixes::verify(&section, &[], section.len(), |rule| rule < 19_999).is_err());
        let parts = Parts::read(&section, 0..section.len()).unwrap();
        let prefixes = parts.of(&section);
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
        let mut builder = Builder::default();
        builder.add_stem(b'L', b"00", 1).unwrap();
        builder.add_stem(b'L', b"00", 2).unwrap();
        builder.add_stem(b'U', b"999", 0).unwrap();
        let [section, stems] = builder.finish().unwrap();
        Prefixes::verify(&section, &stems, section.len(), |rule| rule < 3).unwrap();
        assert!(Prefixes::verify(&section, &stems, section.len(), |rule| rule < 2).is_err());
        let parts = Parts::read(&section, 0..section.len()).unwrap();
        let prefixes = parts.of(&section);
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
    fn what_would_keep_each_check_is_refused() {
        let is_sound = |section: &[u8]| Prefixes::verify(section, &[], 0, |rule| rule == 0).is_ok();
        assert!(is_sound(&raw(&[0b0110, 0b1001], [true, true, false].into_iter())));
        // Levels without end.
        for levels in [&[0b0110, 0b1100][..], &[0b0110, 0], &[1 << 20]] {
            assert!(!is_sound(&raw(levels, [false].into_iter())), "{levels:?}");
        }
        // Nowhere to stop, or not before thousands of buckets, with the last before the first.
        assert!(!is_sound(&raw(&[1], [true].into_iter())));
        assert!(is_sound(&raw(&[1], (0..3000).map(|bucket| bucket % 1000 > 0))));
        assert!(!is_sound(&raw(&[1], (0..3000).map(|bucket| bucket != 1500))));
        assert!(!is_sound(&raw(&[1], (0..3000).map(|bucket| bucket > 1500))));
    }

    /// Of which each value would have as many rules looked at as there are.
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
            if let Some(parts) = Parts::read(&section, 0..section.len()) {
                let prefixes = parts.of(&section);
                for &prefix in sample.keys() {
                    let _ = begins(&section, prefix.max(1));
                    let _ = prefixes.rules(prefix).count();
                }
            }
        }
    }
}
