//! All entries of an index in the order of their keys.

use super::blocks::Numbers;
use super::format::Section;
use super::fst_walk::Keys;
use super::key::Key;
use super::notes::Rows;
use super::reader::{Found, Index};

/// See [`Index::entries`].
pub(super) struct Entries<'a, D> {
    index: &'a Index<D>,
    numbers: Numbers<'a>,
    notes: Option<Box<dyn FnMut(u64) -> Rows<'a> + 'a>>,
    texts: Keys<'a>,
}

impl<D: AsRef<[u8]>> Index<D> {
    /// E.164 numbers, then all else, ascending, with what is filed under each.
    pub(super) fn entries(&self) -> Entries<'_, D> {
        Entries {
            index: self,
            numbers: self.blocks().numbers(),
            notes: self.notes().map(|notes| Box::new(notes.ascending()) as Box<_>),
            texts: Keys::of(self.section(Section::Texts)),
        }
    }
}

impl<'a, D: AsRef<[u8]>> Iterator for Entries<'a, D> {
    type Item = (Key, Found<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((number, set)) = self.numbers.next() {
            let notes = self.notes.as_mut().map_or(Rows::NONE, |rows| rows(number));
            return Some((Key::E164(number), Found { set, notes }));
        }
        let (text, _) = self.texts.next()?;
        let key = Key::Text(text);
        let found = self.index.find_key(&key)?;
        Some((key, found))
    }
}
