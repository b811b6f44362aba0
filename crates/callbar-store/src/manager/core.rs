//! The two writers of a directory: operations committed in a group, then put into force.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice::from_ref;

use super::bounds::Room;
use super::effect::{Effect, Effects, Owned, What};
use super::operation::{Applied, Operation};
use super::perform::perform;
use super::{Shared, compile};
use crate::store::{self, DomainRow, Group};
use crate::{Error, Result};
use callbar::{Change, Outcome, Writer};

/// The writer of the store and the writer of the engine. Who holds them is the only one to change
/// anything.
pub(super) struct Core {
    pub(super) store: store::Writer,
    pub(super) engine: Writer,
}

/// What a unit came to, when it is durable.
pub(super) struct Committed {
    pub(super) applied: Vec<Applied>,
    /// The domains whose index is being made: until then it is not in force.
    pub(super) held: Vec<DomainRow>,
}

pub(super) type Answer = Result<Committed>;

/// What one caller wants: all of it or none.
pub(super) struct Unit {
    pub(super) who: String,
    pub(super) operations: Vec<Operation>,
}

impl Core {
    pub(super) fn new(store: store::Writer, engine: Writer) -> Self {
        Self { store, engine }
    }

    /// Commits units together, puts them into force, and answers each.
    pub(super) fn commit(&mut self, shared: &Shared, units: &[Unit]) -> Vec<Answer> {
        // What is refused leaves a group as it was only if it is one operation.
        let (mut answers, mut at) = (Vec::with_capacity(units.len()), 0);
        while at < units.len() {
            let single = |unit: &Unit| unit.operations.len() == 1;
            let run = units[at..].iter().take_while(|unit| single(unit)).count().max(1);
            answers.extend(self.commit_sound(shared, &units[at..at + run]));
            at += run;
        }
        answers
    }

    /// Commits units together. Where that panics, each alone: the one with the fault must not cost
    /// the others theirs, nor all that come later.
    fn commit_sound(&mut self, shared: &Shared, units: &[Unit]) -> Vec<Answer> {
        // What was begun is undone while it unwinds: behind the commit, nothing panics to here.
        let committed = catch_unwind(AssertUnwindSafe(|| self.commit_run(shared, units)));
        match (committed, units) {
            (Ok(answers), _) => answers,
            (Err(_), [_]) => vec![Err(Error::Engine(callbar::Error::Panicked))],
            (Err(_), _) => {
                units.iter().flat_map(|unit| self.commit_sound(shared, from_ref(unit))).collect()
            }
        }
    }

    fn commit_run(&mut self, shared: &Shared, units: &[Unit]) -> Vec<Answer> {
        let mut performed = Vec::new();
        let committed = self.in_group(shared, units, &mut performed);
        shared.troubles.lock().poisoned = self.store.is_poisoned();
        match committed {
            Ok(lacking) => performed.into_iter().map(|done: Done| done.answer(&lacking)).collect(),
            Err(error) => refuse(shared, units.len(), error),
        }
    }

    fn in_group(
        &mut self,
        shared: &Shared,
        units: &[Unit],
        performed: &mut Vec<Done>,
    ) -> Result<Lacking> {
        let now = shared.clock.now();
        let mut effects = Effects::default();
        let mut room = Room::new(&shared.engine);
        let mut group = self.store.begin()?;
        for unit in units {
            let mut touched = Effects::default();
            let applied = perform_all(shared, &mut group, unit, now, &mut touched, &mut room);
            if let Err(error) = &applied
                && (is_of_store(error) || unit.operations.len() > 1)
            {
                // Undone; of what came in the way the first is told.
                drop(group);
                return applied.map(|_| Lacking::default());
            }
            let touched = touched.into_domains();
            performed
                .push(Done { applied, domains: touched.iter().map(|effect| effect.row).collect() });
            effects.append(touched);
        }
        let revisions = revisions(group.commit()?);
        Ok(self.put_into_force(shared, effects.into_domains(), &revisions))
    }

    pub(super) fn put_into_force(
        &self,
        shared: &Shared,
        effects: Vec<Effect>,
        revisions: &HashMap<DomainRow, u64>,
    ) -> Lacking {
        let mut lacking = Lacking::default();
        for effect in effects {
            let (row, name) = (effect.row, effect.name.clone());
            let is_removed = matches!(effect.what, What::Removed);
            let revision = revisions.get(&row).copied();
            let put = catch_unwind(AssertUnwindSafe(|| self.put_one(shared, effect, revision)));
            match put.unwrap_or(Err(Error::Engine(callbar::Error::Panicked))) {
                Ok(Put::InForce) => {}
                Ok(Put::Held) => lacking.held.push(row),
                Err(error) => {
                    let error = error.to_line();
                    let mut troubles = shared.troubles.lock();
                    if is_removed {
                        troubles.tell_remaining(row, &name, error.clone());
                    } else {
                        troubles.tell(row, &name, Some(error.clone()));
                    }
                    lacking.failed.insert(row, error);
                }
            }
        }
        lacking
    }

