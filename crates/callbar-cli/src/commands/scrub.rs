//! `callbar scrub`: adds verdicts to the rows of a CSV file.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use callbar::{Compiler, DialPlan, Index, Number};
use callbar_lists::{
    Block, Blocks, Column, Layout, Parameters, Pool, Reading, Source, Units, parse_delimiter,
};
use parking_lot::Mutex;

use crate::input::lists::{self, LoadRules};
use crate::input::{open_domain, refuse_second_stdin, warn_missing_subscriptions};
use crate::options::{ListFormatOptions, ListSpec, PlanOptions, parse_spec};
use crate::output::{
    CheckNumber, Output, Progress, Rejects, RowCounts, RowVerdict, VerdictColumns, note, ordered,
    refuse_overwrite, warn,
};

const EXAMPLES: &str = "\
All columns stay as they are, byte for byte and in order. Three are added:
  callbar_verdict  pass, allow, deny or invalid
  callbar_list     the list that decided; LIST@DOMAIN if DOMAIN shares it
  callbar_number   the number in its canonical form
A cell is invalid if it is not one number and on no list. It never passes.
Examples: an empty cell, a withheld number, two numbers in a cell, seven or more
digits of an impossible length, digits that a spreadsheet has lost (5,05E+11),
other text. A cell ='05050047824', with double quotes, is read without them. A
first line sep=; stays. Rows with too few or too many columns are kept and
reported; short rows are filled up. Blank lines stay. List files may have
prefixes, ranges, wildcards and expiry times (see callbar compile --help). An
expired entry does not count. Numbers such as 4917112345678 in Germany begin with
the region's own calling code, but are read as national ones. If there are many,
the command warns; --plain-e164 reads them as international. Memory does not grow
with the file.

Examples:
  callbar scrub --region TR --list dnc.txt --column phone in.csv -o out.csv
  callbar scrub --region TR --list dnc.txt --list vip:allow=vip.csv in.csv.gz
  callbar scrub --data /var/lib/callbar --domain my.example --only pass in.csv
  zcat in.csv.gz | callbar scrub --region US --list dnc.txt --delimiter ';'

Exit status: 0 done, with any verdicts, 2 error (no file is written)";

