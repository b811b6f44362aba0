//! Removes expired entries, rows of removed lists and old log lines, a slice at a time, so that no change
//! waits long.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::Group;
use crate::Result;
use crate::store::connection::{int, uint};
use crate::store::{ExpiredEntries, ListRow, Place, Reader, chunks, sql};

impl Group<'_> {
    /// Removes entries that have expired at `now`, the first expired first, at most `limit` (and at least 1).
    ///
    /// # Errors
    /// See [`Group`].
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
    /// assert!(group.remove_expired(now - 1, 100)?.entries.is_empty());
    /// assert_eq!(group.remove_expired(now, 100)?.entries.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_expired(&mut self, now: u64, limit: u32) -> Result<ExpiredEntries> {
        let limit = limit.max(1);
        let mut domains = Vec::new();
        let expired = self.write(|db| {
            let rows = db.all(sql::EXPIRED, (int(now), limit), |row| {
                let place = Place { created: uint(row, 2)?, seq: uint(row, 3)? };
                Ok((ListRow::new(row.get(0)?), row.get::<_, String>(1)?, place))
            })?;
            let more = rows.len() == limit as usize;
            let mut lists: BTreeMap<ListRow, Vec<(String, Place)>> = BTreeMap::new();
            for (list, key, place) in rows {
                db.run(sql::ENTRY_DROP, (list.get(), &key))?;
                lists.entry(list).or_default().push((key, place));
            }
            let mut entries = Vec::new();
            for (list, gone) in lists {
                // A removed list has no count of entries.
                if let Some(live) = Reader::new(db).list_at(list)? {
                    db.run(sql::LIST_LESS, (list.get(), int(gone.len() as u64)))?;
                    let moves = gone.iter().map(|&(_, place)| (place, -1)).collect();
                    chunks::apply(db, list, moves)?;
                    entries.extend(gone.into_iter().map(|(key, _)| (list, key)));
                    domains.push(live.domain);
                }
            }
            Ok(ExpiredEntries { entries, more })
        })?;
        for domain in domains {
            self.touch(domain);
        }
        Ok(expired)
    }

    /// Deletes the rows that removed lists left, at most `limit`. Returns true if there are more.
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
    /// while group.purge(1_000)? {}
    /// assert!(!group.purge(1_000)?, "nothing is left");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn purge(&mut self, limit: u32) -> Result<bool> {
        self.write(|db| {
            let next = || db.one(sql::REMOVED_NEXT, [], |row| row.get::<_, i64>(0));
            let Some(list) = next()? else { return Ok(false) };
            let end = db.one(sql::PURGE_UNTIL, (list, limit.max(1)), |row| row.get(0))?;
            let more = end.is_some();
            // An empty blob comes after all keys.
            db.run(sql::PURGE, (list, end.map_or(Value::Blob(Vec::new()), Value::Text)))?;
            if more {
                return Ok(true);
            }
            db.run(sql::REMOVED_DROP, [list])?;
            Ok(next()?.is_some())
        })
    }

    /// Removes lines of the audit log that are older than `before`, the oldest first, at most `limit`.
    /// Returns how many it removed.
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
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// assert_eq!(group.prune_audit(1_000_000_000, 1_000)?, 0, "no line is of 2001");
    /// assert!(group.prune_audit(u64::MAX, 1_000)? > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn prune_audit(&mut self, before: u64, limit: u32) -> Result<u64> {
        self.write(|db| db.run(sql::AUDIT_PRUNE, (int(before), limit)).map(|rows| rows as u64))
    }
}
