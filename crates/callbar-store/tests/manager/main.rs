//! Prevents: an acknowledged change that a restart forgets or that the next check does not obey.

mod cleanup;
mod clocked;
mod fixture;
mod foreign_files;
mod full_disk;
mod import;
mod rebuild;
mod rekey;
#[path = "../../../../tests/common/seal.rs"]
mod seal;
#[path = "../../../../tests/traced/mod.rs"]
mod traced;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callbar::{Action, Clock, EntryId, Note, Outcome, PlanSpec};
use callbar_store::{
    Applied, CredentialKind, Error, Manager, ManagerOptions, NewEntry, Operation, Role,
};
use fixture::{DOMAIN, TestManager, number};

fn outcome(applied: &[Applied]) -> (Outcome, bool) {
    match applied {
        [Applied::Entry { outcome, list_gone, .. }] => (*outcome, *list_gone),
        other => panic!("no entry: {other:?}"),
    }
}

fn id(applied: &[Applied]) -> EntryId {
    match applied {
        [Applied::Entry { entry: Some(entry), .. }] => entry.id(),
        other => panic!("no entry: {other:?}"),
    }
}

#[test]
fn a_change_counts_for_the_next_check_and_after_a_restart() {
    let mut test = TestManager::new();
    assert_eq!(outcome(&test.add("spam", "0505 004 78 24").unwrap()), (Outcome::Added, false));
    assert!(test.denies("+905050047824"));
    let again = test.add("spam", "+905050047824").unwrap();
    assert_eq!(outcome(&again), (Outcome::Unchanged, false), "one entry however it is written");
    test.restart();
    assert!(test.denies("sip:00905050047824@gw"));
    assert!(test.manager.health().is_good(), "{:?}", test.manager.health());
    assert_eq!(outcome(&test.remove("spam", "00905050047824").unwrap()), (Outcome::Removed, false));
    assert_eq!(outcome(&test.remove("spam", "00905050047824").unwrap()), (Outcome::Absent, false));
    assert!(!test.denies("+905050047824"));
    test.restart();
    assert!(!test.denies("+905050047824"));
}

#[test]
fn a_list_comes_with_its_first_number_and_goes_with_its_last_if_so_wanted() {
    let test = TestManager::new();
    let add = |make_list| {
        let (domain, list, entry) = (DOMAIN.into(), "my list/1".into(), NewEntry::new("911"));
        test.apply(Operation::Add { domain, list, entry, make_list })
    };
    assert!(matches!(add(false), Err(Error::Engine(callbar::Error::UnknownList { .. }))));
    assert_eq!(outcome(&add(true).unwrap()), (Outcome::Added, false));
    let removed = test.apply(Operation::Remove {
        domain: DOMAIN.into(),
        list: "my list/1".into(),
        number: "911".into(),
        drop_empty: true,
    });
    assert_eq!(outcome(&removed.unwrap()), (Outcome::Removed, true));
    assert_eq!(test.lists(), ["spam"]);
    for round in 0..3 {
        assert_eq!(outcome(&add(true).unwrap()), (Outcome::Added, false), "round {round}");
        let gone = test.apply(Operation::remove_list(DOMAIN, "my list/1")).unwrap();
        assert_eq!(gone, [Applied::List { outcome: Outcome::Removed, entries: 1 }]);
    }
}

#[test]
fn operations_of_one_call_are_made_together_or_not_at_all() {
    let test = TestManager::new();
    let add = |number: &str| Operation::add(DOMAIN, "spam", number);
    let error = test.manager.apply("test", vec![add("05050000001"), add("+90*")]).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
    assert!(!test.denies("05050000001"));
    assert_eq!(test.entries("spam"), 0);
    test.manager.apply("test", vec![add("05050000001"), add("05050000002")]).unwrap();
    assert!(test.denies("05050000001") && test.denies("05050000002"));
}

#[test]
fn many_callers_share_commits_and_all_of_theirs_count() {
    let mut test = TestManager::new();
    std::thread::scope(|scope| {
        for caller in 0..16 {
            let test = &test;
            scope.spawn(move || {
                let mut reader = test.manager.engine().reader();
                for i in 0..50 {
                    let number = number(caller * 1000 + i);
                    test.add("spam", &number).unwrap();
                    assert!(reader.check(DOMAIN, &number).unwrap().is_deny(), "{number}");
                }
            });
        }
    });
    assert_eq!(test.entries("spam"), 800);
    test.restart();
    assert!((0..16).all(|caller| (0..50).all(|i| test.denies(&number(caller * 1000 + i)))));
}

#[test]
fn what_expires_is_removed_and_never_obeyed_before() {
    let test = TestManager::new();
    let (expires, reason) = (Some(test.now() + 10), Some("for ten seconds"));
    let note = Note { expires, reason, ..Note::default() };
    test.add_entry("spam", NewEntry::new("05050000001").with_note(note)).unwrap();
    assert!(test.denies("05050000001"));
    test.pass(10);
    assert!(!test.denies("05050000001"));
    test.wait_until(|test| test.entries("spam") == 0);
    test.wait_until(|test| test.index_entries() == 0);
}

