//! What commands print and write: results, errors, explanations, counts and progress.

mod csv_verdicts;
mod entry_counts;
mod errors;
pub(crate) mod explanation;
mod pipeline;
mod progress;
mod rejects;
mod results;
mod scrub_summary;
mod terminal;
mod words;

pub(crate) use csv_verdicts::{Judge, Outcome, Scrubber};
pub(crate) use entry_counts::{Counts, Kinds};
pub(crate) use errors::{chain, is_closed_pipe, with_remedy};
pub(crate) use pipeline::{each_line, ordered};
pub(crate) use progress::{Progress, import_progress};
pub(crate) use rejects::Rejects;
pub(crate) use results::{Output, print, refuse_input};
pub(crate) use scrub_summary::Tally;
pub(crate) use terminal::{Colour, Paint, lossy, note, printable, warn};
pub(crate) use words::{action_word, list_cell, numbering_facts, verdict_colour, write_number};
