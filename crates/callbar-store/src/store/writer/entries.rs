//! Puts entries on lists and takes them off, one or many at a time.
//!
//! An entry keeps the text that it was first written with, as long as that text can be read: another way
//! of writing it is no change. An expired entry does not exist, though its row does: a new entry takes its
//! place, with a new id and a new time of creation.

use rusqlite::CachedStatement;

use super::Group;
use crate::store::connection::{Db, cut, int, uint};
use crate::store::{
    DomainRow, EntryRef, IsReadable, ListRow, Place, PutOutcome, Reader, StoredEntry, chunks,
    entry_ids, sql,
};
use crate::{Error, Result};
use callbar::{EntryId, Note, Outcome};

impl Group<'_> {
    /// Puts an entry on a list, or replaces its note if that differs. An entry that is there keeps its text
    /// if `is_readable` returns true for it. An entry that has expired at `now` is replaced as if it were
    /// not there.
    ///
    /// # Errors
    /// [`Error::Gone`] if the list is gone; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Note, Outcome};
    /// use callbar_store::{EntryRef, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let entry = EntryRef { key: "+905050047825", number: "0505 004 78 25", note: Note::default() };
    /// assert_eq!(group.put(list, &entry, now, &|_| true)?.outcome, Outcome::Added);
    /// assert_eq!(group.put(list, &entry, now, &|_| true)?.outcome, Outcome::Unchanged);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put(
        &mut self,
        list: ListRow,
        entry: &EntryRef<'_>,
        now: u64,
        is_readable: IsReadable<'_>,
    ) -> Result<PutOutcome> {
        self.change(|db| {
            let mut batch = Batch::new(db, list, now, is_readable)?;
            let put = batch.put(entry)?;
            Ok((batch.finish()?, put))
        })
    }

    /// Puts many entries on a list. Calls `each` for each of them, with its index in `entries` and its
    /// result, in no particular order.
    ///
    /// Of two entries with one key, the note of the later one stays. An entry with an empty note changes no
    /// note.
    ///
    /// Entries are written in the order of their keys, because the file keeps them so. If they come in no
    /// order, a call with some hundred thousand entries is several times as fast as many short calls.
    ///
    /// # Errors
    /// As [`Group::put`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Note, Outcome};
    /// use callbar_store::{EntryRef, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let entry = |key, number| EntryRef { key, number, note: Note::default() };
    /// let entries = [entry("+905050047825", "0505 004 78 25"), entry("+905050047824", "0505 004 78 24")];
    /// let mut added = 0;
    /// group.put_many(list, &entries, now, &|_| true, |_, put| {
    ///     added += u32::from(put.outcome == Outcome::Added);
    /// })?;
    /// assert_eq!(added, 1, "the other one was there");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_many(
        &mut self,
        list: ListRow,
        entries: &[EntryRef<'_>],
        now: u64,
        is_readable: IsReadable<'_>,
        mut each: impl FnMut(usize, PutOutcome),
    ) -> Result<()> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&index| entries[index].key);
        self.change(|db| {
            let mut batch = Batch::new(db, list, now, is_readable)?;
            batch.keeps_notes = true;
            // The first entry of each key, if it is plain, and the others.
            let mut last = None;
            let (first, other): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&index| {
                let entry = &entries[index];
                last.replace(entry.key) != Some(entry.key) && batch.is_plain(entry)
            });
            let (runs, rest) = first.as_chunks();
            batch.put_runs(entries, runs, &mut each)?;
            for &index in rest.iter().chain(&other) {
                each(index, batch.put(&entries[index])?);
            }
            Ok((batch.finish()?, ()))
        })
    }

    /// Removes the entry of this key from a list. Returns it; `None` if it was not there.
    ///
    /// # Errors
    /// As [`Group::put`].
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
    /// let removed = group.remove(list, "+905050047824")?;
    /// assert_eq!(removed.map(|entry| entry.number).as_deref(), Some("0505 004 78 24"));
    /// assert_eq!(group.remove(list, "+905050047824")?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&mut self, list: ListRow, key: &str) -> Result<Option<StoredEntry>> {
        self.change(|db| {
            let (domain, _) = domain_and_next_seq(db, list)?;
            let old = Reader::new(db).entry(list, key)?;
            if let Some(old) = &old {
                drop_entry(db, list, old)?;
            }
            Ok((old.is_some().then_some(domain), old))
        })
    }

    /// Removes the entries of these keys from a list. Returns those that were there. Several times as fast
    /// as one call for each.
    ///
    /// # Errors
    /// As [`Group::put`].
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
    /// let removed = group.remove_many(list, &["+905050047824", "+905050047825"])?;
    /// assert_eq!(removed.len(), 1, "the other one was not there");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_many(&mut self, list: ListRow, keys: &[&str]) -> Result<Vec<StoredEntry>> {
        self.change(|db| {
            let (domain, _) = domain_and_next_seq(db, list)?;
            let mut removed = Vec::with_capacity(keys.len());
            for key in keys {
                let Some(old) = Reader::new(db).entry(list, key)? else { continue };
                db.run(sql::ENTRY_DROP, (list.get(), key))?;
                removed.push(old);
            }
            db.run(sql::LIST_LESS, (list.get(), int(removed.len() as u64)))?;
            chunks::apply(db, list, removed.iter().map(|old| (old.place(), -1)).collect())?;
            Ok(((!removed.is_empty()).then_some(domain), removed))
        })
    }

    /// Removes the entry of this id from its list. Returns the list and the entry; `None` if it was not
    /// there. If several lists of the domain have an entry of this id, one of them loses it.
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
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// let entry = store.read(|reader| reader.entry(list.row, "+905050047824"))?.expect("it is there");
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// assert_eq!(group.remove_id(list.domain, entry.id())?, Some((list.row, entry)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_id(
        &mut self,
        domain: DomainRow,
        id: EntryId,
    ) -> Result<Option<(ListRow, StoredEntry)>> {
        self.change(|db| {
            let old = Reader::new(db).entry_of_id(domain, id)?;
            if let Some((list, old)) = &old {
                drop_entry(db, *list, old)?;
            }
            Ok((old.is_some().then_some(domain), old))
        })
    }
}

