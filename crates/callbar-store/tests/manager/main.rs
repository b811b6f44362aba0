//! Prevents: an acknowledged change that a restart forgets or that the next check does not obey.

mod clocked;
mod desk;
mod full;
mod house;
mod import;
mod rebuild;
mod replan;
#[path = "../../../../tests/common/seal.rs"]
mod seal;
mod strange;
#[path = "../../../../tests/traced/mod.rs"]
mod traced;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callbar::{Action, Clock, EntryId, Outcome};
use callbar_store::{
    Applied, CredentialKind, Error, Manager, ManagerOptions, NewNote, Operation, PlanSpec, Role,
};
use desk::{DOMAIN, Desk, number};

fn outcome(applied: &[Applied]) -> (Outcome, bool) {
    match applied {
        [Applied::Entry { outcome, list_gone, .. }] => (*outcome, *list_gone),
        other => panic!("no entry: {other:?}"),
    }
}

fn id(applied: &[Applied]) -> EntryId {
    match applied {
        [Applied::Entry { id: Some(id), .. }] => *id,
        other => panic!("no entry: {other:?}"),
    }
}

#[test]
fn a_change_counts_for_the_next_check_and_after_a_restart() {
    let mut desk = Desk::new();
    assert_eq!(outcome(&desk.add("spam", "0505 004 78 24").unwrap()), (Outcome::Added, false));
    assert!(desk.denies("+905050047824"));
    let again = desk.add("spam", "+905050047824").unwrap();
    assert_eq!(outcome(&again), (Outcome::Unchanged, false), "one entry however it is written");
    desk.restart();
    assert!(desk.denies("sip:00905050047824@gw"));
    assert!(desk.manager.health().is_good(), "{:?}", desk.manager.health());
    assert_eq!(outcome(&desk.remove("spam", "00905050047824").unwrap()), (Outcome::Removed, false));
    assert_eq!(outcome(&desk.remove("spam", "00905050047824").unwrap()), (Outcome::Absent, false));
    assert!(!desk.denies("+905050047824"));
    desk.restart();
    assert!(!desk.denies("+905050047824"));
}

#[test]
fn a_list_comes_with_its_first_number_and_goes_with_its_last_if_so_wanted() {
    let desk = Desk::new();
    let add = |make_list| {
        let entry = NewNote { number: "911".into(), ..NewNote::default() };
        let (domain, list) = (DOMAIN.into(), "my list/1".into());
        desk.apply(Operation::Add { domain, list, entry, make_list })
    };
    assert!(matches!(add(false), Err(Error::Engine(callbar::Error::UnknownList { .. }))));
    assert_eq!(outcome(&add(true).unwrap()), (Outcome::Added, false));
    let removed = desk.apply(Operation::Remove {
        domain: DOMAIN.into(),
        list: "my list/1".into(),
        number: "911".into(),
        drop_empty: true,
    });
    assert_eq!(outcome(&removed.unwrap()), (Outcome::Removed, true));
    assert_eq!(desk.lists(), ["spam"]);
    for round in 0..3 {
        assert_eq!(outcome(&add(true).unwrap()), (Outcome::Added, false), "round {round}");
        let (domain, name) = (DOMAIN.into(), "my list/1".into());
        let gone = desk.apply(Operation::RemoveList { domain, name }).unwrap();
        assert_eq!(gone, [Applied::List { outcome: Outcome::Removed, entries: 1 }]);
    }
}

#[test]
fn operations_of_one_call_are_made_together_or_not_at_all() {
    let desk = Desk::new();
    let add = |number: &str| Operation::Add {
        domain: DOMAIN.into(),
        list: "spam".into(),
        entry: NewNote { number: number.into(), ..NewNote::default() },
        make_list: false,
    };
    let error = desk.manager.apply("test", vec![add("05050000001"), add("+90*")]).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
    assert!(!desk.denies("05050000001"));
    assert_eq!(desk.entries("spam"), 0);
    desk.manager.apply("test", vec![add("05050000001"), add("05050000002")]).unwrap();
    assert!(desk.denies("05050000001") && desk.denies("05050000002"));
}

#[test]
fn many_callers_share_commits_and_all_of_theirs_count() {
    let mut desk = Desk::new();
    std::thread::scope(|scope| {
        for caller in 0..16 {
            let desk = &desk;
            scope.spawn(move || {
                let mut reader = desk.manager.engine().reader();
                for i in 0..50 {
                    let number = number(caller * 1000 + i);
                    desk.add("spam", &number).unwrap();
                    assert!(reader.check(DOMAIN, &number).unwrap().is_deny(), "{number}");
                }
            });
        }
    });
    assert_eq!(desk.entries("spam"), 800);
    desk.restart();
    assert!((0..16).all(|caller| (0..50).all(|i| desk.denies(&number(caller * 1000 + i)))));
}

