//! The threads of a manager. One makes changes: it commits together what is waiting, and cleans up between
//! groups. The other compiles stale indexes again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::writers::{ChangeRequest, CommitResult, CommittedChanges};
use crate::manager::Shared;
use crate::manager::cleanup::SteadyClock;
use crate::manager::operation::Operation;
use crate::{Error, Result};

/// The most requests that are committed together: some milliseconds of work.
const GROUP_MAX: usize = 512;
/// How long the thread waits between two cleanups, also if changes never cease.
const CLEANUP_INTERVAL: Duration = Duration::from_millis(500);
/// How long an index that could not be compiled waits for the next attempt.
const REBUILD_RETRY: Duration = Duration::from_secs(5);

/// The most time that closing spends on rows of removed lists. A directory that only commands use is not
/// cleaned up at any other time, and the next command waits for it.
const FINAL_PURGE_MAX: Duration = Duration::from_secs(3);

struct Job {
    request: ChangeRequest,
    answer: Sender<CommitResult>,
}

/// The callers' side of the threads.
pub(in crate::manager) struct Committer {
    /// `None` after shutting down.
    senders: Mutex<Option<Senders>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The senders that the threads wait for. Dropping them ends the threads.
struct Senders {
    jobs: Sender<Job>,
    _rebuilding: Sender<()>,
}

impl Committer {
    /// Starts the two threads. Changes of other domains do not wait for an index that is compiled again.
    ///
    /// # Errors
    /// [`callbar::Error::Io`]
    pub(in crate::manager) fn start(shared: &Arc<Shared>, cleanup_delay: Duration) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let (rebuilding, closing) = mpsc::channel();
        let (own, other) = (Arc::clone(shared), Arc::clone(shared));
        let threads = vec![
            spawn("callbar-commit", move || {
                run_commits(&own, &waiting, SteadyClock::new(cleanup_delay));
            })?,
            spawn("callbar-rebuild", move || run_rebuilds(&other, &closing))?,
        ];
        let senders = Senders { jobs, _rebuilding: rebuilding };
        Ok(Self { senders: Mutex::new(Some(senders)), threads: Mutex::new(threads) })
    }

    pub(in crate::manager) fn apply(&self, who: &str, operations: Vec<Operation>) -> CommitResult {
        if operations.is_empty() {
            return Ok(CommittedChanges { applied: Vec::new(), held: Vec::new() });
        }
        let (answer, answered) = mpsc::channel();
        let request = ChangeRequest { who: who.to_owned(), operations };
        let sent = match &*self.senders.lock() {
            Some(senders) => senders.jobs.send(Job { request, answer }).is_ok(),
            None => false,
        };
        if !sent {
            return Err(Error::Closed);
        }
        answered.recv().unwrap_or(Err(Error::Closed))
    }

    /// # Errors
    /// [`Error::Closed`]
    pub(in crate::manager) fn verify_open(&self) -> Result<()> {
        if self.senders.lock().is_some() { Ok(()) } else { Err(Error::Closed) }
    }

    pub(in crate::manager) fn shut_down(&self) {
        drop(self.senders.lock().take());
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A panic was printed, and every waiting caller got an answer.
            let _ = thread.join();
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.shut_down();
    }
}

fn spawn(name: &'static str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(run).map_err(Error::io("start", name))
}

/// Records for the health that its thread panicked, so that no more changes are taken.
struct PanicGuard<'s>(&'s Shared);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.faults.lock().ended = true;
        }
    }
}

/// Compiles stale indexes at once, and from time to time those that failed or became stale since.
fn run_rebuilds(shared: &Shared, closing: &Receiver<()>) {
    let mut rows = shared.faults.lock().stale();
    loop {
        // Finished even if the manager closes meanwhile, so that a command that opens a directory and
        // closes it at once leaves no stale index.
        for row in rows {
            shared.rebuild_one(row);
        }
        if !matches!(closing.recv_timeout(REBUILD_RETRY), Err(RecvTimeoutError::Timeout)) {
            return;
        }
        rows = shared.faults.lock().stale();
    }
}

fn run_commits(shared: &Shared, waiting: &Receiver<Job>, mut clock: SteadyClock) {
    let _guard = PanicGuard(shared);
    let mut cleaned = Instant::now();
    let mut wait = CLEANUP_INTERVAL;
    loop {
        match waiting.recv_timeout(wait) {
            Ok(first) => {
                commit(shared, first, waiting);
                if cleaned.elapsed() < CLEANUP_INTERVAL {
                    continue;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return shared.purge_at_end(FINAL_PURGE_MAX),
        }
        let clean_up = AssertUnwindSafe(|| shared.clean_up(&mut clock));
        // A defect in the cleanup must not end the thread that makes changes.
        let more = catch_unwind(clean_up).unwrap_or(false);
        wait = if more { Duration::ZERO } else { CLEANUP_INTERVAL };
        cleaned = Instant::now();
    }
}

/// Commits the first request together with all that wait by now.
fn commit(shared: &Shared, first: Job, waiting: &Receiver<Job>) {
    let mut writers = shared.writers.lock();
    // Requests that came while an import held the writers are in the same group.
    let jobs = std::iter::once(first).chain(waiting.try_iter()).take(GROUP_MAX);
    let (requests, answers): (Vec<ChangeRequest>, Vec<Sender<CommitResult>>) =
        jobs.map(|Job { request, answer }| (request, answer)).unzip();
    let answered = writers.commit(shared, &requests);
    drop(writers);
    for (answer, to) in answered.into_iter().zip(answers) {
        // A caller that is gone needs no answer.
        let _ = to.send(answer);
    }
}
