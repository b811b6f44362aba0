//! callbar decides, inside a SIP routing process and in nanoseconds, whether a number is on a
//! list of a tenant, and what that list says about the call.

mod engine;
mod error;
mod index;
mod number;

#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub use engine::POINTS;
pub use engine::{
    AskedQuestion, Bytes, Call, CallExplanation, Decision, Domain, DomainId, DomainKey, Engine,
    Health, Kept, LoadMode, Missing, NotFound, Options, OwnedCall, Problem, Publish, Question,
    Reader, Snapshot, Writer,
};
pub use error::{Error, Result};
pub use index::{
    Action, Change, Clock, Compiled, Compiler, Entry, EntryId, EntryIdError, EntryKey, EntryKind,
    EntryNote, Explanation, Index, LISTS_MAX, List, ListBuilder, ListSummary, Match, Matched,
    MatchedLayer, Note, Outcome, OwnedNote, Rejected, Response, SectionStats, Settings, Stats,
    Summary, Verdict, Written, verify_domain_name, verify_list_name,
};
pub use number::{
    Class, DialPlan, Doubt, E164, E164Error, NotCanonical, Number, NumberError, ParsedEntry, Party,
    Pattern, PatternError, Piece, Scope, Step, StepKind, Tag, Text, UnknownWord, facts_version,
};

// The example of the README is compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
