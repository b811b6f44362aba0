//! Prevents: checks by an index that is lost, damaged or behind the store.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callbar::{Action, Compiler, DialPlan, Engine, Outcome, PlanSpec, facts_version};
use callbar_store::{
    Applied, Direction, Error, Import, ImportEntry, Manager, ManagerEvent, ManagerOptions,
    NewEntry, OnManagerEvent, Operation,
};

use crate::clocked;
use crate::fixture::{DOMAIN, TestManager};
use crate::seal::Pieces;

fn head(dir: &Path) -> std::path::PathBuf {
    dir.join("indexes/00000001.index")
}

#[test]
fn lost_and_damaged_indexes_are_made_again_from_the_store() {
    let mut test = TestManager::new();
    for i in 0..100 {
        test.add("spam", &crate::number(i)).unwrap();
    }
    test.restart_after(|dir| fs::remove_dir_all(dir.join("indexes")).unwrap());
    test.wait_until(|test| test.manager.health().is_good());
    assert!((0..100).all(|i| test.denies(&crate::number(i))));
    test.restart_after(|dir| {
        let head = head(dir);
        let mut bytes = fs::read(&head).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(&head).unwrap();
        fs::write(head, bytes).unwrap();
    });
    test.wait_until(|test| test.manager.health().is_good());
    assert!((0..100).all(|i| test.denies(&crate::number(i))));
}

#[test]
fn an_index_that_a_kill_left_behind_the_store_catches_up() {
    let mut test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    let before = fs::read(head(test.dir())).unwrap();
    test.add("spam", "05050000002").unwrap();
    test.restart_after(|dir| {
        // As if the kill had come between the commit of the store and the change of the engine.
        fs::remove_file(head(dir)).unwrap();
        fs::write(head(dir), before).unwrap();
    });
    test.wait_until(|test| test.manager.health().is_good());
    assert!(test.denies("05050000001") && test.denies("05050000002"));
}

#[test]
fn an_empty_store_takes_no_indexes_of_another() {
    let test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    test.manager.shut_down();
    let dir = test.dir().to_owned();
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
    let mut test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    test.restart_after(|dir| fs::remove_dir_all(dir.join("indexes")).unwrap());
    let changed = test.add("spam", "05050000002");
    assert!(changed.is_ok(), "{changed:?}");
    assert!(test.denies("05050000002") && test.denies("05050000001"));
}

/// A directory as `callbar compile` makes it: indexes without a store.
fn compiled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut compiler = Compiler::new(DOMAIN, DialPlan::new("TR").unwrap()).unwrap();
    compiler.list("spam", Action::Deny).unwrap();
    let engine = Engine::open(dir.path()).unwrap();
    engine.publish(DOMAIN, &compiler.finish().unwrap().bytes).unwrap();
    dir
}

#[test]
fn what_compile_made_is_not_taken_over() {
    let dir = compiled();
    let taken = Manager::open(dir.path(), ManagerOptions::default());
    assert!(matches!(taken, Err(Error::NotManaged { .. })), "{taken:?}");
    assert!(!dir.path().join("store.sqlite").exists());
}

/// A later release may have compiled it.
#[test]
fn an_index_that_cannot_be_read_and_has_no_store_is_left_where_it_is() {
    let dir = compiled();
    let mut bytes = fs::read(head(dir.path())).unwrap();
    // The version, behind the magic number.
    bytes[8] += 1;
    fs::remove_file(head(dir.path())).unwrap();
    fs::write(head(dir.path()), &bytes).unwrap();
    for _ in 0..2 {
        let opened = Manager::open(dir.path(), ManagerOptions::default());
        assert!(matches!(opened, Err(Error::Engine(callbar::Error::File { .. }))), "{opened:?}");
        assert_eq!(fs::read(head(dir.path())).unwrap(), bytes);
        // An empty store takes its place no more than none.
        fs::write(dir.path().join("store.sqlite"), "").unwrap();
    }
}

#[test]
fn a_lost_store_is_not_replaced_by_an_empty_one() {
    let mut test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    let copy = tempfile::tempdir().unwrap();
    test.restart_after(|dir| {
        fs::create_dir(copy.path().join("indexes")).unwrap();
        fs::copy(head(dir), head(copy.path())).unwrap();
    });
    let opened = Manager::open(copy.path(), ManagerOptions::default());
    assert!(matches!(opened, Err(Error::StoreMissing { .. })), "{opened:?}");
    assert!(!copy.path().join("store.sqlite").exists());
}

