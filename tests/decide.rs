//! Prevents a call that gets through because callbar reads a header in one way and the server behind it
//! in another: the cases of `tests/cases/calls.jsonl`, and what may be appended to a number.

mod cases;

use callbar::{Action, Call, Compiler, Decision, DialPlan, Engine};
use proptest::prelude::*;

fn decided(decision: &Decision<'_>) -> (String, bool) {
    let response = decision.response().map(|response| format!(" {}", response.code()));
    let party = decision.party.map(|party| format!(" {}", party.as_str()));
    let text = format!(
        "{}{}{}",
        decision.action(),
        response.unwrap_or_default(),
        party.unwrap_or_default()
    );
    (text, decision.exempt)
}

#[test]
fn every_case_is_decided_as_it_must_be() {
    for (line, case) in cases::all() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(dir.path()).unwrap();
        engine.publish(cases::DOMAIN, &case.index()).unwrap();
        let mut reader = engine.reader();
        let decision = case.call.with(|call| {
            let decision = reader.decide(cases::DOMAIN, call).unwrap();
            let explained = engine.reader();
            let mut explained = explained;
            let explained = explained.explain_call(cases::DOMAIN, call).unwrap();
            assert_eq!(explained.decision, decision, "line {line}: {}", case.why);
            decided(&decision)
        });
        assert!(case.is_met_by(&decision.0, decision.1), "line {line}: {}: {decision:?}", case.why);
    }
}

/// What may stand behind a number: pieces of URIs and headers, and any bytes.
fn behind() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            ";", "?", "@", "<", ">", "\"", "'", ":", ",", "=", "&", "%", "#", "*", "p1", "w", ",,1", "/", "!",
            "~", "(", ")", "-", ".", " ", "\t", "\r\n ", "%00", "%0d%0a", "%40", "%23", "%3b", "%3C", "%22",
            "%25", "%31", "99", "0", "+", "%2B", "x=<tel:112>", ";x=\"<sip:112@h>\"", "?x=<tel:112>",
            ";phone-context=ims.example", ";phone-context=+49", "@gw.example", "@anonymous.invalid",
            "@10.0.0.1:5060", "tel:112", "sip:112@h", "112", "urn:service:sos", "<tel:112>", ", <tel:112>",
            "@112", ";user=phone", "abc", "\u{661}", "\u{202E}", "\u{FF0B}",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => (prop::sample::select(b"*0-#+9%".to_vec()), 100..300_usize)
            .prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Nothing behind a barred number makes a call to it pass, or exempt.
    #[test]
    fn no_bytes_behind_a_barred_number_let_a_call_through(
        number in prop::sample::select(vec![
            "+909001234567", "09001234567", "00909001234567", "+00909001234567", "0212 555 01 23",
            "+90%32125550123",
        ]),
        scheme in prop::sample::select(vec!["sip:", "SIPS:", "tel:", ""]),
        behind in behind(),
    ) {
        let lists: &[(&str, Action, &[&str])] = &[
            ("premium", Action::Deny, &["+90900*"]),
            ("one", Action::Deny, &["0212 555 01 23"]),
            ("help", Action::Allow, &["112"]),
        ];
        let domain = Lists::shared(lists);
        let callee = [scheme.as_bytes(), number.as_bytes(), &behind].concat();
        let mut reader = domain.engine.reader();
        let call = Call { callee: Some(&callee), ..Call::default() };
        let decision = reader.decide(cases::DOMAIN, &call).unwrap();
        prop_assert!(decision.is_deny(), "{}: {decision:?}", callee.escape_ascii());
    }

    /// A number is the same caller whatever a header holds besides.
    #[test]
    fn no_name_and_no_parameter_hides_a_barred_caller(
        name in prop::sample::select(vec![
            "", "Ali ", "\"Ali\" ", "\"<sip:+905321112233@v>\" ", "\"a\\\"<tel:112>\" ", "sip:ali@a ",
            "Ali, ",
        ]),
        scheme in prop::sample::select(vec!["sip:", "sips:"]),
        number in prop::sample::select(vec!["+905050047824", "05050047824", "+0505 004 78 24", "90+905050047824"]),
        inside in prop::sample::select(vec!["", ";x=1", ":pw", "%00", "%0D%0A", ";phone-context=a.example"]),
        host in prop::sample::select(vec!["c.example", "a.example:5060", "10.0.0.1;x=<tel:1>"]),
        outside in "[;?a-z=\"<>:@0-9, ]{0,12}",
    ) {
        let lists: &[(&str, Action, &[&str])] = &[
            ("spam", Action::Deny, &["+905050047824"]),
            ("vip", Action::Allow, &["+905321112233"]),
        ];
        let domain = Lists::shared(lists);
        let from = format!("{name}<{scheme}{number}{inside}@{host}>;{outside}");
        let mut reader = domain.engine.reader();
        let call = Call { from: Some(from.as_bytes()), ..Call::default() };
        let decision = reader.decide(cases::DOMAIN, &call).unwrap();
        prop_assert!(decision.is_deny(), "{from}: {decision:?}");
    }
}

