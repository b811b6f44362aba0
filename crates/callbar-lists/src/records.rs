//! Records and fields of CSV (RFC 4180), by the crate `csv`, with the bytes that each record is made of.
//!
//! Only the cut between records is found by hand, because blocks must end with a record. A search for
//! quotes and line ends is several times as fast as parsing every field twice. A test compares the two.

use csv_core::WriteResult;
use memchr::{memchr, memchr2};

const QUOTE: u8 = b'"';

/// Where bytes may be cut between records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// After this many bytes.
    At(usize),
    /// Not yet: the quote at this place is not closed.
    Open(usize),
    /// Not yet: the last record has no end.
    More,
}

/// Finds the end of the first record that ends after `target` bytes or more. `bytes` begin a record.
pub(crate) fn cut(bytes: &[u8], target: usize, delimiter: u8) -> Cut {
    // The start of the present stretch outside quotes.
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

/// Finds the quote that closes a field whose text begins at `at`.
fn closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(QUOTE, bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&QUOTE) {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// Returns where the line end that begins at `at` ends.
fn after_terminator(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        Some([_, ..]) => at + 1,
        _ => at,
    }
}

/// One record, and the bytes that it was read from.
///
/// # Examples
/// ```
/// use callbar_lists::Records;
///
/// let mut records = Records::new(b"0505 004 78 24,\"Ali \"\"Can\"\"\"\n", b',');
/// let record = records.next().expect("a record");
/// assert_eq!((record.columns(), record.field(1)), (2, Some(&b"Ali \"Can\""[..])));
/// assert_eq!((record.raw, record.end), (&b"0505 004 78 24,\"Ali \"\"Can\"\"\""[..], &b"\n"[..]));
/// assert_eq!(record.fields().count(), 2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    /// The line ends of the blank lines before it.
    pub blank: &'r [u8],
    /// All columns as they are in the file, without the line end.
    pub raw: &'r [u8],
    /// The line end; empty if the last record of a file has none.
    pub end: &'r [u8],
    /// The place of `raw` in the block.
    pub start: usize,
    fields: &'r csv::ByteRecord,
}

impl<'r> Record<'r> {
    /// Returns the number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.fields.len()
    }

    /// Returns the text of a column (from 0), without its quotes, if the record has it.
    #[must_use]
    pub fn field(&self, column: usize) -> Option<&'r [u8]> {
        self.fields.get(column)
    }

    /// Returns the texts of all columns.
    pub fn fields(&self) -> impl Iterator<Item = &'r [u8]> {
        self.fields.iter()
    }
}

/// Reads the records of a block.
///
/// # Examples
/// ```
/// use callbar_lists::Records;
///
/// let mut records = Records::new(b"1,\"Ali\nCan\"\r\n\n2,Oya", b',');
/// let first = records.next().unwrap();
/// assert_eq!((first.field(1), first.end), (Some(&b"Ali\nCan"[..]), &b"\r\n"[..]));
/// let second = records.next().unwrap();
/// assert_eq!((second.blank, second.raw), (&b"\n"[..], &b"2,Oya"[..]));
/// assert!(records.next().is_none());
/// ```
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    record: csv::ByteRecord,
    /// Where the last record ended.
    end: usize,
}

