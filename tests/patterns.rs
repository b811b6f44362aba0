//! Prevents a pattern that an operator wrote from meaning another one, or from bringing a process
//! down: any text is read, refused or left alone, and what is read is written out and read again.

use callbar::{DialPlan, Pattern, Scope};
use proptest::prelude::*;

fn plans() -> Vec<DialPlan> {
    let regions = ["TR", "US", "DE", "GB", "BR", "AR", "RU", "FR", "IT", "AG", "AU", "JP"];
    let plain = regions.map(|region| DialPlan::new(region).unwrap());
    let special = DialPlan::new("TR")
        .and_then(|plan| plan.with_technical_prefix("99#"))
        .and_then(|plan| plan.with_international_prefix("010"))
        .unwrap()
        .with_plain_e164(true);
    plain.into_iter().chain([special]).collect()
}

fn check(plan: &DialPlan, text: &[u8]) -> Result<(), TestCaseError> {
    let number = plan.number(text);
    let steps = plan.trace(text);
    let last = steps.last().expect("a step at least");
    prop_assert_eq!(&last.value, &number.to_string());
    let _ = (plan.class(&number), plan.is_emergency(&number));
    let Some(Ok(pattern)) = plan.pattern(text) else { return Ok(()) };
    let written = pattern.to_string();
    prop_assert_eq!(Pattern::parse(&written), Some(pattern));
    let again = plan.pattern(written.as_bytes());
    if pattern.scope() == Scope::E164 {
        prop_assert_eq!(again, Some(Ok(pattern)), "{}", written);
    } else {
        prop_assert!(again.is_some(), "{}", written);
    }
    prop_assert!((1..=10_000).contains(&pattern.pieces().len()));
    Ok(())
}

/// Numbers that nobody can have are read as E.164 numbers when they call.
#[test]
fn bare_patterns_hold_the_impossible_numbers_that_are_called_so() {
    let plan = DialPlan::new("US").unwrap();
    for (pattern, call) in [
        ("0XXXXXXXXX", "0123456789"),
        ("1XXXXXXXXX", "1234567890"),
        ("1XXXXXXXXX", "1111111111"),
        ("000XXXXXXX", "0001234567"),
        ("0001234*", "0001234567"),
    ] {
        let pattern = plan.pattern(pattern.as_bytes()).unwrap().unwrap();
        let number = plan.number(call.as_bytes());
        let callbar::Number::E164(number) = number else { panic!("{call} is {number:?}") };
        assert!(pattern.holds(number.get().to_string().as_bytes()).is_some(), "{pattern} {call}");
    }
}

/// The entry of an unassigned code holds its own spelling, and that with a plus.
#[test]
fn patterns_of_unassigned_codes_hold_calls_with_an_international_prefix() {
    for (region, pattern, call) in [
        ("TR", "00999*", "00999123456"),
        ("TR", "+999*", "00999123456"),
        ("US", "011999*", "+999123456"),
    ] {
        let plan = DialPlan::new(region).unwrap();
        let pattern = plan.pattern(pattern.as_bytes()).unwrap().unwrap();
        let number = plan.number(call.as_bytes());
        let callbar::Number::Unassigned(digits) = number else { panic!("{call} is {number:?}") };
        assert!(pattern.scope() == Scope::E164 && pattern.holds(digits.as_bytes()).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn any_text_is_read_refused_or_left_alone(
        plan in 0..plans().len(),
        text in "[0-9Xx*#+ ;=@-]{0,40}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let plan = &plans()[plan];
        check(plan, text.as_bytes())?;
        check(plan, &bytes)?;
        check(plan, format!("tel:{text};phone-context=+90").as_bytes())?;
        check(plan, format!("sip:{text}@gw<sip:{}@gw>", bytes.len()).as_bytes())?;
    }

    /// A prefix or wildcard holds what is called by its digits filled in, or its place is local.
    #[test]
    fn a_pattern_holds_the_numbers_that_are_written_like_it(
        plan in 0..plans().len(),
        front in "(0|00|1|\\+90|\\+|)[1-9][0-9]{1,5}",
        tail in "[0-9]{4,9}",
    ) {
        let plan = &plans()[plan];
        let callbar::Number::E164(number) = plan.number(format!("{front}{tail}").as_bytes()) else {
            return Ok(());
        };
        let digits = number.get().to_string();
        // Only the fixed length tells which way the digits go.
        let wildcard = format!("{front}{}", "X".repeat(tail.len()));
        if let Some(Ok(pattern)) = plan.pattern(wildcard.as_bytes())
            && pattern.scope() == Scope::E164
            && digits.ends_with(&tail)
            && pattern.to_string().len() == digits.len() + 1
        {
            prop_assert!(pattern.holds(digits.as_bytes()).is_some(), "{} {}", pattern, digits);
        }
    }
}
