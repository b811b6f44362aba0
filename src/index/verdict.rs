//! What a list says, and what a check answers.

use std::collections::HashSet;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::names;
use super::note::Note;
use super::response::Response;
use crate::Number;
use crate::number::{Class, Pattern};
use crate::{Error, Result};

/// What a list says about the calls of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The call is barred.
    Deny,
    /// The call is let through, whatever a deny list says of the same number.
    Allow,
}

/// A named set of numbers of a domain.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct List {
    /// Its name, unique in the domain; case counts.
    pub name: String,
    /// What it says.
    pub action: Action,
    /// What to answer a call that it bars; none leaves that to [`Match::response`].
    pub response: Option<Response>,
    /// How many distinct entries are on it, expired ones too until they are removed.
    pub entries: u64,
    /// Whether it was dropped. It keeps its place, for older layers count by it.
    #[serde(skip)]
    pub(super) gone: bool,
}

/// What a domain does besides its lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Settings {
    /// Whether the emergency numbers of the region are never barred; true unless told otherwise.
    pub emergency_exempt: bool,
    /// Other domains whose lists count where this domain's own say nothing, in this order; 1,000 at
    /// most. Their entries of numbers, patterns and classes count; those of local numbers, users and
    /// service codes do not, for these are others there.
    pub subscriptions: Vec<String>,
}

/// The most domains that a domain may subscribe to: a check of a number that none of them has asks
/// every one.
const SUBSCRIPTIONS_MAX: usize = 1000;

impl Settings {
    /// Checks the names of the subscriptions and their number.
    ///
    /// # Errors
    /// [`Error::InvalidName`], [`Error::TooLarge`].
    pub fn check(&self) -> Result<()> {
        if self.subscriptions.len() > SUBSCRIPTIONS_MAX {
            let limit = SUBSCRIPTIONS_MAX as u64;
            return Err(Error::TooLarge { what: "subscriptions", limit });
        }
        let mut seen = HashSet::new();
        for name in &self.subscriptions {
            let twice = "is subscribed to already: name it once";
            let checked = names::check_domain(name)
                .and_then(|()| seen.insert(name.to_ascii_lowercase()).then_some(()).ok_or(twice));
            let invalid =
                |reason| Error::InvalidName { what: "domain", name: name.clone(), reason };
            checked.map_err(invalid)?;
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { emergency_exempt: true, subscriptions: Vec::new() }
    }
}

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
    pub(super) fn of(by: Match<'a>) -> Self {
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
