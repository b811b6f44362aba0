//! Answers in both forms and both languages. The status of the response is the code in its body.

use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Serialize, Serializer};

use super::super::error::Refusal;
use super::fault::Fault;
use super::xml;

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
}

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

/// A page of a list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Listed {
    /// The numbers of all pages; a string, as in the document.
    #[serde(serialize_with = "as_string")]
    pub(super) count: u64,
    #[serde(rename = "number")]
    pub(super) numbers: Vec<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    response: Told<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    blacklist: Option<&'a Listed>,
}

#[derive(Serialize)]
struct Status {
    /// An integer: clients compare it with one.
    code: u16,
    message: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn as_string<S: Serializer>(count: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

/// A call that was done, with the page that was asked for if one was.
pub(super) fn done(form: Form, language: Language, listed: Option<&Listed>) -> Response {
    let message = match language {
        Language::English => "Successful operation",
        Language::Turkish => "İşlem başarılı",
    };
    response(form, 200, message, listed)
}

/// A call that was refused.
pub(super) fn refuse(form: Form, language: Language, fault: Fault) -> Response {
    let (code, word) = fault.code();
    let mut response = response(form, code, fault.message(language), None);
    if matches!(fault, Fault::TooMany | Fault::Unavailable) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(Refusal(word));
    response
}

fn response(form: Form, code: u16, message: &'static str, blacklist: Option<&Listed>) -> Response {
    let (kind, body) = match form {
        Form::Json => {
            let told = Told { status: Status { code, message }, blacklist };
            let body = serde_json::to_string(&Envelope { response: told });
            ("application/json", body.expect("strings and integers are JSON"))
        }
        Form::Xml => ("text/xml; charset=utf-8", xml::write(code, message, blacklist)),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).expect("codes are statuses");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
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
