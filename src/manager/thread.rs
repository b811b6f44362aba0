//! The thread that changes are made in: it takes together what is waiting, and between groups
//! removes what has expired, purges what was dropped and makes stale indexes again.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use super::Shared;
use super::core::Unit;
use super::operation::{Applied, Operation};
use crate::{Error, Result};

/// The most that are committed together: some milliseconds of work.
const GROUP_MAX: usize = 512;
/// How long nothing is asked for before the house is kept.
const IDLE: Duration = Duration::from_millis(500);
/// How many times that happens before what failed is tried again: some five seconds.
const RETRY_AFTER: u32 = 10;

type Answer = Result<Vec<Applied>>;

struct Job {
    unit: Unit,
    answer: Sender<Answer>,
}

/// The callers' end of the thread.
pub(super) struct Committer {
    /// Taken when no more changes are taken.
    jobs: Mutex<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Committer {
    /// Starts the thread, and another that makes stale indexes again if there are any.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(super) fn start(shared: &Arc<Shared>) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let mut threads = Vec::new();
        let own = Arc::clone(shared);
        threads.push(spawn("callbar-commit", move || run(&own, &waiting))?);
        if !shared.troubles.lock().stale().is_empty() {
            let own = Arc::clone(shared);
            threads.push(spawn("callbar-rebuild", move || own.rebuild_stale())?);
        }
        Ok(Self { jobs: Mutex::new(Some(jobs)), threads: Mutex::new(threads) })
    }

    pub(super) fn apply(&self, who: &str, operations: Vec<Operation>) -> Answer {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = mpsc::channel();
        let unit = Unit { who: who.to_owned(), operations };
        let sent = match &*self.jobs.lock() {
            Some(jobs) => jobs.send(Job { unit, answer }).is_ok(),
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
        if self.jobs.lock().is_some() { Ok(()) } else { Err(Error::Closed) }
    }

    pub(super) fn shut_down(&self) {
        drop(self.jobs.lock().take());
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

fn run(shared: &Shared, waiting: &Receiver<Job>) {
    let mut wait = IDLE;
    let mut idle = 0;
    loop {
        match waiting.recv_timeout(wait) {
            Ok(first) => commit(shared, first, waiting),
            Err(RecvTimeoutError::Timeout) => {
                let more = shared.keep_house();
                wait = if more { Duration::ZERO } else { IDLE };
                idle += 1;
                if idle % RETRY_AFTER == 0 {
                    shared.retry_failed();
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
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
