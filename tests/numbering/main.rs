//! Prevents a list from missing a call because one number was written in two ways: every row of
//! the table of written forms, each by its own name.

mod on_lists_alone;

use callbar::{DialPlan, Error, Number, Tag};

fn plan(region: &str) -> DialPlan {
    DialPlan::new(region).unwrap()
}

/// The form and the tag of a call's number in a region.
fn call(region: &str, text: &str) -> (String, Tag) {
    shown(&plan(region).number(text.as_bytes()))
}

/// The same of an entry.
fn entry(region: &str, text: &str) -> (String, Tag) {
    shown(&plan(region).entry(text.as_bytes()))
}

fn shown(number: &Number) -> (String, Tag) {
    (number.to_string(), number.tag())
}

/// Both a call and an entry give this.
#[track_caller]
fn both(region: &str, text: &str, form: &str, tag: Tag) {
    assert_eq!(call(region, text), (form.to_owned(), tag), "call {text:?} in {region}");
    assert_eq!(entry(region, text), (form.to_owned(), tag), "entry {text:?} in {region}");
}

const TURKISH: &str = "+905050047824";

#[test]
fn short_and_emergency_codes_are_local_as_they_are() {
    for region in ["US", "TR", "DE", "GB", "FR", "IN", "BR", "AT"] {
        for digits in ["911", "112", "0000", "1001"] {
            both(region, digits, digits, Tag::L);
        }
    }
    assert_eq!(plan("US").number(b"911").reason(), "emergency");
    assert_eq!(plan("TR").number(b"911").reason(), "emergency", "of no region's tables");
    assert_eq!(plan("US").number(b"411").reason(), "short code");
}

#[test]
fn a_short_code_that_is_also_a_national_number_is_local_up_to_six_digits() {
    // A valid number too, the only one of all regions with so few digits.
    both("DE", "227700", "227700", Tag::L);
    both("DE", "+49227700", "+49227700", Tag::E);
    both("GB", "118118", "118118", Tag::L);
    both("PY", "4012345", "+5954012345", Tag::E);
}

#[test]
fn service_strings_keep_star_and_hash() {
    for text in ["*67", "#31#", "*21*5550100#", "*"] {
        both("TR", text, text, Tag::S);
        both("US", text, text, Tag::S);
    }
    both("TR", "*21* 555-01 00 #", "*21*5550100#", Tag::S);
}

#[test]
fn a_service_prefix_of_the_plan_is_stripped_first() {
    let plan = plan("US").with_technical_prefix("*67").unwrap();
    assert_eq!(plan.number(b"*672015550123").to_string(), "+12015550123");
    assert_eq!(plan.number(b"*67").to_string(), "*67", "nothing would be left");
    assert_eq!(plan.number(b"*68").to_string(), "*68");
}

#[test]
fn a_local_number_is_local() {
    both("US", "555-1234", "5551234", Tag::L);
    assert_eq!(plan("US").number(b"5551234").reason(), "local only");
    // Seven digits, but a whole number: it is valid in Canada.
    both("US", "310-1234", "+13101234", Tag::E);
}

#[test]
fn too_short_and_too_long_numbers_are_local_as_they_are() {
    for (text, reason) in [("50500", "too short"), ("0505004782499999", "too long")] {
        both("TR", text, text, Tag::L);
        assert_eq!(plan("TR").number(text.as_bytes()).reason(), reason);
    }
    both("TR", "+90505", "+90505", Tag::L);
    both("TR", "0090505", "0090505", Tag::L);
    both("TR", &"9".repeat(126), &"9".repeat(126), Tag::L);
    both("TR", &"9".repeat(127), "invalid", Tag::Invalid);
}

#[test]
fn plain_digits_with_the_own_calling_code_are_e164() {
    both("TR", "905050047824", TURKISH, Tag::E);
}

#[test]
fn plain_digits_with_a_foreign_calling_code_are_what_the_region_makes_of_them() {
    both("US", "905050047824", "905050047824", Tag::L);
    both("DE", "905050047824", "+49905050047824", Tag::E);
    // 90 is a national prefix in Brazil.
    both("BR", "905050047824", "+555050047824", Tag::E);
}

