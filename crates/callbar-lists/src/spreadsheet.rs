//! The text of one cell or entry, less what spreadsheets and data frames do to numbers.
//!
//! A program that takes a telephone number for a quantity rounds it or gives it a fraction. Such
//! a text is refused, for the digits that are left are those of another subscriber.

use std::borrow::Cow;

use memchr::memchr3;

use crate::error::LineError;

/// The text that may hold a number: the inside of `="..."`, anything else as it stands.
///
/// # Errors
/// [`LineError::Notation`], [`LineError::Decimal`].
#[inline]
pub fn strip_spreadsheet(cell: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, LineError> {
    let cell = if cell.trim_ascii_start().first() == Some(&b'=') { unwrap(cell) } else { cell };
    // Nearly no number holds any of these, and what is refused holds one.
    if memchr3(b'.', b'E', b'e', &cell).is_none() {
        return Ok(cell);
    }
    let text = cell.trim_ascii();
    if is_notation(text) {
        Err(LineError::Notation)
    } else if is_decimal(text) {
        Err(LineError::Decimal)
    } else {
        Ok(cell)
    }
}

/// The inside of `="..."`, by which spreadsheets are kept from reading a number.
fn unwrap(cell: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    fn inside(cell: &[u8]) -> Option<&[u8]> {
        cell.trim_ascii().strip_prefix(b"=\"")?.strip_suffix(b"\"")
    }
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(inside(text).unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(inside(&text).map(<[u8]>::to_vec).unwrap_or(text)),
    }
}

/// `5.05E+11`, `5,05E11`, `5E+11`; but not `5e11`, which may be the name of a user.
fn is_notation(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'E' | b'e')) else { return false };
    let (mantissa, exponent) = (unsigned(&text[..at]), &text[at + 1..]);
    let mut parts = mantissa.splitn(2, |byte| matches!(byte, b'.' | b','));
    let whole = parts.next().is_some_and(are_digits);
    let fraction = parts.next();
    let marked = fraction.is_some() || unsigned(exponent).len() < exponent.len();
    whole && fraction.is_none_or(are_digits) && are_digits(unsigned(exponent)) && marked
}

/// `5050047824.0`, as a data frame writes a column in which a number is missing.
fn is_decimal(text: &[u8]) -> bool {
    let whole = text.iter().position(|&byte| byte == b'.').map(|at| text.split_at(at));
    whole.is_some_and(|(whole, fraction)| {
        are_digits(unsigned(whole))
            && fraction.len() > 1
            && fraction[1..].iter().all(|&b| b == b'0')
    })
}

fn unsigned(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text)
}

fn are_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str) -> Result<String, LineError> {
        strip_spreadsheet(Cow::Borrowed(cell.as_bytes()))
            .map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn what_a_spreadsheet_has_rounded_is_refused() {
        for cell in ["5,05E+11", "5.05005E+09", "5E+11", "-5.05e11", " 5.05E+11 ", "=\"5,05E+11\""]
        {
            assert_eq!(text(cell), Err(LineError::Notation), "{cell}");
        }
        for cell in ["5050047824.0", "+905050047824.0", "5050047824.00"] {
            assert_eq!(text(cell), Err(LineError::Decimal), "{cell}");
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        let others =
            ["", "5e11", "alice", "0505.004.78.24", "1.800.FLOWERS", "5.05", "E", ".0", "="];
        for cell in others {
            assert_eq!(text(cell).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn a_formula_of_a_text_is_that_text() {
        assert_eq!(text("=\"05050047824\"").as_deref(), Ok("05050047824"));
        let owned = strip_spreadsheet(Cow::Owned(b"=\"112\"".to_vec())).unwrap();
        assert_eq!(&*owned, b"112");
    }
}
