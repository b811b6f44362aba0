//! The layers of a domain, and what answers for it.
//!
//! A *stack* is the layers of a domain, newest first. A layer puts an entry on lists or takes it off, and
//! overrides older layers in that. The lists, the dial plan and the settings of the newest layer hold for
//! the whole stack.
//!
//! One table knows the numbers of the newest layers. So a check of any other number costs one bit, however
//! many layers the latest changes lie in. The table is a Bloom filter in memory, with one bit a number and
//! 16 to 32 times as many places. Each layer keeps the hashes of its numbers, because a head is replaced a
//! thousand times while the layers below it stay.

use std::sync::Arc;

use super::{clock::Clock, index::Index};
use crate::DialPlan;
use crate::index::format::filter::{BATCH, HashedNumber, bits_of};

/// An index in a stack, owned or shared.
pub(crate) trait AsIndex {
    type Data: AsRef<[u8]>;

    fn index(&self) -> &Index<Self::Data>;
}

impl<D: AsRef<[u8]>> AsIndex for Index<D> {
    type Data = D;

    #[inline]
    fn index(&self) -> &Self {
        self
    }
}

impl<D: AsRef<[u8]>> AsIndex for Arc<Index<D>> {
    type Data = D;

    #[inline]
    fn index(&self) -> &Index<D> {
        self
    }
}

/// A view of the layers of a domain, with the table of the newest if there is one.
#[derive(Debug)]
pub(crate) struct Stack<'a, L> {
    layers: &'a [L],
    table: Option<&'a NewestTable>,
}

impl<L> Clone for Stack<'_, L> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Stack<'_, L> {}

impl<'a, L: AsIndex> Stack<'a, L> {
    /// A view of these layers, newest first, without a table.
    #[inline]
    pub(crate) fn new(layers: &'a [L]) -> Self {
        Self { layers, table: None }
    }

    /// Its layers, newest first.
    #[inline]
    pub(crate) fn layers(self) -> &'a [L] {
        self.layers
    }

    /// Reports whether an E.164 number may be in it; `false` is certain.
    #[inline]
    pub(crate) fn maybe(self, number: HashedNumber) -> bool {
        match (self.table, self.layers) {
            // One layer is asked in registers; several are kept in memory while each is asked.
            (None, [layer]) => layer.index().maybe(number),
            _ => self.maybe_of_several(number),
        }
    }

    #[inline(never)]
    fn maybe_of_several(self, number: HashedNumber) -> bool {
        let Some(table) = self.table else { return any(self.layers, number) };
        let (newest, others) = self.layers.split_at(table.layers);
        (table.maybe(number) && any(newest, number)) || any(others, number)
    }

    /// Bit `i` is the answer of [`Self::maybe`] for `numbers[i]`.
    pub(super) fn maybe_each(self, numbers: &[HashedNumber; BATCH]) -> u64 {
        let Some(table) = self.table else { return any_each(self.layers, numbers) };
        let (newest, others) = self.layers.split_at(table.layers);
        let newest = |&number: &HashedNumber| table.maybe(number) && any(newest, number);
        bits_of(numbers, newest) | any_each(others, numbers)
    }
}

/// What answers for a domain: its own layers, those of the domains that share lists with it, and the clock by
/// which entries expire.
///
/// Each question is a method, in the module that answers it. All but what few calls need is inlined into the
/// public function that asks.
pub(crate) struct DomainLists<'a, L, S> {
    pub(crate) own: Stack<'a, L>,
    pub(crate) shared: S,
    pub(crate) clock: &'a Clock,
}

impl<'a, L: AsIndex, S> DomainLists<'a, L, S> {
    #[inline]
    pub(super) fn plan(&self) -> &'a DialPlan {
        // A stack has at least one layer.
        self.own.layers()[0].index().plan()
    }
}

// Loops, because iterators are compiled to calls here, which cost as much as the work itself.

#[inline]
fn any<L: AsIndex>(layers: &[L], number: HashedNumber) -> bool {
    for layer in layers {
        if layer.index().maybe(number) {
            return true;
        }
    }
    false
}

fn any_each<L: AsIndex>(layers: &[L], numbers: &[HashedNumber; BATCH]) -> u64 {
    layers.iter().fold(0, |found, layer| found | layer.index().maybe_each(numbers))
}

