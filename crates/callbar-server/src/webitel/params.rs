//! What stands in the path and after the question mark.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Deserialize;

use super::error::Refused;

/// Numbers on a page if nothing else is asked for.
const LIMIT: u32 = 40;

/// The most numbers on a page, and the deepest place that a page by number may end at.
pub(super) const MOST: u32 = 10_000;

/// The list that a path names, and the number if it names one, without their percent signs.
#[derive(Deserialize)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) number: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let path = Path::<Self>::from_request_parts(parts, state).await;
        let refused = |_| Refused::bad_request("Bad request: the path is not UTF-8.");
        path.map(|Path(target)| target).map_err(refused)
    }
}

/// What stands after the question mark; what is not known is not looked at.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(super) struct Params {
    pub(super) domain: Option<String>,
    page: Option<String>,
    limit: Option<String>,
    order: Option<String>,
    #[serde(rename = "orderValue")]
    order_value: Option<String>,
}

impl Params {
    /// # Errors
    /// 400 if it is not UTF-8, or says the same thing twice.
    pub(super) fn read(uri: &Uri) -> Result<Self, Refused> {
        let read = Query::<Self>::try_from_uri(uri).map(|Query(params)| params);
        read.map_err(|error| Refused::bad_request(format!("Bad request: {}.", error.body_text())))
    }

    /// # Errors
    /// Those of [`Page::new`].
    pub(super) fn page(&self) -> Result<Page, Refused> {
        // What cannot be read counts as absent, as in the original: clients send `page=undefined`.
        let read =
            |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse().ok());
        Page::new(read(&self.page), read(&self.limit))
    }

    pub(super) fn sort(&self) -> Sort {
        let ascending = self.order_value.as_deref() == Some("1");
        self.order.as_deref().map_or(Sort::default(), |field| Sort::by(field, ascending))
    }
}

/// A page by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Entries before it.
    pub(super) offset: u64,
    /// Entries on it.
    pub(super) limit: u32,
}

impl Page {
    /// Page 1 and 40 entries where there is none, or 0.
    ///
    /// # Errors
    /// 400 for more than [`MOST`] entries: fewer than were asked for would look like the last page.
    pub(super) fn new(page: Option<u64>, limit: Option<u64>) -> Result<Self, Refused> {
        let limit = limit.filter(|&limit| limit > 0).unwrap_or(LIMIT.into());
        let limit = u32::try_from(limit).ok().filter(|&limit| limit <= MOST);
        let refused = || Refused::bad_request(format!("Bad request: limit is {MOST} at most."));
        let limit = limit.ok_or_else(refused)?;
        let before = page.unwrap_or(1).saturating_sub(1);
        Ok(Self { offset: before.saturating_mul(limit.into()), limit })
    }
}

/// An order of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// None was asked for, or one that says nothing here.
    #[default]
    Any,
    /// By the time they were made; the first digits of an id tell it.
    Made {
        /// The oldest first.
        ascending: bool,
    },
    /// By number, as it was written.
    Number {
        /// The least first.
        ascending: bool,
    },
}

impl Sort {
    pub(super) fn by(field: &str, ascending: bool) -> Self {
        match field {
            "_id" | "createdAt" => Self::Made { ascending },
            "number" => Self::Number { ascending },
            // All entries of a list have one name and one domain.
            _ => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Result<Params, Refused> {
        Params::read(&format!("/api/v2/routes/blacklists/x?{query}").parse().unwrap())
    }

    #[test]
    fn pages_begin_with_1_and_have_40_entries() {
        let page = |query| params(query).unwrap().page().map(|page| (page.offset, page.limit));
        for query in [
            "",
            "page=1",
            "page=0&limit=0",
            "page=&limit=",
            "page=undefined&limit=x",
            "page=-1&limit=-5",
        ] {
            assert_eq!(page(query), Ok((0, 40)), "{query}");
        }
        assert_eq!(page("page=3&limit=100"), Ok((200, 100)));
        assert_eq!(page("page=18446744073709551615"), Ok((u64::MAX, 40)));
        assert!(page("limit=10001").is_err());
    }

    #[test]
    fn only_1_is_ascending() {
        let sort = |query| params(query).unwrap().sort();
        assert_eq!(sort("order=number&orderValue=1"), Sort::Number { ascending: true });
        assert_eq!(sort("order=number&orderValue=0"), Sort::Number { ascending: false });
        assert_eq!(sort("order=_id"), Sort::Made { ascending: false });
        assert_eq!(sort("orderValue=1"), Sort::Any);
        assert_eq!(sort("order=name&orderValue=1"), Sort::Any);
    }

    #[test]
    fn what_is_said_twice_is_refused() {
        assert!(params("domain=a&domain=b").is_err());
        assert_eq!(params("domain=a%2Fb&other=1&other=2").unwrap().domain.unwrap(), "a/b");
    }
}
