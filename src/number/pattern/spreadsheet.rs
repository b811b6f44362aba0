//! What spreadsheets and data frames make of numbers.
//!
//! A program that takes a telephone number for a quantity rounds it or gives it a fraction. Such a text is refused,
//! because the digits that are left are those of another subscriber. A formula of a text is that text: people write
//! it to keep a spreadsheet from reading the number.

use crate::error::NumberError;
use crate::number::plan::digits;

/// The inside of `="..."`, anything else as it stands.
pub(crate) fn without_formula(text: &[u8]) -> &[u8] {
    let inside = |text: &'_ [u8]| -> Option<(usize, usize)> {
        let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let quoted = text[start..].trim_ascii_end().strip_prefix(b"=\"")?.strip_suffix(b"\"")?;
        Some((start + 2, quoted.len()))
    };
    inside(text).map_or(text, |(start, length)| &text[start..start + length])
}

/// Why a user part is no number, if a spreadsheet wrote it so. `is_bare`: the text is the user and nothing else.
pub(crate) fn mistake(user: &[u8], is_bare: bool) -> Option<NumberError> {
    // Nearly no number holds any of these, and what is refused holds one.
    if !user.iter().any(|byte| matches!(byte, b'.' | b'E' | b'e')) {
        return None;
    }
    if is_rounded(user, is_bare) {
        Some(NumberError::Spreadsheet)
    } else if is_decimal(user) {
        Some(NumberError::Decimal)
    } else {
        None
    }
}

/// `9.0505E+11`, `9,0505e11`; of a bare text also `5E+11`, but not `5e11`, which may be a device's name.
fn is_rounded(text: &[u8], is_bare: bool) -> bool {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'E' | b'e')) else { return false };
    let (mantissa, exponent) = (unsigned(&text[..at]), &text[at + 1..]);
    let mut parts = mantissa.splitn(2, |byte| matches!(byte, b'.' | b','));
    let whole = parts.next().is_some_and(is_integer);
    let fraction = parts.next();
    let has_sign = unsigned(exponent).len() < exponent.len();
    let is_marked = fraction.is_some() || is_bare && has_sign;
    whole && fraction.is_none_or(is_integer) && is_integer(unsigned(exponent)) && is_marked
}

/// `5050047824.0`, as a data frame writes a column in which a number is missing.
fn is_decimal(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|&byte| byte == b'.') else { return false };
    let (whole, fraction) = (unsigned(&text[..at]), &text[at + 1..]);
    is_integer(whole) && !fraction.is_empty() && fraction.iter().all(|&byte| byte == b'0')
}

fn unsigned(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text)
}

fn is_integer(text: &[u8]) -> bool {
    !text.is_empty() && digits::all(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_has_rounded_is_refused() {
        for text in ["5,05E+11", "5.05005E+09", "5.05e11", "-5.05e11", "9.0505E-11"] {
            for is_bare in [true, false] {
                assert_eq!(
                    mistake(text.as_bytes(), is_bare),
                    Some(NumberError::Spreadsheet),
                    "{text}"
                );
            }
        }
        assert_eq!(mistake(b"5E+11", true), Some(NumberError::Spreadsheet));
        assert_eq!(mistake(b"5E+11", false), None, "the user of a URI is meant");
        for text in ["5050047824.0", "+905050047824.0", "5050047824.00"] {
            assert_eq!(mistake(text.as_bytes(), true), Some(NumberError::Decimal), "{text}");
        }
        for text in
            ["", "5e11", "alice", "0505.004.78.24", "1.800.FLOWERS", "5.05", "E", ".0", "5.", "e.1"]
        {
            assert_eq!(mistake(text.as_bytes(), true), None, "{text}");
        }
    }

    #[test]
    fn a_formula_of_a_text_is_that_text() {
        for (text, inside) in [
            ("=\"05050047824\"", "05050047824"),
            (" =\"112\"\t", "112"),
            ("=\"\"", ""),
            ("=05050047824", "=05050047824"),
            ("=\"112", "=\"112"),
            ("\"112\"", "\"112\""),
            ("=", "="),
            ("", ""),
        ] {
            assert_eq!(without_formula(text.as_bytes()), inside.as_bytes(), "{text}");
        }
    }
}
