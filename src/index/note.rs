//! The metadata of an entry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::EntryError;

/// The most bytes of an entry as written, of the reason or the source of a note, and of other texts for people.
/// No user part of a SIP URI in the field is longer.
pub const TEXT_MAX: usize = 1024;

/// The id of an entry: 12 bytes, written as 24 hexadecimal digits. All zeros are no id.
///
/// # Examples
/// ```
/// use callbar::EntryId;
///
/// let id: EntryId = "54F78cdf66f6b64200000018".parse()?;
/// assert_eq!(id.to_string(), "54f78cdf66f6b64200000018");
/// assert_eq!(EntryId::new(id.bytes()), Some(id));
/// assert_eq!(EntryId::parse("54f78cdf66f6b64200000018"), Some(id));
/// assert!("4711".parse::<EntryId>().is_err());
/// # Ok::<(), callbar::EntryIdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId([u8; 12]);

impl EntryId {
    /// The id of these bytes; `None` if all of them are zero.
    ///
    /// # Examples
    /// ```
    /// use callbar::EntryId;
    ///
    /// let id = EntryId::new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x67]).ok_or("no id")?;
    /// assert_eq!(id.to_string(), "000000000000000000001267");
    /// assert_eq!(EntryId::new([0; 12]), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(bytes: [u8; 12]) -> Option<Self> {
        (bytes != [0; 12]).then_some(Self(bytes))
    }

    /// The id that these 24 hexadecimal digits write, in either case. `FromStr` does the same, with an error.
    ///
    /// # Examples
    /// ```
    /// use callbar::EntryId;
    ///
    /// assert!(EntryId::parse("54F78cdf66f6b64200000018").is_some());
    /// assert_eq!(EntryId::parse("4711"), None);
    /// ```
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

/// A text is no [`EntryId`]. `Display` is the fact, [`remedy`](Self::remedy) what to do about it.
///
/// # Examples
/// ```
/// use callbar::{EntryId, EntryIdError};
///
/// assert_eq!("4711".parse::<EntryId>(), Err(EntryIdError));
/// assert_eq!(EntryIdError.to_string(), "is no id of an entry");
/// assert_eq!(EntryIdError.remedy(), "write 24 hexadecimal digits, not all of them zero");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryIdError;

impl EntryIdError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        "write 24 hexadecimal digits, not all of them zero"
    }
}

impl fmt::Display for EntryIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is no id of an entry")
    }
}

impl std::error::Error for EntryIdError {}

impl FromStr for EntryId {
    type Err = EntryIdError;

    /// Reads 24 hexadecimal digits, in either case.
    fn from_str(digits: &str) -> Result<Self, EntryIdError> {
        Self::parse(digits).ok_or(EntryIdError)
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

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = Cow::<str>::deserialize(deserializer)?;
        let wrong = "an id is 24 hexadecimal digits, not all of them zero";
        Self::parse(&digits).ok_or_else(|| de::Error::custom(wrong))
    }
}

/// The metadata of an entry: who put it there, when, why and until when. Every field may be missing.
///
/// One record for all ways to hold its strings: a [`Note`] borrows them, an [`OwnedNote`] owns them. Times are
/// whole seconds since 1970, or [`SystemTime`] by the methods below.
///
/// # Examples
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use callbar::Note;
///
/// let in_a_week = SystemTime::now() + Duration::from_secs(7 * 24 * 60 * 60);
/// let note = Note::default()
///     .with_reason("complaint 4711")
///     .with_source("web form")
///     .created_at(SystemTime::now())
///     .expires_at(in_a_week);
/// assert!(note.verify().is_ok() && !note.is_empty());
/// assert!(note.expiry_time() >= Some(in_a_week));
/// assert!(note.creation_time() < note.expiry_time());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryNote<S> {
    /// The id by which the store or another system knows the entry.
    pub id: Option<EntryId>,
    /// When the entry was made, in seconds since 1970; never 0.
    pub created: Option<u64>,
    /// The entry does not exist from this second on, counted since 1970; never 0.
    pub expires: Option<u64>,
    /// Why the entry is on the list, for people; [`TEXT_MAX`] bytes at most.
    pub reason: Option<S>,
    /// Where the entry came from, for people; [`TEXT_MAX`] bytes at most.
    pub source: Option<S>,
}

/// A note that borrows its strings.
///
/// # Examples
/// ```
/// use callbar::{Note, OwnedNote};
///
/// let note = Note { expires: Some(1_790_000_100), reason: Some("complaint 4711"), ..Note::default() };
/// let kept = OwnedNote::from(note);
/// assert_eq!(kept.as_note(), note);
/// ```
pub type Note<'a> = EntryNote<&'a str>;

