//! The durable lists of callbar.
//!
//! A [`Store`] keeps domains, lists, entries, keys and a log of changes in one file of `SQLite`. A
//! [`Manager`] joins it with a [`callbar::Engine`]: it writes each change to the store, makes it
//! durable, puts it into force for checks, and only then reports success.

mod error;
mod manager;
mod store;

pub use error::{Error, Result, StoreFailure};
pub use manager::{
    Applied, Import, ImportEntry, ImportLines, Imported, LeftOut, Manager, ManagerHealth,
    ManagerOptions, NewEntry, News, OnNews, Operation, PlanSpec, Progress, Rejection,
};
#[doc(hidden)]
pub use store::statements;
pub use store::{
    AuditEvent, AuditRecord, Credential, CredentialKind, CredentialRow, Direction, DomainRow,
    DomainSettings, EntryRow, Expired, Group, ListRow, ListSettings, Made, NewCredential, Place,
    Put, Reader, Reads, Role, Store, StoredDomain, StoredEntry, StoredList, Writer,
};
