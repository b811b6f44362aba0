//! Tests the snapshot slot under loom: every interleaving of its threads, and every value that the memory
//! model lets them see. Run it with `cargo test --release -p callbar-models`.
//!
//! It is a package of its own, because callbar takes minutes to build with its test dependencies.

#![cfg(test)]

#[path = "../../src/engine/view/slot.rs"]
mod slot;
#[path = "../../src/engine/view/sync.rs"]
mod sync;

use std::sync::Arc;

use loom::sync::atomic::AtomicBool;
use loom::thread;

use self::slot::{Cached, Slot};
use self::sync::{AtomicU64, Ordering};

/// Two halves that are written one after the other without ordering, so that a reader that is not
/// synchronised with the publisher sees them differ.
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
        assert_eq!(cached.peek().get(), now);
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
                // This load may race with the publish. The handle must not keep an old value.
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
