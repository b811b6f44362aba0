//! Removed lists and domains are gone at once. Their rows, and expired entries, are removed in slices.

use callbar::{Note, Outcome};
use callbar_store::{AuditEvent, CreatedRange, DomainSettings, EntryRef};
use rusqlite::Connection;

use crate::fixture::{DENY, DOMAIN, NOW, check_file, entry, fill, listed};

fn rows(directory: &std::path::Path) -> i64 {
    let file = Connection::open(directory.join("store.sqlite")).expect("open");
    file.query_row("SELECT COUNT(*) FROM entries", [], |row| row.get(0)).expect("count")
}

#[test]
fn a_removed_list_is_gone_at_once_and_another_takes_its_name() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, domain, list) = listed(directory.path());
    fill(&mut writer, list, 0..10_000);
    let id = store.read(|reader| reader.entry(list, "+5")).expect("read").expect("there").id();
    let mut group = writer.begin().expect("begin");
    assert_eq!(group.remove_list(list).expect("remove"), 10_000);
    let (again, outcome) = group.put_list(domain, "spam", &DENY, NOW).expect("list");
    assert!(again != list && outcome == Outcome::Added);
    group.put(again, &entry("+5"), NOW, &|_| true).expect("put");
    assert_eq!(group.commit().expect("commit").len(), 1);
    store
        .read(|reader| {
            assert_eq!(reader.count(again, &CreatedRange::default())?, 1);
            assert_eq!(reader.entry_of_id(domain, id)?, None);
            assert_eq!(reader.list_at(list)?, None);
            Ok(())
        })
        .expect("read");
    assert_eq!(rows(directory.path()), 10_001);
    let mut slices = 0;
    loop {
        let mut group = writer.begin().expect("begin");
        let more = group.purge(3000).expect("purge");
        assert_eq!(group.commit().expect("commit"), [], "no list has changed");
        slices += 1;
        if !more {
            break;
        }
    }
    assert_eq!((slices, rows(directory.path())), (4, 1));
    check_file(directory.path());
}

#[test]
fn a_removed_domain_takes_its_lists_along() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, domain, list) = listed(directory.path());
    fill(&mut writer, list, 0..100);
    let old = store.read(|reader| reader.domain(DOMAIN)).expect("read").expect("there");
    let mut group = writer.begin().expect("begin");
    group.remove_domain(domain).expect("remove");
    let (again, outcome) =
        group.put_domain(DOMAIN, &DomainSettings::default(), NOW).expect("domain");
    assert!(again != domain && outcome == Outcome::Added);
    group.commit().expect("commit");
    let new = store.read(|reader| reader.domain(DOMAIN)).expect("read").expect("there");
    assert!(new.revision > old.revision);
    assert_eq!(store.read(|reader| reader.lists(again)).expect("read"), []);
    let mut group = writer.begin().expect("begin");
    assert!(!group.purge(1000).expect("purge"));
    group.commit().expect("commit");
    assert_eq!(rows(directory.path()), 0);
    check_file(directory.path());
}

#[test]
fn expired_entries_of_removed_lists_go_untold() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, mut writer, domain, list) = listed(directory.path());
    let mut group = writer.begin().expect("begin");
    let (other, _) = group.put_list(domain, "other", &DENY, NOW).expect("list");
    let note = Note { expires: Some(NOW + 1), ..Note::default() };
    for list in [list, other] {
        group.put(list, &EntryRef { note, ..entry("+1") }, NOW, &|_| true).expect("put");
        group.put(list, &entry("+2"), NOW, &|_| true).expect("put");
    }
    group.remove_list(list).expect("remove");
    assert_eq!(group.remove_expired(NOW, 9).expect("expire").entries, []);
    let expired = group.remove_expired(NOW + 1, 9).expect("expire");
    assert_eq!((expired.entries, expired.more), (vec![(other, "+1".to_owned())], false));
    group.commit().expect("commit");
    check_file(directory.path());
}

#[test]
fn the_log_is_read_from_its_end_and_pruned_from_its_start() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, ..) = listed(directory.path());
    let mut group = writer.begin().expect("begin");
    for at in 0..30 {
        let domain = Some(if at % 3 == 0 { "b.example" } else { DOMAIN });
        let event = AuditEvent {
            at,
            who: "me",
            what: "add",
            domain,
            list: Some("spam"),
            subject: Some("+1"),
            detail: None,
        };
        group.audit(&event).expect("audit");
    }
    group.commit().expect("commit");
    let page = |domain, before, limit| -> Vec<u64> {
        let page = store.read(|reader| reader.audit(domain, before, limit)).expect("read");
        page.into_iter().map(|record| record.id).collect()
    };
    assert_eq!(page(None, None, 3), [30, 29, 28]);
    assert_eq!(page(Some("b.example"), Some(28), 2), [25, 22]);
    let mut group = writer.begin().expect("begin");
    assert_eq!(group.prune_audit(25, 20).expect("prune"), 20);
    assert_eq!(group.prune_audit(25, 20).expect("prune"), 5);
    group.commit().expect("commit");
    assert_eq!(page(None, None, 9), [30, 29, 28, 27, 26]);
}
