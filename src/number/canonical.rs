//! The canonical forms of a number: what lists hold and calls are looked up by.
//!
//! Two numbers are the same if tag and digits (or bytes) are the same. Forms with different tags are never the
//! same: a short code 911 is not the E.164 number +911... of some country.
//!
//! Each form is written as one line of text, and the same in JSON: E.164 as `+905050047824`, the other forms
//! as they are, less what would break a line or read back as something else. That is percent-encoded.

use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::characters::{self, may_be_host, may_stand_in_user};
use crate::error::{E164Error, NumberError};
use crate::number::{text_as_json, words};

/// Digits of the shortest number of a subscriber. Fewer digits may be a mistyped short code, an extension, or a
/// number without its area code.
pub(crate) const SUBSCRIBER: usize = 7;

/// A whole E.164 number, calling code first, 2 to 19 digits. It never begins with 0, so an integer
/// loses nothing: an Italian leading zero sits after the calling code.
///
/// ITU-T E.164 allows 15 digits; an integer of 64 bits holds 19. The facts of libphonenumber say which lengths
/// a [`DialPlan`](crate::DialPlan) takes for possible.
///
/// An integer or a text becomes one by its count of digits alone. No dial plan is asked, so the number may be
/// one that no country has. To read what people write, take [`DialPlan::number`](crate::DialPlan::number).
///
/// # Examples
/// ```
/// use callbar::{E164, E164Error};
///
/// let number: E164 = "+905050047824".parse()?;
/// assert_eq!(number, E164::new(905_050_047_824)?);
/// assert_eq!((number.get(), number.to_string()), (905_050_047_824, "+905050047824".into()));
///
/// let national = "05050047824".parse::<E164>().unwrap_err();
/// assert_eq!(national, E164Error::LeadingZero);
/// # Ok::<(), E164Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct E164(NonZeroU64);

impl E164 {
    /// The number of these digits as an integer: 10 to 10^19 - 1.
    ///
    /// # Errors
    /// [`E164Error::TooShort`] and [`E164Error::TooLong`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{E164, E164Error};
    ///
    /// assert_eq!(E164::new(905_050_047_824)?.to_string(), "+905050047824");
    /// assert_eq!(E164::new(9), Err(E164Error::TooShort));
    /// # Ok::<(), E164Error>(())
    /// ```
    #[inline]
    pub fn new(digits: u64) -> Result<Self, E164Error> {
        let error = if digits < 10 { E164Error::TooShort } else { E164Error::TooLong };
        Self::from_digits(digits).ok_or(error)
    }

    /// As [`Self::new`], for digits that may be none.
    #[inline]
    pub(crate) fn from_digits(digits: u64) -> Option<Self> {
        match digits {
            10..=9_999_999_999_999_999_999 => NonZeroU64::new(digits).map(Self),
            _ => None,
        }
    }

    /// The digits as an integer.
    #[must_use]
    #[inline]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl TryFrom<u64> for E164 {
    type Error = E164Error;

    #[inline]
    fn try_from(digits: u64) -> Result<Self, E164Error> {
        Self::new(digits)
    }
}

impl FromStr for E164 {
    type Err = E164Error;

    /// Reads `+905050047824`, or the digits alone.
    fn from_str(text: &str) -> Result<Self, E164Error> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(E164Error::NotDigits);
        }
        if digits.starts_with('0') {
            return Err(E164Error::LeadingZero);
        }
        if digits.is_empty() {
            return Err(E164Error::TooShort);
        }
        // 20 digits or more do not fit.
        digits.parse().map_or(Err(E164Error::TooLong), Self::new)
    }
}

impl fmt::Display for E164 {
    /// `+905050047824`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.get())
    }
}

text_as_json!(E164);

/// The bytes of a canonical form that is not E.164; [`Text::MAX`] at most, kept in place.
///
/// Equality and hash see the bytes alone.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, Number, Text};
///
/// let code = DialPlan::new("TR")?.number(b"112");
/// let Number::Local(text) = &code else { unreachable!("a short code") };
/// assert_eq!(text.as_bytes(), b"112");
/// assert_eq!(Text::new(b"112").map(Number::Local), Some(code));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Text {
    len: u8,
    /// For reports, see [`Number::reason`]; no part of the key.
    reason: LocalReason,
    bytes: [u8; Text::MAX],
}

