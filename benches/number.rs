//! What reading a number costs, beside `rlibphonenumber` on the same texts in the same run.
//!
//! ```text
//! cargo bench --bench number                   nanoseconds a number
//! cargo bench --bench number -- 'all forms'    in an order without a pattern
//! cargo test --bench number -- --test          each once
//! ```
//!
//! Seven regions, eight written forms, 18 numbers each: 1,008 texts. Both must give the same number
//! for each; the bench stops if they do not. `all forms` has the texts in an order without a pattern,
//! so that no branch predictor learns it. `rlibphonenumber` parses, and formats as E.164. The ratio
//! that docs/figures.md has is `number/rlibphonenumber/all forms` over `number/callbar/all forms`.

#[allow(dead_code, reason = "other benches need the rest")]
mod support;

use std::hint::black_box;

use callbar::{DialPlan, Number};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Throughput};
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
    get_national_significant_number_owned,
};
use support::figures::criterion;
use support::numbers::shuffle;
use support::timing::Cursor;

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
    let mut criterion = criterion();
    let plans: Vec<DialPlan> = REGIONS
        .iter()
        .map(|(region, _)| DialPlan::new(&region.to_string()).expect("a region"))
        .collect();
    let texts = texts();
    for text in &texts {
        let number = plans[text.plan].number(text.written.as_bytes());
        assert_eq!(Some(number.to_string()), oracle(text), "{}", text.written);
    }
    let mut group = criterion.benchmark_group("number");
    group.throughput(Throughput::Elements(1));
    for (form, name) in FORMS.iter().enumerate() {
        let chosen: Vec<&Text> = texts.iter().filter(|text| text.form == form).collect();
        compare(&mut group, name, &chosen, &plans);
    }
    let mut shuffled: Vec<&Text> = texts.iter().collect();
    shuffle(&mut shuffled);
    compare(&mut group, "all forms", &shuffled, &plans);
    let one = texts.iter().find(|text| text.form == 0 && text.plan == 0).expect("a Turkish number");
    compare(&mut group, "one number, +905...", &[one; 1_024], &plans);
    group.finish();
    criterion.final_summary();
}

/// Measures both with these texts, one number an iteration.
fn compare(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    texts: &[&Text],
    plans: &[DialPlan],
) {
    let ours = |text: &Text| {
        matches!(plans[text.plan].number(black_box(text.written.as_bytes())), Number::E164(_))
    };
    let theirs = |text: &Text| oracle(black_box(text)).is_some();
    measure(group, BenchmarkId::new("callbar", name), texts, ours);
    measure(group, BenchmarkId::new("rlibphonenumber", name), texts, theirs);
}

fn measure(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    texts: &[&Text],
    mut read: impl FnMut(&Text) -> bool,
) {
    group.bench_function(id, |bencher| {
        let mut cursor = Cursor::new(texts.len());
        bencher.iter_custom(|count| {
            cursor.time(count, |range| {
                for text in &texts[range] {
                    black_box(read(text));
                }
            })
        });
    });
}

/// Reads the text with `rlibphonenumber`, which gets the user part of a SIP URI.
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
