//! Reads the maps that the `fst` crate writes, and trusts none of their bytes.
//!
//! `fst` 0.4.7 trusts its input: of 10,388 single-bit flips in a map, 186 made a look-up panic. So only
//! its builder is used, and its maps are read here. [`super::fst_verify`] proves a whole graph sound.
//! [`Fst::get`] checks every bound all the same, and cannot loop.
//!
//! # Layout (`fst` format version 3, all little-endian)
//! ```text
//! u64 version | u64 type | nodes ... | u64 keys | u64 root | u32 crc32c
//! ```
//! A node is read backwards from its address, which is that of its last byte, the state. Its
//! children come before it. Address 0 is the node that is final and has no transitions.
//! ```text
//! 11iiiiii  one transition, to the node just before, no output:      [input] state
//! 10iiiiii  one transition:                 [output] delta sizes [input] state
//! 0fnnnnnn  n transitions, final if f:
//!           [final output] [outputs] deltas inputs [index] sizes [n] state
//! ```
//! `i` is a code of `COMMON`, 0 where the input is written out. The lists of a node run
//! backwards; an index of 256 bytes stands where there are more than 32 transitions. `sizes` gives
//! the bytes of a delta (high half) and of an output (low half).

const HEADER: usize = 16;
const FOOTER: usize = 20;
const VERSION: u64 = 3;
/// The address of the final node without transitions.
pub(super) const LEAF: usize = 0;
/// Nodes of more transitions than this carry a 256-byte index.
const INDEXED: usize = 32;
/// Inputs that fit the state byte, code 1 first: a fact of the format.
const COMMON: &[u8; 63] = b"te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG";

/// A map from byte strings to integers.
#[derive(Clone, Copy)]
pub(crate) struct Fst<'a> {
    /// Header and nodes, without the footer.
    nodes: &'a [u8],
    /// All of it. The footer lets an integer of any size be read as eight bytes.
    data: &'a [u8],
    root: usize,
}

/// One state of the map, located but not copied.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// Address of the first byte.
    pub(crate) start: usize,
    /// Transitions, 0 to 256.
    pub(crate) len: usize,
    /// `Some(output)` where a key may end here.
    pub(crate) last: Option<u64>,
    shape: NodeShape,
}

#[derive(Clone, Copy)]
enum NodeShape {
    Leaf,
    /// The only transition, decoded.
    One(Transition),
    /// Where the inputs end (exclusive), and the sizes of a delta and of an output.
    Many {
        inputs: usize,
        index: Option<usize>,
        delta: usize,
        output: usize,
    },
}

/// An edge: on `input`, add `output` and go on at `target`.
#[derive(Clone, Copy)]
pub(crate) struct Transition {
    pub(super) input: u8,
    pub(super) output: u64,
    pub(super) target: usize,
}

impl<'a> Fst<'a> {
    /// Finds the root; `None` if header or footer are not those of a map. Reads nothing else.
    #[inline]
    pub(crate) fn new(data: &'a [u8]) -> Option<Self> {
        let nodes = data.get(..data.len().checked_sub(FOOTER)?)?;
        if nodes.len() < HEADER || integer(data, 0, 8)? != VERSION {
            return None;
        }
        let root = usize::try_from(integer(data, nodes.len() + 8, 8)?).ok()?;
        Some(Self { nodes, data, root })
    }

    /// The value of the key of these bytes.
    #[inline]
    pub(crate) fn get(&self, key: impl IntoIterator<Item = u8>) -> Option<u64> {
        let mut address = self.root;
        let mut value = 0_u64;
        for byte in key {
            let transition = self.find(&self.node(address)?, byte)?;
            value = value.checked_add(transition.output)?;
            address = transition.target;
        }
        value.checked_add(self.node(address)?.last?)
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }

