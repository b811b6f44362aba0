//! Lists named on the command line, read into a compiler: text, CSV or JSON lines.
//!
//! A thread reads ahead while all cores canonicalise; a batch of blocks is in memory at a time,
//! whatever the size of the file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Result, anyhow, bail};
use callbar::{Action, Compiler, ListId, Written};
use clap::ValueEnum;
use rayon::prelude::*;

use super::blocks::{Block, Blocks, Pool, Units};
use super::column::{self, Column, Hints, Layout};
use super::entries::{self, Found};
use super::progress::Progress;
use super::rejects::Rejects;
use super::source::{Source, is_stdin};

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

/// One `--list`: a name, an action and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListSpec {
    /// The list's name; `None` where only a file was given.
    pub(crate) name: Option<String>,
    /// What the list says about a call.
    pub(crate) action: Action,
    /// The file, `-` for standard input.
    pub(crate) file: PathBuf,
}

/// Reads `NAME[:allow|:deny]=FILE` or, without `=`, a mere `FILE`.
pub(crate) fn parse_spec(text: &str) -> Result<ListSpec, String> {
    let Some((list, file)) = text.split_once('=') else {
        return Ok(ListSpec { name: None, action: Action::Deny, file: text.into() });
    };
    let (name, action) = match list.rsplit_once(':') {
        None => (list, Action::Deny),
        Some((name, "deny")) => (name, Action::Deny),
        Some((name, "allow")) => (name, Action::Allow),
        Some((_, other)) => return Err(format!("unknown action {other:?}: give allow or deny")),
    };
    if name.is_empty() || file.is_empty() {
        return Err("give NAME=FILE, NAME:allow=FILE or NAME:deny=FILE".into());
    }
    Ok(ListSpec { name: Some(name.into()), action, file: file.into() })
}

/// The same where the name is needed.
pub(crate) fn parse_named_spec(text: &str) -> Result<ListSpec, String> {
    let spec = parse_spec(text)?;
    if spec.name.is_none() {
        return Err(format!("which list? give NAME={text}, NAME:allow={text} or NAME:deny={text}"));
    }
    Ok(spec)
}

impl ListSpec {
    /// The name as given, or else the file's without its endings.
    fn list_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let file =
                self.file.file_name().map_or_else(Cow::default, |name| name.to_string_lossy());
            file.split('.').find(|part| !part.is_empty()).unwrap_or("list").to_owned()
        })
    }
}

/// How to read list files.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The format where the file's ending does not tell, or tells wrongly.
    pub(crate) format: Option<Format>,
    /// The CSV column.
    pub(crate) column: Option<&'a Column>,
    /// The option that names the column, for messages.
    pub(crate) column_option: &'a str,
    /// The byte between CSV columns, if not by the file's ending.
    pub(crate) delimiter: Option<u8>,
    /// Whether CSV files begin with names of columns.
    pub(crate) header: bool,
    /// The field of a JSON object.
    pub(crate) field: &'a str,
}

/// A list and what this module, not the compiler, rejected of its files.
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) rejected: u64,
}

/// Reads all lists into a compiler; rejected entries go to `rejects`.
pub(crate) fn load(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: Reading<'_>,
    rejects: &mut Rejects,
) -> Result<Vec<Loaded>> {
    if specs.iter().filter(|spec| is_stdin(&spec.file)).count() > 1 {
        bail!("standard input can be read once only: give one of the lists as a file");
    }
    let mut loaded = Vec::new();
    for spec in specs {
        let name = spec.list_name();
        let list = compiler.list(&name, spec.action)?;
        let rejected = Loader { compiler, list, reading, rejects }.file(&spec.file, &name)?;
        loaded.push(Loaded { name, rejected });
    }
    Ok(loaded)
}

struct Loader<'a> {
    compiler: &'a mut Compiler,
    list: ListId,
    reading: Reading<'a>,
    rejects: &'a mut Rejects,
}

