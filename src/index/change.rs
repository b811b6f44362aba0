//! What can be changed of a domain's lists, and what a change comes to.

use super::key::EntryKey;
use super::list::{Action, Response, Settings};
use super::note::Note;

/// One change of a domain's lists.
#[derive(Clone, Debug)]
pub enum Change<'a> {
    /// Puts an entry on a list, or changes its note if it is there.
    Add {
        /// The list, which must exist.
        list: &'a str,
        /// The entry as an operator writes it: a number, a pattern or a class.
        entry: &'a [u8],
        /// Its metadata, which replaces what there was.
        note: Note<'a>,
        /// Whether one pattern may deny a whole calling code.
        allow_broad: bool,
    },
    /// As [`Change::Add`], with an entry that was parsed before, by the dial plan of the domain.
    AddKey {
        /// The list, which must exist.
        list: &'a str,
        /// The key of the entry.
        key: &'a EntryKey,
        /// Its metadata, which replaces what there was.
        note: Note<'a>,
        /// Whether one pattern may deny a whole calling code.
        allow_broad: bool,
    },
    /// Takes an entry off a list.
    Remove {
        /// The list, which must exist.
        list: &'a str,
        /// The entry in any of its written forms.
        entry: &'a [u8],
    },
    /// As [`Change::Remove`], with an entry that was parsed before, by the dial plan of the domain.
    RemoveKey {
        /// The list, which must exist.
        list: &'a str,
        /// The key of the entry.
        key: &'a EntryKey,
    },
    /// Makes a list, or changes what an existing one says.
    List {
        /// Its name.
        name: &'a str,
        /// What it says.
        action: Action,
        /// What to answer a call that it bars.
        response: Option<Response>,
        /// Whether patterns that an allow list holds may deny a whole calling code from now on.
        allow_broad: bool,
    },
    /// Drops a list with all of its entries, at once, however many they are.
    DropList {
        /// Its name; it must exist.
        name: &'a str,
    },
    /// Replaces the settings of the domain.
    Settings(Settings),
    /// Puts another number on it, by which the caller knows the state that it is in then.
    Stamp(u64),
}

/// What a change came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The entry, or the list, is new.
    Added,
    /// It was there, and something of it has changed.
    Replaced,
    /// It was there just so.
    Unchanged,
    /// It was there and is gone.
    Removed,
    /// It was not there.
    Absent,
}
