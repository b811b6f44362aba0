//! Refusals in the shape of this API: `{"status":"error","info":"..."}`.

use std::borrow::Cow;
use std::error::Error;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, refusal};
use crate::request;

/// Reads a JSON object. An empty body is an empty object.
///
/// # Errors
/// 400
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, WebitelError> {
    let malformed = |error: &dyn Error| WebitelError::bad_request(format!("Bad request: {error}."));
    // serde_json does not check strings that it skips.
    let text = str::from_utf8(body).map_err(|error| malformed(&error))?;
    let text = if text.is_empty() { "{}" } else { text };
    request::object_from_slice(text.as_bytes()).map_err(|error| malformed(&error))
}

/// A refused request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WebitelError {
    pub(super) status: StatusCode,
    /// Its stable word in the metrics and the log.
    code: Cow<'static, str>,
    /// The text of the answer. Some clients compare it.
    pub(super) info: String,
}

#[derive(Serialize)]
struct WebitelErrorBody<'a> {
    status: &'static str,
    info: &'a str,
}

impl WebitelError {
    fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        info: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), info: info.into() }
    }

    /// A request without a good key, in the words of the original.
    pub(super) fn unauthorized(info: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", info)
    }

    /// A key that has sent too many requests.
    pub(super) fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests.")
    }

    /// A request that cannot be read.
    pub(super) fn bad_request(info: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", info)
    }

    /// A path that does not exist.
    pub(super) fn not_found(info: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", info)
    }
}

impl From<ApiError> for WebitelError {
    fn from(error: ApiError) -> Self {
        let info = match error.status {
            StatusCode::FORBIDDEN => "Permission denied!".to_owned(),
            StatusCode::UNAUTHORIZED => "Invalid User".to_owned(),
            _ => error.message,
        };
        Self::new(error.status, error.code, info)
    }
}

impl From<callbar_store::Error> for WebitelError {
    fn from(error: callbar_store::Error) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for WebitelError {
    fn into_response(self) -> Response {
        let body = WebitelErrorBody { status: "error", info: &self.info };
        refusal((self.status, Json(body)).into_response(), self.code)
    }
}
