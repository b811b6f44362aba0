//! Makes the sections that [`super::prefixes`] reads.

use std::collections::BTreeMap;

use super::decimal::DIGITS;
use super::prefixes::{BUCKET, EMPTY, GROUP, PLACES, bits, hash, place};
use crate::{Error, Result};

/// Bits of the gate for each prefix, of which three are set: of 100 strangers one passes.
const GATE_BITS: usize = 16;

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
    let levels = levels(rules);
    let count = by_prefix(rules).count();
    let mut gate = vec![0_u64; (count * GATE_BITS).div_ceil(64)];
    // At most 70 of 100 places taken: nearly every prefix is in the first bucket looked at.
    let mut buckets = vec![([EMPTY; PLACES], [0_u32; PLACES]); (count * 10).div_ceil(7 * PLACES)];
    let mut lengths = 0_u32;
    for (prefix, rules) in by_prefix(rules) {
        let length = length(prefix);
        lengths |= 1 << length;
        let level = (levels & ((2 << length) - 1)).ilog2();
        let hash = hash(cut(prefix, level));
        let word = place(hash, gate.len());
        gate[word] |= bits(hash);
        let rules = rules.iter().map(|&(_, rule)| rule);
        put(&mut buckets, prefix, value(rules, &mut groups)?);
    }
    let mut section = Vec::new();
    for word in [lengths, levels, gate.len() as u32, buckets.len() as u32] {
        section.extend_from_slice(&word.to_le_bytes());
    }
    section.extend(gate.iter().flat_map(|word| word.to_le_bytes()));
    for (keys, values) in buckets {
        section.extend(keys.iter().flat_map(|key| key.to_le_bytes()));
        section.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        section.extend([0; BUCKET - 12 * PLACES]);
    }
    section.extend(groups.iter().flat_map(|word| word.to_le_bytes()));
    Ok(section)
}

/// What a level costs every number, and what a number costs that passes the gate, in nanoseconds,
/// about; of tables that exceed the caches each look-up is a miss.
const LEVEL_COST: f64 = 2.0;
const PASS_COST: f64 = 25.0;
const PASS_COST_LARGE: f64 = 200.0;
/// Prefixes of a table of a megabyte.
const LARGE: usize = 1 << 16;

/// The levels that cost least, if calls share the digits that all prefixes begin with and are
/// otherwise spread evenly. The shortest length is always one.
#[expect(clippy::cast_precision_loss, reason = "shares, compared with rough costs")]
fn levels(rules: &[(u64, u32)]) -> u32 {
    let mut counts = [0_u64; DIGITS + 1];
    for (prefix, _) in by_prefix(rules) {
        counts[length(prefix) as usize] += 1;
    }
    let used: Vec<usize> = (0..counts.len()).filter(|&length| counts[length] > 0).collect();
    let shared = shared_digits(rules.iter().map(|&(prefix, _)| prefix));
    let pass_cost = if rules.len() > LARGE { PASS_COST_LARGE } else { PASS_COST };
    // From the longest to the shortest: the least cost of the prefixes from here on, and its levels.
    let mut best: Vec<(f64, u32)> = vec![(0.0, 0)];
    for (at, &level) in used.iter().enumerate().rev() {
        let room = 10_u64.pow(level as u32 - shared);
        let mut here = 0_u64;
        let choice = (at..used.len()).map(|last| {
            here += counts[used[last]];
            let (later, levels) = best[used.len() - 1 - last];
            let passed = here.min(room) as f64 / room as f64;
            (later + LEVEL_COST + pass_cost * passed, levels | 1 << level)
        });
        best.extend(choice.min_by(|a, b| a.0.total_cmp(&b.0)));
    }
    best.last().map_or(0, |&(_, levels)| levels)
}

/// How many digits all of these prefixes begin with alike.
fn shared_digits(mut prefixes: impl Iterator<Item = u64>) -> u32 {
    let Some(first) = prefixes.next() else { return 0 };
    let mut shared = length(first);
    for prefix in prefixes {
        shared = shared.min(length(prefix));
        while cut(prefix, shared) != cut(first, shared) {
            shared -= 1;
        }
    }
    shared
}

