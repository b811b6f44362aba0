//! What is not as it should be with a manager.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Shared;
use crate::Health;
use crate::store::DomainRow;

/// The state of a manager at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ManagerHealth {
    /// The state of the engine.
    pub engine: Health,
    /// Domains whose index is being made again; checks of them go by the one before, if any.
    pub rebuilding: Vec<String>,
    /// Domains whose changes are durable but not in force, and why. It is tried again.
    pub failed: Vec<(String, String)>,
    /// Whether changes are taken: not after the store failed or a defect ended their thread, until it
    /// is opened again.
    pub writable: bool,
}

impl ManagerHealth {
    /// Whether there is nothing to do for anybody.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.engine.is_good()
            && self.rebuilding.is_empty()
            && self.failed.is_empty()
            && self.writable
    }
}

/// The domains whose indexes are not what the store says.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    stale: BTreeMap<DomainRow, Stale>,
    pub(super) poisoned: bool,
    /// Whether the thread that makes changes has ended by a defect.
    pub(super) ended: bool,
}

#[derive(Debug)]
struct Stale {
    name: String,
    error: Option<String>,
}

impl Troubles {
    /// An index must be made again; `error` is what came in the way, if something did.
    pub(super) fn tell(&mut self, domain: DomainRow, name: &str, error: Option<String>) {
        self.stale.insert(domain, Stale { name: name.to_owned(), error });
    }

    /// An index that was to be made again could not be.
    pub(super) fn tell_failure(&mut self, domain: DomainRow, error: String) {
        if let Some(stale) = self.stale.get_mut(&domain) {
            stale.error = Some(error);
        }
    }

    pub(super) fn clear(&mut self, domain: DomainRow) {
        self.stale.remove(&domain);
    }

    pub(super) fn is_stale(&self, domain: DomainRow) -> bool {
        self.stale.contains_key(&domain)
    }

    /// The name of a domain that is in trouble.
    pub(super) fn name(&self, domain: DomainRow) -> Option<String> {
        self.stale.get(&domain).map(|stale| stale.name.clone())
    }

    /// Those that something came in the way of.
    pub(super) fn failed(&self) -> Vec<DomainRow> {
        let failed = self.stale.iter().filter(|(_, stale)| stale.error.is_some());
        failed.map(|(&row, _)| row).collect()
    }

    pub(super) fn stale(&self) -> Vec<DomainRow> {
        self.stale.keys().copied().collect()
    }
}

impl Shared {
    pub(super) fn health(&self) -> ManagerHealth {
        let troubles = self.troubles.lock();
        let without = troubles.stale.values().filter(|stale| stale.error.is_none());
        let with = troubles.stale.values();
        ManagerHealth {
            engine: self.engine.health(),
            rebuilding: without.map(|stale| stale.name.clone()).collect(),
            failed: with
                .filter_map(|stale| Some((stale.name.clone(), stale.error.clone()?)))
                .collect(),
            writable: !troubles.poisoned && !troubles.ended,
        }
    }
}
