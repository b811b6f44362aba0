//! Prevents: a bad index in place of a good one, and a directory that does not open any more.

mod fixture;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use callbar::{Engine, Error, LoadMode, NotFound, Verdict};
use fixture::{DOMAIN, index};

const NUMBER: u64 = 905_050_047_824;

fn spam(number: u64) -> Vec<u8> {
    index(DOMAIN, "spam", [number])
}

/// Long enough to be mapped.
fn long(last: u64) -> Vec<u8> {
    index(DOMAIN, "spam", (0..40_000).map(|n| 905_000_000_000 + 7_919 * n).chain([last]))
}

fn open(data: &Path) -> Engine {
    Engine::open(data).expect("open")
}

/// A data directory in which [`NUMBER`] is denied.
fn published(index: &[u8]) -> (tempfile::TempDir, Engine) {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = open(data.path());
    engine.publish(DOMAIN, index).expect("publish");
    (data, engine)
}

fn denied(engine: &Engine, number: u64) -> bool {
    let mut reader = engine.reader();
    matches!(reader.check(DOMAIN, format!("+{number}")), Ok(Verdict::Deny(_)))
}

/// The names in `indexes`, in order, but for the file of changes and former heads.
fn names(data: &Path) -> Vec<String> {
    let entries = fs::read_dir(data.join("indexes")).expect("folder");
    let names = entries.map(|e| e.expect("entry").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<_> =
        names.filter(|name| name != "changes" && !name.contains(".kept-")).collect();
    names.sort();
    names
}

fn file(data: &Path, name: &str) -> PathBuf {
    data.join("indexes").join(name)
}

#[test]
fn a_directory_without_indexes_is_an_engine_without_domains() {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = open(data.path());
    assert_eq!(engine.snapshot().domains().count(), 0);
    assert_eq!(engine.reader().check(DOMAIN, "+905050047824"), Err(NotFound::Domain));
    assert_eq!(names(data.path()), [""; 0], "opening writes no index");
    let error = Engine::open(data.path().join("missing")).expect_err("no such directory");
    assert!(matches!(error, Error::Io { action: "open", .. }), "{error}");
}

#[test]
fn what_is_published_is_obeyed_at_once_and_after_opening_again() {
    let (data, engine) = published(&spam(NUMBER));
    let mut reader = engine.reader();
    assert!(matches!(reader.check(DOMAIN, "+905050047824"), Ok(Verdict::Deny(_))));
    engine.publish(DOMAIN, &spam(NUMBER + 1)).expect("publish");
    assert_eq!(reader.check(DOMAIN, "+905050047824"), Ok(Verdict::Pass));
    for mode in [LoadMode::Map, LoadMode::Heap] {
        let again = Engine::open_with(data.path(), mode).expect("open");
        assert!(denied(&again, NUMBER + 1) && !denied(&again, NUMBER));
    }
}

#[test]
fn files_are_named_by_number_and_read_only() {
    let (data, engine) = published(&spam(NUMBER));
    engine.publish("../other.example", &index("../other.example", "x", [NUMBER])).expect("publish");
    engine.publish("other.example", &index("other.example", "x", [NUMBER])).expect("publish");
    engine.publish(DOMAIN, &spam(NUMBER)).expect("publish");
    for (place, name) in names(data.path()).iter().enumerate() {
        assert_eq!(*name, format!("{:08}.index", place + 1));
        let mode = fs::metadata(file(data.path(), name)).expect("file").permissions().mode();
        assert_eq!(mode & 0o222, 0, "{name} can be written to");
    }
    let mode = fs::metadata(data.path().join("indexes")).expect("folder").permissions().mode();
    assert_eq!(mode & 0o027, 0, "others may not even look");
}

#[test]
fn names_of_domains_are_compared_without_regard_to_case() {
    let (_data, engine) = published(&spam(NUMBER));
    let id = engine.publish("MY.Webitel.COM", &spam(NUMBER)).expect("publish");
    let snapshot = engine.snapshot();
    assert_eq!(snapshot.domains().count(), 1);
    for name in [DOMAIN, "MY.WEBITEL.COM", "My.webitel.com"] {
        assert_eq!(snapshot.id(name), Some(id), "{name}");
    }
    let long = "x".repeat(254);
    for name in ["", "y.webitel.com", "MY.WEBITEL.COMM", "MY.WEBITEL.\u{130}OM", &long] {
        assert_eq!(snapshot.domain(name).err(), Some(NotFound::Domain), "{name}");
        assert_eq!(snapshot.domain(&name.to_uppercase()).err(), Some(NotFound::Domain), "{name}");
    }
}

#[test]
fn an_id_stays_with_its_domain_and_harms_no_other_engine() {
    let (_data, engine) = published(&spam(NUMBER));
    let other = engine.publish("b.example", &index("b.example", "x", [NUMBER])).expect("publish");
    let id = engine.publish(DOMAIN, &spam(NUMBER)).expect("publish");
    engine.publish("a.example", &index("a.example", "x", [NUMBER])).expect("publish");
    let mut reader = engine.reader();
    assert_eq!(reader.snapshot().domain(other).expect("domain").domain(), "b.example");
    assert_eq!(reader.snapshot().domain(id).expect("domain").domain(), DOMAIN);
    let in_order: Vec<_> =
        reader.snapshot().domains().map(|(_, _, index)| index.domain().to_owned()).collect();
    assert_eq!(in_order, ["a.example", "b.example", DOMAIN]);
    let (_data, second) = published(&spam(NUMBER));
    assert_eq!(second.reader().check(other, "+905050047824"), Err(NotFound::Domain));
}

#[test]
fn bad_bytes_are_refused_and_the_last_good_index_stays() {
    let (data, engine) = published(&spam(NUMBER));
    let good = spam(NUMBER + 1);
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for bad in [&b""[..], b"not an index at all", &good[..good.len() - 1], &flipped] {
        engine.publish(DOMAIN, bad).expect_err("bad bytes");
        let given = data.path().join("given");
        fs::write(&given, bad).expect("write");
        let error = engine.publish_file(DOMAIN, &given).expect_err("a bad file");
        assert!(matches!(error, Error::File { path, .. } if path == given));
    }
    assert!(denied(&engine, NUMBER));
    assert_eq!(names(data.path()), ["00000001.index"]);
}

#[test]
fn an_index_of_another_domain_is_refused() {
    let (data, engine) = published(&spam(NUMBER));
    let error = engine.publish("other.example", &spam(NUMBER)).expect_err("another domain");
    assert!(
        matches!(&error, Error::WrongDomain { expected, found }
            if expected == "other.example" && found == DOMAIN),
        "{error}"
    );
    assert_eq!(names(data.path()), ["00000001.index"]);
}

#[test]
fn a_file_is_copied_and_left_alone() {
    let (data, engine) = published(&spam(NUMBER));
    let given = data.path().join("given");
    let index = long(NUMBER + 1);
    fs::write(&given, &index).expect("write");
    engine.publish_file(DOMAIN, &given).expect("publish");
    assert!(fs::read(&given).expect("read") == index, "the given file changed");
    fs::write(&given, "edited later").expect("write");
    assert!(denied(&engine, NUMBER + 1));
    let error = engine.publish_file(DOMAIN, data.path().join("missing")).expect_err("no file");
    assert!(matches!(error, Error::Io { action: "read", .. }), "{error}");
}

#[test]
fn one_tenants_damage_is_not_the_others() {
    let (data, engine) = published(&spam(NUMBER));
    let other = index("other.example", "spam", [NUMBER]);
    engine.publish("other.example", &other).expect("publish");
    let path = file(data.path(), "00000002.index");
    fs::remove_file(&path).expect("remove");
    fs::write(&path, &other[..other.len() - 1]).expect("write");

    let (engine, damaged) =
        Engine::open_sound(data.path(), LoadMode::Map).expect("the sound file is enough");
    assert!(matches!(&damaged[..], [Error::File { path: named, .. }] if *named == path));
    assert!(denied(&engine, NUMBER));
    assert_eq!(engine.reader().check("other.example", "112"), Err(NotFound::Domain));
    engine.publish("other.example", &other).expect("publish beside the damaged file");
    assert!(engine.reader().check("other.example", format!("+{NUMBER}")).expect("known").is_deny());
    assert_eq!(names(data.path()), ["00000001.index", "00000002.index", "00000003.index"]);

    fs::remove_file(&path).expect("remove");
    assert!(denied(&open(data.path()), NUMBER));
}

#[test]
fn a_damaged_file_is_named_when_the_directory_is_opened() {
    let (data, _) = published(&spam(NUMBER));
    for bytes in [&b""[..], b"rubbish", &spam(NUMBER)[..100]] {
        let path = file(data.path(), "00000002.index");
        fs::write(&path, bytes).expect("write");
        let error = Engine::open(data.path()).expect_err("a damaged file");
        assert!(matches!(&error, Error::File { path: named, .. } if *named == path), "{error}");
    }
}

#[test]
fn two_files_of_one_domain_are_an_error() {
    let (data, _) = published(&spam(NUMBER));
    let copy = file(data.path(), "00000007.index");
    fs::copy(file(data.path(), "00000001.index"), &copy).expect("copy");
    let error = Engine::open(data.path()).expect_err("two files");
    assert!(
        matches!(&error, Error::DuplicateDomain { domain, second, .. }
            if domain == DOMAIN && *second == copy),
        "{error}"
    );
}

#[test]
fn of_two_files_of_one_domain_the_last_written_is_used_and_others_go_on() {
    let (data, engine) = published(&spam(NUMBER));
    engine.publish("other.example", &index("other.example", "spam", [NUMBER])).expect("publish");
    let backup = fs::read(file(data.path(), "00000001.index")).expect("read");
    // Times count whole seconds.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    engine.publish(DOMAIN, &spam(NUMBER + 1)).expect("publish");
    fs::rename(file(data.path(), "00000001.index"), file(data.path(), "00000007.index"))
        .expect("rename");
    fs::write(file(data.path(), "00000001.index"), backup).expect("write");
    let (engine, damaged) =
        Engine::open_sound(data.path(), callbar::LoadMode::default()).expect("open");
    assert!(matches!(damaged[..], [callbar::Error::DuplicateDomain { .. }]), "{damaged:?}");
    assert_eq!(engine.health().problems[0].path, file(data.path(), "00000001.index"));
    assert!(denied(&engine, NUMBER + 1) && !denied(&engine, NUMBER));
    assert_eq!(engine.snapshot().domains().count(), 2);
}

#[test]
fn what_a_killed_writer_left_is_ignored_and_removed_by_the_next() {
    let (data, _) = published(&spam(NUMBER));
    let leftover = ".00000001.index.0123456789abcdef";
    fs::write(file(data.path(), leftover), "half a fi").expect("write");
    fs::write(file(data.path(), "NOTES"), "of the operator").expect("write");
    let engine = open(data.path());
    assert!(denied(&engine, NUMBER));
    assert!(file(data.path(), leftover).exists(), "a reader removes nothing");
    engine.publish(DOMAIN, &spam(NUMBER + 1)).expect("publish");
    assert_eq!(names(data.path()), ["00000001.index", "NOTES"]);
}

#[test]
fn an_engine_knows_what_others_published_before_it_writes() {
    let (data, engine) = published(&spam(NUMBER));
    let elsewhere = open(data.path());
    elsewhere.publish("a.example", &index("a.example", "x", [NUMBER])).expect("publish");
    engine.publish("b.example", &index("b.example", "x", [NUMBER])).expect("publish");
    assert_eq!(names(data.path()), ["00000001.index", "00000002.index", "00000003.index"]);
    elsewhere.publish("b.example", &index("b.example", "y", [NUMBER])).expect("publish");
    assert_eq!(names(data.path()).len(), 3, "no second file for a domain of another engine");
    let snapshot = engine.snapshot();
    let mut lists = snapshot.domain("b.example").expect("domain").lists();
    assert_eq!(lists.next().expect("a list").name, "y");
}

#[test]
fn a_mapped_file_may_be_removed_or_replaced() {
    let (data, engine) = published(&long(NUMBER));
    let path = file(data.path(), "00000001.index");
    fs::write(data.path().join("new"), "anything").expect("write");
    fs::rename(data.path().join("new"), &path).expect("rename");
    assert!(denied(&engine, NUMBER));
    fs::remove_file(&path).expect("remove");
    assert!(denied(&engine, NUMBER));
    engine.publish(DOMAIN, &long(NUMBER + 1)).expect("publish");
    assert!(denied(&open(data.path()), NUMBER + 1));
}

#[test]
fn in_heap_mode_a_file_may_even_be_cut_short() {
    let (data, _) = published(&long(NUMBER));
    let engine = Engine::open_with(data.path(), LoadMode::Heap).expect("open");
    let path = file(data.path(), "00000001.index");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("permissions");
    fs::write(&path, "").expect("truncate");
    assert!(denied(&engine, NUMBER));
}

#[test]
fn a_reader_outlives_its_engine() {
    let (data, engine) = published(&long(NUMBER));
    let mut reader = engine.reader();
    drop((engine, data));
    assert!(matches!(reader.clone().check(DOMAIN, "+905050047824"), Ok(Verdict::Deny(_))));
    assert!(matches!(reader.check_list(DOMAIN, "vip", "+905050047824"), Err(NotFound::List)));
}

#[test]
fn many_publishers_wait_for_each_other() {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = open(data.path());
    std::thread::scope(|scope| {
        for publisher in 0..4_u64 {
            let engine = engine.clone();
            scope.spawn(move || {
                for turn in 0..10 {
                    let domain = format!("d{}.example", (publisher + turn) % 5);
                    engine.publish(&domain, &index(&domain, "x", [NUMBER])).expect("publish");
                }
            });
        }
    });
    assert_eq!(names(data.path()).len(), 5);
    assert_eq!(open(data.path()).snapshot().domains().count(), 5);
}

/// Two engines stand for two processes here: a lock is held by an opened file.
#[test]
fn writers_of_one_directory_lose_nothing() {
    let data = tempfile::tempdir().expect("temporary directory");
    let publish = &|i: usize| {
        let domain = format!("tenant-{i}.example");
        let bytes = index(&domain, "spam", [NUMBER]);
        loop {
            match open(data.path()).publish(&domain, &bytes) {
                Ok(_) => return,
                Err(Error::Locked { .. }) => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        }
    };
    std::thread::scope(|scope| {
        for i in 0..8 {
            scope.spawn(move || publish(i));
        }
    });
    assert_eq!(open(data.path()).snapshot().domains().count(), 8);
}
