//! A failed write ends all writing. Nothing that was acknowledged is lost with it.

use std::env;
use std::path::Path;
use std::process::Command;

use callbar_store::{
    AuditEvent, CreatedRange, DomainRow, DomainSettings, Error, ListRow, Result, Store,
};
use rusqlite::Connection;

use crate::fixture::{DENY, DOMAIN, NOW, check_file, entry, fill, listed};

/// Makes the database refuse to add audit lines with an error of the disk's kind: its table's pages
/// are overwritten.
fn damage(directory: &Path) {
    let path = directory.join("store.sqlite");
    let file = Connection::open(&path).expect("open");
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoint");
    let page: u32 = file
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'audit'", [], |row| row.get(0))
        .expect("page");
    drop(file);
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("open");
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xff; 4096], u64::from(page - 1) * 4096)
        .expect("write");
}

#[test]
fn after_a_failed_write_there_is_no_other_until_the_store_is_opened_again() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..1000);
    damage(directory.path());
    // A writer that has not read the page yet.
    drop(writer);
    let mut writer = store.writer().expect("writer");
    let mut group = writer.begin().expect("begin");
    group.put(list, &entry("+90505"), NOW, &|_| true).expect("put");
    let event = AuditEvent {
        at: NOW,
        who: "me",
        what: "add",
        domain: None,
        list: None,
        subject: None,
        detail: None,
    };
    let error = group.audit(&event).expect_err("damaged");
    assert!(matches!(error, Error::Store { .. }), "{error}");
    assert!(error.remedy().contains("put back a backup"), "{error}");
    assert!(is_poisoned(group.put(list, &entry("+90506"), NOW, &|_| true)));
    assert!(is_poisoned(group.commit()));
    assert!(writer.is_poisoned() && is_poisoned(writer.begin()));
    drop(writer);
    assert!(is_poisoned(store.writer()));
    let count = store.read(|reader| reader.count(list, &CreatedRange::default())).expect("read");
    assert_eq!(count, 1000, "what was acknowledged can be read");
    drop(store);

    let store = Store::open(directory.path()).expect("open");
    let mut writer = store.writer().expect("writer");
    fill(&mut writer, list, 5000..5010);
    let count = store.read(|reader| reader.count(list, &CreatedRange::default())).expect("read");
    assert_eq!(count, 1010);
}

#[test]
fn nothing_is_written_to_a_file_that_has_gone() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..10);
    let path = directory.path().join("store.sqlite");
    std::fs::rename(&path, directory.path().join("elsewhere")).expect("rename");
    let error = writer.begin().expect_err("gone");
    assert!(error.to_string().contains("removed or replaced"), "{error}");
    std::fs::write(&path, "another").expect("write");
    assert!(writer.is_poisoned() && is_poisoned(writer.begin()));
}

#[test]
fn nothing_is_written_to_a_log_that_has_gone() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..10);
    std::fs::remove_file(directory.path().join("store.sqlite-wal")).expect("remove");
    let error = writer.begin().expect_err("gone");
    assert!(error.to_string().contains("removed or replaced"), "{error}");
    assert!(writer.is_poisoned() && is_poisoned(writer.begin()));
}

fn is_poisoned<T>(result: Result<T>) -> bool {
    result.is_err_and(|error| matches!(error, Error::Engine(callbar::Error::Poisoned { .. })))
}

#[test]
fn what_is_refused_leaves_the_group_as_it_was() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, domain, list) = listed(directory.path());
    let mut group = writer.begin().expect("begin");
    group.put(list, &entry("+1"), NOW, &|_| true).expect("put");
    let gone = (DomainRow::new(99), ListRow::new(99));
    let is_gone = |error| matches!(error, Error::Gone { .. });
    assert!(is_gone(group.put(gone.1, &entry("+2"), NOW, &|_| true).expect_err("gone")));
    assert!(is_gone(
        group.put_many(gone.1, &[entry("+2")], NOW, &|_| true, |_, _| {}).expect_err("gone")
    ));
    assert!(is_gone(group.remove(gone.1, "+2").expect_err("gone")));
    assert!(is_gone(group.remove_list(gone.1).expect_err("gone")));
    assert!(is_gone(group.put_list(gone.0, "x", &DENY, NOW).expect_err("gone")));
    assert!(is_gone(group.remove_domain(gone.0).expect_err("gone")));
    for name in ["", "A.example", "\u{e9}.example"] {
        let error = group.put_domain(name, &DomainSettings::default(), NOW).expect_err("no name");
        assert!(matches!(error, Error::InvalidText { what: "domain", .. }), "{error}");
    }
    group.put(list, &entry("+3"), NOW, &|_| true).expect("put");
    let revisions = group.commit().expect("commit");
    assert_eq!(revisions.len(), 1);
    assert_eq!(revisions[0].0, domain);
    let count = store.read(|reader| reader.count(list, &CreatedRange::default())).expect("read");
    assert_eq!(count, 2);
    check_file(directory.path());
}

/// The directory of the child whose files may not grow.
const LIMITED: &str = "CALLBAR_TEST_STORE_LIMITED";

#[test]
fn a_failed_commit_loses_nothing_that_was_acknowledged() {
    if let Some(directory) = env::var_os(LIMITED) {
        return fill_until_it_fails(Path::new(&directory));
    }
    let directory = tempfile::tempdir().expect("directory");
    // Writing beyond the limit, 2 or 4 MiB, is an error then, as on a full disk.
    let script = r#"trap '' XFSZ; ulimit -f 4096; exec "$0" --exact "$1" --nocapture"#;
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().expect("path of the test binary"))
        .arg("failures::a_failed_commit_loses_nothing_that_was_acknowledged")
        .env(LIMITED, directory.path())
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let kept = said.split_once("entries kept: ").and_then(|(_, rest)| rest.split_once('.'));
    let kept: u64 = kept.expect("a count").0.parse().expect("a count");
    let store = Store::open(directory.path()).expect("open");
    let mut writer = store.writer().expect("writer");
    let mut group = writer.begin().expect("begin");
    let domain = group.reader().expect("reader").domain(DOMAIN).expect("read").expect("domain");
    let (list, _) = group.put_list(domain.row, "spam", &DENY, NOW).expect("list");
    for n in 0..kept {
        let entry = group.reader().expect("reader").entry(list, &format!("+{n}")).expect("read");
        assert!(entry.is_some(), "{n} of {kept}");
    }
    group.put(list, &entry("+90505"), NOW, &|_| true).expect("put");
    group.commit().expect("commit");
    check_file(directory.path());
}

/// Commits until it cannot, and says how many entries were acknowledged.
fn fill_until_it_fails(directory: &Path) {
    let (store, mut writer, _, list) = listed(directory);
    let mut kept = 0;
    loop {
        let keys: Vec<String> = (kept..kept + 500).map(|n| format!("+{n}")).collect();
        let entries: Vec<_> = keys.iter().map(|key| entry(key)).collect();
        let mut group = writer.begin().expect("begin");
        let put = group.put_many(list, &entries, NOW, &|_| true, |_, _| {});
        match put.and_then(|()| group.commit()) {
            Ok(_) => kept += 500,
            Err(error) => {
                assert!(matches!(error, Error::Store { .. }), "{error}");
                break;
            }
        }
    }
    assert!(kept > 0 && writer.is_poisoned() && is_poisoned(writer.begin()));
    let count = store.read(|reader| reader.count(list, &CreatedRange::default())).expect("read");
    assert_eq!(count, kept, "readers go on");
    println!("entries kept: {kept}.");
}
