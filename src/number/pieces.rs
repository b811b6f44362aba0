//! The prefixes that cover a pattern: what an index files it under.
//!
//! Promises: the fewest prefixes such that all digits that the pattern holds begin with exactly
//! one of them, and [`Pattern::holds`] answers with that one's length. The other way round it may
//! not be so: what begins with a piece can still be of the wrong length.

use super::digits::{self, TEN_TO};
use super::facts::{REGION, Region};
use super::pattern::{HOLE, Kind, Pattern, Places, Range, Scope};

/// One of the prefixes that cover a pattern: 0 to 19 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Piece {
    len: u8,
    bytes: [u8; Places::MAX],
}

impl Piece {
    fn of(digits: &[u8]) -> Self {
        let mut bytes = [0; Places::MAX];
        bytes[..digits.len()].copy_from_slice(digits);
        Self { len: digits.len() as u8, bytes }
    }

    /// The prefix of so many digits that an integer writes.
    fn of_value(mut value: u64, length: usize) -> Self {
        let mut bytes = [0; Places::MAX];
        for place in bytes[..length].iter_mut().rev() {
            *place = b'0' + (value % 10) as u8;
            value /= 10;
        }
        Self { len: length as u8, bytes }
    }

    /// The digits, ASCII. None at all only for a range over all digits, `0-9`.
    #[inline]
    pub fn digits(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether E.164 digits that begin so can have a calling code that somebody has.
    pub fn assigned(&self) -> bool {
        self.threes().any(|three| Region::of_code(&three).is_some())
    }

    /// Whether E.164 digits that begin so can have a calling code that nobody has.
    pub fn unassigned(&self) -> bool {
        self.threes().any(|three| Region::of_code(&three).is_none())
    }

    /// The first three digits of what begins so, which tell the calling code.
    fn threes(&self) -> impl Iterator<Item = [u8; 3]> {
        let known = self.digits().len().min(3);
        let shift = TEN_TO[3 - known];
        let first = digits::value(&self.digits()[..known]) * shift;
        (first..first + shift)
            .map(|three| [three / 100, three / 10, three].map(|value| b'0' + (value % 10) as u8))
    }

    /// Whether some assigned calling code is this or begins with it.
    fn spans_a_code(&self) -> bool {
        let length = self.digits().len();
        let value = digits::value(self.digits());
        REGION.iter().any(|region| {
            let more = usize::from(region.code_digits).checked_sub(length);
            more.is_some_and(|more| u64::from(region.code) / TEN_TO[more] == value)
        })
    }
}

impl Pattern {
    /// The pieces in ascending order, 10,000 at most and usually one.
    pub fn pieces(&self) -> Vec<Piece> {
        match &self.kind {
            Kind::Prefix(prefix) => vec![Piece::of(prefix.as_bytes())],
            Kind::Range(range) => blocks(range),
            Kind::Wildcard(wildcard) => filled(wildcard.fixed()),
        }
    }

