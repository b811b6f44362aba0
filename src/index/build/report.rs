//! The entries that a compiler takes, and its report on them.

use serde::Serialize;

use crate::error::EntryError;
use crate::index::list::Action;

/// An entry as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The line it was written on, from 1. A rejected entry carries it.
    pub line: u64,
    /// The entry, without line end or quotes.
    pub text: &'a [u8],
}

/// An entry that cannot be on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The line it was written on.
    pub line: u64,
    /// The entry as it was written, cut at 80 bytes.
    pub text: Box<[u8]>,
    /// Why it cannot be on a list.
    pub reason: EntryError,
}

/// The result of a compiler.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The index, for [`crate::Index::open`] or [`crate::Engine::publish`].
    pub bytes: Vec<u8>,
    /// Counts of what went into it.
    pub summary: Summary,
}

/// Counts of a compilation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Distinct canonical numbers over all lists.
    pub numbers: u64,
    /// The lists, in the order of their creation.
    pub lists: Vec<ListSummary>,
}

/// Counts of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListSummary {
    /// Its name.
    pub name: String,
    /// Its action.
    pub action: Action,
    /// Its distinct numbers.
    pub entries: u64,
    /// Entries that were on the list already, in any written form.
    pub duplicates: u64,
    /// Entries that cannot be on a list.
    pub rejected: u64,
}