#[test]
fn what_expires_is_removed_and_never_obeyed_before() {
    let desk = Desk::new();
    let entry = NewNote {
        number: "05050000001".into(),
        expires: Some(desk.now() + 10),
        reason: Some("for ten seconds".into()),
        ..NewNote::default()
    };
    let (domain, list) = (DOMAIN.to_owned(), "spam".to_owned());
    desk.apply(Operation::Add { domain, list, entry, make_list: false }).unwrap();
    assert!(desk.denies("05050000001"));
    desk.pass(10);
    assert!(!desk.denies("05050000001"));
    desk.wait_until(|desk| desk.entries("spam") == 0);
    desk.wait_until(|desk| desk.index_entries() == 0);
}

#[test]
fn what_has_expired_is_neither_replaced_nor_removed() {
    let desk = Desk::new();
    let expires = Some(desk.now() + 10);
    for written in ["0505 000 00 01", "0505 000 00 02"] {
        let entry = NewNote { number: written.into(), expires, ..NewNote::default() };
        let (domain, list) = (DOMAIN.to_owned(), "spam".to_owned());
        desk.apply(Operation::Add { domain, list, entry, make_list: false }).unwrap();
    }
    desk.pass(10);
    assert_eq!(outcome(&desk.add("spam", "05050000001").unwrap()).0, Outcome::Added);
    assert!(desk.denies("05050000001"));
    let entry = desk.manager.entry(DOMAIN, "spam", "05050000001").unwrap().expect("there");
    assert_eq!((entry.created, entry.number.as_str()), (desk.now(), "05050000001"));
    assert_eq!(outcome(&desk.remove("spam", "05050000002").unwrap()).0, Outcome::Absent);
}

#[test]
fn an_entry_that_expires_no_more_stays() {
    let desk = Desk::new();
    let expires = Some(desk.now() + 10);
    let entry = NewNote { number: "05050000001".into(), expires, ..NewNote::default() };
    let (domain, list) = (DOMAIN.to_owned(), "spam".to_owned());
    desk.apply(Operation::Add { domain, list, entry, make_list: false }).unwrap();
    desk.add("spam", "05050000001").unwrap();
    desk.pass(10);
    assert!(desk.denies("05050000001"));
}

#[test]
fn an_explanation_knows_the_ids_that_only_the_store_has() {
    let mut desk = Desk::new();
    let written = ["05050047824", "0505004*", "1234", "*67", "sip:a%ff@b", "anonymous", "short"];
    let mut ids: Vec<_> =
        written.iter().map(|number| id(&desk.add("spam", number).unwrap())).collect();
    ids.sort_unstable();
    for round in ["changed", "made anew"] {
        let snapshot = desk.manager.engine().snapshot();
        let mut found = Vec::new();
        for number in
            ["05050047824", "1234", "*67", "sip:a%ff@b", "sip:anonymous@anonymous.invalid"]
        {
            let mut explanation = snapshot.domain(DOMAIN).unwrap().explain(number);
            assert!(explanation.matches.iter().all(|matched| matched.note.is_none()), "{round}");
            desk.manager.identify(&mut explanation).unwrap();
            let notes = explanation.matches.iter().map(|matched| matched.note.expect("a note"));
            found.extend(notes.map(|note| (note.id.expect("an id"), note.created)));
        }
        found.sort_unstable();
        found.dedup();
        let expected: Vec<_> = ids.iter().map(|&id| (id, Some(1_790_000_000))).collect();
        assert_eq!(found, expected, "{round}");
        desk.restart_after(|dir| std::fs::remove_dir_all(dir.join("indexes")).unwrap());
        desk.wait_until(|desk| desk.manager.health().is_good());
    }
}

#[test]
fn another_dial_plan_reads_all_entries_again() {
    let mut desk = Desk::new();
    desk.add("spam", "0505 004 78 24").unwrap();
    desk.add("spam", "0151 23456789").unwrap();
    let plan = PlanSpec { region: "DE".into(), ..PlanSpec::default() };
    desk.put_domain(plan).unwrap();
    assert!(desk.denies("+4915123456789"), "the same digits are another number");
    assert!(!desk.denies("+905050047824"));
    assert_eq!(outcome(&desk.remove("spam", "+49 151 23456789").unwrap()).0, Outcome::Removed);
    desk.restart();
    assert!(!desk.denies("+4915123456789"));
}

#[test]
fn settings_and_actions_count_at_once() {
    let desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    let put = |action, allow_broad| Operation::PutList {
        domain: DOMAIN.into(),
        name: "spam".into(),
        action,
        response: None,
        description: "of complaints".into(),
        allow_broad,
    };
    desk.apply(put(Action::Allow, false)).unwrap();
    assert!(!desk.denies("05050000001"));
    desk.add("spam", "+90*").unwrap();
    let error = desk.apply(put(Action::Deny, false)).unwrap_err();
    assert!(
        matches!(&error, Error::Engine(callbar::Error::InvalidEntry { text, .. }) if text == "+90*"),
        "{error}"
    );
    assert!(!desk.denies("05321234567"));
    desk.apply(put(Action::Deny, true)).unwrap();
    assert!(desk.denies("05321234567"));
}

