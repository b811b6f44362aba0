//! A directory of index files, the snapshot that routing threads read, and its replacement.
//!
//! A domain is a stack of immutable files: a *head*, and the *lower files* that it names, newest
//! first; the entries of a file shadow those of the files below. Whatever changes a domain (a
//! publish, a live change, a compaction, a rollback) writes a new head and renames it into place:
//! that rename commits everything. Lower files are never replaced, and removed when no head names
//! them.
//!
//! Promises: every byte is verified before a reader sees it; a change is durable when it returns,
//! and seen whole or not at all, by every process; a bad file or a full disk leaves the last good
//! state in place.
//!
//! Leaves to others what an index holds (`index`) and where its entries come from (`store`, which
//! the engine does not know).
//!
//! | room | holds |
//! | --- | --- |
//! | `directory` | files: their names, their bytes, the writer's lock, write and rename, the file of changes |
//! | `snapshot` | all domains at one moment, one of them, and how its files are loaded |
//! | `view` | how a process follows changes: the swap, a thread's reader, health |
//! | `writer` | publish, live changes, compaction, rollback |
//! | `call` | the question of a call, about both parties |

mod call;
mod directory;
mod snapshot;
mod view;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;

pub use self::call::decide::{AskedQuestion, Call, CallExplanation, Decision, Question};
pub use self::call::owned_call::OwnedCall;
pub use self::directory::bytes::{Bytes, LoadMode};
#[cfg(feature = "failpoints")]
pub use self::directory::failpoints::POINTS;
pub use self::snapshot::domain::Domain;
pub use self::snapshot::domain_id::DomainId;
pub use self::snapshot::{DomainKey, NotFound, Snapshot};
pub use self::view::health::{Health, Missing, Problem};
pub use self::view::reader::Reader;
pub use self::writer::history::Kept;
pub use self::writer::{Publish, Writer};

use self::directory::names::DataDirectory;
use self::view::View;
use crate::Result;
use crate::index::Clock;

/// The indexes of a data directory, open for checks. Clones are the same engine.
///
/// Any number of processes on a machine may read a directory, each with an engine of its own; one
/// at a time writes to it. A process sees what any of them changed at its next check.
///
/// A process that forks may open the engine before, after, or both: the child's readers see every
/// change, too. It forks while no other thread is inside the engine, as with any lock.
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
    inner: Arc<EngineInner>,
}

struct EngineInner {
    view: Arc<View>,
    /// Set by the first sync that fails.
    poisoned: Arc<AtomicBool>,
    /// Publishers of one engine wait for each other.
    turn: Mutex<()>,
}

/// How an engine is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How index files come into memory.
    pub mode: LoadMode,
    /// The clock that expiry is judged by: the system's, unless a test injects one.
    pub clock: Clock,
}

impl From<LoadMode> for Options {
    fn from(mode: LoadMode) -> Self {
        Self { mode, ..Self::default() }
    }
}

impl Engine {
    /// Opens the data directory `dir`, which must exist, with its indexes mapped. Without any the
    /// engine knows no domain until one is published.
    ///
    /// Every byte of every index is verified, several files at a time on threads of its own: a second
    /// or so for 5 GB in the page cache, or for 10,000 small domains. The first to open a directory
    /// makes the folder `indexes` and the file of changes in it, if it may: without, all is as it
    /// should be but for the changes of other processes, see [`Health::sees_others`].
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) names the index that cannot be used and says why;
    /// [`Error::DuplicateDomain`](crate::Error::DuplicateDomain);
    /// [`Error::Io`](crate::Error::Io) if the directory cannot be read.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, Options::default())
    }

    /// As [`Engine::open`], with options, or a [`LoadMode`] alone.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_with(dir: impl AsRef<Path>, options: impl Into<Options>) -> Result<Self> {
        let (engine, damaged) = Self::open_sound(dir, options)?;
        damaged.into_iter().next().map_or(Ok(engine), Err)
    }

    /// As [`Engine::open_with`], but one tenant's damage is not the others': domains whose files
    /// cannot be used are left out, and told. A check of them is [`NotFound::Domain`], and
    /// publishing such a domain again brings it back. A damaged file stays until somebody removes
    /// it.
    ///
    /// Of two files that hold one domain the one that was written last is used, and the other told.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the directory itself cannot be read.
    pub fn open_sound(
        dir: impl AsRef<Path>,
        options: impl Into<Options>,
    ) -> Result<(Self, Vec<crate::Error>)> {
        let Options { mode, clock } = options.into();
        let (view, damaged) = View::open(DataDirectory::new(dir.as_ref())?, mode, clock)?;
        let inner =
            EngineInner { view: Arc::new(view), poisoned: Arc::default(), turn: Mutex::default() };
        Ok((Self { inner: Arc::new(inner) }, damaged))
    }

    /// Becomes the one writer of the directory, until the answer is dropped. Several changes are
    /// best made by one writer.
    ///
    /// # Errors
    /// [`Error::Locked`](crate::Error::Locked) if there is a writer, in this process or another;
    /// [`Error::Poisoned`](crate::Error::Poisoned) after a failed sync;
    /// [`Error::Io`](crate::Error::Io).
    pub fn writer(&self) -> Result<Writer> {
        Writer::open(Arc::clone(&self.inner.view), Arc::clone(&self.inner.poisoned))
    }

    /// [`Writer::publish`] by a writer for this one call, as [`Publish::default`] says. Threads of
    /// one engine wait for each other; another writer is an error.
    ///
    /// # Errors
    /// As [`Engine::writer`] and [`Writer::publish`].
    pub fn publish(&self, domain: &str, index: &[u8]) -> Result<DomainId> {
        let _turn = self.inner.turn.lock();
        self.writer()?.publish(domain, index, Publish::default())
    }

    /// As [`Engine::publish`], from a file, which is read into memory, copied and left alone.
    ///
    /// # Errors
    /// As [`Engine::writer`] and [`Writer::publish_file`].
    pub fn publish_file(&self, domain: &str, file: impl AsRef<Path>) -> Result<DomainId> {
        let _turn = self.inner.turn.lock();
        self.writer()?.publish_file(domain, file, Publish::default())
    }

    /// The former states of a domain that [`Writer::rollback`] can bring back, the latest first.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`](crate::Error::UnknownDomain); [`Error::Io`](crate::Error::Io).
    pub fn history(&self, domain: &str) -> Result<Vec<Kept>> {
        writer::history::history(&self.inner.view, domain)
    }

    /// A handle for one thread.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.inner.view))
    }

    /// The current snapshot, to keep. Takes a lock; routing threads use [`Engine::reader`].
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.view.follow();
        self.inner.view.snapshot()
    }

    /// What could not be loaded, and whether changes of other processes are seen. Takes locks, and
    /// walks over all domains.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner.view.health()
    }

    /// Looks at the whole directory again: at files that could not be used, at files that were
    /// replaced behind the engine's back, a restored backup for instance, and for the file of
    /// changes if there was none. Opens each head: some 50 ms with 10,000 domains; checks go on
    /// meanwhile.
    pub fn refresh(&self) -> Health {
        self.inner.view.refresh();
        self.health()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("folder", &self.inner.view.files().folder())
            .field("snapshot", &self.snapshot())
            .finish_non_exhaustive()
    }
}
