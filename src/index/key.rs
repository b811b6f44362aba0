//! What an entry is filed under: one key for all ways of writing it.

use std::fmt;

use super::format::texts::{self, CLASS, LOCAL, PATTERN, SERVICE, UNASSIGNED, USER};
use super::list::Action;
use super::note::TEXT_MAX;
use crate::number::{Class, ParsedEntry, Pattern, Text, words};
use crate::{DialPlan, E164, Number, error::EntryError};

/// What an entry is filed under. All ways of writing an entry have one key, so entries are equal if
/// their keys are.
///
/// Parse an entry once, where it enters, and carry the key from there: a
/// [`Compiler`](crate::Compiler), a [`Change`](crate::Change) and a store take it as it is. Keys are in the
/// order of an index: E.164 numbers ascending, then all others.
///
/// # Examples
/// ```
/// use callbar::{Action, DialPlan, EntryKey, EntryKind};
///
/// let plan = DialPlan::new("TR")?;
/// let key = EntryKey::parse(b"0505 004 78 24", &plan)?;
/// assert_eq!(key, EntryKey::parse(b"tel:+90-505-004-78-24", &plan)?);
/// assert_eq!((key.kind(), key.to_string()), (EntryKind::E164, "+905050047824".into()));
/// assert_eq!(key.as_e164().map(|number| number.get()), Some(905_050_047_824));
///
/// let turkey = EntryKey::parse(b"0090*", &plan)?;
/// assert_eq!((turkey.as_pattern(), turkey.prefixes()), (Some("+90*"), 1));
/// assert!(turkey.is_broad() && !key.is_broad());
/// assert!(turkey.permit(Action::Deny, false).is_err(), "bars a whole calling code");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey(pub(super) KeyForm);

/// The two forms of a key. E.164 numbers come first, as in an index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum KeyForm {
    /// The digits as an integer.
    E164(u64),
    /// A tag and the canonical text, see [`super::format::texts`].
    Text(Box<[u8]>),
}

words! {
    /// What kind of entry a key stands for.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey, EntryKind};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let kind = |text: &str| EntryKey::parse(text.as_bytes(), &plan).map(|key| key.kind());
    /// assert_eq!(kind("0505 004 78 24"), Ok(EntryKind::E164));
    /// assert_eq!(kind("112"), Ok(EntryKind::Local));
    /// assert_eq!(kind("0505*"), Ok(EntryKind::Pattern));
    /// assert_eq!(kind("alice"), Ok(EntryKind::User));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum EntryKind {
        /// An E.164 number.
        E164 = "e164",
        /// Digits in E.164 form under a calling code that is not assigned.
        Unassigned = "unassigned",
        /// A local number or a short code.
        Local = "local",
        /// A service string such as `*67`.
        Service = "service",
        /// The user of a SIP URI that is no telephone number.
        User = "user",
        /// A prefix, a range or a wildcard.
        Pattern = "pattern",
        /// A class of numbers.
        Class = "class",
    }
}

