//! Writes files so that a kill, a crash or a full disk at any point leaves either the old file or the new
//! one under its name, whole.
//!
//! There are two steps. [`Disk::stage`] writes and syncs a file under a temporary name; [`Disk::place`]
//! gives it its own name. In between the caller verifies the file as readers will read it. A staged file
//! that is not placed is removed.
//!
//! After a failed sync nobody knows what the disk holds, and a second sync may report success although the
//! bytes are lost (Linux marks the pages clean). So everything is refused from then on. Opening the
//! directory again verifies what is really there.
//!
//! **Invariant:** only the holder of the [lock](super::lock) of a directory writes there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bytes::HUGE_PAGE;
use super::failpoints::{DiskOperation, DiskStep, around};
use super::names::{DataDirectory, FileName};
use crate::{Error, Result};

/// Nobody may write to an index file, not even its owner, because it may be mapped.
const FILE_MODE: u32 = 0o444;
/// Lists are personal data: only the owner and the group of the routing processes may read them.
const FOLDER_MODE: u32 = 0o750;
/// A large file is synced in pieces while it is written, so that the sync of a small file waits for one
/// piece and not for all of it. A piece is a huge page: Linux keeps together what is written at once, and
/// maps it with one entry where the file system has large folios (XFS, ext4 since 6.16).
const PIECE: usize = HUGE_PAGE;

/// Writes the files of one directory, on any number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    files: DataDirectory,
    /// Set by the first sync that fails. All writers of an engine share it.
    poisoned: Arc<AtomicBool>,
}

/// A complete, synced file under a temporary name. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct Staged {
    temporary: PathBuf,
    placed: bool,
}

impl Disk {
    pub(crate) fn new(files: DataDirectory, poisoned: Arc<AtomicBool>) -> Self {
        Self { files, poisoned }
    }

    pub(crate) fn files(&self) -> &DataDirectory {
        &self.files
    }

    /// # Errors
    /// [`Error::Poisoned`] after a failed sync.
    pub(crate) fn check(&self) -> Result<()> {
        if self.poisoned.load(Ordering::Relaxed) {
            return Err(Error::Poisoned { path: self.files.folder().to_owned() });
        }
        Ok(())
    }

