//! Dates of this API: `2024-09-27 01:10:00` in Turkish time, three hours ahead of UTC all year.

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Reads a date as seconds since 1970, negative before.
///
/// `None` for another form than `YYYY-MM-DD hh:mm:ss`, and for a date or a time that does not exist.
pub(super) fn read(text: &str) -> Option<i64> {
    let mark = |at: usize| match at {
        4 | 7 => Some(b'-'),
        10 => Some(b' '),
        13 | 16 => Some(b':'),
        _ => None,
    };
    let fits =
        |(at, byte): (usize, u8)| mark(at).map_or(byte.is_ascii_digit(), |mark| byte == mark);
    if text.len() != 19 || !text.bytes().enumerate().all(fits) {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let small = |from: usize| part(from, from + 2).and_then(|part| i8::try_from(part).ok());
    let date =
        DateTime::new(part(0, 4)?, small(5)?, small(8)?, small(11)?, small(14)?, small(17)?, 0);
    let turkey = Offset::constant(3);
    Some(turkey.to_timestamp(date.ok()?).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_turkish_time() {
        assert_eq!(read("1970-01-01 03:00:00"), Some(0));
        // 2024-09-26T22:10:00Z
        assert_eq!(read("2024-09-27 01:10:00"), Some(1_727_388_600));
        // Summer and winter alike.
        assert_eq!(read("2015-07-01 12:00:00"), Some(1_435_741_200));
        assert_eq!(read("2024-02-29 23:59:59"), Some(1_709_240_399));
        assert_eq!(read("1960-01-01 00:00:00"), Some(-315_630_000));
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "2024-09-27",
            "2024-09-27T01:10:00",
            "2024-09-27 01:10",
            "2024-9-27 01:10:00",
            "2023-02-29 00:00:00",
            "2024-13-01 00:00:00",
            "2024-09-27 24:00:00",
            "2024-09-27 23:59:60",
            "27.09.2024 01:10:00",
            "2024-09-27 01:10:0\u{663}",
            "+024-09-27 01:10:00",
            " 2024-09-27 01:10:00",
            "0",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
