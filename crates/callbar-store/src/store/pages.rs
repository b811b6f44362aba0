//! Reads entries: one, a page, a count, or all of a list.

use rusqlite::types::Value;

use super::db::{after, after_prefix, below, int};
use super::{
    Direction, DomainRow, EntryRow, ListRow, Made, Place, Reader, StoredEntry, chunks, ids, rows,
    sql,
};
use crate::Result;
use callbar::EntryId;

impl Reader<'_> {
    /// The entry of this key.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn entry(&self, list: ListRow, key: &str) -> Result<Option<StoredEntry>> {
        self.db.one(sql::ENTRY, (list.get(), key), rows::entry)
    }

    /// The entry of this id, with its list: one look-up for each list of the domain. An id may be on
    /// several lists; this gives one of them.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn entry_of_id(
        &self,
        domain: DomainRow,
        id: EntryId,
    ) -> Result<Option<(ListRow, StoredEntry)>> {
        let given = self.db.one(sql::ENTRY_OF_GIVEN_ID, (domain.get(), id.bytes()), |row| {
            Ok((ListRow::new(row.get(8)?), rows::entry(row)?))
        })?;
        if given.is_some() {
            return Ok(given);
        }
        for list in self.db.all(sql::LIST_ROWS, [domain.get()], |row| row.get(0))? {
            let list = ListRow::new(list);
            if let Some(entry) = self.entry_of_own_id(list, id)? {
                return Ok(Some((list, entry)));
            }
        }
        Ok(None)
    }

    /// The entry of this id on a list.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn entry_with_id(&self, list: ListRow, id: EntryId) -> Result<Option<StoredEntry>> {
        let given = (list.get(), id.bytes());
        match self.db.one(sql::ENTRY_WITH_GIVEN_ID, given, rows::entry)? {
            None => self.entry_of_own_id(list, id),
            given => Ok(given),
        }
    }

    /// The entry of a list whose id follows from its place, if this is such an id.
    fn entry_of_own_id(&self, list: ListRow, id: EntryId) -> Result<Option<StoredEntry>> {
        let Some(Place { created, seq }) = ids::place(list, id) else { return Ok(None) };
        self.db.one(sql::ENTRY_AT, (list.get(), int(created), int(seq)), rows::entry)
    }

    /// How many entries of a list were made then.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn count(&self, list: ListRow, made: &Made) -> Result<u64> {
        self.ranks(list, made).map(|(low, high)| high - low)
    }

    /// How many entries come before those that were made then, and before their end.
    pub(super) fn ranks(&self, list: ListRow, made: &Made) -> Result<(u64, u64)> {
        let low = match made.from {
            None => 0,
            from => chunks::before(self.db, list, from)?,
        };
        Ok((low, chunks::before(self.db, list, made.until)?.max(low)))
    }

    /// The entries of a list that were made then, without the first `offset`; at most `limit`. Walks
    /// the counts of some thousand chunks at ten million entries, and none for the first page.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn page(
        &self,
        list: ListRow,
        made: &Made,
        direction: Direction,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        if offset == 0 {
            return self.page_after(list, made, direction, None, limit);
        }
        let (low, high) = self.ranks(list, made)?;
        if offset >= high - low {
            return Ok(Vec::new());
        }
        let rank = match direction {
            Direction::Ascending => low + offset,
            Direction::Descending => high - 1 - offset,
        };
        let Some(place) = chunks::at(self.db, list, rank)? else { return Ok(Vec::new()) };
        self.page_from(list, made, direction, (int(place.created), int(place.seq)), limit)
    }

    /// The entries of a list that were made then, after the one at a place, in the direction read;
    /// at most `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn page_after(
        &self,
        list: ListRow,
        made: &Made,
        direction: Direction,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let after = after.map(|place| (int(place.created), int(place.seq)));
        let first = match direction {
            Direction::Ascending => {
                let first = (int(made.from.unwrap_or_default()), 0);
                after.map_or(first, |(created, seq)| first.max((created, seq + 1)))
            }
            Direction::Descending => {
                let first = (below(made.until) - 1, i64::MAX);
                after.map_or(first, |(created, seq)| first.min((created, seq - 1)))
            }
        };
        self.page_from(list, made, direction, first, limit)
    }

    /// Those from the place `first` on, itself included.
    pub(super) fn page_from(
        &self,
        list: ListRow,
        made: &Made,
        direction: Direction,
        first: (i64, i64),
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let (sql, bound) = match direction {
            Direction::Ascending => (sql::PAGE_UP, below(made.until)),
            Direction::Descending => (sql::PAGE_DOWN, int(made.from.unwrap_or_default())),
        };
        self.db.all(sql, (list.get(), first.0, first.1, bound, limit), rows::entry)
    }

    /// The entries of a list whose keys begin with `prefix`, by key, after a key in the direction
    /// read; at most `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn by_key(
        &self,
        list: ListRow,
        prefix: &str,
        direction: Direction,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let (sql, low, high) = match (direction, after) {
            (Direction::Ascending, None) => (sql::KEYS_UP, prefix.to_owned(), after_prefix(prefix)),
            (Direction::Ascending, Some(key)) => {
                (sql::KEYS_UP, self::after(key).max(prefix.to_owned()), after_prefix(prefix))
            }
            (Direction::Descending, after) => {
                (sql::KEYS_DOWN, prefix.to_owned(), least(after, after_prefix(prefix)))
            }
        };
        self.db.all(sql, (list.get(), low, high, limit), rows::entry)
    }

    /// The entries of a list whose numbers, as written, begin with `prefix`, by number and key, after
    /// a number and key in the direction read; at most `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn by_number(
        &self,
        list: ListRow,
        prefix: &str,
        direction: Direction,
        after: Option<(&str, &str)>,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let end = after_prefix(prefix);
        match direction {
            Direction::Ascending => {
                let first = after.map(|(number, key)| (number, self::after(key)));
                let (number, key) = first.unwrap_or_default().max((prefix, String::new()));
                self.db.all(sql::NUMBERS_UP, (list.get(), number, key, end, limit), rows::entry)
            }
            Direction::Descending => {
                let number = least(after.map(|(number, _)| number), end);
                // The end of the prefix has no key.
                let key = after.filter(|after| number == Value::Text(after.0.to_owned()));
                let key = key.map_or("", |(_, key)| key);
                self.db.all(
                    sql::NUMBERS_DOWN,
                    (list.get(), number, key, prefix, limit),
                    rows::entry,
                )
            }
        }
    }

    /// Reads all entries of a list, by key: for an index that is built anew. Keeps none of them.
    ///
    /// # Errors
    /// Those of `each`, which ends it; and see [`Reader`].
    pub fn each_by_key(
        &self,
        list: ListRow,
        each: impl FnMut(EntryRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.each(sql::ALL_BY_KEY, list, each)
    }

    /// Reads all entries of a list, by place: for an export. Keeps none of them.
    ///
    /// # Errors
    /// Those of `each`, which ends it; and see [`Reader`].
    pub fn each_by_made(
        &self,
        list: ListRow,
        each: impl FnMut(EntryRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.each(sql::ALL_BY_PLACE, list, each)
    }

    fn each(
        &self,
        sql: &str,
        list: ListRow,
        mut each: impl FnMut(EntryRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.db
            .find(sql, [list.get()], |row| {
                each(self.db.check(rows::borrowed(row))?)?;
                Ok(None::<()>)
            })
            .map(|_| ())
    }
}

/// The lesser of a text and of what ends a prefix.
fn least(text: Option<&str>, end: Value) -> Value {
    match (text, &end) {
        (Some(text), Value::Text(end)) if text < end.as_str() => Value::Text(text.to_owned()),
        (Some(text), Value::Blob(_)) => Value::Text(text.to_owned()),
        _ => end,
    }
}
