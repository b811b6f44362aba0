//! The health of a manager, and the domains whose indexes are behind the store.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::changes::OwnedChange;
use super::{Progress, Shared};
use crate::store::DomainRow;
use callbar::Health;

/// Changes that are held at most while an index is compiled. If more come, it is compiled once more.
const HELD_MAX: usize = 100_000;

/// The health of a manager at one moment, from [`Manager::health`](crate::Manager::health). It serializes
/// for monitoring.
///
/// # Examples
/// ```
/// use callbar_store::{Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let health = manager.health();
/// for (domain, reason) in &health.failed {
///     eprintln!("{domain}: changes are not in force: {reason}");
/// }
/// for left_out in &health.left_out {
///     eprintln!("{}: {} entries affect no call", left_out.domain, left_out.entries);
/// }
/// assert!(health.is_good() && health.writable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ManagerHealth {
    /// The health of the engine.
    pub engine: Health,
    /// Domains whose index is being compiled again. Checks use the index before it, if there is one.
    pub rebuilding: Vec<String>,
    /// The progress of each of them that has begun.
    pub progress: Vec<Progress>,
    /// Domains whose changes are durable but not in force, and why. The manager tries again every five
    /// seconds.
    pub failed: Vec<(String, String)>,
    /// Entries in the store that no index can hold, a record for each domain that has some.
    pub left_out: Vec<LeftOutEntries>,
    /// Whether the manager takes changes. It takes none after a failed write, or if a defect ended its
    /// thread, until it is opened again.
    pub writable: bool,
}

/// Entries of a domain that an older release took and this one cannot read. They affect no call. Remove
/// each by its id, and add it in a form that this release reads.
///
/// # Examples
/// ```
/// use callbar_store::{Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// for left_out in manager.health().left_out {
///     let (list, number) = (&left_out.list, &left_out.number);
///     eprintln!("{}: {list} {number:?}: {}", left_out.domain, left_out.reason);
///     # unreachable!("all entries can be read");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOutEntries {
    /// The name of the domain.
    pub domain: String,
    /// How many entries there are.
    pub entries: u64,
    /// The list of the first one.
    pub list: String,
    /// The first one, as written.
    pub number: String,
    /// Why it cannot be read.
    pub reason: String,
}

impl ManagerHealth {
    /// Reports whether nothing is wrong and nothing is being rebuilt.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.engine.is_good()
            && self.rebuilding.is_empty()
            && self.failed.is_empty()
            && self.left_out.is_empty()
            && self.writable
    }
}

/// What is wrong with a manager: indexes that are behind the store, and failed writers.
#[derive(Debug, Default)]
pub(super) struct Faults {
    stale: BTreeMap<DomainRow, Stale>,
    /// Domains whose entries may have keys by older numbering facts.
    older: BTreeSet<DomainRow>,
    left_out: BTreeMap<DomainRow, LeftOutEntries>,
    pub(super) poisoned: bool,
    /// Whether a defect ended the thread that makes changes.
    pub(super) ended: bool,
}

#[derive(Debug)]
struct Stale {
    name: String,
    /// Whether the index must be removed, because the store no longer has the domain.
    is_removed: bool,
    error: Option<String>,
    progress: Option<(u64, u64)>,
    held: Option<Held>,
}

/// Changes that came while an index is compiled, each with the revision that it led to.
#[derive(Debug, Default)]
struct Held {
    changes: Vec<(u64, Vec<OwnedChange>)>,
    count: usize,
}

/// Why an index is behind the store.
pub(super) enum StaleReason {
    /// It is being compiled.
    Rebuilding,
    Failed(String),
}

impl Faults {
    /// Notes that an index must be compiled again; with `error`, that this failed.
    pub(super) fn mark_stale(&mut self, domain: DomainRow, name: &str, error: Option<String>) {
        let (name, is_removed) = (name.to_owned(), false);
        self.stale.insert(domain, Stale { name, is_removed, error, progress: None, held: None });
    }

    /// Notes that the index of a removed domain could not be removed.
    pub(super) fn mark_not_removed(&mut self, domain: DomainRow, name: &str, error: String) {
        self.mark_stale(domain, name, Some(error));
        self.stale.entry(domain).and_modify(|stale| stale.is_removed = true);
    }

    /// The removed domain of this name whose index remains.
    pub(super) fn not_removed(&self, name: &str) -> Option<DomainRow> {
        let mut stale = self.stale.iter();
        stale.find(|(_, stale)| stale.is_removed && stale.name == name).map(|(&row, _)| row)
    }

