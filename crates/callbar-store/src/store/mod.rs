//! The durable truth: domains, lists, entries, credentials and the audit log, in one `SQLite` file.
//!
//! [`Store::open`] opens or creates the file. [`Store::read`] gives any thread a consistent [`Reader`].
//! The one [`Writer`] makes changes in a [`Group`]. When [`Group::commit`] returns, the whole group is on
//! the disk. Before that, nothing of it is. A full disk undoes a group. After any other failed write the
//! writer refuses to write until the store is opened again, because nobody knows what the disk holds.
//!
//! A list may have ten million entries: a look-up, a page, a count and a change read a few pages of the
//! file, whatever its size. `chunks.rs` explains how a page is found by its number.
//!
//! The store knows nothing of telephone numbers. Its caller gives every entry a key, and two entries with
//! the same key are one entry. The store keeps other processes from writing only while a group is open;
//! the manager locks the directory. The store removes expired entries only when it is asked to. Until
//! then, methods that take a time, such as [`Reader::live_page`], leave them out, and others return them.
//!
//! All times are seconds since 1970 (UTC).
//!
//! | file | holds |
//! | --- | --- |
//! | `records` | what callers give and get |
//! | `reader/` | reading: domains, lists, credentials, the log; entries and pages of them |
//! | `writer/` | writing: the one writer, groups, entries, settings, cleanup |
//! | `backup` | copying a store while it is in use |
//! | `file` | the file: creating it, migrations, connections to it |
//! | `connection` | one connection: cached statements, integers, our errors |
//! | `sql`, `decode` | every statement, and rows turned into records |
//! | `chunks` | counts that find the place of a page |
//! | `entry_ids` | ids that follow from an entry's place |
//!
//! **Invariant:** nothing here knows of an engine or its indexes.

mod backup;
mod chunks;
mod connection;
mod decode;
mod entry_ids;
mod file;
mod reader;
mod records;
mod sql;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;

pub use self::reader::Reader;
pub use self::records::{
    AuditEvent, AuditRecord, CreatedRange, Credential, CredentialKind, CredentialRow, Direction,
    DomainRow, DomainSettings, EntryRef, ExpiredEntries, IsReadable, ListRow, ListSettings,
    NewCredential, Place, PutOutcome, Role, StoredDomain, StoredEntry, StoredList,
};
pub use self::writer::{Group, Writer};

use self::connection::Db;
use self::writer::WriterSlot;
use crate::Result;

/// The name of the file in a data directory.
const FILE_NAME: &str = "store.sqlite";

/// Connections that are kept open for the next readers. More are closed after use.
const IDLE_CONNECTIONS_MAX: usize = 16;

/// The store of a data directory.
///
/// Any number of threads read it at the same time with [`Store::read`]. One [`Writer`] at a time changes
/// it. A [`Manager`](crate::Manager) has a store of its own and is its writer: use a store alone for
/// tools that need no engine.
///
/// # Examples
/// ```
/// use callbar::{Action, Note};
/// use callbar_store::{DomainSettings, EntryRef, ListSettings, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let directory = tempfile::tempdir()?;
/// let store = Store::open(directory.path())?;
/// let now = 1_790_000_000;
///
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let (domain, _) = group.put_domain("my.example", &DomainSettings::default(), now)?;
/// let deny = ListSettings { action: Action::Deny, response: None, description: "" };
/// let (list, _) = group.put_list(domain, "spam", &deny, now)?;
/// let entry = EntryRef { key: "+905050047824", number: "0505 004 78 24", note: Note::default() };
/// group.put(list, &entry, now, &|_| true)?;
/// group.commit()?; // durable from here on
///
/// let found = store.read(|reader| {
///     let domain = reader.require_domain("My.Example")?;
///     let list = reader.require_list(domain.row, "spam")?;
///     reader.entry(list.row, "+905050047824")
/// })?;
/// assert_eq!(found.expect("the entry").number, "0505 004 78 24");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Copies the log into the file. While it is open, readers find the log there.
    checkpointer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    writer_slot: Arc<WriterSlot>,
}

