//! Indexes made from the store: those that are missing, damaged or behind it, or of older numbering
//! facts.
//!
//! One is made beside the changes of its domain, which are held meanwhile and put into it at its end:
//! nobody else waits for it. An entry that this release cannot read, though an older one could, is
//! left out and told: the others of its domain are worth more.

use std::path::Path;
use std::time::Instant;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::core::{Core, change, drops_a_list};
use super::effect::OwnedNote;
use super::health::LeftOut;
use super::{News, Progress, Shared, plan, replan};
use crate::store::{DomainRow, EntryRow, Reader, Store, StoredDomain, StoredList};
use crate::{
    Compiler, Engine, Error, ListId, Note, Publish, Rejected, Result, Settings, Writer, Written,
    facts_version,
};

/// Entries that are read from the store before they are compiled together.
const BATCH: usize = 1 << 16;
/// How often an index is compiled beside changes of its domain, before they are made to wait for it.
const TRIES: usize = 3;

/// Refuses to take over what `callbar compile` made: such indexes have no revision. And to replace
/// the indexes of a store that has gone by those of an empty one.
///
/// # Errors
/// [`Error::NotManaged`], [`Error::StoreMissing`]
pub(super) fn refuse_foreign(engine: &Engine, dir: &Path) -> Result<()> {
    let snapshot = engine.snapshot();
    if !Store::exists(dir) {
        refuse_orphans(engine, dir)?;
    }
    match snapshot.domains().find(|(_, _, domain)| domain.stamp() == 0) {
        None => Ok(()),
        Some((_, _, domain)) => {
            let domain = domain.domain().to_owned();
            Err(Error::NotManaged { path: dir.to_owned(), domain })
        }
    }
}

/// Refuses the indexes of a store that has gone: an empty one in its place would have them removed.
///
/// # Errors
/// [`Error::StoreMissing`]
pub(super) fn refuse_orphans(engine: &Engine, dir: &Path) -> Result<()> {
    if engine.snapshot().domains().any(|(_, _, domain)| domain.stamp() != 0) {
        return Err(Error::StoreMissing { path: dir.to_owned() });
    }
    Ok(())
}

