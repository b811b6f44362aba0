//! Where the store and the engine meet: the only place that changes both.
//!
//! A change is written to the store first, together with what others want at that moment, and made
//! durable; then it is put into force in the engine; then it is acknowledged. So an acknowledged
//! change is durable and counts for the next check, and whatever the engine lacks after a kill can
//! be made again from the store: every index carries the revision of the domain that it was made
//! of, and one whose revision is not the store's is made anew.
//!
//! | file | holds |
//! | --- | --- |
//! | `operation` | what can be asked for, and what it comes to |
//! | `plan` | dial plans as the store keeps them |
//! | `bounds` | what is refused before anything is stored |
//! | `warnings` | what is taken and may be a mistake |
//! | `perform` | an operation on the store, and what it means to the engine |
//! | `replan` | entries of a domain that gets another dial plan |
//! | `effect` | what a group of operations means to the engine |
//! | `compile` | the index of one domain, compiled from the store |
//! | `core` | the two writers: a group committed and put into force |
//! | `thread` | the thread that forms groups, and keeps house between them |
//! | `house` | what is done when nothing is asked for |
//! | `past` | what the time has been for a while |
//! | `rebuild` | indexes that are missing, damaged or behind the store, made again |
//! | `import`, `target`, `spool` | many entries at once |
//! | `identify` | what only the store knows of an entry that is explained |
//! | `health` | what is not as it should be |

mod bounds;
mod compile;
mod core;
mod effect;
mod health;
mod house;
mod identify;
mod import;
mod operation;
mod past;
mod perform;
mod plan;
mod rebuild;
mod replan;
mod spool;
mod target;
mod thread;
mod warnings;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde::Serialize;

pub use self::health::{LeftOut, ManagerHealth};
pub use self::import::{Import, ImportEntry, ImportLines, Imported, Rejection};
pub use self::operation::{Applied, NewEntry, Operation};
pub use self::plan::PlanSpec;

use self::core::{Committed, Core};
use self::health::{Lack, Troubles};
use self::thread::Committer;
use crate::store::{DomainRow, ListRow, Reader, Store, StoredDomain, StoredEntry};
use crate::{Error, Result};
use callbar::{Action, Clock, DialPlan, Engine, EntryError, EntryKey, LISTS_MAX, Options};

/// How long a change waits for the index of its domain that is being made again.
const WAIT: Duration = Duration::from_secs(2);

/// The lists of a data directory: durable in its store, in force in its engine. Clones are the same
/// manager.
#[derive(Clone)]
pub struct Manager {
    shared: Arc<Shared>,
    /// Dropped with the last clone, and then waits for its thread.
    committer: Arc<Committer>,
}

/// What the threads of a manager share.
struct Shared {
    store: Store,
    engine: Engine,
    clock: Clock,
    news: Option<OnNews>,
    core: Mutex<Core>,
    /// Held while the entries of an import are read, which takes memory.
    reading: Mutex<()>,
    troubles: Mutex<Troubles>,
    /// Told when an index has been made, or could not be.
    settled: Condvar,
}

/// How a manager is opened.
#[derive(Clone)]
pub struct ManagerOptions {
    /// The clock that creation and expiry go by: the system's, unless a test injects one.
    pub clock: Clock,
    /// Told now and then how far a rebuild or an import has come, and what a rebuild had to leave
    /// out, on the thread that does it.
    pub news: Option<OnNews>,
    /// For how long the clock must have been right before what has expired by it is removed from the
    /// store, and old lines of the log. Ten minutes unless told otherwise.
    pub patience: Duration,
}

impl Default for ManagerOptions {
    fn default() -> Self {
        let patience = Duration::from_mins(10);
        Self { clock: Clock::default(), news: None, patience }
    }
}

/// Who is told how far a rebuild or an import has come.
pub type OnNews = Arc<dyn Fn(&News) + Send + Sync>;

/// What is told of a rebuild or an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Entries of an import have been read.
    Read(Progress),
    /// Entries of an import have been stored.
    Stored(Progress),
    /// Entries have been put into an index that is made from the store.
    Indexed(Progress),
    /// An index that is made from the store leaves entries out.
    LeftOut(LeftOut),
    /// An index has been made again from the store and is in force; it took so long.
    Made(Duration),
}