impl Text {
    /// The most bytes that a text holds.
    pub const MAX: usize = characters::MOST_BYTES;

    /// These bytes, if they are no more than [`Text::MAX`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Text;
    ///
    /// assert_eq!(Text::new(b"alice").ok_or("too long")?.as_bytes(), b"alice");
    /// assert_eq!(Text::new(&[b'x'; Text::MAX + 1]), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Self::joined(&[bytes], LocalReason::Unstated)
    }

    /// The parts one after the other, if they are no more than [`Text::MAX`] bytes.
    pub(crate) fn joined(parts: &[&[u8]], reason: LocalReason) -> Option<Self> {
        let mut text = Self { len: 0, reason, bytes: [0; Self::MAX] };
        let mut at = 0;
        for part in parts {
            let end = at + part.len();
            text.bytes.get_mut(at..end)?.copy_from_slice(part);
            at = end;
        }
        text.len = u8::try_from(at).ok()?;
        Some(text)
    }

    /// The text of a decoded user, if it is no more than [`Text::MAX`] bytes. An `@` in it stays escaped,
    /// because a host follows a bare one, see [`Number::at_host`].
    pub(crate) fn from_user(decoded: impl Iterator<Item = u8>) -> Option<Self> {
        let mut text = Self { len: 0, reason: LocalReason::Unstated, bytes: [0; Self::MAX] };
        for byte in decoded {
            let escaped: &[u8] = if byte == b'@' { b"%40" } else { &[byte] };
            let end = usize::from(text.len) + escaped.len();
            text.bytes.get_mut(usize::from(text.len)..end)?.copy_from_slice(escaped);
            text.len = u8::try_from(end).ok()?;
        }
        Some(text)
    }

    pub(crate) fn local_reason(&self) -> LocalReason {
        self.reason
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// Why a local number is not an E.164 number. As wide as a number, so that a result of either is returned in
/// registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub(crate) enum LocalReason {
    /// Not known: the number was made from the bytes of a list.
    Unstated,
    Emergency,
    ShortCode,
    TooShort,
    TooLong,
    WrongLength,
    LocalOnly,
    /// Its E.164 form would be read as another number.
    Ambiguous,
    Unassigned,
    Context,
}

impl LocalReason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unstated => "",
            Self::Emergency => "emergency",
            Self::ShortCode => "short code",
            Self::TooShort => "too short",
            Self::TooLong => "too long",
            Self::WrongLength => "impossible length",
            Self::LocalOnly => "local only",
            Self::Ambiguous => "ambiguous",
            Self::Unassigned => "unassigned",
            Self::Context => "local to a context",
        }
    }
}

/// A canonical number: tagged, never compared across tags.
///
/// [`std::fmt::Display`] writes one line of printable text. Under the same dial plan without technical prefixes
/// it reads back as the same number, `invalid` aside. There is no `FromStr`, because a text means a number only
/// to a dial plan: see [`DialPlan::number`](crate::DialPlan::number).
///
/// # Examples
/// ```
/// use callbar::{DialPlan, Number, Tag};
///
/// let plan = DialPlan::new("TR")?;
/// let number = plan.number(b"0505 004 78 24");
/// assert!(matches!(number, Number::E164(digits) if digits.get() == 905_050_047_824));
/// assert_eq!((number.tag(), number.to_string()), (Tag::E, "+905050047824".into()));
/// let code = plan.number(b"112");
/// assert_eq!((code.tag(), code.reason()), (Tag::L, "emergency"));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// An E.164 number whose calling code is assigned and whose length is possible.
    E164(E164),
    /// Digits whose calling code is not assigned, without the plus or international prefix before them.
    Unassigned(Text),
    /// A local number or short code, scoped to the domain: its digits, after a plus if one was
    /// written, and `;phone-context=` with the domain that it is scoped to, if one was given.
    Local(Text),
    /// A service string: digits, `*` and `#`; or a service URN (RFC 5031) in small letters.
    Service(Text),
    /// An opaque SIP user, percent-decoded, case kept. On a list it may have `@` and a host behind it, in
    /// lower case, and so may a local number and a service string: it then holds calls of that host alone.
    Opaque(Text),
    /// The caller withheld the number (RFC 3323), or no network knows it (3GPP TS 24.229).
    Anonymous,
    /// Nothing that can be a number or a user.
    Invalid(NumberError),
}

