//! The routes that change: a number onto a list or off it, and a list removed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::auth::enter;
use super::error::{self, Refused};
use super::params::Target;
use super::read;
use crate::access::auth::Permission;
use crate::app::App;
use crate::request;
use callbar::Outcome;
use callbar_store::{Applied, Error, NewEntry, Operation};

const MISSING: &str = "Bad request: domain, name or number is required.";

/// What a change came to. The document spells `Modified`, the original `nModified`: clients of either
/// find theirs.
#[derive(Serialize)]
pub(super) struct Written {
    ok: u8,
    #[serde(rename = "nModified")]
    n_modified: u8,
    #[serde(rename = "Modified")]
    modified: u8,
    n: u8,
}

/// What a removal came to.
#[derive(Serialize)]
pub(super) struct Removed {
    ok: u8,
    n: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct New {
    number: Option<Number>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Integer(u64),
    Text(String),
    Other(IgnoredAny),
}

/// `POST /(list)` puts a number on it; `POST /searches` is a search.
pub(super) async fn post(
    State(app): State<App>,
    target: Target,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, Refused> {
    if target.name == "searches" {
        return read::search(&app, &headers, &uri, body).await.map(IntoResponse::into_response);
    }
    add(&app, target.name, &headers, &uri, body).await.map(IntoResponse::into_response)
}

async fn add(
    app: &App,
    list: String,
    headers: &HeaderMap,
    uri: &Uri,
    body: Body,
) -> Result<Json<Written>, Refused> {
    let visit = enter(app, headers, uri, Permission::Create, Some(&list))?;
    let number = new_number(&request::read_from(app, &visit.principal, body).await?)?;
    let entry = NewEntry { number, ..NewEntry::default() };
    let is_new = app.add_number(&visit.principal, visit.domain, list, entry).await?;
    let modified = u8::from(is_new);
    Ok(Json(Written { ok: 1, n_modified: modified, modified, n: 1 }))
}

/// The number as it stands in the body; an integer is one whose zeros its writer has dropped.
///
/// # Errors
/// 400
fn new_number(body: &[u8]) -> Result<String, Refused> {
    match error::json::<New>(body)?.number {
        Some(Number::Text(text)) if !text.is_empty() => Ok(text),
        Some(Number::Integer(digits)) if digits > 0 => Ok(digits.to_string()),
        None | Some(Number::Text(_) | Number::Integer(_)) => Err(Refused::bad_request(MISSING)),
        Some(Number::Other(_)) => {
            Err(Refused::bad_request("Bad request: number is a string or a whole number."))
        }
    }
}

/// `DELETE /(list)`.
pub(super) async fn delete_list(
    State(app): State<App>,
    target: Target,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Removed>, Refused> {
    let visit = enter(&app, &headers, &uri, Permission::Delete, Some(&target.name))?;
    let remove = Operation::RemoveList { domain: visit.domain, name: target.name };
    let n = match app.apply(&visit.principal, vec![remove]).await {
        Err(Error::Engine(callbar::Error::UnknownDomain { .. })) => 0,
        applied => match applied?.as_slice() {
            [Applied::List { entries, .. }] => *entries,
            _ => 0,
        },
    };
    Ok(Json(Removed { ok: 1, n }))
}

/// `DELETE /(list)/(number)`.
pub(super) async fn delete_number(
    State(app): State<App>,
    Target { name: list, number }: Target,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Removed>, Refused> {
    let visit = enter(&app, &headers, &uri, Permission::Delete, Some(&list))?;
    let number = number.unwrap_or_default();
    let remove = Operation::Remove { domain: visit.domain, list, number, drop_empty: true };
    let n = match app.change(&visit.principal, remove).await {
        Err(Error::Engine(
            callbar::Error::InvalidEntry { .. } | callbar::Error::UnknownDomain { .. },
        )) => 0,
        outcome => u64::from(outcome? == Outcome::Removed),
    };
    Ok(Json(Removed { ok: 1, n }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_string_or_an_integer() {
        let number = |body: &str| new_number(body.as_bytes()).map_err(|refused| refused.info);
        assert_eq!(number(r#"{"number":"0000"}"#).as_deref(), Ok("0000"));
        assert_eq!(number(r#"{"number": 123456789 }"#).as_deref(), Ok("123456789"));
        for missing in ["", "{}", r#"{"number":""}"#, r#"{"number":null}"#, r#"{"number":0}"#] {
            assert_eq!(number(missing), Err(MISSING.into()), "{missing}");
        }
        for wrong in [
            r#"{"number":1.5}"#,
            r#"{"number":-1}"#,
            r#"{"number":["1"]}"#,
            r#"{"number":"1","number":"2"}"#,
            r#"{"number":"#,
            "number=1",
            "\"1\"",
        ] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }
}
