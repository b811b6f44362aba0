//! Prevents: two readings of the rules of precedence. Each rule of the architecture is one example.

mod explanation;
mod network;

use std::sync::atomic::Ordering;

use callbar::Action::{Allow, Deny};
use callbar::{Change, Error, Note, Response, Settings};

use self::network::{DOMAIN, Lists, NOW, Network};

#[test]
fn the_longest_pattern_wins_whatever_it_says() {
    let network = Network::with_lists(&[
        ("spam", Deny, &["+90532*", "+9053212*"]),
        ("vip", Allow, &["+905321*", "+90532123XXXX"]),
    ]);
    assert_eq!(network.ask("05320000000"), "deny spam +90532*");
    assert_eq!(network.ask("05321000000"), "allow vip +905321*");
    assert_eq!(network.ask("05321200000"), "deny spam +9053212*");
    assert_eq!(network.ask("05321230000"), "allow vip +90532123XXXX");
}

#[test]
fn a_wildcard_is_as_long_as_its_last_digit_and_a_range_as_its_block() {
    let network = Network::with_lists(&[
        ("spam", Deny, &["+905321*", "+9053XXX5XXXX"]),
        ("vip", Allow, &["+905320000000-+905321999999"]),
    ]);
    assert_eq!(network.ask("05321000000"), "allow vip +905320000000-+905321999999");
    assert_eq!(network.ask("05321050000"), "deny spam +9053XXX5XXXX");
    assert_eq!(network.ask("05322000000"), "pass");
}

#[test]
fn an_exact_number_beats_every_pattern() {
    let network = Network::with_lists(&[
        ("vip", Allow, &["+90532000000*", "+90532000000X", "+905320000000-+905320000000"]),
        ("spam", Deny, &["0532 000 00 00"]),
    ]);
    assert_eq!(network.ask("+905320000000"), "deny spam +905320000000");
    assert_eq!(network.ask("+905320000001"), "allow vip +90532000000*");
}

#[test]
fn allow_beats_deny_among_entries_of_one_length() {
    let network = Network::with_lists(&[
        ("spam", Deny, &["+905320000001", "+90533*", "anonymous"]),
        ("vip", Allow, &["+905320000001", "+90533XXXXXXX", "anonymous"]),
    ]);
    assert_eq!(network.ask("+905320000001"), "allow vip +905320000001");
    assert_eq!(network.ask("+905330000001"), "allow vip +90533XXXXXXX");
    assert_eq!(network.ask("anonymous"), "allow vip anonymous");
}

#[test]
fn the_older_list_is_named_where_all_else_is_equal() {
    let network = Network::with_lists(&[
        ("z-old", Deny, &["+905320000001", "+90533XXXXXXX"]),
        ("a-new", Deny, &["+905320000001", "+90533*"]),
    ]);
    assert_eq!(network.ask("+905320000001"), "deny z-old +905320000001");
    assert_eq!(network.ask("+905330000001"), "deny z-old +90533XXXXXXX");
    network.change(&[
        Change::drop_list("z-old"),
        Change::list("z-old", Deny),
        Change::add("z-old", "+905320000001"),
    ]);
    assert_eq!(
        network.ask("+905320000001"),
        "deny a-new +905320000001",
        "made anew, it is younger"
    );
    assert_eq!(network.ask("+905330000001"), "deny a-new +90533*");
}

#[test]
fn own_lists_come_before_shared_ones_however_long() {
    let network = Network::new();
    network.publish("shared.example", &[("block", Deny, &["+905320000001", "+90533*"])], &[]);
    let own: Lists<'_> = &[("vip", Allow, &["+90532*"])];
    network.publish(DOMAIN, own, &["shared.example"]);
    assert_eq!(network.ask("+905320000001"), "allow vip +90532*");
    assert_eq!(network.ask("+905330000001"), "deny shared.example/block +90533*");
    assert_eq!(network.ask("+905340000001"), "pass");
}

#[test]
fn the_longest_wins_over_several_shared_domains() {
    let network = Network::new();
    network.publish("one.example", &[("block", Deny, &["+90532*", "+90533*", "+90534*"])], &[]);
    let two: Lists<'_> =
        &[("keep", Allow, &["+9053211*", "+90533*"]), ("block", Deny, &["+90534*"])];
    network.publish("two.example", two, &[]);
    let both = ["nobody.example", "one.example", "two.example"];
    network.publish(DOMAIN, &[("spam", Deny, &[])], &both);
    assert_eq!(network.ask("05321000000"), "deny one.example/block +90532*");
    assert_eq!(network.ask("05321100000"), "allow two.example/keep +9053211*", "the longest");
    assert_eq!(network.ask("05330000000"), "allow two.example/keep +90533*", "allow on a tie");
    assert_eq!(network.ask("05340000000"), "deny one.example/block +90534*", "then the first");
}

#[test]
fn local_numbers_and_users_of_a_shared_domain_are_other_people() {
    let network = Network::new();
    let shared: Lists<'_> = &[("block", Deny, &["1001", "10*", "alice", "*67", "unassigned"])];
    network.publish("shared.example", shared, &[]);
    network.publish(DOMAIN, &[("spam", Deny, &["2001"])], &["shared.example"]);
    for text in ["1001", "1002", "sip:alice@my.example", "*67"] {
        assert_eq!(network.ask(text), "pass", "{text}");
    }
    assert_eq!(network.ask("2001"), "deny spam 2001");
    assert_eq!(network.ask("+99912345"), "deny shared.example/block unassigned");
}

