//! Lists named on the command line, read into a compiler on all cores.

use std::path::Path;

use anyhow::{Result, bail};
use callbar::{
    Action, Compiler, DialPlan, E164, EntryError, EntryKey, ListBuilder, ListSummary, OwnedNote,
    Response,
};
use callbar_lists::{
    Block, Entry, LineError, LineFormat, ListFile, NEVER_IN_DOUBT, Pool, Reading, Source, Warnings,
};
use rayon::prelude::*;

use super::kinds::{Counts, Kinds};
use super::output::{note, warn, with_remedy};
use super::progress::Progress;
use super::rejects::Rejects;
use super::spec::ListSpec;

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

/// What is the same for all lists of a command.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// Whether the domain never bars the emergency numbers of its region.
    pub(crate) exempts: bool,
    /// Whether one pattern of a deny list may bar a whole calling code.
    pub(crate) allow_broad: bool,
}

/// An error if a list cannot be read, before any work is done.
pub(crate) fn probe(specs: &[ListSpec]) -> Result<()> {
    if specs.iter().filter(|spec| Source::is_stdin(&spec.file)).count() > 1 {
        bail!("standard input can be read once only: give one of the lists as a file");
    }
    Ok(specs.iter().try_for_each(|spec| Source::probe(&spec.file))?)
}

/// Reads all lists into a compiler; rejected entries go to `rejects`.
pub(crate) fn load(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: &Reading,
    rules: Rules,
    rejects: &mut Rejects,
) -> Result<Vec<Loaded>> {
    compiler.allow_broad(rules.allow_broad);
    let mut loaded = Vec::new();
    for spec in specs {
        let name = spec.list_name();
        let mut list = compiler.list(&name, spec.action)?;
        list.set_response(response(specs, &name)?);
        let warnings = Warnings::new(rules.exempts && spec.action == Action::Deny);
        let kinds = Kinds::default();
        let mut into = Loaded { name, rejected: 0, expiring: 0, kinds, warnings };
        let (action, broad) = (spec.action, rules.allow_broad);
        Loader { list, action, broad, reading, rejects, into: &mut into }.file(&spec.file)?;
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
    list: ListBuilder<'a>,
    action: Action,
    broad: bool,
    reading: &'a Reading,
    rejects: &'a mut Rejects,
    into: &'a mut Loaded,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path) -> Result<()> {
        let pool = Pool::default();
        let (source, plan) = (Source::open(path)?, self.list.plan());
        let Some(file) = ListFile::open(source, self.reading, plan, &pool)? else {
            return Ok(());
        };
        file.notes.iter().for_each(note);
        let progress = Progress::new(file.total, &file.read, &self.into.name);
        let name = file.name.clone();
        file.for_each(|format, batch| {
            progress.update();
            self.batch(&name, &batch, format)?;
            for block in batch {
                pool.give(block);
            }
            Ok(())
        })
    }

    /// Makes the entries of a batch canonical on all cores, and files them.
    fn batch(&mut self, name: &str, batch: &[Block], format: &LineFormat) -> Result<()> {
        let read = Read { plan: self.list.plan(), action: self.action, broad: self.broad };
        let found: Vec<Found> =
            batch.par_iter().map(|block| Found::new(block, format, read)).collect();
        for Found { e164, others, rejected, warnings } in found {
            self.list.extend_e164(&e164);
            for other in &others {
                self.into.expiring += u64::from(other.1.expires.is_some());
                self.into.kinds.add(&other.0);
            }
            let refused = self.list.extend_keys(others);
            debug_assert!(refused.is_empty(), "they were permitted and verified: {refused:?}");
            self.into.rejected += rejected.len() as u64;
            self.into.warnings.append(warnings);
            for (line, reason, text) in rejected {
                self.rejects.add(name, line, &reason, &text)?;
            }
        }
        Ok(())
    }
}

/// What entries of a list are read by.
#[derive(Clone, Copy)]
struct Read<'r> {
    plan: &'r DialPlan,
    action: Action,
    broad: bool,
}

/// What a block holds, each entry once.
#[derive(Default)]
struct Found {
    /// E.164 numbers of which a line says nothing more.
    e164: Vec<E164>,
    /// All other entries.
    others: Vec<(EntryKey, OwnedNote)>,
    /// What cannot be an entry: line, reason and text.
    rejected: Vec<(u64, String, Vec<u8>)>,
    warnings: Warnings,
}

impl Found {
    fn new(block: &Block, format: &LineFormat, read: Read<'_>) -> Self {
        let mut found = Self::default();
        format.each_line(block, |line| match read_line(line.entry, read) {
            Err(reason) => found.rejected.push((line.number, reason, line.raw.to_vec())),
            Ok((key, entry)) => {
                let plain = key.as_e164().filter(|_| entry.note.is_empty());
                if let Some(number) = plain.filter(|number| number.get() >= NEVER_IN_DOUBT) {
                    found.warnings.look_number(&entry.text, number);
                    found.e164.push(number);
                } else {
                    found.warnings.look(read.plan, &key, &entry.text, Some(line.number));
                    found.others.push((key, OwnedNote::from(entry.note.as_note())));
                }
            }
        });
        found
    }
}

/// The entry of a line with its key, or why it cannot be on the list.
fn read_line<'l>(
    line: std::result::Result<Entry<'l>, LineError>,
    Read { plan, action, broad }: Read<'_>,
) -> std::result::Result<(EntryKey, Entry<'l>), String> {
    let entry = line.map_err(|error| with_remedy(error, error.remedy()))?;
    let key = EntryKey::parse(&entry.text, plan).map_err(EntryError::to_line)?;
    key.permit(action, broad).map_err(EntryError::to_line)?;
    entry.note.verify().map_err(EntryError::to_line)?;
    Ok((key, entry))
}
