//! Prevents: a list that was cut short in place of a good one, no way back to the good one, and a
//! directory that fills up with files that nobody needs.

mod fixture;

use callbar::{Engine, Error, Publish};
use fixture::{DOMAIN, add, denies, index, names};

const FIRST: u64 = 905_050_000_000;

/// `count` numbers, the first of which tells which publish it was.
fn spam(mark: u64, count: u64) -> Vec<u8> {
    index(DOMAIN, "spam", (FIRST + mark..).take(1).chain((0..count - 1).map(|n| FIRST + 1000 + n)))
}

/// The marks that are denied at present.
fn marks(engine: &Engine) -> Vec<u64> {
    let mut reader = engine.reader();
    (0..100).filter(|&mark| denies(&mut reader, DOMAIN, FIRST + mark)).collect()
}

/// An engine where each of these publishes was made in turn.
fn published(counts: &[u64]) -> (tempfile::TempDir, Engine) {
    let data = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(data.path()).expect("open");
    for (mark, &count) in (0..).zip(counts) {
        engine.publish(DOMAIN, &spam(mark, count)).expect("publish");
    }
    (data, engine)
}

#[test]
fn an_index_that_lost_too_much_is_refused_unless_told_otherwise() {
    let (data, engine) = published(&[100]);
    let error = engine.publish(DOMAIN, &spam(1, 49)).expect_err("lost more than half");
    assert!(matches!(error, Error::TooFewEntries { before: 100, after: 49, .. }), "{error}");
    assert_eq!(names(data.path()), ["00000001.index", "changes"]);
    let writer = engine.writer().expect("writer");
    let strict = Publish { max_loss: 0.1, ..Publish::default() };
    writer.publish(DOMAIN, &spam(2, 89), strict).expect_err("lost more than a tenth");
    writer.publish(DOMAIN, &spam(3, 90), strict).expect("lost a tenth");
    let any = Publish { max_loss: 1.0, ..Publish::default() };
    writer.publish(DOMAIN, &spam(4, 1), any).expect("any loss is allowed");
    assert_eq!(marks(&engine), [4]);
}

#[test]
fn the_last_states_are_kept_and_no_more() {
    let (data, engine) = published(&[10; 6]);
    let kept = engine.history(DOMAIN).expect("history");
    assert_eq!(kept.iter().map(|kept| kept.number).collect::<Vec<_>>(), [5, 4, 3]);
    assert!(kept.iter().all(|kept| kept.entries == 10 && kept.created > 1_700_000_000));
    assert_eq!(names(data.path()).len(), 5);
    let writer = engine.writer().expect("writer");
    let none = Publish { keep: 0, ..Publish::default() };
    writer.publish(DOMAIN, &spam(9, 10), none).expect("publish");
    assert_eq!(names(data.path()), ["00000001.index", "changes"]);
    let error = writer.rollback(DOMAIN, None).expect_err("nothing is kept");
    assert!(matches!(error, Error::NotKept { number: None, .. }), "{error}");
}

#[test]
fn a_rollback_goes_back_and_is_undone_by_another() {
    let (data, engine) = published(&[10; 3]);
    let writer = engine.writer().expect("writer");
    let mut reader = engine.reader();
    writer.rollback(DOMAIN, None).expect("rollback");
    assert!(denies(&mut reader, DOMAIN, FIRST + 1), "a reader sees it at once");
    assert_eq!(marks(&engine), [1]);
    writer.rollback(DOMAIN, None).expect("rollback");
    assert_eq!(marks(&engine), [2]);
    writer.rollback(DOMAIN, Some(1)).expect("rollback");
    assert_eq!(marks(&engine), [0]);
    for number in [1, 77] {
        let error = writer.rollback(DOMAIN, Some(number)).expect_err("not kept");
        assert!(matches!(error, Error::NotKept { number: Some(_), .. }), "{error}");
    }
    let error = writer.rollback("other.example", None).expect_err("no such domain");
    assert!(matches!(error, Error::UnknownDomain { .. }), "{error}");
    drop((writer, engine));
    assert_eq!(marks(&Engine::open(data.path()).expect("open")), [0]);
}

#[test]
fn a_rollback_brings_back_changes_and_their_files() {
    let (data, engine) = published(&[3000]);
    let writer = engine.writer().expect("writer");
    add(&writer, DOMAIN, [FIRST + 50]).expect("change");
    let lower = "00000001.00000001.index".to_owned();
    assert!(names(data.path()).contains(&lower), "a large head is frozen");
    let any = Publish { max_loss: 1.0, ..Publish::default() };
    writer.publish(DOMAIN, &spam(7, 10), any).expect("publish");
    assert!(names(data.path()).contains(&lower), "the kept head names it");
    writer.rollback(DOMAIN, None).expect("rollback");
    assert_eq!(marks(&engine), [0, 50]);
    for mark in [8, 9, 10, 11] {
        writer.publish(DOMAIN, &spam(mark, 10), any).expect("publish");
    }
    assert!(!names(data.path()).contains(&lower), "nobody names it any more");
    assert_eq!(names(data.path()).len(), 5);
}

