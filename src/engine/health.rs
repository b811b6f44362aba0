//! What an engine would tell an operator: what it could not load, and whether it hears of changes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::files::FileId;
use super::snapshot::Snapshot;
use crate::Error;

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
    /// Files that cannot be used. They are looked at again at the next change of anything, and by
    /// [`Engine::refresh`](crate::Engine::refresh).
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

/// What went wrong and was not put right yet.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// By the domain's file.
    domains: BTreeMap<FileId, Problem>,
    folder: Option<Problem>,
    compaction: Option<String>,
}

impl Faults {
    /// The domains to look at again.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.domains.keys().copied()
    }

    pub(super) fn clear(&mut self, file: FileId) {
        self.domains.remove(&file);
    }

    /// Forgets those of files that are gone, or were put right.
    pub(super) fn retain(&mut self, keep: impl Fn(FileId) -> bool) {
        self.domains.retain(|&file, _| keep(file));
    }

    pub(super) fn tell(
        &mut self,
        file: FileId,
        domain: Option<&str>,
        path: PathBuf,
        error: &Error,
    ) {
        let domain = domain.map(str::to_owned);
        self.domains.insert(file, Problem { domain, path, error: error.to_string() });
    }

    pub(super) fn tell_folder(&mut self, path: PathBuf, error: Option<&Error>) {
        let problem = |error: &Error| Problem { domain: None, path, error: error.to_string() };
        self.folder = error.map(problem);
    }

    pub(super) fn tell_compaction(&mut self, error: Option<&Error>) {
        self.compaction = error.map(Error::to_string);
    }

    pub(super) fn health(&self, snapshot: &Snapshot, generation: u64, sees_others: bool) -> Health {
        Health {
            generation,
            domains: snapshot.len(),
            sees_others,
            problems: self.folder.iter().chain(self.domains.values()).cloned().collect(),
            missing: missing(snapshot),
            failed_compaction: self.compaction.clone(),
        }
    }
}

fn missing(snapshot: &Snapshot) -> Vec<Missing> {
    let mut missing = Vec::new();
    for loaded in snapshot.all() {
        for &shared in &loaded.subscriptions {
            if snapshot.loaded(shared).is_none() {
                let shared = snapshot.name(shared).unwrap_or_default().to_owned();
                missing.push(Missing { domain: loaded.domain().to_owned(), shared });
            }
        }
    }
    missing
}
