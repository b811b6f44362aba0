//! Who calls, and which domain is meant.
//!
//! `X-Access-Token` is a token that this server has signed, whose `exp` counts milliseconds; `X-Key`
//! names a stored key. What the caller may do is said by the key, never by the `acl` of the token.

use axum::http::{HeaderMap, Uri};
use serde_json::Value;

use super::error::Refused;
use super::params::Params;
use crate::access::auth::{KeyRejection, Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::jwt;
use crate::app::App;
use callbar_store::CredentialKind;

/// A caller in a domain that it may act in.
pub(super) struct Visit {
    pub(super) principal: Principal,
    pub(super) domain: String,
    pub(super) params: Params,
}

/// Lets a caller in who may do this to a list; to all lists if none is named, or to the one that its
/// key is for.
///
/// # Errors
/// 401, 403, 429; 400 if no domain is named, by the parameter or by the key.
pub(super) fn enter(
    app: &App,
    headers: &HeaderMap,
    uri: &Uri,
    permission: Permission,
    list: Option<&str>,
) -> Result<Visit, Refused> {
    let principal = caller(app, headers)?;
    // Who may not do it at all is told so before being told what is missing.
    authorize(&principal, permission, Scope::Own)?;
    let params = Params::read(uri)?;
    let asked = params.domain.as_deref().filter(|domain| !domain.is_empty());
    let asked = asked.map(str::to_ascii_lowercase);
    let domain = asked.or_else(|| principal.domain.clone()).ok_or_else(|| {
        Refused::bad_request(match permission {
            Permission::Create => "Bad request: domain, name or number is required.",
            _ => "Domain is required.",
        })
    })?;
    let scope = match list.or(principal.list.as_deref()) {
        Some(list) => Scope::List(&domain, list),
        None => Scope::Domain(&domain),
    };
    authorize(&principal, permission, scope)?;
    Ok(Visit { principal, domain, params })
}

/// # Errors
/// 401 in the words of the original; 429.
fn caller(app: &App, headers: &HeaderMap) -> Result<Principal, Refused> {
    let token = only(headers, "x-access-token");
    let claims = token.and_then(|token| jwt::verify(app.secret().bytes(), token));
    let invalid = || Refused::unauthorized("Invalid token");
    let claims = claims.ok_or_else(invalid)?;
    // Milliseconds; read as seconds, no token would expire for fifty thousand years.
    let expires = claims.get("exp").and_then(Value::as_u64).ok_or_else(invalid)?;
    if expires <= app.now_ms() {
        return Err(Refused::unauthorized("Token Expired"));
    }
    let not_together = || Refused::unauthorized("Invalid Token or Key");
    let key = only(headers, "x-key").filter(|key| !key.is_empty()).ok_or_else(not_together)?;
    if claims.get("key").is_some_and(|of| of.as_str() != Some(key)) {
        return Err(not_together());
    }
    // The signature vouches for the caller; the key has no secret of its own.
    match app.identify(CredentialKind::Webitel, key, |_| true)? {
        Ok(principal) => Ok(principal),
        Err(KeyRejection::UnknownKey | KeyRejection::WrongSecret) => {
            Err(Refused::unauthorized("Invalid User"))
        }
        Err(KeyRejection::TooManyRequests) => Err(Refused::too_many()),
    }
}

/// The header, if it is there once and is text.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() { None } else { first.to_str().ok() }
}
