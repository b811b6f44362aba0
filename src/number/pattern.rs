//! Patterns in canonical form: a prefix, a range or a fixed-length wildcard over digits.
//!
//! Promises: a [`Pattern`] is small, `Copy` and without heap; it fixes one digit at least and
//! covers its numbers by 10,000 prefixes at most, so whoever has one can compile it. What is
//! written ([`fmt::Display`]) is what [`Pattern::parse`] reads, and nothing else is.
//!
//! Leaves to others: how operators write patterns (`pattern_written`), the prefixes that cover one
//! (`pieces`), and lists.

use std::fmt::{self, Write};

use super::digits::{self, TEN_TO};

/// Stands for any digit in a wildcard.
pub(super) const HOLE: u8 = b'X';
/// More open digits before the last fixed one than these would take over 10,000 prefixes.
const MOST_INNER_HOLES: usize = 4;

/// Whose digits a pattern is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    /// E.164 digits, their calling code assigned or not: [`Number::E164`](crate::Number::E164) and
    /// [`Number::Unassigned`](crate::Number::Unassigned).
    E164,
    /// Digits that are local to the domain: [`Number::Local`](crate::Number::Local).
    Local,
}

/// A set of numbers, as a list names it: prefix, range or wildcard, in canonical form.
///
/// - A prefix, `+90505*`, holds all digits that begin with it, itself among them.
/// - A range, `+905050000000-+905050009999`, holds what begins with a number from its first to its
///   last, longer numbers too. The shorter end is first made as long as the other: the first by
///   zeros, the last by nines. The range is then covered by the fewest *blocks*, prefixes with all
///   that they begin; it holds the digits that begin with a block and are not shorter than the
///   shorter end.
/// - A wildcard, `+1999XXXXXXX`, holds digits of exactly its length that agree with it wherever it
///   has no `X`.
///
/// Ends and prefixes have 1 to 19 digits, wildcards 2 to 19 places of which one or more are digits.
/// Patterns that are local to a domain are written without the plus: `12*`, `1000-1999`, `1XXX`.
///
/// What is longer or shorter than the numbers of its country can be is a local number and held by no
/// pattern of E.164 digits, not even by `+90505*` if it begins so: with a surplus digit the class
/// [`invalid`](crate::Class::Invalid) holds it, with too few digits [`short`](crate::Class::Short).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pattern {
    scope: Scope,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    Prefix(Places),
    Range(Range),
    Wildcard(Places),
}

/// 1 to 19 digits and holes, kept in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Places {
    len: u8,
    /// Zeros after the places in use, so that equality may look at all of them.
    bytes: [u8; Places::MAX],
}

/// The two ends as written. The first, padded, is not after the last.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Range {
    first: Places,
    last: Places,
}

impl Places {
    pub(super) const MAX: usize = 19;

    /// These digits and holes; none if there are none or too many.
    pub(super) fn of(places: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MAX];
        bytes.get_mut(..places.len())?.copy_from_slice(places);
        (!places.is_empty()).then_some(Self { len: places.len() as u8, bytes })
    }

    fn of_digits(digits: &[u8]) -> Option<Self> {
        if digits::all(digits) { Self::of(digits) } else { None }
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// What stands up to the last digit: behind it all places are open.
    #[inline]
    pub(super) fn fixed(&self) -> &[u8] {
        let places = self.as_bytes();
        let last = places.iter().rposition(|&place| place != HOLE);
        &places[..last.map_or(0, |last| last + 1)]
    }
}

impl Range {
    /// Digits of the longer end.
    pub(super) fn length(&self) -> usize {
        usize::from(self.first.len.max(self.last.len))
    }

    /// The integers that the ends write once they are of one length.
    pub(super) fn bounds(&self) -> (u64, u64) {
        let gap = |end: &Places| TEN_TO[self.length() - usize::from(end.len)];
        let value = |end: &Places| digits::value(end.as_bytes()) * gap(end);
        (value(&self.first), value(&self.last) + gap(&self.last) - 1)
    }

