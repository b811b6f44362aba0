//! Recognises the form of a pattern: prefix, wildcard, range or none.
//!
//! Knows how patterns look, and no regions. If the form does not decide, as with `0505-0506`, a range or one
//! number, `parse` decides.

use super::canonical::OPEN_DIGIT;
use super::written_text::is_x;
use crate::error::PatternError;
use crate::number::characters::{CharacterKind, DialString, character_kind};

/// The most characters of a written pattern.
const MOST_SYMBOLS: usize = 128;

/// A text as the few symbols that patterns are made of: digits, `+`, `*`, `#`, [`OPEN_DIGIT`], a dash for
/// all dashes and a space for all other separators.
pub(crate) struct Symbols {
    len: usize,
    bytes: [u8; MOST_SYMBOLS],
}

impl Symbols {
    /// None if the characters hold another one, or are too many.
    pub(crate) fn from_characters(parts: [&[char]; 2]) -> Option<Self> {
        let mut symbols = Self { len: 0, bytes: [0; MOST_SYMBOLS] };
        for &character in parts.into_iter().flatten() {
            *symbols.bytes.get_mut(symbols.len)? = symbol(character)?;
            symbols.len += 1;
        }
        Some(symbols)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes[..self.len].trim_ascii()
    }
}

/// Whether a text may be a pattern at first sight, before it is decoded.
pub(crate) fn may_be_pattern(written: &[u8]) -> bool {
    written.iter().any(|byte| matches!(byte, b'*' | b'X' | b'x' | b'-' | b'%' | 0x80..))
}

fn symbol(character: char) -> Option<u8> {
    Some(match (character_kind(character), character) {
        (CharacterKind::Plus, _) => b'+',
        (CharacterKind::Dialled(byte), _) => byte,
        (_, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}') => b'-',
        (CharacterKind::Separator | CharacterKind::Tilde, _) => b' ',
        (CharacterKind::Other, _) if is_x(character) => OPEN_DIGIT,
        (CharacterKind::Other, _) => return None,
    })
}

/// Whether a symbol only separates.
pub(crate) fn separates(symbol: u8) -> bool {
    matches!(symbol, b' ' | b'-')
}

/// The form of symbols.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PatternShape<'s> {
    /// All that begins so.
    Prefix(&'s [u8]),
    /// A number of this length with open digits.
    Wildcard(&'s [u8]),
    /// The same, or a number and its extension.
    WildcardOrExtension(&'s [u8]),
    /// From one to the other, which has a plus.
    Range(&'s [u8], &'s [u8]),
    /// The same, or one number; `spaced` if spaces stand around the dash.
    RangeOrNumber { first: &'s [u8], last: &'s [u8], spaced: bool },
    /// Meant as a pattern, and cannot be one.
    Refused(PatternError),
}

/// The form of symbols; none if they are not meant as a pattern.
pub(crate) fn shape(symbols: &[u8]) -> Option<PatternShape<'_>> {
    let mut others = symbols.iter().filter(|&&symbol| !separates(symbol)).peekable();
    if matches!(others.peek()?, b'*' | b'#') || symbols.contains(&b'#') {
        // Service strings; yet a star alone is no service.
        return others.eq(b"*").then_some(PatternShape::Refused(PatternError::NoDigits));
    }
    if symbols.contains(&b'*') {
        return starred(symbols);
    }
    if symbols.contains(&OPEN_DIGIT) {
        return holed(symbols);
    }
    dashed(symbols)
}

/// A prefix has one star, at its end.
fn starred(symbols: &[u8]) -> Option<PatternShape<'_>> {
    let (before, _) = symbols.split_at(symbols.iter().position(|&symbol| symbol == b'*')?);
    if before.len() + 1 != symbols.len() {
        // No service string begins with a plus.
        let is_slip = before.contains(&b'+') && before.iter().any(u8::is_ascii_digit);
        return is_slip.then_some(PatternShape::Refused(PatternError::InnerStar));
    }
    Some(if !before.iter().any(u8::is_ascii_digit) {
        PatternShape::Refused(PatternError::NoDigits)
    } else if before.contains(&OPEN_DIGIT) {
        PatternShape::Refused(PatternError::StarAndX)
    } else if inner_plus(before).is_some() {
        PatternShape::Refused(PatternError::PlusInPrefix)
    } else {
        PatternShape::Prefix(before)
    })
}

fn holed(symbols: &[u8]) -> Option<PatternShape<'_>> {
    if !symbols.iter().any(u8::is_ascii_digit) {
        // XXXX alone may be a user's name.
        let has_plus = symbols.contains(&b'+');
        return has_plus.then_some(PatternShape::Refused(PatternError::AllOpen));
    }
    if inner_plus(symbols).is_some() {
        return Some(PatternShape::Refused(PatternError::PlusInWildcard));
    }
    let mut places = [0; MOST_SYMBOLS];
    let mut count = 0;
    for &symbol in symbols.iter().filter(|&&symbol| !separates(symbol)) {
        places[count] = symbol;
        count += 1;
    }
    let places = &places[..count];
    // Brazil prints the place of a carrier's code as 0XX, even behind its calling code: that is a
    // number.
    let national = places.strip_prefix(b"+55").unwrap_or(places);
    if let [b'0', OPEN_DIGIT, OPEN_DIGIT, digit, rest @ ..] = national
        && digit.is_ascii_digit()
    {
        let open = rest.contains(&OPEN_DIGIT);
        return open.then_some(PatternShape::Refused(PatternError::CarrierCode));
    }
    let is_run = places.windows(2).any(|two| two == [OPEN_DIGIT, OPEN_DIGIT]);
    Some(if is_run {
        PatternShape::Wildcard(symbols)
    } else {
        PatternShape::WildcardOrExtension(symbols)
    })
}

