//! Prevents a list from missing a call because one number was written in two ways: every row of
//! the table of written forms, each by its own name.

mod on_lists_alone;
mod technical_prefixes;

use callbar::{Class, DialPlan, Error, Number, Tag};

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

/// A call gives the user, an entry the user at the host.
#[track_caller]
fn at_host(region: &str, text: &str, user: &str, host: &str, tag: Tag) {
    assert_eq!(call(region, text), (user.to_owned(), tag), "call {text:?} in {region}");
    let (plan, form) = (plan(region), format!("{user}@{host}"));
    let listed = plan.entry(text.as_bytes());
    assert_eq!(shown(&listed), (form.clone(), tag), "entry {text:?} in {region}");
    assert_eq!(plan.entry(form.as_bytes()), listed, "{form:?} in {region} reads back");
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
    both("TR", "sip:Bob%20Smith", "anonymous", Tag::Anonymous);
    at_host("TR", "sip:Bob%20Smith@a.com", "Bob%20Smith", "a.com", Tag::N);
    at_host("TR", "sip:100%2525@a.com", "100%2525", "a.com", Tag::N);
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
        "sip:Blocked%20Caller%20ID@gw",
        "Blocked Caller ID",
        "sip:No_Caller_ID@gw",
        "no-caller-id",
        "sip:Out%20Of%20Area@gw",
        "OUT_OF_AREA",
        "Number Withheld",
        "\"Ali\" <sip:Caller%20Unknown@gw>;tag=1",
    ] {
        both("TR", text, "anonymous", Tag::Anonymous);
    }
}

#[test]
fn words_that_withhold_no_number_are_users() {
    for text in ["callcenter", "nobody", "privateer", "blocked_by_ali"] {
        both("TR", text, text, Tag::N);
    }
}

#[test]
fn seven_zeros_and_more_are_withheld_numbers() {
    // Longer than any number of the region: local, and nobody's.
    for (region, zeros) in [("US", "0000000"), ("TR", "00000000000000")] {
        let plan = plan(region);
        let number = plan.number(zeros.as_bytes());
        assert_eq!(number.tag(), Tag::L, "{zeros} in {region}");
        assert_eq!(plan.class(&number), Some(Class::Anonymous), "{zeros} in {region}");
    }
    assert_ne!(plan("US").class(&plan("US").number(b"000000")), Some(Class::Anonymous));
    // As many as a number has: of this alone nobody knows whether it calls.
    both("TR", "0000000000", "+900000000000", Tag::E);
    assert_eq!(plan("TR").class(&plan("TR").number(b"0000000000")), None);
}

#[test]
fn a_display_name_does_not_make_a_caller_anonymous() {
    both("TR", "\"Anonymous\" <sip:+905050047824@gw>", TURKISH, Tag::E);
    both("TR", "sip:+905050047824@anonymous.example", TURKISH, Tag::E);
    both("TR", "sip:+905050047824@unknown.example", TURKISH, Tag::E);
    at_host("TR", "sip:unknown1@gw", "unknown1", "gw", Tag::N);
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
    both("US", "tel:911;phone-context=+1", "911", Tag::L);
    assert_eq!(plan("US").number(b"tel:911;phone-context=+1").reason(), "emergency");
    both("TR", "tel:911;phone-context=+1", "+1911", Tag::L);
}

#[test]
fn a_short_code_behind_its_own_calling_code_is_that_short_code() {
    for (region, text, code, reason) in [
        ("US", "+1911", "911", "emergency"),
        ("US", "+1 411", "411", "short code"),
        ("US", "011 1 911", "911", "emergency"),
        ("FR", "+333635", "3635", "short code"),
        ("FR", "0033 3635", "3635", "short code"),
        ("FR", "+00333635", "3635", "short code"),
        ("TR", "+90155", "155", "emergency"),
        ("TR", "0090 155", "155", "emergency"),
        ("TR", "+901001", "1001", "too short"),
    ] {
        both(region, text, code, Tag::L);
        assert_eq!(plan(region).number(text.as_bytes()).reason(), reason, "{text} in {region}");
    }
    // Not of the region, or a possible number.
    both("TR", "+333635", "+333635", Tag::L);
    both("DE", "+49227700", "+49227700", Tag::E);
}

