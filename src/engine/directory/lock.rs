//! The writer's lock on a directory. It ends when its holder ends, in whatever way.
//!
//! It is a `flock` on a file of its own, which holds the process id of the holder for people to read, and
//! on the folder of that file, so that nobody gets the lock by removing the file. A child that is forked
//! meanwhile has the lock too, and keeps it if the parent dies first: fork before a writer is opened. The
//! process that took the lock unlocks it for both, because any program that another thread starts is such a
//! child at first.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::{os::unix::fs::OpenOptionsExt, path::Path};

use crate::{Error, Result};

/// As the folder of the index files, without the right to execute.
const MODE: u32 = 0o640;

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    folder: File,
    /// The process that took it.
    owner: u32,
}

impl Lock {
    /// Takes the lock, or fails at once.
    ///
    /// # Errors
    /// [`Error::Locked`] if this process or another holds it; [`Error::NotOurs`] if a directory has the name
    /// of the file; [`Error::Io`].
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            // A link would create or cut another file, and a pipe would make us wait.
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)
            .map_err(|error| match error.kind() {
                io::ErrorKind::IsADirectory => Error::NotOurs { path: path.to_owned() },
                _ => Error::io("open", path)(error),
            })?;
        let holder = read_holder(&mut file);
        claim(&file, path, holder)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let folder = File::open(folder).map_err(Error::io("open", folder))?;
        claim(&folder, path, holder)?;
        // Only for people: without it the lock is held all the same.
        let _ = write_holder(&mut file);
        Ok(Self { file, folder, owner: std::process::id() })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough while a child has the files open. A child unlocks nothing.
        if self.owner == std::process::id() {
            // In reverse order. If one fails, the close unlocks it.
            let _ = self.folder.unlock();
            let _ = self.file.unlock();
        }
    }
}

fn claim(file: &File, path: &Path, holder: Option<u32>) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned(), holder }),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// The process id in the file; `None` if the holder has not written it yet.
fn read_holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_in_its_place_is_an_error_with_a_remedy() {
        let data = tempfile::tempdir().expect("temporary folder");
        let error = Lock::take(data.path()).expect_err("a directory");
        assert!(error.remedy().contains("move it away"), "{error}");
    }

    #[test]
    fn a_second_lock_is_refused_with_the_id_of_the_holder() {
        let data = tempfile::tempdir().expect("temporary folder");
        let path = data.path().join("writer.lock");
        let first = Lock::take(&path).expect("free");
        let error = Lock::take(&path).expect_err("held");
        let own = Some(std::process::id());
        assert!(matches!(error, Error::Locked { holder, .. } if holder == own), "{error}");
        std::fs::remove_file(&path).expect("remove");
        let error = Lock::take(&path).expect_err("held without its file");
        assert!(matches!(error, Error::Locked { holder: None, .. }), "{error}");
        drop(first);
        Lock::take(&path).expect("free again");
    }

    #[test]
    fn a_child_that_was_forked_meanwhile_does_not_keep_the_lock() {
        let data = tempfile::tempdir().expect("temporary folder");
        let path = data.path().join("writer.lock");
        let first = Lock::take(&path).expect("free");
        let of_child = [&first.file, &first.folder].map(|file| file.try_clone().expect("a copy"));
        let in_child = Lock {
            owner: 0,
            file: first.file.try_clone().expect("a copy"),
            folder: first.folder.try_clone().expect("a copy"),
        };
        drop(in_child);
        Lock::take(&path).expect_err("still held by the parent");
        drop(first);
        Lock::take(&path).expect("free though the child has the files open");
        drop(of_child);
    }
}
