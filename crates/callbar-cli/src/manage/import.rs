//! `callbar import`: files of entries into a list of a directory with a store.
//!
//! A file is sent as it is. Whoever has the directory reads it, by the same rules as `compile` does.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use callbar_lists::{Format, Source};
use indicatif::HumanCount;
use serde::Deserialize;

use super::desk::{Desk, Pieces, print, segment};
use super::place::ListPlace;
use crate::list_options::ListFileOptions;
use crate::output::{note, warn};
use crate::progress::{self, Progress};
use crate::rejects::Rejects;
use crate::same;

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
    reading: ListFileOptions,
}

/// Bytes that are sent at a time.
const PIECE: usize = 256 << 10;
/// Rejections that are asked for where all are wanted, and where the first are.
const ALL: usize = 1_000_000;
const FIRST: usize = 1_000;

/// What the server made of a file.
#[derive(Default, Deserialize)]
struct Imported {
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    rejected: Vec<Rejection>,
    rejected_count: u64,
    warnings: Vec<String>,
    notes: Vec<String>,
    done: bool,
}

#[derive(Deserialize)]
struct Rejection {
    line: u64,
    text: String,
    reason: String,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if self.files.iter().filter(|file| Source::is_stdin(file)).count() > 1 {
            bail!("standard input can be read once only: give the others as files");
        }
        if self.replace && self.files.len() > 1 {
            bail!("--replace takes one file: the last would be all that is left");
        }
        self.files.iter().try_for_each(|file| Source::probe(file))?;
        let inputs = self.files.iter().map(PathBuf::as_path);
        same::refuse("--rejects", self.rejects.as_deref(), inputs)?;
        let desk = Desk::open_telling(&self.place.data, progress::of_import())?;
        let mut rejects = Rejects::new(self.rejects.as_deref())?;
        let mut outcome = Ok(());
        for file in &self.files {
            outcome = self.file(&desk, file, &mut rejects);
            if outcome.is_err() {
                break;
            }
        }
        rejects.report()?;
        outcome.map(|()| ExitCode::SUCCESS)
    }

    fn file(&self, desk: &Desk, path: &Path, rejects: &mut Rejects) -> Result<()> {
        let start = Instant::now();
        let mut source = Source::open_raw(path)?;
        let name = source.name.clone();
        let progress = Progress::new(source.total, &source.read, &self.place.list);
        let (sender, pieces) = sync_channel(4);
        let answer = thread::scope(|scope| {
            let asking = scope.spawn(|| self.pour(desk, &name, pieces));
            let read = send(&mut source, &sender, &progress);
            if let Err(error) = &read {
                drop(sender.send(Err(io::Error::other(error.to_string()))));
            }
            drop(sender);
            let answer = asking.join().map_err(|_| anyhow!("the thread that asks panicked"))?;
            read?;
            answer
        })?;
        drop(progress);
        answer.notes.iter().for_each(note);
        let before = rejects.total();
        for Rejection { line, text, reason } in &answer.rejected {
            rejects.add(&name, *line, reason, text.as_bytes())?;
        }
        let unlisted = answer.rejected_count - answer.rejected.len() as u64;
        if unlisted > 0 {
            note(format_args!(
                "{name}: {unlisted} more are rejected that are not listed one by one"
            ));
        }
        let rejected = rejects.total() - before + unlisted;
        if !answer.done {
            bail!(
                "{name}: {rejected} entries cannot be on this list, and nothing of the file is taken: \
                 correct them, or give --partial to leave them out"
            );
        }
        for warning in &answer.warnings {
            warn(format_args!("{name}: {warning}"));
        }
        summary(&name, &answer, rejected, start)
    }

    fn pour(&self, desk: &Desk, name: &str, pieces: Pieces) -> Result<Imported> {
        let path = self.place.path();
        let Self { make_list, partial, replace, allow_broad, max_loss, .. } = self;
        let rejections = if self.rejects.is_some() { ALL } else { FIRST };
        let mut path = format!(
            "{path}/import?make_list={make_list}&partial={partial}&replace={replace}\
             &allow_broad={allow_broad}&max_loss={max_loss}&rejections={rejections}&name={}",
            segment(name)
        );
        let mut reading = self.reading.reading();
        reading.format.get_or_insert_with(|| Format::of_name(name));
        for (parameter, value) in reading.to_query() {
            let _ = write!(path, "&{parameter}={}", segment(&value));
        }
        desk.pour(&path, "application/octet-stream", pieces)
    }
}

/// Sends what the file holds.
fn send(
    source: &mut Source,
    sender: &SyncSender<io::Result<Vec<u8>>>,
    progress: &Progress,
) -> Result<()> {
    loop {
        let mut piece = vec![0; PIECE];
        let length = source.read(&mut piece)?;
        piece.truncate(length);
        progress.update();
        // Whoever asks knows why nobody listens any more.
        if length == 0 || sender.send(Ok(piece)).is_err() {
            return Ok(());
        }
    }
}

fn summary(name: &str, answer: &Imported, rejected: u64, start: Instant) -> Result<()> {
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
