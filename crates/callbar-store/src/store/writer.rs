//! The one writer of a store, and what becomes of it when a write fails.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::db::Db;
use super::{Group, open};
use crate::{Error, Result, StoreFailure};

/// What there is one of: who holds it may write.
#[derive(Debug)]
pub(super) struct Pen {
    path: PathBuf,
    /// The file that has the path; another one in its place is not the one that is written.
    file: FileId,
    taken: AtomicBool,
    poisoned: AtomicBool,
}

impl Pen {
    /// # Errors
    /// [`callbar::Error::Io`]
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        let file = FileId::of(&path).map_err(Error::io("open", &path))?;
        let (taken, poisoned) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { path, file, taken, poisoned })
    }

    pub(super) fn take(&self) -> Result<()> {
        self.check()?;
        if self.taken.swap(true, Ordering::AcqRel) {
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

/// The identity of a file, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        path.metadata().map(|file| Self(file.dev(), file.ino()))
    }
}

/// Makes changes, a [`Group`] at a time. Closing it makes room for another.
#[derive(Debug)]
pub struct Writer {
    pen: Arc<Pen>,
    connection: Option<Connection>,
    /// The log that what is committed goes to first, once there has been one.
    log: Option<FileId>,
}

impl Writer {
    /// A writer with the pen, which must have been taken.
    pub(super) fn new(pen: Arc<Pen>) -> Result<Self> {
        let mut writer = Self { pen, connection: None, log: None };
        writer.connection = Some(open::writer(&writer.pen.path)?);
        Ok(writer)
    }

    /// Begins a group of changes.
    ///
    /// # Errors
    /// [`callbar::Error::Poisoned`] after any write that failed, but for want of room on the disk, until the
    /// store is opened again;
    /// [`Error::Store`], for instance because another process has been writing for five seconds, or
    /// because a file was removed or replaced, which poisons the writer.
    pub fn begin(&mut self) -> Result<Group<'_>> {
        let file = FileId::of(&self.pen.path);
        self.verify_in_place(file, self.pen.file)?;
        self.db()?.run("BEGIN IMMEDIATE", [])?;
        let log = FileId::of(&open::named(&self.pen.path, "-wal"));
        match self.log {
            Some(used) => self.verify_in_place(log, used)?,
            None => self.log = log.ok(),
        }
        Ok(Group::new(self))
    }

    /// What is written to a file that has no name any more is lost with this process.
    fn verify_in_place(&mut self, found: io::Result<FileId>, used: FileId) -> Result<()> {
        if self.is_poisoned() || found.as_ref().is_ok_and(|found| *found == used) {
            return Ok(());
        }
        self.poison();
        let source = found.err().map_or("another file has its name".into(), Into::into);
        let failure = StoreFailure::Replaced;
        Err(Error::Store { path: self.pen.path.clone(), failure, source })
    }

    /// Whether a write has failed, so that no other is made.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.connection.is_none()
    }

    /// Its connection, unless a write has failed.
    pub(super) fn db(&self) -> Result<Db<'_>> {
        self.pen.check()?;
        let connection = self.connection.as_ref().ok_or_else(|| self.poisoned())?;
        Ok(Db::new(connection, &self.pen.path))
    }

    /// Writes no more. Closing the connection undoes the group that is open.
    pub(super) fn poison(&mut self) {
        self.pen.poisoned.store(true, Ordering::Release);
        self.connection = None;
    }

    pub(super) fn full(&self) -> Error {
        Error::DiskFull { path: self.pen.path.clone() }
    }

    pub(super) fn poisoned(&self) -> Error {
        Error::Engine(callbar::Error::Poisoned { path: self.pen.path.clone() })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closed first: who takes the pen next is not to find a lock.
        self.connection = None;
        self.pen.taken.store(false, Ordering::Release);
    }
}
