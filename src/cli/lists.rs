//! Lists named on the command line, read into a compiler: text, CSV or JSON lines.
//!
//! A thread reads ahead while all cores canonicalise; a batch of blocks is in memory at a time,
//! whatever the size of the file.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Result, anyhow, bail};
use callbar::{Action, Compiler, DialPlan, ListId, ListSummary, Response};
use clap::ValueEnum;
use rayon::prelude::*;

use super::blocks::{Block, Blocks, Pool, Units};
use super::column::{self, Column, Hints, Layout, Options};
use super::entries::{self, Found, Other};
use super::kinds::{Counts, Kinds};
use super::meta::{Columns, MetaOptions};
use super::output::warn;
use super::progress::Progress;
use super::rejects::Rejects;
use super::slips::{Emergencies, Slips};
use super::source::{Source, is_stdin};
use super::spec::ListSpec;
use super::{delimiter, refuse, source};

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

/// A list and what this module, not the compiler, knows of its entries.
pub(crate) struct Loaded {
    name: String,
    rejected: u64,
    expiring: u64,
    kinds: Kinds,
    slips: Slips,
}

/// Counts of a list, all its files together.
pub(crate) struct Tally {
    pub(crate) summary: ListSummary,
    pub(crate) counts: Counts,
    /// Entries that came with an expiry, duplicates included.
    pub(crate) expiring: u64,
}

/// An error if a list cannot be read, before any work is done.
pub(crate) fn probe(specs: &[ListSpec]) -> Result<()> {
    if specs.iter().filter(|spec| is_stdin(&spec.file)).count() > 1 {
        bail!("standard input can be read once only: give one of the lists as a file");
    }
    specs.iter().try_for_each(|spec| source::probe(&spec.file))
}

/// Reads all lists into a compiler; rejected entries go to `rejects`.
pub(crate) fn load(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: Reading<'_>,
    rejects: &mut Rejects,
) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for spec in specs {
        let name = spec.list_name();
        let list = compiler.list(&name, spec.action)?;
        compiler.respond(list, response(specs, &name)?);
        let (kinds, slips) = (Kinds::default(), Slips::default());
        let mut into = Loaded { name, rejected: 0, expiring: 0, kinds, slips };
        Loader { compiler, list, reading, rejects, into: &mut into }.file(&spec.file)?;
        loaded.push(into);
    }
    Ok(loaded)
}

/// What a list answers, though it may be given several times.
fn response(specs: &[ListSpec], name: &str) -> Result<Option<Response>> {
    let mut given = specs.iter().filter(|spec| spec.list_name() == name);
    let first = given.find_map(|spec| spec.response);
    if let (Some(one), Some(other)) =
        (first, given.filter_map(|spec| spec.response).find(|&other| Some(other) != first))
    {
        bail!("list {name:?} is to answer {} and {}: choose one", one.code(), other.code());
    }
    Ok(first)
}

/// Counts each list, and warns of those most of whose entries are no telephone numbers, and of
/// entries that may not do what is expected of them.
pub(crate) fn tally(
    lists: Vec<ListSummary>,
    mut loaded: Vec<Loaded>,
    emergencies: Emergencies,
) -> Vec<Tally> {
    let count = |mut summary: ListSummary| {
        let (mut kinds, mut slips, mut expiring) = (Kinds::default(), Slips::default(), 0);
        for part in loaded.extract_if(.., |part| part.name == summary.name) {
            summary.rejected += part.rejected;
            expiring += part.expiring;
            kinds.append(part.kinds);
            slips.append(part.slips);
        }
        let counts = kinds.count(summary.entries);
        let name = &summary.name;
        let denies = summary.action == Action::Deny;
        let emergency = denies.then(|| slips.emergency(name, emergencies)).flatten();
        for doubt in [counts.doubt(name), emergency, slips.short(name)].into_iter().flatten() {
            warn(doubt);
        }
        Tally { summary, counts, expiring }
    };
    lists.into_iter().map(count).collect()
}

struct Loader<'a> {
    compiler: &'a mut Compiler,
    list: ListId,
    reading: Reading<'a>,
    rejects: &'a mut Rejects,
    into: &'a mut Loaded,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path) -> Result<()> {
        let mut source = Source::open(path)?;
        let name = source.name.clone();
        let kind = match format_of(path, self.reading) {
            Format::Text => Kind::Text,
            Format::Jsonl => Kind::Json(self.reading.field),
            Format::Csv => {
                let head = source.peek()?;
                if head.is_empty() {
                    return Ok(());
                }
                refuse::no_text(&name, &head)?;
                let (layout, columns) = self.layout(path, &name, &head)?;
                Kind::Csv(layout, columns)
            }
        };
        let progress = Progress::of(&source, &self.into.name);
        let pool = Pool::default();
        let mut blocks = Blocks::new(source, kind.units(), &pool);
        let Some(mut first) = blocks.next()? else { return Ok(()) };
        let skip = kind.begin(&name, &first)?;
        first.skip(skip);
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let reader = scope.spawn(move || read_ahead(first, blocks, &sender));
            for batch in receiver {
                progress.update();
                self.batch(&name, &batch, &kind)?;
                for block in batch {
                    pool.give(block);
                }
            }
            reader.join().map_err(|_| anyhow!("the thread that reads {name} panicked"))?
        })
    }

    fn layout(&self, path: &Path, name: &str, head: &[u8]) -> Result<(Layout, Columns)> {
        let Reading { column, delimiter, header, options, meta, .. } = self.reading;
        let (usual, plan) = (delimiter::of_name(path), self.compiler.plan());
        let hints = Hints { column, delimiter, usual, header, options, plan };
        let layout = column::layout(name, head, hints)?;
        let columns = meta.find(name, &layout, hints)?;
        Ok((layout, columns))
    }

    /// Canonicalises a batch on all cores, and files what it holds.
    fn batch(&mut self, name: &str, batch: &[Block], kind: &Kind<'_>) -> Result<()> {
        let plan = self.compiler.plan();
        let mut found: Vec<Found<'_>> =
            batch.par_iter().map(|block| kind.find(block, plan)).collect();
        for part in &mut found {
            self.compiler.extend_e164(self.list, part.e164.drain(..));
            self.into.rejected += part.rejected.len() as u64;
        }
        let others = found.par_iter().flat_map_iter(|found| &found.others);
        let rejected = self.compiler.extend_noted(self.list, others.map(Other::written));
        let is_rejected = |other: &Other<'_>| {
            rejected.binary_search_by_key(&other.line, |rejected| rejected.line).is_ok()
        };
        for part in &mut found {
            let (kinds, others) = (std::mem::take(&mut part.kinds), &part.others);
            self.into.kinds.keep(kinds, |at| is_rejected(&others[at]));
            for other in others.iter().filter(|other| !is_rejected(other)) {
                self.into.expiring += u64::from(other.expires());
                other.slip().into_iter().for_each(|slip| self.into.slips.add(slip));
            }
        }
        let mut all: Vec<_> = rejected.iter().map(|r| (r.line, r.reason, &*r.text)).collect();
        all.extend(found.iter().flat_map(|found| found.rejected.iter().copied()));
        all.sort_by_key(|&(line, ..)| line);
        for (line, reason, text) in all {
            self.rejects.add(name, line, reason, text)?;
        }
        Ok(())
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
enum Kind<'a> {
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

    fn find<'b>(&self, block: &'b Block, plan: &DialPlan) -> Found<'b> {
        match self {
            Self::Text => entries::text(block, plan),
            Self::Csv(layout, columns) => entries::csv(block, plan, layout, columns),
            Self::Json(field) => entries::json(block, plan, field),
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
