//! Parameters of a request: its query and its path.

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};

use super::error::ApiError;

/// The query, all parameters of which are known and come once.
///
/// # Errors
/// 400 `bad_query`.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let remedy = "correct the query; /callbar/v1/openapi.json lists its parameters";
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|rejection| {
        let message = rejection.body_text();
        ApiError::new(StatusCode::BAD_REQUEST, "bad_query", message, remedy)
    })
}

/// A moment: seconds since 1970, as a number or as digits; RFC 3339; or a date, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    seconds: u64,
    is_date: bool,
}

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

impl Time {
    /// The moment that is written; the error says what one looks like.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let date = date(text);
        let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // Read as seconds it would be long past.
            if text.len() == 8 {
                return Err("a time of 8 digits is in doubt: write a date as YYYY-MM-DD");
            }
            text.parse().ok()
        } else {
            date.or_else(|| moment(text)).and_then(|seconds| seconds.try_into().ok())
        };
        let form = "a time is seconds since 1970, from 1 on, RFC 3339 or YYYY-MM-DD";
        let seconds = seconds.filter(|seconds| (1..=LAST).contains(seconds)).ok_or(form)?;
        Ok(Self { seconds, is_date: date.is_some() })
    }

    /// In seconds since 1970; of a date its first second.
    pub(crate) fn seconds(self) -> u64 {
        self.seconds
    }

    /// The same of an end: a date ends with its day, so it is the first second of the next.
    pub(crate) fn end(self) -> u64 {
        const DAY: u64 = 24 * 60 * 60;
        if self.is_date { LAST.min(self.seconds + DAY) } else { self.seconds }
    }
}

/// The first second in UTC of what is written as `2027-12-31`.
fn date(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date: Date = text.parse().ok().filter(|_| is_plain && text.len() == 10)?;
    Some(since_1970(date.at(0, 0, 0, 0)))
}

/// The second of what is written as `2027-12-31T23:59:59Z`.
fn moment(text: &str) -> Option<i64> {
    let moment: Option<jiff::Timestamp> = text.parse().ok();
    // No timestamp: the last days of 9999, which stand for ever, would be none.
    let in_utc = || text.strip_suffix('Z')?.parse().ok().map(since_1970);
    moment.map(jiff::Timestamp::as_second).or_else(in_utc)
}

fn since_1970(time: DateTime) -> i64 {
    time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;

        impl Visitor<'_> for Moment {
            type Value = Time;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("seconds since 1970, RFC 3339 or YYYY-MM-DD")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Time, E> {
                Time::parse(&seconds.to_string()).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
                Time::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Moment).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_both_forms() {
        for text in ["1790000100", "2026-09-21T14:15:00Z", "2026-09-21T17:15:00+03:00"] {
            let time = Time::parse(text).unwrap();
            assert_eq!((time.seconds(), time.end()), (1_790_000_100, 1_790_000_100), "{text}");
        }
        let day = Time::parse("2026-09-21").unwrap();
        assert_eq!((day.seconds(), day.end()), (1_789_948_800, 1_790_035_200));
        let last = Time::parse("9999-12-31").unwrap();
        assert_eq!((last.seconds(), last.end()), (LAST - 86_399, LAST));
        assert_eq!(Time::parse("9999-12-31T23:59:59Z").unwrap().seconds(), LAST);
        for text in [
            "",
            "0",
            "-5",
            "tomorrow",
            "1790000100000",
            "20261122",
            "2026-9-21",
            "2026-02-30",
            "1969-12-31",
        ] {
            assert!(Time::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_query_is_told() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sample {
            #[expect(dead_code)]
            limit: Option<u32>,
        }
        for wrong in ["/?limit=x", "/?limit=1&limit=2", "/?other=1"] {
            let uri: Uri = wrong.parse().unwrap();
            assert_eq!(query::<Sample>(&uri).unwrap_err().code, "bad_query", "{wrong}");
        }
    }
}
