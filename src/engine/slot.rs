//! The one place where a new snapshot replaces the old, and the handles that notice.
//!
//! Promises, on any number of threads:
//! - a handle sees a value as it was published, whole;
//! - a handle never goes back to an older value;
//! - once [`Slot::publish`] has returned, every later [`Cached::load`] sees that value or a newer one.
//!
//! A load costs one atomic read of a cache line that only a publisher writes, so it costs the same
//! on any number of threads. The lock is taken only by publishers, and by a handle once after each
//! publish. Knows nothing of what it holds.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --lib slot` runs the models below.

use std::mem;
use std::sync::Arc;

use super::sync::{AtomicU64, Ordering, RwLock};

/// A value that is replaced as a whole, and the count of its replacements.
pub(super) struct Slot<T> {
    generation: OwnLine<AtomicU64>,
    current: RwLock<Arc<T>>,
}

/// Keeps a value off its neighbours' cache lines, which a lock being taken would invalidate.
/// 128 bytes, because x86 fetches lines in pairs and some ARM cores have lines of that length.
#[repr(align(128))]
struct OwnLine<T>(T);

impl<T> Slot<T> {
    pub(super) fn new(first: Arc<T>) -> Self {
        Self { generation: OwnLine(AtomicU64::new(0)), current: RwLock::new(first) }
    }

    /// Replaces the value. Readers go on with the old one until their next load.
    pub(super) fn publish(&self, next: Arc<T>) {
        let mut current = self.current.write();
        let old = mem::replace(&mut *current, next);
        // Inside the lock, so that whoever sees the new count finds the new value behind the lock.
        // Counted before it, a reader could pair the new count with the old value, and keep it.
        self.generation.0.fetch_add(1, Ordering::Release);
        drop(current);
        // Outside the lock: where no reader holds it, this unmaps files.
        drop(old);
    }

    /// The current value, under the lock.
    pub(super) fn load(&self) -> Arc<T> {
        self.current().0
    }

    /// The current value and its generation: one pair, as no publisher holds the lock meanwhile.
    fn current(&self) -> (Arc<T>, u64) {
        let current = self.current.read();
        (Arc::clone(&current), self.generation.0.load(Ordering::Acquire))
    }
}

/// A thread's own handle on a slot: its value stays alive until a load finds a newer one.
pub(super) struct Cached<T> {
    slot: Arc<Slot<T>>,
    value: Arc<T>,
    generation: u64,
}

impl<T> Cached<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        let (value, generation) = slot.current();
        Self { slot, value, generation }
    }

    /// The newest value.
    #[inline]
    pub(super) fn load(&mut self) -> &Arc<T> {
        if self.slot.generation.0.load(Ordering::Acquire) != self.generation {
            self.refresh();
        }
        &self.value
    }

    /// The value of the last load, however old.
    pub(super) fn peek(&self) -> &Arc<T> {
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

#[cfg(all(test, loom))]
mod models {
    use loom::sync::atomic::AtomicBool;
    use loom::thread;

    use super::*;

    /// Two halves written one after the other and without ordering of their own, so that a reader
    /// who is not synchronised with the publisher sees them differ.
    struct Halves(AtomicU64, AtomicU64);

    impl Halves {
        fn new(value: u64) -> Arc<Self> {
            let halves = Self(AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX));
            halves.0.store(value, Ordering::Relaxed);
            halves.1.store(value, Ordering::Relaxed);
            Arc::new(halves)
        }

        fn get(&self) -> u64 {
            let (left, right) = (self.0.load(Ordering::Relaxed), self.1.load(Ordering::Relaxed));
            assert_eq!(left, right, "half a snapshot");
            left
        }
    }

    fn read_forward(cached: &mut Cached<Halves>, loads: usize) {
        let mut last = 0;
        for _ in 0..loads {
            let now = cached.load().get();
            assert!(now >= last, "went back from {last} to {now}");
            last = now;
        }
    }

    #[test]
    fn slot_never_goes_back() {
        loom::model(|| {
            let slot = Arc::new(Slot::new(Halves::new(0)));
            let mut cached = Cached::new(Arc::clone(&slot));
            let reader = thread::spawn(move || read_forward(&mut cached, 3));
            slot.publish(Halves::new(1));
            slot.publish(Halves::new(2));
            reader.join().expect("reader");
        });
    }

    #[test]
    fn slot_shows_whole_values_to_several_readers() {
        loom::model(|| {
            let slot = Arc::new(Slot::new(Halves::new(0)));
            let readers = [(); 2].map(|()| {
                let mut cached = Cached::new(Arc::clone(&slot));
                thread::spawn(move || read_forward(&mut cached, 2))
            });
            slot.publish(Halves::new(1));
            for reader in readers {
                reader.join().expect("reader");
            }
        });
    }

    #[test]
    fn slot_shows_a_value_to_every_load_after_its_publish() {
        loom::model(|| {
            let slot = Arc::new(Slot::new(Halves::new(0)));
            let published = Arc::new(AtomicBool::new(false));
            let mut cached = Cached::new(Arc::clone(&slot));
            let reader = {
                let published = Arc::clone(&published);
                thread::spawn(move || {
                    // This load may race with the publish; what it caches must not stick.
                    cached.load().get();
                    if published.load(Ordering::Acquire) {
                        assert_eq!(cached.load().get(), 1, "missed a finished publish");
                    }
                })
            };
            slot.publish(Halves::new(1));
            published.store(true, Ordering::Release);
            reader.join().expect("reader");
        });
    }

    #[test]
    fn slot_takes_two_publishers() {
        loom::model(|| {
            let slot = Arc::new(Slot::new(Halves::new(0)));
            let mut cached = Cached::new(Arc::clone(&slot));
            let other = {
                let slot = Arc::clone(&slot);
                thread::spawn(move || slot.publish(Halves::new(1)))
            };
            slot.publish(Halves::new(2));
            cached.load().get();
            other.join().expect("publisher");
            let last = slot.load().get();
            assert_eq!(cached.load().get(), last);
        });
    }
}
