//! What all requests share: the manager, the keys, the limits, the metrics.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use parking_lot::RwLock;
use tokio::sync::Semaphore;

use super::credential::{Held, Principal};
use super::error::KEY;
use super::metrics::Metrics;
use super::places::{EXPORTS, IMPORTS, Places};
use super::rate::Rates;
use super::secret::Secret;
use callbar::Outcome;
use callbar_store::{Applied, CredentialKind, Error, Manager, Operation, Reader, Result};

/// The milliseconds since 1970, by which tokens expire.
pub type ClockMs = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the handlers of requests work with. Clones are the same one.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    manager: Manager,
    secret: Secret,
    options: AppOptions,
    metrics: Arc<Metrics>,
    rates: Rates,
    keys: RwLock<Keys>,
    imports: Places,
    exports: Places,
    changes: Arc<Semaphore>,
    started: Instant,
}

/// Changes that wait on a thread at a time: an import holds them up, and what only reads needs
/// threads meanwhile. The others wait without one.
const CHANGES: usize = 128;

/// What requests may ask for.
#[derive(Clone)]
pub struct AppOptions {
    /// The clock that tokens expire by: the system's, unless a test sets another.
    pub clock_ms: ClockMs,
    /// Requests a second that one key may make, and may save up. 100,000 unless told otherwise.
    pub rate: u32,
    /// Bytes of a body that is read as a whole. 1 MiB unless told otherwise.
    pub body_max: usize,
    /// Bytes of an import. 4 GiB unless told otherwise.
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

/// Keys that were asked for and are good, so that a request need not look into the store.
#[derive(Default)]
struct Keys {
    held: HashMap<(CredentialKind, String), Arc<Held>>,
    /// Goes up when keys may have changed.
    version: u64,
}

impl App {
    /// The handlers' view of a manager.
    #[must_use]
    pub fn new(manager: Manager, secret: Secret, options: AppOptions) -> Self {
        Self::counting(manager, secret, options, Arc::default())
    }

    /// The same, where others count in the `metrics` too.
    pub(crate) fn counting(
        manager: Manager,
        secret: Secret,
        options: AppOptions,
        metrics: Arc<Metrics>,
    ) -> Self {
        let rates = Rates::new(options.rate);
        let keys = RwLock::default();
        let inner = Inner {
            manager,
            secret,
            options,
            metrics,
            rates,
            keys,
            imports: Places::new(IMPORTS),
            exports: Places::new(EXPORTS),
            changes: Arc::new(Semaphore::new(CHANGES)),
            started: Instant::now(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The manager. Its changes are made by [`App::apply`].
    #[must_use]
    pub fn manager(&self) -> &Manager {
        &self.inner.manager
    }

    /// What this server signs tokens with.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.inner.secret
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &AppOptions {
        &self.inner.options
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn started(&self) -> Instant {
        self.inner.started
    }

    pub(crate) fn imports(&self) -> &Places {
        &self.inner.imports
    }

    pub(crate) fn exports(&self) -> &Places {
        &self.inner.exports
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.inner.options.clock_ms)()
    }

    /// Makes changes in the name of a caller, all of them or none, without keeping other requests
    /// waiting. Once they are begun they are made, even if the caller goes away.
    ///
    /// # Errors
    /// Those of [`Manager::apply`].
    pub async fn apply(
        &self,
        principal: &Principal,
        operations: Vec<Operation>,
    ) -> Result<Vec<Applied>> {
        let (app, who) = (self.clone(), principal.who.clone());
        let changes = Arc::clone(&self.inner.changes);
        let place = changes.acquire_owned().await.map_err(|_| Error::Closed)?;
        self.blocking(move || {
            // The thread waits on, though the caller may have gone away.
            let _place = place;
            app.apply_here(&who, operations)
        })
        .await
    }

    /// Makes one change, and tells what became of what it names.
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

    /// The same as [`Self::apply`] on this thread, which may block.
    ///
    /// # Errors
    /// Those of [`Manager::apply`].
    pub fn apply_here(&self, who: &str, operations: Vec<Operation>) -> Result<Vec<Applied>> {
        let touches_keys = operations.iter().any(|operation| {
            use Operation::{PutDomain, PutKey, RemoveDomain, RevokeKey};
            matches!(
                operation,
                PutKey { .. } | RevokeKey { .. } | RemoveDomain { .. } | PutDomain { .. }
            )
        });
        let timer = self.metrics().change();
        let applied = self.manager().apply(who, operations);
        timer.done(applied.as_ref().map_or(&[], Vec::as_slice));
        if touches_keys {
            self.forget_keys();
        }
        applied
    }

    /// Runs what may block where it holds up nobody, and to its end.
    ///
    /// # Errors
    /// Those of `work`; [`callbar::Error::Panicked`] if it panicked; [`Error::Closed`] if the server has ended.
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

    /// Reads the store on this thread: for a look-up or a page, which take microseconds.
    ///
    /// # Errors
    /// Those of `read`, and [`Error::Store`].
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.manager().store().read(read)
    }

    /// Reads the store where that may block: for all of something, of which there may be much.
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

    /// The key of this name, if there is one that was not revoked.
    pub(crate) fn credential(&self, kind: CredentialKind, key: &str) -> Result<Option<Arc<Held>>> {
        let name = (kind, key.to_owned());
        let version = {
            let keys = self.inner.keys.read();
            if let Some(held) = keys.held.get(&name) {
                return Ok(Some(Arc::clone(held)));
            }
            keys.version
        };
        let Some(held) = self.read(|reader| Held::read(reader, kind, key))? else {
            return Ok(None);
        };
        let held = Arc::new(held);
        let mut keys = self.inner.keys.write();
        // What was read before a change of keys may be out of date.
        if keys.version == version {
            keys.held.insert(name, Arc::clone(&held));
        }
        Ok(Some(held))
    }

    /// Makes sure that a caller still is who it was when its request began: while a body came or an
    /// export went, its key may have been revoked, or its domain removed.
    ///
    /// # Errors
    /// [`Error::Gone`] of its key; [`Error::Store`].
    pub fn still(&self, caller: &Principal) -> Result<()> {
        let Some((kind, key)) = &caller.key else { return Ok(()) };
        match self.credential(*kind, key)? {
            Some(held) if held.principal == *caller => Ok(()),
            _ => Err(Error::Gone { what: KEY }),
        }
    }

    /// The same by the store itself: what is kept of keys is behind it for a moment.
    ///
    /// # Errors
    /// As [`Self::still`].
    pub(crate) fn still_stored(&self, caller: &Principal) -> Result<()> {
        let Some((kind, key)) = &caller.key else { return Ok(()) };
        match self.read(|reader| Held::read(reader, *kind, key))? {
            Some(held) if held.principal == *caller => Ok(()),
            _ => Err(Error::Gone { what: KEY }),
        }
    }

    fn forget_keys(&self) {
        let mut keys = self.inner.keys.write();
        keys.held.clear();
        keys.version += 1;
    }

    /// Whether a caller has not asked too often; counts that it asks.
    pub(crate) fn may_ask(&self, who: &str) -> bool {
        self.inner.rates.take(who)
    }
}
