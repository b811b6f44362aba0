//! The entries of a compiler's lists: collected as they come, sorted list by list, then merged block by
//! block into the sections of an index.

use std::{cmp::Reverse, collections::BinaryHeap};

use rayon::prelude::*;
use rdst::RadixSort;

use super::assemble::Assembler;
use super::report::{ListSummary, Rejected};
use crate::index::format::sets::{Interner, Member, SetPath};
use crate::index::key::{EntryKey, KeyForm};
use crate::index::note::{EntryNote, OwnedNote};
use crate::index::{format::block::SPAN, list::List};
use crate::{Result, error::EntryError};

/// Bytes of a rejected entry that its report keeps.
const REJECTED_TEXT_MAX: usize = 80;

#[derive(Debug)]
pub(super) struct UnsortedList {
    /// The list as the index has it, but for the number of its entries.
    pub(super) record: List,
    pub(super) entries: CollectedEntries,
}

/// Entries in the order in which they came, and those that were refused.
#[derive(Debug, Default)]
pub(super) struct CollectedEntries {
    pub(crate) numbers: Vec<u64>,
    pub(crate) texts: Vec<Box<[u8]>>,
    pub(super) noted: Vec<(EntryKey, OwnedNote)>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) rejected_count: u64,
}

impl CollectedEntries {
    /// Takes an entry with its note.
    pub(super) fn add<S>(&mut self, key: EntryKey, note: EntryNote<S>)
    where
        OwnedNote: From<EntryNote<S>>,
    {
        if note.is_empty() {
            push(key, &mut self.numbers, &mut self.texts);
        } else {
            self.noted.push((key, note.into()));
        }
    }

    /// Keeps the reason why an entry was refused.
    pub(super) fn reject(&mut self, line: u64, text: &[u8], reason: EntryError) {
        let text = text.get(..REJECTED_TEXT_MAX).unwrap_or(text).into();
        self.rejected.push(Rejected { line, text, reason });
    }

    /// Adds what others collected, and returns what they refused.
    pub(super) fn append(&mut self, part: Self) -> Vec<Rejected> {
        self.numbers.extend_from_slice(&part.numbers);
        self.texts.extend(part.texts);
        self.noted.extend(part.noted);
        part.rejected
    }
}

impl UnsortedList {
    pub(crate) fn sort(self) -> (List, SortedList, ListSummary) {
        let CollectedEntries { mut numbers, mut texts, noted, rejected_count: rejected, .. } =
            self.entries;
        let written = numbers.len() + texts.len() + noted.len();
        let notes = last_of_each(noted);
        for (key, note) in &notes {
            if note.expires.is_none() {
                push(key.clone(), &mut numbers, &mut texts);
            }
        }
        if !numbers.is_sorted() {
            numbers.radix_sort_unstable();
        }
        texts.par_sort_unstable();
        numbers.dedup();
        texts.dedup();
        let mut sorted = SortedList { numbers, texts, ..SortedList::default() };
        for (key, mut note) in notes {
            if note.expires.is_some() {
                // It also came without expiry, so it does not expire.
                if sorted.has(&key) {
                    note.expires = None;
                } else {
                    push(key.clone(), &mut sorted.expiring, &mut sorted.expiring_texts);
                }
            }
            if !note.is_empty() {
                sorted.notes.push((key, note));
            }
        }
        let entries = sorted.len() as u64;
        let duplicates = written as u64 - entries;
        let list = List { entries, ..self.record };
        let (name, action) = (list.name.clone(), list.action);
        let summary = ListSummary { name, action, entries, duplicates, rejected };
        (list, sorted, summary)
    }
}

/// Sorts notes by key and keeps the last of each entry. It does not expire if one of them does not.
fn last_of_each(mut noted: Vec<(EntryKey, OwnedNote)>) -> Vec<(EntryKey, OwnedNote)> {
    // A stable sort: notes of one key stay in the order in which they came.
    noted.par_sort_by(|a, b| a.0.cmp(&b.0));
    noted.reverse();
    noted.dedup_by(|earlier, last| {
        let same = earlier.0 == last.0;
        if same && earlier.1.expires.is_none() {
            last.1.expires = None;
        }
        same
    });
    noted.reverse();
    noted
}

