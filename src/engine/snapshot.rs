//! What all readers see at one moment: the indexes of all domains, and their names.
//!
//! Immutable. The next snapshot shares every index but the one that was published, so making it
//! costs one reference count a domain, and the names only if one is new.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::Bytes;
use super::files::FileId;
use crate::index::DOMAIN_MAX;
use crate::{Error, Index, Result};

/// What a check names does not exist. An answer, not a failure: the caller decides whether a call
/// of an unknown domain passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotFound {
    /// The engine has no such domain: publish an index for it, or correct the name.
    Domain,
    /// The domain has no such list: compile its lists with it, or correct the name, in which case
    /// matters.
    List,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => "no such domain: publish an index for it, or correct the name",
            Self::List => "no such list in this domain: compile it, or correct the name",
        })
    }
}

impl std::error::Error for NotFound {}

/// A domain's place in the snapshots of one engine, for callers that would otherwise look up the
/// same name for every call.
///
/// It stays valid for the life of the engine (clones included) and is never given to another
/// domain. It means nothing to another engine, nor to the next one of the same directory: there it
/// finds some other domain or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(u32);

/// What names a domain: its name as `&str` or `&String`, in upper or lower case, or its
/// [`DomainId`]. A name costs a hash and a comparison, 10 to 20 ns; an id costs next to nothing.
pub trait DomainKey: sealed::Sealed {}

impl DomainKey for DomainId {}
impl DomainKey for &str {}
impl DomainKey for &String {}

mod sealed {
    use super::{DomainId, Snapshot};

    pub trait Sealed: Copy {
        fn place(self, snapshot: &Snapshot) -> Option<DomainId>;
    }

    impl Sealed for DomainId {
        #[inline]
        fn place(self, _: &Snapshot) -> Option<DomainId> {
            Some(self)
        }
    }

    impl Sealed for &str {
        #[inline]
        fn place(self, snapshot: &Snapshot) -> Option<DomainId> {
            snapshot.id(self)
        }
    }

    impl Sealed for &String {
        #[inline]
        fn place(self, snapshot: &Snapshot) -> Option<DomainId> {
            snapshot.id(self)
        }
    }
}

/// Keys are in lower case.
type Names = HashMap<Box<str>, DomainId, foldhash::fast::RandomState>;

/// The indexes of all domains at one moment.
///
/// Both parties of a call, or all rows of a batch, judged by one snapshot are judged by the same
/// lists. It never changes; whoever holds it keeps the memory of its indexes.
#[derive(Clone)]
pub struct Snapshot {
    /// By [`DomainId`].
    domains: Vec<Arc<Loaded>>,
    names: Arc<Names>,
}

/// An index and the file that it was loaded from.
pub(super) struct Loaded {
    pub(super) file: FileId,
    pub(super) path: PathBuf,
    pub(super) index: Index<Bytes>,
}

impl Snapshot {
    /// The index of a domain.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if there is none.
    #[inline]
    pub fn domain(&self, domain: impl DomainKey) -> Result<&Index<Bytes>, NotFound> {
        let id = domain.place(self).ok_or(NotFound::Domain)?;
        self.loaded(id).map(|loaded| &loaded.index).ok_or(NotFound::Domain)
    }

    /// All domains in order of their names, each with its file and index. Allocates and sorts.
    pub fn domains(&self) -> impl Iterator<Item = (DomainId, &Path, &Index<Bytes>)> {
        let mut ids: Vec<_> = self.names.iter().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|(_, &id)| {
            let loaded = self.loaded(id)?;
            Some((id, loaded.path.as_path(), &loaded.index))
        })
    }

    /// The id of the domain of this name, in upper or lower case (ASCII, as in DNS).
    #[must_use]
    #[inline]
    pub fn id(&self, domain: &str) -> Option<DomainId> {
        // Nearly always it comes in lower case.
        self.names.get(domain).copied().or_else(|| self.id_of_other_case(domain))
    }

    #[cold]
    fn id_of_other_case(&self, domain: &str) -> Option<DomainId> {
        let mut buffer = [0; DOMAIN_MAX];
        let lower = buffer.get_mut(..domain.len())?;
        lower.copy_from_slice(domain.as_bytes());
        lower.make_ascii_lowercase();
        self.names.get(str::from_utf8(lower).ok()?).copied()
    }

    #[inline]
    fn loaded(&self, id: DomainId) -> Option<&Loaded> {
        self.domains.get(id.0 as usize).map(Arc::as_ref)
    }

    /// # Errors
    /// [`Error::DuplicateDomain`]
    pub(super) fn of(files: Vec<Loaded>) -> Result<Self> {
        let mut snapshot = Self { domains: Vec::with_capacity(files.len()), names: Arc::default() };
        for loaded in files {
            if let Some(first) =
                snapshot.id(loaded.index.domain()).and_then(|id| snapshot.loaded(id))
            {
                return Err(Error::DuplicateDomain {
                    domain: loaded.index.domain().to_owned(),
                    first: first.path.clone(),
                    second: loaded.path,
                });
            }
            snapshot.put(loaded);
        }
        Ok(snapshot)
    }

    /// The file of this domain; `None` if it has none yet.
    pub(super) fn file_of(&self, domain: &str) -> Option<FileId> {
        self.id(domain).and_then(|id| self.loaded(id)).map(|loaded| loaded.file)
    }

    /// Puts an index in place of its domain's, or after all others if the domain is new.
    pub(super) fn put(&mut self, loaded: Loaded) -> DomainId {
        if let Some(id) = self.id(loaded.index.domain()) {
            self.domains[id.0 as usize] = Arc::new(loaded);
            return id;
        }
        let id = u32::try_from(self.domains.len()).expect("a file has an id of 32 bits");
        Arc::make_mut(&mut self.names).insert(loaded.index.domain().into(), DomainId(id));
        self.domains.push(Arc::new(loaded));
        DomainId(id)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("domains", &self.domains.len()).finish_non_exhaustive()
    }
}
