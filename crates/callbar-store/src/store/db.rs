//! One connection, as all operations use it: cached statements, our errors, our integers.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Params, Row};

use super::failure;
use crate::{Error, Result};

/// A connection and the file it is of.
#[derive(Clone, Copy)]
pub(super) struct Db<'c> {
    connection: &'c Connection,
    path: &'c Path,
}

impl<'c> Db<'c> {
    pub(super) fn new(connection: &'c Connection, path: &'c Path) -> Self {
        Self { connection, path }
    }

    /// The first thing that `read` finds among the rows.
    pub(super) fn find<T>(
        self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params).map_err(failure::at(self.path))?;
        while let Some(row) = rows.next().map_err(failure::at(self.path))? {
            if let Some(found) = read(row)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first row.
    pub(super) fn one<T>(
        self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.find(sql, params, |row| read(row).map(Some).map_err(failure::at(self.path)))
    }

    /// All rows.
    pub(super) fn all<T>(
        self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.find(sql, params, |row| {
            all.push(read(row).map_err(failure::at(self.path))?);
            Ok(None::<()>)
        })?;
        Ok(all)
    }

    /// Changes rows, and says how many.
    pub(super) fn run(self, sql: &str, params: impl Params) -> Result<usize> {
        self.prepare(sql)?.execute(params).map_err(failure::at(self.path))
    }

    /// Adds a row, and says which.
    pub(super) fn insert(self, sql: &str, params: impl Params) -> Result<i64> {
        self.prepare(sql)?.insert(params).map_err(failure::at(self.path))
    }

    pub(super) fn prepare(self, sql: &str) -> Result<CachedStatement<'c>> {
        self.connection.prepare_cached(sql).map_err(failure::at(self.path))
    }

    /// Our error for one of this connection's.
    pub(super) fn check<T>(self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(failure::at(self.path))
    }

    pub(super) fn damaged(self, what: &'static str) -> Error {
        failure::damaged(self.path, what)
    }

    /// Whether no transaction is open.
    pub(super) fn is_autocommit(self) -> bool {
        self.connection.is_autocommit()
    }
}

/// The latest time and the greatest count that rows hold; one below what bounds them.
const GREATEST: u64 = i64::MAX as u64 - 1;

/// What a row will hold of this.
pub(super) fn cut(value: u64) -> u64 {
    value.min(GREATEST)
}

/// As a row holds it.
pub(super) fn int(value: u64) -> i64 {
    cut(value).cast_signed()
}

/// An upper bound: what is below it, or everything.
pub(super) fn below(bound: Option<u64>) -> i64 {
    bound.map_or(i64::MAX, int)
}

/// A column that holds a time or a count.
pub(super) fn uint(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// A column that holds a time, or nothing.
pub(super) fn optional_uint(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let value: Option<i64> = row.get(column)?;
    let read = |value| {
        u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
    };
    value.map(read).transpose()
}

/// A column of which this release knows what to make, or not.
pub(super) fn known<T>(column: usize, value: Option<T>) -> rusqlite::Result<T> {
    value.ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Null,
            "a value of no meaning".into(),
        )
    })
}

/// What comes after all texts that begin with `prefix`: the least text that does, or, if there is
/// none, an empty blob, which sorts after every text.
pub(super) fn after_prefix(prefix: &str) -> Value {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Texts sort by their UTF-8 bytes, hence by their characters' numbers.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Value::Text(end);
        }
    }
    Value::Blob(Vec::new())
}

/// The least text that comes after `text`.
pub(super) fn after(text: &str) -> String {
    format!("{text}\0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_character() {
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(after_prefix("+90"), text("+91"));
        assert_eq!(after_prefix("a\u{7f}"), text("a\u{80}"));
        assert_eq!(after_prefix("a\u{d7ff}"), text("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}\u{10ffff}"), text("b"));
        assert_eq!(after_prefix("\u{10ffff}"), Value::Blob(vec![]));
        assert_eq!(after_prefix(""), Value::Blob(vec![]));
    }
}
