//! The two writers of a data directory: requests committed in a group, then put into force.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice::from_ref;

use super::execute::Executor;
use super::index_updates::{IndexUpdate, IndexUpdates, OwnedChange, UpdateKind};
use crate::manager::limits::PatternRoom;
use crate::manager::operation::{Applied, Operation};
use crate::manager::{Shared, compile};
use crate::store::{self, DomainRow};
use crate::{Error, Result};
use callbar::{Change, Writer};

/// The writer of the store and the writer of the engine. Only their holder changes anything.
pub(in crate::manager) struct Writers {
    pub(in crate::manager) store: store::Writer,
    pub(in crate::manager) engine: Writer,
}

/// The result of a request that is durable.
pub(in crate::manager) struct CommittedChanges {
    pub(in crate::manager) applied: Vec<Applied>,
    /// Its domains whose index is being compiled. Until that is done, its changes are not in force.
    pub(in crate::manager) held: Vec<DomainRow>,
}

pub(in crate::manager) type CommitResult = Result<CommittedChanges>;

/// The operations of one caller: all of them are made or none.
pub(in crate::manager) struct ChangeRequest {
    pub(in crate::manager) who: String,
    pub(in crate::manager) operations: Vec<Operation>,
}

impl Writers {
    pub(in crate::manager) fn new(store: store::Writer, engine: Writer) -> Self {
        Self { store, engine }
    }

    /// Commits requests, puts them into force, and returns a result for each.
    pub(in crate::manager) fn commit(
        &mut self,
        shared: &Shared,
        requests: &[ChangeRequest],
    ) -> Vec<CommitResult> {
        // A refused operation leaves the rest of a group alone. But a refused request with several
        // operations may have made some of them, so it has a group of its own.
        let (mut answers, mut at) = (Vec::with_capacity(requests.len()), 0);
        while at < requests.len() {
            let single = |request: &ChangeRequest| request.operations.len() == 1;
            let run = requests[at..].iter().take_while(|request| single(request)).count().max(1);
            answers.extend(self.commit_isolated(shared, &requests[at..at + run]));
            at += run;
        }
        answers
    }

    /// Commits requests together. If that panics, commits each alone, so that one with a defect harms
    /// neither the others nor later ones.
    fn commit_isolated(
        &mut self,
        shared: &Shared,
        requests: &[ChangeRequest],
    ) -> Vec<CommitResult> {
        // Unwinding undoes the group. After the commit, no panic reaches this point.
        let committed = catch_unwind(AssertUnwindSafe(|| self.commit_run(shared, requests)));
        match (committed, requests) {
            (Ok(answers), _) => answers,
            (Err(_), [_]) => vec![Err(Error::Engine(callbar::Error::Panicked))],
            (Err(_), _) => requests
                .iter()
                .flat_map(|request| self.commit_isolated(shared, from_ref(request)))
                .collect(),
        }
    }

    fn commit_run(&mut self, shared: &Shared, requests: &[ChangeRequest]) -> Vec<CommitResult> {
        let committed = self.commit_group(shared, requests);
        shared.faults.lock().poisoned = self.store.is_poisoned();
        committed.unwrap_or_else(|error| refuse(shared, requests.len(), error))
    }

    fn commit_group(
        &mut self,
        shared: &Shared,
        requests: &[ChangeRequest],
    ) -> Result<Vec<CommitResult>> {
        let now = shared.clock.now();
        let mut executed = Vec::new();
        let mut updates = IndexUpdates::default();
        let mut room = PatternRoom::new(&shared.engine);
        let mut group = self.store.begin()?;
        for ChangeRequest { who, operations } in requests {
            let mut executor = Executor {
                group: &mut group,
                who,
                now,
                updates: IndexUpdates::default(),
                room: &mut room,
                faults: &shared.faults,
            };
            let applied = operations.iter().map(|operation| executor.execute(operation)).collect();
            let touched = executor.updates;
            match applied {
                // The whole group is undone.
                Err(error) if is_of_store(&error) || operations.len() > 1 => return Err(error),
                applied => {
                    let domains = touched.domains.iter().map(|update| update.row).collect();
                    executed.push(ExecutedRequest { applied, domains });
                }
            }
            updates.append(touched);
        }
        let revisions = group.commit()?;
        let pending = self.put_into_force(shared, updates, revisions);
        Ok(executed.into_iter().map(|request| request.answer(&pending)).collect())
    }

