//! A technical prefix is dialled: it is stripped from callees, never from callers and never from what
//! stands on a list, and only where a number is left.

use callbar::{Action, Call, Compiler, Decision, DialPlan, Engine, Party, Tag};
use tempfile::TempDir;

use crate::{TURKISH, plan};

const DOMAIN: &str = "my.example";

/// A domain with one deny list, in a region with technical prefixes.
struct House {
    engine: Engine,
    _directory: TempDir,
}

impl House {
    fn new(plan: DialPlan, denied: &[&str]) -> Self {
        let mut compiler = Compiler::new(DOMAIN, plan).unwrap();
        assert_eq!(compiler.list("spam", Action::Deny).unwrap().extend(denied), []);
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::open(directory.path()).unwrap();
        engine.publish(DOMAIN, &compiler.finish().unwrap().bytes).unwrap();
        Self { engine, _directory: directory }
    }

    /// The party that bars the call; `exempt` of one that is for help.
    fn decide(&self, call: &Call<'_>) -> &'static str {
        let snapshot = self.engine.snapshot();
        let decision: Decision<'_> = snapshot.domain(DOMAIN).unwrap().decide(call);
        match (decision.exempt, decision.is_deny()) {
            (true, _) => "exempt",
            (_, true) => decision.party.map_or("nobody", Party::as_str),
            (false, false) => "pass",
        }
    }

    fn call_to(&self, callee: &str) -> &'static str {
        self.decide(&Call { callee: Some(callee.as_bytes()), ..Call::default() })
    }

    fn call_from(&self, caller: &str) -> &'static str {
        self.decide(&Call { from: Some(caller.as_bytes()), ..Call::default() })
    }
}

/// The plan of a region with these technical prefixes.
fn with(region: &str, prefixes: &[&str]) -> DialPlan {
    let add = |plan: DialPlan, prefix: &&str| plan.with_technical_prefix(prefix).unwrap();
    prefixes.iter().fold(plan(region), add)
}

#[test]
fn it_is_stripped_from_callees_alone() {
    let house = House::new(with("TR", &["99#", "*"]), &[TURKISH]);
    for text in ["99#05050047824", "*00905050047824", "sip:99%2305050047824@gw"] {
        assert_eq!(house.call_to(text), "callee", "{text}");
        assert_eq!(house.call_from(text), "pass", "{text}");
    }
    // Of digits before a plus a server behind may keep those after it alone, whatever the plan is.
    assert_eq!(house.call_to("99#+905050047824"), "callee");
    assert_eq!(house.call_from("99#+905050047824"), "caller");
    assert_eq!(house.call_to(TURKISH), "callee");
    assert_eq!(house.call_from(TURKISH), "caller");
}

#[test]
fn numbers_entries_and_patterns_keep_it() {
    let plan = with("TR", &["99#", "*", "77"]);
    assert_eq!(plan.technical_prefixes().collect::<Vec<_>>(), ["99#", "77", "*"]);
    for text in ["99#05050047824", "*00905050047824"] {
        assert_eq!(plan.number(text.as_bytes()).to_string(), text);
        assert_eq!(plan.number(text.as_bytes()).tag(), Tag::S);
        assert_eq!(plan.entry(text.as_bytes()).to_string(), text);
    }
    assert_eq!(plan.number(b"7705050047824"), crate::plan("TR").number(b"7705050047824"));
    let pattern = plan.pattern(b"77 0505*").unwrap().unwrap();
    assert_eq!(pattern.to_string(), "770505*");
}

#[test]
fn it_is_stripped_only_where_a_number_is_left() {
    let house = House::new(with("US", &["*67"]), &["+12015550123", "*67", "*68"]);
    assert_eq!(house.call_to("*672015550123"), "callee");
    assert_eq!(house.call_to("*67"), "callee", "nothing would be left");
    assert_eq!(house.call_to("*68"), "callee");
    assert_eq!(house.call_to("*69"), "pass");
    // The user of a softphone is no number.
    let house = House::new(with("US", &["9"]), &["9alice"]);
    assert_eq!(house.call_to("sip:9alice@my.example"), "callee");
}

#[test]
fn a_letter_in_it_counts_as_it_is_written() {
    let house = House::new(with("US", &["L0#"]), &["+12015550123"]);
    assert_eq!(house.call_to("L0#12015550123"), "callee");
    assert_eq!(house.call_to("sip:L0%2312015550123@gw"), "callee");
    assert_eq!(house.call_from("sip:L0%2312015550123@gw"), "pass");
    assert_eq!(house.call_to("sip:l0%2312015550123@gw"), "pass");
}

#[test]
fn a_caller_may_begin_with_its_digits() {
    let house = House::new(with("US", &["9"]), &["9035550147"]);
    assert_eq!(house.call_from("sip:9035550147@c.example"), "caller");
    let house = House::new(with("US", &["9"]), &["2015550123"]);
    assert_eq!(house.call_from("92015550123"), "pass");
    assert_eq!(house.call_to("92015550123"), "callee");
}

#[test]
fn an_emergency_number_is_exempt_with_it_and_without_it() {
    let denied = ["911", "112", "short", "2015550123"];
    let one = House::new(with("US", &["9"]), &denied);
    let many = House::new(with("US", &["9", "91", "911"]), &denied);
    for house in [&one, &many] {
        for callee in ["911", "112", "sip:911@gw", "tel:911", "+1911"] {
            assert_eq!(house.call_to(callee), "exempt", "{callee}");
        }
    }
    assert_eq!(one.call_to("92015550123"), "callee");
}

#[test]
fn an_emergency_number_is_exempt_though_it_looks_like_a_short_code_with_its_prefix() {
    let house = House::new(with("US", &["9"]), &["short", "2015550123"]);
    for callee in ["9112", "sip:9112@gw", "9911", "sip:9911@gw"] {
        assert_eq!(house.call_to(callee), "exempt", "{callee}");
    }
}

#[test]
fn what_servers_drop_does_not_hide_it() {
    let house = House::new(with("TR", &["99#", "L0#"]), &["+90900*"]);
    for callee in [
        "sip:%00L0#09001234567@h",
        "sip:L%000#09001234567@h",
        "sip:9%009#09001234567@h",
        "sip:\"99#09001234567\"@h",
        "sip:+99#09001234567@h",
        "sip:L0#09001234567",
        "sip:*31#99#09001234567@h",
    ] {
        assert_eq!(house.call_to(callee), "callee", "{callee}");
    }
    let house = House::new(with("US", &["9"]), &["1900*"]);
    for callee in ["sip:9,19005550147@h", "sip:9p19005550147@h", "sip:9w9005550147@h"] {
        assert_eq!(house.call_to(callee), "callee", "{callee}");
    }
}