impl EntryKey {
    /// Reads an entry as an operator writes it, by the dial plan of its domain: a class by its word, a
    /// pattern, or a number in any written form.
    ///
    /// # Errors
    /// The reason why the text cannot be on a list.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryError, EntryKey, NumberError};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let canonical = |text: &str| EntryKey::parse(text.as_bytes(), &plan).map(|key| key.to_string());
    /// assert_eq!(canonical("0505 004 78 24"), Ok("+905050047824".into()));
    /// assert_eq!(canonical("0505*"), Ok("+90505*".into()));
    /// assert_eq!(canonical("Anonymous"), Ok("anonymous".into()));
    /// assert_eq!(canonical("9,0505E+11"), Err(EntryError::Number(NumberError::Spreadsheet)));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn parse(text: &[u8], plan: &DialPlan) -> Result<Self, EntryError> {
        if text.len() > TEXT_MAX {
            return Err(EntryError::TooLong);
        }
        if text.trim_ascii().is_empty() {
            return Err(EntryError::Empty);
        }
        let number = match plan.parse_entry(text)? {
            ParsedEntry::Class(class) => return Ok(Self::from_class(class)),
            ParsedEntry::Pattern(pattern) => return Ok(Self::from_pattern(&pattern)),
            ParsedEntry::Number(number) => number,
        };
        match (&number, texts::key(&number)) {
            (Number::E164(number), _) => Ok(Self::from_e164(number.get())),
            (_, Some((tag, text))) => Ok(Self::from_text(tag, text)),
            (Number::Invalid(reason), None) => Err(EntryError::Number(*reason)),
            // Of a URI without a user, for instance: to file it as the class would bar every caller
            // who withholds the number.
            (_, None) => Err(EntryError::NamesNobody),
        }
    }

    /// The key of a number that a list can hold. A withheld number and an invalid text have none of
    /// their own: they have the key of their class.
    pub(super) fn from_number(number: &Number) -> Self {
        match (number, texts::key(number)) {
            (_, Some((tag, text))) => Self::from_text(tag, text),
            (Number::E164(number), None) => Self::from_e164(number.get()),
            (Number::Anonymous, None) => Self::from_class(Class::Anonymous),
            (_, None) => Self::from_class(Class::Invalid),
        }
    }

    pub(super) fn from_e164(number: u64) -> Self {
        Self(KeyForm::E164(number))
    }

    pub(super) fn from_class(class: Class) -> Self {
        Self::from_text(CLASS, class.as_str().as_bytes())
    }

    pub(super) fn from_pattern(pattern: &Pattern) -> Self {
        Self::from_text(PATTERN, pattern.to_string().as_bytes())
    }

    pub(super) fn from_text(tag: u8, text: &[u8]) -> Self {
        Self(KeyForm::Text([&[tag], text].concat().into()))
    }

    /// What kind of entry it stands for.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey, EntryKind};
    ///
    /// let key = EntryKey::parse(b"*67", &DialPlan::new("TR")?)?;
    /// assert_eq!(key.kind(), EntryKind::Service);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self.tag_and_text().map(|(tag, _)| tag) {
            None => EntryKind::E164,
            Some(UNASSIGNED) => EntryKind::Unassigned,
            Some(LOCAL) => EntryKind::Local,
            Some(SERVICE) => EntryKind::Service,
            Some(PATTERN) => EntryKind::Pattern,
            Some(CLASS) => EntryKind::Class,
            Some(_) => EntryKind::User,
        }
    }

    /// The number, if the entry is an E.164 number.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let number = EntryKey::parse(b"0505 004 78 24", &plan)?.as_e164();
    /// assert_eq!(number.map(|number| number.get()), Some(905_050_047_824));
    /// assert_eq!(EntryKey::parse(b"112", &plan)?.as_e164(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_e164(&self) -> Option<E164> {
        match self.0 {
            KeyForm::E164(number) => E164::from_digits(number),
            KeyForm::Text(_) => None,
        }
    }

    fn tag_and_text(&self) -> Option<(u8, &[u8])> {
        match &self.0 {
            KeyForm::E164(_) => None,
            KeyForm::Text(text) => text.split_first().map(|(&tag, text)| (tag, text)),
        }
    }

    /// The canonical form of the pattern, if the entry is one: [`Pattern::parse`] reads it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert_eq!(EntryKey::parse(b"0505*", &plan)?.as_pattern(), Some("+90505*"));
    /// assert_eq!(EntryKey::parse(b"0505 004 78 24", &plan)?.as_pattern(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_pattern(&self) -> Option<&str> {
        let (tag, text) = self.tag_and_text()?;
        str::from_utf8(text).ok().filter(|_| tag == PATTERN)
    }

    /// Reports whether the entry is a pattern that holds a whole calling code.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert!(EntryKey::parse(b"+90*", &plan)?.is_broad());
    /// assert!(!EntryKey::parse(b"0505*", &plan)?.is_broad());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_broad(&self) -> bool {
        self.as_pattern().and_then(Pattern::parse).is_some_and(|pattern| pattern.is_broad())
    }

    /// How many prefixes an index files the entry under if it is a pattern, else 0. Takes as long as to
    /// count them: 10,000 at most.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    ///
    /// let plan = DialPlan::new("TR")?;
    /// assert_eq!(EntryKey::parse(b"+90505*", &plan)?.prefixes(), 1);
    /// assert_eq!(EntryKey::parse(b"+905-+90512", &plan)?.prefixes(), 4);
    /// assert_eq!(EntryKey::parse(b"0505 004 78 24", &plan)?.prefixes(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn prefixes(&self) -> u64 {
        let pattern = self.as_pattern().and_then(Pattern::parse);
        pattern.map_or(0, |pattern| pattern.pieces().len() as u64)
    }

    /// Asks for consent where a list with this action would bar a whole calling code by this entry.
    ///
    /// # Errors
    /// The reason, if the action is [`Action::Deny`], [`Self::is_broad`] holds and `allow_broad` does not.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, DialPlan, EntryError, EntryKey};
    ///
    /// let turkey = EntryKey::parse(b"+90*", &DialPlan::new("TR")?)?;
    /// assert_eq!(turkey.permit(Action::Deny, false), Err(EntryError::TooBroad));
    /// assert_eq!(turkey.permit(Action::Deny, true), Ok(()));
    /// assert_eq!(turkey.permit(Action::Allow, false), Ok(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn permit(&self, action: Action, allow_broad: bool) -> Result<(), EntryError> {
        let is_refused = action == Action::Deny && !allow_broad && self.is_broad();
        if is_refused { Err(EntryError::TooBroad) } else { Ok(()) }
    }

    /// The key as text, to be stored: `+` and the digits of an E.164 number; for others a letter for
    /// their kind, and the canonical form. Patterns, for instance, begin with `P`: `P+90505*`.
    ///
    /// The form is the same in all releases. Keys of one kind stand together in the order of these texts.
    /// Bytes that are not UTF-8 become U+FFFD, and [`Self::from_stored`] does not read them back.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, EntryKey};
    ///
    /// let key = EntryKey::parse(b"0505*", &DialPlan::new("TR")?)?;
    /// assert_eq!(key.to_stored(), "P+90505*");
    /// assert_eq!(EntryKey::from_stored("P+90505*"), Some(key));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_stored(&self) -> String {
        match &self.0 {
            KeyForm::E164(number) => format!("+{number}"),
            KeyForm::Text(text) => String::from_utf8_lossy(text).into_owned(),
        }
    }

    /// Reads what [`Self::to_stored`] wrote. Reads no dial plan: the key is what it was when it was
    /// stored, though a newer release may know other numbering facts.
    ///
    /// `None` for any other text, and for one with U+FFFD: read the entry as it was written instead.
    ///
    /// # Examples
    /// ```
    /// use callbar::{EntryKey, EntryKind};
    ///
    /// let key = EntryKey::from_stored("P+90505*").ok_or("not a stored key")?;
    /// assert_eq!((key.kind(), key.as_pattern()), (EntryKind::Pattern, Some("+90505*")));
    /// assert_eq!(EntryKey::from_stored("0505 004 78 24"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        if let Some(digits) = stored.strip_prefix('+') {
            let is_canonical =
                !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
            let number = is_canonical.then(|| digits.parse().ok().and_then(E164::from_digits))?;
            return number.map(|number| Self::from_e164(number.get()));
        }
        let (&tag, text) = stored.as_bytes().split_first()?;
        let canonical = str::from_utf8(text).ok()?;
        let is_known = match tag {
            PATTERN => {
                Pattern::parse(canonical).is_some_and(|known| known.to_string() == canonical)
            }
            CLASS => Class::named(text).is_some_and(|class| class.as_str() == canonical),
            UNASSIGNED | LOCAL | SERVICE | USER => {
                (1..=Text::MAX).contains(&text.len()) && !canonical.contains('\u{fffd}')
            }
            _ => false,
        };
        is_known.then(|| Self::from_text(tag, text))
    }
}

