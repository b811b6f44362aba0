//! Prevents: a house that is never kept because somebody always wants something.

use std::time::{Duration, Instant};

use callbar_store::{CredentialKind, Import, ImportEntry, NewNote, Operation, Role};

use crate::clocked;
use crate::desk::{DOMAIN, Desk, number};

#[test]
fn what_has_expired_goes_though_changes_never_cease() {
    let desk = Desk::new();
    let (domain, list) = (DOMAIN.into(), "spam".into());
    let expires = Some(desk.now() + 10);
    let entry = NewNote { number: "05050047824".into(), expires, ..NewNote::default() };
    desk.apply(Operation::Add { domain, list, entry, make_list: false }).unwrap();
    desk.pass(11);
    let start = Instant::now();
    for i in 0.. {
        desk.add("spam", &number(i)).unwrap();
        if desk.entries("spam") == i + 1 {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it stays");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_replaced_list_left_is_gone_when_a_command_ends() {
    let mut desk = Desk::new();
    let numbers: Vec<String> = (0..50_000).map(number).collect();
    for _ in 0..3 {
        let import = Import {
            domain: DOMAIN.into(),
            list: "spam".into(),
            replace: true,
            ..Import::default()
        };
        let entry = |number: &String| {
            Ok(ImportEntry {
                line: 0,
                entry: NewNote { number: number.clone(), ..NewNote::default() },
            })
        };
        clocked::import(&desk.manager, &import, numbers.iter().map(entry)).unwrap();
        desk.restart();
    }
    let file = rusqlite::Connection::open(desk.dir().join("store.sqlite")).unwrap();
    let rows = file.query_row("SELECT COUNT(*) FROM entries", [], |row| row.get::<_, i64>(0));
    assert_eq!(rows.unwrap(), 50_000);
}

#[test]
fn the_log_tells_which_key_was_made_and_revoked_and_forgets_after_400_days() {
    let desk = Desk::new();
    let put = |key: &str| Operation::PutKey {
        kind: CredentialKind::Native,
        key: key.into(),
        secret: vec![1],
        salt: vec![2],
        domain: Some("My.Example".into()),
        list: Some("spam".into()),
        role: Role::Reader,
        label: "a phone".into(),
    };
    let revoke = || Operation::RevokeKey { kind: CredentialKind::Native, key: "abc".into() };
    desk.apply(put("abc")).unwrap();
    for _ in 0..2 {
        desk.apply(revoke()).unwrap();
    }
    let log = || {
        let log = desk.manager.store().read(|reader| reader.audit(Some(DOMAIN), None, 100));
        log.unwrap().into_iter().filter(|line| line.what.starts_with("key.")).collect::<Vec<_>>()
    };
    let told: Vec<_> = log().into_iter().map(|line| (line.what, line.list, line.subject)).collect();
    let line = |what: &str| (what.to_owned(), Some("spam".to_owned()), Some("abc".to_owned()));
    assert_eq!(told, [line("key.revoke"), line("key.create")]);
    desk.pass(401 * 24 * 3_600);
    desk.wait_until(|_| log().is_empty());
}
