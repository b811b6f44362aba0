//! Logs the imports and rebuilds of the manager that take long, and the entries that no index can hold.
//! Counts the indexes that were made again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callbar_store::{LeftOutEntries, ManagerEvent, OnManagerEvent, Progress};
use parking_lot::Mutex;

use super::mask::mask;
use super::metrics::Metrics;

/// How long work takes before its progress is logged, and the time between two lines about it.
const INTERVAL: Duration = Duration::from_secs(5);

/// A receiver of the manager's events that writes to the log and the metrics.
pub(crate) fn log_and_count(metrics: Arc<Metrics>) -> OnManagerEvent {
    let last = Mutex::new((String::new(), Instant::now()));
    Arc::new(move |event| {
        let (what, Progress { domain, done, total }) = match event {
            ManagerEvent::ImportRead(progress) => ("reading an import", progress),
            ManagerEvent::ImportStored(progress) => ("storing an import", progress),
            ManagerEvent::IndexProgress(progress) => ("making an index from the store", progress),
            ManagerEvent::EntriesLeftOut(left_out) => return warn_left_out(left_out),
            ManagerEvent::IndexMade(took) => return metrics.index_made(*took),
        };
        let mut last = last.lock();
        if last.0 != *domain {
            // Most work ends before the first line is due.
            *last = (domain.clone(), Instant::now());
        } else if last.1.elapsed() >= INTERVAL {
            last.1 = Instant::now();
            tracing::info!(domain, done, total, "{what}");
        }
    })
}

fn warn_left_out(LeftOutEntries { domain, entries, list, number, reason }: &LeftOutEntries) {
    let first = mask(number);
    tracing::warn!(
        domain,
        entries,
        list,
        first,
        reason,
        "entries in the store cannot be read any more, and no call is judged by them: remove them by \
         their ids"
    );
}
