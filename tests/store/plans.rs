//! No statement walks the entries.

use callbar::store;
use rusqlite::Connection;

use crate::common::{check_file, fill, listed};

/// Small tables that are read as a whole.
const WHOLE: [&str; 3] = ["SCAN domains", "SCAN credentials", "SCAN removed_lists"];

/// Statements that are to go through all entries of a list, one after the other.
const OF_A_LIST: [&str; 3] = ["ALL_BY_KEY", "ALL_BY_PLACE", "PURGE_UNTIL"];

/// Whether a step of a plan looks at rows of `entries` by nothing but their list.
fn walks_a_list(step: &str) -> bool {
    step.contains("entries") && step.contains("(list=?)")
}

#[test]
fn no_statement_walks_the_entries() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..200_000);
    let file = Connection::open(directory.path().join("store.sqlite")).expect("open");
    assert!(store::statements().len() > 50);
    for (name, sql) in store::statements() {
        let plan = format!("EXPLAIN QUERY PLAN {sql}");
        let mut plan = file.prepare(&plan).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().expect("plan") {
            let step: String = row.get(3).expect("step");
            let scan = step.starts_with("SCAN") && !WHOLE.iter().any(|of| step.starts_with(of));
            assert!(!scan, "{name}: {step}");
            let walks = walks_a_list(&step) && !OF_A_LIST.contains(name);
            assert!(!walks, "{name}: {step}");
            assert!(!step.contains("TEMP B-TREE") || *name == "AUDIT_PRUNE", "{name}: {step}");
        }
    }
    check_file(directory.path());
}

#[test]
fn the_last_page_of_many_costs_a_few_steps() {
    let directory = tempfile::tempdir().expect("directory");
    let (store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..200_000);
    let file = Connection::open(directory.path().join("store.sqlite")).expect("open");
    let chunks: i64 =
        file.query_row("SELECT COUNT(*) FROM chunks", [], |row| row.get(0)).expect("count");
    assert!((49..=200).contains(&chunks), "{chunks}");
    let made = store::Made::default();
    let page = store
        .read(|reader| reader.page(list, &made, store::Direction::Ascending, 199_999, 10))
        .expect("page");
    assert_eq!(page.len(), 1);
}
