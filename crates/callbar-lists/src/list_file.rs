//! Reads a list file block by block: text, CSV or JSON lines, gzipped or not.
//!
//! A thread reads ahead while others work on the blocks. A few batches of blocks are in memory at a
//! time, for files of any size.

use std::fmt;
use std::panic::resume_unwind;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};

use callbar::DialPlan;

use crate::blocks::{Block, Blocks, Pool, Units, bom, lines};
use crate::error::{Error, LineError, Parameters, Result};
use crate::fields::{Columns, Entry, FieldColumns, LineNote};
use crate::layout::{Column, Hints, Layout};
use crate::records::Records;
use crate::source::Source;
use crate::{file_kind, json};

/// Blocks in a batch: enough for many cores.
const BATCH: usize = 32;

/// The format of a list file.
///
/// # Examples
/// ```
/// use callbar_lists::Format;
///
/// assert_eq!(Format::from_name("spam.csv.gz"), Format::Csv);
/// assert_eq!(("jsonl".parse::<Format>()?, Format::Text.to_string()), (Format::Jsonl, "text".into()));
/// # Ok::<(), callbar_lists::Error>(())
/// ```
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
    /// Returns the format by the ending of a file's name, `.gz` apart; text by default.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Format;
    ///
    /// let formats = ["spam.csv", "spam.tsv.gz", "spam.ndjson", "spam"].map(Format::from_name);
    /// assert_eq!(formats, [Format::Csv, Format::Csv, Format::Jsonl, Format::Text]);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match ending(name).as_str() {
            "csv" | "tsv" => Self::Csv,
            "json" | "jsonl" | "ndjson" => Self::Jsonl,
            _ => Self::Text,
        }
    }

    /// Returns the format of a media type, if a list may have it.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Format;
    ///
    /// assert_eq!(Format::from_media_type("text/csv; charset=utf-8"), Some(Format::Csv));
    /// assert_eq!(Format::from_media_type("image/png"), None);
    /// ```
    #[must_use]
    pub fn from_media_type(media: &str) -> Option<Self> {
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

/// Returns the ending of a file's name in lower case, `.gz` apart.
fn ending(name: &str) -> String {
    let name = name.to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit('.').next().unwrap_or_default().to_owned()
}

/// How to read a list file.
///
/// # Examples
/// ```
/// use callbar_lists::{Column, Format, Parameters, Reading};
///
/// let reading = Reading {
///     format: Some(Format::Csv),
///     column: Some(Column::Name("phone".to_owned())),
///     delimiter: Some(b';'),
///     ..Reading::new(Parameters::default())
/// };
/// assert!(reading.header, "by default the first row has the names");
/// ```
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format; by default that of the ending of the file's name.
    pub format: Option<Format>,
    /// The CSV column of the numbers; by default the first with a name like "phone".
    pub column: Option<Column>,
    /// The byte between CSV columns; by default a tab for `.tsv`, else a comma, or the byte between the
    /// names of the header.
    pub delimiter: Option<u8>,
    /// Whether a CSV file has a header.
    pub header: bool,
    /// The field of JSON objects that has the number.
    pub field: String,
    /// The CSV columns of metadata.
    pub columns: FieldColumns,
    /// How messages name these parameters.
    pub parameters: Parameters,
}

impl Reading {
    /// Returns the defaults.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{Parameters, Reading};
    ///
    /// let reading = Reading::new(Parameters::default());
    /// assert!(reading.format.is_none() && reading.header, "by the name of the file, and with a header");
    /// ```
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

