//! Any bytes give a canonical number, in any region, that is in range and reads back as itself; what
//! is a pattern has a canonical form that reads back, and prefixes that agree with what it holds.
//!
//! Each text is tried in eight of the regions, which its own bytes choose.

use std::sync::LazyLock;

use callbar::{DialPlan, Number, Pattern, Scope, Tag};

/// Every region, by trying all pairs of letters.
static PLANS: LazyLock<Vec<DialPlan>> = LazyLock::new(|| {
    let letters = || 'A'..='Z';
    letters()
        .flat_map(|first| letters().map(move |second| format!("{first}{second}")))
        .filter_map(|region| DialPlan::new(&region).ok())
        .collect()
});

/// Plans with options of their own.
static SPECIAL: LazyLock<Vec<DialPlan>> = LazyLock::new(|| {
    let foreign = DialPlan::new("US").and_then(|plan| plan.with_international_prefix("00"));
    vec![foreign.unwrap(), DialPlan::new("TR").unwrap().with_plain_e164(true)]
});

/// A technical prefix is stripped once, so what is left need not read back.
static PREFIXED: LazyLock<DialPlan> = LazyLock::new(|| {
    let plan = DialPlan::new("TR").and_then(|plan| plan.with_technical_prefix("99#"));
    plan.and_then(|plan| plan.with_technical_prefix("9")).unwrap()
});

pub(crate) fn run(text: &[u8]) {
    let first = text.iter().fold(0, |sum, &byte| sum + usize::from(byte)) % 31;
    for plan in PLANS.iter().skip(first).step_by(31).chain(SPECIAL.iter()) {
        check(plan, text, |text| plan.number(text));
        check(plan, text, |text| plan.entry(text));
        check_pattern(plan, text);
        let number = plan.number(text);
        let _ = (plan.class(&number), plan.is_emergency(&number));
        let last = plan.trace(text).pop().expect("a trace has an end");
        assert_eq!(last.value, number.to_string(), "{text:?} in {}", plan.region());
    }
    let _ = (PREFIXED.number(text), PREFIXED.entry(text));
}

fn check(plan: &DialPlan, text: &[u8], read: impl Fn(&[u8]) -> Number) {
    let number = read(text);
    let form = number.to_string();
    assert!(!form.contains(|c: char| c.is_control()), "{form:?} is more than a line");
    if let Number::E164(e164) = &number {
        assert!((100..=9_999_999_999_999_999_999).contains(&e164.get()), "{form} is out of range");
    }
    if number.tag() == Tag::E {
        assert_eq!(plan.number(form.as_bytes()), number, "{form} in {}", plan.region());
    }
    if number.tag() != Tag::Invalid {
        let again = read(form.as_bytes());
        // The name of a user that looks like a slip of the pen is an entry only as a URI.
        let is_slip = again.tag() == Tag::Invalid && matches!(number.tag(), Tag::N | Tag::S);
        let again = if is_slip { plan.number(form.as_bytes()) } else { again };
        assert_eq!(again, number, "{form:?} in {}", plan.region());
    }
}

fn check_pattern(plan: &DialPlan, text: &[u8]) {
    let Some(Ok(pattern)) = plan.pattern(text) else { return };
    let form = pattern.to_string();
    assert_eq!(Pattern::parse(&form), Some(pattern), "{form}");
    if pattern.scope() == Scope::E164 {
        assert_eq!(plan.pattern(form.as_bytes()), Some(Ok(pattern)), "{form}");
    }
    let pieces = pattern.pieces();
    assert!((1..=10_000).contains(&pieces.len()), "{form}");
    for piece in pieces.iter().step_by(97) {
        let digits = [piece.digits(), &[b'5'; 19]].concat();
        for length in piece.digits().len()..=19 {
            let held = pattern.holds(&digits[..length]);
            assert!(held.is_none_or(|held| usize::from(held) == piece.digits().len()), "{form}");
        }
    }
}
