//! What the log of a server tells of indexes and imports that take long, and of what no index can have;
//! indexes that were made again are counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::mask::mask;
use super::metrics::Metrics;
use callbar_store::{LeftOutEntries, ManagerEvent, OnManagerEvent, Progress};

/// How long work may take before it is told, and how often it is told then.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells the log and the metrics.
pub(super) fn of_server(metrics: Arc<Metrics>) -> OnManagerEvent {
    let told = Mutex::new((String::new(), Instant::now()));
    Arc::new(move |news| {
        let (what, Progress { domain, done, total }) = match news {
            ManagerEvent::ImportRead(progress) => ("an import is read", progress),
            ManagerEvent::ImportStored(progress) => ("an import is stored", progress),
            ManagerEvent::IndexProgress(progress) => ("an index is made from the store", progress),
            ManagerEvent::EntriesLeftOut(left_out) => return tell_left_out(left_out),
            ManagerEvent::IndexMade(took) => return metrics.made(*took),
        };
        let mut told = told.lock();
        if told.0 != *domain {
            // Most are made in a moment.
            *told = (domain.clone(), Instant::now());
        } else if told.1.elapsed() >= PAUSE {
            told.1 = Instant::now();
            tracing::info!(domain, done, total, "{what}");
        }
    })
}

fn tell_left_out(LeftOutEntries { domain, entries, list, number, reason }: &LeftOutEntries) {
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