    /// Digits of the block that these digits begin with.
    fn holds(&self, digits: &[u8]) -> Option<u8> {
        if digits.len() < usize::from(self.first.len.min(self.last.len)) {
            return None;
        }
        let (lowest, highest) = self.bounds();
        let mut beginning = 0;
        for length in 0..=self.length().min(digits.len()) {
            if length > 0 {
                beginning = beginning * 10 + u64::from(digits[length - 1] - b'0');
            }
            let size = TEN_TO[self.length() - length];
            let start = beginning * size;
            if lowest <= start && start + (size - 1) <= highest {
                return Some(length as u8);
            }
        }
        None
    }
}

impl Pattern {
    /// All digits that begin with these.
    pub(super) fn prefix(scope: Scope, digits: &[u8]) -> Option<Self> {
        Some(Self { scope, kind: Kind::Prefix(Places::of_digits(digits)?) })
    }

    /// From one end to the other; none if it ends before it starts.
    pub(super) fn range(scope: Scope, first: &[u8], last: &[u8]) -> Option<Self> {
        let range = Range { first: Places::of_digits(first)?, last: Places::of_digits(last)? };
        let (lowest, highest) = range.bounds();
        (lowest <= highest).then_some(Self { scope, kind: Kind::Range(range) })
    }

    /// Digits and holes; none if there is no digit or no hole, or over 10,000 pieces.
    pub(super) fn wildcard(scope: Scope, places: &[u8]) -> Option<Self> {
        let is_place = |place: &u8| place.is_ascii_digit() || *place == HOLE;
        let wildcard = Places::of(places).filter(|_| places.iter().all(is_place))?;
        let fixed = wildcard.fixed();
        (places.contains(&HOLE) && !fixed.is_empty() && !is_too_open(places))
            .then_some(Self { scope, kind: Kind::Wildcard(wildcard) })
    }

    /// Reads exactly what [`fmt::Display`] writes; none for any other text.
    pub fn parse(canonical: &str) -> Option<Self> {
        let (scope, digits) = after_plus(canonical);
        if let Some(prefix) = digits.strip_suffix('*') {
            return Self::prefix(scope, prefix.as_bytes());
        }
        if let Some((first, last)) = digits.split_once('-') {
            let (other, last) = after_plus(last);
            let ends = (other == scope).then_some([first, last])?;
            return Self::range(scope, ends[0].as_bytes(), ends[1].as_bytes());
        }
        Self::wildcard(scope, digits.as_bytes())
    }

    /// Whether the pattern holds a number of its scope, given by its ASCII digits: the count of
    /// digits that it fixes of this number, which is how long a match it is. Of a prefix those are
    /// its digits, of a range those of the block that holds the number, of a wildcard all up to its
    /// last digit.
    ///
    /// Looks at each digit once or twice and allocates nothing. Nothing but digits is held.
    #[inline]
    pub fn holds(&self, digits: &[u8]) -> Option<u8> {
        if !digits::all(digits) {
            return None;
        }
        match &self.kind {
            Kind::Prefix(prefix) => digits.starts_with(prefix.as_bytes()).then_some(prefix.len),
            Kind::Range(range) => range.holds(digits),
            Kind::Wildcard(wildcard) => {
                let places = wildcard.as_bytes();
                let agree = |(place, digit): (&u8, &u8)| *place == HOLE || place == digit;
                (places.len() == digits.len() && places.iter().zip(digits).all(agree))
                    .then(|| wildcard.fixed().len() as u8)
            }
        }
    }

    /// Whose digits the pattern is about.
    #[inline]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// `prefix`, `range` or `wildcard`.
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Prefix(_) => "prefix",
            Kind::Range(_) => "range",
            Kind::Wildcard(_) => "wildcard",
        }
    }
}

/// Whether a wildcard of these places leaves too many open before its last digit.
pub(super) fn is_too_open(places: &[u8]) -> bool {
    let last = places.iter().rposition(|&place| place != HOLE).unwrap_or_default();
    let open = places[..last].iter().filter(|&&place| place == HOLE);
    open.take(MOST_INNER_HOLES + 1).count() > MOST_INNER_HOLES
}

