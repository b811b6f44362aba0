//! Prevents an explanation that tells another story than the one that was acted on: every trace,
//! replayed step by step, must arrive at the number that the call was judged by.

use callbar::{DialPlan, Step, StepKind};

/// What the steps lead to when they are applied one after the other; for E.164 numbers alone, all
/// others end as they were dialled.
fn replayed(text: &str, steps: &[Step]) -> String {
    let mut current = text.trim_ascii().to_owned();
    let mut code = String::new();
    let mut code_first = false;
    for Step { step, value } in steps {
        let rest = || current.strip_prefix(value.as_str()).expect("the value stands in front");
        current = match step {
            StepKind::UserPart
            | StepKind::PercentDecoded
            | StepKind::DigitsConverted
            | StepKind::SeparatorsDropped
            | StepKind::PlusDropped
            | StepKind::TrunkPrefixRewritten => value.clone(),
            StepKind::ParametersCut => current.strip_suffix(value.as_str()).unwrap().to_owned(),
            StepKind::PhoneContext => format!("{value}{current}"),
            StepKind::TrunkPrefix | StepKind::MobileMark => rest().to_owned(),
            StepKind::PlainE164 => {
                code_first = true;
                current
            }
            StepKind::InternationalPrefix => {
                code_first = true;
                rest().to_owned()
            }
            StepKind::OwnCallingCode => {
                code.clone_from(value);
                rest().to_owned()
            }
            StepKind::CallingCode => {
                code.clone_from(value);
                match current.strip_prefix('+').or(code_first.then_some(&current)) {
                    Some(found) => found.strip_prefix(value.as_str()).unwrap().to_owned(),
                    None => current,
                }
            }
            end => {
                assert_eq!(*end, StepKind::E164, "{steps:?}");
                return format!("+{code}{current}");
            }
        };
    }
    panic!("a trace ends with what the number is: {steps:?}");
}

fn check(plan: &DialPlan, text: &str) {
    let number = plan.number(text.as_bytes());
    let steps = plan.trace(text.as_bytes());
    let last = steps.last().expect("a step at least");
    assert_eq!(last.value, number.to_string(), "{text:?} in {}: {steps:?}", plan.region());
    if last.step == StepKind::E164 {
        let replayed = replayed(text, &steps);
        assert_eq!(replayed, last.value, "{text:?} in {}: {steps:?}", plan.region());
    }
}

fn steps(plan: &DialPlan, text: &str) -> String {
    let steps = plan.trace(text.as_bytes());
    let steps: Vec<String> =
        steps.iter().map(|Step { step, value }| format!("{step} {value}")).collect();
    steps.join(", ")
}

#[test]
fn every_trace_of_the_corpus_leads_to_its_number() {
    let mut rows = 0;
    for (plan, text) in rows_of(include_str!("data/numbers.tsv")) {
        check(&plan, text);
        check(&plan.clone().with_plain_e164(true), text);
        check(&plan, &format!("+{text}"));
        check(&plan, &format!("+00{text}"));
        let special = plan.clone().with_technical_prefix("99#").unwrap();
        let special = special.with_international_prefix("0099").unwrap();
        check(&special, &format!("99#{text}"));
        check(&special, &format!("sip:0099{text}@gw"));
        for host in ["g.com", "a.com", "gw;user=phone"] {
            check(&plan, &format!("sip:{text}@{host} <sip:+905321112233@gw>"));
            check(&plan, &format!("tel:{text}@{host}, <sip:+905321112233@gw>"));
        }
        rows += 1;
    }
    assert!(rows > 1_000, "{rows} rows");
}

/// See `corpus.rs`.
#[test]
fn every_trace_of_the_corpus_of_the_environment_leads_to_its_number() {
    let Ok(path) = std::env::var("CALLBAR_CORPUS") else {
        println!("CALLBAR_CORPUS names no corpus: only the committed sample is replayed");
        return;
    };
    let corpus = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    rows_of(&corpus).for_each(|(plan, text)| check(&plan, text));
}

