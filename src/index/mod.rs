//! The index of one domain: sorted entries to bytes, and bytes to matches.
//!
//! A [`Compiler`] makes the bytes, an [`Index`] verifies and reads them, over anything that is
//! bytes: a memory map, a vector, a slice. It knows numbers and lists; where bytes come from, how
//! they are replaced and which domain a call belongs to is left to the engine.
//!
//! How a number is found: the filter (`filter`) answers nearly all that are not listed with one
//! line of the cache; for the rest the directory (`blocks`) leads to a block of 10^4 numbers
//! (`block`), that gives the id of a set of lists (`sets`). Entries that are not E.164 numbers have
//! an automaton of their own (`texts`). The patterns (`rules`) that may hold a number are found by
//! its leading digits (`prefixes`). The file around the sections is told in `format`.
//!
//! | module | holds |
//! | --- | --- |
//! | `format` | the file format: every section, how it is written, proved and read |
//! | `build` | entries to bytes: the compiler, live changes, layers made one |
//! | `query` | bytes to verdicts: one index, the layers of a domain, precedence, explanations |
//! | `list` | lists, what they say, and what is set for a domain |
//! | `note` | the metadata of an entry |
//! | `key` | what an entry is filed under |
//! | `change` | a change of a domain's lists |
//! | `names` | the names that domains and lists may have |
//!
//! `query` uses `format`, and `build` uses both.
//!
//! **Invariant:** nothing here opens a file or takes a lock. The time is asked of a [`Clock`] that
//! the caller chose, but for the time that is written into what is made.

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
pub(crate) use names::DOMAIN_MAX;
pub(crate) use query::layers::{Layers, Stack};
pub(crate) use query::{batch, explain, matching};

pub use build::{Compiled, Compiler, ListId, ListSummary, Rejected, Summary, Written};
pub use change::{Change, Outcome};
pub use key::{EntryKey, EntryKind};
pub use list::{Action, List, Response, Settings};
pub use names::{LISTS_MAX, verify_domain_name, verify_list_name};
pub use note::{EntryId, EntryNote, Note, OwnedNote};
pub use query::{
    Clock, Entry, Explanation, Index, Match, Matched, MatchedLayer, SectionStats, Stats, Verdict,
};
