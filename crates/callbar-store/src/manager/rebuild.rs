//! Compiles indexes again that are missing, damaged, behind the store, or of older numbering facts.
//!
//! An index is compiled while its domain changes. Those changes are held and put into it at the end. So
//! nobody else waits for it.

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use super::changes::{Writers, change_index, drops_a_list};
use super::compile::{CompiledDomain, compile, publish, remove};
use super::{ManagerEvent, Shared, dial_plan, rekey};
use crate::store::{DomainRow, Reader, Store, StoredDomain};
use crate::{Error, Result};
use callbar::{Engine, Writer, facts_version};

/// How often an index is compiled beside changes of its domain. The last time, the changes wait for it.
const TRIES: usize = 3;

/// Refuses a directory that `callbar compile` published into: such indexes have no revision. Also refuses
/// to replace the indexes of a store that is gone by those of an empty one.
///
/// # Errors
/// [`Error::NotManaged`]; those of [`refuse_orphans`].
pub(super) fn refuse_foreign(
    engine: &Engine,
    damaged: &mut Vec<callbar::Error>,
    dir: &Path,
) -> Result<()> {
    let snapshot = engine.snapshot();
    if !Store::exists(dir) {
        refuse_orphans(engine, damaged, dir)?;
    }
    match snapshot.domains().find(|(_, _, domain)| domain.stamp() == 0) {
        None => Ok(()),
        Some((_, _, domain)) => {
            let domain = domain.domain().to_owned();
            Err(Error::NotManaged { path: dir.to_owned(), domain })
        }
    }
}

/// Refuses the indexes of a store that is gone, because an empty store in its place would remove them. Also
/// refuses indexes that cannot be read: a later release or `callbar compile` may have made them.
///
/// # Errors
/// [`Error::StoreMissing`]; the error of an index that cannot be read.
pub(super) fn refuse_orphans(
    engine: &Engine,
    damaged: &mut Vec<callbar::Error>,
    dir: &Path,
) -> Result<()> {
    if engine.snapshot().domains().any(|(_, _, domain)| domain.stamp() != 0) {
        return Err(Error::StoreMissing { path: dir.to_owned() });
    }
    damaged.pop().map_or(Ok(()), |error| Err(error.into()))
}

