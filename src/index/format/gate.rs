//! The gate of the prefixes section: whether a number may begin with one of many prefixes.
//!
//! Write zeros behind all numbers until they have 19 digits: then the numbers that begin with one prefix
//! lie side by side. The gate cuts that line into *cells* of a power of two. It is a small Bloom filter of
//! the cells in which some prefix lies. A *level* is a size of cell, with the lengths of prefix that are
//! filed by it. A shift, a hash and one word for each level recognise a stranger, a number that begins
//! with no prefix, at any number of prefixes. A trie would take a dependent load for each digit.
//!
//! A cell of a power of two holds strangers beside its prefix. If there are so many prefixes that strangers
//! are costly, a level has cells of a power of ten instead: those of a number of leading digits, which
//! takes one more multiplication.
//!
//! A level is a u32: the lengths as a mask in bits 0 to 19; from bit 26 on the power of two, or if
//! bit 25 is set the number of leading digits.
//!
//! (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007, with a line of
//! one word.)

use super::decimal::{DIGITS, LeadingDigits};
use super::filter::{BATCH, HashedNumber, bits_of};
use super::prefetch::prefetch;

/// Bits for each cell, of which three are set: of 1,000 strangers one or two pass.
const BITS: usize = 32;
/// The same for tables that exceed the caches, where room is worth more: one or two of 100 pass.
const BITS_LARGE: usize = 16;
/// Cells that a level may come to, and more for each of its prefixes.
const CELLS_FREE: f64 = 1024.0;
const CELLS_MAX: f64 = 4.0;
/// Digits that strangers are assumed to share with some prefix: those of an operator's block.
const STEM: u32 = 6;
const SIZE_AT: u32 = 26;
const BY_DIGITS: u32 = 1 << 25;

/// Rough costs in nanoseconds.
struct Costs {
    /// Of a level, for every number.
    level: f64,
    /// What leading digits add to a level.
    by_digits: f64,
    /// What each cell adds to a level, as the gate outgrows the fastest cache.
    cell: f64,
    /// Of a number that passes the gate and is looked up in the table.
    pass: f64,
}

const COSTS: Costs = Costs { level: 2.0, by_digits: 2.0, cell: 1.0 / 16384.0, pass: 150.0 };
/// For tables that exceed the caches: a number that passes costs a cache miss or two.
const COSTS_LARGE: Costs = Costs { level: 4.0, by_digits: 2.0, cell: 0.0, pass: 400.0 };
/// Prefixes of a table of a megabyte.
const LARGE: usize = 1 << 16;

/// A gate, copied out of the file, because every check uses it.
#[derive(Debug)]
pub(crate) struct Gate {
    levels: Box<[Level]>,
    /// As they are in the file.
    words: Box<[[u8; 8]]>,
}

/// A level, decoded.
#[derive(Debug)]
struct Level {
    lengths: u32,
    /// The power of two, or the number of leading digits.
    size: u32,
    by_digits: bool,
}

impl Gate {
    /// A gate of the levels and the words of a file.
    pub(crate) fn new(levels: &[[u8; 4]], words: &[[u8; 8]]) -> Self {
        let level = |level: &[u8; 4]| {
            let level = u32::from_le_bytes(*level);
            Level { lengths: level, size: level >> SIZE_AT, by_digits: level & BY_DIGITS != 0 }
        };
        Self { levels: levels.iter().map(level).collect(), words: words.into() }
    }

    /// Reports whether each level has a length, and no two levels share one. So there are few levels.
    pub(super) fn has_lengths_once(&self) -> bool {
        let mut known = 0;
        self.levels.iter().all(|level| {
            let lengths = level.lengths & ((1 << (DIGITS + 1)) - 1);
            let is_new = lengths != 0 && known & lengths == 0;
            known |= lengths;
            is_new
        })
    }

    /// The lengths that prefixes of this number may have, as a mask. No prefix has any other length.
    #[inline]
    pub(crate) fn lengths(&self, number: LeadingDigits) -> u32 {
        let mut passed = 0;
        for level in &self.levels {
            if self.passes(level, number) {
                passed |= level.lengths;
            }
        }
        passed & number.lengths()
    }

