//! The decision on any call is that of a slow model, which composes it of calls with one header each, and
//! no number that a simple server would find in a text slips past a list.
//!
//! The texts are any bytes, and known numbers with any bytes behind them.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use callbar::{Action, Call, Compiler, DialPlan, Engine, Number, Party, Response, Verdict};

const DOMAIN: &str = "my.example";

/// The lists that calls are decided by, in a directory of their own for as long as the process lives.
struct Lists {
    _dir: tempfile::TempDir,
    engine: Engine,
    plan: DialPlan,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let plan = DialPlan::new("TR").and_then(|plan| plan.with_technical_prefix("99#")).unwrap();
    let mut compiler = Compiler::new(DOMAIN, plan.clone()).unwrap();
    let lists: [(&str, Action, Option<u16>, &[&str]); 3] = [
        (
            "spam",
            Action::Deny,
            Some(607),
            &["+905050047824", "+90900*", "02125550123", "bob@evil.example"],
        ),
        ("vip", Action::Allow, None, &["+905321112233", "+9090012345*"]),
        ("rest", Action::Deny, Some(433), &["anonymous"]),
    ];
    for (name, action, code, entries) in lists {
        let mut list = compiler.list(name, action).unwrap();
        list.set_response(code.and_then(Response::from_code));
        assert!(list.extend(entries).is_empty());
    }
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path()).unwrap();
    engine.publish(DOMAIN, &compiler.finish().unwrap().bytes).unwrap();
    Lists { _dir: dir, engine, plan }
});

/// A text of a header: any bytes, or a known beginning and any bytes behind it.
#[derive(Arbitrary, Debug)]
pub(crate) struct Text<'a> {
    beginning: Option<u8>,
    rest: &'a [u8],
}

const BEGINNINGS: [&str; 16] = [
    "sip:+905050047824",
    "sip:+905321112233",
    "<sip:05050047824",
    "tel:+909001234567",
    "sip:09001234567",
    "sip:02125550123",
    "sip:112",
    "tel:112",
    "urn:service:sos",
    "\"A\" <sip:+905050047824",
    "sip:bob@evil.example",
    "<tel:112>, <sip:+909001234567",
    "sip:99#09001234567",
    "sip:*31#02125550123",
    "<sip:anonymous@anonymous.invalid",
    "sip:0000000000",
];

impl Text<'_> {
    fn bytes(&self) -> Vec<u8> {
        let beginning =
            self.beginning.map_or("", |at| BEGINNINGS[usize::from(at) % BEGINNINGS.len()]);
        [beginning.as_bytes(), self.rest].concat()
    }
}

#[derive(Arbitrary, Debug)]
pub(crate) struct Input<'a> {
    callee: Option<Text<'a>>,
    from: Option<Text<'a>>,
    asserted: Vec<Text<'a>>,
    remote_party: Vec<Text<'a>>,
    privacy: Option<u8>,
}

const PRIVACY: [&str; 6] = ["id", "none", "user;header;id", "critical", "", "full"];

/// What follows for a call, without borrowing.
#[derive(Clone, Debug, PartialEq)]
struct Answer {
    action: &'static str,
    party: Option<Party>,
    entry: Option<String>,
    exempt: bool,
}

fn ask(call: &Call<'_>) -> Answer {
    let mut reader = LISTS.engine.reader();
    let explained = LISTS.engine.snapshot();
    let explained = explained.domain(DOMAIN).unwrap().explain_call(call);
    let decision = reader.decide(DOMAIN, call).unwrap();
    assert_eq!(explained.decision, decision, "{call:?}");
    Answer {
        action: decision.action(),
        party: decision.party,
        entry: decision.entry().map(ToString::to_string),
        exempt: decision.exempt,
    }
}

