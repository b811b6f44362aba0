//! From patterns as operators write them to canonical ones, by a dial plan.
//!
//! `shape` recognises the form of a pattern, and `partial_numbers` finds the canonical form of its digits. A text
//! that is no pattern is left to [`DialPlan::entry`].
//!
//! A dash stands between the ends of a range and inside of numbers. The plan decides which it is, see
//! [`DialPlan::pattern`].

use super::canonical::{self, OPEN_DIGIT, Pattern, PatternPlaces, Scope};
use super::partial_numbers::{CanonicalPlaces, joined};
use super::shape::{self, PatternShape, Symbols, line};
use super::written_text::{CharacterRoom, WrittenText};
use super::{other_notations, spreadsheet};
use crate::error::PatternError;
use crate::number::canonical::LocalReason;
use crate::number::characters::DialString;
use crate::number::plan::automaton;
use crate::number::plan::dial::{self, DialledDigits, FEW_DIGITS};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::text::parse::global_context;
use crate::number::text::uri;

/// A pattern, or why what was meant as one is none.
pub(crate) type PatternResult = Result<Pattern, PatternError>;

impl DialPlan {
    /// The pattern that an operator wrote; none if the text is no pattern, but an entry for
    /// [`DialPlan::entry`].
    ///
    /// Reads what a number may be written in: a plus, international and trunk prefixes, separators,
    /// digits of every script, URIs, percent-encoding. `0505*` in Turkey is `+90505*`,
    /// and so is `505*`. What no E.164 number of the plan can look like is local: `1XXX`.
    ///
    /// - Prefix: digits and a `*` at the end. What begins with `*` or `#` is a service string.
    /// - Wildcard: an `X` in either case for each open digit. A single one among digits is an
    ///   extension's label if they are a number without it, and Brazil's `0XX` before a number is
    ///   the place of a carrier's code.
    /// - Range: two ends with a dash between them, the only one or the only one among spaces. With
    ///   a plus before the last end that is all. Else both ends must be E.164 numbers by the plan,
    ///   or have the same count of digits, three or more unless spaces stand around the dash; and
    ///   the whole must not be one number, such as `0212-5550123`, but for ends that are numbers and
    ///   begin alike. Ends of at most six digits without plus and prefixes are local: `1000-1999`.
    ///
    /// Tries some tens of numbers at most and allocates nothing.
    ///
    /// # Errors
    /// Why a text that is meant as a pattern cannot be one. It has no digits or more than 19, ends before it
    /// starts, takes over 10,000 prefixes, or may be read in several ways, for instance.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let read = |text: &str| plan.pattern(text.as_bytes()).map(|read| read.map(|p| p.to_string()));
    /// assert_eq!(read("0505*"), Some(Ok("+90505*".into())));
    /// assert_eq!(read("1XXX"), Some(Ok("1XXX".into())));
    /// assert_eq!(read("0505 004 78 24"), None, "a number");
    /// let error = plan.pattern(b"+90506-+90505").ok_or("no pattern")?.unwrap_err();
    /// assert_eq!((error.code(), error.remedy()), ("reversed", "write the lower number first"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pattern(&self, text: &[u8]) -> Option<PatternResult> {
        let text = spreadsheet::without_formula(text);
        if shape::may_be_pattern(text) {
            self.written_pattern(&WrittenText::new(text, &mut CharacterRoom::new()))
        } else {
            None
        }
    }

    /// The same, of a text that is taken apart.
    pub(crate) fn written_pattern(&self, written: &WrittenText<'_>) -> Option<PatternResult> {
        if let Some(pattern) = canonical_wildcard(written.text) {
            let places = line(written.text)?;
            let placed = CanonicalPlaces { scope: Scope::E164, places, is_bare: false };
            let CanonicalPlaces { scope, places, .. } = self.short_codes(placed);
            return Some(Ok(Pattern::wildcard(scope, places.dialled()).unwrap_or(pattern)));
        }
        let read = self.address_pattern(written)?;
        let is_local = |pattern: &Pattern| pattern.scope() == Scope::Local;
        Some(read.and_then(|pattern| {
            // E.164 numbers are the same at every host, local ones are not.
            if !written.address.host.is_empty() && is_local(&pattern) {
                Err(PatternError::LocalAtHost)
            } else {
                Ok(pattern)
            }
        }))
    }

    /// The pattern of an address, its host aside.
    fn address_pattern(&self, written: &WrittenText<'_>) -> Option<PatternResult> {
        let (subscriber, params) = written.address.subscriber();
        if !shape::may_be_pattern(subscriber) {
            return None;
        }
        let symbols = Symbols::from_characters(written.around_idle_zero(self)?)?;
        if other_notations::is_foreign(written.subscriber()?, subscriber) {
            return Some(Err(PatternError::OtherNotation));
        }
        let symbols = symbols.as_bytes();
        let shape = shape::shape(symbols)?;
        if let PatternShape::Refused(reason) = shape {
            return Some(Err(reason));
        }
        let context = uri::phone_context(params).filter(|_| !symbols.contains(&b'+'));
        let front = match context.map(global_context) {
            None => DialString::new(false),
            Some(Some(global)) => global,
            Some(None) => return Some(Err(PatternError::DomainContext)),
        };
        let places = |symbols| behind(&front, symbols);
        match shape {
            PatternShape::Refused(reason) => Some(Err(reason)),
            PatternShape::Prefix(digits) => Some(self.prefix(&places(digits)?)),
            PatternShape::Wildcard(symbols) => self.wildcard(&places(symbols)?),
            PatternShape::WildcardOrExtension(symbols) => {
                let places = places(symbols)?;
                if self.is_extension(&places) { None } else { self.wildcard(&places) }
            }
            PatternShape::Range(first, last) => Some(self.range(&places(first)?, &places(last)?)),
            PatternShape::RangeOrNumber { first, last, spaced } => {
                self.range_or_number(&places(first)?, &places(last)?, spaced)
            }
        }
    }

    fn prefix(&self, digits: &DialString) -> PatternResult {
        let CanonicalPlaces { scope, places, is_bare } = self.place(digits, true)?;
        checked(places.dialled())?;
        if scope == Scope::E164 && is_bare && self.begins_codes(digits.dialled()) {
            return Err(PatternError::BeginsShortCodes);
        }
        if scope == Scope::Local && self.is_torn(places.dialled()) {
            return Err(PatternError::UnassignedPrefix);
        }
        Pattern::prefix(scope, places.dialled()).ok_or(PatternError::TooLong)
    }

    /// None if what it looks like is a user's name.
    fn wildcard(&self, places: &DialString) -> Option<PatternResult> {
        if canonical::is_too_open(places.dialled()) {
            return Some(Err(PatternError::TooOpen));
        }
        let CanonicalPlaces { scope, places: canonical, .. } = match self.place(places, false) {
            Ok(found) => self.short_codes(found),
            Err(reason) => return Some(Err(reason)),
        };
        if scope == Scope::Local && !places.dialled()[0].is_ascii_digit() {
            return None;
        }
        let wildcard =
            || Pattern::wildcard(scope, canonical.dialled()).ok_or(PatternError::TooOpen);
        Some(checked(canonical.dialled()).and_then(|()| wildcard()))
    }

    /// Whether the one X is no open digit, but the label of an extension or a mere remark.
    fn is_extension(&self, places: &DialString) -> bool {
        let (before, after) = places.dialled().split_at(digits::run(places.dialled()));
        let after = &after[1..];
        let is_number = self.usual_number(places.plus, before).is_some();
        let is_whole = (b'0'..=b'9').any(|digit| {
            let filled = joined(&[before, &[digit], after]);
            self.usual_number(places.plus, filled.dialled()).is_some()
        });
        if after.is_empty() { is_number && !is_whole } else { is_number || !is_whole }
    }
}