    /// Reports whether the number may begin with a prefix; `false` is certain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call adds 5 ns to what takes 5")]
    pub(crate) fn passes_one(&self, number: LeadingDigits) -> bool {
        match &*self.levels {
            [level] => self.passes(level, number),
            levels => self.passes_any(levels, number),
        }
    }

    /// A function of its own, so that it takes no registers from the one level that most gates have.
    #[inline(never)]
    fn passes_any(&self, levels: &[Level], number: LeadingDigits) -> bool {
        levels.iter().any(|level| self.passes(level, number))
    }

    /// Bit `i` is the answer of [`Self::passes_one`] for `numbers[i]`.
    pub(crate) fn passes_each(&self, numbers: &[HashedNumber; BATCH]) -> u64 {
        self.levels.iter().fold(0, |passed, level| passed | self.level_passes_each(level, numbers))
    }

    fn level_passes_each(&self, level: &Level, numbers: &[HashedNumber; BATCH]) -> u64 {
        // Words arrive while later numbers are hashed: they are rarely in the fastest cache.
        let hashes = numbers.map(|number| {
            let hash = level.hash(LeadingDigits::new(number.number));
            prefetch(&self.words, place(hash, self.words.len()));
            hash
        });
        bits_of(&hashes, |&hash| self.holds(hash))
    }

    #[inline]
    fn passes(&self, level: &Level, number: LeadingDigits) -> bool {
        self.holds(level.hash(number))
    }

    #[inline]
    fn holds(&self, hash: u64) -> bool {
        let word = self.words.get(place(hash, self.words.len()));
        word.is_some_and(|word| has(u64::from_le_bytes(*word), hash))
    }
}

impl Level {
    /// The hash of the cell in which a number lies.
    #[inline]
    fn hash(&self, number: LeadingDigits) -> u64 {
        hash(if self.by_digits { number.digits(self.size) } else { number.cell(self.size) })
    }
}

/// The levels and the words of a gate for these prefixes, in order.
pub(crate) fn build(prefixes: &[u64]) -> (Vec<u32>, Vec<u64>) {
    let levels = levels(prefixes);
    let cells = |&prefix: &u64| {
        let level = levels.iter().find(|&&level| level >> length(prefix) & 1 == 1);
        let level = level.copied().unwrap_or_default();
        let size = level >> SIZE_AT;
        if level & BY_DIGITS != 0 {
            let cell = cut(prefix, size);
            return cell..=cell;
        }
        let (first, last) = span(prefix);
        first >> size..=last >> size
    };
    let count: usize = prefixes.iter().map(|prefix| cells(prefix).count()).sum();
    let bits_each = if prefixes.len() > LARGE { BITS_LARGE } else { BITS };
    let mut words = vec![0_u64; (count * bits_each).div_ceil(64)];
    for cell in prefixes.iter().flat_map(cells) {
        let hash = hash(cell);
        let word = place(hash, words.len());
        words[word] |= bits(hash);
    }
    (levels, words)
}

/// The levels that cost least, if most strangers begin as some prefix does.
fn levels(prefixes: &[u64]) -> Vec<u32> {
    let mut counts = [0_u64; DIGITS + 1];
    for &prefix in prefixes {
        counts[length(prefix) as usize] += 1;
    }
    let used: Vec<usize> = (0..counts.len()).filter(|&length| counts[length] > 0).collect();
    let room = room(prefixes);
    let costs = if prefixes.len() > LARGE { COSTS_LARGE } else { COSTS };
    // From the longest to the shortest: the least cost of the lengths from here on, and its levels.
    let mut best = vec![(0.0, Vec::new()); used.len() + 1];
    for from in (0..used.len()).rev() {
        let choice = (from..used.len()).map(|last| {
            let (cost, level) = level(&counts, &used[from..=last], room, &costs);
            (best[last + 1].0 + cost, level, last + 1)
        });
        if let Some((cost, level, next)) = choice.min_by(|a, b| a.0.total_cmp(&b.0)) {
            best[from] = (cost, [&[level], &best[next].1[..]].concat());
        }
    }
    best.swap_remove(0).1
}

