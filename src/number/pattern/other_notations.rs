//! Which entries are patterns in the notation of another system: of a dial plan of Asterisk, a
//! regular expression, a file name or SQL. Read as numbers they would be other numbers.
//!
//! Knows how such patterns look, and no regions. Patterns of our own are the business of `shape`.

use crate::number::characters::{CharacterKind, Characters, character_kind};

/// The longest text that is looked at.
const MOST_CHARACTERS: usize = 64;

/// Whether the text is such a pattern, and can be nothing else that a list holds.
pub(crate) fn is_foreign(text: &[u8]) -> bool {
    let may_be =
        |byte: &u8| matches!(byte, b'_' | b'[' | b'?' | b'%' | b'.' | b'N' | b'Z' | 0x80..);
    if !text.iter().any(may_be) {
        return false;
    }
    let mut room = ['\0'; MOST_CHARACTERS];
    let Some(text) = characters(text, &mut room) else { return false };
    is_asterisk(text)
        || has_sets(text)
        || is_expression(text)
        || is_placeholder(text)
        || has_dots(text)
}

/// Whether the text is a template of numbers that begins with an open digit, as North Americans write
/// them, where it is no pattern of ours: `NPA-NXX-XXXX`, `N11XXXXXXX`, `XXX-555-0147`, `N11`. A user
/// may be named so too, and is then written as a URI.
pub(crate) fn is_template(text: &[u8]) -> bool {
    let mut room = ['\0'; MOST_CHARACTERS];
    let Some(text) = characters(text, &mut room) else { return false };
    let is_place = |character: &char| character.is_ascii_alphabetic() || is_digit(*character);
    let places = || text.iter().copied().filter(is_place);
    let has = |run: &[char]| text.windows(run.len()).any(|part| part == run);
    // An area code, whose letters stand nowhere else.
    let area = has(&['N', 'P', 'A']);
    let once = |letter: char| area && places().filter(|&place| place == letter).count() == 1;
    // Small letters are more often a user's name, unless the whole is as long as a number.
    let is_long = places().count() >= 7;
    let belongs = |&character: &char| match character {
        'X' | 'N' | 'Z' => true,
        'x' => is_long,
        'P' | 'A' => once(character),
        _ => {
            is_digit(character)
                || matches!(
                    character_kind(character),
                    CharacterKind::Plus | CharacterKind::Separator
                )
        }
    };
    let is_n11 = matches!(text, ['N' | 'X', '1', '1']);
    let has_run = area || has(&['X', 'X']) || has(&['x', 'x']);
    let is_open = places().next().is_some_and(|first| first.is_ascii_alphabetic());
    is_n11 || is_open && has_run && places().count() >= 3 && text.iter().all(belongs)
}

/// The characters of the text; none if there are too many, or bytes that are not UTF-8.
fn characters<'a>(text: &[u8], room: &'a mut [char; MOST_CHARACTERS]) -> Option<&'a [char]> {
    let mut count = 0;
    for character in Characters(text) {
        *room.get_mut(count)? = character?;
        count += 1;
    }
    room.get(..count)
}

/// `_0505XXXXXXX`, `_NXXNXXXXXX`, `_0505.`
fn is_asterisk(text: &[char]) -> bool {
    let Some(('_', rest)) = text.split_first() else { return false };
    let places = |&character: &char| is_digit(character) || "+XNZxnz-[].!*#".contains(character);
    let is_place = |&character: &char| is_digit(character) || "XNZ.!".contains(character);
    rest.iter().all(places) && rest.iter().any(is_place)
}

