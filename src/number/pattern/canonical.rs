//! Patterns in canonical form: a prefix, a range or a fixed-length wildcard over digits.
//!
//! Promises: a [`Pattern`] is small, `Copy` and without heap. It fixes at least one digit and covers its numbers
//! by 10,000 prefixes at most, so every pattern can be compiled. [`Pattern::parse`] reads what [`fmt::Display`]
//! writes, and nothing else.
//!
//! An index files a pattern under its pieces: the fewest prefixes such that all digits that the pattern holds
//! begin with exactly one of them. [`Pattern::holds`] returns the length of that one. Digits that begin with a
//! piece may still have the wrong length.
//!
//! Leaves to others: how operators write patterns (`parse`), and lists.

use std::fmt;
use std::str::FromStr;

use crate::number::plan::digits::{self, TEN_TO};
use crate::number::plan::facts::{REGION, Region};
use crate::number::{text_as_json, words};

/// Stands for any digit in a wildcard.
pub(crate) const OPEN_DIGIT: u8 = b'X';
/// More open digits before the last fixed one than these would take over 10,000 prefixes.
const MOST_INNER_OPEN: usize = 4;

words! {
    /// Whose digits a pattern is about.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Pattern, Scope};
    ///
    /// assert_eq!("+90505*".parse::<Pattern>()?.scope(), Scope::E164);
    /// assert_eq!("1XXX".parse::<Pattern>()?.scope(), Scope::Local);
    /// # Ok::<(), callbar::NotCanonical>(())
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub enum Scope {
        /// E.164 digits, their calling code assigned or not: [`Number::E164`](crate::Number::E164) and
        /// [`Number::Unassigned`](crate::Number::Unassigned).
        E164 = "e164",
        /// Digits that are local to the domain: [`Number::Local`](crate::Number::Local).
        Local = "local",
    }
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
/// A number that is longer or shorter than its country's numbers can be is local. No pattern of E.164 digits
/// holds it, not even `+90505*` if it begins so. With a surplus digit the class
/// [`invalid`](crate::Class::Invalid) holds it, with too few digits [`short`](crate::Class::Short).
///
/// [`DialPlan::pattern`](crate::DialPlan::pattern) reads what people write. `FromStr`, `Display` and JSON have
/// the canonical form.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, Pattern};
///
/// let plan = DialPlan::new("TR")?;
/// let pattern = plan.pattern(b"0505*").ok_or("no pattern")??;
/// assert_eq!(pattern, "+90505*".parse::<Pattern>()?);
/// assert_eq!((pattern.kind(), pattern.to_string()), ("prefix", "+90505*".into()));
/// assert_eq!(pattern.holds(b"905050047824"), Some(5), "it fixes five digits");
/// assert_eq!(pattern.holds(b"905321112233"), None);
/// assert!(!pattern.is_broad());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pattern {
    scope: Scope,
    pub(crate) kind: PatternKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum PatternKind {
    Prefix(PatternPlaces),
    Range(DigitRange),
    Wildcard(PatternPlaces),
}

/// 1 to 19 digits and open digits, kept in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PatternPlaces {
    len: u8,
    /// Zeros after the places in use, so that equality may look at all of them.
    bytes: [u8; PatternPlaces::MAX],
}

/// The two ends as written. The first, padded, is not after the last.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct DigitRange {
    first: PatternPlaces,
    last: PatternPlaces,
}

impl PatternPlaces {
    pub(crate) const MAX: usize = 19;

    /// These digits and open digits; none if there are none or too many.
    pub(crate) fn new(places: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MAX];
        bytes.get_mut(..places.len())?.copy_from_slice(places);
        (!places.is_empty()).then_some(Self { len: places.len() as u8, bytes })
    }

    fn from_digits(digits: &[u8]) -> Option<Self> {
        if digits::all(digits) { Self::new(digits) } else { None }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// What stands up to the last digit: behind it all places are open.
    #[inline]
    pub(crate) fn fixed(&self) -> &[u8] {
        let places = self.as_bytes();
        let last = places.iter().rposition(|&place| place != OPEN_DIGIT);
        &places[..last.map_or(0, |last| last + 1)]
    }
}

impl fmt::Display for PatternPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().escape_ascii().fmt(f)
    }
}

impl DigitRange {
    /// Digits of the longer end.
    pub(crate) fn length(&self) -> usize {
        usize::from(self.first.len.max(self.last.len))
    }

