//! The state that all requests share: the manager, the keys, the limits, the metrics.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use callbar::Outcome;
use callbar_store::{Applied, CredentialKind, Error, Manager, NewEntry, Operation, Reader, Result};
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use crate::access::credential::{Principal, StoredKey};
use crate::access::rate_limit::RateLimit;
use crate::access::secret::Secret;
use crate::access::transfer_limit::{EXPORTS, IMPORTS, TransferLimit};
use crate::error::KEY;
use crate::observe::metrics::Metrics;

/// A clock in milliseconds since 1970, which decides when tokens expire.
///
/// # Examples
/// ```
/// use std::sync::Arc;
///
/// use callbar_server::{AppOptions, ClockMs};
///
/// // A test sets the time itself.
/// let clock_ms: ClockMs = Arc::new(|| 1_790_000_000_000);
/// let options = AppOptions { clock_ms, ..AppOptions::default() };
/// assert_eq!((options.clock_ms)(), 1_790_000_000_000);
/// ```
pub type ClockMs = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The state that handlers work with. A clone is a handle to the same state.
///
/// # Examples
/// ```
/// use callbar_server::{App, AppOptions, Secret};
/// use callbar_store::{Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let app = App::new(manager, Secret::open(data)?, AppOptions::default());
/// let mut reader = app.manager().engine().reader();
/// assert!(reader.check("my.example", "0505 004 78 24")?.is_deny());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct App {
    pub(crate) state: Arc<AppState>,
}

pub(crate) struct AppState {
    manager: Manager,
    secret: Secret,
    options: AppOptions,
    metrics: Arc<Metrics>,
    /// Counts the requests of each key.
    pub(crate) rates: RateLimit,
    keys: RwLock<KeyCache>,
    pub(crate) imports: TransferLimit,
    pub(crate) exports: TransferLimit,
    changes: Arc<Semaphore>,
    pub(crate) started: Instant,
}

/// Changes that may hold a thread while they wait. An import makes changes wait, and reads need threads
/// meanwhile. Further changes wait without a thread.
const CHANGES: usize = 128;

/// The limits of requests.
///
/// # Examples
/// ```
/// use callbar_server::AppOptions;
///
/// let options = AppOptions { rate: 1_000, import_max: 100 << 20, ..AppOptions::default() };
/// assert_eq!(options.body_max, 1 << 20);
/// ```
#[derive(Clone)]
pub struct AppOptions {
    /// The clock that decides when tokens expire. The clock of the system by default.
    pub clock_ms: ClockMs,
    /// Requests a second that one key may make, and may save up. 100,000 by default.
    pub rate: u32,
    /// Bytes of a body that is read into memory. 1 MiB by default.
    pub body_max: usize,
    /// Bytes of an import. 4 GiB by default.
    pub import_max: u64,
}

impl Default for AppOptions {
    fn default() -> Self {
        let clock_ms = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |since| since.as_millis() as u64)
        };
        Self { clock_ms: Arc::new(clock_ms), rate: 100_000, body_max: 1 << 20, import_max: 4 << 30 }
    }
}

/// Keys that were looked up and are good, so that a request need not read the store.
#[derive(Default)]
struct KeyCache {
    keys: HashMap<(CredentialKind, String), Arc<StoredKey>>,
    /// Goes up when keys may have changed.
    version: u64,
}

