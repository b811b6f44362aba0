//! The block Bloom filter: answers "surely not listed" with one cache line.
//!
//! The hash of a number picks one line of 64 bytes and one bit in each of its eight words. Adding the
//! number sets these eight bits. At 12 bits a number 0.4 to 0.5% of the numbers that are not in the index
//! pass; each costs a walk of the block directory, never a wrong answer.
//! (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007.)

use rayon::prelude::*;

use super::prefetch::prefetch;
use crate::{Error, Result};

/// Bytes of a line. Sections are aligned, so it is a line of the cache too.
pub(super) const LINE: usize = 64;
const SECTION: &str = "filter";
/// Beyond this many numbers the filter exceeds every cache, so bytes count for more.
const LARGE: u64 = 32_000_000;

/// Lines that are set together: 256 KiB, which stay in the cache of a core.
const PART: usize = 4096;
/// Numbers that are put in order together.
const ORDERED: usize = 1 << 23;

/// A number and its hash, which is made once for all filters.
#[derive(Clone, Copy)]
pub(crate) struct HashedNumber {
    pub(crate) number: u64,
    pub(crate) hash: u64,
}

impl HashedNumber {
    /// Takes the digits of an E.164 number as an integer.
    #[inline]
    pub(crate) fn new(number: u64) -> Self {
        Self { number, hash: hash(number) }
    }
}

/// Numbers whose lines of the filter are fetched at the same time.
pub(crate) const BATCH: usize = 64;

/// Bit `i` is the answer for `items[i]`.
#[inline]
pub(crate) fn bits_of<T>(items: &[T; BATCH], answer: impl Fn(&T) -> bool) -> u64 {
    let mut bits = 0;
    for item in items {
        // Shift by one place at a time: a shift by a variable takes three instructions.
        bits = bits >> 1 | u64::from(answer(item)) << 63;
    }
    bits
}

/// The place of a number's bits.
#[derive(Clone, Copy)]
struct Probe {
    line: usize,
    bits: u64,
}

/// The lines of a filter. Without lines it answers "maybe" for every number.
#[derive(Clone, Copy)]
pub(crate) struct Filter<'a> {
    lines: &'a [[u8; LINE]],
}

impl<'a> Filter<'a> {
    /// Ignores bytes beyond the last whole line; [`verify`] refuses them.
    #[inline]
    pub(crate) fn new(section: &'a [u8]) -> Self {
        Self { lines: section.as_chunks().0 }
    }

    /// Reads a byte of the line, so that it is on its way before [`Self::maybe`] needs it.
    #[inline]
    pub(crate) fn touch(&self, number: HashedNumber) -> u8 {
        let probe = probe(number.hash, self.lines.len());
        self.lines.get(probe.line).map_or(0, |line| line[0])
    }

    /// Fetches the line without waiting for it, for a later [`Self::maybe`].
    #[inline]
    pub(crate) fn prefetch(&self, number: HashedNumber) {
        prefetch(self.lines, probe(number.hash, self.lines.len()).line);
    }

    /// Reports whether the number may be in the index; `false` is certain.
    #[inline]
    pub(crate) fn maybe(&self, number: HashedNumber) -> bool {
        let probe = probe(number.hash, self.lines.len());
        let Some(line) = self.lines.get(probe.line) else { return true };
        let mut set = 0;
        // No early exit: the eight words are one miss, and a mispredicted branch costs more. Each
        // test is one instruction (`bt`), where a shift by a variable takes three.
        for (word, shift) in line.as_chunks().0.iter().zip(SHIFTS) {
            set += u32::from(u64::from_le_bytes(*word) & 1 << (probe.bits >> shift & 63) != 0);
        }
        set == 8
    }
}

/// Six bits of the second hash for each word, from the top, where a product is mixed best.
const SHIFTS: [u32; 8] = [58, 52, 46, 40, 34, 28, 22, 16];

