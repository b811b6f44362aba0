//! Merges sorted lists into the sections of an index.

use rayon::prelude::*;

use super::block::SPAN;
use super::sets::Interner;
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
    let (texts, text_count) = build_texts(lists, &mut interner);
    // The merge counted what is distinct: numbers on many lists do not make the filter larger.
    let numbers: Vec<&[u64]> = lists.iter().map(|list| &list.numbers[..]).collect();
    let filter = filter::build(e164_count as usize, &numbers);
    Ok(Sections { sets: interner.to_bytes(), filter, blocks, texts, e164_count, text_count })
}

/// Walks all lists block by block.
fn merge(lists: &[Sorted], interner: &mut Interner) -> Result<([Vec<u8>; 3], u64)> {
    let mut builder = blocks::Builder::new();
    let mut runs: Vec<&[u64]> = lists.iter().map(|list| &list.numbers[..]).collect();
    let mut block = Merged::new();
    let mut count = 0;
    while let Some(first) = runs.iter().filter_map(|run| run.first()).min() {
        let number = first / SPAN;
        block.clear();
        for (list, run) in (0..).zip(&mut runs) {
            let length = run.iter().take_while(|&&other| other / SPAN == number).count();
            let (now, later) = run.split_at(length);
            *run = later;
            block.add(now, list, interner);
        }
        let (lows, ids) = block.sorted();
        count += lows.len() as u64;
        builder.push(number, lows, ids)?;
    }
    Ok((builder.finish(), count))
}

/// One block while lists are added to it.
struct Merged {
    lows: Vec<u16>,
    ids: Vec<u32>,
    /// Room for the merge of the above with one more list.
    other: (Vec<u16>, Vec<u32>),
}

impl Merged {
    fn new() -> Self {
        Self { lows: Vec::new(), ids: Vec::new(), other: Default::default() }
    }

    fn clear(&mut self) {
        self.lows.clear();
        self.ids.clear();
    }

    /// Adds a list's numbers of this block; lists come in ascending order.
    fn add(&mut self, numbers: &[u64], list: u32, interner: &mut Interner) {
        if numbers.is_empty() {
            return;
        }
        let single = interner.single(list);
        let lows = numbers.iter().map(|number| (number % SPAN) as u16);
        if self.lows.is_empty() {
            self.lows.extend(lows);
            self.ids.resize(self.lows.len(), single);
            return;
        }
        let (merged, ids) = &mut self.other;
        merged.clear();
        ids.clear();
        let mut mine = self.lows.iter().copied().zip(self.ids.iter().copied()).peekable();
        for low in lows {
            while let Some((before, id)) = mine.next_if(|&(before, _)| before < low) {
                merged.push(before);
                ids.push(id);
            }
            let same = mine.next_if(|&(same, _)| same == low);
            merged.push(low);
            ids.push(same.map_or(single, |(_, set)| interner.grow(set, list)));
        }
        for (low, id) in mine {
            merged.push(low);
            ids.push(id);
        }
        std::mem::swap(&mut self.lows, merged);
        std::mem::swap(&mut self.ids, ids);
    }

    fn sorted(&self) -> (&[u16], &[u32]) {
        (&self.lows, &self.ids)
    }
}

fn build_texts(lists: &[Sorted], interner: &mut Interner) -> (Vec<u8>, u64) {
    let mut all: Vec<(&[u8], u32)> = Vec::new();
    for (list, sorted) in (0..).zip(lists) {
        all.extend(sorted.texts.iter().map(|text| (&**text, list)));
    }
    all.par_sort_unstable();
    let entries: Vec<(&[u8], u32)> = all
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| {
            let first = interner.single(same[0].1);
            (same[0].0, same[1..].iter().fold(first, |set, &(_, list)| interner.grow(set, list)))
        })
        .collect();
    (texts::build(entries.iter().copied()), entries.len() as u64)
}
