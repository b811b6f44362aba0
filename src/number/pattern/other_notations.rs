//! Recognises patterns in the notation of another system: of a dial plan of Asterisk, a regular expression, a file
//! name or SQL. They would be read as other numbers.
//!
//! Knows how such patterns look, and no regions. `shape` recognises callbar's own patterns.

use crate::number::characters::{CharacterKind, character_kind, is_dialled, is_digit};

/// The longest text that can be such a pattern.
const MOST_CHARACTERS: usize = 64;

/// Whether the text, decoded and as it was written, is such a pattern and can be nothing else that a list holds.
pub(crate) fn is_foreign(text: &[char], written: &[u8]) -> bool {
    let may_be =
        |byte: &u8| matches!(byte, b'_' | b'[' | b'?' | b'%' | b'.' | b'N' | b'Z' | 0x80..);
    text.len() <= MOST_CHARACTERS
        && written.iter().any(may_be)
        && (is_asterisk(text)
            || has_sets(text)
            || is_expression(text)
            || is_placeholder(text)
            || has_dots(text))
}

/// Whether the text is a template of numbers that begins with an open digit, as North Americans write them:
/// `NPA-NXX-XXXX`, `N11XXXXXXX`, `XXX-555-0147`, `N11`. A user of such a name can be written as a URI.
pub(crate) fn is_template(text: &[char]) -> bool {
    let is_place = |next: &char| next.is_ascii_alphabetic() || is_digit(*next);
    let places = || text.iter().copied().filter(is_place);
    let is_open = places().next().is_some_and(|first| first.is_ascii_alphabetic());
    if !is_open || text.len() > MOST_CHARACTERS {
        return false;
    }
    let has = |run: &[char]| text.windows(run.len()).any(|part| part == run);
    if text.len() == 3 && (has(&['N', '1', '1']) || has(&['X', '1', '1'])) {
        return true;
    }
    // An area code, whose letters stand nowhere else.
    let area = has(&['N', 'P', 'A']);
    let once = |letter: char| area && places().filter(|place| *place == letter).count() == 1;
    // Small letters are more often a user's name, unless the whole is as long as a number.
    let is_long = places().count() >= 7;
    let belongs = |next: &char| match *next {
        'X' | 'N' | 'Z' => true,
        'x' => is_long,
        letter @ ('P' | 'A') => once(letter),
        other => stands_in_number(other),
    };
    let has_run = || area || has(&['X', 'X']) || has(&['x', 'x']);
    places().count() >= 3 && text.iter().all(belongs) && has_run()
}

/// Whether it is a digit, a plus or a separator.
fn stands_in_number(next: char) -> bool {
    is_digit(next) || matches!(character_kind(next), CharacterKind::Plus | CharacterKind::Separator)
}

/// `_0505XXXXXXX`, `_NXXNXXXXXX`, `_0505.`
fn is_asterisk(text: &[char]) -> bool {
    let ['_', rest @ ..] = text else { return false };
    rest.iter().all(|&next| is_digit(next) || "+XNZxnz-[].!*#".contains(next))
        && rest.iter().any(|&next| is_digit(next) || "XNZ.!".contains(next))
}

/// The same without the underscore: `0505NNNNNNN`, `1NXXNXXXXXX`, `NXXNXXXXXX`.
fn has_sets(text: &[char]) -> bool {
    let is_set = |next: &char| matches!(next, 'X' | 'N' | 'Z');
    // Sets of several kinds, as many as a number has digits; X alone is callbar's own pattern.
    let is_mixed = text.contains(&'X') && text.iter().any(|&next| next != 'X');
    if text.len() >= 7 && is_mixed && text.iter().all(is_set) {
        return true;
    }
    // A user may be named NZ1001.
    text.first().is_some_and(|first| !first.is_ascii_alphabetic())
        && text.iter().copied().any(is_digit)
        && text.iter().any(|next| matches!(next, 'N' | 'Z'))
        && text.iter().filter(|next| is_set(next)).count() >= 2
        && text.iter().all(|next| is_set(next) || stands_in_number(*next))
}

/// `[2-9]11`, `+1212555010[0-9]`, `21255501[89]`: brackets that choose a digit, and part none.
fn is_expression(text: &[char]) -> bool {
    let find = |text: &[char], bracket| text.iter().position(|&next| next == bracket);
    let Some(open) = find(text, '[') else { return false };
    let rest = &text[open + 1..];
    let Some(close) = find(rest, ']') else { return false };
    let (chosen, behind) = (&rest[..close], &rest[close + 1..]);
    let is_alone = match chosen {
        ['^', ..] => true,
        [first, '-', last, ..] => is_digit(*first) && is_digit(*last),
        _ => false,
    };
    let is_last = behind.iter().all(|&next| "*+?$".contains(next));
    let follows = open > 0 && is_digit(text[open - 1]);
    is_alone || is_last && follows && !chosen.is_empty() && chosen.iter().copied().all(is_digit)
}

