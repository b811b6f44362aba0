//! A routing thread's own handle: text in, verdict out, without a lock.

use std::fmt;
use std::sync::Arc;

use super::health::Health;
use super::slot::Cached;
use super::snapshot::{DomainKey, NotFound, Snapshot};
use super::view::View;
use crate::{Explanation, List, Result, Verdict};

/// A thread's handle on an [`Engine`](crate::Engine). Make one for each routing thread, when the
/// thread starts.
///
/// A check looks at two atomic counters, that of this process and the one shared with all others,
/// and only if one moved takes the new snapshot: under a lock, which a publisher holds for the time
/// of a pointer's swap. Otherwise a check takes no lock, allocates nothing and makes no system call.
/// (A page of a mapped index that the kernel dropped under memory pressure is read again; see
/// [`LoadMode`](crate::LoadMode).)
///
/// After a change by another process, one check of this process loads it: some 0.1 ms for a live
/// change, and a pass over the new file, 0.2 s for a gigabyte, for a new base. Other threads go on
/// with the snapshot that they have until then. A thread that calls
/// [`Engine::refresh`](crate::Engine::refresh) now and then does that before a check has to.
///
/// On one reader a newer snapshot is never followed by an older one, and once a publish of this
/// process has returned, every check that starts afterwards obeys it.
///
/// A reader keeps the snapshot of its last check alive, so a thread that is idle for long holds the
/// memory of indexes that were replaced since. Calling [`Reader::snapshot`] lets go of them; the
/// last reader to do so frees them, which takes some microseconds for each mapped file.
///
/// It may outlive the engine, and goes on seeing every change.
#[derive(Clone)]
pub struct Reader {
    view: Arc<View>,
    snapshot: Cached<Snapshot>,
    /// The shared generation that the snapshot has caught up with.
    seen: u64,
}

impl Reader {
    pub(super) fn new(view: Arc<View>) -> Self {
        let seen = view.follow();
        Self { snapshot: Cached::new(Arc::clone(view.slot())), view, seen }
    }

    /// The newest snapshot: take it once for all questions that belong together.
    ///
    /// A nanosecond or so on any number of threads, unless something changed since the last call:
    /// `cargo bench --bench track` shows it.
    #[inline]
    pub fn snapshot(&mut self) -> &Snapshot {
        if self.view.now() != self.seen {
            self.seen = self.view.follow();
        }
        self.snapshot.load()
    }

    /// The state of the engine, as [`Engine::health`](crate::Engine::health). Takes locks.
    #[must_use]
    pub fn health(&self) -> Health {
        self.view.health()
    }

    /// What the lists of `domain` say about a call from or to `number`: the user part, the whole
    /// SIP, SIPS or tel URI or the name-addr header, any bytes. It is made canonical by the
    /// domain's dial plan.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    #[inline]
    pub fn check(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Verdict<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.check(number))
    }

    /// Whether `number`, written as for [`Reader::check`], is on the list of this name, whatever
    /// other lists say.
    ///
    /// # Errors
    /// [`NotFound::Domain`] and [`NotFound::List`].
    #[inline]
    pub fn check_list(
        &mut self,
        domain: impl DomainKey,
        list: &str,
        number: impl AsRef<[u8]>,
    ) -> Result<bool, NotFound> {
        self.snapshot().domain(domain)?.check_list(list, number).ok_or(NotFound::List)
    }

    /// All lists that hold `number`, written as for [`Reader::check`], in the order in which they
    /// were compiled.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    #[inline]
    pub fn lists_of(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<impl Iterator<Item = &List>, NotFound> {
        Ok(self.snapshot().domain(domain)?.lists_of(number))
    }

    /// How the verdict on `number`, written as for [`Reader::check`], comes about.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    pub fn explain(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Explanation<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.explain(number))
    }

    /// Checks many numbers against one snapshot: `verdicts[i]` answers `numbers[i]`. Faster than one
    /// at a time where the index exceeds the caches, see
    /// [`Domain::check_batch`](crate::Domain::check_batch); 64 numbers suffice for that.
    ///
    /// The verdicts borrow the reader. A loop that fills the same verdicts again takes
    /// [`Reader::snapshot`] once, and calls [`Domain::check_batch`](crate::Domain::check_batch).
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain; `verdicts` are left alone.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `numbers`.
    pub fn check_batch<'a, T: AsRef<[u8]>>(
        &'a mut self,
        domain: impl DomainKey,
        numbers: &[T],
        verdicts: &mut [Verdict<'a>],
    ) -> Result<(), NotFound> {
        self.snapshot().domain(domain)?.check_batch(numbers, verdicts);
        Ok(())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("snapshot", self.snapshot.peek()).finish_non_exhaustive()
    }
}
