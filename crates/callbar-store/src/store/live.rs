//! Reads the entries that exist at a moment. Those that have expired stay in the store for some
//! minutes; the index of expiry tells where they are, so that they can be passed over and counted out.
//!
//! Each call goes through the index of all that have expired and are not removed yet, on whatever
//! list: mostly none, and a million in a tenth of a second.

use std::collections::HashMap;

use super::db::{below, int, uint};
use super::{Direction, ListRow, Made, Place, Reader, StoredEntry, chunks, sql};
use crate::Result;

impl Reader<'_> {
    /// How many entries of each list have expired at `now` and are not removed yet; of removed lists,
    /// too.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn expired(&self, now: u64) -> Result<HashMap<ListRow, u64>> {
        let mut expired = HashMap::new();
        self.db.find(sql::EXPIRED_LISTS, [int(now)], |row| {
            *expired.entry(ListRow::new(self.db.check(row.get(0))?)).or_default() += 1;
            Ok(None::<()>)
        })?;
        Ok(expired)
    }

    /// How many entries of a list were made then and exist at `now`.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn live_count(&self, list: ListRow, made: &Made, now: u64) -> Result<u64> {
        Ok(self.count(list, made)? - self.expired_places(list, made, now)?.len() as u64)
    }

    /// As [`Self::page`], of those that exist at `now`: those that do not are neither among the
    /// `offset` nor on the page.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn live_page(
        &self,
        list: ListRow,
        made: &Made,
        direction: Direction,
        offset: u64,
        limit: u32,
        now: u64,
    ) -> Result<Vec<StoredEntry>> {
        let mut expired = self.expired_places(list, made, now)?;
        expired.sort_unstable();
        let Some(first) = self.live_place(list, made, direction, offset, &expired)? else {
            return Ok(Vec::new());
        };
        let first = (int(first.created), int(first.seq));
        let mut page = self.page_from(list, made, direction, first, limit)?;
        let mut live = Vec::new();
        let mut asked = limit;
        loop {
            let end = page.last().map(StoredEntry::place).filter(|_| page.len() == asked as usize);
            live.extend(page.into_iter().filter(|entry| entry.is_live(now)));
            asked = limit - live.len() as u32;
            let (Some(end), 1..) = (end, asked) else { return Ok(live) };
            page = self.page_after(list, made, direction, Some(end), asked)?;
        }
    }

    /// The place of the entry that `offset` others come before which are not among the `expired`.
    fn live_place(
        &self,
        list: ListRow,
        made: &Made,
        direction: Direction,
        offset: u64,
        expired: &[Place],
    ) -> Result<Option<Place>> {
        let (low, high) = self.ranks(list, made)?;
        let mut rank = offset;
        // Each step goes as far as what is passed over so far calls for, so the first that needs no
        // other has found it.
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

    /// The first entries of a list whose numbers, as written, begin with `prefix`, and which exist at
    /// `now`; at most `limit`.
    ///
    /// # Errors
    /// See [`Reader`].
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

    fn expired_places(&self, list: ListRow, made: &Made, now: u64) -> Result<Vec<Place>> {
        let from = int(made.from.unwrap_or_default());
        let params = (list.get(), int(now), from, below(made.until));
        self.db.all(sql::EXPIRED_PLACES, params, |row| {
            Ok(Place { created: uint(row, 0)?, seq: uint(row, 1)? })
        })
    }
}
