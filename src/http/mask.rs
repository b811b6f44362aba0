//! Numbers as the log may show them.

use std::fmt::Write as _;

/// Digits of a run that stay.
const SHOWN: usize = 3;
/// Runs of fewer digits are no numbers.
const SHORT: usize = 5;

/// The text with all but the first three digits of each long run of digits masked. Signs between
/// digits, as in `0505 004-78 24` and its percent-encoded forms, do not end a run.
#[must_use]
pub(crate) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_numeric()) {
        out.push_str(&rest[..start]);
        let (digits, length) = run(&rest[start..]);
        let run = &rest[start..start + length];
        if digits < SHORT {
            out.push_str(run);
        } else {
            let kept: String = run.chars().filter(|c| c.is_numeric()).take(SHOWN).collect();
            // A string takes everything.
            let _ = write!(out, "{kept}{}", "*".repeat(digits - SHOWN));
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    out
}

/// How many digits the run at the beginning has, and how many bytes, to its last digit.
fn run(text: &str) -> (usize, usize) {
    let (mut digits, mut length, mut at) = (0, 0, 0);
    while let Some(c) = text[at..].chars().next() {
        if c.is_numeric() {
            digits += 1;
            at += c.len_utf8();
            length = at;
        } else if let Some(separator) = separator(&text[at..]) {
            at += separator;
        } else {
            break;
        }
    }
    (digits, length)
}

/// The bytes of a sign that people write between digits, also percent-encoded.
fn separator(text: &str) -> Option<usize> {
    const SIGNS: [char; 6] = [' ', '-', '.', '(', ')', '\u{a0}'];
    const ENCODED: [&str; 5] = ["%20", "%2D", "%2d", "%28", "%29"];
    if let Some(encoded) = ENCODED.iter().find(|encoded| text.starts_with(**encoded)) {
        return Some(encoded.len());
    }
    text.chars().next().filter(|c| SIGNS.contains(c)).map(char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        for (text, masked) in [
            ("/entries/+905050047824", "/entries/+905*********"),
            ("/entries/0505%20004%2078%2024?x=1", "/entries/050********?x=1"),
            ("0505 004-78 24", "050********"),
            ("\u{661}\u{662}\u{663}\u{664}\u{665}", "\u{661}\u{662}\u{663}**"),
            ("/callbar/v1/health", "/callbar/v1/health"),
            ("112", "112"),
            ("", ""),
            ("a1234b12345", "a1234b123**"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
