//! A directory of index files, the snapshot that routing threads read, and its replacement.
//!
//! Promises: every byte is verified before a reader sees it; a publish is durable when it returns,
//! and seen whole or not at all; a bad file or a full disk leaves the last good index in place.
//!
//! Leaves to others what an index holds (`index`) and where its entries come from (`store`, which
//! the engine does not know).
//!
//! | file | holds |
//! | --- | --- |
//! | `files` | names of index files |
//! | `writer` | temporary file, sync, rename, sync |
//! | `bytes` | maps, or memory |
//! | `snapshot` | all indexes at one moment |
//! | `slot` | the swap |
//! | `reader` | a thread's handle |

mod bytes;
mod files;
mod reader;
mod slot;
mod snapshot;
mod sync;
mod writer;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

pub use self::bytes::{Bytes, LoadMode};
pub use self::reader::Reader;
pub use self::snapshot::{DomainId, DomainKey, NotFound, Snapshot};

use self::files::{FileId, Files};
use self::slot::Slot;
use self::snapshot::Loaded;
use self::writer::Writer;
use crate::{Error, Index, Result};

/// The indexes of a data directory, open for checks. Clones are the same engine.
///
/// Any number of processes may read a directory, each with an engine of its own; one at a time
/// publishes into it, the others wait for it. A process sees what its own engine publishes at once, and what others
/// publish when it opens the directory again. A process that forks opens it after the fork.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Engine, Verdict, Written};
/// use rayon::iter::IntoParallelIterator;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let data = std::env::temp_dir().join(format!("callbar-engine-{}", std::process::id()));
/// # std::fs::create_dir_all(&data)?;
/// let mut compiler = Compiler::new("my.webitel.com", DialPlan::new("TR")?)?;
/// let spam = compiler.list("spam", Action::Deny)?;
/// let rejected = compiler.extend(spam, vec![Written { line: 1, text: b"0505 004 78 24" }].into_par_iter());
/// assert!(rejected.is_empty());
///
/// let engine = Engine::open(&data)?;
/// engine.publish("my.webitel.com", &compiler.finish()?.bytes)?;
///
/// let mut reader = engine.reader(); // one for each routing thread
/// match reader.check("my.webitel.com", "sip:+905050047824@example.com")? {
///     Verdict::Deny(found) => assert_eq!(found.list.name, "spam"),
///     _ => unreachable!("the number is on the list"),
/// }
/// # std::fs::remove_dir_all(&data)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    mode: LoadMode,
    folder: PathBuf,
    slot: Arc<Slot<Snapshot>>,
    /// Whoever holds it is the only publisher, from the file's name to the swap.
    writer: Mutex<Writer>,
}

