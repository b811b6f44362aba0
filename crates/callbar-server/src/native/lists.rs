//! Lists, their settings, and how many entries they have.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::JsonResult;
use super::domains::{ChangeAnswer, status_of};
use super::page::{Page, PageQuery, limit};
use crate::access::guard::Caller;
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::{Action, Outcome, Response};
use callbar_store::{Applied, Error, Operation, Reader, StoredList};

/// `GET /callbar/v1/domains/{domain}/lists`
pub(crate) async fn all(
    State(app): State<App>,
    Path(domain): Path<String>,
    uri: Uri,
) -> JsonResult<Page<StoredList>> {
    let PageQuery { after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let all = move |reader: &Reader<'_>| reader.lists(reader.require_domain_row(&domain)?);
    let lists = app.read_all(all).await?.into_iter();
    Ok(Json(Page::from_sorted(lists, |list| &list.name, after.as_deref(), most)))
}

/// `GET /callbar/v1/domains/{domain}/lists/{list}`
pub(crate) async fn one(
    State(app): State<App>,
    Path((domain, list)): Path<(String, String)>,
) -> JsonResult<StoredList> {
    Ok(Json(app.read(|reader| reader.require_list_by_name(&domain, &list))?))
}

/// The settings of a list. A missing one has the value of a new list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListSettings {
    #[serde(default)]
    action: ActionWord,
    response: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    allow_broad: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActionWord {
    #[default]
    Deny,
    Allow,
}

/// `PUT /callbar/v1/domains/{domain}/lists/{list}`
pub(crate) async fn put(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, name)): Path<(String, String)>,
    body: Body,
) -> Result<(StatusCode, Json<ChangeAnswer>), ApiError> {
    let ListSettings { action, response, description, allow_broad } =
        request::json(&app, &caller, body).await?;
    let action = match action {
        ActionWord::Deny => Action::Deny,
        ActionWord::Allow => Action::Allow,
    };
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

/// The outcome of a removal, and how many entries went with the list.
#[derive(Serialize)]
pub(crate) struct RemovedList {
    outcome: Outcome,
    entries: u64,
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
