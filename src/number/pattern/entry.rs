//! Numbers as operators write them on lists, and what may be wrong with one.

use super::masked_digits::DigitMask;
use super::{mistakes, number_in_text, other_notations};
use crate::number::canonical::{LocalReason, Number, Reason};
use crate::number::characters::{Characters, DialString, may_be_host};
use crate::number::digits;
use crate::number::plan::dial;
use crate::number::plan::dial_plan::DialPlan;
use crate::number::text::parse::{after_plus, is_urn, opaque_user};
use crate::number::text::uri::Address;

/// Local numbers of fewer digits are extensions more often than not.
const SUBSCRIBER: usize = 7;

/// Why a number on a list may not do what its writer expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// An emergency number of the region: never barred, unless the domain wants that.
    Emergency,
    /// PrefixMatch with a plus and is too short to be called: perhaps the beginning of numbers, `+1809`.
    Beginning,
    /// As long as a number, seven digits or more, and none of the region, so taken as dialled: perhaps
    /// without its area code, `5550123` in the United States, or of former times.
    Odd,
}

impl DialPlan {
    /// The canonical number of what an operator wrote on a list, from any bytes.
    ///
    /// The same as [`DialPlan::number`], but where that finds an opaque user this looks for a
    /// number as libphonenumber does: letters stand for digits (`1-800-FLOWERS`) unless the digits
    /// alone are a number (`0171 1234567 Max`), an extension (`x3`, `ext. 3`) is dropped, and so is
    /// what stands around (`Tel: +90 ...`). What is no number is a user only if RFC 3261 section
    /// 25.1 lets a user be written so, else invalid: a list is better without an entry than with
    /// one that no call has.
    ///
    /// Therefore invalid too, with the remedy as their reason: two numbers in one text, the short
    /// form of a range (`0850 304 00 00-99`), patterns of other systems (`_0505XXXXXXX`,
    /// `[2-9]11`, `0505%`, `NPA-NXX-XXXX`), numbers of which digits are hidden (`0505XXX7824`,
    /// `212-555-014X`, `0505***7824`; ask [`DialPlan::pattern`] first where patterns may stand), and what
    /// comes onto lists by mistake (`905050047824.0`, `NULL`, `<html>`, `alice*`).
    ///
    /// A user, local number or service string that is written with its host, `alice@evil.example`, keeps
    /// it: the entry holds calls from or to that host alone, and is longer than one without.
    #[inline]
    #[must_use]
    pub fn entry(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => self.long_entry(text),
        }
    }

    fn long_entry(&self, text: &[u8]) -> Number {
        if let Some(reason) = self.refused(text) {
            return Number::Invalid(reason);
        }
        let number = match self.short_number(text) {
            Some(number) => return Number::E164(number),
            None => self.read_entry(text.trim_ascii()),
        };
        if matches!(number, Number::Opaque(_) | Number::Service(_)) && mistakes::is_broken(text) {
            return Number::Invalid(Reason::Broken);
        }
        at_host(number, Address::from_header(text.trim_ascii()).host)
    }

    /// The long way of an entry.
    fn read_entry(&self, text: &[u8]) -> Number {
        let address = Address::from_header(text);
        if address.is_withheld() {
            return Number::Anonymous;
        }
        self.dialled_user(&address, &mut ())
            .or_else(|| self.operators(address.subscriber().0))
            .unwrap_or_else(|| listed_user(address.user))
    }

    /// Why an operator's text is no entry, whatever its digits are.
    fn refused(&self, text: &[u8]) -> Option<Reason> {
        if digits::all(after_plus(text).1) {
            return None;
        }
        let text = text.trim_ascii();
        let is_address = text.iter().any(|byte| matches!(byte, b':' | b'@' | b'<' | b'"'));
        let user = if is_address { Address::from_header(text).user } else { text };
        let is_template = || !is_address && other_notations::is_template(user);
        let notation =
            || (other_notations::is_foreign(user) || is_template()).then_some(Reason::Notation);
        mistakes::mistake(text, user).or_else(notation).or_else(|| self.two_numbers(user))
    }

    /// What an operator wrote among other characters.
    fn operators(&self, subscriber: &[u8]) -> Option<Number> {
        if self.is_masked(subscriber) {
            return Some(Number::Invalid(Reason::Masked));
        }
        let found = number_in_text::find(subscriber)?;
        let number = self.dialled(&found.line, &mut ())?;
        let is_sure = match &number {
            Number::E164(number) => found.without_letters.is_none_or(|digits| {
                dial::fits_general_pattern(*number) && !self.is_whole(&digits)
            }),
            // Too much was guessed for a number that is not even possible.
            _ => !found.guessed,
        };
        is_sure.then_some(if found.repeats_a_letter {
            Number::Invalid(Reason::Notation)
        } else {
            number
        })
    }

    /// Whether an X stands for digits that are not shown. Behind a whole number, even if it is one
    /// without its area code, it announces an extension.
    fn is_masked(&self, subscriber: &[u8]) -> bool {
        const WHOLE: [LocalReason; 3] =
            [LocalReason::LocalOnly, LocalReason::ShortCode, LocalReason::Emergency];
        let digits = match number_in_text::mask(subscriber) {
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
            Some(number @ Number::Local(_)) => {
                let begins_long = self.home().may_have_prefix(digits.dialled());
                // Six digits or fewer are the beginning of a vanity number as well.
                let is_long = digits.dialled().len() > 6;
                is_long && number.reason() == LocalReason::LocalOnly.as_str() && !begins_long
            }
            _ => false,
        }
    }

    /// Why the number may not do on a list what its writer expects, if there is a reason.
    ///
    /// To be asked of numbers that were read from a text: only these know why they are local. Costs
    /// what [`is_emergency`](Self::is_emergency) does and allocates nothing.
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

/// The user, percent-decoded, if it can be one on a list.
fn listed_user(user: &[u8]) -> Number {
    if number_in_text::is_spreadsheet_number(user) {
        return Number::Invalid(Reason::Spreadsheet);
    }
    if !Characters(user).flatten().any(char::is_alphanumeric) {
        return Number::Invalid(Reason::NotAUser);
    }
    opaque_user(user, &mut ())
}

/// A number that holds calls from or to one host alone; E.164 numbers are the same at every host, and
/// so are service URNs.
fn at_host(number: Number, host: &[u8]) -> Number {
    if host.is_empty() {
        return number;
    }
    if !may_be_host(host) {
        return match number {
            Number::Opaque(_) => Number::Invalid(Reason::NotAUser),
            number => number,
        };
    }
    match &number {
        Number::Service(text) if is_urn(text.as_bytes()) => number,
        Number::Opaque(_) | Number::Local(_) | Number::Service(_) => {
            number.at_host(host).unwrap_or(Number::Invalid(Reason::TooLong))
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
    fn numbers_in_doubt_are_told_from_others() {
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
