//! A group of changes that become durable together.

use std::collections::BTreeSet;

use super::Writer;
use crate::store::connection::{Db, int, uint};
use crate::store::{DomainRow, Reader, file, sql};
use crate::{Error, Result};

/// A group of changes that become durable together, with [`Group::commit`]. Dropping it undoes them all.
///
/// Every change takes the time, in seconds since 1970, as its `now`.
///
/// # Errors
/// A change that is refused, because a row is gone or a name is taken, changes nothing, and the rest of
/// the group stays. [`Error::DiskFull`] undoes the whole group; the next group may succeed.
/// [`Error::Store`] undoes the group too and poisons the [`Writer`]: from then on every change fails with
/// [`callbar::Error::Poisoned`].
///
/// # Examples
/// ```
/// use callbar::{Action, Note, Outcome};
/// use callbar_store::{DomainSettings, EntryRef, ListSettings, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// let store = Store::open(directory.path())?;
/// let mut writer = store.writer()?;
/// let now = 1_790_000_000;
///
/// let mut group = writer.begin()?;
/// let (domain, outcome) = group.put_domain("my.example", &DomainSettings::default(), now)?;
/// assert_eq!(outcome, Outcome::Added);
/// let deny = ListSettings { action: Action::Deny, response: None, description: "" };
/// let (list, _) = group.put_list(domain, "spam", &deny, now)?;
/// let entry = EntryRef { key: "+905050047824", number: "0505 004 78 24", note: Note::default() };
/// group.put(list, &entry, now, &|_| true)?;
/// assert_eq!(group.commit()?, [(domain, 1)]); // the domain's first revision
///
/// let mut group = writer.begin()?;
/// group.remove_list(list)?;
/// drop(group); // not committed: the list stays
/// assert_eq!(store.read(|reader| reader.lists_count(domain))?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Group<'w> {
    writer: &'w mut Writer,
    /// Domains that get a new revision.
    changed: BTreeSet<DomainRow>,
    open: bool,
    /// Whether the disk was full, which undoes the group.
    full: bool,
}

impl<'w> Group<'w> {
    pub(super) fn new(writer: &'w mut Writer) -> Self {
        Self { writer, changed: BTreeSet::new(), open: true, full: false }
    }

    /// Makes the changes durable. Returns each domain that they changed, with its new revision.
    ///
    /// Costs a sync of the disk, however many changes there are.
    ///
    /// # Errors
    /// See [`Group`]. After [`Error::Store`] the changes may be on the disk or not: open the store again to
    /// know.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.remove(list.row, "+905050047824")?;
    /// let revisions = group.commit()?;
    /// assert_eq!((revisions.len(), revisions[0].0), (1, list.domain));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn commit(mut self) -> Result<Vec<(DomainRow, u64)>> {
        self.end()
    }

    /// As [`Group::commit`], but leaves the changes in the log. Copying a large group takes longer than
    /// committing it, and [`Store::checkpoint`](crate::Store::checkpoint) can copy it beside other work.
    ///
    /// # Errors
    /// See [`Group::commit`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.remove_list(list)?;
    /// group.commit_to_log()?;
    /// assert!(store.checkpoint()?, "on another thread, while this one works on");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn commit_to_log(mut self) -> Result<Vec<(DomainRow, u64)>> {
        self.write(|db| file::keep_log(db, true))?;
        let revisions = self.end();
        // The changes are made by now. If the setting cannot be restored, give the writer up instead.
        if self.writer.db().and_then(|db| file::keep_log(db, false)).is_err() {
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

    /// Undoes the changes, and reports whether that succeeded. Dropping the group undoes them too.
    ///
    /// # Errors
    /// See [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.remove_list(list)?;
    /// group.rollback()?;
    /// assert!(store.read(|reader| reader.list_at(list))?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rollback(mut self) -> Result<()> {
        self.open = false;
        self.write(|db| db.run("ROLLBACK", []).map(drop))
    }

    /// A view of the store with the changes of this group.
    ///
    /// # Errors
    /// [`callbar::Error::Poisoned`] after a failed write.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.remove_list(list)?;
    /// assert!(group.reader()?.list_at(list)?.is_none(), "gone in this group");
    /// assert!(store.read(|reader| reader.list_at(list))?.is_some(), "still there for others");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reader(&self) -> Result<Reader<'_>> {
        self.db().map(Reader::new)
    }

    /// Makes a change. A failure poisons the writer, unless the disk was full.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
        let result = self.db().and_then(change);
        match result {
            // Nothing was synced, so the disk holds what was committed before.
            Err(Error::DiskFull { .. }) => {
                self.full = true;
                self.undo();
            }
            Err(Error::Store { .. } | Error::NotAStore { .. }) => self.writer.poison(),
            _ => {}
        }
        result
    }

    /// Ends the transaction, unless the database has ended it.
    fn undo(&mut self) {
        self.open = false;
        if let Ok(db) = self.writer.db()
            && !db.is_autocommit()
            && db.run("ROLLBACK", []).is_err()
        {
            self.writer.poison();
        }
    }

    /// Gives the domain a new revision with the commit.
    pub(super) fn touch(&mut self, domain: DomainRow) {
        self.changed.insert(domain);
    }

    /// The connection, inside the group's transaction.
    fn db(&self) -> Result<Db<'_>> {
        let db = self.writer.db()?;
        // SQLite ends the transaction by itself after some failures, also while it reads. A later write
        // would be durable at once and alone.
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

/// Gives the domains their new revisions. A domain that was removed gets none.
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