/// The domain of a list, and the number of its next arrival.
fn domain_and_next_seq(db: Db<'_>, list: ListRow) -> Result<(DomainRow, u64)> {
    let read = |row: &rusqlite::Row<'_>| Ok((DomainRow::new(row.get(0)?), uint(row, 1)?));
    db.one(sql::LIST_TALLY, [list.get()], read)?.ok_or(Error::Gone { what: "list" })
}

/// Entries that are put on one list. The counts of the list and of its chunks are updated at the end.
struct Batch<'c, 'r> {
    db: Db<'c>,
    list: ListRow,
    domain: DomainRow,
    /// Never 0, which no entry may have as its time of creation: a clock may be behind 1970.
    now: u64,
    next_seq: u64,
    /// Whether a given id moved `next_seq`.
    is_moved: bool,
    /// Whether an empty note leaves the note of an entry alone.
    keeps_notes: bool,
    /// Whether the list has another entry or note than before.
    is_changed: bool,
    is_readable: IsReadable<'r>,
    /// Rows that were added, less those that were removed.
    more: i64,
    moves: Vec<(Place, i64)>,
}

/// A row to be added.
struct NewRow<'a> {
    entry: EntryRef<'a>,
    id: EntryId,
    place: Place,
}

impl<'c, 'r> Batch<'c, 'r> {
    fn new(db: Db<'c>, list: ListRow, now: u64, is_readable: IsReadable<'r>) -> Result<Self> {
        let (domain, next_seq) = domain_and_next_seq(db, list)?;
        Ok(Self {
            db,
            list,
            domain,
            now: cut(now.max(1)),
            next_seq,
            is_moved: false,
            keeps_notes: false,
            is_changed: false,
            is_readable,
            more: 0,
            moves: Vec::new(),
        })
    }