#[test]
fn emergency_numbers_are_never_barred_unless_the_domain_says_so() {
    let calls =
        ["112", "155", "sip:112@my.example", "tel:112;phone-context=+90", "urn:service:sos"];
    for entries in
        [&["112", "155"][..], &["1XX", "1*"], &["100-199"], &["short", "urn:service:sos"]]
    {
        let network = Network::with_lists(&[("spam", Deny, entries)]);
        for text in calls {
            assert_eq!(network.ask(text), "pass", "{text} in spite of {entries:?}");
        }
        let settings = Settings { emergency_exempt: false, subscriptions: Vec::new() };
        network.change(&[Change::Settings(settings)]);
        assert!(network.ask("112").starts_with("deny spam"), "{entries:?}");
    }
    let network = Network::with_lists(&[("spam", Deny, &["short"]), ("vip", Allow, &["112"])]);
    assert_eq!(network.ask("112"), "allow vip 112", "to allow one is no offence");
    assert_eq!(network.ask("1001"), "deny spam short");
}

#[test]
fn a_class_comes_after_every_pattern() {
    let network = Network::with_lists(&[
        ("spam", Deny, &["short", "unassigned", "anonymous", "invalid"]),
        ("vip", Allow, &["1*", "+9991*"]),
    ]);
    assert_eq!(network.ask("1001"), "allow vip 1*");
    assert_eq!(network.ask("2001"), "deny spam short");
    assert_eq!(network.ask("+99912345"), "allow vip +9991*");
    assert_eq!(network.ask("+99922345"), "deny spam unassigned");
    assert_eq!(network.ask("sip:anonymous@anonymous.invalid"), "deny spam anonymous");
    assert_eq!(network.ask("0505004782499999"), "deny spam invalid");
}

#[test]
fn an_expired_entry_does_not_exist_from_the_very_second_on() {
    let network = Network::with_lists(&[("spam", Deny, &["+90532*"]), ("vip", Allow, &[])]);
    let note = Note { expires: Some(NOW + 10), ..Note::default() };
    for entry in ["+905320000001", "+905321*", "anonymous"] {
        network.change(&[Change::add("vip", entry).with_note(note)]);
    }
    for (now, exact, pattern, class) in [
        (NOW + 9, "allow vip +905320000001", "allow vip +905321*", "allow vip anonymous"),
        (NOW + 10, "deny spam +90532*", "deny spam +90532*", "pass"),
        (NOW + 11, "deny spam +90532*", "deny spam +90532*", "pass"),
    ] {
        network.clock.store(now, Ordering::Relaxed);
        assert_eq!(network.ask("+905320000001"), exact, "at {now}");
        assert_eq!(network.ask("+905321000000"), pattern, "at {now}");
        assert_eq!(network.ask("anonymous"), class, "at {now}");
        let snapshot = network.engine.snapshot();
        let on = snapshot.domain(DOMAIN).unwrap().check_list("vip", "+905320000001");
        assert_eq!(on, Some(now < NOW + 10), "at {now}");
    }
}

#[test]
fn a_question_about_one_list_looks_at_that_list_alone() {
    let network =
        Network::with_lists(&[("spam", Deny, &["+90532*"]), ("vip", Allow, &["+905320000001"])]);
    let snapshot = network.engine.snapshot();
    let domain = snapshot.domain(DOMAIN).unwrap();
    assert_eq!(domain.check_list("spam", "05320000001"), Some(true));
    assert_eq!(domain.check_list("vip", "05320000002"), Some(false));
    assert_eq!(domain.check_list("my_list2", "05320000001"), None);
    let lists: Vec<_> = domain.lists_of("05320000001").map(|list| list.name.as_str()).collect();
    assert_eq!(lists, ["spam", "vip"]);
}

#[test]
fn the_response_is_the_lists_or_the_fitting_one() {
    let network = Network::new();
    network.publish("shared.example", &[("block", Deny, &["+90533*"])], &[]);
    let own: Lists<'_> = &[
        ("spam", Deny, &["+90532*", "anonymous"]),
        ("unwanted", Deny, &["+90534*"]),
        ("vip", Allow, &["+90535*"]),
    ];
    network.publish(DOMAIN, own, &["shared.example"]);
    network.change(&[Change::list("unwanted", Deny).with_response(Response::Unwanted)]);
    assert_eq!(network.response("anonymous"), Some((433, "Anonymity Disallowed")));
    assert_eq!(network.response("05320000000"), Some((603, "Decline")));
    assert_eq!(network.response("05340000000"), Some((607, "Unwanted")));
    assert_eq!(network.response("05330000000"), Some((608, "Rejected")));
    assert_eq!(network.response("05350000000"), None, "allowed");
    assert_eq!(network.response("05360000000"), None, "on no list");
}

#[test]
fn a_whole_calling_code_is_denied_only_with_consent() {
    let network = Network::with_lists(&[("spam", Deny, &[]), ("vip", Allow, &[])]);
    let add = |list, allow_broad| {
        let change = Change::add(list, "+90*").allow_broad(allow_broad);
        network.engine.writer().unwrap().change(DOMAIN, &[change])
    };
    let refused = add("spam", false).unwrap_err();
    assert!(matches!(refused, Error::InvalidEntry { .. }), "{refused}");
    assert_eq!(network.ask("05320000000"), "pass");
    add("spam", true).unwrap();
    assert_eq!(network.ask("05320000000"), "deny spam +90*");
    add("vip", false).unwrap();
    assert_eq!(network.ask("05320000000"), "allow vip +90*");
}
