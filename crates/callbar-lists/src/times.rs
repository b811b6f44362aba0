//! Reads times as people write them, and writes them.

use std::fmt;

use callbar::reasons;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;
/// The length of a date alone, with the year first.
const DATE: usize = "YYYY-MM-DD".len();
const DAY: u64 = 24 * 60 * 60;

reasons! {
    /// Why a text is not a time. `Display` is the fact, [`remedy`](Self::remedy) what to do.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{Moment, TimeError};
    ///
    /// assert_eq!(Moment::parse("05-06-2026"), Err(TimeError::TwoMonths));
    /// assert_eq!(TimeError::TwoMonths.to_string(), "a date may be of two months");
    /// assert_eq!(TimeError::TwoMonths.remedy(), "write it as YYYY-MM-DD or DD.MM.YYYY");
    /// ```
    TimeError {
        /// `tomorrow`: no form of a time that is read.
        Unreadable: "bad_time", "a time cannot be read",
            "give seconds since 1970, from 1 on, RFC 3339, or YYYY-MM-DD or DD.MM.YYYY [HH:MM:SS]";
        /// `1790000000000`: beyond the year 9999, so mostly milliseconds.
        TooLate: "time_too_late", "a time is beyond the year 9999",
            "give seconds since 1970, not milliseconds";
        /// `20261122`: read as seconds it would be long past.
        EightDigits: "time_of_8_digits", "a time of 8 digits is in doubt",
            "write a date as YYYY-MM-DD";
        /// `05-06-2026`: may be of two months.
        TwoMonths: "time_of_two_months", "a date may be of two months",
            "write it as YYYY-MM-DD or DD.MM.YYYY";
    }
}

/// A moment, to the second, or a day.
///
/// # Examples
/// ```
/// use callbar_lists::Moment;
///
/// let day = Moment::parse("2026-12-31")?.expect("not blank");
/// let hour = Moment::parse("31.12.2026 20:00")?.expect("not blank");
/// assert_eq!(hour.start() - day.start(), 20 * 60 * 60);
/// assert_eq!(day.end() - day.start(), 24 * 60 * 60, "an entry holds until the day is over");
/// # Ok::<(), callbar_lists::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    seconds: u64,
    is_date: bool,
}

impl Moment {
    /// Reads seconds since 1970, RFC 3339, or a date with or without a time of day in UTC. A blank
    /// text gives `None`.
    ///
    /// # Errors
    /// [`TimeError`] if the text is no time, or if two people would read it differently.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Moment;
    ///
    /// let day = Moment::parse("31.12.2026").unwrap().unwrap();
    /// assert_eq!(day.start(), 1_798_675_200);
    /// assert_eq!(day.end(), 1_798_761_600);
    /// assert_eq!(Moment::parse("2026-12-31T00:00:00Z").unwrap().unwrap().end(), day.start());
    /// assert!(Moment::parse("05-06-2026").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Option<Self>, TimeError> {
        let text = text.trim();
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let moment = match text.len() {
            0 => return Ok(None),
            8 if is_digits => return Err(TimeError::EightDigits),
            _ if is_digits => {
                let seconds = text.parse().map_err(|_| TimeError::TooLate)?;
                Self { seconds, is_date: false }
            }
            _ => Self::parse_date(text)?,
        };
        match moment.seconds {
            0 => Err(TimeError::Unreadable),
            1..=LAST => Ok(Some(moment)),
            _ => Err(TimeError::TooLate),
        }
    }

    fn parse_date(text: &str) -> Result<Self, TimeError> {
        let turned = year_first(text)?;
        let text = turned.as_deref().unwrap_or(text);
        let moment = text.parse::<Timestamp>().ok().map(Timestamp::as_second).or_else(|| {
            // The parser ignores a zone behind the time, so refuse one: the time would be another.
            let text = text.strip_suffix('Z').filter(|rest| rest.len() > DATE).unwrap_or(text);
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. Tt".contains(&byte));
            let civil = text.parse::<DateTime>().ok().filter(|_| plain)?;
            // People write the last days of 9999 for "never", and a `Timestamp` ends before them.
            Some(civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs())
        });
        let seconds = moment.and_then(|seconds| seconds.try_into().ok());
        let seconds = seconds.ok_or(TimeError::Unreadable)?;
        Ok(Self { seconds, is_date: text.len() == DATE })
    }

    /// Returns its first second, since 1970.
    #[must_use]
    pub fn start(self) -> u64 {
        self.seconds
    }

    /// Returns the second of an expiry. For a day that is the first second of the next day.
    #[must_use]
    pub fn end(self) -> u64 {
        if self.is_date { LAST.min(self.seconds + DAY) } else { self.seconds }
    }
}

