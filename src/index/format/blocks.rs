//! The E.164 numbers of an index: a directory of blocks, and the blocks.
//!
//! The directory maps a number without its last four digits (7 bytes, big-endian, which keeps the order)
//! to the *rank* of its block, not to its place. Ranks of neighbours always differ by one, so the
//! automaton shares its nodes and stays in the cache. `offsets` leads from the rank to the block.

use super::block::{self, Block};
use super::file::Section;
use super::fst::{Fst, FstKeys, last};
use super::fst_verify::summarise;
use crate::{Error, Result};

/// Bytes of a directory key: numbers have 19 digits at most, so blocks have 15, and 50 bits.
const KEY: usize = 7;
/// The first block whose numbers would have 20 digits.
const BLOCKS_END: u64 = 10_u64.pow(15);
/// Blocks that are verified between two calls of `pause`.
const STRETCH: usize = 64;

/// The three sections of the numbers.
#[derive(Clone, Copy)]
pub(crate) struct Blocks<'a> {
    pub(crate) directory: &'a [u8],
    pub(crate) offsets: &'a [u8],
    pub(crate) bodies: &'a [u8],
}

fn key(block: u64) -> [u8; KEY] {
    let [_, key @ ..] = block.to_be_bytes();
    key
}

/// The block of a key, if it can hold numbers.
fn block(key: &[u8]) -> Option<u64> {
    let mut block = [0; 8];
    block[1..].copy_from_slice(key.get(..KEY)?);
    Some(u64::from_be_bytes(block)).filter(|&block| block < BLOCKS_END)
}

impl<'a> Blocks<'a> {
    /// The set id of a number.
    #[inline]
    pub(crate) fn find(&self, number: u64) -> Option<u32> {
        let rank = Fst::new(self.directory)?.get(key(number / block::SPAN))?;
        let start = self.offset(usize::try_from(rank).ok()?)?;
        Block::new(self.bodies.get(start..)?)?.find((number % block::SPAN) as u16)
    }

    fn offset(&self, rank: usize) -> Option<usize> {
        let offset = u32::from_le_bytes(*self.offsets.as_chunks().0.get(rank)?);
        (offset as usize).checked_mul(block::ALIGN)
    }

    /// The bytes of the block of a rank, padding included.
    fn bytes(&self, rank: usize) -> Option<&'a [u8]> {
        let end = self.offset(rank + 1).unwrap_or(self.bodies.len());
        self.bodies.get(self.offset(rank)?..end)
    }

    /// All numbers, ascending, and their set ids.
    pub(crate) fn numbers(&self) -> Numbers<'a> {
        Numbers {
            blocks: *self,
            keys: FstKeys::new(self.directory),
            first: 0,
            now: Vec::new(),
            next: 0,
        }
    }

    /// Proves the three sections sound, with `numbers` numbers whose set ids are below `sets`. Calls
    /// `pause` now and then.
    pub(crate) fn verify(&self, numbers: u64, sets: usize, pause: &mut dyn FnMut()) -> Result<()> {
        let corrupt =
            |section: Section, reason| Err(Error::Corrupt { section: section.name(), reason });
        let count = self.offsets.len() / size_of::<u32>();
        if !self.offsets.len().is_multiple_of(size_of::<u32>()) {
            return corrupt(Section::Offsets, "not whole offsets");
        }
        let sum = summarise(self.directory, KEY, Section::Directory.name())?;
        let keyed = sum.keys == 0 || (sum.shortest, sum.longest, sum.ranked) == (KEY, KEY, true);
        if sum.keys != count as u64 || !keyed {
            return corrupt(Section::Directory, "does not rank the blocks");
        }
        if last(self.directory).is_some_and(|key| block(&key).is_none()) {
            return corrupt(Section::Directory, "numbers of more than 19 digits");
        }
        if self.offset(0).unwrap_or(self.bodies.len()) != 0 {
            return corrupt(Section::Offsets, "the first block is not at the start");
        }
        let mut found = 0;
        for rank in 0..count {
            match self.bytes(rank) {
                Some(bytes) => found += Block::verify(bytes, sets)?,
                None => return corrupt(Section::Offsets, "out of order or beyond the blocks"),
            }
            if rank.is_multiple_of(STRETCH) {
                pause();
            }
        }
        if found != numbers {
            return corrupt(Section::Blocks, "not as many numbers as the meta section says");
        }
        Ok(())
    }
}

/// See [`Blocks::numbers`].
pub(crate) struct Numbers<'a> {
    blocks: Blocks<'a>,
    keys: FstKeys<'a>,
    /// The block that `now` holds: its first number, and which of its numbers comes next.
    first: u64,
    now: Vec<(u16, u32)>,
    next: usize,
}

impl Iterator for Numbers<'_> {
    type Item = (u64, u32);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(&(low, id)) = self.now.get(self.next) {
                self.next += 1;
                return Some((self.first + u64::from(low), id));
            }
            self.read_block()?;
        }
    }
}

