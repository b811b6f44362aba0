//! List sets: which lists a number is on, interned, so that a number costs a few bits for it.
//!
//! # Layout (little-endian)
//! ```text
//! u32 count | for each set: u32 length, then the indexes of its lists, u32 each, ascending
//! ```

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::verdict::{Action, List};
use crate::{Error, Result};

const SECTION: &str = "sets";

/// Numbers the sets that occur, in order of first use.
#[derive(Debug, Default)]
pub(super) struct Interner {
    sets: Vec<Box<[u32]>>,
    ids: HashMap<Box<[u32]>, u32, foldhash::fast::FixedState>,
    /// What a set becomes with one more list: merging a block asks this for every number.
    grown: HashMap<(u32, u32), u32, foldhash::fast::FixedState>,
}

impl Interner {
    /// The id of the set of one list.
    pub(super) fn single(&mut self, list: u32) -> u32 {
        self.intern(Box::new([list]))
    }

    /// The id of `set` with `list` added, which is greater than all that it holds.
    pub(super) fn grow(&mut self, set: u32, list: u32) -> u32 {
        if let Some(&id) = self.grown.get(&(set, list)) {
            return id;
        }
        let lists = self.sets[set as usize].iter().copied().chain([list]).collect();
        let id = self.intern(lists);
        self.grown.insert((set, list), id);
        id
    }

    fn intern(&mut self, lists: Box<[u32]>) -> u32 {
        match self.ids.entry(lists) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                // One set for each number at most, and blocks hold fewer than 2^32 of them.
                let id = self.sets.len() as u32;
                self.sets.push(entry.key().clone());
                *entry.insert(id)
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = (self.sets.len() as u32).to_le_bytes().to_vec();
        for set in &self.sets {
            out.extend_from_slice(&(set.len() as u32).to_le_bytes());
            out.extend(set.iter().flat_map(|list| list.to_le_bytes()));
        }
        out
    }
}

/// The sets of an index, decoded.
#[derive(Debug)]
pub(super) struct Sets {
    /// Where each set begins in `lists`, and one more.
    starts: Vec<usize>,
    lists: Vec<u32>,
    /// The list of each set that decides a verdict.
    deciding: Vec<u32>,
}

impl Sets {
    /// Decodes and verifies: no set empty, its lists ascending and among `lists`.
    pub(super) fn read(section: &[u8], lists: &[List]) -> Result<Self> {
        Self::decode(section, lists)
            .ok_or(Error::Corrupt { section: SECTION, reason: "unsound set" })
    }

    fn decode(section: &[u8], lists: &[List]) -> Option<Self> {
        let (words, []) = section.as_chunks() else { return None };
        let mut words = words.iter().map(|&word| u32::from_le_bytes(word));
        let count = words.next()?;
        let mut sets = Self { starts: vec![0], lists: Vec::new(), deciding: Vec::new() };
        for _ in 0..count {
            let length = words.next()? as usize;
            let start = sets.lists.len();
            sets.lists.extend(words.by_ref().take(length));
            let set = sets.lists.get(start..)?;
            let sound = set.len() == length
                && set.is_sorted_by(|a, b| a < b)
                && (*set.last()? as usize) < lists.len();
            if !sound {
                return None;
            }
            let allows = |list: &u32| lists[*list as usize].action == Action::Allow;
            let deciding = set.iter().copied().find(allows).unwrap_or(set[0]);
            sets.deciding.push(deciding);
            sets.starts.push(sets.lists.len());
        }
        words.next().is_none().then_some(sets)
    }

    pub(super) fn len(&self) -> usize {
        self.deciding.len()
    }

    /// The index of the list of the set that decides: the first that allows, else the first.
    #[inline]
    pub(super) fn deciding(&self, set: u32) -> Option<usize> {
        self.deciding.get(set as usize).map(|&list| list as usize)
    }

    /// The indexes of the lists of a set, ascending.
    pub(super) fn lists(&self, set: u32) -> &[u32] {
        let bounds = self.starts.get(set as usize).zip(self.starts.get(set as usize + 1));
        bounds.and_then(|(&start, &end)| self.lists.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Vec<List> {
        let list = |action| List { name: String::new(), action, entries: 0 };
        vec![list(Action::Deny), list(Action::Deny), list(Action::Allow), list(Action::Allow)]
    }

    #[test]
    fn sets_come_back_and_allow_decides() {
        let mut interner = Interner::default();
        let one = interner.single(1);
        let both = interner.grow(one, 2);
        let all = interner.grow(both, 3);
        let zero = interner.single(0);
        let deny = interner.grow(zero, 1);
        assert_eq!(interner.grow(one, 2), both);
        assert_eq!(interner.single(0), zero);
        let sets = Sets::read(&interner.to_bytes(), &lists()).unwrap();
        assert_eq!(sets.len(), 5);
        assert_eq!(sets.lists(all), [1, 2, 3]);
        assert_eq!(sets.lists(deny), [0, 1]);
        let deciding = [one, both, all, zero, deny].map(|set| sets.deciding(set).unwrap());
        assert_eq!(deciding, [1, 2, 2, 0, 0]);
        assert_eq!((sets.deciding(5), sets.lists(5)), (None, &[][..]));
    }

    #[test]
    fn unsound_sets_are_refused() {
        let bytes = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
        assert!(Sets::read(&bytes(&[1, 2, 0, 3]), &lists()).is_ok());
        for words in [
            &[][..],
            &[1],
            &[1, 0],
            &[1, 1, 4],
            &[1, 2, 1, 1],
            &[1, 2, 1],
            &[0, 1],
            &[u32::MAX, 1, 0],
        ] {
            assert!(Sets::read(&bytes(words), &lists()).is_err(), "{words:?}");
        }
        assert!(Sets::read(&[0; 5], &lists()).is_err());
    }
}
