//! The answer of a check.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::Number;
use crate::index::format::texts::PATTERN;
use crate::index::key::EntryKey;
use crate::index::list::{Action, List, Response};
use crate::index::note::Note;
use crate::number::{Class, Pattern};

/// The answer to the question about one number.
///
/// 1. An emergency number of the domain's region passes, unless the domain says otherwise or it is known
///    to be the caller's.
/// 2. Of the entries on the domain's own lists that hold the number, the longest wins: a user or local
///    number at its host, an exact number, then the pattern that fixes most of its digits, then a class.
///    Among entries of one length `allow` beats `deny`; among lists of one action the one created first is
///    named.
/// 3. Where none does, the same of the lists of the domains that it subscribes to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict<'a> {
    /// No list holds the number.
    Pass,
    /// A list says to let the call through.
    Allow(Match<'a>),
    /// A list says to bar the call.
    Deny(Match<'a>),
}

/// The list and the entry that decided a verdict.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Match<'a> {
    /// The list that decided.
    pub list: &'a List,
    /// The entry on it, in canonical form.
    pub entry: Entry<'a>,
    /// The domain whose list it is, if that is another one that shares it.
    pub shared_by: Option<&'a str>,
    /// What else is known of the entry.
    pub note: Option<Note<'a>>,
}

/// An entry of a list in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// One number.
    Number(Number),
    /// A prefix, a range or a wildcard, written as [`Pattern`] does.
    Pattern(&'a str),
    /// All numbers of a class.
    Class(Class),
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Pattern(text) => f.write_str(text),
            Self::Class(class) => f.write_str(class.as_str()),
        }
    }
}

impl Entry<'_> {
    /// `exact`, `prefix`, `range`, `wildcard` or `class`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "exact",
            Self::Pattern(text) => Pattern::parse(text).map_or("", |pattern| pattern.kind()),
            Self::Class(_) => "class",
        }
    }
}

impl From<&Entry<'_>> for EntryKey {
    /// What the entry is filed under.
    fn from(entry: &Entry<'_>) -> Self {
        match entry {
            Entry::Number(number) => Self::from_number(number),
            Entry::Pattern(text) => Self::from_text(PATTERN, text.as_bytes()),
            Entry::Class(class) => Self::from_class(*class),
        }
    }
}

impl Serialize for Entry<'_> {
    /// `{"entry": "+90505*", "kind": "prefix"}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Entry", 2)?;
        object.serialize_field("entry", &format_args!("{self}"))?;
        object.serialize_field("kind", self.kind())?;
        object.end()
    }
}

impl<'a> Verdict<'a> {
    /// What a match makes of a call, by its list's action.
    #[inline]
    pub(crate) fn from_match(by: Match<'a>) -> Self {
        match by.list.action {
            Action::Allow => Self::Allow(by),
            Action::Deny => Self::Deny(by),
        }
    }

    /// `pass`, `allow` or `deny`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Allow(_) => "allow",
            Self::Deny(_) => "deny",
        }
    }

    /// The match that decided, unless nothing matched.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Match<'a>> {
        match self {
            Self::Pass => None,
            Self::Allow(by) | Self::Deny(by) => Some(by),
        }
    }

    /// Whether the call is barred.
    #[must_use]
    pub fn is_deny(&self) -> bool {
        matches!(self, Self::Deny(_))
    }

    /// The response to recommend for a barred call.
    #[must_use]
    pub fn response(&self) -> Option<Response> {
        match self {
            Self::Deny(by) => Some(by.response()),
            Self::Pass | Self::Allow(_) => None,
        }
    }
}

impl Match<'_> {
    /// What to answer a call that this match bars: what the list says; else 433 to a caller who
    /// withholds the number, 608 for a shared list, which speaks for no called party, and 603.
    #[must_use]
    pub fn response(&self) -> Response {
        match (self.list.response, &self.entry) {
            (Some(response), _) => response,
            (None, Entry::Class(Class::Anonymous)) => Response::AnonymityDisallowed,
            (None, _) if self.shared_by.is_some() => Response::Rejected,
            (None, _) => Response::Decline,
        }
    }
}
