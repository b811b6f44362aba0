//! The index of one domain: entries to bytes, and bytes to verdicts.
//!
//! A [`Compiler`] makes the bytes. An [`Index`] verifies and reads them from a memory map, a vector or a
//! slice. The engine decides where the bytes come from, when they are replaced and which domain a call
//! belongs to.
//!
//! How a number is found: the filter (`filter`) rejects nearly all numbers that are not listed, with one
//! line of the cache. For the rest the directory (`blocks`) leads to a block of 10^4 numbers (`block`),
//! which gives the id of a set of lists (`sets`). Entries that are not E.164 numbers stand in an automaton
//! (`texts`). The leading digits of a number find the patterns (`rules`) that may hold it (`prefixes`).
//!
//! | module | holds |
//! | --- | --- |
//! | `format` | the file format: every section, how it is written, proved and read |
//! | `build` | entries to bytes: the compiler, live changes, layers made one |
//! | `query` | bytes to verdicts: one index, the layers of a domain, precedence, explanations |
//! | `list` | lists, their actions, and the settings of a domain |
//! | `note` | the metadata of an entry |
//! | `key` | what an entry is filed under |
//! | `change` | a change of a domain's lists |
//! | `names` | the names that domains and lists may have |
//!
//! `query` uses `format`, and `build` uses both.
//!
//! **Invariant:** nothing here opens a file or takes a lock. Checks take the time from a [`Clock`] of the
//! caller; only the time of making, which an index carries, comes from the system.

mod build;
mod change;
mod format;
mod key;
mod list;
mod names;
mod note;
mod query;

pub(crate) use build::{Edits, merge};
pub(crate) use format::file::CHECKSUM_AT;
pub(crate) use query::layers::{DomainLists, Layers, Stack};
pub(crate) use query::matching;

pub use build::{Compiled, Compiler, ListBuilder, ListSummary, Rejected, Summary, WrittenEntry};
pub use change::{Change, Outcome};
pub use key::{EntryKey, EntryKind};
pub use list::{Action, List, Response, SUBSCRIPTIONS_MAX, Settings};
pub use names::{DOMAIN_NAME_MAX, LIST_NAME_MAX, LISTS_MAX, verify_domain_name, verify_list_name};
pub use note::{EntryId, EntryIdError, EntryNote, Note, OwnedNote, TEXT_MAX};
pub use query::{
    Clock, Entry, Explanation, Index, Match, MatchedEntry, MatchedLayer, SectionStats, Stats,
    Verdict,
};