/// The first digits of a prefix, no more than it has.
fn cut(prefix: u64, digits: u32) -> u64 {
    prefix / 10_u64.pow(length(prefix) - digits)
}

/// How many digits a prefix has; the empty one is 0.
fn length(prefix: u64) -> u32 {
    prefix.checked_ilog10().map_or(0, |log| log + 1)
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
    use super::super::prefixes::Prefixes;
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

    #[test]
    fn finds_all_and_only_its_prefixes() {
        let sample = sample();
        let section = section(&sample);
        Prefixes::verify(&section, &[], |rule| rule < 20_000).unwrap();
        assert!(Prefixes::verify(&section, &[], |rule| rule < 19_999).is_err());
        let prefixes = Prefixes::new(&section).unwrap();
        for (&prefix, rules) in &sample {
            assert_eq!(prefixes.rules(prefix).collect::<Vec<_>>(), *rules, "{prefix}");
            assert!(prefixes.begin(prefix.max(1)), "{prefix}");
        }
        let strangers =
            (0..100_000).map(|i: u64| 1 + i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_u64.pow(12));
        for stranger in strangers.filter(|stranger| !sample.contains_key(stranger)) {
            assert_eq!(prefixes.rules(stranger).count(), 0, "{stranger}");
        }
    }

    #[test]
    fn few_levels_let_few_strangers_pass() {
        let mut rules = Vec::new();
        for (digits, count) in [(4, 5), (5, 50), (6, 500), (7, 4_500), (8, 5_000)] {
            let span = 10_u64.pow(digits);
            for i in 0..count {
                rules.push((905 * span + i * 7_919 * 101 % span, 0));
            }
        }
        rules.sort_unstable();
        let levels = levels(&rules);
        assert!(levels >> 7 & 1 == 1 && levels.count_ones() <= 3, "{levels:b}");
        assert_eq!(shared_digits([905, 9_050, 9_051, 90_532].into_iter()), 3);
        assert_eq!(shared_digits([1, 905].into_iter()), 0);
        let section = table(&rules, Vec::new()).unwrap();
        let prefixes = Prefixes::new(&section).unwrap();
        let stranger =
            |i: u64| 905_000_000_000 + i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_u64.pow(9);
        let passes_gate = |&number: &u64| prefixes.gate(&Leading::of(number)) != 0;
        let passed = (0..100_000).map(stranger).filter(passes_gate).count();
        assert!(passed < 6_000, "{passed} of 100,000 passed");
    }

    #[test]
    fn stems_may_begin_with_zeros() {
        let mut builder = Builder::default();
        builder.add_stem(b'L', b"00", 1).unwrap();
        builder.add_stem(b'L', b"00", 2).unwrap();
        builder.add_stem(b'U', b"999", 0).unwrap();
        let [section, stems] = builder.finish().unwrap();
        Prefixes::verify(&section, &stems, |rule| rule < 3).unwrap();
        assert!(Prefixes::verify(&section, &stems, |rule| rule < 2).is_err());
        let prefixes = Prefixes::new(&section).unwrap();
        let rules = |tag, digits| prefixes.stem_rules(&stems, tag, digits).collect::<Vec<_>>();
        assert_eq!(rules(b'L', b"00"), [1, 2]);
        assert_eq!(rules(b'U', b"999"), [0]);
        assert!(rules(b'L', b"0").is_empty());
        assert!(!prefixes.begin(905));
        assert_eq!(prefixes.rules(905).count(), 0);
    }

    #[test]
    fn damaged_bytes_are_refused_or_harmless() {
        let sample = sample().into_iter().take(30).collect();
        let section = section(&sample);
        for at in 0..section.len() {
            assert!(
                at == 0
                    || Prefixes::verify(&section[..at], &[], |rule| rule < 20_000).is_err()
                    || at > 16
            );
            let mut section = section.clone();
            section[at] ^= 0xff;
            let _ = Prefixes::verify(&section, &[], |rule| rule < 20_000);
            if let Some(prefixes) = Prefixes::new(&section) {
                for &prefix in sample.keys() {
                    let _ = prefixes.begin(prefix.max(1));
                    let _ = prefixes.rules(prefix).count();
                }
            }
        }
    }
}
