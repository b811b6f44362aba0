//! Prevents: a full disk that costs more than the change that found no room.

use std::fs;

use callbar_store::{Error, Import, ImportEntry, Manager, ManagerOptions, Operation, Result};

use crate::clocked;
use crate::fixture::{DOMAIN, TestManager, number};
use crate::traced;

const TEST: &str = "full_disk::only_what_finds_no_room_is_refused";

#[test]
fn only_what_finds_no_room_is_refused() {
    if let Some(work) = traced::work_directory() {
        let manager = Manager::open(&work.join("data"), ManagerOptions::default()).unwrap();
        return fill_and_go_on(&manager);
    }
    let work = tempfile::tempdir().unwrap();
    let test = TestManager::new();
    let data = work.path().join("data");
    fs::create_dir(&data).unwrap();
    test.manager.store().backup(&data.join("store.sqlite"), |_, _| {}).unwrap();
    // Each thread's writes are counted apart: an import comes so far, a single change does not.
    let full = "inject=pwrite64:error=ENOSPC:when=50+";
    let output = traced::run(TEST, work.path(), &["-e", "trace=pwrite64", "-e", full]);
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{log}{}", String::from_utf8_lossy(&output.stderr));
    let trace = fs::read_to_string(work.path().join("trace")).unwrap();
    assert!(trace.contains("(INJECTED)"), "the disk was never full");
}

fn fill_and_go_on(manager: &Manager) {
    let import = || -> Result<_> {
        let import = Import::new(DOMAIN, "spam");
        let entries = (1..=20_000).map(|i| Ok(ImportEntry::new(i, number(i))));
        clocked::import(manager, &import, entries)
    };
    let error = std::thread::scope(|scope| scope.spawn(import).join().unwrap()).unwrap_err();
    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    let add = |number: String| manager.apply("test", vec![Operation::add(DOMAIN, "spam", number)]);
    add(number(20_001)).unwrap();
    let mut reader = manager.engine().reader();
    assert!(reader.check(DOMAIN, number(20_001)).unwrap().is_deny());
    assert!(!reader.check(DOMAIN, number(1)).unwrap().is_deny(), "all of it or nothing");
    assert!(manager.health().is_good(), "{:?}", manager.health());
}
