//! The durable truth: domains, lists, entries, credentials and the log of changes, in one
//! file of `SQLite`.
//!
//! [`Store::open`] makes or opens it. [`Store::read`] gives any thread a consistent [`Reader`]. The one
//! [`Writer`] makes changes in a [`Group`], which is on the disk when [`Group::commit`] returns, or was
//! never there. A full disk undoes a group; after any other write that failed it writes nothing more
//! until the store is opened again, for nobody knows then what the disk holds.
//!
//! Ten million entries on a list are fine: a look-up, a page, a count and a change read a few pages of
//! the file, whatever its size; `chunks.rs` says how a page is found by its number.
//!
//! The store knows nothing of numbers: what makes two of them one entry is its key, which is given.
//! It keeps other processes from writing while a group is open, no longer: who manages a directory
//! locks it. It removes what has expired only when told to, and hides it until then only from those
//! who ask for what exists at a moment, such as [`Reader::live_page`].
//!
//! All times are seconds since 1970.
//!
//! **Invariant:** nothing here knows of an engine or its indexes.

mod backup;
mod batch;
mod chunks;
mod db;
mod entries;
mod failure;
mod group;
mod ids;
mod live;
mod model;
mod open;
mod pages;
mod parties;
mod reader;
mod rows;
mod settings;
mod sql;
mod sweep;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;

pub use batch::Reads;
pub use group::Group;
pub use model::{
    CredentialRow, Direction, DomainRow, DomainSettings, EntryRow, Expired, ListRow, ListSettings,
    Made, Place, Put, StoredDomain, StoredEntry, StoredList,
};
pub use parties::{AuditEvent, AuditRecord, Credential, CredentialKind, NewCredential, Role};
pub use reader::Reader;
pub use writer::Writer;

use crate::Result;
use db::Db;
use writer::Pen;

/// The name of the file in its directory.
const FILE: &str = "store.sqlite";

/// As many connections wait for the next reader; more are closed when theirs has done.
const IDLE: usize = 16;

/// The store of a directory.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Copies the log into the file; and while it is open, readers find the log there.
    keeper: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    pen: Arc<Pen>,
}

impl Store {
    /// Opens the store of a directory, which must exist; makes it if there is none, and brings one of
    /// an older release up to date. Only the owner may read its file.
    ///
    /// # Errors
    /// [`callbar::Error::Io`] and [`Error::Store`](crate::Error::Store);
    /// [`Error::NotAStore`](crate::Error::NotAStore) if something else is there in its place;
    /// [`Error::NewerStore`](crate::Error::NewerStore).
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let keeper = open::prepare(&path)?;
        Ok(Self {
            keeper: Mutex::new(keeper),
            idle: Mutex::default(),
            pen: Arc::new(Pen::new(path.clone())?),
            path,
        })
    }

    /// Whether a directory has a store, in whatever state.
    #[must_use]
    pub fn exists(directory: &Path) -> bool {
        directory.join(FILE).symlink_metadata().is_ok()
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The writer, of which there is one at a time.
    ///
    /// # Errors
    /// [`callbar::Error::Locked`] if there is one;
    /// [`callbar::Error::Poisoned`] if there was one, and it failed;
    /// [`Error::Store`](crate::Error::Store).
    pub fn writer(&self) -> Result<Writer> {
        self.pen.take()?;
        Writer::new(Arc::clone(&self.pen))
    }

    /// Reads from one consistent view of what was committed last. Any number of threads may, and wait
    /// for nobody. The log cannot be emptied in the meantime: be done within minutes.
    ///
    /// # Errors
    /// Those of `read`, and [`Error::Store`](crate::Error::Store).
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().pop();
        let connection = idle.map_or_else(|| open::reader(&self.path), Ok)?;
        let db = Db::new(&connection, &self.path);
        db.run("BEGIN", [])?;
        let result = read(&Reader::new(db));
        db.run("COMMIT", [])?;
        let mut idle = self.idle.lock();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        result
    }

    /// Copies what was committed from the log into the file, so that a commit need not; other
    /// threads may read and write. Of use after some thousand commits and after a large import.
    /// Returns whether all was copied, so that the next commit begins the log anew.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store).
    pub fn checkpoint(&self) -> Result<bool> {
        let keeper = self.keeper.lock();
        let counts =
            Db::new(&keeper, &self.path).one("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
        Ok(counts.is_some_and(|(in_log, copied)| in_log == copied))
    }
}

/// Every statement that reads or writes rows, with its name: for the test that none walks the entries.
#[doc(hidden)]
#[must_use]
pub fn statements() -> &'static [(&'static str, &'static str)] {
    sql::ALL
}
