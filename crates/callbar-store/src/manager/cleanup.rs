//! Removes expired entries, rows of removed lists and old log lines, between changes.

use std::time::{Duration, Instant};

use super::Shared;
use super::changes::{IndexUpdates, OwnedChange, Writers};
use crate::store::ExpiredEntries;
use crate::{Error, Result};
use callbar::EntryKey;

/// Rows that are removed at a time, so that no change waits long.
const SLICE: u32 = 500;
/// The same while closing, when no change waits.
const LARGE_SLICE: u32 = 20_000;
/// How long lines of the audit log are kept: 400 days.
const LOG_SECONDS: u64 = 400 * 24 * 3_600;

impl Shared {
    /// Removes some rows. Returns true if there are more. What depends on the time waits until `clock` is
    /// steady.
    pub(super) fn clean_up(&self, clock: &mut SteadyClock) -> bool {
        let mut writers = self.writers.lock();
        if writers.store.is_poisoned() {
            return false;
        }
        let now = clock.second(self.clock.now());
        let more = self
            .remove_expired(&mut writers, now)
            .and_then(|more| Ok(purge(&mut writers, now, SLICE)? || more));
        self.faults.lock().poisoned = writers.store.is_poisoned();
        // The health and the next change report an error of the store.
        more.unwrap_or(false)
    }

    /// Purges rows of removed lists and domains until none are left or `limit` has passed.
    pub(super) fn purge_at_end(&self, limit: Duration) {
        let start = Instant::now();
        let mut writers = self.writers.lock();
        while start.elapsed() < limit && !writers.store.is_poisoned() {
            // A failure is left for the next time.
            if !purge(&mut writers, None, LARGE_SLICE).unwrap_or(false) {
                return;
            }
        }
    }

    /// Removes some expired entries, which no check obeys any more.
    fn remove_expired(&self, writers: &mut Writers, now: Option<u64>) -> Result<bool> {
        let Some(now) = now else { return Ok(false) };
        let mut group = writers.store.begin()?;
        let ExpiredEntries { entries, more } = group.remove_expired(now, SLICE)?;
        if entries.is_empty() {
            group.rollback()?;
            return Ok(false);
        }
        let mut updates = IndexUpdates::default();
        let reader = group.reader()?;
        for of_list in entries.chunk_by(|(list, _), (next, _)| list == next) {
            let list = reader.list_at(of_list[0].0)?.ok_or(Error::Gone { what: "list" })?;
            let domain = reader.domain_at(list.domain)?.ok_or(Error::Gone { what: "domain" })?;
            for (_, key) in of_list {
                match EntryKey::from_stored(key) {
                    Some(key) => {
                        let remove = OwnedChange::Remove { list: list.name.clone(), key };
                        updates.change(list.domain, &domain.name, remove);
                    }
                    // The stored form does not hold this key: the index is compiled again without it.
                    None => updates.recompile(list.domain, &domain.name),
                }
            }
        }
        let revisions = group.commit()?;
        writers.put_into_force(self, updates, revisions);
        Ok(more)
    }
}

/// Purges some rows of removed lists and domains, and some old lines of the log. Returns true if there are
/// more rows.
fn purge(writers: &mut Writers, now: Option<u64>, slice: u32) -> Result<bool> {
    let mut group = writers.store.begin()?;
    let more = group.purge(slice)?;
    if let Some(now) = now {
        group.prune_audit(now.saturating_sub(LOG_SECONDS), slice)?;
    }
    group.commit()?;
    Ok(more)
}

/// A clock that ignores short jumps, such as after the answer of a wrong time server. Such a jump must not
/// remove anything. Checks ignore expired entries meanwhile, removed or not.
#[derive(Debug)]
pub(super) struct SteadyClock {
    start: Instant,
    watch: ClockWatch,
}

/// The smallest distance of the clock from its start, in the present period and in the one before.
#[derive(Debug)]
struct ClockWatch {
    delay: Duration,
    period: u128,
    smallest: [Option<u64>; 2],
}

impl SteadyClock {
    /// A clock that is steady once it has not jumped for so long.
    pub(super) fn new(delay: Duration) -> Self {
        Self { start: Instant::now(), watch: ClockWatch { delay, period: 0, smallest: [None; 2] } }
    }

    /// The latest second that the clock, now at `now`, has been at or after for the whole delay; `None` if
    /// it has not been watched for so long.
    pub(super) fn second(&mut self, now: u64) -> Option<u64> {
        self.watch.second(self.start.elapsed(), now)
    }
}

impl ClockWatch {
    fn second(&mut self, elapsed: Duration, now: u64) -> Option<u64> {
        let Some(period) = elapsed.as_millis().checked_div(self.delay.as_millis()) else {
            return Some(now);
        };
        let distance = now.saturating_sub(elapsed.as_secs());
        self.smallest = match period - self.period {
            0 => self.smallest,
            1 => [None, self.smallest[0]],
            _ => [None; 2],
        };
        self.period = period;
        let smallest = self.smallest[0].map_or(distance, |smallest| smallest.min(distance));
        self.smallest[0] = Some(smallest);
        Some(self.smallest[1]?.min(smallest) + elapsed.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    #[test]
    fn a_clock_is_believed_once_it_has_been_right_for_a_while() {
        let delay = Duration::from_mins(10);
        let mut watch = ClockWatch { delay, period: 0, smallest: [None; 2] };
        let mut at = |elapsed, now| watch.second(Duration::from_secs(elapsed), now);
        assert_eq!(at(0, NOW), None);
        assert_eq!(at(599, NOW + 599), None);
        assert_eq!(at(600, NOW + 600), Some(NOW + 600));
        // Ahead for a while, and back again.
        assert_eq!(at(700, NOW + 40_000_000), Some(NOW + 700));
        assert_eq!(at(1_250, NOW + 40_000_000), Some(NOW + 1_250));
        assert_eq!(at(1_300, NOW + 1_300), Some(NOW + 1_300));
        // Set forward for good.
        assert_eq!(at(1_900, NOW + 5_000), Some(NOW + 1_900));
        assert_eq!(at(2_500, NOW + 5_600), Some(NOW + 5_600));
        // Not watched for long.
        assert_eq!(at(9_000, NOW + 20_000), None);
    }

    #[test]
    fn without_patience_it_is_believed_at_once() {
        let mut watch = ClockWatch { delay: Duration::ZERO, period: 0, smallest: [None; 2] };
        assert_eq!(watch.second(Duration::ZERO, NOW), Some(NOW));
    }
}
