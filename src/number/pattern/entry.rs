//! Numbers as operators write them on lists, and what may be wrong with one.

use super::canonical::Pattern;
use super::class::Class;
use super::masked_digits::{self, DigitMask};
use super::written_text::{CharacterRoom, WrittenText};
use super::{mistakes, number_in_text, other_notations, spreadsheet};
use crate::error::{NumberError, PatternError};
use crate::number::canonical::{LocalReason, Number, SUBSCRIBER};
use crate::number::characters::{self, DialString, may_be_host};
use crate::number::plan::dial::{self, DialledDigits};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::text::parse::{after_plus, opaque_user, urn_of_address};
use crate::number::text::uri::SERVICE_URN;

/// Why a number on a list may not do what its writer expects.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, Doubt};
///
/// let plan = DialPlan::new("US")?;
/// let doubt = |text: &str| plan.doubt(&plan.entry(text.as_bytes()));
/// assert_eq!(doubt("911"), Some(Doubt::Emergency));
/// assert_eq!(doubt("+1809"), Some(Doubt::Beginning));
/// assert_eq!(doubt("5550123"), Some(Doubt::Odd));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// An emergency number of the region: never barred, unless the domain wants that.
    Emergency,
    /// Begins with a plus and is too short to be called: perhaps the beginning of numbers, `+1809`.
    Beginning,
    /// As long as a number, seven digits or more, but no number of the region, so it is local. Perhaps its area
    /// code is missing, `5550123` in the United States, or the number is out of date.
    Odd,
}

/// What an operator's text stands for on a list.
///
/// # Examples
/// ```
/// use callbar::{Class, DialPlan, ParsedEntry};
///
/// let plan = DialPlan::new("TR")?;
/// assert_eq!(plan.parse_entry(b"Anonymous"), Ok(ParsedEntry::Class(Class::Anonymous)));
/// let number = plan.number(b"0505 004 78 24");
/// assert_eq!(plan.parse_entry(b"0505 004 78 24"), Ok(ParsedEntry::Number(number)));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsedEntry {
    /// A class, by its word.
    Class(Class),
    /// A prefix, range or wildcard.
    Pattern(Pattern),
    /// One number, service string or user; [`Number::Invalid`] if it cannot be on a list.
    Number(Number),
}