impl Number {
    /// The tag.
    #[must_use]
    pub fn tag(&self) -> Tag {
        match self {
            Self::E164(_) | Self::Unassigned(_) => Tag::E,
            Self::Local(_) => Tag::L,
            Self::Service(_) => Tag::S,
            Self::Opaque(_) => Tag::N,
            Self::Anonymous => Tag::Anonymous,
            Self::Invalid(_) => Tag::Invalid,
        }
    }

    /// Reports whether a text was read as one number that somebody may dial. Names, withheld and invalid
    /// numbers are not. Neither is a local number of a wrong length, nor a service code with a number behind
    /// it: a call to either may reach a number that no list was asked about.
    ///
    /// # Examples
    /// ```
    /// let plan = callbar::DialPlan::new("TR")?;
    /// assert!(plan.entry(b"0505 004 78 24").is_dialable());
    /// assert!(plan.entry(b"*67").is_dialable());
    /// assert!(!plan.entry(b"050500478245050047825").is_dialable(), "two numbers in one");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use]
    pub fn is_dialable(&self) -> bool {
        match self {
            Self::E164(_) | Self::Unassigned(_) => true,
            Self::Local(digits) => {
                let is_wrong =
                    matches!(digits.reason, LocalReason::TooLong | LocalReason::WrongLength);
                digits.as_bytes().len() < SUBSCRIBER || !is_wrong
            }
            Self::Service(code) => {
                code.as_bytes().iter().filter(|byte| byte.is_ascii_digit()).count() < SUBSCRIBER
            }
            Self::Opaque(_) | Self::Anonymous | Self::Invalid(_) => false,
        }
    }

    /// The user, local number or service string without its host.
    pub(crate) fn without_host(&self) -> Option<Self> {
        self.with_text(|text| {
            let at = text.as_bytes().iter().rposition(|&byte| byte == b'@')?;
            Text::joined(&[&text.as_bytes()[..at]], text.reason)
        })
    }

    /// The same at a host, in lower case and without final dots; none if it is no user, local number or service
    /// string, or is too long.
    pub(crate) fn at_host(&self, host: &[u8]) -> Option<Self> {
        let end = host.iter().rposition(|&byte| byte != b'.').map_or(0, |last| last + 1);
        self.with_text(|text| {
            let mut whole = Text::joined(&[text.as_bytes(), b"@", &host[..end]], text.reason)?;
            whole.bytes[usize::from(text.len) + 1..].make_ascii_lowercase();
            Some(whole)
        })
    }

    /// A user, local number or service string with another text.
    fn with_text(&self, change: impl FnOnce(&Text) -> Option<Text>) -> Option<Self> {
        match self {
            Self::Local(text) => change(text).map(Self::Local),
            Self::Service(text) => change(text).map(Self::Service),
            Self::Opaque(text) => change(text).map(Self::Opaque),
            _ => None,
        }
    }

    /// Why the number has its form, in a word or two: `short code`, `too short`, `unassigned`; of an invalid
    /// one fact and remedy, see [`NumberError`]. Empty for a plain E.164 number, and for a local one that was
    /// made from the bytes of a list.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert_eq!(plan.number(b"0505 004 78 24").reason(), "");
    /// assert_eq!(plan.number(b"0505").reason(), "too short");
    /// assert_eq!(plan.number(b"+2100505").reason(), "unassigned");
    /// assert_eq!(plan.number(b"alice").reason(), "opaque user");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::E164(_) => "",
            Self::Unassigned(_) => "unassigned",
            Self::Local(text) => text.reason.as_str(),
            Self::Service(_) => "service",
            Self::Opaque(_) => "opaque user",
            Self::Anonymous => "withheld",
            Self::Invalid(reason) => reason.as_str(),
        }
    }
}

