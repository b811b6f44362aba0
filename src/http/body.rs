//! Bodies of requests: read whole within a bound and a time, and parsed into what they must be.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::app::App;
use super::auth::Principal;
use super::error::ApiError;

/// How long a body may take that is read as a whole.
const DEADLINE: Duration = Duration::from_secs(30);

/// The whole body of a caller, who must still be one when it is there.
///
/// # Errors
/// Those of [`read`], and 401.
pub(crate) async fn read_from(
    app: &App,
    caller: &Principal,
    body: Body,
) -> Result<Bytes, ApiError> {
    let bytes = read(app.options().body_max, body).await?;
    app.still(caller)?;
    Ok(bytes)
}

/// The whole body, of `max` bytes at most.
///
/// # Errors
/// 413 `body_too_large`, 408 `body_too_slow`, 400 `body_broken`.
pub(crate) async fn read(max: usize, body: Body) -> Result<Bytes, ApiError> {
    let whole = tokio::time::timeout(DEADLINE, Limited::new(body, max).collect()).await;
    match whole {
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "the body did not arrive within 30 seconds",
            "send it faster, or less of it",
        )),
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(ApiError::too_large(format!("the body has more than {max} bytes")))
        }
        Ok(Err(_)) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "body_broken",
            "the body ended early or is not what its head says",
            "send the whole body",
        )),
    }
}

/// A JSON body, all members of which are known and come once.
///
/// # Errors
/// 400 `bad_json`, at the member that is wrong where that is known, and those of [`read_from`].
pub(crate) async fn json<T: DeserializeOwned>(
    app: &App,
    caller: &Principal,
    body: Body,
) -> Result<T, ApiError> {
    parse(&read_from(app, caller, body).await?)
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let remedy = "send JSON as /callbar/v1/openapi.json describes it";
    serde_json::from_slice(bytes).map_err(|error| {
        let message = error.to_string();
        let told = ApiError::new(StatusCode::BAD_REQUEST, "bad_json", &*message, remedy);
        match quoted(&message) {
            Some(field) => told.at(field),
            None => told,
        }
    })
}

/// The member that serde's message names: ``missing field `number` at line 1 column 2``.
fn quoted(message: &str) -> Option<&str> {
    let named = ["missing field `", "unknown field `", "duplicate field `"];
    let rest = named.iter().find_map(|before| message.strip_prefix(before))?;
    rest.split_once('`').map(|(field, _)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code)]
        number: String,
    }

    #[test]
    fn the_member_at_fault_is_named() {
        let field = |text: &str| parse::<Sample>(text.as_bytes()).unwrap_err().field;
        assert_eq!(field("{}").as_deref(), Some("number"));
        assert_eq!(field(r#"{"number":"1","number":"2"}"#).as_deref(), Some("number"));
        assert_eq!(field(r#"{"nummer":"1"}"#).as_deref(), Some("nummer"));
        assert_eq!(field("{"), None);
        assert_eq!(parse::<Sample>(b"{\"number\":\"\xff\"}").unwrap_err().code, "bad_json");
    }
}