    /// Makes the folder of the index files, durably.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn create_folder(&self) -> Result<()> {
        let folder = self.files.folder();
        around(DiskOperation::Prepare, DiskStep::Create, || match create_folder(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        })
        .map_err(Error::io("create", folder))?;
        // A folder is durable when its parent is synced. If it existed, its maker may have been killed
        // before that sync.
        self.sync_folder_at(DiskOperation::Prepare, self.files.data())
    }

    /// Writes `bytes` durably under a temporary name.
    ///
    /// # Errors
    /// [`Error::Io`], for instance because the disk is full, with nothing left behind; [`Error::Poisoned`].
    pub(crate) fn stage(
        &self,
        operation: DiskOperation,
        name: FileName,
        bytes: &[u8],
    ) -> Result<Staged> {
        self.check()?;
        let path = self.files.temporary(name);
        let create = || OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path);
        let mut file =
            around(operation, DiskStep::Create, create).map_err(Error::io("create", &path))?;
        // From here on the file is removed if anything fails.
        let staged = Staged { temporary: path, placed: false };
        let mut pieces = bytes.chunks(PIECE).peekable();
        while let Some(piece) = pieces.next() {
            around(operation, DiskStep::Write, || file.write_all(piece))
                .map_err(Error::io("write", &staged.temporary))?;
            if pieces.peek().is_some() {
                self.sync(operation, DiskStep::Sync, &staged.temporary, || file.sync_data())?;
            }
        }
        self.sync(operation, DiskStep::Sync, &staged.temporary, || file.sync_all())?;
        Ok(staged)
    }

    /// Gives a file a second, temporary name, to be placed.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn stage_link(&self, operation: DiskOperation, name: FileName) -> Result<Staged> {
        let (path, temporary) = (self.files.path(name), self.files.temporary(name));
        self.link_paths(operation, &path, &temporary)?;
        Ok(Staged { temporary, placed: false })
    }

    /// Gives a staged file its own name, durably, in place of the file that had that name.
    ///
    /// # Errors
    /// [`Error::Io`]. If the last step failed, the sync of the folder, the new file is in place: the next
    /// `open` finds it, unless power is lost before.
    pub(crate) fn place(
        &self,
        operation: DiskOperation,
        staged: Staged,
        name: FileName,
    ) -> Result<()> {
        self.rename(operation, staged, name)?;
        self.sync_folder(operation)
    }

    fn rename(&self, operation: DiskOperation, mut staged: Staged, name: FileName) -> Result<()> {
        self.check()?;
        let path = self.files.path(name);
        around(operation, DiskStep::Rename, || fs::rename(&staged.temporary, &path))
            .map_err(Error::io("rename", &staged.temporary))?;
        staged.placed = true;
        Ok(())
    }

    /// Gives a file a second name, which must be free. It is durable after the next sync of the folder.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn link(
        &self,
        operation: DiskOperation,
        from: FileName,
        to: FileName,
    ) -> Result<()> {
        self.link_paths(operation, &self.files.path(from), &self.files.path(to))
    }

    fn link_paths(&self, operation: DiskOperation, from: &Path, to: &Path) -> Result<()> {
        self.check()?;
        around(operation, DiskStep::Link, || fs::hard_link(from, to)).map_err(Error::io("link", to))
    }

    /// Makes earlier renames, links and removals durable.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn sync_folder(&self, operation: DiskOperation) -> Result<()> {
        self.sync_folder_at(operation, self.files.folder())
    }

    fn sync_folder_at(&self, operation: DiskOperation, folder: &Path) -> Result<()> {
        let file = File::open(folder).map_err(Error::io("open", folder))?;
        self.sync(operation, DiskStep::SyncFolder, folder, || file.sync_all())
    }

    fn sync(
        &self,
        operation: DiskOperation,
        step: DiskStep,
        path: &Path,
        sync: impl FnOnce() -> io::Result<()>,
    ) -> Result<()> {
        around(operation, step, sync).map_err(|error| {
            self.poisoned.store(true, Ordering::Relaxed);
            Error::io("sync", path)(error)
        })
    }
}

/// Removes a file, if it exists. A directory of that name, which somebody else made, is renamed: it must
/// not stop the whole data directory, and its contents are not ours to remove.
///
/// # Errors
/// [`Error::Io`]
pub(crate) fn remove(operation: DiskOperation, path: &Path) -> Result<()> {
    around(operation, DiskStep::Remove, || match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => put_aside(path),
        done => done,
    })
    .map_err(Error::io("remove", path))
}

/// Renames a directory to a name that no file of ours has.
fn put_aside(path: &Path) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".aside");
    fs::rename(path, aside)
}

/// Makes the folder of the index files.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(folder)
}

impl Staged {
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.placed {
            // If that fails, the next writer tries again.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::directory::names::DomainFileId;

    #[test]
    fn a_file_of_several_pieces_is_whole() {
        let data = tempfile::tempdir().expect("temporary directory");
        let disk =
            Disk::new(DataDirectory::new(data.path()).expect("data directory"), Arc::default());
        disk.create_folder().expect("a folder");
        let bytes: Vec<u8> = (0..=2 * PIECE).map(|i| (i % 251) as u8).collect();
        let name = FileName::Head(DomainFileId::FIRST);
        let staged = disk.stage(DiskOperation::Publish, name, &bytes).expect("staged");
        disk.place(DiskOperation::Publish, staged, name).expect("placed");
        assert!(fs::read(disk.files().path(name)).expect("read") == bytes);
    }
}
