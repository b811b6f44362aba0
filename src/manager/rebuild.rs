//! Indexes made from the store: those that are missing, damaged or behind it.

use std::path::Path;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::effect::OwnedNote;
use super::{Progress, Shared, plan};
use crate::store::{DomainRow, EntryRow, Reader, Store, StoredDomain, StoredList};
use crate::{Compiler, Engine, Error, ListId, Note, Publish, Result, Settings, Writer, Written};

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
            if index.is_none_or(|index| index.stamp() != stored.revision) {
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
        if let Err(error) = self.rebuild(row) {
            self.troubles.lock().tell_failure(row, error.to_string());
        }
    }

    fn rebuild(&self, row: DomainRow) -> Result<()> {
        for _ in 1..TRIES {
            let Some((domain, bytes)) = compile(self, row)? else { return self.remove_gone(row) };
            let core = self.core.lock();
            if self.is_of_revision(&domain)? {
                return put(self, &core.engine, &domain, &bytes);
            }
        }
        let core = self.core.lock();
        publish(self, &core.engine, row)
    }

    /// Removes what the engine still has of a domain that the store no longer has.
    fn remove_gone(&self, row: DomainRow) -> Result<()> {
        let core = self.core.lock();
        let Some(name) = self.troubles.lock().name(row) else { return Ok(()) };
        // Another may have been made of the same name; it has an index of its own.
        if self.store.read(|reader| reader.domain(&name))?.is_none() {
            remove(&core.engine, &name)?;
        }
        self.troubles.lock().clear(row);
        Ok(())
    }

    fn is_of_revision(&self, domain: &StoredDomain) -> Result<bool> {
        let now = self.store.read(|reader| reader.domain_at(domain.row))?;
        Ok(now.is_some_and(|now| now.revision == domain.revision))
    }
}

/// Makes the index of a domain from the store and publishes it. Under the lock of the writers.
pub(super) fn publish(shared: &Shared, writer: &Writer, row: DomainRow) -> Result<()> {
    let Some((domain, bytes)) = compile(shared, row)? else { return Ok(()) };
    put(shared, writer, &domain, &bytes)
}

/// Removes the index of a domain, if there is one.
pub(super) fn remove(writer: &Writer, domain: &str) -> Result<()> {
    match writer.remove(domain) {
        Err(Error::UnknownDomain { .. }) => Ok(()),
        done => done,
    }
}

fn put(shared: &Shared, writer: &Writer, domain: &StoredDomain, bytes: &[u8]) -> Result<()> {
    // The store is the truth, however much of an index goes; its history is in backups.
    writer.publish(&domain.name, bytes, Publish { max_loss: 1.0, keep: 0 })?;
    shared.troubles.lock().clear(domain.row);
    Ok(())
}

/// The index of a domain as the store has it at one moment; none if it is gone.
fn compile(shared: &Shared, row: DomainRow) -> Result<Option<(StoredDomain, Vec<u8>)>> {
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
        let mut filling = Filling { shared, domain: &domain.name, done: 0, total };
        for list in by_age(lists) {
            let id = compiler.list(&list.name, list.action)?;
            compiler.respond(id, list.response);
            filling.fill(reader, &list, &mut compiler, id)?;
        }
        Ok(Some((domain, compiler.finish()?.bytes)))
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
    domain: &'f str,
    done: u64,
    total: u64,
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
                self.take(&mut batch, compiler, id)?;
            }
            Ok(())
        })?;
        self.take(&mut batch, compiler, id)
    }

    fn take(&mut self, batch: &mut Vec<Read>, compiler: &mut Compiler, id: ListId) -> Result<()> {
        let rejected = compiler.extend_noted(id, batch.par_iter().map(Read::noted));
        if let Some(rejected) = rejected.into_iter().next() {
            let text = String::from_utf8_lossy(&rejected.text).into_owned();
            return Err(Error::InvalidEntry { text, reason: rejected.reason });
        }
        self.done += batch.len() as u64;
        batch.clear();
        if let Some(progress) = &self.shared.progress {
            let (domain, done, total) = (self.domain.to_owned(), self.done, self.total);
            progress(&Progress { domain, done, total });
        }
        Ok(())
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
