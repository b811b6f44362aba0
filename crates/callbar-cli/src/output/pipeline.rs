//! Works on blocks with all threads and writes the results in the order of the input.
//!
//! No thread is for reading or for writing. Each takes the next block under one lock, works on it
//! alone, and writes the results that are due. If an earlier result is missing, or another thread
//! writes, it leaves its result in a queue and goes on. At most two results a thread wait, so memory is
//! bounded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Error, Result};
use callbar_lists::{Blocks, Pool, Source, Units, lines};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::progress::Progress;
use super::results::Output;

/// Runs `next` -> `work` -> `sink` until `next` has no more; `work` runs on all threads at once.
///
/// After an error of `next` the earlier jobs are still done and written. After an error of `sink`
/// everything stops. Returns the first error.
pub(crate) fn ordered<J: Send, R: Send>(
    next: impl FnMut() -> Result<Option<J>> + Send,
    work: impl Fn(J) -> R + Sync,
    sink: impl FnMut(R) -> Result<()> + Send,
) -> Result<()> {
    let threads = rayon::current_num_threads();
    let pipeline = Pipeline {
        intake: Mutex::new(Intake { next, turn: 0, ended: false }),
        queue: Mutex::new(Queue { due: 0, waiting: BTreeMap::new(), writing: false }),
        sink: Mutex::new(sink),
        written: Condvar::new(),
        stop: AtomicBool::new(false),
        error: Mutex::new(None),
        window: 2 * threads,
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| pipeline.run(&work));
        }
        pipeline.run(&work);
    });
    pipeline.error.into_inner().map_or(Ok(()), Err)
}

/// Answers each line of `input` on standard output. `answer` gets the number of the line, from 1, and
/// the line without its line end, and must append one whole line. It may take notes: `add` gets those of
/// each block, in order.
pub(crate) fn each_line<N: Default + Send>(
    input: &Path,
    answer: impl Fn(u64, &[u8], &mut Vec<u8>, &mut N) + Sync,
    mut add: impl FnMut(N) + Send,
) -> Result<()> {
    let source = Source::open_raw(input)?;
    let progress = Progress::new(source.total, &source.read, "lines");
    let pool = Pool::default();
    let mut blocks = Blocks::new(source, Units::Lines, &pool);
    let mut output = Output::create(None)?;
    ordered(
        || Ok(blocks.next()?),
        |block| {
            let mut out = Vec::with_capacity(2 * block.bytes().len());
            let mut notes = N::default();
            for (number, line) in (block.line..).zip(lines(block.bytes())) {
                answer(number, line, &mut out, &mut notes);
            }
            pool.give(block);
            (out, notes)
        },
        |(out, notes)| {
            add(notes);
            progress.update();
            output.write(&out)?;
            output.flush()
        },
    )?;
    output.finish()
}

struct Intake<N> {
    next: N,
    turn: u64,
    ended: bool,
}

/// Results on their way to the sink.
struct Queue<R> {
    due: u64,
    waiting: BTreeMap<u64, R>,
    /// Whether a thread writes. It writes all results that are due before it goes on.
    writing: bool,
}

struct Pipeline<N, S, R> {
    intake: Mutex<Intake<N>>,
    queue: Mutex<Queue<R>>,
    sink: Mutex<S>,
    written: Condvar,
    stop: AtomicBool,
    error: Mutex<Option<Error>>,
    window: usize,
}

impl<N, S, R, J> Pipeline<N, S, R>
where
    N: FnMut() -> Result<Option<J>>,
    S: FnMut(R) -> Result<()>,
{
    /// The work of one thread.
    fn run(&self, work: impl Fn(J) -> R) {
        let _release = ReleaseOnPanic(self);
        while let Some((turn, job)) = self.take() {
            self.deliver(turn, work(job));
        }
    }

    fn take(&self) -> Option<(u64, J)> {
        // The thread whose turn it is never waits here: it has a block to deliver.
        let mut queue = self.queue.lock();
        self.written
            .wait_while(&mut queue, |queue| queue.waiting.len() >= self.window && !self.stopped());
        drop(queue);
        let mut intake = self.intake.lock();
        if intake.ended || self.stopped() {
            return None;
        }
        let job = (intake.next)().unwrap_or_else(|error| {
            self.fail(error);
            None
        });
        intake.ended = job.is_none();
        let turn = intake.turn;
        intake.turn += 1;
        job.map(|job| (turn, job))
    }

    fn deliver(&self, turn: u64, result: R) {
        let mut queue = self.queue.lock();
        queue.waiting.insert(turn, result);
        if queue.writing {
            return;
        }
        queue.writing = true;
        while !self.stopped() {
            let due = queue.due;
            let Some(result) = queue.waiting.remove(&due) else { break };
            queue.due += 1;
            self.written.notify_all();
            let written = MutexGuard::unlocked(&mut queue, || (self.sink.lock())(result));
            if let Err(error) = written {
                self.fail(error);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        queue.writing = false;
        drop(queue);
        self.written.notify_all();
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn fail(&self, error: Error) {
        self.error.lock().get_or_insert(error);
    }
}

/// Stops the other threads when one panics. They would wait for its result for ever.
struct ReleaseOnPanic<'a, N, S, R>(&'a Pipeline<N, S, R>);

impl<N, S, R> Drop for ReleaseOnPanic<'_, N, S, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop.store(true, Ordering::Relaxed);
            let _queue = self.0.queue.lock();
            self.0.written.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    fn count_to(limit: u64) -> impl FnMut() -> Result<Option<u64>> {
        let mut at = 0;
        move || {
            at += 1;
            Ok((at <= limit).then_some(at))
        }
    }

    #[test]
    fn results_come_in_order_though_some_are_slow() {
        let mut seen = Vec::new();
        let work = |job: u64| {
            if job.is_multiple_of(7) {
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            job * 2
        };
        ordered(count_to(2_000), work, |result| {
            seen.push(result);
            Ok(())
        })
        .unwrap();
        assert!(seen.iter().copied().eq((1..=2_000).map(|job| job * 2)));
    }

    #[test]
    fn jobs_before_an_error_of_the_source_are_written() {
        let mut count = count_to(100);
        let mut seen = 0;
        let next = move || match count()? {
            Some(50) => bail!("torn"),
            job => Ok(job),
        };
        let sink = |_| {
            seen += 1;
            Ok(())
        };
        assert_eq!(ordered(next, |job| job, sink).unwrap_err().to_string(), "torn");
        assert_eq!(seen, 49);
    }

    #[test]
    fn an_error_of_the_sink_stops_everything() {
        let sink = |job| if job == 10 { bail!("full") } else { Ok(()) };
        let error = ordered(count_to(u64::MAX), |job| job, sink).unwrap_err();
        assert_eq!(error.to_string(), "full");
    }
}