impl Shared {
    /// Finds the domains whose index is not of the revision that the store has, and removes what is
    /// of none.
    pub(super) fn find_stale(&self) -> Result<()> {
        let snapshot = self.engine.snapshot();
        let domains = self.store.read(|reader: &Reader<'_>| reader.domains())?;
        let mut troubles = self.troubles.lock();
        for stored in &domains {
            let index = snapshot.domain(stored.name.as_str()).ok();
            // Nobody knows by which facts the entries were filed that have no index.
            if index.is_none_or(|index| index.stats().facts != facts_version()) {
                troubles.tell_older_facts(stored.row, &stored.name);
            } else if index.is_none_or(|index| index.stamp() != stored.revision) {
                troubles.tell(stored.row, &stored.name, None);
            }
        }
        drop(troubles);
        let core = self.core.lock();
        for (_, _, index) in snapshot.domains() {
            if domains.iter().all(|stored| stored.name != index.domain()) {
                core.engine.remove(index.domain())?;
            }
        }
        core.engine.discard_lost()?;
        Ok(())
    }

    /// Makes the index of a domain again. If it cannot be made, that is told, and it is left for the
    /// next time.
    pub(super) fn rebuild_one(&self, row: DomainRow) {
        let start = Instant::now();
        match self.rebuild(row) {
            Ok(true) => self.tell(|| News::Made(start.elapsed())),
            Ok(false) => {}
            Err(error) => self.troubles.lock().tell_failure(row, error.to_string()),
        }
        self.settled.notify_all();
    }

    /// Whether one was made: not if the domain has gone, or another came first.
    fn rebuild(&self, row: DomainRow) -> Result<bool> {
        if self.troubles.lock().must_refile(row) {
            self.refile(row)?;
        }
        for _ in 1..TRIES {
            self.troubles.lock().begin_to_hold(row);
            let Some(made) = compile(self, row)? else {
                self.remove_gone(row)?;
                return Ok(false);
            };
            let core = self.core.lock();
            // An import may have had it made meanwhile.
            let is_stale = self.troubles.lock().is_stale(row);
            if !is_stale || self.catch_up(&core.engine, &made)? {
                return Ok(is_stale);
            }
        }
        let core = self.core.lock();
        publish(self, &core.engine, row)?;
        Ok(true)
    }

    /// Publishes an index with what has been held since. Whether that is all there is to it.
    fn catch_up(&self, writer: &Writer, made: &Made) -> Result<bool> {
        let Made { domain, .. } = made;
        let Some(now) = self.store.read(|reader| reader.domain_at(domain.row))? else {
            return Ok(false);
        };
        let (from, to) = (domain.revision, now.revision);
        let Some(held) = self.troubles.lock().held(domain.row, from, to) else { return Ok(false) };
        if made.left_out.is_some() && drops_a_list(&held) {
            return Ok(false);
        }
        made.publish(writer)?;
        // What a list of changes cannot say, a new index can.
        if !held.is_empty() && change(writer, &domain.name, &held, to).is_err() {
            return Ok(false);
        }
        self.settle(made);
        Ok(true)
    }

    /// Files the entries of a domain by the present numbering facts. They are looked at beside changes,
    /// unless those never cease.
    fn refile(&self, row: DomainRow) -> Result<()> {
        for _ in 1..TRIES {
            let Some((domain, moves)) = self.moves(row)? else { return Ok(()) };
            let mut core = self.core.lock();
            let now = self.store.read(|reader| reader.domain_at(row))?;
            if now.is_some_and(|now| now.revision == domain.revision) {
                return self.file_again(&mut core, &domain, moves);
            }
        }
        let mut core = self.core.lock();
        let Some((domain, moves)) = self.moves(row)? else { return Ok(()) };
        self.file_again(&mut core, &domain, moves)
    }

    fn moves(&self, row: DomainRow) -> Result<Option<(StoredDomain, Vec<replan::Moves>)>> {
        self.store.read(|reader| {
            let Some(domain) = reader.domain_at(row)? else { return Ok(None) };
            let moves = replan::readable_moves(reader, row, &plan::read(&domain.plan)?)?;
            Ok(Some((domain, moves)))
        })
    }

    fn file_again(
        &self,
        core: &mut Core,
        domain: &StoredDomain,
        moves: Vec<replan::Moves>,
    ) -> Result<()> {
        let plan = plan::read(&domain.plan)?;
        let mut group = core.store.begin()?;
        let done = replan::file_again(&mut group, moves, &plan, self.clock.now());
        let done = done.and_then(|()| group.commit());
        self.troubles.lock().poisoned = core.store.is_poisoned();
        done?;
        self.troubles.lock().refiled(domain.row, &domain.name);
        Ok(())
    }

    /// The index of a domain is what the store says.
    fn settle(&self, made: &Made) {
        if let Some(left_out) = &made.left_out {
            self.tell(|| News::LeftOut(left_out.clone()));
        }
        self.troubles.lock().settle(made.domain.row, made.left_out.clone());
        self.settled.notify_all();
    }

    /// Removes what the engine still has of a domain that the store no longer has.
    fn remove_gone(&self, row: DomainRow) -> Result<()> {
        let core = self.core.lock();
        let Some(name) = self.troubles.lock().name(row) else { return Ok(()) };
        // Another may have been made of the same name; it has an index of its own.
        if self.store.read(|reader| reader.domain(&name))?.is_none() {
            remove(&core.engine, &name)?;
        }
        self.troubles.lock().settle(row, None);
        Ok(())
    }
}

/// Makes the index of a domain from the store and publishes it. Under the lock of the writers.
pub(super) fn publish(shared: &Shared, writer: &Writer, row: DomainRow) -> Result<()> {
    let Some(made) = compile(shared, row)? else { return Ok(()) };
    made.publish(writer)?;
    shared.settle(&made);
    Ok(())
}

/// Removes the index of a domain, if there is one.
pub(super) fn remove(writer: &Writer, domain: &str) -> Result<()> {
    match writer.remove(domain) {
        Err(Error::UnknownDomain { .. }) => Ok(()),
        done => done,
    }
}

/// The index of a domain as the store had it at one moment.
struct Made {
    domain: StoredDomain,
    bytes: Vec<u8>,
    left_out: Option<LeftOut>,
}

impl Made {
    fn publish(&self, writer: &Writer) -> Result<()> {
        // The store is the truth, however much of an index goes; its history is in backups.
        let how = Publish { max_loss: 1.0, keep: 0 };
        writer.publish(&self.domain.name, &self.bytes, how).map(drop)
    }
}

/// The index of a domain; none if it is gone.
fn compile(shared: &Shared, row: DomainRow) -> Result<Option<Made>> {
    shared.store.read(|reader| {
        let Some(domain) = reader.domain_at(row)? else { return Ok(None) };
        let mut compiler = Compiler::new(&domain.name, plan::read(&domain.plan)?)?;
        let subscriptions = domain.subscriptions.clone();
        compiler
            .set_settings(Settings { emergency_exempt: domain.emergency_exempt, subscriptions })?;
        compiler.set_stamp(domain.revision);
        // Consent was asked for when the entry came into the store.
        compiler.allow_broad(true);
        let lists = reader.lists(row)?;
        let total = lists.iter().map(|list| list.entries).sum();
        let mut filling = Filling { shared, domain: &domain, done: 0, total, left_out: None };
        for list in by_age(lists) {
            let id = compiler.list(&list.name, list.action)?;
            compiler.respond(id, list.response);
            filling.fill(reader, &list, &mut compiler, id)?;
        }
        let left_out = filling.left_out;
        Ok(Some(Made { domain, bytes: compiler.finish()?.bytes, left_out }))
    })
}

/// The older list first: it is named where several decide. One that an import replaced is as old as
/// it was.
fn by_age(mut lists: Vec<StoredList>) -> Vec<StoredList> {
    lists.sort_by_key(|list| (list.created, list.row));
    lists
}

/// How far the filling of an index has come.
struct Filling<'f> {
    shared: &'f Shared,
    domain: &'f StoredDomain,
    done: u64,
    total: u64,
    left_out: Option<LeftOut>,
}

