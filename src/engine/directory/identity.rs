//! Recognises a file whatever its name, so that a file that is in memory is not read again.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::{io, path::Path};

use super::regular_file::open_regular;
use crate::{Error, Result, index::CHECKSUM_AT};

/// Device, inode, length, time of writing, and the checksum of the header, which covers the checksums of
/// all sections. Files are immutable, so the same identity means the same bytes.
///
/// The checksum is needed: a file system gives a new file the inode of one that was just removed, and its
/// clock may stand still for some milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    written: (i64, i64),
    checksum: [u8; 8],
}

impl Identity {
    /// The identity of the file at this path.
    ///
    /// # Errors
    /// As [`open`].
    pub(crate) fn from_path(path: &Path) -> Result<Self> {
        let (file, metadata) = open(path)?;
        Self::from_file(&file, &metadata).map_err(Error::io("read", path))
    }

    /// The identity of an opened file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn from_file(file: &File, metadata: &Metadata) -> io::Result<Self> {
        let mut checksum = [0; 8];
        match file.read_exact_at(&mut checksum, CHECKSUM_AT as u64) {
            // Too short for an index, so it is never loaded.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            read => read?,
        }
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            checksum,
        })
    }
}

/// Opens a regular file.
///
/// # Errors
/// [`Error::File`] if it is something else; [`Error::Io`].
pub(crate) fn open(path: &Path) -> Result<(File, Metadata)> {
    let opened = open_regular(OpenOptions::new().read(true), path);
    opened.map_err(Error::io("open", path))?.ok_or_else(|| {
        let source = Box::new(Error::NotAnIndex);
        Error::File { path: path.to_owned(), source }
    })
}
