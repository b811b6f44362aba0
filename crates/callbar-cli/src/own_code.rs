//! Numbers that begin with the region's own calling code and were read as national ones.
//!
//! `4917112345678` in Germany is `+49 4917112345678`, as libphonenumber reads it: 0491 is an area
//! code. Many of them are mostly an export that has lost its plus signs, and are told.

use callbar::E164;
use indicatif::HumanCount;

/// Fewer are told of no file.
const FEWEST: u64 = 3;
/// One number in so many is told.
const SHARE: u64 = 5;

/// What to do about numbers of a domain whose dial plan a directory has.
pub(crate) const IN_STORE: &str = "write them with a plus, or give the domain --plain-e164";

/// Counts of numbers; those of blocks are added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnCode {
    numbers: u64,
    doubled: u64,
    code: u64,
}

impl OwnCode {
    /// Counts a number and the text that it was read from.
    #[inline]
    pub(crate) fn count(&mut self, text: &[u8], number: E164) {
        self.numbers += 1;
        // What has a plus, an international or a trunk prefix is not in doubt.
        if matches!(text.first(), Some(b'1'..=b'9'))
            && let Some(code) = doubled(text, number.get())
        {
            self.doubled += 1;
            self.code = code;
        }
    }

    pub(crate) fn add(&mut self, next: Self) {
        self.numbers += next.numbers;
        self.doubled += next.doubled;
        self.code = self.code.max(next.code);
    }

    /// What to say of them, if they are many; `remedy` is what to do if they are international.
    pub(crate) fn doubt(&self, remedy: &str) -> Option<String> {
        let is_told = self.doubled >= FEWEST && self.doubled * SHARE > self.numbers;
        is_told.then(|| {
            format!(
                "{} numbers begin with {} and were read as national numbers; if they are \
                 international, {remedy}",
                HumanCount(self.doubled),
                self.code
            )
        })
    }
}

/// The calling code, if the text's digits begin with it and it stands before all of them.
fn doubled(text: &[u8], number: u64) -> Option<u64> {
    let (mut digits, mut count) = (0_u64, 0_u32);
    for digit in text.iter().filter(|byte| byte.is_ascii_digit()) {
        digits = digits.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        count += 1;
    }
    let size = 10_u64.checked_pow(count)?;
    let code = number / size;
    let behind = count.checked_sub(code.checked_ilog10()? + 1)?;
    (number % size == digits && digits / 10_u64.pow(behind) == code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callbar::{DialPlan, Number};

    fn doubt(region: &str, texts: &[&str]) -> Option<String> {
        let plan = DialPlan::new(region).unwrap();
        let mut counts = OwnCode::default();
        for text in texts {
            if let Number::E164(number) = plan.entry(text.as_bytes()) {
                let mut one = OwnCode::default();
                one.count(text.as_bytes(), number);
                counts.add(one);
            }
        }
        counts.doubt("write a plus")
    }

    #[test]
    fn many_numbers_that_begin_with_the_own_code_are_told() {
        let told =
            doubt("DE", &["4917112345678", "49 171 123456-79", "4930901820", "4915112345678"]);
        let text = "3 numbers begin with 49 and were read as national numbers; if they are \
                    international, write a plus";
        assert_eq!(told.unwrap(), text);
    }

    #[test]
    fn few_numbers_and_those_read_as_international_are_not() {
        let doubled = ["4917112345678", "4917112345679", "4917112345670"];
        assert_eq!(doubt("DE", &doubled[..2]), None);
        let others = ["0171 1234567"; 12];
        assert_eq!(doubt("DE", &[&doubled[..], &others].concat()), None);
        assert!(doubt("DE", &[&doubled[..], &others[1..]].concat()).is_some());
        assert_eq!(doubt("TR", &["905050047824"; 9]), None);
        assert_eq!(doubt("RU", &["77012345678"; 9]), None);
        assert_eq!(doubt("US", &["12125550147"; 9]), None);
        assert_eq!(doubt("DE", &["+4949112345", "0491 12345", "004949112345"]), None);
    }
}