impl Numbers<'_> {
    fn read_block(&mut self) -> Option<()> {
        let (key, rank) = self.keys.next()?;
        self.first = block(&key)? * block::SPAN;
        let start = self.blocks.offset(usize::try_from(rank).ok()?)?;
        self.now.clear();
        self.next = 0;
        Block::new(self.blocks.bodies.get(start..)?)?.read(&mut self.now)
    }
}

/// Makes the three sections out of blocks in ascending order.
#[derive(Default)]
pub(crate) struct BlocksBuilder {
    /// `None` until the first block: a builder takes a megabyte to begin with.
    directory: Option<fst::MapBuilder<Vec<u8>>>,
    offsets: Vec<u8>,
    bodies: Vec<u8>,
}

/// Some 6 billion numbers where they are dense, 1.4 billion if no two share a block.
const TOO_LARGE: Error = Error::TooLarge { what: "bytes of blocks", limit: 16 << 30 };

impl BlocksBuilder {
    /// Adds the block of the numbers `block * 10^4 + lows[i]`, on the lists of set `ids[i]`.
    pub(crate) fn push(&mut self, block: u64, lows: &[u16], ids: &[u32]) -> Result<()> {
        let place = self.bodies.len() / block::ALIGN;
        let place = u32::try_from(place).map_err(|_| TOO_LARGE)?;
        let rank = self.offsets.len() / size_of::<u32>();
        let directory = self.directory.get_or_insert_with(fst::MapBuilder::memory);
        directory.insert(key(block), rank as u64).expect("blocks ascend");
        self.offsets.extend_from_slice(&place.to_le_bytes());
        block::append(lows, ids, &mut self.bodies);
        Ok(())
    }

    /// The sections directory, offsets and blocks.
    pub(crate) fn finish(self) -> [Vec<u8>; 3] {
        let bytes = |map: fst::MapBuilder<_>| map.into_inner().expect("a vector takes every write");
        [self.directory.map(bytes).unwrap_or_default(), self.offsets, self.bodies]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> [Vec<u8>; 3] {
        let mut builder = BlocksBuilder::default();
        builder.push(90_505_004, &[1, 7824, 9999], &[0, 1, 0]).unwrap();
        builder.push(90_505_005, &[0], &[1]).unwrap();
        builder.push(900_000_000_000_000, &[42], &[0]).unwrap();
        builder.finish()
    }

    fn over([directory, offsets, bodies]: &[Vec<u8>; 3]) -> Blocks<'_> {
        Blocks { directory, offsets, bodies }
    }

    #[test]
    fn finds_numbers_across_blocks() {
        let sections = sections();
        let blocks = over(&sections);
        blocks.verify(5, 2, &mut || ()).unwrap();
        assert_eq!(blocks.find(905_050_047_824), Some(1));
        assert_eq!(blocks.find(905_050_049_999), Some(0));
        assert_eq!(blocks.find(905_050_050_000), Some(1));
        assert_eq!(blocks.find(9_000_000_000_000_000_042), Some(0));
        let all: Vec<_> = blocks.numbers().collect();
        assert_eq!(
            (all.len(), all[1], all[4]),
            (5, (905_050_047_824, 1), (9_000_000_000_000_000_042, 0))
        );
        for absent in [905_050_047_825, 905_050_050_001, 905_050_060_000, 10, 99] {
            assert_eq!(blocks.find(absent), None);
        }
    }

    #[test]
    fn numbers_beyond_all_digits_are_refused_and_never_read() {
        for (block, is_sound) in
            [(BLOCKS_END - 1, true), (BLOCKS_END, false), ((1 << 56) - 1, false)]
        {
            let mut builder = BlocksBuilder::default();
            builder.push(90_505_004, &[1], &[0]).unwrap();
            builder.push(block, &[9999], &[0]).unwrap();
            let sections = builder.finish();
            assert_eq!(over(&sections).verify(2, 1, &mut || ()).is_ok(), is_sound, "{block}");
            assert_eq!(over(&sections).numbers().count(), 1 + usize::from(is_sound), "{block}");
        }
    }

    #[test]
    fn counts_and_offsets_must_agree() {
        let good = sections();
        assert!(over(&good).verify(4, 2, &mut || ()).is_err());
        assert!(over(&good).verify(5, 1, &mut || ()).is_err());
        let damage: [fn(&mut [Vec<u8>; 3]); 5] = [
            |[_, offsets, _]| offsets.truncate(8),
            |[_, offsets, _]| offsets[4] = 0,
            |[_, offsets, _]| offsets[0] = 1,
            |[_, _, blocks]| blocks.truncate(16),
            |[directory, _, _]| directory.clear(),
        ];
        for damage in damage {
            let mut sections = sections();
            damage(&mut sections);
            assert!(over(&sections).verify(5, 2, &mut || ()).is_err());
        }
    }
}
