//! Entries to the bytes of an index.
//!
//! | file | holds |
//! | --- | --- |
//! | `compile`, `report` | a whole domain made from written entries, and the report on them |
//! | `lists` | the entries of its lists: collected, sorted and merged |
//! | `edits` | the newest layer while it takes changes |
//! | `merge_layers` | several layers made one |
//! | `assemble` | the sections, for all of these |

mod assemble;
mod compile;
mod edits;
mod lists;
mod merge_layers;
mod report;

pub(crate) use edits::Edits;
pub(crate) use merge_layers::merge;

pub use compile::{Compiler, ListBuilder};
pub use report::{Compiled, ListSummary, Rejected, Summary, WrittenEntry};