fn push(key: EntryKey, numbers: &mut Vec<u64>, texts: &mut Vec<Box<[u8]>>) {
    match key.0 {
        KeyForm::E164(number) => numbers.push(number),
        KeyForm::Text(text) => texts.push(text),
    }
}

/// The entries of one list, each in ascending order without duplicates.
#[derive(Debug, Default)]
pub(super) struct SortedList {
    pub(crate) numbers: Vec<u64>,
    /// Tag and text.
    pub(crate) texts: Vec<Box<[u8]>>,
    /// Numbers that expire.
    pub(crate) expiring: Vec<u64>,
    /// Others that expire.
    pub(super) expiring_texts: Vec<Box<[u8]>>,
    pub(crate) notes: Vec<(EntryKey, OwnedNote)>,
}

impl SortedList {
    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len() + self.texts.len() + self.expiring.len() + self.expiring_texts.len()
    }

    /// Reports whether the entry is here and does not expire.
    pub(crate) fn has(&self, key: &EntryKey) -> bool {
        match &key.0 {
            KeyForm::E164(number) => self.numbers.binary_search(number).is_ok(),
            KeyForm::Text(text) => self.texts.binary_search(text).is_ok(),
        }
    }
}

/// Puts all entries into the assembler; `lists[i]` is the list of index `i`.
pub(crate) fn merge(lists: &[SortedList], assembler: &mut Assembler) -> Result<()> {
    merge_numbers(lists, assembler)?;
    let mut notes: Vec<(&EntryKey, u32, &OwnedNote)> = Vec::new();
    for (list, sorted) in (0..).zip(lists) {
        notes.extend(sorted.notes.iter().map(|(key, note)| (key, list, note)));
    }
    notes.par_sort_unstable_by_key(|&(key, list, _)| (key, list));
    let numbers = notes.partition_point(|(key, ..)| matches!(key.0, KeyForm::E164(_)));
    let (numbers, others) = notes.split_at(numbers);
    for (key, list, note) in numbers {
        if let KeyForm::E164(number) = key.0 {
            assembler.notes.number(number, *list, &note.as_note())?;
        }
    }
    merge_texts(lists, others, assembler)
}

/// Walks all lists block by block. A heap gives the lists that have numbers in the next block.
fn merge_numbers(lists: &[SortedList], assembler: &mut Assembler) -> Result<()> {
    // The numbers of a list that expire come second, because members of a set ascend.
    let mut runs: Vec<(Member, &[u64])> = Vec::with_capacity(2 * lists.len());
    for (list, sorted) in (0..).zip(lists) {
        runs.push((Member::new(list, false), &sorted.numbers));
        runs.push((Member::new(list, true), &sorted.expiring));
    }
    let next = |numbers: &[u64], run: usize| Some(Reverse((numbers.first()? / SPAN, run)));
    let mut heap: BinaryHeap<_> =
        runs.iter().enumerate().filter_map(|(run, (_, numbers))| next(numbers, run)).collect();
    let mut block = MergedBlock::new();
    while let Some(&Reverse((number, _))) = heap.peek() {
        // Lists of the same block come in ascending order, as sets want them.
        while let Some(&Reverse((same, run))) = heap.peek() {
            if same != number {
                break;
            }
            heap.pop();
            let end = (number + 1) * SPAN;
            let (member, numbers) = runs[run];
            let length = numbers.iter().take_while(|&&other| other < end).count();
            let (now, later) = numbers.split_at(length);
            runs[run].1 = later;
            block.add(number * SPAN, now, member, &mut assembler.interner);
            heap.extend(next(later, run));
        }
        block.take(&mut assembler.interner)?;
        assembler.whole_block(number, &block.lows, &block.ids)?;
    }
    Ok(())
}

/// One block while lists are added to it: a bit and a set for each of its 10^4 numbers. To mark them is
/// faster than to merge lists two by two, where no branch can be predicted.
struct MergedBlock {
    taken: [u64; WORDS],
    sets: Vec<SetPath>,
    lows: Vec<u16>,
    ids: Vec<u32>,
}

const WORDS: usize = (SPAN as usize).div_ceil(64);

