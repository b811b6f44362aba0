//! What is not as it should be with a manager.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::effect::Owned;
use super::{Progress, Shared};
use crate::store::DomainRow;
use callbar::Health;

/// Changes that are held for an index that is being made; beyond, it is made once more.
const HELD_MAX: usize = 100_000;

/// The state of a manager at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ManagerHealth {
    /// The state of the engine.
    pub engine: Health,
    /// Domains whose index is being made again; checks of them go by the one before, if any.
    pub rebuilding: Vec<String>,
    /// How far those have come that are being made.
    pub progress: Vec<Progress>,
    /// Domains whose changes are durable but not in force, and why. It is tried again.
    pub failed: Vec<(String, String)>,
    /// Entries that the store has and no index can have.
    pub left_out: Vec<LeftOut>,
    /// Whether changes are taken: not after the store failed or a defect ended their thread, until it
    /// is opened again.
    pub writable: bool,
}

/// Entries of a domain that an older release took and this one cannot read. No call is judged by
/// them: remove each by its id, and add what was meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The domain.
    pub domain: String,
    /// How many they are.
    pub entries: u64,
    /// The list that the first is on.
    pub list: String,
    /// The first, as it is written.
    pub number: String,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

impl ManagerHealth {
    /// Whether there is nothing to do for anybody.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.engine.is_good()
            && self.rebuilding.is_empty()
            && self.failed.is_empty()
            && self.left_out.is_empty()
            && self.writable
    }
}

/// The domains whose indexes are not what the store says.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    stale: BTreeMap<DomainRow, Stale>,
    /// Those whose entries may be filed by older numbering facts.
    older: BTreeSet<DomainRow>,
    left_out: BTreeMap<DomainRow, LeftOut>,
    pub(super) poisoned: bool,
    /// Whether the thread that makes changes has ended by a defect.
    pub(super) ended: bool,
}

#[derive(Debug)]
struct Stale {
    name: String,
    /// Whether it is to go, for the store no longer has the domain.
    is_removed: bool,
    error: Option<String>,
    progress: Option<(u64, u64)>,
    held: Option<Held>,
}

/// Changes that came since an index is being made, each with the revision that it led to.
#[derive(Debug, Default)]
struct Held {
    changes: Vec<(u64, Vec<Owned>)>,
    count: usize,
}

/// Why an index is not what the store says.
pub(super) enum Lack {
    /// It is being made.
    IsMade,
    Failed(String),
}

impl Troubles {
    /// An index must be made again; `error` is what came in the way, if something did.
    pub(super) fn tell(&mut self, domain: DomainRow, name: &str, error: Option<String>) {
        let (name, is_removed) = (name.to_owned(), false);
        self.stale.insert(domain, Stale { name, is_removed, error, progress: None, held: None });
    }

    /// The index of a domain that was removed could not be.
    pub(super) fn tell_remaining(&mut self, domain: DomainRow, name: &str, error: String) {
        self.tell(domain, name, Some(error));
        self.stale.entry(domain).and_modify(|stale| stale.is_removed = true);
    }

    /// The domain of this name that was removed while its index remains.
    pub(super) fn remaining(&self, name: &str) -> Option<DomainRow> {
        let mut stale = self.stale.iter();
        stale.find(|(_, stale)| stale.is_removed && stale.name == name).map(|(&row, _)| row)
    }

    /// The same, and the entries are to be filed by the present numbering facts before.
    pub(super) fn tell_older_facts(&mut self, domain: DomainRow, name: &str) {
        self.tell(domain, name, None);
        self.older.insert(domain);
    }

    /// An index that was to be made again could not be.
    pub(super) fn tell_failure(&mut self, domain: DomainRow, error: String) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            (stale.error, stale.held) = (Some(error), None);
        }
    }

    /// How many entries of how many have come into an index that is being made.
    pub(super) fn tell_progress(&mut self, domain: DomainRow, done: u64, total: u64) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            stale.progress = Some((done, total));
        }
    }

    /// An index is what the store says, but for what it had to leave out.
    pub(super) fn settle(&mut self, domain: DomainRow, left_out: Option<LeftOut>) {
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

    /// Whether the entries of a domain are still to be filed again.
    pub(super) fn must_refile(&self, domain: DomainRow) -> bool {
        self.older.contains(&domain)
    }

    /// They have been: an index that was made of them before is stale, too.
    pub(super) fn refiled(&mut self, domain: DomainRow, name: &str) {
        self.older.remove(&domain);
        if !self.is_stale(domain) {
            self.tell(domain, name, None);
        }
    }

    /// Why the index of a domain is not what the store says, unless it is.
    pub(super) fn lack(&self, domain: DomainRow) -> Option<Lack> {
        let stale = self.stale.get(&domain)?;
        Some(stale.error.clone().map_or(Lack::IsMade, Lack::Failed))
    }

    /// The name of a domain that is in trouble.
    pub(super) fn name(&self, domain: DomainRow) -> Option<String> {
        self.stale.get(&domain).map(|stale| stale.name.clone())
    }

    pub(super) fn stale(&self) -> Vec<DomainRow> {
        self.stale.keys().copied().collect()
    }

    /// From now on the changes of a stale domain are held.
    pub(super) fn begin_to_hold(&mut self, domain: DomainRow) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            stale.held = Some(Held::default());
        }
    }

    /// Takes changes that led to a revision of a stale domain. Where none are held, or too many, the
    /// index that is made next has them.
    pub(super) fn hold(&mut self, domain: DomainRow, revision: u64, changes: Vec<Owned>) {
        let Some(stale) = self.stale.get_mut(&domain) else { return };
        let Some(held) = &mut stale.held else { return };
        held.count += changes.len();
        if held.count > HELD_MAX {
            stale.held = None;
            return;
        }
        held.changes.push((revision, changes));
    }

    /// What was held that leads from one revision to another; none if that is not all of it.
    pub(super) fn held(&mut self, domain: DomainRow, from: u64, to: u64) -> Option<Vec<Owned>> {
        let held = self.stale.get_mut(&domain)?.held.take()?;
        let later = held.changes.into_iter().filter(|(revision, _)| *revision > from);
        let (mut last, mut all) = (from, Vec::new());
        for (revision, changes) in later {
            last = revision;
            all.extend(changes);
        }
        (last == to).then_some(all)
    }
}

impl Shared {
    pub(super) fn health(&self) -> ManagerHealth {
        let troubles = self.troubles.lock();
        let making = troubles.stale.values().filter(|stale| stale.error.is_none());
        let failed = troubles.stale.values();
        let progress = |stale: &Stale| {
            let (done, total) = stale.progress?;
            Some(Progress { domain: stale.name.clone(), done, total })
        };
        ManagerHealth {
            engine: self.engine.health(),
            rebuilding: making.clone().map(|stale| stale.name.clone()).collect(),
            progress: making.filter_map(progress).collect(),
            failed: failed
                .filter_map(|stale| Some((stale.name.clone(), stale.error.clone()?)))
                .collect(),
            left_out: troubles.left_out.values().cloned().collect(),
            writable: !troubles.poisoned && !troubles.ended,
        }
    }
}
