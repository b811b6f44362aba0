//! Prevents: calls that pass because a file went bad, and an operator who does not hear of it.

mod fixture;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use callbar::{Engine, Error, LoadMode, NotFound};
use fixture::{DOMAIN, add, denies, index};

const NUMBER: u64 = 905_050_047_824;

fn file(data: &Path, name: &str) -> PathBuf {
    data.join("indexes").join(name)
}

fn published() -> (tempfile::TempDir, Engine) {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(data.path()).expect("open");
    engine.publish(DOMAIN, &index(DOMAIN, "spam", [NUMBER])).expect("publish");
    (data, engine)
}

/// A domain whose base is a lower file.
fn layered() -> (tempfile::TempDir, Engine) {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(data.path()).expect("open");
    let numbers = (0..3000).map(|n| NUMBER + n);
    engine.publish(DOMAIN, &index(DOMAIN, "spam", numbers)).expect("publish");
    let writer = engine.writer().expect("writer");
    add(&writer, DOMAIN, [NUMBER + 9_000_000]).expect("change");
    drop(writer);
    (data, engine)
}

/// As an operator might who does not know better.
fn put(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).expect("write");
    fs::rename(beside, path).expect("rename");
}

/// Other bytes in the same file, as long as those before and written at the same time.
fn put_in_place(path: &Path, bytes: &[u8]) {
    let metadata = fs::metadata(path).expect("file");
    assert_eq!(metadata.len(), bytes.len() as u64);
    let mut permissions = metadata.permissions();
    permissions.set_mode(0o644);
    fs::set_permissions(path, permissions).expect("permissions");
    let mut file = fs::OpenOptions::new().write(true).open(path).expect("open");
    file.write_all(bytes).expect("write");
    file.set_modified(metadata.modified().expect("a time")).expect("times");
}

#[test]
fn an_engine_without_trouble_says_so() {
    let (_data, engine) = published();
    let health = engine.health();
    assert!(health.is_good(), "{health:?}");
    assert_eq!((health.domains, health.problems.len()), (1, 0));
    assert_eq!(engine.reader().health(), health);
}

#[test]
fn a_file_that_goes_bad_is_told_and_its_last_good_state_stays() {
    let (data, engine) = published();
    let mut reader = engine.reader();
    let path = file(data.path(), "00000001.index");
    let good = fs::read(&path).expect("read");
    for bad in [&b""[..], b"rubbish", &good[..good.len() - 1]] {
        put(&path, bad);
        let health = engine.refresh();
        assert!(denies(&mut reader, DOMAIN, NUMBER));
        assert_eq!(health.problems.len(), 1);
        let problem = &health.problems[0];
        assert_eq!((problem.domain.as_deref(), &problem.path), (Some(DOMAIN), &path));
        assert!(!health.is_good() && reader.health() == health);
    }
    put(&path, &good);
    assert!(engine.refresh().is_good());
    assert!(denies(&mut reader, DOMAIN, NUMBER));
}

/// A file system may give the inode of a head that was replaced to the next one within the same tick
/// of the clock.
#[test]
fn a_head_that_differs_by_its_bytes_alone_is_another() {
    let (data, engine) = published();
    let mut reader = engine.reader();
    put_in_place(&file(data.path(), "00000001.index"), &index(DOMAIN, "spam", [NUMBER + 1]));
    assert!(engine.refresh().is_good());
    assert!(denies(&mut reader, DOMAIN, NUMBER + 1) && !denies(&mut reader, DOMAIN, NUMBER));
}

/// A check that follows the change of any domain would read them all, however large.
#[test]
fn a_damaged_file_is_not_read_again_until_it_is_another() {
    for (name, (data, engine)) in
        [("00000001.index", published()), ("00000001.00000001.index", layered())]
    {
        let path = file(data.path(), name);
        let good = fs::read(&path).expect("read");
        let mut bad = good.clone();
        *bad.last_mut().expect("a byte") ^= 1;
        put(&path, &bad);
        drop(engine);
        let (engine, _) = Engine::open_sound(data.path(), LoadMode::Heap).expect("the rest");
        let mut reader = engine.reader();
        let elsewhere = Engine::open_sound(data.path(), LoadMode::Heap).expect("the rest").0;
        let mut is_good_after_another_change = |number| {
            let bytes = index("b.example", "x", [NUMBER, number]);
            elsewhere.publish("b.example", &bytes).expect("publish");
            assert!(denies(&mut reader, "b.example", number));
            reader.health().is_good()
        };
        // Nothing tells that it is sound now, which shows that it is not read.
        put_in_place(&path, &good);
        assert!(!is_good_after_another_change(NUMBER + 1), "{name}");
        let (patient, _) = Engine::open_sound(data.path(), LoadMode::Heap).expect("all");
        assert!(patient.refresh().is_good(), "{name}");
        put(&path, &good);
        assert!(is_good_after_another_change(NUMBER + 2), "{name}");
        assert!(denies(&mut engine.reader(), DOMAIN, NUMBER));
    }
}