    /// Bytes of the header and all nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Decodes the node at `address`; `None` if it does not fit the bytes.
    #[inline]
    pub(super) fn node(&self, address: usize) -> Option<Node> {
        if address == LEAF {
            return Some(Node { start: 0, len: 0, last: Some(0), shape: NodeShape::Leaf });
        }
        let state = *self.nodes.get(address)?;
        let node = match state >> 6 {
            0b11 => self.node_next(state, address),
            0b10 => self.node_one(state, address),
            _ => self.node_many(state, address),
        }?;
        (node.start >= HEADER).then_some(node)
    }

    fn node_next(&self, state: u8, address: usize) -> Option<Node> {
        let (input, start) = self.input(state, address)?;
        Some(Node::one(start, Transition { input, output: 0, target: start.checked_sub(1)? }))
    }

    fn node_one(&self, state: u8, address: usize) -> Option<Node> {
        let (input, sizes_at) = self.input(state, address)?;
        let sizes_at = sizes_at.checked_sub(1)?;
        let (delta, output) = sizes(*self.nodes.get(sizes_at)?)?;
        let delta_at = sizes_at.checked_sub(delta)?;
        let start = delta_at.checked_sub(output)?;
        Some(Node::one(
            start,
            Transition {
                input,
                output: integer(self.data, start, output)?,
                target: self.target(delta_at, delta, start)?,
            },
        ))
    }

    fn node_many(&self, state: u8, address: usize) -> Option<Node> {
        let (len, mut at) = match usize::from(state & 0x3f) {
            0 => {
                let at = address.checked_sub(1)?;
                // A node of one transition has its own state, so 1 stands for 256.
                let len = usize::from(*self.nodes.get(at)?);
                (if len == 1 { 256 } else { len }, at)
            }
            len => (len, address),
        };
        at = at.checked_sub(1)?;
        let (delta, output) = sizes(*self.nodes.get(at)?)?;
        let mut index = None;
        if len > INDEXED {
            at = at.checked_sub(256)?;
            index = Some(at);
        }
        let inputs = at;
        let is_final = state & 0x40 != 0;
        let start =
            at.checked_sub(len * (1 + delta + output) + if is_final { output } else { 0 })?;
        let last = if is_final { Some(integer(self.data, start, output)?) } else { None };
        Some(Node { start, len, last, shape: NodeShape::Many { inputs, index, delta, output } })
    }

    /// The input of a one-transition node, and the address of the byte it is in or would be in.
    fn input(&self, state: u8, address: usize) -> Option<(u8, usize)> {
        if let Some(code) = usize::from(state & 0x3f).checked_sub(1) {
            return Some((*COMMON.get(code)?, address));
        }
        let at = address.checked_sub(1)?;
        Some((*self.nodes.get(at)?, at))
    }

    fn target(&self, at: usize, size: usize, start: usize) -> Option<usize> {
        match usize::try_from(integer(self.data, at, size)?).ok()? {
            0 => Some(LEAF),
            delta => start.checked_sub(delta),
        }
    }

    /// The `i`th transition in order of input.
    pub(super) fn transition(&self, node: &Node, i: usize) -> Option<Transition> {
        match node.shape {
            _ if i >= node.len => None,
            NodeShape::Leaf => None,
            NodeShape::One(transition) => Some(transition),
            NodeShape::Many { inputs, delta, output, .. } => {
                // Inside the node: `node_many` took all of it off the address.
                let deltas = inputs - node.len;
                let outputs = deltas - node.len * delta;
                Some(Transition {
                    input: *self.nodes.get(inputs - i - 1)?,
                    output: integer(self.data, outputs - (i + 1) * output, output)?,
                    target: self.target(deltas - (i + 1) * delta, delta, node.start)?,
                })
            }
        }
    }

    /// The transition on `byte`.
    #[inline]
    fn find(&self, node: &Node, byte: u8) -> Option<Transition> {
        let i = match node.shape {
            NodeShape::Leaf => return None,
            NodeShape::One(transition) => return (transition.input == byte).then_some(transition),
            NodeShape::Many { index: Some(index), .. } => {
                usize::from(*self.nodes.get(index + usize::from(byte))?)
            }
            NodeShape::Many { inputs, .. } => {
                let inputs = self.nodes.get(inputs - node.len..inputs)?;
                inputs.iter().rev().position(|&input| input == byte)?
            }
        };
        self.transition(node, i)
    }

