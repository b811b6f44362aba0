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
//! A [`Pattern`] and a [`Class`] stand for many numbers. Patterns are read by the same plan, see
//! [`DialPlan::pattern`]; how a number was reached is told by [`DialPlan::trace`], which allocates.
//!
//! Leaves to others: lists, domains, and whether a number is in service.
//!
//! The way of a text: `reading` -> `header` (finds the address) -> `uri` (finds the user) -> `written` or
//! `entry` (characters to digits; `foreign`, `masks`, `several` and `slips` know what no entry can be) ->
//! `dial` (the algorithm by a `plan`), which asks `facts` (the regions) by `automaton`. Where a few digits
//! decide it all, `shortcut` has the answer of `dial` ready. The way of a call's party: `readings` -> `leading`,
//! which show every number that servers may make of a text, and `withheld`, which knows how callers hide
//! theirs. The way of a pattern: `pattern_written` and `range_written` -> `shape` (what is meant) -> `open` (what
//! digits are in E.164 form, found by asking `dial`) -> `pattern`, and `pieces` for an index. `canonical`,
//! `class`, `emergency` and `doubt` hold what all of it leads to; `written_out` writes it, `trace` explains it.

mod automaton;
mod canonical;
mod class;
mod dial;
mod digits;
mod doubt;
mod emergency;
mod entry;
mod facts;
mod foreign;
mod header;
mod leading;
mod masks;
mod open;
mod party;
mod pattern;
mod pattern_written;
mod pieces;
mod plan;
mod range_written;
mod reading;
mod readings;
mod several;
mod shape;
mod shortcut;
mod slips;
mod trace;
mod uri;
mod withheld;
mod written;
mod written_out;

pub(crate) use digits::ascii;
pub(crate) use party::Reading;
pub(crate) use readings::{host_of, identities, names_somebody};
pub(crate) use withheld::{is_private_party, is_restricted, is_zeros};

pub use canonical::{E164, Number, Reason, Tag, Text};
pub use class::Class;
pub use doubt::Doubt;
pub use facts::facts_version;
pub use party::Party;
pub use pattern::{Pattern, Scope};
pub use pieces::Piece;
pub use plan::DialPlan;
pub use trace::{Step, StepKind};
