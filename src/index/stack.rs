//! The layers of a domain.
//!
//! A *stack* is the layers of a domain, newest first: what a layer says of an entry, that it is on
//! these lists or on none, replaces what older layers say of it. All of a stack counts by the lists,
//! the dial plan and the settings of its newest layer.

use std::sync::Arc;

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
pub(super) fn none<'a, L: 'a>() -> std::iter::Empty<&'a [L]> {
    std::iter::empty()
}

/// A stack that is kept; it has one layer at least.
#[derive(Debug)]
pub(crate) struct Layers<D>(Vec<Arc<Index<D>>>);

impl<D: AsRef<[u8]>> Layers<D> {
    /// Of these layers, newest first.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn new(layers: Vec<Arc<Index<D>>>) -> Self {
        assert!(!layers.is_empty(), "a domain has a head");
        Self(layers)
    }

    /// All layers, newest first.
    #[inline]
    pub(crate) fn all(&self) -> &[Arc<Index<D>>] {
        &self.0
    }

    /// The newest layer, by whose lists, dial plan and settings all count.
    #[inline]
    pub(crate) fn head(&self) -> &Arc<Index<D>> {
        &self.0[0]
    }

    /// All layers but the head.
    pub(crate) fn lower(&self) -> &[Arc<Index<D>>] {
        &self.0[1..]
    }
}