    /// Notes that an index must be compiled again, after its entries got keys by the present numbering
    /// facts.
    pub(super) fn mark_older_facts(&mut self, domain: DomainRow, name: &str) {
        self.mark_stale(domain, name, None);
        self.older.insert(domain);
    }

    /// Notes that an index could not be compiled again.
    pub(super) fn mark_failed(&mut self, domain: DomainRow, error: String) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            (stale.error, stale.held) = (Some(error), None);
        }
    }

    /// Notes how many entries of how many an index has that is being compiled.
    pub(super) fn set_progress(&mut self, domain: DomainRow, done: u64, total: u64) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            stale.progress = Some((done, total));
        }
    }

    /// Notes that an index is as the store is, without the entries that it left out.
    pub(super) fn mark_current(&mut self, domain: DomainRow, left_out: Option<LeftOutEntries>) {
        self.stale.remove(&domain);
        match left_out {
            Some(left_out) => self.left_out.insert(domain, left_out),
            None => self.left_out.remove(&domain),
        };
    }

    pub(super) fn is_stale(&self, domain: DomainRow) -> bool {
        self.stale.contains_key(&domain)
    }

    pub(super) fn leaves_out(&self, domain: DomainRow) -> bool {
        self.left_out.contains_key(&domain)
    }

    /// Reports whether the entries of a domain must still get new keys.
    pub(super) fn must_rekey(&self, domain: DomainRow) -> bool {
        self.older.contains(&domain)
    }

    /// Notes that they have got them. An index that was compiled before is stale now.
    pub(super) fn mark_rekeyed(&mut self, domain: DomainRow, name: &str) {
        self.older.remove(&domain);
        if !self.is_stale(domain) {
            self.mark_stale(domain, name, None);
        }
    }

    /// Why the index of a domain is behind the store; `None` if it is not.
    pub(super) fn why_stale(&self, domain: DomainRow) -> Option<StaleReason> {
        let stale = self.stale.get(&domain)?;
        Some(stale.error.clone().map_or(StaleReason::Rebuilding, StaleReason::Failed))
    }

    /// The name of a domain whose index is stale.
    pub(super) fn stale_name(&self, domain: DomainRow) -> Option<String> {
        self.stale.get(&domain).map(|stale| stale.name.clone())
    }

    pub(super) fn stale(&self) -> Vec<DomainRow> {
        self.stale.keys().copied().collect()
    }

    /// Begins to hold the changes of a stale domain.
    pub(super) fn begin_to_hold(&mut self, domain: DomainRow) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            stale.held = Some(Held::default());
        }
    }

    /// Holds changes of a stale domain, which led to this revision. If its changes are not held, or too
    /// many are, the next index that is compiled has them.
    pub(super) fn hold(&mut self, domain: DomainRow, revision: u64, changes: Vec<OwnedChange>) {
        let Some(stale) = self.stale.get_mut(&domain) else { return };
        let Some(held) = &mut stale.held else { return };
        held.count += changes.len();
        if held.count > HELD_MAX {
            stale.held = None;
            return;
        }
        held.changes.push((revision, changes));
    }

    /// Takes the held changes that lead from one revision to another; `None` if some of them are missing.
    pub(super) fn held(
        &mut self,
        domain: DomainRow,
        from: u64,
        to: u64,
    ) -> Option<Vec<OwnedChange>> {
        let held = self.stale.get_mut(&domain)?.held.take()?;
        let last = held.changes.last().map_or(from, |&(revision, _)| revision.max(from));
        let later = held.changes.into_iter().filter(|&(revision, _)| revision > from);
        (last == to).then(|| later.flat_map(|(_, changes)| changes).collect())
    }
}

impl Shared {
    pub(super) fn health(&self) -> ManagerHealth {
        let faults = self.faults.lock();
        let rebuilding = faults.stale.values().filter(|stale| stale.error.is_none());
        let failed = faults.stale.values();
        let progress = |stale: &Stale| {
            let (done, total) = stale.progress?;
            Some(Progress { domain: stale.name.clone(), done, total })
        };
        ManagerHealth {
            engine: self.engine.health(),
            rebuilding: rebuilding.clone().map(|stale| stale.name.clone()).collect(),
            progress: rebuilding.filter_map(progress).collect(),
            failed: failed
                .filter_map(|stale| Some((stale.name.clone(), stale.error.clone()?)))
                .collect(),
            left_out: faults.left_out.values().cloned().collect(),
            writable: !faults.poisoned && !faults.ended,
        }
    }
}
