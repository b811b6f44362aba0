//! The durable lists of callbar: domains, lists and entries that change while calls are checked.
//!
//! The engine, [`callbar`], answers from indexes and knows nothing else. This crate adds what a server
//! needs: a [`Store`] that keeps everything in one `SQLite` file, and a [`Manager`] that keeps the indexes
//! of an engine in step with it. Use the engine alone if you compile your lists from files. Use a manager
//! if they change one entry at a time.
//!
//! # The first program
//!
//! ```
//! use callbar::Action;
//! use callbar::PlanSpec;
//! use callbar_store::{Manager, ManagerOptions, NewEntry, Operation};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path();
//! let manager = Manager::open(directory, ManagerOptions::default())?;
//! manager.apply("admin", vec![
//!     Operation::put_domain("my.example", PlanSpec::new("TR")),
//!     Operation::put_list("my.example", "spam", Action::Deny),
//!     Operation::add("my.example", "spam", NewEntry::new("0505 004 78 24")),
//! ])?;
//!
//! // A check takes nanoseconds and waits for nothing. Other processes may check the same directory.
//! let mut reader = manager.engine().reader();
//! assert!(reader.check("my.example", "+90 505 004 78 24")?.is_deny());
//!
//! manager.apply("admin", vec![Operation::remove("my.example", "spam", "05050047824")])?;
//! assert!(!reader.check("my.example", "+90 505 004 78 24")?.is_deny());
//! manager.shut_down();
//! # Ok(())
//! # }
//! ```
//!
//! # When a change is durable, and when it counts
//!
//! [`Manager::apply`] returns after three steps: the store has synced the change to the disk, the engine has
//! published it, and its readers have been notified. So a change that was acknowledged survives a power
//! cut, and counts for every check that starts afterwards, in every process. All operations of a call are
//! made or none. [`Error::NotInForce`] is the one exception: the change is durable, and the manager goes on
//! to put it into force.
//!
//! An index is derived. One that is lost, damaged or behind the store is compiled again from it when the
//! manager is opened. Back up the store with [`Store::backup`]; the indexes need no backup.
//!
//! # One writer
//!
//! One manager at a time has a directory, in one process; a second one gets [`callbar::Error::Locked`]. Any
//! number of threads may share it: clone it, and call [`Manager::apply`] from all of them. Changes that come
//! at the same time share one sync of the disk. `apply` and [`Manager::import`] block, so call them from
//! async code where blocking is allowed, for example in `tokio::task::spawn_blocking`. Checks never wait
//! for changes.
//!
//! A process that only checks calls should use the engine alone. Two copies of `SQLite` in one process break
//! each other's locks, so what a SIP server loads must not open a store.
//!
//! # After a failed write
//!
//! A full disk ([`Error::DiskFull`]) undoes the changes of a group, and later ones may succeed. After any
//! other failed write ([`Error::Store`]) nobody knows what the disk holds. Then the manager takes no more
//! changes, reports that it is not [`writable`](ManagerHealth::writable), and goes on to answer checks. Drop
//! it and open the directory again: the store then knows what was committed.
//!
//! # Time
//!
//! Times are seconds since 1970 (UTC), as `u64`. Entries may expire; an expired entry counts for no check
//! from that second on. Its row is removed some minutes later, when the clock has been steady for
//! [`ManagerOptions::cleanup_delay`], so that a clock that jumps removes nothing. Lines of the audit log are
//! kept for 400 days.
//!
//! # Where to go on
//!
//! - Changing: [`Operation`], [`NewEntry`], [`Applied`]; many entries at once: [`Import`].
//! - Reading: [`Manager::entry`]; [`Store::read`] and [`Reader`] for lists, pages, counts and the log.
//! - Operating: [`Manager::health`], [`ManagerEvent`], [`Store::backup`].
//! - The store without an engine: [`Store::writer`], [`Writer`], [`Group`].

mod error;
mod manager;
mod store;

pub use error::{Error, Result, StoreFailure, TextError};
pub use manager::{
    Applied, DomainView, Import, ImportEntry, ImportLines, Imported, KeyView, LeftOutEntries,
    ListView, Manager, ManagerEvent, ManagerHealth, ManagerOptions, NewEntry, OnManagerEvent,
    Operation, Progress, Rejection,
};
#[doc(hidden)]
pub use store::statements;
pub use store::{
    AuditEvent, AuditRecord, CreatedRange, Credential, CredentialKind, CredentialRow, Direction,
    DomainRow, DomainSettings, EntryRef, ExpiredEntries, Group, IsReadable, ListRow, ListSettings,
    NewCredential, Place, PutOutcome, Reader, Role, Store, StoredDomain, StoredEntry, StoredList,
    Writer,
};

// The example of the README is compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
