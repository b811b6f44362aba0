//! Refuses, before anything is stored, texts that are too long and patterns that no index has room for.
//! Everything that is stored can be put into force.

use std::collections::HashMap;

use crate::error::TextError;
use crate::store::{Direction, DomainRow, ListRow, Reader, StoredDomain};
use crate::{Error, Result};
use callbar::{Engine, EntryKey, LISTS_MAX, Settings, TEXT_MAX};

/// How the stored keys of all patterns begin, and no other.
pub(super) const PATTERN_PREFIX: &str = "P";

/// The bytes of a long text that an error repeats.
const REPEATED_MAX: usize = 64;
/// The most prefixes that the patterns of a domain may need: a quarter of what an index can have, and some
/// 100 MB.
pub(super) const PREFIXES_MAX: u64 = 1 << 22;
/// Patterns that are read together.
const PAGE: u32 = 1_000;

/// # Errors
/// [`Error::InvalidText`] if a text for people, such as a `description`, is too long.
pub(super) fn refuse_long(what: &'static str, text: &str) -> Result<()> {
    if text.len() > TEXT_MAX {
        let reason = TextError::TooLong;
        return Err(Error::InvalidText { what, text: beginning(text), reason });
    }
    Ok(())
}

/// A text as an error or a report repeats it: of a long one only the beginning.
pub(super) fn shortened(text: &str) -> String {
    if text.len() > TEXT_MAX { beginning(text) } else { text.to_owned() }
}

fn beginning(text: &str) -> String {
    format!("{}...", &text[..text.floor_char_boundary(REPEATED_MAX)])
}

/// # Errors
/// [`callbar::Error::TooLarge`] if a domain has as many lists as its index can have.
pub(super) fn refuse_more_lists(reader: &Reader<'_>, domain: DomainRow) -> Result<()> {
    let limit = LISTS_MAX as u64;
    if reader.lists_count(domain)? < limit {
        return Ok(());
    }
    Err(Error::Engine(callbar::Error::TooLarge { what: "lists of a domain", limit }))
}

/// The room that the indexes have left for patterns.
pub(super) struct PatternRoom<'e> {
    engine: &'e Engine,
    /// The prefixes that are to come into the index of each domain.
    reserved: HashMap<String, u64>,
}

impl<'e> PatternRoom<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine, reserved: HashMap::new() }
    }

    /// Reserves room for so many prefixes in a domain of this name, in lower case. `removed` counts the prefixes
    /// that they replace; it is called only if that matters.
    ///
    /// # Errors
    /// [`callbar::Error::TooLarge`], and those of `removed`.
    pub(super) fn reserve(
        &mut self,
        domain: &str,
        prefixes: u64,
        removed: impl FnOnce() -> Result<u64>,
    ) -> Result<()> {
        // Every pattern needs one prefix, and the number of entries is limited elsewhere.
        if prefixes <= 1 {
            return Ok(());
        }
        let snapshot = self.engine.snapshot();
        let here = snapshot.domain(domain).map_or(0, callbar::Domain::pattern_prefixes);
        let reserved = self.reserved.entry(domain.to_owned()).or_default();
        let all = here + *reserved + prefixes;
        if prefixes > PREFIXES_MAX
            || all > PREFIXES_MAX && all.saturating_sub(removed()?) > PREFIXES_MAX
        {
            let what = "prefixes that the ranges and wildcards of a domain come to";
            return Err(Error::Engine(callbar::Error::TooLarge { what, limit: PREFIXES_MAX }));
        }
        *reserved += prefixes;
        Ok(())
    }
}

/// How many prefixes the patterns of a list need.
///
/// # Errors
/// [`Error::Store`]
pub(super) fn prefixes_of_list(reader: &Reader<'_>, list: ListRow) -> Result<u64> {
    let mut prefixes = 0;
    each_pattern(reader, list, |key, _| {
        prefixes += EntryKey::from_stored(key).map_or(0, |key| key.prefixes());
        Ok(())
    })?;
    Ok(prefixes)
}

/// Calls `each` with the key of each pattern on a list and its text as written.
///
/// # Errors
/// [`Error::Store`], and the first error of `each`.
pub(super) fn each_pattern(
    reader: &Reader<'_>,
    list: ListRow,
    mut each: impl FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let page =
            reader.by_key(list, PATTERN_PREFIX, Direction::Ascending, after.as_deref(), PAGE)?;
        let Some(end) = page.last() else { return Ok(()) };
        page.iter().try_for_each(|entry| each(&entry.key, &entry.number))?;
        after = Some(end.key.clone());
    }
}

/// # Errors
/// [`Error::NotSubscribable`] if the settings add a subscription to those of the stored domain.
pub(super) fn refuse_new_subscription(
    old: Option<&StoredDomain>,
    settings: &Settings,
) -> Result<()> {
    let present = old.map_or(&[][..], |old| &old.subscriptions);
    match settings.subscriptions.iter().find(|name| !present.contains(name)) {
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
        let message = refuse_long("description", &long).unwrap_err().to_string();
        assert!(message.contains("description") && message.len() < 200, "{message}");
        let (thousands, rest) = (TEXT_MAX / 1_000, TEXT_MAX % 1_000);
        assert!(message.contains(&format!("{thousands},{rest:03} bytes")), "{message}");
        assert!(refuse_long("label", &long[2..]).is_ok());
    }
}