    /// The integers that the ends write once they are of one length.
    pub(crate) fn bounds(&self) -> (u64, u64) {
        let gap = |end: &PatternPlaces| TEN_TO[self.length() - usize::from(end.len)];
        let value = |end: &PatternPlaces| digits::value(end.as_bytes()) * gap(end);
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
    pub(crate) fn prefix(scope: Scope, digits: &[u8]) -> Option<Self> {
        Some(Self { scope, kind: PatternKind::Prefix(PatternPlaces::from_digits(digits)?) })
    }

    /// From one end to the other; none if it ends before it starts.
    pub(crate) fn range(scope: Scope, first: &[u8], last: &[u8]) -> Option<Self> {
        let range = DigitRange {
            first: PatternPlaces::from_digits(first)?,
            last: PatternPlaces::from_digits(last)?,
        };
        let (lowest, highest) = range.bounds();
        (lowest <= highest).then_some(Self { scope, kind: PatternKind::Range(range) })
    }

    /// Digits and open digits; none if either is missing, or if it has over 10,000 pieces.
    pub(crate) fn wildcard(scope: Scope, places: &[u8]) -> Option<Self> {
        let is_place = |place: &u8| place.is_ascii_digit() || *place == OPEN_DIGIT;
        let wildcard = PatternPlaces::new(places).filter(|_| places.iter().all(is_place))?;
        let fixed = wildcard.fixed();
        (places.contains(&OPEN_DIGIT) && !fixed.is_empty() && !is_too_open(places))
            .then_some(Self { scope, kind: PatternKind::Wildcard(wildcard) })
    }

    /// Reads exactly what [`fmt::Display`] writes; `None` for any other text. `FromStr` does the same, with an
    /// error.
    ///
    /// # Examples
    /// ```
    /// use callbar::Pattern;
    ///
    /// let wildcard = Pattern::parse("+1999XXXXXXX").ok_or("no pattern")?;
    /// assert_eq!((wildcard.kind(), wildcard.to_string()), ("wildcard", "+1999XXXXXXX".into()));
    /// assert!(Pattern::parse("+90 505*").is_none(), "only a dial plan can read it");
    /// # Ok::<(), &str>(())
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// use callbar::Pattern;
    ///
    /// let range: Pattern = "+905050000000-+905050009999".parse()?;
    /// assert_eq!((range.kind(), range.holds(b"905050001234")), ("range", Some(8)));
    /// assert_eq!(range.holds(b"905050010000"), None);
    /// assert_eq!("+1999XXXXXXX".parse::<Pattern>()?.holds(b"19995550123"), Some(4));
    /// # Ok::<(), callbar::NotCanonical>(())
    /// ```
    #[inline]
    pub fn holds(&self, digits: &[u8]) -> Option<u8> {
        if !digits::all(digits) {
            return None;
        }
        match &self.kind {
            PatternKind::Prefix(prefix) => {
                digits.starts_with(prefix.as_bytes()).then_some(prefix.len)
            }
            PatternKind::Range(range) => range.holds(digits),
            PatternKind::Wildcard(wildcard) => {
                let places = wildcard.as_bytes();
                let agree = |(place, digit): (&u8, &u8)| *place == OPEN_DIGIT || place == digit;
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
            PatternKind::Prefix(_) => "prefix",
            PatternKind::Range(_) => "range",
            PatternKind::Wildcard(_) => "wildcard",
        }
    }
}

/// Whether a wildcard of these places leaves too many open before its last digit.
pub(crate) fn is_too_open(places: &[u8]) -> bool {
    let last = places.iter().rposition(|&place| place != OPEN_DIGIT).unwrap_or_default();
    let open = places[..last].iter().filter(|&&place| place == OPEN_DIGIT);
    open.take(MOST_INNER_OPEN + 1).count() > MOST_INNER_OPEN
}

fn after_plus(text: &str) -> (Scope, &str) {
    match text.strip_prefix('+') {
        Some(rest) => (Scope::E164, rest),
        None => (Scope::Local, text),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.scope == Scope::E164 { "+" } else { "" };
        match &self.kind {
            PatternKind::Prefix(prefix) => write!(f, "{plus}{prefix}*"),
            PatternKind::Range(DigitRange { first, last }) => {
                write!(f, "{plus}{first}-{plus}{last}")
            }
            PatternKind::Wildcard(wildcard) => write!(f, "{plus}{wildcard}"),
        }
    }
}

/// A text is no pattern in canonical form: the error of [`Pattern`]'s `FromStr`.
///
/// `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
///
/// # Examples
/// ```
/// use callbar::{NotCanonical, Pattern};
///
/// assert_eq!("+90 505*".parse::<Pattern>(), Err(NotCanonical));
/// assert_eq!(NotCanonical.to_string(), "is no pattern in canonical form");
/// assert_eq!(NotCanonical.remedy(), "read what people write by DialPlan::pattern");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NotCanonical;

impl NotCanonical {
    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        "read what people write by DialPlan::pattern"
    }
}

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is no pattern in canonical form")
    }
}

impl std::error::Error for NotCanonical {}

impl FromStr for Pattern {
    type Err = NotCanonical;