#[test]
fn after_the_end_nothing_is_taken() {
    let desk = Desk::new();
    desk.manager.shut_down();
    assert!(matches!(desk.add("spam", "05050000001"), Err(Error::Closed)));
    assert!(!desk.denies("05050000001"), "checks go on");
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
    let revoke = || manager.apply("test", vec![Operation::RemoveDomain { name: "a".into() }]);
    faulty.store(true, Ordering::Relaxed);
    assert!(matches!(revoke(), Err(Error::Engine(callbar::Error::Panicked))));
    faulty.store(false, Ordering::Relaxed);
    assert!(revoke().is_ok());
    assert!(manager.health().is_good(), "{:?}", manager.health());
}

#[test]
fn one_manager_for_a_directory() {
    let desk = Desk::new();
    let second = Manager::open(desk.dir(), ManagerOptions::default());
    assert!(matches!(second, Err(Error::Engine(callbar::Error::Locked { .. }))), "{second:?}");
}

#[test]
fn names_that_no_index_can_have_never_reach_the_store() {
    let desk = Desk::new();
    for name in ["", "a\0b", "-", &"x".repeat(256)] {
        let entry = NewNote { number: "05050000001".into(), ..NewNote::default() };
        let (domain, list) = (DOMAIN.into(), name.into());
        let added = desk.apply(Operation::Add { domain, list, entry, make_list: true });
        assert!(
            matches!(added, Err(Error::Engine(callbar::Error::InvalidName { what: "list", .. }))),
            "{name:?} {added:?}"
        );
    }
    let put = desk.apply(Operation::PutDomain {
        name: "a b".into(),
        plan: PlanSpec { region: "TR".into(), ..PlanSpec::default() },
        emergency_exempt: true,
        subscriptions: Vec::new(),
        may_subscribe: true,
        description: String::new(),
    });
    assert!(
        matches!(put, Err(Error::Engine(callbar::Error::InvalidName { what: "domain", .. }))),
        "{put:?}"
    );
    desk.add("spam", "05050000001").unwrap();
    assert!(desk.denies("05050000001"));
}

#[test]
fn an_entry_made_before_1970_counts() {
    let mut desk = Desk::new();
    desk.pass(desk.now().wrapping_neg());
    assert_eq!(desk.now(), 0);
    desk.add("spam", "05050047824").unwrap();
    assert!(desk.denies("05050047824"));
    desk.pass(1_790_000_000);
    desk.restart();
    assert!(desk.denies("05050047824") && desk.manager.health().is_good());
}

#[test]
fn who_may_not_subscribe_adds_nothing_to_what_is_there_when_it_is_made() {
    let desk = Desk::new();
    let put = |names: &[&str], may_subscribe| {
        desk.apply(Operation::PutDomain {
            name: DOMAIN.into(),
            plan: PlanSpec { region: "TR".into(), ..PlanSpec::default() },
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
    let domain = desk.manager.store().read(|reader| reader.domain(DOMAIN)).unwrap().unwrap();
    assert_eq!(domain.subscriptions, ["b.example"]);
}

#[test]
fn an_entry_that_is_to_be_kept_stays_as_it_is() {
    let desk = Desk::new();
    let add = |entry| {
        let (domain, list) = (DOMAIN.to_owned(), "spam".to_owned());
        desk.apply(Operation::Add { domain, list, entry, make_list: false })
    };
    let (expires, reason) = (Some(desk.now() + 10), Some("fraud".to_owned()));
    let noted = NewNote { number: "0505 000 00 01".into(), expires, reason, ..NewNote::default() };
    let bare = || NewNote { number: "05050000001".into(), keep: true, ..NewNote::default() };
    let first = add(noted).unwrap();
    let again = add(bare()).unwrap();
    assert_eq!((outcome(&again).0, id(&again)), (Outcome::Unchanged, id(&first)));
    let entry = || desk.manager.entry(DOMAIN, "spam", "05050000001").unwrap().expect("there");
    assert_eq!((entry().expires, entry().reason.as_deref()), (expires, Some("fraud")));
    desk.pass(10);
    assert_eq!(outcome(&add(bare()).unwrap()).0, Outcome::Added);
    assert_eq!((entry().expires, entry().reason, entry().created), (None, None, desk.now()));
    for number in ["+90505*", "112", "alice"] {
        let entry = NewNote { number: number.into(), number_only: true, ..NewNote::default() };
        let error = add(entry).unwrap_err();
        assert!(
            matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })),
            "{number}: {error}"
        );
    }
}

#[test]
fn a_list_that_was_given_settings_stays_when_its_last_entry_goes() {
    let desk = Desk::new();
    desk.add("spam", "05050000001").unwrap();
    desk.put_list("spam", "of complaints".into()).unwrap();
    let removed = desk.apply(Operation::Remove {
        domain: DOMAIN.into(),
        list: "spam".into(),
        number: "05050000001".into(),
        drop_empty: true,
    });
    assert_eq!(outcome(&removed.unwrap()), (Outcome::Removed, false));
    assert_eq!(desk.lists(), ["spam"]);
}

#[test]
fn a_key_is_for_no_list_that_cannot_be() {
    let desk = Desk::new();
    let put = desk.apply(Operation::PutKey {
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
