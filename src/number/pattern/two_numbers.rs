//! Recognises two numbers, or the short form of a range, where one number belongs.
//!
//! Looks at the marks between the digits, and reads the digits on both sides by the plan. A list is better without
//! an entry than with one that no call has, or with a number that nobody meant. For entries alone: the text of a
//! call is read as it stands.

use crate::error::NumberError;
use crate::number::canonical::{LocalReason, SUBSCRIBER};
use crate::number::characters::{CharacterKind, character_kind};
use crate::number::plan::dial::{self, DialledDigits};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::plan::facts::Region;

/// Texts with more digits or gaps are not looked at: no number is that long.
const MOST_DIGITS: usize = 128;
const MOST_GAPS: usize = 64;
/// The last end of a range in its short form has no more digits: `0850 304 00 00-99`.
const SHORT_END: usize = 4;

/// What stands between two digits: of several marks the one that separates most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// A space, a full stop, a bracket.
    Weak,
    /// One dash of several.
    Grouping,
    Dash,
    /// A slash, two full stops, or the tilde of ranges in East Asia.
    Slash,
    /// A comma or semicolon.
    Comma,
    /// Two commas: a telephone waits, then dials an extension.
    Pause,
}

#[derive(Clone, Copy)]
struct Gap {
    /// Digits before it.
    at: u8,
    mark: Mark,
    /// Whether a plus stands behind it.
    plus: bool,
}

/// The digits of a text, and where something stands between them.
struct DigitGroups {
    plus: bool,
    count: usize,
    digits: [u8; MOST_DIGITS],
    gaps: usize,
    gap: [Gap; MOST_GAPS],
}

impl DigitGroups {
    /// None if the text holds what stands neither in a number nor between two, or too much.
    fn parse(text: impl Iterator<Item = Option<char>>) -> Option<Self> {
        let none = Gap { at: 0, mark: Mark::Weak, plus: false };
        let (digits, gap) = ([0; MOST_DIGITS], [none; MOST_GAPS]);
        let mut groups = Self { plus: false, count: 0, digits, gaps: 0, gap };
        let mut open: Option<Gap> = None;
        let mut last = '\0';
        for character in text {
            let character = character?;
            let mut between = |mark: Mark, plus: bool| {
                let gap = open.get_or_insert(Gap { at: groups.count as u8, ..none });
                (gap.mark, gap.plus) = (gap.mark.max(mark), gap.plus | plus);
            };
            match (character_kind(character), character) {
                (CharacterKind::Dialled(digit @ b'0'..=b'9'), _) => {
                    groups.close(&mut open)?;
                    *groups.digits.get_mut(groups.count)? = digit;
                    groups.count += 1;
                }
                (CharacterKind::Plus, _) => between(Mark::Weak, true),
                (_, ',' | ';') if last == ',' => between(Mark::Pause, false),
                (_, ',' | ';') => between(Mark::Comma, false),
                (_, '/') => between(Mark::Slash, false),
                (_, '.') if last == '.' => between(Mark::Slash, false),
                (_, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}') => between(Mark::Dash, false),
                // "8~10" waits for the tone.
                (CharacterKind::Tilde, _) if groups.count > 1 => between(Mark::Slash, false),
                (CharacterKind::Separator, _) | (_, '\t' | '\r' | '\n') => {
                    between(Mark::Weak, false);
                }
                _ => return None,
            }
            last = character;
        }
        Some(groups)
    }

    /// Notes what stood before a digit.
    fn close(&mut self, open: &mut Option<Gap>) -> Option<()> {
        match open.take() {
            Some(gap) if gap.at == 0 => self.plus = gap.plus,
            Some(gap) => {
                *self.gap.get_mut(self.gaps)? = gap;
                self.gaps += 1;
            }
            None => {}
        }
        Some(())
    }

    fn gaps(&self) -> &[Gap] {
        &self.gap[..self.gaps]
    }
}

