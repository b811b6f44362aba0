//! From anything written to one canonical [`Number`].
//!
//! A [`DialPlan`] reads what a telephone dialled, what a SIP header holds or what an operator
//! wrote on a list, and answers with the one form that all ways of writing that number share.
//!
//! Promises: any bytes give a [`Number`]; nothing is allocated, no clock, file or lock is touched;
//! where libphonenumber finds a possible number this is the same number, but for the departures
//! that `dial` names. Entries and calls go through the same function, so a list matches what it
//! was meant to match.
//!
//! Leaves to others: lists, domains, patterns, and whether a number is in service.
//!
//! The way of a text: `plan` -> `uri` (finds the user) -> `written` or `entry` (characters to
//! digits) -> `dial` (the algorithm), which asks `facts` (the regions) by `automaton`. Where a few
//! digits decide it all, `shortcut` has the answer of `dial` ready.

mod automaton;
mod canonical;
mod dial;
mod digits;
mod entry;
mod facts;
mod plan;
mod shortcut;
mod uri;
mod written;
mod written_out;

pub use canonical::{E164, Number, Reason, Tag, Text};
pub use facts::facts_version;
pub use plan::DialPlan;