/// The canonical form, as people see it: `+905050047824`, `+90505*`, `112`, `alice`, `anonymous`.
impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            KeyForm::E164(number) => write!(f, "+{number}"),
            KeyForm::Text(text) => {
                let text = text.get(1..).unwrap_or_default();
                f.write_str(&String::from_utf8_lossy(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entry;

    fn key(text: &str) -> EntryKey {
        EntryKey::parse(text.as_bytes(), &DialPlan::new("TR").unwrap()).unwrap()
    }

    /// Of every kind one: as written, as shown, as stored.
    const KINDS: [(&str, EntryKind, &str, &str); 8] = [
        ("0505 004 78 24", EntryKind::E164, "+905050047824", "+905050047824"),
        ("+9991234567", EntryKind::Unassigned, "9991234567", "U9991234567"),
        ("112", EntryKind::Local, "112", "L112"),
        ("*67", EntryKind::Service, "*67", "S*67"),
        ("alice", EntryKind::User, "alice", "Nalice"),
        ("0505*", EntryKind::Pattern, "+90505*", "P+90505*"),
        ("+1999XXXXXXX", EntryKind::Pattern, "+1999XXXXXXX", "P+1999XXXXXXX"),
        (" Anonymous", EntryKind::Class, "anonymous", "Canonymous"),
    ];

    #[test]
    fn a_text_that_is_longer_than_any_entry_is_refused_as_that() {
        let plan = DialPlan::new("TR").unwrap();
        let parse = |length| EntryKey::parse("5".repeat(length).as_bytes(), &plan).unwrap_err();
        assert_ne!(parse(TEXT_MAX), EntryError::TooLong);
        assert_eq!(parse(TEXT_MAX + 1), EntryError::TooLong);
    }

    #[test]
    fn a_key_of_every_kind_is_shown_and_stored() {
        for (written, kind, shown, stored) in KINDS {
            let key = key(written);
            assert_eq!((key.kind(), key.to_string().as_str()), (kind, shown), "{written}");
            assert_eq!(key.to_stored(), stored, "{written}");
            assert_eq!(EntryKey::from_stored(stored), Some(key), "{written}");
        }
        let keys: Vec<EntryKey> = KINDS.iter().map(|(written, ..)| key(written)).collect();
        assert!(keys[1..].iter().all(|other| keys[0] < *other), "E.164 numbers come first");
    }

    #[test]
    fn what_is_no_stored_key_is_not_read() {
        let long = "N".repeat(2 + Text::MAX);
        for wrong in [
            "",
            "+",
            "+9",
            "+0905050047824",
            "++905050047824",
            "+905050047824x",
            "+99999999999999999999",
            "905050047824",
            "P",
            "P90505",
            "P+90505**",
            "PX",
            "C",
            "Cnobody",
            "CAnonymous",
            "C anonymous",
            "N",
            "L",
            "Xalice",
            "alice",
            "N\u{fffd}",
            "\u{fc}ber",
            &long,
        ] {
            assert_eq!(EntryKey::from_stored(wrong), None, "{wrong:?}");
        }
        assert!(EntryKey::from_stored(&long[1..]).is_some());
    }

    #[test]
    fn bytes_that_are_no_utf8_are_not_read_back() {
        let key = key("sip:a%ff@host");
        assert_eq!(key.to_stored(), "Na\u{fffd}@host");
        assert_eq!(EntryKey::from_stored(&key.to_stored()), None);
    }

    #[test]
    fn patterns_know_how_far_they_reach() {
        let [turkey, mobile, number] = ["+90*", "+90505*", "+905050047824"].map(key);
        assert_eq!(turkey.as_pattern(), Some("+90*"));
        assert_eq!(number.as_pattern(), None);
        assert!(turkey.is_broad() && !mobile.is_broad() && !number.is_broad());
        assert_eq!([&turkey, &mobile, &number].map(EntryKey::prefixes), [1, 1, 0]);
        assert_eq!(key("+905050047824-+905050047833").prefixes(), 6 + 4);
        assert!(turkey.permit(Action::Deny, false).unwrap_err() == EntryError::TooBroad);
        assert_eq!(turkey.permit(Action::Deny, true), Ok(()));
        assert_eq!(turkey.permit(Action::Allow, false), Ok(()));
        assert_eq!(mobile.permit(Action::Deny, false), Ok(()));
    }

    #[test]
    fn an_entry_of_an_answer_has_the_key_that_it_was_put_by() {
        let plan = DialPlan::new("TR").unwrap();
        for text in ["0505 004 78 24", "+9991234567", "112", "*67", "alice", "112@pbx.example"] {
            assert_eq!(EntryKey::from(&Entry::Number(plan.entry(text.as_bytes()))), key(text));
        }
        assert_eq!(EntryKey::from(&Entry::Pattern("+90505*")), key("0505*"));
        assert_eq!(EntryKey::from(&Entry::Class(Class::Anonymous)), key("anonymous"));
        assert_eq!(EntryKey::from(&Entry::Number(Number::Anonymous)), key("anonymous"));
    }

    #[test]
    fn what_cannot_be_on_a_list_is_refused() {
        let plan = DialPlan::new("TR").unwrap();
        for text in ["", " ", "5,05E+11", "sip:@host", "+90505**"] {
            assert!(EntryKey::parse(text.as_bytes(), &plan).is_err(), "{text:?}");
        }
    }
}
