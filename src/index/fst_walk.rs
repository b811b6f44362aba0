//! All keys of a map in order.

use super::fst::{Fst, Node, Transition};

/// The keys and values of a map, ascending. Ends early where the bytes make no sense.
pub(super) struct Keys<'a> {
    fst: Option<Fst<'a>>,
    key: Vec<u8>,
    /// Each node on the way to the key, the next of its transitions, and the value so far.
    path: Vec<(Node, usize, u64)>,
}

impl<'a> Keys<'a> {
    /// Of the map in `section`; no bytes are a map without keys.
    pub(super) fn of(section: &'a [u8]) -> Self {
        let fst = Fst::new(section);
        let root = fst.and_then(|fst| fst.node(fst.root()));
        Self { fst, key: Vec::new(), path: root.map(|node| (node, 0, 0)).into_iter().collect() }
    }

    /// Of the part of a map that a transition leads to, without what the keys begin with.
    pub(super) fn below(fst: Fst<'a>, transition: &Transition) -> Self {
        let node = fst.node(transition.target);
        let path = node.map(|node| (node, 0, transition.output)).into_iter().collect();
        Self { fst: Some(fst), key: Vec::new(), path }
    }
}

/// The last key, of a section that is sound.
pub(super) fn last(section: &[u8]) -> Option<Vec<u8>> {
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

/// What the first bytes of keys lead to, in order.
pub(super) fn transitions(section: &[u8]) -> impl Iterator<Item = (Fst<'_>, Transition)> {
    let root = Fst::new(section).and_then(|fst| Some((fst, fst.node(fst.root())?)));
    root.into_iter().flat_map(|(fst, root)| {
        (0..root.len).filter_map(move |i| Some((fst, fst.transition(&root, i)?)))
    })
}

/// Longer than any key that a compiler writes: a loop in damaged bytes ends here.
const LONGEST: usize = 1024;

impl Iterator for Keys<'_> {
    type Item = (Box<[u8]>, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let fst = self.fst?;
        loop {
            let (node, next, value) = self.path.last_mut()?;
            // A node on its first visit may end a key itself; keys come before what they begin.
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
        let found: Vec<_> = Keys::of(&map(&keys)).collect();
        let expected = (1..).zip(keys).map(|(value, key)| (key.as_bytes().into(), value));
        assert_eq!(found, expected.collect::<Vec<_>>());
        assert_eq!(last(&map(&keys)), Some(b"x".to_vec()));
        assert_eq!((last(&[]), last(&map(&[]))), (None, None));
        assert_eq!(Keys::of(&[]).count(), 0);
        assert_eq!(Keys::of(&map(&[])).count(), 0);
    }
}