#[test]
fn a_file_that_vanishes_is_told_and_its_last_good_state_stays() {
    let (data, engine) = published();
    let path = file(data.path(), "00000001.index");
    fs::rename(&path, data.path().join("elsewhere")).expect("rename");
    let mut reader = engine.reader();
    let health = engine.refresh();
    assert!(denies(&mut reader, DOMAIN, NUMBER));
    assert!(health.problems[0].error.contains("00000001.index"), "{health:?}");
    // Another domain's change looks at it again.
    fs::rename(data.path().join("elsewhere"), &path).expect("rename");
    let elsewhere = Engine::open(data.path()).expect("open");
    elsewhere.publish("b.example", &index("b.example", "x", [NUMBER])).expect("publish");
    assert!(denies(&mut reader, "b.example", NUMBER) && reader.health().is_good());
}

#[test]
fn a_folder_that_vanishes_takes_no_list_with_it() {
    let (data, engine) = layered();
    let mut reader = engine.reader();
    fs::remove_dir_all(data.path().join("indexes")).expect("remove");
    let health = engine.refresh();
    assert_eq!(health.problems.len(), 1);
    for number in [NUMBER, NUMBER + 9_000_000] {
        assert!(denies(&mut reader, DOMAIN, number));
    }
}

#[test]
fn a_damaged_lower_file_is_named_when_the_directory_is_opened() {
    let (data, _) = layered();
    let path = file(data.path(), "00000001.00000001.index");
    let good = fs::read(&path).expect("read");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let of_another = index("x.example", "x", [NUMBER]);
    for bad in [&b""[..], &good[..good.len() / 2], &flipped, &of_another] {
        put(&path, bad);
        let error = Engine::open(data.path()).expect_err("damaged");
        assert!(matches!(&error, Error::File { path: named, .. } if *named == path), "{error}");
        let (engine, damaged) =
            Engine::open_sound(data.path(), LoadMode::Map).expect("the rest is sound");
        assert_eq!(damaged.len(), 1);
        assert_eq!(engine.health().problems.len(), 1);
        assert_eq!(engine.reader().check(DOMAIN, "112"), Err(NotFound::Domain));
    }
    fs::remove_file(&path).expect("remove");
    let error = Engine::open(data.path()).expect_err("a lower file is missing");
    assert!(error.to_string().contains("00000001.00000001.index"), "{error}");
    put(&path, &good);
    assert!(denies(&mut Engine::open(data.path()).expect("open").reader(), DOMAIN, NUMBER));
}

#[test]
fn a_directory_without_the_file_of_changes_is_read_and_says_so() {
    let (data, engine) = published();
    drop(engine);
    // As if it could neither be made nor read.
    let changes = file(data.path(), "changes");
    fs::remove_file(&changes).expect("remove");
    fs::create_dir(&changes).expect("create");
    let engine = Engine::open(data.path()).expect("open");
    let mut reader = engine.reader();
    assert!(denies(&mut reader, DOMAIN, NUMBER));
    assert!(!engine.health().sees_others && !engine.health().is_good());
    fs::remove_dir(&changes).expect("remove");
    let elsewhere = Engine::open(data.path()).expect("open");
    elsewhere.publish(DOMAIN, &index(DOMAIN, "spam", [NUMBER + 1])).expect("publish");
    assert!(denies(&mut reader, DOMAIN, NUMBER), "it has not looked again");
    assert!(engine.refresh().is_good());
    assert!(denies(&mut reader, DOMAIN, NUMBER + 1));
    elsewhere.publish(DOMAIN, &index(DOMAIN, "spam", [NUMBER + 2])).expect("publish");
    assert!(denies(&mut reader, DOMAIN, NUMBER + 2), "now it looks by itself");
}

#[test]
fn rubbish_in_the_file_of_changes_harms_nobody() {
    let (data, engine) = published();
    let mut reader = engine.reader();
    let changes = file(data.path(), "changes");
    let length = fs::metadata(&changes).expect("file").len() as usize;
    for byte in [0xff, 0x01, 0x00] {
        fs::write(&changes, vec![byte; length]).expect("write");
        assert!(denies(&mut reader, DOMAIN, NUMBER));
        let number = NUMBER + u64::from(byte);
        engine.publish(DOMAIN, &index(DOMAIN, "spam", [NUMBER, number])).expect("publish");
        assert!(denies(&mut reader, DOMAIN, number));
        assert!(denies(&mut Engine::open(data.path()).expect("open").reader(), DOMAIN, number));
    }
}

#[test]
fn a_directory_that_was_swapped_is_followed_after_a_refresh() {
    let work = tempfile::tempdir().expect("temporary directory");
    let (data, backup) = (work.path().join("data"), work.path().join("backup"));
    for (dir, number) in [(&data, NUMBER), (&backup, NUMBER + 1)] {
        fs::create_dir(dir).expect("create");
        let engine = Engine::open(dir).expect("open");
        engine.publish(DOMAIN, &index(DOMAIN, "spam", [number])).expect("publish");
    }
    let engine = Engine::open(&data).expect("open");
    let mut reader = engine.reader();
    fs::rename(&data, work.path().join("old")).expect("rename");
    fs::rename(&backup, &data).expect("rename");
    assert!(denies(&mut reader, DOMAIN, NUMBER), "it has not looked again");
    assert!(engine.refresh().is_good());
    assert!(denies(&mut reader, DOMAIN, NUMBER + 1));
    let elsewhere = Engine::open(&data).expect("open");
    elsewhere.publish(DOMAIN, &index(DOMAIN, "spam", [NUMBER + 2])).expect("publish");
    assert!(denies(&mut reader, DOMAIN, NUMBER + 2));
}
