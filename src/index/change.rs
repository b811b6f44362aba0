//! Changes of a domain's lists, and their outcomes.

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
    /// Makes a list, or changes the action and the response of an existing one.
    List {
        /// Its name.
        name: &'a str,
        /// What it does with calls.
        action: Action,
        /// The response to a call that it bars.
        response: Option<Response>,
        /// Whether an allow list may become a deny list though its patterns hold a whole calling code.
        allow_broad: bool,
    },
    /// Drops a list with all of its entries, at once at any size.
    DropList {
        /// Its name. The list must exist.
        name: &'a str,
    },
    /// Replaces the settings of the domain.
    Settings(Settings),
    /// Puts a number of the caller's choice on the domain, to identify its state after this change.
    Stamp(u64),
}

/// The outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The entry, or the list, is new.
    Added,
    /// It was there, and was changed.
    Replaced,
    /// It was there already, as it is now.
    Unchanged,
    /// It was there, and was removed.
    Removed,
    /// It was not there.
    Absent,
}
