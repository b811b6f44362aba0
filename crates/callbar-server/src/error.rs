//! The one error of the HTTP interface, and how errors of the library become it.

use std::borrow::Cow;
use std::io::ErrorKind;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::observe::mask::mask;
use crate::observe::request_log::RefusalCode;
use callbar_store::Error;

/// The word of [`Error::Gone`] for a caller whose key was revoked.
pub(crate) const KEY: &str = "key";

/// A request that is refused or fails: `{"error": {"code", "message", "field", "remedy"}}`.
///
/// Codes are stable. Messages are for people and may change. The other interfaces write the same error in
/// shapes of their own.
///
/// # Examples
/// ```
/// use callbar_server::{ApiError, Method};
/// use callbar_store::Error;
///
/// let error = ApiError::from(Error::Gone { what: "list" });
/// assert!(error.status.is_client_error());
/// assert_eq!(serde_json::to_value(&error)?["code"], *error.code);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The status of the response. It is no part of the body.
    #[serde(skip)]
    pub status: StatusCode,
    /// The error, as a word that never changes.
    pub code: Cow<'static, str>,
    /// The error, for people.
    pub message: String,
    /// The wrong parameter or member of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How to correct it.
    pub remedy: Cow<'static, str>,
}

/// The body of a refusal: `{"error": {...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody<R> {
    /// The error.
    pub error: ApiError,
    /// What was refused, if the request was an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<R>,
}

impl ApiError {
    /// An error without a field.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            field: None,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// A request with a wrong field.
    pub(crate) fn bad_field(
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, remedy).at(field)
    }

    /// The same error with this field.
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// A request without a good key.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        let remedy = "send Authorization: Bearer TOKEN with a token of callbar key create";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message, remedy)
    }

    /// A good key that does not allow the request.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        let remedy = "use a key whose role and domain allow it; callbar key create makes one";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message, remedy)
    }

    /// A path or a thing that does not exist.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        let remedy = "correct the path; /callbar/v1/openapi.json lists all there are";
        Self::new(StatusCode::NOT_FOUND, code, message, remedy)
    }

    /// A body that is too large.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        let remedy = "send less at a time, or use the import of the list";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message, remedy)
    }

    /// The response, with a report of what was refused if there is one.
    pub(crate) fn with_report(self, report: Option<impl Serialize>) -> Response {
        let (status, code) = (self.status, self.code.clone());
        let mut response = (status, Json(ErrorBody { error: self, report })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        refusal(response, code)
    }

    /// A failure of the server, which its log describes.
    pub(crate) fn internal() -> Self {
        let remedy = "try again; if it stays, the log of the server says why";
        let message = "the server failed";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message, remedy)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.with_report(None::<()>)
    }
}

/// Finishes the response to a refused request, in any interface: the code for the metrics and the log, and
/// when to try again if that may help.
pub(crate) fn refusal(mut response: Response, code: impl Into<Cow<'static, str>>) -> Response {
    let status = response.status();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(RefusalCode(code.into()));
    response
}

/// How an error of the library is answered: status, code, and the field at fault.
type Mapping = (StatusCode, &'static str, Option<&'static str>);

#[expect(
    clippy::match_same_arms,
    reason = "the errors are non-exhaustive, so both arms are needed"
)]
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
        Error::Engine(E::InvalidName { what, .. }) | Error::InvalidText { what, .. } => {
            (S::BAD_REQUEST, "invalid_name", Some(what))
        }
        Error::Engine(E::InvalidEntry { .. }) | Error::NotWhole { .. } => {
            (S::BAD_REQUEST, "invalid_entry", Some("number"))
        }
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
        // What a request cannot bring about: the directory or the server is at fault.
        Error::NotAStore { .. }
        | Error::NewerStore { .. }
        | Error::NotManaged { .. }
        | Error::StoreMissing { .. }
        | Error::DamagedPlan
        | Error::Engine(
            E::NotAnIndex
            | E::UnsupportedVersion { .. }
            | E::Corrupt { .. }
            | E::WrongDomain { .. }
            | E::DuplicateDomain { .. }
            | E::File { .. }
            | E::Locked { .. }
            | E::DomainExists { .. }
            | E::NotKept { .. }
            | E::NotOurs { .. },
        ) => (S::INTERNAL_SERVER_ERROR, "internal", None),
        // All variants of today are above. A later one is a fault until it has a line of its own.
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
        Self { status, code: code.into(), field: field.map(str::to_owned), message, remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::CONTENT_TYPE;

    #[test]
    fn what_is_at_fault_is_named() {
        let error =
            ApiError::from(Error::Engine(callbar::Error::UnknownList { name: "spam".into() }));
        assert_eq!((error.status, &*error.code), (StatusCode::NOT_FOUND, "unknown_list"));
        assert_eq!(error.field.as_deref(), Some("list"));
        assert_eq!(error.message, "no list \"spam\" in this domain", "the remedy says the rest");
        let response = error.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn paths_of_the_server_are_not_shown() {
        let error = ApiError::from(Error::Engine(callbar::Error::Poisoned {
            path: "/var/lib/callbar".into(),
        }));
        assert_eq!(error.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!error.message.contains("/var"), "{error:?}");
    }
}
