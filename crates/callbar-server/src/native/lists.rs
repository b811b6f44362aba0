//! Lists, their settings, and how many entries they have.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};

use super::JsonResult;
use super::domains::status_of;
use super::page::{PageQuery, limit};
use crate::access::guard::Caller;
use crate::api::{ChangeAnswer, ListBody, Page, RemovedList};
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::{Outcome, Response};
use callbar_store::{Applied, Error, ListView, Operation, Reader};

/// `GET /callbar/v1/domains/{domain}/lists`
pub(crate) async fn all(
    State(app): State<App>,
    Path(domain): Path<String>,
    uri: Uri,
) -> JsonResult<Page<ListView>> {
    let PageQuery { after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let all = move |reader: &Reader<'_>| reader.lists(reader.require_domain_row(&domain)?);
    let lists = app.read_all(all).await?.into_iter().map(ListView::from);
    Ok(Json(Page::from_sorted(lists, |list| &list.name, after.as_deref(), most)))
}

/// `GET /callbar/v1/domains/{domain}/lists/{list}`
pub(crate) async fn one(
    State(app): State<App>,
    Path((domain, list)): Path<(String, String)>,
) -> JsonResult<ListView> {
    Ok(Json(app.read(|reader| reader.require_list_by_name(&domain, &list))?.into()))
}

/// `PUT /callbar/v1/domains/{domain}/lists/{list}`
pub(crate) async fn put(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, name)): Path<(String, String)>,
    body: Body,
) -> Result<(StatusCode, Json<ChangeAnswer>), ApiError> {
    let ListBody { action, response, description, allow_broad } =
        request::json(&app, &caller, body).await?;
    let response = response.map(|code| {
        Response::from_code(code).ok_or_else(|| {
            let message = format!("{code} is no response to a barred call");
            let remedy = "give 433, 603, 607 or 608, or none";
            ApiError::bad_field("bad_response", "response", message, remedy)
        })
    });
    let response = response.transpose()?;
    let put = Operation::PutList { domain, name, action, response, description, allow_broad };
    let outcome = app.change(&caller, put).await?;
    Ok((status_of(outcome), Json(ChangeAnswer { outcome })))
}

/// `DELETE /callbar/v1/domains/{domain}/lists/{list}`
pub(crate) async fn remove(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, name)): Path<(String, String)>,
) -> JsonResult<RemovedList> {
    let remove = Operation::remove_list(domain, name.as_str());
    match app.apply(&caller, vec![remove]).await?[..] {
        [Applied::List { outcome: outcome @ Outcome::Removed, entries }] => {
            Ok(Json(RemovedList { outcome, entries }))
        }
        _ => Err(Error::Engine(callbar::Error::UnknownList { name }).into()),
    }
}