impl<'a> Records<'a> {
    /// Reads `bytes`, which begin with a record.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Records;
    ///
    /// let mut records = Records::new(b"Ali;0505 004 78 24\n", b';');
    /// assert_eq!(records.next().and_then(|record| record.field(1)), Some(&b"0505 004 78 24"[..]));
    /// ```
    #[must_use]
    pub fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let mut how = csv::ReaderBuilder::new();
        how.has_headers(false).flexible(true).delimiter(delimiter);
        let reader = how.buffer_capacity(bytes.len().clamp(1, 64 << 10)).from_reader(bytes);
        Self { bytes, reader, record: csv::ByteRecord::new(), end: 0 }
    }

    /// Returns the next record, after any blank lines.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Records;
    ///
    /// let mut records = Records::new(b"Ali,112\n\nOya,155\n", b',');
    /// let mut count = 0;
    /// while let Some(record) = records.next() {
    ///     assert_eq!(record.columns(), 2);
    ///     count += 1;
    /// }
    /// assert_eq!(count, 2);
    /// ```
    #[expect(clippy::should_implement_trait, reason = "a record is lent until the next one")]
    #[expect(
        clippy::missing_panics_doc,
        reason = "a slice can be read, and rows may differ in length"
    )]
    pub fn next(&mut self) -> Option<Record<'_>> {
        let more = self.reader.read_byte_record(&mut self.record).expect("bytes in memory");
        if !more {
            return None;
        }
        let bytes = self.bytes;
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let from = self.end;
        let start = from + bytes[from..].iter().take_while(|byte| is_end(byte)).count();
        self.end = (self.reader.position().byte() as usize).max(start);
        if bytes[..self.end].ends_with(b"\r") && bytes[self.end..].starts_with(b"\n") {
            self.end += 1;
        }
        let all = &bytes[start..self.end];
        let raw = all.strip_suffix(b"\n").unwrap_or(all);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let (raw, end) = all.split_at(raw.len());
        Some(Record { blank: &bytes[from..start], raw, end, start, fields: &self.record })
    }

    /// Returns the line ends of the blank lines after the last record. Call it when [`Records::next`] has
    /// returned `None`.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Records;
    ///
    /// let mut records = Records::new(b"112,police\n\n\n", b',');
    /// assert!(records.next().is_some() && records.next().is_none());
    /// assert_eq!(records.rest(), b"\n\n");
    /// ```
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.end..]
    }
}

/// Appends a field, in quotes if it needs them.
///
/// # Examples
/// ```
/// use callbar_lists::write_field;
///
/// let mut row = b"0505 004 78 24,".to_vec();
/// write_field(&mut row, b"\"Ali\", Ankara", b',');
/// assert_eq!(row, br#"0505 004 78 24,"""Ali"", Ankara""#);
/// ```
pub fn write_field(out: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    let special = |byte: &u8| matches!(*byte, QUOTE | b'\n' | b'\r') || *byte == delimiter;
    if !text.iter().any(special) {
        return out.extend_from_slice(text);
    }
    out.push(QUOTE);
    let start = out.len();
    out.resize(start + 2 * text.len(), 0);
    let (result, _, written) = csv_core::quote(text, &mut out[start..], QUOTE, QUOTE, true);
    debug_assert_eq!(result, WriteResult::InputEmpty, "each byte takes two at most");
    out.truncate(start + written);
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

    /// Where records end, and the bytes of all.
    fn read(bytes: &[u8]) -> (Vec<usize>, Vec<u8>) {
        let (mut ends, mut whole) = (Vec::new(), Vec::new());
        let mut records = Records::new(bytes, b',');
        while let Some(record) = records.next() {
            whole.extend([record.blank, record.raw, record.end].concat());
            // Each blank line ends, too.
            ends.push(whole.len());
        }
        whole.extend(records.rest());
        (ends, whole)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_byte_is_lost(bytes in text()) {
            prop_assert_eq!(read(&bytes).1, bytes);
        }

        #[test]
        fn a_cut_parts_records_and_no_field(bytes in text(), target in 0_usize..80) {
            prop_assume!(!bytes.starts_with(b"\xef\xbb\xbf"));
            if let Cut::At(end) = cut(&bytes, target, b',') {
                prop_assert!(end >= target.min(bytes.len()));
                let fields = |bytes: &[u8]| {
                    let mut records = Records::new(bytes, b',');
                    let mut all = Vec::new();
                    while let Some(record) = records.next() {
                        all.push(record.fields().map(<[u8]>::to_vec).collect::<Vec<_>>());
                    }
                    all
                };
                let (one, other) = bytes.split_at(end);
                prop_assert_eq!([fields(one), fields(other)].concat(), fields(&bytes));
            }
        }

        #[test]
        fn a_written_field_reads_back(text in prop::collection::vec(any::<u8>(), 1..20)) {
            let mut out = b"a,".to_vec();
            write_field(&mut out, &text, b',');
            let mut records = Records::new(&out, b',');
            let record = records.next().unwrap();
            prop_assert_eq!((record.columns(), record.field(1)), (2, Some(&text[..])));
        }
    }

    #[test]
    fn an_open_quote_is_found() {
        assert_eq!(cut(b"a,\"b\nc", 1, b','), Cut::Open(2));
        assert_eq!(cut(b"a,b\n\"c", 1, b','), Cut::At(4));
        assert_eq!(cut(b"a,b", 1, b','), Cut::More);
    }
}
