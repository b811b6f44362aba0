//! Merges layers of one domain into one.

use std::{iter::Peekable, sync::Arc};

use super::assemble::{self, Assembler};
use crate::index::query::index::{FiledEntry, Index};
use crate::index::{format::sets::Member, key::EntryKey};
use crate::{Error, Result};

/// Entries between two calls of `pause`.
const STRETCH: usize = 1 << 13;

/// The bytes of one layer that stands for all of these, which come newest first. With `bottom` there are
/// no layers below the result: it leaves out removed entries and dropped lists. Without it removed entries
/// stay, to hide those of older layers.
///
/// The result has the lists, the dial plan and the settings of the newest layer, and names no layers below
/// it. Memory: twice the bytes of the result, some 100 bytes for each pattern, and 2 MB. Works on this
/// thread only and calls `pause` again and again, to let others run, until the sections are put together.
///
/// # Errors
/// [`Error::TooLarge`], as a compiler; [`Error::Corrupt`] if a layer has fewer entries than its meta
/// section counts.
pub(crate) fn merge<'l, D: AsRef<[u8]>>(
    layers: &'l [Arc<Index<D>>],
    bottom: bool,
    pause: &mut dyn FnMut(),
) -> Result<Vec<u8>> {
    let mut meta = layers.first().expect("at least one layer").meta.clone();
    meta.below.clear();
    let mut assembler = Assembler::default();
    let source = |layer: &'l Arc<Index<D>>| LayerSource {
        index: layer,
        entries: layer.entries().peekable(),
        taken: 0,
        sets: vec![None; layer.sets()],
    };
    let mut sources: Vec<_> = layers.iter().map(source).collect();
    let is_kept = |member: &Member| {
        let list = meta.lists.get(member.list() as usize);
        !bottom || list.is_some_and(|list| !list.gone)
    };
    let mut merged = 0_usize;
    while let Some(key) =
        sources.iter_mut().filter_map(|source| source.entries.peek()).map(|(key, _)| key).min()
    {
        let key = key.clone();
        merged += 1;
        if merged.is_multiple_of(STRETCH) {
            pause();
        }
        let mut is_newest = true;
        for source in &mut sources {
            let Some((_, found)) = source.next_if(&key) else { continue };
            if is_newest {
                source.put(&key, found, bottom, is_kept, &mut assembler)?;
            }
            is_newest = false;
        }
    }
    // Damaged bytes end a walk early. The result must not replace layers that are whole.
    if sources.iter().any(|source| source.taken != source.index.keys()) {
        return Err(Error::Corrupt { section: "entries", reason: "fewer than the index says" });
    }
    assembler.finish(meta, |filter, blocks| assemble::fill_from_blocks(filter, blocks, pause))
}

/// A layer while it is read, and the ids that its sets have in the result.
struct LayerSource<'a, D, E: Iterator> {
    index: &'a Index<D>,
    entries: Peekable<E>,
    taken: u64,
    sets: Vec<Option<u32>>,
}

impl<'a, D, E> LayerSource<'a, D, E>
where
    D: AsRef<[u8]>,
    E: Iterator<Item = (EntryKey, FiledEntry<'a>)>,
{
    fn next_if(&mut self, key: &EntryKey) -> Option<(EntryKey, FiledEntry<'a>)> {
        let next = self.entries.next_if(|(next, _)| next == key);
        self.taken += u64::from(next.is_some());
        next
    }

    fn put(
        &mut self,
        key: &EntryKey,
        found: FiledEntry<'a>,
        bottom: bool,
        is_kept: impl Fn(&Member) -> bool,
        assembler: &mut Assembler,
    ) -> Result<()> {
        let members = self.index.members(found.set);
        let kept = || members.iter().copied().filter(|member| is_kept(member));
        let removed = kept().next().is_none();
        if removed && bottom {
            return Ok(());
        }
        let known = self.sets.get(found.set as usize).copied().flatten();
        let set = known.map_or_else(|| assembler.interner.id_of(kept()), Ok)?;
        if let Some(known) = self.sets.get_mut(found.set as usize) {
            *known = Some(set);
        }
        let notes =
            kept().filter_map(|member| Some((member.list(), found.notes.of_list(member.list())?)));
        assembler.entry(key, set, removed, notes)
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::super::edits::Edits;
    use super::super::report::WrittenEntry;
    use super::*;
    use crate::index::format::file::{self, FileLayout, Section};
    use crate::index::note::Note;
    use crate::{Action, Compiler, DialPlan, E164};

    type Sections = [Vec<u8>; Section::ALL.len()];

    /// Some entries of every kind, with notes and without.
    fn sample() -> Sections {
        let mut compiler = Compiler::new("d", DialPlan::new("TR").unwrap()).unwrap();
        for (name, action, first) in [("spam", Action::Deny, 0), ("vip", Action::Allow, 7)] {
            let mut list = compiler.list(name, action).unwrap();
            let numbers = (first..50).chain([10_000 + first]).map(|n| 905_050_040_000 + n);
            list.extend_e164(&numbers.map(|n| E164::new(n).unwrap()).collect::<Vec<_>>());
            let texts = ["112", "alice", "*67", "short", "+90532*", "12*", "+1X99XXXXXXX"];
            let expires = [Some(1 << 40), None];
            let noted = texts.iter().enumerate().map(|(i, text)| {
                let note = Note { expires: expires[i % 2], ..Note::default() };
                WrittenEntry::from(text).with_note(note)
            });
            assert_eq!(list.extend(noted), []);
        }
        let file = compiler.finish().unwrap().bytes;
        let layout = FileLayout::parse(&file).unwrap();
        Section::ALL.map(|section| layout.get(&file, section).to_vec())
    }

    /// Reports whether the sections make an index. If so, makes everything of it that can be made.
    fn make_all(sections: &Sections) -> bool {
        let Ok(index) = Index::open(file::assemble(sections.clone())) else { return false };
        let _ = (index.hashes(), Edits::from_index(&index).to_bytes(&[]));
        let layers = [Arc::new(index)];
        let _ = (merge(&layers, true, &mut || ()), merge(&layers, false, &mut || ()));
        true
    }

    #[test]
    fn hostile_layers_behind_right_checksums_do_no_harm() {
        let sound = sample();
        assert!(make_all(&sound));
        // Nothing is made of the filter, so its bytes are left out.
        let sections = (0..sound.len()).filter(|&section| section != Section::Filter as usize);
        let places: Vec<(usize, usize)> = sections
            .flat_map(|section| (0..sound[section].len()).map(move |at| (section, at)))
            .collect();
        let hits = places.into_par_iter().map_init(
            || sound.clone(),
            |sections, (section, at)| {
                let before = sections[section][at];
                let others = [before ^ 1, before ^ 0x80, before.wrapping_add(1), 0, 0xff];
                let sound = others.into_iter().filter(|&other| {
                    sections[section][at] = other;
                    make_all(sections)
                });
                let sound = sound.count();
                sections[section][at] = before;
                sound
            },
        );
        assert!(hits.sum::<usize>() > 1000, "too few that are sound to read");
    }
}
