//! Finds a number among other characters, as libphonenumber does.
//!
//! Cuts what stands around it, drops an extension, and maps the letters of a vanity number by keypad. Never drops
//! `*` and `#`: a text with them is a service string or a name. For texts that are not plain numbers.

use super::other_notations;
use crate::number::characters::{CharacterKind, DialString, character_kind, is_dialled, is_digit};

/// A number found in a text.
pub(crate) struct NumberInText {
    pub(crate) line: DialString,
    /// Whether letters were mapped or text around the number was cut.
    pub(crate) guessed: bool,
    /// The digits without the letters that were mapped, if any were.
    pub(crate) without_letters: Option<DialString>,
    /// Whether the letters stand for open digits, and spell no word.
    pub(crate) repeats_a_letter: bool,
}

/// The number in what [`trim`] found, if there is one.
pub(crate) fn find(Trimmed { number, follows_word }: Trimmed<'_>) -> Option<NumberInText> {
    let number = before_extension(number).filter(|rest| is_viable(rest)).unwrap_or(number);
    if !is_viable(number) {
        return None;
    }
    let letters = || number.iter().copied().filter(char::is_ascii_alphabetic);
    let is_vanity = letters().count() >= 3;
    let mut line = DialString::new(false);
    let mut digits = DialString::new(false);
    for &character in number {
        let pushed = match character_kind(character) {
            CharacterKind::Plus => {
                (line.plus, digits.plus) = (true, true);
                true
            }
            CharacterKind::Dialled(byte) => line.push(byte) && digits.push(byte),
            CharacterKind::Other if is_vanity => line.push(keypad(character)?),
            // An x stands for a carrier code that the reader must fill in. One or two other letters are no
            // vanity number.
            CharacterKind::Other => matches!(character, 'x' | 'X'),
            CharacterKind::Separator | CharacterKind::Tilde => true,
        };
        if !pushed {
            return None;
        }
    }
    Some(NumberInText {
        line,
        guessed: is_vanity || follows_word,
        without_letters: is_vanity.then_some(digits),
        repeats_a_letter: is_vanity && other_notations::repeats_a_letter(letters()),
    })
}

/// The part of a text that may be a number.
#[derive(Clone, Copy)]
pub(crate) struct Trimmed<'t> {
    pub(crate) number: &'t [char],
    /// Whether a word before it was cut.
    follows_word: bool,
}

/// The text from its first plus or digit to its last letter or digit, before a second number if
/// there is one. None if what stands before looks like a part of the number.
pub(crate) fn trim(text: &[char]) -> Option<Trimmed<'_>> {
    let (before, text) = text.split_at(text.iter().position(|&next| is_dialled(next))?);
    let is_label = |next: &char| {
        next.is_alphabetic()
            || character_kind(*next) == CharacterKind::Separator
            || ":,\"'\t{".contains(*next)
    };
    if before.last().is_some_and(|last| last.is_alphabetic()) || !before.iter().all(is_label) {
        return None;
    }
    let follows_word = before.iter().any(|next| next.is_alphabetic());
    let end = text.iter().rposition(|&next| next.is_alphanumeric() || next == '#')?;
    Some(Trimmed { number: before_second_number(&text[..=end]), follows_word })
}

/// Cuts at the second of two extensions: "x302/x2303" are two numbers.
fn before_second_number(text: &[char]) -> &[char] {
    let second = (0..text.len()).find(|&at| {
        matches!(text[at], '/' | '\\')
            && text[at + 1..].iter().find(|&&next| next != ' ') == Some(&'x')
    });
    &text[..second.unwrap_or(text.len())]
}

/// Whether libphonenumber takes this for a number: two digits and nothing else; or three digits with separators
/// alone before and between them, then digits, separators and letters.
fn is_viable(text: &[char]) -> bool {
    let is_plus = |next: &&char| character_kind(**next) == CharacterKind::Plus;
    let pluses = text.iter().take_while(is_plus).count();
    let mut digits = 0;
    let viable = text[pluses..].iter().all(|&next| match character_kind(next) {
        CharacterKind::Dialled(b'0'..=b'9') => {
            digits += 1;
            true
        }
        CharacterKind::Separator | CharacterKind::Tilde => true,
        CharacterKind::Other if digits < 3 => matches!(next, 'x' | 'X'),
        CharacterKind::Other => next.is_ascii_alphabetic(),
        CharacterKind::Dialled(_) | CharacterKind::Plus => false,
    });
    viable && (digits >= 3 || digits == 2 && text.len() == 2)
}

