//! Puts entries on one list, one or many at a time.

use rusqlite::CachedStatement;

use super::db::{Db, cut, int, uint};
use super::{DomainRow, ListRow, NewEntry, Place, Put, Reader, StoredEntry, chunks, sql};
use crate::{EntryId, Error, Note, Outcome, Result};

/// The domain of a list, and the place that its next entry gets in the order of arrival.
pub(super) fn tally(db: Db<'_>, list: ListRow) -> Result<(DomainRow, u64)> {
    let read = |row: &rusqlite::Row<'_>| Ok((DomainRow::new(row.get(0)?), uint(row, 1)?));
    db.one(sql::LIST_TALLY, [list.get()], read)?.ok_or(Error::Gone { what: "list" })
}

/// Entries that are put on one list, of which the list and its chunks learn at the end.
pub(super) struct Batch<'c> {
    db: Db<'c>,
    list: ListRow,
    domain: DomainRow,
    /// Never 0, which no entry can be made at: a clock may be behind 1970.
    now: u64,
    next_seq: u64,
    added: u64,
    moves: Vec<(Place, i64)>,
}

/// A row that is to be added.
struct Row<'a> {
    entry: NewEntry<'a>,
    id: EntryId,
    place: Place,
}

impl<'c> Batch<'c> {
    pub(super) fn new(db: Db<'c>, list: ListRow, now: u64) -> Result<Self> {
        let (domain, next_seq) = tally(db, list)?;
        Ok(Self { db, list, domain, now: cut(now.max(1)), next_seq, added: 0, moves: Vec::new() })
    }

    /// Puts an entry on the list.
    pub(super) fn put(&mut self, new: &NewEntry<'_>) -> Result<Put> {
        let row = self.row(new);
        if self.add(&row)? {
            return Ok(self.added(&row));
        }
        self.put_again(row)
    }

    /// Puts entries on the list that are in the order of their keys, no two of one key, each run of
    /// them by one statement: much of what a statement costs does not depend on how many rows it has.
    pub(super) fn put_runs(
        &mut self,
        entries: &[NewEntry<'_>],
        runs: &[[usize; sql::ROWS]],
        tell: &mut impl FnMut(usize, Put),
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
                tell(index, put);
            }
        }
        Ok(())
    }

    /// Adds a run of rows, without those whose key or id is there; returns whether none was.
    fn add_run(&self, add: &mut CachedStatement<'_>, rows: &[Row<'_>; sql::ROWS]) -> Result<bool> {
        let mut column = 1;
        let mut bind = |value: &dyn rusqlite::ToSql| {
            column += 1;
            add.raw_bind_parameter(column, value)
        };
        for Row { entry, id, place } in rows {
            let note = &entry.note;
            let bound = bind(&entry.key)
                .and_then(|()| bind(&entry.number))
                .and_then(|()| bind(&id.bytes()))
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

    /// Whether this row of the run was added.
    fn is_here(&self, row: &Row<'_>) -> Result<bool> {
        let here = Reader::new(self.db).entry(self.list, row.entry.key)?;
        Ok(here.is_some_and(|here| here.seq == row.place.seq))
    }

    /// The row for a new entry, with its times as the row will hold them.
    fn row<'a>(&mut self, new: &NewEntry<'a>) -> Row<'a> {
        let created = new.note.created.map(cut);
        let note = Note { created, expires: new.note.expires.map(cut), ..new.note };
        let place = Place { created: created.unwrap_or(self.now), seq: self.next_seq };
        self.next_seq += 1;
        let id = note.id.unwrap_or_else(|| self.new_id(place, 0));
        Row { entry: NewEntry { note, ..*new }, id, place }
    }

    /// Adds a row unless its key or id is there.
    fn add(&self, Row { entry, id, place }: &Row<'_>) -> Result<bool> {
        let Note { expires, reason, source, .. } = entry.note;
        let (list, id) = (self.list.get(), id.bytes());
        let (created, seq) = (int(place.created), int(place.seq));
        let expires = expires.map(int);
        let row = (list, entry.key, entry.number, id, created, seq, expires, reason, source);
        Ok(self.db.run(sql::ENTRY_ADD, row)? == 1)
    }

    fn added(&mut self, row: &Row<'_>) -> Put {
        self.added += 1;
        self.moves.push((row.place, 1));
        Put { outcome: Outcome::Added, id: row.id }
    }

    /// Puts an entry on the list of which the key or the id is there.
    fn put_again(&mut self, mut row: Row<'_>) -> Result<Put> {
        if let Some(old) = Reader::new(self.db).entry(self.list, row.entry.key)? {
            return self.replace(&old, &row.entry);
        }
        let mut attempt = 0;
        while !self.add(&row)? {
            row.id = self.new_id(row.place, attempt);
            attempt += 1;
        }
        Ok(self.added(&row))
    }

    fn replace(&mut self, old: &StoredEntry, new: &NewEntry<'_>) -> Result<Put> {
        let id = match new.note.id {
            Some(id) if id != old.id && !self.has(id)? => id,
            _ => old.id,
        };
        let created = new.note.created.unwrap_or(old.created);
        let note = Note { id: Some(id), created: Some(created), ..new.note };
        if old.row() == (NewEntry { note, ..*new }) {
            return Ok(Put { outcome: Outcome::Unchanged, id });
        }
        let Note { expires, reason, source, .. } = note;
        let (list, at, expires) = (self.list.get(), int(created), expires.map(int));
        let row = (list, new.key, new.number, id.bytes(), at, expires, reason, source);
        self.db.run(sql::ENTRY_SET, row)?;
        if created != old.created {
            self.moves.push((old.place(), -1));
            self.moves.push((Place { created, ..old.place() }, 1));
        }
        Ok(Put { outcome: Outcome::Replaced, id })
    }

    /// Whether an entry of the list has this id.
    fn has(&self, id: EntryId) -> Result<bool> {
        let holder = (self.list.get(), id.bytes());
        self.db.one(sql::ID_HOLDER, holder, |_| Ok(())).map(|found| found.is_some())
    }

    /// An id for the entry at this place: the time, in four bytes, where other systems' users read
    /// it; the list; and the place in the order of arrival. Only one that was given from outside can
    /// equal it; the next attempt differs then.
    fn new_id(&self, place: Place, attempt: u64) -> EntryId {
        let time = u32::try_from(place.created).unwrap_or(u32::MAX).to_be_bytes();
        let rest = (self.list.get().cast_unsigned().wrapping_add(attempt) << 40)
            | (place.seq & 0xff_ffff_ffff);
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&time);
        bytes[4..].copy_from_slice(&rest.to_be_bytes());
        EntryId::new(bytes).unwrap_or_else(|| self.new_id(place, attempt + 1))
    }

    /// Tells the list and its chunks; returns its domain.
    pub(super) fn finish(self) -> Result<DomainRow> {
        if self.added > 0 {
            let count = (self.list.get(), int(self.added), int(self.next_seq));
            self.db.run(sql::LIST_COUNT, count)?;
        }
        chunks::apply(self.db, self.list, self.moves)?;
        Ok(self.domain)
    }
}
