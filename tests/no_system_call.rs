//! Prevents: a check that enters the kernel, where it may sleep while a call waits.
//!
//! The test runs itself under `strace`. The traced process marks the beginning and the end of its
//! checks by system calls that nothing else makes; between the two there must be none.
#![cfg(target_os = "linux")]

mod traced;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use callbar::{
    Action, Call, Change, Compiler, DialPlan, E164, Engine, LoadMode, Note, Outcome, Settings,
    Verdict, WrittenEntry,
};

const DOMAIN: &str = "my.webitel.com";
const SHARED: &str = "shared.example";
const TEST: &str = "a_check_makes_no_system_call";
const FIRST: u64 = 905_000_000_000;
const CHECKS: u64 = 250_000;

/// Looking at a path that does not exist: one `statx`, whose argument shows in the trace.
fn mark(name: &str) {
    assert!(!Path::new(name).exists());
}

/// 100,000 numbers, a pattern, and what expires: matched, it makes a check look at the clock.
fn index(domain: &str, first: u64, subscriptions: &[&str]) -> Vec<u8> {
    let mut compiler = Compiler::new(domain, DialPlan::new("TR").expect("region")).expect("domain");
    let subscriptions = subscriptions.iter().map(|&name| name.to_owned()).collect();
    compiler.set_settings(Settings { subscriptions, ..Settings::default() }).expect("settings");
    let mut list = compiler.list("spam", Action::Deny).expect("list");
    let numbers = (0..100_000).map(|n| E164::new(first + 7_919 * n).expect("digits"));
    list.extend_e164(&numbers.collect::<Vec<_>>());
    let entries = [("+90532*", None), ("+90533*", Some(1)), ("anonymous", Some(1 << 40))];
    let noted = entries.map(|(text, expires)| {
        WrittenEntry::from(text).with_note(Note { expires, ..Note::default() })
    });
    assert_eq!(list.extend(noted), []);
    compiler.finish().expect("index").bytes
}

fn check(directory: &Path, mode: LoadMode) {
    let engine = Engine::open_with(directory, mode).expect("open");
    let id = engine.publish(DOMAIN, &index(DOMAIN, FIRST, &[SHARED])).expect("publish");
    engine.publish(SHARED, &index(SHARED, FIRST + 1, &[])).expect("publish");
    // Latest changes lie above both.
    let later = [(DOMAIN, "+905341234567"), (DOMAIN, "+905351*"), (SHARED, "+905361*")];
    let writer = engine.writer().expect("writer");
    for (domain, entry) in later {
        let note = Note { expires: Some(1 << 40), ..Note::default() };
        let add = Change::add("spam", entry).with_note(note);
        assert_eq!(writer.change(domain, &[add]).expect("change"), [Outcome::Added]);
    }
    drop(writer);
    let mut reader = engine.reader();
    let numbers = (0..1_000).map(|n| format!("+{}", FIRST + 7_919 * n / 2));
    let shared = (0..1_000).map(|n| format!("+{}", FIRST + 1 + 7_919 * n));
    let others = [
        "+905321234567",
        "+905331234567",
        "anonymous",
        "+905341234567",
        "+905351234567",
        "+905361234567",
    ];
    assert!(others[3..].iter().all(|text| reader.check(DOMAIN, text) != Ok(Verdict::Pass)));
    let texts: Vec<String> = numbers.chain(shared).chain(others.map(str::to_owned)).collect();

    mark("/checks-begin");
    let mut denied = 0;
    for text in texts.iter().cycle().take(usize::try_from(CHECKS).expect("a few")) {
        denied += usize::from(reader.check(DOMAIN, text) != Ok(Verdict::Pass));
        denied += usize::from(reader.check_list(id, "spam", text) == Ok(true));
        denied += reader.lists_of("MY.WEBITEL.COM", text).expect("domain").count();
        assert!(reader.check("unknown.example", text).is_err());
        let call = Call {
            callee: Some(b"sip:+902125550147%00@pbx.example"),
            from: Some(text.as_bytes()),
            asserted: &[b"\"A\" <sip:alice@a.example>, <tel:+905559998877>"],
            privacy: Some(b"id"),
            ..Call::default()
        };
        denied += usize::from(reader.decide(id, &call).expect("domain").is_deny());
    }
    for texts in texts.chunks(64) {
        let mut verdicts = [const { Verdict::Pass }; 64];
        reader.check_batch(id, texts, &mut verdicts).expect("domain");
        denied += verdicts.iter().filter(|&verdict| *verdict != Verdict::Pass).count();
    }
    mark("/checks-end");
    assert!(black_box(denied) > 0);
}

#[test]
fn a_check_makes_no_system_call() {
    if let Some(directory) = traced::work_directory() {
        check(&directory, LoadMode::Map);
        check(&directory, LoadMode::Heap);
        return;
    }
    let directory = tempfile::tempdir().expect("temporary directory");
    let output = traced::run(TEST, directory.path(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trace = fs::read_to_string(directory.path().join("trace")).expect("trace");
    assert_eq!(calls_between_marks(&trace), [Vec::<&str>::new(), Vec::new()], "one of each mode");
}

/// What the process that set the marks called between them, for each pair of marks.
fn calls_between_marks(trace: &str) -> Vec<Vec<&str>> {
    let mut pairs = Vec::new();
    let mut lines = trace.lines();
    while let Some(begin) = lines.find(|line| line.contains("/checks-begin")) {
        let process = begin.split_whitespace().next().expect("process id");
        let calls = lines.by_ref().take_while(|line| !line.contains("/checks-end"));
        pairs.push(calls.filter(|line| line.starts_with(process)).collect());
    }
    pairs
}