/// Writes to the store as no release of ours does.
fn tamper(dir: &Path, sql: &str) {
    let file = rusqlite::Connection::open(dir.join("store.sqlite")).unwrap();
    assert_eq!(file.execute(sql, []).unwrap(), 1, "{sql}");
}

/// Makes an index one of other numbering facts, of the same length.
fn age(index: &Path) {
    let mut pieces = Pieces::parse(&fs::read(index).unwrap());
    let (facts, other) = (facts_version().as_bytes(), "x".repeat(facts_version().len()));
    let meta = &mut pieces.sections[0];
    let at = meta.windows(facts.len()).position(|part| part == facts).unwrap();
    meta[at..at + facts.len()].copy_from_slice(other.as_bytes());
    fs::remove_file(index).unwrap();
    fs::write(index, pieces.seal()).unwrap();
}

#[test]
fn an_entry_that_cannot_be_read_any_more_costs_its_domain_nothing_else() {
    let mut test = TestManager::new();
    test.put_list("other", String::new()).unwrap();
    for (list, number) in [("spam", "05050000001"), ("spam", "alice"), ("other", "bob")] {
        test.add(list, number).unwrap();
    }
    // Users' names once, by an older release.
    test.restart_after(|dir| {
        let of = |number: &str, key: &str| {
            let set = format!("UPDATE entries SET number = '{number},NY', key = 'u{number},NY'");
            format!("{set} WHERE number = '{key}'")
        };
        tamper(dir, &of("05050047824", "alice"));
        let file = rusqlite::Connection::open(dir.join("store.sqlite")).unwrap();
        assert_eq!(file.execute(&of("05050047825", "bob"), []).unwrap(), 1);
        fs::remove_dir_all(dir.join("indexes")).unwrap();
    });
    test.wait_until(|test| test.manager.health().rebuilding.is_empty());
    let health = test.manager.health();
    assert!(health.failed.is_empty() && !health.is_good(), "{health:?}");
    let [left_out] = &health.left_out[..] else { panic!("{health:?}") };
    assert_eq!((left_out.entries, left_out.domain.as_str()), (2, DOMAIN));
    assert!(test.denies("05050000001"));
    test.add("spam", "05050000002").unwrap();
    assert!(test.denies("05050000002"));
    let id = test.manager.store().read(|reader| {
        let domain = reader.domain(DOMAIN)?.expect("the domain").row;
        let list = reader.list(domain, "spam")?.expect("the list").row;
        Ok(reader.by_number(list, "05050047824", Direction::Ascending, None, 1)?[0].id())
    });
    test.apply(Operation::remove_id(DOMAIN, id.unwrap())).unwrap();
    assert_eq!(test.manager.health().left_out[0].entries, 1);
    test.apply(Operation::remove_list(DOMAIN, "other")).unwrap();
    assert!(test.manager.health().is_good(), "{:?}", test.manager.health());
    assert!(test.denies("05050000001") && test.denies("05050000002"));
}

#[test]
fn entries_that_older_facts_filed_elsewhere_are_filed_again() {
    let mut test = TestManager::new();
    let lose = |dir: &Path| fs::remove_dir_all(dir.join("indexes")).unwrap();
    for alter in [lose, |dir: &Path| age(&head(dir))] {
        test.add("spam", "0505 000 00 01").unwrap();
        test.restart_after(|dir| {
            tamper(dir, "UPDATE entries SET key = 'N05050000001'");
            alter(dir);
        });
        test.wait_until(|test| test.manager.health().is_good());
        let snapshot = test.manager.engine().snapshot();
        assert_eq!(snapshot.domain(DOMAIN).unwrap().stats().facts, facts_version());
        assert!(test.denies("05050000001"));
        test.remove("spam", "+905050000001").unwrap();
        assert!(!test.denies("05050000001"));
        assert_eq!(test.entries("spam"), 0);
    }
}