impl Loader<'_> {
    /// Reads a file and returns how many entries were rejected before the compiler saw them.
    fn file(&mut self, path: &Path, list: &str) -> Result<u64> {
        let source = Source::open(path)?;
        let progress = Progress::of(&source, list);
        let name = source.name.clone();
        let (format, delimiter) = format_of(path, self.reading);
        let units = if format == Format::Csv { Units::Records(delimiter) } else { Units::Lines };
        let pool = Pool::default();
        let mut blocks = Blocks::new(source, units, &pool);
        let Some(mut first) = blocks.next()? else { return Ok(0) };
        column::refuse_binary(&name, first.bytes())?;
        let kind = match format {
            Format::Text => Kind::Text,
            Format::Jsonl => Kind::Json(self.reading.field),
            Format::Csv => Kind::Csv(self.layout(&name, &first, delimiter)?),
        };
        let skip = first.bom();
        first.skip(if let Kind::Csv(layout) = &kind { layout.header.max(skip) } else { skip });
        let mut before = 0;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let reader = scope.spawn(move || read_ahead(first, blocks, &sender));
            for batch in receiver {
                progress.update();
                before += self.batch(&name, &batch, &kind)?;
                for block in batch {
                    pool.give(block);
                }
            }
            reader.join().map_err(|_| anyhow!("the thread that reads {name} panicked"))?
        })?;
        Ok(before)
    }

    fn layout(&self, name: &str, first: &Block, delimiter: u8) -> Result<Layout> {
        let Reading { column, column_option: option, header, .. } = self.reading;
        let plan = self.compiler.plan();
        column::layout(name, first, Hints { column, option, delimiter, header, plan })
    }

    /// Canonicalises a batch; returns how many entries were rejected before the compiler saw them.
    fn batch(&mut self, name: &str, batch: &[Block], kind: &Kind<'_>) -> Result<u64> {
        match kind {
            Kind::Text => {
                let written = batch.par_iter().flat_map_iter(entries::text);
                for entry in self.compiler.extend(self.list, written) {
                    self.rejects.add(name, entry.line, entry.reason, &entry.text)?;
                }
                Ok(0)
            }
            Kind::Csv(layout) => self.found(name, batch, |block| entries::csv(block, layout)),
            Kind::Json(field) => self.found(name, batch, |block| entries::json(block, field)),
        }
    }

    /// The same for what must be unquoted first, so that the text needs a place to stay.
    fn found<'b>(
        &mut self,
        name: &str,
        batch: &'b [Block],
        find: impl Fn(&'b Block) -> Found<'b> + Sync + Send,
    ) -> Result<u64> {
        let found: Vec<Found<'_>> = batch.par_iter().map(find).collect();
        let entries = found.par_iter().flat_map_iter(|found| &found.entries);
        let written = entries.map(|(line, text)| Written { line: *line, text });
        let rejected = self.compiler.extend(self.list, written);
        let mut all: Vec<_> = rejected.iter().map(|r| (r.line, r.reason, &*r.text)).collect();
        let before = found.iter().map(|found| found.rejected.len() as u64).sum();
        all.extend(found.iter().flat_map(|found| found.rejected.iter().copied()));
        all.sort_by_key(|&(line, ..)| line);
        for (line, reason, text) in all {
            self.rejects.add(name, line, reason, text)?;
        }
        Ok(before)
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
    Csv(Layout),
    Json(&'a str),
}

/// The format and delimiter by what was asked for, or else by the file's ending.
fn format_of(path: &Path, reading: Reading<'_>) -> (Format, u8) {
    let format = reading.format.unwrap_or(match column::ending(path).as_str() {
        "csv" | "tsv" => Format::Csv,
        "json" | "jsonl" | "ndjson" => Format::Jsonl,
        _ => Format::Text,
    });
    (format, reading.delimiter.unwrap_or_else(|| column::delimiter_of(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_names_list_action_and_file() {
        let spec = |name: Option<&str>, action, file: &str| {
            Ok(ListSpec { name: name.map(str::to_owned), action, file: file.into() })
        };
        assert_eq!(parse_spec("spam=a=b.txt"), spec(Some("spam"), Action::Deny, "a=b.txt"));
        assert_eq!(parse_spec("vip:allow=v.csv"), spec(Some("vip"), Action::Allow, "v.csv"));
        assert_eq!(parse_spec("x:deny=-"), spec(Some("x"), Action::Deny, "-"));
        assert_eq!(parse_spec("dir/dnc.txt"), spec(None, Action::Deny, "dir/dnc.txt"));
        for wrong in ["=a", "a=", "a:bar=b", ":allow=b"] {
            assert!(parse_spec(wrong).is_err(), "{wrong}");
        }
        assert!(parse_named_spec("dnc.txt").is_err());
    }

    #[test]
    fn a_file_lends_its_name_to_a_list() {
        for (file, name) in
            [("dir/do-not-call.csv.gz", "do-not-call"), (".hidden", "hidden"), ("-", "-")]
        {
            assert_eq!(parse_spec(file).unwrap().list_name(), name);
        }
    }
}
