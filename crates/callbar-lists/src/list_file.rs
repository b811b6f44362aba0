//! A list file: text, CSV or JSON lines, gzipped or not, block by block.
//!
//! A thread reads ahead while others work on the blocks; a batch of them is in memory at a time,
//! whatever the size of the file.

use std::borrow::Cow;
use std::fmt;
use std::panic::resume_unwind;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};

use callbar::DialPlan;

use crate::blocks::{Block, Blocks, Pool, Units, lines};
use crate::error::{Error, LineError, Parameters, Result};
use crate::fields::{Columns, FieldColumns, LineNote};
use crate::layout::{Column, Hints, Layout};
use crate::records::Records;
use crate::source::Source;
use crate::{file_kind, json};

/// Blocks that are worked on at a time: enough to share among many cores.
const BATCH: usize = 32;

/// How a list file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One entry a line. Blank lines, and lines that are `#` or start with `# `, are comments.
    Text,
    /// Comma separated, or by another byte.
    Csv,
    /// One JSON string, whole number or object a line.
    Jsonl,
}

impl Format {
    /// The format by the ending of a file's name, `.gz` aside; text unless the ending says otherwise.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match ending(name).as_str() {
            "csv" | "tsv" => Self::Csv,
            "json" | "jsonl" | "ndjson" => Self::Jsonl,
            _ => Self::Text,
        }
    }

    /// The format of a media type, if it is one of a list.
    #[must_use]
    pub fn of_media_type(media: &str) -> Option<Self> {
        match media.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Self::Jsonl)
            }
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            "text/plain" => Some(Self::Text),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "text" => Ok(Self::Text),
            "csv" => Ok(Self::Csv),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            _ => Err(Error::new(format!("unknown format {word:?}"), "give text, csv or jsonl")),
        }
    }
}

/// The ending of a file's name in lower case, `.gz` aside.
fn ending(name: &str) -> String {
    let name = name.to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit('.').next().unwrap_or_default().to_owned()
}

/// How to read a list file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format; if none, by the ending of the file's name.
    pub format: Option<Format>,
    /// The CSV column of the numbers; if none, the first that is named like a telephone number.
    pub column: Option<Column>,
    /// The byte between CSV columns; if none, a tab for `.tsv`, else a comma, or what parts the header.
    pub delimiter: Option<u8>,
    /// Whether a CSV file begins with names of columns.
    pub header: bool,
    /// The field of a JSON object that holds the number.
    pub field: String,
    /// The CSV columns of what is said beside the number.
    pub columns: FieldColumns,
    /// How messages name these parameters.
    pub parameters: Parameters,
}

impl Reading {
    /// With nothing given.
    #[must_use]
    pub fn new(parameters: Parameters) -> Self {
        Self {
            format: None,
            column: None,
            delimiter: None,
            header: true,
            field: "number".to_owned(),
            columns: FieldColumns::default(),
            parameters,
        }
    }

    /// The parameters of an import over HTTP that say the same, by name and value.
    #[must_use]
    pub fn to_query(&self) -> Vec<(&'static str, String)> {
        let column = |name, column: &Option<Column>| {
            column.as_ref().map(|column| (name, column.to_string()))
        };
        let FieldColumns { id, created, expires, reason, source } = &self.columns;
        let parameters = [
            self.format.map(|format| ("format", format.to_string())),
            column("column", &self.column),
            (!self.header).then(|| ("no_header", "true".to_owned())),
            self.delimiter.map(|byte| ("delimiter", char::from(byte).to_string())),
            Some(("field", self.field.clone())),
            column("id_column", id),
            column("created_column", created),
            column("expires_column", expires),
            column("reason_column", reason),
            column("source_column", source),
        ];
        parameters.into_iter().flatten().collect()
    }

    /// What is known of a file of this name before its header is read.
    #[must_use]
    pub fn hints<'a>(&'a self, name: &str, plan: &'a DialPlan) -> Hints<'a> {
        Hints {
            column: self.column.as_ref(),
            parameter: "column",
            delimiter: self.delimiter,
            usual: if ending(name) == "tsv" { b'\t' } else { b',' },
            header: self.header,
            parameters: self.parameters,
            plan,
        }
    }
}

/// A list file whose format is known, opened.
pub struct ListFile<'p> {
    /// The name of the file in messages.
    pub name: String,
    /// What was guessed of the file, for people.
    pub notes: Vec<String>,
    /// Bytes on disk, where that is known.
    pub total: Option<u64>,
    /// Bytes read so far, in the unit of `total`.
    pub read: Arc<AtomicU64>,
    format: LineFormat,
    first: Block,
    blocks: Blocks<'p>,
}

impl<'p> ListFile<'p> {
    /// Opens a file; `None` if it is empty. The plan helps to tell a header from a row of data.
    ///
    /// # Errors
    /// The file is not of its format, or cannot be read; its column is in doubt.
    pub fn open(
        mut source: Source,
        reading: &Reading,
        plan: &DialPlan,
        pool: &'p Pool,
    ) -> Result<Option<Self>> {
        let name = source.name.clone();
        let mut notes = Vec::new();
        let format = match reading.format.unwrap_or_else(|| Format::of_name(&name)) {
            Format::Text => LineFormat::Text,
            Format::Jsonl => LineFormat::Json(reading.field.clone()),
            Format::Csv => {
                let head = source.peek()?;
                if head.is_empty() {
                    return Ok(None);
                }
                file_kind::no_text(&name, &head)?;
                let hints = reading.hints(&name, plan);
                let mut layout = Layout::read(&name, &head, hints)?;
                let columns = reading.columns.find(&name, &mut layout, hints)?;
                notes.append(&mut layout.notes);
                LineFormat::Csv(layout, columns)
            }
        };
        let (total, read) = (source.total, Arc::clone(&source.read));
        let mut blocks = Blocks::new(source, format.units(), pool);
        let Some(mut first) = blocks.next()? else { return Ok(None) };
        let skip = format.begin(&name, &first)?;
        first.skip(skip);
        Ok(Some(Self { name, notes, total, read, format, first, blocks }))
    }

