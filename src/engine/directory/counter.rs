//! The file of changes: it shows readers in all processes, without a system call, which domains changed.
//!
//! # Layout (in the byte order of the machine; the file never leaves it)
//! ```text
//! 0    8       magic
//! 8    8       not 0 while a change may be in place that the generation does not count yet
//! 128  8       generation: how many changes there were
//! 256  4*4096  the domains (numbers of their files) that changed in the last 4096 generations:
//!              that of generation g is at g % 4096
//! ```
//! Its bytes are only hints: they say what to look at again. Even if they are wrong, a reader uses only
//! files that it verifies. The file is not synced, because no reader that has seen a generation survives a
//! crash of the machine. It is never shortened or replaced, so a process that has mapped it sees every
//! change. A writer that finds it damaged repairs it in place.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;

use super::disk;
use super::failpoints::DiskOperation;
use super::map::{LEN, Map, RING};
use super::names::{DataDirectory, DomainFileId};
use super::regular_file::open_regular;
use crate::{Error, Result};

const MAGIC: u64 = u64::from_ne_bytes(*b"CBCHNG\x01\n");
/// The owner writes; the group of the routing processes reads.
const MODE: u32 = 0o640;

/// The unit of `MetadataExt::blocks`.
const BLOCK: u64 = 512;

/// A reader's view of the changes.
#[derive(Debug)]
pub(crate) struct Counter {
    map: Map,
    /// Which file is mapped: device and inode. `None` while there is none.
    attached: Mutex<Option<(u64, u64)>>,
}

impl Counter {
    /// A counter that never moves, until it is attached to a file.
    pub(crate) fn detached() -> io::Result<Self> {
        Ok(Self { map: Map::zeros()?, attached: Mutex::new(None) })
    }

    /// Maps the file at this path from now on. Returns whether it is another file than before.
    ///
    /// # Errors
    /// If there is no such file or it cannot be used. Then nothing changes.
    pub(crate) fn attach(&self, path: &Path) -> io::Result<bool> {
        let (file, metadata) = open(OpenOptions::new().read(true), path)?;
        let identity = Some((metadata.dev(), metadata.ino()));
        let mut attached = self.attached.lock();
        if *attached == identity {
            return Ok(false);
        }
        if metadata.len() < LEN as u64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.map.replace(&file)?;
        *attached = identity;
        Ok(true)
    }

    /// Reports whether it has mapped a file that a writer made.
    pub(crate) fn is_attached(&self) -> bool {
        self.attached.lock().is_some() && self.map.magic().load(Ordering::Relaxed) == MAGIC
    }

    /// The present generation. One load of a cache line that only changes write.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.map.generation().load(Ordering::Acquire)
    }

    /// The domains that changed after generation `from` and up to `to`, each once; `None` if the ring no
    /// longer has them all, so that any domain may have changed.
    pub(crate) fn changed(&self, from: u64, to: u64) -> Option<Vec<DomainFileId>> {
        if to.wrapping_sub(from) >= RING as u64 {
            return None;
        }
        let count = to.wrapping_sub(from);
        // Acquire, so that the check below sees the change that has overwritten a slot.
        let slots = (1..=count).map(|nth| {
            DomainFileId::new(self.map.slot(from.wrapping_add(nth)).load(Ordering::Acquire))
        });
        let mut files: Vec<DomainFileId> = slots.collect::<Option<_>>()?;
        // The slot of the generation after the present one may be written already.
        if self.now().wrapping_sub(from) >= RING as u64 - 1 {
            return None;
        }
        files.sort_unstable();
        files.dedup();
        Some(files)
    }
}

/// Counts changes, for the one writer of the directory.
#[derive(Debug)]
pub(crate) struct Recorder {
    map: Map,
}

