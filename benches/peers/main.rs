//! callbar beside other structures that can hold a list of numbers: the same numbers, the same
//! questions, one run.
//!
//! A program with a table, not a criterion bench: a figure means something beside the peers and the
//! pointer chase of the same minutes, because the memory of a shared machine changes its speed from
//! minute to minute. So each round measures all that is compared.
//!
//! ```text
//! cargo bench --bench peers                       1M and 10M Turkish mobiles
//! cargo bench --bench peers -- --size 100M        NANP-shaped, as the US do-not-call registry
//! cargo bench --bench peers -- --peers callbar,foldhash
//! cargo bench --bench peers -- --peers prefixes   longest prefix, and prefixes beside 10M numbers
//! cargo bench --bench peers -- --test             a small round of everything
//! ```
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

mod chase;
mod measure;
mod memory;
mod options;
mod peer;
mod prefixes;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other benches need the rest")]
mod support;
mod targets;

use chase::Chase;
use measure::{Effort, Queries, Row, measure};
use options::{Options, Size};
use peer::{Callbar, FoldHash, FstSet, LockedStrings, Peer, Roaring, Sorted, Sqlite};
use support::bounds::Bounds;
use support::leave_to_criterion;
use support::numbers::{Data, Texts, mixed, sample};
use support::timing::{fence_cost, median};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const EXPLANATION: &str = "\
bytes:        a number; callbar with the ids of three lists, the others without ids
build:        ns a number, from sorted numbers in memory; callbar: to a verified, synced file
isolated:     ns a question, one at a time, a fence after each, its cost left in
independent:  millions a second, one thread, questions overlap; negatives
batched:      the same in batches of 64, where a peer has them
two threads:  the same as independent, both threads together; and that over one thread
A question is a text (+905...). callbar makes it canonical, the others skip the plus and, where they
hold integers, parse digits. Negatives are numbers of the same shape that are not listed.
The chase is on ordinary pages, and so are the heaps of the peers unless the system is set otherwise.
The files of callbar lie on huge pages where the kernel keeps them so.";

fn main() {
    if leave_to_criterion(&["--size", "--peers"]) {
        return;
    }
    let options = Options::parse(std::env::args().skip(1));
    println!("# Peers\n\n{EXPLANATION}\n");
    println!("fence by itself: {:.1} ns", fence_cost());
    let mut chase = Chase::new(options.chase_bytes);
    println!(
        "chase: {} MiB in 64-byte lines, huge pages: {}",
        options.chase_bytes >> 20,
        chase.huge_pages()
    );
    let mut bounds = Bounds::default();
    if options.wants_numbers() {
        for size in &options.sizes {
            run_size(size, &options, &mut chase, &mut bounds);
        }
    }
    if options.wants("prefixes") {
        prefixes::longest(&options, &mut bounds);
        prefixes::added(&options, &mut bounds);
    }
    bounds.print();
}

fn run_size(size: &Size, options: &Options, chase: &mut Chase, bounds: &mut Bounds) {
    println!("\n## {}: {}\n", size.label, size.shape.name());
    let Data { listed, unlisted } = size.shape.generate(size.count, options.queries);
    let positive = sample(&listed, options.queries);
    let queries = Queries {
        mixed: Texts::new(&mixed(&unlisted, &positive)),
        negative: Texts::new(&unlisted),
        positive: Texts::new(&positive),
    };
    drop((unlisted, positive));
    print_head();
    let mut run = Run { listed: &listed, queries: &queries, options, chase, rows: Vec::new() };
    run.peer::<Callbar>();
    run.peer::<LockedStrings>();
    run.peer::<FoldHash>();
    run.peer::<FstSet>();
    run.peer::<Roaring>();
    run.peer::<Sorted>();
    run.peer::<Sqlite>();
    let rows = run.rows;
    let chases = || rows.iter().flat_map(|row| row.chase.iter().copied());
    let middle = median(chases());
    let (least, most) = chases().fold((f64::MAX, 0.0), |(a, b), x| (a.min(x), f64::max(b, x)));
    println!("pointer chase: median {middle:.1} ns, {least:.1} to {most:.1} over this size\n");
    println!("isolated negative in chases:");
    for row in &rows {
        println!("  {:<26}{:>6.2}", row.name, row.isolated[0] / middle);
    }
    if let Some(row) = rows.iter().find(|row| row.name == Callbar::NAME) {
        targets::add(bounds, &size.label, &listed, row, middle);
    }
}

/// The peers of one size, while they are measured.
struct Run<'a> {
    listed: &'a [u64],
    queries: &'a Queries,
    options: &'a Options,
    chase: &'a mut Chase,
    rows: Vec<Row>,
}

impl Run<'_> {
    fn peer<P: Peer>(&mut self) {
        if !self.options.wants(P::NAME) {
            return;
        }
        let needed = P::PEAK * self.listed.len();
        if memory::available().is_some_and(|available| available < needed) {
            println!("{:<26}left out: needs {} MB of memory", P::NAME, needed / 1_000_000);
            return;
        }
        let effort: Effort = self.options.effort;
        let row = measure::<P>(self.listed, self.queries, effort, self.chase);
        print_row(&row);
        self.rows.push(row);
    }
}

fn print_head() {
    println!(
        "{:<26}{:>8}{:>9}{:>10}{:>8}{:>8}{:>13}{:>9}{:>13}{:>7}{:>8}",
        "",
        "bytes",
        "build",
        "isolated",
        "",
        "",
        "independent",
        "batched",
        "two threads",
        "",
        "chase"
    );
    println!(
        "{:<26}{:>8}{:>9}{:>10}{:>8}{:>8}{:>13}{:>9}{:>13}{:>7}{:>8}",
        "", "/number", "ns/n", "negative", "pos.", "1% pos", "M/s", "M/s", "M/s", "x one", "ns"
    );
}

fn print_row(row: &Row) {
    let [negative, positive, mixed] = row.isolated;
    let batched = row.batched.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"));
    println!(
        "{:<26}{:>8.2}{:>9.1}{:>10.1}{:>8.1}{:>8.1}{:>13.2}{:>9}{:>13.2}{:>7.2}{:>8.1}",
        row.name,
        row.bytes,
        row.build,
        negative,
        positive,
        mixed,
        row.independent,
        batched,
        row.two_threads,
        row.scaling,
        median(row.chase.iter().copied()),
    );
}
