//! Refusals in the shape of this API: `{"status":"error","info":"..."}`.

use std::error::Error;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::observe::request_log::RefusalCode;
use crate::request;

/// A JSON object; no body is an empty one.
///
/// # Errors
/// 400, and what is wrong with it.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let malformed = |error: &dyn Error| Refused::bad_request(format!("Bad request: {error}."));
    // Strings that nobody looks at would not be checked otherwise.
    let text = str::from_utf8(body).map_err(|error| malformed(&error))?;
    let text = if text.is_empty() { "{}" } else { text };
    request::object_from_slice(text.as_bytes()).map_err(|error| malformed(&error))
}

/// A request that is not served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// The stable word of it, for the metrics.
    code: &'static str,
    /// What clients are told; some of them compare it.
    pub(super) info: String,
}

#[derive(Serialize)]
struct Told<'a> {
    status: &'static str,
    info: &'a str,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, info: impl Into<String>) -> Self {
        Self { status, code, info: info.into() }
    }

    /// No caller: the original's own words say why.
    pub(super) fn unauthorized(info: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", info)
    }

    /// A key that has asked too often.
    pub(super) fn too_many() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests.")
    }

    /// A request that cannot be understood.
    pub(super) fn bad_request(info: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", info)
    }

    /// A path that is nowhere.
    pub(super) fn not_found(info: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", info)
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        let info = match error.status {
            StatusCode::FORBIDDEN => "Permission denied!".to_owned(),
            StatusCode::UNAUTHORIZED => "Invalid User".to_owned(),
            _ => error.message,
        };
        Self::new(error.status, error.code, info)
    }
}

impl From<callbar_store::Error> for Refused {
    fn from(error: callbar_store::Error) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let told = Told { status: "error", info: &self.info };
        let mut response = (self.status, Json(told)).into_response();
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}
