//! Reads an entry and its metadata from a line of JSON. Other fields are skipped, not built.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::LineError;
use crate::fields::{Entry, Field, LineNote};
use crate::times::TimeError;

/// Reads the entry of a line: a string, a whole number, or an object that has one of them in `field`. An
/// object may have metadata too.
pub(crate) fn entry<'a>(line: &'a [u8], field: &str) -> Result<Entry<'a>, LineError> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let mut note = Ok(LineNote::default());
    let found = Wanted { object: Some((field, &mut note)) }.deserialize(&mut json);
    match found.and_then(|text| json.end().map(|()| text)) {
        Ok(text) => Ok(Entry { text: text?, note: note? }),
        Err(error) if error.is_data() => Err(LineError::NotAnEntry),
        Err(_) => Err(LineError::NotJson),
    }
}

/// The name of a field, borrowed unless it has an escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of the entry, or why the line is rejected.
type Found<'a> = Result<Cow<'a, [u8]>, LineError>;

/// The metadata so far, or why the line is rejected.
type Metadata<'a> = Result<LineNote<'a>, LineError>;

/// Reads a value. An object inside an object is refused: `object` is `None` there.
struct Wanted<'f, 'de> {
    object: Option<(&'f str, &'f mut Metadata<'de>)>,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_, 'de> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Found<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_, 'de> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a whole number")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Found<'de>, E> {
        Ok(Ok(Cow::Borrowed(text.as_bytes())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found<'de>, E> {
        Ok(Ok(Cow::Owned(text.as_bytes().to_vec())))
    }

    fn visit_u64<E: Error>(self, digits: u64) -> Result<Found<'de>, E> {
        Ok(Ok(Cow::Owned(digits.to_string().into_bytes())))
    }

    /// A number with a fraction or an exponent.
    fn visit_f64<E: Error>(self, _: f64) -> Result<Found<'de>, E> {
        Ok(Err(LineError::Decimal))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let Some((field, note)) = self.object else { return Err(A::Error::custom("nested")) };
        let mut found = None;
        while let Some(Key(name)) = map.next_key()? {
            if name == field {
                let value = map.next_value_seed(Wanted { object: None })?;
                found = Some(if found.is_none() { value } else { Err(LineError::Twice) });
            } else if let Some(field) = Field::from_name(&name) {
                take(note, field, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found.unwrap_or(Err(LineError::NoField)))
    }
}

/// Puts a value into the metadata. An id of another form, and a reason or source that is neither a text
/// nor a number, is ignored. A time that cannot be read is an error, because the entry would never end.
fn take(metadata: &mut Metadata<'_>, field: Field, value: Value) {
    let Ok(note) = metadata else { return };
    let text = match value {
        Value::Null => return,
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ if matches!(field, Field::Created | Field::Expires) => {
            *metadata = Err(TimeError::Unreadable.into());
            return;
        }
        _ => return,
    };
    let set = field.set(note, Cow::Owned(text));
    if let Err(error) = set
        && field != Field::Id
    {
        *metadata = Err(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<String, LineError> {
        let text = entry(line.as_bytes(), "number").map(|entry| entry.text.into_owned());
        text.map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn metadata_stands_beside_the_number() {
        let line = br#"{"id":"54f78cdf66f6b64200000018","number":"1","expires":1790000100,
            "created":"2026-09-21","reason":"","source":42}"#;
        let note = entry(line, "number").unwrap().note;
        let note = note.as_note();
        assert_eq!(note.id.unwrap().to_string(), "54f78cdf66f6b64200000018");
        assert_eq!((note.created, note.expires), (Some(1_789_948_800), Some(1_790_000_100)));
        assert_eq!((note.reason, note.source), (None, Some("42")));
        let other = br#"{"id":7,"number":"1","source":{"a":1},"reason":true,"expires":null}"#;
        assert!(entry(other, "number").unwrap().note.is_empty());
        assert!(entry(br#"{"number":"1","name":"x"}"#, "number").unwrap().note.is_empty());
        for expires in [r#""soon""#, "true", "1.5", "[]"] {
            let line = format!(r#"{{"expires":{expires},"number":"1"}}"#);
            let error = entry(line.as_bytes(), "number").unwrap_err();
            assert_eq!(error, TimeError::Unreadable.into(), "{line}");
        }
    }

    #[test]
    fn strings_numbers_and_fields_are_found() {
        assert_eq!(read(r#""+90 505""#).unwrap(), "+90 505");
        assert_eq!(read("905050047824").unwrap(), "905050047824");
        assert_eq!(read(r#" {"a":[{"number":1}],"number":"\u002b90"} "#).unwrap(), "+90");
        assert_eq!(read(r#"{"number":905050047824,"b":null}"#).unwrap(), "905050047824");
        assert_eq!(read(r#"{"num\u0062er":"1"}"#).unwrap(), "1");
    }

    #[test]
    fn everything_else_is_rejected_with_a_reason() {
        assert_eq!(read(r#"{"phone":"1"}"#), Err(LineError::NoField));
        assert_eq!(read(r#"{"number":"1","number":"1"}"#), Err(LineError::Twice));
        for line in ["null", "[", "[1]", "-1", r#"{"number":null}"#, r#"{"number":{"number":"1"}}"#]
        {
            assert_eq!(read(line), Err(LineError::NotAnEntry), "{line}");
        }
        for line in ["5050047824.0", "5.05e11", r#"{"number":1.5}"#] {
            assert_eq!(read(line), Err(LineError::Decimal), "{line}");
        }
        for line in ["", "{", "+90505", r#""a" "b""#] {
            assert_eq!(read(line), Err(LineError::NotJson), "{line}");
        }
    }
}
