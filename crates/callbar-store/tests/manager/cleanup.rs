//! Prevents: expired entries and old rows that stay because changes never cease.

use std::time::{Duration, Instant};

use callbar::OwnedNote;
use callbar_store::{CredentialKind, Import, ImportEntry, NewEntry, Operation, Role};

use crate::clocked;
use crate::fixture::{DOMAIN, TestManager, number};

#[test]
fn what_has_expired_goes_though_changes_never_cease() {
    let test = TestManager::new();
    let expires = Some(test.now() + 10);
    let note = OwnedNote { expires, ..OwnedNote::default() };
    test.add_entry("spam", NewEntry::new("05050047824").with_note(note)).unwrap();
    test.pass(11);
    let start = Instant::now();
    for i in 0.. {
        test.add("spam", &number(i)).unwrap();
        if test.entries("spam") == i + 1 {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "the entry stays");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_replaced_list_left_is_gone_when_a_command_ends() {
    let mut test = TestManager::new();
    let numbers: Vec<String> = (0..50_000).map(number).collect();
    for _ in 0..3 {
        let import = Import { replace: true, ..Import::new(DOMAIN, "spam") };
        let entry = |number: &String| Ok(ImportEntry::new(0, number));
        clocked::import(&test.manager, &import, numbers.iter().map(entry)).unwrap();
        test.restart();
    }
    let file = rusqlite::Connection::open(test.dir().join("store.sqlite")).unwrap();
    let rows = file.query_row("SELECT COUNT(*) FROM entries", [], |row| row.get::<_, i64>(0));
    assert_eq!(rows.unwrap(), 50_000);
}

#[test]
fn the_log_names_the_key_that_was_made_and_revoked_and_forgets_after_400_days() {
    let test = TestManager::new();
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
    let revoke = || Operation::revoke_key(CredentialKind::Native, "abc");
    test.apply(put("abc")).unwrap();
    for _ in 0..2 {
        test.apply(revoke()).unwrap();
    }
    let log = || {
        let log = test.manager.store().read(|reader| reader.audit(Some(DOMAIN), None, 100));
        log.unwrap().into_iter().filter(|line| line.what.starts_with("key.")).collect::<Vec<_>>()
    };
    let logged: Vec<_> =
        log().into_iter().map(|line| (line.what, line.list, line.subject)).collect();
    let line = |what: &str| (what.to_owned(), Some("spam".to_owned()), Some("abc".to_owned()));
    assert_eq!(logged, [line("key.revoke"), line("key.create")]);
    test.pass(401 * 24 * 3_600);
    test.wait_until(|_| log().is_empty());
}
