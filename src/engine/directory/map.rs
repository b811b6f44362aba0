//! The mapping of the file of changes: its address stays, also if another file is mapped in its place. All
//! `unsafe` of the counter is here.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64};

/// Bytes that are mapped, a multiple of 8.
pub(crate) const LEN: usize = RING_AT + RING * size_of::<AtomicU32>();
/// How many changes the ring holds.
pub(crate) const RING: usize = 4096;

/// The lines of the counter and of the ring differ: 128 bytes, because x86 fetches lines in pairs
/// and some ARM cores have lines of that length.
const LINE: usize = 128;
const UNRECORDED_AT: usize = size_of::<AtomicU64>();
const GENERATION_AT: usize = LINE;
const RING_AT: usize = 2 * LINE;

/// [`LEN`] bytes, shared with every process that mapped the same file, and nothing but atomics.
#[derive(Debug)]
pub(crate) struct Map {
    at: NonNull<u8>,
}

// SAFETY: it is looked at through atomics alone, and unmapped only when nobody borrows it.
#[allow(unsafe_code)]
unsafe impl Send for Map {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Map {}

impl Map {
    /// Zeros of this process alone, which nobody can change.
    pub(crate) fn zeros() -> io::Result<Self> {
        map(None, libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)
            .map(|at| Self { at })
    }

    /// The bytes of a file that was opened for reading and writing and has [`LEN`] bytes at least.
    pub(crate) fn writable(file: &File) -> io::Result<Self> {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        map(None, rights, libc::MAP_SHARED, file.as_raw_fd()).map(|at| Self { at })
    }

    /// Maps another file, of [`LEN`] bytes at least, in the same place, for reading. A thread that reads
    /// meanwhile sees the old bytes or the new.
    pub(crate) fn replace(&self, file: &File) -> io::Result<()> {
        let flags = libc::MAP_SHARED | libc::MAP_FIXED;
        map(Some(self.at), libc::PROT_READ, flags, file.as_raw_fd()).map(|_| ())
    }

    pub(crate) fn magic(&self) -> &AtomicU64 {
        self.word(0)
    }

    /// Not 0 while a change may be in place that is not counted yet.
    pub(crate) fn unrecorded(&self) -> &AtomicU64 {
        self.word(UNRECORDED_AT)
    }

    #[inline]
    pub(crate) fn generation(&self) -> &AtomicU64 {
        self.word(GENERATION_AT)
    }

    #[inline]
    #[allow(unsafe_code, clippy::cast_ptr_alignment)]
    fn word(&self, at: usize) -> &AtomicU64 {
        debug_assert!(
            at + size_of::<AtomicU64>() <= LEN && at.is_multiple_of(align_of::<AtomicU64>())
        );
        // SAFETY: `at` is one of three constants below `LEN` and aligned, as a mapping begins with a
        // page; any bits are a number; the mapping lives as long as `self`, whatever file is behind
        // it. Files of changes are never shortened (see `counter`): that would raise SIGBUS.
        unsafe { AtomicU64::from_ptr(self.at.as_ptr().add(at).cast()) }
    }

    /// The slot of a generation in the ring.
    #[allow(unsafe_code, clippy::cast_ptr_alignment)]
    pub(crate) fn slot(&self, generation: u64) -> &AtomicU32 {
        let at = RING_AT + (generation % RING as u64) as usize * size_of::<AtomicU32>();
        // SAFETY: as in `word`: below `LEN` because of the remainder, and a multiple of 4.
        unsafe { AtomicU32::from_ptr(self.at.as_ptr().add(at).cast()) }
    }
}

#[allow(unsafe_code)]
fn map(at: Option<NonNull<u8>>, rights: i32, flags: i32, file: i32) -> io::Result<NonNull<u8>> {
    let hint = at.map_or(ptr::null_mut(), NonNull::as_ptr);
    // SAFETY: without `at` the kernel chooses a place that nothing else has. With it (`MAP_FIXED`)
    // the place is that of a `Map`, which has exactly these `LEN` bytes and is borrowed as atomics
    // only, so that other bytes behind it are no more than a change of theirs.
    let mapped = unsafe { libc::mmap(hint.cast(), LEN, rights, flags, file, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(mapped.cast()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

impl Drop for Map {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this length, and nobody borrows it any more.
        unsafe { libc::munmap(self.at.as_ptr().cast(), LEN) };
    }
}