impl Engine {
    /// Opens the data directory `dir`, which must exist, with its indexes mapped. Without any (no
    /// folder `indexes` in it) the engine knows no domain.
    ///
    /// Every byte of every index is verified, several files at a time on rayon's threads: a second
    /// or so for 5 GB in the page cache.
    ///
    /// # Errors
    /// [`Error::File`] names the index that cannot be used and says why; [`Error::DuplicateDomain`];
    /// [`Error::Io`] if the directory cannot be read.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, LoadMode::default())
    }

    /// As [`Engine::open`], with the choice of how indexes come into memory.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_with(dir: impl AsRef<Path>, mode: LoadMode) -> Result<Self> {
        let (engine, damaged) = Self::open_sound(dir, mode)?;
        damaged.into_iter().next().map_or(Ok(engine), Err)
    }

    /// As [`Engine::open_with`], but one tenant's damage is not the others': index files that
    /// cannot be used are left out, and told. A check of their domain is [`NotFound::Domain`], and
    /// publishing it again brings it back. The damaged file stays until somebody removes it.
    ///
    /// # Errors
    /// [`Error::DuplicateDomain`]; [`Error::Io`] if the directory itself cannot be read.
    pub fn open_sound(dir: impl AsRef<Path>, mode: LoadMode) -> Result<(Self, Vec<Error>)> {
        let files = Files::of(dir.as_ref())?;
        let ids = files.list()?;
        let last = ids.last().copied();
        let (mut sound, mut damaged) = (Vec::new(), Vec::new());
        for loaded in load_all(&files, ids, mode) {
            match loaded {
                Ok(loaded) => sound.push(loaded),
                Err(error) => damaged.push(error),
            }
        }
        let snapshot = Snapshot::of(sound)?;
        let shared = Shared {
            mode,
            folder: files.folder().to_owned(),
            slot: Arc::new(Slot::new(Arc::new(snapshot))),
            writer: Mutex::new(Writer::new(files, last)),
        };
        Ok((Self { shared: Arc::new(shared) }, damaged))
    }

    /// Verifies `index`, the bytes that [`Compiler::finish`](crate::Compiler::finish) made for
    /// `domain`, writes them durably, and makes them what every check that starts afterwards obeys.
    ///
    /// Readers go on meanwhile. Publishers wait for each other, also those of other processes. Takes as long as writing and
    /// syncing the file, its verification twice (before and after), and about 10 ns a domain.
    ///
    /// # Errors
    /// [`Error::WrongDomain`], [`Error::NotAnIndex`], [`Error::UnsupportedVersion`] and
    /// [`Error::Corrupt`], with nothing written. [`Error::Io`], for instance of a full disk, with
    /// nothing left behind; after a failed sync every further publish is [`Error::Poisoned`].
    /// [`Error::Changed`] if another process has added domains. In every case this engine goes on
    /// with the last good index. Only if the very last step failed, the sync of the directory, has
    /// the new file its name already, and is what the next `open` finds.
    pub fn publish(&self, domain: &str, index: &[u8]) -> Result<DomainId> {
        verify(domain, index)?;
        self.replace(domain, index)
    }

    /// As [`Engine::publish`], from a file, which is read into memory, copied and left alone.
    ///
    /// # Errors
    /// As [`Engine::publish`]; [`Error::File`] if the file is no good.
    pub fn publish_file(&self, domain: &str, file: impl AsRef<Path>) -> Result<DomainId> {
        let file = file.as_ref();
        // Never mapped: nobody promised that this file stays as it is.
        let index = fs::read(file).map_err(Error::io("read", file))?;
        verify(domain, &index)
            .map_err(|source| Error::File { path: file.to_owned(), source: Box::new(source) })?;
        self.replace(domain, &index)
    }

    /// A handle for one thread.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared.slot))
    }

    /// The current snapshot, to keep. Takes a lock; routing threads use [`Engine::reader`].
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.slot.load()
    }

    /// Publishes what was verified.
    fn replace(&self, domain: &str, index: &[u8]) -> Result<DomainId> {
        let mut writer = self.shared.writer.lock();
        let _only_process = writer.lock()?;
        let mut snapshot = Snapshot::clone(&self.shared.slot.load());
        let file = match snapshot.file_of(domain) {
            Some(file) => file,
            None => writer.next_id()?,
        };
        let staged = writer.stage(file, index)?;
        // What is verified is what readers will see, and it has no name yet: the old index stays
        // if the disk did not keep what was written.
        let index = open_index(staged.path(), self.shared.mode)?;
        verify_domain(domain, index.domain())?;
        let path = writer.commit(staged)?;
        let id = snapshot.put(Loaded { file, path, index });
        self.shared.slot.publish(Arc::new(snapshot));
        Ok(id)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("folder", &self.shared.folder)
            .field("mode", &self.shared.mode)
            .field("snapshot", &self.snapshot())
            .finish_non_exhaustive()
    }
}

fn load_all(files: &Files, ids: Vec<FileId>, mode: LoadMode) -> Vec<Result<Loaded>> {
    let load = |file: FileId| {
        let path = files.path(file);
        open_index(&path, mode).map(|index| Loaded { file, path, index })
    };
    // One domain alone is no reason to start a pool of threads within a host process.
    if let [only] = ids[..] { vec![load(only)] } else { ids.into_par_iter().map(load).collect() }
}

fn open_index(path: &Path, mode: LoadMode) -> Result<Index<Bytes>> {
    let bytes = Bytes::load(path, mode)?;
    Index::open(bytes)
        .map_err(|source| Error::File { path: path.to_owned(), source: Box::new(source) })
}

fn verify(domain: &str, index: &[u8]) -> Result<()> {
    verify_domain(domain, Index::open(index)?.domain())
}

fn verify_domain(expected: &str, found: &str) -> Result<()> {
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::WrongDomain { expected: expected.to_owned(), found: found.to_owned() })
}