impl Shared {
    /// Finds the domains whose index has another revision than the store, and removes the indexes of
    /// domains that the store does not have.
    pub(super) fn find_stale(&self) -> Result<()> {
        let snapshot = self.engine.snapshot();
        let domains = self.store.read(|reader: &Reader<'_>| reader.domains())?;
        let mut faults = self.faults.lock();
        for stored in &domains {
            let index = snapshot.domain(stored.name.as_str()).ok();
            // Without an index, nobody knows which facts gave the entries their keys.
            if index.is_none_or(|index| index.stats().facts != facts_version()) {
                faults.mark_older_facts(stored.row, &stored.name);
            } else if index.is_none_or(|index| index.stamp() != stored.revision) {
                faults.mark_stale(stored.row, &stored.name, None);
            }
        }
        drop(faults);
        let writers = self.writers.lock();
        // There may be a hundred thousand domains and indexes.
        let names: HashSet<&str> = domains.iter().map(|stored| stored.name.as_str()).collect();
        for (_, _, index) in snapshot.domains() {
            if !names.contains(index.domain()) {
                writers.engine.remove(index.domain())?;
            }
        }
        writers.engine.discard_lost()?;
        Ok(())
    }

    /// Compiles the index of a domain again. A failure is recorded for the health and left for the next
    /// attempt.
    pub(super) fn rebuild_one(&self, row: DomainRow) {
        let start = Instant::now();
        match self.rebuild(row) {
            Ok(true) => self.notify(|| ManagerEvent::IndexMade(start.elapsed())),
            Ok(false) => {}
            Err(error) => self.faults.lock().mark_failed(row, error.to_line()),
        }
        self.index_made.notify_all();
    }

    /// Returns true if the index was compiled: not if the domain is gone, or if an import was first.
    fn rebuild(&self, row: DomainRow) -> Result<bool> {
        if self.faults.lock().must_rekey(row) {
            self.rekey(row)?;
        }
        for _ in 1..TRIES {
            self.faults.lock().begin_to_hold(row);
            let Some(compiled) = compile(self, row)? else {
                self.remove_gone(row)?;
                return Ok(false);
            };
            let writers = self.writers.lock();
            // An import may have compiled it meanwhile.
            let is_stale = self.faults.lock().is_stale(row);
            if !is_stale || self.catch_up(&writers.engine, &compiled)? {
                return Ok(is_stale);
            }
        }
        let writers = self.writers.lock();
        publish(self, &writers.engine, row)?;
        Ok(true)
    }

    /// Publishes an index and the changes that were held since. Returns false if it must be compiled again.
    fn catch_up(&self, writer: &Writer, compiled: &CompiledDomain) -> Result<bool> {
        let CompiledDomain { domain, .. } = compiled;
        let Some(now) = self.store.read(|reader| reader.domain_at(domain.row))? else {
            return Ok(false);
        };
        let (from, to) = (domain.revision, now.revision);
        let Some(held) = self.faults.lock().held(domain.row, from, to) else { return Ok(false) };
        if compiled.left_out.is_some() && drops_a_list(&held) {
            return Ok(false);
        }
        compiled.publish(writer)?;
        // A new index can hold what a list of changes cannot express.
        if !held.is_empty() && change_index(writer, &domain.name, &held, to).is_err() {
            return Ok(false);
        }
        self.index_is_current(compiled);
        Ok(true)
    }

    /// Gives the entries of a domain keys by the present numbering facts. They are read beside changes of
    /// the domain, unless those never cease.
    fn rekey(&self, row: DomainRow) -> Result<()> {
        for _ in 1..TRIES {
            let Some((domain, changes)) = self.key_changes(row)? else { return Ok(()) };
            let mut writers = self.writers.lock();
            let now = self.store.read(|reader| reader.domain_at(row))?;
            if now.is_some_and(|now| now.revision == domain.revision) {
                return self.apply_key_changes(&mut writers, &domain, changes);
            }
        }
        let mut writers = self.writers.lock();
        let Some((domain, changes)) = self.key_changes(row)? else { return Ok(()) };
        self.apply_key_changes(&mut writers, &domain, changes)
    }

    fn key_changes(
        &self,
        row: DomainRow,
    ) -> Result<Option<(StoredDomain, Vec<rekey::KeyChanges>)>> {
        self.store.read(|reader| {
            let Some(domain) = reader.domain_at(row)? else { return Ok(None) };
            let plan = dial_plan::parse(&domain.plan)?;
            let changes = rekey::key_changes(reader, row, &plan, true)?;
            Ok(Some((domain, changes)))
        })
    }

    fn apply_key_changes(
        &self,
        writers: &mut Writers,
        domain: &StoredDomain,
        changes: Vec<rekey::KeyChanges>,
    ) -> Result<()> {
        let plan = dial_plan::parse(&domain.plan)?;
        let mut group = writers.store.begin()?;
        let done = rekey::apply(&mut group, changes, &plan, self.clock.now());
        let done = done.and_then(|()| group.commit());
        self.faults.lock().poisoned = writers.store.is_poisoned();
        done?;
        self.faults.lock().mark_rekeyed(domain.row, &domain.name);
        Ok(())
    }

    /// Removes what the engine still has of a domain that the store no longer has.
    fn remove_gone(&self, row: DomainRow) -> Result<()> {
        let writers = self.writers.lock();
        let Some(name) = self.faults.lock().stale_name(row) else { return Ok(()) };
        // A new domain may have the same name. Then the index is its own.
        if self.store.read(|reader| reader.domain(&name))?.is_none() {
            remove(&writers.engine, &name)?;
        }
        self.faults.lock().mark_current(row, None);
        Ok(())
    }
}
