//! Masks the numbers in a text, as the log may show it.

use percent_encoding::percent_decode_str;

/// Digits of a number that stay.
const SHOWN: usize = 3;
/// The fewest digits of a number.
const SHORT: usize = 5;
/// Characters that end a part of a path or a query. No number goes on behind them. Percent-encoded, they are
/// characters of the part.
const ENDS: [char; 6] = ['/', '?', '&', '=', ':', '@'];

/// Returns the path with all but the first three digits of each number masked. Signs and spaces between
/// digits, as in `0505 004-78 24`, do not end a number. Percent-encoding is decoded, except to control
/// characters.
#[must_use]
pub(crate) fn mask(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for part in path.split_inclusive(ENDS) {
        let text = part.trim_end_matches(ENDS);
        mask_part(&decode(text), &mut out);
        out.push_str(&part[text.len()..]);
    }
    out
}

fn mask_part(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_numeric()) {
        out.push_str(&rest[..start]);
        let (digits, length) = run(&rest[start..]);
        let run = &rest[start..start + length];
        if digits < SHORT {
            out.push_str(run);
        } else {
            out.extend(run.chars().filter(|c| c.is_numeric()).take(SHOWN));
            out.extend(std::iter::repeat_n('*', digits - SHOWN));
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
}

/// Decodes percent-encoding. Bytes that are not UTF-8 and control characters become replacement characters.
fn decode(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().replace(char::is_control, "\u{fffd}")
}

/// A Japanese letter that people write for a dash.
const LONG_VOWEL: char = '\u{30fc}';

/// The digits of the number at the beginning, and its bytes up to its last digit.
fn run(text: &str) -> (usize, usize) {
    let (mut digits, mut length, mut at) = (0, 0, 0);
    while let Some(c) = text[at..].chars().next() {
        if c.is_numeric() {
            digits += 1;
            at += c.len_utf8();
            length = at;
        } else if !c.is_alphanumeric() || c == LONG_VOWEL {
            at += c.len_utf8();
        } else {
            break;
        }
    }
    (digits, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        for (text, masked) in [
            ("/entries/+905050047824", "/entries/+905*********"),
            ("/entries/0505%20004%2078%2024", "/entries/050********"),
            ("/entries/%30%35%30%35%30047824", "/entries/050********"),
            ("/entries/0505~004,78;24", "/entries/050********"),
            ("/entries/0505%E2%80%93004\u{200b}7824", "/entries/050********"),
            ("/entries/%2B905050047824%", "/entries/+905*********%"),
            ("/entries/0505%2F004%2F78%2F24", "/entries/050********"),
            ("/entries/0505%40004%3F7824?limit=10", "/entries/050********?limit=10"),
            ("/entries/090\u{30fc}1234\u{30fc}5679", "/entries/090********"),
            ("/1234/1234", "/1234/1234"),
            ("/a%0Ab%FF/%C3%B6", "/a\u{fffd}b\u{fffd}/\u{f6}"),
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
