//! What is done now and then: expired entries removed, dropped rows purged, old lines of the log too.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

use super::Shared;
use super::core::{Core, revisions};
use super::effect::{Effects, Owned};
use super::past::Past;
use crate::store::{DomainRow, Expired, StoredDomain};
use crate::{Error, Result};
use callbar::shown;

/// Rows that are removed or purged at a time, so that nobody waits long.
const SLICE: u32 = 500;
/// The same at the end, when nobody waits.
const LARGE_SLICE: u32 = 20_000;
/// Seconds that the log of changes is kept: 400 days.
const LOG: u64 = 400 * 24 * 3_600;

impl Shared {
    /// Does some of what there is to do. Whether there is more.
    ///
    /// What goes by the clock waits until `past` has a second to go by.
    pub(super) fn keep_house(&self, past: &mut Past) -> bool {
        let mut core = self.core.lock();
        if core.store.is_poisoned() {
            return false;
        }
        let now = past.second(self.clock.now());
        let more = self
            .remove_expired(&mut core, now)
            .and_then(|more| Ok(purge(&mut core, now, SLICE)? || more));
        self.troubles.lock().poisoned = core.store.is_poisoned();
        // An error of the store is told by the health, and by the next change.
        more.unwrap_or(false)
    }

    /// Purges what dropped lists and domains left, as far as it can be done in that time.
    pub(super) fn clear_up(&self, most: Duration) {
        let start = Instant::now();
        let mut core = self.core.lock();
        while start.elapsed() < most && !core.store.is_poisoned() {
            // What fails here is left for the next time.
            if !purge(&mut core, None, LARGE_SLICE).unwrap_or(false) {
                return;
            }
        }
    }

    /// Expired entries count for nobody; removing them frees their room.
    fn remove_expired(&self, core: &mut Core, now: Option<u64>) -> Result<bool> {
        let Some(now) = now else { return Ok(false) };
        let mut group = core.store.begin()?;
        let Expired { entries, more } = group.remove_expired(now, SLICE)?;
        if entries.is_empty() {
            group.rollback()?;
            return Ok(false);
        }
        let mut effects = Effects::default();
        let mut domains: HashMap<DomainRow, StoredDomain> = HashMap::new();
        for (row, key) in entries {
            let reader = group.reader()?;
            let list = reader.list_at(row)?.ok_or(Error::Gone { what: "list" })?;
            let domain = match domains.entry(list.domain) {
                Entry::Occupied(domain) => domain.into_mut(),
                Entry::Vacant(place) => {
                    let found = reader.domain_at(list.domain)?;
                    place.insert(found.ok_or(Error::Gone { what: "domain" })?)
                }
            };
            let remove = Owned::Remove { list: list.name, entry: shown(&key).to_owned() };
            effects.change(list.domain, &domain.name, remove);
        }
        let revisions = revisions(group.commit()?);
        core.put_into_force(self, effects.into_domains(), &revisions);
        Ok(more)
    }
}

/// Purges some of what dropped lists and domains left, and what is old of the log.
fn purge(core: &mut Core, now: Option<u64>, slice: u32) -> Result<bool> {
    let mut group = core.store.begin()?;
    let more = group.purge(slice)?;
    if let Some(now) = now {
        group.prune_audit(now.saturating_sub(LOG), slice)?;
    }
    group.commit()?;
    Ok(more)
}
