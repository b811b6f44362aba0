//! Undoes or refuses what spreadsheets and data frames do to numbers.
//!
//! A program that reads a telephone number as a quantity rounds it or adds a fraction. Such a text is
//! refused, because the remaining digits may be the number of another subscriber.

use std::borrow::Cow;

use memchr::memchr3;

use crate::error::LineError;

/// Returns the text of a cell: the inside of `="..."`, or the cell as it is.
///
/// # Errors
/// [`LineError::Notation`], [`LineError::Decimal`].
#[inline]
pub fn strip_spreadsheet(cell: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, LineError> {
    let cell = if cell.trim_ascii_start().first() == Some(&b'=') { unwrap(cell) } else { cell };
    // A text that is refused has one of these bytes, and hardly any number has.
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

/// Returns the inside of `="..."`, which keeps a spreadsheet from reading a number.
fn unwrap(cell: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    fn inside(cell: &[u8]) -> Option<&[u8]> {
        cell.trim_ascii().strip_prefix(b"=\"")?.strip_suffix(b"\"")
    }
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(inside(text).unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(inside(&text).map(<[u8]>::to_vec).unwrap_or(text)),
    }
}

/// Reports whether a text is `5.05E+11`, `5,05E11` or `5E+11`, but not `5e11`, which may be a user.
fn is_notation(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'E' | b'e')) else { return false };
    let (mantissa, exponent) = (unsigned(&text[..at]), &text[at + 1..]);
    let mut parts = mantissa.splitn(2, |byte| matches!(byte, b'.' | b','));
    let whole = parts.next().is_some_and(are_digits);
    let fraction = parts.next();
    let marked = fraction.is_some() || unsigned(exponent).len() < exponent.len();
    whole && fraction.is_none_or(are_digits) && are_digits(unsigned(exponent)) && marked
}

/// Reports whether a text is `5050047824.0`, as a data frame writes a column that lacks a number.
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
    fn a_rounded_number_is_refused() {
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
