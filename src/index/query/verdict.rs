//! The answer of a check.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::Number;
use crate::index::list::{Action, List, Response};
use crate::index::{format::texts::PATTERN, key::EntryKey, note::Note};
use crate::number::{Class, Pattern};

/// The verdict on one number.
///
/// 1. An emergency number of the domain's region passes, unless the settings of the domain exempt none or
///    the number is known to be the caller's.
/// 2. The longest entry on the domain's own lists that holds the number wins: a user or local number at its
///    host, then an exact number, then the pattern that fixes most of its digits, then a class. Among
///    entries of one length `allow` beats `deny`. Among lists of one action the one created first is named.
/// 3. If no own list holds the number, the lists of the domains that it subscribes to decide in the same
///    way.
///
/// # Examples
/// ```
/// use callbar::{Engine, Response, Verdict};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let verdict = reader.check("my.example", "0505 004 78 24")?;
/// assert_eq!((verdict.as_str(), verdict.is_deny()), ("deny", true));
/// assert_eq!(verdict.response(), Some(Response::Unwanted));
/// assert_eq!(verdict.decided_by().map(|by| &*by.list.name), Some("spam"));
/// match verdict {
///     Verdict::Pass => println!("on no list"),
///     Verdict::Allow(by) => println!("allowed by {}", by.list.name),
///     Verdict::Deny(by) => println!("denied by {}: {}", by.list.name, by.response()),
///     other => println!("{}", other.as_str()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict<'a> {
    /// No list holds the number.
    Pass,
    /// A list lets the call through.
    Allow(Match<'a>),
    /// A list bars the call.
    Deny(Match<'a>),
}

/// The list and the entry that decided a verdict.
///
/// # Examples
/// ```
/// use callbar::{Engine, Response};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let verdict = reader.check("my.example", "0505 004 78 24")?;
/// let by = verdict.decided_by().ok_or("on no list")?;
/// assert_eq!((&*by.list.name, by.entry.to_string()), ("spam", "+905050047824".into()));
/// assert_eq!((by.shared_by, by.note, by.response()), (None, None, Response::Unwanted));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Match<'a> {
    /// The list that decided.
    pub list: &'a List,
    /// The entry on it, in canonical form.
    pub entry: Entry<'a>,
    /// The domain that shares the list, if it is not the domain's own.
    pub shared_by: Option<&'a str>,
    /// The metadata of the entry.
    pub note: Option<Note<'a>>,
}

/// An entry of a list in canonical form.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Entry, Index};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// assert!(compiler.list("spam", Action::Deny)?.extend(["112", "0505*", "anonymous"]).is_empty());
/// let index = Index::open(compiler.finish()?.bytes)?;
/// let explained = index.explain("0505 004 78 24");
/// assert_eq!(explained.matches[0].entry, Entry::Pattern("+90505*"));
/// assert_eq!(explained.matches[0].entry.kind(), "prefix");
/// assert_eq!(index.explain("sip:anonymous@anonymous.invalid").matches[0].entry.to_string(), "anonymous");
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The verdict of a match, by the action of its list.
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
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let verdict = reader.check("my.example", "0532 111 22 33")?;
    /// assert_eq!(verdict.decided_by().map(|by| &*by.list.name), Some("vip"));
    /// assert!(reader.check("my.example", "0533 111 22 33")?.decided_by().is_none(), "on no list");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn decided_by(&self) -> Option<&Match<'a>> {
        match self {
            Self::Pass => None,
            Self::Allow(by) | Self::Deny(by) => Some(by),
        }
    }

    /// Reports whether the call is barred.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// assert!(reader.check("my.example", "0505 004 78 24")?.is_deny());
    /// assert!(!reader.check("my.example", "0532 111 22 33")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// The response to a call that this match bars: that of the list, if it has one. Else 433 to a caller
    /// who withholds the number, 608 for a shared list, which does not act for the called party, and 603.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Index, Response, Verdict};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24", "anonymous"]).is_empty());
    /// let index = Index::open(compiler.finish()?.bytes)?;
    /// let Verdict::Deny(by) = index.check("0505 004 78 24") else { unreachable!() };
    /// assert_eq!(by.response(), Response::Decline);
    /// let Verdict::Deny(by) = index.check("sip:anonymous@anonymous.invalid") else { unreachable!() };
    /// assert_eq!(by.response(), Response::AnonymityDisallowed);
    /// # Ok::<(), callbar::Error>(())
    /// ```
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
