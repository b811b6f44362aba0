//! `callbar import`: files of entries into a list of a directory with a store.
//!
//! Files are read as `compile` reads them, and sent as one JSON object a line, each at the line where
//! its entry stands in the file: so whatever is said of a line is said of the file's.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use callbar::{DialPlan, Number};
use callbar_server::Method;
use indicatif::HumanCount;
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Pieces, domain_path, print};
use super::domain::Domain;
use super::place::ListPlace;
use crate::blocks::{Block, Pool};
use crate::list_file::{FileOptions, Kind, ListFile};
use crate::output::{note, warn};
use crate::own_code::{self, OwnCode};
use crate::source::{self, is_stdin};
use crate::{cell, entries::Read, kinds, progress, rejects::Rejects, same};

const EXAMPLES: &str = "\
Files are plain text (one entry a line; blank lines and lines that are # or
start with '# ' are comments), CSV (.csv, .tsv) or JSON lines (.json, .jsonl,
.ndjson), gzipped or not; - is standard input. Works while a server runs, and
without one. Of each file all entries are taken or none: if one cannot be on the
list, nothing of its file is taken, unless --partial is given. What is taken is
on disk and in force when the command ends.

An entry that is there stays as it was first written. A line that says nothing
but its number leaves what is noted of it alone; any other sets its id, created,
expires, reason and source. One that has expired is made anew.

Entries, and what files say of them, are written as for callbar compile: see its
--help. An expiry of a date without a time ends with its day: 2026-12-31 is in
force until 2027-01-01 00:00:00 UTC.

Examples (DIR stands for /var/lib/callbar):
  callbar import --data DIR --domain my.example --list spam a.txt b.csv.gz
  callbar import --data DIR --domain my.example --list dnc --make-list \\
                 --partial --rejects rejects.tsv dump.csv --column msisdn
  zcat dump.gz | callbar import --data DIR --domain my.example --list dnc -

Exit status: 0 all taken (with --partial: but for those told), 2 error (nothing
of that file is taken; files before it are)";

/// Add the entries of files to a list
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command, alone")]
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: ListPlace,
    /// Files, - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take what can be taken of a file
    #[arg(long)]
    partial: bool,
    /// The list holds what the file holds afterwards, and nothing else
    #[arg(long)]
    replace: bool,
    /// Replace nothing if the list would lose more than this share of its entries; 100 lets
    /// anything pass
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(..=100))]
    max_loss: u8,
    /// Make the list, which denies, if there is none
    #[arg(long)]
    make_list: bool,
    /// Let a pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
    /// Write the rejected entries to a file: source, line, reason, text, tab separated
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    reading: FileOptions,
}

/// The longest entry in bytes as it is sent: a server takes a longer one for a fault of the file.
const LONGEST: usize = 16 * 1024 - 1;

/// What the server made of a file.
#[derive(Default, Deserialize)]
struct Imported {
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    rejected: Vec<Rejection>,
    rejected_count: u64,
    #[serde(default)]
    warnings: Vec<String>,
    done: bool,
}

#[derive(Deserialize)]
struct Rejection {
    line: u64,
    text: String,
    reason: String,
}

