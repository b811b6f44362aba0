//! What an entry may carry besides its number: who put it there, when, why and until when.

use std::fmt;

use serde::{Serialize, Serializer};

/// The longest reason or source of a note, in bytes.
pub(super) const STRING_MAX: usize = 1024;

/// The id of an entry: 12 bytes, written as 24 hexadecimal digits. All zeros are no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId([u8; 12]);

impl EntryId {
    /// The id of these bytes; `None` if all of them are zero.
    #[must_use]
    pub fn new(bytes: [u8; 12]) -> Option<Self> {
        (bytes != [0; 12]).then_some(Self(bytes))
    }

    /// The id that these 24 hexadecimal digits write, in either case.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
        let mut bytes = [0; 12];
        if pairs.len() != bytes.len() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Self::new(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(self) -> [u8; 12] {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The metadata of an entry; nothing of it is needed. Times are seconds since 1970, and not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note<'a> {
    /// The id that the store or another system knows the entry by.
    pub id: Option<EntryId>,
    /// When the entry was made.
    pub created: Option<u64>,
    /// From this second on the entry does not exist.
    pub expires: Option<u64>,
    /// Why it is on the list, for people; 1,024 bytes at most.
    pub reason: Option<&'a str>,
    /// Where it came from, for people; 1,024 bytes at most.
    pub source: Option<&'a str>,
}

impl Note<'_> {
    /// Whether it says nothing at all, and need not be kept.
    pub(super) fn is_empty(&self) -> bool {
        *self == Note::default()
    }

    /// Whether its entry exists at `now`.
    pub(crate) fn is_live(&self, now: u64) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }

    /// What is wrong with it.
    ///
    /// # Errors
    /// A text or a time that no entry can have.
    pub fn verify(&self) -> Result<(), &'static str> {
        let long = |string: Option<&str>| string.is_some_and(|string| string.len() > STRING_MAX);
        if long(self.reason) || long(self.source) {
            return Err("has a reason or a source of more than 1,024 bytes: shorten it");
        }
        if self.created == Some(0) || self.expires == Some(0) {
            return Err("has a time of 0: times are seconds since 1970");
        }
        Ok(())
    }
}

/// A [`Note`] that owns its strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedNote {
    id: Option<EntryId>,
    created: Option<u64>,
    pub(super) expires: Option<u64>,
    reason: Option<Box<str>>,
    source: Option<Box<str>>,
}

impl From<Note<'_>> for OwnedNote {
    fn from(note: Note<'_>) -> Self {
        let Note { id, created, expires, reason, source } = note;
        Self { id, created, expires, reason: reason.map(Box::from), source: source.map(Box::from) }
    }
}

impl OwnedNote {
    /// The same, borrowed.
    #[must_use]
    pub fn as_note(&self) -> Note<'_> {
        Note {
            id: self.id,
            created: self.created,
            expires: self.expires,
            reason: self.reason.as_deref(),
            source: self.source.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_24_hexadecimal_digits() {
        let id = EntryId::parse("54F78cdf66f6b64200000018").unwrap();
        assert_eq!(id.to_string(), "54f78cdf66f6b64200000018");
        for wrong in
            ["", "54f78cdf66f6b6420000001", "54f78cdf66f6b642000000188", "+4f78cdf66f6b64200000018"]
        {
            assert_eq!(EntryId::parse(wrong), None, "{wrong}");
        }
        assert_eq!(EntryId::parse(&"0".repeat(24)), None);
    }

    #[test]
    fn expiry_is_to_the_second() {
        let note = Note { expires: Some(100), ..Note::default() };
        assert!(note.is_live(99) && !note.is_live(100));
        assert!(Note::default().is_live(u64::MAX));
    }
}