/// The same without the underscore: `0505NNNNNNN`, `1NXXNXXXXXX`, `NXXNXXXXXX`.
fn has_sets(text: &[char]) -> bool {
    let is_set = |character: &char| matches!(character, 'X' | 'N' | 'Z');
    let belongs = |character: &char| {
        is_set(character)
            || is_digit(*character)
            || matches!(character_kind(*character), CharacterKind::Plus | CharacterKind::Separator)
    };
    // Only sets of several kinds, as many as a number has digits; X alone is a pattern of ours.
    let is_mixed = text.contains(&'X') && text.iter().any(|&character| character != 'X');
    if text.len() >= 7 && is_mixed && text.iter().all(is_set) {
        return true;
    }
    // A user may be named NZ1001.
    text.first().is_some_and(|first| !first.is_ascii_alphabetic())
        && text.iter().any(|&character| is_digit(character))
        && text.iter().any(|character| matches!(character, 'N' | 'Z'))
        && text.iter().filter(|character| is_set(character)).count() >= 2
        && text.iter().all(belongs)
}

/// `[2-9]11`, `+1212555010[0-9]`, `21255501[89]`: brackets that choose a digit, and part none.
fn is_expression(text: &[char]) -> bool {
    let Some(open) = text.iter().position(|&character| character == '[') else { return false };
    let rest = &text[open + 1..];
    let Some(close) = rest.iter().position(|&character| character == ']') else { return false };
    let (chosen, behind) = (&rest[..close], &rest[close + 1..]);
    let is_alone = match chosen {
        ['^', ..] => true,
        [first, '-', last, ..] => is_digit(*first) && is_digit(*last),
        _ => false,
    };
    let is_last = behind.iter().all(|&character| "*+?$".contains(character));
    let follows = open > 0 && is_digit(text[open - 1]);
    is_alone || is_last && follows && !chosen.is_empty() && chosen.iter().all(|&c| is_digit(c))
}

/// `0505???????`, `1212%%`: a mark for each open digit, or for all that follow.
fn is_placeholder(text: &[char]) -> bool {
    let end = text.iter().rposition(|&character| character != '%').map_or(0, |last| last + 1);
    let (before, marks) = text.split_at(end);
    let belongs = |&character: &char| {
        matches!(
            character_kind(character),
            CharacterKind::Plus | CharacterKind::Dialled(_) | CharacterKind::Separator
        ) || matches!(character, '?' | 'x' | 'X')
    };
    before.iter().any(|&character| is_digit(character))
        && (before.contains(&'?') || !marks.is_empty())
        && before.iter().all(belongs)
}

/// `0505.......`: full stops for open digits.
fn has_dots(text: &[char]) -> bool {
    let end = text.iter().rposition(|&character| !matches!(character, '.' | '\u{2026}'));
    let (before, dots) = text.split_at(end.map_or(0, |last| last + 1));
    let is_many = dots.len() >= 3 || dots.last() == Some(&'\u{2026}');
    let is_number = |character: &char| {
        matches!(
            character_kind(*character),
            CharacterKind::Plus | CharacterKind::Dialled(b'0'..=b'9') | CharacterKind::Separator
        )
    };
    is_many && before.iter().any(|&character| is_digit(character)) && before.iter().all(is_number)
}

/// Whether a letter stands three times in a row, as no word of a vanity number has it: then it
/// stands for open digits, `0505nnnnnnn`. The X is a place of ours.
pub(crate) fn repeats_a_letter(letters: impl Iterator<Item = char>) -> bool {
    let mut run = (0, '\0');
    letters.map(|letter| letter.to_ascii_uppercase()).any(|letter| {
        run = if run.1 == letter { (run.0 + 1, letter) } else { (1, letter) };
        run.0 >= 3 && letter != 'X'
    })
}

fn is_digit(character: char) -> bool {
    matches!(character_kind(character), CharacterKind::Dialled(b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn numbers_users_and_our_patterns_are_none() {
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
    fn templates_are_told_from_users() {
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
    fn open_places_are_told_from_words() {
        for (letters, expected) in
            [("NNNNNNN", true), ("TAxiii", true), ("FLOWERS", false), ("XXX", false)]
        {
            assert_eq!(repeats_a_letter(letters.chars()), expected, "{letters}");
        }
    }
}
