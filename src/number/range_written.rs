//! Ranges as operators write them: what their ends are, and whether there is a range at all.
//!
//! A dash stands between the ends of a range and inside of numbers. Which it is, the plan is asked:
//! the rule is told at [`DialPlan::pattern`].

use super::automaton;
use super::canonical::Why;
use super::dial::FEW_DIGITS;
use super::dial::{self, Dialled};
use super::digits;
use super::open::Placed;
use super::pattern::{Pattern, Scope};
use super::pattern_written::{Read, checked};
use super::plan::DialPlan;
use super::written::Line;

/// Shorter groups around a dash without spaces are one local number.
const FEWEST_IN_RANGE: usize = 3;
const NUMBER_OR_RANGE: &str = "is a number or a range: write a number without a dash, the ends of a range \
    with + and the calling code, local numbers with an X for each open digit (1XXX)";

const MARKED: &str = "begins with the mobile 9 of Argentina or the former mobile 1 of Mexico, without which \
    callbar files all numbers: write the ends as whole numbers, or without it";

impl DialPlan {
    /// The E.164 digits of a whole number that looks like one of its calling code.
    pub(super) fn number_of(&self, plus: bool, digits: &[u8]) -> Option<u64> {
        if digits.is_empty() {
            return None;
        }
        let number = dial::dial(self, Dialled { plus, digits }).ok()?;
        dial::fits_general_pattern(number).then(|| number.get())
    }

    /// The pattern from one end to the other.
    pub(super) fn range_of(&self, first: &Line, last: &Line) -> Read {
        let (first, last) = (self.end_of(first)?, self.end_of(last)?);
        if first.scope != last.scope {
            return Err("has ends of two kinds: write both with + and the calling code");
        }
        let (scope, first, last) = (first.scope, first.places, last.places);
        checked(first.dialled()).and(checked(last.dialled()))?;
        let short = |end: &Line| end.dialled().len() < FEWEST_IN_RANGE;
        if scope == Scope::Local && (short(&first) || short(&last)) {
            // Its canonical form would read back as one number.
            return Err("has local ends of less than three digits: list the numbers one by one");
        }
        Pattern::range(scope, first.dialled(), last.dialled())
            .ok_or("ends before it starts: write the lower number first")
    }

    /// An end of a range: a whole number, or what numbers begin with.
    fn end_of(&self, digits: &Line) -> Result<Placed, &'static str> {
        if let Some(number) = self.number_of(digits.plus, digits.dialled()) {
            let (room, start) = digits::ascii(number);
            let mut places = Line::new(false);
            places.extend(&room[start..]);
            return Ok(Placed { scope: Scope::E164, places, is_bare: false });
        }
        if Self::is_marked(digits) {
            return Err(MARKED);
        }
        let mut end = self.place(digits, true)?;
        if end.is_bare && digits.dialled().len() <= FEW_DIGITS {
            (end.scope, end.places) = (Scope::Local, Line::new(false));
            end.places.extend(digits.dialled());
        }
        Ok(end)
    }

    /// A range, unless the dash only separates; see [`DialPlan::pattern`] for the rule.
    pub(super) fn range_or_number(&self, first: &Line, last: &Line, spaced: bool) -> Option<Read> {
        let (a, b) = (first.dialled(), last.dialled());
        let both_are_numbers =
            self.number_of(first.plus, a).is_some() && self.number_of(last.plus, b).is_some();
        let is_comparable =
            a.len() == b.len() && (both_are_numbers || spaced || a.len() >= FEWEST_IN_RANGE);
        let mut whole = Line::new(first.plus);
        let is_number = whole.extend(a) && whole.extend(b) && self.is_one_number(&whole);
        if !(is_comparable || both_are_numbers && !is_number) {
            return None;
        }
        // Where numbers are long, the halves of one may be numbers by chance: 016890-850000 in
        // Germany. The ends of a range begin alike.
        if !is_number || both_are_numbers && a[..2] == b[..2] {
            return Some(self.range_of(first, last));
        }
        // A number in two halves is usual where all that begin so have that length: 6123-4567 in
        // Singapore. Where lengths vary, a number of this kind would begin with its trunk prefix.
        let home = self.home();
        let lengths = automaton::lengths(home.general, a).any;
        let length = a.len() + b.len();
        let varies = [length - 1, length + 1]
            .into_iter()
            .all(|length| length < 32 && lengths >> length & 1 == 1);
        let as_dialled = first.plus || !varies || home.may_have_prefix(a);
        // So are blocks of local numbers written, 6000-6999.
        let is_block = a.ends_with(b"0") && b.ends_with(b"9") && a[0] == b[0];
        let is_one = a > b || as_dialled && !spaced && !is_block;
        let are_codes = || !first.plus && [a, b].iter().all(|end| home.short_code(end).is_some());
        match is_one {
            true => None,
            false if are_codes() => Some(self.range_of(first, last)),
            false => Some(Err(NUMBER_OR_RANGE)),
        }
    }

    /// Whether digits are one number, if need be without its area code.
    fn is_one_number(&self, line: &Line) -> bool {
        let dialled = Dialled { plus: line.plus, digits: line.dialled() };
        match dial::dial(self, dialled) {
            Ok(number) => dial::fits_general_pattern(number),
            Err(why) => why == Why::LocalOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The range, `refused` with the reason, or nothing.
    fn read(region: &str, text: &str) -> String {
        match DialPlan::new(region).unwrap().pattern(text.as_bytes()) {
            None => String::new(),
            Some(Ok(pattern)) => pattern.to_string(),
            Some(Err(reason)) => format!("refused: {reason}"),
        }
    }

    #[test]
    fn numbers_are_no_ranges() {
        for (region, text) in [
            ("TR", "0505-004-78-24"),
            ("TR", "0212-5550123"),
            ("US", "212-5551234"),
            ("US", "1-800-5551234"),
            ("US", "555-1234"),
            ("DE", "030-901820"),
            ("DE", "+49 30 - 901820"),
            ("FR", "01-44112233"),
            ("GB", "020-79460000"),
            ("SG", "6123-4567"),
            ("HK", "2123-4567"),
            ("QA", "4496-7956"),
            ("OM", "2268-5912"),
            ("BR", "3333-4444"),
            ("JP", "0120-123456"),
            ("TR", "12-34"),
            ("TR", "+90-5050047824"),
            ("DE", "030901820-12345"),
            ("DE", "016890-850000"),
        ] {
            assert_eq!(read(region, text), "", "{text:?} in {region}");
        }
        assert!(read("DE", "1000-1999").contains("a number or a range"));
        assert_eq!(read("DE", "11800-11899"), "11800-11899", "short codes have no other form");
        assert!(read("DE", "(168) 543-341780").contains("a number or a range"));
        assert!(read("SG", "6000-6999").contains("a number or a range"));
        assert!(read("SG", "6123 - 6199").contains("a number or a range"));
    }
}
