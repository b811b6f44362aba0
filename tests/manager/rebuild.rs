//! Indexes that are lost, damaged or behind the store.

use std::fs;

use callbar::manager::{Manager, ManagerOptions};
use callbar::{Action, Compiler, DialPlan, Engine, Error};

use crate::desk::{DOMAIN, Desk};

fn head(dir: &std::path::Path) -> std::path::PathBuf {
    dir.join("indexes/00000001.index")
}

#[test]
fn lost_and_damaged_indexes_are_made_again_from_the_store() {
    let mut desk = Desk::new();
    for i in 0..100 {
        desk.add("spam", &crate::number(i)).unwrap();
    }
    desk.restart_after(|dir| fs::remove_dir_all(dir.join("indexes")).unwrap());
    desk.wait_until(|desk| desk.manager.health().is_good());
    assert!((0..100).all(|i| desk.denies(&crate::number(i))));
    desk.restart_after(|dir| {
        let head = head(dir);
        let mut bytes = fs::read(&head).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(&head).unwrap();
        fs::write(head, bytes).unwrap();
    });
    desk.wait_until(|desk| desk.manager.health().is_good());
    assert!((0..100).all(|i| desk.denies(&crate::number(i))));
}

#[test]
fn an_index_that_a_kill_left_behind_the_store_catches_up() {
    let mut desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    let before = fs::read(head(desk.dir())).unwrap();
    desk.add("spam", "05050000002").unwrap();
    desk.restart_after(|dir| {
        // As if the kill had come between the commit of the store and the change of the engine.
        fs::remove_file(head(dir)).unwrap();
        fs::write(head(dir), before).unwrap();
    });
    desk.wait_until(|desk| desk.manager.health().is_good());
    assert!(desk.denies("05050000001") && desk.denies("05050000002"));
}

#[test]
fn an_empty_store_takes_no_indexes_of_another() {
    let desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    desk.manager.shut_down();
    let dir = desk.dir().to_owned();
    let other = tempfile::tempdir().unwrap();
    fs::rename(dir.join("indexes"), other.path().join("indexes")).unwrap();
    let opened = || Manager::open(other.path(), ManagerOptions::default());
    for _ in 0..2 {
        // A store is made after the first refusal, if at all.
        fs::write(other.path().join("store.sqlite"), "").unwrap();
        assert!(matches!(opened(), Err(Error::StoreMissing { .. })));
    }
    assert!(other.path().join("indexes/00000001.index").exists());
}

#[test]
fn changes_during_a_rebuild_are_not_lost() {
    let mut desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    desk.restart_after(|dir| fs::remove_dir_all(dir.join("indexes")).unwrap());
    let changed = desk.add("spam", "05050000002");
    assert!(changed.is_ok(), "{changed:?}");
    assert!(desk.denies("05050000002") && desk.denies("05050000001"));
}

#[test]
fn what_compile_made_is_not_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut compiler = Compiler::new(DOMAIN, DialPlan::new("TR").unwrap()).unwrap();
    compiler.list("spam", Action::Deny).unwrap();
    let engine = Engine::open(dir.path()).unwrap();
    engine.publish(DOMAIN, &compiler.finish().unwrap().bytes).unwrap();
    drop(engine);
    let taken = Manager::open(dir.path(), ManagerOptions::default());
    assert!(matches!(taken, Err(Error::NotManaged { .. })), "{taken:?}");
    assert!(!dir.path().join("store.sqlite").exists());
}

#[test]
fn a_lost_store_is_not_replaced_by_an_empty_one() {
    let mut desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    let copy = tempfile::tempdir().unwrap();
    desk.restart_after(|dir| {
        fs::create_dir(copy.path().join("indexes")).unwrap();
        fs::copy(head(dir), head(copy.path())).unwrap();
    });
    let opened = Manager::open(copy.path(), ManagerOptions::default());
    assert!(matches!(opened, Err(Error::StoreMissing { .. })), "{opened:?}");
    assert!(!copy.path().join("store.sqlite").exists());
}
