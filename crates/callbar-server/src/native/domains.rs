//! Domains: what is set for each.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::JsonResult;
use super::page::{Page, limit};
use crate::access::guard::Caller;
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::Outcome;
use callbar_store::{Error, Operation, PlanSpec, Reader, StoredDomain};

/// A domain as it is shown.
#[derive(Serialize)]
pub(crate) struct Domain {
    name: String,
    plan: PlanSpec,
    emergency_exempt: bool,
    subscriptions: Vec<String>,
    description: String,
    created: u64,
}

impl TryFrom<StoredDomain> for Domain {
    type Error = Error;

    fn try_from(stored: StoredDomain) -> Result<Self, Error> {
        let plan = PlanSpec::from_json(&stored.plan)?;
        let StoredDomain { name, emergency_exempt, subscriptions, description, created, .. } =
            stored;
        Ok(Self { name, plan, emergency_exempt, subscriptions, description, created })
    }
}

/// A page of names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) after: Option<String>,
    pub(crate) limit: Option<u32>,
}

/// `GET /callbar/v1/domains`: those of the caller.
pub(crate) async fn all(
    State(app): State<App>,
    Extension(caller): Caller,
    uri: Uri,
) -> JsonResult<Page<Domain>> {
    let Asked { after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let all = move |reader: &Reader<'_>| match &caller.domain {
        None => reader.domains(),
        Some(own) => Ok(reader.domain(own)?.into_iter().collect()),
    };
    let stored = app.read_all(all).await?;
    let page = Page::of_named(stored.into_iter(), |domain| &domain.name, after.as_deref(), most);
    let items: Result<Vec<Domain>, Error> = page.items.into_iter().map(Domain::try_from).collect();
    Ok(Json(Page { items: items?, next: page.next }))
}

/// `GET /callbar/v1/domains/{domain}`
pub(crate) async fn one(State(app): State<App>, Path(name): Path<String>) -> JsonResult<Domain> {
    let found = app.read(|reader| reader.domain(&name.to_ascii_lowercase()))?;
    let found = found.ok_or(Error::Engine(callbar::Error::UnknownDomain { domain: name }))?;
    Ok(Json(found.try_into()?))
}

/// What is set for a domain; what is left out is as of a new one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(deserialize_with = "request::object")]
    plan: PlanSpec,
    #[serde(default = "yes")]
    emergency_exempt: bool,
    #[serde(default)]
    subscriptions: Vec<String>,
    #[serde(default)]
    description: String,
}

fn yes() -> bool {
    true
}

/// What became of a domain, a list or a key.
#[derive(Serialize)]
pub(crate) struct Changed {
    pub(crate) outcome: Outcome,
}

/// `PUT /callbar/v1/domains/{domain}`
pub(crate) async fn put(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(name): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Changed>), ApiError> {
    let settings: Settings = request::json(&app, &caller, body).await?;
    let Settings { plan, emergency_exempt, subscriptions, description } = settings;
    // What a domain subscribes to answers its checks: a tenant takes none that are not its own.
    let may_subscribe = caller.domain.is_none();
    let put = Operation::PutDomain {
        name,
        plan,
        emergency_exempt,
        subscriptions,
        may_subscribe,
        description,
    };
    let outcome = app.change(&caller, put).await?;
    Ok((status(outcome), Json(Changed { outcome })))
}

/// `DELETE /callbar/v1/domains/{domain}`
pub(crate) async fn remove(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(name): Path<String>,
) -> JsonResult<Changed> {
    let remove = Operation::RemoveDomain { name: name.clone() };
    match app.change(&caller, remove).await? {
        Outcome::Absent => {
            Err(Error::Engine(callbar::Error::UnknownDomain { domain: name }).into())
        }
        outcome => Ok(Json(Changed { outcome })),
    }
}

/// 201 of what was not there.
pub(crate) fn status(outcome: Outcome) -> StatusCode {
    if outcome == Outcome::Added { StatusCode::CREATED } else { StatusCode::OK }
}
