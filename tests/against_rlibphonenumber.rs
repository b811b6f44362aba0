//! Prevents an answer that libphonenumber would not give: random texts against the Rust port
//! `rlibphonenumber`, in every region. It also holds what no oracle can tell: that any bytes give
//! a number, and that canonical forms read back as themselves.

#[path = "common/oracle.rs"]
mod oracle;

use std::sync::LazyLock;

use callbar::{DialPlan, Number, Tag};
use oracle::canonical_of_oracle;
use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

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

/// What the oracle reads in the text or, if nothing, in the text without a plus before a 0: no calling
/// code begins with 0. The oracle does so itself where an international prefix follows the plus.
fn parsed(region: Region, text: &str) -> Option<PhoneNumber> {
    let parse = |text: &str| PHONE_NUMBER_UTIL.parse(text, Some(region)).ok();
    let without_plus = || {
        let (before, behind) = text.split_once('+')?;
        behind.starts_with('0').then(|| format!("{before}{behind}"))
    };
    parse(text).or_else(|| parse(&without_plus()?))
}

/// The same in canonical form.
fn oracle(region: Region, text: &str) -> Option<String> {
    let number = parsed(region, text)?;
    Some(canonical_of_oracle(&PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164)))
}

/// Calling codes under which libphonenumber drops digits that begin a number of that country, and
/// those digits: a trunk prefix, calls that the callee pays, a carrier. We keep them after a calling
/// code, so that `+3758...` reads back as itself.
const KEPT: [(&str, &str); 4] =
    [("+375", "8"), ("+55", "90"), ("+81", "0037680"), ("+81", "003768")];

fn keeps_a_prefix(form: &str, theirs: &str) -> bool {
    KEPT.iter().any(|(code, kept)| {
        let rest = form.strip_prefix(code).and_then(|rest| rest.strip_prefix(kept));
        rest.is_some() && rest == theirs.strip_prefix(code)
    })
}

/// The regions, and their calling codes, whose general patterns are others in version 9.0.42 of
/// libphonenumber's metadata, which this oracle has, than in ours. The corpora compare them.
const CHANGED: [(&str, &str); 4] = [("BJ", "+229"), ("LA", "+856"), ("RO", "+40"), ("ZW", "+263")];

fn has_changed(region: Region, text: &str, entry: &Number) -> bool {
    let (ours, theirs) = (entry.to_string(), oracle(region, text).unwrap_or_default());
    let region = region.to_string();
    CHANGED
        .iter()
        .any(|(name, code)| region == *name || ours.starts_with(code) || theirs.starts_with(code))
}

/// Reports whether an entry of this text must be an E.164 number: the oracle finds it valid, and policy
/// does not say otherwise.
fn must_be_found(region: Region, text: &str, entry: &Number) -> bool {
    const POLICY: [&str; 4] = ["short code", "emergency", "ambiguous", "unassigned"];
    let is_valid =
        parsed(region, text).is_some_and(|number| PHONE_NUMBER_UTIL.is_valid_number(&number));
    // Letters beside digits that are a number already are a remark to us.
    let is_remark = ["FLOWERS", "TAXI", "abc"].iter().any(|word| text.contains(word));
    // A number, a dash and a few digits more: to us the short form of a range. And groups of digits
    // each of which is a number: two of them.
    let is_range = entry.reason().starts_with("holds the short form of a range");
    let is_two = entry.reason().starts_with("holds two numbers");
    // A whole number with a fraction of zeros: to us a cell of a table of quantities.
    let is_quantity = entry.reason().starts_with("a decimal number");
    is_valid
        && !is_remark
        && !is_range
        && !is_two
        && !is_quantity
        && !POLICY.contains(&entry.reason())
}

/// An answer that holds digits of E.164 is the oracle's, and there is one where there must be.
fn agree((region, plan): &(Region, DialPlan), text: &str) -> Result<(), TestCaseError> {
    let entry = plan.entry(text.as_bytes());
    if has_changed(*region, text, &entry) {
        return Ok(());
    }
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

/// Reports whether a code that nobody has begins with 0. Behind a plus this is read by each region's plan,
/// and in another region it may be a number.
fn is_of_one_region(number: &Number) -> bool {
    matches!(number, Number::Unassigned(text) if text.as_bytes().starts_with(b"0"))
}

/// The same for an entry. The name of a user that looks like a slip of the pen, `alice*`, is an entry
/// only as a URI.
fn entry_reads_back(plan: &DialPlan, text: &[u8]) -> Result<(), TestCaseError> {
    let number = plan.entry(text);
    reads_back(plan, &number, |form| match plan.entry(form) {
        Number::Invalid(_) if matches!(number.tag(), Tag::N | Tag::S) => plan.number(form),
        again => again,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

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
        if number.tag() == Tag::E && !is_of_one_region(&number) {
            reads_back(&other.1, &number, |form| other.1.number(form))?;
            reads_back(&other.1, &number, |form| other.1.entry(form))?;
        }
        entry_reads_back(&place.1, text.as_bytes())?;
    }

    #[test]
    fn any_bytes_give_a_number_that_reads_back(
        place in region(), bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let plan = &place.1;
        reads_back(plan, &plan.number(&bytes), |form| plan.number(form))?;
        entry_reads_back(plan, &bytes)?;
    }

    #[test]
    fn any_address_gives_a_number_that_reads_back(
        place in region(),
        text in "(sip:|tel:|\"A\" <sip:|)?[+0-9a-c*#%;@:<>\"\\\\. =~-]{0,20}(;phone-context=[+a-cA-C0-9.%]{0,8})?(@[a-c.]{0,5})?>?",
    ) {
        let plan = &place.1;
        reads_back(plan, &plan.number(text.as_bytes()), |form| plan.number(form))?;
        entry_reads_back(plan, text.as_bytes())?;
    }
}
