//! Refusals: their codes, which are the statuses of the responses too, and their messages in both languages.

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use crate::error::ApiError;
use callbar_store::Error;

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Turkish,
}

impl Language {
    /// Turkish if the client prefers it, else English.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        let preferred = headers.get(ACCEPT_LANGUAGE).map_or(&[][..], HeaderValue::as_bytes);
        match preferred.trim_ascii_start() {
            [b't' | b'T', b'r' | b'R'] | [b't' | b'T', b'r' | b'R', b'-' | b',' | b';', ..] => {
                Self::Turkish
            }
            _ => Self::English,
        }
    }
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The body is no JSON or XML, or no request.
    Unparsed,
    /// The key or its hash is wrong.
    Unauthorized,
    /// The key may not do this.
    Forbidden,
    /// No such path, or not this method.
    NoSuchCall,
    /// The body did not arrive in time.
    TooSlow,
    /// The body is too large.
    TooLarge,
    /// The key has sent too many requests.
    TooMany,
    /// A date that cannot be read.
    Date,
    /// An end before its start.
    Range,
    /// A page that is no number from 1.
    Page,
    /// A number that is missing or cannot be read.
    Number,
    /// A number to remove that is not on the list.
    NotListed,
    /// The server cannot do it now.
    Unavailable,
}

impl Fault {
    /// The code, and its word in the metrics.
    pub(super) fn code(self) -> (u16, &'static str) {
        match self {
            Self::Unparsed => (400, "bad_request"),
            Self::Unauthorized => (401, "unauthorized"),
            Self::Forbidden => (403, "forbidden"),
            Self::NoSuchCall => (404, "not_found"),
            Self::TooSlow => (408, "body_too_slow"),
            Self::TooLarge => (413, "body_too_large"),
            Self::TooMany => (429, "rate_limited"),
            Self::Date => (457, "invalid_date"),
            Self::Range => (458, "invalid_range"),
            Self::Page => (464, "invalid_page"),
            Self::Number => (466, "invalid_number"),
            Self::NotListed => (474, "not_listed"),
            Self::Unavailable => (503, "unavailable"),
        }
    }

    /// The message for people.
    pub(super) fn message(self, language: Language) -> &'static str {
        let (english, turkish) = match self {
            Self::Unparsed => ("Request could not be processed", "İstek çözümlenemedi"),
            Self::Unauthorized => ("Membership details incorrect", "Üyelik bilgileri hatalı"),
            Self::Forbidden => ("Not allowed with this key", "Bu anahtarla izin verilmiyor"),
            Self::NoSuchCall => (
                "API does not support the requested method",
                "API istek yapılan yönteme sahip değil",
            ),
            Self::TooSlow => ("Request did not arrive in time", "İstek zamanında ulaşmadı"),
            Self::TooLarge => ("Request is too large", "İstek çok büyük"),
            Self::TooMany => ("Too many requests", "Çok fazla istek yapıldı"),
            Self::Date => ("Invalid date format", "Tarih formatı hatalı"),
            Self::Range => ("Invalid date range", "Tarih aralığı hatalı"),
            Self::Page => ("Page value must start from 1", "Sayfa değeri 1'den başlamalıdır"),
            Self::Number => ("Invalid number", "Hatalı numara"),
            Self::NotListed => (
                "The block on this number cannot be removed",
                "Bu numara üzerindeki engelleme kaldırılamaz",
            ),
            Self::Unavailable => {
                ("Server temporarily unavailable", "Sunucu geçici olarak hizmet veremiyor")
            }
        };
        match language {
            Language::English => english,
            Language::Turkish => turkish,
        }
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        match error.status {
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::FORBIDDEN => Self::Forbidden,
            _ if error.code == "invalid_entry" => Self::Number,
            status if status.is_client_error() => Self::Unparsed,
            _ => Self::Unavailable,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            // The key of a domain that was removed is no longer valid.
            Error::Engine(callbar::Error::UnknownDomain { .. }) => Self::Unauthorized,
            error => ApiError::from(error).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_turkish_if_the_client_prefers_it() {
        let language = |text: &'static str| {
            let header = (ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            Language::from_headers(&HeaderMap::from_iter([header]))
        };
        for turkish in ["tr", "tr-TR,tr;q=0.9,en;q=0.8", "TR", " tr;q=1"] {
            assert_eq!(language(turkish), Language::Turkish, "{turkish}");
        }
        for other in ["", "en", "en,tr", "trv", "*"] {
            assert_eq!(language(other), Language::English, "{other}");
        }
        assert_eq!(Language::from_headers(&HeaderMap::new()), Language::English);
    }
}
