//! The file of a store: creates it, migrates it, and opens connections to it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::connection::{Db, store_error};
use crate::{Error, Result};

/// Marks the file as a store of callbar, in its header: "call".
const APPLICATION_ID: i32 = 0x6361_6c6c;

/// The statements that make each version of the schema from the one before. The first makes version 1.
const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// How long a connection waits for a lock that another one holds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Room for all statements, so that none is prepared twice.
const STATEMENTS: usize = 128;

/// A commit that leaves more frames than this in the log copies them into the file: 64 MiB.
const LOG_FRAMES: u32 = 16384;

const WRITER_PRAGMAS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -131072;";

const READER_PRAGMAS: &str = "
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;";

/// Creates the file if there is none, migrates it, and returns the connection.
pub(super) fn prepare(path: &Path) -> Result<Connection> {
    // Created here, because SQLite would let all users read it. Its companions get the same mode.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io("create", path)(error)),
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    verify_owner(&connection, path)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| connection.execute_batch(WRITER_PRAGMAS))
        .map_err(store_error(path))?;
    migrate(&mut connection, path, MIGRATIONS)?;
    Ok(connection)
}

/// The connection that writes.
pub(super) fn connect_writer(path: &Path) -> Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch(WRITER_PRAGMAS).map_err(store_error(path))?;
    keep_log(Db::new(&connection, path), false)?;
    Ok(connection)
}

/// With `keep`, commits leave the log to a later checkpoint, however long it grows.
pub(super) fn keep_log(db: Db<'_>, keep: bool) -> Result<()> {
    let frames = if keep { 0 } else { LOG_FRAMES };
    db.one(&format!("PRAGMA wal_autocheckpoint = {frames}"), [], |_| Ok(())).map(drop)
}

/// A connection that reads.
pub(super) fn connect_reader(path: &Path) -> Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch(READER_PRAGMAS).map_err(store_error(path))?;
    Ok(connection)
}

/// A file that `SQLite` keeps beside another, such as its log with the suffix `-wal`.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    refuse_special_files(path)?;
    let open = || {
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(store_error(path))
}

/// Refuses anything but a regular file where `SQLite` opens one by itself. It would wait for a pipe without
/// end, and report a directory as a failed disk.
fn refuse_special_files(path: &Path) -> Result<()> {
    for suffix in ["", "-journal"] {
        let path = companion(path, suffix);
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::NotAStore { path });
        }
    }
    Ok(())
}

/// Refuses the file of another application. An empty file belongs to no application; it may be a half-made store.
fn verify_owner(connection: &Connection, path: &Path) -> Result<()> {
    let facts = || {
        let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: u32 =
            connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((id, tables))
    };
    match facts().map_err(store_error(path))? {
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        _ => Err(Error::NotAStore { path: path.to_owned() }),
    }
}

/// Makes all migrations that are missing, each in a transaction of its own.
fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<()> {
    let supported = migrations.len() as u32;
    loop {
        // The version is read under the lock, because another process may be migrating too.
        let step = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(store_error(path))?;
        let found: u32 = step
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(store_error(path))?;
        if found > supported {
            return Err(Error::NewerStore { path: path.to_owned(), found, supported });
        }
        let Some(migration) = migrations.get(found as usize) else { return Ok(()) };
        step.execute_batch(migration)
            .and_then(|()| step.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| step.pragma_update(None, "user_version", found + 1))
            .and_then(|()| step.commit())
            .map_err(store_error(path))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_made_once_each_and_in_order() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("store.sqlite");
        let mut connection = Connection::open(&path).expect("open");
        let first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)";
        let second = "UPDATE a SET x = x + 10";
        let read = |connection: &Connection| -> i64 {
            connection.query_row("SELECT x FROM a", [], |row| row.get(0)).expect("read")
        };
        migrate(&mut connection, &path, &[first]).expect("migrate");
        assert_eq!(read(&connection), 1);
        for _ in 0..2 {
            migrate(&mut connection, &path, &[first, second]).expect("migrate");
            assert_eq!(read(&connection), 11);
        }
        let error = migrate(&mut connection, &path, &[first]).expect_err("newer");
        assert!(matches!(error, Error::NewerStore { found: 2, supported: 1, .. }), "{error}");
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_before() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("store.sqlite");
        let mut connection = Connection::open(&path).expect("open");
        let broken = "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)";
        let good = "CREATE TABLE a (x)";
        migrate(&mut connection, &path, &[good, broken]).expect_err("broken");
        let version: u32 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("read");
        assert_eq!(version, 1);
        migrate(&mut connection, &path, &[good, "CREATE TABLE b (x)"]).expect("migrate");
    }
}
