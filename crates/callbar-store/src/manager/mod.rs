//! Joins the store and the engine: the only place that changes both.
//!
//! A change is written to the store, together with the changes of other callers, and made durable. Then it
//! is put into force in the engine. Then it is acknowledged. So an acknowledged change is durable and counts
//! for the next check.
//!
//! An index carries the revision of the domain that it was compiled from. After a kill, an index whose
//! revision is not that of the store is compiled again. Nothing flows from an index back to the store.
//!
//! | file | holds |
//! | --- | --- |
//! | `operation` | what callers ask for, and the results |
//! | `dial_plan` | dial plans as the store keeps them |
//! | `entry_keys` | the text of an entry read into its key, refusals and warnings |
//! | `limits` | what is refused before anything is stored |
//! | `changes/` | operations executed on the store, committed in groups and put into force; their thread |
//! | `import/` | many entries at once |
//! | `compile` | the index of one domain, compiled from the store |
//! | `rebuild` | indexes that are missing, damaged or behind the store, compiled again |
//! | `rekey` | entries that get other keys by a new dial plan or new numbering facts |
//! | `cleanup` | expired entries, removed lists and old log lines, removed between changes |
//! | `health` | what is wrong, for monitoring and for waiting callers |
//! | `views` | domains, lists and keys as clients see them |

mod changes;
mod cleanup;
mod compile;
mod dial_plan;
mod entry_keys;
mod health;
mod import;
mod limits;
mod operation;
mod rebuild;
mod rekey;
mod views;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde::Serialize;

pub use self::health::{LeftOutEntries, ManagerHealth};
pub use self::import::{Import, ImportEntry, ImportLines, Imported, Rejection};
pub use self::operation::{Applied, NewEntry, Operation};
pub use self::views::{DomainView, KeyView, ListView};

use self::changes::{CommittedChanges, Committer, Writers};
use self::health::{Faults, StaleReason};
use crate::store::{DomainRow, Reader, Store, StoredEntry};
use crate::{Error, Result};
use callbar::{Clock, Engine, EntryKey, Explanation, MatchedEntry, Note, Options};

/// How long a change waits for an index that is being compiled again.
const REBUILD_WAIT: Duration = Duration::from_secs(2);

/// The lists of a data directory: durable in its store, in force in its engine.
///
/// A manager is the one writer of its directory. Any number of threads may use it: clones are the same
/// manager. Other processes read the same directory with [`callbar::Engine::open`] and see every change
/// as soon as it is acknowledged.
///
/// # Examples
/// ```
/// use callbar::PlanSpec;
/// use callbar_store::{Import, ImportEntry, Manager, ManagerOptions, Operation};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let directory = tempfile::tempdir()?;
/// let manager = Manager::open(directory.path(), ManagerOptions::default())?;
///
/// // Changes: all of a call or none, durable and in force when it returns.
/// manager.apply("admin", vec![
///     Operation::put_domain("my.example", PlanSpec::new("TR")),
///     Operation::put_list("my.example", "spam", callbar::Action::Deny),
///     Operation::add("my.example", "spam", "0505 004 78 24"),
/// ])?;
/// assert!(manager.engine().reader().check("my.example", "+905050047824")?.is_deny());
///
/// // Many entries at once.
/// let import = Import::new("my.example", "spam");
/// let imported = manager.import(
///     "admin",
///     &import,
///     |lines| lines.add((1..=3).map(|i| ImportEntry::new(i, format!("050500000{i:02}"))).collect()),
///     || Ok(()),
/// )?;
/// assert_eq!((imported.added, imported.rejected_count, imported.done), (3, 0, true));
///
/// // Takes no more changes, and waits for those that were taken.
/// manager.shut_down();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Manager {
    shared: Arc<Shared>,
    /// Dropped with the last clone. Then it waits for its threads.
    committer: Arc<Committer>,
}

/// What the threads of a manager share.
struct Shared {
    store: Store,
    engine: Engine,
    clock: Clock,
    on_event: Option<OnManagerEvent>,
    writers: Mutex<Writers>,
    /// Held while the entries of an import are read, because they take memory.
    reading: Mutex<()>,
    faults: Mutex<Faults>,
    /// Notified when an index was compiled, or could not be.
    index_made: Condvar,
}

/// Options of [`Manager::open`].
///
/// # Examples
/// ```
/// use callbar::Clock;
/// use callbar_store::{Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// // A test sets the time itself.
/// let options = ManagerOptions { clock: Clock::from_fn(|| 1_790_000_000), ..ManagerOptions::default() };
/// assert_eq!(Manager::open(data, options)?.now(), 1_790_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ManagerOptions {
    /// The clock for times of creation and for expiry. The default is the clock of the system; tests
    /// give their own.
    pub clock: Clock,
    /// Called with the progress of rebuilds and imports, on the thread that does the work. The default is
    /// none.
    pub on_event: Option<OnManagerEvent>,
    /// How long the clock must have been steady before expired entries and old log lines are removed, so
    /// that a clock that jumps ahead for a moment removes nothing. The default is ten minutes. Checks
    /// ignore expired entries at once.
    pub cleanup_delay: Duration,
}

