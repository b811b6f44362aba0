//! Prevents an answer that libphonenumber would not give: random texts against the Rust port
//! `rlibphonenumber`, in every region. It also holds what no oracle can tell: that any bytes give
//! a number, and that canonical forms read back as themselves.

use std::sync::LazyLock;

use callbar::{DialPlan, Number, Tag};
use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// Every region that both know.
static PLANS: LazyLock<Vec<(Region, DialPlan)>> = LazyLock::new(|| {
    let mut regions: Vec<Region> = PHONE_NUMBER_UTIL.get_supported_regions().collect();
    regions.sort_by_key(ToString::to_string);
    regions
        .into_iter()
        .filter_map(|region| DialPlan::new(&region.to_string()).ok().map(|plan| (region, plan)))
        .collect()
});

fn region() -> impl Strategy<Value = &'static (Region, DialPlan)> {
    (0..PLANS.len()).prop_map(|at| &PLANS[at])
}

/// What stands before the digits: nothing, a plus, prefixes, calling codes, and mixtures.
fn prefix() -> impl Strategy<Value = String> {
    let one = prop::sample::select(vec![
        "", "+", "00", "011", "0011", "810", "0", "8", "1", "06", "+90", "+375", "+1", "+49",
        "+54", "+52", "90", "375", "44", "+44", "+3758", "001", "010", "15", "+39", "+86", "+81",
        "+62",
    ]);
    (one.clone(), one).prop_map(|(first, second)| {
        let second = if first.is_empty() { second } else { second.trim_start_matches('+') };
        format!("{first}{second}")
    })
}

/// Digits with separators among them.
fn written() -> impl Strategy<Value = String> {
    let separated = prop::collection::vec(
        (
            prop::char::range('0', '9'),
            prop::sample::select(vec!["", "", "", " ", "-", ".", ") ", "\u{A0}"]),
        ),
        1..20,
    );
    (prefix(), separated).prop_map(|(prefix, digits)| {
        digits.into_iter().fold(prefix, |mut text, (digit, after)| {
            text.push(digit);
            text.push_str(after);
            text
        })
    })
}

fn oracle(region: Region, text: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, Some(region)).ok()?;
    Some(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
}

/// Where a leading 8 is kept that libphonenumber drops, so that `+3758...` reads back as itself.
fn keeps_a_prefix(form: &str, theirs: &str) -> bool {
    form.strip_prefix("+3758").is_some_and(|rest| theirs.strip_prefix("+375") == Some(rest))
}

/// Whether an entry of this text must be an E.164 number: the oracle finds it valid, and policy
/// does not say otherwise.
fn must_be_found(region: Region, text: &str, entry: &Number) -> bool {
    const POLICY: [&str; 4] = ["short code", "emergency", "ambiguous", "unassigned"];
    let is_valid = PHONE_NUMBER_UTIL
        .parse(text, Some(region))
        .is_ok_and(|number| PHONE_NUMBER_UTIL.is_valid_number(&number));
    // Letters beside digits that are a number already are a remark to us.
    let is_remark = ["FLOWERS", "TAXI", "abc"].iter().any(|word| text.contains(word));
    // A number, a dash and a few digits more: to us the short form of a range.
    let is_range = entry.reason().starts_with("holds the short form of a range");
    is_valid && !is_remark && !is_range && !POLICY.contains(&entry.reason())
}

/// An answer that holds digits of E.164 is the oracle's, and there is one where there must be.
fn agree((region, plan): &(Region, DialPlan), text: &str) -> Result<(), TestCaseError> {
    let entry = plan.entry(text.as_bytes());
    prop_assert!(
        matches!(entry, Number::E164(_)) || !must_be_found(*region, text, &entry),
        "{text:?} in {region} gives {entry} ({}), and is valid",
        entry.reason()
    );
    for number in [plan.number(text.as_bytes()), plan.entry(text.as_bytes())] {
        if matches!(number, Number::E164(_)) {
            let (form, theirs) = (number.to_string(), oracle(*region, text).unwrap_or_default());
            prop_assert!(
                form == theirs || keeps_a_prefix(&form, &theirs),
                "{text:?} in {region} gives {form}, rlibphonenumber {theirs}"
            );
        }
    }
    Ok(())
}

/// The form of a number reads back as the same number.
fn reads_back(
    plan: &DialPlan,
    number: &Number,
    read: impl Fn(&[u8]) -> Number,
) -> Result<(), TestCaseError> {
    if number.tag() != Tag::Invalid {
        let form = number.to_string();
        prop_assert!(!form.contains(['\n', '\r', '\t']), "{form:?}");
        prop_assert_eq!(&read(form.as_bytes()), number, "{:?} in {}", form, plan.region());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn e164_answers_are_those_of_the_oracle(place in region(), text in written()) {
        agree(place, &text)?;
    }

    #[test]
    fn entries_among_letters_are_those_of_the_oracle(
        place in region(), text in written(),
        after in prop::sample::select(vec![
            " ext 12", "x3", " extension: 4", ",,5", "FLOWERS", "-TAXI", " x1/x2", ".", " anexo 7", "abc x 1",
        ]),
        before in prop::sample::select(vec!["", "Tel: ", "(", "\""]),
    ) {
        agree(place, &format!("{before}{text}{after}"))?;
    }

    #[test]
    fn national_numbers_are_those_of_the_oracle(place in region(), digits in "[0-9]{2,17}") {
        agree(place, &digits)?;
    }

    #[test]
    fn canonical_forms_read_back_in_every_region(place in region(), text in written(), other in region()) {
        let number = place.1.number(text.as_bytes());
        reads_back(&place.1, &number, |form| place.1.number(form))?;
        if number.tag() == Tag::E {
            reads_back(&other.1, &number, |form| other.1.number(form))?;
            reads_back(&other.1, &number, |form| other.1.entry(form))?;
        }
        let entry = place.1.entry(text.as_bytes());
        reads_back(&place.1, &entry, |form| place.1.entry(form))?;
    }

    #[test]
    fn any_bytes_give_a_number_that_reads_back(
        place in region(), bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let plan = &place.1;
        reads_back(plan, &plan.number(&bytes), |form| plan.number(form))?;
        reads_back(plan, &plan.entry(&bytes), |form| plan.entry(form))?;
    }

    #[test]
    fn any_address_gives_a_number_that_reads_back(
        place in region(),
        text in "(sip:|tel:|\"A\" <sip:|)?[+0-9a-c*#%;@:<>\"\\\\. =~-]{0,20}(;phone-context=[+a-cA-C0-9.%]{0,8})?(@[a-c.]{0,5})?>?",
    ) {
        let plan = &place.1;
        reads_back(plan, &plan.number(text.as_bytes()), |form| plan.number(form))?;
        reads_back(plan, &plan.entry(text.as_bytes()), |form| plan.entry(form))?;
    }
}
