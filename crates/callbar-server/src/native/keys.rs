//! The keys of all interfaces. The secret of a key is shown once, to its maker.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};

use super::JsonResult;
use super::page::{PageQuery, limit};
use crate::access::auth::{Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::guard::Caller;
use crate::access::keys::{Issued, KeyRequest, issue};
use crate::api::{ChangeAnswer, KeyBody, Page};
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::Outcome;
use callbar_store::{CredentialKind, KeyView, Operation, Reader};

/// A caller may change and see the keys of what it administers.
fn permit(caller: &Principal, domain: Option<&str>, list: Option<&str>) -> Result<(), ApiError> {
    let scope = match (domain, list) {
        (None, _) => Scope::Server,
        (Some(domain), None) => Scope::Domain(domain),
        (Some(domain), Some(list)) => Scope::List(domain, list),
    };
    authorize(caller, Permission::Admin, scope)
}

/// `GET /callbar/v1/keys`: the keys that the caller administers, revoked ones too.
pub(crate) async fn all(
    State(app): State<App>,
    Extension(caller): Caller,
    uri: Uri,
) -> JsonResult<Page<KeyView>> {
    let PageQuery { after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let all = |reader: &Reader<'_>| {
        let keys = reader.credentials()?.into_iter().map(|one| KeyView::new(reader, one));
        keys.collect::<callbar_store::Result<Vec<KeyView>>>()
    };
    let mut keys = app.read_all(all).await?;
    keys.retain(|key| permit(&caller, key.domain.as_deref(), key.list.as_deref()).is_ok());
    keys.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let page = Page::from_sorted(keys.into_iter(), |key| &key.key, after.as_deref(), most);
    Ok(Json(page))
}

fn key_request(body: KeyBody) -> Result<KeyRequest, ApiError> {
    let KeyBody { kind: kind_word, domain, list, role, label } = body;
    let kind = kind(&kind_word)?;
    let role = role.parse().map_err(|_| {
        let remedy = "give admin, editor or reader";
        ApiError::bad_field("bad_role", "role", "this is no role", remedy)
    })?;
    let refused = |field: &str, message: &str| {
        let remedy = "a key of iletimerkezi has a domain and a list; a list needs its domain";
        Err(ApiError::bad_field("bad_key", field, message, remedy))
    };
    match (kind, &domain, &list) {
        (_, None, Some(_)) => refused("domain", "a list without its domain"),
        (CredentialKind::Iletimerkezi, None, _) => refused("domain", "no domain"),
        (CredentialKind::Iletimerkezi, _, None) => refused("list", "no list"),
        _ => Ok(KeyRequest { kind, domain, list, role, label }),
    }
}

fn kind(word: &str) -> Result<CredentialKind, ApiError> {
    word.parse().map_err(|_| {
        let remedy = "give webitel, iletimerkezi or native";
        ApiError::bad_field("bad_kind", "kind", "this is no kind of key", remedy)
    })
}

/// `POST /callbar/v1/keys`
pub(crate) async fn make(
    State(app): State<App>,
    Extension(caller): Caller,
    body: Body,
) -> Result<(StatusCode, Json<Issued>), ApiError> {
    let request = key_request(request::json(&app, &caller, body).await?)?;
    permit(&caller, request.domain.as_deref(), request.list.as_deref())?;
    let (issued, put) = issue(request, app.secret(), app.now_ms())?;
    app.apply(&caller, vec![put]).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// `DELETE /callbar/v1/keys/{kind}/{key}`
pub(crate) async fn revoke(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((kind_word, key)): Path<(String, String)>,
) -> JsonResult<ChangeAnswer> {
    let unknown = || ApiError::not_found("unknown_key", "there is no such key").at("key");
    let kind = kind(&kind_word)?;
    let found = app.read(|reader| {
        let found = reader.credential(kind, &key)?;
        found.map(|credential| KeyView::new(reader, credential)).transpose()
    })?;
    // For the caller, keys of others do not exist.
    let found = found.ok_or_else(unknown)?;
    permit(&caller, found.domain.as_deref(), found.list.as_deref()).map_err(|_| unknown())?;
    let outcome = app.change(&caller, Operation::revoke_key(kind, key)).await?;
    if outcome == Outcome::Absent { Err(unknown()) } else { Ok(Json(ChangeAnswer { outcome })) }
}