/// Why these places cannot be a pattern.
pub(crate) fn checked(places: &[u8]) -> Result<(), PatternError> {
    if !places.iter().any(u8::is_ascii_digit) {
        return Err(PatternError::NoCallingCode);
    }
    if places.len() > PatternPlaces::MAX { Err(PatternError::TooLong) } else { Ok(()) }
}

/// Digits and open digits of the symbols behind a global context, or behind nothing.
fn behind(front: &DialString, symbols: &[u8]) -> Option<DialString> {
    let line = line(symbols)?;
    let mut joined = DialString::new(line.plus || front.plus);
    (joined.extend(front.dialled()) && joined.extend(line.dialled())).then_some(joined)
}

/// A wildcard in canonical form behind a plus. It reads back as explanations show it, though elsewhere a single X
/// among digits is the label of an extension.
fn canonical_wildcard(text: &[u8]) -> Option<Pattern> {
    // The plus may be a mistake, or a mobile mark may follow it: these are read like others.
    let is_other = [&b"+0"[..], b"+549", b"+521"].iter().any(|other| text.starts_with(other));
    if !text.starts_with(b"+") || is_other || !text.contains(&OPEN_DIGIT) {
        return None;
    }
    str::from_utf8(text).ok().and_then(Pattern::parse)
}