/// The plan and the text of each row.
fn rows_of(corpus: &str) -> impl Iterator<Item = (DialPlan, &str)> {
    corpus.lines().skip(1).filter_map(|row| {
        let mut fields = row.split('\t');
        let (region, text) = (fields.next()?, fields.next()?);
        Some((DialPlan::new(region).ok()?, text))
    })
}

#[test]
fn written_forms_lead_to_their_numbers() {
    let forms = [
        "sip:0505%20004%2078%2024;npdi@gw;user=phone",
        "\u{FF0B}\u{669}\u{660} 505 004 78 24",
        "tel:5050047824;phone-context=+90",
        "tel:7042;phone-context=Example.com",
        "+90 (0) 505 004 78 24",
        "+48 (0) 22 123 45 67",
        "+00905050047824",
        "sip:%2B05050047824@gw",
        "+0612345678",
        "+54 9 11 2345 6789",
        "+52 1 55 1234 5678",
        "+333635",
        "+1911",
        "0505~004~78~24",
        "0111523456789",
        "4641234",
        "8~10 90 505 004 78 24",
        "99#00905050047824",
        "sip:05050047824@g.com <sip:+905321112233@gw>",
        "sip:+905050047824@g.com<sip:+905321112233@gw>",
        "*67",
        "Bob%20Smith",
        "alice;day=tuesday",
        "urn:service:SOS",
        "911",
        "112",
        "+999123",
        "00999123",
        "anonymous",
        "",
        "+",
        "12\u{0}",
    ];
    for region in ["TR", "US", "AR", "AG", "RU", "BY", "IT", "DE", "BR", "MX", "AU"] {
        let plan = DialPlan::new(region).unwrap();
        for text in forms {
            check(&plan, text);
            check(&plan.clone().with_technical_prefix("99#").unwrap(), text);
        }
    }
}

#[test]
fn traces_tell_what_was_done() {
    let plan = DialPlan::new("TR").and_then(|plan| plan.with_technical_prefix("99#")).unwrap();
    for (text, expected) in [
        ("+905050047824", "calling_code 90, e164 +905050047824"),
        (
            "<sip:0505%20004-7824;npdi@gw>",
            "user_part 0505%20004-7824;npdi, parameters_cut ;npdi, percent_decoded 0505 004-7824, \
             separators_dropped 05050047824, trunk_prefix 0, calling_code 90, e164 +905050047824",
        ),
        ("99#00905050047824", "service 99#00905050047824"),
        (
            "+00905050047824",
            "plus_dropped 00905050047824, international_prefix 00, calling_code 90, e164 +905050047824",
        ),
        (
            "+05050047824",
            "plus_dropped 05050047824, trunk_prefix 0, calling_code 90, e164 +905050047824",
        ),
        ("+0505", "plus_dropped 0505, unassigned_code +0505"),
        ("+90155", "calling_code 90, emergency 155"),
        ("905050047824", "own_calling_code 90, e164 +905050047824"),
        (
            "tel:5050047824;phone-context=+90",
            "user_part 5050047824;phone-context=+90, parameters_cut ;phone-context=+90, \
             phone_context +90, calling_code 90, e164 +905050047824",
        ),
        ("\u{661}\u{661}\u{662}", "digits_converted 112, emergency 112"),
        ("1234", "too_short 1234"),
        ("*67", "service *67"),
        ("sip:bob%20b@a.com", "user_part bob%20b, percent_decoded bob b, opaque_user bob%20b"),
        ("+999123", "unassigned_code +999123"),
        ("00999123", "international_prefix 00, unassigned_code +999123"),
        ("anonymous", "withheld anonymous"),
    ] {
        assert_eq!(steps(&plan, text), expected, "{text}");
    }
    let argentina = DialPlan::new("AR").unwrap();
    assert_eq!(
        steps(&argentina, "0111523456789"),
        "trunk_prefix_rewritten 91123456789, mobile_mark 9, calling_code 54, e164 +541123456789"
    );
}

#[test]
fn steps_are_words_and_values_in_json() {
    let steps = DialPlan::new("US").unwrap().trace(b"(911)");
    let written = serde_json::to_string(&steps).unwrap();
    let expected =
        r#"[{"step":"separators_dropped","value":"911"},{"step":"emergency","value":"911"}]"#;
    assert_eq!(written, expected);
}
