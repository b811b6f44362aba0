//! Which numbers call for help: the emergency numbers of a region, and the service URNs of RFC 5031.
//!
//! Errs on the safe side. An emergency number stays one behind a plus, an international prefix or the region's own
//! calling code, with any calling code or domain as its context, and behind a code that hides or shows the
//! caller's number.

use super::automaton;
use super::dial_plan::DialPlan;
use super::digits;
use super::facts::{EMERGENCY, Region};
use crate::number::canonical::{LocalReason, Number, Text};

/// The service that stands for all emergency services.
const SOS: &[u8] = b"urn:service:sos";
/// Emergency numbers of every handset, in any country (3GPP TS 22.101 section 10.1.1).
const ANYWHERE: [&[u8]; 2] = [b"112", b"911"];
/// A longer context is more than a calling code.
const LONGEST_CODE: usize = 3;
/// What hides or shows the caller's number for one call (3GPP TS 22.030 annex B).
const PRESENTATION: [&[u8]; 2] = [b"*31#", b"#31#"];
/// The same in the countries of the North American Numbering Plan.
const PRESENTATION_NANP: [&[u8]; 2] = [b"*67", b"*82"];

impl DialPlan {
    /// Reports whether the number calls an emergency service of the region: 112, 911 (3GPP TS 22.101) and
    /// what else the numbering tables have, also behind a plus, behind an international prefix or
    /// the region's own calling code or both, with a domain or a calling code, be it a foreign one, as
    /// its phone context, behind `*31#` or `#31#` (in the
    /// North American Numbering Plan `*67` or `*82`) and before a `#`; `urn:service:sos` and its
    /// sub-services such as `urn:service:sos.police` (RFC 5031), in any region.
    ///
    /// A longer number that begins so is none. Only a number that was read from a text knows that a foreign code
    /// was its context; its canonical form does not say so. Walks a small automaton a few times at most and
    /// allocates nothing.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// for text in ["112", "155", "tel:112;phone-context=+90", "urn:service:sos.police"] {
    ///     assert!(plan.is_emergency(&plan.number(text.as_bytes())), "{text}");
    /// }
    /// assert!(!plan.is_emergency(&plan.number(b"1125")));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn is_emergency(&self, number: &Number) -> bool {
        let home = self.home();
        match number {
            Number::Local(text) | Number::Unassigned(text) => {
                // Without the context.
                let plus = usize::from(text.as_bytes().starts_with(b"+"));
                let end = plus + digits::run(&text.as_bytes()[plus..]);
                text.local_reason() == LocalReason::Emergency
                    || self.calls_for_help(&text.as_bytes()[..end])
            }
            // Behind 112 and 911 an E.164 number may be anybody's: the tables decide.
            Number::E164(number) if number.get() >= digits::TEN_TO[home.longest_short_code()] => {
                false
            }
            Number::E164(number) => {
                let (room, start) = digits::ascii(number.get());
                after_code(home, &room[start..]).is_some_and(|digits| is_regional(home, digits))
            }
            Number::Service(text) => {
                let text = text.as_bytes();
                if let Some(rest) = text.strip_prefix(SOS) {
                    return matches!(rest, [] | [b'.', ..]);
                }
                let dialled = text.strip_suffix(b"#").unwrap_or(text);
                self.calls_for_help(self.after_presentation_code(dialled).unwrap_or(dialled))
            }
            Number::Opaque(_) | Number::Anonymous | Number::Invalid(_) => false,
        }
    }

    /// The whole number of a subscriber in a global context, marked if an emergency number was dialled. Not if
    /// the context is longer than a calling code: such digits could be somebody's number.
    pub(crate) fn in_code(&self, context: &[u8], subscriber: &[u8], whole: Number) -> Number {
        if context.len() > LONGEST_CODE || !is_emergency(self.home(), subscriber) {
            return whole;
        }
        let known = |text: &Text| Text::joined(&[text.as_bytes()], LocalReason::Emergency);
        match &whole {
            Number::Local(text) => known(text).map(Number::Local),
            Number::Unassigned(text) => known(text).map(Number::Unassigned),
            _ => None,
        }
        .unwrap_or(whole)
    }

    /// Reports whether digits, perhaps behind a plus, are an emergency number behind any prefixes or none.
    fn calls_for_help(&self, dialled: &[u8]) -> bool {
        let home = self.home();
        let is_one = |digits: &[u8]| {
            is_emergency(home, digits)
                || after_code(home, digits).is_some_and(|digits| is_emergency(home, digits))
        };
        match dialled {
            [b'+', digits @ ..] => is_one(digits),
            digits => is_one(digits) || self.after_international_prefix(digits).is_some_and(is_one),
        }
    }

    /// What is dialled behind a code that asks for a presentation of the caller's number.
    pub(crate) fn after_presentation_code<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let is_nanp = self.home().code == 1;
        let codes =
            PRESENTATION.into_iter().chain(PRESENTATION_NANP.into_iter().filter(|_| is_nanp));
        codes.into_iter().find_map(|code| text.strip_prefix(code))
    }
}

/// Reports whether the digits call an emergency service in the region.
pub(crate) fn is_emergency(region: &Region, digits: &[u8]) -> bool {
    is_anywhere(digits) || is_regional(region, digits)
}

