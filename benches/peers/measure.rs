//! Measures one peer at one size: builds it, checks its answers, takes the times.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use crate::chase::Chase;
use crate::memory;
use crate::peer::Peer;
use crate::support::lists::BATCH;
use crate::support::numbers::Texts;
use crate::support::timing::{fence, median};

/// The questions, written out before any clock runs.
pub(crate) struct Queries {
    pub(crate) negative: Texts,
    pub(crate) positive: Texts,
    /// One positive among every hundred.
    pub(crate) mixed: Texts,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// The time for one figure of one round, about.
    pub(crate) nanoseconds: f64,
    pub(crate) chase_steps: usize,
}

/// One line of the table. Times in nanoseconds, rates in millions a second; all medians.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) bytes: f64,
    pub(crate) build: f64,
    /// Negative, positive, mixed: one at a time.
    pub(crate) isolated: [f64; 3],
    pub(crate) independent: f64,
    pub(crate) batched: Option<f64>,
    pub(crate) two_threads: f64,
    /// Two threads over one, of the same round.
    pub(crate) scaling: f64,
    /// The times of the chase, before and after each round.
    pub(crate) chase: Vec<f64>,
}

pub(crate) fn measure<P: Peer>(
    sorted: &[u64],
    asked: &Queries,
    effort: Effort,
    chase: &mut Chase,
) -> Row {
    let count = sorted.len() as f64;
    let heap = memory::live();
    let input = P::prepare(sorted);
    let start = Instant::now();
    let peer = P::build(input);
    let build = start.elapsed().as_nanos() as f64 / count;
    let bytes = peer.bytes(memory::live() - heap) as f64 / count;
    let mut handle = peer.handle();
    prove::<P>(&mut handle, asked);

    let texts = [&asked.negative, &asked.positive, &asked.mixed];
    let queries = count_for(effort, asked, |count| isolated::<P>(&mut handle, texts[0], 0, count));
    let mut times = [const { Vec::new() }; 3];
    let (mut independent_times, mut batch_times, mut chases) = (vec![], vec![], vec![]);
    for round in 0..effort.rounds {
        chases.push(chase.step(effort.chase_steps));
        for (times, texts) in times.iter_mut().zip(texts) {
            times.push(isolated::<P>(&mut handle, texts, round, queries));
        }
        independent_times.push(independent::<P>(&mut handle, &asked.negative, round, queries));
        batch_times.extend(batched::<P>(&mut handle, &asked.negative, round, queries));
    }
    chases.push(chase.step(effort.chase_steps));
    let (one, two): (Vec<f64>, Vec<f64>) =
        two_threads(&peer, &asked.negative, queries, effort.rounds).into_iter().unzip();
    Row {
        name: P::NAME,
        bytes,
        build,
        isolated: times.map(median),
        independent: 1e3 / median(independent_times),
        batched: (!batch_times.is_empty()).then(|| 1e3 / median(batch_times)),
        two_threads: median(two.iter().copied()),
        scaling: median(one.iter().zip(&two).map(|(one, two)| two / one)),
        chase: chases,
    }
}

/// Checks the answers, because a fast wrong answer is worth nothing. Also fills the caches.
fn prove<P: Peer>(handle: &mut P::Handle<'_>, asked: &Queries) {
    let mut hits = |texts: &Texts| {
        let single = texts.run(0, texts.len()).filter(|text| P::contains(handle, text)).count();
        let all: Vec<&[u8]> = texts.run(0, texts.len()).collect();
        let many: Option<usize> = all.chunks(BATCH).map(|some| P::count(handle, some)).sum();
        assert_eq!(many.unwrap_or(single), single, "{}: batches disagree", P::NAME);
        single
    };
    assert_eq!(hits(&asked.negative), 0, "{}: negatives", P::NAME);
    assert_eq!(hits(&asked.positive), asked.positive.len(), "{}: positives", P::NAME);
    assert_eq!(hits(&asked.mixed), asked.mixed.len().div_ceil(100), "{}: mixed", P::NAME);
}

/// How many queries fill the time of one figure: whole batches, and no more than there are.
fn count_for(effort: Effort, asked: &Queries, mut probe: impl FnMut(usize) -> f64) -> usize {
    let most = asked.negative.len().min(asked.positive.len()).min(asked.mixed.len());
    let few = most.min(16_384);
    let count = (effort.nanoseconds / probe(few)) as usize;
    count.clamp(few, most) / BATCH * BATCH
}

/// One at a time: the next look-up begins when the last has ended.
fn isolated<P: Peer>(handle: &mut P::Handle<'_>, texts: &Texts, round: usize, count: usize) -> f64 {
    let start = Instant::now();
    let mut hits = 0;
    for text in texts.run(round, count) {
        hits += usize::from(P::contains(handle, text));
        fence();
    }
    finish(start, count, hits)
}

/// One after the other, as fast as the processor overlaps them.
fn independent<P: Peer>(
    handle: &mut P::Handle<'_>,
    texts: &Texts,
    round: usize,
    count: usize,
) -> f64 {
    let start = Instant::now();
    let mut hits = 0;
    for text in texts.run(round, count) {
        hits += usize::from(P::contains(handle, text));
    }
    finish(start, count, hits)
}

/// In batches, where the peer has them.
fn batched<P: Peer>(
    handle: &mut P::Handle<'_>,
    texts: &Texts,
    round: usize,
    count: usize,
) -> Option<f64> {
    let start = Instant::now();
    let mut hits = 0;
    let mut texts = texts.run(round, count);
    let mut batch: [&[u8]; BATCH] = [&[]; BATCH];
    for _ in 0..count / BATCH {
        for (slot, text) in batch.iter_mut().zip(&mut texts) {
            *slot = text;
        }
        hits += P::count(handle, &batch)?;
    }
    Some(finish(start, count, hits))
}

fn finish(start: Instant, count: usize, hits: usize) -> f64 {
    let elapsed = start.elapsed();
    black_box(hits);
    elapsed.as_nanos() as f64 / count as f64
}

/// Millions a second of one thread alone and of two at once, for each round. The second thread sleeps
/// while the first runs alone.
fn two_threads<P: Peer>(peer: &P, texts: &Texts, count: usize, rounds: usize) -> Vec<(f64, f64)> {
    let barrier = Barrier::new(2);
    let run = |thread: usize| -> Vec<(f64, f64)> {
        let mut handle = peer.handle();
        let mut times = Vec::with_capacity(rounds);
        for round in 0..rounds {
            let round = 2 * round + thread;
            barrier.wait();
            let together = independent::<P>(&mut handle, texts, round, count);
            barrier.wait();
            let alone = match thread {
                0 => independent::<P>(&mut handle, texts, round, count),
                _ => f64::NAN,
            };
            times.push((alone, together));
        }
        times
    };
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| run(1));
        (run(0), second.join().expect("the second thread"))
    });
    let rate = |((alone, mine), (_, other)): ((f64, f64), (f64, f64))| {
        (1e3 / alone, 2e3 / f64::max(mine, other))
    };
    first.into_iter().zip(second).map(rate).collect()
}