impl Recorder {
    /// Opens the file, makes it if it does not exist, and repairs it if it is damaged. Puts aside anything
    /// else of its name, a pipe or a directory. The caller holds the lock of the directory.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn open(files: &DataDirectory) -> Result<Self> {
        let path = files.changes();
        if path.symlink_metadata().is_ok() && !path.is_file() {
            disk::remove(DiskOperation::Prepare, &path)?;
        }
        create(files).map_err(Error::io("create", &path))?;
        let opened = open(OpenOptions::new().read(true).write(true), &path);
        let (file, _) = opened.map_err(Error::io("open", &path))?;
        fill(&file).map_err(Error::io("write", &path))?;
        let map = Map::writable(&file).map_err(Error::io("map", &path))?;
        if map.magic().load(Ordering::Relaxed) != MAGIC {
            // So far ahead that every reader looks at all files.
            map.generation().fetch_add(2 * RING as u64, Ordering::Release);
            map.magic().store(MAGIC, Ordering::Relaxed);
        } else if map.unrecorded().load(Ordering::Relaxed) != 0 {
            // The last writer was killed between a rename and its record.
            map.generation().fetch_add(2 * RING as u64, Ordering::Release);
        }
        map.unrecorded().store(0, Ordering::Relaxed);
        Ok(Self { map })
    }

    /// Notes that a change is about to be put in place. If this writer is killed before it records the
    /// change, the next one does so.
    pub(crate) fn announce(&self) {
        self.map.unrecorded().store(1, Ordering::Release);
    }

    /// Shows every reader that the domain changed, and returns the new generation. Its files are in place
    /// before.
    pub(crate) fn record(&self, file: DomainFileId) -> u64 {
        let generation = self.map.generation().load(Ordering::Relaxed).wrapping_add(1);
        // Release, so that a reader that sees this slot also sees the generation before it.
        self.map.slot(generation).store(file.get(), Ordering::Release);
        self.map.generation().store(generation, Ordering::Release);
        self.map.unrecorded().store(0, Ordering::Release);
        generation
    }
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<(File, Metadata)> {
    open_regular(options, path)?.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Gives the file its whole length, and disk blocks for all of it: a store into a hole of a map while the
/// disk is full would end the process.
fn fill(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    if metadata.len() >= LEN as u64 && metadata.blocks() * BLOCK >= LEN as u64 {
        return Ok(());
    }
    let mut bytes = vec![0; LEN];
    let mut room = &mut bytes[..];
    io::copy(&mut file.take(LEN as u64), &mut room)?;
    // The same bytes again, so that processes that have mapped them see no other.
    file.write_all_at(&bytes, 0)
}

/// Makes the file, unless there is one. It gets its name when it has its full length.
///
/// # Errors
/// If the folder does not exist or may not be written to.
pub(crate) fn create(files: &DataDirectory) -> io::Result<()> {
    let path = files.changes();
    if path.try_exists()? {
        return Ok(());
    }
    let temporary = files.temporary_changes();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&temporary)?;
    let mut bytes = vec![0; LEN];
    bytes[..size_of_val(&MAGIC)].copy_from_slice(&MAGIC.to_ne_bytes());
    let linked = file.write_all(&bytes).and_then(|()| fs::hard_link(&temporary, &path));
    fs::remove_file(&temporary)?;
    match linked {
        // Another process was first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (tempfile::TempDir, DataDirectory) {
        let data = tempfile::tempdir().expect("temporary folder");
        let files = DataDirectory::new(data.path()).expect("data directory");
        fs::create_dir(files.folder()).expect("folder");
        (data, files)
    }

    fn file(id: u32) -> DomainFileId {
        DomainFileId::new(id).expect("from 1")
    }

    fn attached(files: &DataDirectory) -> Counter {
        let counter = Counter::detached().expect("memory");
        assert!(counter.attach(&files.changes()).expect("attach"));
        counter
    }

    #[test]
    fn a_change_is_seen_through_another_mapping() {
        let (_data, files) = files();
        let recorder = Recorder::open(&files).expect("recorder");
        let counter = attached(&files);
        let start = counter.now();
        for id in [7, 3, 7] {
            assert_eq!(recorder.record(file(id)), counter.now());
        }
        assert_eq!(counter.changed(start, counter.now()), Some(vec![file(3), file(7)]));
        assert_eq!(counter.changed(start + 2, start + 3), Some(vec![file(7)]));
        assert_eq!(counter.changed(start, start), Some(vec![]));
    }

    #[test]
    fn the_next_writer_records_the_change_of_a_killed_one() {
        let (_data, files) = files();
        let killed = Recorder::open(&files).expect("recorder");
        let counter = attached(&files);
        let seen = counter.now();
        killed.announce();
        drop(killed);
        drop(Recorder::open(&files).expect("the next"));
        assert_eq!(counter.changed(seen, counter.now()), None, "everything may have changed");
        let seen = counter.now();
        drop(Recorder::open(&files).expect("one more"));
        assert_eq!(counter.now(), seen);
    }

    #[test]
    fn changes_that_the_ring_has_lost_may_be_of_any_domain() {
        let (_data, files) = files();
        let recorder = Recorder::open(&files).expect("recorder");
        let counter = attached(&files);
        let start = counter.now();
        for id in 1..=5000 {
            recorder.record(file(id));
        }
        let now = counter.now();
        assert_eq!(counter.changed(start, now), None);
        assert_eq!(counter.changed(start, start + 10), None);
        assert_eq!(counter.changed(now - 4000, now).map(|files| files.len()), Some(4000));
        assert_eq!(counter.changed(now + 1, now), None);
    }

    #[test]
    fn a_damaged_file_is_repaired_in_place() {
        let (_data, files) = files();
        for damage in [&b""[..], b"short", &vec![0xff; LEN]] {
            fs::write(files.changes(), damage).expect("write");
            let before = Counter::detached().expect("memory");
            let usable = before.attach(&files.changes()).is_ok();
            assert_eq!(usable, damage.len() == LEN);
            let seen = before.now();
            let recorder = Recorder::open(&files).expect("recorder");
            assert_eq!(attached(&files).now(), recorder.map.generation().load(Ordering::Relaxed));
            if usable {
                assert_eq!(before.changed(seen, before.now()), None, "everything may have changed");
            }
        }
    }

    #[test]
    fn a_file_without_blocks_is_filled_with_what_it_holds() {
        let (_data, files) = files();
        let sparse = File::create(files.changes()).expect("create");
        sparse.write_all_at(b"end", LEN as u64 - 3).expect("write");
        drop(sparse);
        Recorder::open(&files).expect("recorder");
        let metadata = fs::metadata(files.changes()).expect("metadata");
        assert!(metadata.blocks() * BLOCK >= LEN as u64, "{} blocks", metadata.blocks());
        assert!(fs::read(files.changes()).expect("read").ends_with(b"end"));
    }

    #[test]
    fn a_file_that_no_writer_made_does_not_count() {
        let (_data, files) = files();
        fs::write(files.changes(), vec![0; LEN]).expect("write");
        let counter = attached(&files);
        assert!(!counter.is_attached());
        Recorder::open(&files).expect("recorder");
        assert!(counter.is_attached());
    }

    #[test]
    fn readers_refuse_and_writers_replace_what_is_not_a_file() {
        let (_data, files) = files();
        let path = files.changes();
        let pipe = || drop(std::process::Command::new("mkfifo").arg(&path).status());
        let directory = || fs::create_dir(&path).expect("a directory");
        let link = || std::os::unix::fs::symlink("nowhere", &path).expect("a link");
        for put in [&pipe as &dyn Fn(), &directory, &link] {
            put();
            assert!(path.symlink_metadata().is_ok() && !path.is_file());
            assert!(Counter::detached().expect("memory").attach(&path).is_err());
            Recorder::open(&files).expect("recorder").record(file(1));
            assert_eq!(attached(&files).now(), 1);
            fs::remove_file(&path).expect("remove");
        }
        assert!(path.with_extension("aside").is_dir(), "what is in it is not ours");
    }

    #[test]
    fn a_replaced_file_is_noticed_when_attached_again() {
        let (_data, files) = files();
        let counter = Counter::detached().expect("memory");
        assert!(counter.attach(&files.changes()).is_err() && !counter.is_attached());
        create(&files).expect("create");
        assert!(counter.attach(&files.changes()).expect("attach"));
        assert!(!counter.attach(&files.changes()).expect("attach"));
        fs::rename(files.changes(), files.folder().join("old")).expect("rename");
        let recorder = Recorder::open(&files).expect("recorder");
        recorder.record(file(1));
        assert_eq!(counter.now(), 0);
        assert!(counter.attach(&files.changes()).expect("attach"));
        assert_eq!(counter.now(), 1);
    }
}
