//! The check that every route of the native interface is behind.
//!
//! A route says what its caller must be allowed to do, and the guard checks it before the handler runs. So no
//! handler can forget the check, and a test can try all routes.

use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{StatusCode, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::access::auth::{KeyRejection, Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::secret::hex;
use crate::app::App;
use crate::error::ApiError;
use crate::observe::request_log;
use callbar_store::CredentialKind;

/// The right that a route needs.
///
/// # Examples
/// ```
/// use callbar_server::{Needs, Permission, routes};
///
/// let row = routes().into_iter().find(|row| row.path == "/callbar/v1/health").expect("the row");
/// assert_eq!(row.needs, Needs::Nothing, "anybody may ask for it");
/// assert_eq!(Needs::Own(Permission::Admin).permission(), Some(Permission::Admin));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// None: anybody may send the request.
    Nothing,
    /// This right to what the path names: a list, a domain or the server as a whole.
    Path(Permission),
    /// This right. The handler reads and changes nothing but what is the caller's own.
    Own(Permission),
}

impl Needs {
    /// The right, if one is needed.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Needs, Permission};
    ///
    /// assert_eq!(Needs::Path(Permission::Read).permission(), Some(Permission::Read));
    /// assert_eq!(Needs::Nothing.permission(), None);
    /// ```
    #[must_use]
    pub fn permission(self) -> Option<Permission> {
        match self {
            Self::Nothing => None,
            Self::Path(permission) | Self::Own(permission) => Some(permission),
        }
    }
}

/// The token of a native key: `cb_KEY_SECRET`, both in hexadecimal digits.
#[must_use]
pub(crate) fn token(key: &str, secret: &[u8]) -> String {
    format!("cb_{key}_{}", hex(secret))
}

/// Lets a request in whose caller may do this, and hands a [`Principal`] to its handler.
pub(crate) async fn guard(
    State((app, needs)): State<(App, Needs)>,
    request: Request,
    next: Next,
) -> Response {
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
    let Some(permission) = needs.permission() else { return Ok(None) };
    let principal = principal(app, parts)?;
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| {
        let remedy = "percent-encode the UTF-8 form of names and numbers";
        ApiError::new(StatusCode::BAD_REQUEST, "bad_path", "the path is not UTF-8", remedy)
    })?;
    let param = |name| params.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
    let scope = match (param("domain"), param("list")) {
        _ if needs == Needs::Own(permission) => Scope::Own,
        (Some(domain), Some(list)) => Scope::List(domain, list),
        (Some(domain), None) => Scope::Domain(domain),
        _ => Scope::Server,
    };
    authorize(&principal, permission, scope)?;
    Ok(Some(principal))
}

/// The caller: the owner of the data directory by its socket, or the holder of a token.
fn principal(app: &App, parts: &Parts) -> Result<Principal, ApiError> {
    if let Some(local) = parts.extensions.get::<Principal>() {
        request_log::set_caller(&local.who);
        return Ok(local.clone());
    }
    let sent = parts.headers.get(AUTHORIZATION);
    let sent = sent.ok_or_else(|| ApiError::unauthorized("there is no token"))?;
    let refused = || ApiError::unauthorized("the token is not good");
    let (scheme, token) =
        sent.to_str().ok().and_then(|sent| sent.split_once(' ')).ok_or_else(refused)?;
    let (key, secret) = token
        .trim()
        .strip_prefix("cb_")
        .and_then(|rest| rest.split_once('_'))
        .ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    let kind = CredentialKind::Native;
    let identified = app.identify(kind, key, |stored| stored.has_secret(secret.as_bytes()))?;
    identified.map_err(|rejection| match rejection {
        KeyRejection::UnknownKey | KeyRejection::WrongSecret => refused(),
        KeyRejection::TooManyRequests => too_many_requests(),
    })
}

fn too_many_requests() -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "this key asks too often",
        "wait a second, then ask less often",
    )
}

/// The caller that the guard has let in.
pub(crate) type Caller = Extension<Principal>;
