//! Prevents: a process that runs out of mappings, files or disk space after enough updates.
#![cfg(target_os = "linux")]

mod fixture;

use std::fs;
use std::path::Path;

use callbar::{Engine, Publish};
use fixture::{DOMAIN, add, denies, index, memory, names, remove};

const FIRST: u64 = 905_050_000_000;
const SWAPS: u64 = 10_000;

/// What this process has open and mapped of a directory.
fn held(data: &Path) -> (usize, usize) {
    let data = data.to_str().expect("UTF-8");
    let maps = fs::read_to_string("/proc/self/maps").expect("maps");
    let mapped = maps.lines().filter(|line| line.contains(data)).count();
    let files = fs::read_dir("/proc/self/fd").expect("descriptors");
    let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    let open = links.filter(|link| link.to_string_lossy().contains(data)).count();
    (mapped, open)
}

fn long(first: u64) -> Vec<u8> {
    let bytes = index(DOMAIN, "spam", (0..20_000).map(|n| first + 7_919 * n));
    assert!(bytes.len() > 65_536, "too short to be mapped: {}", bytes.len());
    bytes
}

#[test]
fn swaps_leave_no_mapping_and_no_file_behind() {
    let data = memory();
    let engine = Engine::open(data.path()).expect("open");
    let elsewhere = Engine::open(data.path()).expect("open");
    let mut readers = [engine.reader(), elsewhere.reader()];
    let writer = engine.writer().expect("writer");
    let indexes = [long(FIRST), long(FIRST + 1)];
    let small = index("small.example", "spam", [FIRST]);
    let mut before = None;
    for swap in 0..SWAPS {
        let turn = swap % 2;
        if swap % 5 == 0 {
            writer.publish("small.example", &small, Publish::default()).expect("publish");
        } else {
            writer.publish(DOMAIN, &indexes[turn as usize], Publish::default()).expect("publish");
            for reader in &mut readers {
                assert!(denies(reader, DOMAIN, FIRST + turn));
            }
        }
        if swap == 20 {
            before = Some((held(data.path()), names(data.path()).len()));
        }
    }
    assert_eq!(Some((held(data.path()), names(data.path()).len())), before);
    drop((writer, readers, engine, elsewhere));
    assert_eq!(held(data.path()), (0, 0));
}

#[test]
fn changes_and_compactions_leave_nothing_behind() {
    let data = memory();
    let engine = Engine::open(data.path()).expect("open");
    engine.publish(DOMAIN, &long(FIRST)).expect("publish");
    let elsewhere = Engine::open(data.path()).expect("open");
    let mut readers = [engine.reader(), elsewhere.reader()];
    let writer = engine.writer().expect("writer");
    let mut before = None;
    for round in 0..6 {
        for batch in 0..5 {
            let numbers = (0..1500).map(|n| 905_990_000_000 + batch * 1500 + n);
            if round % 2 == 0 {
                add(&writer, DOMAIN, numbers).expect("change");
            } else {
                remove(&writer, DOMAIN, numbers).expect("change");
            }
            for reader in &mut readers {
                assert_eq!(denies(reader, DOMAIN, 905_990_000_000 + batch * 1500), round % 2 == 0);
            }
        }
        if round % 2 == 1 {
            writer.compact(DOMAIN).expect("compact");
            writer.wait().expect("compaction");
            for reader in &mut readers {
                reader.snapshot();
            }
            let now = (held(data.path()), names(data.path()).len());
            assert_eq!(*before.get_or_insert(now), now, "round {round}");
        }
    }
    drop((writer, readers, engine, elsewhere));
    assert_eq!(held(data.path()), (0, 0));
}