/// A manager at a moment when the index of [`DOMAIN`] is being made, which goes on when the sender is
/// dropped.
fn open_amid_a_rebuild(dir: &Path) -> (Manager, Sender<()>) {
    let (go_on, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let (begins, begun) = channel();
    let on_event: OnManagerEvent = Arc::new(move |event| {
        if matches!(event, ManagerEvent::IndexProgress(progress) if progress.domain == DOMAIN) {
            // The receiver is gone when the index is compiled once more.
            let _ = begins.send(());
            let _ = wait.lock().unwrap().recv();
        }
    });
    let options = ManagerOptions { on_event: Some(on_event), ..ManagerOptions::default() };
    let manager = Manager::open(dir, options).unwrap();
    begun.recv().unwrap();
    (manager, go_on)
}

#[test]
fn nobody_else_waits_for_an_index_that_is_made_again() {
    let mut test = TestManager::new();
    let add = |domain: &str, number: &str| Operation::add_creating_list(domain, "spam", number);
    test.apply(Operation::put_domain("other.example", PlanSpec::new("TR"))).unwrap();
    test.add("spam", "05050000001").unwrap();
    test.restart_after(|dir| {
        fs::remove_file(head(dir)).unwrap();
        let (manager, go_on) = open_amid_a_rebuild(dir);
        let denies = |number: &str| {
            manager.engine().reader().check(DOMAIN, number).is_ok_and(|verdict| verdict.is_deny())
        };
        let apply = |operation| manager.apply("test", vec![operation]);
        let held = apply(add(DOMAIN, "05050000002"));
        assert!(matches!(held, Err(Error::NotInForce { .. })), "{held:?}");
        let health = manager.health();
        assert_eq!(health.rebuilding, [DOMAIN]);
        assert_eq!((health.progress[0].done, health.progress[0].total), (1, 1));
        apply(add("other.example", "05050000002")).unwrap();
        assert!(!denies("05050000001"));
        std::thread::scope(|scope| {
            // One that waits is in force when it is acknowledged, and what came before it, too.
            let waits = scope.spawn(|| apply(add(DOMAIN, "05050000003")));
            let is_stored = || {
                let stored = manager.store().read(|reader| {
                    let domain = reader.domain(DOMAIN)?.expect("the domain").row;
                    Ok(reader.list(domain, "spam")?.expect("the list").entries)
                });
                stored.unwrap() == 3
            };
            while !is_stored() {
                std::thread::sleep(Duration::from_millis(5));
            }
            drop(go_on);
            waits.join().unwrap().unwrap();
        });
        assert!((1..=3).all(|i| denies(&format!("0505000000{i}"))));
        assert!(manager.health().is_good(), "{:?}", manager.health());
    });
    assert!((1..=3).all(|i| test.denies(&format!("0505000000{i}"))));
    assert!(test.manager.health().is_good());
}

#[test]
fn what_is_not_in_force_is_not_when_it_is_asked_for_again() {
    let test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    fs::remove_file(head(test.dir())).unwrap();
    fs::create_dir(head(test.dir())).unwrap();
    let keep = || NewEntry { keep: true, ..NewEntry::new("05050000002") };
    for answer in [
        test.add("spam", "05050000002"),
        test.add("spam", "05050000002"),
        test.add_entry("spam", keep()),
        test.remove("spam", "05050000001"),
        test.remove("spam", "05050000001"),
        test.put_list("spam", String::new()),
        test.put_domain(PlanSpec::new("TR")),
        test.apply(Operation::remove_list(DOMAIN, "none")),
    ] {
        assert!(matches!(answer, Err(Error::NotInForce { .. })), "{answer:?}");
    }
    fs::remove_dir(head(test.dir())).unwrap();
    test.wait_until(|test| test.manager.health().is_good());
    test.add("spam", "05050000002").unwrap();
    assert!(test.denies("05050000002") && !test.denies("05050000001"));
}

#[test]
fn a_removal_that_failed_halfway_is_finished_by_the_next() {
    let test = TestManager::new();
    let mark = head(test.dir()).with_extension("removed");
    fs::create_dir(&mark).unwrap();
    let remove = || test.apply(Operation::remove_domain("My.Example"));
    for _ in 0..2 {
        let failed = remove();
        assert!(matches!(failed, Err(Error::NotInForce { .. })), "{failed:?}");
    }
    fs::remove_dir(&mark).unwrap();
    assert_eq!(remove().unwrap(), [Applied::Domain(Outcome::Removed)]);
    assert!(test.manager.health().is_good() && mark.is_file());
    assert_eq!(remove().unwrap(), [Applied::Domain(Outcome::Absent)]);
}

/// Writes a number as an older release could read it, and loses the indexes.
fn spoil(dir: &Path, numbers: &[&str]) {
    for number in numbers {
        let set = format!("UPDATE entries SET number = '{number},NY'");
        tamper(dir, &format!("{set} WHERE number = '{number}'"));
    }
    fs::remove_dir_all(dir.join("indexes")).unwrap();
}

#[test]
fn what_cannot_be_read_any_more_stays_in_force_and_is_written_anew() {
    let mut test = TestManager::new();
    let numbers = ["05050000001", "05050000002", "05050000003"];
    for number in numbers {
        test.add("spam", number).unwrap();
    }
    test.restart_after(|dir| spoil(dir, &numbers));
    test.wait_until(|test| test.manager.health().is_good());
    assert!(numbers.iter().all(|number| test.denies(number)));
    let replaced = test.add("spam", "+905050000001").unwrap();
    assert_eq!(replaced[0].outcome(), Outcome::Replaced);
    let kept =
        test.add_entry("spam", NewEntry { keep: true, ..NewEntry::new(numbers[1]) }).unwrap();
    assert_eq!(kept[0].outcome(), Outcome::Replaced);
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..Import::default() };
    let entry = ImportEntry { line: 1, number: numbers[2].into(), ..ImportEntry::default() };
    let entries = [Ok(entry)].into_iter();
    assert_eq!(clocked::import(&test.manager, &import, entries).unwrap().replaced, 1);
    for round in ["changed", "made anew"] {
        assert!(test.manager.health().is_good(), "{round}: {:?}", test.manager.health());
        assert!(numbers.iter().all(|number| test.denies(number)), "{round}");
        assert_eq!(test.add("spam", numbers[0]).unwrap()[0].outcome(), Outcome::Unchanged);
        test.restart_after(|dir| fs::remove_dir_all(dir.join("indexes")).unwrap());
        test.wait_until(|test| test.manager.health().is_good());
    }
}

