//! What may be wrong with a number on a list: told, never refused.

use super::canonical::{Number, Why};
use super::digits;
use super::plan::DialPlan;

/// Local numbers of fewer digits are extensions more often than not.
const SUBSCRIBER: usize = 7;

/// Why a number on a list may not do what its writer expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// An emergency number of the region: never barred, unless the domain wants that.
    Emergency,
    /// Begins with a plus and is too short to be called: perhaps the beginning of numbers, `+1809`.
    Beginning,
    /// As long as a number, seven digits or more, and none of the region, so taken as dialled: perhaps
    /// without its area code, `5550123` in the United States, or of former times.
    Odd,
}

impl DialPlan {
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
        let is_short = matches!(text.why(), Why::TooShort | Why::LocalOnly);
        if is_short && international.is_some() {
            return Some(Doubt::Beginning);
        }
        let is_odd = is_short || matches!(text.why(), Why::TooLong | Why::WrongLength);
        let digits = digits::run(international.unwrap_or(text.as_bytes()));
        (is_odd && digits >= SUBSCRIBER).then_some(Doubt::Odd)
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