#[test]
fn a_plus_before_a_zero_is_a_slip() {
    for (region, text) in [
        ("TR", "+00905050047824"),
        ("TR", "+0090 505 004 78 24"),
        ("TR", "++00905050047824"),
        ("TR", "+05050047824"),
        ("TR", "+0 (505) 004-78-24"),
        ("TR", "sip:%2B05050047824@gw"),
        ("US", "+011 90 505 004 78 24"),
        ("AU", "+0011905050047824"),
        ("JP", "+010905050047824"),
    ] {
        both(region, text, TURKISH, Tag::E);
    }
    both("GB", "+0112", "+0112", Tag::E);
    assert_eq!(plan("GB").number(b"+0112").reason(), "unassigned");
    both("IT", "+0612345678", "+390612345678", Tag::E);
}

#[test]
fn a_plus_before_what_is_then_no_possible_number_leaves_nobodys_code() {
    for (region, text) in [
        ("TR", "+0505"),
        ("TR", "+0099"),
        ("TR", "+0090505"),
        ("TR", "+00"),
        ("TR", "+00112"),
        ("US", "+0905050047824"),
        ("US", "+011911"),
    ] {
        both(region, text, text, Tag::E);
        let plan = plan(region);
        let number = plan.number(text.as_bytes());
        assert_eq!(number.reason(), "unassigned", "{text} in {region}");
        assert_eq!(plan.class(&number), Some(Class::Unassigned), "{text} in {region}");
    }
    assert!(plan("TR").is_emergency(&plan("TR").number(b"+00112")));
}

#[test]
fn a_mobile_mark_of_argentina_and_mexico_is_dropped() {
    for (region, text) in [
        ("TR", "+54 9 11 5555 0147"),
        ("TR", "0054 9 11 5555 0147"),
        ("TR", "tel:91155550147;phone-context=+54"),
        ("AR", "+541155550147"),
        ("AR", "011 15 5555 0147"),
        ("AR", "11 5555 0147"),
        ("AR", "9 11 5555 0147"),
        ("AR", "549 11 5555 0147"),
        ("AR", "+005491155550147"),
    ] {
        both(region, text, "+541155550147", Tag::E);
    }
    for (region, text) in [
        ("TR", "+52 1 55 1234 5678"),
        ("US", "011 52 1 55 1234 5678"),
        ("MX", "+52 55 1234 5678"),
        ("MX", "1 55 1234 5678"),
        ("MX", "55 1234 5678"),
    ] {
        both(region, text, "+525512345678", Tag::E);
    }
    // A mark stands before ten digits, and in two countries alone.
    both("AR", "+54 9115 555 014", "+549115555014", Tag::E);
    both("TR", "+52 155 12345678901", "+5215512345678901", Tag::L);
    both("TR", "+5691155550147", "+5691155550147", Tag::E);
}

#[test]
fn a_zero_between_brackets_behind_a_calling_code_is_not_dialled() {
    for (region, text, form) in [
        ("TR", "+90 (0) 505 004 78 24", TURKISH),
        ("PL", "+48 (0) 22 123 45 67", "+48221234567"),
        ("TR", "0048 (0) 22 123 45 67", "+48221234567"),
        ("ES", "+34(0)912345678", "+34912345678"),
        ("US", "+1 [0] 212 555 0123", "+12125550123"),
        ("US", "sip:+1(0)2125550123@gw", "+12125550123"),
        // These keep their zeros.
        ("IT", "+39 (0) 2 1234 5678", "+390212345678"),
        ("SM", "+378 (0) 549 88 6377", "+3780549886377"),
        ("VA", "+39 (0) 6 698 12345", "+390669812345"),
    ] {
        both(region, text, form, Tag::E);
    }
}