    /// Returns the same as parameters of an import over HTTP, by name and value.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{Column, Parameters, Reading};
    ///
    /// let column = Some(Column::Number(2));
    /// let reading = Reading { column, header: false, ..Reading::new(Parameters::default()) };
    /// let query = reading.to_query();
    /// assert_eq!(&query[..2], [("column", "2".to_owned()), ("no_header", "true".to_owned())]);
    /// ```
    #[must_use]
    pub fn to_query(&self) -> Vec<(&'static str, String)> {
        let text = |column: &Option<Column>| column.as_ref().map(Column::to_string);
        let FieldColumns { id, created, expires, reason, source } = &self.columns;
        let parameters = [
            ("format", self.format.map(|format| format.to_string())),
            ("column", text(&self.column)),
            ("no_header", (!self.header).then(|| "true".to_owned())),
            ("delimiter", self.delimiter.map(|byte| char::from(byte).to_string())),
            ("field", Some(self.field.clone())),
            ("id_column", text(id)),
            ("created_column", text(created)),
            ("expires_column", text(expires)),
            ("reason_column", text(reason)),
            ("source_column", text(source)),
        ];
        parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Returns what is known of a file of this name before its header is read.
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

/// An open list file.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{ListFile, Parameters, Pool, Reading, Source};
///
/// let source = Source::from_reader("spam.csv", &b"name;phone\nAli;0505 004 78 24\n"[..])?;
/// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
/// let reading = Reading::new(Parameters::default());
/// let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
/// assert_eq!((&*file.name, &*file.notes[0]), ("spam.csv", "columns of spam.csv are separated by ';'"));
/// let mut count = 0;
/// file.for_each(|format, blocks| {
///     blocks.iter().for_each(|block| format.each_line(block, |_| count += 1));
///     Ok::<_, callbar_lists::Error>(())
/// })?;
/// assert_eq!(count, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ListFile<'p> {
    /// The name of the file in messages.
    pub name: String,
    /// The guesses about the file, for people.
    pub notes: Vec<String>,
    /// Bytes on disk, if known.
    pub total: Option<u64>,
    /// Bytes read so far, in the unit of `total`.
    pub read: Arc<AtomicU64>,
    format: LineFormat,
    first: Block,
    blocks: Blocks<'p>,
}

impl<'p> ListFile<'p> {
    /// Opens a file; `None` if it is empty. The plan finds numbers in a header, which then is a row of
    /// data.
    ///
    /// # Errors
    /// The file is not of its format, or cannot be read; its column is in doubt.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    /// use callbar_lists::{ListFile, Parameters, Pool, Reading, Source};
    ///
    /// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
    /// let open = |name, bytes: &'static [u8]| {
    ///     let reading = Reading::new(Parameters::default());
    ///     ListFile::open(Source::from_reader(name, bytes)?, &reading, &plan, &pool)
    /// };
    /// assert!(open("spam.txt", b"0505 004 78 24\n")?.is_some());
    /// assert!(open("spam.txt", b"")?.is_none(), "an empty file");
    /// assert!(open("spam.csv", b"name,city\nAli,Ankara\n").is_err(), "no column may hold the numbers");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(
        mut source: Source,
        reading: &Reading,
        plan: &DialPlan,
        pool: &'p Pool,
    ) -> Result<Option<Self>> {
        let name = source.name.clone();
        let mut notes = Vec::new();
        let format = match reading.format.unwrap_or_else(|| Format::from_name(&name)) {
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

    /// Calls `work` with all blocks, some at a time, in their order. Their buffers are used again.
    ///
    /// # Errors
    /// Those of `work`; the file cannot be read to its end.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    /// use callbar_lists::{ListFile, Parameters, Pool, Reading, Source};
    ///
    /// let source = Source::from_reader("spam.txt", &b"0505 004 78 24\n# a comment\n112\n"[..])?;
    /// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
    /// let reading = Reading::new(Parameters::default());
    /// let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
    /// let mut bytes = 0;
    /// file.for_each(|_, blocks| {
    ///     bytes += blocks.iter().map(|block| block.bytes().len()).sum::<usize>();
    ///     Ok::<_, callbar_lists::Error>(())
    /// })?;
    /// assert_eq!(bytes, "0505 004 78 24\n# a comment\n112\n".len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_each<E: From<Error>>(
        self,
        mut work: impl FnMut(&LineFormat, &[Block]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { format, first, blocks, .. } = self;
        let pool = blocks.pool;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let reader = scope.spawn(move || read_ahead(first, blocks, &sender));
            for batch in receiver {
                work(&format, &batch)?;
                for block in batch {
                    pool.give(block);
                }
            }
            Ok(reader.join().unwrap_or_else(|panic| resume_unwind(panic))?)
        })
    }
}

/// Sends the blocks in batches until the end or an error, or until the receiver has gone.
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

/// A line of a list file.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{LineError, ListFile, Parameters, Pool, Reading, Source};
///
/// let source = Source::from_reader("spam.jsonl", &b"\"0505 004 78 24\"\n{\"name\": \"Ali\"}\n"[..])?;
/// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
/// let reading = Reading::new(Parameters::default());
/// let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
/// let mut rejected = Vec::new();
/// file.for_each(|format, blocks| {
///     format.each_line(&blocks[0], |line| {
///         rejected.extend(line.entry.err().map(|reason| (line.number, reason)));
///     });
///     Ok::<_, callbar_lists::Error>(())
/// })?;
/// assert_eq!(rejected, [(2, LineError::NoField)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Line<'l> {
    /// Its number, from 1.
    pub number: u64,
    /// Its text in the file, for messages.
    pub raw: &'l [u8],
    /// Its entry, or why it has none.
    pub entry: Result<Entry<'l>, LineError>,
}

