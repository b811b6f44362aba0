//! A thousand changes a second: when readers of this process and of another see each.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use callbar::{Change, Engine};

use crate::{Base, DOMAIN, Options, Times, add, latency, now};

/// How often a reader looks whether the next change is in force: a call each millisecond. More often,
/// and its waking up would be what the checks notice.
const LOOK: Duration = Duration::from_millis(1);
/// A change that is not seen by then fails the bench.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was measured while changes were made.
pub(crate) struct During {
    pub(crate) checks: Times,
    /// Microseconds.
    pub(crate) same: Times,
    pub(crate) other: Times,
}

/// Makes changes, one each millisecond by the clock whatever the ones before took, and in their
/// middle has everything compacted.
pub(crate) fn measure(base: &Base, texts: &[String], options: &Options, round: usize) -> During {
    let count = options.changes;
    let mut child = Command::new(std::env::current_exe().expect("the path of this bench"))
        .args(["--watch", &base.dir.to_string_lossy(), "--count", &count.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("another process");
    // The child takes the numbers to look for from its input, so that both ask for the same.
    let numbers: Vec<String> = (0..count).map(|i| base.added(round * count + i)).collect();
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, numbers.join("\n").as_bytes()).expect("the numbers");
    drop(input);
    let mut output = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut ready = String::new();
    std::io::BufRead::read_line(&mut output, &mut ready).expect("the child is ready");

    let done = AtomicBool::new(false);
    let (asked, seen, checks) = thread::scope(|scope| {
        let watching = scope.spawn(|| look_for(&base.engine, &numbers));
        let checking = scope.spawn(|| latency::until(base, texts, &done));
        let (sender, due) = mpsc::channel();
        let writing = scope.spawn(move || write(base, count, &due));
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
        let seen = watching.join().expect("the watcher");
        done.store(true, Ordering::Relaxed);
        (asked, seen, checking.join().expect("the checks"))
    });
    let mut text = String::new();
    std::io::Read::read_to_string(&mut output, &mut text).expect("what the child saw");
    assert!(child.wait().expect("the child").success(), "the child failed");
    let other: Vec<f64> = text.lines().map(|line| line.parse().expect("a time")).collect();
    let latencies = |seen: &[f64]| {
        assert_eq!(seen.len(), count, "every change was seen");
        Times::of(seen.iter().zip(&asked).map(|(seen, asked)| seen - asked).collect())
    };
    During { checks, same: latencies(&seen), other: latencies(&other) }
}

/// Makes the changes that are due, those that came meanwhile together, as a server does.
fn write(base: &Base, count: usize, due: &Receiver<String>) {
    let writer = base.engine.writer().expect("the only writer");
    let mut made = 0;
    while let Ok(first) = due.recv() {
        let entries: Vec<String> = std::iter::once(first).chain(due.try_iter()).collect();
        let changes: Vec<Change<'_>> = entries.iter().map(|entry| add(entry)).collect();
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

/// The other process: looks for the numbers of its input, and prints when it saw each.
pub(crate) fn watch(data: &Path, count: usize) {
    let numbers: Vec<String> =
        std::io::stdin().lines().map(|line| line.expect("a number")).collect();
    assert_eq!(numbers.len(), count, "as many numbers as changes");
    let engine = Engine::open(data).expect("the directory");
    println!("ready");
    let times: Vec<String> =
        look_for(&engine, &numbers).into_iter().map(|time| time.to_string()).collect();
    println!("{}", times.join("\n"));
}