/// An entry as it was read.
struct Read {
    number: String,
    note: OwnedNote,
}

impl Filling<'_> {
    fn fill(
        &mut self,
        reader: &Reader<'_>,
        list: &StoredList,
        compiler: &mut Compiler,
        id: ListId,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH.min(list.entries as usize));
        reader.each_by_key(list.row, |entry| {
            batch.push(Read::of(&entry));
            if batch.len() == BATCH {
                self.take(&mut batch, list, compiler, id);
            }
            Ok(())
        })?;
        self.take(&mut batch, list, compiler, id);
        Ok(())
    }

    fn take(
        &mut self,
        batch: &mut Vec<Read>,
        list: &StoredList,
        compiler: &mut Compiler,
        id: ListId,
    ) {
        for rejected in compiler.extend_noted(id, batch.par_iter().map(Read::noted)) {
            self.leave_out(list, &rejected);
        }
        self.done += batch.len() as u64;
        batch.clear();
        let (domain, done, total) = (self.domain.name.clone(), self.done, self.total);
        self.shared.troubles.lock().tell_progress(self.domain.row, done, total);
        self.shared.tell(|| News::Indexed(Progress { domain, done, total }));
    }

    fn leave_out(&mut self, list: &StoredList, rejected: &Rejected) {
        let first = || LeftOut {
            domain: self.domain.name.clone(),
            entries: 0,
            list: list.name.clone(),
            number: String::from_utf8_lossy(&rejected.text).into_owned(),
            reason: rejected.reason,
        };
        self.left_out.get_or_insert_with(first).entries += 1;
    }
}

impl Read {
    fn of(entry: &EntryRow<'_>) -> Self {
        Self { number: entry.number.to_owned(), note: OwnedNote::of(&entry.note) }
    }

    fn noted(&self) -> (Written<'_>, Note<'_>) {
        (Written { line: 0, text: self.number.as_bytes() }, self.note.as_note())
    }
}
