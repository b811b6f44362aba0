//! `callbar compile`: lists in files to the published index of a domain.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
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
use crate::output::{
    Colour, Paint, Rejects, action_word, chain, note, print, refuse_overwrite, warn,
};

const EXAMPLES: &str = "\
Files are plain text (one entry a line; blank lines and lines that are # or
start with '# ' are comments), CSV (.csv, .tsv) or JSON lines (.json, .jsonl,
.ndjson), gzipped or not. A list given twice takes the entries of both files.
The new index replaces all that the domain had, and only if nothing went wrong;
other processes obey it with their next check. callbar rollback undoes it.

Entries, in any form that the dial plan reads a number in (callbar normalize
shows what becomes of each):
  +905050047824, 0505 004 78 24, 112, *67, sip:alice@my.example
                                                     exactly this
  +90505*, 0505*                                     all that begins so; but what
          begins with * or # is a service code: *21* and #31# are exactly these
  +905050000000-+905050009999, 0505 100 00 00 - 0505 100 99 99
                                                     all from one to the other
  +1999XXXXXXX, 1XXX                                 any digit for each X
  anonymous, invalid, unassigned, short              classes: withheld; what is
          no number that can exist; a calling code that nobody has; short codes
          and what lacks its area code
The longest entry decides: an exact one, then the pattern that fixes most digits,
then a class; among those of one length allow beats deny. A pattern that would
bar a whole calling code, such as +90*, is refused without --allow-broad.

Entries may carry metadata: id (24 hexadecimal digits), created, expires, reason,
source. JSON objects have it in fields of these names beside the number; CSV in
the columns named by --id-column and so on, by default in those headed expires,
expiry date, expiration, valid until, valid to, until, end date or the like, also
in the words of Turkish, German, French, Spanish, Italian, Portuguese, Russian
and Hebrew (bitis tarihi, gultig bis, date de fin, vencimiento, scadenza,
validade), in any case and with or without blanks, dashes and marks; created or
created_at; reason, neden, Grund, motif, motivo; source (never id). Which columns
are taken is told, and which are not used.

Times are seconds since 1970, RFC 3339, or YYYY-MM-DD or DD.MM.YYYY [HH:MM:SS] in
UTC; DD-MM-YYYY only if it cannot be MM-DD-YYYY. From the second of its expiry on
an entry does not exist; a date without a time ends with its day: 2026-12-31 is
in force until 2027-01-01 00:00:00 UTC. Nothing, blanks and null are none. A time
or a column's id that cannot be read rejects the entry; another sort of id in
JSON is left out.

NAME:deny:CODE recommends what to answer a barred call: 433 Anonymity Disallowed,
603 Decline, 607 Unwanted, 608 Rejected; without, 433 to callers who withhold
their number, 608 for lists of other domains, and 603.

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

/// Make the index of a domain from lists, and publish it
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
    /// A list: NAME=FILE denies, NAME:allow=FILE allows; - is standard input (repeatable)
    #[arg(long = "list", value_name = "NAME[:allow|:deny[:CODE]]=FILE", value_parser = parse_named_spec, required = true)]
    lists: Vec<ListSpec>,
    /// Directory to publish in
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    files: ListFileOptions,
    /// Write all rejected entries to a file: source, line, reason, text, tab separated
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    guards: PublishGuards,
    #[command(flatten)]
    wait: WriterWait,
}

/// What keeps a slip from being published.
#[derive(clap::Args, Debug)]
struct PublishGuards {
    /// Publish nothing if any entry is rejected
    #[arg(long)]
    strict: bool,
    /// Publish even if no list has any entry; a domain that had some may need --max-loss 100 too
    #[arg(long)]
    allow_empty: bool,
    /// Let one pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
    /// Publish nothing if the domain would lose more than this share of its entries; 100 lets
    /// anything pass
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(..=100))]
    max_loss: u8,
    /// How many former states to keep for callbar rollback
    #[arg(long, value_name = "N", default_value_t = 3)]
    keep: usize,
}

impl PublishGuards {
    fn publish(&self) -> Publish {
        Publish { max_loss: f64::from(self.max_loss) / 100.0, keep: self.keep }
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let start = Instant::now();
        let plan = self.plan.plan()?;
        let mut compiler = Compiler::new(&self.domain, plan)?;
        compiler.set_settings(self.settings.settings())?;
        compiler.allow_broad(self.guards.allow_broad);
        // All before the work: what cannot be read or written is known at once.
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
        if let Some(engine) = target.engine() {
            self.note_changes(engine, &compiler);
        }
        let index = self.finish(compiler, rejects.total())?;
        let engine = target.publish(&self.domain, &index.bytes, self.guards.publish())?;
        let snapshot = engine.snapshot();
        let published = snapshot.domain(self.domain.as_str())?;
        warn_missing_subscriptions(published);
        let lists = index.summary.lists;
        let mut text = list_lines(&lists::count_lists(lists, loaded));
        text.push_str(&self.published_line(&published.stats(), start));
        // What is published stays published, whoever reads of it.
        if let Err(error) = print(text) {
            let error = chain(&error);
            warn(format_args!("the index is published, but its summary is not told: {error}"));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The index, if what was accepted and rejected lets it be published.
    fn finish(&self, compiler: Compiler, rejected: u64) -> Result<Compiled> {
        if self.guards.strict && rejected > 0 {
            bail!("{rejected} entries are rejected, and --strict was given: nothing is published");
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

    /// Says if the domain will dial or be set otherwise than it was, which is easily a slip.
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

    /// The line of the whole.
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

/// A line for each list.
fn list_lines(lists: &[ListCounts]) -> String {
    let paint = Paint::stdout();
    let mut text = String::new();
    for ListCounts { summary, counts, expiring } in lists {
        let expiring = match expiring {
            0 => String::new(),
            count => format!(", {} with an expiry", HumanCount(*count)),
        };
        let words = format!("{} rejected", HumanCount(summary.rejected));
        let _ = writeln!(
            text,
            "{} ({}): {} entries ({}), {} duplicates{expiring}, {}",
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
