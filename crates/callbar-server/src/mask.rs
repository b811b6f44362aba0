//! Numbers as the log may show them.

/// Digits of a run that stay.
const SHOWN: usize = 3;
/// Runs of fewer digits are no numbers.
const SHORT: usize = 5;
/// What parts of a path and of a query end with: no number goes on behind. Percent-encoded, they are
/// characters of a part.
const ENDS: [char; 6] = ['/', '?', '&', '=', ':', '@'];

/// The path with all but the first three digits of each long run of digits masked. What stands
/// between digits and is no letter, as in `0505 004-78 24`, does not end a run. What is
/// percent-encoded is decoded, except that no control character comes out.
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

/// The text that a path says. What is no UTF-8 or a control character stands as a replacement
/// character.
fn decode(path: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace(char::is_control, "\u{fffd}")
}

/// A letter of Japanese that is written for a dash.
const LONG_VOWEL: char = '\u{30fc}';

/// How many digits the run at the beginning has, and how many bytes, to its last digit.
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