/// `0505???????`, `1212%%`: a mark for each open digit, or for all that follow.
fn is_placeholder(text: &[char]) -> bool {
    let end = text.iter().rposition(|&next| next != '%').map_or(0, |last| last + 1);
    let (before, marks) = text.split_at(end);
    let belongs = |next: &char| {
        is_dialled(*next)
            || character_kind(*next) == CharacterKind::Separator
            || matches!(next, '?' | 'x' | 'X')
    };
    before.iter().copied().any(is_digit)
        && (before.contains(&'?') || !marks.is_empty())
        && before.iter().all(belongs)
}

/// `0505.......`: full stops for open digits.
fn has_dots(text: &[char]) -> bool {
    let end = text.iter().rposition(|next| !matches!(next, '.' | '\u{2026}'));
    let (before, dots) = text.split_at(end.map_or(0, |last| last + 1));
    let is_many = dots.len() >= 3 || dots.last() == Some(&'\u{2026}');
    is_many && before.iter().copied().any(is_digit) && before.iter().copied().all(stands_in_number)
}

/// Whether a letter stands three times in a row, as in no word of a vanity number. Then it stands for open
/// digits: `0505nnnnnnn`. The X is callbar's own sign for an open digit.
pub(crate) fn repeats_a_letter(letters: impl Iterator<Item = char>) -> bool {
    let mut run = (0, '\0');
    letters.map(|letter| letter.to_ascii_uppercase()).any(|letter| {
        run = if run.1 == letter { (run.0 + 1, letter) } else { (1, letter) };
        run.0 >= 3 && letter != 'X'
    })
}

#[cfg(test)]
mod tests {
    use super::super::written_text::{CharacterRoom, WrittenText};
    use super::*;

    fn is_foreign(text: &[u8]) -> bool {
        WrittenText::new(text, &mut CharacterRoom::new())
            .user()
            .is_some_and(|user| super::is_foreign(user, text))
    }

    fn is_template(text: &[u8]) -> bool {
        WrittenText::new(text, &mut CharacterRoom::new()).user().is_some_and(super::is_template)
    }

    #[test]
    fn patterns_of_other_systems_are_known() {
        for text in [
            "[2-9]11",
            "+1212555010[0-9]",
            "[2-9]XX",
            "[^0]12",
            "21255501[89]",
            "[2-46-9]11",
            "212555019?",
            "0505???????",
            "0505 ??? ?? ??",
            "1212%%",
            "0505%",
            "0505.......",
            "0505...",
            "_0505XXXXXXX",
            "_NXXNXXXXXX",
            "_0505.",
            "_[2-9]11",
            "0505NNNNNNN",
            "+90 505 NNN NN NN",
            "1NXXNXXXXXX",
            "NXXNXXXXXX",
            "0505\u{2026}",
        ] {
            assert!(is_foreign(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_users_and_our_patterns_are_not_taken_for_them() {
        for text in [
            "[0505] 004-78-24",
            "[0505-004] 7824",
            "[05050047824]",
            "+90[505]0047824",
            "0505.004.78.24",
            "0505 004 78 24.",
            "0505.*",
            "0505XXXXXXX",
            "%2B90505",
            "_alice",
            "_",
            "who?",
            "a_1",
            "a...",
            "...",
            "100%2525",
            "NZ1001",
            "XXXXXXX",
            "NNX",
            "12N",
            "1-800-NXZT",
        ] {
            assert!(!is_foreign(text.as_bytes()), "{text}");
        }
        let long = "0505".repeat(40) + "...";
        assert!(!is_foreign(long.as_bytes()));
        assert!(!is_foreign(b"0505\xff..."));
    }

    #[test]
    fn templates_are_recognised_and_users_are_not() {
        for text in [
            "X11",
            "N11",
            "N11XXXXXXX",
            "NPA-NXX-XXXX",
            "(NPA) NXX-XXXX",
            "XXXXXXXXXX",
            "XXX-555-0147",
            "xxx-555-0147",
            "XXXX",
            "NXX",
        ] {
            assert!(is_template(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "X",
            "XX",
            "xx99",
            "xxx",
            "NX100",
            "ZX81",
            "NZ1001",
            "ANNA",
            "PAPA",
            "NAPA",
            "AXA",
            "EXXON",
            "NAPA-XX",
            "0505XXX7824",
            "1XXX",
        ] {
            assert!(!is_template(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn letters_for_open_digits_are_recognised_and_words_are_not() {
        for (letters, expected) in
            [("NNNNNNN", true), ("TAxiii", true), ("FLOWERS", false), ("XXX", false)]
        {
            assert_eq!(repeats_a_letter(letters.chars()), expected, "{letters}");
        }
    }
}
