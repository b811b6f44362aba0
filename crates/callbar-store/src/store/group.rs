//! A group of changes: all of them are durable, or none.

use std::collections::BTreeSet;

use super::db::{Db, int, uint};
use super::{DomainRow, Reader, Writer, open, sql};
use crate::{Error, Result};

/// A group of changes that are made together. Dropped without [`Self::commit`], none is made.
///
/// A change that is refused (what it names is gone, a name is taken) changes nothing, and the others
/// of the group stay: each checks what it can be refused for before it writes. A full disk,
/// [`Error::DiskFull`], undoes the whole group, and the next may be made. Any other failure,
/// [`Error::Store`], undoes it too and poisons the writer; [`callbar::Error::Poisoned`] is what the rest of
/// the group and all others get.
#[derive(Debug)]
pub struct Group<'w> {
    writer: &'w mut Writer,
    /// Domains that get a new revision.
    changed: BTreeSet<DomainRow>,
    open: bool,
    /// Whether the disk was full, so that the group is undone.
    full: bool,
}

impl<'w> Group<'w> {
    pub(super) fn new(writer: &'w mut Writer) -> Self {
        Self { writer, changed: BTreeSet::new(), open: true, full: false }
    }

    /// Makes the changes durable. Returns the domains that they changed, each with its new revision.
    ///
    /// # Errors
    /// See [`Group`]. Whether a commit that fails has come about is known when the store is opened
    /// again.
    pub fn commit(mut self) -> Result<Vec<(DomainRow, u64)>> {
        self.end()
    }

    /// As [`Self::commit`], but what was written stays in the log: of a large group it takes longer to
    /// copy than to commit, and [`Store::checkpoint`](super::Store::checkpoint) can do it beside
    /// whatever comes next.
    ///
    /// # Errors
    /// See [`Self::commit`].
    pub fn commit_to_log(mut self) -> Result<Vec<(DomainRow, u64)>> {
        self.write(|db| open::keep_log(db, true))?;
        let revisions = self.end();
        // The changes are made by now: a connection that cannot be told so is given up instead.
        if self.writer.db().and_then(|db| open::keep_log(db, false)).is_err() {
            self.writer.poison();
        }
        revisions
    }

    fn end(&mut self) -> Result<Vec<(DomainRow, u64)>> {
        let changed = std::mem::take(&mut self.changed);
        let revisions = self.write(|db| {
            let revisions = revise(db, &changed)?;
            db.run("COMMIT", [])?;
            Ok(revisions)
        })?;
        self.open = false;
        Ok(revisions)
    }

    /// Undoes the changes.
    ///
    /// # Errors
    /// See [`Group`].
    pub fn rollback(mut self) -> Result<()> {
        self.open = false;
        self.write(|db| db.run("ROLLBACK", []).map(drop))
    }

    /// Reads what was committed and what the group has changed.
    ///
    /// # Errors
    /// [`callbar::Error::Poisoned`].
    pub fn reader(&self) -> Result<Reader<'_>> {
        self.db().map(Reader::new)
    }

    /// Makes a change; a failure poisons the writer, but that of a full disk.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
        let result = self.db().and_then(change);
        match result {
            // Nothing was synced, so what the disk holds is known: all that was committed before.
            Err(Error::DiskFull { .. }) => {
                self.full = true;
                self.undo();
            }
            Err(Error::Store { .. } | Error::NotAStore { .. }) => self.writer.poison(),
            _ => {}
        }
        result
    }

    /// Ends the transaction, unless the database has by itself.
    fn undo(&mut self) {
        self.open = false;
        if let Ok(db) = self.writer.db()
            && !db.is_autocommit()
            && db.run("ROLLBACK", []).is_err()
        {
            self.writer.poison();
        }
    }

    /// The domain gets a new revision with the commit.
    pub(super) fn touch(&mut self, domain: DomainRow) {
        self.changed.insert(domain);
    }

    /// The connection, inside the group's transaction.
    fn db(&self) -> Result<Db<'_>> {
        let db = self.writer.db()?;
        // SQLite ends the transaction by itself after some failures, also while it reads; whatever
        // is written then would be durable at once and alone.
        match db.is_autocommit() {
            false => Ok(db),
            true if self.full => Err(self.writer.full()),
            true => Err(self.writer.poisoned()),
        }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        if self.open {
            self.undo();
        }
    }
}

/// Gives the domains their revisions; those that are gone by now get none.
fn revise(db: Db<'_>, changed: &BTreeSet<DomainRow>) -> Result<Vec<(DomainRow, u64)>> {
    let mut revisions = Vec::new();
    for &domain in changed {
        let revision = db.one(sql::REVISION_NEXT, [], |row| uint(row, 0))?;
        let revision = revision.ok_or_else(|| db.damaged("no sequence of revisions"))?;
        if db.run(sql::REVISION_SET, (domain.get(), int(revision)))? == 1 {
            revisions.push((domain, revision));
        }
    }
    Ok(revisions)
}