    /// Reports whether the index of a node, if it has one, leads to transition `i` on its input, and
    /// nowhere on all others.
    pub(super) fn index_is_sound(&self, node: &Node) -> bool {
        let NodeShape::Many { inputs, index: Some(index), .. } = node.shape else { return true };
        let (Some(index), Some(inputs)) =
            (self.nodes.get(index..index + 256), self.nodes.get(inputs - node.len..inputs))
        else {
            return false;
        };
        let hits = index.iter().filter(|&&i| usize::from(i) < node.len).count();
        hits == node.len
            && inputs
                .iter()
                .rev()
                .enumerate()
                .all(|(i, &b)| usize::from(index[usize::from(b)]) == i)
    }
}

impl Node {
    fn one(start: usize, transition: Transition) -> Self {
        Self { start, len: 1, last: None, shape: NodeShape::One(transition) }
    }
}

/// The sizes of a delta and of an output, 8 bytes each at most.
fn sizes(byte: u8) -> Option<(usize, usize)> {
    let (delta, output) = (usize::from(byte >> 4), usize::from(byte & 0xf));
    (delta <= 8 && output <= 8).then_some((delta, output))
}

/// The little-endian integer in `size` bytes, 8 at most; none is 0.
#[inline]
fn integer(data: &[u8], at: usize, size: usize) -> Option<u64> {
    let eight = u64::from_le_bytes(*data.get(at..)?.first_chunk()?);
    Some(if size == 8 { eight } else { eight & ((1 << (8 * size)) - 1) })
}

/// The keys and values of a map, ascending. Ends early if the bytes are unsound.
pub(crate) struct FstKeys<'a> {
    fst: Option<Fst<'a>>,
    key: Vec<u8>,
    /// Each node on the way to the key, the next of its transitions, and the value so far.
    path: Vec<(Node, usize, u64)>,
}

impl<'a> FstKeys<'a> {
    /// The keys of the map in `section`. An empty section has none.
    pub(crate) fn new(section: &'a [u8]) -> Self {
        let fst = Fst::new(section);
        let root = fst.and_then(|fst| fst.node(fst.root()));
        Self { fst, key: Vec::new(), path: root.map(|node| (node, 0, 0)).into_iter().collect() }
    }

    /// The keys below a transition, without the bytes that lead to it.
    pub(super) fn from_transition(fst: Fst<'a>, transition: &Transition) -> Self {
        let node = fst.node(transition.target);
        let path = node.map(|node| (node, 0, transition.output)).into_iter().collect();
        Self { fst: Some(fst), key: Vec::new(), path }
    }
}

/// The last key of a sound section.
pub(crate) fn last(section: &[u8]) -> Option<Vec<u8>> {
    let fst = Fst::new(section)?;
    let mut node = fst.node(fst.root())?;
    let mut key = Vec::new();
    while let Some(i) = node.len.checked_sub(1) {
        let transition = fst.transition(&node, i)?;
        key.push(transition.input);
        node = fst.node(transition.target)?;
    }
    node.last.map(|_| key)
}

/// The transitions of the root, in order: one for each first byte of a key.
pub(super) fn transitions(section: &[u8]) -> impl Iterator<Item = (Fst<'_>, Transition)> {
    let root = Fst::new(section).and_then(|fst| Some((fst, fst.node(fst.root())?)));
    root.into_iter().flat_map(|(fst, root)| {
        (0..root.len).filter_map(move |i| Some((fst, fst.transition(&root, i)?)))
    })
}

/// Longer than any key that a compiler writes. A loop in damaged bytes ends here.
const LONGEST: usize = 1024;

