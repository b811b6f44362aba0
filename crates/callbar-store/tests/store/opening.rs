//! What is opened, made, brought up to date or refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use callbar_store::{Error, Store};
use rusqlite::Connection;

use crate::common::{DOMAIN, entry, fill, listed};

#[test]
fn an_empty_file_becomes_a_store() {
    let directory = tempfile::tempdir().expect("directory");
    assert!(!Store::exists(directory.path()));
    fs::write(directory.path().join("store.sqlite"), "").expect("write");
    assert!(Store::exists(directory.path()));
    listed(directory.path());
}

#[test]
fn a_file_of_version_0_becomes_a_store() {
    // Left by a process that ended before the first migration was committed.
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("store.sqlite");
    let file = Connection::open(&path).expect("open");
    file.execute_batch("PRAGMA journal_mode = WAL; PRAGMA application_id = 0x63616c6c;")
        .expect("write");
    drop(file);
    listed(directory.path());
    let file = Connection::open(&path).expect("open");
    let version: i64 =
        file.pragma_query_value(None, "user_version", |row| row.get(0)).expect("version");
    assert_eq!(version, 1);
}

#[test]
fn others_files_are_left_alone() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("store.sqlite");
    Connection::open(&path).expect("open").execute_batch("CREATE TABLE theirs (x)").expect("write");
    let before = fs::read(&path).expect("read");
    let error = Store::open(directory.path()).expect_err("not ours");
    assert!(matches!(error, Error::NotAStore { .. }), "{error}");
    assert_eq!(fs::read(&path).expect("read"), before);

    fs::write(&path, "a text, long enough to be looked at. ".repeat(100)).expect("write");
    let error = Store::open(directory.path()).expect_err("no database");
    assert!(matches!(error, Error::NotAStore { .. }), "{error}");
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_waited_for_by_nobody() {
    for name in ["store.sqlite", "store.sqlite-journal"] {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("store.sqlite");
        drop(listed(directory.path()));
        let pipe = directory.path().join(name);
        if pipe == path {
            fs::remove_file(&path).expect("remove");
        }
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        let to = directory.path().join("copy");
        fs::create_dir(&to).expect("create");
        for error in [
            Store::open(directory.path()).map(drop).expect_err("a pipe"),
            Store::back_up(directory.path(), &to, |_, _| {}).expect_err("a pipe"),
        ] {
            assert!(matches!(&error, Error::NotAStore { path } if *path == pipe), "{error}");
        }
    }
}

#[test]
fn a_directory_in_its_place_is_no_failed_disk() {
    let dir = tempfile::tempdir().expect("temporary directory");
    std::fs::create_dir(dir.path().join("store.sqlite")).expect("a directory");
    let error = Store::open(dir.path()).expect_err("no store");
    assert!(matches!(error, Error::NotAStore { .. }), "{error}");
}

#[test]
fn a_newer_store_is_refused_with_the_remedy() {
    let directory = tempfile::tempdir().expect("directory");
    drop(listed(directory.path()));
    let path = directory.path().join("store.sqlite");
    let file = Connection::open(&path).expect("open");
    file.pragma_update(None, "user_version", 9).expect("write");
    drop(file);
    let error = Store::open(directory.path()).expect_err("newer");
    assert!(matches!(error, Error::NewerStore { found: 9, supported: 1, .. }), "{error}");
    assert!(error.remedy().contains("use the release that wrote it"), "{error}");
}

#[test]
fn only_the_owner_reads_its_files() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, ..) = listed(directory.path());
    let files: Vec<_> = fs::read_dir(directory.path()).expect("list").collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let mode = file.expect("file").metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn there_is_one_writer_at_a_time() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, _, list) = listed(directory.path());
    let error = store.writer().expect_err("a second");
    assert!(matches!(error, Error::Engine(callbar::Error::Locked { .. })), "{error}");
    fill(&mut writer, list, 0..10);
    drop(writer);
    let mut writer = store.writer().expect("writer");
    writer.begin().expect("begin").put(list, &entry("+1"), 1, &|_| true).expect("put");
    let domain = store.read(|reader| reader.domain(DOMAIN)).expect("read").expect("there");
    let lists = store.read(|reader| reader.lists(domain.row)).expect("read");
    assert_eq!(lists[0].entries, 10, "a group that is dropped is undone");
}

#[test]
fn a_view_stays_while_changes_are_made() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..10);
    let counts = store.read(|reader| {
        let count = || reader.list_at(list).map(|list| list.expect("there").entries);
        let before = count()?;
        fill(&mut writer, list, 10..20);
        store.checkpoint()?;
        Ok((before, count()?))
    });
    assert_eq!(counts.expect("read"), (10, 10));
    assert!(store.checkpoint().expect("checkpoint"));
}
