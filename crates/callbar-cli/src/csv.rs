//! Finds records and fields in CSV as RFC 4180 has it, without copying or changing a byte.
//!
//! Agrees with the `csv` crate on any input: a quote opens a field only as its first byte, a
//! doubled quote inside stands for one, whatever follows the closing quote is literal, and LF, CR
//! or CRLF ends a record. A test holds the two against each other. Knows nothing of numbers.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

const QUOTE: u8 = b'"';

/// Where a run of whole records may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// After this many bytes.
    At(usize),
    /// Nowhere yet: the quote at this place is not closed.
    Open(usize),
    /// Nowhere yet: the last record has no end.
    More,
}

/// The end of the first record that ends after `target` bytes or more. `bytes` begin a record.
pub(crate) fn cut(bytes: &[u8], target: usize, delimiter: u8) -> Cut {
    // Start of the present stretch outside of quotes.
    let mut outside = 0;
    loop {
        let quote = memchr(QUOTE, &bytes[outside..]).map(|at| outside + at);
        let stretch = quote.unwrap_or(bytes.len());
        let from = outside.max(target.saturating_sub(1));
        if from < stretch
            && let Some(at) = memchr2(b'\n', b'\r', &bytes[from..stretch])
        {
            let end = from + at;
            // A CR at the very end may be half of a CRLF.
            let split = bytes[end] == b'\r' && end + 1 == bytes.len();
            return if split { Cut::More } else { Cut::At(after_terminator(bytes, end)) };
        }
        let Some(quote) = quote else { return Cut::More };
        let opens = quote == 0
            || matches!(bytes[quote - 1], b'\n' | b'\r')
            || bytes[quote - 1] == delimiter;
        outside = if opens {
            match closing_quote(bytes, quote + 1) {
                Some(close) => close + 1,
                None => return Cut::Open(quote),
            }
        } else {
            quote + 1
        };
    }
}

/// The quote that closes a field whose text begins at `at`.
fn closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(QUOTE, bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&QUOTE) {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// The end of the line end that begins at `at`.
fn after_terminator(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        Some([_, ..]) => at + 1,
        _ => at,
    }
}

/// One record, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    /// All columns, without the line end.
    pub(crate) raw: &'a [u8],
    /// The line end; empty behind the last record of a file that lacks it.
    pub(crate) end: &'a [u8],
    /// Its place in the block.
    pub(crate) start: usize,
    /// How many columns it has; 0 for a blank line.
    pub(crate) columns: usize,
    /// The wanted column, quotes and all, if the record has so many.
    pub(crate) field: Option<&'a [u8]>,
}

/// The records of a block, blank lines included.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    delimiter: u8,
    column: usize,
}

impl<'a> Records<'a> {
    /// Reads `bytes`, which begin a record, and picks out the field at `column` (from 0).
    pub(crate) fn new(bytes: &'a [u8], delimiter: u8, column: usize) -> Self {
        Self { bytes, at: 0, delimiter, column }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    #[inline]
    fn next(&mut self) -> Option<Record<'a>> {
        let (bytes, start) = (self.bytes, self.at);
        if start == bytes.len() {
            return None;
        }
        let (mut columns, mut field, mut at) = (0, None, start);
        let stop = loop {
            let stop = field_end(bytes, at, self.delimiter);
            if columns == self.column {
                field = Some(&bytes[at..stop]);
            }
            columns += 1;
            if bytes.get(stop) != Some(&self.delimiter) {
                break stop;
            }
            at = stop + 1;
        };
        self.at = after_terminator(bytes, stop);
        if stop == start {
            (columns, field) = (0, None);
        }
        let (raw, end) = (&bytes[start..stop], &bytes[stop..self.at]);
        Some(Record { raw, end, start, columns, field })
    }
}

/// All fields of a record without its line end.
pub(crate) fn fields(raw: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = field_end(raw, start, delimiter);
        at = (end < raw.len()).then_some(end + 1);
        Some(&raw[start..end])
    })
}