impl Default for ManagerOptions {
    fn default() -> Self {
        let cleanup_delay = Duration::from_mins(10);
        Self { clock: Clock::default(), on_event: None, cleanup_delay }
    }
}

/// A function that is called with events of a manager. Return soon: the work waits for it.
///
/// # Examples
/// ```
/// use std::sync::Arc;
///
/// use callbar_store::{Manager, ManagerEvent, ManagerOptions, OnManagerEvent};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let on_event: OnManagerEvent = Arc::new(|event: &ManagerEvent| println!("{event:?}"));
/// let options = ManagerOptions { on_event: Some(on_event), ..ManagerOptions::default() };
/// assert!(Manager::open(data, options)?.health().writable);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type OnManagerEvent = Arc<dyn Fn(&ManagerEvent) + Send + Sync>;

/// Something that happened in a rebuild or an import.
///
/// # Examples
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use callbar_store::{Import, ImportEntry, Manager, ManagerEvent, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let stored = Arc::new(Mutex::new(0));
/// let sum = Arc::clone(&stored);
/// let on_event = move |event: &ManagerEvent| {
///     if let ManagerEvent::ImportStored(progress) = event {
///         *sum.lock().unwrap() = progress.done;
///     }
/// };
/// let options = ManagerOptions { on_event: Some(Arc::new(on_event)), ..ManagerOptions::default() };
/// let manager = Manager::open(data, options)?;
/// let import = Import::new("my.example", "spam");
/// let entries = vec![ImportEntry::new(1, "0505 004 78 25"), ImportEntry::new(2, "0505 004 78 26")];
/// manager.import("admin", &import, |lines| lines.add(entries), || Ok(()))?;
/// assert_eq!(*stored.lock().unwrap(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagerEvent {
    /// More entries of an import have been read.
    ImportRead(Progress),
    /// More entries of an import have been stored.
    ImportStored(Progress),
    /// More entries have been put into an index that is compiled from the store.
    IndexProgress(Progress),
    /// An index that was compiled from the store leaves entries out.
    EntriesLeftOut(LeftOutEntries),
    /// An index was compiled again from the store and is in force. It took this long.
    IndexMade(Duration),
}

/// The progress of a rebuild or an import.
///
/// # Examples
/// ```
/// use callbar_store::Progress;
///
/// let progress = Progress { domain: "my.example".into(), done: 250_000, total: 1_000_000 };
/// println!("{}: {} of {} entries", progress.domain, progress.done, progress.total);
/// let json = r#"{"domain":"my.example","done":250000,"total":1000000}"#;
/// assert_eq!(serde_json::to_string(&progress)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The name of the domain.
    pub domain: String,
    /// How many entries are done.
    pub done: u64,
    /// How many entries there are; 0 if that is not known.
    pub total: u64,
}

