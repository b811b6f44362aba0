//! Prevents: a call judged half by the old lists and half by the new, or by lists that another call
//! on the same thread has already seen replaced.
//!
//! Generation g is published as the list `g`, which holds the numbers first(g) and last(g) and
//! nothing else, so that any mixture of two generations gives itself away.

mod fixture;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use callbar::{Engine, Publish, Reader, Verdict};
use fixture::DOMAIN;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const SWAPS: u64 = 10_000;
const READERS: usize = 8;

fn first(generation: u64) -> u64 {
    905_050_000_000 + generation
}

fn last(generation: u64) -> u64 {
    905_320_000_000 + generation
}

fn index(generation: u64) -> Vec<u8> {
    fixture::index(DOMAIN, &generation.to_string(), [first(generation), last(generation)])
}

/// 10,000 syncs of a disk would make this a test of the disk.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
        .expect("temporary directory")
}

/// The generation of the reader's snapshot, having made sure that all of it is of that generation.
fn whole_generation(reader: &mut Reader) -> u64 {
    let index = reader.snapshot().domain(DOMAIN).expect("domain");
    let list = index.lists().next().expect("a list");
    let generation = list.name.parse().expect("a number");
    for number in [first(generation), last(generation)] {
        match index.check(format!("+{number}")) {
            Verdict::Deny(found) => assert_eq!(found.list, list),
            other => panic!("{number} of generation {generation}: {other:?}"),
        }
    }
    assert_eq!(index.check(format!("+{}", first(generation + 1))), Verdict::Pass);
    generation
}

#[test]
fn readers_see_whole_snapshots_and_never_go_back() {
    let directory = directory();
    let engine = Engine::open(directory.path()).expect("open");
    let indexes: Vec<_> = (0..=SWAPS).into_par_iter().map(index).collect();
    engine.publish(DOMAIN, &indexes[0]).expect("publish");
    // The last generation whose publish has returned.
    let published = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    // Readers that saw the last generation alone would prove nothing.
    let moves = AtomicU64::new(0);

    thread::scope(|scope| {
        for _ in 0..READERS {
            let mut reader = engine.reader();
            let (published, done, moves) = (&published, &done, &moves);
            scope.spawn(move || {
                let mut seen = 0;
                while !done.load(Ordering::Relaxed) {
                    let due = published.load(Ordering::Acquire);
                    let now = whole_generation(&mut reader);
                    assert!(now >= seen, "went back from {seen} to {now}");
                    assert!(now >= due, "saw {now} when {due} was published");
                    if now == seen {
                        // Leaves the processor to the publisher where there are few.
                        thread::yield_now();
                    } else {
                        moves.fetch_add(1, Ordering::Relaxed);
                    }
                    seen = now;
                }
                assert_eq!(whole_generation(&mut reader), SWAPS);
            });
        }
        let writer = engine.writer().expect("the only writer");
        for (generation, index) in (0..).zip(&indexes).skip(1) {
            writer.publish(DOMAIN, index, Publish::default()).expect("publish");
            published.store(generation, Ordering::Release);
        }
        done.store(true, Ordering::Relaxed);
    });
    let moves = moves.into_inner();
    assert!(moves >= 100, "all readers together saw {moves} new snapshots of {SWAPS}");
}
