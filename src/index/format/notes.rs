//! The notes section: the metadata of entries.
//!
//! # Layout (little-endian)
//! ```text
//! u32 rows of E.164 numbers | u32 rows of other entries
//! for each row: u64 key: the number, ascending; then, for the other entries, their rank
//! for each row: u32 list | u32 reason | u32 source | 12 bytes id | u64 created | u64 expires
//! strings: u16 length and UTF-8 each
//! ```
//! Rows of one key stand together, in ascending order of lists. Reason and source are the place of a
//! string plus one. A zero stands for a missing field.

use std::collections::HashMap;

use crate::index::note::{EntryId, Note};
use crate::{Error, Result};

const SECTION: &str = "notes";
const ROW: usize = 40;

/// The section, located but not copied.
#[derive(Clone, Copy)]
pub(crate) struct Notes<'a> {
    numbers: &'a [[u8; 8]],
    keys: &'a [[u8; 8]],
    rows: &'a [[u8; ROW]],
    strings: &'a [u8],
}

/// The rows of one entry.
#[derive(Clone, Copy)]
pub(crate) struct NoteRows<'a> {
    rows: &'a [[u8; ROW]],
    strings: &'a [u8],
}

impl<'a> Notes<'a> {
    /// `None` if the section is empty or cut short.
    #[inline]
    pub(crate) fn new(section: &'a [u8]) -> Option<Self> {
        let (head, rest) = section.split_first_chunk::<8>()?;
        let count = |at: usize| {
            let word = head.get(at..)?.first_chunk()?;
            usize::try_from(u32::from_le_bytes(*word)).ok()
        };
        let (numbers, others) = (count(0)?, count(4)?);
        let total = numbers.checked_add(others)?;
        let (keys, rest) = rest.split_at_checked(total.checked_mul(8)?)?;
        let (rows, strings) = rest.split_at_checked(total.checked_mul(ROW)?)?;
        let keys = keys.as_chunks().0;
        Some(Self { numbers: keys.get(..numbers)?, keys, rows: rows.as_chunks().0, strings })
    }

    /// The rows of an E.164 number.
    pub(crate) fn of_number(&self, number: u64) -> NoteRows<'a> {
        let first = self.numbers.partition_point(|key| u64::from_le_bytes(*key) < number);
        let end = match self.numbers.get(first) {
            Some(key) if u64::from_le_bytes(*key) == number => self.end(first, self.numbers.len()),
            _ => first,
        };
        self.cut(first, end)
    }

    /// Finds the rows of numbers that come in ascending order.
    pub(crate) fn ascending(self) -> impl FnMut(u64) -> NoteRows<'a> {
        let mut at = 0;
        move |number| {
            let before = |key: &&[u8; 8]| u64::from_le_bytes(**key) < number;
            at += self.numbers.get(at..).unwrap_or_default().iter().take_while(before).count();
            let is_next =
                self.numbers.get(at).is_some_and(|key| u64::from_le_bytes(*key) == number);
            let end = if is_next { self.end(at, self.numbers.len()) } else { at };
            self.cut(at, end)
        }
    }

    /// The rows of another entry. `reference` is its first row plus one, or 0 if it has no note.
    pub(crate) fn of_reference(&self, reference: u32) -> NoteRows<'a> {
        match usize::try_from(reference).unwrap_or(0).checked_sub(1) {
            Some(first) => self.cut(first, self.end(first, self.keys.len())),
            None => NoteRows::NONE,
        }
    }

    /// Where the rows of the key of row `first` end.
    fn end(&self, first: usize, most: usize) -> usize {
        let Some(keys) = self.keys.get(first..most) else { return first };
        let same = keys.iter().take_while(|key| keys.first() == Some(key)).count();
        first + same
    }

    fn cut(&self, first: usize, end: usize) -> NoteRows<'a> {
        NoteRows { rows: self.rows.get(first..end).unwrap_or_default(), strings: self.strings }
    }
}

impl<'a> NoteRows<'a> {
    pub(crate) const NONE: Self = NoteRows { rows: &[], strings: &[] };

