//! The clock by which entries expire.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Gives the time in seconds since 1970. A check reads it only when it matches an entry that expires.
///
/// The default is the system's clock, which on Linux costs no system call. If the clock jumps, entries
/// expire or come back at once.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> u64 + Send + Sync>>);

impl Clock {
    /// A clock that returns what `now` returns, for tests and replays.
    pub fn from_fn(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The current second.
    #[must_use]
    pub fn now(&self) -> u64 {
        match &self.0 {
            Some(now) => now(),
            None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Clock(injected)" } else { "Clock(system)" })
    }
}

/// The current second, read from the clock once, and only if it is needed.
pub(super) struct Now<'c> {
    clock: &'c Clock,
    second: Cell<Option<u64>>,
}

impl<'c> Now<'c> {
    pub(crate) fn new(clock: &'c Clock) -> Self {
        Self { clock, second: Cell::new(None) }
    }

    pub(crate) fn get(&self) -> u64 {
        self.second.get().unwrap_or_else(|| {
            let now = self.clock.now();
            self.second.set(Some(now));
            now
        })
    }
}