    fn put_one(&self, shared: &Shared, effect: Effect, revision: Option<u64>) -> Result<Put> {
        let Effect { row, name, what } = effect;
        match (what, revision) {
            (What::Removed, _) => {
                shared.troubles.lock().settle(row, None);
                compile::remove(&self.engine, &name)?;
            }
            // Nobody else is to wait for the making of its index, which takes long.
            (What::Changes(changes), Some(revision)) if shared.troubles.lock().is_stale(row) => {
                shared.troubles.lock().hold(row, revision, changes);
                return Ok(Put::Held);
            }
            (What::Changes(changes), Some(revision)) => {
                let told = shared.troubles.lock().leaves_out(row) && drops_a_list(&changes);
                // What a list of changes cannot say, a new index can.
                if told || change(&self.engine, &name, &changes, revision).is_err() {
                    compile::publish(shared, &self.engine, row)?;
                }
            }
            // Nothing changed, but what was there may not be in force.
            (What::Changes(changes), None) if changes.is_empty() => {
                if shared.troubles.lock().is_stale(row) {
                    return Ok(Put::Held);
                }
            }
            _ => compile::publish(shared, &self.engine, row)?,
        }
        Ok(Put::InForce)
    }
}

/// What became of the changes of a domain.
enum Put {
    InForce,
    /// Its index is being made, and will have them and all before.
    Held,
}

/// The domains whose changes are durable but not in force.
#[derive(Default)]
pub(super) struct Lacking {
    /// Those for which something came in the way.
    pub(super) failed: HashMap<DomainRow, String>,
    /// Those whose index is being made.
    held: Vec<DomainRow>,
}

/// Makes changes of an index, which is of this revision then.
pub(super) fn change(writer: &Writer, name: &str, changes: &[Owned], revision: u64) -> Result<()> {
    let mut changes: Vec<Change<'_>> = changes.iter().map(Owned::as_change).collect();
    changes.push(Change::Stamp(revision));
    writer.change(name, &changes)?;
    Ok(())
}

/// Whether what was left out may go, without a word of it in the index.
pub(super) fn drops_a_list(changes: &[Owned]) -> bool {
    changes.iter().any(|change| matches!(change, Owned::DropList { .. }))
}

/// The new revisions by domain.
pub(super) fn revisions(committed: Vec<(DomainRow, u64)>) -> HashMap<DomainRow, u64> {
    committed.into_iter().collect()
}

/// One error for all of a group: each caller is told so.
fn refuse(shared: &Shared, count: usize, error: Error) -> Vec<Answer> {
    let path = shared.store.path().to_owned();
    let again = || match &error {
        Error::Store { path, failure, source } => {
            let (path, source) = (path.clone(), source.to_string().into());
            Error::Store { path, failure: *failure, source }
        }
        Error::DiskFull { .. } => Error::DiskFull { path: path.clone() },
        _ => Error::Engine(callbar::Error::Poisoned { path: path.clone() }),
    };
    let mut answers: Vec<_> = (1..count).map(|_| Err(again())).collect();
    answers.push(Err(error));
    answers
}

fn perform_all(
    shared: &Shared,
    group: &mut Group<'_>,
    unit: &Unit,
    now: u64,
    effects: &mut Effects,
    room: &mut Room<'_>,
) -> Result<Vec<Applied>> {
    let perform = |operation| {
        let applied = perform(group, &unit.who, operation, now, effects, room)?;
        Ok(finish_removal(shared, operation, effects).unwrap_or(applied))
    };
    unit.operations.iter().map(perform).collect()
}

/// Of the removal of a domain that the store has removed before, while its index remained, the rest.
fn finish_removal(
    shared: &Shared,
    operation: &Operation,
    effects: &mut Effects,
) -> Option<Applied> {
    let Operation::RemoveDomain { name } = operation else { return None };
    let name = name.to_ascii_lowercase();
    let row = shared.troubles.lock().remaining(&name)?;
    effects.removed(row, &name);
    Some(Applied::Domain(Outcome::Removed))
}

/// Whether the store itself failed, so that nothing of the group is left.
fn is_of_store(error: &Error) -> bool {
    matches!(
        error,
        Error::Store { .. }
            | Error::Engine(callbar::Error::Poisoned { .. })
            | Error::DiskFull { .. }
    )
}

/// A unit that was performed, or refused, and the domains that it touched.
struct Done {
    applied: Result<Vec<Applied>>,
    domains: Vec<DomainRow>,
}

impl Done {
    fn answer(mut self, lacking: &Lacking) -> Answer {
        let applied = self.applied?;
        if let Some(reason) = self.domains.iter().find_map(|row| lacking.failed.get(row)) {
            return Err(Error::NotInForce { reason: reason.clone() });
        }
        self.domains.retain(|row| lacking.held.contains(row));
        Ok(Committed { applied, held: self.domains })
    }
}
