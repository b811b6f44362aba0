//! No statement walks the entries.

use rusqlite::{Connection, StatementStatus};

use crate::fixture::{check_file, fill, listed};

/// Small tables that are read as a whole.
const WHOLE: [&str; 3] = ["SCAN domains", "SCAN credentials", "SCAN removed_lists"];

/// Statements that are to go through all entries of a list, one after the other.
const OF_A_LIST: [&str; 3] = ["ALL_BY_KEY", "ALL_BY_PLACE", "PURGE_UNTIL"];

/// Reports whether a step of a plan looks at rows of `entries` by nothing but their list.
fn walks_a_list(step: &str) -> bool {
    step.contains("entries") && step.contains("(list=?)")
}

#[test]
fn no_statement_walks_the_entries() {
    let directory = tempfile::tempdir().expect("directory");
    let (_store, mut writer, _, list) = listed(directory.path());
    fill(&mut writer, list, 0..200_000);
    let file = Connection::open(directory.path().join("store.sqlite")).expect("open");
    assert!(callbar_store::statements().len() > 50);
    for (name, sql) in callbar_store::statements() {
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
    let made = callbar_store::CreatedRange::default();
    let page = store
        .read(|reader| reader.page(list, &made, callbar_store::Direction::Ascending, 199_999, 10))
        .expect("page");
    assert_eq!(page.len(), 1);
    // The same, statement by statement.
    let (created, seq, count): (i64, i64, i64) = file
        .query_row(
            "SELECT first_created, first_seq, count FROM chunks \
             ORDER BY first_created DESC, first_seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("the last chunk");
    let (list, end) = (list.get(), i64::MAX);
    let place = page[0].place();
    let (at, at_seq) = (place.created.cast_signed(), place.seq.cast_signed());
    let steps = steps(&file, "CHUNKS_BEFORE", (list, end, end))
        + steps(&file, "CHUNKS", [list])
        + steps(&file, "PLACE_AT", (list, created, seq, count - 1))
        + steps(&file, "PAGE_UP", (list, at, at_seq, end, 10))
        + steps(&file, "EXPIRED_PLACES", (list, end, 0_i64, end));
    // Some for each entry of a chunk: a walk of the list has three for each of its entries.
    assert!((1_000..60_000).contains(&steps), "{steps}");
    let walk = self::steps(&file, "ALL_BY_PLACE", [list]);
    assert!(walk > 600_000, "{walk}");
}

/// How many steps the database takes for all rows of a statement.
fn steps(file: &Connection, name: &str, params: impl rusqlite::Params) -> i32 {
    let (_, sql) =
        callbar_store::statements().iter().find(|(of, _)| *of == name).expect("a statement");
    let mut statement = file.prepare(sql).expect("prepared");
    let mut rows = statement.query(params).expect("queried");
    while rows.next().expect("a row").is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}