    /// Reads exactly what [`fmt::Display`] writes.
    fn from_str(canonical: &str) -> Result<Self, NotCanonical> {
        Self::parse(canonical).ok_or(NotCanonical)
    }
}

text_as_json!(Pattern);

/// One of the prefixes that cover a pattern: 0 to 19 digits.
///
/// # Examples
/// ```
/// use callbar::Pattern;
///
/// let piece = "+90505*".parse::<Pattern>()?.pieces()[0];
/// assert_eq!(piece.digits(), b"90505");
/// assert!(piece.assigned() && !piece.unassigned());
/// let piece = "+2*".parse::<Pattern>()?.pieces()[0];
/// assert!(piece.assigned() && piece.unassigned(), "+20 is Egypt, and +210 no country");
/// # Ok::<(), callbar::NotCanonical>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Piece(PatternPlaces);

impl Piece {
    /// The prefix of so many digits that an integer writes.
    fn from_value(mut value: u64, length: usize) -> Self {
        let mut bytes = [0; PatternPlaces::MAX];
        for place in bytes[..length].iter_mut().rev() {
            *place = b'0' + (value % 10) as u8;
            value /= 10;
        }
        Self(PatternPlaces { len: length as u8, bytes })
    }

    /// The digits, ASCII. None at all only for a range over all digits, `0-9`.
    #[inline]
    pub fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether E.164 digits that begin so can have an assigned calling code.
    pub fn assigned(&self) -> bool {
        self.threes().any(|three| Region::from_leading_digits(&three).is_some())
    }

    /// Whether E.164 digits that begin so can have a calling code that is not assigned.
    pub fn unassigned(&self) -> bool {
        self.threes().any(|three| Region::from_leading_digits(&three).is_none())
    }

    /// The first three digits of numbers that begin so: they decide the calling code.
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
    ///
    /// # Examples
    /// ```
    /// use callbar::Pattern;
    ///
    /// let range: Pattern = "+905-+90512".parse()?;
    /// let pieces = range.pieces();
    /// let digits: Vec<&[u8]> = pieces.iter().map(|piece| piece.digits()).collect();
    /// assert_eq!(digits, [&b"9050"[..], b"90510", b"90511", b"90512"]);
    /// # Ok::<(), callbar::NotCanonical>(())
    /// ```
    pub fn pieces(&self) -> Vec<Piece> {
        match &self.kind {
            PatternKind::Prefix(prefix) => vec![Piece(*prefix)],
            PatternKind::Range(range) => blocks(range),
            PatternKind::Wildcard(wildcard) => filled(wildcard),
        }
    }

    /// Whether it would bar a whole calling code or more, for which an operator must give consent: a piece of it
    /// is an assigned calling code, or the beginning of one. Of the local patterns only one over all digits is
    /// broad.
    ///
    /// # Examples
    /// ```
    /// use callbar::Pattern;
    ///
    /// let is_broad = |text: &str| text.parse().map(|pattern: Pattern| pattern.is_broad());
    /// assert_eq!((is_broad("+90*"), is_broad("+9*"), is_broad("+90505*")), (Ok(true), Ok(true), Ok(false)));
    /// ```
    pub fn is_broad(&self) -> bool {
        let is_broad = |piece: &Piece| match self.scope() {
            Scope::E164 => piece.spans_a_code(),
            Scope::Local => piece.digits().is_empty(),
        };
        self.pieces().iter().any(is_broad)
    }
}

/// From the lower end on, the largest block that begins there and ends in the range.
fn blocks(range: &DigitRange) -> Vec<Piece> {
    let (mut start, highest) = range.bounds();
    let mut pieces = Vec::new();
    loop {
        let open = (0..=range.length()).rev().find(|&open| {
            let size = TEN_TO[open];
            start.is_multiple_of(size) && size - 1 <= highest - start
        });
        // One number is a block that always fits.
        let open = open.unwrap_or_default();
        pieces.push(Piece::from_value(start / TEN_TO[open], range.length() - open));
        let last = start + (TEN_TO[open] - 1);
        if last == highest {
            return pieces;
        }
        start = last + 1;
    }
}

/// Each way to fill the open digits before the last that is fixed.
fn filled(wildcard: &PatternPlaces) -> Vec<Piece> {
    let length = wildcard.fixed().len();
    let mut digits = PatternPlaces { len: length as u8, ..*wildcard };
    digits.bytes[length..].fill(0);
    let open: Vec<usize> = (0..length).filter(|&at| wildcard.bytes[at] == OPEN_DIGIT).collect();
    (0..TEN_TO[open.len()])
        .map(|mut fill| {
            for &place in open.iter().rev() {
                digits.bytes[place] = b'0' + (fill % 10) as u8;
                fill /= 10;
            }
            Piece(digits)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            let piece = Piece::from_value(digits.parse().unwrap_or_default(), digits.len());
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
