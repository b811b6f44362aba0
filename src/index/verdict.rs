//! What a list says, and what a check answers.

use serde::Serialize;

use crate::Number;

/// What a list says about the calls of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The call is barred.
    Deny,
    /// The call is let through, whatever a deny list says of the same number.
    Allow,
}

/// A named set of numbers of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct List {
    /// Its name, unique in the domain; case counts.
    pub name: String,
    /// What it says.
    pub action: Action,
    /// How many distinct numbers are on it.
    pub entries: u64,
}

/// The answer to a call.
///
/// Among the lists that hold the number an `allow` list beats every `deny` list; among lists of
/// one action the one created first is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict<'a> {
    /// No list of the domain holds the number.
    Pass,
    /// A list says to let the call through.
    Allow(Match<'a>),
    /// A list says to bar the call, and none to let it through.
    Deny(Match<'a>),
}

/// The list and the entry that decided a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Match<'a> {
    /// The list that decided.
    pub list: &'a List,
    /// The entry on it, in canonical form.
    pub entry: Number,
}

impl<'a> Verdict<'a> {
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
}
