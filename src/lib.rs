//! callbar decides, inside a SIP routing process and in nanoseconds, whether a number is on a
//! list of a tenant, and what that list says about the call.

mod engine;
mod error;
mod index;
mod number;

pub use engine::{Bytes, DomainId, DomainKey, Engine, LoadMode, NotFound, Reader, Snapshot};
pub use error::{Error, Result};
pub use index::{
    Action, Compiled, Compiler, Index, List, ListId, ListSummary, Match, Rejected, SectionStats,
    Stats, Summary, Verdict, Written,
};
pub use number::{DialPlan, E164, Number, Reason, Tag, Text, facts_version};

// The example of the README is compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
