//! How soon a change is in force, in this process and in another, and what checks notice meanwhile.
//!
//! A program with a table, not a criterion bench: criterion measures the mean time of a body that it
//! repeats by itself. Here a thousand changes a second arrive by the clock, two processes look for
//! each of them, and what counts is the slowest of a hundred or of a thousand.
//!
//! ```text
//! cargo bench --bench visible                  over 10M numbers, about a minute
//! cargo bench --bench visible -- --size 1M
//! cargo test --bench visible -- --test         a small round of everything
//! ```
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[allow(dead_code, reason = "other benches need the rest")]
mod support;

use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use callbar::{Change, Engine};
use support::bounds::{Bound, Bounds};
use support::disk::replace_file;
use support::lists::{DOMAIN, Published, addition, compile};
use support::numbers::{Data, Shape};
use support::{is_test, leave_to_criterion};

/// How often a reader looks whether the next change is in force: a call each millisecond. More often,
/// and the checks would notice that the reader wakes up.
const LOOK: Duration = Duration::from_millis(1);
/// A change that is not seen by then fails the bench.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most checks whose times are kept; later ones go on unmeasured.
const MOST: usize = 20_000_000;
/// How long checks are measured with nothing else going on.
const ALONE: Duration = Duration::from_secs(2);

/// How much to do.
struct Options {
    size: usize,
    /// Rounds of changes. The table has the median round, because the disk or the machine may be
    /// busy with something else in one of them.
    rounds: usize,
    /// Changes of a round, one each millisecond.
    changes: usize,
    /// Files that the disk replaces by itself.
    replaced: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    if let Some(data) = after("--watch") {
        let count = after("--count").and_then(|count| count.parse().ok()).expect("a count");
        return watch(Path::new(data), count);
    }
    if leave_to_criterion(&["--size"]) {
        return;
    }
    run(&if is_test() {
        Options { size: 10_000, rounds: 2, changes: 200, replaced: 50 }
    } else {
        let size = after("--size").map_or(10, |size| {
            size.strip_suffix('M').and_then(|size| size.parse().ok()).expect("a size such as 10M")
        });
        Options { size: size * 1_000_000, rounds: 5, changes: 4_000, replaced: 2_000 }
    });
}

fn run(options: &Options) {
    let base = Base::new(options);
    println!("# Changes over {} numbers\n", options.size);
    let alone = check_alone(&base);
    println!("{:<46}{:>10}{:>10}{:>10}{:>10}", "", "p50", "p99", "p99.9", "greatest");
    let replace = |_| replace_file(base.published.dir.path()).as_nanos() as f64 / 1e3;
    let floor = Times::new((0..options.replaced).map(replace).collect());
    print("floor: a file of 20 KiB replaced durably, us", &[&floor]);
    print("check, nothing else going on, ns", &[&alone]);
    let rounds: Vec<Round> = (0..options.rounds).map(|at| Round::new(&base, options, at)).collect();
    let checks: Vec<&Times> = rounds.iter().map(|round| &round.checks).collect();
    let same: Vec<&Times> = rounds.iter().map(|round| &round.same).collect();
    let other: Vec<&Times> = rounds.iter().map(|round| &round.other).collect();
    print("check, 1,000 changes/s and a compaction, ns", &checks);
    print("change to visible, same process, us", &same);
    print("change to visible, another process, us", &other);
    let each: Vec<String> =
        other.iter().map(|times| format!("{:.1}", times.at(0.99) / 1e3)).collect();
    println!("\nrounds, each with a compaction of everything; their p99 in ms: {}", each.join(" "));
    let mut bounds = Bounds::default();
    let mut add = |what, measured, most| bounds.add(what, measured, Bound::AtMost(most));
    add("p99.9 of checks, over that of before", median(&checks, 0.999) / alone.at(0.999), 2.0);
    add("change to visible in another process, p99, ms", median(&other, 0.99) / 1e3, 10.0);
    add("change to visible in the same process, p99, ms", median(&same, 0.99) / 1e3, 10.0);
    bounds.print();
}

/// A published base, and numbers that are not in it.
struct Base {
    published: Published,
    /// Changes take from the start.
    unlisted: Vec<u64>,
    /// The texts that are checked: the same numbers, from the end.
    texts: Vec<String>,
}

impl Base {
    fn new(options: &Options) -> Self {
        let Data { listed, unlisted } = Shape::Turkish.generate(options.size, 1 << 20);
        let published = Published::new(&compile(&listed));
        let texts = unlisted.iter().rev().map(|number| format!("+{number}")).collect();
        Self { published, unlisted, texts }
    }
}

/// Checks numbers that are not listed, one after the other, until `done`. Nanoseconds each, the clock
/// included.
fn check_until(base: &Base, done: &AtomicBool) -> Times {
    let mut reader = base.published.engine.reader();
    let domain = base.published.domain;
    let mut times: Vec<f32> = Vec::with_capacity(MOST);
    for text in base.texts.iter().cycle() {
        let start = Instant::now();
        black_box(&reader.check(domain, text).expect("the domain"));
        let time = start.elapsed().as_nanos() as f32;
        if times.len() < MOST {
            times.push(time);
        }
        if done.load(Ordering::Relaxed) {
            break;
        }
    }
    Times::new(times.into_iter().map(f64::from).collect())
}

/// Checks with nothing else going on.
fn check_alone(base: &Base) -> Times {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let checking = scope.spawn(|| check_until(base, &done));
        thread::sleep(ALONE);
        done.store(true, Ordering::Relaxed);
        checking.join().expect("the checks")
    })
}

