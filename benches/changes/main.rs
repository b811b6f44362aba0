//! What a change costs: how soon it is in force, and what checks notice of it.
//!
//! ```text
//! cargo bench --bench changes                 over 10M numbers, about a minute
//! cargo bench --bench changes -- --size 1M
//! cargo bench --bench changes -- --test       a small round of everything
//! ```
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

mod floor;
mod latency;
mod layers;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the bench of the peers needs the rest")]
mod support;
mod tenants;
mod visible;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use callbar::{Action, Change, Compiler, DialPlan, E164, Engine, Note};
use support::numbers::{Data, Shape};
use visible::During;

const DOMAIN: &str = "bench";
const LIST: &str = "spam";

/// How much to do.
pub(crate) struct Options {
    size: usize,
    /// Rounds of changes. What is told is that of the median round: in each the disk, or the
    /// machine, may be away for a moment.
    rounds: usize,
    /// Changes of a round, one each millisecond.
    changes: usize,
    tenants: usize,
    swaps: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    if let Some(data) = after("--watch") {
        let count = after("--count").and_then(|count| count.parse().ok()).expect("a count");
        return visible::watch(Path::new(data), count);
    }
    let options = if arguments.iter().any(|argument| argument == "--test") {
        Options { size: 10_000, rounds: 2, changes: 200, tenants: 50, swaps: 50 }
    } else {
        let size = after("--size").map_or(10, |size| {
            size.strip_suffix('M').and_then(|size| size.parse().ok()).expect("a size such as 10M")
        });
        let size = size * 1_000_000;
        Options { size, rounds: 5, changes: 4_000, tenants: 10_000, swaps: 2_000 }
    };
    run(&options);
}

fn run(options: &Options) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let base = Base::publish(dir.path(), options);
    println!("# Changes over {} numbers\n", options.size);
    let texts = latency::texts(&base);
    let alone = latency::alone(&base, &texts);
    println!("{:<46}{:>10}{:>10}{:>10}{:>10}", "", "p50", "p99", "p99.9", "greatest");
    let floor = floor::replaced(dir.path(), options.swaps);
    print("floor: a file of 20 KiB replaced durably, us", &[&floor]);
    print("check, nothing else going on, ns", &[&alone]);
    let rounds: Vec<During> =
        (0..options.rounds).map(|round| visible::measure(&base, &texts, options, round)).collect();
    let of = |times: fn(&During) -> &Times| -> Vec<&Times> { rounds.iter().map(times).collect() };
    let [checks, same, other] =
        [of(|round| &round.checks), of(|round| &round.same), of(|round| &round.other)];
    print("check, 1,000 changes/s and a compaction, ns", &checks);
    print("change to visible, same process, us", &same);
    print("change to visible, another process, us", &other);
    let each: Vec<String> =
        other.iter().map(|times| format!("{:.1}", times.at(0.99) / 1e3)).collect();
    println!("\nrounds, each with a compaction of everything; their p99 in ms: {}", each.join(" "));
    swaps(&base, options);
    target("p99.9 of checks, times that of before", median(&checks, 0.999) / alone.at(0.999), 2.0);
    target("change to visible in another process, p99, ms", median(&other, 0.99) / 1e3, 10.0);
    target("change to visible in the same process, p99, ms", median(&same, 0.99) / 1e3, 10.0);
    layers::measure(&base, &texts);
    drop(base);
    tenants::run(options);
}

/// Changes one after the other, each durable before the next.
fn swaps(base: &Base, options: &Options) {
    let writer = base.engine.writer().expect("the only writer");
    let start = Instant::now();
    for number in base.unlisted.iter().rev().take(options.swaps) {
        writer.change(DOMAIN, &[add(&format!("+{number}"))]).expect("a change");
    }
    let rate = options.swaps as f64 / start.elapsed().as_secs_f64();
    println!("swaps a second, one durable change each: {rate:.0}\n");
}

/// Says whether what was promised was reached.
pub(crate) fn target(what: &str, reached: f64, most: f64) {
    let state = if reached <= most { "ok" } else { "SHORT" };
    println!("{what:<62} {reached:>8.2} <= {most:<6} {state}");
}

/// A published base, and numbers that are not in it.
pub(crate) struct Base {
    dir: PathBuf,
    engine: Engine,
    /// What was published.
    index: Vec<u8>,
    unlisted: Vec<u64>,
}

impl Base {
    fn publish(dir: &Path, options: &Options) -> Self {
        let Data { listed, unlisted } = Shape::Turkish.generate(options.size, 1 << 20);
        let mut compiler =
            Compiler::new(DOMAIN, DialPlan::new("TR").expect("a region")).expect("a name");
        let list = compiler.list(LIST, Action::Deny).expect("a list");
        compiler.extend_e164(list, listed.iter().filter_map(|&number| E164::new(number)));
        let engine = Engine::open(dir).expect("an empty directory");
        let index = compiler.finish().expect("an index").bytes;
        engine.publish(DOMAIN, &index).expect("published");
        Self { dir: dir.to_owned(), engine, index, unlisted }
    }

    /// The number that the `i`th change of all adds, as text.
    fn added(&self, i: usize) -> String {
        format!("+{}", self.unlisted[i])
    }
}

fn add(entry: &str) -> Change<'_> {
    let entry = entry.as_bytes();
    Change::Add { list: LIST, entry, note: Note::default(), allow_broad: false }
}

/// Microseconds since 1970: a clock that processes share.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    since.as_nanos() as f64 / 1e3
}

/// Times, ascending.
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The time that this share of all does not exceed.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share) as usize).copied().unwrap_or(f64::NAN)
    }
}

/// The time that this share of all does not exceed in the median round.
fn median(rounds: &[&Times], share: f64) -> f64 {
    Times::of(rounds.iter().map(|times| times.at(share)).collect()).at(0.5)
}

/// The median round, and the greatest time of all.
fn print(name: &str, rounds: &[&Times]) {
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| median(rounds, share));
    let most = rounds.iter().map(|times| times.at(1.0)).fold(0.0, f64::max);
    println!("{name:<46}{p50:>10.0}{p99:>10.0}{p999:>10.0}{most:>10.0}");
}
