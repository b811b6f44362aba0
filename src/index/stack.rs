//! The layers of a domain.
//!
//! A *stack* is the layers of a domain, newest first: what a layer says of an entry, that it is on
//! these lists or on none, replaces what older layers say of it. All of a stack counts by the lists,
//! the dial plan and the settings of its newest layer.

use std::sync::Arc;

use super::filter::{BATCH, Hashed, bits_of};
use super::latest::Latest;
use super::reader::Index;

/// An index in a stack, however it is held.
pub(crate) trait Layer {
    type Data: AsRef<[u8]>;

    fn index(&self) -> &Index<Self::Data>;
}

impl<D: AsRef<[u8]>> Layer for Index<D> {
    type Data = D;

    #[inline]
    fn index(&self) -> &Self {
        self
    }
}

impl<D: AsRef<[u8]>> Layer for Arc<Index<D>> {
    type Data = D;

    #[inline]
    fn index(&self) -> &Index<D> {
        self
    }
}

/// No shared lists.
pub(super) fn none<T>() -> std::iter::Empty<T> {
    std::iter::empty()
}

/// A stack to ask, with the table of its newest layers if it has one.
#[derive(Debug)]
pub(crate) struct Stack<'a, L> {
    layers: &'a [L],
    latest: Option<&'a Latest>,
}

impl<L> Clone for Stack<'_, L> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Stack<'_, L> {}

impl<'a, L: Layer> Stack<'a, L> {
    /// Of these layers, newest first, without a table.
    #[inline]
    pub(super) fn of(layers: &'a [L]) -> Self {
        Self { layers, latest: None }
    }

    /// Its layers, newest first.
    #[inline]
    pub(crate) fn layers(self) -> &'a [L] {
        self.layers
    }

    /// Whether an E.164 number may be in it; `false` is certain.
    #[inline]
    pub(super) fn maybe(self, number: Hashed) -> bool {
        match (self.latest, self.layers) {
            // One alone is asked in registers; several are kept in memory while each is asked.
            (None, [layer]) => layer.index().maybe(number),
            _ => self.maybe_of_several(number),
        }
    }

    #[inline(never)]
    fn maybe_of_several(self, number: Hashed) -> bool {
        let Some(latest) = self.latest else { return any(self.layers, number) };
        let (newest, others) = self.layers.split_at(latest.layers());
        (latest.maybe(number) && any(newest, number)) || any(others, number)
    }

    /// Bit `i` is what [`Self::maybe`] says of `numbers[i]`.
    pub(super) fn maybe_each(self, numbers: &[Hashed; BATCH]) -> u64 {
        let Some(latest) = self.latest else { return any_each(self.layers, numbers) };
        let (newest, others) = self.layers.split_at(latest.layers());
        let newest = |&number: &Hashed| latest.maybe(number) && any(newest, number);
        bits_of(numbers, newest) | any_each(others, numbers)
    }
}

// Loops, for iterators are compiled to calls here, which cost as much as what they do.

#[inline]
fn any<L: Layer>(layers: &[L], number: Hashed) -> bool {
    for layer in layers {
        if layer.index().maybe(number) {
            return true;
        }
    }
    false
}

fn any_each<L: Layer>(layers: &[L], numbers: &[Hashed; BATCH]) -> u64 {
    layers.iter().fold(0, |found, layer| found | layer.index().maybe_each(numbers))
}

/// A stack that is kept; it has one layer at least.
#[derive(Debug)]
pub(crate) struct Layers<D> {
    layers: Vec<Arc<Index<D>>>,
    latest: Option<Latest>,
}

impl<D: AsRef<[u8]>> Layers<D> {
    /// Of these layers, newest first.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn new(layers: Vec<Arc<Index<D>>>) -> Self {
        assert!(!layers.is_empty(), "a domain has a head");
        Self { latest: Latest::of(&layers), layers }
    }

    /// To be asked.
    #[inline]
    pub(crate) fn stack(&self) -> Stack<'_, Arc<Index<D>>> {
        Stack { layers: &self.layers, latest: self.latest.as_ref() }
    }

    /// All layers, newest first.
    #[inline]
    pub(crate) fn all(&self) -> &[Arc<Index<D>>] {
        &self.layers
    }

    /// The newest layer, by whose lists, dial plan and settings all count.
    #[inline]
    pub(crate) fn head(&self) -> &Arc<Index<D>> {
        &self.layers[0]
    }

    /// All layers but the head.
    pub(crate) fn lower(&self) -> &[Arc<Index<D>>] {
        &self.layers[1..]
    }
}