/// Reports whether the digits call an emergency service in every region.
#[inline]
pub(crate) fn is_anywhere(digits: &[u8]) -> bool {
    digits.len() == 3 && ANYWHERE.contains(&digits)
}

/// Reports whether the numbering tables have the digits among the region's emergency numbers.
fn is_regional(region: &Region, digits: &[u8]) -> bool {
    automaton::whole(region.short, digits) & EMERGENCY != 0
}

/// What follows the region's own calling code.
fn after_code<'a>(region: &Region, digits: &'a [u8]) -> Option<&'a [u8]> {
    region.may_have_own_code(digits).then(|| &digits[usize::from(region.code_digits)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_emergency(region: &str, text: &str) -> bool {
        let plan = DialPlan::new(region).unwrap();
        plan.is_emergency(&plan.number(text.as_bytes()))
    }

    #[test]
    fn emergency_numbers_are_known_however_they_come() {
        for (region, text) in [
            ("TR", "112"),
            ("TR", "sip:112@gw;user=phone"),
            ("TR", "1 1 2"),
            ("TR", "%311%32"),
            ("TR", "+112"),
            ("TR", "+90112"),
            ("TR", "tel:112;phone-context=+90"),
            ("TR", "tel:112;phone-context=example.com"),
            ("TR", "tel:112;phone-context=+49"),
            ("TR", "sip:911;phone-context=+1@gw;user=phone"),
            ("TR", "tel:112;phone-context=+999"),
            ("DE", "tel:110;phone-context=+43"),
            ("DE", "+49112"),
            ("DE", "+49110"),
            ("GB", "999"),
            ("GB", "+999"),
            ("AU", "000"),
            ("US", "911"),
            ("US", "+1911"),
            ("US", "urn:service:sos"),
            ("TR", "<URN:Service:SOS.Police>"),
            ("TR", "\"Help\" <urn:service:sos.fire>;tag=1"),
            ("TR", "911"),
            ("TR", "sip:911@gw"),
            ("TR", "tel:911;phone-context=+90"),
            ("DE", "911"),
            ("GB", "911"),
            ("JP", "112"),
            ("DE", "0049112"),
            ("DE", "0049 110"),
            ("GB", "0044999"),
            ("US", "0111911"),
            ("TR", "0090112"),
            ("TR", "90112"),
            ("TR", "112#"),
            ("TR", "*31#112"),
            ("TR", "#31#112"),
            ("TR", "#31#0090112"),
            ("TR", "*31#112#"),
            ("US", "911#"),
            ("US", "*67911"),
            ("US", "*82911"),
            ("CA", "*67 911"),
            ("TR", "sip:urn:service:sos@gw"),
            ("TR", "<sip:URN:service:sos.police@gw;user=phone>"),
            ("TR", "sip:urn%3Aservice%3Asos@gw"),
        ] {
            assert!(is_emergency(region, text), "{text} in {region}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for (region, text) in [
            ("TR", "911 2"),
            ("US", "999"),
            ("DE", "1120"),
            ("TR", "+491120"),
            ("TR", "+49112"),
            // What may lead to somebody, or to whom the surplus digits do not matter.
            ("TR", "tel:112;phone-context=+4930"),
            ("TR", "tel:112;phone-context=+19005550123"),
            ("TR", "tel:112;phone-context=+99930"),
            ("US", "19111"),
            ("TR", "*112#"),
            ("TR", "*67112"),
            ("TR", "*31#1125"),
            ("TR", "*31#*31#112"),
            ("TR", "#31#"),
            ("US", "*67"),
            ("US", "#"),
            ("TR", "9112"),
            ("IN", "9112345678"),
            ("US", "9112345678"),
            ("TR", "0049112"),
            ("TR", "sip:urn@gw"),
            ("TR", "sos"),
            ("TR", "urn:service:counseling"),
            ("TR", "urn:service:sosx"),
            ("TR", "urn:service:"),
            ("TR", "anonymous"),
            ("TR", "+905050047824"),
        ] {
            assert!(!is_emergency(region, text), "{text} in {region}");
        }
    }

    #[test]
    fn the_numbers_of_every_handset_call_for_help_in_every_region() {
        let letters = || 'A'..='Z';
        let names = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
        for plan in names.filter_map(|name| DialPlan::new(&name).ok()) {
            for text in ["112", "911", "112#", "#31#911", "sip:112@gw;user=phone"] {
                let number = plan.number(text.as_bytes());
                assert!(plan.is_emergency(&number), "{text} in {}: {number}", plan.region());
            }
        }
    }

    #[test]
    fn service_urns_have_one_form() {
        let plan = DialPlan::new("TR").unwrap();
        let written = "urn:service:sos.police";
        for text in [written, "URN:SERVICE:sos.Police", "<urn:service:SOS.police;x=1>"] {
            let number = plan.number(text.as_bytes());
            assert!(matches!(number, Number::Service(_)), "{text}");
            assert_eq!(number.to_string(), written);
            assert_eq!(plan.entry(text.as_bytes()), number);
        }
        let long = format!("urn:service:{}", "a".repeat(200));
        assert!(matches!(plan.number(long.as_bytes()), Number::Invalid(_)));
    }
}
