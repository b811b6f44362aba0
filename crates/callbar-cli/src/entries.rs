//! The entries in a block of a list file: the numbers, and what must be told with its line.

use std::borrow::Cow;

use callbar::{DialPlan, E164, Note, Number, Written};

use super::blocks::{Block, lines};
use super::cell;
use super::column::Layout;
use super::csv::{Records, unquote};
use super::kinds::{Kind, Kinds};
use super::meta::{Columns, Meta};
use super::own_code::OwnCode;
use super::slips::Slip;

/// No E.164 number from here on is an emergency number behind its calling code.
const SLIPS: u64 = 100_000_000;

/// What a block holds, each entry once.
#[derive(Debug, Default)]
pub(crate) struct Found<'b> {
    /// E.164 numbers without metadata.
    pub(crate) e164: Vec<E164>,
    /// Entries that are none, cannot be on a list, or have metadata.
    pub(crate) others: Vec<Other<'b>>,
    /// What those are.
    pub(crate) kinds: Kinds,
    /// What cannot be an entry: line, reason and text.
    pub(crate) rejected: Vec<(u64, &'static str, &'b [u8])>,
    /// Numbers that may lack their plus.
    pub(crate) own_code: OwnCode,
}

/// An entry that is more than an E.164 number.
#[derive(Debug)]
pub(crate) struct Other<'b> {
    pub(crate) line: u64,
    text: Cow<'b, [u8]>,
    meta: Meta<'b>,
    slip: Option<Slip>,
}

impl Other<'_> {
    /// The same as the compiler takes it.
    pub(crate) fn written(&self) -> (Written<'_>, Note<'_>) {
        (Written { line: self.line, text: &self.text }, self.meta.note())
    }

    /// What may be wrong with it.
    pub(crate) fn slip(&self) -> Option<&Slip> {
        self.slip.as_ref()
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether it will expire.
    pub(crate) fn expires(&self) -> bool {
        self.meta.expires()
    }
}

impl<'b> Found<'b> {
    /// What was read, canonical.
    pub(crate) fn of(all: impl Iterator<Item = Read<'b>>, plan: &DialPlan) -> Self {
        let mut found = Self::default();
        all.for_each(|read| found.add(plan, read));
        found
    }

    #[inline]
    fn add(&mut self, plan: &DialPlan, Read { line, raw, entry }: Read<'b>) {
        let read = entry.and_then(|(text, meta)| Ok((cell::read(text)?, meta)));
        let (text, meta) = match read {
            Ok(read) => read,
            Err(reason) => return self.rejected.push((line, reason, raw)),
        };
        let kind = Kind::of(plan, &text);
        if let Kind::Number(Number::E164(number)) = kind {
            self.own_code.count(&text, number);
        }
        match (kind, meta) {
            (Kind::Number(Number::E164(number)), None) if number.get() >= SLIPS => {
                self.e164.push(number);
            }
            (kind, meta) => {
                self.kinds.add(&kind);
                let slip = Slip::of(plan, &kind, &text);
                self.others.push(Other { line, text, meta: meta.unwrap_or_default(), slip });
            }
        }
    }
}

/// What stands at a line of a file: the text of an entry and its metadata, or why it is none.
pub(crate) struct Read<'b> {
    pub(crate) line: u64,
    /// As it stands in the file, for messages.
    pub(crate) raw: &'b [u8],
    pub(crate) entry: Result<(Cow<'b, [u8]>, Option<Meta<'b>>), &'static str>,
}

/// Whether a line of text holds no entry. `#31#` is one, so a comment needs a blank behind its `#`.
pub(crate) fn is_skipped(line: &[u8]) -> bool {
    line == b"#" || line.starts_with(b"# ") || line.trim_ascii().is_empty()
}

/// One entry a line.
pub(crate) fn text(block: &Block) -> impl Iterator<Item = Read<'_>> {
    let lines = numbered_lines(block).filter(|(_, text)| !is_skipped(text));
    lines.map(|(line, raw)| Read { line, raw, entry: Ok((Cow::Borrowed(raw), None)) })
}

/// One entry a row, in the column of the layout, its metadata in the `columns`. Blank lines are no
/// rows.
pub(crate) fn csv<'b>(
    block: &'b Block,
    layout: &Layout,
    columns: &Columns,
) -> impl Iterator<Item = Read<'b>> {
    let bytes = block.bytes();
    let (mut line, mut counted) = (block.line, 0);
    let delimiter = layout.delimiter;
    Records::new(bytes, delimiter, layout.column).filter_map(move |record| {
        line += memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
        counted = record.start;
        let (raw, entry) = match record.field {
            Some(field) => match columns.read(record.raw, delimiter) {
                Ok(meta) => (field, Ok((unquote(field), meta))),
                Err(reason) => (record.raw, Err(reason)),
            },
            None if record.columns == 0 => return None,
            None => (record.raw, Err("the row lacks the column")),
        };
        Some(Read { line, raw, entry })
    })
}

/// One JSON value a line. Blank lines hold none.
pub(crate) fn json<'b>(block: &'b Block, field: &str) -> impl Iterator<Item = Read<'b>> {
    let lines = numbered_lines(block).filter(|(_, text)| !text.trim_ascii().is_empty());
    lines.map(move |(line, raw)| Read { line, raw, entry: super::json::entry(raw, field) })
}

fn numbered_lines(block: &Block) -> impl Iterator<Item = (u64, &[u8])> {
    (block.line..).zip(lines(block.bytes()))
}
