//! Reads entries: one, a page, a count, or all of a list; all that are stored, or those that exist now.
//!
//! An entry that has expired stays in the store for some minutes. The methods whose names begin with
//! `live_` leave it out. Each of them reads the index of all entries that have expired and are still
//! stored, on any list: usually none, and a million in a tenth of a second.

use std::collections::HashMap;

use rusqlite::types::Value;

use super::Reader;
use crate::Result;
use crate::store::connection::{after, after_prefix, below, int, uint};
use crate::store::{
    CreatedRange, Direction, DomainRow, EntryRef, ListRow, Place, StoredEntry, chunks, decode,
    entry_ids, sql,
};
use callbar::EntryId;

impl Reader<'_> {
    /// The entry of this key on a list, expired or not.
    ///
    /// # Errors
    /// See [`Reader`].
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
    /// let entry = store.read(|reader| reader.entry(list, "+905050047824"))?.expect("it is there");
    /// assert_eq!(entry.number, "0505 004 78 24");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entry(&self, list: ListRow, key: &str) -> Result<Option<StoredEntry>> {
        self.db.one(sql::ENTRY, (list.get(), key), decode::entry)
    }

    /// The entry of this id in a domain, with its list. Several lists may have an entry of one id; this
    /// returns one of them. Costs a look-up for each list of the domain.
    ///
    /// # Errors
    /// See [`Reader`].
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
    /// let found = store.read(|reader| reader.entry_of_id(list.domain, entry.id()))?;
    /// assert_eq!(found, Some((list.row, entry)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entry_of_id(
        &self,
        domain: DomainRow,
        id: EntryId,
    ) -> Result<Option<(ListRow, StoredEntry)>> {
        let given = self.db.one(sql::ENTRY_OF_GIVEN_ID, (domain.get(), id.bytes()), |row| {
            Ok((ListRow::new(row.get(8)?), decode::entry(row)?))
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
    /// let entry = store.read(|reader| reader.entry(list, "+905050047824"))?.expect("it is there");
    /// assert_eq!(store.read(|reader| reader.entry_with_id(list, entry.id()))?, Some(entry));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entry_with_id(&self, list: ListRow, id: EntryId) -> Result<Option<StoredEntry>> {
        let given = (list.get(), id.bytes());
        match self.db.one(sql::ENTRY_WITH_GIVEN_ID, given, decode::entry)? {
            None => self.entry_of_own_id(list, id),
            given => Ok(given),
        }
    }

    /// The entry of a list whose id follows from its place, if this is such an id.
    fn entry_of_own_id(&self, list: ListRow, id: EntryId) -> Result<Option<StoredEntry>> {
        let Some(Place { created, seq }) = entry_ids::to_place(list, id) else { return Ok(None) };
        self.db.one(sql::ENTRY_AT, (list.get(), int(created), int(seq)), decode::entry)
    }

    /// How many entries of a list were created in a range of time, expired ones included.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CreatedRange, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// assert_eq!(store.read(|reader| reader.count(list, &CreatedRange::default()))?, 1);
    /// let future = CreatedRange { from: Some(u64::MAX), ..CreatedRange::default() };
    /// assert_eq!(store.read(|reader| reader.count(list, &future))?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn count(&self, list: ListRow, created: &CreatedRange) -> Result<u64> {
        self.ranks(list, created).map(|(low, high)| high - low)
    }

    /// How many entries come before the first of the range, and before its end.
    fn ranks(&self, list: ListRow, created: &CreatedRange) -> Result<(u64, u64)> {
        let low = match created.from {
            None => 0,
            from => chunks::before(self.db, list, from)?,
        };
        Ok((low, chunks::before(self.db, list, created.until)?.max(low)))
    }

    /// A page of a list: the entries created in a range of time, in the order of their places, without
    /// the first `offset`, at most `limit`. Expired entries are included.
    ///
    /// The first page costs the same at any size. A later page of a list of ten million entries adds up
    /// some thousand counts first.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CreatedRange, Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let (all, newest_first) = (CreatedRange::default(), Direction::Descending);
    /// let page = store.read(|reader| reader.page(list, &all, newest_first, 0, 50))?;
    /// assert_eq!((page.len(), &*page[0].number), (1, "0505 004 78 24"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page(
        &self,
        list: ListRow,
        created: &CreatedRange,
        direction: Direction,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        if offset == 0 {
            return self.page_after(list, created, direction, None, limit);
        }
        let (low, high) = self.ranks(list, created)?;
        if offset >= high - low {
            return Ok(Vec::new());
        }
        let rank = match direction {
            Direction::Ascending => low + offset,
            Direction::Descending => high - 1 - offset,
        };
        let Some(place) = chunks::at(self.db, list, rank)? else { return Ok(Vec::new()) };
        self.page_from(list, created, direction, (int(place.created), int(place.seq)), limit)
    }

    /// As [`Reader::page`], but of the entries that follow `after` in the direction of reading. Use the
    /// [`StoredEntry::place`] of the last entry of one page as the `after` of the next: entries that come
    /// and go in between move nothing, and every page costs the same.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CreatedRange, Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let (all, oldest_first) = (CreatedRange::default(), Direction::Ascending);
    /// let (mut after, mut count) = (None, 0);
    /// loop {
    ///     let page = store.read(|reader| reader.page_after(list, &all, oldest_first, after, 50))?;
    ///     let Some(last) = page.last() else { break };
    ///     after = Some(last.place());
    ///     count += page.len();
    /// }
    /// assert_eq!(count, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page_after(
        &self,
        list: ListRow,
        created: &CreatedRange,
        direction: Direction,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let after = after.map(|place| (int(place.created), int(place.seq)));
        let first = match direction {
            Direction::Ascending => {
                let first = (int(created.from.unwrap_or_default()), 0);
                after.map_or(first, |(created, seq)| first.max((created, seq + 1)))
            }
            Direction::Descending => {
                let first = (below(created.until) - 1, i64::MAX);
                after.map_or(first, |(created, seq)| first.min((created, seq - 1)))
            }
        };
        self.page_from(list, created, direction, first, limit)
    }

    /// The entries from the place `first` on, inclusive.
    fn page_from(
        &self,
        list: ListRow,
        created: &CreatedRange,
        direction: Direction,
        first: (i64, i64),
        limit: u32,
    ) -> Result<Vec<StoredEntry>> {
        let (sql, bound) = match direction {
            Direction::Ascending => (sql::PAGE_UP, below(created.until)),
            Direction::Descending => (sql::PAGE_DOWN, int(created.from.unwrap_or_default())),
        };
        self.db.all(sql, (list.get(), first.0, first.1, bound, limit), decode::entry)
    }

    /// The entries of a list whose keys begin with `prefix`, in the order of their keys, at most `limit`;
    /// with `after`, those that follow that key in the direction of reading. Expired entries are included.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let begins = |prefix| {
    ///     store.read(|reader| reader.by_key(list, prefix, Direction::Ascending, None, 50))
    /// };
    /// assert_eq!(begins("+90505")?.len(), 1);
    /// assert!(begins("+49")?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        self.db.all(sql, (list.get(), low, high, limit), decode::entry)
    }

    /// The entries of a list whose numbers, as written, begin with `prefix`, in the order of number and
    /// key, at most `limit`; with `after`, those that follow that number and key in the direction of
    /// reading. Expired entries are included.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let begins = |prefix| {
    ///     store.read(|reader| reader.by_number(list, prefix, Direction::Ascending, None, 50))
    /// };
    /// assert_eq!(begins("0505")?.len(), 1, "as written, with its trunk prefix");
    /// assert!(begins("+90505")?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
                self.db.all(sql::NUMBERS_UP, (list.get(), number, key, end, limit), decode::entry)
            }
            Direction::Descending => {
                let number = least(after.map(|(number, _)| number), end);
                // The end of the prefix has no key.
                let key = after.filter(|after| number == Value::Text(after.0.to_owned()));
                let key = key.map_or("", |(_, key)| key);
                self.db.all(
                    sql::NUMBERS_DOWN,
                    (list.get(), number, key, prefix, limit),
                    decode::entry,
                )
            }
        }
    }

    /// Calls `each` with every entry of a list, in the order of their keys, expired ones included. Walks
    /// the whole list and keeps none of it in memory.
    ///
    /// # Errors
    /// The first error of `each`, which ends the walk; and see [`Reader`].
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
    /// let mut numbers = Vec::new();
    /// store.read(|reader| {
    ///     reader.each_by_key(list, |entry| {
    ///         numbers.push(entry.number.to_owned());
    ///         Ok(())
    ///     })
    /// })?;
    /// assert_eq!(numbers, ["0505 004 78 24"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn each_by_key(
        &self,
        list: ListRow,
        each: impl FnMut(EntryRef<'_>) -> Result<()>,
    ) -> Result<()> {
        self.each(sql::ALL_BY_KEY, list, each)
    }

    /// As [`Reader::each_by_key`], in the order of their places: the oldest entry first.
    ///
    /// # Errors
    /// As [`Reader::each_by_key`].
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
    /// let mut created = Vec::new();
    /// store.read(|reader| {
    ///     reader.each_by_place(list, |entry| {
    ///         created.extend(entry.note.created);
    ///         Ok(())
    ///     })
    /// })?;
    /// assert!(created.len() == 1 && created.is_sorted());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn each_by_place(
        &self,
        list: ListRow,
        each: impl FnMut(EntryRef<'_>) -> Result<()>,
    ) -> Result<()> {
        self.each(sql::ALL_BY_PLACE, list, each)
    }

    fn each(
        &self,
        sql: &str,
        list: ListRow,
        mut each: impl FnMut(EntryRef<'_>) -> Result<()>,
    ) -> Result<()> {
        self.db
            .find(sql, [list.get()], |row| {
                each(self.db.check(decode::borrowed(row))?)?;
                Ok(None::<()>)
            })
            .map(|_| ())
    }
}