/// The format of an open file, with all that is needed to read its lines.
///
/// # Examples
/// ```
/// use callbar_lists::{Blocks, LineFormat, Pool, Source, Units};
///
/// let source = Source::from_reader("spam.txt", &b"# customers\n0505 004 78 24\n"[..])?;
/// let pool = Pool::default();
/// let block = Blocks::new(source, Units::Lines, &pool).next()?.expect("it is not empty");
/// let mut lines = Vec::new();
/// LineFormat::Text.each_line(&block, |line| lines.push((line.number, line.raw.to_vec())));
/// assert_eq!(lines, [(2, b"0505 004 78 24".to_vec())]);
/// # Ok::<(), callbar_lists::Error>(())
/// ```
#[derive(Debug)]
pub enum LineFormat {
    /// One entry a line.
    Text,
    /// One entry a row.
    Csv(Layout, Columns),
    /// One JSON value a line, with the number in this field.
    Json(String),
}

/// Reports whether a line of text is a comment. `#31#` is an entry, so a comment has a blank after `#`.
///
/// # Examples
/// ```
/// use callbar_lists::is_comment;
///
/// assert!(is_comment(b"# customers who complained") && is_comment(b"  "));
/// assert!(!is_comment(b"#31#"), "a service code");
/// ```
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

    /// Returns the number of bytes before the entries of a file that begins with this block.
    fn begin(&self, name: &str, first: &Block) -> Result<usize> {
        file_kind::no_text(name, first.bytes())?;
        match self {
            Self::Csv(layout, _) => return Ok(layout.header),
            Self::Json(_) => file_kind::json_array(name, first.bytes())?,
            Self::Text => {}
        }
        Ok(bom(first.bytes()))
    }

    /// Calls `take` with each line of a block, in order, but for comments and blank lines.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    /// use callbar_lists::{ListFile, Parameters, Pool, Reading, Source};
    ///
    /// let source = Source::from_reader("spam.txt", &b"0505 004 78 24\n# a comment\n112\n"[..])?;
    /// let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
    /// let reading = Reading::new(Parameters::default());
    /// let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
    /// let mut numbers = Vec::new();
    /// file.for_each(|format, blocks| {
    ///     for block in blocks {
    ///         format.each_line(block, |line| numbers.push((line.number, line.raw.to_vec())));
    ///     }
    ///     Ok::<_, callbar_lists::Error>(())
    /// })?;
    /// assert_eq!(numbers, [(1, b"0505 004 78 24".to_vec()), (3, b"112".to_vec())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn each_line(&self, block: &Block, mut take: impl FnMut(Line<'_>)) {
        let lines = (block.line..).zip(lines(block.bytes()));
        match self {
            Self::Text => {
                for (number, raw) in lines.filter(|(_, raw)| !is_comment(raw)) {
                    let entry = Entry { text: raw.into(), note: LineNote::default() };
                    take(Line { number, raw, entry: Ok(entry) });
                }
            }
            Self::Json(field) => {
                for (number, raw) in lines.filter(|(_, raw)| !raw.trim_ascii().is_empty()) {
                    take(Line { number, raw, entry: json::entry(raw, field) });
                }
            }
            Self::Csv(layout, columns) => each_row(block, layout, columns, take),
        }
    }
}

/// Reads one entry a row, in the column of the layout. Blank lines are no rows.
fn each_row(block: &Block, layout: &Layout, columns: &Columns, mut take: impl FnMut(Line<'_>)) {
    let bytes = block.bytes();
    let (mut number, mut counted) = (block.line, 0);
    let mut records = Records::new(bytes, layout.delimiter);
    while let Some(record) = records.next() {
        number += memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
        counted = record.start;
        let text = record.field(layout.column);
        let entry = text.ok_or(LineError::NoColumn).and_then(|text| {
            let note = columns.read(&record)?;
            Ok(Entry { text: text.into(), note })
        });
        // A row without an entry is shown whole.
        let raw = text.filter(|_| entry.is_ok()).unwrap_or(record.raw);
        take(Line { number, raw, entry });
    }
}
