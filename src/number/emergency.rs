//! Which numbers call for help: the emergency numbers of a region, and the service URNs of RFC 5031.
//!
//! Errs on the safe side: an emergency number is one behind a plus or the region's own calling code
//! too, and whatever context it was written with.

use super::automaton;
use super::canonical::{Number, Text, Why};
use super::digits;
use super::facts::{EMERGENCY, Region};
use super::plan::DialPlan;

/// What service URNs begin with, in any case.
const SERVICE_URN: &[u8] = b"urn:service:";
/// The service that stands for all emergency services.
const SOS: &[u8] = b"urn:service:sos";

impl DialPlan {
    /// Whether the number calls an emergency service of the region: 112 and what else the
    /// numbering tables have, also behind a plus, behind the region's own calling code, and with a
    /// phone context; `urn:service:sos` and its sub-services such as `urn:service:sos.police` (RFC
    /// 5031), in any region.
    ///
    /// Walks a small automaton once or twice and allocates nothing.
    pub fn is_emergency(&self, number: &Number) -> bool {
        let home = self.home();
        match number {
            Number::Local(text) | Number::Unassigned(text) => {
                let digits = dialled(text.as_bytes());
                is_emergency(home, digits) || is_emergency_after_code(home, digits)
            }
            Number::E164(number) => {
                let (room, start) = digits::ascii(number.get());
                is_emergency_after_code(home, &room[start..])
            }
            Number::Service(text) => match text.as_bytes().strip_prefix(SOS) {
                Some(rest) => matches!(rest, [] | [b'.', ..]),
                None => false,
            },
            Number::Opaque(_) | Number::Anonymous | Number::Invalid(_) => false,
        }
    }
}

/// Whether the digits call an emergency service of the region.
pub(super) fn is_emergency(region: &Region, digits: &[u8]) -> bool {
    automaton::whole(region.short, digits) & EMERGENCY != 0
}

fn is_emergency_after_code(region: &Region, digits: &[u8]) -> bool {
    region.may_have_own_code(digits)
        && is_emergency(region, &digits[usize::from(region.code_digits)..])
}

/// The digits of a local number, without plus and context.
fn dialled(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    &text[..digits::run(text)]
}

/// The service string of a service URN. Its letters are equal in either case (RFC 5031), so the
/// canonical form has small ones.
pub(super) fn service_urn(user: &[u8]) -> Option<Number> {
    let (scheme, service) = user.split_at_checked(SERVICE_URN.len())?;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
    if !scheme.eq_ignore_ascii_case(SERVICE_URN)
        || service.is_empty()
        || !service.iter().all(is_letter)
    {
        return None;
    }
    let mut room = [0; Text::MAX];
    let urn = room.get_mut(..user.len())?;
    urn.copy_from_slice(user);
    urn.make_ascii_lowercase();
    Text::joined(&[urn], Why::Unstated).map(Number::Service)
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
            ("US", "19111"),
            ("TR", "*112#"),
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
