//! The entries in a block of a list file: the numbers, and what must be told with its line.

use std::borrow::Cow;

use callbar::{DialPlan, E164, Number};

use super::blocks::{Block, lines};
use super::cell;
use super::column::Layout;
use super::csv::{Records, unquote};
use super::kinds::Kinds;

/// What a block holds, each entry once.
#[derive(Debug, Default)]
pub(crate) struct Found<'b> {
    /// E.164 numbers.
    pub(crate) e164: Vec<E164>,
    /// Entries that are none, or cannot be on a list, with their lines.
    pub(crate) others: Vec<(u64, Cow<'b, [u8]>)>,
    /// What those are.
    pub(crate) kinds: Kinds,
    /// What cannot be an entry: line, reason and text.
    pub(crate) rejected: Vec<(u64, &'static str, &'b [u8])>,
}

impl<'b> Found<'b> {
    /// Files an entry; `raw` is what stands in the file.
    #[inline]
    fn add(&mut self, plan: &DialPlan, line: u64, raw: &'b [u8], text: Cow<'b, [u8]>) {
        let text = match cell::read(text) {
            Ok(text) => text,
            Err(reason) => return self.rejected.push((line, reason, raw)),
        };
        match plan.entry(&text) {
            Number::E164(number) => self.e164.push(number),
            other => {
                self.kinds.add(&other);
                self.others.push((line, text));
            }
        }
    }
}

/// One entry a line. `#31#` is an entry, so a comment needs a blank behind its `#`.
pub(crate) fn text<'b>(block: &'b Block, plan: &DialPlan) -> Found<'b> {
    let skipped =
        |line: &[u8]| line == b"#" || line.starts_with(b"# ") || line.trim_ascii().is_empty();
    let mut found = Found::default();
    for (line, text) in numbered_lines(block).filter(|(_, text)| !skipped(text)) {
        found.add(plan, line, text, Cow::Borrowed(text));
    }
    found
}

/// One entry a row, in the column of the layout. Blank lines are no rows.
pub(crate) fn csv<'b>(block: &'b Block, plan: &DialPlan, layout: &Layout) -> Found<'b> {
    let bytes = block.bytes();
    let mut found = Found::default();
    let (mut line, mut counted) = (block.line, 0);
    for record in Records::new(bytes, layout.delimiter, layout.column) {
        line += memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
        counted = record.start;
        match record.field {
            Some(field) => found.add(plan, line, field, unquote(field)),
            None if record.columns == 0 => {}
            None => found.rejected.push((line, "the row lacks the column", record.raw)),
        }
    }
    found
}

/// One JSON value a line. Blank lines hold none.
pub(crate) fn json<'b>(block: &'b Block, plan: &DialPlan, field: &str) -> Found<'b> {
    let mut found = Found::default();
    for (line, raw) in numbered_lines(block).filter(|(_, text)| !text.trim_ascii().is_empty()) {
        match super::json::text(raw, field) {
            Ok(text) => found.add(plan, line, raw, text),
            Err(reason) => found.rejected.push((line, reason, raw)),
        }
    }
    found
}

fn numbered_lines(block: &Block) -> impl Iterator<Item = (u64, &[u8])> {
    (block.line..).zip(lines(block.bytes()))
}
