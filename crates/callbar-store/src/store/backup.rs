//! Copies a store while it is in use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection::store_error;
use super::file::{self, companion};
use super::{FILE_NAME, Store};
use crate::{Error, Result};

/// Pages copied between two reports of progress: 4 MiB.
const STEP: i32 = 1024;

impl Store {
    /// Copies what is committed now into the file `to`. After every 4 MiB it calls `progress` with the
    /// pages that are copied and the pages in all. Changes go on meanwhile and are not in the copy.
    ///
    /// The file gets its name when it is complete and on the disk. It replaces a file of that name.
    ///
    /// # Errors
    /// [`callbar::Error::Io`], [`Error::DiskFull`] or [`Error::Store`]; then a file `to` that was there is
    /// still there. An I/O error of kind [`io::ErrorKind::AlreadyExists`] if `to` is a store in use, this
    /// one or another.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// # let elsewhere = tempfile::tempdir()?;
    /// # let to = elsewhere.path();
    /// store.backup(&to.join("store.sqlite"), |copied, all| println!("{copied} of {all} pages"))?;
    /// let copy = Store::open(to)?;
    /// assert_eq!(copy.read(|reader| reader.domains())?, store.read(|reader| reader.domains())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<()> {
        back_up(self.path(), to, progress)
    }

    /// Copies the store of a directory, which another process may use, into a directory that has none.
    /// Otherwise as [`Store::backup`].
    ///
    /// # Errors
    /// As [`Store::backup`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// # let elsewhere = tempfile::tempdir()?;
    /// let to = elsewhere.path();
    /// Store::back_up(data, to, |_, _| {})?;
    /// assert!(Store::exists(to));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn back_up(directory: &Path, to: &Path, progress: impl FnMut(u64, u64)) -> Result<()> {
        back_up(&directory.join(FILE_NAME), &to.join(FILE_NAME), progress)
    }
}

fn back_up(store: &Path, to: &Path, mut progress: impl FnMut(u64, u64)) -> Result<()> {
    for suffix in ["-wal", "-journal"] {
        if companion(to, suffix).symlink_metadata().is_ok() {
            // SQLite would take it for the log of the copy.
            let kind = io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a database in use: close it, or choose another name",
            );
            return Err(Error::io("replace", to)(kind));
        }
    }
    let unfinished = Unfinished::new(companion(to, &format!(".{}.tmp", process::id())))?;
    let path = &unfinished.path;
    let source = file::connect_reader(store)?;
    // One view for all steps. Otherwise a change in between would start the copy again.
    let begun = source.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema;");
    begun.map_err(store_error(store))?;
    copy(&source, path, &mut progress).map_err(store_error(path))?;
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
    // Nobody reads it before it is complete, and then it is synced.
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

/// A file that is removed when this is dropped, unless it was renamed.
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
        // After a rename there is none. After a failure the caller has the first error.
        let _ = fs::remove_file(&self.path);
    }
}