#[test]
fn what_has_expired_is_neither_replaced_nor_removed() {
    let test = TestManager::new();
    let expires = Some(test.now() + 10);
    for written in ["0505 000 00 01", "0505 000 00 02"] {
        let note = Note { expires, ..Note::default() };
        test.add_entry("spam", NewEntry::new(written).with_note(note)).unwrap();
    }
    test.pass(10);
    assert_eq!(outcome(&test.add("spam", "05050000001").unwrap()).0, Outcome::Added);
    assert!(test.denies("05050000001"));
    let entry = test.manager.entry(DOMAIN, "spam", "05050000001").unwrap().expect("there");
    assert_eq!((entry.place().created, entry.number.as_str()), (test.now(), "05050000001"));
    assert_eq!(outcome(&test.remove("spam", "05050000002").unwrap()).0, Outcome::Absent);
}

#[test]
fn an_entry_that_expires_no_more_stays() {
    let test = TestManager::new();
    let expires = Some(test.now() + 10);
    let note = Note { expires, ..Note::default() };
    test.add_entry("spam", NewEntry::new("05050000001").with_note(note)).unwrap();
    test.add("spam", "05050000001").unwrap();
    test.pass(10);
    assert!(test.denies("05050000001"));
}

#[test]
fn an_explanation_knows_the_ids_that_only_the_store_has() {
    let mut test = TestManager::new();
    let written = ["05050047824", "0505004*", "1234", "*67", "sip:a%ff@b", "anonymous", "short"];
    let mut ids: Vec<_> =
        written.iter().map(|number| id(&test.add("spam", number).unwrap())).collect();
    ids.sort_unstable();
    for round in ["changed", "made anew"] {
        let snapshot = test.manager.engine().snapshot();
        let mut found = Vec::new();
        for number in
            ["05050047824", "1234", "*67", "sip:a%ff@b", "sip:anonymous@anonymous.invalid"]
        {
            let mut explanation = snapshot.domain(DOMAIN).unwrap().explain(number);
            assert!(explanation.matches.iter().all(|matched| matched.note.is_none()), "{round}");
            test.manager.identify(&mut explanation).unwrap();
            let notes = explanation.matches.iter().map(|matched| matched.note.expect("a note"));
            found.extend(notes.map(|note| (note.id.expect("an id"), note.created)));
        }
        found.sort_unstable();
        found.dedup();
        let expected: Vec<_> = ids.iter().map(|&id| (id, Some(1_790_000_000))).collect();
        assert_eq!(found, expected, "{round}");
        test.restart_after(|dir| std::fs::remove_dir_all(dir.join("indexes")).unwrap());
        test.wait_until(|test| test.manager.health().is_good());
    }
}

#[test]
fn another_dial_plan_reads_all_entries_again() {
    let mut test = TestManager::new();
    test.add("spam", "0505 004 78 24").unwrap();
    test.add("spam", "0151 23456789").unwrap();
    test.put_domain(PlanSpec::new("DE")).unwrap();
    assert!(test.denies("+4915123456789"), "the same digits are another number");
    assert!(!test.denies("+905050047824"));
    assert_eq!(outcome(&test.remove("spam", "+49 151 23456789").unwrap()).0, Outcome::Removed);
    test.restart();
    assert!(!test.denies("+4915123456789"));
}

#[test]
fn settings_and_actions_count_at_once() {
    let test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    let put = |action, allow_broad| Operation::PutList {
        domain: DOMAIN.into(),
        name: "spam".into(),
        action,
        response: None,
        description: "of complaints".into(),
        allow_broad,
    };
    test.apply(put(Action::Allow, false)).unwrap();
    assert!(!test.denies("05050000001"));
    test.add("spam", "+90*").unwrap();
    let error = test.apply(put(Action::Deny, false)).unwrap_err();
    assert!(
        matches!(&error, Error::Engine(callbar::Error::InvalidEntry { text, .. }) if text == "+90*"),
        "{error}"
    );
    assert!(!test.denies("05321234567"));
    test.apply(put(Action::Deny, true)).unwrap();
    assert!(test.denies("05321234567"));
}

#[test]
fn after_the_end_nothing_is_taken() {
    let test = TestManager::new();
    test.manager.shut_down();
    assert!(matches!(test.add("spam", "05050000001"), Err(Error::Closed)));
    assert!(!test.denies("05050000001"), "checks go on");
}

#[test]
fn a_fault_costs_the_change_that_met_it_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let faulty = Arc::new(AtomicBool::new(false));
    let is_faulty = Arc::clone(&faulty);
    let now = move || if is_faulty.load(Ordering::Relaxed) { panic!("a fault") } else { 1 };
    let clock = Clock::from_fn(now);
    let manager =
        Manager::open(dir.path(), ManagerOptions { clock, ..ManagerOptions::default() }).unwrap();
    let revoke = || manager.apply("test", vec![Operation::remove_domain("a")]);
    faulty.store(true, Ordering::Relaxed);
    assert!(matches!(revoke(), Err(Error::Engine(callbar::Error::Panicked))));
    faulty.store(false, Ordering::Relaxed);
    assert!(revoke().is_ok());
    assert!(manager.health().is_good(), "{:?}", manager.health());
}

