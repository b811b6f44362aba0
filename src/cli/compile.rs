//! `callbar compile`: lists in files to the published index of a domain.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use callbar::{Compiled, Compiler, Engine};
use indicatif::{HumanBytes, HumanCount};

use super::column::{Column, Options};
use super::lists::{self, Format, Reading, Tally};
use super::output::{Colour, Output, Paint, action_word, note, warn};
use super::plan::{self, PlanOptions};
use super::publish::Target;
use super::rejects::Rejects;
use super::spec::{ListSpec, parse_named_spec};
use super::{delimiter, same};

const OPTIONS: Options =
    Options { column: "--column", no_header: "--no-header", delimiter: "--delimiter" };

const EXAMPLES: &str = "\
Files are plain text (one entry a line; blank lines and lines that are # or
start with '# ' are comments), CSV (.csv, .tsv) or JSON lines (.json, .jsonl,
.ndjson), gzipped or not. A list given twice takes the entries of both files.
The new index replaces the domain's old one whole, and only if nothing went
wrong; other processes use it once they open the directory again.

Examples (DIR stands for /var/lib/callbar):
  callbar compile --domain my.example --region TR --list spam=a.txt --data DIR
  callbar compile --domain my.example --region TR --data DIR \\
      --list spam=a.txt --list spam=b.csv.gz --column msisdn \\
      --list vip:allow=vip.jsonl --rejects rejects.tsv
  zcat dump.gz | callbar compile --domain my.example --region US --data DIR \\
      --list dnc=- --format csv --column 2

Exit status: 0 published, 2 error (nothing is published)";

/// Make the index of a domain from lists, and publish it
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Domain (tenant) that the lists belong to
    #[arg(long, value_name = "D")]
    domain: String,
    /// Region that local numbers belong to, an ISO 3166-1 code such as TR
    #[arg(long, value_name = "CC")]
    region: String,
    #[command(flatten)]
    plan: PlanOptions,
    /// A list: NAME=FILE denies, NAME:allow=FILE allows; - is standard input (repeatable)
    #[arg(long = "list", value_name = "NAME[:allow|:deny]=FILE", value_parser = parse_named_spec, required = true)]
    lists: Vec<ListSpec>,
    /// Directory to publish in
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
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
    /// Write all rejected entries to a file: source, line, reason, text, tab separated
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Publish nothing if any entry is rejected
    #[arg(long)]
    strict: bool,
    /// Publish even if no list has any entry
    #[arg(long)]
    allow_empty: bool,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let start = Instant::now();
        let plan = self.plan.plan(&self.region)?;
        let mut compiler = Compiler::new(&self.domain, plan)?;
        // All before the work: what cannot be read or written is known at once.
        lists::probe(&self.lists)?;
        let inputs = self.lists.iter().map(|list| list.file.as_path());
        same::refuse("--rejects", self.rejects.as_deref(), inputs)?;
        let mut target = Target::open(&self.data)?;
        let mut rejects = Rejects::new(self.rejects.as_deref())?;
        let loaded = lists::load(&mut compiler, &self.lists, self.reading(), &mut rejects)?;
        rejects.report()?;
        self.tell_change(&target.engine, &compiler);
        let index = self.finish(compiler, rejects.total())?;
        let domain = target.publish(&self.domain, &index.bytes)?;
        let stats = target.engine.snapshot().domain(domain)?.stats();
        let mut text = list_lines(&lists::tally(index.summary.lists, loaded));
        let _ = writeln!(
            text,
            "published {}: {} numbers ({} E.164), {}, {:.2} s",
            self.domain.escape_debug(),
            HumanCount(stats.numbers),
            HumanCount(stats.e164),
            HumanBytes(stats.bytes),
            start.elapsed().as_secs_f64()
        );
        // What is published stays published, whoever reads of it.
        if let Err(error) = print(&text) {
            let error = super::chain(&error);
            warn(format_args!("the index is published, but its summary is not told: {error}"));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The index, if what was accepted and rejected lets it be published.
    fn finish(&self, compiler: Compiler, rejected: u64) -> Result<Compiled> {
        if self.strict && rejected > 0 {
            bail!("{rejected} entries are rejected, and --strict was given: nothing is published");
        }
        let index = compiler.finish()?;
        if index.summary.numbers == 0 && !self.allow_empty {
            bail!(
                "no entry was accepted, {rejected} rejected: nothing is published (--allow-empty would \
                 publish an index that bars nothing)"
            );
        }
        Ok(index)
    }

    /// Says if the domain will dial otherwise than it did, which is easily a slip.
    fn tell_change(&self, engine: &Engine, compiler: &Compiler) {
        let snapshot = engine.snapshot();
        let old = snapshot.domain(self.domain.as_str());
        if let Some(change) = old.ok().and_then(|old| plan::change(old.plan(), compiler.plan())) {
            note(format_args!("dial plan of {}: {change}", self.domain.escape_debug()));
        }
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            format: self.format,
            column: self.column.as_ref(),
            options: &OPTIONS,
            delimiter: self.delimiter,
            header: !self.no_header,
            field: &self.field,
        }
    }
}

fn print(text: &str) -> Result<()> {
    let mut output = Output::create(None)?;
    output.write(text.as_bytes())?;
    output.finish()
}

/// A line for each list.
fn list_lines(lists: &[Tally]) -> String {
    let paint = Paint::stdout();
    let mut text = String::new();
    for Tally { summary, counts } in lists {
        let words = format!("{} rejected", HumanCount(summary.rejected));
        let _ = writeln!(
            text,
            "{} ({}): {} entries ({}), {} duplicates, {}",
            summary.name,
            action_word(summary.action),
            HumanCount(summary.entries),
            counts.text(),
            HumanCount(summary.duplicates),
            paint.paint(&words, (summary.rejected > 0).then_some(Colour::Yellow)),
        );
    }
    text
}
