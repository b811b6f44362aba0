//! The byte between the columns of a CSV file: as given, by the file's name, or by its first line.

use std::path::Path;

/// What parts columns, the usual first.
pub(crate) const USUAL: [u8; 4] = [b',', b';', b'\t', b'|'];
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What precedes the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preamble {
    /// Its length in bytes: a byte order mark and the line `sep=;` that Excel writes and heeds.
    pub(crate) len: usize,
    /// The delimiter that the line names.
    pub(crate) delimiter: Option<u8>,
}

/// The preamble of a file that begins with `bytes`.
pub(crate) fn preamble(bytes: &[u8]) -> Preamble {
    let mark = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let line = bytes[mark..].split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    match separator(line) {
        Some(delimiter) => Preamble { len: mark + line.len(), delimiter: Some(delimiter) },
        None => Preamble { len: mark, delimiter: None },
    }
}

/// The byte in a line `sep=;`, which some programs quote.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let plain = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = plain.split_at_checked(4)?;
    match delimiter {
        &[delimiter] if name.eq_ignore_ascii_case(b"sep=") && delimiter != b'"' => Some(delimiter),
        _ => None,
    }
}

/// The byte by the file's ending: a tab for `.tsv`, else a comma.
pub(crate) fn of_name(file: &Path) -> u8 {
    if ending(file) == "tsv" { b'\t' } else { b',' }
}

/// The ending of a file's name in lower case, `.gz` aside.
pub(crate) fn ending(file: &Path) -> String {
    let name = file.to_string_lossy().to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Reads a delimiter as given on the command line: one byte, `tab` or `\t`.
pub(crate) fn parse(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("a quote or line end cannot part columns".into()),
        [b'+' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'] => {
            Err("a letter, a digit or + is part of numbers and names: it cannot part columns"
                .into())
        }
        [byte] => Ok(*byte),
        _ => Err("give one byte such as ; or the word tab".into()),
    }
}

/// A delimiter as a shell wants it behind the option: `';'`, `tab`.
pub(crate) fn shown(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "tab".into(),
        other => format!("'{}'", char::from(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        assert_eq!(parse("tab"), Ok(b'\t'));
        assert_eq!(parse(";"), Ok(b';'));
        for wrong in ["\"", "", "+", "5", "a", "Z", "\n", "\r"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!((shown(b';').as_str(), shown(b'\t').as_str()), ("';'", "tab"));
    }

    #[test]
    fn a_line_for_excel_is_no_row() {
        let found = |bytes: &[u8]| (preamble(bytes).len, preamble(bytes).delimiter);
        assert_eq!(found(b"sep=;\r\na;b\r\n"), (7, Some(b';')));
        assert_eq!(found(b"\xef\xbb\xbf\"SEP=\t\"\na"), (11, Some(b'\t')));
        assert_eq!(found(b"\xef\xbb\xbfa;b\n"), (3, None));
        assert_eq!(found(b"sep=\"\n"), (0, None));
        assert_eq!(found(b"sep=ab\n"), (0, None));
        assert_eq!(found(b""), (0, None));
    }
}