/// An entry as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if self.files.iter().filter(|file| is_stdin(file)).count() > 1 {
            bail!("standard input can be read once only: give the others as files");
        }
        if self.replace && self.files.len() > 1 {
            bail!("--replace takes one file: the last would be all that is left");
        }
        self.files.iter().try_for_each(|file| source::probe(file))?;
        let inputs = self.files.iter().map(PathBuf::as_path);
        same::refuse("--rejects", self.rejects.as_deref(), inputs)?;
        let desk = Desk::open_telling(&self.place.data, progress::of_import())?;
        let domain: Domain = desk.ask(Method::GET, &domain_path(&self.place.domain))?;
        let plan = domain.plan.dial_plan()?;
        let mut rejects = Rejects::new(self.rejects.as_deref())?;
        let mut outcome = Ok(());
        for file in &self.files {
            outcome = self.file(&desk, &plan, file, &mut rejects);
            if outcome.is_err() {
                break;
            }
        }
        rejects.report()?;
        outcome.map(|()| ExitCode::SUCCESS)
    }

    fn file(
        &self,
        desk: &Desk,
        plan: &DialPlan,
        path: &std::path::Path,
        rejects: &mut Rejects,
    ) -> Result<()> {
        let start = Instant::now();
        let pool = Pool::default();
        let reading = self.reading.reading();
        let file = ListFile::open(path, reading, plan, &self.place.list, &pool)?;
        let name =
            file.as_ref().map_or_else(|| path.display().to_string(), |file| file.name.clone());
        let before = rejects.total();
        let mut own_code = OwnCode::default();
        let (sender, pieces) = sync_channel(4);
        // The files are read in this thread, for what reads them reports to this terminal.
        let answer = thread::scope(|scope| {
            let asking = scope.spawn(|| self.pour(desk, pieces));
            let mut convert =
                Convert { plan, name: &name, line: 1, own_code: &mut own_code, rejects };
            let read = read(file, &pool, &sender, &mut convert);
            let clean = self.partial || rejects.total() == before;
            if let Err(error) = &read {
                drop(sender.send(Err(io::Error::other(error.to_string()))));
            } else if !clean {
                drop(sender.send(Err(io::Error::other("entries are rejected"))));
            }
            drop(sender);
            let answer = asking.join().map_err(|_| anyhow!("the thread that asks panicked"))?;
            read?;
            // Broken off on purpose.
            if clean { answer } else { Ok(Imported::default()) }
        })?;
        for Rejection { line, text, reason } in &answer.rejected {
            rejects.add(&name, *line, reason, text.as_bytes())?;
        }
        let untold = answer.rejected_count - answer.rejected.len() as u64;
        if untold > 0 {
            note(format_args!("{name}: {untold} more are rejected that are not told one by one"));
        }
        if !answer.done {
            bail!(
                "{name}: {} entries cannot be on this list, and nothing of the file is taken: correct \
                 them, or give --partial to leave them out",
                rejects.total() - before + untold
            );
        }
        let own_code = own_code.doubt(own_code::IN_STORE);
        for warning in own_code.iter().chain(&answer.warnings) {
            warn(format_args!("{name}: {warning}"));
        }
        tell(&name, &answer, rejects.total() - before + untold, start)
    }

    fn pour(&self, desk: &Desk, pieces: Pieces) -> Result<Imported> {
        let path = self.place.path();
        let Self { make_list, partial, replace, allow_broad, max_loss, .. } = self;
        let path = format!(
            "{path}/import?make_list={make_list}&partial={partial}&replace={replace}\
             &allow_broad={allow_broad}&max_loss={max_loss}"
        );
        desk.pour(&path, "application/x-ndjson", pieces)
    }
}

/// Sends what the file holds; what cannot be an entry is told, and not sent.
fn read(
    file: Option<ListFile<'_>>,
    pool: &Pool,
    sender: &SyncSender<io::Result<Vec<u8>>>,
    convert: &mut Convert<'_>,
) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    // Whoever asks knows why nobody listens any more.
    let mut heard = true;
    file.for_each(|kind, batch| {
        for block in batch {
            if !heard {
                break;
            }
            let piece = convert.block(kind, &block)?;
            pool.give(block);
            heard = sender.send(Ok(piece)).is_ok();
        }
        Ok(())
    })
}

fn tell(name: &str, answer: &Imported, rejected: u64, start: Instant) -> Result<()> {
    let Imported { added, replaced, unchanged, removed, .. } = answer;
    let seconds = start.elapsed().as_secs_f64();
    let total = added + replaced + unchanged;
    print(&format!(
        "{name}: {} added, {} changed, {} there already, {} removed, {} rejected ({} entries in \
         {seconds:.1} s)\n",
        HumanCount(*added),
        HumanCount(*replaced),
        HumanCount(*unchanged),
        HumanCount(*removed),
        HumanCount(rejected),
        HumanCount(total),
    ))
}

/// Makes the entries of a file what is sent.
struct Convert<'c> {
    plan: &'c DialPlan,
    /// Of the file.
    name: &'c str,
    /// The line that is written next.
    line: u64,
    own_code: &'c mut OwnCode,
    rejects: &'c mut Rejects,
}

impl Convert<'_> {
    fn block(&mut self, kind: &Kind<'_>, block: &Block) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(block.bytes().len() * 2);
        kind.each(block, |Read { line: at, raw, entry }| {
            let read = entry.and_then(|(text, meta)| Ok((cell::read(text)?, meta)));
            let (text, meta) = match read {
                Ok(read) => read,
                Err(reason) => return self.rejects.add(self.name, at, reason, raw),
            };
            while self.line < at {
                out.push(b'\n');
                self.line += 1;
            }
            if let kinds::Kind::Number(Number::E164(number)) = kinds::Kind::of(self.plan, &text) {
                self.own_code.count(&text, number);
            }
            let meta = meta.unwrap_or_default();
            let note = meta.note();
            let number: Cow<'_, str> = String::from_utf8_lossy(&text);
            let sent = Sent {
                number: &number,
                id: note.id.map(|id| id.to_string()),
                created: note.created,
                expires: note.expires,
                reason: note.reason,
                source: note.source,
            };
            let start = out.len();
            serde_json::to_writer(&mut out, &sent)?;
            if out.len() - start > LONGEST {
                out.truncate(start);
                return self.rejects.add(self.name, at, "longer than 16 KiB with all it says", raw);
            }
            out.push(b'\n');
            self.line += 1;
            Ok(())
        })?;
        Ok(out)
    }
}
