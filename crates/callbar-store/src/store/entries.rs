//! Puts entries on lists and takes them off.

use super::batch::{Batch, Reads, tally};
use super::db::{Db, int};
use super::{DomainRow, Group, ListRow, NewEntry, Put, Reader, StoredEntry, chunks, sql};
use crate::Result;
use callbar::{EntryId, Outcome};

impl Group<'_> {
    /// Puts an entry on a list, or replaces its metadata if they differ. It stays as it was first
    /// written, unless `reads` says that nobody can read that any more; one that has expired at `now`
    /// is none, and makes room.
    ///
    /// # Errors
    /// [`Error::Gone`](crate::Error::Gone) if the list is; and see [`Group`].
    pub fn put(
        &mut self,
        list: ListRow,
        entry: &NewEntry<'_>,
        now: u64,
        reads: Reads<'_>,
    ) -> Result<Put> {
        let (domain, put) = self.write(|db| {
            let mut batch = Batch::new(db, list, now, reads)?;
            let put = batch.put(entry)?;
            Ok((batch.finish()?, put))
        })?;
        if put.outcome != Outcome::Unchanged {
            self.touch(domain);
        }
        Ok(put)
    }

    /// Puts many entries on a list, and tells of each what it came to, with its place among
    /// `entries`. It goes through them by key, since that is how the file keeps them, and at the end
    /// through those that cannot go with others: calls of some hundred thousand entries are several
    /// times as fast as short ones if they come in no order. Of two with one key the later one's
    /// metadata stay; but one that has none leaves those of an entry that is there alone.
    ///
    /// # Errors
    /// [`Error::Gone`](crate::Error::Gone) if the list is; and see [`Group`].
    pub fn put_many(
        &mut self,
        list: ListRow,
        entries: &[NewEntry<'_>],
        now: u64,
        reads: Reads<'_>,
        mut each: impl FnMut(usize, Put),
    ) -> Result<()> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&index| entries[index].key);
        let (domain, changed) = self.write(|db| {
            let mut batch = Batch::new(db, list, now, reads)?.keeping_notes();
            let mut changed = false;
            let mut tell = |index, put: Put| {
                changed |= put.outcome != Outcome::Unchanged;
                each(index, put);
            };
            let (first, other) = apart(&batch, entries, order);
            let (runs, rest) = first.as_chunks();
            batch.put_runs(entries, runs, &mut tell)?;
            for &index in rest.iter().chain(&other) {
                tell(index, batch.put(&entries[index])?);
            }
            Ok((batch.finish()?, changed))
        })?;
        if changed {
            self.touch(domain);
        }
        Ok(())
    }

    /// Takes the entry of this key off a list; returns it if it was there.
    ///
    /// # Errors
    /// [`Error::Gone`](crate::Error::Gone) if the list is; and see [`Group`].
    pub fn remove(&mut self, list: ListRow, key: &str) -> Result<Option<StoredEntry>> {
        let (domain, old) = self.write(|db| {
            let (domain, _) = tally(db, list)?;
            let old = Reader::new(db).entry(list, key)?;
            if let Some(old) = &old {
                drop_entry(db, list, old)?;
            }
            Ok((domain, old))
        })?;
        if old.is_some() {
            self.touch(domain);
        }
        Ok(old)
    }

    /// Takes the entries of these keys off a list; returns those that were there. Many at once are
    /// several times as fast as one by one.
    ///
    /// # Errors
    /// [`Error::Gone`](crate::Error::Gone) if the list is; and see [`Group`].
    pub fn remove_many(&mut self, list: ListRow, keys: &[&str]) -> Result<Vec<StoredEntry>> {
        let (domain, removed) = self.write(|db| {
            let (domain, _) = tally(db, list)?;
            let mut removed = Vec::with_capacity(keys.len());
            for key in keys {
                let Some(old) = Reader::new(db).entry(list, key)? else { continue };
                db.run(sql::ENTRY_DROP, (list.get(), key))?;
                removed.push(old);
            }
            db.run(sql::LIST_LESS, (list.get(), int(removed.len() as u64)))?;
            chunks::apply(db, list, removed.iter().map(|old| (old.place(), -1)).collect())?;
            Ok((domain, removed))
        })?;
        if !removed.is_empty() {
            self.touch(domain);
        }
        Ok(removed)
    }

    /// Takes the entry of this id off its list; returns the list and it if it was there. If several
    /// lists of the domain have one of this id, only one loses it.
    ///
    /// # Errors
    /// See [`Group`].
    pub fn remove_id(
        &mut self,
        domain: DomainRow,
        id: EntryId,
    ) -> Result<Option<(ListRow, StoredEntry)>> {
        let old = self.write(|db| {
            let old = Reader::new(db).entry_of_id(domain, id)?;
            if let Some((list, old)) = &old {
                drop_entry(db, *list, old)?;
            }
            Ok(old)
        })?;
        if old.is_some() {
            self.touch(domain);
        }
        Ok(old)
    }
}

/// The first of each key if they are plain, and the others, all as they were in `order`.
fn apart(
    batch: &Batch<'_, '_>,
    entries: &[NewEntry<'_>],
    order: Vec<usize>,
) -> (Vec<usize>, Vec<usize>) {
    let mut last = None;
    order.into_iter().partition(|&index| {
        let entry = &entries[index];
        last.replace(entry.key) != Some(entry.key) && batch.is_plain(entry)
    })
}

fn drop_entry(db: Db<'_>, list: ListRow, entry: &StoredEntry) -> Result<()> {
    db.run(sql::ENTRY_DROP, (list.get(), &entry.key))?;
    db.run(sql::LIST_LESS, (list.get(), 1))?;
    chunks::apply(db, list, vec![(entry.place(), -1)])
}