impl DialPlan {
    /// What an operator wrote on a list: a class, else a pattern, else a number. The text is decoded once.
    ///
    /// The same as to ask [`Class::named`], then [`DialPlan::pattern`], then [`DialPlan::entry`].
    ///
    /// # Errors
    /// Of what is meant as a pattern and cannot be one, see [`DialPlan::pattern`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, ParsedEntry};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// for text in ["anonymous", "0505*", "0505 004 78 24"] {
    ///     match plan.parse_entry(text.as_bytes())? {
    ///         ParsedEntry::Class(class) => println!("the class {class}"),
    ///         ParsedEntry::Pattern(pattern) => println!("the pattern {pattern}"),
    ///         ParsedEntry::Number(number) => println!("the number {number}"),
    ///         _ => return Err("a kind of entry that this program does not know".into()),
    ///     }
    /// }
    /// assert!(plan.parse_entry(b"+90505**").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_entry(&self, text: &[u8]) -> Result<ParsedEntry, PatternError> {
        if let Some(number) = self.short(text) {
            return Ok(ParsedEntry::Number(Number::E164(number)));
        }
        if let Some(dialled) = digits_alone(text) {
            return Ok(ParsedEntry::Number(dialled.number(self, &mut ())));
        }
        let text = spreadsheet::without_formula(text);
        if let Some(class) = Class::named(text) {
            return Ok(ParsedEntry::Class(class));
        }
        let mut room = CharacterRoom::new();
        let written = WrittenText::new(text, &mut room);
        match self.written_pattern(&written) {
            Some(pattern) => pattern.map(ParsedEntry::Pattern),
            None => Ok(ParsedEntry::Number(self.written_number(text, &written))),
        }
    }

    /// The canonical number of what an operator wrote on a list, from any bytes.
    ///
    /// The same as [`DialPlan::number`], but where that finds an opaque user this looks for a number as
    /// libphonenumber does. Letters stand for digits (`1-800-FLOWERS`) unless the digits alone are a number
    /// (`0171 1234567 Max`). An extension (`x3`, `ext. 3`) is dropped, and so is a label (`Tel: +90 ...`). Any
    /// other text is a user if RFC 3261 section 25.1 lets a user be written so, else invalid: a list is better
    /// without an entry than with one that no call has.
    ///
    /// Invalid too, each with a reason:
    /// - two numbers in one text, and the short form of a range (`0850 304 00 00-99`);
    /// - patterns of other systems (`_0505XXXXXXX`, `[2-9]11`, `0505%`, `NPA-NXX-XXXX`);
    /// - numbers with hidden digits (`0505XXX7824`, `212-555-014X`, `0505***7824`). Use
    ///   [`DialPlan::parse_entry`] where patterns may stand;
    /// - what spreadsheets make of numbers (`9,0505E+11`, `905050047824.0`); but `="05050047824"` is what it
    ///   quotes;
    /// - what comes onto lists by mistake (`NULL`, `<html>`, `alice*`).
    ///
    /// A user, local number or service string that is written with its host, `alice@evil.example`, keeps it. The
    /// entry holds calls from or to that host alone, and is longer than one without a host.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Number};
    ///
    /// let plan = DialPlan::new("US")?;
    /// assert_eq!(plan.entry(b"1-800-FLOWERS").to_string(), "+18003569377");
    /// assert_eq!(plan.entry(b"(212) 555-0147 ext. 3").to_string(), "+12125550147");
    /// let lost = plan.entry(b"9.0505E+11");
    /// assert!(matches!(lost, Number::Invalid(error) if error.code() == "spreadsheet"));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn entry(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => self.long_entry(text),
        }
    }

    fn long_entry(&self, text: &[u8]) -> Number {
        let text = spreadsheet::without_formula(text);
        match digits_alone(text) {
            Some(dialled) => dialled.number(self, &mut ()),
            None => self.written_number(text, &WrittenText::new(text, &mut CharacterRoom::new())),
        }
    }

    /// The number of a text, as it stands and taken apart.
    fn written_number(&self, text: &[u8], written: &WrittenText<'_>) -> Number {
        if let Some(reason) = self.refused(written) {
            return Number::Invalid(reason);
        }
        if let Some(number) = self.short_number(text) {
            return Number::E164(number);
        }
        let number = self.read_entry(written);
        if matches!(number, Number::Opaque(_) | Number::Service(_))
            && mistakes::is_broken(written.text)
        {
            return Number::Invalid(NumberError::OtherCharacters);
        }
        at_host(number, written.address.host)
    }

    /// The long way of an entry.
    fn read_entry(&self, written: &WrittenText<'_>) -> Number {
        let address = &written.address;
        if address.is_withheld() {
            return Number::Anonymous;
        }
        let (_, params) = address.subscriber();
        urn_of_address(address)
            .or_else(|| self.with_params(&written.dial_string(self)?, params, &mut ()))
            .or_else(|| self.number_among_others(written.subscriber()?))
            .unwrap_or_else(|| listed_user(written))
    }

    /// Why an operator's text is no entry, before its digits are read.
    fn refused(&self, written: &WrittenText<'_>) -> Option<NumberError> {
        let WrittenText { text, address, is_bare, .. } = written;
        if digits::all(after_plus(text).1) {
            return None;
        }
        let is_notation = |user: &[char]| {
            other_notations::is_foreign(user, address.user)
                || *is_bare && other_notations::is_template(user)
        };
        spreadsheet::mistake(address.user, *is_bare)
            .or_else(|| mistakes::mistake(text, address.user))
            .or_else(|| {
                written.user().is_some_and(is_notation).then_some(NumberError::OtherNotation)
            })
            .or_else(|| self.two_numbers(written.all_of_user()))
    }

    /// What an operator wrote among other characters.
    fn number_among_others(&self, subscriber: &[char]) -> Option<Number> {
        let trimmed = number_in_text::trim(subscriber)?;
        if self.is_masked(trimmed.number) {
            return Some(Number::Invalid(NumberError::MaskedDigits));
        }
        let found = number_in_text::find(trimmed)?;
        let number = self.dialled(&found.line, &mut ())?;
        let is_sure = match &number {
            Number::E164(number) => found.without_letters.is_none_or(|digits| {
                dial::fits_general_pattern(*number) && !self.is_whole(&digits)
            }),
            // Too much of a guess for a number that is not even possible.
            _ => !found.guessed,
        };
        is_sure.then_some(if found.repeats_a_letter {
            Number::Invalid(NumberError::OtherNotation)
        } else {
            number
        })
    }

    /// Whether an X stands for digits that are not shown. Behind a whole number, even one without its area code,
    /// it announces an extension.
    fn is_masked(&self, number: &[char]) -> bool {
        const WHOLE: [LocalReason; 3] =
            [LocalReason::LocalOnly, LocalReason::ShortCode, LocalReason::Emergency];
        let digits = match masked_digits::mask(number) {
            None => return false,
            Some(DigitMask::Run) => return true,
            Some(DigitMask::After(digits)) => digits,
        };
        match self.dialled(&digits, &mut ()) {
            Some(Number::E164(_) | Number::Unassigned(_)) => false,
            Some(Number::Local(text)) => !WHOLE.contains(&text.local_reason()),
            _ => true,
        }
    }

    /// Whether the digits are a number already, so that letters beside them are a remark.
    fn is_whole(&self, digits: &DialString) -> bool {
        match self.dialled(digits, &mut ()) {
            Some(Number::E164(_)) => true,
            // Six digits or fewer are the beginning of a vanity number as well.
            Some(Number::Local(text)) if digits.dialled().len() > 6 => {
                text.local_reason() == LocalReason::LocalOnly
                    && !self.home().may_have_prefix(digits.dialled())
            }
            _ => false,
        }
    }

    /// Why the number may not do on a list what its writer expects, if there is a reason.
    ///
    /// For numbers that were read from a text: only these know why they are local. Costs what
    /// [`is_emergency`](Self::is_emergency) does and allocates nothing.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Doubt};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert_eq!(plan.doubt(&plan.entry(b"155")), Some(Doubt::Emergency));
    /// assert_eq!(plan.doubt(&plan.entry(b"0505 004 78 24")), None);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn doubt(&self, number: &Number) -> Option<Doubt> {
        if self.is_emergency(number) {
            return Some(Doubt::Emergency);
        }
        let Number::Local(text) = number else { return None };
        let international = text.as_bytes().strip_prefix(b"+");
        let is_short =
            matches!(text.local_reason(), LocalReason::TooShort | LocalReason::LocalOnly);
        if is_short && international.is_some() {
            return Some(Doubt::Beginning);
        }
        let is_odd = is_short
            || matches!(text.local_reason(), LocalReason::TooLong | LocalReason::WrongLength);
        let digits = digits::run(international.unwrap_or(text.as_bytes()));
        (is_odd && digits >= SUBSCRIBER).then_some(Doubt::Odd)
    }
}