#[test]
fn what_ends_dialling_hides_no_callee() {
    let domain = Lists::shared(&[("one", Action::Deny, &["3232", "0212 555 01 23", "alice"])]);
    let mut reader = domain.engine.reader();
    let mut is_denied = |callee: &str| {
        let call = Call { callee: Some(callee.as_bytes()), ..Call::default() };
        reader.decide(cases::DOMAIN, &call).unwrap().is_deny()
    };
    for callee in [
        "sip:3232#@h",
        "sip:3232p1@h",
        "sip:3232,1@h",
        "sip:02125550123bob@h",
        "sip:#31#02125550123#@h",
        "sip:*31#+902125550123*1@h",
        &format!("sip:02125550123{}@h", "*0".repeat(200)),
        &format!("sip:02125550123{}@h", "0".repeat(500)),
        &format!("sip:0212{}5550123@h", "-".repeat(500)),
        &format!("sip:02125550123{}%00@h", "9".repeat(200)),
        "sip:alice@h",
        "sip:alice%00@h",
        "sip:al%0Dice@h",
        "sip:alice%40x@h",
        "sip:alice\"<tel:112>@h",
        "sip:%22alice%22@h",
    ] {
        assert!(is_denied(callee), "{callee}");
    }
    for callee in [
        "sip:3232bob@h",
        "sip:32320@h",
        "sip:alicex@h",
        "sip:alice%20x@h",
        "sip:02125550124@h",
        "sip:10.0.0.1",
    ] {
        assert!(!is_denied(callee), "{callee}");
    }
}

#[test]
fn a_plain_call_for_help_goes_on_and_an_odd_one_is_asked_about() {
    let domain = Lists::shared(&[("spam", Action::Deny, &["0505 004 78 24"])]);
    let mut reader = domain.engine.reader();
    let mut is_exempt = |callee: &str| {
        let (callee, from) = (Some(callee.as_bytes()), Some(&b"<sip:+905050047824@c.example>"[..]));
        let call = Call { callee, from, ..Call::default() };
        let decision = reader.decide(cases::DOMAIN, &call).unwrap();
        assert_ne!(decision.exempt, decision.is_deny(), "{call:?}");
        decision.exempt
    };
    for callee in [
        "sip:112@pbx:5060;transport=udp",
        "SIP:112@GW?X=y",
        "sip:112;phone-context=pbx.example@gw;user=phone",
        "sip:112@anonymous.invalid",
        "sip:112@[2001:db8::1]:5060",
        "sip:112@gw;x=\"<tel:1>\"",
        "sip:%31%31%32@gw",
        "sip:1-1-2:pw@gw",
        "sip:+90112@gw",
        "sip:0090112@gw",
        "sip:*31#112%23@gw",
        "sips:155@pbx",
        "sip:112",
        "tel:112;phone-context=+49",
        "\"Help\" <sip:112@gw>;tag=1",
        "<urn:service:sos.ambulance>",
        "sip:urn:service:sos@gw",
    ] {
        assert!(is_exempt(callee), "{callee}");
    }
    for callee in [
        "sip:112<x@gw",
        "sip:112>",
        "sip:112,1@gw",
        "sip:112bob@gw",
        "sip:112%00@gw",
        "sip:112%40x@gw",
        "tel:112@909001234567",
        "tel:112, tel:+909001234567",
        "sip:1120@gw",
        "sip:+909001234567;x=<tel:112>@gw",
        "urn:112@gw",
        "\"112\" <sip:alice@gw>",
    ] {
        assert!(!is_exempt(callee), "{callee}");
    }
}

