//! Prevents: a change that is lost, seen in part, or seen late, and changes that a compaction loses.

mod fixture;

use std::collections::BTreeSet;

use callbar::{Action, Change, DialPlan, Engine, Error, Note, Outcome, Settings};
use fixture::{DOMAIN, add, denies, entry, index, memory, names, remove};

const FIRST: u64 = 905_050_000_000;

fn engine(numbers: u64) -> (tempfile::TempDir, Engine) {
    let data = memory();
    let engine = Engine::open(data.path()).expect("open");
    let base = index(DOMAIN, "spam", (0..numbers).map(|n| FIRST + n));
    engine.publish(DOMAIN, &base).expect("publish");
    (data, engine)
}

#[test]
fn a_change_counts_for_the_next_check_and_after_opening_again() {
    for base in [10, 5000] {
        let (data, engine) = engine(base);
        let writer = engine.writer().expect("writer");
        let mut reader = engine.reader();
        let added = add(&writer, DOMAIN, [FIRST + 9_000_000]).expect("change");
        let removed = remove(&writer, DOMAIN, [FIRST]).expect("change");
        assert_eq!((added, removed), (vec![Outcome::Added], vec![Outcome::Removed]));
        for _ in 0..2 {
            assert!(denies(&mut reader, DOMAIN, FIRST + 9_000_000));
            assert!(!denies(&mut reader, DOMAIN, FIRST) && denies(&mut reader, DOMAIN, FIRST + 1));
            reader = Engine::open(data.path()).expect("open").reader();
        }
        let list = reader.snapshot().domain(DOMAIN).expect("domain").lists().next();
        assert_eq!(list.expect("a list").entries, base);
    }
}

#[test]
fn a_domain_is_created_once_and_then_changed() {
    let data = memory();
    let engine = Engine::open(data.path()).expect("open");
    let writer = engine.writer().expect("writer");
    let plan = || DialPlan::new("TR").expect("region");
    let settings = Settings { emergency_exempt: false, ..Settings::default() };
    writer.create(DOMAIN, plan(), settings).expect("create");
    let mut reader = engine.reader();
    assert!(!denies(&mut reader, DOMAIN, FIRST));
    assert_eq!(
        writer.change(DOMAIN, &[Change::list("spam", Action::Deny)]).expect("change"),
        [Outcome::Added]
    );
    add(&writer, DOMAIN, [FIRST]).expect("change");
    for name in [DOMAIN.to_owned(), DOMAIN.to_ascii_uppercase()] {
        let error = writer.create(&name, plan(), Settings::default()).expect_err("a second time");
        assert!(matches!(error, Error::DomainExists { .. }), "{error}");
    }
    let unusable = Settings { subscriptions: vec![String::new()], ..Settings::default() };
    let error = writer.create("other.example", plan(), unusable).expect_err("settings");
    assert!(matches!(error, Error::InvalidName { .. }), "{error}");
    for _ in 0..2 {
        assert!(denies(&mut reader, DOMAIN, FIRST));
        let snapshot = reader.snapshot();
        assert!(!snapshot.domain(DOMAIN).expect("domain").settings().emergency_exempt);
        assert_eq!(snapshot.domains().count(), 1);
        reader = Engine::open(data.path()).expect("open").reader();
    }
}

#[test]
fn changes_are_made_together_or_not_at_all() {
    let (data, engine) = engine(10);
    let writer = engine.writer().expect("writer");
    let before = names(data.path());
    let new = entry(FIRST + 50);
    let on = |list| Change::add(list, &new);
    let error = writer.change(DOMAIN, &[on("spam"), on("nobody")]).expect_err("no such list");
    assert!(matches!(error, Error::UnknownList { .. }), "{error}");
    let mut reader = engine.reader();
    assert!(!denies(&mut reader, DOMAIN, FIRST + 50));
    add(&writer, DOMAIN, [FIRST + 51]).expect("change");
    assert!(!denies(&mut reader, DOMAIN, FIRST + 50) && denies(&mut reader, DOMAIN, FIRST + 51));
    assert_eq!(names(data.path()), before);
    let error = writer.change("other.example", &[]).expect_err("no such domain");
    assert!(matches!(error, Error::UnknownDomain { .. }), "{error}");
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let (_data, engine) = engine(10);
    let writer = engine.writer().expect("writer");
    let generation = engine.health().generation;
    assert_eq!(add(&writer, DOMAIN, [FIRST]).expect("change"), [Outcome::Unchanged]);
    assert_eq!(remove(&writer, DOMAIN, [FIRST + 99]).expect("change"), [Outcome::Absent]);
    assert_eq!(engine.health().generation, generation);
}