impl App {
    /// The state of a server over this manager.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{App, AppOptions, Secret};
    /// use callbar_store::{Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let app = App::new(manager, Secret::random()?, AppOptions { rate: 100, ..AppOptions::default() });
    /// assert_eq!(app.options().rate, 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(manager: Manager, secret: Secret, options: AppOptions) -> Self {
        Self::with_metrics(manager, secret, options, Arc::default())
    }

    /// The state of a server whose `metrics` others count in, too.
    pub(crate) fn with_metrics(
        manager: Manager,
        secret: Secret,
        options: AppOptions,
        metrics: Arc<Metrics>,
    ) -> Self {
        let rates = RateLimit::new(options.rate);
        let state = AppState {
            manager,
            secret,
            options,
            metrics,
            rates,
            keys: RwLock::default(),
            imports: TransferLimit::new(IMPORTS),
            exports: TransferLimit::new(EXPORTS),
            changes: Arc::new(Semaphore::new(CHANGES)),
            started: Instant::now(),
        };
        Self { state: Arc::new(state) }
    }

    /// The manager. Make changes by [`App::apply`], not by the manager itself.
    #[must_use]
    pub fn manager(&self) -> &Manager {
        &self.state.manager
    }

    /// The key that this server signs tokens with.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.state.secret
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &AppOptions {
        &self.state.options
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.state.metrics
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.state.options.clock_ms)()
    }

    /// Makes changes in the name of a caller, all of them or none. Other requests do not wait for them.
    /// Once the changes have begun they are made, even if the caller goes away.
    ///
    /// # Errors
    /// Those of [`Manager::apply`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_server::Principal;
    /// use callbar_store::Operation;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let add = Operation::add("my.example", "spam", "0505 004 78 25");
    /// let applied = app.apply(&Principal::local(), vec![add]).await?;
    /// assert_eq!(applied[0].outcome(), Outcome::Added);
    /// # Ok::<(), callbar_store::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn apply(
        &self,
        principal: &Principal,
        operations: Vec<Operation>,
    ) -> Result<Vec<Applied>> {
        let (app, who) = (self.clone(), principal.who.clone());
        let changes = Arc::clone(&self.state.changes);
        let permit = changes.acquire_owned().await.map_err(|_| Error::Closed)?;
        self.blocking(move || {
            // The thread goes on waiting after the caller has gone away.
            let _permit = permit;
            app.apply_here(&who, operations)
        })
        .await
    }

    /// Makes one change and returns its outcome.
    ///
    /// # Errors
    /// Those of [`Manager::apply`].
    pub(crate) async fn change(
        &self,
        principal: &Principal,
        operation: Operation,
    ) -> Result<Outcome> {
        let applied = self.apply(principal, vec![operation]).await?;
        Ok(applied.first().map_or(Outcome::Unchanged, Applied::outcome))
    }

    /// Puts a number on a list, and makes the list if it does not exist. Returns whether the number is new.
    /// For interfaces that know nothing of an entry but its number.
    ///
    /// An entry that is on the list already keeps its written form, reason, source and expiry. An entry that
    /// has expired and was not removed yet is made anew.
    ///
    /// # Errors
    /// Those of [`App::apply`].
    pub(crate) async fn add_number(
        &self,
        principal: &Principal,
        domain: String,
        list: String,
        entry: NewEntry,
    ) -> Result<bool> {
        let entry = NewEntry { keep: true, ..entry };
        let add = Operation::Add { domain, list, entry, make_list: true };
        Ok(self.change(principal, add).await? == Outcome::Added)
    }

    /// Makes changes on this thread, which may block.
    ///
    /// # Errors
    /// Those of [`Manager::apply`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::Operation;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// let remove = Operation::remove("my.example", "spam", "0505 004 78 24");
    /// assert_eq!(app.apply_here("admin", vec![remove])?[0].outcome(), Outcome::Removed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_here(&self, who: &str, operations: Vec<Operation>) -> Result<Vec<Applied>> {
        let touches_keys = operations.iter().any(|operation| {
            use Operation::{PutDomain, PutKey, RemoveDomain, RevokeKey};
            matches!(
                operation,
                PutKey { .. } | RevokeKey { .. } | RemoveDomain { .. } | PutDomain { .. }
            )
        });
        let start = Instant::now();
        let applied = self.manager().apply(who, operations);
        self.metrics().changed(applied.as_deref().ok(), start.elapsed());
        if touches_keys {
            self.clear_key_cache();
        }
        applied
    }

    /// Runs work that may block on a thread for such work, and always to its end.
    ///
    /// # Errors
    /// Those of `work`; [`callbar::Error::Panicked`] if it panicked; [`Error::Closed`] if the server has ended.
    ///
    /// # Examples
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let manager = app.manager().clone();
    /// let entry = app.blocking(move || manager.entry("my.example", "spam", "0505 004 78 24")).await?;
    /// assert!(entry.is_some());
    /// # Ok::<(), callbar_store::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn blocking<T, E>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            let panicked = || Error::Engine(callbar::Error::Panicked);
            Err(if error.is_panic() { panicked() } else { Error::Closed }.into())
        })
    }

    /// Reads the store on this thread. For a look-up or a page, which take microseconds.
    ///
    /// # Errors
    /// Those of `read`, and [`Error::Store`].
    ///
    /// # Examples
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// let list = app.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// assert_eq!(list.entries, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.manager().store().read(read)
    }

    /// Reads the store on a thread that may block. For all rows of a table, of which there may be many.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn read_all<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let worker = self.clone();
        self.blocking(move || worker.read(read)).await
    }

    /// The key of this name, unless it does not exist or was revoked.
    pub(crate) fn key(&self, kind: CredentialKind, key: &str) -> Result<Option<Arc<StoredKey>>> {
        let name = (kind, key.to_owned());
        let version = {
            let cache = self.state.keys.read();
            if let Some(found) = cache.keys.get(&name) {
                return Ok(Some(Arc::clone(found)));
            }
            cache.version
        };
        let Some(found) = self.read(|reader| StoredKey::read(reader, kind, key))? else {
            return Ok(None);
        };
        let found = Arc::new(found);
        let mut cache = self.state.keys.write();
        // A key that was read before a change of keys may be out of date.
        if cache.version == version {
            cache.keys.insert(name, Arc::clone(&found));
        }
        Ok(Some(found))
    }

    /// Refuses a caller whose key was revoked or whose domain was removed since its request began: while a
    /// body came, or while an export went.
    ///
    /// # Errors
    /// [`Error::Gone`] of its key; [`Error::Store`].
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Principal;
    /// use callbar_store::CredentialKind;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// assert!(app.recheck(&Principal::local()).is_ok());
    /// let mut caller = Principal::local();
    /// caller.key = Some((CredentialKind::Native, "0123456789abcdef".into()));
    /// assert!(app.recheck(&caller).is_err(), "its key was revoked");
    /// ```
    pub fn recheck(&self, caller: &Principal) -> Result<()> {
        let Some((kind, key)) = &caller.key else { return Ok(()) };
        match self.key(*kind, key)? {
            Some(found) if found.principal == *caller => Ok(()),
            _ => Err(Error::Gone { what: KEY }),
        }
    }

    /// As [`Self::recheck`], but reads the store. The cache of keys is behind the store for a moment.
    ///
    /// # Errors
    /// As [`Self::recheck`].
    pub(crate) fn recheck_stored(&self, caller: &Principal) -> Result<()> {
        let Some((kind, key)) = &caller.key else { return Ok(()) };
        match self.read(|reader| StoredKey::read(reader, *kind, key))? {
            Some(found) if found.principal == *caller => Ok(()),
            _ => Err(Error::Gone { what: KEY }),
        }
    }

    fn clear_key_cache(&self) {
        let mut cache = self.state.keys.write();
        cache.keys.clear();
        cache.version += 1;
    }
}
