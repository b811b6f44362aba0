//! Entries of an import until all have been read: the store takes them several times as fast in the
//! order of their keys. Some 65 bytes each beside what they say, and no more than 4 GiB in all, but for
//! the moment in which their texts are put in order.

use rayon::slice::ParallelSliceMut;

use super::operation::NewNote;
use crate::store::{ListRow, NewEntry, Reader};
use crate::{Error, Result};
use callbar::{Note, pieces_of_key};

/// Bytes of an import in memory: some 80 million numbers.
const MOST: u64 = 4 << 30;

/// How the keys of patterns begin.
pub(super) const PATTERNS: &str = "P";

/// No note.
const NONE: u32 = u32::MAX;

/// Entries that wait for their order.
#[derive(Debug, Default)]
pub(super) struct Spool {
    /// Keys and numbers, one after the other.
    text: String,
    entries: Vec<Spooled>,
    /// Of the entries that have one.
    notes: Vec<NewNote>,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Spooled {
    /// How the key begins: nearly all comparisons end here, without a look at the text.
    head: [u64; 2],
    at: u64,
    number: u32,
    end: u32,
    note: u32,
}

impl Spool {
    /// Takes an entry, which is filed under `key`.
    pub(super) fn push(&mut self, key: &str, entry: NewNote) {
        let at = self.text.len() as u64;
        self.text.push_str(key);
        self.text.push_str(&entry.number);
        let number = key.len() as u32;
        let end = number + entry.number.len() as u32;
        let has_note = entry.note() != Note::default();
        let noted = if has_note { entry.size() } else { 0 };
        self.bytes += (size_of::<Spooled>() + end as usize + noted) as u64;
        let note = if has_note { self.notes.len() as u32 } else { NONE };
        if has_note {
            self.notes.push(NewNote { number: String::new(), ..entry });
        }
        self.entries.push(Spooled { head: head(key), at, number, end, note });
    }

    /// # Errors
    /// [`callbar::Error::TooLarge`](callbar::Error::TooLarge) if there is no room for more.
    pub(super) fn refuse_more(&self) -> Result<()> {
        let what = "bytes of an import in memory";
        if self.bytes > MOST {
            Err(Error::Engine(callbar::Error::TooLarge { what, limit: MOST }))
        } else {
            Ok(())
        }
    }

    /// Puts all in the order of their keys, and those of one key in the order they came in.
    pub(super) fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.par_sort_unstable_by(|a, b| {
            let rest = || self.key(a).cmp(self.key(b)).then(a.at.cmp(&b.at));
            a.head.cmp(&b.head).then_with(rest)
        });
        // What is put next is to lie next: the store would wait for memory at every text.
        let mut text = String::with_capacity(self.text.len());
        for entry in &mut entries {
            let own = self.text(entry.at, entry.end);
            entry.at = text.len() as u64;
            text.push_str(own);
        }
        self.text = text;
        self.entries = entries;
    }

    /// Prefixes that the patterns come to, each of them once; counted no further than above `most`.
    pub(super) fn pieces(&self, most: u64) -> u64 {
        let mut pieces = 0;
        for key in self.patterns() {
            pieces += pieces_of_key(key);
            if pieces > most {
                break;
            }
        }
        pieces
    }

    /// Prefixes of the patterns that a list has already.
    ///
    /// # Errors
    /// [`Error::Store`]
    pub(super) fn pieces_there(&self, reader: &Reader<'_>, list: ListRow) -> Result<u64> {
        self.patterns().try_fold(0, |pieces, key| {
            let there = reader.entry(list, key)?.is_some();
            Ok(pieces + if there { pieces_of_key(key) } else { 0 })
        })
    }

    /// The keys of all patterns, once each, for they are in order.
    fn patterns(&self) -> impl Iterator<Item = &str> {
        let first = self.entries.partition_point(|entry| self.key(entry) < PATTERNS);
        let keys = self.entries[first..].iter().map(|entry| self.key(entry));
        let mut last = None;
        keys.take_while(|key| key.starts_with(PATTERNS))
            .filter(move |&key| last.replace(key) != Some(key))
    }

    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// All of them, so many at a time.
    pub(super) fn batches(&self, count: usize) -> impl Iterator<Item = Vec<NewEntry<'_>>> {
        self.entries
            .chunks(count)
            .map(|batch| batch.iter().map(|entry| self.spooled(entry)).collect())
    }

    fn spooled(&self, entry: &Spooled) -> NewEntry<'_> {
        let note = self.notes.get(entry.note as usize).map_or(Note::default(), NewNote::note);
        let number = self.text(entry.at + u64::from(entry.number), entry.end - entry.number);
        NewEntry { key: self.key(entry), number, note }
    }

    fn key(&self, entry: &Spooled) -> &str {
        self.text(entry.at, entry.number)
    }

    fn text(&self, at: u64, length: u32) -> &str {
        &self.text[at as usize..at as usize + length as usize]
    }
}

/// The first 16 bytes, which are in the order of the texts: zeros follow a shorter one.
fn head(key: &str) -> [u64; 2] {
    let mut bytes = [0; 16];
    let length = key.len().min(bytes.len());
    bytes[..length].copy_from_slice(&key.as_bytes()[..length]);
    let (words, _) = bytes.as_chunks();
    [u64::from_be_bytes(words[0]), u64::from_be_bytes(words[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_by_key_and_then_as_they_came() {
        let mut spool = Spool::default();
        let note = |number: &str, reason: Option<&str>| NewNote {
            number: number.into(),
            reason: reason.map(str::to_owned),
            ..NewNote::default()
        };
        spool.push("+2", note("2", None));
        spool.push("+1", note("01", Some("first")));
        spool.push("+1", note("001", Some("second")));
        spool.sort();
        let batches: Vec<_> = spool.batches(2).collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let all = batches.iter().flatten();
        let all: Vec<_> = all.map(|entry| (entry.key, entry.number, entry.note.reason)).collect();
        assert_eq!(
            all,
            [("+1", "01", Some("first")), ("+1", "001", Some("second")), ("+2", "2", None)]
        );
    }
}
