//! Knows how many entries of a list come before any one of them, without counting them.
//!
//! The entries of a list have an order, their [`Place`]s. It is cut into chunks: each begins at a
//! place and ends where the next one begins, and its row has its exact count. The first chunk begins
//! at the very first place there can be, so each place belongs to just one chunk.
//!
//! A count is the sum of whole chunks and a part of one, counted in the index; so is the way to the
//! page of a given number. Ten million entries have some four thousand chunks, whose rows fill a
//! hundred pages of the file.
//!
//! - No chunk has more than [`MAX`] entries: it is cut into equal parts then.
//! - No two neighbours have less than [`FULL`] between them: the emptier joins the other, so that
//!   what many removals leave is not many small chunks.
//! - A list without entries has no chunks.

use rusqlite::Row;

use super::connection::{Db, below, int, uint};
use super::{ListRow, Place, sql};
use crate::Result;

/// The most entries of a chunk, as one look-up within it walks them.
const MAX: u64 = 4096;
/// The entries that a chunk has after a cut at most, so that it is not cut again soon.
const FULL: u64 = 3072;
/// Below this, a chunk looks for a neighbour to join.
const FEW: u64 = 1024;

#[derive(Clone, Copy)]
struct Chunk {
    first: Place,
    count: u64,
}

/// How many entries of a list were made before that time; all of them without one.
pub(super) fn before(db: Db<'_>, list: ListRow, time: Option<u64>) -> Result<u64> {
    let sum = |end: (i64, i64)| {
        let params = (list.get(), end.0, end.1);
        db.one(sql::CHUNKS_BEFORE, params, |row| uint(row, 0)).map(Option::unwrap_or_default)
    };
    let Some(time) = time else { return sum((i64::MAX, i64::MAX)) };
    let end = (list.get(), int(time), 0);
    let Some(split) = db.one(sql::CHUNK_BEFORE, end, chunk)? else { return Ok(0) };
    let within = (list.get(), int(split.first.created), int(split.first.seq), below(Some(time)));
    let part = db.one(sql::PLACES_IN, within, |row| uint(row, 0))?.unwrap_or_default();
    Ok(sum((int(split.first.created), int(split.first.seq)))? + part)
}

/// The place of the entry that `rank` others come before; `None` if there are not so many.
pub(super) fn at(db: Db<'_>, list: ListRow, rank: u64) -> Result<Option<Place>> {
    let mut rest = rank;
    let chunk = db.find(sql::CHUNKS, [list.get()], |row| {
        let chunk = db.check(chunk(row))?;
        if rest < chunk.count {
            return Ok(Some(chunk));
        }
        rest -= chunk.count;
        Ok(None)
    })?;
    chunk.map(|chunk| from(db, list, chunk.first, rest)).transpose()
}

/// Entries of a list have come (1) to these places or gone (-1) from them.
pub(super) fn apply(db: Db<'_>, list: ListRow, mut moves: Vec<(Place, i64)>) -> Result<()> {
    moves.sort_unstable();
    let mut moves = moves.into_iter().peekable();
    while let Some(&(place, _)) = moves.peek() {
        let found = db.one(sql::CHUNK_OF, params(list, place), chunk)?;
        let mut chunk = found.unwrap_or(Chunk { first: Place::default(), count: 0 });
        let next = after(db, list, chunk.first)?;
        while let Some((_, change)) =
            moves.next_if(|&(place, _)| next.is_none_or(|next| place < next.first))
        {
            // Wraps below zero where one place is left and taken: the sum counts.
            chunk.count = chunk.count.wrapping_add_signed(change);
        }
        if chunk.count.cast_signed() < 0 {
            return Err(db.damaged("fewer entries on a list than its chunks count"));
        }
        settle(db, list, chunk, next)?;
    }
    Ok(())
}

/// Writes down a chunk of which the count is new.
fn settle(db: Db<'_>, list: ListRow, chunk: Chunk, next: Option<Chunk>) -> Result<()> {
    if chunk.count > MAX {
        return cut(db, list, chunk);
    }
    if chunk.count >= FEW {
        return set(db, list, chunk);
    }
    // An empty one must go whatever its neighbour has.
    let room = |other: &Chunk| chunk.count == 0 || chunk.count + other.count <= FULL;
    if let Some(before) = db.one(sql::CHUNK_BEFORE, params(list, chunk.first), self::chunk)?
        && room(&before)
    {
        drop(db, list, chunk)?;
        return set(db, list, Chunk { count: before.count + chunk.count, ..before });
    }
    if let Some(next) = next
        && room(&next)
    {
        drop(db, list, next)?;
        return set(db, list, Chunk { count: chunk.count + next.count, ..chunk });
    }
    if chunk.count == 0 { drop(db, list, chunk) } else { set(db, list, chunk) }
}

/// Cuts a chunk into the fewest parts that are not over-full, all of about one size.
fn cut(db: Db<'_>, list: ListRow, chunk: Chunk) -> Result<()> {
    let parts = chunk.count.div_ceil(FULL);
    let mut first = chunk.first;
    let mut left = chunk.count;
    for part in 0..parts {
        let count = left / (parts - part);
        left -= count;
        set(db, list, Chunk { first, count })?;
        if left > 0 {
            first = from(db, list, first, count)?;
        }
    }
    Ok(())
}

/// The place `steps` entries after that of the first entry from `place` on.
fn from(db: Db<'_>, list: ListRow, place: Place, steps: u64) -> Result<Place> {
    let params = (list.get(), int(place.created), int(place.seq), int(steps));
    let read = |row: &Row<'_>| Ok(Place { created: uint(row, 0)?, seq: uint(row, 1)? });
    let found = db.one(sql::PLACE_AT, params, read)?;
    found.ok_or_else(|| db.damaged("fewer entries on a list than its chunks count"))
}

fn after(db: Db<'_>, list: ListRow, place: Place) -> Result<Option<Chunk>> {
    db.one(sql::CHUNK_AFTER, params(list, place), chunk)
}

fn set(db: Db<'_>, list: ListRow, Chunk { first, count }: Chunk) -> Result<()> {
    let params = (list.get(), int(first.created), int(first.seq), int(count));
    db.run(sql::CHUNK_SET, params).map(|_| ())
}

fn drop(db: Db<'_>, list: ListRow, chunk: Chunk) -> Result<()> {
    db.run(sql::CHUNK_DROP, params(list, chunk.first)).map(|_| ())
}

fn params(list: ListRow, place: Place) -> (i64, i64, i64) {
    (list.get(), int(place.created), int(place.seq))
}

fn chunk(row: &Row<'_>) -> rusqlite::Result<Chunk> {
    let first = Place { created: uint(row, 0)?, seq: uint(row, 1)? };
    Ok(Chunk { first, count: uint(row, 2)? })
}