/// Turns `21.09.2026 14:15` into `2026-09-21 14:15`. With dots the day is first everywhere. With dashes
/// it is in doubt, unless one of the two numbers cannot be a month.
fn year_first(text: &str) -> Result<Option<String>, TimeError> {
    let Some((date, time)) = text.split_at_checked(DATE) else { return Ok(None) };
    let separator = if date.contains('.') { '.' } else { '-' };
    let parts: Vec<_> = date.split(separator).collect();
    let [day, month, year] = parts[..] else { return Ok(None) };
    if year.len() != 4 || day.len() != 2 {
        return Ok(None);
    }
    if separator == '-' && day <= "12" && month <= "12" && day != month {
        return Err(TimeError::TwoMonths);
    }
    Ok(Some(format!("{year}-{month}-{day}{time}")))
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Time;

        impl Visitor<'_> for Time {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970, RFC 3339 or YYYY-MM-DD")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Moment, E> {
                self.visit_str(&seconds.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
                let error = |error: TimeError| E::custom(format!("{error}: {}", error.remedy()));
                let moment = Moment::parse(text).map_err(error)?;
                moment.ok_or_else(|| error(TimeError::Unreadable))
            }
        }

        deserializer.deserialize_any(Time).map_err(D::Error::custom)
    }
}

/// Writes seconds since 1970 as `2026-11-22T20:15:00Z`.
///
/// # Examples
/// ```
/// use callbar_lists::display_time;
///
/// assert_eq!(display_time(1_798_761_600), "2027-01-01T00:00:00Z");
/// ```
#[must_use]
pub fn display_time(seconds: u64) -> String {
    let moment =
        i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| seconds.to_string(), |moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<u64>, TimeError> {
        Moment::parse(text).map(|moment| moment.map(Moment::start))
    }

    fn expiry(text: &str) -> Result<Option<u64>, TimeError> {
        Moment::parse(text).map(|moment| moment.map(Moment::end))
    }

    #[test]
    fn all_forms_of_a_moment_are_the_same_second() {
        for text in [
            "1790000100",
            "2026-09-21T14:15:00Z",
            "2026-09-21T17:15:00+03:00",
            "2026-09-21 14:15:00",
            " 2026-09-21 14:15 ",
            "21.09.2026 14:15",
            "21.09.2026 14:15:00",
            "21-09-2026 14:15",
            "2026-09-21T14:15:00.9Z",
        ] {
            assert_eq!(parse(text), Ok(Some(1_790_000_100)), "{text}");
        }
        assert_eq!(parse("2026-09-21"), Ok(Some(1_789_948_800)));
        assert_eq!(parse("21-09-2026"), Ok(Some(1_789_948_800)));
        assert_eq!(parse(" "), Ok(None));
        assert_eq!(display_time(1_790_000_100), "2026-09-21T14:15:00Z");
        assert_eq!(display_time(u64::MAX), u64::MAX.to_string());
    }

    #[test]
    fn a_date_alone_ends_with_its_day() {
        let next = parse("2026-09-22").unwrap();
        for text in ["2026-09-21", "21.09.2026", " 21-09-2026 "] {
            assert_eq!(expiry(text), Ok(next), "{text}");
        }
        for text in ["2026-09-22T00:00:00Z", "22.09.2026 00:00", "1790035200"] {
            assert_eq!(expiry(text), Ok(next), "{text}");
        }
        for text in ["9999-12-31", "31.12.9999", "9999-12-31T23:59:59Z"] {
            assert_eq!(expiry(text), Ok(Some(LAST)), "{text}");
        }
        assert_eq!(expiry("NEVER"), Err(TimeError::Unreadable));
        assert_eq!(expiry(""), Ok(None));
    }

    #[test]
    fn a_time_in_doubt_is_refused() {
        for text in [
            "tomorrow",
            "21/09/2026",
            "09.21.2026",
            "1.2.2026",
            "31.12.26",
            "31-12-26",
            "09-21-2026",
            "2026-13-01",
            "1969-12-31",
            "0",
            "-5",
            "1.5",
        ] {
            assert_eq!(parse(text), Err(TimeError::Unreadable), "{text}");
        }
        assert_eq!(parse("2026-09-21 14:15[Europe/Istanbul]"), Err(TimeError::Unreadable));
        assert_eq!(parse("05-06-2026"), Err(TimeError::TwoMonths));
        assert!(parse("06-06-2026").is_ok());
        assert_eq!(parse("1790000100000"), Err(TimeError::TooLate));
        assert_eq!(parse(&"9".repeat(30)), Err(TimeError::TooLate));
        assert_eq!(parse("20260921"), Err(TimeError::EightDigits));
    }
}
