//! Work that nobody waits for, on a thread that makes way for calls and changes.
//!
//! The thread has the lowest priority, and sleeps for a moment every millisecond. Priority alone is
//! not enough: a part of each sync is done by threads of the kernel, and on a machine whose cores
//! are all busy, a thread that never sleeps kept those waiting for tenths of a second whatever its
//! priority was (Linux 6.18, which weighs sessions against each other); a change took as long.
//!
//! One thread, not rayon's pool: that one takes all cores, and in a process that was forked its
//! threads are gone, and whoever gives them work waits for ever.

use std::panic;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Error, Result};

const NAME: &str = "callbar-merge";
/// How long it works at a stretch.
const STRETCH: Duration = Duration::from_millis(1);
/// How long it sleeps then, at least: long enough for others to be put in its place.
const REST: Duration = Duration::from_micros(50);

/// Runs `work` and waits for it. `work` calls what it is given between steps of a millisecond or
/// less.
///
/// # Errors
/// Those of `work`; [`Error::Io`] if there can be no more threads.
///
/// # Panics
/// If `work` does.
pub(super) fn run<T: Send>(work: impl FnOnce(&mut dyn FnMut()) -> Result<T> + Send) -> Result<T> {
    let run = || {
        make_way();
        let mut since = Instant::now();
        work(&mut || {
            if since.elapsed() >= STRETCH {
                thread::sleep(REST);
                since = Instant::now();
            }
        })
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(NAME.into()).spawn_scoped(scope, run);
        let done = thread.map_err(Error::io("start", NAME))?.join();
        done.unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Gives this thread the lowest priority, for good: only the privileged may raise one again. On
/// Linux alone, where it is that of a thread (setpriority(2)); elsewhere it is that of a process.
fn make_way() {
    #[cfg(target_os = "linux")]
    {
        const LOWEST: i32 = 19;
        // Refused, it goes on as it is.
        let _ = rustix::process::setpriority_process(None, LOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_while_it_works_and_answers_what_was_made() {
        let start = Instant::now();
        let rested = run(|rest| {
            let mut longest = Duration::ZERO;
            while start.elapsed() < 20 * STRETCH {
                let before = Instant::now();
                rest();
                longest = longest.max(before.elapsed());
            }
            Ok(longest)
        });
        assert!(rested.expect("a thread") >= REST);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn it_has_the_lowest_priority_and_nobody_else_has() {
        let priority = || rustix::process::getpriority_process(None).expect("a priority");
        let before = priority();
        assert_eq!(run(|_| Ok(priority())).expect("a thread"), 19);
        assert_eq!(priority(), before);
    }

    #[test]
    fn its_panics_are_those_of_whoever_waits() {
        let caught = panic::catch_unwind(|| run(|_| -> Result<()> { panic!("a test's") }));
        assert!(caught.is_err());
    }
}
