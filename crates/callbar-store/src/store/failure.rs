//! Turns the database's errors into ours, which say what to do.

use std::path::Path;

use rusqlite::{Error as Sqlite, ErrorCode};

use crate::{Error, StoreFailure};

/// The error of a database file: `.map_err(failure::at(path))`.
pub(super) fn at(path: &Path) -> impl FnOnce(Sqlite) -> Error {
    move |source| {
        if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            return Error::NotAStore { path: path.to_owned() };
        }
        if source.sqlite_error_code() == Some(ErrorCode::DiskFull) {
            return Error::DiskFull { path: path.to_owned() };
        }
        let failure = failure(&source);
        Error::Store { path: path.to_owned(), failure, source: Box::new(source) }
    }
}

/// A file that contradicts itself.
pub(super) fn damaged(path: &Path, what: &'static str) -> Error {
    Error::Store { path: path.to_owned(), failure: StoreFailure::Damaged, source: what.into() }
}

fn failure(error: &Sqlite) -> StoreFailure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFailure::Busy,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreFailure::Permissions
        }
        Some(ErrorCode::SystemIoFailure) => StoreFailure::Disk,
        // Without a code it is not the database that fails, but what it gave: a word or a length that
        // no release ever wrote.
        Some(ErrorCode::DatabaseCorrupt) | None => StoreFailure::Damaged,
        Some(_) => StoreFailure::Refused,
    }
}
