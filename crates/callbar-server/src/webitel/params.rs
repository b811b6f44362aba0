//! The parameters of the query.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;

use super::error::WebitelError;

/// Numbers on a page by default.
const LIMIT: u32 = 40;

/// The most numbers on a page, and the last entry of pages in the order of numbers.
pub(super) const MOST: u32 = 10_000;

/// The parameters. Unknown ones are ignored.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
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
    /// 400 if the query is not UTF-8, or has a parameter twice.
    pub(super) fn read(uri: &Uri) -> Result<Self, WebitelError> {
        let read = Query::<Self>::try_from_uri(uri).map(|Query(params)| params);
        read.map_err(|error| {
            WebitelError::bad_request(format!("Bad request: {}.", error.body_text()))
        })
    }

    /// # Errors
    /// Those of [`PageBounds::new`].
    pub(super) fn page(&self) -> Result<PageBounds, WebitelError> {
        // As in the original, a text that is no number counts as absent: clients send `page=undefined`.
        let read =
            |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse().ok());
        PageBounds::new(read(&self.page), read(&self.limit))
    }

    pub(super) fn sort(&self) -> Sort {
        let ascending = self.order_value.as_deref() == Some("1");
        self.order.as_deref().map_or(Sort::default(), |field| Sort::new(field, ascending))
    }
}

/// A page by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageBounds {
    /// Entries before it.
    pub(super) offset: u64,
    /// Entries on it.
    pub(super) limit: u32,
}

impl PageBounds {
    /// Page 1 and 40 entries by default, and for 0.
    ///
    /// # Errors
    /// 400 for more than [`MOST`] entries. A shorter page would look like the last one.
    pub(super) fn new(page: Option<u64>, limit: Option<u64>) -> Result<Self, WebitelError> {
        let limit = limit.filter(|&limit| limit > 0).unwrap_or(LIMIT.into());
        let limit = u32::try_from(limit).ok().filter(|&limit| limit <= MOST);
        let refused =
            || WebitelError::bad_request(format!("Bad request: limit is {MOST} at most."));
        let limit = limit.ok_or_else(refused)?;
        let before = page.unwrap_or(1).saturating_sub(1);
        Ok(Self { offset: before.saturating_mul(limit.into()), limit })
    }
}

/// An order of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// No order, or one that makes no difference.
    #[default]
    Any,
    /// By the time when they were made, which is in the first digits of an id.
    Created {
        /// The oldest first.
        ascending: bool,
    },
    /// By number, in its written form.
    Number {
        /// The least first.
        ascending: bool,
    },
}

impl Sort {
    pub(super) fn new(field: &str, ascending: bool) -> Self {
        match field {
            "_id" | "createdAt" => Self::Created { ascending },
            "number" => Self::Number { ascending },
            // All entries of a list have one name and one domain.
            _ => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Result<Params, WebitelError> {
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
        assert_eq!(sort("order=_id"), Sort::Created { ascending: false });
        assert_eq!(sort("orderValue=1"), Sort::Any);
        assert_eq!(sort("order=name&orderValue=1"), Sort::Any);
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        assert!(params("domain=a&domain=b").is_err());
        assert_eq!(params("domain=a%2Fb&other=1&other=2").unwrap().domain.unwrap(), "a/b");
    }
}