impl Manager {
    /// Opens a data directory, which must exist, and becomes the one writer of its store and its indexes.
    /// An empty directory gets a store without domains.
    ///
    /// Indexes that are missing, damaged or behind the store are compiled again in the background; the
    /// others answer at once. [`Manager::health`] shows the progress.
    ///
    /// # Errors
    /// [`callbar::Error::Locked`] if another process writes to the directory; [`Error::NotManaged`] if it
    /// holds domains that `callbar compile` published; [`Error::StoreMissing`] if it holds indexes of a
    /// store that is gone; the errors of [`Store::open`]; [`callbar::Error::File`] or
    /// [`callbar::Error::Io`] if an index cannot be read and there is no store to compile it from.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Error, Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// assert!(manager.engine().reader().check("my.example", "0505 004 78 24")?.is_deny());
    /// let error = Manager::open(data, ManagerOptions::default()).unwrap_err();
    /// assert!(matches!(error, Error::Engine(callbar::Error::Locked { .. })), "one manager at a time");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: &Path, options: ManagerOptions) -> Result<Self> {
        let ManagerOptions { clock, on_event, cleanup_delay } = options;
        let with_clock = Options { clock: clock.clone(), ..Options::default() };
        let (engine, mut damaged) = Engine::open_sound(dir, with_clock)?;
        let writer = engine.writer()?;
        rebuild::refuse_foreign(&engine, &mut damaged, dir)?;
        let store = Store::open(dir)?;
        if store.read(|reader: &Reader<'_>| reader.revision())? == 0 {
            rebuild::refuse_orphans(&engine, &mut damaged, dir)?;
        }
        let writers = Mutex::new(Writers::new(store.writer()?, writer));
        let faults = Mutex::new(Faults::default());
        let reading = Mutex::default();
        let index_made = Condvar::new();
        let shared =
            Shared { store, engine, clock, on_event, writers, reading, faults, index_made };
        let shared = Arc::new(shared);
        shared.find_stale()?;
        let committer = Arc::new(Committer::start(&shared, cleanup_delay)?);
        Ok(Self { shared, committer })
    }

    /// The engine, for checks: take a [`Reader`](callbar::Reader) for each thread, or a snapshot.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let mut reader = manager.engine().reader();
    /// assert!(reader.check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// The store, for reading. Its writer belongs to the manager.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let list = manager.store().read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// assert_eq!(list.entries, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The present time by the manager's clock, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    /// Makes changes in this order, all of them or none. Returns a result for each operation. `who` is
    /// named in the audit log.
    ///
    /// When it returns, the changes are durable and count for every check that starts afterwards, in
    /// every process. It blocks for some milliseconds, mostly for one sync of the disk. Callers on several
    /// threads share that sync. If the index of a domain is being compiled again, it waits for that, two
    /// seconds at most. In async code, call it where blocking is allowed.
    ///
    /// # Errors
    /// - An error of an operation, for example [`callbar::Error::UnknownDomain`],
    ///   [`callbar::Error::UnknownList`] or [`callbar::Error::InvalidEntry`]: nothing was changed.
    /// - [`Error::DiskFull`]: nothing was changed, and a later call may succeed.
    /// - [`Error::Store`]: the manager takes no more changes. Open it again to know whether these were made.
    ///   [`callbar::Error::Poisoned`]: that happened before, and nothing was changed.
    /// - [`Error::NotInForce`]: the changes are durable but do not count yet. The manager goes on compiling
    ///   the index that will have them.
    /// - [`Error::Closed`]: the manager was shut down.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let add = |number: &str| Operation::add("my.example", "spam", number);
    /// let applied = manager.apply("admin", vec![add("0505 004 78 24"), add("0505 004 78 25")])?;
    /// assert_eq!(applied[0].outcome(), Outcome::Unchanged, "it was there");
    /// assert_eq!(applied[1].outcome(), Outcome::Added);
    ///
    /// // One bad entry, and nothing is changed.
    /// assert!(manager.apply("admin", vec![add("0505 004 78 26"), add("9,0505E+11")]).is_err());
    /// assert_eq!(manager.entry("my.example", "spam", "0505 004 78 26")?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&self, who: &str, operations: Vec<Operation>) -> Result<Vec<Applied>> {
        let CommittedChanges { applied, held } = self.committer.apply(who, operations)?;
        self.shared.wait_for(&held)?;
        Ok(applied)
    }

    /// The key of an entry by the dial plan of a domain, whatever form the entry is written in.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`]; [`callbar::Error::InvalidEntry`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// assert_eq!(manager.key("my.example", "0505 004 78 24")?.to_string(), "+905050047824");
    /// assert!(manager.key("other.example", "0505 004 78 24").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key(&self, domain: &str, number: &str) -> Result<EntryKey> {
        let (_, plan) = self.shared.store.read(|reader| reader.require_domain_plan(domain))?;
        entry_keys::parse_any(&dial_plan::parse(&plan)?, number)
    }

    /// The entry of a list, whatever form its number is written in; `None` if it is not there. Returns
    /// expired entries that are still stored: see [`StoredEntry::is_live`].
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], [`callbar::Error::UnknownList`];
    /// [`callbar::Error::InvalidEntry`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let entry = manager.entry("my.example", "spam", "+90 505 004 78 24")?.expect("it is there");
    /// assert_eq!((&*entry.number, &*entry.canonical()), ("0505 004 78 24", "+905050047824"));
    /// assert_eq!(manager.entry("my.example", "vip", "0505 004 78 24")?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entry(&self, domain: &str, list: &str, number: &str) -> Result<Option<StoredEntry>> {
        self.shared.store.read(|reader| {
            let (domain, plan) = reader.require_domain_plan(domain)?;
            let key = entry_keys::parse_any(&dial_plan::parse(&plan)?, number)?;
            reader.entry(reader.require_list(domain, list)?.row, &key.to_stored())
        })
    }

    /// Adds to an explanation what only the store knows of each matching entry: its id and its time of
    /// creation. An entry that was removed since stays as it was explained. Costs a look-up for each match.
    ///
    /// # Errors
    /// [`Error::Store`]
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let snapshot = manager.engine().snapshot();
    /// let mut explanation = snapshot.domain("my.example")?.explain("0505 004 78 24");
    /// assert_eq!(explanation.matches[0].note, None, "the index knows no ids");
    /// manager.identify(&mut explanation)?;
    /// let entry = manager.entry("my.example", "spam", "0505 004 78 24")?.expect("it is there");
    /// assert_eq!(explanation.matches[0].note.and_then(|note| note.id), Some(entry.id()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn identify(&self, explanation: &mut Explanation<'_>) -> Result<()> {
        self.shared.store.read(|reader| {
            explanation.matches.iter_mut().try_for_each(|matched| identify(reader, matched))
        })
    }

    /// Puts many entries on a list, all of them or those that can be. `tools/bench_cli.py` measures ten
    /// million.
    ///
    /// `fill` adds the entries to the [`ImportLines`]; nothing is stored before it has returned. `permit`
    /// is called just before they are stored, when no other change can come in between; with `|| Ok(())`
    /// nothing is asked. Imports run one after the other. Other changes wait only while the entries are
    /// stored. `who` is named in the audit log.
    ///
    /// Rejected entries are no error: see [`Imported::done`].
    ///
    /// # Errors
    /// Those of `fill` and `permit`, with nothing changed; [`callbar::Error::UnknownDomain`] and
    /// [`callbar::Error::UnknownList`]; the loss that [`Import::max_loss`] forbids; [`Error::Changed`] if
    /// the dial plan or the action of the list changed meanwhile; and those of [`Manager::apply`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Import, ImportEntry, Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let import = Import { partial: true, ..Import::new("my.example", "spam") };
    /// let entries = vec![ImportEntry::new(1, "0505 004 78 25"), ImportEntry::new(2, "9,0505E+11")];
    /// let imported = manager.import("admin", &import, |lines| lines.add(entries), || Ok(()))?;
    /// assert_eq!((imported.added, imported.rejected_count, imported.done), (1, 1, true));
    /// assert_eq!(imported.rejected[0].line, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import<E: From<Error>>(
        &self,
        who: &str,
        import: &Import,
        fill: impl FnOnce(&mut ImportLines<'_>) -> Result<(), E>,
        permit: impl FnOnce() -> Result<()>,
    ) -> Result<Imported, E> {
        self.committer.verify_open()?;
        let permit = || self.committer.verify_open().and_then(|()| permit());
        self.shared.import(who, import, fill, permit)
    }

    /// The health of the manager and its engine. Cheap enough for every scrape of a monitor.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let health = manager.health();
    /// assert!(health.is_good());
    /// assert_eq!(health.engine.domains, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> ManagerHealth {
        self.shared.health()
    }

    /// Takes no more changes, and waits until all that were taken are in force. Checks go on. Dropping the
    /// last clone does the same.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Error, Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// manager.shut_down();
    /// let add = Operation::add("my.example", "spam", "0505 004 78 25");
    /// assert!(matches!(manager.apply("admin", vec![add]), Err(Error::Closed)));
    /// assert!(manager.engine().reader().check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shut_down(&self) {
        self.committer.shut_down();
    }
}