/// Two ends with a dash between them: before a plus, the only one among spaces, or the only one.
fn dashed(symbols: &[u8]) -> Option<PatternShape<'_>> {
    if let Some(plus) = inner_plus(symbols) {
        let (first, last) = symbols.split_at(plus);
        let between = first.len() - trimmed(first).len();
        if !first[first.len() - between..].contains(&b'-') {
            return None;
        }
        let is_end = last.iter().any(u8::is_ascii_digit) && inner_plus(last).is_none();
        return Some(if is_end {
            PatternShape::Range(trimmed(first), last)
        } else {
            PatternShape::Refused(PatternError::OneEnd)
        });
    }
    let dashes = || (0..symbols.len()).filter(|&at| symbols[at] == b'-');
    let only = |at: &mut dyn Iterator<Item = usize>| at.next().filter(|_| at.next().is_none());
    let spaced = only(
        &mut dashes()
            .filter(|&at| symbols[..at].ends_with(b" ") && symbols[at + 1..].starts_with(b" ")),
    );
    let at = spaced.or_else(|| only(&mut dashes()))?;
    let (first, last) = (&symbols[..at], &symbols[at + 1..]);
    let is_end = |end: &[u8]| end.iter().any(u8::is_ascii_digit);
    (is_end(first) && is_end(last)).then_some(PatternShape::RangeOrNumber {
        first,
        last,
        spaced: spaced.is_some(),
    })
}

/// Where a plus stands behind a digit.
fn inner_plus(symbols: &[u8]) -> Option<usize> {
    let digit = symbols.iter().position(u8::is_ascii_digit)?;
    symbols[digit..].iter().position(|&symbol| symbol == b'+').map(|plus| digit + plus)
}

fn trimmed(symbols: &[u8]) -> &[u8] {
    let end = symbols.iter().rposition(|&symbol| !separates(symbol));
    &symbols[..end.map_or(0, |end| end + 1)]
}

/// Digits and open digits of the symbols, and whether a plus stands before them; none if there is no room.
pub(crate) fn line(symbols: &[u8]) -> Option<DialString> {
    let mut line = DialString::new(symbols.contains(&b'+'));
    let is_place = |symbol: &&u8| symbol.is_ascii_digit() || **symbol == OPEN_DIGIT;
    symbols.iter().filter(is_place).all(|&place| line.push(place)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::super::written_text::{CharacterRoom, WrittenText};
    use super::*;

    /// The shape in a word or two; empty for none.
    fn meant(text: &str) -> String {
        let written: Vec<char> =
            match WrittenText::new(text.as_bytes(), &mut CharacterRoom::new()).subscriber() {
                Some(characters) if may_be_pattern(text.as_bytes()) => characters.to_vec(),
                _ => return String::new(),
            };
        let Some(symbols) = Symbols::from_characters([&written, &[]]) else {
            return String::new();
        };
        let text = |symbols: &[u8]| String::from_utf8(symbols.to_vec()).unwrap();
        match shape(symbols.as_bytes()) {
            None => String::new(),
            Some(PatternShape::Prefix(digits)) => format!("{}*", text(digits)),
            Some(PatternShape::Wildcard(places)) => text(places),
            Some(PatternShape::WildcardOrExtension(places)) => format!("{}?", text(places)),
            Some(PatternShape::Range(first, last)) => format!("{}..{}", text(first), text(last)),
            Some(PatternShape::RangeOrNumber { first, last, .. }) => {
                format!("{}..{}?", text(first), text(last))
            }
            Some(PatternShape::Refused(_)) => "refused".into(),
        }
    }

    #[test]
    fn forms_are_recognised() {
        for (text, expected) in [
            ("+90505*", "+90505*"),
            ("(0505) 12*", "0505  12*"),
            ("\u{FF0B}\u{669}\u{660}*", "+90*"),
            ("%2B90*", "+90*"),
            ("1*", "1*"),
            ("+1999XXXXXXX", "+1999XXXXXXX"),
            ("0505 000 xx xx", "0505 000 XX XX"),
            ("05050047824x3", "05050047824X3?"),
            ("+90505-+90506", "+90505..+90506"),
            ("+90 505 \u{2013} +90 506", "+90 505..+90 506"),
            ("+90-505-000-+90-505-999", "+90-505-000..+90-505-999"),
            ("0505-0506", "0505..0506?"),
            ("0505-1 - 0505-2", "0505-1 .. 0505-2?"),
        ] {
            assert_eq!(meant(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_services_and_names_have_no_shape() {
        for text in [
            "",
            "*67",
            "#31#",
            "*21*5#",
            "12#",
            "1*2",
            "12**",
            "alice",
            "x",
            "XXXX",
            "+1-800-FLOWERS",
            "0505-004-78-24",
            "(0XX11)7824",
            "0xx 11 98765-4321",
            "+55 (0xx11) 98765-4321",
            "-0505",
            "+905 +906",
            "+90505",
        ] {
            assert_eq!(meant(text), "", "{text}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_are_refused() {
        for text in [
            "*",
            "+*",
            "-*",
            "+X",
            "+XX-XX",
            "0505X*",
            "+905-+906*",
            "+905-+",
            "+9-+8-+7",
            "+9X-+9X",
            "(0XX11)7XXX",
            "+90505*7824",
            "+90505**",
        ] {
            assert_eq!(meant(text), "refused", "{text}");
        }
    }
}