impl Store {
    /// Opens the store of a directory, which must exist. Creates the file if there is none, with mode
    /// 0600, and migrates the file of an older release.
    ///
    /// # Errors
    /// [`callbar::Error::Io`] if the file cannot be created; [`Error::NotAStore`](crate::Error::NotAStore)
    /// if something else has its name; [`Error::NewerStore`](crate::Error::NewerStore) if a newer release
    /// wrote it; [`Error::Store`](crate::Error::Store) if the database fails.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// assert!(!Store::exists(data));
    /// let store = Store::open(data)?;
    /// assert!(Store::exists(data) && store.path().starts_with(data));
    /// assert!(store.read(|reader| reader.domains())?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE_NAME);
        let checkpointer = file::prepare(&path)?;
        Ok(Self {
            checkpointer: Mutex::new(checkpointer),
            idle: Mutex::default(),
            writer_slot: Arc::new(WriterSlot::new(path.clone())?),
            path,
        })
    }

    /// Reports whether a directory has a store, readable or not. Opens nothing.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// assert!(!Store::exists(data));
    /// Store::open(data)?;
    /// assert!(Store::exists(data));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn exists(directory: &Path) -> bool {
        directory.join(FILE_NAME).symlink_metadata().is_ok()
    }

    /// The path of its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the writer. There is one at a time; drop it to make room for another.
    ///
    /// # Errors
    /// [`callbar::Error::Locked`] if there is a writer already; [`callbar::Error::Poisoned`] if a write
    /// failed since the store was opened; [`Error::Store`](crate::Error::Store) if the database fails.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Error, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let writer = store.writer()?;
    /// assert!(matches!(store.writer(), Err(Error::Engine(callbar::Error::Locked { .. }))));
    /// drop(writer);
    /// assert!(store.writer().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn writer(&self) -> Result<Writer> {
        self.writer_slot.claim()?;
        Writer::new(Arc::clone(&self.writer_slot))
    }

    /// Calls `read` with one consistent view of what was committed last, and returns its result.
    ///
    /// Readers never wait for a writer or for each other. But the log cannot shrink while one of them
    /// reads, so return within minutes.
    ///
    /// # Errors
    /// Those of `read`, and [`Error::Store`](crate::Error::Store) if the database fails.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let lists = store.read(|reader| reader.lists(reader.require_domain_row("my.example")?))?;
    /// let names: Vec<&str> = lists.iter().map(|list| &*list.name).collect();
    /// assert_eq!(names, ["spam", "vip"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().pop();
        let connection = idle.map_or_else(|| file::connect_reader(&self.path), Ok)?;
        let db = Db::new(&connection, &self.path);
        db.run("BEGIN", [])?;
        let result = read(&Reader::new(db));
        db.run("COMMIT", [])?;
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(connection);
        }
        result
    }

    /// Copies committed changes from the log into the file, so that a later commit need not. Other
    /// threads may read and write meanwhile. Call it after a large import, or after some thousand
    /// commits.
    ///
    /// Returns true if everything was copied, so that the next commit starts the log anew.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) if the database fails.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// assert!(store.checkpoint()?, "nobody reads, so everything was copied");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn checkpoint(&self) -> Result<bool> {
        let checkpointer = self.checkpointer.lock();
        let counts = Db::new(&checkpointer, &self.path).one(
            "PRAGMA wal_checkpoint(PASSIVE)",
            [],
            |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
        )?;
        Ok(counts.is_some_and(|(in_log, copied)| in_log == copied))
    }
}

/// Every statement that reads or writes rows, with its name. A test shows that none walks the entries.
#[doc(hidden)]
#[must_use]
pub fn statements() -> &'static [(&'static str, &'static str)] {
    sql::ALL
}