/// How far a rebuild or an import has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The domain.
    pub domain: String,
    /// Entries done.
    pub done: u64,
    /// Entries in all; 0 if nobody knows.
    pub total: u64,
}

impl Manager {
    /// Opens the store and the indexes of a data directory, which must exist, and becomes the one
    /// writer of both. Indexes that are missing, damaged or behind the store are made again in the
    /// background; the others answer at once. See [`Manager::health`].
    ///
    /// # Errors
    /// [`callbar::Error::Locked`] if another process writes to the directory; [`Error::Store`] and its like;
    /// [`Error::NotManaged`] if it holds domains that `callbar compile` made;
    /// [`Error::StoreMissing`] if it holds such of a store that is not there; [`callbar::Error::File`] or
    /// [`callbar::Error::Io`] of an index that cannot be read and has no store, and [`callbar::Error::Io`] of the rest.
    pub fn open(dir: &Path, options: ManagerOptions) -> Result<Self> {
        let ManagerOptions { clock, news, patience } = options;
        let with_clock = Options { clock: clock.clone(), ..Options::default() };
        let (engine, mut damaged) = Engine::open_sound(dir, with_clock)?;
        let writer = engine.writer()?;
        rebuild::refuse_foreign(&engine, &mut damaged, dir)?;
        let store = Store::open(dir)?;
        if store.read(|reader: &Reader<'_>| reader.revision())? == 0 {
            rebuild::refuse_orphans(&engine, &mut damaged, dir)?;
        }
        let core = Mutex::new(Core::new(store.writer()?, writer));
        let troubles = Mutex::new(Troubles::default());
        let reading = Mutex::default();
        let settled = Condvar::new();
        let shared = Shared { store, engine, clock, news, core, reading, troubles, settled };
        let shared = Arc::new(shared);
        shared.find_stale()?;
        let committer = Arc::new(Committer::start(&shared, patience)?);
        Ok(Self { shared, committer })
    }

    /// The engine, for checks: a [`Reader`](callbar::Reader) for each thread, or a snapshot.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// The store, to be read.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The second that it is, by the manager's clock.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    /// Makes changes in the name of `who`, in this order, all of them or none. When it returns they
    /// are durable, and count for every check that starts afterwards, in every process. Blocks for
    /// some milliseconds; callers on several threads share one commit. Where the index of the domain
    /// is being made again, it waits for that, two seconds at most.
    ///
    /// # Errors
    /// What is wrong with an operation, with nothing changed; [`Error::Store`] and
    /// [`callbar::Error::Poisoned`] likewise. [`Error::NotInForce`]: the changes are durable, but do not
    /// count yet; the manager goes on making the index that will have them. [`Error::Closed`] after [`Manager::shut_down`].
    pub fn apply(&self, who: &str, operations: Vec<Operation>) -> Result<Vec<Applied>> {
        let Committed { applied, held } = self.committer.apply(who, operations)?;
        self.shared.wait_for(&held)?;
        Ok(applied)
    }

    /// The key of an entry by the dial plan of a domain, however it is written.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`];
    /// [`callbar::Error::InvalidEntry`].
    pub fn key(&self, domain: &str, number: &str) -> Result<EntryKey> {
        let (_, plan) = self.shared.store.read(|reader| known_plan(reader, domain))?;
        key(&plan::read(&plan)?, number, Action::Allow, true)
    }

    /// The entry of a list, in whatever form it is asked for.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], [`callbar::Error::UnknownList`]; [`callbar::Error::InvalidEntry`].
    pub fn entry(&self, domain: &str, list: &str, number: &str) -> Result<Option<StoredEntry>> {
        self.shared.store.read(|reader| {
            let (domain, plan) = known_plan(reader, domain)?;
            let key = key(&plan::read(&plan)?, number, Action::Allow, true)?;
            reader.entry(known_list(reader, domain, list)?, &key.to_stored())
        })
    }

