//! Prevents: tenants that disturb each other where there are thousands of them.

mod fixture;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use callbar::{Change, Engine, Publish, Settings};
use fixture::{add, denies, index, memory};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const DOMAINS: u64 = 10_000;
const FIRST: u64 = 905_050_000_000;

fn domain(nth: u64) -> String {
    format!("tenant-{nth}.example")
}

/// The files of a directory, each with its inode.
fn files(data: &Path) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(data.join("indexes")).expect("folder").map(|e| e.expect("entry"));
    entries
        .map(|entry| {
            let inode = entry.metadata().expect("file").ino();
            (entry.file_name().into_string().expect("UTF-8"), inode)
        })
        .collect()
}

#[test]
fn each_of_ten_thousand_domains_has_its_own_lists_and_files() {
    let data = memory();
    let engine = Engine::open(data.path()).expect("open");
    let writer = engine.writer().expect("writer");
    let indexes: Vec<_> = (0..DOMAINS)
        .into_par_iter()
        .map(|nth| (domain(nth), index(&domain(nth), "spam", [FIRST + nth, FIRST + 20_000 + nth])))
        .collect();
    for (domain, index) in &indexes {
        writer.publish(domain, index, Publish::default()).expect("publish");
    }
    let again = Engine::open(data.path()).expect("open");
    let mut reader = again.reader();
    assert_eq!(reader.health().domains, DOMAINS as usize);
    for nth in 0..DOMAINS {
        let own = denies(&mut reader, &domain(nth), FIRST + nth);
        assert!(own && !denies(&mut reader, &domain(nth), FIRST + nth + 1), "{nth}");
    }

    let before = files(data.path());
    add(&writer, &domain(77), [FIRST + 78]).expect("change");
    let after = files(data.path());
    let changed: Vec<_> = after.iter().filter(|file| before.get(file.0) != Some(file.1)).collect();
    assert_eq!(changed.len(), 1, "one domain's change touches its own files: {changed:?}");
    assert!(denies(&mut reader, &domain(77), FIRST + 78));
    assert!(!denies(&mut reader, &domain(76), FIRST + 78));

    // One shared list, and a thousand who subscribe to it.
    let subscriptions = vec!["shared.example".to_owned()];
    let settings = Settings { subscriptions, ..Settings::default() };
    for nth in 0..1000 {
        writer.change(&domain(nth), &[Change::Settings(settings.clone())]).expect("change");
    }
    let shared = index("shared.example", "spam", [FIRST + 50_000]);
    writer.publish("shared.example", &shared, Publish::default()).expect("publish");
    add(&writer, "shared.example", [FIRST + 50_001]).expect("change");
    for nth in [0, 500, 999, 1000, 9999] {
        for number in [FIRST + 50_000, FIRST + 50_001] {
            assert_eq!(denies(&mut reader, &domain(nth), number), nth < 1000, "{nth}");
        }
    }
    assert!(reader.health().is_good());
}
