//! The swap: the one place where a new snapshot replaces the old one, and the handles that notice it.
//!
//! Promises, on any number of threads:
//! - a handle sees a value as it was published, whole;
//! - a handle never goes back to an older value;
//! - once [`Slot::publish`] has returned, every later [`Cached::load`] sees that value or a newer one.
//!
//! A load costs one atomic read of a cache line that only a publisher writes, so it costs the same on any
//! number of threads. Only publishers take the lock, and each handle once after a publish. The slot knows
//! nothing about its value.
//!
//! `cargo test --release -p callbar-models` tries every interleaving of it.

use std::mem;
use std::sync::Arc;

use super::sync::{AtomicU64, Ordering, RwLock};

/// A value that is replaced as a whole, and the count of its replacements.
pub(crate) struct Slot<T> {
    generation: OwnLine<AtomicU64>,
    current: RwLock<Arc<T>>,
}

/// Keeps a value off its neighbours' cache lines, which a lock being taken would invalidate.
/// 128 bytes, because x86 fetches lines in pairs and some ARM cores have lines of that length.
#[repr(align(128))]
struct OwnLine<T>(T);

impl<T> Slot<T> {
    pub(crate) fn new(first: Arc<T>) -> Self {
        Self { generation: OwnLine(AtomicU64::new(0)), current: RwLock::new(first) }
    }

    /// Replaces the value. Readers go on with the old one until their next load.
    pub(crate) fn publish(&self, next: Arc<T>) {
        let mut current = self.current.write();
        let old = mem::replace(&mut *current, next);
        // Inside the lock, so that a reader that sees the new count finds the new value behind the lock.
        // Counted before it, a reader could pair the new count with the old value, and keep it.
        self.generation.0.fetch_add(1, Ordering::Release);
        drop(current);
        // Outside the lock: if no reader holds the old value, this unmaps files.
        drop(old);
    }

    /// The current value, under the lock.
    pub(crate) fn load(&self) -> Arc<T> {
        self.current().0
    }

    /// The current value and its generation. They belong together, because no publisher holds the lock
    /// meanwhile.
    fn current(&self) -> (Arc<T>, u64) {
        let current = self.current.read();
        (Arc::clone(&current), self.generation.0.load(Ordering::Acquire))
    }
}

/// A thread's own handle on a slot: its value stays alive until a load finds a newer one.
pub(crate) struct Cached<T> {
    slot: Arc<Slot<T>>,
    value: Arc<T>,
    generation: u64,
}

impl<T> Cached<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>) -> Self {
        let (value, generation) = slot.current();
        Self { slot, value, generation }
    }

    /// The newest value.
    #[inline]
    pub(crate) fn load(&mut self) -> &Arc<T> {
        if self.slot.generation.0.load(Ordering::Acquire) != self.generation {
            self.refresh();
        }
        &self.value
    }

    /// The value of the last load, however old.
    pub(crate) fn peek(&self) -> &Arc<T> {
        &self.value
    }

    #[cold]
    fn refresh(&mut self) {
        let (value, generation) = self.slot.current();
        self.generation = generation;
        self.value = value;
    }
}

// Derived, it would ask for `T: Clone`.
impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self {
            slot: Arc::clone(&self.slot),
            value: Arc::clone(&self.value),
            generation: self.generation,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_load_sees_what_was_published() {
        let slot = Arc::new(Slot::new(Arc::new(1)));
        let mut cached = Cached::new(Arc::clone(&slot));
        assert_eq!(**cached.load(), 1);
        slot.publish(Arc::new(2));
        assert_eq!(**cached.peek(), 1);
        assert_eq!(**cached.load(), 2);
        assert_eq!(*slot.load(), 2);
    }

    #[test]
    fn a_handle_keeps_its_value_alive_until_its_next_load() {
        let first = Arc::new(1);
        let weak = Arc::downgrade(&first);
        let slot = Arc::new(Slot::new(first));
        let mut cached = Cached::new(Arc::clone(&slot));
        slot.publish(Arc::new(2));
        assert!(weak.upgrade().is_some());
        cached.load();
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn the_counter_shares_its_line_with_nothing() {
        assert_eq!(align_of::<Slot<u8>>(), 128);
        assert_eq!(mem::offset_of!(Slot<u8>, generation) % 128, 0);
        assert_eq!(size_of::<OwnLine<AtomicU64>>(), 128);
    }
}
