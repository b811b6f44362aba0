//! Copies a store while it is in use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::open::{self, named};
use super::{FILE, Store, failure};
use crate::{Error, Result};

/// Pages copied between two reports of progress: 4 MiB.
const STEP: i32 = 1024;

impl Store {
    /// Writes a copy of what is committed by now into the file `to`, and tells of every 4 MiB how
    /// many pages have been copied and how many there are. Changes go on meanwhile and are not in
    /// the copy. The file gets its name when it is whole and on the disk, and replaces what had it.
    ///
    /// # Errors
    /// [`callbar::Error::Io`], [`Error::Store`], for instance of a full disk: what had the name still has it.
    /// Of kind [`io::ErrorKind::AlreadyExists`] if `to` is a store in use, this one or another.
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<()> {
        back_up(self.path(), to, progress)
    }

    /// The same for the store of a directory that another process may have, into the store of a
    /// directory that has none.
    ///
    /// # Errors
    /// As [`Self::backup`].
    pub fn back_up(directory: &Path, to: &Path, progress: impl FnMut(u64, u64)) -> Result<()> {
        back_up(&directory.join(FILE), &to.join(FILE), progress)
    }
}

fn back_up(store: &Path, to: &Path, mut progress: impl FnMut(u64, u64)) -> Result<()> {
    for companion in ["-wal", "-journal"] {
        if named(to, companion).symlink_metadata().is_ok() {
            // It would be taken for the log of the copy.
            let kind = io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a database in use: close it, or choose another name",
            );
            return Err(Error::io("replace", to)(kind));
        }
    }
    let unfinished = Unfinished::new(named(to, &format!(".{}.tmp", process::id())))?;
    let path = &unfinished.path;
    let source = open::reader(store)?;
    // One view for all steps: a change in between would begin the copy anew.
    let begun = source.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema;");
    begun.map_err(failure::at(store))?;
    copy(&source, path, &mut progress).map_err(failure::at(path))?;
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::io("sync", path))?;
    fs::rename(path, to).map_err(Error::io("rename", to))?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(Error::io("sync", directory))
}

fn copy(
    source: &Connection,
    path: &Path,
    progress: &mut impl FnMut(u64, u64),
) -> rusqlite::Result<()> {
    let mut copy = Connection::open(path)?;
    // Nobody reads it before it is whole, and it is synced then.
    copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")?;
    let backup = Backup::new(source, &mut copy)?;
    loop {
        let step = backup.step(STEP)?;
        let pages = backup.progress();
        let all = u64::try_from(pages.pagecount).unwrap_or_default();
        progress(all - u64::try_from(pages.remaining).unwrap_or_default().min(all), all);
        if step == StepResult::Done {
            break;
        }
    }
    drop(backup);
    copy.close().map_err(|(_, error)| error)
}

/// A file that goes unless it gets another name.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn new(path: PathBuf) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&path).map_err(Error::io("create", &path))?;
        Ok(Self { path })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already if all went well; and if not, the cause is told.
        let _ = fs::remove_file(&self.path);
    }
}
