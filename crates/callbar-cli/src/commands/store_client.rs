//! Sends requests to a data directory with a store, through its server if one runs.

use std::io;
use std::path::Path;
use std::sync::mpsc::Receiver;

use anyhow::{Context, Error, Result, anyhow, bail};
use callbar_server::api::{ErrorBody, PAGE_MAX, Page};
use callbar_server::{Answer, Control, Method};
use callbar_store::{OnManagerEvent, Store};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::input::data_directory;

/// A client of a directory, or of the server that runs on it.
pub(super) struct StoreClient {
    control: Control,
}

/// The body of a request in pieces. It ends when the sender is dropped; an error breaks it off.
pub(super) type BodyPieces = Receiver<io::Result<Vec<u8>>>;

impl StoreClient {
    /// Opens a directory that has a store.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        Self::open_with_events(dir, None)
    }

    /// Opens a directory that has a store. `on_event` gets the progress of imports, unless a server does
    /// them.
    pub(super) fn open_with_events(dir: &Path, on_event: Option<OnManagerEvent>) -> Result<Self> {
        if !Store::exists(dir) {
            bail!(
                "{0} has no store: callbar domain put --data {0} makes one, callbar serve too",
                dir.display()
            );
        }
        Self::connect(dir, on_event)
    }

    /// Opens a directory, and creates it and its store if there are none.
    pub(super) fn open_or_create(dir: &Path) -> Result<Self> {
        if !Store::exists(dir) {
            if !data_directory::has_no_indexes(dir) {
                bail!(
                    "{} holds lists that callbar compile published, and a store would replace them: \
                     give another directory",
                    dir.display()
                );
            }
            let made = std::fs::create_dir_all(dir);
            made.with_context(|| format!("cannot create the directory {}", dir.display()))?;
        }
        Self::connect(dir, None)
    }

    fn connect(dir: &Path, on_event: Option<OnManagerEvent>) -> Result<Self> {
        let control = Control::open(dir, on_event);
        let control = control.with_context(|| format!("cannot open {}", dir.display()))?;
        Ok(Self { control })
    }

    /// Sends a request without a body and returns the answer.
    pub(super) fn request<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T> {
        refuse_empty(path)?;
        parse_answer(&self.control.ask(method, path, b"")?)
    }

    /// Sends a request with a JSON body and returns the answer.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        refuse_empty(path)?;
        parse_answer(&self.control.ask(method, path, &serde_json::to_vec(body)?)?)
    }

    /// Sends a request whose body comes in pieces and returns the answer. A refusal may have a `report`,
    /// which is the answer then.
    pub(super) fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        media: &str,
        pieces: BodyPieces,
    ) -> Result<T> {
        refuse_empty(path)?;
        let mut body = Vec::new();
        let answer = self.control.exchange(Method::POST, path, media, pieces, &mut body)?;
        if answer.status.is_success() {
            return parse_answer(&Answer { body: body.into(), ..answer });
        }
        match serde_json::from_slice(&answer.body) {
            Ok(ErrorBody { report: Some(report), .. }) => Ok(report),
            _ => Err(refusal(&answer)),
        }
    }

    /// Writes the body of an answer while it arrives.
    pub(super) fn download(&self, path: &str, out: &mut impl io::Write) -> Result<()> {
        refuse_empty(path)?;
        let (_, nothing) = std::sync::mpsc::sync_channel(1);
        let answer = self.control.exchange(Method::GET, path, "text/plain", nothing, out)?;
        if answer.status.is_success() { Ok(()) } else { Err(refusal(&answer)) }
    }

    /// Returns the items of all pages, up to `most`. If `path` has a query, more is appended to it.
    pub(super) fn all_pages<T: DeserializeOwned>(&self, path: &str, most: usize) -> Result<Vec<T>> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = format!("{path}{mark}limit={PAGE_MAX}");
        loop {
            let page: Page<T> = self.request(Method::GET, &next)?;
            items.extend(page.items);
            items.truncate(most);
            match page.next {
                Some(after) if items.len() < most => {
                    next = format!("{path}{mark}limit={PAGE_MAX}&after={}", encode_segment(&after));
                }
                _ => return Ok(items),
            }
        }
    }
}

/// Refuses a path with an empty name in it, which would be another path.
fn refuse_empty(path: &str) -> Result<()> {
    let names = path.split_once('?').map_or(path, |(names, _)| names);
    if names.ends_with('/') || names.contains("//") {
        bail!("a name or a number is empty: give one");
    }
    Ok(())
}

/// Returns the answer, or its error with the remedy.
fn parse_answer<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    if !answer.status.is_success() {
        return Err(refusal(answer));
    }
    // The answer to some changes has no body.
    let body = if answer.body.is_empty() { &b"null"[..] } else { &answer.body };
    serde_json::from_slice(body).context("the server answered something else")
}

fn refusal(answer: &Answer) -> Error {
    match serde_json::from_slice::<ErrorBody<IgnoredAny>>(&answer.body) {
        Ok(ErrorBody { error, .. }) => anyhow!("{}: {}", error.message, error.remedy),
        Err(_) => anyhow!("the server failed: it answered {}", answer.status),
    }
}

/// The characters to encode: all but letters, digits and `-._~` ("unreserved" in RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a name or a number as one segment of a path, or as a value of a query.
pub(super) fn encode_segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Returns the path of a domain.
pub(super) fn domain_path(domain: &str) -> String {
    format!("/callbar/v1/domains/{}", encode_segment(domain))
}

/// Returns the path of a list.
pub(super) fn list_path(domain: &str, list: &str) -> String {
    format!("{}/lists/{}", domain_path(domain), encode_segment(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_one_part_of_a_path() {
        assert_eq!(encode_segment("+90 505/..?#").to_string(), "%2B90%20505%2F..%3F%23");
        assert_eq!(list_path("a.b", "kara liste"), "/callbar/v1/domains/a.b/lists/kara%20liste");
    }
}