/// A text of digits alone, perhaps behind a plus, and of no more than a canonical form has.
fn digits_alone(text: &[u8]) -> Option<DialledDigits<'_>> {
    let (plus, digits) = after_plus(text);
    let is_short = (1..=characters::MOST_BYTES).contains(&digits.len());
    (is_short && digits::all(digits)).then_some(DialledDigits { plus, digits })
}

/// The user, percent-decoded, if it can be one on a list.
fn listed_user(written: &WrittenText<'_>) -> Number {
    let user = written.address.user;
    let mut characters = written.all_of_user().flatten();
    if !characters.any(char::is_alphanumeric) {
        return Number::Invalid(NumberError::NotAUser);
    }
    opaque_user(user, &mut ())
}

/// A number that holds calls from or to one host alone; E.164 numbers are the same at every host, and
/// so are service URNs.
fn at_host(number: Number, host: &[u8]) -> Number {
    match &number {
        _ if host.is_empty() => number,
        Number::Opaque(_) if !may_be_host(host) => Number::Invalid(NumberError::NotAUser),
        Number::Service(text) if text.as_bytes().starts_with(SERVICE_URN) => number,
        Number::Opaque(_) | Number::Local(_) | Number::Service(_) if may_be_host(host) => {
            number.at_host(host).unwrap_or(Number::Invalid(NumberError::TooLong))
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(region: &str, text: &str) -> Option<Doubt> {
        let plan = DialPlan::new(region).unwrap();
        plan.doubt(&plan.entry(text.as_bytes()))
    }

    #[test]
    fn doubtful_numbers_are_recognised() {
        for (region, text, expected) in [
            ("TR", "112", Doubt::Emergency),
            ("TR", "+90112", Doubt::Emergency),
            ("TR", "+1809", Doubt::Beginning),
            ("TR", "tel:+1-809", Doubt::Beginning),
            ("TR", "+90", Doubt::Beginning),
            ("US", "5550123", Doubt::Odd),
            ("TR", "+52 155 12345678901", Doubt::Odd),
            ("BJ", "97123456", Doubt::Odd),
            ("US", "2. 212-555-0123", Doubt::Odd),
        ] {
            assert_eq!(doubt(region, text), Some(expected), "{text} in {region}");
        }
        for text in ["0850", "212", "1001", "*67", "+905050047824", "alice", "+999123456789", ""] {
            assert_eq!(doubt("TR", text), None, "{text}");
        }
        assert_eq!(doubt("TR", "5550123;phone-context=my.example"), None);
    }
}
