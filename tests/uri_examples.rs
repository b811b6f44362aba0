//! Prevents a reader of URIs that knows only its own examples: those of the standards, each as
//! the number that its section says it means.

use callbar::{DialPlan, Tag};

#[track_caller]
fn means(text: &str, form: &str, tag: Tag) {
    let number = DialPlan::new("US").unwrap().number(text.as_bytes());
    assert_eq!((number.to_string().as_str(), number.tag()), (form, tag), "{text}");
}

#[test]
fn rfc_3966_section_6() {
    means("tel:+1-201-555-0123", "+12015550123", Tag::E);
    means("tel:7042;phone-context=example.com", "7042;phone-context=example.com", Tag::L);
    means("tel:863-1234;phone-context=+1-914-555", "+19145558631234", Tag::L);
}

#[test]
fn rfc_3966_section_5_1() {
    // 5.1.5: the context is a part of the number, not of its dialling.
    means("tel:911;phone-context=+1", "911", Tag::L);
    // 5.1.4, 5.3, 5.4: postdial digits, subaddress and extension are not the number.
    means("tel:+358-555-1234567;postd=pp22", "+3585551234567", Tag::E);
    means("tel:+1-201-555-0123;isub=1411", "+12015550123", Tag::E);
    means("tel:+1-201-555-0123;ext=44", "+12015550123", Tag::E);
}

#[test]
fn rfc_3261_section_19_1_3() {
    means("sip:alice@atlanta.com", "alice", Tag::N);
    means("sip:alice:secretword@atlanta.com;transport=tcp", "alice", Tag::N);
    means("sips:alice@atlanta.com?subject=project%20x&priority=urgent", "alice", Tag::N);
    means("sip:+1-212-555-1212:1234@gateway.com;user=phone", "+12125551212", Tag::E);
    means("sips:1212@gateway.com", "1212", Tag::L);
    means("sip:alice@192.0.2.4", "alice", Tag::N);
    means("sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", "anonymous", Tag::Anonymous);
    // The user is "alice;day=tuesday"; the encoded form reads back as the same.
    means("sip:alice;day=tuesday@atlanta.com", "alice%3Bday=tuesday", Tag::N);
    means("alice%3Bday=tuesday", "alice%3Bday=tuesday", Tag::N);
}

#[test]
fn rfc_3261_section_19_1_6() {
    means("tel:+358-555-1234567;postd=pp22", "+3585551234567", Tag::E);
    for text in [
        "sip:+358-555-1234567;postd=pp22@foo.com;user=phone",
        "sip:+358-555-1234567;POSTD=PP22@foo.com;user=phone",
        "sip:+358-555-1234567;isub=1411;postd=pp22@foo.com;user=phone",
        "sip:+358-555-1234567;phone-context=5;tsp=a.b@foo.com;user=phone",
    ] {
        means(text, "+3585551234567", Tag::E);
    }
}

#[test]
fn rfc_3261_section_20() {
    means("\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s", "agb", Tag::N);
    means("sip:+12125551212@server.phone2net.com;tag=887s", "+12125551212", Tag::E);
    means("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8", "c8oqz84zk7z", Tag::N);
}

#[test]
fn addresses_without_brackets_and_the_first_of_several() {
    means("From: sip:+12125551212@server.phone2net.com;tag=887s", "+12125551212", Tag::E);
    means("f:sip:u@gw", "u", Tag::N);
    for text in [
        "P-Asserted-Identity: tel:+905050047824, sip:ali@example.com",
        "tel:+905050047824, sip:ali@example.com",
        "tel:+905050047824,<sip:x@y>",
        "\"Ali\" sip:+905050047824@gw",
        "Ali sip:+905050047824@gw",
    ] {
        means(text, "+905050047824", Tag::E);
    }
    for text in ["sip:05050047824@g.com <sip:+905050047824@gw>", "sip:9@a.com <tel:+905050047824>"]
    {
        means(text, "+905050047824", Tag::E);
    }
    means("sip:[2001:db8::1]:5060", "anonymous", Tag::Anonymous);
}

#[test]
fn rfc_4694_section_6() {
    means("tel:+1-800-123-4567;cic=+1-6789", "+18001234567", Tag::E);
    means("tel:+1-202-533-1234;npdi;rn=+1-202-544-0000", "+12025331234", Tag::E);
    means("tel:+1-202-533-1234;npdi", "+12025331234", Tag::E);
    means("tel:+1-800-222-2222;cic=+1-6789;rn=+1-202-544-0000", "+18002222222", Tag::E);
    means("tel:533-1234;phone-context=+1-202;npdi", "+12025331234", Tag::E);
}