#[test]
fn an_entry_that_is_filed_where_one_cannot_be_read_is_not_lost() {
    let mut test = TestManager::new();
    test.add("spam", "0505 000 00 02").unwrap();
    test.add("spam", "05050000001").unwrap();
    test.restart_after(|dir| {
        let set = "UPDATE entries SET number = '0505 000 00 01', key = 'N05050000001'";
        tamper(dir, &format!("{set} WHERE number = '0505 000 00 02'"));
        spoil(dir, &["05050000001"]);
    });
    test.wait_until(|test| test.manager.health().rebuilding.is_empty());
    assert!(test.manager.health().is_good(), "{:?}", test.manager.health());
    assert!(test.denies("05050000001"));
    assert_eq!(test.entries("spam"), 1);
}

#[test]
fn what_is_left_out_may_go_while_the_index_is_made() {
    let mut test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    test.add("spam", "05050000002").unwrap();
    test.put_list("other", String::new()).unwrap();
    test.add("other", "05050000003").unwrap();
    let domain = || DOMAIN.to_owned();
    let number = "05050000002".to_owned();
    let (list, drop_empty) = ("spam".to_owned(), false);
    let remove = Operation::Remove { domain: domain(), list, number, drop_empty };
    let drop_list = Operation::RemoveList { domain: domain(), name: "other".into() };
    for (spoilt, operation) in [("05050000002", remove), ("05050000003", drop_list)] {
        test.restart_after(|dir| {
            spoil(dir, &[spoilt]);
            let (manager, go_on) = open_amid_a_rebuild(dir);
            std::thread::scope(|scope| {
                let changed = scope.spawn(|| manager.apply("test", vec![operation]));
                std::thread::sleep(Duration::from_millis(300));
                drop(go_on);
                changed.join().unwrap().unwrap();
            });
            assert!(manager.health().is_good(), "{spoilt}: {:?}", manager.health());
        });
        assert!(test.denies("05050000001") && !test.denies(spoilt));
    }
}
