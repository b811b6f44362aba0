//! The language of messages, and who is told which.

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue};

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Turkish,
}

impl Language {
    /// Turkish for those who prefer it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let preferred = headers.get(ACCEPT_LANGUAGE).map_or(&[][..], HeaderValue::as_bytes);
        match preferred.trim_ascii_start() {
            [b't' | b'T', b'r' | b'R'] | [b't' | b'T', b'r' | b'R', b'-' | b',' | b';', ..] => {
                Self::Turkish
            }
            _ => Self::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turkish_is_for_those_who_prefer_it() {
        let of = |text: &'static str| {
            let header = (ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            Language::of(&HeaderMap::from_iter([header]))
        };
        for turkish in ["tr", "tr-TR,tr;q=0.9,en;q=0.8", "TR", " tr;q=1"] {
            assert_eq!(of(turkish), Language::Turkish, "{turkish}");
        }
        for other in ["", "en", "en,tr", "trv", "*"] {
            assert_eq!(of(other), Language::English, "{other}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
    }
}