/// Folded multiply: every bit of the number reaches every bit of the hash.
#[inline]
pub(crate) fn hash(number: u64) -> u64 {
    let product = u128::from(number ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

#[inline]
fn probe(hash: u64, lines: usize) -> Probe {
    Probe {
        // The high half scaled to the number of lines, without a division.
        line: (((hash >> 32) * lines as u64) >> 32) as usize,
        bits: hash.wrapping_mul(0xd6e8_feb8_6659_fd93),
    }
}

/// Makes the section, in one pass over the numbers.
///
/// Setting the line of each number at once would cost a cache miss each. So some millions of hashes are
/// first put in order of their part of the filter, in 8 bytes each.
pub(crate) struct FilterBuilder {
    section: Vec<u8>,
    ordered: Vec<u64>,
}

impl FilterBuilder {
    /// For `count` distinct numbers: 12 bits each, 10 in large indexes, and one line at least.
    pub(crate) fn new(count: u64) -> Self {
        let bits = if count < LARGE { 12 } else { 10 };
        // At least one: a filter without lines would answer "maybe" for every number.
        let lines = (count as usize * bits).div_ceil(LINE * 8).max(1);
        Self { section: vec![0; lines * LINE], ordered: Vec::new() }
    }

    /// Adds numbers, on all cores. A number that comes twice sets the same bits twice.
    pub(crate) fn add(&mut self, numbers: &[u64]) {
        for numbers in numbers.chunks(ORDERED) {
            let (lines, ordered) = self.order(numbers);
            lines.par_chunks_mut(PART).enumerate().for_each(|(i, part)| ordered.set(i, part));
        }
    }

    /// As [`FilterBuilder::add`], on this thread only: for a thread of low priority, and for a process that
    /// may have been forked and lacks the threads of rayon.
    pub(crate) fn add_on_this_thread(&mut self, numbers: &[u64]) {
        let (lines, ordered) = self.order(numbers);
        lines.chunks_mut(PART).enumerate().for_each(|(i, part)| ordered.set(i, part));
    }

    fn order(&mut self, numbers: &[u64]) -> (&mut [[u8; LINE]], OrderedHashes<'_>) {
        let (lines, _) = self.section.as_chunks_mut();
        let ordered = OrderedHashes::new(numbers, lines.len(), &mut self.ordered);
        (lines, ordered)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.section
    }
}

/// Hashes in order of the part of a filter that holds their line.
struct OrderedHashes<'a> {
    hashes: &'a [u64],
    /// Where the hashes of each part begin, and the end of all.
    starts: Vec<usize>,
    lines: usize,
}

impl<'a> OrderedHashes<'a> {
    fn new(numbers: &[u64], lines: usize, room: &'a mut Vec<u64>) -> Self {
        let part_of = |hash| probe(hash, lines).line / PART;
        let parts = lines.div_ceil(PART);
        let mut ends = vec![0; parts + 1];
        for &number in numbers {
            ends[part_of(hash(number)) + 1] += 1;
        }
        for part in 1..=parts {
            ends[part] += ends[part - 1];
        }
        let starts = ends.clone();
        room.resize(numbers.len(), 0);
        for &number in numbers {
            let hash = hash(number);
            let next = &mut ends[part_of(hash)];
            room[*next] = hash;
            *next += 1;
        }
        Self { hashes: room, starts, lines }
    }

    /// Sets the bits of the hashes of part `i`, whose lines are `part`.
    fn set(&self, i: usize, part: &mut [[u8; LINE]]) {
        for &hash in &self.hashes[self.starts[i]..self.starts[i + 1]] {
            let probe = probe(hash, self.lines);
            set(&mut part[probe.line - i * PART], probe.bits);
        }
    }
}

#[inline]
fn set(line: &mut [u8; LINE], bits: u64) {
    for (word, shift) in line.as_chunks_mut().0.iter_mut().zip(SHIFTS) {
        *word = (u64::from_le_bytes(*word) | 1 << (bits >> shift & 63)).to_le_bytes();
    }
}

/// Refuses a section that is not whole lines, or more of them than a probe can reach.
pub(crate) fn verify(section: &[u8]) -> Result<()> {
    if !section.len().is_multiple_of(LINE) || u32::try_from(section.len() / LINE).is_err() {
        return Err(Error::Corrupt { section: SECTION, reason: "not whole lines" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(from: u64, step: u64) -> Vec<u64> {
        (0..100_000).map(|i| 905_000_000_000 + from + i * step).collect()
    }

    fn build(numbers: &[u64]) -> Vec<u8> {
        let count = numbers.len() as u64;
        let [mut builder, mut alone] = [(); 2].map(|()| FilterBuilder::new(count));
        builder.add(numbers);
        numbers.chunks(999).for_each(|numbers| alone.add_on_this_thread(numbers));
        let section = builder.finish();
        assert!(section == alone.finish(), "one thread makes what all cores make");
        section
    }

    #[test]
    fn never_denies_what_was_built_and_rarely_passes_the_rest() {
        for step in [1, 2, 997, 10_000] {
            let listed = numbers(0, step * 2);
            let section = build(&listed);
            verify(&section).unwrap();
            let filter = Filter::new(&section);
            assert!(listed.iter().all(|&n| filter.maybe(HashedNumber::new(n))));
            let others = numbers(step, step * 2);
            let passed = others.iter().filter(|&&n| filter.maybe(HashedNumber::new(n))).count();
            assert!(passed < 700, "step {step}: {passed} of 100,000 passed, 0.7% at most");
        }
    }

    #[test]
    fn no_lines_are_no_knowledge() {
        assert_eq!(build(&numbers(0, 1)[..1]).len(), LINE);
        let filter = Filter::new(&[]);
        assert!(filter.maybe(HashedNumber::new(905_050_047_824)));
    }

    #[test]
    fn half_a_line_is_refused() {
        assert!(verify(&[0; 65]).is_err());
    }
}