impl DialPlan {
    /// Why the text of an entry is not one number: it holds two, or the short form of a range.
    pub(crate) fn two_numbers(
        &self,
        text: impl Iterator<Item = Option<char>>,
    ) -> Option<NumberError> {
        let groups = DigitGroups::parse(text)?;
        let comma = groups.gaps().iter().position(|gap| gap.mark >= Mark::Comma);
        let (gaps, behind) = groups.gaps().split_at(comma.unwrap_or(groups.gaps));
        let end = behind.first().map_or(groups.count, |gap| gap.before());
        let digits = &groups.digits[..end];
        if let Some((gap, behind)) = behind.split_first() {
            let next = behind.iter().find(|gap| gap.mark >= Mark::Comma);
            let second = &groups.digits[end..next.map_or(groups.count, |gap| gap.before())];
            if gap.parts_two(digits, second) {
                return Some(NumberError::TwoNumbers);
            }
        }
        let dialled = |plus, digits| DialledDigits { plus, digits };
        if let [gap] = gaps
            && self.is_short_range(*gap, dialled(groups.plus, digits))
        {
            return Some(NumberError::ShortRange);
        }
        let candidates = gaps.iter().filter(|gap| gap.may_part(end));
        candidates.into_iter().find_map(|gap| {
            let (first, second) = digits.split_at(gap.before());
            let sides = (dialled(groups.plus, first), dialled(gap.plus, second));
            // Where dashes part all groups, none of them is a range's.
            let is_grouped = gap.mark == Mark::Dash
                && gaps.iter().any(|other| other.mark == Mark::Dash && other.at != gap.at);
            let mark = if is_grouped { Mark::Grouping } else { gap.mark };
            self.parted(mark, sides, dialled(groups.plus, digits))
        })
    }

    /// Whether few digits are the short form of a range, such as `100-9` and `0505-06`: behind the
    /// only dash one or two that are more than the last before it, in what is no number as a whole.
    fn is_short_range(&self, gap: Gap, whole: DialledDigits) -> bool {
        let (first, end) = whole.digits.split_at(gap.before());
        let Some(start) = first.len().checked_sub(end.len()).map(|at| &first[at..]) else {
            return false;
        };
        let is_few = first.len() > end.len() && end.len() <= 2;
        let read = || dial::dial(self, whole);
        gap.mark == Mark::Dash
            && !gap.plus
            && is_few
            && end > start
            && !read().is_ok_and(dial::fits_general_pattern)
            && read() != Err(LocalReason::LocalOnly)
    }

    /// What the two sides of a mark are, if they are not one number together.
    fn parted(
        &self,
        mark: Mark,
        (first, second): (DialledDigits, DialledDigits),
        whole: DialledDigits,
    ) -> Option<NumberError> {
        let (ahead, behind) = (first.digits, second.digits);
        let read = dial::dial(self, whole);
        let is_whole = !second.plus && read.is_ok_and(dial::fits_general_pattern);
        let number = |side: DialledDigits| self.usual_number(side.plus, side.digits);
        if mark == Mark::Slash
            && ahead.len() == behind.len()
            && !is_whole
            && read != Err(LocalReason::LocalOnly)
        {
            return Some(NumberError::TwoNumbers);
        }
        let first = number(first)?;
        if ahead.len().min(behind.len()) >= SUBSCRIBER {
            // What is one number as a whole may repeat its beginning by chance, so that it takes a
            // mark of lists besides: +43.732.942.439.808.1 is one.
            let alike = || mark > Mark::Grouping && ahead[..2] == behind[..2];
            let two = !is_whole || alike() && number(second).is_some();
            return two.then_some(NumberError::TwoNumbers);
        }
        if mark == Mark::Weak || behind.len() > SHORT_END {
            return None;
        }
        // Where numbers of a beginning have many lengths, extensions are dialled behind a dash
        // (+49 30 901820-12), and short numbers behind the slash of an area code (036412/1234).
        let (room, start) = digits::ascii(first);
        let region = Region::from_leading_digits(&room[start..])?;
        let national = room.len() - start - usize::from(region.code_digits);
        let is_one = match mark {
            Mark::Slash => national < SUBSCRIBER,
            Mark::Grouping => true,
            // More digits, or no higher ones, are more often the last group of a number than a range's end.
            _ if behind.len() > 2 || behind <= &ahead[ahead.len() - behind.len()..] => true,
            _ => (national..=national + behind.len()).all(|length| region.is_possible(length)),
        };
        (!(is_whole && is_one)).then_some(NumberError::ShortRange)
    }
}

impl Gap {
    fn before(self) -> usize {
        usize::from(self.at)
    }

    /// Whether this comma parts two numbers, and not a number from an extension.
    fn parts_two(self, first: &[u8], second: &[u8]) -> bool {
        if first.len().min(second.len()) < 2 {
            return false;
        }
        let alike = || first[..2] == second[..2];
        let long = second.len() >= SUBSCRIBER && (self.mark == Mark::Comma || alike());
        self.plus || long || self.mark == Mark::Comma && first.len() == second.len()
    }

