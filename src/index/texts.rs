//! Entries that are not E.164 numbers: short codes, service strings, opaque users.
//!
//! One FST holds them all; the first byte of a key tells the kind, so no kind meets another.

use super::format::Section;
use super::fst::Fst;
use super::fst_verify::summarise;
use crate::number::Text;
use crate::{Error, Number, Result};

/// The tag and the text under which a number is filed; `None` for E.164 numbers and for classes.
#[inline]
pub(super) fn key(number: &Number) -> Option<(u8, &Text)> {
    match number {
        Number::Unassigned(text) => Some((b'U', text)),
        Number::Local(text) => Some((b'L', text)),
        Number::Service(text) => Some((b'S', text)),
        Number::Opaque(text) => Some((b'N', text)),
        Number::E164(_) | Number::Anonymous | Number::Invalid(_) => None,
    }
}

/// The set id of a text.
#[inline]
pub(super) fn find(section: &[u8], tag: u8, text: &Text) -> Option<u32> {
    let key = std::iter::once(tag).chain(text.as_bytes().iter().copied());
    Fst::new(section)?.get(key).and_then(|id| u32::try_from(id).ok())
}

/// Proves the section sound, with `texts` entries whose set ids are below `sets`.
pub(super) fn verify(section: &[u8], texts: u64, sets: usize) -> Result<()> {
    let corrupt = |reason| Err(Error::Corrupt { section: Section::Texts.name(), reason });
    let sum = summarise(section, 1 + Text::MAX, Section::Texts.name())?;
    if sum.keys != texts {
        return corrupt("not as many entries as the meta section says");
    }
    if sum.keys > 0 && sum.greatest >= sets as u64 {
        return corrupt("a set id beyond the table of sets");
    }
    Ok(())
}

/// Builds the section from keys in ascending order, each a tag and a text.
pub(super) fn build<'a>(entries: impl Iterator<Item = (&'a [u8], u32)>) -> Vec<u8> {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return Vec::new();
    }
    let mut builder = fst::MapBuilder::memory();
    for (key, id) in entries {
        builder.insert(key, u64::from(id)).expect("keys ascend");
    }
    builder.into_inner().expect("a vector takes every write")
}
