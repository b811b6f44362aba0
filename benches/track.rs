//! The fast bench: run before and after a change, compare.
//!
//! ```text
//! cargo bench --bench track                 name, median and least time, under a minute
//! cargo bench --bench track -- --tsv        the same, tab separated
//! cargo bench --bench track -- --test       once through everything
//! ```
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[allow(dead_code, reason = "the bench of the peers needs the rest")]
mod support;

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::time::Instant;

use callbar::{Action, Call, Compiler, DialPlan, DomainId, E164, Engine, Index, Reader, Verdict};
use parking_lot::RwLock;
use support::numbers::{Data, Shape, Texts, sample};
use support::timing::{fence, median, nanoseconds};

/// Writes a national number in some form.
type Form = fn(u64) -> String;

/// Texts asked for at once.
const BATCH: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let tsv = given("--tsv");
    let track = if given("--test") {
        Track { rounds: 1, count: 1_024, size: 10_000, large: 20_000, tsv }
    } else {
        Track { rounds: 11, count: 400_000, size: 1_000_000, large: 10_000_000, tsv }
    };
    track.head();
    track.parsing();
    track.compiling();
    track.checking();
    track.deciding();
    track.snapshots();
}

/// How much to measure, and how to print it.
struct Track {
    rounds: usize,
    /// Calls a round.
    count: usize,
    /// Numbers on the lists.
    size: usize,
    /// The same where a look-up is to miss the caches.
    large: usize,
    tsv: bool,
}

impl Track {
    fn head(&self) {
        if self.tsv {
            println!("name\tunit\tmedian\tmin");
        } else {
            println!("{:<36}{:>10}{:>10}", "", "median", "least");
        }
    }

    /// Prints one line of `times`, one for each round.
    fn print(&self, name: &str, unit: &str, times: Vec<f64>) {
        let least = times.iter().copied().fold(f64::MAX, f64::min);
        let middle = median(times);
        if self.tsv {
            println!("{name}\t{unit}\t{middle:.3}\t{least:.3}");
        } else {
            println!("{name:<36}{middle:>10.2}{least:>10.2} {unit}");
        }
    }

    fn run(&self, name: &str, unit: &str, mut round: impl FnMut(usize) -> f64) {
        round(0);
        self.print(name, unit, (0..self.rounds).map(round).collect());
    }

    /// Text to canonical number.
    fn parsing(&self) {
        let plan = DialPlan::new("TR").expect("a region");
        let forms: [(&str, Form); 5] = [
            ("number: +905...", |n| format!("+90{n}")),
            ("number: 0090 5.. ... .. ..", |n| format!("0090 {n}")),
            ("number: 0 5.. ... .. ..", |n| {
                format!("0{} {:03} {:04}", n / 10_000_000, n / 10_000 % 1_000, n % 10_000)
            }),
            ("number: sip:+905...@host", |n| format!("sip:+90{n}@sip.example.com")),
            ("number: short code", |n| format!("1{:02}", n % 100)),
        ];
        let Data { listed, .. } = Shape::Turkish.generate(1_024, 0);
        for (name, form) in forms {
            let texts: Vec<String> = listed.iter().map(|n| form(n % 10_000_000_000)).collect();
            let passes = self.count.div_ceil(texts.len());
            self.run(name, "ns", |_| {
                let pass = |_| {
                    for text in &texts {
                        black_box(plan.number(black_box(text.as_bytes())));
                    }
                };
                nanoseconds(passes, pass) / texts.len() as f64
            });
        }
    }

