//! What only the store knows of an entry: its id and when it was made.

use super::{Manager, known_list, known_plan};
use crate::store::{Reader, StoredEntry};
use crate::{Error, Result};
use callbar::{Explanation, Matched, Note, key_of};

impl Manager {
    /// Adds to an explanation what the index of a domain leaves to the store: the id of each entry
    /// and when it was made. What changed since stays as it was explained. A look-up for each match.
    ///
    /// # Errors
    /// [`Error::Store`]
    pub fn identify(&self, explanation: &mut Explanation<'_>) -> Result<()> {
        self.store().read(|reader| {
            explanation.matches.iter_mut().try_for_each(|matched| identify(reader, matched))
        })
    }
}

fn identify(reader: &Reader<'_>, matched: &mut Matched<'_>) -> Result<()> {
    if let Some(StoredEntry { id, created, .. }) = find(reader, matched)? {
        let note = matched.note.unwrap_or_default();
        matched.note = Some(Note { id: Some(id), created: Some(created), ..note });
    }
    Ok(())
}

fn find(reader: &Reader<'_>, matched: &Matched<'_>) -> Result<Option<StoredEntry>> {
    let list = known_plan(reader, matched.domain)
        .and_then(|(domain, _)| known_list(reader, domain, matched.list));
    match list {
        Ok(list) => reader.entry(list, &key_of(&matched.entry)),
        Err(Error::Engine(
            callbar::Error::UnknownDomain { .. } | callbar::Error::UnknownList { .. },
        )) => Ok(None),
        Err(error) => Err(error),
    }
}
