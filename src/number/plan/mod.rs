//! The dial plan of a domain, the numbering facts of the regions, and the algorithm that applies both to digits.
//!
//! `dial_plan` holds the options of a domain. `dial` turns digits into an E.164 number as libphonenumber does. It
//! asks `facts` about a region, whose patterns `automaton` runs. `shortcut` has the answer of `dial` ready where
//! the first three digits decide it, `digits` reads runs of digits. `emergency` knows which numbers call for help.

pub(super) mod automaton;
pub(super) mod dial;
pub(super) mod dial_plan;
pub(super) mod digits;
pub(super) mod emergency;
pub(super) mod facts;
pub(super) mod shortcut;
