//! Prevents: a worker process of a SIP server that goes on with lists of yesterday, a forked one
//! above all, and two programs that write to one directory at the same time.
#![cfg(unix)]

mod child;
mod fixture;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::time::{Duration, Instant};

use callbar::{Engine, Error, Publish, Reader};
use fixture::{DOMAIN, add, denies, index};

const FIRST: u64 = 905_050_000_000;
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Checks until the number is denied.
fn wait_for(reader: &mut Reader, domain: &str, number: u64) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if denies(reader, domain, number) {
            return true;
        }
    }
    false
}

/// What a child says to its parent, among the lines of the test harness.
fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nchild: {word}").and_then(|()| out.flush()).expect("the parent listens");
}

fn hear(out: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(out.read_line(&mut line).expect("a line"), 0, "the child ended");
        if let Some(word) = line.trim_end().strip_prefix("child: ") {
            return word.to_owned();
        }
    }
}

fn start(test: &str, data: &Path, task: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = child::start(test, data, task);
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    (child, out)
}

#[test]
fn a_reader_in_another_process_sees_every_change() {
    const TEST: &str = "a_reader_in_another_process_sees_every_change";
    if let Some((data, _)) = child::task() {
        let mut reader = Engine::open(data).expect("open").reader();
        say("ready");
        for number in 0..3 {
            assert!(wait_for(&mut reader, DOMAIN, FIRST + number), "{:?}", reader.health());
            say("seen");
        }
        return;
    }
    let data = tempfile::tempdir().expect("temporary directory");
    // It opens a directory that nobody has written to yet.
    let (mut child, mut out) = start(TEST, data.path(), "");
    assert_eq!(hear(&mut out), "ready");
    let engine = Engine::open(data.path()).expect("open");
    let writer = engine.writer().expect("writer");
    writer.publish(DOMAIN, &index(DOMAIN, "spam", [FIRST]), Publish::default()).expect("publish");
    assert_eq!(hear(&mut out), "seen");
    for number in 1..3 {
        add(&writer, DOMAIN, [FIRST + number]).expect("change");
        assert_eq!(hear(&mut out), "seen");
    }
    assert!(child.wait().expect("child").success());
}

#[test]
fn a_reader_that_was_away_for_long_sees_all_that_it_missed() {
    let data = fixture::memory();
    let engine = Engine::open(data.path()).expect("open");
    let away = Engine::open(data.path()).expect("open");
    let mut reader = away.reader();
    let writer = engine.writer().expect("writer");
    let other = index("other.example", "spam", [FIRST]);
    let publish = |domain: &str, index: &[u8]| {
        writer.publish(domain, index, Publish { keep: 0, ..Publish::default() }).expect("publish")
    };
    publish(DOMAIN, &index(DOMAIN, "spam", [FIRST]));
    for _ in 0..5000 {
        publish("other.example", &other);
    }
    for domain in [DOMAIN, "other.example"] {
        assert!(denies(&mut reader, domain, FIRST), "{domain}");
    }
    assert_eq!(reader.health().generation, engine.health().generation);
}

#[test]
#[allow(unsafe_code)]
fn a_forked_child_sees_new_snapshots() {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(data.path()).expect("open");
    engine.publish(DOMAIN, &index(DOMAIN, "spam", [FIRST])).expect("publish");
    let mut inherited = engine.reader();
    assert!(denies(&mut inherited, DOMAIN, FIRST));
    // SAFETY: no other thread of this process is inside the engine; the child does nothing but
    // checks, and ends without running anybody's destructors.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let mut fresh = engine.reader();
        let seen = wait_for(&mut inherited, DOMAIN, FIRST + 1)
            && wait_for(&mut fresh, "new.example", FIRST + 2);
        // SAFETY: as above.
        unsafe { libc::_exit(i32::from(!seen)) };
    }
    assert!(pid > 0, "fork");
    let writer = engine.writer().expect("writer");
    add(&writer, DOMAIN, [FIRST + 1]).expect("change");
    let new = index("new.example", "spam", [FIRST + 2]);
    writer.publish("new.example", &new, Publish::default()).expect("publish");
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0, "the child saw nothing");
}

#[test]
fn a_forked_child_may_be_the_writer() {
    const TEST: &str = "a_forked_child_may_be_the_writer";
    // In a process that nobody else has threads in.
    if let Some((data, _)) = child::task() {
        return fork_a_writer(&data);
    }
    let data = tempfile::tempdir().expect("temporary directory");
    let child = child::start(TEST, data.path(), "");
    let output = child.wait_with_output().expect("child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[allow(unsafe_code)]
fn fork_a_writer(data: &Path) {
    let engine = Engine::open(data).expect("open");
    // By then the process has compiled, on threads that the child will not have; as many numbers as
    // those divide among them.
    let base = index(DOMAIN, "spam", (0..200_000).map(|i| FIRST + 2 * i));
    engine.publish(DOMAIN, &base).expect("publish");
    // SAFETY: no other thread of this process is inside the engine; the child ends without running
    // anybody's destructors, and at an alarm if it waits for ever.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: it has no other effect than to end the child.
        unsafe { libc::alarm(2 * PATIENCE.as_secs() as u32) };
        let work = || {
            let writer = engine.writer().expect("writer");
            add(&writer, DOMAIN, [FIRST + 1]).expect("change");
            writer.compact(DOMAIN).and_then(|()| writer.wait()).expect("compaction");
            denies(&mut engine.reader(), DOMAIN, FIRST + 1)
        };
        let status = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
            Ok(true) => 0,
            Ok(false) => 1,
            Err(_) => 2,
        };
        // SAFETY: as above.
        unsafe { libc::_exit(status) };
    }
    assert!(pid > 0, "fork");
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(
        status, 0,
        "14: it waited for ever; 256: it did not see its change; 512: it panicked"
    );
    assert!(denies(&mut engine.reader(), DOMAIN, FIRST + 1));
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    const TEST: &str = "a_second_writer_is_refused_until_the_first_is_gone";
    if let Some((data, _)) = child::task() {
        let _writer = Engine::open(data).expect("open").writer().expect("writer");
        say("ready");
        std::thread::sleep(PATIENCE);
        return;
    }
    let data = tempfile::tempdir().expect("temporary directory");
    let (mut child, mut out) = start(TEST, data.path(), "");
    assert_eq!(hear(&mut out), "ready");
    let engine = Engine::open(data.path()).expect("open");
    let bytes = index(DOMAIN, "spam", [FIRST]);
    for error in
        [engine.writer().map(drop).unwrap_err(), engine.publish(DOMAIN, &bytes).unwrap_err()]
    {
        let id = child.id();
        assert!(matches!(error, Error::Locked { holder: Some(pid), .. } if pid == id), "{error}");
        assert!(error.to_string().contains("another writer"), "{error}");
    }
    // SIGKILL: it has no chance to let go of anything.
    child.kill().expect("kill");
    child.wait().expect("child");
    engine.publish(DOMAIN, &bytes).expect("the lock went with its holder");
    let writer = engine.writer().expect("writer");
    assert!(matches!(engine.publish(DOMAIN, &bytes), Err(Error::Locked { .. })));
    drop(writer);
    engine.publish(DOMAIN, &bytes).expect("publish");
}
