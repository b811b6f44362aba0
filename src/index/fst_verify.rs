//! Proves that the nodes of a map are sound before anything is asked of it.
//!
//! Every reachable node is visited once: it must lie inside the bytes, all of them together take no
//! more bytes than there are (so that the work is bounded by the size), lead only to nodes before it
//! (so that there is no loop), and hold its inputs in order. What the whole map holds is summed up on
//! the way.

use std::collections::HashMap;

use super::fst::{Fst, LEAF, Node};
use crate::{Error, Result};

/// What a map, or the part of it below one node, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    /// Keys.
    pub(super) keys: u64,
    /// The length of the shortest key.
    pub(super) shortest: usize,
    /// The length of the longest key.
    pub(super) longest: usize,
    /// The greatest value, saturating.
    pub(super) greatest: u64,
    /// Whether the value of each key is its rank, 0 first.
    pub(super) ranked: bool,
}

const EMPTY: Summary =
    Summary { keys: 0, shortest: usize::MAX, longest: 0, greatest: 0, ranked: true };

/// Verifies the map in `data`, whose keys have `longest` bytes at most; no bytes at all are a map
/// without keys. Takes about 100 bytes of memory a node until it returns.
pub(super) fn summarise(data: &[u8], longest: usize, section: &'static str) -> Result<Summary> {
    if data.is_empty() {
        return Ok(EMPTY);
    }
    let sound = |fst: Fst<'_>| Walk { fst, longest, done: HashMap::default(), bytes: 0 }.run();
    Fst::new(data).and_then(sound).ok_or(Error::Corrupt { section, reason: "unsound automaton" })
}

/// A walk in depth, children first. `None` anywhere means unsound.
struct Walk<'a> {
    fst: Fst<'a>,
    longest: usize,
    done: HashMap<usize, Summary, foldhash::fast::FixedState>,
    bytes: usize,
}

impl Walk<'_> {
    fn run(mut self) -> Option<Summary> {
        let root = self.fst.root();
        let mut path = vec![(root, self.enter(root)?, 0)];
        while let Some((address, node, next)) = path.last_mut() {
            let (address, node) = (*address, *node);
            if *next == node.len {
                let summary = self.sum(&node)?;
                self.done.insert(address, summary);
                path.pop();
                continue;
            }
            let child = self.fst.transition(&node, *next)?.target;
            *next += 1;
            if child >= address || path.len() > self.longest {
                return None;
            }
            if !self.done.contains_key(&child) {
                path.push((child, self.enter(child)?, 0));
            }
        }
        self.done.get(&root).copied()
    }

    /// Decodes a node for the first and only time, and counts its bytes.
    fn enter(&mut self, address: usize) -> Option<Node> {
        let node = self.fst.node(address)?;
        if address != LEAF {
            self.bytes = self.bytes.checked_add(address - node.start + 1)?;
        }
        (self.bytes <= self.fst.len() && self.fst.index_is_sound(&node)).then_some(node)
    }

    /// Sums up a node whose children are done.
    fn sum(&self, node: &Node) -> Option<Summary> {
        let mut sum = EMPTY;
        if let Some(output) = node.last {
            sum = Summary { keys: 1, shortest: 0, greatest: output, ranked: output == 0, ..EMPTY };
        }
        let mut previous = None;
        for i in 0..node.len {
            let transition = self.fst.transition(node, i)?;
            if previous.is_some_and(|input| input >= transition.input) {
                return None;
            }
            previous = Some(transition.input);
            let child = self.done.get(&transition.target)?;
            sum = Summary {
                ranked: sum.ranked && child.ranked && transition.output == sum.keys,
                keys: sum.keys.checked_add(child.keys)?,
                shortest: sum.shortest.min(child.shortest.saturating_add(1)),
                longest: sum.longest.max(child.longest + 1),
                greatest: sum.greatest.max(transition.output.saturating_add(child.greatest)),
            };
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(keys: &[&[u8]], value: impl Fn(u64) -> u64) -> Vec<u8> {
        let mut builder = fst::MapBuilder::memory();
        for (i, key) in (0..).zip(keys) {
            builder.insert(key, value(i)).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn counts_keys_lengths_and_values() {
        let bytes = build(&[b"", b"a", b"abc", b"xyz12"], |i| i * 10);
        let sum = summarise(&bytes, 9, "texts").unwrap();
        let expected = Summary { keys: 4, shortest: 0, longest: 5, greatest: 30, ranked: false };
        assert_eq!(sum, expected);
        assert!(summarise(&build(&[b"", b"a", b"abc", b"b"], |i| i), 9, "texts").unwrap().ranked);
        assert_eq!(summarise(&build(&[], |i| i), 9, "texts").unwrap().keys, 0);
        assert_eq!(summarise(&[], 9, "texts").unwrap().keys, 0);
    }

    #[test]
    fn a_key_too_long_is_refused() {
        let bytes = build(&[b"ab", b"xyz12"], |i| i);
        assert!(summarise(&bytes, 5, "texts").is_ok());
        assert!(summarise(&bytes, 4, "texts").is_err());
    }

    /// The checksum of the section is what catches these; this shows that nothing panics or hangs
    /// where it does not.
    #[test]
    fn damaged_bytes_never_panic_nor_loop() {
        let keys: Vec<Vec<u8>> = (200..300_u16).map(|i| i.to_be_bytes().to_vec()).collect();
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let bytes = build(&keys, |i| i);
        for at in 0..bytes.len() {
            for value in [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff, bytes[at] ^ 1, bytes[at] ^ 16] {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                let _ = summarise(&bytes, 9, "texts");
                let map = Fst::new(&bytes);
                for key in &keys {
                    let _ = map.and_then(|map| map.get(key.iter().copied()));
                }
            }
            let _ = summarise(&bytes[..at], 9, "texts");
        }
    }
}
