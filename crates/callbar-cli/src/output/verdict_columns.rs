//! Adds verdict columns to the rows of a CSV block. All other bytes stay as they are.

use callbar::{DialPlan, Number, Verdict};
use callbar_lists::{Block, Layout, Record, Records, write_field};
use clap::ValueEnum;

use super::row_counts::RowCounts;
use super::words;

/// The verdict in a row of a scrub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowVerdict {
    /// On no list
    Pass,
    /// An allow list decides
    Allow,
    /// A deny list decides
    Deny,
    /// The cell is not one number: empty, withheld, several numbers, too long, unreadable, or
    /// missing in the row
    Invalid,
}

impl RowVerdict {
    fn new(verdict: Option<&Verdict<'_>>) -> Self {
        match verdict {
            None => Self::Invalid,
            Some(Verdict::Pass) => Self::Pass,
            Some(Verdict::Allow(_)) => Self::Allow,
            Some(Verdict::Deny(_)) => Self::Deny,
            Some(other) => unreachable!("no list of a scrub says {}", other.as_str()),
        }
    }
}

/// Gives the verdict on a canonical number: by a published domain, or an index made for one command.
pub(crate) type CheckNumber<'c, 'i> = &'c (dyn Fn(&Number) -> Verdict<'i> + Sync);

/// Adds the verdict columns to rows.
pub(crate) struct VerdictColumns<'l, 'i> {
    /// Reads the numbers.
    pub(crate) plan: &'l DialPlan,
    pub(crate) check: CheckNumber<'l, 'i>,
    pub(crate) layout: &'l Layout,
    /// The verdicts whose rows are kept; all if it is empty.
    pub(crate) only: &'l [RowVerdict],
}

impl<'i> VerdictColumns<'_, 'i> {
    /// Appends the bytes before the first row. If they have a header, it gets the names of the new
    /// columns.
    pub(crate) fn header(&self, head: &[u8], prefix: &str, out: &mut Vec<u8>) {
        let (preamble, header) = head.split_at(self.layout.preamble);
        out.extend_from_slice(preamble);
        if header.is_empty() {
            return;
        }
        let names = header.trim_ascii_end().len();
        // Blanks at the end may belong to the last name, but the line end does not.
        let end = header[names..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (names, end) = header.split_at(end.map_or(header.len(), |at| names + at));
        out.extend_from_slice(names);
        for name in ["verdict", "list", "number"] {
            out.push(self.layout.delimiter);
            write_field(out, format!("{prefix}{name}").as_bytes(), self.layout.delimiter);
        }
        out.extend_from_slice(end);
    }

    /// Appends the rows of a block. Blank lines stay as they are, and do not count.
    pub(crate) fn rows(&self, block: &Block, out: &mut Vec<u8>) -> RowCounts<'i> {
        let bytes = block.bytes();
        let mut counts = RowCounts::default();
        let (mut line, mut counted) = (block.line, 0);
        let keep_blank = |out: &mut Vec<u8>, blank: &[u8]| {
            if self.only.is_empty() {
                out.extend_from_slice(blank);
            }
        };
        let mut records = Records::new(bytes, self.layout.delimiter);
        while let Some(record) = records.next() {
            keep_blank(out, record.blank);
            if record.columns() != self.layout.columns {
                counts.add_uneven(|| {
                    line +=
                        memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
                    counted = record.start;
                    line
                });
            }
            self.row(record, out, &mut counts);
        }
        keep_blank(out, records.rest());
        counts
    }

    /// Returns the verdict on a number, or `None` for a text that is not one number. A text such as
    /// `call 0505...` must not pass: somebody would dial a number that was not looked up.
    fn verdict(&self, number: &Number) -> Option<Verdict<'i>> {
        if matches!(number, Number::Anonymous | Number::Invalid(_)) {
            return None;
        }
        let verdict = (self.check)(number);
        let unread = verdict == Verdict::Pass && !number.is_dialable();
        (!unread).then_some(verdict)
    }

    fn row(&self, record: Record<'_>, out: &mut Vec<u8>, counts: &mut RowCounts<'i>) {
        let text = record.field(self.layout.column);
        let number = text.as_ref().map(|text| self.plan.entry(text));
        let verdict = number.as_ref().and_then(|number| self.verdict(number));
        let row_verdict = RowVerdict::new(verdict.as_ref());
        let kept = self.only.is_empty() || self.only.contains(&row_verdict);
        counts.count(verdict.as_ref(), matches!(number, Some(Number::E164(_))), kept);
        if let (Some(text), Some(Number::E164(number))) = (&text, &number) {
            counts.warnings.look_number(text, *number);
        }
        if !kept {
            return;
        }
        let delimiter = self.layout.delimiter;
        out.extend_from_slice(record.raw);
        // Fill a short row up, so that the new columns stand below their names.
        for _ in record.columns()..self.layout.columns {
            out.push(delimiter);
        }
        out.push(delimiter);
        out.extend_from_slice(verdict.as_ref().map_or("invalid", Verdict::as_str).as_bytes());
        out.push(delimiter);
        if let Some(by) = verdict.as_ref().and_then(Verdict::decided_by) {
            write_field(out, words::list_cell(by).as_bytes(), delimiter);
        }
        out.push(delimiter);
        if let (Some(number), Some(_)) = (&number, &verdict) {
            if matches!(number, Number::E164(_)) {
                words::write_number(out, number);
            } else {
                write_field(out, number.to_string().as_bytes(), delimiter);
            }
        }
        out.extend_from_slice(record.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_distinguished_from_other_texts() {
        let plan = DialPlan::new("TR").unwrap();
        let one = |text: &str| plan.entry(text.as_bytes()).is_dialable();
        for text in [
            "05050047824",
            "112",
            "*67",
            "*21*0505#",
            "1001;phone-context=a.example",
            "12-34",
            "05050047824;ext=3",
            "05050047824;phone-context=+90",
            "(0212) 555 - 0123",
        ] {
            assert!(one(text), "{text}");
        }
        for text in [
            "050500478245050047825",
            "#31#05050047824",
            "*67 05050047824",
            "112/110",
            "05050047824 / 05050047825",
            "112;110",
            "112, 110",
            "0505 004 78 24 - 0505 004 78 25",
            "05050047824;05050047825",
            "05050047824; 05050047825",
            "05050047824|05050047825",
            "05050047824 05050047825",
            "0850 304 00 00 - 99",
            "alice",
        ] {
            assert!(!one(text), "{text}: {:?}", plan.entry(text.as_bytes()));
        }
    }
}
