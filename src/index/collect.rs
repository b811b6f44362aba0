//! The entries of a list on their way into an index: collected as they come, then sorted.

use rayon::prelude::*;
use rdst::RadixSort;

use super::build::Sorted;
use super::key::Key;
use super::note::{Note, OwnedNote};
use super::report::{ListSummary, Rejected, Written};
use super::response::Response;
use super::verdict::{Action, List};

/// Bytes of a rejected entry that its report keeps.
const REJECTED_TEXT_MAX: usize = 80;

#[derive(Debug)]
pub(super) struct Unsorted {
    pub(super) name: String,
    pub(super) action: Action,
    pub(super) response: Option<Response>,
    pub(super) entries: Collected,
}

/// Canonical entries in the order in which they came, and those that have none.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) numbers: Vec<u64>,
    pub(super) texts: Vec<Box<[u8]>>,
    pub(super) noted: Vec<(Key, OwnedNote)>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) rejected_count: u64,
}

impl Collected {
    pub(super) fn add(
        &mut self,
        written: Written<'_>,
        note: Note<'_>,
        key: Result<Key, &'static str>,
    ) {
        match key.and_then(|key| note.verify().map(|()| key)) {
            Err(reason) => self.reject(written, reason),
            Ok(key) if !note.is_empty() => self.noted.push((key, note.into())),
            Ok(Key::E164(number)) => self.numbers.push(number),
            Ok(Key::Text(text)) => self.texts.push(text),
        }
    }

    fn reject(&mut self, Written { line, text }: Written<'_>, reason: &'static str) {
        let text = text.get(..REJECTED_TEXT_MAX).unwrap_or(text).into();
        self.rejected.push(Rejected { line, text, reason });
    }
}

impl Unsorted {
    pub(super) fn sort(self) -> (List, Sorted, ListSummary) {
        let Collected { mut numbers, mut texts, noted, rejected_count: rejected, .. } =
            self.entries;
        let written = numbers.len() + texts.len() + noted.len();
        let notes = last_of_each(noted);
        for (key, note) in &notes {
            if note.expires.is_none() {
                push(key, &mut numbers, &mut texts);
            }
        }
        if !numbers.is_sorted() {
            numbers.radix_sort_unstable();
        }
        texts.par_sort_unstable();
        numbers.dedup();
        texts.dedup();
        let mut sorted = Sorted { numbers, texts, ..Sorted::default() };
        for (key, mut note) in notes {
            if note.expires.is_some() {
                // Without expiry somewhere, it does not expire.
                if sorted.has(&key) {
                    note.expires = None;
                } else {
                    push(&key, &mut sorted.expiring, &mut sorted.expiring_texts);
                }
            }
            if !note.as_note().is_empty() {
                sorted.notes.push((key, note));
            }
        }
        let entries = sorted.len() as u64;
        let duplicates = written as u64 - entries;
        let Self { name, action, response, .. } = self;
        let list = List { name: name.clone(), action, response, entries, gone: false };
        let summary = ListSummary { name, action, entries, duplicates, rejected };
        (list, sorted, summary)
    }
}

/// Notes in the order of their keys; of several for one entry the last, which does not expire if one
/// of them does not.
fn last_of_each(mut noted: Vec<(Key, OwnedNote)>) -> Vec<(Key, OwnedNote)> {
    // Stable: those of one key stay in the order in which they came.
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

fn push(key: &Key, numbers: &mut Vec<u64>, texts: &mut Vec<Box<[u8]>>) {
    match key {
        Key::E164(number) => numbers.push(*number),
        Key::Text(text) => texts.push(text.clone()),
    }
}
