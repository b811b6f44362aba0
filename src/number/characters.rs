//! Characters to what they dial: digits of every script, a plus, `*` and `#`.
//!
//! Knows which characters only separate and which make a text a user's name. Knows no regions: `dial` decides
//! what the digits mean.

use std::ops::RangeInclusive;

/// The most bytes that a canonical form has.
pub(crate) const MOST_BYTES: usize = 126;

/// What a text dials: an optional plus, then digits and perhaps `*`, `#` and further pluses.
pub(crate) struct DialString {
    /// Whether a plus stands before everything else.
    pub(crate) plus: bool,
    len: usize,
    bytes: [u8; MOST_BYTES],
}

impl DialString {
    pub(crate) fn new(plus: bool) -> Self {
        Self { plus, len: 0, bytes: [0; MOST_BYTES] }
    }

    /// All of these in a row, as far as there is room.
    pub(crate) fn from_parts(plus: bool, parts: &[&[u8]]) -> Self {
        let mut line = Self::new(plus);
        for part in parts {
            line.extend(part);
        }
        line
    }

    /// What is dialled after the plus.
    #[inline]
    pub(crate) fn dialled(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// All that is dialled, the plus too.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let plus: &[u8] = if self.plus { b"+" } else { b"" };
        [plus, self.dialled()].concat()
    }

    /// Adds a digit, `*`, `#` or `+`; false if there is no room.
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        let Some(room) = self.bytes.get_mut(self.len) else { return false };
        *room = byte;
        self.len += 1;
        true
    }

    /// Adds all of these; false if there is no room.
    pub(crate) fn extend(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| self.push(byte))
    }

    /// What the whole text dials; none if it holds a character that no telephone has.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        Self::from_characters(Characters(text))
    }

    /// What the first characters dial, as many as there is room for; none if one of them cannot be dialled.
    pub(crate) fn from_leading(characters: impl Iterator<Item = Option<char>>) -> Option<Self> {
        let mut left = MOST_BYTES;
        let dials = |character: &Option<char>| {
            left = left.saturating_sub(usize::from(character.is_some_and(is_dialled)));
            left > 0
        };
        Self::from_characters(characters.take_while(dials))
    }

    /// What all of the characters dial; none if one of them cannot be dialled.
    pub(crate) fn from_characters(characters: impl Iterator<Item = Option<char>>) -> Option<Self> {
        let mut line = Self::new(false);
        let mut after_plus = false;
        for character in characters {
            let kind = character_kind(character?);
            let pushed = match kind {
                // More than one plus is a mistake; a later plus belongs to a technical prefix.
                CharacterKind::Plus if line.len == 0 && !line.plus => {
                    line.plus = true;
                    true
                }
                CharacterKind::Plus if line.len == 0 => after_plus,
                CharacterKind::Plus => line.push(b'+'),
                CharacterKind::Dialled(byte) => line.push(byte),
                CharacterKind::Separator | CharacterKind::Tilde => true,
                CharacterKind::Other => false,
            };
            if !pushed {
                return None;
            }
            after_plus = kind == CharacterKind::Plus;
        }
        (line.len > 0).then_some(line)
    }
}

/// The longest text that [`separated`] reads.
pub(crate) const SEPARATED: usize = 64;

/// The digits of a text of ASCII digits and separators, as most are. None if it holds anything else or is too
/// long.
#[inline]
pub(crate) fn separated<'a>(text: &[u8], room: &'a mut [u8; SEPARATED]) -> Option<&'a [u8]> {
    if text.len() > SEPARATED || CLASS[usize::from(*text.first()?)] == OTHER {
        return None;
    }
    // Counts the digits; another character adds more than there can be of them.
    let mut count = 0;
    // Without branches: the places of the digits cannot be predicted.
    for &byte in text {
        // The remainder changes nothing that is kept, and saves a bounds check.
        room[count % SEPARATED] = byte;
        count += usize::from(CLASS[usize::from(byte)]);
    }
    room.get(..count)
}

/// What a character is in a written number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CharacterKind {
    Plus,
    /// A digit as ASCII, `*` or `#`.
    Dialled(u8),
    /// A separator that libphonenumber permits, or an invisible mark.
    Separator,
    Tilde,
    Other,
}

/// What a character is. Separators are those of libphonenumber's `VALID_PUNCTUATION` without the letter x, the
/// spaces of typesetters, and the invisible marks that come along when a number is copied.
#[inline]
pub(crate) fn character_kind(character: char) -> CharacterKind {
    match ASCII_KIND.get(character as usize) {
        Some(&kind) => kind,
        None => kind_beyond_ascii(character),
    }
}