#[test]
fn one_manager_for_a_directory() {
    let test = TestManager::new();
    let second = Manager::open(test.dir(), ManagerOptions::default());
    assert!(matches!(second, Err(Error::Engine(callbar::Error::Locked { .. }))), "{second:?}");
}

#[test]
fn names_that_no_index_can_have_never_reach_the_store() {
    let test = TestManager::new();
    for name in ["", "a\0b", "-", &"x".repeat(256)] {
        let added = test.apply(Operation::add_creating_list(DOMAIN, name, "05050000001"));
        assert!(
            matches!(added, Err(Error::Engine(callbar::Error::InvalidName { what: "list", .. }))),
            "{name:?} {added:?}"
        );
    }
    let put = test.apply(Operation::put_domain("a b", PlanSpec::new("TR")));
    assert!(
        matches!(put, Err(Error::Engine(callbar::Error::InvalidName { what: "domain", .. }))),
        "{put:?}"
    );
    test.add("spam", "05050000001").unwrap();
    assert!(test.denies("05050000001"));
}

#[test]
fn an_entry_made_before_1970_counts() {
    let mut test = TestManager::new();
    test.pass(test.now().wrapping_neg());
    assert_eq!(test.now(), 0);
    test.add("spam", "05050047824").unwrap();
    assert!(test.denies("05050047824"));
    test.pass(1_790_000_000);
    test.restart();
    assert!(test.denies("05050047824") && test.manager.health().is_good());
}

#[test]
fn who_may_not_subscribe_adds_nothing_to_what_is_there_when_it_is_made() {
    let test = TestManager::new();
    let put = |names: &[&str], may_subscribe| {
        test.apply(Operation::PutDomain {
            name: DOMAIN.into(),
            plan: PlanSpec::new("TR"),
            emergency_exempt: true,
            subscriptions: names.iter().map(|&name| name.to_owned()).collect(),
            may_subscribe,
            description: String::new(),
        })
    };
    put(&["a.example", "b.example"], true).unwrap();
    put(&["b.example"], false).unwrap();
    // Whatever it was when it was looked at, it has been taken away since.
    let error = put(&["a.example"], false).unwrap_err();
    assert!(matches!(&error, Error::NotSubscribable { name } if name == "a.example"), "{error}");
    let domain = test.manager.store().read(|reader| reader.domain(DOMAIN)).unwrap().unwrap();
    assert_eq!(domain.subscriptions, ["b.example"]);
}

#[test]
fn an_entry_that_is_to_be_kept_stays_as_it_is() {
    let test = TestManager::new();
    let add = |entry| test.add_entry("spam", entry);
    let (expires, reason) = (Some(test.now() + 10), Some("fraud"));
    let note = Note { expires, reason, ..Note::default() };
    let noted = NewEntry::new("0505 000 00 01").with_note(note);
    let bare = || NewEntry { keep: true, ..NewEntry::new("05050000001") };
    let first = add(noted).unwrap();
    let again = add(bare()).unwrap();
    assert_eq!((outcome(&again).0, id(&again)), (Outcome::Unchanged, id(&first)));
    let entry = || test.manager.entry(DOMAIN, "spam", "05050000001").unwrap().expect("there");
    assert_eq!((entry().note.expires, entry().note.reason.as_deref()), (expires, Some("fraud")));
    test.pass(10);
    assert_eq!(outcome(&add(bare()).unwrap()).0, Outcome::Added);
    assert_eq!(
        (entry().note.expires, entry().note.reason, entry().place().created),
        (None, None, test.now())
    );
    for number in ["+90505*", "112", "alice"] {
        let entry = NewEntry { number_only: true, ..NewEntry::new(number) };
        let error = add(entry).unwrap_err();
        assert!(matches!(error, Error::NotWhole { .. }), "{number}: {error}");
    }
}

#[test]
fn a_list_that_was_given_settings_stays_when_its_last_entry_goes() {
    let test = TestManager::new();
    test.add("spam", "05050000001").unwrap();
    test.put_list("spam", "of complaints".into()).unwrap();
    let removed = test.apply(Operation::Remove {
        domain: DOMAIN.into(),
        list: "spam".into(),
        number: "05050000001".into(),
        drop_empty: true,
    });
    assert_eq!(outcome(&removed.unwrap()), (Outcome::Removed, false));
    assert_eq!(test.lists(), ["spam"]);
}

#[test]
fn a_key_is_for_no_list_that_cannot_be() {
    let test = TestManager::new();
    let put = test.apply(Operation::PutKey {
        kind: CredentialKind::Native,
        key: "abc".into(),
        secret: vec![1],
        salt: vec![2],
        domain: Some(DOMAIN.into()),
        list: Some("x".repeat(300_000)),
        role: Role::Reader,
        label: String::new(),
    });
    assert!(
        matches!(put, Err(Error::Engine(callbar::Error::InvalidName { what: "list", .. }))),
        "{put:?}"
    );
}