#[test]
fn a_plan_may_say_that_plain_digits_are_e164() {
    for region in ["US", "DE", "BR", "TR"] {
        let plan = plan(region).with_plain_e164(true);
        assert!(plan.plain_e164());
        assert_eq!(plan.number(b"905050047824").to_string(), TURKISH, "{region}");
        assert_eq!(plan.number(b"911").tag(), Tag::L, "short codes come first");
    }
    // No calling code begins with 0, so this is still dialled nationally.
    assert_eq!(plan("TR").with_plain_e164(true).number(b"05050047824").to_string(), TURKISH);
}

#[test]
fn users_are_opaque_decoded_once_with_their_case() {
    both("TR", "alice", "alice", Tag::N);
    both("TR", "sip:Bob%20Smith@a.com", "Bob%20Smith", Tag::N);
    both("TR", "sip:100%2525@a.com", "100%2525", Tag::N);
    assert_eq!(plan("TR").number(b"sip:100%2525@a.com"), plan("TR").number(b"100%2525"));
    both("TR", &"a".repeat(126), &"a".repeat(126), Tag::N);
    both("TR", &"a".repeat(127), "invalid", Tag::Invalid);
}

#[test]
fn withheld_numbers_are_anonymous() {
    for text in [
        "anonymous",
        "Anonymous",
        "RESTRICTED",
        "unavailable",
        "anonymous.invalid",
        "",
        "  ",
        "<>",
        "sip:anonymous@anonymous.invalid",
        "sip:c8oqz84zk7z@anonymous.invalid",
        "sip:+905050047824@Anonymous.Invalid",
        "sip:%20@gw",
        "sip:%20%20:secret@gw",
        "sip:anonymous.invalid",
        "sip:@gw",
        "\"Anonymous\" <sip:anonymous@gw>;tag=1",
        "Anonymous <sip:anonymous@anonymous.invalid>",
        "sip:%61nonymous@gw",
        "sip:c8oqz84zk7z@anonymous.invalid.",
        "sip:unknown@unknown.invalid",
        "sip:+905050047824@Unknown.Invalid",
        "sip:+905050047824@unknown.invalid.:5060",
        "sip:Unknown@gw",
        "sip:private@10.0.0.1",
        "Withheld",
        "\"Private\" <sip:Private@gw>;tag=1",
        "unknown",
    ] {
        both("TR", text, "anonymous", Tag::Anonymous);
    }
}

#[test]
fn a_display_name_does_not_make_a_caller_anonymous() {
    both("TR", "\"Anonymous\" <sip:+905050047824@gw>", TURKISH, Tag::E);
    both("TR", "sip:+905050047824@anonymous.example", TURKISH, Tag::E);
    both("TR", "sip:+905050047824@unknown.example", TURKISH, Tag::E);
    both("TR", "sip:unknown1@gw", "unknown1", Tag::N);
    both("TR", "privately", "privately", Tag::N);
}

#[test]
fn a_plan_has_64_prefixes_of_a_kind() {
    let mut plan = plan("TR").with_international_prefix("8~10").unwrap();
    assert_eq!(plan.international_prefixes().collect::<Vec<_>>(), ["810"]);
    for prefix in 100..163 {
        plan = plan.with_international_prefix(&prefix.to_string()).unwrap();
    }
    plan = plan.with_international_prefix("810").unwrap();
    assert!(matches!(plan.with_international_prefix("163"), Err(Error::InvalidPrefix { .. })));
}

#[test]
fn digits_of_every_script_are_digits() {
    both("TR", "+\u{669}\u{660}5050047824", TURKISH, Tag::E);
    let fullwidth: String = "905050047824"
        .chars()
        .map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xFF10).unwrap())
        .collect();
    both("TR", &format!("\u{FF0B}{fullwidth}"), TURKISH, Tag::E);
    both("TR", &fullwidth, TURKISH, Tag::E);
    both("TR", "\u{966}\u{96B}050047824", TURKISH, Tag::E);
}