impl MergedBlock {
    fn new() -> Self {
        Self {
            taken: [0; WORDS],
            sets: vec![SetPath::default(); SPAN as usize],
            lows: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// Adds a list's numbers of the block that begins at `first`; members come in ascending order.
    fn add(&mut self, first: u64, numbers: &[u64], member: Member, interner: &mut Interner) {
        let single = interner.grow(None, member);
        for number in numbers {
            let low = (number - first) as usize;
            let (word, bit) = (&mut self.taken[low / 64], 1 << (low % 64));
            let set = &mut self.sets[low];
            *set = if *word & bit == 0 { single } else { interner.grow(Some(*set), member) };
            *word |= bit;
        }
    }

    /// Puts the last four digits into `lows`, ascending, and the set id of each into `ids`. Empties the
    /// block.
    fn take(&mut self, interner: &mut Interner) -> Result<()> {
        self.lows.clear();
        self.ids.clear();
        for (word, taken) in (0..).step_by(64).zip(&mut self.taken) {
            while *taken != 0 {
                let low = word + taken.trailing_zeros() as u16;
                *taken &= *taken - 1;
                self.lows.push(low);
                self.ids.push(interner.id(Some(self.sets[usize::from(low)]))?);
            }
        }
        Ok(())
    }
}

/// `notes` are the notes of the texts, in the order of keys and lists.
fn merge_texts(
    lists: &[SortedList],
    notes: &[(&EntryKey, u32, &OwnedNote)],
    assembler: &mut Assembler,
) -> Result<()> {
    let mut all: Vec<(&[u8], Member)> = Vec::new();
    for (list, sorted) in (0..).zip(lists) {
        let member = |expires| move |text| (text, Member::new(list, expires));
        all.extend(sorted.texts.iter().map(AsRef::as_ref).map(member(false)));
        all.extend(sorted.expiring_texts.iter().map(AsRef::as_ref).map(member(true)));
    }
    all.par_sort_unstable();
    let mut notes = notes;
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let set = assembler.interner.id_of(same.iter().map(|&(_, member)| member))?;
        let text = same[0].0;
        let count = notes
            .iter()
            .take_while(|(key, ..)| matches!(&key.0, KeyForm::Text(key) if **key == *text))
            .count();
        let (now, later) = notes.split_at(count);
        notes = later;
        let of_text = now.iter().map(|(_, list, note)| (*list, note.as_note()));
        assembler.text(text, set, false, of_text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::index::format::meta::Meta;
    use crate::index::note::Note;
    use crate::index::query::index::Index;
    use crate::{Action, DialPlan};

    /// The members of each number by the merge, against a map that is filled one by one.
    #[test]
    fn the_merge_equals_a_map_of_sets() {
        let number = |i: u64, step: u64| 905_000_000_000 + i * step;
        let numbers = |count, step| (0..count).map(|i| number(i, step)).collect::<Vec<_>>();
        let list =
            |count, step| SortedList { numbers: numbers(count, step), ..SortedList::default() };
        let mut lists = [list(3000, 7), list(0, 1), list(500, 9973), list(3000, 14), list(9, 7)];
        lists[1].expiring = numbers(700, 21);
        let note = OwnedNote::from(Note { expires: Some(9), ..Note::default() });
        lists[1].notes = lists[1]
            .expiring
            .iter()
            .map(|&number| (EntryKey::from_e164(number), note.clone()))
            .collect();
        let mut expected: BTreeMap<u64, BTreeSet<Member>> = BTreeMap::new();
        for (i, list) in (0..).zip(&lists) {
            for (numbers, expires) in [(&list.numbers, false), (&list.expiring, true)] {
                for &number in numbers {
                    expected.entry(number).or_default().insert(Member::new(i, expires));
                }
            }
        }
        let mut assembler = Assembler::default();
        merge(&lists, &mut assembler).unwrap();
        let fill = super::super::assemble::fill_from_blocks;
        let list = |i| List::new(format!("list {i}"), Action::Deny, None);
        let mut meta = Meta::new("d".into(), DialPlan::new("TR").unwrap());
        meta.lists = (0..5).map(list).collect();
        let finished = assembler.finish(meta, |filter, blocks| fill(filter, blocks, &mut || ()));
        let bytes = finished.unwrap();
        let index = Index::open(bytes).unwrap();
        for (number, members) in expected {
            let found = index.find_key(&EntryKey::from_e164(number)).unwrap();
            let found: BTreeSet<_> = index.members(found.set).iter().copied().collect();
            assert_eq!(found, members, "{number}");
        }
    }
}
