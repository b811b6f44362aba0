//! A copy that is made during changes shows the store at one moment.

use std::fs;
use std::io::ErrorKind;

use callbar_store::{CreatedRange, Error, Store};

use crate::fixture::{check_file, fill, listed};

#[test]
fn a_copy_is_one_moment_of_a_store_in_use() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..90_000);
    let to = tempfile::tempdir().expect("directory");
    let file = to.path().join("store.sqlite");
    let mut reports = Vec::new();
    store
        .backup(&file, |done, all| {
            reports.push((done, all));
            let from = 100_000 + reports.len() as u64 * 100;
            fill(&mut writer, list, from..from + 100);
        })
        .expect("backup");
    let (done, all) = *reports.last().expect("reports");
    assert!(reports.len() > 1 && done == all && reports.is_sorted(), "{reports:?}");
    assert_eq!(fs::read_dir(to.path()).expect("list").count(), 1, "nothing else is left");
    let copy = Store::open(to.path()).expect("open");
    let count = copy.read(|reader| reader.count(list, &CreatedRange::default())).expect("read");
    assert_eq!(count, 90_000);
    check_file(to.path());
    // The copy is in use now.
    for used in [&file, store.path()] {
        let error = store.backup(used, |_, _| {}).expect_err("in use");
        assert!(
            matches!(&error, Error::Engine(callbar::Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists),
            "{error}"
        );
    }
    check_file(directory.path());
}

#[test]
fn a_copy_that_fails_leaves_what_was_there() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, ..) = listed(directory.path());
    let error = store.backup(&directory.path().join("none/copy"), |_, _| {}).expect_err("no place");
    assert!(matches!(error, Error::Engine(callbar::Error::Io { action: "create", .. })), "{error}");
}
