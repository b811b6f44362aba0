//! The lists of a domain, and its settings.

use std::{collections::HashSet, fmt};

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::names::verify_domain_name;
use crate::{Error, Result, error::NameError, number::words};

words! {
    /// What a list does with the calls of its numbers.
    ///
    /// # Examples
    /// ```
    /// use callbar::Action;
    ///
    /// assert_eq!("Deny".parse(), Ok(Action::Deny));
    /// assert_eq!(Action::Allow.to_string(), "allow");
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Action {
        /// The call is barred.
        Deny = "deny",
        /// The call is let through, even if a deny list holds the same number.
        Allow = "allow",
    }
}

/// A named set of numbers of a domain.
///
/// # Examples
/// ```
/// use callbar::{Action, Engine, Response};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let snapshot = Engine::open(data)?.snapshot();
/// let spam = snapshot.domain("my.example")?.lists().next().ok_or("no list")?;
/// assert_eq!((&*spam.name, spam.action, spam.entries), ("spam", Action::Deny, 1));
/// assert_eq!(spam.response, Some(Response::Unwanted));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct List {
    /// Its name, unique in the domain; case counts.
    pub name: String,
    /// What it does with calls.
    pub action: Action,
    /// The response to a call that it bars. If `None`, [`Match::response`](crate::Match::response) chooses.
    pub response: Option<Response>,
    /// How many distinct entries are on it, expired ones too until they are removed.
    pub entries: u64,
    /// Whether it was dropped. It keeps its place, because older layers refer to lists by place.
    #[serde(skip)]
    pub(super) gone: bool,
}

impl List {
    /// A list without entries.
    pub(super) fn new(name: String, action: Action, response: Option<Response>) -> Self {
        Self { name, action, response, entries: 0, gone: false }
    }
}

/// What a domain does besides its lists. JSON may leave fields out, which then have their defaults.
///
/// # Examples
/// ```
/// use callbar::Settings;
///
/// let settings: Settings = serde_json::from_str(r#"{"subscriptions": ["shared.example"]}"#)?;
/// assert!(settings.emergency_exempt);
/// assert!(settings.verify().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the emergency numbers of the region are never barred. The default is true.
    pub emergency_exempt: bool,
    /// Other domains whose lists decide where no own list holds a number, in this order; [`SUBSCRIPTIONS_MAX`] at most.
    /// Their numbers, patterns and classes count. Their local numbers, users and service codes do not,
    /// because these stand for others there.
    pub subscriptions: Vec<String>,
}

/// The most domains that a domain may subscribe to: a check of a number that none of them has looks at
/// every one.
pub const SUBSCRIPTIONS_MAX: usize = 1_000;

impl Settings {
    /// Checks the subscriptions. A compiler and a change refuse settings that fail here.
    ///
    /// # Errors
    /// [`Error::InvalidName`] of a domain that can have no such name, or that is named twice;
    /// [`Error::TooLarge`] beyond [`SUBSCRIPTIONS_MAX`] subscriptions.
    ///
    /// # Examples
    /// ```
    /// use callbar::Settings;
    ///
    /// let twice = vec!["shared.example".into(), "Shared.Example".into()];
    /// let settings = Settings { subscriptions: twice, ..Settings::default() };
    /// assert!(settings.verify().is_err());
    /// ```
    pub fn verify(&self) -> Result<()> {
        if self.subscriptions.len() > SUBSCRIPTIONS_MAX {
            let limit = SUBSCRIPTIONS_MAX as u64;
            return Err(Error::TooLarge { what: "subscriptions", limit });
        }
        let mut seen = HashSet::new();
        for name in &self.subscriptions {
            verify_domain_name(name)?;
            if !seen.insert(name.to_ascii_lowercase()) {
                let reason = NameError::SubscribedTwice;
                return Err(Error::InvalidName { what: "domain", name: name.clone(), reason });
            }
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { emergency_exempt: true, subscriptions: Vec::new() }
    }
}

/// A final response to the INVITE of a barred call.
///
/// # Examples
/// ```
/// use callbar::Response;
///
/// assert_eq!(Response::from_code(607), Some(Response::Unwanted));
/// assert_eq!(Response::Unwanted.to_string(), "607 Unwanted");
/// assert_eq!((Response::Decline.code(), Response::Decline.phrase()), (603, "Decline"));
/// assert_eq!(Response::from_code(404), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Response {
    /// 433, for callers who withhold their number (RFC 5079).
    AnonymityDisallowed,
    /// 603, without a reason (RFC 3261, section 21.6.2).
    Decline,
    /// 607, the called party does not want calls from this caller (RFC 8197).
    Unwanted,
    /// 608, an intermediary rejects the call, not the called party (RFC 8688).
    Rejected,
}

impl Response {
    /// The response of this status code.
    ///
    /// # Examples
    /// ```
    /// use callbar::Response;
    ///
    /// assert_eq!(Response::from_code(603), Some(Response::Decline));
    /// assert_eq!(Response::from_code(200), None, "no refusal");
    /// ```
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        [Self::AnonymityDisallowed, Self::Decline, Self::Unwanted, Self::Rejected]
            .into_iter()
            .find(|response| response.code() == code)
    }

    /// The status code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::AnonymityDisallowed => 433,
            Self::Decline => 603,
            Self::Unwanted => 607,
            Self::Rejected => 608,
        }
    }

    /// The reason phrase of its RFC.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::AnonymityDisallowed => "Anonymity Disallowed",
            Self::Decline => "Decline",
            Self::Unwanted => "Unwanted",
            Self::Rejected => "Rejected",
        }
    }
}

impl fmt::Display for Response {
    /// Code and phrase, as in a status line: `603 Decline`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.phrase())
    }
}

impl Serialize for Response {
    /// `{"code": 603, "phrase": "Decline"}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Response", 2)?;
        fields.serialize_field("code", &self.code())?;
        fields.serialize_field("phrase", self.phrase())?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Response {
    /// By its `code`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct ResponseCode {
            code: u16,
        }

        let ResponseCode { code } = Deserialize::deserialize(deserializer)?;
        Self::from_code(code).ok_or_else(|| {
            de::Error::custom(format_args!("{code} is no response to a barred call"))
        })
    }
}
