//! The bodies of requests and answers that the server and its clients share, in JSON.
//!
//! A body is declared once: the server reads what a client writes, and the other way round. The command
//! `callbar` is such a client. `native/openapi.json` describes all routes with their bodies. Domains, lists,
//! keys and lines of the log are the views of [`callbar_store`]; a new key is an [`Issued`](crate::Issued).

use std::fmt;

use callbar::{Action, Outcome, OwnedNote, PlanSpec};
use callbar_lists::Moment;
use callbar_store::{Imported, StoredEntry};
use serde::de::{Deserializer, Error as _, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize, Serializer};

pub use crate::error::ErrorBody;
use crate::request;

/// The most items of a page.
pub const PAGE_MAX: u32 = 1_000;
/// The most rejections that the answer to an import lists.
pub const REJECTIONS_MAX: usize = 1_000_000;

/// A page, and the cursor behind which the next one begins: `null` on the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// Its items, in the order that was asked for.
    pub items: Vec<T>,
    /// What to send as `after` for the next page.
    pub next: Option<String>,
}

/// The settings of a domain, for `PUT .../domains/{domain}`. A missing one has the value of a new domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainBody {
    /// How its entries and its calls are read.
    #[serde(deserialize_with = "request::object")]
    pub plan: PlanSpec,
    /// Whether the emergency numbers of its region are never barred.
    #[serde(default = "yes")]
    pub emergency_exempt: bool,
    /// The names of the domains that it subscribes to, the first asked first.
    #[serde(default)]
    pub subscriptions: Vec<String>,
    /// A text for people.
    #[serde(default)]
    pub description: String,
}

fn yes() -> bool {
    true
}

/// The settings of a list, for `PUT .../lists/{list}`. A missing one has the value of a new list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListBody {
    /// Whether it denies or allows a number that is on it.
    #[serde(default = "deny")]
    pub action: Action,
    /// The code of the SIP response to a call that it bars.
    pub response: Option<u16>,
    /// A text for people.
    #[serde(default)]
    pub description: String,
    /// Whether a list that changes to deny keeps patterns that span a whole calling code.
    #[serde(default)]
    pub allow_broad: bool,
}

fn deny() -> Action {
    Action::Deny
}

/// An entry to add to a list, for `POST .../entries`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    /// The number, pattern or class, in any written form.
    pub number: WrittenNumber,
    /// Exports have it. The server ignores it, and makes it of the number again.
    #[serde(skip_serializing)]
    pub canonical: Option<IgnoredAny>,
    /// Its id: 24 hexadecimal digits. Without one the entry keeps its own or gets a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was created; of a day, its first second.
    #[serde(serialize_with = "start", skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// When it ends; of a day, the first second of the next.
    #[serde(serialize_with = "end", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Why it is on the list, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it came from, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether a pattern on a list that denies may span a whole calling code.
    #[serde(default)]
    pub allow_broad: bool,
}

#[expect(clippy::ref_option, reason = "serde asks for it")]
fn start<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(Moment::start).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde asks for it")]
fn end<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(Moment::end).serialize(serializer)
}

/// A number as text. It is also read from an integer, which some programs send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WrittenNumber(pub String);

impl<'de> Deserialize<'de> for WrittenNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = WrittenNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string like \"+905050047824\" or a whole number")
            }

            fn visit_u64<E>(self, integer: u64) -> Result<WrittenNumber, E> {
                Ok(WrittenNumber(integer.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<WrittenNumber, E> {
                Ok(WrittenNumber(text.to_owned()))
            }
        }

        let read = deserializer.deserialize_any(Number);
        read.map_err(|error| D::Error::custom(format_args!("wrong field `number`: {error}")))
    }
}

/// A key to be made, for `POST .../keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyBody {
    /// The word of its interface, see [`CredentialKind`](callbar_store::CredentialKind).
    pub kind: String,
    /// The only domain that it is valid for; `None` for all domains.
    pub domain: Option<String>,
    /// The only list that it is valid for; `None` for all lists.
    pub list: Option<String>,
    /// The word of what it permits, see [`Role`](callbar_store::Role).
    pub role: String,
    /// A text for people.
    #[serde(default)]
    pub label: String,
}

/// The answer to a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// What the change did.
    pub outcome: Outcome,
}

/// The answer to the removal of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedList {
    /// What the removal did.
    pub outcome: Outcome,
    /// How many entries went with the list.
    pub entries: u64,
}

/// An entry as answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// The first written form.
    pub number: String,
    /// The canonical form, by which calls are looked up.
    pub canonical: String,
    /// Its note, whose members stand beside the others.
    #[serde(flatten)]
    pub note: OwnedNote,
}

impl From<StoredEntry> for EntryView {
    fn from(stored: StoredEntry) -> Self {
        let canonical = stored.canonical();
        Self { number: stored.number, canonical, note: stored.note }
    }
}

/// The answer to an added entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedEntry {
    /// What the change did.
    pub outcome: Outcome,
    /// The entry as it is now.
    pub entry: Option<EntryView>,
    /// Why the entry may not do what its writer expects.
    pub warnings: Vec<String>,
}

/// The answer to an import. A refused import has it beside its error, see [`ErrorBody`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// What was done, whose members stand beside the others.
    #[serde(flatten)]
    pub imported: Imported,
    /// How the file was read, for people.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let day = Moment::parse("2026-12-31").unwrap();
        let body = EntryBody {
            number: WrittenNumber("+90505".into()),
            created: day,
            expires: day,
            ..EntryBody::default()
        };
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(
            json,
            r#"{"number":"+90505","created":1798675200,"expires":1798761600,"allow_broad":false}"#
        );
        let read: EntryBody = request::object_from_slice(json.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}
