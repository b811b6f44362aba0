//! The thread that changes are made in: it takes together what is waiting, and between groups
//! removes what has expired and purges what was dropped. A second one makes stale indexes again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Shared;
use super::core::{Answer, Committed, Unit};
use super::operation::Operation;
use super::past::Past;
use crate::{Error, Result};

/// The most that are committed together: some milliseconds of work.
const GROUP_MAX: usize = 512;
/// How long the house is left alone: changes that never cease do not keep it from being kept.
const HOUSE: Duration = Duration::from_millis(500);
/// How long what failed is left alone before it is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How long the end may take for what dropped lists left: with commands alone, no other time comes,
/// and the next one waits for it.
const CLEARING: Duration = Duration::from_secs(3);

struct Job {
    unit: Unit,
    answer: Sender<Answer>,
}

/// The callers' end of the threads.
pub(super) struct Committer {
    /// Taken when no more changes are taken.
    open: Mutex<Option<Open>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads wait for; when it goes, they end.
struct Open {
    jobs: Sender<Job>,
    _rebuilding: Sender<()>,
}

impl Committer {
    /// Starts the thread, and another that makes indexes again that are stale or could not be made:
    /// other domains' changes do not wait for those.
    ///
    /// # Errors
    /// [`callbar::Error::Io`]
    pub(super) fn start(shared: &Arc<Shared>, patience: Duration) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let (rebuilding, closing) = mpsc::channel();
        let (own, other) = (Arc::clone(shared), Arc::clone(shared));
        let threads = vec![
            spawn("callbar-commit", move || run(&own, &waiting, Past::new(patience)))?,
            spawn("callbar-rebuild", move || rebuild(&other, &closing))?,
        ];
        let open = Open { jobs, _rebuilding: rebuilding };
        Ok(Self { open: Mutex::new(Some(open)), threads: Mutex::new(threads) })
    }

    pub(super) fn apply(&self, who: &str, operations: Vec<Operation>) -> Answer {
        if operations.is_empty() {
            return Ok(Committed { applied: Vec::new(), held: Vec::new() });
        }
        let (answer, answered) = mpsc::channel();
        let unit = Unit { who: who.to_owned(), operations };
        let sent = match &*self.open.lock() {
            Some(open) => open.jobs.send(Job { unit, answer }).is_ok(),
            None => false,
        };
        if !sent {
            return Err(Error::Closed);
        }
        answered.recv().unwrap_or(Err(Error::Closed))
    }

    /// # Errors
    /// [`Error::Closed`]
    pub(super) fn verify_open(&self) -> Result<()> {
        if self.open.lock().is_some() { Ok(()) } else { Err(Error::Closed) }
    }

    pub(super) fn shut_down(&self) {
        drop(self.open.lock().take());
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A panic was told on standard error, and every caller that waited was answered.
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

/// Tells health that changes are no longer taken, should the thread that has it panic.
struct Alarm<'s>(&'s Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.troubles.lock().ended = true;
        }
    }
}

/// Makes stale indexes at once, and again and again those that could not be made or became stale.
fn rebuild(shared: &Shared, closing: &Receiver<()>) {
    let mut rows = shared.troubles.lock().stale();
    loop {
        // To its end, also when the manager closes meanwhile: a command that opens a directory, and
        // closes it at once, leaves it whole.
        for row in rows {
            shared.rebuild_one(row);
        }
        if !matches!(closing.recv_timeout(RETRY), Err(RecvTimeoutError::Timeout)) {
            return;
        }
        rows = shared.troubles.lock().stale();
    }
}

fn run(shared: &Shared, waiting: &Receiver<Job>, mut past: Past) {
    let _alarm = Alarm(shared);
    let mut kept = Instant::now();
    let mut wait = HOUSE;
    loop {
        match waiting.recv_timeout(wait) {
            Ok(first) => {
                commit(shared, first, waiting);
                if kept.elapsed() < HOUSE {
                    continue;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return shared.clear_up(CLEARING),
        }
        let house = AssertUnwindSafe(|| shared.keep_house(&mut past));
        // What is done now and then must not cost those who want something.
        let more = catch_unwind(house).unwrap_or(false);
        wait = if more { Duration::ZERO } else { HOUSE };
        kept = Instant::now();
    }
}

/// Commits what is asked for first together with all that is waiting by now.
fn commit(shared: &Shared, first: Job, waiting: &Receiver<Job>) {
    let mut core = shared.core.lock();
    // What came while an import held the writers comes along.
    let jobs = std::iter::once(first).chain(waiting.try_iter()).take(GROUP_MAX);
    let (units, answers): (Vec<Unit>, Vec<Sender<Answer>>) =
        jobs.map(|Job { unit, answer }| (unit, answer)).unzip();
    let answered = core.commit(shared, &units);
    drop(core);
    for (answer, to) in answered.into_iter().zip(answers) {
        // Whoever no longer waits has gone away.
        let _ = to.send(answer);
    }
}
