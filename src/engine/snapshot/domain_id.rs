//! What a domain is known by in the snapshots of an engine.

/// A domain's place in the snapshots of one engine, for callers that would otherwise look up the
/// same name for every call.
///
/// It stays valid for the life of the engine (clones included) and is never given to another
/// domain: one that is removed and published again has its id again. It means nothing to another
/// engine, nor to the next one of the same directory: there it finds some other domain or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(pub(crate) u32);

impl DomainId {
    /// The id as an integer, for interfaces that cannot carry the type.
    #[must_use]
    pub fn to_raw(self) -> u32 {
        self.0
    }

    /// The id that [`DomainId::to_raw`] told. Of any other integer, too: it finds some domain or
    /// none, as an id of another engine does.
    #[must_use]
    pub fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}
