//! Prevents: a check that allocates, and so takes the allocator's lock in the middle of a call.

mod fixture;

use std::hint::black_box;

use allocation_counter::measure;
use callbar::{
    Action, Call, Change, Compiler, DialPlan, E164, Engine, NotFound, Note, Outcome, Settings,
    Verdict, WrittenEntry,
};
use fixture::DOMAIN;

const SHARED: &str = "shared.example";

/// Calls that pass, calls that each kind of entry holds, and what an expired entry held.
const TEXTS: [&str; 15] = [
    "+905050047824",
    "sip:05050047824@example.com;user=phone",
    "\"Caller\" <sip:+90%35050047824@example.com>;tag=a",
    "112",
    "alice",
    "",
    "+905321234567",
    "+12991234567",
    "1234",
    "+99912345",
    "+905411234567",
    "+905421234567",
    ADDED,
    REMOVED,
    SHARED_LATER,
];
/// What changed after the domains were published: put on the list, taken off it and still on the shared
/// one, put on the shared one.
const ADDED: &str = "+905431234567";
const REMOVED: &str = "+905050099999";
const SHARED_LATER: &str = "+905551234567";

/// An index of `domain` with these entries on one deny list, every second with a note.
fn index(domain: &str, entries: &[(&str, Option<u64>)], settings: Settings) -> Vec<u8> {
    let mut compiler = Compiler::new(domain, DialPlan::new("TR").expect("region")).expect("domain");
    compiler.set_settings(settings).expect("settings");
    let mut list = compiler.list("spam", Action::Deny).expect("list");
    let numbers = (0..100_000).map(|n| E164::new(905_050_000_000 + n).expect("digits"));
    list.extend_e164(&numbers.collect::<Vec<_>>());
    let noted = entries.iter().enumerate().map(|(at, &(text, expires))| {
        let reason = (at % 2 == 1).then_some("complaint 4711");
        WrittenEntry::from(text).with_note(Note { expires, reason, ..Note::default() })
    });
    assert_eq!(list.extend(noted), []);
    compiler.finish().expect("index").bytes
}

fn add(entry: &str) -> Change<'_> {
    let note = Note { reason: Some("complaint 4711"), ..Note::default() };
    Change::add("spam", entry).with_note(note)
}

/// An engine with a domain that has every kind of entry, live and expired, and shared lists; both of
/// them files with the latest changes above others.
fn engine() -> (tempfile::TempDir, Engine) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(directory.path()).expect("open");
    let settings = Settings { subscriptions: vec![SHARED.to_owned()], ..Settings::default() };
    let (past, future) = (Some(1), Some(1 << 40));
    let own = [
        ("+90532*", None),
        ("+1X99XXXXXXX", future),
        ("+905411234567", past),
        ("+905411*", future),
        ("1000-1999", None),
        ("anonymous", future),
        ("invalid", past),
        ("alice", None),
    ];
    engine.publish(DOMAIN, &index(DOMAIN, &own, settings)).expect("publish");
    let shared = [("+9054*", None), ("unassigned", future), ("+90532*", past)];
    engine.publish(SHARED, &index(SHARED, &shared, Settings::default())).expect("publish");
    let writer = engine.writer().expect("writer");
    let change = |domain, change| {
        let outcomes = writer.change(domain, &[change]).expect("change");
        assert!(matches!(outcomes[..], [Outcome::Added | Outcome::Removed]));
    };
    change(DOMAIN, add(ADDED));
    change(DOMAIN, Change::remove("spam", REMOVED));
    change(SHARED, add(SHARED_LATER));
    drop(writer);
    assert_eq!(fixture::names(directory.path()).len(), 5, "two files of each, and the counter");
    (directory, engine)
}

#[test]
fn checks_allocate_nothing() {
    let (_directory, engine) = engine();
    let mut reader = engine.reader();
    let id = reader.snapshot().id(DOMAIN).expect("domain");

    for text in TEXTS {
        let allocations = measure(|| {
            let on_list = reader.check_list(id, "spam", text) == Ok(true);
            let lists = reader.lists_of(DOMAIN, text).expect("domain").count();
            assert_eq!(on_list, lists == 1);
            assert!(if on_list { text != REMOVED } else { text != ADDED }, "{text}");
            let is_shared = matches!(text, "+99912345" | "+905421234567" | REMOVED | SHARED_LATER);
            let verdict = reader.check("My.Webitel.COM", text).expect("domain");
            assert_eq!(verdict.is_deny(), on_list || is_shared, "{text}");
            let shared_by = verdict.decided_by().and_then(|by| by.shared_by);
            assert_eq!(shared_by.is_some(), is_shared, "{text}");
            assert_eq!(reader.check_list(id, "vip", text), Err(NotFound::List));
            assert_eq!(reader.check("unknown.example", text), Err(NotFound::Domain));
        });
        assert_eq!(allocations.count_total, 0, "{text:?}");
    }
    let mut verdicts = [const { Verdict::Pass }; TEXTS.len()];
    let allocations = measure(|| {
        reader.check_batch(id, &TEXTS, &mut verdicts).expect("domain");
    });
    assert_eq!(allocations.count_total, 0, "batch");
    assert!(verdicts[0].is_deny());
    assert_eq!(verdicts[3], Verdict::Pass);
}

/// Texts that servers may read in several ways, and an emergency call.
const ODD: [&str; 9] = [
    "sip:+905050047824%00@h",
    "sip:00+905050047824@h",
    "sip:05050047824%23@h",
    "sip:*31#05050047824p1@h",
    "sip:05050047824;phone-context=ims.example@h",
    "tel:112@905050047824",
    "sip:alice@evil.example",
    "0000000000",
    "sip:112@h",
];

#[test]
fn decisions_allocate_nothing() {
    let (_directory, engine) = engine();
    let mut reader = engine.reader();
    let mut denied = 0;
    for first in TEXTS.iter().chain(&ODD) {
        for second in TEXTS.iter().chain(&ODD) {
            let identities = format!("\"A, <b>\" <{first}>, {second}, <tel:+905559998877>");
            let call = Call {
                callee: Some(first.as_bytes()),
                from: Some(second.as_bytes()),
                asserted: &[identities.as_bytes()],
                remote_party: &[b"<sip:+905559998876@h>;privacy=full"],
                privacy: Some(b"user;header;id"),
            };
            let short = Call { asserted: &[], remote_party: &[], privacy: None, ..call };
            let allocations = measure(|| {
                denied += usize::from(reader.decide(DOMAIN, &call).expect("domain").is_deny());
                denied += usize::from(reader.decide(DOMAIN, &short).expect("domain").is_deny());
                black_box(reader.snapshot().domain(DOMAIN).expect("domain").is_ambiguous(first));
            });
            assert_eq!(allocations.count_total, 0, "{call:?}");
        }
    }
    assert!(denied > 0);
}

/// A publish on another thread does not make the readers' next check allocate either.
#[test]
fn a_check_after_a_publish_allocates_nothing() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(directory.path()).expect("open");
    engine.publish(DOMAIN, &fixture::index(DOMAIN, "spam", [905_050_047_824])).expect("publish");
    let mut reader = engine.reader();
    let publish = || {
        let index = fixture::index(DOMAIN, "spam", [905_050_047_825]);
        engine.publish(DOMAIN, &index).expect("publish");
    };
    std::thread::scope(|scope| scope.spawn(publish).join()).expect("publisher");
    let allocations = measure(|| {
        assert_eq!(reader.check(DOMAIN, "+905050047824"), Ok(Verdict::Pass));
    });
    assert_eq!(allocations.count_total, 0);
}