fn after_plus(text: &str) -> (Scope, &str) {
    match text.strip_prefix('+') {
        Some(rest) => (Scope::E164, rest),
        None => (Scope::Local, text),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |f: &mut fmt::Formatter<'_>, places: &Places| {
            if self.scope == Scope::E164 {
                f.write_char('+')?;
            }
            places.as_bytes().iter().try_for_each(|&place| f.write_char(char::from(place)))
        };
        match &self.kind {
            Kind::Prefix(prefix) => {
                written(f, prefix)?;
                f.write_char('*')
            }
            Kind::Range(range) => {
                written(f, &range.first)?;
                f.write_char('-')?;
                written(f, &range.last)
            }
            Kind::Wildcard(wildcard) => written(f, wildcard),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(pattern: &str, digits: &str) -> Option<u8> {
        Pattern::parse(pattern).unwrap().holds(digits.as_bytes())
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let most = "1".repeat(19);
        for text in [
            "+90505*",
            "12*",
            &format!("+{most}*"),
            "+905050000000-+905050009999",
            "+905-+90512",
            "+90512-+906",
            "1000-1999",
            "0-9",
            &format!("0-{most}"),
            "+1999XXXXXXX",
            "+X",
            "1XXX",
            "X1XX1X1",
        ] {
            let read = Pattern::parse(text).map(|pattern| pattern.to_string());
            let expected = (text != "+X").then_some(text);
            assert_eq!(read.as_deref(), expected, "{text}");
        }
        assert!(size_of::<Pattern>() <= 64);
    }

    #[test]
    fn nothing_else_is_read() {
        let many = "1".repeat(20);
        for text in [
            "",
            "+",
            "*",
            "+*",
            "-",
            "+-+",
            "90505",
            "+90505",
            "+90 505*",
            "90505**",
            "*90505",
            "+9-9",
            "9-+9",
            "+9-",
            "-9",
            "+2-+1",
            "+905-+904999",
            "1-2-3",
            "XXX",
            "1xxx",
            "XXXXX1",
            "1X*",
            "1-2X",
            "++9*",
            "\u{661}*",
            &format!("{many}*"),
            &format!("1-{many}"),
            &format!("{many}X"),
        ] {
            assert_eq!(Pattern::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_holds_what_begins_with_it() {
        assert_eq!(held("+90505*", "90505"), Some(5));
        assert_eq!(held("+90505*", "905050047824"), Some(5));
        assert_eq!(held("+90505*", "9050"), None);
        assert_eq!(held("+90505*", "90506"), None);
        assert_eq!(held("12*", &"12".repeat(60)), Some(2));
        assert_eq!(held("12*", "12;phone-context=a"), None);
    }

    #[test]
    fn a_range_holds_what_begins_with_a_number_in_it() {
        let range = "+905050000000-+905050009999";
        assert_eq!(held(range, "905050000000"), Some(8));
        assert_eq!(held(range, "905050009999"), Some(8));
        assert_eq!(held(range, "9050500099991"), Some(8));
        assert_eq!(held(range, "905050010000"), None);
        assert_eq!(held(range, "90505000"), None, "shorter than its ends");
        assert_eq!(held("+905-+90512", "90509"), Some(4));
        assert_eq!(held("+905-+90512", "90512"), Some(5));
        assert_eq!(held("+905-+90512", "90513"), None);
        assert_eq!(held("+905-+90512", "905"), None, "no whole block of it");
        assert_eq!(held("+90512-+906", "90512"), Some(5));
        assert_eq!(held("+90512-+906", "9069"), Some(3));
        assert_eq!(held("0-9", "7"), Some(0));
        assert_eq!(held("0-9", ""), None);
        let nines = "9".repeat(19);
        assert_eq!(held(&format!("0-{nines}"), &nines), Some(0));
        assert_eq!(held(&format!("{nines}-{nines}"), &nines), Some(19));
    }

    #[test]
    fn a_wildcard_holds_its_length_alone() {
        assert_eq!(held("+1999XXXXXXX", "19991234567"), Some(4));
        assert_eq!(held("+1999XXXXXXX", "199912345678"), None);
        assert_eq!(held("+1999XXXXXXX", "1999123456"), None);
        assert_eq!(held("1X2X", "1927"), Some(3));
        assert_eq!(held("1X2X", "1937"), None);
        assert_eq!(held("X1", "71"), Some(2));
    }
}
