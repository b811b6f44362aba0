//! The handlers that change: a number onto a list or off it, and a list removed.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use callbar::Outcome;
use callbar_store::{Applied, Error, NewEntry, Operation};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::error::{self, WebitelError};
use super::guard::DomainRequest;
use super::read;
use crate::app::App;
use crate::request::read_from;

const MISSING: &str = "Bad request: domain, name or number is required.";

/// The outcome of an added number. The document spells `Modified`, the original `nModified`: an answer has
/// both.
#[derive(Serialize)]
struct AddAnswer {
    ok: u8,
    #[serde(rename = "nModified")]
    n_modified: u8,
    #[serde(rename = "Modified")]
    modified: u8,
    n: u8,
}

/// The outcome of a removal.
#[derive(Serialize)]
pub(crate) struct RemoveAnswer {
    ok: u8,
    n: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AddBody {
    number: Option<NumberMember>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberMember {
    Integer(u64),
    Text(String),
    Other(IgnoredAny),
}

/// `POST /(list)` puts a number on the list. `POST /searches` is a search.
pub(crate) async fn add_or_search(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
    body: Body,
) -> Result<Response, WebitelError> {
    match request.list.clone() {
        None => read::search(&app, request, body).await.map(IntoResponse::into_response),
        Some(list) => add(&app, request, list, body).await.map(IntoResponse::into_response),
    }
}

async fn add(
    app: &App,
    request: DomainRequest,
    list: String,
    body: Body,
) -> Result<Json<AddAnswer>, WebitelError> {
    let DomainRequest { caller, domain, .. } = request;
    let number = number_of_body(&read_from(app, &caller, body).await?)?;
    let entry = NewEntry { number, ..NewEntry::default() };
    let modified = u8::from(app.add_number(&caller, domain, list, entry).await?);
    Ok(Json(AddAnswer { ok: 1, n_modified: modified, modified, n: 1 }))
}

/// Reads the number as it stands in the body. An integer has lost the zeros before it.
///
/// # Errors
/// 400
fn number_of_body(body: &[u8]) -> Result<String, WebitelError> {
    match error::json::<AddBody>(body)?.number {
        Some(NumberMember::Text(text)) if !text.is_empty() => Ok(text),
        Some(NumberMember::Integer(digits)) if digits > 0 => Ok(digits.to_string()),
        None | Some(NumberMember::Text(_) | NumberMember::Integer(_)) => {
            Err(WebitelError::bad_request(MISSING))
        }
        Some(NumberMember::Other(_)) => {
            Err(WebitelError::bad_request("Bad request: number is a string or a whole number."))
        }
    }
}

/// `DELETE /(list)`.
pub(crate) async fn remove_list(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
) -> Result<Json<RemoveAnswer>, WebitelError> {
    let DomainRequest { caller, domain, list, .. } = request;
    let remove = Operation::RemoveList { domain, name: list.unwrap_or_default() };
    let n = match app.apply(&caller, vec![remove]).await {
        Err(Error::Engine(callbar::Error::UnknownDomain { .. })) => 0,
        applied => match applied?.as_slice() {
            [Applied::List { entries, .. }] => *entries,
            _ => 0,
        },
    };
    Ok(Json(RemoveAnswer { ok: 1, n }))
}

/// `DELETE /(list)/(number)`.
pub(crate) async fn remove_number(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
) -> Result<Json<RemoveAnswer>, WebitelError> {
    let DomainRequest { caller, domain, list, number, .. } = request;
    let (list, number) = (list.unwrap_or_default(), number.unwrap_or_default());
    let remove = Operation::Remove { domain, list, number, drop_empty: true };
    let n = match app.change(&caller, remove).await {
        Err(Error::Engine(
            callbar::Error::InvalidEntry { .. } | callbar::Error::UnknownDomain { .. },
        )) => 0,
        outcome => u64::from(outcome? == Outcome::Removed),
    };
    Ok(Json(RemoveAnswer { ok: 1, n }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_string_or_an_integer() {
        let number = |body: &str| number_of_body(body.as_bytes()).map_err(|refusal| refusal.info);
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
