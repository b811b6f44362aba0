//! What all readers see at one moment: the indexes of all domains, and their names. How one of them is
//! asked is told in `domain`.
//!
//! Immutable. The next snapshot shares all but the page of domains that the changed one is on, so
//! making it costs some hundred reference counts with 10,000 domains, and the names only if one is
//! new.

pub(crate) mod domain;
pub(crate) mod domain_id;
pub(crate) mod load;
pub(crate) mod loaded;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use self::domain_id::DomainId;
use self::loaded::LoadedDomain;
use crate::engine::directory::names::DomainFileId;
use crate::index::{Clock, DOMAIN_MAX};
use crate::{Error, Result};

/// What a check names does not exist. An answer, not a failure: the caller decides whether a call
/// of an unknown domain passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotFound {
    /// The engine has no such domain: make it, or correct the name. One whose files could not be
    /// loaded is told by [`Engine::health`](crate::Engine::health).
    Domain,
    /// The domain has no such list: compile its lists with it, or correct the name, in which case
    /// matters.
    List,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => {
                "no such domain: make it, or correct the name; \
                 health tells of those that could not be loaded"
            }
            Self::List => "no such list in this domain: compile it, or correct the name",
        })
    }
}

impl std::error::Error for NotFound {}

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
            snapshot.place(self)
        }
    }

    impl Sealed for &String {
        #[inline]
        fn place(self, snapshot: &Snapshot) -> Option<DomainId> {
            snapshot.place(self)
        }
    }
}

/// Domains on a page.
const PAGE: usize = 128;

type DomainPage = Vec<Option<Arc<LoadedDomain>>>;
/// Keys are in lower case, and shared by all snapshots that have them.
type DomainNames = HashMap<Arc<str>, DomainId, foldhash::fast::RandomState>;

/// The indexes of all domains at one moment.
///
/// Both parties of a call, or all rows of a batch, judged by one snapshot are judged by the same
/// lists. It never changes; whoever holds it keeps the memory of its indexes.
#[derive(Clone)]
pub struct Snapshot {
    /// By [`DomainId`]; `None` for a domain that others only subscribe to, or that was removed.
    pages: Vec<Arc<DomainPage>>,
    /// All that have an id.
    names: Arc<DomainNames>,
    /// Which domain a file holds.
    files: Arc<HashMap<DomainFileId, DomainId>>,
    clock: Clock,
}

impl Snapshot {
    /// The id of the domain of this name, in upper or lower case (ASCII, as in DNS).
    #[must_use]
    #[inline]
    pub fn id(&self, domain: &str) -> Option<DomainId> {
        self.place(domain).filter(|&id| self.loaded(id).is_some())
    }

    /// As [`Snapshot::id`], also of a domain that is not there.
    #[inline]
    fn place(&self, domain: &str) -> Option<DomainId> {
        // Nearly always it comes in lower case.
        self.names.get(domain).copied().or_else(|| self.place_of_other_case(domain))
    }

    #[cold]
    fn place_of_other_case(&self, domain: &str) -> Option<DomainId> {
        let mut buffer = [0; DOMAIN_MAX];
        let lower = buffer.get_mut(..domain.len())?;
        lower.copy_from_slice(domain.as_bytes());
        lower.make_ascii_lowercase();
        self.names.get(str::from_utf8(lower).ok()?).copied()
    }

    #[inline]
    pub(crate) fn loaded(&self, id: DomainId) -> Option<&Arc<LoadedDomain>> {
        let at = id.0 as usize;
        self.pages.get(at / PAGE)?.get(at % PAGE)?.as_ref()
    }

    #[inline]
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The domain of this name, for a writer.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`]
    pub(crate) fn known(&self, domain: &str) -> Result<&Arc<LoadedDomain>> {
        let loaded = self.place(domain).and_then(|id| self.loaded(id));
        loaded.ok_or_else(|| Error::UnknownDomain { domain: domain.to_owned() })
    }

    /// The domain of this file.
    pub(crate) fn of_file(&self, file: DomainFileId) -> Option<&Arc<LoadedDomain>> {
        self.files.get(&file).and_then(|&id| self.loaded(id))
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// All that is loaded, in order of the domains' names.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (DomainId, &Arc<LoadedDomain>)> {
        let mut ids: Vec<_> = self.names.iter().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|(_, &id)| Some((id, self.loaded(id)?)))
    }

    /// All that is loaded.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<LoadedDomain>> {
        self.pages.iter().flat_map(|page| page.iter()).flatten()
    }

    /// Without any domain.
    pub(crate) fn empty(clock: Clock) -> Self {
        Self { pages: Vec::new(), names: Arc::default(), files: Arc::default(), clock }
    }

    /// Puts a domain in place of what it was, or after all others if it is new. What its file held
    /// before, if that was another domain, is gone.
    ///
    /// # Errors
    /// [`Error::DuplicateDomain`] if another file holds the domain; all stays as it was.
    pub(crate) fn put(&mut self, mut loaded: LoadedDomain) -> Result<DomainId> {
        let place = self.place(loaded.domain());
        if let Some(first) = place.and_then(|id| self.loaded(id))
            && first.file != loaded.file
        {
            return Err(Error::DuplicateDomain {
                domain: loaded.domain().to_owned(),
                first: first.path.clone(),
                second: loaded.path,
            });
        }
        let id = self.reserve(loaded.domain());
        let settings = loaded.layers.head().settings();
        let shared = settings.subscriptions.iter().map(|name| self.reserve(name));
        loaded.subscriptions = shared.filter(|&other| other != id).collect();
        if self.files.get(&loaded.file) != Some(&id) {
            self.remove(loaded.file);
            Arc::make_mut(&mut self.files).insert(loaded.file, id);
        }
        self.set(id, Some(Arc::new(loaded)));
        Ok(id)
    }

    /// Forgets the domain of a file; its id stays its own.
    pub(crate) fn remove(&mut self, file: DomainFileId) {
        if self.files.contains_key(&file)
            && let Some(id) = Arc::make_mut(&mut self.files).remove(&file)
        {
            self.set(id, None);
        }
    }

    /// The id of a name, a new one if it has none yet.
    fn reserve(&mut self, name: &str) -> DomainId {
        self.place(name).unwrap_or_else(|| {
            let id = DomainId(self.names.len() as u32);
            Arc::make_mut(&mut self.names).insert(name.to_ascii_lowercase().into(), id);
            id
        })
    }

    fn set(&mut self, id: DomainId, loaded: Option<Arc<LoadedDomain>>) {
        let (page, at) = (id.0 as usize / PAGE, id.0 as usize % PAGE);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, Arc::default);
        }
        let page = Arc::make_mut(&mut self.pages[page]);
        if page.len() <= at {
            page.resize(at + 1, None);
        }
        page[at] = loaded;
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("domains", &self.len()).finish_non_exhaustive()
    }
}
