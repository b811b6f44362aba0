//! What commands print and write: results, errors, explanations, counts and progress.
//!
//! | file | holds |
//! | --- | --- |
//! | `results`, `pipeline` | standard output or a file; the results of all threads in the order of the input |
//! | `words`, `verdict_columns`, `explanation` | verdicts, lists and numbers as JSON or text, in CSV, explained |
//! | `entry_counter`, `row_counts` | what was read, counted by kind |
//! | `rejects`, `errors` | entries that were refused; errors with their causes and remedies |
//! | `progress`, `terminal` | progress, warnings and colours on standard error |

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