    /// Whether the digits on both sides are enough to ask what they are.
    fn may_part(self, digits: usize) -> bool {
        let behind = digits - self.before();
        self.before() >= SUBSCRIBER && (behind >= SUBSCRIBER || self.mark > Mark::Weak)
            || self.mark == Mark::Slash && self.before() == behind && behind >= 2
            || self.plus && self.before() >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::super::written_text::{CharacterRoom, WrittenText};
    use super::*;

    fn two_numbers(region: &str, text: &str) -> Option<NumberError> {
        DialPlan::new(region)
            .unwrap()
            .two_numbers(WrittenText::new(text.as_bytes(), &mut CharacterRoom::new()).all_of_user())
    }

    #[test]
    fn two_numbers_are_recognised() {
        for (region, text) in [
            ("TR", "05050047824;05050047825"),
            ("TR", "05050047824,05050047825"),
            ("TR", "05050047824, 05050047825, 05050047826"),
            ("TR", "05050047824,,05050047825"),
            ("US", "2125550150~2125550199"),
            ("TR", "05050047824 05050047825"),
            ("TR", "05050047824 05050047825 05050047826"),
            ("TR", "0505 004 78 24 0505 004 78 25"),
            ("TR", "0505 004 78 24\n0505 004 78 25"),
            ("TR", "0850 304 00 00 / 0850 304 00 01"),
            ("TR", "0505 004 78 24 - 0505 004 78 25"),
            ("TR", "+905050047824+905050047825"),
            ("TR", "+90 505 004 78 24/+90 505 004 78 25"),
            ("TR", "112/110"),
            ("TR", "112;110"),
            ("TR", "112, 110"),
            ("US", "2125550180..2125550189"),
            ("US", "2125550180 4155550123"),
            ("US", "2125550180%2C4155550123"),
        ] {
            assert_eq!(
                two_numbers(region, text),
                Some(NumberError::TwoNumbers),
                "{text} in {region}"
            );
        }
    }

    #[test]
    fn ranges_in_their_short_form_are_recognised() {
        for (region, text) in [
            ("TR", "0850 304 00 00 - 99"),
            ("TR", "0850 304 00 00-99"),
            ("TR", "0850 304 00 00/99"),
            ("TR", "0850 304 00 00\u{2013}99"),
            ("US", "+1 212 555 0152-0155"),
            ("US", "2125550160-69"),
            ("US", "212-555-0160-69"),
            ("US", "2125550160..69"),
            ("JP", "03-1234-5600~5699"),
            ("JP", "03-1234-5600\u{ff5e}5699"),
            ("FR", "01 44 11 22 33/34"),
            ("TR", "0505-06"),
            ("TR", "+90505-06"),
            ("TR", "100-9"),
            ("GB", "0800 1111-12"),
        ] {
            assert_eq!(
                two_numbers(region, text),
                Some(NumberError::ShortRange),
                "{text} in {region}"
            );
        }
    }

    #[test]
    fn one_number_is_one_however_it_is_grouped() {
        for (region, text) in [
            ("TR", "(0212) 555 - 0123"),
            ("TR", "0212-555-01-23"),
            ("TR", "+90 505/0047824"),
            ("TR", "0505.004.78.24"),
            ("TR", "0505/004/78/24"),
            ("TR", "0505 004 78 24,3"),
            ("TR", "0505 004 78 24;1234"),
            ("TR", "7042;phone-context=a.com"),
            ("TR", "1000-1019"),
            ("TR", "155-0"),
            ("DE", "030-12"),
            ("TR", "999 999 999 999 999 999"),
            ("TR", "12,3"),
            ("TR", "0,,5050047"),
            ("TR", "0,,5050047824"),
            ("TR", "*21*0505#"),
            ("US", "202-555-0123,,1234567"),
            ("US", "555/1234"),
            ("US", "(212) 555-0123"),
            ("DE", "+49 30 901820-12"),
            ("DE", "030/901820"),
            ("DE", "036412/1234"),
            ("DE", "+49 (0) 36412/1234"),
            ("AT", "01/58801-0"),
            ("IT", "06 1234 5678"),
            ("FR", "01 44 11 22 33"),
            ("SG", "6123-4567"),
            ("SK", "+421-2-212-345-67"),
            ("AT", "+43.732.942.439.808.1"),
            ("AT", "+43 732 942 439 808 1"),
            ("RO", "+40 256 492-593"),
            ("RO", "0244 948-000"),
            ("SV", "800 5450-3532"),
        ] {
            assert_eq!(two_numbers(region, text), None, "{text} in {region}");
        }
        let long = "1 ".repeat(200);
        assert_eq!(two_numbers("TR", &long), None);
        assert_eq!(two_numbers("TR", &"1".repeat(200)), None);
    }
}
