//! The one writer of a store, and what it does after a failed write.
//!
//! | file | holds |
//! | --- | --- |
//! | `group` | changes that become durable together |
//! | `settings` | domains, lists, credentials, lines of the audit log |
//! | `entries` | entries, one or many at a time |
//! | `cleanup` | removes what has expired or was dropped, a slice at a time |

mod cleanup;
mod entries;
mod group;
mod settings;

pub use self::group::Group;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::connection::Db;
use super::{DomainRow, file};
use crate::{Error, Result, StoreFailure};

/// The place of the one writer of a store. It outlives the writer, and remembers a failed write.
#[derive(Debug)]
pub(super) struct WriterSlot {
    path: PathBuf,
    /// The file that has the path. A writer would not write to another file in its place.
    file: FileId,
    claimed: AtomicBool,
    poisoned: AtomicBool,
}

impl WriterSlot {
    /// # Errors
    /// [`callbar::Error::Io`]
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        let file = FileId::from_path(&path).map_err(Error::io("open", &path))?;
        Ok(Self { path, file, claimed: AtomicBool::default(), poisoned: AtomicBool::default() })
    }

    pub(super) fn claim(&self) -> Result<()> {
        self.check()?;
        if self.claimed.swap(true, Ordering::AcqRel) {
            return Err(Error::Engine(callbar::Error::Locked {
                path: self.path.clone(),
                holder: Some(process::id()),
            }));
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.poisoned.load(Ordering::Acquire) {
            return Err(Error::Engine(callbar::Error::Poisoned { path: self.path.clone() }));
        }
        Ok(())
    }
}

/// The identity of a file, whatever name it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn from_path(path: &Path) -> io::Result<Self> {
        path.metadata().map(|file| Self(file.dev(), file.ino()))
    }
}

/// The one writer of a [`Store`](crate::Store). It makes changes, a [`Group`] at a time.
///
/// After a failed write it is poisoned and writes nothing more, because nobody knows what the disk holds.
/// Open the store again to go on: then the last committed group counts. A full disk is no such failure.
///
/// Dropping the writer makes room for another.
///
/// # Examples
/// ```
/// use callbar_store::Store;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let domain = store.read(|reader| reader.require_domain_row("my.example"))?;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// group.remove_domain(domain)?;
/// group.commit()?;
/// assert!(!writer.is_poisoned());
/// assert!(store.read(|reader| reader.domains())?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    slot: Arc<WriterSlot>,
    connection: Option<Connection>,
    /// The log that commits are written to first. `None` before the first group.
    log: Option<FileId>,
}

impl Writer {
    /// A writer for a slot that was claimed.
    pub(super) fn new(slot: Arc<WriterSlot>) -> Result<Self> {
        let mut writer = Self { slot, connection: None, log: None };
        writer.connection = Some(file::connect_writer(&writer.slot.path)?);
        Ok(writer)
    }

    /// Begins a group of changes.
    ///
    /// # Errors
    /// [`callbar::Error::Poisoned`] after a failed write, until the store is opened again. [`Error::Store`]
    /// if another process goes on writing for five seconds, or if a file of the store was removed or
    /// replaced; the latter poisons the writer.
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
    /// assert_eq!(group.remove_list(list)?, 1);
    /// drop(group); // undoes it
    /// assert!(store.read(|reader| reader.list_at(list))?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn begin(&mut self) -> Result<Group<'_>> {
        let file = FileId::from_path(&self.slot.path);
        self.verify_in_place(file, self.slot.file)?;
        self.db()?.run("BEGIN IMMEDIATE", [])?;
        let log = FileId::from_path(&file::companion(&self.slot.path, "-wal"));
        match self.log {
            Some(used) => self.verify_in_place(log, used)?,
            None => self.log = log.ok(),
        }
        Ok(Group::new(self))
    }

    /// Refuses to write to a file that lost its name: the data would go with this process.
    fn verify_in_place(&mut self, found: io::Result<FileId>, used: FileId) -> Result<()> {
        if self.is_poisoned() || found.as_ref().is_ok_and(|found| *found == used) {
            return Ok(());
        }
        self.poison();
        let source = found.err().map_or("another file has its name".into(), Into::into);
        let failure = StoreFailure::Replaced;
        Err(Error::Store { path: self.slot.path.clone(), failure, source })
    }

    /// Reports whether a write failed, so that this writer writes nothing more.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.connection.is_none()
    }

    /// Its connection, unless a write failed.
    fn db(&self) -> Result<Db<'_>> {
        self.slot.check()?;
        let connection = self.connection.as_ref().ok_or_else(|| self.poisoned())?;
        Ok(Db::new(connection, &self.slot.path))
    }

    /// Ends all writing. Closing the connection undoes the group that is open.
    fn poison(&mut self) {
        self.slot.poisoned.store(true, Ordering::Release);
        self.connection = None;
    }

    fn full(&self) -> Error {
        Error::DiskFull { path: self.slot.path.clone() }
    }

    fn poisoned(&self) -> Error {
        Error::Engine(callbar::Error::Poisoned { path: self.slot.path.clone() })
    }
}

impl Group<'_> {
    /// Makes a change that may change a domain. Such a domain gets a new revision with the commit.
    fn change<T>(
        &mut self,
        change: impl FnOnce(Db<'_>) -> Result<(Option<DomainRow>, T)>,
    ) -> Result<T> {
        let (changed, result) = self.write(change)?;
        if let Some(domain) = changed {
            self.touch(domain);
        }
        Ok(result)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closed first, so that the next writer finds no lock.
        self.connection = None;
        self.slot.claimed.store(false, Ordering::Release);
    }
}
