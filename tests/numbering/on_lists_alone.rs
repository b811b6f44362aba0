//! What people write on lists and no call presents: letters, remarks, two numbers in one, masks and the
//! notations of other systems. A call that presents it has a user's name, if RFC 3261 lets a user be
//! written so: without blanks, quotes, brackets and control characters.

use callbar::Tag;

use crate::{TURKISH, call, entry, plan};

#[test]
fn letters_map_by_keypad_on_lists_alone() {
    assert_eq!(entry("US", "1-800-FLOWERS"), ("+18003569377".into(), Tag::E));
    assert_eq!(call("US", "1-800-FLOWERS"), ("1-800-FLOWERS".into(), Tag::N));
}

#[test]
fn a_remark_beside_a_whole_number_is_no_vanity_number() {
    for (region, text) in [
        ("DE", "0171 1234567 Max"),
        ("DE", "01715551234 mobil"),
        ("TR", "5050047824 (Ali)"),
        ("IN", "98765 43210 Ram"),
        ("US", "555-1234 Bob"),
    ] {
        assert_eq!(entry(region, text).1, Tag::Invalid, "{text}");
        assert_eq!(call(region, text).1, Tag::Invalid, "{text}: blanks stand in no user");
    }
    assert_eq!(call("DE", "01715551234mobil"), ("01715551234mobil".into(), Tag::N));
    assert_eq!(entry("US", "1-888-555-TAXI"), ("+18885558294".into(), Tag::E));
}

#[test]
fn what_can_be_no_user_is_invalid_on_lists_and_calls() {
    let plan = plan("TR");
    for text in [
        &b"05050047824 Ali Veli"[..],
        b"#N/A",
        b"#comment",
        b"\xA0",
        b"\0\0",
        b"a\tb",
        b"a\x01",
        b"a\xff",
    ] {
        let number = plan.entry(text);
        assert_eq!(number.tag(), Tag::Invalid, "{}", text.escape_ascii());
        assert!(number.reason().starts_with("neither a number nor a SIP user"));
        assert_eq!(plan.number(text), number, "{}", text.escape_ascii());
    }
}

#[test]
fn a_user_without_letters_and_digits_is_invalid_on_lists_alone() {
    assert_eq!(entry("TR", "-").1, Tag::Invalid);
    assert_eq!(call("TR", "-"), ("%2D".into(), Tag::N));
    assert_eq!(call("TR", "%2D"), call("TR", "-"));
}

#[test]
fn a_formula_of_a_text_is_what_it_quotes_on_lists_alone() {
    for text in ["=\"05050047824\"", " =\"0505 004 78 24\" "] {
        assert_eq!(entry("TR", text), ("+905050047824".into(), Tag::E), "{text}");
        assert_eq!(call("TR", text).1, Tag::Invalid, "{text}");
    }
    assert_eq!(entry("TR", "=\"112\""), ("112".into(), Tag::L));
    assert_eq!(entry("TR", "=\"5,05E+11\"").1, Tag::Invalid);
    assert_eq!(entry("TR", "=05050047824").1, Tag::Invalid);
    let pattern = plan("TR").pattern(b"=\"0505*\"").unwrap().unwrap();
    assert_eq!(pattern.to_string(), "+90505*");
}

#[test]
fn what_a_spreadsheet_rounded_is_invalid_on_lists_alone() {
    for text in ["9.0505E+11", "9,05055e11", "9.0E-1"] {
        let number = plan("TR").entry(text.as_bytes());
        assert!(number.reason().starts_with("spreadsheet notation"), "{text}");
        assert_eq!(call("TR", text).1, Tag::N, "{text}");
    }
}

#[test]
fn two_numbers_and_short_forms_of_ranges_are_invalid_on_lists_alone() {
    for (region, text, reason, called) in [
        ("TR", "0212 555 00 00 / 0212 555 99 99", "FIRST-LAST", Tag::L),
        ("TR", "0505..0506", "FIRST-LAST", Tag::E),
        ("TR", "0505:0506", "FIRST-LAST", Tag::Invalid),
        ("US", "800-555-0000 to 800-555-9999", "FIRST-LAST", Tag::Invalid),
        ("TR", "05050047824;05050047825", "holds two numbers", Tag::E),
        ("TR", "05050047824,05050047825", "holds two numbers", Tag::N),
        ("TR", "05050047824 05050047825", "holds two numbers", Tag::L),
        ("TR", "sip:05050047824,05050047825@gw", "holds two numbers", Tag::N),
        ("TR", "0850 304 00 00 / 0850 304 00 01", "holds two numbers", Tag::L),
        ("TR", "112/110", "holds two numbers", Tag::L),
        ("US", "2125550180..2125550189", "holds two numbers", Tag::L),
        ("TR", "0850 304 00 00 - 99", "write both ends", Tag::E),
        ("TR", "0850 304 00 00-99", "write both ends", Tag::E),
        ("TR", "0850 304 00 00/99", "write both ends", Tag::E),
        ("US", "+1 212 555 0152-0155", "write both ends", Tag::L),
        ("US", "2125550160-69", "write both ends", Tag::L),
    ] {
        let plan = plan(region);
        let number = plan.entry(text.as_bytes());
        assert_eq!(number.tag(), Tag::Invalid, "{text}: {number}");
        assert!(number.reason().contains(reason), "{text}: {}", number.reason());
        assert_eq!(plan.number(text.as_bytes()).tag(), called, "{text}");
        assert!(plan.pattern(text.as_bytes()).is_none(), "{text}");
    }
    for (text, form) in [
        ("(0212) 555 - 0123", "+902125550123"),
        ("0212-555-01-23", "+902125550123"),
        ("+90 505/0047824", TURKISH),
        ("0505.004.78.24", TURKISH),
        ("tel:05050047824;ext=3", TURKISH),
        ("tel:5050047824;phone-context=+90", TURKISH),
        ("0505004782499999", "0505004782499999"),
    ] {
        assert_eq!(entry("TR", text).0, form, "{text}");
    }
}