/// Add to each row of a CSV file whether its number is on a list
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    mut_arg("column", |arg| arg.long("list-column").help_heading("List files")),
    mut_arg("no_header", |arg| arg.long("list-no-header").help_heading("List files")),
    mut_arg("delimiter", |arg| arg.long("list-delimiter").help_heading("List files")),
    mut_arg("field", |arg| arg.long("list-field").help_heading("List files")),
    mut_arg("format", |arg| arg.long("list-format").help_heading("List files")),
)]
pub(crate) struct Args {
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(long, value_name = "DIR", requires = "domain")]
    data: Option<PathBuf>,
    /// Domain (tenant) that has the lists
    #[arg(long, value_name = "D", requires = "data")]
    domain: Option<String>,
    /// Without --data: region that local numbers belong to, such as TR
    #[arg(long, value_name = "CC", conflicts_with = "data")]
    region: Option<String>,
    /// Without --data: a list as FILE, NAME=FILE or NAME:allow=FILE (repeatable)
    #[arg(long = "list", value_name = "[NAME[:allow|:deny]=]FILE", value_parser = parse_spec,
          conflicts_with = "data", requires = "region")]
    lists: Vec<ListSpec>,
    #[command(flatten)]
    plan: PlanOptions,
    /// Without --data: let one pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long, conflicts_with = "data")]
    allow_broad: bool,
    /// Column of the numbers, a name or a number from 1 [default: the first with a name like phone]
    #[arg(long = "column", value_name = "NAME|NUMBER")]
    csv_column: Option<Column>,
    /// The first row is data, not a header
    #[arg(long = "no-header")]
    csv_no_header: bool,
    /// Byte between columns, or the word tab [default: by the file's ending and its header]
    #[arg(long = "delimiter", value_name = "BYTE", value_parser = parse_delimiter)]
    csv_delimiter: Option<u8>,
    /// Keep only rows with these verdicts
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',')]
    only: Vec<RowVerdict>,
    /// Beginning of the names of the new columns
    #[arg(long, value_name = "TEXT", default_value = "callbar_")]
    prefix: String,
    #[command(flatten)]
    list_format: ListFormatOptions,
    /// File to write, which appears when it is whole [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The CSV file, gzipped or not; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let start = Instant::now();
        let lists = self.lists.iter().map(|list| list.file.as_path());
        refuse_second_stdin(lists.clone().chain([self.file.as_path()]))?;
        refuse_overwrite("-o", self.output.as_deref(), lists.clone())?;
        lists.into_iter().try_for_each(Source::probe)?;
        // Before the lists are read, because that may take long.
        let source = Source::open(&self.file)?;
        let output = Output::create(self.output.as_deref())?;
        match (&self.data, &self.domain, &self.region) {
            (Some(dir), Some(name), _) => {
                if self.plan != PlanOptions::default() {
                    bail!(
                        "--data uses the dial plan of the domain: give these options to callbar compile, or use --region"
                    );
                }
                let snapshot = open_domain(dir, name)?.snapshot();
                let asked = snapshot.domain(name.as_str())?;
                warn_missing_subscriptions(asked);
                let check = |number: &Number| asked.check_number(number);
                self.scrub(asked.plan(), &check, source, output, start)
            }
            (_, _, Some(region)) if !self.lists.is_empty() => {
                let index = self.compile_lists(region)?;
                let check = |number: &Number| index.check_number(number);
                self.scrub(index.plan(), &check, source, output, start)
            }
            _ => bail!("no list is given: give --data DIR --domain D, or --region CC --list FILE"),
        }
    }

    /// Compiles the given lists into an index in memory.
    fn compile_lists(&self, region: &str) -> Result<Index<Vec<u8>>> {
        let mut compiler = Compiler::new("scrub", self.plan.plan(region)?)?;
        let mut rejects = Rejects::default();
        let reading = self.list_format.reading(Parameters { prefix: "list-" });
        let rules = LoadRules { exempts: true, allow_broad: self.allow_broad };
        let loaded = lists::load_lists(&mut compiler, &self.lists, &reading, rules, &mut rejects)?;
        rejects.report()?;
        let index = compiler.finish()?;
        if index.summary.numbers == 0 {
            bail!("the lists have no entry ({} rejected): check the files", rejects.total());
        }
        lists::count_lists(index.summary.lists, loaded);
        Ok(Index::open(index.bytes)?)
    }

    fn scrub(
        &self,
        plan: &DialPlan,
        check: CheckNumber<'_, '_>,
        mut source: Source,
        mut output: Output,
        start: Instant,
    ) -> Result<()> {
        let head = source.peek()?;
        if head.is_empty() {
            bail!("{} is empty: is it the right file?", source.name);
        }
        let layout = self.layout(plan, &source.name, &head)?;
        let progress = Progress::new(source.total, &source.read, "scrub");
        let pool = Pool::default();
        let mut blocks = Blocks::new(source, Units::Records(layout.delimiter), &pool);
        let mut first = blocks.next()?.context("nothing was read")?;
        let scrubber = VerdictColumns { plan, check, layout: &layout, only: &self.only };
        let mut out = Vec::new();
        scrubber.header(&first.bytes()[..layout.header], &self.prefix, &mut out);
        first.skip(layout.header);
        output.write(&out)?;
        let total = stream(&scrubber, first, blocks, &pool, &mut output, &progress)?;
        output.finish()?;
        drop(progress);
        note(total.summary(start.elapsed(), layout.columns, !self.only.is_empty()));
        total.warnings.into_messages().into_iter().for_each(warn);
        Ok(())
    }

    fn layout(&self, plan: &DialPlan, name: &str, head: &[u8]) -> Result<Layout> {
        let reading = Reading {
            column: self.csv_column.clone(),
            delimiter: self.csv_delimiter,
            header: !self.csv_no_header,
            ..Reading::new(Parameters::default())
        };
        let layout = Layout::read(name, head, reading.hints(name, plan))?;
        layout.notes.iter().for_each(note);
        let clash = |suffix| {
            let new = format!("{}{suffix}", self.prefix);
            layout.names.contains(&new).then_some(new)
        };
        if !self.csv_no_header
            && let Some(new) = ["verdict", "list", "number"].into_iter().find_map(clash)
        {
            bail!("{name} has a column {new:?} already: give another --prefix");
        }
        Ok(layout)
    }
}

/// Scrubs the first block and all that follow, on all cores, and counts.
fn stream<'i>(
    scrubber: &VerdictColumns<'_, 'i>,
    first: Block,
    mut blocks: Blocks<'_>,
    pool: &Pool,
    output: &mut Output,
    progress: &Progress,
) -> Result<RowCounts<'i>> {
    let mut total = RowCounts::default();
    let mut first = Some(first);
    let spare = Mutex::new(Vec::<Vec<u8>>::new());
    ordered(
        || first.take().map_or_else(|| Ok(blocks.next()?), |block| Ok(Some(block))),
        |block| {
            let mut out = spare.lock().pop().unwrap_or_default();
            out.clear();
            let counts = scrubber.rows(&block, &mut out);
            pool.give(block);
            (out, counts)
        },
        |(out, counts)| {
            total.append(counts);
            progress.update();
            output.write(&out)?;
            spare.lock().push(out);
            Ok(())
        },
    )?;
    Ok(total)
}