impl Reader<'_> {
    /// For each list, how many of its entries have expired at `now` and are still stored. Lists without
    /// such entries are left out; removed lists may be among them.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
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
    /// let note = Note { expires: Some(now), ..Note::default() };
    /// let entry = EntryRef { key: "+905050047825", number: "0505 004 78 25", note };
    /// group.put(list, &entry, now - 60, &|_| true)?;
    /// assert_eq!(group.reader()?.expired(now)?.get(&list), Some(&1));
    /// assert!(group.reader()?.expired(now - 1)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expired(&self, now: u64) -> Result<HashMap<ListRow, u64>> {
        let mut expired = HashMap::new();
        self.db.find(sql::EXPIRED_LISTS, [int(now)], |row| {
            *expired.entry(ListRow::new(self.db.check(row.get(0))?)).or_default() += 1;
            Ok(None::<()>)
        })?;
        Ok(expired)
    }

    /// How many entries of a list were created in a range of time and have not expired at `now`.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
    /// use callbar_store::{CreatedRange, EntryRef, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let note = Note { expires: Some(now), ..Note::default() };
    /// let entry = EntryRef { key: "+905050047825", number: "0505 004 78 25", note };
    /// group.put(list, &entry, now - 60, &|_| true)?;
    /// let count = |now| group.reader()?.live_count(list, &CreatedRange::default(), now);
    /// assert_eq!((count(now - 1)?, count(now)?), (2, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn live_count(&self, list: ListRow, created: &CreatedRange, now: u64) -> Result<u64> {
        Ok(self.count(list, created)? - self.expired_places(list, created, now)?.len() as u64)
    }

    /// As [`Reader::page`], without entries that have expired at `now`: they count neither for `offset`
    /// nor for `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CreatedRange, Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let (all, oldest_first) = (CreatedRange::default(), Direction::Ascending);
    /// let now = 1_790_000_000;
    /// let page = store.read(|reader| reader.live_page(list, &all, oldest_first, 0, 50, now))?;
    /// assert_eq!(page.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn live_page(
        &self,
        list: ListRow,
        created: &CreatedRange,
        direction: Direction,
        offset: u64,
        limit: u32,
        now: u64,
    ) -> Result<Vec<StoredEntry>> {
        let mut expired = self.expired_places(list, created, now)?;
        expired.sort_unstable();
        let Some(first) = self.live_place(list, created, direction, offset, &expired)? else {
            return Ok(Vec::new());
        };
        let first = (int(first.created), int(first.seq));
        let mut page = self.page_from(list, created, direction, first, limit)?;
        let mut live = Vec::new();
        let mut asked = limit;
        loop {
            let end = page.last().map(StoredEntry::place).filter(|_| page.len() == asked as usize);
            live.extend(page.into_iter().filter(|entry| entry.is_live(now)));
            asked = limit - live.len() as u32;
            let (Some(end), 1..) = (end, asked) else { return Ok(live) };
            page = self.page_after(list, created, direction, Some(end), asked)?;
        }
    }

    /// The place of the entry that has `offset` entries before it which are not among the `expired`.
    fn live_place(
        &self,
        list: ListRow,
        created: &CreatedRange,
        direction: Direction,
        offset: u64,
        expired: &[Place],
    ) -> Result<Option<Place>> {
        let (low, high) = self.ranks(list, created)?;
        let mut rank = offset;
        // Each step goes further by the expired entries found so far; the first step that finds no more
        // of them has arrived.
        while rank < high - low {
            let at = match direction {
                Direction::Ascending => low + rank,
                Direction::Descending => high - 1 - rank,
            };
            let Some(place) = chunks::at(self.db, list, at)? else { return Ok(None) };
            let passed = match direction {
                Direction::Ascending => expired.partition_point(|gone| *gone <= place),
                Direction::Descending => {
                    expired.len() - expired.partition_point(|gone| *gone < place)
                }
            };
            if offset + passed as u64 == rank {
                return Ok(Some(place));
            }
            rank = offset + passed as u64;
        }
        Ok(None)
    }

    /// The first entries of a list whose numbers, as written, begin with `prefix`, in the order of number
    /// and key, without those that have expired at `now`; at most `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Direction, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let now = 1_790_000_000;
    /// let found = store.read(|reader| reader.live_by_number(list, "0505", Direction::Ascending, 50, now))?;
    /// assert_eq!(found.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn live_by_number(
        &self,
        list: ListRow,
        prefix: &str,
        direction: Direction,
        limit: u32,
        now: u64,
    ) -> Result<Vec<StoredEntry>> {
        let (mut live, mut end): (Vec<StoredEntry>, Option<StoredEntry>) = (Vec::new(), None);
        loop {
            let asked = limit - live.len() as u32;
            let after = end.as_ref().map(|end| (end.number.as_str(), end.key.as_str()));
            let page = self.by_number(list, prefix, direction, after, asked)?;
            end = page.last().filter(|_| page.len() == asked as usize).cloned();
            live.extend(page.into_iter().filter(|entry| entry.is_live(now)));
            if end.is_none() || live.len() == limit as usize {
                return Ok(live);
            }
        }
    }

    fn expired_places(
        &self,
        list: ListRow,
        created: &CreatedRange,
        now: u64,
    ) -> Result<Vec<Place>> {
        let from = int(created.from.unwrap_or_default());
        let params = (list.get(), int(now), from, below(created.until));
        self.db.all(sql::EXPIRED_PLACES, params, |row| {
            Ok(Place { created: uint(row, 0)?, seq: uint(row, 1)? })
        })
    }
}

/// The smaller one of a text and the end of a prefix.
fn least(text: Option<&str>, end: Value) -> Value {
    match (text, &end) {
        (Some(text), Value::Text(end)) if text < end.as_str() => Value::Text(text.to_owned()),
        (Some(text), Value::Blob(_)) => Value::Text(text.to_owned()),
        _ => end,
    }
}
