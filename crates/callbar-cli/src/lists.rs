//! Lists named on the command line, read into a compiler on all cores.

use std::path::Path;

use anyhow::{Result, bail};
use callbar::{
    Action, Compiler, DialPlan, E164, ListId, ListSummary, Note, Number, Response, Written,
};
use callbar_lists::{
    Block, EntryKind, LineFormat, LineNote, ListFile, Pool, Reading, Source, Warnings,
};
use rayon::prelude::*;

use super::kinds::{Counts, Kinds};
use super::output::{note, warn, with_remedy};
use super::progress::Progress;
use super::rejects::Rejects;
use super::spec::ListSpec;

/// No E.164 number from here on is an emergency number behind its calling code.
const NEVER_IN_DOUBT: u64 = 100_000_000;

/// A list and what this module, not the compiler, knows of its entries.
pub(crate) struct Loaded {
    name: String,
    rejected: u64,
    expiring: u64,
    kinds: Kinds,
    warnings: Warnings,
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
    if specs.iter().filter(|spec| Source::is_stdin(&spec.file)).count() > 1 {
        bail!("standard input can be read once only: give one of the lists as a file");
    }
    Ok(specs.iter().try_for_each(|spec| Source::probe(&spec.file))?)
}

/// Reads all lists into a compiler; rejected entries go to `rejects`. `exempts`: the domain never bars
/// the emergency numbers of its region.
pub(crate) fn load(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: &Reading,
    exempts: bool,
    rejects: &mut Rejects,
) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for spec in specs {
        let name = spec.list_name();
        let list = compiler.list(&name, spec.action)?;
        compiler.respond(list, response(specs, &name)?);
        let warnings = Warnings::new(exempts && spec.action == Action::Deny);
        let kinds = Kinds::default();
        let mut into = Loaded { name, rejected: 0, expiring: 0, kinds, warnings };
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

/// Counts each list, and warns of entries that may not do what is expected of them.
pub(crate) fn tally(lists: Vec<ListSummary>, mut loaded: Vec<Loaded>) -> Vec<Tally> {
    let count = |mut summary: ListSummary| {
        let (mut kinds, mut expiring) = (Kinds::default(), 0);
        let mut warnings: Option<Warnings> = None;
        for part in loaded.extract_if(.., |part| part.name == summary.name) {
            summary.rejected += part.rejected;
            expiring += part.expiring;
            kinds.append(part.kinds);
            match &mut warnings {
                Some(all) => all.append(part.warnings),
                None => warnings = Some(part.warnings),
            }
        }
        let counts = kinds.count(summary.entries);
        let name = &summary.name;
        for message in warnings.map(Warnings::into_messages).unwrap_or_default() {
            warn(format_args!("list {name}: {message}"));
        }
        Tally { summary, counts, expiring }
    };
    lists.into_iter().map(count).collect()
}

struct Loader<'a> {
    compiler: &'a mut Compiler,
    list: ListId,
    reading: &'a Reading,
    rejects: &'a mut Rejects,
    into: &'a mut Loaded,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path) -> Result<()> {
        let pool = Pool::default();
        let (source, plan) = (Source::open(path)?, self.compiler.plan());
        let Some(file) = ListFile::open(source, self.reading, plan, &pool)? else {
            return Ok(());
        };
        file.notes.iter().for_each(note);
        let progress = Progress::new(file.total, &file.read, &self.into.name);
        let name = file.name.clone();
        file.for_each(|format, batch| {
            progress.update();
            self.batch(&name, &batch, format)?;
            batch.into_iter().for_each(|block| pool.give(block));
            Ok(())
        })
    }

    /// Canonicalises a batch on all cores, and files what it holds.
    fn batch(&mut self, name: &str, batch: &[Block], format: &LineFormat) -> Result<()> {
        let plan = self.compiler.plan();
        let mut found: Vec<Found> =
            batch.par_iter().map(|block| Found::new(block, format, plan)).collect();
        for part in &mut found {
            self.compiler.extend_e164(self.list, part.e164.drain(..));
            self.into.rejected += part.rejected.len() as u64;
            self.into.warnings.append(std::mem::take(&mut part.warnings));
        }
        let others = found.par_iter().flat_map_iter(|found| &found.others);
        let rejected = self.compiler.extend_noted(self.list, others.map(Other::written));
        let is_rejected = |other: &Other| {
            rejected.binary_search_by_key(&other.line, |rejected| rejected.line).is_ok()
        };
        let plan = self.compiler.plan();
        for Found { others, .. } in &found {
            for other in others.iter().filter(|other| !is_rejected(other)) {
                self.into.expiring += u64::from(other.note.expires().is_some());
                let kind = EntryKind::read(plan, &other.text);
                self.into.kinds.add(&kind);
                self.into.warnings.look(plan, &kind, &other.text, Some(other.line));
            }
        }
        let rejected =
            rejected.into_iter().map(|r| (r.line, r.reason.to_owned(), r.text.into_vec()));
        let mut all: Vec<_> = rejected.collect();
        all.extend(found.into_iter().flat_map(|found| found.rejected));
        all.sort_by_key(|&(line, ..)| line);
        for (line, reason, text) in all {
            self.rejects.add(name, line, &reason, &text)?;
        }
        Ok(())
    }
}

/// What a block holds, each entry once.
#[derive(Default)]
struct Found {
    /// E.164 numbers of which a line says nothing more.
    e164: Vec<E164>,
    /// All other entries.
    others: Vec<Other>,
    /// What cannot be an entry: line, reason and text.
    rejected: Vec<(u64, String, Vec<u8>)>,
    /// Of the numbers.
    warnings: Warnings,
}

/// An entry that is more than an E.164 number.
struct Other {
    line: u64,
    text: Vec<u8>,
    note: LineNote<'static>,
}

impl Other {
    /// The same as the compiler takes it.
    fn written(&self) -> (Written<'_>, Note<'_>) {
        (Written { line: self.line, text: &self.text }, self.note.as_note())
    }
}

impl Found {
    /// What a block holds, canonical.
    fn new(block: &Block, format: &LineFormat, plan: &DialPlan) -> Self {
        let mut found = Self::default();
        format.each_line(block, |line| match line.entry {
            Err(error) => {
                let reason = with_remedy(error, error.remedy());
                found.rejected.push((line.number, reason, line.raw.to_vec()));
            }
            Ok(entry) if entry.note.is_empty() => match EntryKind::read(plan, &entry.text) {
                EntryKind::Number(Number::E164(number)) if number.get() >= NEVER_IN_DOUBT => {
                    found.warnings.look_number(&entry.text, number);
                    found.e164.push(number);
                }
                _ => found.others.push(Other {
                    line: line.number,
                    text: entry.text.into_owned(),
                    note: LineNote::default(),
                }),
            },
            Ok(entry) => found.others.push(Other {
                line: line.number,
                text: entry.text.into_owned(),
                note: entry.note.into_owned(),
            }),
        });
        found
    }
}
