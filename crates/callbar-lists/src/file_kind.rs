//! Refuses files that are no lists of text, such as spreadsheets, with a remedy.

use crate::blocks::bom;
use crate::error::{Error, Result};
use crate::source::GZIP;

/// Bytes that are searched for signs of UTF-16: some lines of a list.
const SAMPLE: usize = 512;

/// Refuses a spreadsheet, an archive, a file that is gzipped twice and UTF-16, by its first bytes.
pub(crate) fn binary(file: &str, bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(b"PK\x03\x04") {
        return refuse(file, "is a zip archive or a spreadsheet", "unpack it, or save it as CSV");
    }
    if bytes.starts_with(&GZIP) {
        return refuse(file, "is gzipped twice", "unpack it once (gunzip)");
    }
    if let Some(encoding) = utf16(bytes) {
        let remedy = format!("save it as UTF-8 (iconv -f {encoding} -t UTF-8)");
        return refuse(file, "is UTF-16", remedy);
    }
    Ok(())
}

/// Refuses what [`binary`] refuses, and a file with a zero byte, which no list has.
pub(crate) fn no_text(file: &str, bytes: &[u8]) -> Result<()> {
    binary(file, bytes)?;
    if memchr::memchr(0, bytes).is_some() {
        return refuse(file, "is not text, for it has zero bytes", "is it the right file?");
    }
    Ok(())
}

/// Refuses JSON that is one value over many lines.
pub(crate) fn json_array(file: &str, bytes: &[u8]) -> Result<()> {
    if bytes[bom(bytes)..].trim_ascii_start().starts_with(b"[") {
        return refuse(file, "is a JSON array", "make it one object a line (jq -c '.[]')");
    }
    Ok(())
}

fn refuse(file: &str, what: &str, remedy: impl Into<String>) -> Result<()> {
    Err(Error::new(format!("{file} {what}"), remedy))
}

/// Returns the name of the encoding for `iconv` if it is UTF-16. It has a byte order mark, or one byte
/// of many pairs is zero, always the same one: digits and delimiters are such pairs.
fn utf16(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some("UTF-16");
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let (mut high, mut low) = (0, 0);
    for pair in sample.chunks_exact(2) {
        high += usize::from(pair[0] == 0);
        low += usize::from(pair[1] == 0);
    }
    let many = |count: usize| count > 0 && count * 8 >= sample.len();
    match (high, low) {
        (0, low) if many(low) => Some("UTF-16LE"),
        (high, 0) if many(high) => Some("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        let error = binary("f.csv", bytes).unwrap_err();
        format!("{error}: {}", error.remedy())
    }

    #[test]
    fn utf16_is_found_with_and_without_its_mark() {
        let text = "\u{422}\u{435}\u{43b};phone\r\n1;05050047824\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(error(&little).contains("iconv -f UTF-16LE -t UTF-8"));
        assert!(error(&big).contains("iconv -f UTF-16BE -t UTF-8"));
        assert!(error(b"\xff\xfep\0").contains("iconv -f UTF-16 -t UTF-8"));
        for other in ["", "a", "05050047824\n", "\0\0\0\0", text] {
            assert!(binary("f", other.as_bytes()).is_ok(), "{other:?}");
        }
    }

    #[test]
    fn a_packed_file_and_one_that_is_not_text_are_refused() {
        assert!(error(b"\x1f\x8b\x08rest").contains("gzipped twice"));
        assert!(no_text("f", b"905\x00050").is_err() && no_text("f", b"905050").is_ok());
    }

    #[test]
    fn an_array_is_no_json_lines() {
        let error = json_array("a.json", b"\xef\xbb\xbf [\n{").unwrap_err();
        assert!(error.remedy().contains("jq -c '.[]'"), "{error}");
        assert!(json_array("a.json", b"{\"number\":[1]}").is_ok());
    }
}