/// Shorter groups around a dash without spaces are one local number.
const FEWEST_IN_RANGE: usize = 3;

impl DialPlan {
    /// The E.164 digits of a number that matches the general pattern of its calling code.
    pub(crate) fn usual_number(&self, plus: bool, digits: &[u8]) -> Option<u64> {
        let number = self.plain_digits(plus, digits)?;
        dial::fits_general_pattern(number).then(|| number.get())
    }

    /// The pattern from one end to the other.
    pub(crate) fn range(&self, first: &DialString, last: &DialString) -> PatternResult {
        let (first, last) = (self.range_end(first)?, self.range_end(last)?);
        if first.scope != last.scope {
            return Err(PatternError::EndsOfTwoKinds);
        }
        let (scope, first, last) = (first.scope, first.places, last.places);
        checked(first.dialled()).and(checked(last.dialled()))?;
        let short = |end: &DialString| end.dialled().len() < FEWEST_IN_RANGE;
        if scope == Scope::Local && (short(&first) || short(&last)) {
            // Its canonical form would read back as one number.
            return Err(PatternError::ShortLocalEnds);
        }
        Pattern::range(scope, first.dialled(), last.dialled()).ok_or(PatternError::Reversed)
    }

    /// An end of a range: a whole number, or what numbers begin with.
    fn range_end(&self, digits: &DialString) -> Result<CanonicalPlaces, PatternError> {
        if let Some(number) = self.usual_number(digits.plus, digits.dialled()) {
            let (room, start) = digits::ascii(number);
            let places = joined(&[&room[start..]]);
            return Ok(CanonicalPlaces { scope: Scope::E164, places, is_bare: false });
        }
        if Self::is_marked(digits) {
            return Err(PatternError::MobileMarkInRange);
        }
        let mut end = self.place(digits, true)?;
        if end.is_bare && digits.dialled().len() <= FEW_DIGITS {
            (end.scope, end.places) = (Scope::Local, joined(&[digits.dialled()]));
        }
        Ok(end)
    }

