//! The one error of the HTTP interface, and what the library's errors are in it.

use std::borrow::Cow;
use std::io::ErrorKind;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::mask::mask;
use callbar_store::Error;

/// What is [gone](Error::Gone) when a caller no longer is who it was.
pub(crate) const KEY: &str = "key";

/// What a caller is told when a request is refused or fails:
/// `{"error": {"code", "message", "field", "remedy"}}`.
///
/// Codes are stable; messages are for people and may change. The other interfaces say the same in
/// shapes of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The status of the response.
    pub status: StatusCode,
    /// What is wrong, in a word that never changes.
    pub code: &'static str,
    /// The parameter or the member of the body that is at fault.
    pub field: Option<String>,
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub remedy: Cow<'static, str>,
}

/// The body of a response that tells an error.
#[derive(Serialize)]
struct Told<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    remedy: &'a str,
}

impl ApiError {
    /// An error of no field.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code, field: None, message: message.into(), remedy: remedy.into() }
    }

    /// A request that is wrong in a field.
    pub(crate) fn bad_field(
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, remedy).at(field)
    }

    /// The same, of this field.
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// No credential, or none that is good.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        let remedy = "send Authorization: Bearer TOKEN with a token of callbar key create";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message, remedy)
    }

    /// A good credential that does not allow this.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        let remedy = "use a key whose role and domain allow it; callbar key create makes one";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message, remedy)
    }

    /// Nothing is here.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        let remedy = "correct the path; /callbar/v1/openapi.json lists all there are";
        Self::new(StatusCode::NOT_FOUND, code, message, remedy)
    }

    /// More than is taken.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        let remedy = "send less at a time, or use the import of the list";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message, remedy)
    }

    /// Something of the server itself, which the log tells more of.
    pub(crate) fn internal() -> Self {
        let remedy = "try again; if it stays, the log of the server says why";
        let message = "the server failed";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message, remedy)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, field, message, remedy } = &self;
        let told = Told { error: Inner { code, message, field: field.as_deref(), remedy } };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = *status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match *status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Refusal(code));
        response
    }
}

/// The code of a refusal, which rides on its response for the metrics and the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal(pub(crate) &'static str);

/// How an error of the library is answered: status, code, and the field at fault.
type Mapping = (StatusCode, &'static str, Option<&'static str>);

fn mapping(error: &Error) -> Mapping {
    use StatusCode as S;
    use callbar::Error as E;
    match error {
        Error::Engine(E::UnknownDomain { .. }) => (S::NOT_FOUND, "unknown_domain", Some("domain")),
        Error::Engine(E::UnknownList { .. }) => (S::NOT_FOUND, "unknown_list", Some("list")),
        Error::Engine(E::UnknownRegion { .. }) => {
            (S::BAD_REQUEST, "unknown_region", Some("plan.region"))
        }
        Error::Engine(E::InvalidPrefix { .. }) => (S::BAD_REQUEST, "invalid_prefix", Some("plan")),
        Error::Engine(E::InvalidName { what, .. }) => (S::BAD_REQUEST, "invalid_name", Some(what)),
        Error::Engine(E::InvalidEntry { .. }) => (S::BAD_REQUEST, "invalid_entry", Some("number")),
        Error::Engine(E::TooLarge { .. }) => (S::UNPROCESSABLE_ENTITY, "too_large", None),
        Error::Engine(E::TooFewEntries { .. }) => {
            (S::UNPROCESSABLE_ENTITY, "too_few_entries", None)
        }
        Error::NotSubscribable { .. } => (S::FORBIDDEN, "forbidden", Some("subscriptions")),
        Error::Taken { .. } => (S::CONFLICT, "taken", Some("key")),
        Error::Gone { what: KEY } => (S::UNAUTHORIZED, "unauthorized", None),
        Error::Gone { .. } => (S::CONFLICT, "gone", None),
        Error::Changed { .. } => (S::CONFLICT, "changed", None),
        Error::NotInForce { .. } => (S::SERVICE_UNAVAILABLE, "not_in_force", None),
        Error::Closed => (S::SERVICE_UNAVAILABLE, "shutting_down", None),
        Error::DiskFull { .. } => (S::SERVICE_UNAVAILABLE, "disk_full", None),
        Error::Engine(E::Io { source, .. }) if source.kind() == ErrorKind::StorageFull => {
            (S::SERVICE_UNAVAILABLE, "disk_full", None)
        }
        Error::Engine(E::Panicked) => (S::INTERNAL_SERVER_ERROR, "fault", None),
        Error::Store { .. } | Error::Engine(E::Poisoned { .. } | E::Io { .. }) => {
            (S::SERVICE_UNAVAILABLE, "store_failed", None)
        }
        _ => (S::INTERNAL_SERVER_ERROR, "internal", None),
    }
}

/// Fact and remedy of what happened inside the server: its paths are for its log alone.
fn hidden(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "store_failed" | "internal" => Some((
            "the server cannot read or write its data",
            "see to the disk of the server and restart it; its log says why",
        )),
        "disk_full" => Some((
            "the disk of the server is full; nothing was changed",
            "make room on the disk of the server, then try again",
        )),
        "not_in_force" => Some((
            "the change is durable, but not in force yet",
            "nothing: it is stored, and the server goes on trying",
        )),
        _ => None,
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let (status, code, field) = mapping(&error);
        let (message, remedy) = match hidden(code) {
            Some((fact, remedy)) => {
                tracing::error!(error = mask(&error.to_string()), code, "{fact}");
                (fact.to_owned(), Cow::Borrowed(remedy))
            }
            None => (error.to_string(), error.remedy()),
        };
        Self { status, code, field: field.map(str::to_owned), message, remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_fault_is_named() {
        let error =
            ApiError::from(Error::Engine(callbar::Error::UnknownList { name: "spam".into() }));
        assert_eq!((error.status, error.code), (StatusCode::NOT_FOUND, "unknown_list"));
        assert_eq!(error.field.as_deref(), Some("list"));
        assert_eq!(error.message, "no list \"spam\" in this domain", "the remedy says the rest");
        let response = error.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn paths_of_the_server_are_not_told() {
        let error = ApiError::from(Error::Engine(callbar::Error::Poisoned {
            path: "/var/lib/callbar".into(),
        }));
        assert_eq!(error.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!error.message.contains("/var"), "{error:?}");
    }
}
