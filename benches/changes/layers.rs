//! What latest changes cost the checks of numbers that they do not touch.

use std::hint::black_box;
use std::time::Instant;

use callbar::{Engine, Reader};

use crate::support::timing::{fence, median};
use crate::{Base, DOMAIN, add, target};

const ROUNDS: usize = 15;
/// Texts of a round.
const CHECKS: usize = 200_000;
/// Changes in the head, a half of those that it may hold.
const IN_HEAD: usize = 512;
/// Changes in the run below the head.
const IN_RUN: usize = 1_500;

/// Checks unlisted numbers in the base alone, below a head of changes, and below a run as well, each
/// in every round.
pub(crate) fn measure(base: &Base, texts: &[String]) {
    let dirs = [(); 3].map(|()| tempfile::tempdir().expect("a temporary directory"));
    let changes = [0, IN_HEAD, IN_RUN + IN_HEAD];
    let engines = [0, 1, 2].map(|i| {
        let engine = Engine::open(dirs[i].path()).expect("an empty directory");
        engine.publish(DOMAIN, &base.index).expect("published");
        change(&engine, base, changes[i]);
        engine
    });
    let mut readers = engines.each_ref().map(Engine::reader);
    let mut times = [const { [const { Vec::new() }; 2] }; 3];
    for round in 0..ROUNDS {
        let start = round * CHECKS % texts.len();
        let texts: Vec<&[u8]> =
            texts.iter().cycle().skip(start).take(CHECKS).map(String::as_bytes).collect();
        for (reader, times) in readers.iter_mut().zip(&mut times) {
            for (way, time) in round_of(reader, &texts).into_iter().enumerate() {
                times[way].push(time);
            }
        }
    }
    let [alone, head, run] = times.map(|times| times.map(median));
    println!("\n{:<40}{:>12}{:>13}", "unchanged numbers, ns", "isolated", "independent");
    for (name, [isolated, independent]) in
        [("base alone", alone), ("below a head", head), ("below a head and a run", run)]
    {
        println!("{name:<40}{isolated:>12.1}{independent:>13.1}");
    }
    println!();
    for (way, name) in ["isolated", "independent"].iter().enumerate() {
        target(&format!("below a head, {name}, ns more"), head[way] - alone[way], 3.0);
        target(&format!("below a head and a run, {name}, ns more"), run[way] - alone[way], 3.0);
    }
}

/// Makes so many changes; those beyond a full head are a run then.
fn change(engine: &Engine, base: &Base, count: usize) {
    let writer = engine.writer().expect("the only writer");
    let entries: Vec<String> = (0..count).map(|i| base.added(i)).collect();
    let (run, head) = entries.split_at(count.saturating_sub(IN_HEAD));
    for part in [run, head] {
        let changes: Vec<_> = part.iter().map(|entry| add(entry)).collect();
        writer.change(DOMAIN, &changes).expect("changes");
    }
    writer.wait().expect("compaction");
}

/// Nanoseconds a check: one at a time, and overlapping.
fn round_of(reader: &mut Reader, texts: &[&[u8]]) -> [f64; 2] {
    let domain = reader.snapshot().id(DOMAIN).expect("the domain");
    let mut time = |isolated: bool| {
        let start = Instant::now();
        for text in texts {
            black_box(&reader.check(domain, text).expect("the domain"));
            if isolated {
                fence();
            }
        }
        start.elapsed().as_nanos() as f64 / texts.len() as f64
    };
    [time(true), time(false)]
}