words! {
    /// The kind of a canonical form, as reports write it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Tag};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let tag = |text: &str| plan.number(text.as_bytes()).tag();
    /// assert_eq!((tag("0505 004 78 24"), tag("112"), tag("*67")), (Tag::E, Tag::L, Tag::S));
    /// assert_eq!((tag("alice"), tag("sip:anonymous@anonymous.invalid")), (Tag::N, Tag::Anonymous));
    /// assert_eq!(Tag::Anonymous.to_string(), "anonymous");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub enum Tag {
        /// E.164 digits, the calling code assigned or not.
        E = "E",
        /// Local number or short code.
        L = "L",
        /// Service string.
        S = "S",
        /// Opaque SIP user.
        N = "N",
        /// Withheld.
        Anonymous = "anonymous",
        /// Neither number nor user.
        Invalid = "invalid",
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::E164(number) => number.fmt(f),
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

impl Serialize for Number {
    /// `{"number": "+905050047824", "tag": "E"}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Number", 2)?;
        object.serialize_field("number", &format_args!("{self}"))?;
        object.serialize_field("tag", &self.tag())?;
        object.end()
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
        Some((user, host)) if may_be_host(host) => {
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
            let plain = character != ';' && may_stand_in_user(character);
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
    use super::*;

    #[test]
    fn an_e164_number_has_2_to_19_digits() {
        for (digits, expected) in [
            (9, Err(E164Error::TooShort)),
            (10, Ok(10)),
            (9_999_999_999_999_999_999, Ok(9_999_999_999_999_999_999)),
            (10_000_000_000_000_000_000, Err(E164Error::TooLong)),
        ] {
            assert_eq!(E164::new(digits).map(E164::get), expected);
            assert_eq!(E164::try_from(digits).map(E164::get), expected);
            assert_eq!(digits.to_string().parse().map(E164::get), expected);
        }
    }

    #[test]
    fn an_e164_number_is_read_as_it_is_written() {
        let number = E164::new(905_050_047_824).unwrap();
        assert_eq!(number.to_string(), "+905050047824");
        for text in ["+905050047824", "905050047824"] {
            assert_eq!(text.parse(), Ok(number));
            let json = format!("\"{text}\"");
            assert_eq!(serde_json::from_str::<E164>(&json).unwrap(), number);
        }
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"+905050047824\"");
        for (wrong, error) in [
            ("", E164Error::TooShort),
            ("+", E164Error::TooShort),
            ("05050047824", E164Error::LeadingZero),
            ("+90 505", E164Error::NotDigits),
            ("++90505", E164Error::NotDigits),
            ("18446744073709551616", E164Error::TooLong),
        ] {
            assert_eq!(wrong.parse::<E164>(), Err(error), "{wrong:?}");
            assert!(serde_json::from_str::<E164>(&format!("\"{wrong}\"")).is_err());
        }
        assert!(serde_json::from_str::<E164>("905050047824").is_err());
    }

    #[test]
    fn a_text_holds_126_bytes() {
        assert_eq!(Text::new(&[b'a'; 126]).unwrap().as_bytes(), [b'a'; 126]);
        assert!(Text::new(&[b'a'; 127]).is_none());
        assert!(Text::new(&[b'a'; 300]).is_none());
    }

    #[test]
    fn why_a_number_is_local_is_no_part_of_the_key() {
        let stated = Text::joined(&[b"9", b"11"], LocalReason::Emergency).unwrap();
        assert_eq!(Number::Local(stated), Number::Local(Text::new(b"911").unwrap()));
        assert_eq!(Number::Local(stated).reason(), "emergency");
    }

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
        assert_eq!(Number::Invalid(NumberError::TooLong).to_string(), "invalid");
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
