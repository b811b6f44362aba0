//! Prevents: half a publish, change, compaction, rollback or removal after a kill at the worst
//! moment, and files that nobody removes.
//!
//! Every point of the engine before and after a write, sync, link, rename, removal, or the count of
//! a change is tried: a child process carries out an operation, and kills itself there, or fails
//! that step; then the directory is judged. Needs the feature `failpoints`.
#![cfg(all(unix, feature = "failpoints"))]

mod child;
mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use callbar::{Engine, Error, POINTS, Publish, Writer};
use fixture::{DOMAIN, add, denies, index, memory, names};

const FIRST: u64 = 905_050_000_000;
/// Where the numbers begin that are on every list.
const FILL: u64 = FIRST + 1_000_000;
const ANY: Publish = Publish { max_loss: 1.0, keep: 3 };

/// An index that denies the number of `mark`, and others to make `count`.
fn spam(mark: u64, count: u64) -> Vec<u8> {
    index(DOMAIN, "spam", [FIRST + mark].into_iter().chain((1..count).map(|n| FILL + n)))
}

/// What a directory says: which marks are denied, or that there is no such domain.
type State = Option<Vec<u64>>;

fn state(engine: &Engine) -> State {
    let mut reader = engine.reader();
    reader.snapshot().id(DOMAIN)?;
    Some((0..10).filter(|&mark| denies(&mut reader, DOMAIN, FIRST + mark)).collect())
}

/// An operation, what precedes it, and the marks that are denied before it and after it.
struct Scenario {
    name: &'static str,
    before: fn(&Writer) -> Result<(), Error>,
    operate: fn(&Writer) -> Result<(), Error>,
    old: Option<&'static [u64]>,
    new: Option<&'static [u64]>,
}

const SCENARIOS: [Scenario; 8] = [
    Scenario {
        name: "the first publish",
        before: |_| Ok(()),
        operate: |writer| writer.publish(DOMAIN, &spam(1, 5), ANY).map(drop),
        old: None,
        new: Some(&[1]),
    },
    Scenario {
        name: "a publish that makes files superfluous",
        before: |writer| {
            writer.publish(DOMAIN, &spam(0, 3000), ANY)?;
            add(writer, DOMAIN, [FIRST + 9])?;
            (1..4).try_for_each(|mark| writer.publish(DOMAIN, &spam(mark, 5), ANY).map(drop))
        },
        operate: |writer| writer.publish(DOMAIN, &spam(4, 5), ANY).map(drop),
        old: Some(&[3]),
        new: Some(&[4]),
    },
    Scenario {
        name: "a change",
        before: |writer| writer.publish(DOMAIN, &spam(1, 5), ANY).map(drop),
        operate: |writer| add(writer, DOMAIN, [FIRST + 2, FIRST + 3]).map(drop),
        old: Some(&[1]),
        new: Some(&[1, 2, 3]),
    },
    Scenario {
        name: "a change that freezes the head",
        before: |writer| writer.publish(DOMAIN, &spam(1, 3000), ANY).map(drop),
        operate: |writer| add(writer, DOMAIN, [FIRST + 2, FIRST + 3]).map(drop),
        old: Some(&[1]),
        new: Some(&[1, 2, 3]),
    },
    Scenario {
        name: "a compaction of runs",
        before: |writer| {
            writer.publish(DOMAIN, &spam(1, 3000), Publish { keep: 0, ..ANY })?;
            for batch in 0..2 {
                let numbers = (0..2500).map(|n| FILL + 10_000 * (batch + 1) + n);
                add(writer, DOMAIN, numbers)?;
            }
            writer.wait()
        },
        operate: |writer| {
            add(writer, DOMAIN, [FIRST + 2])?;
            writer.wait()
        },
        old: Some(&[1]),
        new: Some(&[1, 2]),
    },
    Scenario {
        name: "a compaction of everything",
        before: |writer| {
            writer.publish(DOMAIN, &spam(1, 3000), ANY)?;
            add(writer, DOMAIN, [FIRST + 2]).map(drop)
        },
        operate: |writer| {
            writer.compact(DOMAIN)?;
            writer.wait()
        },
        old: Some(&[1, 2]),
        new: Some(&[1, 2]),
    },
    Scenario {
        name: "a rollback",
        before: |writer| {
            writer.publish(DOMAIN, &spam(1, 3000), ANY)?;
            add(writer, DOMAIN, [FIRST + 2])?;
            writer.publish(DOMAIN, &spam(3, 5), ANY).map(drop)
        },
        operate: |writer| writer.rollback(DOMAIN, None).map(drop),
        old: Some(&[3]),
        new: Some(&[1, 2]),
    },
    Scenario {
        name: "a removal",
        before: |writer| {
            writer.publish(DOMAIN, &spam(1, 3000), ANY)?;
            writer.publish(DOMAIN, &spam(2, 3000), ANY)?;
            add(writer, DOMAIN, [FIRST + 3]).map(drop)
        },
        operate: |writer| writer.remove(DOMAIN),
        old: Some(&[2, 3]),
        new: None,
    },
];

