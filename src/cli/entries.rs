//! The entries in a block of a list file, each with the line it stands on.

use std::borrow::Cow;

use callbar::Written;

use super::blocks::{Block, lines};
use super::column::Layout;
use super::csv::Records;

/// Entries that had to be unquoted, and what cannot be one: line, reason and text.
#[derive(Debug, Default)]
pub(crate) struct Found<'b> {
    pub(crate) entries: Vec<(u64, Cow<'b, [u8]>)>,
    pub(crate) rejected: Vec<(u64, &'static str, &'b [u8])>,
}

/// One entry a line. `#31#` is an entry, so a comment needs a blank behind its `#`.
pub(crate) fn text(block: &Block) -> impl Iterator<Item = Written<'_>> {
    let skipped =
        |line: &[u8]| line == b"#" || line.starts_with(b"# ") || line.trim_ascii().is_empty();
    numbered_lines(block)
        .filter(move |(_, text)| !skipped(text))
        .map(|(line, text)| Written { line, text })
}

/// One entry a row, in the column of the layout. Blank lines are no rows.
pub(crate) fn csv<'b>(block: &'b Block, layout: &Layout) -> Found<'b> {
    let bytes = block.bytes();
    let mut found = Found::default();
    let (mut line, mut counted) = (block.line, 0);
    for record in Records::new(bytes, layout.delimiter, layout.column) {
        line += memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
        counted = record.start;
        match record.field {
            Some(field) => found.entries.push((line, super::csv::unquote(field))),
            None if record.columns == 0 => {}
            None => found.rejected.push((line, "the row lacks the column", record.raw)),
        }
    }
    found
}

/// One JSON value a line. Blank lines hold none.
pub(crate) fn json<'b>(block: &'b Block, field: &str) -> Found<'b> {
    let mut found = Found::default();
    for (line, text) in numbered_lines(block).filter(|(_, text)| !text.trim_ascii().is_empty()) {
        match super::json::text(text, field) {
            Ok(entry) => found.entries.push((line, entry)),
            Err(reason) => found.rejected.push((line, reason, text)),
        }
    }
    found
}

fn numbered_lines(block: &Block) -> impl Iterator<Item = (u64, &[u8])> {
    (block.line..).zip(lines(block.bytes()))
}