/// A note that owns its strings, to be kept.
///
/// # Examples
/// ```
/// use callbar::OwnedNote;
///
/// let note: OwnedNote = serde_json::from_str(r#"{"expires": 1790000100, "reason": "complaint 4711"}"#)?;
/// assert_eq!(note.reason.as_deref(), Some("complaint 4711"));
/// assert_eq!((note.expires, note.created, note.id), (Some(1_790_000_100), None, None));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub type OwnedNote = EntryNote<Box<str>>;

impl<S> EntryNote<S> {
    /// Reports whether the note says nothing, and need not be kept.
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
    ///
    /// assert!(Note::default().is_empty());
    /// assert!(!Note::default().with_reason("complaint 4711").is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        matches!(self, Self { id: None, created: None, expires: None, reason: None, source: None })
    }

    /// Reports whether the entry exists at `now`, in seconds since 1970.
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
    ///
    /// let note = Note { expires: Some(1_790_000_100), ..Note::default() };
    /// assert!(note.is_live(1_790_000_099) && !note.is_live(1_790_000_100));
    /// assert!(Note::default().is_live(u64::MAX), "no expiry");
    /// ```
    pub fn is_live(&self, now: u64) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }

    /// The same note, with this expiry. A part of a second counts as a whole one, so the entry holds until
    /// then. A time before 1970 becomes 0, which [`verify`](Self::verify) refuses.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use callbar::Note;
    ///
    /// let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_100_500);
    /// assert_eq!(Note::default().expires_at(time).expires, Some(1_790_000_101));
    /// ```
    #[must_use]
    pub fn expires_at(self, time: SystemTime) -> Self {
        let since = since_1970(time);
        let seconds = since.as_secs().saturating_add(u64::from(since.subsec_nanos() > 0));
        Self { expires: Some(seconds), ..self }
    }

    /// The same note, with this time of creation. Parts of a second are dropped. A time before 1970 becomes 0,
    /// which [`verify`](Self::verify) refuses.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use callbar::Note;
    ///
    /// let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_100_500);
    /// assert_eq!(Note::default().created_at(time).created, Some(1_790_000_100));
    /// ```
    #[must_use]
    pub fn created_at(self, time: SystemTime) -> Self {
        Self { created: Some(since_1970(time).as_secs()), ..self }
    }

    /// The same note, with this id.
    ///
    /// # Examples
    /// ```
    /// use callbar::{EntryId, Note};
    ///
    /// let id: EntryId = "54f78cdf66f6b64200000018".parse()?;
    /// assert_eq!(Note::default().with_id(id).id, Some(id));
    /// # Ok::<(), callbar::EntryIdError>(())
    /// ```
    #[must_use]
    pub fn with_id(self, id: EntryId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The same note, with this reason: [`TEXT_MAX`] bytes at most.
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
    ///
    /// assert_eq!(Note::default().with_reason("complaint 4711").reason, Some("complaint 4711"));
    /// ```
    #[must_use]
    pub fn with_reason(self, reason: impl Into<S>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// The same note, with this source: [`TEXT_MAX`] bytes at most.
    ///
    /// # Examples
    /// ```
    /// use callbar::OwnedNote;
    ///
    /// assert_eq!(OwnedNote::default().with_source("web form").source.as_deref(), Some("web form"));
    /// ```
    #[must_use]
    pub fn with_source(self, source: impl Into<S>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// When the entry expires. `None` if it does not, or later than a [`SystemTime`] can be.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use callbar::Note;
    ///
    /// let note = Note { expires: Some(1_790_000_100), ..Note::default() };
    /// assert_eq!(note.expiry_time(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_100)));
    /// ```
    #[must_use]
    pub fn expiry_time(&self) -> Option<SystemTime> {
        time(self.expires?)
    }

    /// When the entry was made. `None` if that is not known, or later than a [`SystemTime`] can be.
    ///
    /// # Examples
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use callbar::Note;
    ///
    /// assert_eq!(Note::default().creation_time(), None);
    /// assert!(Note::default().created_at(SystemTime::now()).creation_time().is_some());
    /// ```
    #[must_use]
    pub fn creation_time(&self) -> Option<SystemTime> {
        time(self.created?)
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn time(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

impl<S: AsRef<str>> EntryNote<S> {
    /// The same note, borrowed.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Note, OwnedNote};
    ///
    /// let kept = OwnedNote::default().with_reason("complaint 4711");
    /// assert_eq!(kept.as_note(), Note::default().with_reason("complaint 4711"));
    /// ```
    pub fn as_note(&self) -> Note<'_> {
        Note {
            id: self.id,
            created: self.created,
            expires: self.expires,
            reason: self.reason.as_ref().map(S::as_ref),
            source: self.source.as_ref().map(S::as_ref),
        }
    }

    /// Checks the bounds of a note. An index and a store refuse a note that fails here.
    ///
    /// # Errors
    /// The reason, if a string is longer than [`TEXT_MAX`] bytes or a time is 0.
    ///
    /// # Examples
    /// ```
    /// use callbar::{EntryError, Note};
    ///
    /// let long = "x".repeat(1025);
    /// assert_eq!(Note::default().with_reason(&*long).verify(), Err(EntryError::LongNote));
    /// let note = Note { expires: Some(0), ..Note::default() };
    /// assert_eq!(note.verify(), Err(EntryError::ZeroTime));
    /// ```
    pub fn verify(&self) -> Result<(), EntryError> {
        let is_long = |string: &Option<S>| {
            string.as_ref().is_some_and(|string| string.as_ref().len() > TEXT_MAX)
        };
        if is_long(&self.reason) || is_long(&self.source) {
            return Err(EntryError::LongNote);
        }
        if self.created == Some(0) || self.expires == Some(0) {
            return Err(EntryError::ZeroTime);
        }
        Ok(())
    }
}

impl From<Note<'_>> for OwnedNote {
    fn from(note: Note<'_>) -> Self {
        let Note { id, created, expires, reason, source } = note;
        Self { id, created, expires, reason: reason.map(Box::from), source: source.map(Box::from) }
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
    fn json_has_every_field_and_comes_back() {
        let id = EntryId::parse("54f78cdf66f6b64200000018");
        let note = Note { id, expires: Some(7), reason: Some("a \"b\""), ..Note::default() };
        let json = serde_json::to_string(&note).unwrap();
        let expected = concat!(
            r#"{"id":"54f78cdf66f6b64200000018","created":null,"expires":7,"#,
            r#""reason":"a \"b\"","source":null}"#
        );
        assert_eq!(json, expected);
        let owned: OwnedNote = serde_json::from_str(&json).unwrap();
        assert_eq!(owned, OwnedNote::from(note));
        assert_eq!(serde_json::to_string(&owned).unwrap(), json);
        assert_eq!(serde_json::from_str::<OwnedNote>("{}").unwrap(), OwnedNote::default());
        for wrong in [r#"{"id":"4711"}"#, r#"{"id":"000000000000000000000000"}"#, r#"{"id":7}"#] {
            assert!(serde_json::from_str::<OwnedNote>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn long_strings_and_times_of_zero_are_refused() {
        let longest = "x".repeat(TEXT_MAX);
        let long = longest.clone() + "x";
        assert_eq!(Note { reason: Some(&longest), ..Note::default() }.verify(), Ok(()));
        let wrong = [
            Note { reason: Some(&long), ..Note::default() },
            Note { source: Some(&long), ..Note::default() },
            Note { created: Some(0), ..Note::default() },
            Note { expires: Some(0), ..Note::default() },
        ];
        for note in wrong {
            assert!(note.verify().is_err() && OwnedNote::from(note).verify().is_err());
            assert!(!note.is_empty());
        }
        assert!(Note::default().is_empty() && OwnedNote::default().is_empty());
    }

    #[test]
    fn times_are_whole_seconds() {
        let time = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        let note = |millis| Note::default().expires_at(time(millis)).created_at(time(millis));
        assert_eq!((note(7000).created, note(7000).expires), (Some(7), Some(7)));
        assert_eq!((note(7001).created, note(7001).expires), (Some(7), Some(8)));
        assert_eq!(note(7000).expiry_time(), Some(time(7000)));
        assert_eq!(note(7000).creation_time(), Some(time(7000)));
        let early = UNIX_EPOCH - Duration::from_secs(1);
        assert!(Note::default().expires_at(early).verify().is_err());
        let never = Note { expires: Some(u64::MAX), ..Note::default() };
        assert_eq!((never.expiry_time(), Note::default().expiry_time()), (None, None));
    }

    #[test]
    fn a_note_is_made_field_by_field() {
        let id = EntryId::new([7; 12]).unwrap();
        let owned = OwnedNote::default().with_id(id).with_reason("why").with_source("where");
        let note = Note::default().with_id(id).with_reason("why").with_source("where");
        assert_eq!(owned.as_note(), note);
        assert_eq!((note.id, note.reason, note.source), (Some(id), Some("why"), Some("where")));
    }

    #[test]
    fn expiry_is_to_the_second() {
        let note = Note { expires: Some(100), ..Note::default() };
        assert!(note.is_live(99) && !note.is_live(100));
        assert!(Note::default().is_live(u64::MAX));
    }
}
