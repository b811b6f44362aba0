//! The figures that a change must not make worse. Run before and after it, and compare:
//!
//! ```text
//! cargo bench --bench track -- --save-baseline before     all of it, within five minutes
//! cargo bench --bench track -- --baseline before
//! cargo bench --bench track -- negative/isolated          some of it
//! cargo test --bench track -- --test                      each once, with small lists
//! ```
//!
//! | group | an iteration is |
//! | --- | --- |
//! | `canonical` | a text to its canonical form |
//! | `negative` | a check of a number that is not listed |
//! | `positive` | a check of a number that is listed |
//! | `prefix` | a check of a number that one of 10,000 prefixes beside the numbers decides |
//! | `short code` | a check of a short code; one in two is listed |
//! | `batch` | a check of 64 numbers at once, none of them listed |
//! | `decide` | a decision on a call: three identities of the caller and a callee, none of them listed |
//! | `compile` | sorted numbers to the bytes of an index, on one core |
//! | `open` | the bytes of an index to a verified index |
//! | `publish` | an index to files that survive a loss of power, and to readers |
//! | `snapshot` | the newest snapshot, taken by each thread; beside a lock and a counted reference |
//!
//! `isolated`: the next look-up begins when the last has ended. A fence after each sees to that, and
//! its cost is left in. `independent`: the processor overlaps them. The sizes are those of the list.
//! Each check takes the next of 400,000 texts, so that the numbers of the last sample are not in the
//! caches.

#[allow(dead_code, reason = "other benches need the rest")]
mod support;

use std::cell::OnceCell;
use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use callbar::{DialPlan, Index};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use parking_lot::RwLock;
use support::calls::{Calls, PARTIES};
use support::figures::{add_checks, criterion, few_samples};
use support::is_test;
use support::lists::{BATCH, DOMAIN, Published, check_batch, compile, compile_with, is_listed};
use support::numbers::{Data, Shape, Texts, numbers_with, prefixes, sample};
use support::timing::Cursor;

/// Texts that checks take in turn.
const TEXTS: usize = 400_000;
/// Calls that decisions take in turn.
const CALLS: usize = 100_000;
/// Prefixes beside the numbers.
const PREFIXES: u64 = 10_000;

fn main() {
    let mut criterion = criterion();
    let lists = [("10k", 10_000), ("1M", 1_000_000), ("10M", 10_000_000)]
        .map(|(label, count)| List::new(label, if is_test() { 10_000 } else { count }));
    canonical(&mut criterion);
    negative(&mut criterion, &lists);
    positive(&mut criterion, &lists);
    patterns(&mut criterion, &lists);
    batch(&mut criterion, &lists);
    decide(&mut criterion, &lists);
    compiling(&mut criterion, &lists);
    publishing(&mut criterion, &lists);
    snapshot(&mut criterion, &lists[1]);
    criterion.final_summary();
}

/// A list of one size. Each part is made once, when a bench first needs it.
struct List {
    label: &'static str,
    count: usize,
    data: OnceCell<Data>,
    numbers: OnceCell<Published>,
    patterns: OnceCell<Published>,
}

impl List {
    fn new(label: &'static str, count: usize) -> Self {
        let (data, numbers, patterns) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { label, count, data, numbers, patterns }
    }

    /// The numbers on the list, and others.
    fn data(&self) -> &Data {
        self.data
            .get_or_init(|| Shape::Turkish.generate(self.count, TEXTS.max((PARTIES + 1) * CALLS)))
    }

    /// The numbers alone.
    fn numbers(&self) -> &Published {
        self.numbers.get_or_init(|| Published::new(&compile(&self.data().listed)))
    }

    /// The numbers with [`PREFIXES`] prefixes and fifty short codes beside them.
    fn patterns(&self) -> &Published {
        self.patterns.get_or_init(|| {
            let prefixes = prefixes(PREFIXES).into_iter().map(|prefix| format!("+{prefix}*"));
            let codes = (0..100).step_by(2).map(short_code);
            let entries: Vec<String> = prefixes.chain(codes).collect();
            Published::new(&compile_with(DOMAIN, &self.data().listed, &entries))
        })
    }
}

/// A code of a directory service: none of these is an emergency number, which would not be barred.
fn short_code(n: u64) -> String {
    format!("118{:02}", n % 100)
}

/// Text to canonical number.
fn canonical(criterion: &mut Criterion) {
    type Form = fn(u64) -> String;
    let forms: [(&str, Form); 5] = [
        ("+905...", |n| format!("+90{n}")),
        ("0090 5...", |n| format!("0090 {n}")),
        ("0 5.. ... ....", |n| {
            format!("0{} {:03} {:04}", n / 10_000_000, n / 10_000 % 1_000, n % 10_000)
        }),
        ("sip:+905...@host", |n| format!("sip:+90{n}@sip.example.com")),
        ("short code", |n| format!("1{:02}", n % 100)),
    ];
    let plan = DialPlan::new("TR").expect("a region");
    let Data { listed, .. } = Shape::Turkish.generate(1_024, 0);
    let mut group = criterion.benchmark_group("canonical");
    group.throughput(Throughput::Elements(1));
    for (name, form) in forms {
        let texts: Vec<String> = listed.iter().map(|n| form(n % 10_000_000_000)).collect();
        let mut cursor = Cursor::new(texts.len());
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                cursor.time(count, |range| {
                    for text in &texts[range] {
                        black_box(plan.number(black_box(text.as_bytes())));
                    }
                })
            });
        });
    }
}

