//! The check that every route of Webitel's API is behind: who calls, and in which domain.
//!
//! `X-Access-Token` is a token that this server has signed, whose `exp` counts milliseconds. `X-Key` names a
//! stored key. The role of the key decides what the caller may do, never the `acl` of the token.

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use callbar_store::CredentialKind;
use serde_json::Value;

use super::error::WebitelError;
use super::params::Params;
use crate::access::auth::{KeyRejection, Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::guard::Needs;
use crate::access::jwt;
use crate::app::App;

/// The place of a list that is a search instead, if the method is `POST`.
pub(crate) const SEARCHES: &str = "searches";

/// The right that a search needs.
pub(crate) const SEARCH: Needs = Needs::Path(Permission::Read);

/// A caller, and what its request names: a domain that it may act in, a list, a number.
#[derive(Clone)]
pub(crate) struct DomainRequest {
    pub(super) caller: Principal,
    pub(super) domain: String,
    /// The list of the path; `None` if the request is for all lists, or is a search.
    pub(super) list: Option<String>,
    /// The number of the path.
    pub(super) number: Option<String>,
    pub(super) params: Params,
}

/// Lets a request in whose caller may do this, and hands a [`DomainRequest`] to its handler.
pub(crate) async fn guard(
    State((app, needs)): State<(App, Needs)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, needs, &mut parts).await {
        Ok(admitted) => {
            parts.extensions.insert(admitted);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// # Errors
/// 401, 403, 429; 400 if neither the parameter nor the key names a domain.
async fn admit(app: &App, needs: Needs, parts: &mut Parts) -> Result<DomainRequest, WebitelError> {
    let names = RawPathParams::from_request_parts(parts, app).await;
    let not_utf8 = |_| WebitelError::bad_request("Bad request: the path is not UTF-8.");
    let names = names.map_err(not_utf8)?;
    let named = |name| {
        let found = names.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.to_owned())
    };
    let (mut list, number) = (named("name"), named("number"));
    let mut needs = needs;
    if parts.method == Method::POST && list.as_deref() == Some(SEARCHES) {
        (needs, list) = (SEARCH, None);
    }
    let permission = needs.permission().unwrap_or(Permission::Admin);
    let caller = caller(app, &parts.headers)?;
    // The right is checked before the parameters, so that a refusal shows nothing else.
    authorize(&caller, permission, Scope::Own)?;
    let params = Params::read(&parts.uri)?;
    let asked = params.domain.as_deref().filter(|domain| !domain.is_empty());
    let asked = asked.map(str::to_ascii_lowercase);
    let domain = asked.or_else(|| caller.only_domain().map(str::to_owned)).ok_or_else(|| {
        WebitelError::bad_request(match permission {
            Permission::Create => "Bad request: domain, name or number is required.",
            _ => "Domain is required.",
        })
    })?;
    let scope = match list.as_deref().or(caller.only_list()) {
        Some(list) => Scope::List(&domain, list),
        None => Scope::Domain(&domain),
    };
    authorize(&caller, permission, scope)?;
    Ok(DomainRequest { caller, domain, list, number, params })
}

/// # Errors
/// 401 in the words of the original; 429.
fn caller(app: &App, headers: &HeaderMap) -> Result<Principal, WebitelError> {
    let token = only(headers, "x-access-token");
    let claims = token.and_then(|token| jwt::verify(app.secret().bytes(), token));
    let invalid = || WebitelError::unauthorized("Invalid token");
    let claims = claims.ok_or_else(invalid)?;
    // Milliseconds. Read as seconds, no token would expire for fifty thousand years.
    let expires = claims.get("exp").and_then(Value::as_u64).ok_or_else(invalid)?;
    if expires <= app.now_ms() {
        return Err(WebitelError::unauthorized("Token Expired"));
    }
    let not_together = || WebitelError::unauthorized("Invalid Token or Key");
    let key = only(headers, "x-key").filter(|key| !key.is_empty()).ok_or_else(not_together)?;
    if claims.get("key").is_some_and(|claimed| claimed.as_str() != Some(key)) {
        return Err(not_together());
    }
    // The signature proves the caller. The key has no secret of its own.
    match app.identify(CredentialKind::Webitel, key, |_| true)? {
        Ok(caller) => Ok(caller),
        Err(KeyRejection::UnknownKey | KeyRejection::WrongSecret) => {
            Err(WebitelError::unauthorized("Invalid User"))
        }
        Err(KeyRejection::TooManyRequests) => Err(WebitelError::too_many_requests()),
    }
}

/// The header, if it is there once and is text.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() { None } else { first.to_str().ok() }
}
