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
//! | file | holds |
//! | --- | --- |
//! | `format`, `meta` | the file around the sections, and whose index it is |
//! | `filter`, `prefetch`, `blocks`, `block`, `sets` | E.164 numbers and the lists they are on |
//! | `texts`, `fst`, `fst_verify`, `fst_walk` | other entries, in an automaton |
//! | `rules`, `prefixes`, `prefix_table`, `gate`, `decimal` | patterns, found by leading digits |
//! | `note`, `notes` | what is noted of entries |
//! | `names`, `key` | what domains and lists may be called, and what an entry is filed under |
//! | `reader` | one index, verified and read |
//! | `stack`, `latest` | the layers of a domain |
//! | `visit`, `matching`, `batch`, `explain` | which entries hold a number, which decides, and why |
//! | `alone` | an index asked by itself |
//! | `verdict`, `response`, `clock` | what is answered, and when it is |
//! | `compile`, `collect`, `build`, `report` | a whole domain, made from what was written |
//! | `change`, `edits` | the newest layer while it takes changes |
//! | `merge`, `entries` | several layers made one |
//! | `assemble` | the sections of all that is made |
//!
//! **Invariant:** nothing here opens a file or takes a lock. The time is asked of a [`Clock`] that
//! the caller chose, but for the time that is written into what is made.

mod alone;
mod assemble;
pub(crate) mod batch;
mod block;
mod blocks;
mod build;
mod change;
mod clock;
mod collect;
mod compile;
mod decimal;
mod edits;
mod entries;
pub(crate) mod explain;
mod filter;
mod format;
mod fst;
mod fst_verify;
mod fst_walk;
mod gate;
mod key;
mod latest;
pub(crate) mod matching;
mod merge;
mod meta;
mod names;
mod note;
mod notes;
mod prefetch;
mod prefix_table;
mod prefixes;
mod reader;
mod report;
mod response;
mod rules;
mod sets;
mod stack;
mod texts;
mod verdict;
mod visit;

pub(crate) use edits::Edits;
pub(crate) use format::CHECKSUM_AT;
pub use key::{BROAD, canonical, is_broad_key, key_of, pieces_of_key, shown};
pub(crate) use merge::merge;
pub(crate) use names::DOMAIN_MAX;
pub use names::{LISTS_MAX, verify_domain, verify_list};
pub use note::OwnedNote;
pub(crate) use stack::{Layers, Stack};

pub use change::{Change, Outcome};
pub use clock::Clock;
pub use compile::{Compiler, ListId};
pub use explain::{Explanation, Matched, MatchedLayer};
pub use note::{EntryId, Note};
pub use reader::{Index, SectionStats, Stats};
pub use report::{Compiled, ListSummary, Rejected, Summary, Written};
pub use response::Response;
pub use verdict::{Action, Entry, List, Match, Settings, Verdict};