/// The child: prepares the directory, arms the point, opens it anew and operates.
fn interrupted(data: &Path, task: &str) {
    let [scenario, point, nth, fault] = task.split('|').collect::<Vec<_>>()[..] else {
        panic!("{task}")
    };
    let scenario = &SCENARIOS[scenario.parse::<usize>().expect("a number")];
    {
        let engine = Engine::open(data).expect("open");
        (scenario.before)(&engine.writer().expect("writer")).expect(scenario.name);
    }
    fs::write(data.join("indexes/.00000001.index.0123456789abcdef"), "left").expect("write");
    let nth: usize = nth.parse().expect("a number");
    if fault == "kill" {
        let hits = AtomicUsize::new(0);
        let kill = move || {
            if hits.fetch_add(1, Ordering::Relaxed) + 1 == nth {
                // As `kill -9`: nothing is flushed, nobody's destructors run.
                let _ = std::process::Command::new("kill")
                    .args(["-9", &std::process::id().to_string()])
                    .status();
            }
        };
        fail::cfg_callback(point, kill).expect("a point");
    } else {
        fail::cfg(point, &format!("{}*off->1*return->off", nth - 1)).expect("a point");
    }
    let engine = Engine::open(data).expect("open");
    let done = engine.writer().and_then(|writer| (scenario.operate)(&writer));
    if fault == "kill" {
        done.expect(scenario.name);
    } else {
        // Which also tells whether the point was met.
        fs::write(data.join("failed"), if done.is_err() { "x" } else { "" }).expect("write");
    }
}

/// What is left of an operation: the old state or the new, whole, and room for the next.
fn judge(data: &Path, scenario: &Scenario, what: &str) {
    let engine = Engine::open(data).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = state(&engine);
    let expected = [scenario.old, scenario.new].map(|marks| marks.map(<[u64]>::to_vec));
    assert!(expected.contains(&found), "{what}: {found:?}");
    assert!(engine.health().is_good(), "{what}: {:?}", engine.health());
    let writer = engine.writer().unwrap_or_else(|error| panic!("{what}: {error}"));
    if found.is_some() {
        add(&writer, DOMAIN, [FIRST + 8]).unwrap_or_else(|error| panic!("{what}: {error}"));
        writer.wait().unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    writer
        .publish(DOMAIN, &spam(7, 5), Publish { keep: 0, ..ANY })
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(state(&Engine::open(data).expect("open")), Some(vec![7]), "{what}");
    let left: Vec<String> =
        names(data).into_iter().filter(|name| !name.ends_with(".removed")).collect();
    assert_eq!(left.len(), 2, "{what}: orphans in {left:?}");
}

#[test]
fn a_kill_at_any_point_leaves_the_old_state_or_the_new() {
    const TEST: &str = "a_kill_at_any_point_leaves_the_old_state_or_the_new";
    if let Some((data, task)) = child::task() {
        return interrupted(&data, &task);
    }
    let mut hit = BTreeSet::new();
    for (place, scenario) in SCENARIOS.iter().enumerate() {
        for point in POINTS {
            for nth in 1.. {
                let data = memory();
                let task = format!("{place}|{point}|{nth}|kill");
                let output = child::start(TEST, data.path(), &task).wait_with_output();
                let output = output.expect("child");
                let what = format!("{}, killed at {point}, time {nth}", scenario.name);
                let log = String::from_utf8_lossy(&output.stderr).into_owned();
                if output.status.success() {
                    let engine = Engine::open(data.path()).expect("open");
                    assert_eq!(state(&engine), scenario.new.map(<[u64]>::to_vec), "{what}");
                    break;
                }
                assert_eq!(output.status.code(), None, "{what}: {log}");
                hit.insert(*point);
                judge(data.path(), scenario, &what);
            }
        }
    }
    let missed: Vec<_> = POINTS.iter().filter(|point| !hit.contains(**point)).collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

#[test]
fn a_step_that_fails_leaves_the_old_state_or_the_new() {
    const TEST: &str = "a_step_that_fails_leaves_the_old_state_or_the_new";
    if let Some((data, task)) = child::task() {
        return interrupted(&data, &task);
    }
    let mut failed = 0;
    for (place, scenario) in SCENARIOS.iter().enumerate() {
        for point in POINTS.iter().filter(|point| point.ends_with("/before")) {
            for nth in 1.. {
                let data = memory();
                let task = format!("{place}|{point}|{nth}|fail");
                let output = child::start(TEST, data.path(), &task).wait_with_output();
                let output = output.expect("child");
                let what = format!("{}, failed at {point}, time {nth}", scenario.name);
                let log = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{what}: {log}");
                if fs::read(data.path().join("failed")).expect("a report").is_empty() {
                    break;
                }
                failed += 1;
                fs::remove_file(data.path().join("failed")).expect("remove");
                judge(data.path(), scenario, &what);
            }
        }
    }
    assert!(failed > 60, "only {failed} failures");
}

#[test]
fn a_compaction_that_panics_is_reported_and_tried_again() {
    const TEST: &str = "a_compaction_that_panics_is_reported_and_tried_again";
    if let Some((data, _)) = child::task() {
        let engine = Engine::open(data).expect("open");
        let writer = engine.writer().expect("writer");
        writer.publish(DOMAIN, &spam(1, 3000), ANY).expect("publish");
        for (mark, point) in [(2, "compact/create/before"), (3, "compact/rename/before")] {
            add(&writer, DOMAIN, [FIRST + mark]).expect("change");
            fail::cfg(point, "panic").expect("a point");
            writer.compact(DOMAIN).expect("a thread");
            assert!(matches!(writer.wait(), Err(Error::Panicked)), "{point}");
            assert!(engine.health().failed_compaction.is_some(), "{point}");
            fail::remove(point);
            add(&writer, DOMAIN, [FIRST + 9]).expect("changes go on");
            writer.compact(DOMAIN).expect("a thread");
            writer.wait().expect(point);
            assert!(engine.health().is_good(), "{point}");
        }
        assert_eq!(state(&engine), Some(vec![1, 2, 3, 9]));
        return;
    }
    let data = memory();
    let output = child::start(TEST, data.path(), "").wait_with_output().expect("child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
