//! What an entry is filed under: one key for all ways of writing it.

use super::texts::{self, CLASS, PATTERN};
#[cfg(feature = "store")]
use super::verdict::Entry;
use crate::number::{Class, Pattern, PatternError};
use crate::{Action, DialPlan, Number, ParsedEntry};

/// Why a pattern cannot be on a deny list without consent.
pub(crate) const BROAD: &str =
    "would bar a whole calling code: narrow it, or allow broad patterns (--allow-broad)";

/// The key of an entry. E.164 numbers come before all others, as in an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    E164(u64),
    /// Tag and text, see [`super::texts`].
    Text(Box<[u8]>),
}

impl Key {
    /// What an operator wrote, by the dial plan: a class by its word, a pattern, or a number.
    ///
    /// `broad` is the consent to deny a whole calling code by one pattern.
    ///
    /// # Errors
    /// Why it cannot be on a list of this action.
    pub(super) fn read(
        text: &[u8],
        plan: &DialPlan,
        action: Action,
        broad: bool,
    ) -> Result<Self, &'static str> {
        if text.trim_ascii().is_empty() {
            return Err("is empty");
        }
        let number = match plan.parse_entry(text).map_err(PatternError::as_str)? {
            ParsedEntry::Class(class) => return Ok(Self::class(class)),
            ParsedEntry::Pattern(pattern) => {
                if action == Action::Deny && !broad && pattern.is_broad() {
                    return Err(BROAD);
                }
                return Ok(Self::pattern(&pattern));
            }
            ParsedEntry::Number(number) => number,
        };
        match (&number, texts::key(&number)) {
            (Number::E164(number), _) => Ok(Self::E164(number.get())),
            (_, Some((tag, text))) => Ok(Self::text(tag, text)),
            (Number::Invalid(reason), None) => Err(reason.as_str()),
            // Of a URI without a user, for instance: to file it as the class would bar every caller
            // who withholds the number.
            (_, None) => Err("names nobody: write the class anonymous if that is meant"),
        }
    }

    fn class(class: Class) -> Self {
        Self::text(CLASS, class.as_str().as_bytes())
    }

    pub(super) fn pattern(pattern: &Pattern) -> Self {
        Self::text(PATTERN, pattern.to_string().as_bytes())
    }

    fn text(tag: u8, text: &[u8]) -> Self {
        Self::Text([&[tag], text].concat().into())
    }

    /// The canonical form of the pattern that it is, if it is one.
    pub(super) fn as_pattern(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        let (&tag, text) = text.split_first()?;
        str::from_utf8(text).ok().filter(|_| tag == PATTERN)
    }
}

/// What an entry is filed under, as text: `+` and digits for an E.164 number, else the tag of its kind
/// and its canonical form, `P+90505*`.
///
/// # Errors
/// Why it cannot be on a list of this action.
#[cfg(feature = "store")]
pub(crate) fn canonical(
    text: &[u8],
    plan: &DialPlan,
    action: Action,
    allow_broad: bool,
) -> Result<String, &'static str> {
    Key::read(text, plan, action, allow_broad).map(|key| match key {
        Key::E164(number) => format!("+{number}"),
        Key::Text(text) => String::from_utf8_lossy(&text).into_owned(),
    })
}

/// What [`canonical`] made of an entry that an index has.
#[cfg(feature = "store")]
pub(crate) fn key_of(entry: &Entry<'_>) -> String {
    let (tag, text) = match entry {
        Entry::Number(number) => match texts::key(number) {
            Some(filed) => filed,
            None => return number.to_string(),
        },
        Entry::Pattern(pattern) => (PATTERN, pattern.as_bytes()),
        Entry::Class(class) => (CLASS, class.as_str().as_bytes()),
    };
    format!("{}{}", char::from(tag), String::from_utf8_lossy(text))
}

/// The canonical form in what [`canonical`] made.
#[cfg(feature = "store")]
pub(crate) fn shown(key: &str) -> &str {
    if key.starts_with('+') { key } else { key.get(1..).unwrap_or_default() }
}

/// Whether what [`canonical`] made is a pattern that spans a whole calling code.
#[cfg(feature = "store")]
pub(crate) fn is_broad_key(key: &str) -> bool {
    pattern_of(key).is_some_and(|pattern| pattern.is_broad())
}

/// How many prefixes what [`canonical`] made is filed under, if it is a pattern; else 0. Takes as
/// long as to count them: 10,000 at most.
#[cfg(feature = "store")]
pub(crate) fn pieces_of_key(key: &str) -> u64 {
    pattern_of(key).map_or(0, |pattern| pattern.pieces().len() as u64)
}

/// The pattern that [`canonical`] made this of, if it is one.
#[cfg(feature = "store")]
fn pattern_of(key: &str) -> Option<Pattern> {
    let is_pattern = key.as_bytes().first() == Some(&PATTERN);
    is_pattern.then(|| shown(key)).and_then(Pattern::parse)
}
