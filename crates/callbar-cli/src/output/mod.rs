//! What commands print and write: results, errors, explanations, counts and progress.

mod entry_counter;
mod errors;
pub(crate) mod explanation;
mod pipeline;
mod progress;
mod rejects;
mod results;
mod row_counts;
mod terminal;
mod verdict_columns;
mod words;

pub(crate) use entry_counter::EntryCounter;
pub(crate) use errors::{chain, has_io_kind};
pub(crate) use pipeline::{each_line, ordered};
pub(crate) use progress::{Progress, progress_bar, report_import};
pub(crate) use rejects::Rejects;
pub(crate) use results::{Output, print, print_rows, refuse_overwrite};
pub(crate) use row_counts::RowCounts;
pub(crate) use terminal::{Colour, Paint, lossy, note, note_error, printable, warn};
pub(crate) use verdict_columns::{CheckNumber, RowVerdict, VerdictColumns};
pub(crate) use words::{
    differences, list_cell, numbering_facts, or_dash, verdict_colour, write_json, write_number,
};
