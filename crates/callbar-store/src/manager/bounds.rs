//! What is refused before anything is stored: texts without end, and patterns that no index has room
//! for. Whatever is stored can be put into force.

use std::collections::HashMap;

use super::spool::PATTERNS;
use crate::store::{Direction, ListRow, Reader, StoredDomain};
use crate::{Error, Result};
use callbar::{Engine, EntryKey, Settings};

/// Bytes of a number or pattern as written, and of what people say about a domain, a list or a key.
/// No user part of a SIP URI is longer in the field.
const TEXT_MAX: usize = 1024;
/// Bytes of a text that an error repeats.
const TOLD: usize = 64;
/// Prefixes that the patterns of a domain may come to: a quarter of what an index can have, and some
/// 100 MB.
pub(super) const PIECES_MAX: u64 = 1 << 22;
/// Patterns that are looked at together.
const PAGE: u32 = 1_000;

/// # Errors
/// [`callbar::Error::InvalidName`] of a text for people, such as a `description`, that is too long.
pub(super) fn refuse_long(what: &'static str, text: &str) -> Result<()> {
    let reason = callbar::NameError::TextLength;
    if text.len() > TEXT_MAX {
        return Err(Error::Engine(callbar::Error::InvalidName {
            what,
            name: beginning(text),
            reason,
        }));
    }
    Ok(())
}

/// # Errors
/// [`callbar::Error::InvalidEntry`]
pub(super) fn refuse_long_entry(number: &str) -> Result<()> {
    let reason = callbar::EntryError::TooLong;
    if number.len() > TEXT_MAX {
        return Err(Error::Engine(callbar::Error::InvalidEntry {
            text: beginning(number),
            reason,
        }));
    }
    Ok(())
}

/// A text as a report repeats it.
pub(super) fn told(text: &str) -> String {
    if text.len() > TEXT_MAX { beginning(text) } else { text.to_owned() }
}

fn beginning(text: &str) -> String {
    format!("{}...", &text[..text.floor_char_boundary(TOLD)])
}

/// The room that indexes have left for patterns.
pub(super) struct Room<'e> {
    engine: &'e Engine,
    /// Prefixes that are to come into the index of a domain.
    taken: HashMap<String, u64>,
}

impl<'e> Room<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine, taken: HashMap::new() }
    }

    /// Takes room for so many prefixes, in a domain of this name in lower case.
    ///
    /// # Errors
    /// [`callbar::Error::TooLarge`]
    pub(super) fn take(&mut self, domain: &str, pieces: u64) -> Result<()> {
        self.exchange(domain, pieces, || Ok(0))
    }

    /// The same where as many as `less` go, which is asked for only if it matters.
    ///
    /// # Errors
    /// As [`Self::take`], and those of `less`.
    pub(super) fn exchange(
        &mut self,
        domain: &str,
        pieces: u64,
        less: impl FnOnce() -> Result<u64>,
    ) -> Result<()> {
        // One prefix is what any pattern needs, and entries are bounded elsewhere.
        if pieces <= 1 {
            return Ok(());
        }
        let snapshot = self.engine.snapshot();
        let here = snapshot.domain(domain).map_or(0, callbar::Domain::pattern_prefixes);
        let taken = self.taken.entry(domain.to_owned()).or_default();
        let all = here + *taken + pieces;
        if pieces > PIECES_MAX || all > PIECES_MAX && all.saturating_sub(less()?) > PIECES_MAX {
            let what = "prefixes that the ranges and wildcards of a domain come to";
            return Err(Error::Engine(callbar::Error::TooLarge { what, limit: PIECES_MAX }));
        }
        *taken += pieces;
        Ok(())
    }
}

/// How many prefixes the patterns of a list come to.
///
/// # Errors
/// [`Error::Store`]
pub(super) fn pieces_of_list(reader: &Reader<'_>, list: ListRow) -> Result<u64> {
    let mut pieces = 0;
    each_pattern(reader, list, |key, _| {
        pieces += EntryKey::from_stored(key).map_or(0, |key| key.prefixes());
        Ok(())
    })?;
    Ok(pieces)
}

/// Tells the key of each pattern on a list, and how it is written.
///
/// # Errors
/// [`Error::Store`], and those of `each`, which end it.
pub(super) fn each_pattern(
    reader: &Reader<'_>,
    list: ListRow,
    mut each: impl FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let page = reader.by_key(list, PATTERNS, Direction::Ascending, after.as_deref(), PAGE)?;
        let Some(end) = page.last() else { return Ok(()) };
        page.iter().try_for_each(|entry| each(&entry.key, &entry.number))?;
        after = Some(end.key.clone());
    }
}

/// # Errors
/// [`Error::NotSubscribable`] if a domain would subscribe to one that it has not subscribed to.
pub(super) fn refuse_new_subscription(
    old: Option<&StoredDomain>,
    settings: &Settings,
) -> Result<()> {
    let had = old.map_or(&[][..], |old| &old.subscriptions);
    match settings.subscriptions.iter().find(|name| !had.contains(name)) {
        Some(name) => Err(Error::NotSubscribable { name: name.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_refused_and_not_repeated() {
        let long = "ğ".repeat(TEXT_MAX / 2 + 1);
        let told = refuse_long("description", &long).unwrap_err().to_string();
        assert!(told.contains("description") && told.len() < 200, "{told}");
        let told = refuse_long_entry(&long).unwrap_err().to_string();
        assert!(told.contains("1,024") && told.len() < 200, "{told}");
        assert!(refuse_long("label", &long[2..]).is_ok());
    }
}
