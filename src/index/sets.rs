//! List sets: which lists a number is on, interned, so that a number costs a few bits for it.
//!
//! # Layout (little-endian)
//! ```text
//! u32 count | for each set: u32 length, then the indexes of its lists, u32 each, ascending
//! ```

use std::collections::HashMap;

use super::verdict::{Action, List};
use crate::{Error, Result};

const SECTION: &str = "sets";

/// A set while lists are added to it: a path in the tree of an [`Interner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Growing(u32);

/// Numbers the sets that occur, in order of first use.
///
/// Lists are added to a set in ascending order, so a set is a path in a tree and costs one node
/// more than the set before; only sets that some number has in the end get an id.
#[derive(Debug, Default)]
pub(super) struct Interner {
    nodes: Vec<Node>,
    children: HashMap<(Option<Growing>, u32), Growing, foldhash::fast::FixedState>,
    /// The last node of each set that has an id, in order of the ids.
    sets: Vec<Growing>,
}

#[derive(Debug)]
struct Node {
    parent: Option<Growing>,
    list: u32,
    id: Option<u32>,
}

impl Interner {
    /// `set` with `list` added, which is greater than all that it holds; no set is the empty one.
    pub(super) fn grow(&mut self, parent: Option<Growing>, list: u32) -> Growing {
        let nodes = &mut self.nodes;
        *self.children.entry((parent, list)).or_insert_with(|| {
            nodes.push(Node { parent, list, id: None });
            Growing(nodes.len() as u32 - 1)
        })
    }

    /// The id of a set that nothing more is added to.
    pub(super) fn id(&mut self, set: Growing) -> Result<u32> {
        let node = &mut self.nodes[set.0 as usize];
        if let Some(id) = node.id {
            return Ok(id);
        }
        let limit = u64::from(u32::MAX);
        let too_large = Error::TooLarge { what: "combinations of lists", limit };
        let id = u32::try_from(self.sets.len()).map_err(|_| too_large)?;
        node.id = Some(id);
        self.sets.push(set);
        Ok(id)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = (self.sets.len() as u32).to_le_bytes().to_vec();
        for &set in &self.sets {
            let mut lists = Vec::new();
            let mut next = Some(set);
            while let Some(set) = next {
                let node = &self.nodes[set.0 as usize];
                lists.push(node.list);
                next = node.parent;
            }
            out.extend_from_slice(&(lists.len() as u32).to_le_bytes());
            out.extend(lists.iter().rev().flat_map(|list| list.to_le_bytes()));
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
        let mut set = |lists: &[u32]| {
            let grown = lists.iter().fold(None, |set, &list| Some(interner.grow(set, list)));
            interner.id(grown.unwrap()).unwrap()
        };
        let [one, both, all] = [&[1][..], &[1, 2], &[1, 2, 3]].map(&mut set);
        let [zero, deny] = [&[0][..], &[0, 1]].map(&mut set);
        assert_eq!((set(&[1, 2]), set(&[0])), (both, zero));
        let sets = Sets::read(&interner.to_bytes(), &lists()).unwrap();
        assert_eq!(sets.len(), 5);
        assert_eq!(sets.lists(all), [1, 2, 3]);
        assert_eq!(sets.lists(deny), [0, 1]);
        let deciding = [one, both, all, zero, deny].map(|set| sets.deciding(set).unwrap());
        assert_eq!(deciding, [1, 2, 2, 0, 0]);
        assert_eq!((sets.deciding(5), sets.lists(5)), (None, &[][..]));
    }

    #[test]
    fn a_set_costs_no_more_than_its_lists() {
        let mut interner = Interner::default();
        let grown = (0..1000).fold(None, |set, list| Some(interner.grow(set, list)));
        interner.id(grown.unwrap()).unwrap();
        assert_eq!(interner.to_bytes().len(), 8 + 4 * 1000);
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
