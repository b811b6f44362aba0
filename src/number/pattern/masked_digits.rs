//! Recognises numbers with digits hidden behind an X: `0505XXX7824`, `212-555-014X`.
//!
//! They would be read as other numbers: the X would begin an extension, be a letter of a vanity number or be
//! dropped. This is for texts that are no pattern, and for callers that want no patterns.

use super::written_text::is_x;
use crate::number::characters::{CharacterKind, DialString, character_kind, is_digit};

/// How a text hides digits.
pub(crate) enum DigitMask {
    /// By several X in a row.
    Run,
    /// By one behind these digits: if they are a whole number, it announces an extension.
    After(DialString),
}

/// How the text of a number hides digits, if it does.
pub(crate) fn mask(text: &[char]) -> Option<DigitMask> {
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(|&next| is_x(next)) {
        let start = at + start;
        at = start + run(&text[start..]);
        let (before, behind) = (&text[..start], &text[at..]);
        let is_letter = |next: Option<&char>| next.is_some_and(|next| next.is_alphabetic());
        if is_letter(before.last()) || is_letter(behind.first()) {
            // The X belongs to a word.
            continue;
        }
        if text[start..at].iter().filter(|next| is_x(**next)).count() > 1 {
            if is_carriers(before, behind) {
                continue;
            }
            return Some(DigitMask::Run);
        }
        if before.last().is_some_and(|&next| is_digit(next)) {
            return digits(before).map(DigitMask::After);
        }
    }
    None
}

/// How long the run of X and separators is that the text begins with.
fn run(text: &[char]) -> usize {
    let end = text.iter().position(|&next| !is_x(next) && !separates(next)).unwrap_or(text.len());
    text[..end].iter().rposition(|&next| is_x(next)).map_or(0, |last| last + 1)
}

fn separates(character: char) -> bool {
    character_kind(character) == CharacterKind::Separator
}

/// Brazil prints the place of a carrier's code as `0XX`, even behind its calling code.
fn is_carriers(before: &[char], behind: &[char]) -> bool {
    let is_zero = |line: DialString| line.dialled() == if line.plus { &b"550"[..] } else { b"0" };
    let next = behind.iter().copied().find(|&next| !separates(next));
    digits(before).is_some_and(is_zero) && next.is_some_and(is_digit)
}

/// The digits of a text without letters, and whether it holds a plus; none if there are none.
fn digits(text: &[char]) -> Option<DialString> {
    let is_plus = |character: char| character_kind(character) == CharacterKind::Plus;
    let others = text.iter().copied().filter(|&next| !is_plus(next));
    let mut line = DialString::from_characters(others.map(Some))?;
    line.plus = text.iter().copied().any(is_plus);
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits before a single X, or a word.
    fn found(text: &str) -> String {
        let text: Vec<char> = text.chars().collect();
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
