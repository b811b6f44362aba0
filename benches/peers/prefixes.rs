//! Patterns: the longest of a million prefixes, and the cost of prefixes for numbers that match none.
//!
//! The peer is the structure that switches use: a trie of digits whose nodes hold ten pointers.

use crate::options::Options;
use crate::support::bounds::{Bound, Bounds};
use crate::support::lists::{BATCH, DOMAIN, Published, check_batch, compile_with, is_listed};
use crate::support::numbers::{Data, Shape, Texts, prefixes};
use crate::support::timing::{independent, isolated, median, per_text};

/// How often the two indexes are mapped anew.
const PLACEMENTS: usize = 15;

/// An index with one list of numbers and prefixes.
fn compile(numbers: &[u64], prefixes: &[String]) -> Vec<u8> {
    let entries: Vec<String> = prefixes.iter().map(|prefix| format!("+{prefix}*")).collect();
    compile_with(DOMAIN, numbers, &entries)
}

/// A node of the trie: ten pointers, and the value of the prefix that ends here.
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
fn times(texts: &Texts, mut ask: impl FnMut(&[u8]) -> bool) -> [f64; 2] {
    [
        per_text(texts, |range| isolated(texts, range, &mut ask)),
        per_text(texts, |range| independent(texts, range, &mut ask)),
    ]
}

/// Measures the longest of many prefixes, beside the trie.
pub(crate) fn longest(options: &Options, bounds: &mut Bounds) {
    let count = if options.is_test() { 1_000 } else { 1_000_000 };
    let prefixes = prefixes(count);
    let mut trie = Node::default();
    for (value, prefix) in (0..).zip(&prefixes) {
        trie.insert(prefix.as_bytes(), value);
    }
    let index = compile(&[], &prefixes);
    let Published { engine, domain, dir: _dir } = Published::new(&index);
    let mut reader = engine.reader();
    let Data { unlisted, .. } = Shape::Turkish.generate(1, options.queries);
    let texts = Texts::new(&unlisted);
    let by_trie = |text: &[u8]| trie.longest(&text[1..]).is_some();
    for text in texts.run(0, texts.len()) {
        assert_eq!(is_listed(&mut reader, domain, text), by_trie(text), "{text:?}");
    }
    let (mut ours, mut theirs) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
    for _ in 0..options.effort.rounds {
        let callbar = times(&texts, |text| is_listed(&mut reader, domain, text));
        let trie = times(&texts, by_trie);
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
    row("callbar", bytes(index.len()), ours);
    row("trie, 10 pointers a node", bytes(trie.count() * size_of::<Node>()), theirs);
    let what = format!("longest of {count} prefixes, isolated, over the trie's");
    bounds.add(what, ours[0] / theirs[0], Bound::AtMost(1.0));
}

/// Measures negatives in many numbers with few prefixes beside them, and in the numbers alone.
pub(crate) fn added(options: &Options, bounds: &mut Bounds) {
    let (count, few) = if options.is_test() { (10_000, 100) } else { (10_000_000, 10_000) };
    let Data { listed, unlisted } = Shape::Turkish.generate(count, options.queries);
    let prefixes = prefixes(few);
    let indexes = [compile(&listed, &[]), compile(&listed, &prefixes)];
    let text = |number: &u64| format!("+{number}");
    let Published { engine, domain, dir: _dir } = Published::new(&indexes[1]);
    let mut reader = engine.reader();
    let negatives: Vec<u64> = unlisted
        .into_iter()
        .filter(|number| !is_listed(&mut reader, domain, text(number).as_bytes()))
        .collect();
    let texts = Texts::new(&negatives);
    let mut rows = [const { [const { Vec::new() }; 3] }; 2];
    let mut more = [const { Vec::new() }; 3];
    // The place of a file in memory makes more difference than the prefixes. So both are mapped anew
    // again and again, and the median is of the differences.
    for _ in 0..PLACEMENTS {
        let both = indexes.each_ref().map(|index| Published::new(index));
        let mut times = [const { [const { Vec::new() }; 3] }; 2];
        for _ in 0..options.effort.rounds.div_ceil(PLACEMENTS).max(2) {
            for (published, times) in both.iter().zip(&mut times) {
                let one = measure(&texts, published);
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
        bounds.add(what, median(std::mem::take(&mut more[way])), Bound::AtMost(5.0));
    }
}

/// Nanoseconds a text: isolated, independent, batched.
fn measure(texts: &Texts, published: &Published) -> [f64; 3] {
    let mut reader = published.engine.reader();
    let domain = published.domain;
    let [isolated, independent] = times(texts, |text| is_listed(&mut reader, domain, text));
    let all: Vec<&[u8]> = texts.range(0..texts.len()).collect();
    let batched = per_text(texts, |_| {
        for texts in all.chunks(BATCH) {
            check_batch(&mut reader, domain, texts);
        }
    });
    [isolated, independent, batched]
}