    /// Puts an entry on the list.
    fn put(&mut self, new: &EntryRef<'_>) -> Result<PutOutcome> {
        let row = self.row(new);
        if (self.is_plain(new) || !self.has(row.id)?) && self.add(&row)? {
            return Ok(self.added(&row));
        }
        self.put_again(row)
    }

    /// Puts runs of entries on the list, each with one statement, because much of the cost of a statement
    /// does not depend on its number of rows. The entries must be in the order of their keys, without two
    /// of one key, and each must be [`Self::is_plain`].
    fn put_runs(
        &mut self,
        entries: &[EntryRef<'_>],
        runs: &[[usize; sql::ROWS]],
        each: &mut impl FnMut(usize, PutOutcome),
    ) -> Result<()> {
        if runs.is_empty() {
            return Ok(());
        }
        let mut add = self.db.prepare(&sql::entries_add())?;
        for run in runs {
            let rows = run.map(|index| self.row(&entries[index]));
            let whole = self.add_run(&mut add, &rows)?;
            for (&index, row) in run.iter().zip(rows) {
                let put = if whole || self.is_here(&row)? {
                    self.added(&row)
                } else {
                    self.put_again(row)?
                };
                each(index, put);
            }
        }
        Ok(())
    }

    /// Adds the rows of a run whose key and id are not there. Returns true if all were added.
    fn add_run(
        &self,
        add: &mut CachedStatement<'_>,
        rows: &[NewRow<'_>; sql::ROWS],
    ) -> Result<bool> {
        let mut column = 1;
        let mut bind = |value: &dyn rusqlite::ToSql| {
            column += 1;
            add.raw_bind_parameter(column, value)
        };
        for NewRow { entry, id, place } in rows {
            let note = &entry.note;
            let bound = bind(&entry.key)
                .and_then(|()| bind(&entry.number))
                .and_then(|()| bind(&self.id_in_row(*id, *place)))
                .and_then(|()| bind(&int(place.created)))
                .and_then(|()| bind(&int(place.seq)))
                .and_then(|()| bind(&note.expires.map(int)))
                .and_then(|()| bind(&note.reason))
                .and_then(|()| bind(&note.source));
            self.db.check(bound)?;
        }
        self.db.check(add.raw_bind_parameter(1, self.list.get()))?;
        Ok(self.db.check(add.raw_execute())? == sql::ROWS)
    }

    /// Reports whether this row of the run was added.
    fn is_here(&self, row: &NewRow<'_>) -> Result<bool> {
        let here = Reader::new(self.db).entry(self.list, row.entry.key)?;
        Ok(here.is_some_and(|here| here.place.seq == row.place.seq))
    }

    /// The row for a new entry, with its times as the row will hold them.
    fn row<'a>(&mut self, new: &EntryRef<'a>) -> NewRow<'a> {
        let created = new.note.created.map(|created| cut(created.max(1)));
        let note = Note { created, expires: new.note.expires.map(cut), ..new.note };
        let place = Place { created: created.unwrap_or(self.now), seq: self.next_seq };
        self.next_seq += 1;
        if let Some(like) = note.id.and_then(|id| entry_ids::to_place(self.list, id))
            && like.seq >= self.next_seq
        {
            (self.next_seq, self.is_moved) = (like.seq + 1, true);
        }
        let id = note.id.unwrap_or_else(|| entry_ids::generate(self.list, place, 0));
        NewRow { entry: EntryRef { note, ..*new }, id, place }
    }

    /// Reports whether an entry brings no id that looks like the list's own. No index of the database has
    /// such ids.
    fn is_plain(&self, entry: &EntryRef<'_>) -> bool {
        entry.note.id.is_none_or(|id| entry_ids::to_place(self.list, id).is_none())
    }

    /// The id as the row holds it: nothing if it follows from the place.
    fn id_in_row(&self, id: EntryId, place: Place) -> Option<[u8; 12]> {
        (entry_ids::from_place(self.list, place) != Some(id)).then(|| id.bytes())
    }

