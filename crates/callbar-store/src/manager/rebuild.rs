//! Indexes made from the store: those that are missing, damaged or behind it, or of older numbering
//! facts.
//!
//! One is made beside the changes of its domain, which are held meanwhile and put into it at its end:
//! nobody else waits for it.

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use super::compile::{Made, compile, publish, remove};
use super::core::{Core, change, drops_a_list};
use super::{News, Shared, plan, replan};
use crate::store::{DomainRow, Reader, Store, StoredDomain};
use crate::{Error, Result};
use callbar::{Engine, Writer, facts_version};

/// How often an index is compiled beside changes of its domain, before they are made to wait for it.
const TRIES: usize = 3;

/// Refuses to take over what `callbar compile` made: such indexes have no revision. And to replace
/// the indexes of a store that has gone by those of an empty one.
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

/// Refuses the indexes of a store that has gone: an empty one in its place would have them removed.
/// Those that cannot be read, too: a later release or `callbar compile` may have made them.
///
/// # Errors
/// [`Error::StoreMissing`]; what is wrong with an index that cannot be read.
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
        // There may be a hundred thousand of both.
        let names: HashSet<&str> = domains.iter().map(|stored| stored.name.as_str()).collect();
        for (_, _, index) in snapshot.domains() {
            if !names.contains(index.domain()) {
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
            Err(error) => self.troubles.lock().tell_failure(row, error.to_line()),
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
