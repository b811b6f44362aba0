//! The members of a request, in either form, as text.

use super::date;
use super::fault::Fault;
use callbar_store::CreatedRange;

/// The most numbers on a page, and the numbers on a page by default.
const ROWS: u32 = 1_000;

/// The members of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) key: Option<String>,
    pub(super) hash: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) page: Option<String>,
    pub(super) rows: Option<String>,
    pub(super) number: Option<String>,
}

impl Request {
    /// The time in which the wanted numbers were blocked. Both ends count.
    ///
    /// # Errors
    /// [`Fault::Date`], [`Fault::Range`].
    pub(super) fn made(&self) -> Result<CreatedRange, Fault> {
        let bound = |text: &Option<String>| {
            let given = text.as_deref().filter(|text| !text.is_empty());
            given.map(|text| date::read(text).ok_or(Fault::Date)).transpose()
        };
        let (start, end) = (bound(&self.start)?, bound(&self.end)?);
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            return Err(Fault::Range);
        }
        let since_1970 = |second: i64| u64::try_from(second).unwrap_or(0);
        let until = end.map(|end| since_1970(end.saturating_add(1)));
        Ok(CreatedRange { from: start.map(since_1970), until })
    }

    /// How many numbers come before the wanted page, and how many it has.
    ///
    /// # Errors
    /// [`Fault::Page`]
    pub(super) fn page(&self) -> Result<(u64, u32), Fault> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let page = match given(&self.page) {
            None => 1,
            Some(text) => text.parse().ok().filter(|&page: &u64| page > 0).ok_or(Fault::Page)?,
        };
        let rows = given(&self.rows).and_then(|text| text.parse().ok()).filter(|&rows| rows > 0);
        let rows = rows.unwrap_or(ROWS).min(ROWS);
        Ok(((page - 1).saturating_mul(rows.into()), rows))
    }

    /// The number to add or to remove.
    ///
    /// # Errors
    /// [`Fault::Number`] if there is none.
    pub(super) fn number(self) -> Result<String, Fault> {
        self.number.filter(|number| !number.trim().is_empty()).ok_or(Fault::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_with_1_and_have_1000_numbers_at_most() {
        let page = |page: &str, rows: &str| {
            Request { page: Some(page.into()), rows: Some(rows.into()), ..Request::default() }
                .page()
        };
        assert_eq!(Request::default().page(), Ok((0, 1000)));
        assert_eq!(page("", ""), Ok((0, 1000)));
        assert_eq!(page("3", "5"), Ok((10, 5)));
        assert_eq!(page("2", "5000"), Ok((1000, 1000)));
        assert_eq!(page("1", "0"), Ok((0, 1000)));
        for wrong in ["0", "-1", "1.5", "x"] {
            assert_eq!(page(wrong, ""), Err(Fault::Page), "{wrong}");
        }
        assert_eq!(page("18446744073709551615", "1000"), Ok((u64::MAX, 1000)));
    }

    #[test]
    fn both_ends_of_a_filter_count() {
        let made = |start: &str, end: &str| {
            Request { start: Some(start.into()), end: Some(end.into()), ..Request::default() }
                .made()
        };
        let (early, late) = ("1970-01-01 03:00:10", "1970-01-01 03:00:20");
        assert_eq!(made(early, late), Ok(CreatedRange { from: Some(10), until: Some(21) }));
        assert_eq!(made(early, early), Ok(CreatedRange { from: Some(10), until: Some(11) }));
        assert_eq!(made("", late), Ok(CreatedRange { from: None, until: Some(21) }));
        assert_eq!(made("", ""), Ok(CreatedRange::default()));
        assert_eq!(made(late, early), Err(Fault::Range));
        assert_eq!(made(early, "tomorrow"), Err(Fault::Date));
        let before = "1960-01-01 00:00:00";
        assert_eq!(made(before, before), Ok(CreatedRange { from: Some(0), until: Some(0) }));
    }
}
