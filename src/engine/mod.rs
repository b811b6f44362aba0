//! The engine: a directory of index files, the snapshot that routing threads read, and how one snapshot
//! replaces another.
//!
//! A domain is a stack of immutable files: a *head*, and the *lower files* that it names, newest first.
//! The entries of a file shadow those of the files below it. Every change of a domain (a publish, a live
//! change, a compaction, a rollback) writes a new head and renames it into place: that rename commits
//! everything. A lower file is never replaced. It is removed when no head names it.
//!
//! Promises:
//! - a reader sees only bytes that were verified;
//! - a change is durable when it returns, and every process sees it whole or not at all;
//! - a bad file or a full disk leaves the last good state in place.
//!
//! Leaves to others what an index holds (`index`), and where its entries come from (the store, which the
//! engine does not know).
//!
//! | module | holds |
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

use std::{fmt, path::Path, sync::Arc, sync::atomic::AtomicBool};

use parking_lot::Mutex;

pub use self::call::decide::{AskedQuestion, Call, CallExplanation, Decision, Question};
pub use self::call::owned_call::OwnedCall;
pub use self::directory::bytes::{Bytes, LoadMode};
#[cfg(feature = "failpoints")]
pub use self::directory::failpoints::POINTS;
#[doc(hidden)]
pub use self::directory::names::{CHANGES_FILE, DomainFileId, FileName, INDEX_FOLDER};
#[doc(hidden)]
pub use self::directory::regular_file::open_regular;
pub use self::snapshot::check_report::CheckReport;
pub use self::snapshot::domain::Domain;
pub use self::snapshot::domain_id::DomainId;
pub use self::snapshot::{DomainKey, NotFound, Snapshot};
pub use self::view::health::{FileProblem, Health, MissingDomain};
pub use self::view::reader::Reader;
pub use self::writer::history::FormerState;
pub use self::writer::{Publish, Writer};

use self::{directory::names::DataDirectory, view::View};
use crate::{Result, index::Clock};

/// A data directory, open for checks. Clones share it.
///
/// Any number of processes on a machine may read a directory, each with its own engine. One process at a
/// time writes to it. Every process obeys a change at its next check.
///
/// A thread asks through a [`Reader`]. A program that writes takes a [`Writer`].
///
/// # Fork
/// A process may open the engine before it forks, after, or both: the readers of the child see every
/// change too. As with any lock, no other thread may be inside the engine at the moment of the fork.
///
/// # Async
/// An engine, its writer, its readers and its snapshots are `Send` and `Sync`, and a question needs no
/// `spawn_blocking`. The [tour of the crate](crate#async-programs) has which handle to keep where, what reads files,
/// and how to keep the loading of changes away from the threads of a runtime.
///
/// # Watch
/// Checks never fail because of the disk: they go on with the last good lists. So look at
/// [`Engine::health`] now and then, and raise an alarm if [`Health::is_good`] is false. Above all look at
/// [`Health::sees_others`]: a process that may not make the file of changes runs on with the lists that it
/// has.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, E164, Engine, Verdict};
///
/// # let directory = tempfile::tempdir()?;
/// # let data = directory.path();
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let mut spam = compiler.list("spam", Action::Deny)?;
/// spam.extend_e164(&[E164::new(905_050_047_824)?]);
///
/// let engine = Engine::open(data)?;
/// engine.publish("my.example", &compiler.finish()?.bytes)?;
///
/// let mut reader = engine.reader(); // one for each routing thread
/// match reader.check("my.example", "sip:05050047824@example.com")? {
///     Verdict::Deny(by) => assert_eq!(by.list.name, "spam"),
///     _ => unreachable!("the number is on the list"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// In an async program, a thread of its own follows the changes of other processes:
/// ```
/// use std::thread;
/// use std::time::Duration;
///
/// use callbar::{Engine, Reader, Snapshot, Writer};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// let follower = engine.clone();
/// thread::spawn(move || {
///     loop {
///         drop(follower.snapshot());
///         thread::sleep(Duration::from_millis(5));
///     }
/// });
///
/// fn may_cross_threads<T: Send + Sync + 'static>() {}
/// may_cross_threads::<Engine>();
/// may_cross_threads::<Reader>();
/// may_cross_threads::<Snapshot>();
/// may_cross_threads::<Writer>();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    view: Arc<View>,
    /// Set by the first sync that fails.
    poisoned: Arc<AtomicBool>,
    /// Makes publishers of one engine wait for each other.
    publishing: Arc<Mutex<()>>,
}