/// Reports whether it is a digit of any script.
#[inline]
pub(crate) fn is_digit(character: char) -> bool {
    matches!(character_kind(character), CharacterKind::Dialled(b'0'..=b'9'))
}

/// Reports whether a telephone dials it, a plus or a digit for instance.
pub(crate) fn is_dialled(character: char) -> bool {
    matches!(character_kind(character), CharacterKind::Dialled(_) | CharacterKind::Plus)
}

fn kind_beyond_ascii(character: char) -> CharacterKind {
    match character {
        '\u{FF0B}' => CharacterKind::Plus,
        '\u{FF0A}' => CharacterKind::Dialled(b'*'),
        '\u{FF03}' => CharacterKind::Dialled(b'#'),
        '\u{FF5E}' => CharacterKind::Tilde,
        _ if is_separator(character) => CharacterKind::Separator,
        _ => decimal(character).map_or(CharacterKind::Other, CharacterKind::Dialled),
    }
}

static ASCII_KIND: [CharacterKind; 128] = {
    let mut kinds = [CharacterKind::Other; 128];
    let mut at = 0;
    while at < 128 {
        kinds[at as usize] = match at {
            b'+' => CharacterKind::Plus,
            b'0'..=b'9' | b'*' | b'#' => CharacterKind::Dialled(at),
            b'~' => CharacterKind::Tilde,
            b'-' | b' ' | b'(' | b')' | b'.' | b'[' | b']' | b'/' => CharacterKind::Separator,
            _ => CharacterKind::Other,
        };
        at += 1;
    }
    kinds
};

/// The separators beyond ASCII, in order.
#[rustfmt::skip]
static SEPARATORS: [RangeInclusive<char>; 19] = [
    '\u{A0}'..='\u{A0}', '\u{AD}'..='\u{AD}', '\u{61C}'..='\u{61C}', '\u{180E}'..='\u{180E}',
    '\u{2000}'..='\u{2015}', '\u{202A}'..='\u{202F}', '\u{2053}'..='\u{2053}',
    '\u{205F}'..='\u{2064}', '\u{2066}'..='\u{206F}', '\u{2212}'..='\u{2212}',
    '\u{223C}'..='\u{223C}', '\u{3000}'..='\u{3000}', '\u{30FC}'..='\u{30FC}',
    '\u{FE00}'..='\u{FE0F}', '\u{FEFF}'..='\u{FEFF}',
    '\u{FF08}'..='\u{FF09}', '\u{FF0D}'..='\u{FF0F}', '\u{FF3B}'..='\u{FF3B}',
    '\u{FF3D}'..='\u{FF3D}',
];

fn is_separator(character: char) -> bool {
    let at = SEPARATORS.partition_point(|range| *range.end() < character);
    SEPARATORS.get(at).is_some_and(|range| range.contains(&character))
}

/// The ASCII digit that a decimal digit of any script stands for.
fn decimal(character: char) -> Option<u8> {
    let code = character as u32;
    let zeros = ZEROS.partition_point(|&zero| zero <= code);
    let distance = code - ZEROS.get(zeros.checked_sub(1)?)?;
    u8::try_from(distance).ok().filter(|&digit| digit < 10).map(|digit| b'0' + digit)
}

/// The zeros of all decimal digits (general category Nd) of Unicode 16; nine digits follow each.
#[rustfmt::skip]
static ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0,
    0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0,
    0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// Reports whether a character may stand in a user as it is.
pub(crate) fn may_stand_in_user(character: char) -> bool {
    character.is_alphanumeric() || "-_.!~*'()&=+$,;?/".contains(character)
}

/// Reports whether a text can be a host: a name, an IPv4 or a bracketed IPv6 address.
pub(crate) fn may_be_host(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_alphanumeric)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(byte))
}

/// The bytes of a text, percent-decoded once. A `%` without two hexadecimal digits is itself.
#[derive(Clone)]
pub(crate) struct PercentDecoded<'a>(pub(crate) &'a [u8]);

impl Iterator for PercentDecoded<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        if let ([high, low, rest @ ..], b'%') = (rest, byte)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            self.0 = rest;
            return Some(high << 4 | low);
        }
        Some(byte)
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The characters of a text, percent-decoded once; none in place of bytes that are not UTF-8.
pub(crate) struct Characters<'a>(pub(crate) &'a [u8]);

