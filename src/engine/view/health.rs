//! What an operator should know: files that could not be loaded, and whether changes are seen.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde::Serialize;

use crate::Error;
use crate::engine::directory::{identity::Identity, names::DomainFileId};
use crate::engine::snapshot::{Snapshot, domain::Domain, load::Failure};

/// The state of an engine at one moment, from [`Engine::health`](crate::Engine::health).
///
/// Checks go on in any state: if the files of a domain are bad, its last good lists hold. So a program
/// notices only by looking here. Report it once a minute or so, and raise an alarm if it is not good.
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// let health = engine.health();
/// if !health.sees_others {
///     eprintln!("changes of other processes are not seen: let a writer open the directory");
/// }
/// for problem in &health.problems {
///     eprintln!("{}: {}", problem.path.display(), problem.error);
/// }
/// assert!(health.is_good());
/// assert_eq!(health.domains, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// The number of changes of the directory that the present snapshot has.
    pub generation: u64,
    /// The domains in the snapshot.
    pub domains: usize,
    /// Whether changes of other processes are seen.
    ///
    /// It is false if the directory has no file `indexes/changes` and this process may not make it. Then
    /// checks go on with the lists of the moment when the directory was opened, without any error. Let a
    /// writer open the directory, then call [`Engine::refresh`](crate::Engine::refresh).
    pub sees_others: bool,
    /// Files that cannot be used. The next change of any domain reads them again if they were replaced.
    /// [`Engine::refresh`](crate::Engine::refresh) always does.
    pub problems: Vec<FileProblem>,
    /// Subscriptions to domains that are not loaded.
    pub missing: Vec<MissingDomain>,
    /// Why the last compaction failed, if it did. The next one is tried when there is more to compact.
    pub failed_compaction: Option<String>,
}

/// A file that cannot be used.
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// std::fs::write(data.join("indexes/00000002.index"), "copied here by mistake")?;
/// let problem = &engine.refresh().problems[0];
/// assert_eq!(problem.domain, None);
/// assert!(problem.path.ends_with("indexes/00000002.index"));
/// assert!(problem.error.ends_with("not a callbar index: check the path"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileProblem {
    /// The domain, whose older files are in use meanwhile; `None` if the file was never good, so that its
    /// domain is not known.
    pub domain: Option<String>,
    /// The file or the folder.
    pub path: PathBuf,
    /// What is wrong with it, and what to do.
    pub error: String,
}

/// A subscription to a domain that is not loaded.
///
/// # Examples
/// ```
/// use callbar::{Change, Engine, Settings};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// let settings = Settings { subscriptions: vec!["shared.example".into()], ..Settings::default() };
/// engine.writer()?.change("my.example", &[Change::Settings(settings)])?;
/// let health = engine.health();
/// assert!(!health.is_good());
/// assert_eq!((&*health.missing[0].domain, &*health.missing[0].shared), ("my.example", "shared.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MissingDomain {
    /// The domain that subscribes.
    pub domain: String,
    /// The domain that it subscribes to.
    pub shared: String,
}

impl Health {
    /// Reports whether an operator has nothing to do.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// assert!(engine.health().is_good());
    /// std::fs::write(data.join("indexes/00000002.index"), "copied here by mistake")?;
    /// assert!(!engine.refresh().is_good());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.sees_others
            && self.problems.is_empty()
            && self.missing.is_empty()
            && self.failed_compaction.is_none()
    }
}

/// The files that cause a problem: see [`Failure::seen`](crate::engine::snapshot::load::Failure::seen).
pub(crate) type SeenFiles = Arc<[(PathBuf, Identity)]>;

/// The problems that were not solved yet.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// The problem of each domain, by its file.
    pub(super) domains: BTreeMap<DomainFileId, (FileProblem, SeenFiles)>,
    folder: Option<FileProblem>,
    pub(super) compaction: Option<String>,
}

impl Faults {
    /// The domains to look at again if their files were replaced.
    pub(crate) fn files(&self) -> Vec<(DomainFileId, SeenFiles)> {
        self.domains.iter().map(|(&file, (_, seen))| (file, Arc::clone(seen))).collect()
    }

    pub(crate) fn clear(&mut self, file: DomainFileId) {
        self.domains.remove(&file);
    }

    pub(crate) fn report(
        &mut self,
        file: DomainFileId,
        domain: Option<&str>,
        path: PathBuf,
        failure: &Failure,
    ) {
        let domain = domain.map(str::to_owned);
        let problem = FileProblem { domain, path, error: failure.error.to_line() };
        self.domains.insert(file, (problem, failure.seen.as_slice().into()));
    }

    pub(crate) fn report_folder(&mut self, path: PathBuf, error: Option<&Error>) {
        let problem = |error: &Error| FileProblem { domain: None, path, error: error.to_line() };
        self.folder = error.map(problem);
    }

    /// The files that cannot be used.
    pub(crate) fn problems(&self) -> Vec<FileProblem> {
        let domains = self.domains.values().map(|(problem, _)| problem);
        self.folder.iter().chain(domains).cloned().collect()
    }
}

/// The subscriptions of all domains to domains that are not loaded.
pub(crate) fn missing(snapshot: &Snapshot) -> Vec<MissingDomain> {
    let mut missing = Vec::new();
    for own in snapshot.all().map(|loaded| Domain::new(loaded, snapshot)) {
        let shared = own.missing().map(str::to_ascii_lowercase);
        missing
            .extend(shared.map(|shared| MissingDomain { domain: own.domain().to_owned(), shared }));
    }
    missing
}
