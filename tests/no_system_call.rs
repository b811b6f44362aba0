//! Prevents: a check that enters the kernel, where it may sleep while a call waits.
//!
//! The test runs itself under `strace`. The traced process marks the beginning and the end of its
//! checks by system calls that nothing else makes; between the two there must be none.
#![cfg(target_os = "linux")]

mod traced;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use callbar::{Action, Compiler, DialPlan, E164, Engine, LoadMode, Note, Verdict, Written};
use rayon::prelude::*;

const DOMAIN: &str = "my.webitel.com";
const TEST: &str = "a_check_makes_no_system_call";
const CHECKS: u64 = 250_000;

/// Looking at a path that does not exist: one `statx`, whose argument shows in the trace.
fn mark(name: &str) {
    assert!(!Path::new(name).exists());
}

/// 100,000 numbers, a pattern, and what expires: matched, it makes a check look at the clock.
fn index() -> Vec<u8> {
    let mut compiler = Compiler::new(DOMAIN, DialPlan::new("TR").expect("region")).expect("domain");
    let list = compiler.list("spam", Action::Deny).expect("list");
    let numbers = (0..100_000).filter_map(|n| E164::new(905_000_000_000 + 7_919 * n));
    compiler.extend_e164(list, numbers);
    let entries = [("+90532*", None), ("+90533*", Some(1)), ("anonymous", Some(1 << 40))];
    let noted = entries.map(|(text, expires)| {
        (Written { line: 1, text: text.as_bytes() }, Note { expires, ..Note::default() })
    });
    assert_eq!(compiler.extend_noted(list, noted.into_par_iter()), []);
    compiler.finish().expect("index").bytes
}

fn check(directory: &Path, mode: LoadMode) {
    let engine = Engine::open_with(directory, mode).expect("open");
    let id = engine.publish(DOMAIN, &index()).expect("publish");
    let mut reader = engine.reader();
    let numbers = (0..1_000).map(|n| format!("+{}", 905_000_000_000_u64 + 7_919 * n / 2));
    let patterns = ["+905321234567", "+905331234567", "anonymous"].map(str::to_owned);
    let texts: Vec<String> = numbers.chain(patterns).collect();

    mark("/checks-begin");
    let mut denied = 0;
    for text in texts.iter().cycle().take(usize::try_from(CHECKS).expect("a few")) {
        denied += usize::from(reader.check(DOMAIN, text) != Ok(Verdict::Pass));
        denied += usize::from(reader.check_list(id, "spam", text) == Ok(true));
        denied += reader.lists_of("MY.WEBITEL.COM", text).expect("domain").count();
        assert!(reader.check("unknown.example", text).is_err());
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