#[test]
fn changes_survive_freezes_and_compactions() {
    let (data, engine) = engine(5000);
    let writer = engine.writer().expect("writer");
    let mut model: BTreeSet<u64> = (0..5000).collect();
    for round in 0..40_u64 {
        let numbers = (0..1000).map(|n| (round * 7_919 + n * 31) % 20_000);
        let (old, new): (Vec<u64>, Vec<u64>) = numbers.partition(|n| model.contains(n));
        add(&writer, DOMAIN, new.iter().map(|n| FIRST + n)).expect("change");
        remove(&writer, DOMAIN, old.iter().map(|n| FIRST + n)).expect("change");
        model.extend(new);
        model.retain(|n| !old.contains(n));
        if round % 16 == 7 {
            writer.compact(DOMAIN).expect("compact");
        }
    }
    writer.wait().expect("compaction");
    let all = |engine: &Engine| {
        let mut reader = engine.reader();
        (0..20_000).filter(|&n| denies(&mut reader, DOMAIN, FIRST + n)).collect::<BTreeSet<_>>()
    };
    assert!(all(&engine) == model, "in memory");
    assert!(all(&Engine::open(data.path()).expect("open")) == model, "on disk");
    writer.compact(DOMAIN).expect("compact");
    writer.wait().expect("compaction");
    assert!(all(&Engine::open(data.path()).expect("open")) == model, "compacted");
    assert_eq!(names(data.path()).len(), 3, "a head, a base, the file of changes");
    drop(writer);
    let writer = engine.writer().expect("the lock is free");
    add(&writer, DOMAIN, [FIRST]).expect("change");
}

#[test]
fn a_publish_overtakes_a_compaction() {
    let (data, engine) = engine(5000);
    let writer = engine.writer().expect("writer");
    for round in 0..20 {
        add(&writer, DOMAIN, [FIRST + 100_000 + round]).expect("change");
        writer.compact(DOMAIN).expect("compact");
        let base = index(DOMAIN, "spam", (0..5000).map(|n| FIRST + n));
        writer.publish(DOMAIN, &base, callbar::Publish::default()).expect("publish");
        assert!(!denies(&mut engine.reader(), DOMAIN, FIRST + 100_000 + round));
    }
    writer.wait().expect("compaction");
    assert!(!denies(
        &mut Engine::open(data.path()).expect("open").reader(),
        DOMAIN,
        FIRST + 100_019
    ));
}

#[test]
fn shared_lists_count_where_the_own_say_nothing() {
    let (_data, engine) = engine(10);
    let writer = engine.writer().expect("writer");
    let settings = Settings { subscriptions: vec!["Shared.Example".into()], ..Settings::default() };
    writer.change(DOMAIN, &[Change::Settings(settings)]).expect("change");
    let mut reader = engine.reader();
    assert_eq!(reader.health().missing[0].shared, "shared.example");
    assert!(!denies(&mut reader, DOMAIN, FIRST + 77));
    let shared = index("shared.example", "spam", [FIRST + 77]);
    writer.publish("shared.example", &shared, callbar::Publish::default()).expect("publish");
    assert!(denies(&mut reader, DOMAIN, FIRST + 77), "the domain itself was not touched");
    assert!(reader.health().is_good());
    add(&writer, "shared.example", [FIRST + 78]).expect("change");
    assert!(denies(&mut reader, DOMAIN, FIRST + 78));
    let vip = Change::list("vip", Action::Allow);
    writer.change(DOMAIN, &[vip, Change::add("vip", "0505 000 00 78")]).expect("change");
    assert!(!denies(&mut reader, DOMAIN, FIRST + 78), "the own lists come first");
    writer.remove("shared.example").expect("remove");
    assert!(!denies(&mut reader, DOMAIN, FIRST + 77));
    assert_eq!(reader.health().missing.len(), 1);
}

#[test]
fn a_head_of_long_notes_is_frozen_before_it_is_slow_to_write() {
    let (data, engine) = engine(10);
    let writer = engine.writer().expect("writer");
    for n in 0..400 {
        let (entry, reason) = ((FIRST + 100 + n).to_string(), format!("{n:01024}"));
        let note = Note { reason: Some(&reason), ..Note::default() };
        writer.change(DOMAIN, &[Change::add("spam", &entry).with_note(note)]).expect("change");
    }
    writer.wait().expect("compaction");
    let lower = names(data.path()).iter().filter(|name| name.matches('.').count() == 2).count();
    assert_eq!(lower, 1, "256 KiB of notes are a file");
    assert!(denies(&mut engine.reader(), DOMAIN, FIRST + 499));
}

#[test]
fn a_subscription_counts_once() {
    let (_data, engine) = engine(10);
    let writer = engine.writer().expect("writer");
    let change = |subscriptions: Vec<String>| {
        let settings = Settings { subscriptions, ..Settings::default() };
        writer.change(DOMAIN, &[Change::Settings(settings)])
    };
    let twice = change(vec!["a.example".into(), "A.example".into()]);
    assert!(matches!(twice, Err(callbar::Error::InvalidName { .. })), "{twice:?}");
    let many = |count| (0..count).map(|n| format!("{n}.example")).collect();
    assert!(matches!(change(many(1001)), Err(callbar::Error::TooLarge { limit: 1000, .. })));
    change(many(1000)).expect("as many as there may be");
}
