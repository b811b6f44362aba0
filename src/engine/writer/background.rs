//! A thread for work that no call and no change waits for.
//!
//! It has a low priority, and sleeps for a moment after each stretch of work. Priority alone is not enough.
//! Threads of the kernel do a part of each sync. On a machine whose cores were all busy, a thread that never
//! slept kept them waiting for tenths of a second at any priority (Linux 6.18, which weighs sessions against
//! each other), and a change took as long.
//!
//! It is one thread and not rayon's pool, because the pool takes all cores. In a forked process the threads
//! of the pool are gone, and a thread that gives them work waits for ever.

use std::time::{Duration, Instant};
use std::{panic, thread};

use crate::{Error, Result};

const NAME: &str = "callbar-merge";
/// How long it works without a rest.
const STRETCH: Duration = Duration::from_millis(1);
/// How long it sleeps then, at least: long enough for another thread to get its core.
const REST: Duration = Duration::from_micros(50);
/// The niceness of the thread. If all cores are busy, it gets a tenth of the time of another thread, so that
/// it ends too.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Runs `work` on such a thread, and waits for it. `work` calls its argument as often as it can, because it
/// rests only then. A call before the end of a stretch costs a look at the clock.
///
/// # Errors
/// Those of `work`; [`Error::Io`] if no thread can be started.
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

/// Lowers the priority of this thread for good: only a privileged process may raise it again. Only on Linux,
/// where setpriority(2) changes one thread; elsewhere it changes the whole process. A filter of system calls
/// must allow it or refuse it; one that kills ends the process here.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // If it is refused, the priority stays. A higher niceness stays too.
        let nice = getpriority_process(None).map_or(NICE, |nice| nice.max(NICE));
        let _ = setpriority_process(None, nice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_each_stretch_and_returns_the_result() {
        let rests = run(|pause| {
            let mut rest_after_a_stretch = || {
                let start = Instant::now();
                while start.elapsed() < STRETCH {}
                let before = Instant::now();
                pause();
                before.elapsed()
            };
            Ok([(); 20].map(|()| rest_after_a_stretch()))
        });
        let rests = rests.expect("a thread");
        assert!(rests.iter().all(|&rest| rest >= REST), "{rests:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_this_thread_has_a_low_priority() {
        let priority = || rustix::process::getpriority_process(None).expect("a priority");
        let before = priority();
        assert_eq!(run(|_| Ok(priority())).expect("a thread"), before.max(NICE));
        assert_eq!(priority(), before);
    }

    #[test]
    fn a_panic_reaches_the_thread_that_waits() {
        let caught = panic::catch_unwind(|| run(|_| -> Result<()> { panic!("a test's") }));
        assert!(caught.is_err());
    }
}