/// Adds checks of texts against what is published, after it has seen the answer to each: whether the
/// text is listed.
fn check(
    group: &mut BenchmarkGroup<'_, WallTime>,
    list: &List,
    published: fn(&List) -> &Published,
    texts: impl Fn(&Data) -> Texts,
    answer: impl Fn(usize) -> bool,
) {
    let checked = OnceCell::new();
    add_checks(group, list.label, || {
        let published = published(list);
        let texts = checked.get_or_init(|| {
            let texts = texts(list.data());
            let mut reader = published.engine.reader();
            // A fast wrong answer is worth nothing
            for (at, text) in texts.range(0..texts.len()).enumerate() {
                assert_eq!(is_listed(&mut reader, published.domain, text), answer(at));
            }
            texts
        });
        (published, texts)
    });
}

fn negative(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("negative");
    for list in lists {
        let texts = |data: &Data| Texts::new(&data.unlisted[..TEXTS]);
        check(&mut group, list, List::numbers, texts, |_| false);
    }
}

fn positive(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("positive");
    for list in lists {
        let texts = |data: &Data| Texts::new(&sample(&data.listed, TEXTS));
        check(&mut group, list, List::numbers, texts, |_| true);
    }
}

/// Checks that prefixes and short codes decide.
fn patterns(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("prefix");
    for list in lists {
        let texts = |_: &Data| Texts::new(&numbers_with(&prefixes(PREFIXES), TEXTS));
        check(&mut group, list, List::patterns, texts, |_| true);
    }
    group.finish();
    let mut group = criterion.benchmark_group("short code");
    for list in lists {
        let texts = |_: &Data| Texts::written(&(0..100).collect::<Vec<u64>>(), short_code);
        check(&mut group, list, List::patterns, texts, |at| at % 2 == 0);
    }
}

fn batch(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("batch");
    group.throughput(Throughput::Elements(BATCH as u64));
    for list in lists {
        group.bench_function(BenchmarkId::new("negative", list.label), |bencher| {
            let Published { engine, domain, .. } = list.numbers();
            let mut reader = engine.reader();
            let texts = Texts::new(&list.data().unlisted[..TEXTS / BATCH * BATCH]);
            let texts: Vec<&[u8]> = texts.run(0, texts.len()).collect();
            let mut cursor = Cursor::new(texts.len() / BATCH);
            bencher.iter_custom(|count| {
                cursor.time(count, |range| {
                    for texts in texts[range.start * BATCH..range.end * BATCH].chunks(BATCH) {
                        check_batch(&mut reader, *domain, texts);
                    }
                })
            });
        });
    }
}

/// `cargo bench --bench bounds` compares a decision with isolated checks of the same moment.
fn decide(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    for list in lists {
        group.bench_function(list.label, |bencher| {
            let Published { engine, domain, .. } = list.numbers();
            let mut reader = engine.reader();
            let calls = Calls::new(&list.data().unlisted[CALLS..][..PARTIES * CALLS]);
            let mut cursor = Cursor::new(calls.len());
            bencher.iter_custom(|count| {
                cursor.time(count, |range| calls.decide(range, &mut reader, *domain))
            });
        });
    }
}

fn compiling(criterion: &mut Criterion, lists: &[List]) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let mut group = criterion.benchmark_group("compile");
    for list in lists {
        few_samples(&mut group, list.count);
        group.bench_function(list.label, |bencher| {
            let listed = &list.data().listed;
            pool.install(|| bencher.iter_with_large_drop(|| compile(listed)));
        });
    }
}

fn publishing(criterion: &mut Criterion, lists: &[List]) {
    let mut group = criterion.benchmark_group("open");
    for list in lists {
        few_samples(&mut group, list.count);
        group.bench_function(list.label, |bencher| {
            let index = compile(&list.data().listed);
            bencher.iter(|| drop(black_box(Index::open(&index))));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("publish");
    for list in lists {
        few_samples(&mut group, list.count);
        group.bench_function(list.label, |bencher| {
            let index = compile(&list.data().listed);
            let Published { engine, dir: _dir, .. } = Published::new(&index);
            bencher.iter(|| engine.publish(DOMAIN, &index).expect("published"));
        });
    }
}

fn snapshot(criterion: &mut Criterion, list: &List) {
    let mut group = criterion.benchmark_group("snapshot");
    for threads in [1, 2] {
        group.throughput(Throughput::Elements(threads as u64));
        group.bench_function(BenchmarkId::new("reader, threads", threads), |bencher| {
            let engine = &list.numbers().engine;
            bencher.iter_custom(|count| {
                on_threads(threads, || {
                    let mut reader = engine.reader();
                    time(count, || {
                        black_box(black_box(&mut reader).snapshot());
                    })
                })
            });
        });
        group.bench_function(BenchmarkId::new("RwLock and Arc, threads", threads), |bencher| {
            let locked = RwLock::new(list.numbers().engine.snapshot());
            bencher.iter_custom(|count| {
                on_threads(threads, || time(count, || drop(black_box(Arc::clone(&locked.read())))))
            });
        });
    }
}

#[inline]
fn time(count: u64, mut body: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        body();
    }
    start.elapsed()
}

/// The slowest of `threads` that all run `body` at the same time.
fn on_threads(threads: usize, body: impl Fn() -> Duration + Sync) -> Duration {
    let barrier = Barrier::new(threads);
    let run = || {
        barrier.wait();
        body()
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        others.into_iter().map(|other| other.join().expect("a thread")).fold(run(), Duration::max)
    })
}
