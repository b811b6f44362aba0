//! Picks one field out of a line of JSON, without building the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::cell;

/// The text of a line: a plain string or whole number, or those at `field` of an object.
///
/// The error is a reason for a report of rejected lines.
pub(crate) fn text<'a>(line: &'a [u8], field: &str) -> Result<Cow<'a, [u8]>, &'static str> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let found = Wanted { field: Some(field) }.deserialize(&mut json);
    match found.and_then(|text| json.end().map(|()| text)) {
        Ok(Found::Text(text)) => Ok(text),
        Ok(Found::Fraction) => Err(cell::DECIMAL),
        Ok(Found::Absent) => Err("the object lacks the field: give --field NAME"),
        Err(error) if error.is_data() => {
            Err("neither a string, a whole number nor an object with one")
        }
        Err(_) => Err("not JSON: one string or object a line is wanted"),
    }
}

/// Borrowed unless it holds an escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

enum Found<'a> {
    Text(Cow<'a, [u8]>),
    /// A number with a fraction or an exponent.
    Fraction,
    Absent,
}

/// Inside an object no further object is looked into, hence the option.
struct Wanted<'f> {
    field: Option<&'f str>,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Found<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a whole number")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Found<'de>, E> {
        Ok(Found::Text(Cow::Borrowed(text.as_bytes())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found<'de>, E> {
        Ok(Found::Text(Cow::Owned(text.as_bytes().to_vec())))
    }

    fn visit_u64<E: Error>(self, digits: u64) -> Result<Found<'de>, E> {
        Ok(Found::Text(Cow::Owned(digits.to_string().into_bytes())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Found<'de>, E> {
        Ok(Found::Fraction)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let Some(field) = self.field else { return Err(A::Error::custom("nested")) };
        let mut found = Found::Absent;
        while let Some(Key(name)) = map.next_key()? {
            if name == field {
                found = map.next_value_seed(Wanted { field: None })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<String, &'static str> {
        text(line.as_bytes(), "number").map(|text| String::from_utf8(text.into_owned()).unwrap())
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
        assert!(read(r#"{"phone":"1"}"#).unwrap_err().contains("--field"));
        for line in ["null", "[", "[1]", "-1", r#"{"number":null}"#, r#"{"number":{"number":"1"}}"#]
        {
            assert!(read(line).unwrap_err().starts_with("neither"), "{line}");
        }
        for line in ["5050047824.0", "5.05e11", r#"{"number":1.5}"#] {
            assert_eq!(read(line), Err(cell::DECIMAL), "{line}");
        }
        for line in ["", "{", "+90505", r#""a" "b""#] {
            assert!(read(line).unwrap_err().starts_with("not JSON"), "{line}");
        }
    }
}
