//! Pages of an answer, and the cursor behind which the next page begins.

use serde::Deserialize;

use crate::api::{PAGE_MAX, Page};
use crate::error::ApiError;
use callbar_store::Place;

/// The query of a page in the order of names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    pub(crate) after: Option<String>,
    pub(crate) limit: Option<u32>,
}

/// The items of a page by default.
const DEFAULT: u32 = 100;

impl<T> Page<T> {
    /// The first `most` items. One more of them shows that there is a next page.
    pub(crate) fn new(mut items: Vec<T>, most: u32, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > most as usize;
        items.truncate(most as usize);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }

    /// The items behind `after`, at most `limit` of them. The items must be in the order of their names.
    pub(crate) fn from_sorted(
        items: impl Iterator<Item = T>,
        name: impl Fn(&T) -> &str,
        after: Option<&str>,
        limit: u32,
    ) -> Self {
        let rest = items.skip_while(|item| after.is_some_and(|after| name(item) <= after));
        let rest = rest.take(limit as usize + 1).collect();
        Self::new(rest, limit, |last| name(last).to_owned())
    }
}

/// Reads the number of items of a page.
///
/// # Errors
/// 400 `bad_query`.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32, ApiError> {
    match asked.unwrap_or(DEFAULT) {
        limit @ 1..=PAGE_MAX => Ok(limit),
        _ => Err(ApiError::bad_field(
            "bad_query",
            "limit",
            format!("a page has 1 to {PAGE_MAX} items"),
            format!("give a limit of 1 to {PAGE_MAX}, and follow the cursor"),
        )),
    }
}

/// Writes a place among entries as a cursor: two hexadecimal numbers.
pub(crate) fn cursor(place: Place) -> String {
    format!("{:x}-{:x}", place.created, place.seq)
}

/// Reads a cursor.
///
/// # Errors
/// 400 `bad_cursor`.
pub(crate) fn place(cursor: &str) -> Result<Place, ApiError> {
    let number = |digits: &str| u64::from_str_radix(digits, 16).ok();
    let parts = cursor.split_once('-');
    let place = parts
        .and_then(|(created, seq)| Some(Place { created: number(created)?, seq: number(seq)? }));
    place.ok_or_else(|| {
        let remedy = "send the cursor as the page before gave it, or none";
        ApiError::bad_field("bad_cursor", "after", "this is no cursor of entries", remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_names_follow_each_other() {
        let page = |after| {
            let page = Page::from_sorted(["a", "b", "c"].into_iter(), |name| name, after, 2);
            (page.items, page.next)
        };
        assert_eq!(page(None), (vec!["a", "b"], Some("b".into())));
        assert_eq!(page(Some("b")), (vec!["c"], None));
        assert_eq!(page(Some("z")), (vec![], None));
    }

    #[test]
    fn cursors_come_back_and_others_are_refused() {
        let there = Place { created: 1_790_000_000, seq: 17 };
        assert_eq!(place(&cursor(there)).unwrap(), there);
        for wrong in ["", "-", "1", "x-1", "1-2-3", "+1-1 "] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
