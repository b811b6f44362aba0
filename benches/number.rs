//! What reading a number costs, beside `rlibphonenumber` on the same texts in the same run.
//!
//! ```text
//! cargo bench --bench number              one table: nanoseconds a number, medians of rounds
//! cargo bench --bench number -- --test    one small round
//! ```
//!
//! Seven regions, eight written forms, 18 numbers each: 1,008 texts. Both must give the same number
//! for each; the bench stops if they do not. `all forms` reads them in an order without a pattern,
//! so that nothing is learnt by heart. `rlibphonenumber` parses and formats as E.164.
#![allow(clippy::cast_precision_loss)]

use std::hint::black_box;
use std::time::Instant;

use callbar::{DialPlan, Number};
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
    get_national_significant_number_owned,
};

/// Region, its international prefix.
const REGIONS: [(Region, &str); 7] = [
    (Region::TR, "00"),
    (Region::US, "011"),
    (Region::GB, "00"),
    (Region::DE, "00"),
    (Region::FR, "00"),
    (Region::IN, "00"),
    (Region::BR, "0015"),
];

const FORMS: [&str; 8] = [
    "+905050047824",
    "00905050047824",
    "05050047824",
    "0505 004 78 24",
    "sip:+90..@gw;user=phone",
    "tel:+905050047824",
    "905050047824",
    "5050047824",
];

/// One text, its form, and the plan that reads it.
struct Text {
    form: usize,
    plan: usize,
    written: String,
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let (rounds, repeats) = if test { (1, 1) } else { (15, 400) };
    let plans: Vec<DialPlan> = REGIONS
        .iter()
        .map(|(region, _)| DialPlan::new(&region.to_string()).expect("a region"))
        .collect();
    let texts = texts();
    for text in &texts {
        let number = plans[text.plan].number(text.written.as_bytes());
        assert_eq!(Some(number.to_string()), oracle(text), "{}", text.written);
    }

    println!("{:<26}{:>12}{:>18}{:>9}", "ns a number", "callbar", "rlibphonenumber", "ratio");
    for (form, name) in FORMS.iter().enumerate() {
        let chosen: Vec<&Text> = texts.iter().filter(|text| text.form == form).collect();
        report(name, &chosen, &plans, rounds, repeats);
    }
    report("all forms", &shuffled(&texts), &plans, rounds, repeats);
    let plain: Vec<&Text> =
        texts.iter().filter(|text| text.form == 0 && text.plan == 0).take(1).collect();
    report("one plain +905...", &plain, &plans, rounds, repeats * 100);
}

fn report(name: &str, texts: &[&Text], plans: &[DialPlan], rounds: usize, repeats: usize) {
    let ours = median(rounds, || {
        nanoseconds(texts, repeats, |text| {
            matches!(plans[text.plan].number(black_box(text.written.as_bytes())), Number::E164(_))
        })
    });
    let theirs = median(rounds.min(5), || {
        nanoseconds(texts, repeats / 40 + 1, |text| oracle(black_box(text)).is_some())
    });
    println!("{name:<26}{ours:>12.1}{theirs:>18.1}{:>9.1}", theirs / ours);
}

fn nanoseconds(texts: &[&Text], repeats: usize, mut read: impl FnMut(&Text) -> bool) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        for text in texts {
            black_box(read(text));
        }
    }
    start.elapsed().as_nanos() as f64 / (texts.len() * repeats) as f64
}

fn median(rounds: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut values: Vec<f64> = (0..rounds).map(|_| measure()).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What `rlibphonenumber` makes of the text; a SIP URI is cut for it.
fn oracle(text: &Text) -> Option<String> {
    let written = text.written.strip_prefix("sip:").unwrap_or(&text.written);
    let user = written.split('@').next().unwrap_or(written);
    let number = PHONE_NUMBER_UTIL.parse(user, Some(REGIONS[text.plan].0)).ok()?;
    Some(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
}

fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    for (plan, (region, international)) in REGIONS.iter().enumerate() {
        for number in numbers(*region) {
            let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
            let national = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National);
            let written = [
                e164.clone(),
                format!("{international}{}", &e164[1..]),
                national.chars().filter(char::is_ascii_digit).collect(),
                national.into_owned(),
                format!("sip:{e164}@gw;user=phone"),
                format!("tel:{e164}"),
                e164[1..].to_owned(),
                get_national_significant_number_owned(&number),
            ];
            for (form, written) in written.into_iter().enumerate() {
                texts.push(Text { form, plan, written });
            }
        }
    }
    texts
}

/// Nine mobile and nine fixed numbers: the examples of the region with other last digits.
fn numbers(region: Region) -> Vec<PhoneNumber> {
    [PhoneNumberType::Mobile, PhoneNumberType::FixedLine]
        .into_iter()
        .flat_map(|kind| {
            let example = PHONE_NUMBER_UTIL
                .get_example_number_for_type_and_region(region, kind)
                .expect("an example");
            (0..10_000)
                .step_by(37)
                .map(move |last| {
                    let mut number = example.clone();
                    number.national_number = number.national_number / 10_000 * 10_000 + last;
                    number
                })
                .filter(|number| PHONE_NUMBER_UTIL.is_valid_number(number))
                .take(9)
        })
        .collect()
}

/// All texts in an order without a pattern, the same in every run.
fn shuffled(texts: &[Text]) -> Vec<&Text> {
    let mut shuffled: Vec<&Text> = texts.iter().collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for at in (1..shuffled.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap_or_default() % (at + 1);
        shuffled.swap(at, other);
    }
    shuffled
}