#[test]
fn notations_of_other_systems_are_invalid_on_lists_alone() {
    for (region, text, called) in [
        ("TR", "0505NNNNNNN", Tag::N),
        ("TR", "0505nnnnnnn", Tag::N),
        ("US", "[2-9]11", Tag::L),
        ("US", "+1212555010[0-9]", Tag::L),
        ("US", "212555019?", Tag::N),
        ("TR", "0505???????", Tag::N),
        ("US", "1212%%", Tag::Invalid),
        ("TR", "0505.......", Tag::L),
        ("TR", "_0505XXXXXXX", Tag::N),
        ("US", "1NXXNXXXXXX", Tag::N),
        ("US", "X11", Tag::N),
        ("US", "N11XXXXXXX", Tag::N),
        ("US", "NPA-NXX-XXXX", Tag::N),
        ("US", "XXXXXXXXXX", Tag::N),
    ] {
        let plan = plan(region);
        let number = plan.entry(text.as_bytes());
        assert_eq!(number.tag(), Tag::Invalid, "{text}: {number}");
        assert!(number.reason().contains("0505XXXXXXX"), "{text}: {}", number.reason());
        assert_eq!(plan.number(text.as_bytes()).tag(), called, "{text}");
        assert!(!matches!(plan.pattern(text.as_bytes()), Some(Ok(_))), "{text}");
    }
    assert_eq!(entry("US", "1-800-FLOWERS").1, Tag::E);
    assert_eq!(entry("TR", "NZ1001").1, Tag::N);
}

#[test]
fn a_number_with_hidden_digits_is_no_other_number() {
    for (region, text, called) in [
        ("TR", "0505XXX7824", Tag::N),
        ("TR", "0505 x x x 7824", Tag::Invalid),
        ("TR", "Tel: 0505XXX7824", Tag::Invalid),
        ("TR", "sip:0505XXX7824@gw", Tag::N),
        ("TR", "050500478x24", Tag::N),
        ("US", "212-XXX-0147", Tag::N),
        ("US", "212-555-014X", Tag::N),
        ("US", "+1212555XXXX", Tag::N),
        ("US", "+12XX", Tag::N),
        ("BR", "(0XX11) 98765-43XX", Tag::Invalid),
    ] {
        let number = plan(region).entry(text.as_bytes());
        assert!(number.reason().starts_with("digits are masked"), "{text}: {number}");
        assert_eq!(call(region, text).1, called, "{text}");
    }
    for (region, text, form) in [
        ("TR", "0505 004 78 24x3", TURKISH),
        ("TR", "0505 004 78 24 x 12", TURKISH),
        ("US", "555-1234x3", "5551234"),
        ("US", "411x3", "411"),
        ("US", "1-800-EXX-CITE", "+18003992483"),
    ] {
        assert_eq!(entry(region, text).0, form, "{text}");
    }
    assert_eq!(entry("US", "sip:XXXXXXXXXX@my.example").1, Tag::N);
}

#[test]
fn carrier_placeholders_and_dialled_extensions_are_read_as_libphonenumber_does() {
    assert_eq!(entry("BR", "(0XX11)98765-4321"), ("+5511987654321".into(), Tag::E));
    assert_eq!(entry("US", "202-555-0123,,1234#"), ("+12025550123".into(), Tag::E));
    assert_eq!(entry("US", "202-555-0123;1234#"), ("+12025550123".into(), Tag::E));
}

#[test]
fn an_extension_is_dropped_on_lists_alone() {
    for text in ["0505 004 78 24 ext 3", "0505 004 78 24x3", "0505 004 78 24, ext. 3"] {
        assert_eq!(entry("TR", text), (TURKISH.into(), Tag::E));
        assert_eq!(call("TR", text), ("invalid".into(), Tag::Invalid));
    }
    assert_eq!(entry("TR", "05050047824x3"), (TURKISH.into(), Tag::E));
    assert_eq!(call("TR", "05050047824x3"), ("05050047824x3".into(), Tag::N));
    assert_eq!(entry("US", "555-1234 x3"), ("5551234".into(), Tag::L));
}

#[test]
fn a_tilde_among_digits_is_punctuation() {
    for text in ["0505~004~78~24", "+90~505 004 78 24", "tel:0505~0047824"] {
        assert_eq!(entry("TR", text), (TURKISH.into(), Tag::E), "{text}");
        assert_eq!(call("TR", text), (TURKISH.into(), Tag::E), "{text}");
    }
    // On lists, a few digits behind a whole number are the short form of a range.
    let number = plan("US").entry(b"212-555-0123~3");
    assert!(number.reason().starts_with("holds the short form of a range"), "{number}");
    assert_eq!(call("US", "212-555-0123~3"), ("21255501233".into(), Tag::L));
}

#[test]
fn what_stands_around_a_number_is_cut_on_lists_alone() {
    for text in ["Mobile: +90 505 004 78 24", "'0505 004 78 24'", "+90 505 004 78 24 !"] {
        assert_eq!(entry("TR", text), (TURKISH.into(), Tag::E), "{text}");
        assert_eq!(call("TR", text).1, Tag::Invalid, "{text}");
    }
    assert_eq!(entry("TR", "alice5050047824").1, Tag::N, "a user's name is no number");
}
