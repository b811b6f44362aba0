//! The bytes of an index file in memory: mapped, or read into the heap.
//!
//! Does not know what the bytes mean: [`Index::open`](crate::Index::open) verifies them.

use std::io::{self, Read};
use std::{fmt, fs::File, path::Path};

use memmap2::Mmap;

use crate::{Error, Result, number::words};

words! {
    /// How index files are brought into memory.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, LoadMode};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open_with(data, LoadMode::Heap)?;
    /// assert!(engine.reader().check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum LoadMode {
        /// Files of 64 KiB and more are mapped, and all processes of a machine share their pages. Under memory
        /// pressure the kernel may drop pages and read them again in the middle of a check: 2 MiB at a time from
        /// files that are as large, 4 KiB or more from others. Nobody may change a mapped file in place:
        /// shortening one ends the process with SIGBUS.
        #[default]
        Map = "map",
        /// Every file is read into the heap. Each process has its own copy, and what happens to a file
        /// afterwards does not matter.
        Heap = "heap",
    }
}

/// Shorter files are read in either mode. A mapping costs a page table, Linux allows 65,530 mappings to a
/// process, and most tenants have few entries.
const MAPPED_FROM: u64 = 64 << 10;

/// On ordinary pages, a look-up in a large index misses the translation of the address as well as the
/// bytes. On huge pages it misses only the bytes.
pub(crate) const HUGE_PAGE: usize = 2 << 20;

/// The bytes of an [`Index`](crate::Index) that an [`Engine`](crate::Engine) has loaded: `Index<Bytes>`.
pub struct Bytes(Memory);

enum Memory {
    Map(Mmap),
    /// The file from this offset on, so that it begins at a cache line as a map does: the filter of an
    /// index needs one line for each number.
    Heap(Vec<u8>, usize),
}

/// Bytes of a cache line.
const LINE: usize = 64;

impl Bytes {
    /// Loads an opened file of `len` bytes. A [`Disk`](super::disk::Disk) must have written it: see the
    /// SAFETY note of `map`. The path is for errors.
    pub(crate) fn load(mut file: File, len: u64, path: &Path, mode: LoadMode) -> Result<Self> {
        if mode == LoadMode::Map && len >= MAPPED_FROM {
            let map = map(&file).map_err(Error::io("map", path))?;
            #[cfg(target_os = "linux")]
            if map.len() >= HUGE_PAGE {
                // Pages that are read from disk from now on are huge; those just written are already. If
                // the kernel refuses, they are ordinary ones.
                let _ = map.advise(memmap2::Advice::HugePage);
            }
            return Ok(Self(Memory::Map(map)));
        }
        let mut bytes: Vec<u8> = Vec::new();
        // The length is only a hint: the file is read to its end.
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
    // file whole until its last map goes. The documentation asks operators to replace files, never
    // to edit them; `LoadMode::Heap` is for those who cannot be sure of theirs.
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
        let kind = if matches!(self.0, Memory::Map(_)) { "Map" } else { "Heap" };
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
