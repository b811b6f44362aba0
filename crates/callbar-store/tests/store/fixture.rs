//! A store with a domain and a list, and checks that its file must always pass.

use std::path::Path;

use callbar::{Action, Note};
use callbar_store::{DomainRow, DomainSettings, EntryRef, ListRow, ListSettings, Store, Writer};
use rusqlite::Connection;

pub(crate) const DOMAIN: &str = "a.example";
pub(crate) const NOW: u64 = 1_700_000_000;

pub(crate) const DENY: ListSettings<'static> =
    ListSettings { action: Action::Deny, response: None, description: "" };

/// A store with a domain and a list.
pub(crate) fn listed(directory: &Path) -> (Store, Writer, DomainRow, ListRow) {
    let store = Store::open(directory).expect("open");
    let mut writer = store.writer().expect("writer");
    let mut group = writer.begin().expect("begin");
    let (domain, _) = group.put_domain(DOMAIN, &DomainSettings::default(), NOW).expect("domain");
    let (list, _) = group.put_list(domain, "spam", &DENY, NOW).expect("list");
    group.commit().expect("commit");
    (store, writer, domain, list)
}

pub(crate) fn entry(key: &str) -> EntryRef<'_> {
    EntryRef { key, number: key, note: Note::default() }
}

/// Fills a list with entries of these keys.
pub(crate) fn fill(writer: &mut Writer, list: ListRow, keys: impl Iterator<Item = u64>) {
    let keys: Vec<String> = keys.map(|key| format!("+{key}")).collect();
    let entries: Vec<EntryRef<'_>> = keys.iter().map(|key| entry(key)).collect();
    let mut group = writer.begin().expect("begin");
    group.put_many(list, &entries, NOW, &|_| true, |_, _| {}).expect("put");
    group.commit().expect("commit");
}

/// Verifies that the file is sound and that all counts match its rows.
pub(crate) fn check_file(directory: &Path) {
    let file = Connection::open(directory.join("store.sqlite")).expect("open");
    let text = |sql: &str| -> String {
        file.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    let number = |sql: &str| -> i64 {
        file.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let miscounted = "SELECT COUNT(*) FROM lists WHERE entries <> \
        (SELECT COUNT(*) FROM entries WHERE list = lists.id)";
    assert_eq!(number(miscounted), 0, "the counts of lists");
    // Each chunk with where the next one begins.
    let chunks = "WITH bounds AS (SELECT list, count, first_created AS c, first_seq AS s, \
        LEAD(first_created, 1, 9223372036854775807) OVER next AS nc, \
        LEAD(first_seq, 1, 0) OVER next AS ns, LEAD(count) OVER next AS next_count, \
        ROW_NUMBER() OVER next AS place FROM chunks \
        WINDOW next AS (PARTITION BY list ORDER BY first_created, first_seq))";
    let wrong = format!(
        "{chunks} SELECT COUNT(*) FROM bounds WHERE count <> (SELECT COUNT(*) FROM entries \
         WHERE entries.list = bounds.list AND (created, seq) >= (c, s) AND (created, seq) < (nc, ns))"
    );
    assert_eq!(number(&wrong), 0, "the counts of chunks");
    let odd = format!(
        "{chunks} SELECT COUNT(*) FROM bounds WHERE count < 1 OR count > 4096 \
         OR (place = 1 AND (c, s) <> (0, 0))"
    );
    assert_eq!(number(&odd), 0, "chunks out of bounds");
    let uncovered = "SELECT COUNT(*) FROM lists WHERE entries <> \
        (SELECT COALESCE(SUM(count), 0) FROM chunks WHERE list = lists.id)";
    assert_eq!(number(uncovered), 0, "entries outside of chunks");
    assert_eq!(number("SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
}
