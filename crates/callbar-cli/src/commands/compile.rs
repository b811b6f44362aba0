//! `callbar compile`: makes the index of a domain from list files and publishes it.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use callbar::{Compiled, Compiler, Engine, Publish, Stats};
use callbar_lists::Source;
use indicatif::{HumanBytes, HumanCount};

use super::publish::PublishTarget;
use crate::input::lists::{self, ListCounts, LoadRules};
use crate::input::{refuse_second_stdin, warn_missing_subscriptions};
use crate::options::{
    ListFileOptions, ListSpec, RegionalPlanOptions, SettingsOptions, WriterWait, parse_named_spec,
    plan, settings,
};
use crate::output::{Colour, Paint, Rejects, chain, note, print, refuse_overwrite, warn};

const EXAMPLES: &str = "\
A list file is plain text, CSV (.csv, .tsv) or JSON lines (.json, .jsonl,
.ndjson), gzipped or not. Plain text has one entry a line. Blank lines, and lines
that are # or start with '# ', are comments. A list that is given twice takes the
entries of both files. The new index replaces the old one of the domain. Other
processes use it from their next check on. After an error the old index stays in
force. callbar rollback brings it back later.

An entry may be written in any form that the dial plan reads. callbar normalize
shows its canonical form.
  +905050047824, 0505 004 78 24, 112, *67, sip:alice@my.example
          exact entries: this number, service code or SIP user
  +90505*, 0505*
          prefixes: all numbers that begin with these digits. An entry that
          begins with * or # is a service code: *21* and #31# are exact
  +905050000000-+905050009999, 0505 100 00 00 - 0505 100 99 99
          ranges: all numbers from the first to the last
  +1999XXXXXXX, 1XXX
          wildcards: X is any digit
  anonymous, invalid, unassigned, short
          classes: withheld numbers; texts that cannot be a number; numbers of
          unassigned calling codes; short codes and numbers without area code
The longest entry decides: an exact one, then the pattern with the most fixed
digits, then a class. Between entries of one length allow beats deny. On a deny
list a pattern of a whole calling code, such as +90*, needs --allow-broad.

An entry may have metadata: id (24 hexadecimal digits), created, expires, reason,
source. JSON has them as fields of the object, beside the number. CSV has them as
columns. Name a column with --expires-column and so on, or in the header:
  expires   expires, expiry date, expiration, valid until, valid to, until, end
            date or the like; bitis tarihi, gultig bis, date de fin, vencimiento,
            scadenza, validade; Russian and Hebrew too
  created   created, created_at
  reason    reason, neden, Grund, motif, motivo
  source    source
Case, blanks, dashes and marks in a header do not matter. An id needs
--id-column. The command reports which columns it uses and which it does not.

A time is seconds since 1970, RFC 3339, or YYYY-MM-DD or DD.MM.YYYY [HH:MM:SS] in
UTC. DD-MM-YYYY is read only if it cannot be MM-DD-YYYY. An entry ends in the
second of its expiry. A date without a time includes the day: an entry of
2026-12-31 is in force until 2027-01-01 00:00:00 UTC. An empty field, blanks and
null mean no time. A time that cannot be read rejects the entry; so does such an
id in a CSV column. An id of another form in JSON is ignored.

NAME:deny:CODE recommends the SIP response to a barred call: 433 Anonymity
Disallowed, 603 Decline, 607 Unwanted or 608 Rejected. Without a code it is 433
for callers who withhold their number, 608 for lists of other domains, else 603.

Examples (DIR stands for /var/lib/callbar):
  callbar compile --domain my.example --region TR --list spam=a.txt --data DIR
  callbar compile --domain my.example --region TR --data DIR \\
      --list spam=a.txt --list spam=b.csv.gz --column msisdn \\
      --list vip:allow=vip.jsonl --rejects rejects.tsv
  callbar compile --domain my.example --region TR --data DIR \\
      --list scam:deny:607=scam.csv --expires-column until \\
      --subscribe shared.example
  zcat dump.gz | callbar compile --domain my.example --region US --data DIR \\
      --list dnc=- --format csv --column 2

Exit status: 0 published, 2 error (nothing is published)";

/// Compile the lists of a domain into an index and publish it
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Domain (tenant) that the lists belong to
    #[arg(long, value_name = "D")]
    domain: String,
    #[command(flatten)]
    plan: RegionalPlanOptions,
    #[command(flatten)]
    settings: SettingsOptions,
    /// A list that denies (NAME=FILE) or allows (NAME:allow=FILE); - is standard input (repeatable)
    #[arg(long = "list", value_name = "NAME[:allow|:deny[:CODE]]=FILE", value_parser = parse_named_spec, required = true)]
    lists: Vec<ListSpec>,
    /// Directory to publish in
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    files: ListFileOptions,
    /// Write all rejected entries to this file: source, line, reason and text, tab separated
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    guards: PublishGuards,
    #[command(flatten)]
    wait: WriterWait,
}