/// The layers of a domain, with the table of the newest. There is at least one.
#[derive(Debug)]
pub(crate) struct Layers<D> {
    layers: Vec<Arc<Index<D>>>,
    table: Option<NewestTable>,
}

impl<D: AsRef<[u8]>> Layers<D> {
    /// These layers, newest first.
    ///
    /// # Panics
    /// If `layers` is empty.
    pub(crate) fn new(layers: Vec<Arc<Index<D>>>) -> Self {
        assert!(!layers.is_empty(), "a domain has a head");
        Self { table: NewestTable::from_layers(&layers), layers }
    }

    /// A view of the layers for checks.
    #[inline]
    pub(crate) fn stack(&self) -> Stack<'_, Arc<Index<D>>> {
        Stack { layers: &self.layers, table: self.table.as_ref() }
    }

    /// All layers, newest first.
    #[inline]
    pub(crate) fn all(&self) -> &[Arc<Index<D>>] {
        &self.layers
    }

    /// The newest layer, whose lists, dial plan and settings hold for all.
    #[inline]
    pub(crate) fn head(&self) -> &Arc<Index<D>> {
        &self.layers[0]
    }

    /// All layers but the head.
    pub(crate) fn lower(&self) -> &[Arc<Index<D>>] {
        &self.layers[1..]
    }
}

/// The most numbers in a table, so that making it costs some tens of microseconds and its 128 KiB
/// stay in the cache.
const NUMBERS_MAX: u64 = 1 << 15;
/// Places for each number, at least.
const PLACES: usize = 16;

/// The table of the newest layers of a stack.
#[derive(Debug)]
pub(crate) struct NewestTable {
    /// How many of the newest layers it knows.
    layers: usize,
    /// A power of two of them.
    words: Box<[u64]>,
}

impl NewestTable {
    /// The table of as many of these layers, newest first, as are small together; never of the oldest,
    /// which is the large one. `None` if there are no such layers, or if one of them has patterns, which
    /// a table of numbers does not know.
    pub(crate) fn from_layers<D: AsRef<[u8]>>(layers: &[Arc<Index<D>>]) -> Option<Self> {
        let (_, newer) = layers.split_last()?;
        let mut numbers = 0;
        let is_small = |layer: &&Arc<Index<D>>| {
            numbers += layer.keys();
            numbers <= NUMBERS_MAX
        };
        let layers = newer.iter().take_while(is_small).count();
        let newer = &newer[..layers];
        if layers == 0 || newer.iter().any(|layer| layer.prefixes().is_some()) {
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

    /// Reports whether one of its layers may know a number; `false` is certain.
    #[inline]
    pub(crate) fn maybe(&self, number: HashedNumber) -> bool {
        let (word, bit) = place(number.hash, self.words.len());
        self.words.get(word).is_none_or(|word| word & bit != 0)
    }
}

/// The place of a hash, by its low half: the high half chooses the line of a filter.
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
        let mut list = compiler.list("spam", Action::Deny).unwrap();
        let numbers: Vec<E164> = numbers.map(|n| E164::new(n).unwrap()).collect();
        list.extend_e164(&numbers);
        assert_eq!(list.extend(patterns), []);
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
        let table = NewestTable::from_layers(&layers).unwrap();
        assert_eq!(table.layers, 2);
        assert!(numbers(0, 3_900).all(|number| table.maybe(HashedNumber::new(number))));
        let passed = numbers(9_000, 100_000)
            .filter(|&number| table.maybe(HashedNumber::new(number)))
            .count();
        assert!(passed < 7_000, "{passed} of 100,000");
    }

    #[test]
    fn says_nothing_of_bases_large_runs_and_patterns() {
        let (small, large) = (layer(numbers(0, 10), &[]), layer(numbers(0, 40_000), &[]));
        let is_of = |layers: &[&Arc<_>]| {
            let layers: Vec<_> = layers.iter().map(|&layer| Arc::clone(layer)).collect();
            NewestTable::from_layers(&layers).map(|table| table.layers)
        };
        assert_eq!(is_of(&[&small]), None);
        assert_eq!(is_of(&[&large, &small]), None);
        assert_eq!(is_of(&[&small, &large, &small]), Some(1));
        assert_eq!(is_of(&[&layer(numbers(0, 10), &["+90532*"]), &small]), None);
        let nothing = layer(numbers(0, 0), &[]);
        assert_eq!(is_of(&[&nothing, &small]), Some(1), "an empty head");
    }
}
