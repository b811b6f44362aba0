//! The index of one domain: sorted entries to bytes, and bytes to matches.
//!
//! A [`Compiler`] makes the bytes, an [`Index`] verifies and reads them, over anything that is
//! bytes: a memory map, a vector, a slice. It knows numbers and lists; where bytes come from, how
//! they are replaced and which domain a call belongs to is left to the engine.
//!
//! How a number is found: the filter (`filter`) answers nearly all that are not listed with one
//! line of the cache; for the rest the directory (`blocks`) leads to a block of 10^4 numbers
//! (`block`), that gives the id of a set of lists (`sets`), which gives the verdict. Entries that
//! are not E.164 numbers have an automaton of their own (`texts`). The file around the sections is
//! told in `format`.
//!
//! **Invariant:** nothing here opens a file, takes a lock or looks at a clock, but for the time
//! that a compiler writes into what it makes.

mod block;
mod blocks;
mod build;
mod compile;
mod filter;
mod format;
mod fst;
mod fst_verify;
mod meta;
mod names;
mod reader;
mod report;
mod sets;
mod texts;
mod verdict;

pub(crate) use names::DOMAIN_MAX;

pub use compile::{Compiler, ListId};
pub use reader::{Index, SectionStats, Stats};
pub use report::{Compiled, ListSummary, Rejected, Summary, Written};
pub use verdict::{Action, List, Match, Verdict};
