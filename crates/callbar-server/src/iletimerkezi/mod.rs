//! iletimerkezi's API of blocked numbers, as its clients speak it: `/v1/get-blacklist`,
//! `/v1/add-blacklist` and `/v1/delete-blacklist`, in XML, and in JSON with `/json` at the end.
//!
//! A key belongs to one list of one domain, and reads and changes that list. Pages begin with the oldest
//! number, so that numbers added meanwhile do not move them. Answers show numbers in E.164 form with a plus,
//! and other entries in canonical form.
//!
//! Messages are English, as in the samples of the document, or Turkish, as in its table of errors, for
//! clients that ask for it by `Accept-Language`.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the three handlers |
//! | `request` | the members of a request, in either form |
//! | `json`, `xml` | the two forms of a request |
//! | `date` | dates in Turkish time |
//! | `fault` | refusals: their codes, and their messages in both languages |
//! | `reply` | answers in both forms and both languages |

pub(crate) mod calls;
mod date;
mod fault;
mod json;
mod reply;
mod request;
mod xml;

use axum::http::HeaderMap;
use axum::response::Response;

use fault::{Fault, Language};
use reply::Form;

/// The refusal of a path that does not exist, and of a wrong method: the original has one for both. It is in
/// XML only where a path of XML exists.
pub(crate) fn not_found(path: &str, headers: &HeaderMap, path_exists: bool) -> Response {
    let form = if path_exists { Form::from_path(path) } else { Form::Json };
    reply::refuse(form, Language::from_headers(headers), Fault::NoSuchCall)
}
