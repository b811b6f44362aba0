//! What an engine would tell an operator: what it could not load, and whether it hears of changes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::Error;
use crate::engine::directory::identity::Identity;
use crate::engine::directory::names::DomainFileId;
use crate::engine::snapshot::Snapshot;
use crate::engine::snapshot::domain::Domain;
use crate::engine::snapshot::load::Failure;

/// The state of an engine at one moment.
///
/// Checks go on whatever it says: a domain whose files are bad is judged by the last that were good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// The changes of the directory that the present snapshot knows of.
    pub generation: u64,
    /// The domains in the snapshot.
    pub domains: usize,
    /// Whether changes of other processes are seen. If not, the directory has no file
    /// `indexes/changes` and this process may not make it: let a writer open the directory, then
    /// call [`Engine::refresh`](crate::Engine::refresh).
    pub sees_others: bool,
    /// Files that cannot be used. They are read again at the next change of anything, if they are
    /// other files by then, and by [`Engine::refresh`](crate::Engine::refresh) in any case.
    pub problems: Vec<Problem>,
    /// Subscriptions to domains that are not there.
    pub missing: Vec<Missing>,
    /// Why the last compaction failed, if it did; it is tried again when there is more to compact.
    pub failed_compaction: Option<String>,
}

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The domain that is judged by older files meanwhile; `None` if the file was never good, so
    /// that nobody knows its domain.
    pub domain: Option<String>,
    /// The file, or the folder.
    pub path: PathBuf,
    /// What is wrong with it, and what to do.
    pub error: String,
}

/// A subscription to a domain that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The domain that subscribes.
    pub domain: String,
    /// The domain that it subscribes to.
    pub shared: String,
}

impl Health {
    /// Whether there is nothing to do for anybody.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.sees_others
            && self.problems.is_empty()
            && self.missing.is_empty()
            && self.failed_compaction.is_none()
    }
}

/// The files that a problem lies in: see [`Failure::seen`](crate::engine::snapshot::load::Failure::seen).
pub(crate) type SeenFiles = Arc<[(PathBuf, Identity)]>;

/// What went wrong and was not put right yet.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// By the domain's file.
    domains: BTreeMap<DomainFileId, (Problem, SeenFiles)>,
    folder: Option<Problem>,
    compaction: Option<String>,
}

impl Faults {
    /// The domains to look at again, if their files are not the same.
    pub(crate) fn files(&self) -> Vec<(DomainFileId, SeenFiles)> {
        self.domains.iter().map(|(&file, (_, seen))| (file, Arc::clone(seen))).collect()
    }

    pub(crate) fn clear(&mut self, file: DomainFileId) {
        self.domains.remove(&file);
    }

    /// Forgets those of files that are gone, or were put right.
    pub(crate) fn retain(&mut self, keep: impl Fn(DomainFileId) -> bool) {
        self.domains.retain(|&file, _| keep(file));
    }

    pub(crate) fn report(
        &mut self,
        file: DomainFileId,
        domain: Option<&str>,
        path: PathBuf,
        failure: &Failure,
    ) {
        let domain = domain.map(str::to_owned);
        let problem = Problem { domain, path, error: failure.error.to_string() };
        self.domains.insert(file, (problem, failure.seen.as_slice().into()));
    }

    pub(crate) fn report_folder(&mut self, path: PathBuf, error: Option<&Error>) {
        let problem = |error: &Error| Problem { domain: None, path, error: error.to_string() };
        self.folder = error.map(problem);
    }

    pub(crate) fn report_compaction(&mut self, error: Option<&Error>) {
        self.compaction = error.map(Error::to_string);
    }

    /// What cannot be used.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let domains = self.domains.values().map(|(problem, _)| problem);
        self.folder.iter().chain(domains).cloned().collect()
    }

    /// Why the last compaction failed.
    pub(crate) fn compaction(&self) -> Option<String> {
        self.compaction.clone()
    }
}

/// The subscriptions of all domains to those that are not there.
pub(crate) fn missing(snapshot: &Snapshot) -> Vec<Missing> {
    let mut missing = Vec::new();
    for own in snapshot.all().map(|loaded| Domain::new(loaded, snapshot)) {
        let shared = own.missing().map(str::to_ascii_lowercase);
        missing.extend(shared.map(|shared| Missing { domain: own.domain().to_owned(), shared }));
    }
    missing
}