    /// Puts many entries on a list; ten million in half a minute, with [`Progress`]. `fill` adds them to
    /// the [`ImportLines`]. Other imports wait until it has returned, and other changes while the entries
    /// are stored. `may` is asked when no other change can come between.
    ///
    /// # Errors
    /// As [`Manager::apply`], and those of `fill` and `may`, with nothing changed. Rejected entries are
    /// no error.
    pub fn import<E: From<Error>>(
        &self,
        who: &str,
        import: &Import,
        fill: impl FnOnce(&mut ImportLines<'_>) -> Result<(), E>,
        may: impl FnOnce() -> Result<()>,
    ) -> Result<Imported, E> {
        self.committer.verify_open()?;
        let may = || self.committer.verify_open().and_then(|()| may());
        self.shared.import(who, import, fill, may)
    }

    /// What is not as it should be.
    #[must_use]
    pub fn health(&self) -> ManagerHealth {
        self.shared.health()
    }

    /// Takes no more changes, and waits until all that were taken are in force. Checks go on.
    pub fn shut_down(&self) {
        self.committer.shut_down();
    }
}

impl Shared {
    fn tell(&self, news: impl FnOnce() -> News) {
        if let Some(tell) = &self.news {
            tell(&news());
        }
    }

    /// Waits for the indexes of these domains while they are being made, but not for long: whoever
    /// waits may hold up others.
    ///
    /// # Errors
    /// [`Error::NotInForce`]
    fn wait_for(&self, domains: &[DomainRow]) -> Result<()> {
        let end = Instant::now() + WAIT;
        let mut troubles = self.troubles.lock();
        loop {
            let reason = match domains.iter().find_map(|&row| troubles.lack(row)) {
                None => return Ok(()),
                Some(Lack::Failed(error)) => error,
                Some(Lack::IsMade) => {
                    if !self.settled.wait_until(&mut troubles, end).timed_out() {
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

/// # Errors
/// [`callbar::Error::UnknownDomain`]
fn known_domain(reader: &Reader<'_>, name: &str) -> Result<StoredDomain> {
    let found = reader.domain(&name.to_ascii_lowercase())?;
    found.ok_or_else(|| Error::Engine(callbar::Error::UnknownDomain { domain: name.to_owned() }))
}

/// # Errors
/// [`callbar::Error::UnknownDomain`]
fn known_plan(reader: &Reader<'_>, name: &str) -> Result<(DomainRow, String)> {
    let found = reader.plan_of(&name.to_ascii_lowercase())?;
    found.ok_or_else(|| Error::Engine(callbar::Error::UnknownDomain { domain: name.to_owned() }))
}

/// # Errors
/// [`callbar::Error::UnknownList`]
fn known_list(reader: &Reader<'_>, domain: DomainRow, name: &str) -> Result<ListRow> {
    let found = reader.list(domain, name)?;
    found
        .map(|list| list.row)
        .ok_or_else(|| Error::Engine(callbar::Error::UnknownList { name: name.to_owned() }))
}

/// # Errors
/// [`callbar::Error::TooLarge`] if a domain has as many lists as its index can have.
fn refuse_more_lists(reader: &Reader<'_>, domain: DomainRow) -> Result<()> {
    let limit = LISTS_MAX as u64;
    if reader.lists_count(domain)? < limit {
        return Ok(());
    }
    Err(Error::Engine(callbar::Error::TooLarge { what: "lists of a domain", limit }))
}

/// Reads an entry that is to be on a list of this action.
///
/// # Errors
/// [`callbar::Error::InvalidEntry`]
fn key(plan: &DialPlan, number: &str, action: Action, allow_broad: bool) -> Result<EntryKey> {
    bounds::refuse_long_entry(number)?;
    let key = EntryKey::parse(number.as_bytes(), plan);
    let key = key.and_then(|key| key.permit(action, allow_broad).map(|()| key));
    key.map_err(|reason| invalid_entry(number, reason))
}

fn invalid_entry(number: &str, reason: EntryError) -> Error {
    Error::Engine(callbar::Error::InvalidEntry { text: number.to_owned(), reason })
}
