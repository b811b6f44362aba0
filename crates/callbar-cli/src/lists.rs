//! Lists named on the command line, read into a compiler on all cores.

use std::path::Path;

use anyhow::{Result, bail};
use callbar::{Action, Compiler, ListId, ListSummary, Response};
use rayon::prelude::*;

use super::blocks::{Block, Pool};
use super::entries::{Found, Other};
use super::kinds::{Counts, Kinds};
use super::list_file::{Kind, ListFile, Reading};
use super::output::{note, warn};
use super::own_code::OwnCode;
use super::rejects::Rejects;
use super::slips::{Emergencies, Slips};
use super::source::{self, is_stdin};
use super::spec::ListSpec;

/// What lists of international numbers without a plus need.
pub(crate) const PLAIN: &str = "use --plain-e164";

/// A list and what this module, not the compiler, knows of its entries.
pub(crate) struct Loaded {
    name: String,
    rejected: u64,
    expiring: u64,
    kinds: Kinds,
    slips: Slips,
    own_code: OwnCode,
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
    if specs.iter().filter(|spec| is_stdin(&spec.file)).count() > 1 {
        bail!("standard input can be read once only: give one of the lists as a file");
    }
    specs.iter().try_for_each(|spec| source::probe(&spec.file))
}

/// Reads all lists into a compiler; rejected entries go to `rejects`.
pub(crate) fn load(
    compiler: &mut Compiler,
    specs: &[ListSpec],
    reading: Reading<'_>,
    rejects: &mut Rejects,
) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for spec in specs {
        let name = spec.list_name();
        let list = compiler.list(&name, spec.action)?;
        compiler.respond(list, response(specs, &name)?);
        let (kinds, slips, own_code) = Default::default();
        let mut into = Loaded { name, rejected: 0, expiring: 0, kinds, slips, own_code };
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

/// Counts each list, and warns of those most of whose entries are no telephone numbers, and of
/// entries that may not do what is expected of them.
pub(crate) fn tally(
    lists: Vec<ListSummary>,
    mut loaded: Vec<Loaded>,
    emergencies: Emergencies,
) -> Vec<Tally> {
    let count = |mut summary: ListSummary| {
        let (mut kinds, mut slips, mut expiring) = (Kinds::default(), Slips::default(), 0);
        let mut own_code = OwnCode::default();
        for part in loaded.extract_if(.., |part| part.name == summary.name) {
            summary.rejected += part.rejected;
            expiring += part.expiring;
            kinds.append(part.kinds);
            slips.append(part.slips);
            own_code.add(part.own_code);
        }
        let counts = kinds.count(summary.entries);
        let name = &summary.name;
        let denies = summary.action == Action::Deny;
        let emergency = denies.then(|| slips.emergency(name, emergencies)).flatten();
        let own_code = own_code.doubt(PLAIN).map(|doubt| format!("list {name}: {doubt}"));
        let doubts = [counts.doubt(name), emergency, slips.short(name), slips.odd(name), own_code];
        doubts.into_iter().flatten().for_each(warn);
        slips.users(name).into_iter().for_each(note);
        Tally { summary, counts, expiring }
    };
    lists.into_iter().map(count).collect()
}

struct Loader<'a> {
    compiler: &'a mut Compiler,
    list: ListId,
    reading: Reading<'a>,
    rejects: &'a mut Rejects,
    into: &'a mut Loaded,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path) -> Result<()> {
        let pool = Pool::default();
        let plan = self.compiler.plan();
        let Some(file) = ListFile::open(path, self.reading, plan, &self.into.name, &pool)? else {
            return Ok(());
        };
        let name = file.name.clone();
        file.for_each(|kind, batch| {
            self.batch(&name, &batch, kind)?;
            for block in batch {
                pool.give(block);
            }
            Ok(())
        })
    }

    /// Canonicalises a batch on all cores, and files what it holds.
    fn batch(&mut self, name: &str, batch: &[Block], kind: &Kind<'_>) -> Result<()> {
        let plan = self.compiler.plan();
        let mut found: Vec<Found<'_>> =
            batch.par_iter().map(|block| kind.find(block, plan)).collect();
        for part in &mut found {
            self.compiler.extend_e164(self.list, part.e164.drain(..));
            self.into.rejected += part.rejected.len() as u64;
            self.into.own_code.add(part.own_code);
        }
        let others = found.par_iter().flat_map_iter(|found| &found.others);
        let rejected = self.compiler.extend_noted(self.list, others.map(Other::written));
        let is_rejected = |other: &Other<'_>| {
            rejected.binary_search_by_key(&other.line, |rejected| rejected.line).is_ok()
        };
        for part in &mut found {
            let (kinds, others) = (std::mem::take(&mut part.kinds), &part.others);
            self.into.kinds.keep(kinds, |at| is_rejected(&others[at]));
            for other in others.iter().filter(|other| !is_rejected(other)) {
                self.into.expiring += u64::from(other.expires());
                if let Some(slip) = other.slip() {
                    self.into.slips.add(slip, other.line, other.text());
                }
            }
        }
        let mut all: Vec<_> = rejected.iter().map(|r| (r.line, r.reason, &*r.text)).collect();
        all.extend(found.iter().flat_map(|found| found.rejected.iter().copied()));
        all.sort_by_key(|&(line, ..)| line);
        for (line, reason, text) in all {
            self.rejects.add(name, line, reason, text)?;
        }
        Ok(())
    }
}
