//! Requests as JSON.
//!
//! Clients are lenient about types, so this reader is, too. A member may be a string, a number, `null` or
//! missing. An object may be missing, `null`, `""`, or `[]`, which PHP writes for an empty one. A repeated
//! member is refused.

use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::fault::Fault;
use super::request::Request;
use crate::request;

#[derive(Deserialize)]
struct RequestEnvelope {
    #[serde(deserialize_with = "request::object")]
    request: RequestBody,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RequestBody {
    #[serde(deserialize_with = "object")]
    authentication: Authentication,
    #[serde(deserialize_with = "object")]
    blacklist: Blacklist,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Authentication {
    #[serde(deserialize_with = "text")]
    key: Option<String>,
    #[serde(deserialize_with = "text")]
    hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Blacklist {
    #[serde(deserialize_with = "object")]
    filter: Filter,
    #[serde(deserialize_with = "text")]
    page: Option<String>,
    #[serde(deserialize_with = "text")]
    row_count: Option<String>,
    #[serde(deserialize_with = "text")]
    number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    #[serde(deserialize_with = "text")]
    start: Option<String>,
    #[serde(deserialize_with = "text")]
    end: Option<String>,
}

/// Reads a request.
///
/// # Errors
/// [`Fault::Unparsed`]
pub(super) fn read(bytes: &[u8]) -> Result<Request, Fault> {
    // serde_json does not check strings that it skips.
    let text = str::from_utf8(bytes).map_err(|_| Fault::Unparsed)?;
    let envelope: RequestEnvelope =
        request::object_from_slice(text.as_bytes()).map_err(|_| Fault::Unparsed)?;
    let RequestBody { authentication, blacklist } = envelope.request;
    let Authentication { key, hash } = authentication;
    let Blacklist { filter, page, row_count: rows, number } = blacklist;
    let Filter { start, end } = filter;
    Ok(Request { key, hash, start, end, page, rows, number })
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum TextOrNumber {
        Text(String),
        Number(Number),
    }
    Ok(Option::<TextOrNumber>::deserialize(deserializer)?.map(|given| match given {
        TextOrNumber::Text(text) => text,
        TextOrNumber::Number(number) => number.to_string(),
    }))
}

fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged, bound(deserialize = "T: Deserialize<'de>"))]
    enum ObjectOrNothing<T> {
        Empty([(); 0]),
        Object(#[serde(deserialize_with = "request::object")] T),
        Text(EmptyText),
    }
    Ok(match Option::<ObjectOrNothing<T>>::deserialize(deserializer)? {
        Some(ObjectOrNothing::Object(object)) => object,
        None | Some(ObjectOrNothing::Empty([]) | ObjectOrNothing::Text(EmptyText::Empty)) => {
            T::default()
        }
    })
}

/// The empty string.
#[derive(Deserialize)]
enum EmptyText {
    #[serde(rename = "")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blacklist(blacklist: &str) -> Result<Request, Fault> {
        read(format!(r#"{{"request":{{"blacklist":{blacklist}}}}}"#).as_bytes())
    }

    #[test]
    fn types_are_lenient() {
        let some = |text: &str| Some(text.to_owned());
        let whole = read(
            r#"{"request":{"authentication":{"key":"k","hash":"h"},"blacklist":
                {"filter":{"start":"s","end":"e"},"page":2,"rowCount":"5","number":5050047824}}}"#
                .as_bytes(),
        );
        let (key, hash, start, end) = (some("k"), some("h"), some("s"), some("e"));
        let (page, rows, number) = (some("2"), some("5"), some("5050047824"));
        assert_eq!(whole, Ok(Request { key, hash, start, end, page, rows, number }));
        for empty in [
            "{}",
            "null",
            "\"\"",
            "[]",
            r#"{"filter":{}}"#,
            r#"{"filter":null}"#,
            r#"{"filter":[]}"#,
            r#"{"filter":"","page":null,"rowCount":null}"#,
        ] {
            assert_eq!(blacklist(empty), Ok(Request::default()), "{empty}");
        }
        assert_eq!(blacklist(r#"{"page":""}"#).unwrap().page, some(""));
        assert_eq!(read(br#"{"request":{}}"#), Ok(Request::default()));
    }

    #[test]
    fn other_bodies_are_refused() {
        for wrong in ["", "{", "{}", "[]", "null", r#"{"requests":{}}"#, r#"{"request":7}"#] {
            assert_eq!(read(wrong.as_bytes()), Err(Fault::Unparsed), "{wrong}");
        }
        for wrong in [
            "7",
            "\"x\"",
            r#"{"page":1,"page":2}"#,
            r#"{"number":["1"]}"#,
            r#"{"page":true}"#,
            r#"{"filter":"2024-09-27 01:10:00"}"#,
            r#"{"filter":["2024-09-27 01:10:00","2024-09-27 01:10:00"]}"#,
            r#"[{},"1","5"]"#,
        ] {
            assert_eq!(blacklist(wrong), Err(Fault::Unparsed), "{wrong}");
        }
        for wrong in [r#"[{"blacklist":{}}]"#, r#"{"request":[{"key":"k","hash":"h"}]}"#] {
            assert_eq!(read(wrong.as_bytes()), Err(Fault::Unparsed), "{wrong}");
        }
        let of_arrays = r#"{"request":{"authentication":["k","h"]}}"#;
        assert_eq!(read(of_arrays.as_bytes()), Err(Fault::Unparsed));
        assert_eq!(read(b"{\"request\":{\"x\":\"\xff\"}}"), Err(Fault::Unparsed));
    }
}
