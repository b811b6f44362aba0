//! Work that no call and no change waits for, on a thread that makes way for them.
//!
//! The thread has a low priority, and sleeps for a moment after each stretch of work. Priority alone
//! is not enough: a part of each sync is done by threads of the kernel, and on a machine whose cores
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
/// The niceness of the thread: where all cores are busy it has a tenth of what another thread has, so
/// that it ends, too.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Runs `work` and waits for it. `work` calls what it is given as often as it can, for between two
/// calls it does not rest; a call before the end of a stretch costs a look at the clock.
///
/// # Errors
/// Those of `work`; [`Error::Io`] if there can be no more threads.
///
/// # Panics
/// If `work` does.
pub(crate) fn run<T: Send>(work: impl FnOnce(&mut dyn FnMut()) -> Result<T> + Send) -> Result<T> {
    let with_rests = || {
        lower_priority();
        let mut since = Instant::now();
        work(&mut || {
            if since.elapsed() >= STRETCH {
                thread::sleep(REST);
                since = Instant::now();
            }
        })
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(NAME.into()).spawn_scoped(scope, with_rests);
        let done = thread.map_err(Error::io("start", NAME))?.join();
        done.unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Lowers the priority of this thread, for good: only the privileged may raise one again. On Linux
/// alone, where it is that of a thread (setpriority(2)); elsewhere it is that of a process. A filter
/// of system calls has to let it pass or refuse it: one that kills would kill the process here.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // Refused, it goes on as it is; and a process that is nicer than that stays so.
        let nice = getpriority_process(None).map_or(NICE, |nice| nice.max(NICE));
        let _ = setpriority_process(None, nice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_each_stretch_and_answers_what_was_made() {
        let rests = run(|rest| {
            let mut rest_after_a_stretch = || {
                let start = Instant::now();
                while start.elapsed() < STRETCH {}
                let before = Instant::now();
                rest();
                before.elapsed()
            };
            Ok([(); 20].map(|()| rest_after_a_stretch()))
        });
        let rests = rests.expect("a thread");
        assert!(rests.iter().all(|&rest| rest >= REST), "{rests:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn it_has_a_low_priority_and_nobody_else_has() {
        let priority = || rustix::process::getpriority_process(None).expect("a priority");
        let before = priority();
        assert_eq!(run(|_| Ok(priority())).expect("a thread"), before.max(NICE));
        assert_eq!(priority(), before);
    }

    #[test]
    fn its_panics_are_those_of_whoever_waits() {
        let caught = panic::catch_unwind(|| run(|_| -> Result<()> { panic!("a test's") }));
        assert!(caught.is_err());
    }
}