/// Options that keep a mistake from being published.
#[derive(clap::Args, Debug)]
struct PublishGuards {
    /// Publish nothing if any entry is rejected
    #[arg(long)]
    strict: bool,
    /// Publish even if the lists have no entry; a domain that had some needs --max-loss 100 too
    #[arg(long)]
    allow_empty: bool,
    /// Let one pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
    /// Publish nothing if the domain would lose more than this share of its entries; 100 allows any
    /// loss
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(..=100))]
    max_loss: u8,
    /// Former states to keep for callbar rollback
    #[arg(long, value_name = "N", default_value_t = 3)]
    keep: usize,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let start = Instant::now();
        let plan = self.plan.plan()?;
        let mut compiler = Compiler::new(&self.domain, plan)?;
        compiler.set_settings(self.settings.settings())?;
        // Before the work, so that a file that cannot be read or written is reported at once.
        let files = self.lists.iter().map(|list| list.file.as_path());
        refuse_second_stdin(files.clone())?;
        files.clone().try_for_each(Source::probe)?;
        refuse_overwrite("--rejects", self.rejects.as_deref(), files)?;
        let target = PublishTarget::open(&self.data, self.wait)?;
        let mut rejects = Rejects::new(self.rejects.as_deref())?;
        let exempts = self.settings.settings().emergency_exempt;
        let rules = LoadRules { exempts, allow_broad: self.guards.allow_broad };
        let reading = self.files.reading();
        let loaded = lists::load_lists(&mut compiler, &self.lists, &reading, rules, &mut rejects)?;
        rejects.report()?;
        if let Some(engine) = &target.engine {
            self.note_changes(engine, &compiler);
        }
        let index = self.finish(compiler, rejects.total())?;
        let PublishGuards { max_loss, keep, .. } = self.guards;
        let how = Publish { max_loss: f64::from(max_loss) / 100.0, keep };
        let engine = target.publish(&self.domain, &index.bytes, how)?;
        let snapshot = engine.snapshot();
        let published = snapshot.domain(self.domain.as_str())?;
        warn_missing_subscriptions(published);
        let lists = index.summary.lists;
        let mut text = list_lines(&lists::count_lists(lists, loaded));
        text.push_str(&self.published_line(&published.stats(), start));
        // The index stays published even if its summary cannot be printed.
        if let Err(error) = print(text) {
            let error = chain(&error);
            warn(format_args!(
                "the index is published, but its summary cannot be printed: {error}"
            ));
        }
        Ok(())
    }

    /// Returns the index, unless an option forbids to publish it.
    fn finish(&self, compiler: Compiler, rejected: u64) -> Result<Compiled> {
        if self.guards.strict && rejected > 0 {
            bail!("{rejected} entries are rejected: with --strict nothing is published");
        }
        let index = compiler.finish()?;
        if index.summary.numbers == 0 && !self.guards.allow_empty {
            bail!(
                "no entry was accepted, {rejected} rejected: nothing is published (--allow-empty would \
                 publish an index that bars nothing)"
            );
        }
        Ok(index)
    }

    /// Reports a change of the dial plan or the settings of the domain, which may be a mistake.
    fn note_changes(&self, engine: &Engine, compiler: &Compiler) {
        let snapshot = engine.snapshot();
        let Ok(old) = snapshot.domain(self.domain.as_str()) else { return };
        let name = self.domain.escape_debug();
        if let Some(change) = plan::change(old.plan(), compiler.plan()) {
            note(format_args!("dial plan of {name}: {change}"));
        }
        if let Some(change) = settings::change(old.settings(), &self.settings.settings()) {
            note(format_args!("settings of {name}: {change}"));
        }
    }

    /// Returns the line for the whole index.
    fn published_line(&self, stats: &Stats, start: Instant) -> String {
        let patterns = if stats.patterns == 0 {
            String::new()
        } else {
            format!(", {} patterns", HumanCount(stats.patterns))
        };
        format!(
            "published {}: {} entries ({} E.164{patterns}), {}, {:.2} s\n",
            self.domain.escape_debug(),
            HumanCount(stats.numbers),
            HumanCount(stats.e164),
            HumanBytes(stats.bytes),
            start.elapsed().as_secs_f64()
        )
    }
}

/// Returns a line for each list.
fn list_lines(lists: &[ListCounts]) -> String {
    let paint = Paint::stdout();
    let mut text = String::new();
    for ListCounts { summary, kinds, expiring } in lists {
        let expiring = match expiring {
            0 => String::new(),
            count => format!(", {} with an expiry", HumanCount(*count)),
        };
        let words = format!("{} rejected", HumanCount(summary.rejected));
        let _ = writeln!(
            text,
            "{} ({}): {} entries ({kinds}), {} duplicates{expiring}, {}",
            summary.name,
            summary.action,
            HumanCount(summary.entries),
            HumanCount(summary.duplicates),
            paint.paint(&words, (summary.rejected > 0).then_some(Colour::Yellow)),
        );
    }
    text
}
