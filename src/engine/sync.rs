//! The lock and the counter of a [`Slot`](super::slot::Slot), or loom's models of them.
//!
//! In the package `models`, built with `--cfg loom`, the same slot code runs on primitives that try
//! every interleaving and every value that the memory model allows.

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
pub(super) use parking_lot::RwLock;
#[cfg(not(loom))]
pub(super) use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(loom)]
pub(super) use self::model::RwLock;

#[cfg(loom)]
mod model {
    use loom::sync::{RwLockReadGuard, RwLockWriteGuard};

    /// loom's lock with the signatures of `parking_lot`: a panic while it is held ends the model
    /// anyway, so poisoning is of no interest.
    #[derive(Debug)]
    pub(in super::super) struct RwLock<T>(loom::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(in super::super) fn new(value: T) -> Self {
            Self(loom::sync::RwLock::new(value))
        }

        pub(in super::super) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().expect("no panic while the lock was held")
        }

        pub(in super::super) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().expect("no panic while the lock was held")
        }
    }
}
