//! Reads the bodies and the queries of requests, within a size and a time.
//!
//! serde takes an array for a struct, too, with its elements in the order of the members. A client must send
//! an object. So every body is read by [`object_from_slice`], and a struct within another by [`object`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::access::credential::Principal;
use crate::app::App;
use crate::error::ApiError;

/// How long a body may take that is read into memory.
const DEADLINE: Duration = Duration::from_secs(30);

/// Reads the whole body, and then checks again that the key of the caller is good.
///
/// # Errors
/// Those of [`read`], and 401.
pub(crate) async fn read_from(
    app: &App,
    caller: &Principal,
    body: Body,
) -> Result<Bytes, ApiError> {
    let bytes = read(app.options().body_max, body).await?;
    app.recheck(caller)?;
    Ok(bytes)
}

/// Reads the whole body, of `max` bytes at most.
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

/// Reads a JSON body. Unknown and repeated members are refused.
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
    object_from_slice(bytes).map_err(|error| {
        let message = error.to_string();
        let refusal = ApiError::new(StatusCode::BAD_REQUEST, "bad_json", &*message, remedy);
        match member_in(&message) {
            Some(field) => refusal.at(field),
            None => refusal,
        }
    })
}

/// Reads a JSON object, and refuses text behind it.
///
/// # Errors
/// Those of serde.
pub(crate) fn object_from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = object(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Reads a struct from an object only: for `deserialize_with`.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}

/// Finds the member in a message of serde, such as ``missing field `number` at line 1 column 2``.
fn member_in(message: &str) -> Option<&str> {
    let named = ["missing field `", "unknown field `", "duplicate field `", "wrong field `"];
    let rest = named.iter().find_map(|before| message.strip_prefix(before))?;
    rest.split_once('`').map(|(field, _)| field)
}

/// Reads the query. Unknown and repeated parameters are refused.
///
/// # Errors
/// 400 `bad_query`.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let remedy = "correct the query; /callbar/v1/openapi.json lists its parameters";
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|rejection| {
        let message = rejection.body_text();
        ApiError::new(StatusCode::BAD_REQUEST, "bad_query", message, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
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

    #[test]
    fn a_wrong_query_is_refused() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Limited {
            #[expect(dead_code)]
            limit: Option<u32>,
        }
        for wrong in ["/?limit=x", "/?limit=1&limit=2", "/?other=1"] {
            let uri: Uri = wrong.parse().unwrap();
            assert_eq!(query::<Limited>(&uri).unwrap_err().code, "bad_query", "{wrong}");
        }
    }

    #[test]
    fn an_array_is_no_object() {
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[serde(deserialize_with = "object")]
            inner: Sample,
        }
        let parsed = |text: &str| parse::<Outer>(text.as_bytes()).map(|outer| outer.inner.number);
        assert_eq!(parsed(r#"{"inner":{"number":"1"}}"#).unwrap(), "1");
        for wrong in [r#"{"inner":["1"]}"#, r#"[{"number":"1"}]"#, r#"{"inner":{"number":"1"}} {}"#]
        {
            assert_eq!(parsed(wrong).unwrap_err().code, "bad_json", "{wrong}");
        }
    }
}