    /// The note of the entry on this list.
    pub(crate) fn of_list(&self, list: u32) -> Option<Note<'a>> {
        let row = self.rows.iter().find(|row| list_of(row) == Some(list))?;
        note_of(row, self.strings)
    }
}

fn list_of(row: &[u8; ROW]) -> Option<u32> {
    Some(u32::from_le_bytes(*row.first_chunk()?))
}

fn note_of<'a>(row: &[u8; ROW], strings: &'a [u8]) -> Option<Note<'a>> {
    let word = |at: usize| Some(u32::from_le_bytes(*row.get(at..)?.first_chunk()?));
    let time = |at: usize| {
        let time = u64::from_le_bytes(*row.get(at..)?.first_chunk()?);
        Some((time != 0).then_some(time))
    };
    Some(Note {
        id: EntryId::new(*row.get(12..)?.first_chunk()?),
        created: time(24)?,
        expires: time(32)?,
        reason: string(strings, word(4)?)?,
        source: string(strings, word(8)?)?,
    })
}

/// The outer `None` means damage.
#[allow(clippy::option_option)]
fn string(strings: &[u8], reference: u32) -> Option<Option<&str>> {
    let Some(at) = (reference as usize).checked_sub(1) else { return Some(None) };
    let (length, rest) = strings.get(at..)?.split_first_chunk()?;
    let bytes = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
    std::str::from_utf8(bytes).ok().map(Some)
}

/// Proves the section sound: its rows whole and in order, and every list below `lists`.
pub(crate) fn verify(section: &[u8], lists: usize) -> Result<()> {
    let corrupt = |reason| Err(Error::Corrupt { section: SECTION, reason });
    if section.is_empty() {
        return Ok(());
    }
    let Some(notes) = Notes::new(section) else { return corrupt("cut short") };
    let others = notes.keys.get(notes.numbers.len()..).unwrap_or_default();
    for keys in [notes.numbers, others] {
        if !keys.is_sorted_by_key(|key| u64::from_le_bytes(*key)) {
            return corrupt("out of order");
        }
    }
    for row in notes.rows {
        let known = list_of(row).is_some_and(|list| (list as usize) < lists);
        if !known || note_of(row, notes.strings).is_none() {
            return corrupt("an unsound row");
        }
    }
    Ok(())
}

/// Collects rows: those of E.164 numbers first, ascending, then those of other entries.
#[derive(Debug, Default)]
pub(crate) struct NotesBuilder {
    numbers: u32,
    keys: Vec<u8>,
    rows: Vec<u8>,
    strings: Vec<u8>,
    places: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    others: u64,
}

const TOO_LARGE: Error = Error::TooLarge { what: "notes", limit: u32::MAX as u64 };

impl NotesBuilder {
    /// Adds the note of a number on one list; numbers ascend, and lists within a number.
    pub(crate) fn number(&mut self, number: u64, list: u32, note: &Note<'_>) -> Result<()> {
        self.row(number, list, note)?;
        self.numbers = self.count()?;
        Ok(())
    }

    /// Adds the notes of an entry that is no E.164 number, in ascending order of lists. Returns the
    /// reference for [`Notes::of_reference`], 0 if there is no note.
    pub(crate) fn other<'n>(
        &mut self,
        notes: impl Iterator<Item = (u32, Note<'n>)>,
    ) -> Result<u32> {
        let first = self.count()?;
        self.others += 1;
        for (list, note) in notes {
            self.row(self.others, list, &note)?;
        }
        Ok(if self.count()? > first { first + 1 } else { 0 })
    }

    fn count(&self) -> Result<u32> {
        u32::try_from(self.keys.len() / 8).map_err(|_| TOO_LARGE)
    }

