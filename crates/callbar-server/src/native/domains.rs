//! Domains and their settings.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};

use super::JsonResult;
use super::page::{PageQuery, limit};
use crate::access::auth::{Permission, Scope, authorize};
use crate::access::guard::Caller;
use crate::api::{ChangeAnswer, DomainBody, Page};
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::Outcome;
use callbar_store::{DomainView, Error, Operation, Reader};

/// `GET /callbar/v1/domains`: the domains that the caller may see.
pub(crate) async fn all(
    State(app): State<App>,
    Extension(caller): Caller,
    uri: Uri,
) -> JsonResult<Page<DomainView>> {
    let PageQuery { after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let all = move |reader: &Reader<'_>| match caller.only_domain() {
        None => reader.domains(),
        Some(own) => Ok(reader.domain(own)?.into_iter().collect()),
    };
    let stored = app.read_all(all).await?;
    let page = Page::from_sorted(stored.into_iter(), |domain| &domain.name, after.as_deref(), most);
    let items: Result<Vec<DomainView>, Error> =
        page.items.into_iter().map(DomainView::try_from).collect();
    Ok(Json(Page { items: items?, next: page.next }))
}

/// `GET /callbar/v1/domains/{domain}`
pub(crate) async fn one(
    State(app): State<App>,
    Path(name): Path<String>,
) -> JsonResult<DomainView> {
    Ok(Json(app.read(|reader| reader.require_domain(&name))?.try_into()?))
}

/// `PUT /callbar/v1/domains/{domain}`
pub(crate) async fn put(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(name): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<ChangeAnswer>), ApiError> {
    let DomainBody { plan, emergency_exempt, subscriptions, description } =
        request::json(&app, &caller, body).await?;
    // Lists of a subscription answer checks of the domain, so a tenant may not subscribe to another tenant.
    let may_subscribe = authorize(&caller, Permission::Admin, Scope::Server).is_ok();
    let put = Operation::PutDomain {
        name,
        plan,
        emergency_exempt,
        subscriptions,
        may_subscribe,
        description,
    };
    let outcome = app.change(&caller, put).await?;
    Ok((status_of(outcome), Json(ChangeAnswer { outcome })))
}

/// `DELETE /callbar/v1/domains/{domain}`
pub(crate) async fn remove(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(name): Path<String>,
) -> JsonResult<ChangeAnswer> {
    let remove = Operation::remove_domain(name.as_str());
    match app.change(&caller, remove).await? {
        Outcome::Absent => {
            Err(Error::Engine(callbar::Error::UnknownDomain { domain: name }).into())
        }
        outcome => Ok(Json(ChangeAnswer { outcome })),
    }
}

/// 201 if a thing was made, else 200.
pub(crate) fn status_of(outcome: Outcome) -> StatusCode {
    if outcome == Outcome::Added { StatusCode::CREATED } else { StatusCode::OK }
}
