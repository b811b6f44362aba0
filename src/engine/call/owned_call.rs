//! A call that owns its texts, and its JSON: the form in which the command and HTTP take calls.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::decide::Call;

/// The most bytes of all texts of a call in JSON: as many as a SIP message over UDP can have. Without a
/// bound, one request could ask about a hundred thousand identities.
const LONGEST: usize = 64 << 10;

/// A [`Call`] that owns its texts. In JSON it is an object with the names of the fields; headers that a call
/// does not have are left out or null. Unknown names, repeated names and a call without any text are errors.
///
/// # Examples
/// ```
/// use callbar::OwnedCall;
///
/// # fn main() -> serde_json::Result<()> {
/// let json = r#"{"callee": "sip:112@pbx.example", "from": "<sip:alice@c.example>;tag=1"}"#;
/// let call: OwnedCall = serde_json::from_str(json)?;
/// assert!(call.with(|call| call.callee == Some(b"sip:112@pbx.example")));
/// assert!(serde_json::from_str::<OwnedCall>(r#"{"form": "<sip:alice@c.example>"}"#).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedCall {
    /// As [`Call::callee`].
    pub callee: Option<String>,
    /// As [`Call::from`].
    pub from: Option<String>,
    /// As [`Call::asserted`].
    pub asserted: Vec<String>,
    /// As [`Call::remote_party`].
    pub remote_party: Vec<String>,
    /// As [`Call::privacy`].
    pub privacy: Option<String>,
}

impl OwnedCall {
    /// Lends the call to `ask`, and returns its result.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, OwnedCall};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let call: OwnedCall = serde_json::from_str(r#"{"callee": "02125550147", "from": "05050047824"}"#)?;
    /// assert!(call.with(|call| reader.decide("my.example", call).map(|decision| decision.is_deny()))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with<T>(&self, ask: impl FnOnce(&Call<'_>) -> T) -> T {
        fn bytes(texts: &[String]) -> Vec<&[u8]> {
            texts.iter().map(String::as_bytes).collect()
        }
        ask(&Call {
            callee: self.callee.as_deref().map(str::as_bytes),
            from: self.from.as_deref().map(str::as_bytes),
            asserted: &bytes(&self.asserted),
            remote_party: &bytes(&self.remote_party),
            privacy: self.privacy.as_deref().map(str::as_bytes),
        })
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let one = [&self.callee, &self.from, &self.privacy].into_iter().flatten();
        one.chain(&self.asserted).chain(&self.remote_party)
    }
}

impl<'de> Deserialize<'de> for OwnedCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not derived, because a derived struct could be written as an array too, and its errors would not
        // name the field.
        deserializer.deserialize_map(CallVisitor)
    }
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum CallField {
    Callee,
    From,
    Asserted,
    RemoteParty,
    Privacy,
}

impl CallField {
    /// Its name, and what it holds.
    fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::Callee => ("callee", "a string"),
            Self::From => ("from", "a string"),
            Self::Asserted => ("asserted", "an array of strings"),
            Self::RemoteParty => ("remote_party", "an array of strings"),
            Self::Privacy => ("privacy", "a string"),
        }
    }
}

struct CallVisitor;

impl<'de> Visitor<'de> for CallVisitor {
    type Value = OwnedCall;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with callee, from, asserted, remote_party and privacy")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OwnedCall, A::Error> {
        let mut call = OwnedCall::default();
        let mut seen = Vec::new();
        while let Some(field) = map.next_key::<CallField>()? {
            let (name, expected) = field.described();
            if seen.contains(&field) {
                return Err(A::Error::duplicate_field(name));
            }
            seen.push(field);
            let read = match field {
                CallField::Callee => map.next_value().map(|text| call.callee = text),
                CallField::From => map.next_value().map(|text| call.from = text),
                CallField::Asserted => texts(&mut map).map(|texts| call.asserted = texts),
                CallField::RemoteParty => texts(&mut map).map(|texts| call.remote_party = texts),
                CallField::Privacy => map.next_value().map(|text| call.privacy = text),
            };
            read.map_err(|error| {
                A::Error::custom(format_args!("wrong field `{name}`, which is {expected}: {error}"))
            })?;
        }
        if call.texts().next().is_none() {
            return Err(A::Error::custom("the call is empty: give its callee, from or both"));
        }
        if call.texts().map(String::len).sum::<usize>() > LONGEST {
            let reason =
                format_args!("the call has more than {LONGEST} bytes: answer it 400 (Bad Request)");
            return Err(A::Error::custom(reason));
        }
        Ok(call)
    }
}

fn texts<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Vec<String>, A::Error> {
    map.next_value().map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<OwnedCall, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn missing_headers_are_left_out_or_null() {
        let call = read(r#"{"from": "a", "callee": null, "asserted": null, "remote_party": []}"#);
        assert_eq!(call.unwrap(), OwnedCall { from: Some("a".into()), ..OwnedCall::default() });
        let call = read(r#"{"asserted": ["a", "b"], "privacy": "id"}"#).unwrap();
        assert!(call.with(|call| call.asserted == [b"a", b"b"] && call.privacy == Some(b"id")));
    }

    #[test]
    fn errors_name_the_field_and_what_it_holds() {
        for (json, error) in [
            (r#"{"form": "a"}"#, "unknown field `form`, expected one of `callee`, `from`"),
            (r#"{"from": "a", "from": "a"}"#, "duplicate field `from`"),
            (r#"{"from": 5}"#, "wrong field `from`, which is a string: invalid type"),
            (r#"{"asserted": "a"}"#, "wrong field `asserted`, which is an array of strings: "),
            (r#"{"from": null}"#, "the call is empty"),
            ("{}", "the call is empty"),
            (r#"["a", "b"]"#, "invalid type: sequence, expected an object with callee"),
        ] {
            let read = read(json).unwrap_err();
            assert!(read.starts_with(error), "{json}: {read}");
        }
    }

    #[test]
    fn a_call_has_a_bound() {
        let with = |bytes: usize| read(&format!(r#"{{"from": "{}"}}"#, "a".repeat(bytes)));
        assert!(with(LONGEST).is_ok());
        assert!(with(LONGEST + 1).unwrap_err().contains("more than 65536 bytes"));
    }
}
