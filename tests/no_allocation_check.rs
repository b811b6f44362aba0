//! Prevents: a check that allocates, and so takes the allocator's lock in the middle of a call.

mod fixture;

use allocation_counter::measure;
use callbar::{Engine, NotFound, Verdict};
use fixture::DOMAIN;

const TEXTS: [&str; 6] = [
    "+905050047824",
    "sip:05050047824@example.com;user=phone",
    "\"Caller\" <sip:+90%35050047824@example.com>;tag=a",
    "112",
    "alice",
    "",
];

#[test]
fn checks_allocate_nothing() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(directory.path()).expect("open");
    let numbers = (0..100_000).map(|n| 905_050_000_000 + n);
    let id = engine.publish(DOMAIN, &fixture::index(DOMAIN, "spam", numbers)).expect("publish");
    let mut reader = engine.reader();

    for text in TEXTS {
        let allocations = measure(|| {
            let by_name = reader.check("My.Webitel.COM", text) == Ok(Verdict::Pass);
            let by_id = reader.check_list(id, "spam", text) == Ok(false);
            let lists = reader.lists_of(DOMAIN, text).expect("domain").count();
            assert_eq!((by_name, by_id), (lists == 0, lists == 0));
            assert_eq!(reader.check_list(id, "vip", text), Err(NotFound::List));
            assert_eq!(reader.check("unknown.example", text), Err(NotFound::Domain));
        });
        assert_eq!(allocations.count_total, 0, "{text:?}");
    }
    let mut verdicts = [const { Verdict::Pass }; TEXTS.len()];
    let allocations = measure(|| {
        reader.check_batch(id, &TEXTS, &mut verdicts).expect("domain");
    });
    assert_eq!(allocations.count_total, 0, "batch");
    assert!(matches!(verdicts[0], Verdict::Deny(_)));
    assert_eq!(verdicts[5], Verdict::Pass);
}

/// A publish on another thread does not make the readers' next check allocate either.
#[test]
fn a_check_after_a_publish_allocates_nothing() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let engine = Engine::open(directory.path()).expect("open");
    engine.publish(DOMAIN, &fixture::index(DOMAIN, "spam", [905_050_047_824])).expect("publish");
    let mut reader = engine.reader();
    let publish = || {
        let index = fixture::index(DOMAIN, "spam", [905_050_047_825]);
        engine.publish(DOMAIN, &index).expect("publish");
    };
    std::thread::scope(|scope| scope.spawn(publish).join()).expect("publisher");
    let allocations = measure(|| {
        assert_eq!(reader.check(DOMAIN, "+905050047824"), Ok(Verdict::Pass));
    });
    assert_eq!(allocations.count_total, 0);
}