    /// Sorted numbers to index bytes on one core, and index bytes to a verified index.
    fn compiling(&self) {
        let Data { listed, .. } = Shape::Turkish.generate(self.size, 0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        let numbers = || listed.iter().filter_map(|&number| E164::new(number));
        self.run("compile, sorted, one core", "ns/number", |_| {
            pool.install(|| nanoseconds(1, |_| drop(black_box(compile(numbers())))))
                / self.size as f64
        });
        let bytes = compile(numbers());
        self.run("open and verify", "ms", |_| {
            nanoseconds(1, |_| drop(black_box(Index::open(&bytes)))) / 1e6
        });
    }

    /// A call with three identities of its caller and a callee, none of them listed, beside single checks
    /// of bare numbers. The last line is the bound: a decision is to cost 2.2 times two checks at most.
    fn deciding(&self) {
        let (engine, domain, data) = engine(self.large, 5 * self.count / 4);
        let mut reader = engine.reader();
        let count = self.count / 4;
        let numbers: Vec<&[u64]> = data.unlisted.chunks_exact(count).collect();
        let texts = |at: usize, form: fn(u64) -> String| Texts::written(numbers[at], form);
        let plain = texts(0, |n| format!("+{n}"));
        let callees = texts(1, |n| format!("sip:+{n}@pbx.example;user=phone"));
        let froms = texts(2, |n| format!("\"Caller\" <sip:+{n}@gw.example>;tag=a6c85cf"));
        let asserted = texts(3, |n| format!("<sip:+{n}@ims.example>"));
        let preferred = texts(4, |n| format!("<tel:+{n}>"));
        let (mut checks, mut decisions) = (Vec::new(), Vec::new());
        // In turns, so that the machine is the same to both.
        for round in 0..=self.rounds {
            let start = Instant::now();
            for text in plain.run(0, count) {
                black_box(matches!(reader.check(domain, text), Ok(Verdict::Pass)));
                fence();
            }
            let check = start.elapsed().as_nanos() as f64 / count as f64;
            let start = Instant::now();
            let callers = asserted.run(0, count).zip(preferred.run(0, count));
            for ((callee, from), (first, second)) in
                callees.run(0, count).zip(froms.run(0, count)).zip(callers)
            {
                let call = Call {
                    callee: Some(callee),
                    from: Some(from),
                    asserted: &[first, second],
                    ..Call::default()
                };
                black_box(reader.decide(domain, &call).is_ok_and(|decision| decision.is_deny()));
                fence();
            }
            if round > 0 {
                checks.push(check);
                decisions.push(start.elapsed().as_nanos() as f64 / count as f64);
            }
        }
        let ratios = checks.iter().zip(&decisions).map(|(check, decide)| decide / (2.0 * check));
        let ratios = ratios.collect();
        self.print("check: negative, isolated, 10M", "ns", checks);
        self.print("decide: 3 identities, callee, 10M", "ns", decisions);
        self.print("decide / two checks", "times", ratios);
    }

    /// Text in, verdict out.
    fn checking(&self) {
        let (engine, domain, data) = engine(self.size, self.count);
        let positive = Texts::new(&sample(&data.listed, self.count));
        let negative = Texts::new(&data.unlisted);
        let mut reader = engine.reader();
        let hit = |reader: &mut Reader, text: &[u8]| {
            !matches!(reader.check(domain, text), Ok(Verdict::Pass))
        };
        let count = positive.len().min(negative.len()) / BATCH * BATCH;
        let per_text = |start: Instant| start.elapsed().as_nanos() as f64 / count as f64;
        for (name, texts) in [("check: negative", &negative), ("check: positive", &positive)] {
            self.run(&format!("{name}, isolated"), "ns", |round| {
                let start = Instant::now();
                for text in texts.run(round, count) {
                    black_box(hit(&mut reader, text));
                    fence();
                }
                per_text(start)
            });
            self.run(&format!("{name}, independent"), "ns", |round| {
                let start = Instant::now();
                for text in texts.run(round, count) {
                    black_box(hit(&mut reader, text));
                }
                per_text(start)
            });
        }
        self.run("check: negative, batches of 64", "ns", |round| {
            let texts: Vec<&[u8]> = negative.run(round, count).collect();
            let start = Instant::now();
            for batch in texts.chunks(BATCH) {
                let mut verdicts = [(); BATCH].map(|()| Verdict::Pass);
                reader.check_batch(domain, batch, &mut verdicts).expect("the domain");
                black_box(&verdicts);
            }
            per_text(start)
        });
    }

    /// What a reader pays to have the newest snapshot, beside a lock and a counted reference.
    fn snapshots(&self) {
        let (engine, _, _) = engine(self.size, self.count);
        let count = 50 * self.count;
        let locked = RwLock::new(engine.snapshot());
        for threads in [1, 2] {
            self.run(&format!("snapshot, threads: {threads}"), "ns", |_| {
                on_threads(threads, || {
                    let mut reader = engine.reader();
                    nanoseconds(count, |_| {
                        black_box(black_box(&mut reader).snapshot());
                    })
                })
            });
            self.run(&format!("RwLock and Arc, threads: {threads}"), "ns", |_| {
                on_threads(threads, || {
                    nanoseconds(count / 20, |_| drop(black_box(Arc::clone(&locked.read()))))
                })
            });
        }
    }
}

/// An engine with so many numbers on one list, and others to ask for.
fn engine(size: usize, count: usize) -> (Engine, DomainId, Data) {
    let data = Shape::Turkish.generate(size, count);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let engine = Engine::open(dir.path()).expect("an empty engine");
    let numbers = data.listed.iter().filter_map(|&number| E164::new(number));
    let domain = engine.publish("bench", &compile(numbers)).expect("published");
    // A mapped file lives on without its name.
    (engine, domain, data)
}

fn compile(numbers: impl Iterator<Item = E164>) -> Vec<u8> {
    let mut compiler =
        Compiler::new("bench", DialPlan::new("TR").expect("a region")).expect("a name");
    let list = compiler.list("spam", Action::Deny).expect("a list");
    compiler.extend_e164(list, numbers);
    compiler.finish().expect("an index").bytes
}

/// The slowest of `threads` that all run `body` at the same time.
fn on_threads(threads: usize, body: impl Fn() -> f64 + Sync) -> f64 {
    let barrier = Barrier::new(threads);
    let run = || {
        barrier.wait();
        body()
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        others.into_iter().map(|other| other.join().expect("a thread")).fold(run(), f64::max)
    })
}