/// The decision as the documentation has it: from calls that say one thing each.
fn model(call: &Call<'_>) -> Answer {
    let callee = Call { callee: call.callee, ..Call::default() };
    let callee = ask(&callee);
    if callee.exempt {
        return callee;
    }
    let mut claims: Vec<Answer> = Vec::new();
    // All of one kind are trusted alike: a deny of any before an allow of one.
    for values in [call.asserted, call.remote_party] {
        let each = values.iter().map(|value| ask(&Call { asserted: &[value], ..Call::default() }));
        let (denied, others): (Vec<_>, Vec<_>) = each.partition(|answer| answer.action == "deny");
        claims.extend(denied.into_iter().chain(others));
    }
    if let Some(from) = call.from {
        claims.push(ask(&Call { from: Some(from), ..Call::default() }));
    }
    let is_private = |value: &&[u8]| {
        let full = ask(&Call { remote_party: &[value], ..Call::default() });
        full != ask(&Call { asserted: &[value], ..Call::default() })
    };
    if call.privacy.is_some() || call.remote_party.iter().any(is_private) {
        let nobody = Call { privacy: call.privacy, ..Call::default() };
        let restricted = call.remote_party.iter().any(is_private);
        claims.push(ask(&if restricted {
            Call { privacy: Some(b"id"), ..nobody }
        } else {
            nobody
        }));
    }
    let caller = claims.into_iter().find(|answer| answer.action != "pass");
    match (caller, callee.action) {
        (Some(caller), _) if caller.action == "deny" => caller,
        (None, _) | (_, "deny") => callee,
        (Some(caller), _) => caller,
    }
}

/// The user of a URI as the simplest of servers finds it: between the scheme and what cannot be a digit
/// or a separator, percent-decoded, controls left out. None if it does not begin with a digit or plus.
fn simple_number(text: &[u8]) -> Option<Number> {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let rest = ["sip:", "sips:", "tel:"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let mut decoded = String::new();
    let mut at = 0;
    while let Some(&byte) = rest.as_bytes().get(at) {
        let pair =
            rest.get(at + 1..at + 3).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(escaped) if byte == b'%' => {
                decoded.push(char::from(escaped));
                at += 3;
            }
            _ => {
                decoded.push(char::from(byte));
                at += 1;
            }
        }
    }
    let digits: String = decoded
        .chars()
        .filter(|character| !character.is_control())
        .take_while(|character| character.is_ascii_digit() || "+-.() ".contains(*character))
        .collect();
    let begins = digits.starts_with(|first: char| first == '+' || first.is_ascii_digit());
    let is_one = digits.rfind('+').is_none_or(|plus| plus == 0);
    (begins && is_one).then(|| LISTS.plan.number(digits.as_bytes()))
}

fn is_barred(number: &Number) -> bool {
    let snapshot = LISTS.engine.snapshot();
    let domain = snapshot.domain(DOMAIN).unwrap();
    matches!(domain.check_number(number), Verdict::Deny(_))
}

pub(crate) fn run(input: &Input<'_>) {
    let bytes = |texts: &[Text<'_>]| texts.iter().take(4).map(Text::bytes).collect::<Vec<_>>();
    let callee = input.callee.as_ref().map(Text::bytes);
    let from = input.from.as_ref().map(Text::bytes);
    let (asserted, remote_party) = (bytes(&input.asserted), bytes(&input.remote_party));
    let asserted: Vec<&[u8]> = asserted.iter().map(Vec::as_slice).collect();
    let remote_party: Vec<&[u8]> = remote_party.iter().map(Vec::as_slice).collect();
    let call = Call {
        callee: callee.as_deref(),
        from: from.as_deref(),
        asserted: &asserted,
        remote_party: &remote_party,
        privacy: input.privacy.map(|at| PRIVACY[usize::from(at) % PRIVACY.len()].as_bytes()),
    };
    let answer = ask(&call);
    assert_eq!(answer, model(&call), "{call:?}");
    if let Some(callee) = &callee {
        let alone = ask(&Call { callee: Some(callee), ..Call::default() });
        if let Some(number @ Number::E164(_)) = simple_number(callee) {
            let is_denied = alone.action == "deny";
            assert!(is_denied || !is_barred(&number), "{}", callee.escape_ascii());
            assert!(!alone.exempt, "{}", callee.escape_ascii());
        }
        let snapshot = LISTS.engine.snapshot();
        let _ = snapshot.domain(DOMAIN).unwrap().is_ambiguous(callee);
    }
}