impl Shared {
    fn notify(&self, event: impl FnOnce() -> ManagerEvent) {
        if let Some(on_event) = &self.on_event {
            on_event(&event());
        }
    }

    /// Waits for the indexes of these domains while they are compiled, but not for long: a caller that
    /// waits may hold up others.
    ///
    /// # Errors
    /// [`Error::NotInForce`]
    fn wait_for(&self, domains: &[DomainRow]) -> Result<()> {
        let end = Instant::now() + REBUILD_WAIT;
        let mut faults = self.faults.lock();
        loop {
            let reason = match domains.iter().find_map(|&row| faults.why_stale(row)) {
                None => return Ok(()),
                Some(StaleReason::Failed(error)) => error,
                Some(StaleReason::Rebuilding) => {
                    if !self.index_made.wait_until(&mut faults, end).timed_out() {
                        continue;
                    }
                    "the index of its domain is being made again".to_owned()
                }
            };
            return Err(Error::NotInForce { reason });
        }
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manager").field("store", &self.shared.store.path()).finish_non_exhaustive()
    }
}

fn identify(reader: &Reader<'_>, matched: &mut MatchedEntry<'_>) -> Result<()> {
    let Some(list) = reader.list_by_name(matched.domain, matched.list)? else { return Ok(()) };
    let key = EntryKey::from(&matched.entry).to_stored();
    if let Some(StoredEntry { note: stored, .. }) = reader.entry(list.row, &key)? {
        let note = matched.note.unwrap_or_default();
        matched.note = Some(Note { id: stored.id, created: stored.created, ..note });
    }
    Ok(())
}