    fn row(&mut self, key: u64, list: u32, note: &Note<'_>) -> Result<()> {
        let (reason, source) = (self.string(note.reason)?, self.string(note.source)?);
        self.keys.extend_from_slice(&key.to_le_bytes());
        for word in [list, reason, source] {
            self.rows.extend_from_slice(&word.to_le_bytes());
        }
        self.rows.extend_from_slice(&note.id.map_or([0; 12], EntryId::bytes));
        for time in [note.created, note.expires] {
            self.rows.extend_from_slice(&time.unwrap_or(0).to_le_bytes());
        }
        Ok(())
    }

    /// The reference of a string. Equal strings are kept once.
    fn string(&mut self, string: Option<&str>) -> Result<u32> {
        let Some(string) = string else { return Ok(0) };
        if let Some(&place) = self.places.get(string) {
            return Ok(place);
        }
        let place = u32::try_from(self.strings.len() + 1).map_err(|_| TOO_LARGE)?;
        self.strings.extend_from_slice(&(string.len() as u16).to_le_bytes());
        self.strings.extend_from_slice(string.as_bytes());
        self.places.insert(string.into(), place);
        Ok(place)
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>> {
        let count = self.count()?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let head = [self.numbers, count - self.numbers].map(u32::to_le_bytes).concat();
        Ok([head, self.keys, self.rows, self.strings].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(reason: &'static str, expires: u64) -> Note<'static> {
        Note { reason: Some(reason), expires: Some(expires), ..Note::default() }
    }

    fn sample() -> Vec<u8> {
        let mut builder = NotesBuilder::default();
        builder.number(905_050_047_824, 0, &note("spam", 7)).unwrap();
        builder.number(905_050_047_824, 3, &note("fraud", 8)).unwrap();
        builder.number(905_050_047_825, 1, &note("spam", 9)).unwrap();
        assert_eq!(builder.other(std::iter::empty()).unwrap(), 0);
        assert_eq!(builder.other([(1, note("a", 1)), (2, note("b", 2))].into_iter()).unwrap(), 4);
        assert_eq!(builder.other([(1, note("c", 3))].into_iter()).unwrap(), 6);
        builder.finish().unwrap()
    }

    #[test]
    fn rows_come_back_by_key_and_list() {
        let section = sample();
        verify(&section, 4).unwrap();
        let notes = Notes::new(&section).unwrap();
        let rows = notes.of_number(905_050_047_824);
        assert_eq!(rows.of_list(0), Some(note("spam", 7)));
        assert_eq!(rows.of_list(3), Some(note("fraud", 8)));
        assert_eq!(rows.of_list(1), None);
        assert_eq!(notes.of_number(905_050_047_825).of_list(1), Some(note("spam", 9)));
        assert_eq!(notes.of_number(905_050_047_826).of_list(1), None);
        let mut ascending = notes.ascending();
        assert_eq!(ascending(905_050_047_823).of_list(0), None);
        assert_eq!(ascending(905_050_047_824).of_list(3), Some(note("fraud", 8)));
        assert_eq!(ascending(905_050_047_825).of_list(1), Some(note("spam", 9)));
        assert_eq!(ascending(905_050_047_826).of_list(1), None);
        // A rank is no number.
        assert_eq!(notes.of_number(2).of_list(1), None);
        assert_eq!(notes.of_reference(4).of_list(2), Some(note("b", 2)));
        assert_eq!(notes.of_reference(6).of_list(1), Some(note("c", 3)));
        assert_eq!(notes.of_reference(0).of_list(1), None);
        assert_eq!(notes.of_reference(99).of_list(1), None);
    }

    #[test]
    fn damage_is_refused_or_harmless() {
        let section = sample();
        assert!(verify(&section, 3).is_err(), "a list that does not exist");
        assert!(NotesBuilder::default().finish().unwrap().is_empty());
        for at in 0..section.len() {
            assert!(at == 0 || verify(&section[..at], 4).is_err(), "cut at {at}");
            let mut section = section.clone();
            section[at] ^= 0xff;
            let _ = verify(&section, 4);
            if let Some(notes) = Notes::new(&section) {
                let _ = notes.of_number(905_050_047_824).of_list(3);
                let _ = notes.of_reference(4).of_list(2);
            }
        }
    }
}