    /// Works on all blocks, some at a time, in their order.
    ///
    /// # Errors
    /// Those of `work`; the file cannot be read to its end.
    pub fn for_each<E: From<Error>>(
        self,
        mut work: impl FnMut(&LineFormat, Vec<Block>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { format, first, blocks, .. } = self;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let reader = scope.spawn(move || read_ahead(first, blocks, &sender));
            for batch in receiver {
                work(&format, batch)?;
            }
            Ok(reader.join().unwrap_or_else(|panic| resume_unwind(panic))?)
        })
    }
}

/// Sends the blocks in batches until the end, an error, or the receiver has gone.
fn read_ahead(first: Block, mut blocks: Blocks<'_>, sender: &SyncSender<Vec<Block>>) -> Result<()> {
    let mut batch = vec![first];
    loop {
        let next = blocks.next();
        let more = matches!(next, Ok(Some(_)));
        if (!more || batch.len() == BATCH) && sender.send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
        match next? {
            Some(block) => batch.push(block),
            None => return Ok(()),
        }
    }
}

/// What a line of a list file holds.
#[derive(Clone, Debug)]
pub struct Line<'l> {
    /// Where it stands, from 1.
    pub number: u64,
    /// As it stands in the file, for messages.
    pub raw: &'l [u8],
    /// Its entry, or why it holds none.
    pub entry: Result<Entry<'l>, LineError>,
}

impl<'l> Line<'l> {
    fn new(
        number: u64,
        raw: &'l [u8],
        read: Result<(Cow<'l, [u8]>, LineNote<'l>), LineError>,
    ) -> Self {
        Self { number, raw, entry: read.map(|(text, note)| Entry { text, note }) }
    }
}

/// An entry as a line of a list file has it.
#[derive(Clone, Debug)]
pub struct Entry<'l> {
    /// The number, pattern or class, as it is written.
    pub text: Cow<'l, [u8]>,
    /// What the line says of it.
    pub note: LineNote<'l>,
}

/// The format of an open file, with what is needed to read its lines.
#[derive(Debug)]
pub enum LineFormat {
    /// One entry a line.
    Text,
    /// One entry a row.
    Csv(Layout, Columns),
    /// One JSON value a line, with the number in this field.
    Json(String),
}

/// Whether a line of text is a comment. `#31#` is an entry, so a comment needs a blank behind its `#`.
#[must_use]
pub fn is_comment(line: &[u8]) -> bool {
    line == b"#" || line.starts_with(b"# ") || line.trim_ascii().is_empty()
}

impl LineFormat {
    fn units(&self) -> Units {
        match self {
            Self::Csv(layout, _) => Units::Records(layout.delimiter),
            Self::Text | Self::Json(_) => Units::Lines,
        }
    }

    /// How many bytes precede the entries of a file that begins with this block.
    fn begin(&self, name: &str, first: &Block) -> Result<usize> {
        file_kind::no_text(name, first.bytes())?;
        match self {
            Self::Csv(layout, _) => Ok(layout.header),
            Self::Text => Ok(first.bom()),
            Self::Json(_) => {
                file_kind::json_array(name, first.bytes())?;
                Ok(first.bom())
            }
        }
    }

    /// Hands over the lines of a block that hold an entry, or should, in their order.
    pub fn each_line(&self, block: &Block, mut take: impl FnMut(Line<'_>)) {
        match self {
            Self::Text => {
                for (number, raw) in numbered_lines(block).filter(|(_, text)| !is_comment(text)) {
                    let read = Ok((Cow::Borrowed(raw), LineNote::default()));
                    take(Line::new(number, raw, read));
                }
            }
            Self::Json(field) => {
                let lines = numbered_lines(block);
                for (number, raw) in lines.filter(|(_, text)| !text.trim_ascii().is_empty()) {
                    take(Line::new(number, raw, json::entry(raw, field)));
                }
            }
            Self::Csv(layout, columns) => each_row(block, layout, columns, take),
        }
    }
}

/// One entry a row, in the column of the layout. Blank lines are no rows.
fn each_row(block: &Block, layout: &Layout, columns: &Columns, mut take: impl FnMut(Line<'_>)) {
    let bytes = block.bytes();
    let (mut number, mut counted) = (block.line, 0);
    let mut records = Records::new(bytes, layout.delimiter);
    while let Some(record) = records.next() {
        number += memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
        counted = record.start;
        let (raw, read) = match record.field(layout.column) {
            None => (record.raw, Err(LineError::NoColumn)),
            Some(text) => match columns.read(&record) {
                Ok(note) => (text, Ok((Cow::Borrowed(text), note))),
                Err(error) => (record.raw, Err(error)),
            },
        };
        take(Line::new(number, raw, read));
    }
}

fn numbered_lines(block: &Block) -> impl Iterator<Item = (u64, &[u8])> {
    (block.line..).zip(lines(block.bytes()))
}
