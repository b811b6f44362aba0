//! Spreads work over the cores, with threads that end with the call.
//!
//! It does not use rayon's pool. In a forked process the threads of the pool are gone, and the next opening
//! of a directory would wait for them for ever. Besides, a host process keeps no threads of ours.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{num::NonZero, thread};

/// Calls `work` with each item, and returns the results in the order of the items.
pub(crate) fn map_parallel<T, R>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let take = || {
        let item = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, work(item)))
        };
        std::iter::from_fn(item).collect::<Vec<_>>()
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut done = thread::scope(|scope| {
        // If no thread can be started, this one does the work.
        let help = |_| thread::Builder::new().spawn_scoped(scope, take).ok();
        let helpers: Vec<_> = (1..cores.min(items.len())).filter_map(help).collect();
        let mut done = take();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_answered_in_order() {
        for len in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..len).collect();
            let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map_parallel(&items, |item| item * 2), expected);
        }
    }

    #[test]
    #[should_panic(expected = "on purpose")]
    fn a_panic_comes_through() {
        map_parallel(&[1, 2, 3], |item| assert!(*item < 2, "on purpose"));
    }
}