#[test]
fn a_removed_domain_is_gone_with_all_its_files() {
    let (data, engine) = published(&[3000, 3000]);
    let mut reader = engine.reader();
    let elsewhere = Engine::open(data.path()).expect("open");
    let id = engine.snapshot().id(DOMAIN);
    {
        let writer = engine.writer().expect("writer");
        add(&writer, DOMAIN, [FIRST + 50]).expect("change");
        writer.remove(DOMAIN).expect("remove");
        assert!(reader.check(DOMAIN, "112").is_err());
        assert!(matches!(writer.remove(DOMAIN), Err(Error::UnknownDomain { .. })));
    }
    assert!(elsewhere.reader().check(DOMAIN, "112").is_err());
    assert!(elsewhere.health().is_good(), "{:?}", elsewhere.health());
    assert_eq!(names(data.path()), ["00000001.removed", "changes"]);
    assert_eq!(Engine::open(data.path()).expect("open").snapshot().domains().count(), 0);
    elsewhere.publish(DOMAIN, &spam(3, 10)).expect("publish");
    assert_eq!(marks(&engine), [3]);
    assert_eq!(engine.snapshot().id(DOMAIN), id, "an id stays with its domain");
    assert_eq!(names(data.path()), ["00000001.removed", "00000002.index", "changes"]);
}

#[test]
fn orphans_are_removed_when_a_writer_comes_to_the_domain() {
    let (data, _) = published(&[10; 2]);
    let folder = data.path().join("indexes");
    let file = |name: &str| folder.join(name);
    // What a kill leaves of a freeze, of keeping the present head, and of a removal.
    std::fs::copy(file("00000001.index"), file("00000001.00000009.index")).expect("copy");
    std::fs::hard_link(file("00000001.index"), file("00000001.kept-00000008.index")).expect("link");
    std::fs::write(file("00000004.removed"), "").expect("write");
    std::fs::write(file("00000004.00000001.index"), "").expect("write");
    let engine = Engine::open(data.path()).expect("open");
    assert_eq!(engine.history(DOMAIN).expect("history").len(), 1);
    engine.publish(DOMAIN, &spam(5, 10)).expect("publish");
    assert_eq!(
        names(data.path()),
        [
            "00000001.index",
            "00000001.kept-00000001.index",
            "00000001.kept-00000009.index",
            "00000004.removed",
            "changes"
        ]
    );
}

#[test]
fn a_damaged_former_state_keeps_nobody_from_changing_the_present_one() {
    let (data, engine) = published(&[2000, 2000]);
    let writer = engine.writer().expect("writer");
    add(&writer, DOMAIN, [FIRST + 50_000]).expect("freezes the base, which is large");
    drop(writer);
    let former = names(data.path()).into_iter().find(|name| name.contains("kept")).expect("kept");
    let path = data.path().join("indexes").join(former);
    std::fs::remove_file(&path).expect("remove");
    std::fs::write(&path, "damaged").expect("write");
    let writer = engine.writer().expect("writer");
    add(&writer, DOMAIN, [FIRST + 50_001]).expect("change");
    assert!(denies(&mut engine.reader(), DOMAIN, FIRST + 50_000));
    writer.rollback(DOMAIN, None).expect_err("nobody can go back there");
    let opened = Engine::open(data.path()).expect("open");
    assert!(denies(&mut opened.reader(), DOMAIN, FIRST + 50_001));
}

#[test]
fn a_lost_head_is_told_and_what_replaces_it_is_measured_by_what_is_left() {
    let (data, engine) = published(&[100, 100]);
    drop(engine);
    let head = data.path().join("indexes/00000001.index");
    std::fs::remove_file(&head).expect("remove");
    let (engine, damaged) =
        Engine::open_sound(data.path(), callbar::LoadMode::default()).expect("open");
    assert!(matches!(damaged[..], [Error::Io { .. }]), "{damaged:?}");
    assert_eq!(engine.health().problems.len(), 1);
    let error = engine.publish(DOMAIN, &spam(2, 10)).expect_err("lost more than half");
    assert!(matches!(error, Error::TooFewEntries { before: 100, after: 10, .. }), "{error}");
    engine.publish(DOMAIN, &spam(3, 90)).expect("publish");
    assert!(engine.health().is_good());
    assert_eq!(marks(&engine), [3]);
    let writer = engine.writer().expect("writer");
    writer.rollback(DOMAIN, None).expect("what was kept before is kept");
    assert_eq!(marks(&engine), [0]);
}

#[test]
fn a_share_that_is_none_lets_nothing_go() {
    let (_data, engine) = published(&[100]);
    let writer = engine.writer().expect("writer");
    let how = Publish { max_loss: f64::NAN, ..Publish::default() };
    let error = writer.publish(DOMAIN, &spam(1, 99), how).expect_err("one is lost");
    assert!(matches!(error, Error::TooFewEntries { before: 100, after: 99, .. }), "{error}");
}
