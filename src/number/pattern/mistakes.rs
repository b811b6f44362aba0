//! Recognises texts that come onto lists by mistake, and that no call has: a word for a missing number, a line of
//! markup, a name that is meant to match others. `spreadsheet` knows what spreadsheets make of numbers.
//!
//! A user of such a name can be written as a URI: `sip:all@my.example`.

use crate::error::NumberError;

/// Words that programs write for a missing number, and people for all numbers.
const WORDS: [&str; 13] = [
    "all",
    "any",
    "everyone",
    "false",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "true",
    "undefined",
    "unknown number",
];

/// Why the text is no entry, if it is one of these mistakes. `user` is the part of it that could be a number or
/// a name.
pub(crate) fn mistake(text: &[u8], user: &[u8]) -> Option<NumberError> {
    if is_markup(text) {
        return Some(NumberError::NotAUser);
    }
    let is_name = user.first().is_some_and(u8::is_ascii_alphabetic);
    if is_name && user.ends_with(b"*") || text.windows(2).any(|two| two == b"@*") {
        return Some(NumberError::StarInName);
    }
    let is_word = |word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    WORDS.iter().any(|word| is_word(word)).then_some(NumberError::Placeholder)
}

/// Whether the text holds the digits of a number and characters that no number has, such as the next column of a
/// table or a mask. For texts in which no number was found: they would be a user's name, which is seldom meant.
/// Letters alone are no mistake, because devices have such names. Nor are stars and number signs that a telephone
/// can dial: `99#905050047824`.
pub(crate) fn is_broken(text: &[u8]) -> bool {
    const DIGITS: usize = 7;
    let text = text.trim_ascii();
    let formula = text.strip_prefix(b"=");
    let is_formula = formula.is_some();
    let text = formula.unwrap_or(text);
    let rest = text.strip_prefix(b"+").unwrap_or(text);
    rest.first().is_some_and(u8::is_ascii_digit)
        && rest.iter().filter(|byte| byte.is_ascii_digit()).count() >= DIGITS
        && (is_formula || !rest.iter().all(u8::is_ascii_alphanumeric))
        && !rest.iter().any(|byte| matches!(byte, b':' | b'@'))
        && (is_formula || !is_dialled(rest))
}

fn is_dialled(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#'))
        && !text.windows(2).any(|two| two == b"**")
}

/// `<b>05050047824</b>`, `<!DOCTYPE html>`: brackets around what is no URI and no number.
fn is_markup(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"<") else { return false };
    let end = rest.iter().position(|&byte| byte == b'>').unwrap_or(rest.len());
    let inside = &rest[..end];
    matches!(inside.first(), Some(b'!' | b'/' | b'?'))
        || inside.first().is_some_and(u8::is_ascii_alphabetic)
            && !inside.iter().any(|byte| matches!(byte, b':' | b'@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> Option<NumberError> {
        super::mistake(text.as_bytes(), text.split('@').next().unwrap_or_default().as_bytes())
    }

    #[test]
    fn a_number_among_other_characters_is_no_name() {
        let broken = [
            "05050047824,NY",
            "2,125,550,149",
            "05050047824_1",
            "5'050'047'824",
            "0505***7824",
            "+1212555****",
            "0212 555 01 23 #12",
            "=05050047824",
            "=+905050047824",
        ];
        for text in broken {
            assert!(is_broken(text.as_bytes()), "{text}");
        }
        let whole = [
            "00085d1234ab",
            "*31#05050047824",
            "#31#05050047824",
            "99#905050047824",
            "alice-1234567",
            "1234#",
            "05050047824,x@my.example",
            "tel:0505***7824",
        ];
        for text in whole {
            assert!(!is_broken(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn mistakes_are_recognised() {
        for (text, reason) in [
            ("<html>", NumberError::NotAUser),
            ("<b>05050047824</b>", NumberError::NotAUser),
            ("<!DOCTYPE html>", NumberError::NotAUser),
            ("</td>", NumberError::NotAUser),
            ("alice*", NumberError::StarInName),
            ("alice@*", NumberError::StarInName),
            ("all", NumberError::Placeholder),
            ("NULL", NumberError::Placeholder),
            ("NaN", NumberError::Placeholder),
            ("n/a", NumberError::Placeholder),
        ] {
            assert_eq!(mistake(text), Some(reason), "{text}");
        }
        for text in [
            "0505.004.78.24",
            "0505.0a",
            "0505.",
            "<sip:all@my.example>",
            "<05050047824>",
            "<alice@my.example>",
            "alice",
            "allan",
            "0505*",
            "*67",
            "a*b",
            "",
        ] {
            assert_eq!(mistake(text), None, "{text}");
        }
    }
}
