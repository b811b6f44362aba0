//! Merges sorted lists into the sections of an index.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::block::SPAN;
use super::sets::{Growing, Interner};
use super::{blocks, filter, texts};
use crate::Result;

/// The entries of one list, each in ascending order without duplicates.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) numbers: Vec<u64>,
    /// Tag and text.
    pub(super) texts: Vec<Box<[u8]>>,
}

/// The sections that hold entries, and their counts over all lists.
pub(super) struct Sections {
    pub(super) sets: Vec<u8>,
    pub(super) filter: Vec<u8>,
    pub(super) blocks: [Vec<u8>; 3],
    pub(super) texts: Vec<u8>,
    pub(super) e164_count: u64,
    pub(super) text_count: u64,
}

/// Builds the sections; `lists[i]` is the list of index `i`.
pub(super) fn sections(lists: &[Sorted]) -> Result<Sections> {
    let mut interner = Interner::default();
    let (blocks, e164_count) = merge(lists, &mut interner)?;
    let (texts, text_count) = build_texts(lists, &mut interner)?;
    // The merge counted what is distinct: numbers on many lists do not make the filter larger.
    let numbers: Vec<&[u64]> = lists.iter().map(|list| &list.numbers[..]).collect();
    let filter = filter::build(e164_count as usize, &numbers);
    Ok(Sections { sets: interner.to_bytes(), filter, blocks, texts, e164_count, text_count })
}

/// Walks all lists block by block; a heap tells which lists have numbers in the next one.
fn merge(lists: &[Sorted], interner: &mut Interner) -> Result<([Vec<u8>; 3], u64)> {
    let mut builder = blocks::Builder::new();
    let mut runs: Vec<&[u64]> = lists.iter().map(|list| &list.numbers[..]).collect();
    let next = |run: &[u64], list: usize| Some(Reverse((run.first()? / SPAN, list)));
    let mut heap: BinaryHeap<_> =
        runs.iter().enumerate().filter_map(|(list, run)| next(run, list)).collect();
    let mut block = Merged::new();
    let mut count = 0;
    while let Some(&Reverse((number, _))) = heap.peek() {
        // Lists of the same block come in ascending order, as sets want them.
        while let Some(&Reverse((same, list))) = heap.peek() {
            if same != number {
                break;
            }
            heap.pop();
            let end = (number + 1) * SPAN;
            let length = runs[list].iter().take_while(|&&other| other < end).count();
            let (now, later) = runs[list].split_at(length);
            runs[list] = later;
            block.add(number * SPAN, now, list as u32, interner);
            heap.extend(next(later, list));
        }
        let (lows, ids) = block.take(interner)?;
        count += lows.len() as u64;
        builder.push(number, lows, ids)?;
    }
    Ok((builder.finish(), count))
}

/// One block while lists are added to it: a bit and a set for each of its 10^4 numbers. To mark
/// them is faster than to merge lists two by two, whose next number is anybody's guess.
struct Merged {
    taken: [u64; WORDS],
    sets: Vec<Growing>,
    lows: Vec<u16>,
    ids: Vec<u32>,
}

const WORDS: usize = (SPAN as usize).div_ceil(64);

impl Merged {
    fn new() -> Self {
        Self {
            taken: [0; WORDS],
            sets: vec![Growing::default(); SPAN as usize],
            lows: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// Adds a list's numbers of the block that begins at `first`; lists come in ascending order.
    fn add(&mut self, first: u64, numbers: &[u64], list: u32, interner: &mut Interner) {
        let single = interner.grow(None, list);
        for number in numbers {
            let low = (number - first) as usize;
            let (word, bit) = (&mut self.taken[low / 64], 1 << (low % 64));
            let set = &mut self.sets[low];
            *set = if *word & bit == 0 { single } else { interner.grow(Some(*set), list) };
            *word |= bit;
        }
    }

    /// The last four digits, ascending, and the set id of each; empties the block.
    fn take(&mut self, interner: &mut Interner) -> Result<(&[u16], &[u32])> {
        self.lows.clear();
        self.ids.clear();
        for (word, taken) in (0..).step_by(64).zip(&mut self.taken) {
            while *taken != 0 {
                let low = word + taken.trailing_zeros() as u16;
                *taken &= *taken - 1;
                self.lows.push(low);
                self.ids.push(interner.id(self.sets[usize::from(low)])?);
            }
        }
        Ok((&self.lows, &self.ids))
    }
}

fn build_texts(lists: &[Sorted], interner: &mut Interner) -> Result<(Vec<u8>, u64)> {
    let mut all: Vec<(&[u8], u32)> = Vec::new();
    for (list, sorted) in (0..).zip(lists) {
        all.extend(sorted.texts.iter().map(|text| (&**text, list)));
    }
    all.par_sort_unstable();
    let mut entries = Vec::new();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let set = same[1..]
            .iter()
            .fold(interner.grow(None, same[0].1), |set, &(_, list)| interner.grow(Some(set), list));
        entries.push((same[0].0, interner.id(set)?));
    }
    Ok((texts::build(entries.iter().copied()), entries.len() as u64))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::sets::Sets;
    use super::super::verdict::{Action, List};
    use super::*;

    /// The lists of each number by the merge, against a map that is filled one by one.
    #[test]
    fn the_merge_equals_a_map_of_sets() {
        let number = |i: u64, step: u64| 905_000_000_000 + i * step;
        let list = |count, step| Sorted {
            numbers: (0..count).map(|i| number(i, step)).collect(),
            texts: Vec::new(),
        };
        let lists = [list(3000, 7), list(0, 1), list(500, 9973), list(3000, 14), list(9, 7)];
        let mut expected: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
        for (i, list) in (0..).zip(&lists) {
            for &number in &list.numbers {
                expected.entry(number).or_default().insert(i);
            }
        }
        let mut interner = Interner::default();
        let ([directory, offsets, bodies], count) = merge(&lists, &mut interner).unwrap();
        assert_eq!(count, expected.len() as u64);
        let list = List { name: String::new(), action: Action::Deny, entries: 0 };
        let sets = Sets::read(&interner.to_bytes(), &vec![list; 5]).unwrap();
        let blocks = blocks::Blocks { directory: &directory, offsets: &offsets, bodies: &bodies };
        blocks.verify(count, sets.len()).unwrap();
        for (number, lists) in expected {
            let found = blocks.find(number).map(|set| sets.lists(set).to_vec());
            assert_eq!(found, Some(lists.into_iter().collect()), "{number}");
        }
    }
}
