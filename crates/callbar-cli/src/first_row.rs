//! The first row of a CSV file, read from a peek at its beginning and never cut.

use std::borrow::Cow;

use anyhow::{Result, anyhow, bail};

use super::csv::{self, Cut, Record, Records};
use super::output::lossy;
use super::source::PEEK;

/// The beginning of a file, behind what precedes its first row.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether it is all there is.
    pub(crate) whole: bool,
}

/// The first row of a file.
pub(crate) struct Row<'a> {
    pub(crate) delimiter: u8,
    pub(crate) fields: Vec<Cow<'a, [u8]>>,
    pub(crate) names: Vec<String>,
    /// Where it ends, line end included.
    pub(crate) end: usize,
}

impl<'a> Row<'a> {
    /// Reads it; an error if the file has none, or if it does not end within the peek.
    pub(crate) fn first(file: &str, body: Body<'a>, delimiter: u8) -> Result<Self> {
        let Body { bytes, whole } = body;
        let too_long = || {
            anyhow!(
                "{file}: the first row is longer than {} KiB: is this a CSV file, and is each quote \
                 in it closed?",
                PEEK >> 10
            )
        };
        if matches!(csv::cut(bytes, 1, delimiter), Cut::Open(_)) {
            if !whole {
                return Err(too_long());
            }
            bail!(
                "{file}: a quote in the first row is never closed: close it, or double it if it is \
                 part of the text"
            );
        }
        let mut records = Records::new(bytes, delimiter, 0);
        let row = records.find(|record| record.columns > 0);
        let end_of = |record: Record<'_>| record.start + record.raw.len() + record.end.len();
        // Its end, even if it seems to be there, may be half of a CRLF.
        if !whole && row.is_none_or(|row| end_of(row) == bytes.len()) {
            return Err(too_long());
        }
        let Some(record) = row else {
            bail!("{file} holds no row at all: is it the right file?");
        };
        let fields: Vec<_> = csv::fields(record.raw, delimiter).map(csv::unquote).collect();
        let names = fields.iter().map(|name| lossy(name).trim().to_owned()).collect();
        let end = end_of(record);
        Ok(Self { delimiter, fields, names, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(bytes: &[u8], whole: bool) -> Result<usize> {
        Row::first("a.csv", Body { bytes, whole }, b',').map(|row| row.end)
    }

    #[test]
    fn a_row_that_may_be_cut_is_refused() {
        for text in ["a,b", "a,b\r", "a,b\r\n", "a,\"b", "a,\"b\n", "\n\n", ""] {
            let error = end(text.as_bytes(), false).unwrap_err().to_string();
            assert!(error.contains("the first row is longer than 256 KiB"), "{text:?}: {error}");
        }
        assert_eq!(end(b"a,b\r\n1", false).unwrap(), 5);
        assert_eq!(end(b"a,b", true).unwrap(), 3);
        assert!(end(b"\n", true).unwrap_err().to_string().contains("no row at all"));
        assert!(end(b"\"a", true).unwrap_err().to_string().contains("never closed"));
    }
}
