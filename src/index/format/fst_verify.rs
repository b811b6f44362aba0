//! Proves that the nodes of a map are sound before the map is used.
//!
//! Every reachable node is visited once. It must lie inside the bytes, lead only to nodes before it (so
//! there is no loop), lead to a key (so no way ends nowhere), and hold its inputs in order. All nodes
//! together must take no more bytes than there are (so the size bounds the work). The keys and values are
//! summed up on the way.
//!
//! **Invariant:** the bytes bound the work. A thousand bytes may hold more keys than can be counted, so
//! proofs walk over nodes, not over keys.

use std::collections::{BTreeMap, HashMap};

use super::fst::{Fst, LEAF, Node, Transition};
use crate::{Error, Result};

/// The keys and values of a map, or of the part of it below one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FstSummary {
    /// Keys.
    pub(crate) keys: u64,
    /// The length of the shortest key.
    pub(super) shortest: usize,
    /// The length of the longest key.
    pub(crate) longest: usize,
    /// The greatest value, saturating.
    pub(super) greatest: u64,
    /// Whether the value of each key is its rank, 0 first.
    pub(super) ranked: bool,
}

const EMPTY: FstSummary =
    FstSummary { keys: 0, shortest: usize::MAX, longest: 0, greatest: 0, ranked: true };

/// Verifies the map in `data`, whose keys have `longest` bytes at most. Empty data is a map without keys.
/// Takes about 100 bytes of memory a node until it returns.
pub(super) fn summarise(data: &[u8], longest: usize, section: &'static str) -> Result<FstSummary> {
    if data.is_empty() {
        return Ok(EMPTY);
    }
    let sound = |fst: Fst<'_>| Walk { fst, longest, done: HashMap::default(), bytes: 0 }.run();
    // A node that was met near the root may be met again at the end of a long way.
    let sum = Fst::new(data).and_then(sound).filter(|sum| sum.longest <= longest);
    sum.ok_or(Error::Corrupt { section, reason: "unsound automaton" })
}

/// A walk in depth, children first. `None` anywhere means unsound.
struct Walk<'a> {
    fst: Fst<'a>,
    longest: usize,
    done: HashMap<usize, FstSummary, foldhash::fast::FixedState>,
    bytes: usize,
}

impl Walk<'_> {
    fn run(mut self) -> Option<FstSummary> {
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
    fn sum(&self, node: &Node) -> Option<FstSummary> {
        let mut sum = EMPTY;
        if let Some(output) = node.last {
            sum =
                FstSummary { keys: 1, shortest: 0, greatest: output, ranked: output == 0, ..EMPTY };
        }
        let mut previous = None;
        for i in 0..node.len {
            let transition = self.fst.transition(node, i)?;
            if previous.is_some_and(|input| input >= transition.input) {
                return None;
            }
            previous = Some(transition.input);
            let child = self.done.get(&transition.target).filter(|child| child.keys > 0)?;
            sum = FstSummary {
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

/// Steps that [`values_are_sound`] may take for any map, and more for each byte of its file. An entry with
/// a note or with lists of its own adds a value to the nodes on its way. It takes some fifty bytes of the
/// file, and its way has some fifty nodes.
const STEPS: usize = 1 << 20;
const STEPS_EACH: usize = 16;

/// Reports whether each value below a transition is sound, in a map that [`summarise`] has proved, of a
/// file of `bytes`. Reports `false` if the proof would take too many steps for that many bytes.
///
/// All ways to a node are followed together, and ways with the same value as one.
pub(super) fn values_are_sound(
    fst: Fst<'_>,
    transition: &Transition,
    bytes: usize,
    is_sound: impl Fn(u64) -> bool,
) -> bool {
    let mut steps = STEPS.saturating_add(bytes.saturating_mul(STEPS_EACH));
    let mut walk = || {
        let mut due = BTreeMap::from([(transition.target, vec![transition.output])]);
        // Nodes lead only to nodes before them, so all ways to the last one are known.
        while let Some((address, mut values)) = due.pop_last() {
            values.sort_unstable();
            values.dedup();
            let node = fst.node(address)?;
            steps = steps.checked_sub(values.len().saturating_mul(1 + node.len))?;
            let after = |output| values.iter().map(move |value| value.checked_add(output));
            if let Some(last) = node.last
                && !after(last).all(|value| value.is_some_and(&is_sound))
            {
                return None;
            }
            for i in 0..node.len {
                let next = fst.transition(&node, i)?;
                let known = due.entry(next.target).or_default();
                for value in after(next.output) {
                    known.push(value?);
                }
            }
        }
        Some(())
    };
    walk().is_some()
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
        let expected = FstSummary { keys: 4, shortest: 0, longest: 5, greatest: 30, ranked: false };
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
        // The end of the longest is known by then.
        let bytes = build(&[b"azzzz", b"bccczzzz"], |_| 0);
        assert!(summarise(&bytes, 8, "texts").is_ok());
        assert!(summarise(&bytes, 7, "texts").is_err());
    }

    #[test]
    fn values_are_proved_below_each_transition() {
        let bytes = build(&[b"ax", b"ay", b"bx", b"by"], |i| 10 + i % 2);
        let fst = Fst::new(&bytes).unwrap();
        let root = fst.node(fst.root()).unwrap();
        let first = fst.transition(&root, 0).unwrap();
        let sound = |bytes, most| values_are_sound(fst, &first, bytes, |value| value <= most);
        assert!(sound(0, 11) && !sound(0, 10));
    }

    /// 2^40 values in the nodes of 40 digits.
    #[test]
    fn values_without_end_are_refused() {
        let keys: Vec<Vec<u8>> = (0..4096_u32).map(|i| format!("{i:012b}").into_bytes()).collect();
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let bytes = build(&keys, |i| i);
        assert!(bytes.len() < 200, "all ways to one node, each with another value");
        let fst = Fst::new(&bytes).unwrap();
        let root = fst.node(fst.root()).unwrap();
        let first = fst.transition(&root, 0).unwrap();
        assert!(values_are_sound(fst, &first, bytes.len(), |value| value < 2048));
        assert!(!values_are_sound(fst, &first, bytes.len(), |value| value < 2047));
    }

    /// The checksum of the section catches these. This shows that nothing panics or hangs without it.
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
