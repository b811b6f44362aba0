//! Which lists an entry is on: sets of members, interned, so that an entry costs a few bits for it.
//!
//! # Layout (little-endian)
//! ```text
//! u32 count | for each set: u32 length, then its members, u32 each, ascending
//! ```
//! A member is the index of a list times two, plus one if the entry expires on that list (its note has
//! the time). No list is in a set twice. The empty set marks an entry that a layer removes.

use std::collections::HashMap;

use crate::{Error, Result};

const SECTION: &str = "sets";

/// A list that an entry is on, and whether it expires there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Member(u32);

impl Member {
    /// A member for a list below 2^31.
    #[inline]
    pub(crate) fn new(list: u32, expires: bool) -> Self {
        Self(list << 1 | u32::from(expires))
    }

    /// The index of the list.
    #[inline]
    pub(crate) fn list(self) -> u32 {
        self.0 >> 1
    }

    /// Reports whether the entry expires on the list.
    #[inline]
    pub(crate) fn expires(self) -> bool {
        self.0 & 1 == 1
    }
}

/// A set while members are added to it: a path in the tree of an [`Interner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct SetPath(u32);

/// Gives ids to sets, in order of first use.
///
/// Members are added to a set in ascending order. So a set is a path in a tree, and costs one node more
/// than the set without its last member. Only sets that some entry has in the end get an id.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    nodes: Vec<SetNode>,
    children: HashMap<(Option<SetPath>, Member), SetPath, foldhash::fast::FixedState>,
    empty: Option<u32>,
    /// The last node of each set that has an id, in order of the ids.
    sets: Vec<Option<SetPath>>,
}

#[derive(Debug)]
struct SetNode {
    parent: Option<SetPath>,
    member: Member,
    id: Option<u32>,
}

impl Interner {
    /// `parent` with `member` added, which must be greater than all of its members. `None` is the empty set.
    pub(crate) fn grow(&mut self, parent: Option<SetPath>, member: Member) -> SetPath {
        let nodes = &mut self.nodes;
        *self.children.entry((parent, member)).or_insert_with(|| {
            nodes.push(SetNode { parent, member, id: None });
            SetPath(nodes.len() as u32 - 1)
        })
    }

    /// The id of a finished set.
    pub(crate) fn id(&mut self, set: Option<SetPath>) -> Result<u32> {
        let known = match set {
            Some(set) => &mut self.nodes[set.0 as usize].id,
            None => &mut self.empty,
        };
        if let Some(id) = *known {
            return Ok(id);
        }
        let limit = u64::from(u32::MAX);
        let too_large = Error::TooLarge { what: "combinations of lists", limit };
        let id = u32::try_from(self.sets.len()).map_err(|_| too_large)?;
        *known = Some(id);
        self.sets.push(set);
        Ok(id)
    }

    /// The id of the set of these members, which ascend.
    pub(crate) fn id_of(&mut self, members: impl IntoIterator<Item = Member>) -> Result<u32> {
        let set = members.into_iter().fold(None, |set, member| Some(self.grow(set, member)));
        self.id(set)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = (self.sets.len() as u32).to_le_bytes().to_vec();
        for &set in &self.sets {
            let mut members = Vec::new();
            let mut next = set;
            while let Some(set) = next {
                let node = &self.nodes[set.0 as usize];
                members.push(node.member);
                next = node.parent;
            }
            out.extend_from_slice(&(members.len() as u32).to_le_bytes());
            out.extend(members.iter().rev().flat_map(|member| member.0.to_le_bytes()));
        }
        out
    }
}

/// The sets of an index, decoded.
#[derive(Debug)]
pub(crate) struct Sets {
    /// Where each set begins in `members`, and the end of the last.
    starts: Vec<usize>,
    members: Vec<Member>,
}

impl Sets {
    /// Decodes and verifies: the members of each ascending, of `lists` lists, and none twice.
    pub(crate) fn parse(section: &[u8], lists: usize) -> Result<Self> {
        Self::decode(section, lists)
            .ok_or(Error::Corrupt { section: SECTION, reason: "unsound set" })
    }

    fn decode(section: &[u8], lists: usize) -> Option<Self> {
        let (words, []) = section.as_chunks() else { return None };
        let mut words = words.iter().map(|&word| u32::from_le_bytes(word));
        let count = words.next()?;
        let mut sets = Self { starts: vec![0], members: Vec::new() };
        for _ in 0..count {
            let length = words.next()? as usize;
            let start = sets.members.len();
            sets.members.extend(words.by_ref().take(length).map(Member));
            let set = sets.members.get(start..)?;
            let sound = set.len() == length
                && set.is_sorted_by(|a, b| a.list() < b.list())
                && set.last().is_none_or(|last| (last.list() as usize) < lists);
            if !sound {
                return None;
            }
            sets.starts.push(sets.members.len());
        }
        words.next().is_none().then_some(sets)
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The members of a set, ascending.
    #[inline]
    pub(crate) fn members(&self, set: u32) -> &[Member] {
        let bounds = self.starts.get(set as usize).zip(self.starts.get(set as usize + 1));
        bounds.and_then(|(&start, &end)| self.members.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(list: u32) -> Member {
        Member::new(list, false)
    }

    #[test]
    fn sets_come_back() {
        let mut interner = Interner::default();
        let mut set = |lists: &[u32]| interner.id_of(lists.iter().copied().map(member)).unwrap();
        let [one, both, all] = [&[1][..], &[1, 2], &[1, 2, 3]].map(&mut set);
        let [none, deny] = [&[][..], &[0, 1]].map(&mut set);
        assert_eq!((set(&[1, 2]), set(&[])), (both, none));
        let expiring = interner.id_of([Member::new(1, true)]).unwrap();
        let sets = Sets::parse(&interner.to_bytes(), 4).unwrap();
        assert_eq!(sets.len(), 6);
        assert_eq!(sets.members(all), [1, 2, 3].map(member));
        assert_eq!(sets.members(deny), [0, 1].map(member));
        assert_eq!((sets.members(none), sets.members(99)), (&[][..], &[][..]));
        assert_eq!(sets.members(one), [member(1)]);
        assert!(sets.members(expiring)[0].expires() && !sets.members(one)[0].expires());
    }

    #[test]
    fn a_set_costs_no_more_than_its_lists() {
        let mut interner = Interner::default();
        interner.id_of((0..1000).map(member)).unwrap();
        assert_eq!(interner.to_bytes().len(), 8 + 4 * 1000);
    }

    #[test]
    fn unsound_sets_are_refused() {
        let bytes = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
        assert!(Sets::parse(&bytes(&[1, 2, 0, 6]), 4).is_ok());
        for words in [
            &[][..],
            &[1],
            &[1, 1, 8],
            &[1, 2, 2, 2],
            &[1, 2, 2, 3],
            &[1, 2, 1],
            &[0, 1],
            &[u32::MAX, 1, 0],
        ] {
            assert!(Sets::parse(&bytes(words), 4).is_err(), "{words:?}");
        }
        assert!(Sets::parse(&[0; 5], 4).is_err());
    }
}