#[test]
fn a_caller_who_names_nobody_is_withheld() {
    let domain = Lists::shared(&[("rest", Action::Deny, &["anonymous"])]);
    let mut reader = domain.engine.reader();
    for from in ["", "  ", "<>", "sip:@h", "<sip:h.example>"] {
        let call = Call { from: Some(from.as_bytes()), ..Call::default() };
        assert!(reader.decide(cases::DOMAIN, &call).unwrap().is_deny(), "{from:?}");
    }
    let nothing = reader.decide(cases::DOMAIN, &Call::default()).unwrap();
    assert!(!nothing.is_deny());
}

/// The action for a call of these headers, by lists in Turkey.
fn action(lists: &[(&str, Action, &[&str])], call: &Call<'_>) -> &'static str {
    let domain = Lists::shared(lists);
    domain.engine.reader().decide(cases::DOMAIN, call).unwrap().action()
}

#[test]
fn nothing_that_servers_drop_shows_a_withheld_caller() {
    for from in [
        "<sip:Anonymous%00@gw>",
        "<sip:anonymous%0d@gw>",
        "<sip:%00anonymous@gw>",
        "<sip:\"anonymous\"@gw>",
        "<sip:anonymous%3Bx@gw>",
        "<sip:x%40anonymous.invalid@gw>",
        "<sip:0000000#@gw>",
        "<sip:000000000%22@gw>",
        "\"Ali\"",
        ",",
    ] {
        let call = Call { from: Some(from.as_bytes()), ..Call::default() };
        assert_eq!(action(&[("rest", Action::Deny, &["anonymous"])], &call), "deny", "{from}");
    }
    for party in
        ["<sip:+905340000001@h>;privacy=name,full", "<sip:+905340000001@h>;privacy=name,uri;x"]
    {
        let call = Call { remote_party: &[party.as_bytes()], ..Call::default() };
        assert_eq!(action(&[("rest", Action::Deny, &["anonymous"])], &call), "deny", "{party}");
    }
}

#[test]
fn every_address_context_and_mark_of_a_callee_is_read() {
    let lists: &[(&str, Action, &[&str])] = &[
        ("premium", Action::Deny, &["+90900*"]),
        ("users", Action::Deny, &["alice", "bob@evil.example"]),
    ];
    for callee in [
        "sip:112@h <sip:+909001234567@h>",
        "<sip:112@h>, <sip:+909001234567@h>",
        "sip:112@h, <sip:+909001234567@h>",
        "\"<sip:112@h> <sip:+909001234567@h>",
        "sip:05340000001@h <sip:09001234567@h>",
        "<sip:05340000001@h>, <sip:09001234567@h>",
        "<urn:service:sos>, <sip:+909001234567@h>",
        "sip:34567;phone-context=+1;phone-context=+9090012@h",
        "sip:34567;phone-context=\"+9090012\"@h",
        "sip:34567;phone%2Dcontext=+9090012@h",
        "sip:34567%3Bphone-context=+9090012@h",
        "sip:0900_1234567@h",
        "sip:0900p1234567@h",
        "sip:+90x9001234567@h",
        "sip:alice;x=1@h",
        "sip:alice%3Bx@h",
        "sip:bob@ evil.example",
        "sip:bob@evil.example%00",
    ] {
        let call = Call { callee: Some(callee.as_bytes()), ..Call::default() };
        assert_eq!(action(lists, &call), "deny", "{callee}");
    }
    let callee = Some(&b"sip:112;phone-context=+90;phone-context=+909001234@h"[..]);
    let from = Some(&b"<sip:alice@h>"[..]);
    assert_eq!(action(lists, &Call { callee, from, ..Call::default() }), "deny", "not exempt");
}

#[test]
fn all_asserted_identities_are_asked_before_one_is_allowed() {
    let lists: &[(&str, Action, &[&str])] =
        &[("vip", Action::Allow, &["0532 111 22 33"]), ("spam", Action::Deny, &["0505 004 78 24"])];
    let (vip, barred): (&[u8], &[u8]) = (b"<tel:+905321112233>", b"<tel:+905050047824>");
    for asserted in [[vip, barred], [barred, vip]] {
        assert_eq!(action(lists, &Call { asserted: &asserted, ..Call::default() }), "deny");
        let party = Call { remote_party: &asserted, ..Call::default() };
        assert_eq!(action(lists, &party), "deny");
    }
    let call = Call { asserted: &[vip], from: Some(barred), ..Call::default() };
    assert_eq!(action(lists, &call), "allow", "what is asserted speaks for what is claimed");
}

#[test]
fn a_callee_that_can_be_read_in_one_way_is_not_ambiguous() {
    let domain = Lists::shared(&[("one", Action::Deny, &["3232", "+905050047824"])]);
    let snapshot = domain.engine.snapshot();
    let domain = snapshot.domain(cases::DOMAIN).unwrap();
    let decided = |callee: &str| {
        let call = Call { callee: Some(callee.as_bytes()), ..Call::default() };
        domain.decide(&call)
    };
    for callee in [
        "112",
        "101",
        "444 0 111",
        "sip:101@h",
        "sip:+902125550147@h",
        "tel:5321112233;phone-context=+90",
        "sip:05321112233;user=phone@h",
        "sip:alice@h",
    ] {
        assert!(!domain.is_ambiguous(callee), "{callee}");
        assert!(!decided(callee).ambiguous, "{callee}");
    }
    for callee in
        ["sip:0212555012399@h", "sip:02125550123,1@h", "sip:bob42@h", "sip:02125550123%23@h"]
    {
        assert!(domain.is_ambiguous(callee), "{callee}");
        assert!(decided(callee).ambiguous, "{callee}");
    }
    let call =
        Call { callee: Some(b"sip:bob42@h"), from: Some(b"tel:+905050047824"), ..Call::default() };
    let decision = domain.decide(&call);
    assert!(decision.is_deny() && decision.ambiguous, "whoever decides");
}

/// A domain in Turkey with some lists, published once for each set of lists.
struct Lists {
    _dir: tempfile::TempDir,
    engine: Engine,
}

impl Lists {
    fn shared(lists: &[(&str, Action, &[&str])]) -> std::sync::Arc<Self> {
        static MADE: std::sync::Mutex<Vec<(String, std::sync::Arc<Lists>)>> =
            std::sync::Mutex::new(Vec::new());
        let key = format!("{lists:?}");
        let mut made = MADE.lock().unwrap();
        if let Some((_, known)) = made.iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        let new = std::sync::Arc::new(Self::new(lists));
        made.push((key, new.clone()));
        new
    }

    fn new(lists: &[(&str, Action, &[&str])]) -> Self {
        let mut compiler = Compiler::new(cases::DOMAIN, DialPlan::new("TR").unwrap()).unwrap();
        for (name, action, entries) in lists {
            assert_eq!(compiler.list(name, *action).unwrap().extend(*entries), []);
        }
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(dir.path()).unwrap();
        engine.publish(cases::DOMAIN, &compiler.finish().unwrap().bytes).unwrap();
        Self { _dir: dir, engine }
    }
}
