//! Turns the database's errors into ours, which say what to do.

use std::path::Path;

use rusqlite::{Error as Sqlite, ErrorCode};

use crate::Error;

/// The error of a database file: `.map_err(failure::at(path))`.
pub(super) fn at(path: &Path) -> impl FnOnce(Sqlite) -> Error {
    move |source| {
        if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            return Error::NotAStore { path: path.to_owned() };
        }
        if source.sqlite_error_code() == Some(ErrorCode::DiskFull) {
            return Error::DiskFull { path: path.to_owned() };
        }
        let reason = reason(&source);
        Error::Store { path: path.to_owned(), reason, source: Box::new(source) }
    }
}

/// A file that contradicts itself.
pub(super) fn damaged(path: &Path, what: &'static str) -> Error {
    Error::Store { path: path.to_owned(), reason: DAMAGED, source: what.into() }
}

const DAMAGED: &str = "the store is damaged: put back a backup";

fn reason(error: &Sqlite) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process is writing to the store: end it, or try again later"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "the store cannot be opened for this: see to the permissions of its directory and files"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk failed: see to it, then open the store again",
        // Without a code it is not the database that fails, but what it gave: a word or a length that
        // no release ever wrote.
        Some(ErrorCode::DatabaseCorrupt) | None => DAMAGED,
        Some(_) => "the database refused",
    }
}
