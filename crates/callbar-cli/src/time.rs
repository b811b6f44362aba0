//! Times as people write them, to seconds since 1970 and back.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// Why `tomorrow` is refused.
pub(crate) const UNREADABLE: &str =
    "a time is neither seconds since 1970 nor RFC 3339 nor YYYY-MM-DD or DD.MM.YYYY [HH:MM:SS]";
/// Why `1790000000000` is refused.
const TOO_LATE: &str = "a time is beyond the year 9999: give seconds since 1970, not milliseconds";
/// Why `20261122` is refused: read as seconds it would be long past.
const BARE_DATE: &str = "a time of 8 digits is in doubt: write a date as YYYY-MM-DD";
/// Why `05-06-2026` is refused.
const DOUBTFUL: &str = "a date may be of two months: write it as YYYY-MM-DD or DD.MM.YYYY";
/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;
/// A date alone, whose year is first.
const DATE: usize = "YYYY-MM-DD".len();
const DAY: u64 = 24 * 60 * 60;

/// Seconds since 1970, RFC 3339, or a date with or without a time of day in UTC; `None` of nothing.
/// A date alone is its first second.
///
/// The error is a reason for a report of rejected entries.
pub(crate) fn parse(text: &str) -> Result<Option<u64>, &'static str> {
    Ok(read(text)?.map(|(seconds, _)| seconds))
}

/// The same of an end: a date alone ends with its day, so it is the first second of the next.
pub(crate) fn expiry(text: &str) -> Result<Option<u64>, &'static str> {
    let end = |(seconds, is_date)| if is_date { LAST.min(seconds + DAY) } else { seconds };
    Ok(read(text)?.map(end))
}

/// The seconds, and whether they were written as a date alone.
fn read(text: &str) -> Result<Option<(u64, bool)>, &'static str> {
    let text = text.trim();
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let (seconds, is_date) = match text.len() {
        0 => return Ok(None),
        8 if is_digits => return Err(BARE_DATE),
        _ if is_digits => (text.parse().map_err(|_| TOO_LATE)?, false),
        _ => written_out(text)?,
    };
    if seconds > LAST { Err(TOO_LATE) } else { Ok(Some((seconds, is_date))) }
}

fn written_out(text: &str) -> Result<(u64, bool), &'static str> {
    let turned = year_first(text)?;
    let text = turned.as_deref().unwrap_or(text);
    let moment = text.parse::<Timestamp>().ok().map(Timestamp::as_second).or_else(|| {
        // Another zone behind it would be passed over, and the time be another.
        let text = text.strip_suffix('Z').filter(|rest| rest.len() > DATE).unwrap_or(text);
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. Tt".contains(&byte));
        let civil = text.parse::<DateTime>().ok().filter(|_| plain)?;
        // No timestamp: the last days of 9999, which stand for ever, would be none.
        Some(civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs())
    });
    let seconds = moment.and_then(|seconds| seconds.try_into().ok()).ok_or(UNREADABLE)?;
    Ok((seconds, text.len() == DATE))
}

/// `21.09.2026 14:15` as `2026-09-21 14:15`: with dots the day comes first everywhere. With dashes
/// it is in doubt unless no month has that number.
fn year_first(text: &str) -> Result<Option<String>, &'static str> {
    let Some((date, time)) = text.split_at_checked(DATE) else { return Ok(None) };
    let separator = if date.contains('.') { '.' } else { '-' };
    let parts: Vec<_> = date.split(separator).collect();
    let [day, month, year] = parts[..] else { return Ok(None) };
    if year.len() != 4 || day.len() != 2 {
        return Ok(None);
    }
    if separator == '-' && day <= "12" && month <= "12" && day != month {
        return Err(DOUBTFUL);
    }
    Ok(Some(format!("{year}-{month}-{day}{time}")))
}

/// `2026-11-22T20:15:00Z`
pub(crate) fn shown(seconds: u64) -> String {
    let moment =
        i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| seconds.to_string(), |moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(shown(1_790_000_100), "2026-09-21T14:15:00Z");
        assert_eq!(shown(u64::MAX), u64::MAX.to_string());
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
        assert_eq!(expiry("NEVER"), Err(UNREADABLE));
        assert_eq!(expiry(""), Ok(None));
    }

    #[test]
    fn what_is_in_doubt_is_refused() {
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
            "-5",
            "1.5",
        ] {
            assert_eq!(parse(text), Err(UNREADABLE), "{text}");
        }
        assert_eq!(parse("2026-09-21 14:15[Europe/Istanbul]"), Err(UNREADABLE));
        assert_eq!(parse("05-06-2026"), Err(DOUBTFUL));
        assert!(parse("06-06-2026").is_ok());
        assert_eq!(parse("1790000100000"), Err(TOO_LATE));
        assert_eq!(parse(&"9".repeat(30)), Err(TOO_LATE));
        assert_eq!(parse("20260921"), Err(BARE_DATE));
    }
}
