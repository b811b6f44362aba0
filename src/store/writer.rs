//! The one writer of a store, and what becomes of it when a write fails.

use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::db::Db;
use super::{Group, open};
use crate::{Error, Result};

/// What there is one of: who holds it may write.
#[derive(Debug)]
pub(super) struct Pen {
    path: PathBuf,
    taken: AtomicBool,
    poisoned: AtomicBool,
}

impl Pen {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, taken: AtomicBool::new(false), poisoned: AtomicBool::new(false) }
    }

    pub(super) fn take(&self) -> Result<()> {
        self.check()?;
        if self.taken.swap(true, Ordering::AcqRel) {
            return Err(Error::Locked { path: self.path.clone(), holder: Some(process::id()) });
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.poisoned.load(Ordering::Acquire) {
            return Err(Error::Poisoned { path: self.path.clone() });
        }
        Ok(())
    }
}

/// Makes changes, a [`Group`] at a time. Closing it makes room for another.
#[derive(Debug)]
pub struct Writer {
    pen: Arc<Pen>,
    connection: Option<Connection>,
}

impl Writer {
    /// A writer with the pen, which must have been taken.
    pub(super) fn new(pen: Arc<Pen>) -> Result<Self> {
        let mut writer = Self { pen, connection: None };
        writer.connection = Some(open::writer(&writer.pen.path)?);
        Ok(writer)
    }

    /// Begins a group of changes.
    ///
    /// # Errors
    /// [`Error::Poisoned`] after any write that failed, until the store is opened again;
    /// [`Error::Store`], for instance because another process has been writing for five seconds.
    pub fn begin(&mut self) -> Result<Group<'_>> {
        self.db()?.run("BEGIN IMMEDIATE", [])?;
        Ok(Group::new(self))
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
        Error::Poisoned { path: self.pen.path.clone() }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closed first: who takes the pen next is not to find a lock.
        self.connection = None;
        self.pen.taken.store(false, Ordering::Release);
    }
}
