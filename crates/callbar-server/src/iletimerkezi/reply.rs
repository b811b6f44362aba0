//! Answers in both forms and both languages. The code in the body is the status of the response, too.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use quick_xml::escape::escape;
use serde::{Serialize, Serializer};

use super::fault::{Fault, Language};
use crate::error::refusal;

/// The form of a request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
}

impl Form {
    /// The form of the call at this path.
    pub(super) fn from_path(path: &str) -> Self {
        if path.ends_with("/json") { Self::Json } else { Self::Xml }
    }
}

/// A page of numbers.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct NumberPage {
    /// The numbers of all pages; a string, as in the document.
    #[serde(serialize_with = "as_string")]
    pub(super) count: u64,
    #[serde(rename = "number")]
    pub(super) numbers: Vec<String>,
}

#[derive(Serialize)]
struct ReplyEnvelope<'a> {
    response: ReplyBody<'a>,
}

#[derive(Serialize)]
struct ReplyBody<'a> {
    status: ReplyStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    blacklist: Option<&'a NumberPage>,
}

#[derive(Serialize)]
struct ReplyStatus {
    /// An integer, because clients compare it with one.
    code: u16,
    message: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn as_string<S: Serializer>(count: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

/// The answer of a call that was done, with its page if it asked for one.
pub(super) fn done(form: Form, language: Language, listed: Option<&NumberPage>) -> Response {
    let message = match language {
        Language::English => "Successful operation",
        Language::Turkish => "İşlem başarılı",
    };
    response(form, 200, message, listed)
}

/// The answer of a call that was refused.
pub(super) fn refuse(form: Form, language: Language, fault: Fault) -> Response {
    let (code, word) = fault.code();
    refusal(response(form, code, fault.message(language), None), word)
}

fn response(
    form: Form,
    code: u16,
    message: &'static str,
    blacklist: Option<&NumberPage>,
) -> Response {
    let (kind, body) = match form {
        Form::Json => {
            let response = ReplyBody { status: ReplyStatus { code, message }, blacklist };
            let body = serde_json::to_string(&ReplyEnvelope { response });
            ("application/json", body.expect("strings and integers are JSON"))
        }
        Form::Xml => ("text/xml; charset=utf-8", xml(code, message, blacklist)),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).expect("codes are statuses");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Writes an answer in XML.
fn xml(code: u16, message: &str, listed: Option<&NumberPage>) -> String {
    let status = [element("code", &code.to_string()), element("message", message)].concat();
    let listed = listed.map_or(String::new(), |NumberPage { count, numbers }| {
        let count = element("count", &count.to_string());
        let numbers = numbers.iter().map(|number| element("number", number));
        let all: String = std::iter::once(count).chain(numbers).collect();
        format!("<blacklist>{all}</blacklist>")
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <response><status>{status}</status>{listed}</response>\n"
    )
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_escaped() {
        let listed = NumberPage { count: 7, numbers: vec!["+905050047824".into(), "a<b".into()] };
        assert_eq!(
            xml(200, "a & b", Some(&listed)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><status><code>200</code>\
             <message>a &amp; b</message></status><blacklist><count>7</count>\
             <number>+905050047824</number><number>a&lt;b</number></blacklist></response>\n"
        );
    }
}
