//! The answer of a check as one record, with the names that the command and the server print.

use serde::Serialize;

use super::domain::Domain;
use crate::{Response, Tag};

/// The verdict on a number with its canonical form and the entry that decided: what `callbar check --json`
/// prints and what the server answers. It allocates; a routing thread uses [`Domain::check`].
///
/// # Examples
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let report = reader.snapshot().domain("my.example")?.check_report("0505 004 78 24");
/// assert_eq!((report.verdict, report.list), ("deny", Some("spam")));
/// assert_eq!((report.number.as_str(), report.kind), ("+905050047824", Some("exact")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckReport<'a> {
    /// The text that was checked; bytes that are not UTF-8 replaced.
    pub written: String,
    /// The canonical form.
    pub number: String,
    /// The tag of the canonical form.
    pub tag: Tag,
    /// Why the number has its form: see [`Number::reason`](crate::Number::reason).
    pub reason: &'static str,
    /// `pass`, `allow` or `deny`.
    pub verdict: &'static str,
    /// The list that decided.
    pub list: Option<&'a str>,
    /// The domain that shares the list, if it is not the domain's own.
    pub shared_by: Option<&'a str>,
    /// The entry that decided, in canonical form.
    pub entry: Option<String>,
    /// The kind of the entry: `exact`, `prefix`, `range`, `wildcard` or `class`.
    pub kind: Option<&'static str>,
    /// Why the entry is on the list, as its writer noted.
    pub entry_reason: Option<&'a str>,
    /// The SIP response to answer a barred call with.
    pub response: Option<Response>,
}

impl<'a> Domain<'a> {
    /// The verdict on a number outside a call, as [`Domain::check`] gives it, as one record for reports.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Tag};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let report = snapshot.domain("my.example")?.check_report("112");
    /// assert_eq!((report.tag, report.reason), (Tag::L, "emergency"));
    /// assert_eq!((report.verdict, report.list, report.response), ("pass", None, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn check_report(self, text: impl AsRef<[u8]>) -> CheckReport<'a> {
        let text = text.as_ref();
        let number = self.plan().number(text);
        // By the text and not by the number, because users and local numbers may be listed with their host.
        let verdict = self.check(text);
        let by = verdict.decided_by();
        CheckReport {
            written: String::from_utf8_lossy(text).into_owned(),
            number: number.to_string(),
            tag: number.tag(),
            reason: number.reason(),
            verdict: verdict.as_str(),
            list: by.map(|by| by.list.name.as_str()),
            shared_by: by.and_then(|by| by.shared_by),
            entry: by.map(|by| by.entry.to_string()),
            kind: by.map(|by| by.entry.kind()),
            entry_reason: by.and_then(|by| by.note?.reason),
            response: verdict.response(),
        }
    }
}