/// The best level for these lengths, the shortest first, and its cost.
#[expect(clippy::cast_precision_loss, reason = "shares, compared with rough costs")]
fn level(counts: &[u64], lengths: &[usize], room: f64, costs: &Costs) -> (f64, u32) {
    let count = |length: usize| counts[length] as f64;
    let total: f64 = lengths.iter().map(|&length| count(length)).sum();
    let shift_of = |length: usize| power(share(length as u32));
    let (shortest, longest) = (lengths[0], lengths[lengths.len() - 1]);
    let (widest, narrowest) = (shift_of(shortest), shift_of(longest));
    let cost = |strangers: f64, cells: f64| {
        costs.level + costs.cell * cells + costs.pass * strangers / (strangers + room)
    };
    let by_power = (narrowest..=widest).filter_map(|shift| {
        let size = (1_u64 << shift) as f64;
        let of = |&length: &usize| count(length) * (1.0 + share(length as u32) as f64 / size);
        let cells: f64 = lengths.iter().map(of).sum();
        // With the widest cells each prefix has two at most: that is always allowed.
        let allowed = shift == widest || cells <= CELLS_FREE + CELLS_MAX * total;
        // Strangers fill about one cell of each prefix.
        allowed.then(|| (cost(total * size, cells), shift << SIZE_AT))
    });
    // Prefixes of the shortest length fill their cells.
    let longer = total - count(shortest);
    let strangers = longer * share(shortest as u32) as f64;
    let by_digits =
        (cost(strangers, total) + costs.by_digits, (shortest as u32) << SIZE_AT | BY_DIGITS);
    let mask = lengths.iter().fold(0, |mask, &length| mask | 1 << length);
    let (cost, level) =
        by_power.fold(by_digits, |best, other| if other.0 < best.0 { other } else { best });
    (cost, mask | level)
}

/// How many numbers of 19 digits begin with `digits` given ones. 10^19 does not reach 2^64.
fn share(digits: u32) -> u64 {
    10_u64.pow(DIGITS as u32 - digits)
}

/// The least power of two that is not smaller, 63 at most: a shift of a number of 64 bits.
fn power(size: u64) -> u32 {
    (u64::BITS - (size - 1).leading_zeros()).min(63)
}

/// The first and the last number of 19 digits that begins with a prefix.
fn span(prefix: u64) -> (u64, u64) {
    let size = share(length(prefix));
    (prefix * size, prefix * size + (size - 1))
}

/// How many numbers of 19 digits share their first digits with some prefix.
#[expect(clippy::cast_precision_loss, reason = "a rough measure")]
fn room(prefixes: &[u64]) -> f64 {
    let stem = |&prefix: &u64| cut(prefix, length(prefix).min(STEM));
    let mut stems: Vec<u64> = prefixes.iter().map(stem).collect();
    stems.sort_unstable();
    stems.dedup();
    (stems.len() as u64 * share(STEM)) as f64
}

/// The first digits of a prefix, no more than it has.
fn cut(prefix: u64, digits: u32) -> u64 {
    prefix / 10_u64.pow(length(prefix) - digits)
}

/// How many digits a prefix has; the empty one is 0.
fn length(prefix: u64) -> u32 {
    prefix.checked_ilog10().map_or(0, |log| log + 1)
}

/// Folded multiply, with a constant of its own.
#[inline]
pub(crate) fn hash(prefix: u64) -> u64 {
    let product = u128::from(prefix ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product >> 64) as u64 ^ product as u64
}

/// The high half scaled to a count.
#[inline]
pub(crate) fn place(hash: u64, count: usize) -> usize {
    (((hash >> 32) * count as u64) >> 32) as usize
}

/// Which bits of a word a hash chooses.
const CHOICES: [u32; 3] = [0, 6, 12];

fn bits(hash: u64) -> u64 {
    CHOICES.iter().fold(0, |bits, &choice| bits | 1 << (hash >> choice & 63))
}

