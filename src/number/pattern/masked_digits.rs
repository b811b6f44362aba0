//! Which entries hide digits of a number behind an X: `0505XXX7824`, `212-555-014X`.
//!
//! Read as numbers they would be others: the X would begin an extension, be a letter of a vanity
//! number or be dropped. Only what is no pattern, or where no patterns are looked for, is asked.

use crate::number::characters::{CharacterKind, DialString, character_kind};

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
    while let Some(start) = text[at..].iter().position(|&character| is_x(character)) {
        let start = at + start;
        let run = run(&text[start..]);
        let (before, behind) = (&text[..start], &text[start + run..]);
        at = start + run;
        let is_letter = |character: Option<&char>| character.is_some_and(|c| c.is_alphabetic());
        if is_letter(before.last()) || is_letter(behind.first()) {
            // It belongs to a word.
            continue;
        }
        if text[start..at].iter().filter(|&&character| is_x(character)).count() > 1 {
            if is_carriers(before, behind) {
                continue;
            }
            return Some(DigitMask::Run);
        }
        if before.last().is_some_and(|&character| is_digit(character)) {
            return digits(before).map(DigitMask::After);
        }
    }
    None
}

/// How long the run of X and separators is that the text begins with.
fn run(text: &[char]) -> usize {
    let belongs = |&character: &char| {
        is_x(character) || character_kind(character) == CharacterKind::Separator
    };
    let end = text.iter().position(|character| !belongs(character)).unwrap_or(text.len());
    text[..end].iter().rposition(|&character| is_x(character)).map_or(0, |last| last + 1)
}

/// Brazil prints the place of a carrier's code as `0XX`, even behind its calling code.
fn is_carriers(before: &[char], behind: &[char]) -> bool {
    let is_zero = |line: DialString| line.dialled() == if line.plus { &b"550"[..] } else { b"0" };
    let next =
        behind.iter().find(|&&character| character_kind(character) != CharacterKind::Separator);
    digits(before).is_some_and(is_zero) && next.is_some_and(|&next| is_digit(next))
}

/// The digits of a text without letters.
fn digits(text: &[char]) -> Option<DialString> {
    let mut line = DialString::new(false);
    for &character in text {
        let fits = match character_kind(character) {
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

fn is_x(character: char) -> bool {
    matches!(character, 'x' | 'X' | '\u{FF38}' | '\u{FF58}')
}

fn is_digit(character: char) -> bool {
    matches!(character_kind(character), CharacterKind::Dialled(b'0'..=b'9'))
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
    fn hidden_digits_are_told_from_words_and_extensions() {
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
