//! The clock by which entries expire.

use std::time::{SystemTime, UNIX_EPOCH};
use std::{cell::Cell, fmt, sync::Arc};

/// Gives the time in seconds since 1970. A check reads it only when it matches an entry that expires.
///
/// The default is the system's clock, which on Linux costs no system call. If the clock jumps, entries
/// expire or come back at once. [`Options::clock`](crate::Options::clock) gives an engine another clock, for
/// tests and replays.
///
/// # Examples
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use callbar::{Clock, Engine, Note, Options};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let now = SystemTime::now();
/// let note = Note::default().expires_at(now + Duration::from_secs(60));
/// let change = callbar::Change::add("spam", "0532 000 00 00").with_note(note);
/// Engine::open(data)?.writer()?.change("my.example", &[change])?;
///
/// for (later, is_denied) in [(59, true), (61, false)] {
///     let clock = Clock::from_time(now + Duration::from_secs(later));
///     let engine = Engine::open_with(data, Options { clock, ..Options::default() })?;
///     assert_eq!(engine.reader().check("my.example", "0532 000 00 00")?.is_deny(), is_denied);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> u64 + Send + Sync>>);

impl Clock {
    /// A clock that returns what `now` returns: seconds since 1970.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// use callbar::Clock;
    ///
    /// let second = Arc::new(AtomicU64::new(1_790_000_000));
    /// let shown = Arc::clone(&second);
    /// let clock = Clock::from_fn(move || shown.load(Relaxed));
    /// second.store(1_790_000_060, Relaxed); // a test turns it
    /// assert_eq!(clock.now(), 1_790_000_060);
    /// ```
    pub fn from_fn(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// A clock that returns what `now` returns. A time before 1970 counts as 1970.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use callbar::Clock;
    ///
    /// let hour = Duration::from_secs(60 * 60);
    /// let ahead = Clock::from_time_fn(move || SystemTime::now() + hour);
    /// assert!(ahead.now() > Clock::default().now());
    /// ```
    pub fn from_time_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self::from_fn(move || second(now()))
    }

    /// A clock that stands still at this time.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use callbar::Clock;
    ///
    /// let clock = Clock::from_time(SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_500));
    /// assert_eq!(clock.now(), 1_790_000_000);
    /// ```
    #[must_use]
    pub fn from_time(time: SystemTime) -> Self {
        let second = second(time);
        Self::from_fn(move || second)
    }

    /// The system's clock.
    #[inline]
    pub(crate) fn system() -> &'static Self {
        static SYSTEM: Clock = Clock(None);
        &SYSTEM
    }

    /// The current second, counted since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        match &self.0 {
            Some(now) => now(),
            None => second(SystemTime::now()),
        }
    }
}

fn second(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
