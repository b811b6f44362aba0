//! Logs the imports and rebuilds of the manager that take long, and the entries that no index can hold.
//! Counts the indexes that were made again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callbar_store::{LeftOut, News, OnNews, Progress};
use parking_lot::Mutex;

use super::mask::mask;
use super::metrics::Metrics;

/// How long work takes before its progress is logged, and the time between two lines about it.
const INTERVAL: Duration = Duration::from_secs(5);

/// A receiver of the manager's news that writes to the log and the metrics.
pub(crate) fn log_and_count(metrics: Arc<Metrics>) -> OnNews {
    let last = Mutex::new((String::new(), Instant::now()));
    Arc::new(move |news| {
        let (what, Progress { domain, done, total }) = match news {
            News::Read(progress) => ("reading an import", progress),
            News::Stored(progress) => ("storing an import", progress),
            News::Indexed(progress) => ("making an index from the store", progress),
            News::LeftOut(left_out) => return warn_left_out(left_out),
            News::Made(took) => return metrics.index_made(*took),
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

fn warn_left_out(LeftOut { domain, entries, list, number, reason }: &LeftOut) {
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
