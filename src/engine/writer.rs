//! Puts index files on disk so that a kill, a crash or a full disk at any point leaves either the
//! old file or the new one under its name, whole.
//!
//! Two steps: [`Writer::stage`] writes and syncs a file under a temporary name, [`Writer::commit`]
//! gives it its own name. Between them the caller looks at the file as it will be read. A staged
//! file that is not committed is removed.
//!
//! After a failed sync nobody knows what the disk holds, and syncing again may report success
//! without it being true (Linux marks the pages clean). So a writer that saw one refuses everything
//! from then on; opening the directory again verifies what is really there.
//!
//! **Invariant:** one `Writer` of a directory writes at a time: within an engine a mutex sees to it,
//! between processes a lock (`flock`) on the folder, which ends with its holder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::files::{FileId, Files};
use crate::{Error, Result};

/// Nobody writes to an index file, its owner included: it may be mapped.
const FILE_MODE: u32 = 0o444;
/// Lists are personal data: the owner and the routing processes' group only.
const FOLDER_MODE: u32 = 0o750;

/// Writes the files of one directory.
#[derive(Debug)]
pub(super) struct Writer {
    files: Files,
    /// The highest id in use, that of a damaged file included.
    last: Option<FileId>,
    /// Set while a sync is under way, so it stays set when one fails.
    poisoned: bool,
    /// Whether the folder exists, durably, without what killed writers left in it.
    prepared: bool,
}

/// A complete, synced file under a temporary name, which goes when this is dropped.
#[derive(Debug)]
pub(super) struct Staged {
    temporary: PathBuf,
    id: FileId,
    committed: bool,
}

impl Writer {
    pub(super) fn new(files: Files, last: Option<FileId>) -> Self {
        Self { files, last, poisoned: false, prepared: false }
    }

    /// Makes the folder ready and this process its only writer, until the answer is dropped; waits
    /// while another process publishes. A writer that dies lets go at once.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::Poisoned`] after a failed sync.
    pub(super) fn lock(&mut self) -> Result<File> {
        if self.poisoned {
            return Err(Error::Poisoned { path: self.files.folder().to_owned() });
        }
        let folder = self.files.folder().to_owned();
        self.create_folder(&folder)?;
        let lock = File::open(&folder).map_err(Error::io("open", &folder))?;
        lock.lock().map_err(Error::io("lock", &folder))?;
        if !self.prepared {
            // Nobody writes but who holds the lock: what is there was left by a kill.
            for path in self.files.leftovers()? {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
            self.prepared = true;
        }
        Ok(lock)
    }

    /// The first id that no file has had since the directory was opened. Under the lock.
    ///
    /// # Errors
    /// [`Error::Changed`] if it is taken: somebody else gave it to a domain that the caller does
    /// not know, and may have given the caller's domain an id too.
    pub(super) fn next_id(&self) -> Result<FileId> {
        let next = self.last.map_or(Some(FileId::FIRST), FileId::next);
        let next = next.ok_or(Error::TooLarge { what: "index files", limit: u32::MAX.into() })?;
        let path = self.files.path(next);
        if path.try_exists().map_err(Error::io("read", &path))? {
            return Err(Error::Changed { path: self.files.folder().to_owned() });
        }
        Ok(next)
    }

    /// Writes `bytes` durably beside the place where they are to go. Under the lock.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn stage(&mut self, id: FileId, bytes: &[u8]) -> Result<Staged> {
        let path = self.files.temporary_path(id);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(Error::io("create", &path))?;
        // From here on the file goes if anything fails.
        let staged = Staged { temporary: path, id, committed: false };
        file.write_all(bytes).map_err(Error::io("write", &staged.temporary))?;
        self.sync(&file, &staged.temporary)?;
        Ok(staged)
    }

    /// Gives a staged file its own name, in place of the file that had it, and returns its path.
    /// Under the lock.
    ///
    /// # Errors
    /// [`Error::Io`]. If that came of the last step, the sync of the directory, the new file is in
    /// place, may or may not survive a loss of power, and is found by whoever opens next.
    pub(super) fn commit(&mut self, mut staged: Staged) -> Result<PathBuf> {
        let path = self.files.path(staged.id);
        fs::rename(&staged.temporary, &path).map_err(Error::io("rename", &staged.temporary))?;
        staged.committed = true;
        self.last = self.last.max(Some(staged.id));
        let folder = self.files.folder().to_owned();
        self.sync_folder(&folder)?;
        Ok(path)
    }

    /// The folder is there afterwards, durably.
    fn create_folder(&mut self, folder: &Path) -> Result<()> {
        if self.prepared {
            return Ok(());
        }
        if let Err(error) = DirBuilder::new().mode(FOLDER_MODE).create(folder)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(Error::io("create", folder)(error));
        }
        // A folder is durable once the one that names it is. If it existed, whoever made it may
        // have been killed before its sync.
        let data = self.files.data().to_owned();
        self.sync_folder(&data)
    }

    fn sync_folder(&mut self, folder: &Path) -> Result<()> {
        let file = File::open(folder).map_err(Error::io("open", folder))?;
        self.sync(&file, folder)
    }

    fn sync(&mut self, file: &File, path: &Path) -> Result<()> {
        self.poisoned = true;
        file.sync_all().map_err(Error::io("sync", path))?;
        self.poisoned = false;
        Ok(())
    }
}

impl Staged {
    pub(super) fn path(&self) -> &Path {
        &self.temporary
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // If it cannot be removed, the first publish of the next engine tries again.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
