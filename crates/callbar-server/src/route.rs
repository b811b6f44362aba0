//! A route of our own interface, and the guard that all of them are behind.
//!
//! A route says what its caller must be allowed to do, and the guard sees to it before the handler
//! is reached. So no handler can forget it, and a test can go through all of them.

use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::handler::Handler;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, StatusCode, request::Parts};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::app::App;
use super::auth::{Permission, Scope, Unknown, authorize};
use super::credential::Principal;
use super::error::ApiError;
use super::secret::hex;
use super::who;
use callbar_store::CredentialKind;

/// What a caller must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// This, to what the path names: a list, a domain or the server as a whole.
    Path(Permission),
    /// This, to something; the handler shows or changes only what is the caller's own.
    Own(Permission),
}

/// A method of a path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    handler: MethodRouter<App>,
}

impl Route {
    pub(crate) fn new<H, T>(method: Method, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("a method of HTTP");
        Self { method, path, needs, handler: on(filter, handler) }
    }

    /// The handler behind the guard.
    pub(crate) fn guarded(self, app: &App) -> (&'static str, MethodRouter<App>) {
        let state = (app.clone(), self.needs);
        (self.path, self.handler.layer(middleware::from_fn_with_state(state, guard)))
    }
}

/// The token of a native key: `cb_KEY_SECRET`, both in hexadecimal digits.
#[must_use]
pub(crate) fn token(key: &str, secret: &[u8]) -> String {
    format!("cb_{key}_{}", hex(secret))
}

async fn guard(State((app, needs)): State<(App, Needs)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match permit(&app, needs, &mut parts).await {
        Err(error) => return error.into_response(),
        Ok(None) => {}
        Ok(Some(principal)) => {
            parts.extensions.insert(principal);
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn permit(app: &App, needs: Needs, parts: &mut Parts) -> Result<Option<Principal>, ApiError> {
    let (permission, own) = match needs {
        Needs::Nothing => return Ok(None),
        Needs::Path(permission) => (permission, false),
        Needs::Own(permission) => (permission, true),
    };
    let principal = principal(app, parts)?;
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| {
        let remedy = "percent-encode the UTF-8 form of names and numbers";
        ApiError::new(StatusCode::BAD_REQUEST, "bad_path", "the path is not UTF-8", remedy)
    })?;
    let param = |name| params.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
    let scope = match (param("domain"), param("list")) {
        _ if own => Scope::Own,
        (Some(domain), Some(list)) => Scope::List(domain, list),
        (Some(domain), None) => Scope::Domain(domain),
        _ => Scope::Server,
    };
    authorize(&principal, permission, scope)?;
    Ok(Some(principal))
}

/// Who asks: whoever came by the socket of the data directory, or the holder of a token.
fn principal(app: &App, parts: &Parts) -> Result<Principal, ApiError> {
    if let Some(local) = parts.extensions.get::<Principal>() {
        who::note(&local.who);
        return Ok(local.clone());
    }
    let sent = parts.headers.get(AUTHORIZATION);
    let sent = sent.ok_or_else(|| ApiError::unauthorized("there is no token"))?;
    let unknown = || ApiError::unauthorized("the token is not good");
    let (scheme, token) =
        sent.to_str().ok().and_then(|sent| sent.split_once(' ')).ok_or_else(unknown)?;
    let (key, secret) = token
        .trim()
        .strip_prefix("cb_")
        .and_then(|rest| rest.split_once('_'))
        .ok_or_else(unknown)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unknown());
    }
    let kind = CredentialKind::Native;
    app.identify(kind, key, |held| held.is_secret(secret.as_bytes()))?.map_err(|why| match why {
        Unknown::Key | Unknown::Secret => unknown(),
        Unknown::TooMany => too_many(),
    })
}

/// A good key that asks too often.
pub(crate) fn too_many() -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "this key asks too often",
        "wait a second, then ask less often",
    )
}

/// The caller, of whom the guard made sure.
pub(crate) type Caller = Extension<Principal>;
