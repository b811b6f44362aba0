//! `callbar import`: adds the entries of files to a list of a directory with a store.
//!
//! It sends the file as it is. The server, or this process if none runs, reads it by the rules of
//! `compile`.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use callbar_lists::{Format, Source};
use callbar_server::api::{ImportReport, REJECTIONS_MAX};
use callbar_store::{Imported, Rejection};
use indicatif::HumanCount;

use super::store_client::{BodyPieces, StoreClient, encode_segment, list_path};
use crate::input::refuse_second_stdin;
use crate::options::{ListFileOptions, ListOptions};
use crate::output::{Progress, Rejects, note, print, refuse_overwrite, report_import, warn};

const EXAMPLES: &str = "\
A file is plain text, CSV (.csv, .tsv) or JSON lines (.json, .jsonl, .ndjson),
gzipped or not; - is standard input. Plain text has one entry a line. Blank lines,
and lines that are # or start with '# ', are comments. Works with and without a
running server. Either all entries of a file are taken or none: one bad entry
refuses its file, unless --partial is given. What is taken is on disk and in force
when the command ends.

An entry that is on the list already keeps its first spelling. A line with nothing
but the number keeps the metadata of the entry. Any other line sets its id,
created, expires, reason and source. An expired entry is made anew.

callbar compile --help describes entries and their metadata. A date without a time
includes the day: an entry of 2026-12-31 is in force until 2027-01-01 00:00:00 UTC.

Examples (DIR stands for /var/lib/callbar):
  callbar import --data DIR --domain my.example --list spam a.txt b.csv.gz
  callbar import --data DIR --domain my.example --list dnc --make-list \\
                 --partial --rejects rejects.tsv dump.csv --column msisdn
  zcat dump.gz | callbar import --data DIR --domain my.example --list dnc -

Exit status: 0 all taken (with --partial, all but the rejected ones), 2 error
(nothing of that file is taken; files before it are)";

/// Add the entries of files to a list
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command, alone")]
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: ListOptions,
    /// Files; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Leave bad entries out instead of refusing their file
    #[arg(long)]
    partial: bool,
    /// Replace the list: remove all entries that are not in the file
    #[arg(long)]
    replace: bool,
    /// Replace nothing if the list would lose more than this share of its entries; 100 allows any
    /// loss
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(..=100))]
    max_loss: u8,
    /// Make the list if there is none; it denies
    #[arg(long)]
    make_list: bool,
    /// Let a pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
    /// Write all rejected entries to this file: source, line, reason and text, tab separated
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    reading: ListFileOptions,
}

/// Bytes of a piece of the body.
const PIECE: usize = 256 << 10;
impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        refuse_second_stdin(self.files.iter().map(PathBuf::as_path))?;
        if self.replace && self.files.len() > 1 {
            bail!("--replace takes one file: only the last file would be left");
        }
        self.files.iter().try_for_each(|file| Source::probe(file))?;
        let inputs = self.files.iter().map(PathBuf::as_path);
        refuse_overwrite("--rejects", self.rejects.as_deref(), inputs)?;
        let client = StoreClient::open_with_events(&self.place.data, Some(report_import()))?;
        let mut rejects = Rejects::new(self.rejects.as_deref())?;
        let mut files = self.files.iter();
        let outcome = files.try_for_each(|file| self.import_file(&client, file, &mut rejects));
        rejects.report()?;
        outcome
    }

    fn import_file(&self, client: &StoreClient, path: &Path, rejects: &mut Rejects) -> Result<()> {
        let start = Instant::now();
        let mut source = Source::open_raw(path)?;
        let name = source.name.clone();
        let progress = Progress::new(source.total, &source.read, &self.place.list);
        let (sender, pieces) = sync_channel(4);
        let answer = thread::scope(|scope| {
            let asking = scope.spawn(|| self.upload(client, &name, pieces));
            let read = send_file(&mut source, &sender, &progress);
            if let Err(error) = &read {
                drop(sender.send(Err(io::Error::other(error.to_string()))));
            }
            drop(sender);
            let answer = asking.join().map_err(|_| anyhow!("the thread that asks panicked"))?;
            read?;
            answer
        })?;
        drop(progress);
        let ImportReport { imported, notes } = answer;
        notes.iter().for_each(note);
        let before = rejects.total();
        for Rejection { line, text, reason } in &imported.rejected {
            rejects.add(&name, *line, reason, text.as_bytes())?;
        }
        let unlisted = imported.rejected_count - imported.rejected.len() as u64;
        if unlisted > 0 {
            note(format_args!("{name}: {unlisted} more entries are rejected, which are not shown"));
        }
        let rejected = rejects.total() - before + unlisted;
        if !imported.done {
            bail!(
                "{name}: {rejected} entries cannot be on this list, so nothing of the file is taken: \
                 correct them, or give --partial to leave them out"
            );
        }
        for warning in &imported.warnings {
            warn(format_args!("{name}: {warning}"));
        }
        print_summary(&name, &imported, rejected, start)
    }

    fn upload(&self, client: &StoreClient, name: &str, pieces: BodyPieces) -> Result<ImportReport> {
        let path = list_path(&self.place.domain, &self.place.list);
        let Self { make_list, partial, replace, allow_broad, max_loss, .. } = self;
        let mut path = format!(
            "{path}/import?make_list={make_list}&partial={partial}&replace={replace}\
             &allow_broad={allow_broad}&max_loss={max_loss}&name={}",
            encode_segment(name)
        );
        if self.rejects.is_some() {
            let _ = write!(path, "&rejections={REJECTIONS_MAX}");
        }
        let mut reading = self.reading.reading();
        reading.format.get_or_insert_with(|| Format::from_name(name));
        for (parameter, value) in reading.to_query() {
            let _ = write!(path, "&{parameter}={}", encode_segment(&value));
        }
        client.upload(&path, "application/octet-stream", pieces)
    }
}

/// Sends the content of a file.
fn send_file(
    source: &mut Source,
    sender: &SyncSender<io::Result<Vec<u8>>>,
    progress: &Progress,
) -> Result<()> {
    loop {
        let mut piece = vec![0; PIECE];
        let length = source.read(&mut piece)?;
        piece.truncate(length);
        progress.update();
        // If the receiver has gone, the thread that asks has the error.
        if length == 0 || sender.send(Ok(piece)).is_err() {
            return Ok(());
        }
    }
}

fn print_summary(name: &str, imported: &Imported, rejected: u64, start: Instant) -> Result<()> {
    let &Imported { added, replaced, unchanged, removed, .. } = imported;
    let seconds = start.elapsed().as_secs_f64();
    let total = HumanCount(added + replaced + unchanged);
    let [added, replaced, unchanged, removed, rejected] =
        [added, replaced, unchanged, removed, rejected].map(HumanCount);
    print(format!(
        "{name}: {added} added, {replaced} changed, {unchanged} there already, {removed} removed, \
         {rejected} rejected ({total} entries in {seconds:.1} s)\n"
    ))
}
