//! Prevents: half an index after a kill, a full disk or a failing one, and an acknowledgement of
//! what is not on the disk.
//!
//! Each test publishes again and again in a process of its own under `strace`, which kills it at
//! one system call, or fails that call, then at the next, until the process meets no fault.
#![cfg(target_os = "linux")]

mod fixture;
mod traced;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use callbar::{Engine, Error, Verdict};
use fixture::{DOMAIN, index};

const OLD: u64 = 905_050_000_001;
const NEW: u64 = 905_050_000_002;

/// All by which a publish reads, changes or syncs a directory. Not every architecture has those
/// with `?`, and has others instead.
const CALLS: [&str; 8] =
    ["?mkdir", "mkdirat", "openat", "write", "fsync", "?rename", "renameat", "?renameat2"];

fn spam(number: u64) -> Vec<u8> {
    index(DOMAIN, "spam", [number])
}

fn denied(engine: &Engine, number: u64) -> bool {
    matches!(engine.reader().check(DOMAIN, format!("+{number}")), Ok(Verdict::Deny(_)))
}

fn leftovers(data: &Path) -> usize {
    let Ok(entries) = fs::read_dir(data.join("indexes")) else { return 0 };
    let names = entries.map(|entry| entry.expect("entry").file_name());
    names.filter(|name| name.as_encoded_bytes().starts_with(b".")).count()
}

/// Whatever fault a publish of [`NEW`] met: either index, whole, and room for the next.
fn judge(data: &Path, had_old: bool, acknowledged: bool) {
    let engine = Engine::open(data).expect("the directory opens");
    let (old, new) = (denied(&engine, OLD), denied(&engine, NEW));
    assert_eq!(old, had_old && !new, "neither the old index nor the new");
    assert!(new || !acknowledged, "acknowledged and lost");
    engine.publish(DOMAIN, &spam(NEW)).expect("publish");
    assert_eq!(leftovers(data), 0);
}

/// Runs `test` in a process of its own for every system call of [`CALLS`] that it makes, with
/// `fault` at that call, and judges what is left. Returns how many of the faults were met at files
/// of the data directory; others are met by the test harness.
fn at_each_call(test: &str, fault: &str, had_old: bool) -> usize {
    let faults = CALLS.map(|call| {
        let each = (1..).map(|nth| at(test, call, &format!("{fault}:when={nth}"), had_old));
        each.map_while(|met| met).filter(|&at_data| at_data).count()
    });
    faults.iter().sum()
}

/// Runs `test` with `fault` at `call`. Whether the fault was met at a file of the data directory;
/// `None` if it was not met.
fn at(test: &str, call: &str, fault: &str, had_old: bool) -> Option<bool> {
    let work = tempfile::tempdir().expect("temporary directory");
    let data = work.path().join("data");
    fs::create_dir(&data).expect("create");
    if had_old {
        Engine::open(&data).expect("open").publish(DOMAIN, &spam(OLD)).expect("publish");
    }
    fs::write(work.path().join("new"), spam(NEW)).expect("write");
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{fault}"));
    let output = traced::run(test, work.path(), &["-y", "-e", &trace, "-e", &inject]);

    let trace = fs::read_to_string(work.path().join("trace")).expect("trace");
    let killed = output.status.signal() == Some(9);
    let met = if killed {
        trace.lines().rfind(|line| line.contains('('))
    } else {
        trace.lines().find(|line| line.contains("(INJECTED)"))
    };
    let log = String::from_utf8_lossy(&output.stdout);
    let Some(met) = met else {
        assert!(output.status.success(), "{log}");
        return None;
    };
    if !met.contains(data.to_str().expect("UTF-8")) {
        return Some(false);
    }
    assert!(killed || output.status.success(), "{met}\n{log}");
    judge(&data, had_old, work.path().join("acknowledged").exists());
    Some(true)
}

#[test]
fn a_kill_leaves_the_old_index_or_the_new() {
    const TEST: &str = "a_kill_leaves_the_old_index_or_the_new";
    if let Some(work) = traced::work_directory() {
        let index = new(&work);
        let engine = Engine::open(work.join("data")).expect("open");
        engine.publish(DOMAIN, &index).expect("publish");
        fs::write(work.join("acknowledged"), "").expect("write");
        return;
    }
    for had_old in [false, true] {
        let kills = at_each_call(TEST, "signal=KILL", had_old);
        assert!(kills >= 12, "only {kills} kills");
    }
}

#[test]
fn a_failed_call_leaves_the_old_index_in_use_and_nothing_behind() {
    const TEST: &str = "a_failed_call_leaves_the_old_index_in_use_and_nothing_behind";
    if let Some(work) = traced::work_directory() {
        publish_twice(&work);
        return;
    }
    for fault in ["error=ENOSPC", "error=EIO"] {
        let errors = at_each_call(TEST, fault, true);
        assert!(errors >= 12, "only {errors} errors");
    }
}

/// What to publish: compiled beforehand, so that the compiler's threads do not disturb the trace.
///
/// `strace` counts the calls of each thread apart, and the harness's main thread opens and writes
/// too: calls without effect carry the count of this thread past that of the other.
fn new(work: &Path) -> Vec<u8> {
    for _ in 0..16 {
        fs::write("/dev/null", "x").ok();
    }
    fs::read(work.join("new")).expect("read")
}

/// Publishes, and if that fails publishes again, when no fault is left.
fn publish_twice(work: &Path) {
    let (data, index) = (work.join("data"), new(work));
    let engine = match Engine::open(&data) {
        Ok(engine) => engine,
        Err(error) => return assert!(matches!(error, Error::Io { .. }), "{error}"),
    };
    match engine.publish(DOMAIN, &index) {
        Ok(_) => fs::write(work.join("acknowledged"), "").expect("write"),
        Err(error) => {
            let Error::Io { action, .. } = error else { panic!("{error}") };
            assert!(denied(&engine, OLD), "{error}");
            assert_eq!(leftovers(&data), 0, "{error}");
            let again = engine.publish(DOMAIN, &index);
            if action == "sync" {
                assert!(matches!(again, Err(Error::Poisoned { .. })), "{again:?}");
                assert!(denied(&engine, OLD));
            } else {
                again.expect("publish");
                assert!(denied(&engine, NEW));
            }
        }
    }
}
