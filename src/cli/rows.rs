//! Adds verdict columns to the rows of a CSV block; the bytes that were there stay as they are.

use callbar::{Index, Number, Verdict};
use clap::ValueEnum;

use super::blocks::Block;
use super::column::Layout;
use super::csv::{self, Record, Records};
use super::output;
use super::tally::Tally;

/// A verdict as a scrub writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Outcome {
    /// On no list
    Pass,
    /// On an allow list
    Allow,
    /// On a deny list, and on no allow list
    Deny,
    /// No telephone number: empty, withheld, unreadable, or no such column in the row
    Invalid,
}

impl Outcome {
    fn of(verdict: Option<&Verdict<'_>>) -> Self {
        match verdict {
            None => Self::Invalid,
            Some(Verdict::Pass) => Self::Pass,
            Some(Verdict::Allow(_)) => Self::Allow,
            Some(Verdict::Deny(_)) => Self::Deny,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Invalid => "invalid",
        }
    }
}

/// What is done with each row.
pub(crate) struct Scrubber<'a, D> {
    pub(crate) index: &'a Index<D>,
    pub(crate) layout: &'a Layout,
    /// The outcomes whose rows are kept; none given: all.
    pub(crate) only: &'a [Outcome],
}

impl<'a, D: AsRef<[u8]>> Scrubber<'a, D> {
    /// Appends the header with the names of the new columns.
    pub(crate) fn header(&self, header: &[u8], prefix: &str, out: &mut Vec<u8>) {
        let names = header.trim_ascii_end().len();
        // Blanks at the end may belong to the last name; only the line end may not.
        let end = header[names..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (names, end) = header.split_at(end.map_or(header.len(), |at| names + at));
        out.extend_from_slice(names);
        for name in ["verdict", "list", "number"] {
            out.push(self.layout.delimiter);
            csv::write_field(out, format!("{prefix}{name}").as_bytes(), self.layout.delimiter);
        }
        out.extend_from_slice(end);
    }

    /// Appends the rows of a block. Blank lines stay as they are, and do not count.
    pub(crate) fn rows(&self, block: &Block, out: &mut Vec<u8>) -> Tally<'a> {
        let bytes = block.bytes();
        let mut tally = Tally::default();
        let (mut line, mut counted) = (block.line, 0);
        for record in Records::new(bytes, self.layout.delimiter, self.layout.column) {
            if record.columns == 0 {
                if self.only.is_empty() {
                    out.extend_from_slice(record.end);
                }
                continue;
            }
            if record.columns != self.layout.columns {
                tally.ragged(|| {
                    line +=
                        memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
                    counted = record.start;
                    line
                });
            }
            self.row(record, out, &mut tally);
        }
        tally
    }

    /// `None` if nobody could dial it: to let a text pass in which a number may hide unread, such
    /// as `call 0505...`, would be to dial a number that nobody looked up.
    fn verdict(&self, number: &Number) -> Option<Verdict<'a>> {
        let verdict = match number {
            Number::Anonymous | Number::Invalid(_) => return None,
            number => self.index.check_number(number),
        };
        let unread = matches!((number, &verdict), (Number::Opaque(_), Verdict::Pass));
        (!unread).then_some(verdict)
    }

    fn row(&self, record: Record<'_>, out: &mut Vec<u8>, tally: &mut Tally<'a>) {
        let number = record.field.map(|field| self.index.plan().entry(&csv::unquote(field)));
        let verdict = number.as_ref().and_then(|number| self.verdict(number));
        let outcome = Outcome::of(verdict.as_ref());
        let kept = self.only.is_empty() || self.only.contains(&outcome);
        tally.count(verdict.as_ref(), matches!(number, Some(Number::E164(_))), kept);
        if !kept {
            return;
        }
        let delimiter = self.layout.delimiter;
        out.extend_from_slice(record.raw);
        // A short row is filled up, so that the new columns stand below their names.
        for _ in record.columns..self.layout.columns {
            out.push(delimiter);
        }
        out.push(delimiter);
        out.extend_from_slice(outcome.as_str().as_bytes());
        out.push(delimiter);
        if let Some(by) = verdict.as_ref().and_then(Verdict::decided_by) {
            csv::write_field(out, by.list.name.as_bytes(), delimiter);
        }
        out.push(delimiter);
        if let (Some(number), Some(_)) = (&number, &verdict) {
            write_number(out, number, delimiter);
        }
        out.extend_from_slice(record.end);
    }
}

/// Appends a canonical form as a field.
fn write_number(out: &mut Vec<u8>, number: &Number, delimiter: u8) {
    if matches!(number, Number::E164(_)) {
        output::write_number(out, number);
    } else {
        csv::write_field(out, number.to_string().as_bytes(), delimiter);
    }
}
