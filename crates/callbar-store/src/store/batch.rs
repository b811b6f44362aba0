//! Puts entries on one list, one or many at a time.
//!
//! An entry that is there stays as it was first written, if that can still be read: another way of
//! writing it is no change. One that has expired is not there, though its row is: another takes its place, with an id and a time
//! of its own.

use rusqlite::CachedStatement;

use super::db::{Db, cut, int, uint};
use super::{DomainRow, ListRow, NewEntry, Place, Put, Reader, StoredEntry, chunks, ids, sql};
use crate::{Error, Result};
use callbar::{EntryId, Note, Outcome};

/// The domain of a list, and the place that its next entry gets in the order of arrival.
pub(super) fn tally(db: Db<'_>, list: ListRow) -> Result<(DomainRow, u64)> {
    let read = |row: &rusqlite::Row<'_>| Ok((DomainRow::new(row.get(0)?), uint(row, 1)?));
    db.one(sql::LIST_TALLY, [list.get()], read)?.ok_or(Error::Gone { what: "list" })
}

/// Whether the number of an entry, as it is written, is still read as what it is filed under.
pub type Reads<'r> = &'r dyn Fn(&StoredEntry) -> bool;

/// Entries that are put on one list, of which the list and its chunks learn at the end.
pub(super) struct Batch<'c, 'r> {
    db: Db<'c>,
    list: ListRow,
    domain: DomainRow,
    /// Never 0, which no entry can be made at: a clock may be behind 1970.
    now: u64,
    next_seq: u64,
    /// Whether an id that was brought moved it.
    is_moved: bool,
    /// Whether what comes without a note leaves that of an entry which is there alone.
    keeps_notes: bool,
    reads: Reads<'r>,
    /// Rows that have come, less those that went.
    more: i64,
    moves: Vec<(Place, i64)>,
}

/// A row that is to be added.
struct Row<'a> {
    entry: NewEntry<'a>,
    id: EntryId,
    place: Place,
}

impl<'c, 'r> Batch<'c, 'r> {
    pub(super) fn new(db: Db<'c>, list: ListRow, now: u64, reads: Reads<'r>) -> Result<Self> {
        let (domain, next_seq) = tally(db, list)?;
        let now = cut(now.max(1));
        let (is_moved, keeps_notes, more, moves) = (false, false, 0, Vec::new());
        Ok(Self { db, list, domain, now, next_seq, is_moved, keeps_notes, reads, more, moves })
    }

    /// The same for entries of which some say nothing but a number, and mean nothing else.
    pub(super) fn keeping_notes(self) -> Self {
        Self { keeps_notes: true, ..self }
    }

    /// Puts an entry on the list.
    pub(super) fn put(&mut self, new: &NewEntry<'_>) -> Result<Put> {
        let row = self.row(new);
        if (self.is_plain(new) || !self.has(row.id)?) && self.add(&row)? {
            return Ok(self.added(&row));
        }
        self.put_again(row)
    }

    /// Puts entries on the list that are in the order of their keys, all of them [`Self::is_plain`]
    /// and no two of one key, each run of them by one statement: much of what a statement costs does
    /// not depend on how many rows it has.
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
                .and_then(|()| bind(&self.kept(*id, *place)))
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
        let created = new.note.created.map(|created| cut(created.max(1)));
        let note = Note { created, expires: new.note.expires.map(cut), ..new.note };
        let place = Place { created: created.unwrap_or(self.now), seq: self.next_seq };
        self.next_seq += 1;
        if let Some(like) = note.id.and_then(|id| ids::place(self.list, id))
            && like.seq >= self.next_seq
        {
            (self.next_seq, self.is_moved) = (like.seq + 1, true);
        }
        let id = note.id.unwrap_or_else(|| ids::made(self.list, place, 0));
        Row { entry: NewEntry { note, ..*new }, id, place }
    }

    /// Whether an entry brings no id that looks like the list's own, which no index knows.
    pub(super) fn is_plain(&self, entry: &NewEntry<'_>) -> bool {
        entry.note.id.is_none_or(|id| ids::place(self.list, id).is_none())
    }

    /// What the row of an entry at this place holds of its id.
    fn kept(&self, id: EntryId, place: Place) -> Option<[u8; 12]> {
        (ids::own(self.list, place) != Some(id)).then(|| id.bytes())
    }

    /// Adds a row unless its key or id is there.
    fn add(&self, Row { entry, id, place }: &Row<'_>) -> Result<bool> {
        let Note { expires, reason, source, .. } = entry.note;
        let (list, id) = (self.list.get(), self.kept(*id, *place));
        let (created, seq) = (int(place.created), int(place.seq));
        let expires = expires.map(int);
        let row = (list, entry.key, entry.number, id, created, seq, expires, reason, source);
        Ok(self.db.run(sql::ENTRY_ADD, row)? == 1)
    }

    fn added(&mut self, row: &Row<'_>) -> Put {
        self.more += 1;
        self.moves.push((row.place, 1));
        Put { outcome: Outcome::Added, id: row.id }
    }

    /// Puts an entry on the list of which the key or the id is there.
    fn put_again(&mut self, mut row: Row<'_>) -> Result<Put> {
        if let Some(old) = Reader::new(self.db).entry(self.list, row.entry.key)? {
            if old.is_live(self.now) {
                return self.replace(&old, &row.entry);
            }
            self.drop(&old)?;
        }
        let mut attempt = 0;
        // Its id may be another's.
        while self.has(row.id)? || !self.add(&row)? {
            row.id = ids::made(self.list, row.place, attempt);
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

    fn replace(&mut self, old: &StoredEntry, new: &NewEntry<'_>) -> Result<Put> {
        let mut outcome = Outcome::Unchanged;
        if old.number != new.number && !(self.reads)(old) {
            self.db.run(sql::ENTRY_REWRITE, (self.list.get(), new.key, new.number))?;
            outcome = Outcome::Replaced;
        }
        if self.keeps_notes && new.note == Note::default() {
            return Ok(Put { outcome, id: old.id });
        }
        let id = match new.note.id {
            Some(id) if id != old.id && !self.has(id)? => id,
            _ => old.id,
        };
        let created = new.note.created.unwrap_or(old.created);
        let note = Note { id: Some(id), created: Some(created), ..new.note };
        if old.row().note == note {
            return Ok(Put { outcome, id });
        }
        let Note { expires, reason, source, .. } = note;
        let (list, at, expires) = (self.list.get(), int(created), expires.map(int));
        let kept = self.kept(id, Place { created, ..old.place() });
        let row = (list, new.key, kept, at, expires, reason, source);
        self.db.run(sql::ENTRY_SET, row)?;
        if created != old.created {
            self.moves.push((old.place(), -1));
            self.moves.push((Place { created, ..old.place() }, 1));
        }
        Ok(Put { outcome: Outcome::Replaced, id })
    }

    /// Whether an entry of the list has this id.
    fn has(&self, id: EntryId) -> Result<bool> {
        Ok(Reader::new(self.db).entry_with_id(self.list, id)?.is_some())
    }

    /// Tells the list and its chunks; returns its domain.
    pub(super) fn finish(self) -> Result<DomainRow> {
        if self.is_moved || !self.moves.is_empty() {
            let count = (self.list.get(), self.more, int(self.next_seq));
            self.db.run(sql::LIST_COUNT, count)?;
        }
        chunks::apply(self.db, self.list, self.moves)?;
        Ok(self.domain)
    }
}
