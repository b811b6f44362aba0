//! Reads the lists of the command line into a compiler, on all cores.

use std::collections::BTreeMap;
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

use crate::options::ListSpec;
use crate::output::{EntryCounter, Progress, Rejects, note, warn};

/// What the compiler does not know of a list: rejected entries, their kinds, warnings.
#[derive(Default)]
pub(crate) struct LoadedList {
    rejected: u64,
    expiring: u64,
    kinds: EntryCounter,
    warnings: Warnings,
}

/// The counts of a list, over all its files.
pub(crate) struct ListCounts {
    pub(crate) summary: ListSummary,
    /// Distinct entries by kind, in words.
    pub(crate) kinds: String,
    /// Entries with an expiry, duplicates included.
    pub(crate) expiring: u64,
}

/// Rules for all lists of a command.
#[derive(Clone, Copy)]
pub(crate) struct LoadRules {
    /// Whether the domain never bars the emergency numbers of its region.
    pub(crate) exempts: bool,
    /// Whether one pattern of a deny list may bar a whole calling code.
    pub(crate) allow_broad: bool,
}

/// Refuses standard input for more than one file.
pub(crate) fn refuse_second_stdin<'p>(files: impl IntoIterator<Item = &'p Path>) -> Result<()> {
    if files.into_iter().filter(|file| Source::is_stdin(file)).count() > 1 {
        bail!("standard input can be read once only: give the others as files");
    }
    Ok(())
}

/// Reads all lists into a compiler, and adds rejected entries to `rejects`. Returns the lists by name.
pub(crate) fn load_lists(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: &Reading,
    rules: LoadRules,
    rejects: &mut Rejects,
) -> Result<BTreeMap<String, LoadedList>> {
    compiler.allow_broad(rules.allow_broad);
    let mut loaded = BTreeMap::new();
    for spec in specs {
        let name = spec.list_name();
        let mut list = compiler.list(&name, spec.action)?;
        list.set_response(response(specs, &name)?);
        let into = loaded.entry(name).or_insert_with(|| {
            let warnings = Warnings::new(rules.exempts && spec.action == Action::Deny);
            LoadedList { warnings, ..LoadedList::default() }
        });
        Loader { list, spec, broad: rules.allow_broad, reading, rejects, into }.file()?;
    }
    Ok(loaded)
}

/// Returns the response of a list that may be given several times.
fn response(specs: &[ListSpec], name: &str) -> Result<Option<Response>> {
    let mut given = specs.iter().filter(|spec| spec.list_name() == name);
    let first = given.find_map(|spec| spec.response);
    if let (Some(one), Some(other)) =
        (first, given.filter_map(|spec| spec.response).find(|&other| Some(other) != first))
    {
        bail!("list {name:?} has two responses, {} and {}: give one", one.code(), other.code());
    }
    Ok(first)
}

/// Returns the counts of each list, and warns of entries that may be mistakes.
pub(crate) fn count_lists(
    lists: Vec<ListSummary>,
    mut loaded: BTreeMap<String, LoadedList>,
) -> Vec<ListCounts> {
    let count = |mut summary: ListSummary| {
        let loaded = loaded.remove(&summary.name).unwrap_or_default();
        let LoadedList { rejected, expiring, kinds, warnings } = loaded;
        summary.rejected += rejected;
        for message in warnings.into_messages() {
            warn(format_args!("list {}: {message}", summary.name));
        }
        ListCounts { kinds: kinds.count(summary.entries), summary, expiring }
    };
    lists.into_iter().map(count).collect()
}

struct Loader<'a> {
    list: ListBuilder<'a>,
    spec: &'a ListSpec,
    broad: bool,
    reading: &'a Reading,
    rejects: &'a mut Rejects,
    into: &'a mut LoadedList,
}

impl Loader<'_> {
    fn file(&mut self) -> Result<()> {
        let pool = Pool::default();
        let (source, plan) = (Source::open(&self.spec.file)?, self.list.plan());
        let Some(file) = ListFile::open(source, self.reading, plan, &pool)? else {
            return Ok(());
        };
        file.notes.iter().for_each(note);
        let progress = Progress::new(file.total, &file.read, &self.spec.list_name());
        let name = file.name.clone();
        file.for_each(|format, batch| {
            progress.update();
            self.batch(&name, batch, format)
        })
    }

    /// Makes the entries of a batch canonical on all cores, and adds them to the compiler.
    fn batch(&mut self, name: &str, batch: &[Block], format: &LineFormat) -> Result<()> {
        let (plan, action, broad) = (self.list.plan(), self.spec.action, self.broad);
        let read = |block| BlockEntries::new(block, format, plan, action, broad);
        let found: Vec<BlockEntries> = batch.par_iter().map(read).collect();
        for BlockEntries { e164, others, rejected, warnings } in found {
            self.list.extend_e164(&e164);
            for (key, note) in &others {
                self.into.expiring += u64::from(note.expires.is_some());
                self.into.kinds.add(key);
            }
            let refused = self.list.extend_keys(others);
            debug_assert!(refused.is_empty(), "they were permitted and verified: {refused:?}");
            self.into.rejected += rejected.len() as u64;
            self.into.warnings.append(warnings);
            for (line, reason, text) in rejected {
                self.rejects.add(name, line, reason, &text)?;
            }
        }
        Ok(())
    }
}

/// The entries of a block.
#[derive(Default)]
struct BlockEntries {
    /// E.164 numbers without metadata.
    e164: Vec<E164>,
    /// All other entries.
    others: Vec<(EntryKey, OwnedNote)>,
    /// Rejected lines: number, reason and text.
    rejected: Vec<(u64, &'static str, Vec<u8>)>,
    warnings: Warnings,
}

impl BlockEntries {
    fn new(
        block: &Block,
        format: &LineFormat,
        plan: &DialPlan,
        action: Action,
        broad: bool,
    ) -> Self {
        let mut found = Self::default();
        format.each_line(block, |line| match read_line(line.entry, plan, action, broad) {
            Err(reason) => found.rejected.push((line.number, reason, line.raw.to_vec())),
            Ok((key, entry)) => {
                let plain = key.as_e164().filter(|_| entry.note.is_empty());
                if let Some(number) = plain.filter(|number| number.get() >= NEVER_IN_DOUBT) {
                    found.warnings.look_number(&entry.text, number);
                    found.e164.push(number);
                } else {
                    found.warnings.look(plan, &key, &entry.text, Some(line.number));
                    found.others.push((key, OwnedNote::from(entry.note.as_note())));
                }
            }
        });
        found
    }
}

/// Returns the entry of a line with its key, or the reason to reject it.
fn read_line<'l>(
    line: Result<Entry<'l>, LineError>,
    plan: &DialPlan,
    action: Action,
    broad: bool,
) -> Result<(EntryKey, Entry<'l>), &'static str> {
    let entry = line.map_err(LineError::as_str)?;
    let key = EntryKey::parse(&entry.text, plan).map_err(EntryError::as_str)?;
    key.permit(action, broad).map_err(EntryError::as_str)?;
    entry.note.verify().map_err(EntryError::as_str)?;
    Ok((key, entry))
}