#[test]
fn separators_and_invisible_characters_vanish() {
    both("TR", "+90 (505)\u{A0}004\u{2011}78.24", TURKISH, Tag::E);
    both("TR", "0505\u{AD}004\u{200B}78\u{2060}24", TURKISH, Tag::E);
    both("TR", "\u{202A}+90 505 004 78 24\u{202C}", TURKISH, Tag::E);
    both("TR", "++90 505 004 78 24", TURKISH, Tag::E);
    both("TR", " \t+905050047824\r\n", TURKISH, Tag::E);
}

#[test]
fn parameters_of_a_number_are_dropped() {
    for params in [";ext=12", ";isub=12", ";postd=pp22"] {
        both("TR", &format!("tel:+905050047824{params}"), TURKISH, Tag::E);
        both("TR", &format!("+905050047824{params}"), TURKISH, Tag::E);
    }
}

#[test]
fn a_global_context_is_put_in_front() {
    both("US", "tel:5050047824;phone-context=+90", TURKISH, Tag::E);
    both("US", "tel:0505-004-78-24;isub=1;Phone-Context=+90", TURKISH, Tag::E);
    both("US", "sip:5050047824;phone-context=+90@gw;user=phone", TURKISH, Tag::E);
    both("US", "tel:911;phone-context=+1", "+1911", Tag::L);
}

#[test]
fn a_domain_context_scopes_a_local_number() {
    both("TR", "tel:7042;phone-context=Example.COM", "7042;phone-context=example.com", Tag::L);
    both("TR", "7042;phone-context=example.com", "7042;phone-context=example.com", Tag::L);
    assert_ne!(call("TR", "tel:7042;phone-context=a.com"), call("TR", "tel:7042"));
    both("TR", "tel:+905050047824;phone-context=example.com", TURKISH, Tag::E);
}

#[test]
fn a_ported_number_is_matched_as_dialled_never_as_routed() {
    both("TR", "+905050047824;npdi;rn=+905320000000;cic=+90532", TURKISH, Tag::E);
    both("TR", "tel:+905050047824;rn=+905320000000;npdi", TURKISH, Tag::E);
    both("US", "5550100;rn=5550000;npdi", "5550100", Tag::L);
}

#[test]
fn percent_encoded_numbers_are_decoded_once() {
    both("US", "%2B905050047824", TURKISH, Tag::E);
    both("US", "+90%35050047824", TURKISH, Tag::E);
    both("US", "sip:%2B90%35050047824@gw", TURKISH, Tag::E);
    both("US", "%EF%BC%8B905050047824", TURKISH, Tag::E);
    assert_eq!(call("US", "%252B905050047824").1, Tag::N, "one pass");
}

#[test]
fn uris_and_headers_give_their_user_part() {
    for text in [
        "sip:+905050047824@gw;user=phone",
        "SIPS:+905050047824:secret@gw:5061;transport=tls?x=y",
        "tel:+90-505-004-78-24",
        "\"Name\" <sip:+905050047824:pw@h;user=phone?x=y>;tag=z",
        "Name <tel:+905050047824>;tag=z",
        "\"A <b@c> \\\" d\" <sip:+905050047824@h>",
        "<sip:+905050047824@h>",
        "sip:+905050047824@h;tag=z",
        "+905050047824@h",
        "sip:+905050047824",
    ] {
        both("US", text, TURKISH, Tag::E);
    }
    assert_eq!(call("TR", "sip:+905050047824x@gw"), ("+905050047824x".into(), Tag::N));
    both("TR", "\"Alice\" <sip:alice:pw@h;user=phone>;tag=z", "alice", Tag::N);
}

#[test]
fn each_region_has_its_own_international_prefix() {
    for (region, text) in [
        ("DE", "00905050047824"),
        ("US", "011905050047824"),
        ("AU", "0011905050047824"),
        ("JP", "010905050047824"),
        ("RU", "810905050047824"),
        ("RU", "8~10 90 505 004 78 24"),
        ("BR", "0015905050047824"),
    ] {
        both(region, text, TURKISH, Tag::E);
    }
    both("US", "00905050047824", "00905050047824", Tag::L);
    // No calling code begins with 0: this is no international prefix before 0612345678.
    both("IT", "000612345678", "+39000612345678", Tag::E);
}

