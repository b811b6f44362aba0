//! The indexes of all domains at one moment, and how they are loaded.
//!
//! A snapshot is immutable. The next one shares everything but the page of the domain that changed, so
//! with 10,000 domains making it costs some hundred reference counts. The names are copied only if one is
//! new.
//!
//! | file | holds |
//! | --- | --- |
//! | `check_report` | the answer of a check as one record, for reports |
//! | `domain` | one domain of a snapshot: what can be asked of it |
//! | `domain_id` | the id of a domain |
//! | `loaded` | the files of a domain in memory |
//! | `load` | how they come there, and why that fails |

pub(crate) mod check_report;
pub(crate) mod domain;
pub(crate) mod domain_id;
pub(crate) mod load;
pub(crate) mod loaded;

use std::{collections::HashMap, fmt, sync::Arc};

use self::{domain_id::DomainId, loaded::LoadedDomain};
use crate::index::{Clock, DOMAIN_NAME_MAX};
use crate::{Error, Result, engine::directory::names::DomainFileId, reasons};

reasons! {
    /// The domain or list that a check names does not exist. The caller decides whether such a call passes.
    ///
    /// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, NotFound};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// assert_eq!(reader.check("other.example", "112"), Err(NotFound::Domain));
    /// let error = reader.check_list("my.example", "Spam", "112").unwrap_err();
    /// assert_eq!((error, error.code()), (NotFound::List, "unknown_list"));
    /// assert_eq!(error.to_string(), "no such list in this domain");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    NotFound {
        /// The engine has no such domain. [`Engine::health`](crate::Engine::health) lists the domains whose
        /// files could not be loaded.
        Domain: "unknown_domain", "no such domain",
            "make it, or correct the name; health lists the domains that could not be loaded";
        /// The domain has no such list. Upper and lower case differ.
        List: "unknown_list", "no such list in this domain", "make it, or correct the name";
    }
}

/// A domain in a question: its name as `&str` or `&String`, in upper or lower case, or its [`DomainId`].
/// To look up a name costs a hash and a comparison, 10 to 20 ns; an id costs next to nothing.
///
/// # Examples
/// ```
/// use callbar::{DomainKey, Engine, NotFound, Reader};
///
/// /// Takes a name or an id.
/// fn is_denied(
///     reader: &mut Reader,
///     domain: impl DomainKey,
///     number: &str,
/// ) -> Result<bool, NotFound> {
///     Ok(reader.check(domain, number)?.is_deny())
/// }
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let id = reader.snapshot().id("my.example").ok_or(NotFound::Domain)?;
/// assert!(is_denied(&mut reader, "My.Example", "0505 004 78 24")?);
/// assert!(is_denied(&mut reader, id, "0505 004 78 24")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// Domains of a page.
const PAGE: usize = 128;

type DomainPage = Vec<Option<Arc<LoadedDomain>>>;
/// The keys are in lower case, and all snapshots share them.
type DomainNames = HashMap<Arc<str>, DomainId, foldhash::fast::RandomState>;

/// The indexes of all domains at one moment.
///
/// A snapshot never changes: all questions to one snapshot are answered by the same lists. As long as it is
/// held, its indexes stay in memory. Get it from [`Reader::snapshot`](crate::Reader::snapshot) for some
/// questions, or from [`Engine::snapshot`](crate::Engine::snapshot) to keep.
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let snapshot = Engine::open(data)?.snapshot();
/// let domain = snapshot.domain("my.example")?;
/// let (caller, callee) = (domain.check("0505 004 78 24"), domain.check("0532 111 22 33"));
/// assert!(caller.is_deny() && !callee.is_deny());
///
/// let names: Vec<&str> = snapshot.domains().map(|(_, _, domain)| domain.domain()).collect();
/// assert_eq!(names, ["my.example"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    /// Indexed by [`DomainId`]; `None` for a domain that was removed, or that others only subscribe to.
    pages: Vec<Arc<DomainPage>>,
    /// The names of all domains that have an id.
    names: Arc<DomainNames>,
    /// The domain that each file holds.
    files: Arc<HashMap<DomainFileId, DomainId>>,
    clock: Clock,
}

impl Snapshot {
    /// The id of the domain of this name, in upper or lower case (ASCII, as in DNS).
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// assert!(snapshot.id("my.example").is_some());
    /// assert_eq!(snapshot.id("MY.Example"), snapshot.id("my.example"));
    /// assert_eq!(snapshot.id("other.example"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn id(&self, domain: &str) -> Option<DomainId> {
        self.place(domain).filter(|&id| self.loaded(id).is_some())
    }

    /// As [`Snapshot::id`], but also for a domain that is not loaded.
    #[inline]
    fn place(&self, domain: &str) -> Option<DomainId> {
        // It is nearly always in lower case.
        self.names.get(domain).copied().or_else(|| self.place_of_other_case(domain))
    }

    #[cold]
    fn place_of_other_case(&self, domain: &str) -> Option<DomainId> {
        let mut buffer = [0; DOMAIN_NAME_MAX];
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

    /// All loaded domains in order of their names.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (DomainId, &Arc<LoadedDomain>)> {
        let mut ids: Vec<_> = self.names.iter().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|(_, &id)| Some((id, self.loaded(id)?)))
    }

    /// All loaded domains.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<LoadedDomain>> {
        self.pages.iter().flat_map(|page| page.iter()).flatten()
    }

    /// A snapshot without domains.
    pub(crate) fn empty(clock: Clock) -> Self {
        Self { pages: Vec::new(), names: Arc::default(), files: Arc::default(), clock }
    }

    /// Replaces a domain, or adds it after all others if it is new. If its file held another domain before,
    /// that one is removed.
    ///
    /// # Errors
    /// [`Error::DuplicateDomain`] if another file holds the domain. Then nothing changes.
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

    /// Removes the domain of a file. No other domain gets its id.
    pub(crate) fn remove(&mut self, file: DomainFileId) {
        if self.files.contains_key(&file)
            && let Some(id) = Arc::make_mut(&mut self.files).remove(&file)
        {
            self.set(id, None);
        }
    }

    /// The id of a name; a new id if the name has none.
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