    /// A range, unless the dash only separates; see [`DialPlan::pattern`] for the rule.
    pub(crate) fn range_or_number(
        &self,
        first: &DialString,
        last: &DialString,
        spaced: bool,
    ) -> Option<PatternResult> {
        let (a, b) = (first.dialled(), last.dialled());
        let both_are_numbers =
            self.usual_number(first.plus, a).is_some() && self.usual_number(last.plus, b).is_some();
        let is_comparable =
            a.len() == b.len() && (both_are_numbers || spaced || a.len() >= FEWEST_IN_RANGE);
        let is_number = self.is_one_number(&DialString::from_parts(first.plus, &[a, b]));
        if !(is_comparable || both_are_numbers && !is_number) {
            return None;
        }
        // Where numbers are long, the halves of one may be numbers by chance: 016890-850000 in
        // Germany. The ends of a range begin alike.
        if !is_number || both_are_numbers && a[..2] == b[..2] {
            return Some(self.range(first, last));
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
            false if are_codes() => Some(self.range(first, last)),
            false => Some(Err(PatternError::NumberOrRange)),
        }
    }

    /// Whether digits are one number, if need be without its area code.
    fn is_one_number(&self, line: &DialString) -> bool {
        let dialled = DialledDigits { plus: line.plus, digits: line.dialled() };
        match dial::dial(self, dialled) {
            Ok(number) => dial::fits_general_pattern(number),
            Err(why) => why == LocalReason::LocalOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical pattern, `refused` with the reason, or nothing.
    fn read(plan: &DialPlan, text: &str) -> String {
        match plan.pattern(text.as_bytes()) {
            None => String::new(),
            Some(Ok(pattern)) => pattern.to_string(),
            Some(Err(reason)) => format!("refused: {}", reason.as_str()),
        }
    }

    #[track_caller]
    fn check(region: &str, rows: &[(&str, &str)]) {
        let plan = DialPlan::new(region).unwrap();
        for (text, expected) in rows {
            assert_eq!(read(&plan, text), *expected, "{text:?} in {region}");
        }
    }

    #[track_caller]
    fn refused(region: &str, text: &str, reason: &str) {
        let read = read(&DialPlan::new(region).unwrap(), text);
        assert!(read.starts_with("refused: ") && read.contains(reason), "{text:?}: {read}");
    }

    #[test]
    fn canonical_wildcards_read_back_as_they_are() {
        for (region, text) in
            [("TR", "+90212555X00"), ("AT", "+43370270X00"), ("TR", "+49301234X5")]
        {
            let pattern = DialPlan::new(region).unwrap().pattern(text.as_bytes());
            assert_eq!(pattern.unwrap().unwrap().to_string(), text, "{region}");
        }
    }

    #[test]
    fn patterns_are_one_however_they_are_written() {
        check(
            "TR",
            &[
                ("+90505*", "+90505*"),
                ("0505*", "+90505*"),
                ("505*", "+90505*"),
                ("90505*", "+90505*"),
                ("0090505*", "+90505*"),
                ("+90 (0) 505*", "+90505*"),
                (" (0505) 12 * ", "+9050512*"),
                ("sip:0505*@gw;user=phone", "+90505*"),
                ("tel:+90-505*;ext=3", "+90505*"),
                ("tel:505*;phone-context=+90", "+90505*"),
                ("%2B90505*", "+90505*"),
                ("\u{FF0B}\u{669}\u{660}\u{665}*", "+905*"),
                ("0505 000 XX XX", "+90505000XXXX"),
                ("0505xxxxxxx", "+90505XXXXXXX"),
                ("+1999XXXXXXX", "+1999XXXXXXX"),
                ("0505004782X", "+90505004782X"),
                ("0505-0506", "+90505-+90506"),
                ("+90505-+90506", "+90505-+90506"),
                ("+90505-90506", "+90505-+90506"),
                ("0505 - 0506", "+90505-+90506"),
                ("0505\u{2013}0506", "+90505-+90506"),
                ("05050000000-05050009999", "+905050000000-+905050009999"),
                ("0505 000 00 00 - 0505 000 99 99", "+905050000000-+905050009999"),
                ("+905050000000-+905050009999", "+905050000000-+905050009999"),
                ("1XXX", "1XXX"),
                ("12*", "12*"),
                ("1000-1999", "1000-1999"),
                ("999*", "999*"),
                ("+999*", "+999*"),
            ],
        );
    }

    #[test]
    fn regions_read_patterns_as_they_dial() {
        check(
            "US",
            &[
                ("212*", "+1212*"),
                ("1212*", "+1212*"),
                ("011 90 505*", "+90505*"),
                ("2XXX", "2XXX"),
                ("2000-2999", "2000-2999"),
                ("(212) 555-XXXX", "+1212555XXXX"),
                ("1-800-XXX-XXXX", "+1800XXXXXXX"),
                // What no one can have is E.164 when it calls, and so is its pattern.
                ("0XXXXXXXXX", "+10XXXXXXXXX"),
                ("1XXXXXXXXX", "+11XXXXXXXXX"),
                ("000XXXXXXX", "+1000XXXXXXX"),
                ("0123456*", "+10123456*"),
                ("+1000*", "+1000*"),
                ("0XXX", "0XXX"),
                ("11*", "11*"),
                ("0000-0999", "0000-0999"),
            ],
        );
        check("GB", &[("020*", "+4420*"), ("44*", "+44*"), ("+44 (0)20*", "+4420*")]);
        check("IT", &[("02*", "+3902*"), ("+3902*", "+3902*")]);
        check("DE", &[("030 90*", "+493090*"), ("1XXX", "1XXX")]);
        check("RU", &[("8495XXXXXXX", "+7495XXXXXXX"), ("8~10 90505*", "+90505*")]);
        check(
            "AR",
            &[
                ("011 15 23*", "+541123*"),
                ("+54 9 11 23*", "+541123*"),
                ("11 23*", "+541123*"),
                ("+54911XXXXXXXX", "+5411XXXXXXXX"),
                ("+54 9 11 5555 0000 - +54 9 11 5555 9999", "+541155550000-+541155559999"),
            ],
        );
        check(
            "MX",
            &[("+52 1 55*", "+5255*"), ("+521XXXXXXXXXX", "+52XXXXXXXXXX"), ("55 12*", "+525512*")],
        );
        check(
            "TR",
            &[
                ("+0090505*", "+90505*"),
                ("+0505*", "+90505*"),
                ("+0505XXXXXXX", "+90505XXXXXXX"),
                ("+0505 - +0506", "+90505-+90506"),
                ("+00999*", "+999*"),
                ("+48 (0) 22*", "+4822*"),
                ("0048 (0) 22*", "+4822*"),
            ],
        );
        check("IT", &[("+39 (0) 2*", "+3902*")]);
        check(
            "FR",
            &[("+33 36XX", "36XX"), ("0033 36XX", "36XX"), ("+33 6XXXXXXXX", "+336XXXXXXXX")],
        );
        check("US", &[("+14XX", "4XX")]);
        refused("TR", "5XX@pbx.other", "names a host");
        refused("AR", "+5490-+5499", "whole numbers");
        refused("AR", "+549*", "mobile 9");
        refused("MX", "+521*", "mobile 1");
        refused("FR", "336*", "several ways");
        refused("US", "0*", "no assigned number");
        refused("US", "000*", "no assigned number");
        refused("TR", "0901*", "no assigned number");
        refused("GB", "04*", "no assigned number");
        refused("TR", "00*", "fixes no digit");
    }

    #[test]
    fn what_begins_short_codes_and_numbers_is_refused() {
        for region in ["DE", "GB", "FR", "AT", "IT", "SE", "PL", "NL"] {
            refused(region, "118*", "begins short codes");
        }
        for (region, text) in [
            ("GB", "118118*"),
            ("FR", "3*"),
            ("FR", "36*"),
            ("US", "411*"),
            ("BR", "1*"),
            ("IN", "19*"),
        ] {
            refused(region, text, "begins short codes");
        }
        // No number begins so, or no short code that somebody calls.
        for region in ["TR", "ES", "CH"] {
            check(region, &[("118*", "118*")]);
        }
        check("TR", &[("555*", "+90555*"), ("54*", "+9054*")]);
        check("US", &[("212*", "+1212*"), ("2125*", "+12125*")]);
        check("CH", &[("79*", "+4179*"), ("441*", "+41441*")]);
        check("DE", &[("118XX", "118XX"), ("0118*", "+49118*"), ("+49118*", "+49118*")]);
        check("GB", &[("0118*", "+44118*"), ("1181234*", "+441181234*")]);
    }

    #[test]
    fn carriers_codes_and_area_codes_are_distinguished() {
        // A number behind a carrier's code is longer than one without.
        refused("BR", "0 15 11*", "several ways");
        refused("BR", "021*", "several ways");
        check("BR", &[("0 11*", "+5511*"), ("0 15 11 XXXX XXXX", "+5511XXXXXXXX")]);
        check("BR", &[("0 15 XXXX XXXX", "+5515XXXXXXXX"), ("+55 15 11*", "+551511*")]);
    }

    #[test]
    fn other_entries_are_no_patterns() {
        for text in [
            "",
            "*67",
            "*21*5#",
            "+1-800-FLOWERS",
            "05050047824x3",
            "(0XX11)7824",
            "alice",
            "XXXX",
            "xx99",
            "anonymous",
            "+905050047824",
            "sip:alice@a-b.com",
            "0505 004 78 24 x",
        ] {
            check("TR", &[(text, "")]);
        }
    }

    #[test]
    fn malformed_patterns_are_refused_with_the_reason() {
        for (text, reason) in [
            ("+*", "without digits"),
            ("-*", "without digits"),
            ("+XXX", "every digit open"),
            ("+90506-+90505", "ends before it starts"),
            ("0506 - 0505", "ends before it starts"),
            ("+90506-90505", "ends before it starts"),
            ("+90XXXXX1", "over 10,000"),
            ("12345678901234567890*", "19 digits"),
            ("+90505-+12345678901234567890", "19 digits"),
            ("+90505-+", "two ends"),
            ("+90505X*", "both X and *"),
            ("+90505*7824", "* among its digits"),
            ("[2-9]XX", "another system's"),
            ("+1212[0-9]*", "another system's"),
            ("1000-+90505", "one local and one E.164 end"),
            ("tel:12*;phone-context=a.com", "domain"),
        ] {
            refused("TR", text, reason);
        }
    }

    #[test]
    fn options_of_the_plan_count() {
        let plan = DialPlan::new("TR")
            .and_then(|plan| plan.with_technical_prefix("99#"))
            .and_then(|plan| plan.with_technical_prefix("77"))
            .and_then(|plan| plan.with_international_prefix("010"))
            .unwrap();
        for (text, expected) in [
            // A technical prefix is dialled, and stands before no entry.
            ("99#0505*", ""),
            ("77 0505*", "770505*"),
            ("010 90505*", "+90505*"),
            ("98#0505*", ""),
        ] {
            assert_eq!(read(&plan, text), expected, "{text}");
        }
        let e164 = DialPlan::new("TR").unwrap().with_plain_e164(true);
        assert_eq!(read(&e164, "4930*"), "+4930*");
        assert_eq!(read(&e164, "0505*"), "+90505*");
    }

    fn read_in(region: &str, text: &str) -> String {
        read(&DialPlan::new(region).unwrap(), text)
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
            assert_eq!(read_in(region, text), "", "{text:?} in {region}");
        }
        assert!(read_in("DE", "1000-1999").contains("a number or a range"));
        assert_eq!(read_in("DE", "11800-11899"), "11800-11899", "short codes have no other form");
        assert!(read_in("DE", "(168) 543-341780").contains("a number or a range"));
        assert!(read_in("SG", "6000-6999").contains("a number or a range"));
        assert!(read_in("SG", "6123 - 6199").contains("a number or a range"));
    }
}