impl Iterator for Characters<'_> {
    type Item = Option<char>;

    #[inline]
    fn next(&mut self) -> Option<Option<char>> {
        let (&byte, rest) = self.0.split_first()?;
        if byte.is_ascii() && byte != b'%' {
            self.0 = rest;
            return Some(Some(char::from(byte)));
        }
        Some(self.next_encoded())
    }
}

impl Characters<'_> {
    /// The next character, which is percent-encoded or beyond ASCII; none if its bytes are not UTF-8.
    fn next_encoded(&mut self) -> Option<char> {
        let mut bytes = PercentDecoded(self.0);
        let mut character = [bytes.next()?, 0, 0, 0];
        self.0 = bytes.0;
        let length = match character[0] {
            0..0x80 => return Some(char::from(character[0])),
            0xF0.. => 4,
            0xE0.. => 3,
            _ => 2,
        };
        for room in &mut character[1..length] {
            *room = bytes.next().unwrap_or_default();
        }
        let read = std::str::from_utf8(&character[..length]).ok()?;
        self.0 = bytes.0;
        read.chars().next()
    }
}

/// Classes of bytes in [`separated`]: what they add to the count of digits.
const DIGIT: u8 = 1;
const SEPARATOR: u8 = 0;
const OTHER: u8 = SEPARATED as u8 + 1;

static CLASS: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < ASCII_KIND.len() {
        classes[byte] = match ASCII_KIND[byte] {
            CharacterKind::Dialled(b'0'..=b'9') => DIGIT,
            CharacterKind::Separator => SEPARATOR,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::plan::digits;

    fn dialled(text: &str) -> Option<String> {
        DialString::parse(text.as_bytes()).map(|line| {
            let plus = if line.plus { "+" } else { "" };
            format!("{plus}{}", std::str::from_utf8(line.dialled()).unwrap())
        })
    }

    #[test]
    fn digits_of_every_script_are_digits() {
        for zero in ZEROS {
            for digit in 0..10 {
                let character = char::from_u32(zero + digit).unwrap();
                let ascii = b'0' + u8::try_from(digit).unwrap();
                assert!(
                    character_kind(character) == CharacterKind::Dialled(ascii),
                    "U+{:X}",
                    zero + digit
                );
            }
        }
        assert!(
            character_kind('\u{B2}') == CharacterKind::Other,
            "a superscript is no decimal digit"
        );
        assert!(ZEROS.is_sorted_by(|one, next| one + 10 <= *next));
    }

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let longest = "(".repeat(SEPARATED);
        for text in ["90 505 004-78.24", "(0505) 004/78[24]", "0505", "5", "1a", "*1", &longest] {
            let mut room = [0; SEPARATED];
            let short = separated(text.as_bytes(), &mut room).filter(|digits| !digits.is_empty());
            let long =
                DialString::parse(text.as_bytes()).filter(|line| digits::all(line.dialled()));
            assert_eq!(short, long.as_ref().map(DialString::dialled), "{text:?}");
        }
        assert_eq!(separated(&[b'1'; SEPARATED + 1], &mut [0; SEPARATED]), None);
    }

    #[test]
    fn separators_and_slips_vanish() {
        assert_eq!(dialled("++90\u{2011}505\u{AD}\u{200B}004").as_deref(), Some("+90505004"));
        assert_eq!(dialled("\u{202A}+90 505\u{202C}").as_deref(), Some("+90505"));
        assert_eq!(dialled("\u{61C}+90\u{202F}505\u{2009}004").as_deref(), Some("+90505004"));
        assert_eq!(dialled("+90\u{2063}505\u{180E}004\u{FE0F}").as_deref(), Some("+90505004"));
        assert_eq!(dialled("%2B90%35").as_deref(), Some("+905"));
        assert_eq!(dialled("%EF%BC%8B%D9%A1").as_deref(), Some("+1"));
        assert_eq!(dialled("8~10 90").as_deref(), Some("81090"));
        assert_eq!(dialled("0505~004~").as_deref(), Some("0505004"));
        assert_eq!(dialled("*21*5#").as_deref(), Some("*21*5#"));
    }

    #[test]
    fn other_characters_make_a_name() {
        for text in ["", "+", "()", "alice", "0505x3", "0505 ext 3", "+ +90", "\u{B2}1", "12\t3"] {
            assert_eq!(dialled(text), None, "{text:?}");
        }
        assert!(DialString::parse(b"12\xff").is_none());
        assert!(DialString::parse(b"12\xe2\x80").is_none());
    }

    #[test]
    fn percent_decoding_is_one_pass() {
        let decoded: Vec<u8> = PercentDecoded(b"%2541%zz%4").collect();
        assert_eq!(decoded, b"%41%zz%4");
    }
}
