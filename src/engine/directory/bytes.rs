//! The bytes of an index file in memory: mapped, or read into the heap.
//!
//! Leaves to others what the bytes mean: [`Index::open`](crate::Index::open) verifies them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// How index files are brought into memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LoadMode {
    /// Files of 64 KiB and more are mapped: processes on one machine share their pages, and under
    /// memory pressure the kernel may drop pages and read them again, within a check: 2 MiB at a time
    /// of files that are as large, 4 KiB or more of others. A mapped file
    /// must never be changed in place: shortening one ends the process with SIGBUS.
    #[default]
    Map,
    /// Every file is read into the heap: memory of its own for each process, and nothing that
    /// happens to a file afterwards matters.
    Heap,
}

/// Files shorter than this are read in either mode: a mapping costs a page table's worth of upkeep,
/// Linux allows 65,530 of them to a process, and a tenant with few entries is the common case.
const MAPPED_FROM: u64 = 64 << 10;

/// A look-up in a large index would miss the translation of its address as well as the bytes there:
/// on huge pages it misses the bytes alone.
pub(crate) const HUGE_PAGE: usize = 2 << 20;

/// The bytes of an [`Index`](crate::Index) that an [`Engine`](crate::Engine) has loaded.
pub struct Bytes(Memory);

enum Memory {
    Map(Mmap),
    /// The file from this offset on, so that it begins a line of the cache as a map does: the
    /// filter of an index counts on one line a number.
    Heap(Vec<u8>, usize),
}

/// A line of the cache.
const LINE: usize = 64;

impl Bytes {
    /// Loads an opened file of `len` bytes that a [`Disk`](super::disk::Disk) wrote, and no other:
    /// see below. Its path is for errors.
    pub(crate) fn load(mut file: File, len: u64, path: &Path, mode: LoadMode) -> Result<Self> {
        if mode == LoadMode::Map && len >= MAPPED_FROM {
            let map = map(&file).map_err(Error::io("map", path))?;
            #[cfg(target_os = "linux")]
            if map.len() >= HUGE_PAGE {
                // What is read from disk from now on comes as huge pages; what was just written is on
                // them already. Refused, it comes as ordinary ones.
                let _ = map.advise(memmap2::Advice::HugePage);
            }
            return Ok(Self(Memory::Map(map)));
        }
        let mut bytes: Vec<u8> = Vec::new();
        // The length is a hint: what counts is what is read.
        bytes
            .try_reserve_exact(usize::try_from(len).unwrap_or(usize::MAX).saturating_add(LINE))
            .map_err(|_| Error::io("read", path)(io::ErrorKind::OutOfMemory.into()))?;
        let start = bytes.as_ptr().align_offset(LINE).min(LINE);
        bytes.resize(start, 0);
        file.read_to_end(&mut bytes).map_err(Error::io("read", path))?;
        Ok(Self(Memory::Heap(bytes, start)))
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: nobody writes to a mapped file. `Disk` gives files their name only once they are
    // complete, makes them read-only (0444), and replaces them by rename, which leaves the mapped
    // file whole until its last map goes. Operators are told to replace files, never to edit them;
    // `LoadMode::Heap` is for those who cannot be sure of theirs.
    unsafe { Mmap::map(file) }
}

impl AsRef<[u8]> for Bytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Memory::Map(map) => map,
            Memory::Heap(bytes, start) => &bytes[*start..],
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Memory::Map(_) => "Map",
            Memory::Heap(..) => "Heap",
        };
        write!(f, "{kind}({} bytes)", self.as_ref().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(len: usize, mode: LoadMode) -> Bytes {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7; len]).expect("write");
        let file = File::open(&path).expect("open");
        let bytes = Bytes::load(file, len as u64, &path, mode).expect("load");
        assert_eq!(bytes.as_ref(), vec![7; len]);
        assert!(bytes.as_ref().is_empty() || bytes.as_ref().as_ptr().align_offset(LINE) == 0);
        bytes
    }

    #[test]
    fn long_files_are_mapped_and_short_ones_read() {
        assert_eq!(format!("{:?}", load(65_536, LoadMode::Map)), "Map(65536 bytes)");
        assert_eq!(format!("{:?}", load(65_535, LoadMode::Map)), "Heap(65535 bytes)");
        assert_eq!(format!("{:?}", load(65_536, LoadMode::Heap)), "Heap(65536 bytes)");
        assert_eq!(format!("{:?}", load(0, LoadMode::Map)), "Heap(0 bytes)");
        assert_eq!(format!("{:?}", load(HUGE_PAGE + 1, LoadMode::Map)), "Map(2097153 bytes)");
    }
}