    /// Adds a row unless its key or id is there. Returns true if it was added.
    fn add(&self, NewRow { entry, id, place }: &NewRow<'_>) -> Result<bool> {
        let Note { expires, reason, source, .. } = entry.note;
        let (list, id) = (self.list.get(), self.id_in_row(*id, *place));
        let (created, seq) = (int(place.created), int(place.seq));
        let expires = expires.map(int);
        let row = (list, entry.key, entry.number, id, created, seq, expires, reason, source);
        Ok(self.db.run(sql::ENTRY_ADD, row)? == 1)
    }

    fn added(&mut self, row: &NewRow<'_>) -> PutOutcome {
        self.is_changed = true;
        self.more += 1;
        self.moves.push((row.place, 1));
        PutOutcome { outcome: Outcome::Added, id: row.id }
    }

    /// Puts an entry on the list whose key or id is there already.
    fn put_again(&mut self, mut row: NewRow<'_>) -> Result<PutOutcome> {
        if let Some(old) = Reader::new(self.db).entry(self.list, row.entry.key)? {
            if old.is_live(self.now) {
                let put = self.replace(&old, &row.entry)?;
                self.is_changed |= put.outcome != Outcome::Unchanged;
                return Ok(put);
            }
            self.drop(&old)?;
        }
        let mut attempt = 0;
        // Another entry may have its id.
        while self.has(row.id)? || !self.add(&row)? {
            row.id = entry_ids::generate(self.list, row.place, attempt);
            attempt += 1;
        }
        Ok(self.added(&row))
    }

    fn drop(&mut self, old: &StoredEntry) -> Result<()> {
        self.db.run(sql::ENTRY_DROP, (self.list.get(), &old.key))?;
        self.more -= 1;
        self.moves.push((old.place(), -1));
        Ok(())
    }

    fn replace(&mut self, old: &StoredEntry, new: &EntryRef<'_>) -> Result<PutOutcome> {
        let mut outcome = Outcome::Unchanged;
        if old.number != new.number && !(self.is_readable)(old) {
            self.db.run(sql::ENTRY_REWRITE, (self.list.get(), new.key, new.number))?;
            outcome = Outcome::Replaced;
        }
        if self.keeps_notes && new.note == Note::default() {
            return Ok(PutOutcome { outcome, id: old.id() });
        }
        let id = match new.note.id {
            Some(id) if id != old.id() && !self.has(id)? => id,
            _ => old.id(),
        };
        let created = new.note.created.unwrap_or(old.place.created);
        let note = Note { id: Some(id), created: Some(created), ..new.note };
        if old.as_entry_ref().note == note {
            return Ok(PutOutcome { outcome, id });
        }
        let Note { expires, reason, source, .. } = note;
        let (list, at, expires) = (self.list.get(), int(created), expires.map(int));
        let id_in_row = self.id_in_row(id, Place { created, ..old.place() });
        let row = (list, new.key, id_in_row, at, expires, reason, source);
        self.db.run(sql::ENTRY_SET, row)?;
        if created != old.place.created {
            self.moves.push((old.place(), -1));
            self.moves.push((Place { created, ..old.place() }, 1));
        }
        Ok(PutOutcome { outcome: Outcome::Replaced, id })
    }

    /// Reports whether an entry of the list has this id.
    fn has(&self, id: EntryId) -> Result<bool> {
        Ok(Reader::new(self.db).entry_with_id(self.list, id)?.is_some())
    }

    /// Updates the counts of the list and its chunks. Returns its domain if the list changed.
    fn finish(self) -> Result<Option<DomainRow>> {
        if self.is_moved || !self.moves.is_empty() {
            let count = (self.list.get(), self.more, int(self.next_seq));
            self.db.run(sql::LIST_COUNT, count)?;
        }
        chunks::apply(self.db, self.list, self.moves)?;
        Ok(self.is_changed.then_some(self.domain))
    }
}

fn drop_entry(db: Db<'_>, list: ListRow, entry: &StoredEntry) -> Result<()> {
    db.run(sql::ENTRY_DROP, (list.get(), &entry.key))?;
    db.run(sql::LIST_LESS, (list.get(), 1))?;
    chunks::apply(db, list, vec![(entry.place(), -1)])
}