    /// Whether it would bar a whole calling code or more, so that an operator ought to say that
    /// this is meant: a piece of it is an assigned calling code, or the beginning of one. Of the
    /// local patterns only one over all digits is.
    pub fn is_broad(&self) -> bool {
        let is_broad = |piece: &Piece| match self.scope() {
            Scope::E164 => piece.spans_a_code(),
            Scope::Local => piece.len == 0,
        };
        self.pieces().iter().any(is_broad)
    }
}

/// From the lower end on, the largest block that begins there and ends in the range.
fn blocks(range: &Range) -> Vec<Piece> {
    let (mut start, highest) = range.bounds();
    let mut pieces = Vec::new();
    loop {
        let open = (0..=range.length()).rev().find(|&open| {
            let size = TEN_TO[open];
            start.is_multiple_of(size) && size - 1 <= highest - start
        });
        // One number is a block that always fits.
        let open = open.unwrap_or_default();
        pieces.push(Piece::of_value(start / TEN_TO[open], range.length() - open));
        let last = start + (TEN_TO[open] - 1);
        if last == highest {
            return pieces;
        }
        start = last + 1;
    }
}

/// Each way to fill the holes.
fn filled(places: &[u8]) -> Vec<Piece> {
    let holes: Vec<usize> = (0..places.len()).filter(|&at| places[at] == HOLE).collect();
    let mut digits = Piece::of(places);
    (0..TEN_TO[holes.len()])
        .map(|mut fill| {
            for &hole in holes.iter().rev() {
                digits.bytes[hole] = b'0' + (fill % 10) as u8;
                fill /= 10;
            }
            digits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    fn pieces(text: &str) -> Vec<String> {
        let text_of = |piece: &Piece| String::from_utf8(piece.digits().to_vec()).unwrap();
        pattern(text).pieces().iter().map(text_of).collect()
    }

    #[test]
    fn pieces_are_the_fewest_prefixes() {
        assert_eq!(pieces("+90505*"), ["90505"]);
        assert_eq!(pieces("+905050000000-+905050009999"), ["90505000"]);
        assert_eq!(pieces("+905-+90512"), ["9050", "90510", "90511", "90512"]);
        assert_eq!(pieces("198-301"), ["198", "199", "2", "300", "301"]);
        assert_eq!(pieces("0-9"), [""]);
        assert_eq!(pieces("+1999XXXXXXX"), ["1999"]);
        assert_eq!(pieces("1X2X").len(), 10);
        assert_eq!(pieces("X9X9X9X9")[..2], ["09090909", "09090919"]);
        assert_eq!(pieces("X9X9X9X9").len(), 10_000);
        let (ones, eights) = ("1".repeat(19), "8".repeat(19));
        let most = pieces(&format!("{ones}-{eights}"));
        assert_eq!(most.len(), 6 + 18 * 8 * 2 + 2);
    }

    #[test]
    fn patterns_over_a_whole_calling_code_are_broad() {
        for text in ["+90*", "+9*", "+99*", "+1*", "+90XXXXXXXXXX", "+900-+909", "+1-+2", "0-9"] {
            assert!(pattern(text).is_broad(), "{text}");
        }
        for text in ["+905*", "+999*", "+0*", "+12*", "+900-+908", "1*", "1XXX", "+X905"] {
            assert!(!pattern(text).is_broad(), "{text}");
        }
    }

    #[test]
    fn a_piece_tells_whose_calling_code_may_follow() {
        for (digits, expected) in [
            ("99", (true, true)),
            ("905", (true, false)),
            ("999", (false, true)),
            ("0", (false, true)),
            ("1", (true, false)),
            ("", (true, true)),
            ("9991234", (false, true)),
        ] {
            let piece = Piece::of(digits.as_bytes());
            assert_eq!((piece.assigned(), piece.unassigned()), expected, "{digits:?}");
        }
    }

    /// All texts of the digits 0, 1, 5 and 9, up to a length.
    fn texts(most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut at = 0;
        while at < all.len() {
            if all[at].len() < most {
                all.extend(["0", "1", "5", "9"].map(|digit| format!("{}{digit}", all[at])));
            }
            at += 1;
        }
        all
    }

    /// Whether a pattern holds digits, by its definition and nothing else: the digits that it
    /// fixes, found by trying all beginnings from the shortest on.
    fn naive(written: &str, digits: &str) -> Option<usize> {
        if let Some(prefix) = written.strip_suffix('*') {
            return digits.starts_with(prefix).then_some(prefix.len());
        }
        let Some((first, last)) = written.split_once('-') else {
            let agree = written.chars().zip(digits.chars()).all(|(w, d)| w == 'X' || w == d);
            let fixed = written.trim_end_matches('X').len();
            return (agree && written.len() == digits.len()).then_some(fixed);
        };
        if digits.len() < first.len().min(last.len()) {
            return None;
        }
        let length = first.len().max(last.len());
        (0..=digits.len().min(length)).find(|&count| {
            let beginning = &digits[..count];
            padded(beginning, '0', length) >= padded(first, '0', length)
                && padded(beginning, '9', length) <= padded(last, '9', length)
        })
    }

    fn padded(digits: &str, with: char, length: usize) -> String {
        digits.chars().chain(std::iter::repeat(with)).take(length).collect()
    }

    fn written() -> impl Strategy<Value = String> {
        prop_oneof!["[0159]{1,4}\\*", "[0159]{1,4}-[0159]{1,4}", "[0159X]{1,5}",]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn patterns_hold_what_their_definition_says(written in written()) {
            let Some(pattern) = Pattern::parse(&written) else { return Ok(()) };
            prop_assert_eq!(pattern.to_string(), written.as_str());
            let pieces = pattern.pieces();
            prop_assert!(pieces.is_sorted_by(|one, next| one.digits() < next.digits()));
            for digits in texts(6) {
                let held = pattern.holds(digits.as_bytes()).map(usize::from);
                prop_assert_eq!(held, naive(&written, &digits), "{}", digits);
                if let Some(length) = held {
                    let covering: Vec<usize> = pieces
                        .iter()
                        .filter(|piece| digits.as_bytes().starts_with(piece.digits()))
                        .map(|piece| piece.digits().len())
                        .collect();
                    prop_assert_eq!(covering, [length]);
                }
            }
        }

        #[test]
        fn any_two_ends_make_a_range_or_none(
            first in "[0-9]{1,19}", last in "[0-9]{1,19}", digits in "[0-9]{0,24}"
        ) {
            let written = format!("{first}-{last}");
            let Some(pattern) = Pattern::parse(&written) else {
                let length = first.len().max(last.len());
                prop_assert!(padded(&first, '0', length) > padded(&last, '9', length));
                return Ok(());
            };
            let near = |end: &str| format!("{end}{digits}");
            for digits in [near(&first), near(&last), digits] {
                let held = pattern.holds(digits.as_bytes()).map(usize::from);
                prop_assert_eq!(held, naive(&written, &digits), "{}", digits);
            }
            prop_assert!(pattern.pieces().len() <= 18 * 19);
        }
    }
}
