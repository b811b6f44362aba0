//! Adds verdict columns to the rows of a CSV block; the bytes that were there stay as they are.

use callbar::{Number, Verdict};
use callbar_lists::{Block, Layout, Record, Records, write_field};
use clap::ValueEnum;

use super::judge::Judge;
use super::output;
use super::tally::Tally;

/// A verdict as a scrub writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Outcome {
    /// On no list
    Pass,
    /// On a list, and one that allows decides
    Allow,
    /// On a list, and one that denies decides
    Deny,
    /// Not read as one number: empty, withheld, several numbers, too long, unreadable, or no such
    /// column in the row
    Invalid,
}

impl Outcome {
    fn of(verdict: Option<&Verdict<'_>>) -> Self {
        match verdict {
            None => Self::Invalid,
            Some(Verdict::Pass) => Self::Pass,
            Some(Verdict::Allow(_)) => Self::Allow,
            Some(Verdict::Deny(_)) => Self::Deny,
            Some(other) => unreachable!("no list of a scrub says {}", other.as_str()),
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
pub(crate) struct Scrubber<'l, J> {
    pub(crate) lists: J,
    pub(crate) layout: &'l Layout,
    /// The outcomes whose rows are kept; none given: all.
    pub(crate) only: &'l [Outcome],
}

impl<J> Scrubber<'_, J> {
    /// Appends what precedes the first row, and the header with the names of the new columns.
    pub(crate) fn header(&self, head: &[u8], prefix: &str, out: &mut Vec<u8>) {
        let (preamble, header) = head.split_at(self.layout.preamble);
        out.extend_from_slice(preamble);
        let names = header.trim_ascii_end().len();
        // Blanks at the end may belong to the last name; only the line end may not.
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
    pub(crate) fn rows<'a>(&self, block: &Block, out: &mut Vec<u8>) -> Tally<'a>
    where
        J: Judge<'a>,
    {
        let bytes = block.bytes();
        let mut tally = Tally::default();
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
                tally.ragged(|| {
                    line +=
                        memchr::memchr_iter(b'\n', &bytes[counted..record.start]).count() as u64;
                    counted = record.start;
                    line
                });
            }
            self.row(record, out, &mut tally);
        }
        keep_blank(out, records.rest());
        tally
    }

    /// `None` if nobody could dial it: to let a text pass in which a number may hide unread, such
    /// as `call 0505...`, would be to dial a number that nobody looked up.
    fn verdict<'a>(&self, number: &Number) -> Option<Verdict<'a>>
    where
        J: Judge<'a>,
    {
        let verdict = match number {
            Number::Anonymous | Number::Invalid(_) => return None,
            number => self.lists.check_number(number),
        };
        let unread = verdict == Verdict::Pass && !is_one_number(number);
        (!unread).then_some(verdict)
    }

    fn row<'a>(&self, record: Record<'_>, out: &mut Vec<u8>, tally: &mut Tally<'a>)
    where
        J: Judge<'a>,
    {
        let text = record.field(self.layout.column);
        let number = text.as_ref().map(|text| self.lists.plan().entry(text));
        let verdict = number.as_ref().and_then(|number| self.verdict(number));
        let outcome = Outcome::of(verdict.as_ref());
        let kept = self.only.is_empty() || self.only.contains(&outcome);
        tally.count(verdict.as_ref(), matches!(number, Some(Number::E164(_))), kept);
        if let (Some(text), Some(Number::E164(number))) = (&text, &number) {
            tally.warnings.look_number(text, *number);
        }
        if !kept {
            return;
        }
        let delimiter = self.layout.delimiter;
        out.extend_from_slice(record.raw);
        // A short row is filled up, so that the new columns stand below their names.
        for _ in record.columns()..self.layout.columns {
            out.push(delimiter);
        }
        out.push(delimiter);
        out.extend_from_slice(outcome.as_str().as_bytes());
        out.push(delimiter);
        if let Some(by) = verdict.as_ref().and_then(Verdict::decided_by) {
            write_field(out, output::list_cell(by).as_bytes(), delimiter);
        }
        out.push(delimiter);
        if let (Some(number), Some(_)) = (&number, &verdict) {
            write_number(out, number, delimiter);
        }
        out.extend_from_slice(record.end);
    }
}

/// Whether the text was read as one number that somebody may dial.
fn is_one_number(number: &Number) -> bool {
    /// The shortest number of a subscriber: of a local one this long a wrong length is no slip in a
    /// short code.
    const SUBSCRIBER: usize = 7;
    match number {
        Number::Local(digits) => {
            digits.as_bytes().len() < SUBSCRIBER
                || !matches!(number.reason(), "too long" | "impossible length")
        }
        // Behind the code stands a number that would be dialled, and that nobody looked up.
        Number::Service(code) => {
            code.as_bytes().iter().filter(|byte| byte.is_ascii_digit()).count() < SUBSCRIBER
        }
        Number::E164(_) | Number::Unassigned(_) => true,
        Number::Opaque(_) | Number::Anonymous | Number::Invalid(_) => false,
    }
}

/// Appends a canonical form as a field.
fn write_number(out: &mut Vec<u8>, number: &Number, delimiter: u8) {
    if matches!(number, Number::E164(_)) {
        output::write_number(out, number);
    } else {
        write_field(out, number.to_string().as_bytes(), delimiter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callbar::DialPlan;

    #[test]
    fn what_is_not_one_number_is_told_from_what_is() {
        let plan = DialPlan::new("TR").unwrap();
        let one = |text: &str| is_one_number(&plan.entry(text.as_bytes()));
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