/// What stands before an extension at the end of the text, if there is one: read backwards, the
/// `#` that ends its dialling, its digits, then spaces, then a full stop or colon, then a label or commas, then spaces.
fn before_extension(text: &[char]) -> Option<&[char]> {
    let text = text.strip_suffix(&['#']).unwrap_or(text);
    let digits = text.iter().rev().take_while(|&&next| is_digit(next)).count();
    let before = &text[..text.len() - digits];
    let label = trim_end(before, " \u{A0}\t,-");
    let commas = before[label.len()..].iter().filter(|&&next| next == ',').count();
    let label = match label {
        [label @ .., ':' | '.' | '\u{FF0E}'] => label,
        _ => label,
    };
    let (rest, most) = match before_label(label) {
        Some(found) => found,
        None if commas >= 2 => (label, 15),
        None if commas == 1 => (label, 9),
        None => return None,
    };
    (1..=most).contains(&digits).then(|| trim_end(rest, " \u{A0}\t,"))
}

/// What stands before the label, and how many digits may follow such a label.
fn before_label(text: &[char]) -> Option<(&[char], usize)> {
    /// The longer of two labels that end alike comes first.
    const LABELS: [(&str, usize); 24] = [
        ("extensio\u{301}n", 20),
        ("extensi\u{F3}n", 20),
        ("extension", 20),
        ("extensio\u{301}", 20),
        ("extensi\u{F3}", 20),
        ("extensio", 20),
        ("xtensio\u{301}n", 20),
        ("xtensi\u{F3}n", 20),
        ("xtension", 20),
        ("xtensio\u{301}", 20),
        ("xtensi\u{F3}", 20),
        ("xtensio", 20),
        ("extn", 20),
        ("xtn", 20),
        ("ext", 20),
        ("xt", 20),
        ("\u{FF45}\u{FF58}\u{FF54}\u{FF4E}", 20),
        ("\u{FF45}\u{FF58}\u{FF54}", 20),
        ("\u{434}\u{43E}\u{431}", 20),
        ("anexo", 20),
        ("int", 9),
        ("x", 9),
        ("\u{FF58}", 9),
        ("~", 9),
    ];
    LABELS.iter().find_map(|&(label, most)| Some((before_ending(text, label)?, most)))
}

fn before_ending<'a>(text: &'a [char], ending: &str) -> Option<&'a [char]> {
    let mut rest = text;
    for expected in ending.chars().rev() {
        let (last, before) = rest.split_last()?;
        if !last.to_lowercase().eq([expected]) {
            return None;
        }
        rest = before;
    }
    Some(rest)
}

fn trim_end<'a>(text: &'a [char], characters: &str) -> &'a [char] {
    let kept = text.iter().rposition(|&next| !characters.contains(next));
    &text[..kept.map_or(0, |last| last + 1)]
}

/// The digit of a letter on a telephone's keypad (ITU-T E.161).
fn keypad(letter: char) -> Option<u8> {
    Some(match letter.to_ascii_uppercase() {
        'A'..='C' => b'2',
        'D'..='F' => b'3',
        'G'..='I' => b'4',
        'J'..='L' => b'5',
        'M'..='O' => b'6',
        'P'..='S' => b'7',
        'T'..='V' => b'8',
        'W'..='Z' => b'9',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<NumberInText> {
        let text: Vec<char> = text.chars().collect();
        super::find(trim(&text)?)
    }

    fn found(text: &str) -> Option<String> {
        find(text).map(|found| {
            let plus = if found.line.plus { "+" } else { "" };
            format!("{plus}{}", std::str::from_utf8(found.line.dialled()).unwrap())
        })
    }

    #[test]
    fn extensions_are_dropped() {
        for extension in [
            "x3",
            " x 3",
            "ext 3",
            " ext. 3",
            ", ext: 34",
            " EXTN 3",
            " extensi\u{F3}n 3",
            " \u{434}\u{43E}\u{431} 3",
            " anexo 3",
            " int 3",
            ",,3",
            " , 3",
            "~3",
            " x302/x2303",
            " xt-3",
            ",,1234#",
            " ext. 3#",
        ] {
            let text = format!("0505 004 78 24{extension}");
            assert_eq!(found(&text).as_deref(), Some("05050047824"), "{text}");
        }
        // Too many digits for an extension: the x is a placeholder, and all of them are dialled.
        assert_eq!(found("0505 x1234567890").as_deref(), Some("05051234567890"));
    }

    #[test]
    fn letters_map_by_keypad() {
        assert_eq!(found("1-800-FLOWERS").as_deref(), Some("18003569377"));
        assert_eq!(found("1 800 flowers ext 2").as_deref(), Some("18003569377"));
        assert_eq!(found("0505a0047824"), None);
        let digits = |text: &str| find(text).unwrap().without_letters;
        assert_eq!(digits("1-800-FLOWERS").unwrap().dialled(), b"1800");
        assert!(digits("(0XX11) 98765-4321").is_none(), "placeholders, no vanity number");
        assert_eq!(found("alice"), None);
    }

    #[test]
    fn labels_around_a_number_are_cut() {
        assert_eq!(found("Tel: +90 505 004 78 24.").as_deref(), Some("+905050047824"));
        assert_eq!(found("\"0505 004 78 24\"").as_deref(), Some("05050047824"));
        for name in ["alice1001", "a;5551234567", "*67 0505", "0505#3", "12#"] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
