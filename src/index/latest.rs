//! What the newest layers of a domain have a word on, in one table: so latest changes cost the check
//! of a number that they do not touch one bit, however many layers they lie in.
//!
//! A table in memory, made when layers are put together: a Bloom filter with one bit a number and 16
//! to 32 times as many places. The hashes of a layer's numbers are kept with it, for a head is
//! replaced a thousand times while the runs below it stay.

use std::sync::Arc;

use super::filter::Hashed;
use super::reader::Index;

/// The most numbers in a table, so that making it costs some tens of microseconds and its 128 KiB
/// stay in the cache.
const NUMBERS_MAX: u64 = 1 << 15;
/// Places for each number, at least.
const PLACES: usize = 16;

/// The table of the newest layers of a stack.
#[derive(Debug)]
pub(crate) struct Latest {
    layers: usize,
    /// A power of two of them.
    words: Box<[u64]>,
}

impl Latest {
    /// Of as many of these layers, newest first, as are small together; never of the oldest, which
    /// is the large one. `None` if there are none, or if one of them has patterns, which a table of
    /// numbers says nothing of.
    pub(super) fn of<D: AsRef<[u8]>>(layers: &[Arc<Index<D>>]) -> Option<Self> {
        let (_, newer) = layers.split_last()?;
        let mut numbers = 0;
        let is_small = |layer: &&Arc<Index<D>>| {
            numbers += layer.keys();
            numbers <= NUMBERS_MAX
        };
        let layers = newer.iter().take_while(is_small).count();
        let newer = &newer[..layers];
        if layers == 0 || newer.iter().any(|layer| layer.has_prefixes()) {
            return None;
        }
        let hashes = || newer.iter().flat_map(|layer| layer.hashes());
        let places = (hashes().count() * PLACES).next_power_of_two();
        let mut words = vec![0; places.div_ceil(64)].into_boxed_slice();
        for &hash in hashes() {
            let (word, bit) = place(hash.into(), words.len());
            words[word] |= bit;
        }
        Some(Self { layers, words })
    }

    /// How many layers it is of, the newest.
    #[inline]
    pub(super) fn layers(&self) -> usize {
        self.layers
    }

    /// Whether one of its layers may have a word on a number; `false` is certain.
    #[inline]
    pub(super) fn maybe(&self, number: Hashed) -> bool {
        let (word, bit) = place(number.hash, self.words.len());
        self.words.get(word).is_none_or(|word| word & bit != 0)
    }
}

/// By the low half of a hash, the high one being the line's of the filters.
#[inline]
fn place(hash: u64, words: usize) -> (usize, u64) {
    ((hash as usize >> 6) & words.wrapping_sub(1) & (u32::MAX as usize >> 6), 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Compiler, DialPlan, E164};

    fn layer(numbers: impl Iterator<Item = u64>, patterns: &[&'static str]) -> Arc<Index<Vec<u8>>> {
        let mut compiler = Compiler::new("d", DialPlan::new("TR").unwrap()).unwrap();
        let list = compiler.list("spam", Action::Deny).unwrap();
        compiler.extend_e164(list, numbers.filter_map(E164::new));
        let written = |text: &&'static str| crate::Written { line: 0, text: text.as_bytes() };
        compiler.extend(list, patterns.iter().map(written).collect::<Vec<_>>());
        Arc::new(Index::open(compiler.finish().unwrap().bytes).unwrap())
    }

    fn numbers(from: u64, count: u64) -> impl Iterator<Item = u64> {
        (from..from + count).map(|i| 905_000_000_000 + i * 7_919)
    }

    #[test]
    fn knows_all_numbers_of_small_layers_and_few_others() {
        let layers = [
            layer(numbers(0, 1_000), &[]),
            layer(numbers(900, 3_000), &[]),
            layer(numbers(9_000, 10), &[]),
        ];
        let latest = Latest::of(&layers).unwrap();
        assert_eq!(latest.layers(), 2);
        assert!(numbers(0, 3_900).all(|number| latest.maybe(Hashed::of(number))));
        let passed =
            numbers(9_000, 100_000).filter(|&number| latest.maybe(Hashed::of(number))).count();
        assert!(passed < 7_000, "{passed} of 100,000");
    }

    #[test]
    fn says_nothing_of_bases_large_runs_and_patterns() {
        let (small, large) = (layer(numbers(0, 10), &[]), layer(numbers(0, 40_000), &[]));
        let is_of = |layers: &[&Arc<_>]| {
            let layers: Vec<_> = layers.iter().map(|&layer| Arc::clone(layer)).collect();
            Latest::of(&layers).map(|latest| latest.layers())
        };
        assert_eq!(is_of(&[&small]), None);
        assert_eq!(is_of(&[&large, &small]), None);
        assert_eq!(is_of(&[&small, &large, &small]), Some(1));
        assert_eq!(is_of(&[&layer(numbers(0, 10), &["+90532*"]), &small]), None);
        let nothing = layer(numbers(0, 0), &[]);
        assert_eq!(is_of(&[&nothing, &small]), Some(1), "an empty head");
    }
}
