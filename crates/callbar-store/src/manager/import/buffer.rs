//! The entries of an import until all have been read, because the store takes them several times as fast
//! in the order of their keys. Each takes some 65 bytes beside its texts. Together they take at most 4 GiB,
//! but more for a moment while their texts are put in order.

use rayon::slice::ParallelSliceMut;

use crate::manager::limits::PATTERN_PREFIX;
use crate::store::{EntryRef, ListRow, Reader};
use crate::{Error, Result};
use callbar::{EntryKey, Note, OwnedNote};

/// The most bytes of an import in memory: some 80 million numbers.
const BYTES_MAX: u64 = 4 << 30;

/// The index of a note that is not there.
const NO_NOTE: u32 = u32::MAX;

/// Entries that wait to be sorted.
#[derive(Debug, Default)]
pub(super) struct ImportBuffer {
    /// The key and the number of each, one after the other.
    text: String,
    entries: Vec<BufferedEntry>,
    /// The notes of the entries that have one.
    notes: Vec<OwnedNote>,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct BufferedEntry {
    /// How the key begins. Nearly all comparisons end here, without reading the text.
    head: [u64; 2],
    at: u64,
    number: u32,
    end: u32,
    note: u32,
}

impl ImportBuffer {
    /// Adds an entry with its key.
    pub(super) fn push(&mut self, key: &EntryKey, number: &str, note: OwnedNote) {
        let at = self.text.len() as u64;
        let stored = key.to_stored();
        self.text.push_str(&stored);
        self.text.push_str(number);
        let key_end = stored.len() as u32;
        let end = key_end + number.len() as u32;
        self.bytes += (size_of::<BufferedEntry>() + end as usize) as u64;
        let mut place = NO_NOTE;
        if note.as_note() != Note::default() {
            place = self.notes.len() as u32;
            self.bytes += size_of_note(&note) as u64;
            self.notes.push(note);
        }
        let head = head(&stored);
        self.entries.push(BufferedEntry { head, at, number: key_end, end, note: place });
    }

    /// # Errors
    /// [`callbar::Error::TooLarge`] if there is no room for more.
    pub(super) fn refuse_more(&self) -> Result<()> {
        let what = "bytes of an import in memory";
        if self.bytes > BYTES_MAX {
            Err(Error::Engine(callbar::Error::TooLarge { what, limit: BYTES_MAX }))
        } else {
            Ok(())
        }
    }

    /// Sorts the entries by key, and those of one key by arrival.
    pub(super) fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.par_sort_unstable_by(|a, b| {
            let rest = || self.key(a).cmp(self.key(b)).then(a.at.cmp(&b.at));
            a.head.cmp(&b.head).then_with(rest)
        });
        // Texts are moved into the same order. Otherwise the store would wait for memory at every text.
        let mut text = String::with_capacity(self.text.len());
        for entry in &mut entries {
            let own = self.text(entry.at, entry.end);
            entry.at = text.len() as u64;
            text.push_str(own);
        }
        self.text = text;
        self.entries = entries;
    }

    /// How many prefixes the patterns need, each pattern counted once. Stops counting above `most`.
    pub(super) fn prefixes(&self, most: u64) -> u64 {
        let mut prefixes = 0;
        for key in self.patterns() {
            prefixes += prefixes_of_key(key);
            if prefixes > most {
                break;
            }
        }
        prefixes
    }

    /// How many of those prefixes belong to patterns that are on a list already.
    ///
    /// # Errors
    /// [`Error::Store`]
    pub(super) fn prefixes_on_list(&self, reader: &Reader<'_>, list: ListRow) -> Result<u64> {
        self.patterns().try_fold(0, |prefixes, key| {
            let there = reader.entry(list, key)?.is_some();
            Ok(prefixes + if there { prefixes_of_key(key) } else { 0 })
        })
    }

    /// The keys of all patterns, once each, for they are in order.
    fn patterns(&self) -> impl Iterator<Item = &str> {
        let first = self.entries.partition_point(|entry| self.key(entry) < PATTERN_PREFIX);
        let keys = self.entries[first..].iter().map(|entry| self.key(entry));
        let mut last = None;
        keys.take_while(|key| key.starts_with(PATTERN_PREFIX))
            .filter(move |&key| last.replace(key) != Some(key))
    }

    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// All entries, so many at a time.
    pub(super) fn batches(&self, count: usize) -> impl Iterator<Item = Vec<EntryRef<'_>>> {
        self.entries
            .chunks(count)
            .map(|batch| batch.iter().map(|entry| self.entry_ref(entry)).collect())
    }

    fn entry_ref(&self, entry: &BufferedEntry) -> EntryRef<'_> {
        let note = self.notes.get(entry.note as usize).map_or(Note::default(), OwnedNote::as_note);
        let number = self.text(entry.at + u64::from(entry.number), entry.end - entry.number);
        EntryRef { key: self.key(entry), number, note }
    }

    fn key(&self, entry: &BufferedEntry) -> &str {
        self.text(entry.at, entry.number)
    }

    fn text(&self, at: u64, length: u32) -> &str {
        &self.text[at as usize..at as usize + length as usize]
    }
}

/// The bytes of a note in memory.
fn size_of_note(note: &OwnedNote) -> usize {
    let text = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
    size_of::<OwnedNote>() + text(&note.reason) + text(&note.source)
}

/// How many prefixes an index files a stored key under, if it is a pattern's.
fn prefixes_of_key(key: &str) -> u64 {
    EntryKey::from_stored(key).map_or(0, |key| key.prefixes())
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
        let mut buffer = ImportBuffer::default();
        let mut push = |key: &str, number: &str, reason: Option<&str>| {
            let key = EntryKey::from_stored(key).expect("a key");
            buffer.push(&key, number, Note { reason, ..Note::default() }.into());
        };
        push("+49301", "2", None);
        push("+49300", "01", Some("first"));
        push("+49300", "001", Some("second"));
        buffer.sort();
        let batches: Vec<_> = buffer.batches(2).collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let all = batches.iter().flatten();
        let all: Vec<_> = all.map(|entry| (entry.key, entry.number, entry.note.reason)).collect();
        assert_eq!(
            all,
            [
                ("+49300", "01", Some("first")),
                ("+49300", "001", Some("second")),
                ("+49301", "2", None),
            ]
        );
    }
}
