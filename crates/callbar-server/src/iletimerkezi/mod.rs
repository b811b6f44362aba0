//! iletimerkezi's API of blocked numbers, as its clients speak it: `/v1/get-blacklist`,
//! `/v1/add-blacklist` and `/v1/delete-blacklist`, in XML, and in JSON with `/json` at the end.
//!
//! A key belongs to one list of one domain: what is read and changed is that list. Pages begin with
//! the oldest number, so that those added meanwhile do not move them. Numbers are answered in E.164
//! with a plus; what else is on the list, in its canonical form.
//!
//! Messages are English, as in the samples of the document, or Turkish, as in its table of errors, for
//! those who ask for it by `Accept-Language`.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | what is asked for, whichever way it is written |
//! | `json`, `xml` | the two ways of writing it |
//! | `date` | dates in Turkish time |
//! | `language` | English or Turkish |
//! | `fault` | refusals, their codes and messages |
//! | `reply` | answers in both forms and both languages |
//! | `serve` | the three calls |

mod date;
mod fault;
mod json;
mod language;
mod reply;
mod request;
mod serve;
mod xml;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::{any, post};

use crate::access::auth::Permission;
use crate::app::App;
use fault::Fault;
use language::Language;
use reply::Form;
use serve::Call;

/// Every method and path, and what a caller must be allowed to do.
pub const ROUTES: &[(&str, &str, Permission)] = &[
    ("POST", "/v1/get-blacklist", Permission::Read),
    ("POST", "/v1/add-blacklist", Permission::Create),
    ("POST", "/v1/delete-blacklist", Permission::Delete),
    ("POST", "/v1/get-blacklist/json", Permission::Read),
    ("POST", "/v1/add-blacklist/json", Permission::Create),
    ("POST", "/v1/delete-blacklist/json", Permission::Delete),
];

/// The calls and their paths, without what asks for JSON.
const CALLS: [(&str, Call); 3] = [
    ("/v1/get-blacklist", Call::Get),
    ("/v1/add-blacklist", Call::Add),
    ("/v1/delete-blacklist", Call::Delete),
];

/// The routes of [`ROUTES`], and the refusal of all others below `/v1/`.
pub(super) fn router() -> Router<App> {
    let router = Router::new().route("/v1/{*path}", any(absent));
    CALLS.iter().fold(router, |router, &(path, call)| {
        let at = |form| {
            let serve = move |State(app): State<App>, headers: HeaderMap, body: Body| async move {
                serve::serve(&app, call, form, &headers, body).await
            };
            post(serve).fallback(absent)
        };
        router.route(path, at(Form::Xml)).route(&format!("{path}/json"), at(Form::Json))
    })
}

/// The answer where no call is, or none of this method: the original does not tell them apart.
pub(super) fn not_found(_method_is_wrong: bool, uri: &Uri) -> Response {
    reply::refuse(form(uri), Language::English, Fault::NoSuchCall)
}

async fn absent(headers: HeaderMap, uri: Uri) -> Response {
    reply::refuse(form(&uri), Language::of(&headers), Fault::NoSuchCall)
}

/// The form of a refusal: XML is for those who know the path of a call in XML.
fn form(uri: &Uri) -> Form {
    let is_xml = CALLS.iter().any(|&(path, _)| path == uri.path());
    if is_xml { Form::Xml } else { Form::Json }
}