    pub(in crate::manager) fn put_into_force(
        &self,
        shared: &Shared,
        updates: IndexUpdates,
        revisions: Vec<(DomainRow, u64)>,
    ) -> PendingDomains {
        let revisions: HashMap<DomainRow, u64> = revisions.into_iter().collect();
        let mut pending = PendingDomains::default();
        for update in updates.domains {
            let (row, name) = (update.row, update.name.clone());
            let is_removal = matches!(update.kind, UpdateKind::Remove);
            let revision = revisions.get(&row).copied();
            let put = catch_unwind(AssertUnwindSafe(|| self.put_one(shared, update, revision)));
            match put.unwrap_or(Err(Error::Engine(callbar::Error::Panicked))) {
                Ok(Activation::InForce) => {}
                Ok(Activation::Held) => pending.held.push(row),
                Err(error) => {
                    let error = error.to_line();
                    let mut faults = shared.faults.lock();
                    if is_removal {
                        faults.mark_not_removed(row, &name, error.clone());
                    } else {
                        faults.mark_stale(row, &name, Some(error.clone()));
                    }
                    pending.failed.insert(row, error);
                }
            }
        }
        pending
    }

    fn put_one(
        &self,
        shared: &Shared,
        update: IndexUpdate,
        revision: Option<u64>,
    ) -> Result<Activation> {
        let IndexUpdate { row, name, kind } = update;
        match (kind, revision) {
            (UpdateKind::Remove, _) => {
                shared.faults.lock().mark_current(row, None);
                compile::remove(&self.engine, &name)?;
            }
            // Compiling an index takes long, and other callers must not wait for it.
            (UpdateKind::Changes(changes), Some(revision))
                if shared.faults.lock().is_stale(row) =>
            {
                shared.faults.lock().hold(row, revision, changes);
                return Ok(Activation::Held);
            }
            (UpdateKind::Changes(changes), Some(revision)) => {
                let misses_entries = shared.faults.lock().leaves_out(row) && drops_a_list(&changes);
                // A new index can hold what a list of changes cannot express.
                if misses_entries || change_index(&self.engine, &name, &changes, revision).is_err()
                {
                    compile::publish(shared, &self.engine, row)?;
                }
            }
            // Nothing changed, but an earlier change may not be in force.
            (UpdateKind::Changes(changes), None) if changes.is_empty() => {
                if shared.faults.lock().is_stale(row) {
                    return Ok(Activation::Held);
                }
            }
            _ => compile::publish(shared, &self.engine, row)?,
        }
        Ok(Activation::InForce)
    }
}

/// Whether the changes of a domain are in force.
enum Activation {
    InForce,
    /// Its index is being compiled, and will have them and all earlier ones.
    Held,
}

/// The domains whose changes are durable but not in force.
#[derive(Default)]
pub(in crate::manager) struct PendingDomains {
    /// Those that failed, and why.
    pub(in crate::manager) failed: HashMap<DomainRow, String>,
    /// Those whose index is being compiled.
    held: Vec<DomainRow>,
}

/// Makes changes of an index, which then has this revision.
pub(in crate::manager) fn change_index(
    writer: &Writer,
    name: &str,
    changes: &[OwnedChange],
    revision: u64,
) -> Result<()> {
    let mut changes: Vec<Change<'_>> = changes.iter().map(OwnedChange::as_change).collect();
    changes.push(Change::Stamp(revision));
    writer.change(name, &changes)?;
    Ok(())
}

/// Reports whether the changes remove a list. Entries that the index leaves out may go with it, and only a
/// new index no longer reports them.
pub(in crate::manager) fn drops_a_list(changes: &[OwnedChange]) -> bool {
    changes.iter().any(|change| matches!(change, OwnedChange::DropList { .. }))
}

/// The results of a group that failed: each caller gets the error.
fn refuse(shared: &Shared, count: usize, error: Error) -> Vec<CommitResult> {
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

/// Reports whether the store itself failed, so that the whole group is undone.
fn is_of_store(error: &Error) -> bool {
    matches!(
        error,
        Error::Store { .. }
            | Error::Engine(callbar::Error::Poisoned { .. })
            | Error::DiskFull { .. }
    )
}

/// A request that was executed or refused, with the domains that it touched.
struct ExecutedRequest {
    applied: Result<Vec<Applied>>,
    domains: Vec<DomainRow>,
}

impl ExecutedRequest {
    fn answer(mut self, pending: &PendingDomains) -> CommitResult {
        let applied = self.applied?;
        if let Some(reason) = self.domains.iter().find_map(|row| pending.failed.get(row)) {
            return Err(Error::NotInForce { reason: reason.clone() });
        }
        self.domains.retain(|row| pending.held.contains(row));
        Ok(CommittedChanges { applied, held: self.domains })
    }
}
