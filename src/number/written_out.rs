//! How canonical forms are written: one line of text each, and the same in JSON.
//!
//! E.164 as `+905050047824`, the other forms as they are, less what would break a line or read
//! back as something else: that is percent-encoded.

use std::fmt::{self, Write};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::canonical::{Number, Tag};
use super::uri;

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::E164(number) => write!(f, "+{}", number.get()),
            Self::Unassigned(text) => {
                f.write_char('+')?;
                escape(f, text.as_bytes(), "")
            }
            Self::Local(text) => at_host(f, text.as_bytes(), local),
            Self::Service(text) => at_host(f, text.as_bytes(), |f, bytes| escape(f, bytes, "#:")),
            Self::Opaque(text) => at_host(f, text.as_bytes(), user),
            Self::Anonymous | Self::Invalid(_) => f.write_str(self.tag().as_str()),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Number {
    /// `{"number": "+905050047824", "tag": "E"}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Number", 2)?;
        object.serialize_field("number", &format_args!("{self}"))?;
        object.serialize_field("tag", &self.tag())?;
        object.end()
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A user, and the host that it is on, if it is on one alone.
fn at_host(
    f: &mut fmt::Formatter<'_>,
    bytes: &[u8],
    write_user: impl Fn(&mut fmt::Formatter<'_>, &[u8]) -> fmt::Result,
) -> fmt::Result {
    let at = bytes.iter().rposition(|&byte| byte == b'@');
    match at.map(|at| (&bytes[..at], &bytes[at + 1..])) {
        Some((user, host)) if uri::may_be_host(host) => {
            write_user(f, user)?;
            write!(f, "@{}", String::from_utf8_lossy(host))
        }
        _ => write_user(f, bytes),
    }
}

/// A user. One without letters and digits is percent-encoded whole: as it is, no entry is read so.
fn user(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut chunks = bytes.utf8_chunks();
    if chunks.any(|chunk| chunk.valid().chars().any(char::is_alphanumeric)) {
        escape(f, bytes, "")
    } else {
        encode(f, bytes)
    }
}

/// Digits, and the context that they are scoped to.
fn local(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let digits = bytes.iter().position(|&byte| byte == b';').unwrap_or(bytes.len());
    let (digits, param) = bytes.split_at(digits);
    let value = param.iter().position(|&byte| byte == b'=').map_or(0, |equals| equals + 1);
    escape(f, digits, "")?;
    escape(f, &param[..value], ";")?;
    escape(f, &param[value..], "")
}

/// Writes what may stand in a user as it is, and `also` these characters, and percent-encodes
/// spaces, controls, bytes that are not UTF-8 and all else that a reader would take for the end of
/// a user.
fn escape(f: &mut fmt::Formatter<'_>, bytes: &[u8], also: &str) -> fmt::Result {
    // An `@` is escaped already, see `Text::from_user`.
    let mut rest = bytes;
    while let Some(at) = rest.windows(3).position(|three| three == b"%40") {
        escape_piece(f, &rest[..at], also)?;
        f.write_str("%40")?;
        rest = &rest[at + 3..];
    }
    escape_piece(f, rest, also)
}

fn escape_piece(f: &mut fmt::Formatter<'_>, bytes: &[u8], also: &str) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            // A semicolon may stand in a user, but is read as the end of a number.
            let plain = character != ';' && uri::may_stand_in_user(character);
            if plain || also.contains(character) {
                f.write_char(character)?;
            } else {
                encode(f, character.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        encode(f, chunk.invalid())?;
    }
    Ok(())
}

fn encode(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "%{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::super::canonical::{E164, Reason, Text};
    use super::*;

    fn opaque(bytes: &[u8]) -> String {
        Number::Opaque(Text::new(bytes).unwrap()).to_string()
    }

    #[test]
    fn forms_are_written_as_reports_want_them() {
        let text = |bytes: &[u8]| Text::new(bytes).unwrap();
        assert_eq!(Number::E164(E164::new(905_050_047_824).unwrap()).to_string(), "+905050047824");
        assert_eq!(Number::Unassigned(text(b"999123")).to_string(), "+999123");
        assert_eq!(
            Number::Local(text(b"7042;phone-context=a.com")).to_string(),
            "7042;phone-context=a.com"
        );
        assert_eq!(Number::Service(text(b"*31#")).to_string(), "*31#");
        assert_eq!(Number::Anonymous.to_string(), "anonymous");
        assert_eq!(Number::Invalid(Reason::TooLong).to_string(), "invalid");
        let tags = [Tag::E, Tag::L, Tag::S, Tag::N, Tag::Anonymous, Tag::Invalid];
        assert_eq!(tags.map(|tag| tag.to_string()), ["E", "L", "S", "N", "anonymous", "invalid"]);
    }

    #[test]
    fn an_opaque_user_stays_one_readable_line() {
        assert_eq!(opaque("Zoë Smith".as_bytes()), "Zoë%20Smith");
        assert_eq!(opaque(b"a\tb\nc\x7f"), "a%09b%0Ac%7F");
        assert_eq!(opaque(b"100%;a@b:c<\">"), "100%25%3Ba%40b%3Ac%3C%22%3E");
        assert_eq!(opaque(b"a%40b@evil.example"), "a%40b@evil.example", "a user at a host");
        assert_eq!(opaque(b" a b "), "%20a%20b%20");
        assert_eq!(opaque(b"a\xff\xc3"), "a%FF%C3");
        assert_eq!(opaque(b"-"), "%2D", "no entry is a user without letters and digits");
        assert_eq!(opaque("\u{202E}a\u{2028}".as_bytes()), "%E2%80%AEa%E2%80%A8");
    }
}