/// How an engine is opened: the second argument of [`Engine::open_with`].
///
/// # Examples
/// ```
/// use callbar::{Engine, LoadMode, Options};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open_with(data, Options { mode: LoadMode::Heap, ..Options::default() })?;
/// let same = Engine::open_with(data, LoadMode::Heap)?;
/// # assert_eq!(engine.health(), same.health());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How index files come into memory.
    pub mode: LoadMode,
    /// The clock that decides which entries have expired: that of the system, unless a test sets another.
    pub clock: Clock,
}

impl From<LoadMode> for Options {
    fn from(mode: LoadMode) -> Self {
        Self { mode, ..Self::default() }
    }
}

impl Engine {
    /// Opens the data directory `dir`, which must exist, and maps its indexes. A directory without indexes
    /// has no domain until one is published.
    ///
    /// Verifies every byte of every index, several files at a time on its own threads: a second or so for
    /// 5 GB in the page cache, or for 10,000 small domains. The first process to open a directory makes the
    /// folder `indexes` and the file of changes in it, if it may. If it may not, it does not see the changes
    /// of other processes: see [`Health::sees_others`].
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) names the index that cannot be used and the reason;
    /// [`Error::DuplicateDomain`](crate::Error::DuplicateDomain);
    /// [`Error::Io`](crate::Error::Io) if the directory cannot be read.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Error};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// assert_eq!(Engine::open(data)?.health().domains, 1);
    /// let missing = Engine::open(data.join("no such directory"));
    /// assert!(matches!(missing, Err(Error::Io { action: "open", .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, Options::default())
    }

    /// As [`Engine::open`], with [`Options`] or only a [`LoadMode`].
    ///
    /// # Errors
    /// As [`Engine::open`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, LoadMode};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open_with(data, LoadMode::Heap)?; // reads the files instead of mapping them
    /// assert!(engine.reader().check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_with(dir: impl AsRef<Path>, options: impl Into<Options>) -> Result<Self> {
        let (engine, damaged) = Self::open_sound(dir, options)?;
        damaged.into_iter().next().map_or(Ok(engine), Err)
    }

    /// As [`Engine::open_with`], but leaves out domains whose files cannot be used, so that the damage of one
    /// tenant does not stop the others. Also returns the error of each.
    ///
    /// A check of a domain that was left out is [`NotFound::Domain`]. Publish the domain again to bring it
    /// back. A damaged file stays until somebody removes it. If two files hold one domain, the one that was
    /// written last is used, and the other is among the errors.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the directory itself cannot be read.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, LoadMode};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let (engine, damaged) = Engine::open_sound(data, LoadMode::Map)?;
    /// for error in &damaged {
    ///     eprintln!("left out: {error}");
    /// }
    /// # assert!(damaged.is_empty() && engine.health().is_good());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_sound(
        dir: impl AsRef<Path>,
        options: impl Into<Options>,
    ) -> Result<(Self, Vec<crate::Error>)> {
        let Options { mode, clock } = options.into();
        let (view, damaged) = View::open(DataDirectory::new(dir.as_ref())?, mode, clock)?;
        let view = Arc::new(view);
        Ok((Self { view, poisoned: Arc::default(), publishing: Arc::default() }, damaged))
    }

    /// Makes this process the one that writes to the directory, until the writer is dropped. Make several
    /// changes with one writer: to open one takes the lock and looks through the directory.
    ///
    /// # Errors
    /// [`Error::Locked`](crate::Error::Locked) if there is a writer, in this process or another;
    /// [`Error::Poisoned`](crate::Error::Poisoned) after a failed sync;
    /// [`Error::Io`](crate::Error::Io).
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Error};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// assert!(matches!(engine.writer(), Err(Error::Locked { .. })));
    /// drop(writer);
    /// assert!(engine.writer().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn writer(&self) -> Result<Writer> {
        Writer::open(Arc::clone(&self.view), Arc::clone(&self.poisoned))
    }

    /// Publishes an index with a writer for this one call: as [`Writer::publish`], with
    /// [`Publish::default`]. Threads of one engine wait for each other. If another process has a writer, that
    /// is an error.
    ///
    /// # Errors
    /// As [`Engine::writer`] and [`Writer::publish`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Engine, Error};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// let index = Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes;
    /// let engine = Engine::open(data)?;
    /// let id = engine.publish("my.example", &index)?;
    /// assert_eq!(engine.snapshot().id("my.example"), Some(id));
    /// assert!(matches!(engine.publish("other.example", &index), Err(Error::WrongDomain { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn publish(&self, domain: &str, index: &[u8]) -> Result<DomainId> {
        let _only = self.publishing.lock();
        self.writer()?.publish(domain, index, Publish::default())
    }

    /// As [`Engine::publish`], from a file. The file is read into memory and stays as it is.
    ///
    /// # Errors
    /// As [`Engine::writer`] and [`Writer::publish_file`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Engine};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// let file = data.join("my.example.index"); // made on another machine, for instance
    /// std::fs::write(&file, compiler.finish()?.bytes)?;
    ///
    /// let engine = Engine::open(data)?;
    /// engine.publish_file("my.example", &file)?;
    /// assert!(engine.reader().check("my.example", "+905050047824")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn publish_file(&self, domain: &str, file: impl AsRef<Path>) -> Result<DomainId> {
        let _only = self.publishing.lock();
        self.writer()?.publish_file(domain, file, Publish::default())
    }

    /// The former states of a domain, the latest first. [`Writer::rollback`] brings one back.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`](crate::Error::UnknownDomain); [`Error::Io`](crate::Error::Io).
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// # let mut compiler = callbar::Compiler::new("my.example", callbar::DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", callbar::Action::Deny)?.extend(["+90532*", "+90533*"]).is_empty());
    /// # let index = compiler.finish()?.bytes;
    /// let engine = Engine::open(data)?;
    /// assert!(engine.history("my.example")?.is_empty());
    /// engine.publish("my.example", &index)?;
    /// let history = engine.history("my.example")?;
    /// assert_eq!((history.len(), history[0].entries), (1, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn history(&self, domain: &str) -> Result<Vec<FormerState>> {
        writer::history::history(&self.view, domain)
    }

    /// A handle for one thread.
    ///
    /// # Examples
    /// ```
    /// use std::thread;
    ///
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         let mut reader = engine.reader();
    ///         scope.spawn(move || {
    ///             assert!(reader.check("my.example", "0505 004 78 24").is_ok_and(|verdict| verdict.is_deny()));
    ///         });
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.view))
    }

    /// The current snapshot, to keep. Loads what other processes changed, unless another thread does so at
    /// this moment. Takes a lock: routing threads use [`Engine::reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let before = engine.snapshot();
    /// engine.writer()?.change("my.example", &[Change::remove("spam", "0505 004 78 24")])?;
    /// assert!(before.domain("my.example")?.check("0505 004 78 24").is_deny());
    /// assert!(!engine.snapshot().domain("my.example")?.check("0505 004 78 24").is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.view.follow();
        self.view.snapshot()
    }

    /// What could not be loaded, and whether changes of other processes are seen. Takes locks, and walks over
    /// all domains.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let before = engine.health();
    /// engine.writer()?.change("my.example", &[Change::add("spam", "0532 000 00 00")])?;
    /// assert!(engine.health().generation > before.generation);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        self.view.health()
    }

    /// Looks at the whole directory again: at files that could not be used, at files that were replaced by
    /// other means than a writer (a restored backup for instance), and for the file of changes if there was
    /// none. Opens each head: some 50 ms with 10,000 domains. Checks go on meanwhile.
    ///
    /// # Examples
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let watched = engine.clone();
    /// thread::spawn(move || {
    ///     loop {
    ///         if !watched.refresh().is_good() {
    ///             eprintln!("callbar: {:?}", watched.health());
    ///         }
    ///         thread::sleep(Duration::from_secs(60));
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refresh(&self) -> Health {
        self.view.refresh();
        self.health()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("folder", &self.view.files().folder())
            .field("snapshot", &self.snapshot())
            .finish_non_exhaustive()
    }
}
