//! Entries of an import, one after the other, from the three forms in which they come.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Take};

use serde::Deserialize;

use super::entries::New;
use crate::{body, query::Time};
use callbar::EntryId;
use callbar_store::{Error, ImportEntry, NewNote, Result};

/// The longest line in bytes: longer ones are no entries.
const LONGEST: u64 = 16 * 1024;
/// Bytes of a file that are read for one row of CSV at most: what its reader reads ahead, too.
const ROW: usize = 64 * 1024;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// A JSON object a line.
    Ndjson,
    /// A first row with names of columns, one of which is `number`.
    Csv,
    /// A number a line.
    Text,
}

impl Form {
    /// The form of this media type.
    pub(super) fn of(media: &str) -> Option<Self> {
        match media.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Self::Ndjson)
            }
            "text/csv" => Some(Self::Csv),
            "text/plain" => Some(Self::Text),
            _ => None,
        }
    }

    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// What is wrong with a line, so that nothing is taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) line: u64,
    pub(super) reason: String,
}

/// The entries of a file.
pub(super) struct Lines {
    source: Source,
    line: u64,
    /// Set with the first error that the iterator gave.
    pub(super) bad: Option<Bad>,
}

enum Source {
    Lines(BufReader<File>, Form),
    Csv(Box<csv::Reader<Rows>>, csv::StringRecord),
}

/// A file that has no endless rows: a quote that nobody closes would make one of all that follows.
struct Rows {
    file: File,
    left: usize,
}

impl Rows {
    fn next_row(&mut self) {
        self.left = ROW;
    }
}

impl Read for Rows {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(self.left);
        if most == 0 && !bytes.is_empty() {
            return Err(io::Error::other("the row is too long: is a quote missing?"));
        }
        let read = self.file.read(&mut bytes[..most])?;
        self.left -= read;
        Ok(read)
    }
}

impl Lines {
    /// # Errors
    /// What is wrong with the first row.
    pub(super) fn new(file: File, form: Form) -> Result<Self, Bad> {
        let source = match form {
            Form::Csv => {
                let rows = Rows { file, left: ROW };
                let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(rows);
                let bad = |reason: String| Bad { line: 1, reason };
                let names = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
                if !names.iter().any(|name| name == "number") {
                    return Err(bad("the first row names no column \"number\"".into()));
                }
                Source::Csv(Box::new(reader), names)
            }
            form => Source::Lines(BufReader::with_capacity(1 << 16, file), form),
        };
        Ok(Self { source, line: 0, bad: None })
    }

    fn read(&mut self) -> Result<Option<NewNote>, String> {
        match &mut self.source {
            Source::Csv(reader, names) => {
                let mut record = csv::StringRecord::new();
                reader.get_mut().next_row();
                self.line = reader.position().line();
                let more = reader.read_record(&mut record).map_err(|error| error.to_string())?;
                self.line = record.position().map_or(self.line, csv::Position::line);
                if more { of_row(names, &record).map(Some) } else { Ok(None) }
            }
            Source::Lines(reader, form) => loop {
                self.line += 1;
                let mut bytes = Vec::new();
                let mut bounded: Take<_> = reader.by_ref().take(LONGEST);
                let length = bounded.read_until(b'\n', &mut bytes).map_err(|e| e.to_string())?;
                if length == 0 {
                    return Ok(None);
                }
                if length as u64 == LONGEST && bytes.last() != Some(&b'\n') {
                    return Err("the line is too long".into());
                }
                let text = str::from_utf8(&bytes).map_err(|_| "the line is not UTF-8")?;
                let text = text.trim_start_matches('\u{feff}').trim();
                if text.is_empty() {
                    continue;
                }
                let entry = match form {
                    Form::Text => NewNote { number: text.to_owned(), ..NewNote::default() },
                    _ => of_json(text)?,
                };
                return Ok(Some(entry));
            },
        }
    }
}

fn of_json(text: &str) -> Result<NewNote, String> {
    let new: New = body::object_of(text.as_bytes()).map_err(|error| error.to_string())?;
    new.note().map_err(str::to_owned)
}

/// Columns that are not known are passed over: an export of another system has many.
fn of_row(names: &csv::StringRecord, row: &csv::StringRecord) -> Result<NewNote, String> {
    let mut entry = NewNote::default();
    for (name, cell) in names.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
        let time = || Time::parse(cell).map_err(str::to_owned);
        match name {
            "number" => cell.clone_into(&mut entry.number),
            "id" => entry.id = Some(EntryId::parse(cell).ok_or(super::entries::NO_ID)?),
            "created" => entry.created = Some(time()?.seconds()),
            "expires" => entry.expires = Some(time()?.end()),
            "reason" => entry.reason = Some(cell.to_owned()),
            "source" => entry.source = Some(cell.to_owned()),
            _ => {}
        }
    }
    Ok(entry)
}

impl Iterator for Lines {
    type Item = Result<ImportEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(entry) => entry.map(|entry| Ok(ImportEntry { line: self.line, entry })),
            Err(reason) => {
                self.bad = Some(Bad { line: self.line, reason });
                // Stops the import; what is told is `bad`.
                let reason = "a line of the import cannot be read";
                Some(Err(Error::Engine(callbar::Error::InvalidEntry {
                    text: String::new(),
                    reason,
                })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    fn lines(text: &[u8], form: Form) -> Result<Lines, Bad> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file.rewind().unwrap();
        Lines::new(file, form)
    }

    fn numbers(text: &[u8], form: Form) -> Vec<(u64, String)> {
        let entry = |entry: Result<ImportEntry>| {
            let ImportEntry { line, entry } = entry.unwrap();
            (line, entry.number)
        };
        lines(text, form).unwrap().map(entry).collect()
    }

    #[test]
    fn all_forms_give_the_same_entries() {
        let wanted = [(1, "0505".to_owned()), (3, "112".to_owned())];
        assert_eq!(numbers(b"\xef\xbb\xbf0505\r\n\n 112", Form::Text), wanted);
        let json =
            b"{\"number\":\"0505\",\"expires\":\"2026-09-21T14:15:00Z\"}\n\n{\"number\":112}\n";
        assert_eq!(numbers(json, Form::Ndjson), wanted);
        let csv = b"number,expires,other\n0505,1790000100,x\n112\n";
        assert_eq!(numbers(csv, Form::Csv), [(2, "0505".to_owned()), (3, "112".to_owned())]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let bad = |text: &[u8], form| {
            let mut lines = lines(text, form)?;
            while let Some(Ok(_)) = lines.next() {}
            lines.bad.map_or(Ok(()), Err)
        };
        let line = |text: &[u8], form| bad(text, form).unwrap_err().line;
        assert_eq!(line(b"{\"number\":\"1\"}\n{", Form::Ndjson), 2);
        assert_eq!(line(b"{\"number\":\"1\",\"number\":\"2\"}", Form::Ndjson), 1);
        assert_eq!(line(b"ok\n\xff", Form::Text), 2);
        assert_eq!(line(&b"1".repeat(20_000), Form::Text), 1);
        assert_eq!(line(b"phone\n1\n", Form::Csv), 1);
        let endless = [&b"number\n1\n\"2\n"[..], &b"3\n".repeat(ROW)].concat();
        assert_eq!(line(&endless, Form::Csv), 3);
        assert_eq!(line(b"number,expires\n1,soon\n", Form::Csv), 2);
    }
}
