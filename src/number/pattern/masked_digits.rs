//! Recognises numbers with digits hidden behind an X: `0505XXX7824`, `212-555-014X`.
//!
//! They would be read as other numbers: the X would begin an extension, be a letter of a vanity number or be
//! dropped. This is for texts that are no pattern, and for callers that want no patterns.

use super::written_text::Character;
use crate::number::characters::{CharacterKind, DialString};

/// How a text hides digits.
pub(crate) enum DigitMask {
    /// By several X in a row.
    Run,
    /// By one behind these digits: if they are a whole number, it announces an extension.
    After(DialString),
}

/// How the text of a number hides digits, if it does.
pub(crate) fn mask(text: &[Character]) -> Option<DigitMask> {
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(|character| character.is_x()) {
        let start = at + start;
        let run = run(&text[start..]);
        let (before, behind) = (&text[..start], &text[start + run..]);
        at = start + run;
        let is_letter =
            |character: Option<&Character>| character.is_some_and(|c| c.character.is_alphabetic());
        if is_letter(before.last()) || is_letter(behind.first()) {
            // The X belongs to a word.
            continue;
        }
        if text[start..at].iter().filter(|character| character.is_x()).count() > 1 {
            if is_carriers(before, behind) {
                continue;
            }
            return Some(DigitMask::Run);
        }
        if before.last().is_some_and(|character| character.is_digit()) {
            return digits(before).map(DigitMask::After);
        }
    }
    None
}

/// How long the run of X and separators is that the text begins with.
fn run(text: &[Character]) -> usize {
    let belongs =
        |character: &Character| character.is_x() || character.kind() == CharacterKind::Separator;
    let end = text.iter().position(|character| !belongs(character)).unwrap_or(text.len());
    text[..end].iter().rposition(|character| character.is_x()).map_or(0, |last| last + 1)
}

/// Brazil prints the place of a carrier's code as `0XX`, even behind its calling code.
fn is_carriers(before: &[Character], behind: &[Character]) -> bool {
    let is_zero = |line: DialString| line.dialled() == if line.plus { &b"550"[..] } else { b"0" };
    let next = behind.iter().find(|character| character.kind() != CharacterKind::Separator);
    digits(before).is_some_and(is_zero) && next.is_some_and(|next| next.is_digit())
}

/// The digits of a text without letters.
fn digits(text: &[Character]) -> Option<DialString> {
    let mut line = DialString::new(false);
    for &character in text {
        let fits = match character.kind() {
            CharacterKind::Plus => {
                line.plus = true;
                true
            }
            CharacterKind::Dialled(digit) => line.push(digit),
            CharacterKind::Separator | CharacterKind::Tilde => true,
            CharacterKind::Other => false,
        };
        if !fits {
            return None;
        }
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits before a single X, or a word.
    fn found(text: &str) -> String {
        let text: Vec<Character> = text.chars().map(Character::new).collect();
        match mask(&text) {
            None => String::new(),
            Some(DigitMask::Run) => "several".into(),
            Some(DigitMask::After(digits)) => String::from_utf8(digits.to_vec()).unwrap(),
        }
    }

    #[test]
    fn hidden_digits_are_recognised_and_words_and_extensions_are_not() {
        for (text, expected) in [
            ("0505XXX7824", "several"),
            ("212-XXX-0147", "several"),
            ("+1212555XXXX", "several"),
            ("0505 x x x 7824", "several"),
            ("0505\u{FF38}\u{FF38}7824", "several"),
            ("(0XX11) 7XXX", "several"),
            ("212-555-014X", "212555014"),
            ("+90 5050x47824", "+905050"),
            ("(0XX11) 98765-4321", ""),
            ("+55 (0XX11) 98765-4321", ""),
            ("05050047824 x3", ""),
            ("05050047824 xtn 3", ""),
            ("1-800-EXXON-12", ""),
            ("1-800-MAX-XTRA", ""),
            ("05050047824", ""),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