/// The delimiter or line end behind the field that begins at `at`, or the end of the bytes.
#[inline]
fn field_end(bytes: &[u8], at: usize, delimiter: u8) -> usize {
    let from = match bytes.get(at) {
        Some(&QUOTE) => closing_quote(bytes, at + 1).map_or(bytes.len(), |quote| quote + 1),
        _ => at,
    };
    // Behind a closing quote the field nearly always ends at once.
    if let Some(&byte) = bytes.get(from)
        && (byte == delimiter || byte == b'\n' || byte == b'\r')
    {
        return from;
    }
    memchr3(delimiter, b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |end| from + end)
}

/// The text of a field: without its quotes, doubled ones made single.
#[inline]
pub(crate) fn unquote(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(text) = field.strip_prefix(b"\"") else { return Cow::Borrowed(field) };
    if let Some(close) = memchr(QUOTE, text)
        && close + 1 == text.len()
    {
        return Cow::Borrowed(&text[..close]);
    }
    let close = closing_quote(text, 0).unwrap_or(text.len());
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = &text[..close];
    while let Some(quote) = memchr(QUOTE, rest) {
        plain.extend_from_slice(&rest[..=quote]);
        // Its twin; absent only where the field is never closed.
        rest = rest.get(quote + 2..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain.extend_from_slice(text.get(close + 1..).unwrap_or_default());
    Cow::Owned(plain)
}

/// Appends a field, quoted if it must be.
pub(crate) fn write_field(out: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    let special = |byte: &u8| matches!(*byte, QUOTE | b'\n' | b'\r') || *byte == delimiter;
    if !text.iter().any(special) {
        return out.extend_from_slice(text);
    }
    out.push(QUOTE);
    for &byte in text {
        if byte == QUOTE {
            out.push(QUOTE);
        }
        out.push(byte);
    }
    out.push(QUOTE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of which nearly all mean something to a CSV reader.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            Just(b'"'),
            Just(b'"'),
            Just(b','),
            Just(b'\n'),
            Just(b'\r'),
            Just(b'a'),
            Just(b' '),
            any::<u8>()
        ];
        prop::collection::vec(byte, 0..80)
    }

    fn oracle(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        // The crate drops a byte order mark, which is not the business of this module.
        let mut reader =
            ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        reader.byte_records().map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn records_and_fields_are_those_of_the_csv_crate(bytes in text()) {
            prop_assume!(!bytes.starts_with(b"\xef\xbb\xbf"));
            let records: Vec<_> = Records::new(&bytes, b',', 1).collect();
            let whole: Vec<u8> = records.iter().flat_map(|r| [r.raw, r.end].concat()).collect();
            prop_assert_eq!(&whole, &bytes);
            let rows: Vec<_> = records.iter().filter(|r| r.columns > 0).collect();
            let expected = oracle(&bytes);
            prop_assert_eq!(rows.len(), expected.len());
            for (row, expected) in rows.iter().zip(&expected) {
                let all: Vec<_> = fields(row.raw, b',').map(|f| unquote(f).into_owned()).collect();
                prop_assert_eq!(&all, expected);
                prop_assert_eq!(row.columns, expected.len());
                prop_assert_eq!(row.field.map(|f| unquote(f).into_owned()), expected.get(1).cloned());
            }
        }

        #[test]
        fn a_cut_parts_records_and_no_field(bytes in text(), target in 0_usize..80) {
            let ends: Vec<usize> =
                Records::new(&bytes, b',', 0).map(|r| r.start + r.raw.len() + r.end.len()).collect();
            match cut(&bytes, target, b',') {
                Cut::At(end) => {
                    prop_assert!(end >= target && ends.contains(&end));
                    prop_assert!(ends.iter().all(|&other| other >= end || other < target.max(1)));
                }
                Cut::Open(at) => prop_assert_eq!(bytes[at], b'"'),
                Cut::More => {}
            }
        }

        #[test]
        fn a_written_field_reads_back(text in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut out = Vec::new();
            write_field(&mut out, &text, b',');
            prop_assert_eq!(fields(&out, b',').count(), 1);
            prop_assert_eq!(unquote(&out).into_owned(), text);
        }
    }
}
