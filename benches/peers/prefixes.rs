//! Patterns: the longest of a million prefixes, and what prefixes cost those who match none.
//!
//! The peer is what switches are built with: a trie of digits whose nodes hold ten pointers.

use std::hint::black_box;
use std::time::Instant;

use callbar::{Action, Compiler, DialPlan, DomainId, E164, Engine, Reader, Verdict, Written};
use rayon::prelude::*;

use crate::options::Options;
use crate::peer::BATCH;
use crate::support::numbers::{Data, Shape, Texts, mix};
use crate::support::timing::{fence, median};
use crate::targets::{Bound, Targets};

/// How many in a million prefixes have so many digits: 18 of 100 Turkish mobiles begin with one.
const LENGTHS: [(u32, u64); 5] = [(7, 500), (8, 5_000), (9, 50_000), (10, 444_500), (11, 500_000)];

/// `count` distinct prefixes of Turkish mobiles, with the lengths of [`LENGTHS`].
fn prefixes(count: u64) -> Vec<String> {
    let mut prefixes = Vec::new();
    for (digits, share) in LENGTHS {
        let span = 10_u64.pow(digits - 3);
        let wanted = share * count / 1_000_000;
        // Odd, so coprime to a power of ten but for the factor 5, which it has not either.
        let step = span / 10 * 6 + 7;
        let random = |i: u64| (i * step + mix(digits.into())) % span;
        prefixes.extend(
            (0..wanted).map(|i| format!("905{:0width$}", random(i), width = digits as usize - 3)),
        );
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

/// How often the two indexes are put somewhere else.
const PLACEMENTS: usize = 15;

/// An engine with one index.
struct Listed {
    engine: Engine,
    domain: DomainId,
    bytes: usize,
    _dir: tempfile::TempDir,
}

/// An index with one list of numbers and prefixes.
fn compile(numbers: &[u64], prefixes: &[String]) -> Vec<u8> {
    let plan = DialPlan::new("TR").expect("a region");
    let mut compiler = Compiler::new("bench", plan).expect("a domain");
    let list = compiler.list("spam", Action::Deny).expect("a list");
    compiler.extend_e164(list, numbers.iter().filter_map(|&number| E164::new(number)));
    let patterns: Vec<String> = prefixes.iter().map(|prefix| format!("+{prefix}*")).collect();
    let written = |text: &String| text.as_bytes().to_vec();
    let texts: Vec<Vec<u8>> = patterns.iter().map(written).collect();
    let entries = texts.par_iter().map(|text| Written { line: 0, text });
    assert!(compiler.extend(list, entries).is_empty(), "every prefix is accepted");
    compiler.finish().expect("an index").bytes
}

impl Listed {
    /// Published, in a file of its own.
    fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = Engine::open(dir.path()).expect("an empty engine");
        let domain = engine.publish("bench", bytes).expect("published");
        Self { engine, domain, bytes: bytes.len(), _dir: dir }
    }
}

/// Ten pointers a node, and whether a prefix ends here.
#[derive(Default)]
struct Node {
    children: [Option<Box<Node>>; 10],
    ends: Option<u32>,
}

impl Node {
    fn insert(&mut self, digits: &[u8], value: u32) {
        match digits.split_first() {
            None => self.ends = Some(value),
            Some((digit, rest)) => {
                let child = &mut self.children[usize::from(digit - b'0')];
                child.get_or_insert_default().insert(rest, value);
            }
        }
    }

    /// The value of the longest prefix.
    fn longest(&self, digits: &[u8]) -> Option<u32> {
        let (mut node, mut longest) = (self, self.ends);
        for digit in digits {
            let Some(child) = &node.children[usize::from(digit - b'0')] else { break };
            node = child;
            longest = node.ends.or(longest);
        }
        longest
    }

    fn count(&self) -> usize {
        1 + self.children.iter().flatten().map(|child| child.count()).sum::<usize>()
    }
}

/// Nanoseconds a text: one at a time, and overlapping.
fn times(texts: &Texts, round: usize, mut asked: impl FnMut(&[u8]) -> bool) -> [f64; 2] {
    let per_text = |start: Instant| start.elapsed().as_nanos() as f64 / texts.len() as f64;
    let start = Instant::now();
    for text in texts.run(round, texts.len()) {
        black_box(asked(text));
        fence();
    }
    let isolated = per_text(start);
    let start = Instant::now();
    for text in texts.run(round, texts.len()) {
        black_box(asked(text));
    }
    [isolated, per_text(start)]
}

fn hit(reader: &mut Reader, domain: DomainId, text: &[u8]) -> bool {
    !matches!(reader.check(domain, text), Ok(Verdict::Pass))
}

/// The longest of many prefixes, against the trie.
pub(crate) fn longest(options: &Options, targets: &mut Targets) {
    let count = if options.is_test() { 1_000 } else { 1_000_000 };
    let prefixes = prefixes(count);
    let mut trie = Node::default();
    for (value, prefix) in (0..).zip(&prefixes) {
        trie.insert(prefix.as_bytes(), value);
    }
    let listed = Listed::new(&compile(&[], &prefixes));
    let mut reader = listed.engine.reader();
    let Data { unlisted, .. } = Shape::Turkish.generate(1, options.queries);
    let texts = Texts::new(&unlisted);
    let by_trie = |text: &[u8]| trie.longest(&text[1..]).is_some();
    for text in texts.run(0, texts.len()) {
        assert_eq!(hit(&mut reader, listed.domain, text), by_trie(text), "{text:?}");
    }
    let (mut ours, mut theirs) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
    for round in 0..options.effort.rounds {
        let callbar = times(&texts, round, |text| hit(&mut reader, listed.domain, text));
        let trie = times(&texts, round, by_trie);
        for way in 0..2 {
            ours[way].push(callbar[way]);
            theirs[way].push(trie[way]);
        }
    }
    let (ours, theirs) = (ours.map(median), theirs.map(median));
    let bytes = |bytes: usize| bytes as f64 / prefixes.len() as f64;
    println!(
        "\n## Longest of {} prefixes, 7 to 11 digits; 18 of 100 texts match\n",
        prefixes.len()
    );
    println!("{:<26}{:>14}{:>12}{:>13}", "", "bytes/prefix", "isolated", "independent");
    let row = |name: &str, bytes: f64, [isolated, independent]: [f64; 2]| {
        println!("{name:<26}{bytes:>14.1}{isolated:>9.1} ns{independent:>10.1} ns");
    };
    row("callbar", bytes(listed.bytes), ours);
    row("trie, 10 pointers a node", bytes(trie.count() * size_of::<Node>()), theirs);
    let what = format!("longest of {count} prefixes, isolated, over the trie's");
    targets.add(what, ours[0] / theirs[0], Bound::AtMost(1.0));
}

/// A large base of numbers with few prefixes beside it, against the base alone: negatives.
pub(crate) fn added(options: &Options, targets: &mut Targets) {
    let (count, few) = if options.is_test() { (10_000, 100) } else { (10_000_000, 10_000) };
    let Data { listed, unlisted } = Shape::Turkish.generate(count, options.queries);
    let prefixes = prefixes(few);
    let indexes = [compile(&listed, &[]), compile(&listed, &prefixes)];
    let text = |number: &u64| format!("+{number}");
    let asked = Listed::new(&indexes[1]);
    let mut reader = asked.engine.reader();
    let negatives: Vec<u64> = unlisted
        .into_iter()
        .filter(|number| !hit(&mut reader, asked.domain, text(number).as_bytes()))
        .collect();
    let texts = Texts::new(&negatives);
    let mut rows = [const { [const { Vec::new() }; 3] }; 2];
    let mut more = [const { Vec::new() }; 3];
    // Where the kernel puts a file makes more difference than the prefixes: so each is put somewhere
    // else again and again, and the median is of the differences.
    for placement in 0..PLACEMENTS {
        let both = indexes.each_ref().map(|bytes| Listed::new(bytes));
        let mut times = [const { [const { Vec::new() }; 3] }; 2];
        for round in 0..options.effort.rounds.div_ceil(PLACEMENTS).max(2) {
            for (listed, times) in both.iter().zip(&mut times) {
                let round = placement * PLACEMENTS + round;
                let one = measure(&texts, round, listed);
                times.iter_mut().zip(one).for_each(|(times, time)| times.push(time));
            }
        }
        let [alone, beside] = times.map(|times| times.map(median));
        for way in 0..3 {
            rows[0][way].push(alone[way]);
            rows[1][way].push(beside[way]);
            more[way].push(beside[way] - alone[way]);
        }
    }
    let [alone, beside] = rows.map(|row| row.map(median));
    println!("\n## {count} numbers, and {} prefixes beside them: negatives, ns\n", prefixes.len());
    println!("{:<26}{:>12}{:>13}{:>10}", "", "isolated", "independent", "batched");
    for (name, row) in [("numbers alone", alone), ("with prefixes", beside)] {
        println!("{name:<26}{:>12.1}{:>13.1}{:>10.1}", row[0], row[1], row[2]);
    }
    for (way, name) in ["isolated", "independent", "batched"].iter().enumerate() {
        let what = format!("{few} prefixes beside {count} numbers, {name}, ns more");
        targets.add(what, median(std::mem::take(&mut more[way])), Bound::AtMost(5.0));
    }
}

/// Isolated, independent, batched.
fn measure(texts: &Texts, round: usize, listed: &Listed) -> [f64; 3] {
    let mut reader = listed.engine.reader();
    let domain = listed.domain;
    let [isolated, independent] = times(texts, round, |text| hit(&mut reader, domain, text));
    [isolated, independent, batches(texts, round, &mut reader, domain)]
}

fn batches(texts: &Texts, round: usize, reader: &mut Reader, domain: DomainId) -> f64 {
    let all: Vec<&[u8]> = texts.run(round, texts.len()).collect();
    let start = Instant::now();
    for texts in all.chunks(BATCH) {
        let mut verdicts = [(); BATCH].map(|()| Verdict::Pass);
        reader.check_batch(domain, texts, &mut verdicts).expect("the domain");
        black_box(&verdicts);
    }
    start.elapsed().as_nanos() as f64 / all.len() as f64
}