/// Reports whether all bits are set. It counts them, because a conjunction of tests would become branches.
/// Each test is one instruction (`bt`), while a shift by a variable takes three.
#[inline]
fn has(word: u64, hash: u64) -> bool {
    let is_set = |choice: &u32| u32::from(word & 1 << (hash >> choice & 63) != 0);
    CHOICES.iter().map(is_set).sum::<u32>() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers of a gate of these prefixes.
    fn lookup(prefixes: &[u64], numbers: impl Iterator<Item = u64>) -> Vec<u32> {
        let (levels, words) = build(prefixes);
        let levels: Vec<_> = levels.iter().map(|level| level.to_le_bytes()).collect();
        let words: Vec<_> = words.iter().map(|word| word.to_le_bytes()).collect();
        let gate = Gate::new(&levels, &words);
        numbers.map(|number| gate.lengths(LeadingDigits::new(number))).collect()
    }

    fn strangers(count: u64) -> impl Iterator<Item = u64> {
        let tail = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 10_u64.pow(9);
        (0..count).map(move |i| 905_000_000_000 + tail(i))
    }

    #[test]
    fn every_number_below_a_prefix_passes() {
        let prefixes = [0, 1, 9, 90, 905, 9_050_500, 99_999, 905_050_047_824, 123_456_789_012_345];
        for (prefix, digits) in
            prefixes.into_iter().flat_map(|p| (length(p).max(1)..20).map(move |d| (p, d)))
        {
            let size = 10_u64.pow(digits - length(prefix));
            let first = (prefix * size).max(1);
            let numbers = [first, prefix * size + size / 2, prefix * size + (size - 1)];
            for lengths in lookup(&[prefix], numbers.into_iter().map(|n| n.max(1))) {
                assert_eq!(lengths, 1 << length(prefix), "{prefix} in {digits} digits");
            }
        }
    }

    #[test]
    fn a_number_that_is_shorter_than_a_prefix_does_not_begin_with_it() {
        assert_eq!(lookup(&[90_500], [905, 90_500].into_iter()), [0, 1 << 5]);
    }

    #[test]
    fn of_many_prefixes_next_to_none_but_their_numbers_pass() {
        let prefixes: Vec<u64> = (0..100_000).map(|i| 905_000_000 + i * 7).collect();
        let (levels, _) = build(&prefixes);
        assert!(levels.iter().all(|level| level & BY_DIGITS != 0), "{levels:x?}");
        let below = |number: &u64| prefixes.binary_search(&(number / 1_000)).is_ok();
        let (listed, others): (Vec<u64>, Vec<u64>) =
            (0..400_000).map(|i| 905_000_000_000 + i * 1_741).partition(below);
        assert!(lookup(&prefixes, listed.into_iter()).iter().all(|&found| found == 1 << 9));
        let passed = lookup(&prefixes, others.iter().copied()).iter().filter(|&&l| l != 0).count();
        assert!(passed * 30 < others.len(), "{passed} of {}", others.len());
    }

    #[test]
    fn few_levels_let_few_strangers_pass() {
        let mut prefixes = Vec::new();
        for (digits, count) in [(4, 5), (5, 50), (6, 500), (7, 4_500), (8, 5_000)] {
            let span = 10_u64.pow(digits);
            prefixes.extend((0..count).map(|i| 905 * span + i * 7_919 * 101 % span));
        }
        prefixes.sort_unstable();
        let (levels, words) = build(&prefixes);
        assert!(levels.len() <= 2, "{levels:x?}");
        assert!(words.len() <= prefixes.len(), "{} words", words.len());
        let all = levels.iter().fold(0, |all, level| all | level & ((1 << 20) - 1));
        assert_eq!(all, 0b1111_1000_0000);
        let passed =
            lookup(&prefixes, strangers(100_000)).iter().filter(|&&found| found != 0).count();
        assert!(passed < 6_000, "{passed} of 100,000 passed");
    }

    #[test]
    fn wide_prefixes_among_narrow_ones_cost_a_level_at_most() {
        let mut prefixes: Vec<u64> = (0..10_000).map(|i| 90_500_000_000 + i * 79_193).collect();
        prefixes.splice(0..0, [1, 88, 1900]);
        let (levels, words) = build(&prefixes);
        assert!(levels.len() <= 2, "{levels:x?}");
        assert!(words.len() <= prefixes.len(), "{} words", words.len());
        let passed =
            lookup(&prefixes, strangers(100_000)).iter().filter(|&&found| found != 0).count();
        assert!(passed < 6_000, "{passed} of 100,000 passed");
    }
}