#[test]
fn a_plan_may_add_international_prefixes() {
    let plan = plan("US").with_international_prefix("00").unwrap();
    let plan = plan.with_international_prefix("00990").unwrap();
    assert_eq!(plan.number(b"00905050047824").to_string(), TURKISH);
    assert_eq!(plan.number(b"00990905050047824").to_string(), TURKISH, "the longest is taken");
    assert_eq!(plan.number(b"011905050047824").to_string(), TURKISH, "the region's own stays");
    assert_eq!(plan.international_prefixes().collect::<Vec<_>>(), ["00990", "00"]);
}

#[test]
fn a_technical_prefix_is_a_service_string_unless_the_plan_strips_it() {
    for text in ["99#05050047824", "*00905050047824"] {
        both("TR", text, text, Tag::S);
    }
    let plan = plan("TR").with_technical_prefix("99#").unwrap().with_technical_prefix("*").unwrap();
    for text in ["99#05050047824", "*00905050047824", "99#+905050047824", "sip:99%2305050047824@gw"]
    {
        assert_eq!(plan.number(text.as_bytes()).to_string(), TURKISH, "{text}");
        assert_eq!(plan.entry(text.as_bytes()).to_string(), TURKISH, "{text}");
    }
    assert_eq!(plan.number(b"+905050047824").to_string(), TURKISH);
    assert_eq!(plan.technical_prefixes().collect::<Vec<_>>(), ["99#", "*"]);
}

#[test]
fn a_technical_prefix_never_hides_an_emergency_number() {
    let plan = plan("US").with_technical_prefix("9").unwrap();
    assert_eq!(plan.number(b"911").to_string(), "911");
    assert_eq!(plan.number(b"92015550123").to_string(), "+12015550123");
}

#[test]
fn a_code_that_nobody_has_is_unassigned() {
    for text in ["+0905050047824", "+000905050047824", "+999123456789"] {
        both("TR", text, text, Tag::E);
        let number = plan("TR").number(text.as_bytes());
        assert!(
            matches!(&number, Number::Unassigned(digits) if digits.as_bytes() == &text.as_bytes()[1..])
        );
        assert_eq!(number.reason(), "unassigned");
    }
    // After an international prefix as after a plus.
    both("TR", "00999123456", "+999123456", Tag::E);
    both("US", "011 999 123456", "+999123456", Tag::E);
    both("TR", "00 99", "0099", Tag::L);
}

#[test]
fn a_possible_number_is_e164_though_it_is_not_valid() {
    both("TR", "+909990000000", "+909990000000", Tag::E);
}

#[test]
fn belarusian_numbers_keep_the_digits_that_look_like_a_prefix() {
    for text in ["+3758102469989", "3758102469989", "8103758102469989"] {
        both("BY", text, "+3758102469989", Tag::E);
    }
}

#[test]
fn a_nineteen_digit_number_fits() {
    let number = plan("TR").number(b"+8100777777777777777");
    assert!(
        matches!(number, Number::E164(e164) if e164.get() == 8_100_777_777_777_777_777),
        "{number:?}"
    );
}

#[test]
fn an_italian_zero_is_kept() {
    both("IT", "06 1234 5678", "+390612345678", Tag::E);
}

#[test]
fn plans_refuse_what_they_cannot_use() {
    for region in ["", "T", "XX", "001", "tur", "\u{130}"] {
        assert!(matches!(DialPlan::new(region), Err(Error::UnknownRegion { .. })), "{region}");
    }
    assert_eq!(plan("tr").region(), "TR");
    for prefix in ["", "+", "0x", "0123456789012345"] {
        let added = plan("TR").with_international_prefix(prefix);
        assert!(matches!(added, Err(Error::InvalidPrefix { .. })), "{prefix}");
        let added = plan("TR").with_technical_prefix(prefix);
        assert!(matches!(added, Err(Error::InvalidPrefix { .. })), "{prefix}");
    }
}