impl Iterator for FstKeys<'_> {
    type Item = (Box<[u8]>, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let fst = self.fst?;
        loop {
            let (node, next, value) = self.path.last_mut()?;
            // On its first visit a node may end a key. A key comes before those that it begins.
            if *next == 0 {
                *next = 1;
                if let Some(last) = node.last {
                    return Some((self.key.as_slice().into(), value.checked_add(last)?));
                }
            }
            let Some(transition) = fst.transition(node, *next - 1) else {
                self.path.pop();
                self.key.pop();
                continue;
            };
            *next += 1;
            let value = value.checked_add(transition.output)?;
            if self.path.len() > LONGEST {
                return None;
            }
            self.key.push(transition.input);
            self.path.push((fst.node(transition.target)?, 0, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks up every key and near misses, against the crate that wrote the map.
    fn agrees(keys: &[Vec<u8>], value: impl Fn(usize) -> u64) {
        let mut builder = fst::MapBuilder::memory();
        for (i, key) in keys.iter().enumerate() {
            builder.insert(key, value(i)).unwrap();
        }
        let bytes = builder.into_inner().unwrap();
        let map = fst::Map::new(&bytes).unwrap();
        let ours = Fst::new(&bytes).unwrap();
        for key in keys {
            assert_eq!(ours.get(key.iter().copied()), map.get(key), "{key:?}");
            let mut longer = key.clone();
            longer.push(b'5');
            assert_eq!(ours.get(longer.iter().copied()), map.get(&longer));
            let shorter = &key[..key.len().saturating_sub(1)];
            assert_eq!(ours.get(shorter.iter().copied()), map.get(shorter));
            for byte in 0..=255 {
                let mut other = key.clone();
                if let Some(last) = other.last_mut() {
                    *last = byte;
                }
                assert_eq!(ours.get(other.iter().copied()), map.get(&other));
            }
        }
    }

    fn sorted(mut keys: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        keys.sort();
        keys.dedup();
        keys
    }

    #[test]
    fn reads_what_fst_wrote_for_block_keys() {
        let random = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 30;
        let keys = (0..3000).map(|i| random(i).to_be_bytes()[1..].to_vec()).collect();
        agrees(&sorted(keys), |i| i as u64);
        let dense = (0..3000_u64).map(|i| (90_505_000 + i).to_be_bytes()[1..].to_vec()).collect();
        agrees(&sorted(dense), |i| i as u64);
    }

    #[test]
    fn reads_what_fst_wrote_for_texts() {
        let words = ["", "a", "Lalice", "Lal", "S*67", "S*67#", "N%", "L112", "L1123", "\u{fc}"];
        agrees(&sorted(words.iter().map(|w| w.as_bytes().to_vec()).collect()), |i| 7 * i as u64);
        // All bytes, alone and in pairs: every common input, indexed nodes, a node of 256.
        let all = (0..=255).flat_map(|a| [vec![a], vec![b'x', a]]).collect();
        agrees(&sorted(all), |i| i as u64 % 3);
    }

    #[test]
    fn empty_map_has_no_key() {
        let bytes = fst::MapBuilder::memory().into_inner().unwrap();
        assert_eq!(Fst::new(&bytes).unwrap().get([]), None);
        assert_eq!(Fst::new(&bytes).unwrap().get(*b"a"), None);
    }

    fn map(keys: &[&str]) -> Vec<u8> {
        let mut builder = fst::MapBuilder::memory();
        for (value, key) in (1..).zip(keys) {
            builder.insert(key, value).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn keys_come_in_order_with_their_values() {
        let keys = ["", "a", "ab", "abc", "b", "bcd", "x"];
        let found: Vec<_> = FstKeys::new(&map(&keys)).collect();
        let expected = (1..).zip(keys).map(|(value, key)| (key.as_bytes().into(), value));
        assert_eq!(found, expected.collect::<Vec<_>>());
        assert_eq!(last(&map(&keys)), Some(b"x".to_vec()));
        assert_eq!((last(&[]), last(&map(&[]))), (None, None));
        assert_eq!(FstKeys::new(&[]).count(), 0);
        assert_eq!(FstKeys::new(&map(&[])).count(), 0);
    }
}
