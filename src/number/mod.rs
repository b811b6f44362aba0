//! From anything written to one canonical [`Number`].
//!
//! A [`DialPlan`] reads what a telephone dialled, what a SIP header holds or what an operator
//! wrote on a list. It returns the one form that all ways of writing that number share.
//!
//! Promises: any bytes give a [`Number`]; nothing is allocated, no clock, file or lock is touched;
//! where libphonenumber finds a possible number this is the same number, but for the departures
//! that [`DialPlan`] lists. Entries and calls go through the same algorithm, so a list matches what
//! it was meant to match.
//!
//! A [`Pattern`] and a [`Class`] stand for many numbers. The same plan reads patterns, see
//! [`DialPlan::pattern`]. [`DialPlan::trace`] shows how a number was reached, and allocates.
//!
//! Leaves to others: lists, domains, and whether a number is in service.
//!
//! `canonical` holds the result, `crate::error` why there is none. `characters` reads bytes and knows no regions.
//! `plan` applies a dial plan to digits, `text` reads what comes with a call, `pattern` what operators write on
//! lists. `trace` records the steps. `words` declares enums of words.

mod canonical;
mod characters;
mod pattern;
mod plan;
mod text;
mod trace;
mod words;

pub(crate) use plan::digits::ascii;
pub(crate) use text::readings::{Reading, host_of, identities, names_somebody};
pub(crate) use text::withheld::{is_private_party, is_restricted, is_zeros};
pub(crate) use words::{text_as_json, words};

pub use canonical::{E164, Number, Tag, Text};
pub use pattern::canonical::{NotCanonical, Pattern, Piece, Scope};
pub use pattern::class::Class;
pub use pattern::entry::{Doubt, ParsedEntry};
pub use plan::dial_plan::{DialPlan, PlanSpec};
pub use plan::facts::facts_version;
pub use text::readings::Party;
pub use trace::{Step, StepKind};
pub use words::UnknownWord;
