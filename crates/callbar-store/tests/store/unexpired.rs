//! Compares reads of unexpired entries with a list that is searched from end to end.

use callbar_store::{CreatedRange, Direction, ListRow, Reader, StoredEntry};

use crate::fixture::NOW;

/// What exists at a moment, some of it expired by then.
pub(crate) fn check_live(
    reader: &Reader<'_>,
    list: ListRow,
    made: &CreatedRange,
    expected: &[&StoredEntry],
    probe: u64,
) {
    let now = NOW + probe % 20;
    let mut live: Vec<_> = expected.iter().copied().filter(|entry| entry.is_live(now)).collect();
    let count = live.len() as u64;
    assert_eq!(reader.live_count(list, made, now).expect("count"), count, "{made:?} at {now}");
    for direction in [Direction::Ascending, Direction::Descending] {
        for offset in [0, 1, probe % (count + 1), count.saturating_sub(3), count] {
            let page = reader.live_page(list, made, direction, offset, 7, now).expect("page");
            let from = live.iter().skip(offset as usize).take(7);
            assert!(from.copied().eq(&page), "{made:?} {direction:?} {offset} at {now}");
        }
        live.reverse();
    }
    if *made == CreatedRange::default() {
        live.sort_by_key(|entry| (&entry.number, &entry.key));
        let page = reader.live_by_number(list, "", Direction::Ascending, 9, now).expect("page");
        assert!(live.iter().take(9).copied().eq(&page), "by number at {now}");
    }
}