#[test]
fn a_host_counts_on_lists_alone_and_not_for_e164_numbers() {
    at_host("TR", "alice@h", "alice", "h", Tag::N);
    at_host("TR", "sip:alice@Evil.Example.", "alice", "evil.example", Tag::N);
    at_host("TR", "\"A\" <sip:alice:pw@H:5061;user=phone?x=y>;tag=z", "alice", "h", Tag::N);
    at_host("TR", "sip:alice@[2001:DB8::1]:5060", "alice", "[2001:db8::1]", Tag::N);
    at_host("TR", "500@pbx.other", "500", "pbx.other", Tag::L);
    at_host("TR", "sip:*67@gw", "*67", "gw", Tag::S);
    both("TR", "sip:+905050047824@evil.example", TURKISH, Tag::E);
    both("TR", "sip:+999123456789@evil.example", "+999123456789", Tag::E);
    both("TR", "urn:service:sos@gw", "urn:service:sos", Tag::S);
}

#[test]
fn an_escaped_at_is_a_part_of_the_user_and_begins_no_host() {
    at_host("TR", "sip:alice%40a.com@h", "alice%40a.com", "h", Tag::N);
    both("TR", "alice%40a.com", "alice%40a.com", Tag::N);
    assert_ne!(plan("TR").number(b"alice%40a.com"), plan("TR").entry(b"alice@a.com"));
}

#[test]
fn what_is_neither_a_number_nor_a_possible_user_is_invalid() {
    let plan = plan("TR");
    for text in [
        &b"sip:ali veli@gw"[..],
        b"ali\tveli",
        b"sip:ali%00@gw",
        b"sip:%0d%0aali@gw",
        b"a\x01",
        b"a\xff",
        b"\"ali",
        b"sip:ali\"@gw",
        b"ali%4",
        b"ali%zz",
    ] {
        let number = plan.number(text);
        assert_eq!(number.tag(), Tag::Invalid, "{}", text.escape_ascii());
        assert!(number.reason().starts_with("neither a number nor a SIP user"));
        assert_eq!(plan.class(&number), Some(Class::Invalid));
        assert_eq!(plan.entry(text).tag(), Tag::Invalid, "{}", text.escape_ascii());
    }
}

#[test]
fn control_characters_among_digits_are_dropped_from_calls() {
    for text in ["+90505004%0078 24", "sip:05050047824%00@gw", "+90505\x010047824", "0505\t0047824"]
    {
        assert_eq!(call("TR", text), (TURKISH.into(), Tag::E), "{text:?}");
    }
    assert_eq!(entry("TR", "+90505004%0078 24").1, Tag::Invalid);
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
    at_host("TR", "\"Alice\" <sip:alice:pw@h;user=phone>;tag=z", "alice", "h", Tag::N);
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
fn a_code_that_nobody_has_is_unassigned() {
    for text in ["+0505", "+000905050047824", "+999123456789"] {
        both("TR", text, text, Tag::E);
        let number = plan("TR").number(text.as_bytes());
        assert!(
            matches!(&number, Number::Unassigned(digits) if digits.as_bytes() == &text.as_bytes()[1..])
        );
        assert_eq!(number.reason(), "unassigned");
    }
    // Kenya dials 000 abroad.
    both("KE", "+000905050047824", TURKISH, Tag::E);
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
    for prefix in ["", "+", "0x+", "0-", "0123456789012345"] {
        let added = plan("TR").with_international_prefix(prefix);
        assert!(matches!(added, Err(Error::InvalidPrefix { .. })), "{prefix}");
        let added = plan("TR").with_technical_prefix(prefix);
        assert!(matches!(added, Err(Error::InvalidPrefix { .. })), "{prefix}");
    }
    // A letter may be dialled before a number, not to reach abroad.
    let added = plan("TR").with_international_prefix("0x");
    assert!(matches!(added, Err(Error::InvalidPrefix { .. })));
    let added = plan("TR").with_technical_prefix("L0#").unwrap();
    assert_eq!(added.technical_prefixes().collect::<Vec<_>>(), ["L0#"]);
}
