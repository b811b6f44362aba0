//! A list file: text, CSV or JSON lines, gzipped or not, block by block.
//!
//! A thread reads ahead while others work on the blocks; a batch of them is in memory at a time,
//! whatever the size of the file.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Result, anyhow};
use callbar::DialPlan;
use clap::ValueEnum;

use super::blocks::{Block, Blocks, Pool, Units};
use super::column::{self, Column, Hints, Layout, Options};
use super::entries::Read;
use super::entries::{self, Found};
use super::meta::{Columns, MetaOptions};
use super::progress::Progress;
use super::source::Source;
use super::{delimiter, refuse};

const OPTIONS: Options =
    Options { column: "--column", no_header: "--no-header", delimiter: "--delimiter" };

/// How list files are written, as options.
#[derive(clap::Args, Debug)]
pub(crate) struct FileOptions {
    /// CSV column of the numbers [default: the first that is named like a phone number]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Files")]
    column: Option<Column>,
    /// CSV files have no header
    #[arg(long, help_heading = "Files")]
    no_header: bool,
    /// Byte between CSV columns, or tab [default: comma or tab by the file's ending, or what parts
    /// the header]
    #[arg(long, value_name = "BYTE", value_parser = delimiter::parse, help_heading = "Files")]
    delimiter: Option<u8>,
    /// Field of a JSON object that holds the number
    #[arg(long, value_name = "NAME", default_value = "number", help_heading = "Files")]
    field: String,
    /// Read all files in this format, whatever their names end with
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Files")]
    format: Option<Format>,
    #[command(flatten)]
    meta: MetaOptions,
}

impl FileOptions {
    pub(crate) fn reading(&self) -> Reading<'_> {
        Reading {
            format: self.format,
            column: self.column.as_ref(),
            options: &OPTIONS,
            delimiter: self.delimiter,
            header: !self.no_header,
            field: &self.field,
            meta: &self.meta,
        }
    }
}

/// Blocks that are canonicalised at a time: enough to share among many cores.
const BATCH: usize = 32;

/// How a list file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One entry a line; blank lines and lines that are `#` or start with `# ` are comments
    Text,
    /// Comma separated, or by tabs if the name ends with .tsv
    Csv,
    /// One JSON string, whole number or object a line
    Jsonl,
}

/// How to read list files.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The format where the file's ending does not tell, or tells wrongly.
    pub(crate) format: Option<Format>,
    /// The CSV column.
    pub(crate) column: Option<&'a Column>,
    /// The options of CSV files, for messages.
    pub(crate) options: &'static Options,
    /// The byte between CSV columns, if not by the file's ending.
    pub(crate) delimiter: Option<u8>,
    /// Whether CSV files begin with names of columns.
    pub(crate) header: bool,
    /// The field of a JSON object.
    pub(crate) field: &'a str,
    /// The CSV columns of metadata.
    pub(crate) meta: &'a MetaOptions,
}

/// A file whose format is known, opened.
pub(crate) struct ListFile<'p> {
    /// As messages name it.
    pub(crate) name: String,
    kind: Kind<'p>,
    first: Block,
    blocks: Blocks<'p>,
    progress: Progress,
}

impl<'p> ListFile<'p> {
    /// Opens a file; `None` if it is empty. The plan helps to find the column of a CSV file, `list`
    /// is shown beside the progress.
    pub(crate) fn open(
        path: &Path,
        reading: Reading<'p>,
        plan: &DialPlan,
        list: &str,
        pool: &'p Pool,
    ) -> Result<Option<Self>> {
        let mut source = Source::open(path)?;
        let name = source.name.clone();
        let kind = match format_of(path, reading) {
            Format::Text => Kind::Text,
            Format::Jsonl => Kind::Json(reading.field),
            Format::Csv => {
                let head = source.peek()?;
                if head.is_empty() {
                    return Ok(None);
                }
                refuse::no_text(&name, &head)?;
                let Reading { column, delimiter, header, options, meta, .. } = reading;
                let usual = delimiter::of_name(path);
                let hints = Hints { column, delimiter, usual, header, options, plan };
                let layout = column::layout(&name, &head, hints)?;
                let columns = meta.find(&name, &layout, hints)?;
                Kind::Csv(layout, columns)
            }
        };
        let progress = Progress::of(&source, list);
        let mut blocks = Blocks::new(source, kind.units(), pool);
        let Some(mut first) = blocks.next()? else { return Ok(None) };
        let skip = kind.begin(&name, &first)?;
        first.skip(skip);
        Ok(Some(Self { name, kind, first, blocks, progress }))
    }

    /// All blocks, some at a time, in their order.
    pub(crate) fn for_each(
        self,
        mut work: impl FnMut(&Kind<'p>, Vec<Block>) -> Result<()>,
    ) -> Result<()> {
        let Self { name, kind, first, blocks, progress } = self;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let reader = scope.spawn(move || read_ahead(first, blocks, &sender));
            for batch in receiver {
                progress.update();
                work(&kind, batch)?;
            }
            reader.join().map_err(|_| anyhow!("the thread that reads {name} panicked"))?
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

/// What a file holds, with what is needed to read it.
pub(crate) enum Kind<'a> {
    Text,
    Csv(Layout, Columns),
    Json(&'a str),
}

impl Kind<'_> {
    fn units(&self) -> Units {
        match self {
            Self::Csv(layout, _) => Units::Records(layout.delimiter),
            Self::Text | Self::Json(_) => Units::Lines,
        }
    }

    /// How many bytes precede the entries of a file that begins with this block; an error if the
    /// file is of another kind.
    fn begin(&self, name: &str, first: &Block) -> Result<usize> {
        refuse::no_text(name, first.bytes())?;
        match self {
            Self::Csv(layout, _) => Ok(layout.header),
            Self::Text => Ok(first.bom()),
            Self::Json(_) => refuse::json_array(name, first.bytes()).map(|()| first.bom()),
        }
    }

    /// The entries of a block, canonical.
    pub(crate) fn find<'b>(&self, block: &'b Block, plan: &DialPlan) -> Found<'b> {
        match self {
            Self::Text => Found::of(entries::text(block), plan),
            Self::Csv(layout, columns) => Found::of(entries::csv(block, layout, columns), plan),
            Self::Json(field) => Found::of(entries::json(block, field), plan),
        }
    }

    /// The entries of a block as they are written, in their order.
    pub(crate) fn each<'b>(
        &self,
        block: &'b Block,
        take: impl FnMut(Read<'b>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Text => entries::text(block).try_for_each(take),
            Self::Csv(layout, columns) => entries::csv(block, layout, columns).try_for_each(take),
            Self::Json(field) => entries::json(block, field).try_for_each(take),
        }
    }
}

/// The format by what was asked for, or else by the file's ending.
fn format_of(path: &Path, reading: Reading<'_>) -> Format {
    reading.format.unwrap_or(match delimiter::ending(path).as_str() {
        "csv" | "tsv" => Format::Csv,
        "json" | "jsonl" | "ndjson" => Format::Jsonl,
        _ => Format::Text,
    })
}
