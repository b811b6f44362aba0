//! Looks up numbers in one index or in the layers of a domain.
//!
//! | file | holds |
//! | --- | --- |
//! | `index` | one index, verified and read |
//! | `layers` | the layers of a domain with a table of the newest, and what answers for a domain |
//! | `visit` | all entries that hold a number, longest first |
//! | `matching` | which of them decides |
//! | `batch` | many numbers at once |
//! | `explain` | why that one decides |
//! | `checks` | questions about a text, and all those of one index by itself |
//! | `verdict` | the answer |
//! | `clock` | the time by which entries expire |

mod batch;
mod checks;
mod clock;
mod explain;
pub(super) mod index;
pub(super) mod layers;
pub(crate) mod matching;
pub(super) mod verdict;
mod visit;

pub use clock::Clock;
pub use explain::{Explanation, MatchedEntry, MatchedLayer};
pub use index::{Index, SectionStats, Stats};
pub use verdict::{Entry, Match, Verdict};