/// What was measured while a thousand changes a second were made.
struct Round {
    /// Nanoseconds.
    checks: Times,
    /// Microseconds until a reader of this process saw a change.
    same: Times,
    /// The same for a reader of another process.
    other: Times,
}

impl Round {
    /// Makes changes, one each millisecond however long the ones before took, and compacts everything
    /// halfway.
    fn new(base: &Base, options: &Options, round: usize) -> Self {
        let count = options.changes;
        let numbers: Vec<String> = base.unlisted[round * count..][..count]
            .iter()
            .map(|number| format!("+{number}"))
            .collect();
        let watcher = Watcher::start(base.published.dir.path(), &numbers);
        let done = AtomicBool::new(false);
        let (asked, seen, checks) = thread::scope(|scope| {
            let watching = scope.spawn(|| look_for(&base.published.engine, &numbers));
            let checking = scope.spawn(|| check_until(base, &done));
            let (sender, due) = mpsc::channel();
            let writing = scope.spawn(move || write(&base.published.engine, count, &due));
            let start = Instant::now();
            let mut asked = Vec::with_capacity(count);
            for (i, number) in (0..).zip(&numbers) {
                let turn = start + Duration::from_millis(i);
                thread::sleep(turn.saturating_duration_since(Instant::now()));
                asked.push(now());
                sender.send(number.clone()).expect("the writer listens");
            }
            drop(sender);
            writing.join().expect("the writer");
            let seen = watching.join().expect("the reader of this process");
            done.store(true, Ordering::Relaxed);
            (asked, seen, checking.join().expect("the checks"))
        });
        let latencies = |seen: &[f64]| {
            assert_eq!(seen.len(), count, "every change was seen");
            Times::new(seen.iter().zip(&asked).map(|(seen, asked)| seen - asked).collect())
        };
        Self { checks, same: latencies(&seen), other: latencies(&watcher.finish()) }
    }
}

/// Makes the changes that are due, those that came meanwhile together, as a server does.
fn write(engine: &Engine, count: usize, due: &Receiver<String>) {
    let writer = engine.writer().expect("the only writer");
    let mut made = 0;
    while let Ok(first) = due.recv() {
        let entries: Vec<String> = std::iter::once(first).chain(due.try_iter()).collect();
        let changes: Vec<Change<'_>> = entries.iter().map(|entry| addition(entry)).collect();
        writer.change(DOMAIN, &changes).expect("a change");
        let before = made;
        made += changes.len();
        if (before < count / 2) != (made < count / 2) {
            writer.compact(DOMAIN).expect("a compaction");
        }
    }
    writer.wait().expect("the compaction");
}

/// When each of these numbers is first denied.
fn look_for(engine: &Engine, numbers: &[String]) -> Vec<f64> {
    let mut reader = engine.reader();
    let see = |number: &String| {
        let start = Instant::now();
        while !reader.check(DOMAIN, number).expect("the domain").is_deny() {
            assert!(start.elapsed() < PATIENCE, "{number} is not in force");
            thread::sleep(LOOK);
        }
        now()
    };
    numbers.iter().map(see).collect()
}

/// The other process: this program with `--watch`.
struct Watcher {
    child: std::process::Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Watcher {
    /// Starts the process, and waits until it looks for these numbers, which it takes from its input.
    fn start(data: &Path, numbers: &[String]) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("the path of this bench"))
            .args(["--watch", &data.to_string_lossy(), "--count", &numbers.len().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("another process");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(numbers.join("\n").as_bytes()).expect("the numbers");
        drop(input);
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut ready = String::new();
        output.read_line(&mut ready).expect("the other process is ready");
        Self { child, output }
    }

    /// The times at which it saw each number.
    fn finish(mut self) -> Vec<f64> {
        let mut text = String::new();
        self.output.read_to_string(&mut text).expect("the times");
        assert!(self.child.wait().expect("the other process").success(), "it failed");
        text.lines().map(|line| line.parse().expect("a time")).collect()
    }
}

/// Looks for the numbers of the input, and prints when it saw each.
fn watch(data: &Path, count: usize) {
    let numbers: Vec<String> =
        std::io::stdin().lines().map(|line| line.expect("a number")).collect();
    assert_eq!(numbers.len(), count, "as many numbers as changes");
    let engine = Engine::open(data).expect("the directory");
    println!("ready");
    let times: Vec<String> =
        look_for(&engine, &numbers).into_iter().map(|time| time.to_string()).collect();
    println!("{}", times.join("\n"));
}

/// Microseconds since 1970: a clock that processes share.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    since.as_nanos() as f64 / 1e3
}

/// Times, ascending.
struct Times(Vec<f64>);

impl Times {
    fn new(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The time that this share of all does not exceed.
    fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share) as usize).copied().unwrap_or(f64::NAN)
    }
}

/// The time that this share of all does not exceed in the median round.
fn median(rounds: &[&Times], share: f64) -> f64 {
    Times::new(rounds.iter().map(|times| times.at(share)).collect()).at(0.5)
}

/// Prints the median round, and the greatest time of all.
fn print(name: &str, rounds: &[&Times]) {
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| median(rounds, share));
    let most = rounds.iter().map(|times| times.at(1.0)).fold(0.0, f64::max);
    println!("{name:<46}{p50:>10.0}{p99:>10.0}{p999:>10.0}{most:>10.0}");
}
