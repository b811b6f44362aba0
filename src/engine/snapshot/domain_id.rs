//! The id of a domain in one engine.

/// The place of a domain in the snapshots of one engine. Callers that ask about the same domain for every
/// call look its name up once.
///
/// It is valid as long as the engine and its clones, and no other domain gets it: a domain that is removed
/// and published again has the same id. In another engine, also of the same directory, it means another
/// domain or none.
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let id = reader.snapshot().id("my.example").ok_or("no such domain")?;
/// assert!(reader.check(id, "0505 004 78 24")?.is_deny());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(pub(crate) u32);

impl DomainId {
    /// The id as an integer, for interfaces that have no such type.
    #[must_use]
    pub fn to_raw(self) -> u32 {
        self.0
    }

    /// The id of an integer from [`DomainId::to_raw`]. Any other integer makes an id of another domain or of
    /// none.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DomainId, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let raw: u32 = reader.snapshot().id("my.example").ok_or("no such domain")?.to_raw();
    /// assert!(reader.check(DomainId::from_raw(raw), "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}
