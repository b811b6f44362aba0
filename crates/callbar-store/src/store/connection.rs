//! One connection to the database: cached statements, our integers, and its errors turned into ours.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{CachedStatement, Connection, Error as SqliteError, ErrorCode, Params, Row};

use crate::{Error, Result, StoreFailure};

/// A connection, with the path of its file.
#[derive(Clone, Copy)]
pub(super) struct Db<'c> {
    connection: &'c Connection,
    path: &'c Path,
}

impl<'c> Db<'c> {
    pub(super) fn new(connection: &'c Connection, path: &'c Path) -> Self {
        Self { connection, path }
    }

    /// Calls `read` for each row until it returns something.
    pub(super) fn find<T>(
        self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params).map_err(store_error(self.path))?;
        while let Some(row) = rows.next().map_err(store_error(self.path))? {
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
        self.find(sql, params, |row| read(row).map(Some).map_err(store_error(self.path)))
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
            all.push(read(row).map_err(store_error(self.path))?);
            Ok(None::<()>)
        })?;
        Ok(all)
    }

    /// Changes rows and returns how many.
    pub(super) fn run(self, sql: &str, params: impl Params) -> Result<usize> {
        self.prepare(sql)?.execute(params).map_err(store_error(self.path))
    }

    /// Adds a row and returns its number.
    pub(super) fn insert(self, sql: &str, params: impl Params) -> Result<i64> {
        self.prepare(sql)?.insert(params).map_err(store_error(self.path))
    }

    pub(super) fn prepare(self, sql: &str) -> Result<CachedStatement<'c>> {
        self.connection.prepare_cached(sql).map_err(store_error(self.path))
    }

    /// Turns an error of this connection into ours.
    pub(super) fn check<T>(self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(store_error(self.path))
    }

    /// The error of a file that contradicts itself.
    pub(super) fn damaged(self, what: &'static str) -> Error {
        let path = self.path.to_owned();
        Error::Store { path, failure: StoreFailure::Damaged, source: what.into() }
    }

    /// Reports whether no transaction is open.
    pub(super) fn is_autocommit(self) -> bool {
        self.connection.is_autocommit()
    }
}

/// The greatest time and count that rows hold. An upper bound may be one more.
const GREATEST: u64 = i64::MAX as u64 - 1;

/// The value that a row will hold.
pub(super) fn cut(value: u64) -> u64 {
    value.min(GREATEST)
}

/// A value as a row holds it.
pub(super) fn int(value: u64) -> i64 {
    cut(value).cast_signed()
}

/// An exclusive upper bound; without one, everything is below it.
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
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => uint(row, column).map(Some),
    }
}

/// The value of a column; `None` is an error, because no release writes such a column.
pub(super) fn known<T>(column: usize, value: Option<T>) -> rusqlite::Result<T> {
    value.ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Null,
            "a value of no meaning".into(),
        )
    })
}

/// The smallest text after all texts that begin with `prefix`. If there is none, an empty blob, which
/// sorts after every text.
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

/// The smallest text after `text`.
pub(super) fn after(text: &str) -> String {
    format!("{text}\0")
}

/// Turns an error of the database into ours: `.map_err(store_error(path))`.
pub(super) fn store_error(path: &Path) -> impl FnOnce(SqliteError) -> Error {
    move |source| {
        let path = path.to_owned();
        let failure = match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => return Error::NotAStore { path },
            Some(ErrorCode::DiskFull) => return Error::DiskFull { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFailure::Busy,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                StoreFailure::Permissions
            }
            Some(ErrorCode::SystemIoFailure) => StoreFailure::Disk,
            // Without a code it is not the database that failed. It returned a word or a length that no
            // release writes.
            Some(ErrorCode::DatabaseCorrupt) | None => StoreFailure::Damaged,
            Some(_) => StoreFailure::Refused,
        };
        Error::Store { path, failure, source: Box::new(source) }
    }
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
