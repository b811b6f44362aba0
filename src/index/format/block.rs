//! A block: up to 10^4 numbers that share all but their last four digits, and a set id for each.
//!
//! # Layout (little-endian, padded with zeros to a multiple of 4)
//! ```text
//! u16 count (1..=10000) | u8 width | u8 0 | u32 base | lows | ids
//! ```
//! `lows` are the last four digits in ascending order, in the smallest of three shapes. The count
//! determines the shape:
//!
//! - **sparse**, below 40 numbers: a `u16` each.
//! - **buckets**, to 1,215 numbers: a byte each, `low % 256`, and before them for each of the 40
//!   values of `low / 256` where its bytes begin (`u8` to 255 numbers, else `u16`). Against a
//!   `u16` each this saves 0.6 bytes a number at 100 numbers a block, and a look-up reads one
//!   bucket instead of searching by halves.
//! - **bitmap**, beyond: 10,000 bits in 157 `u64`, and before them for each 8 words (`u16`) how
//!   many bits come before.
//!
//! The set id of the number of rank `r` is `base` plus the `r`th field of `width` bits in `ids`
//! (low bits first; 0, 1, 2, 4, 8, 16 or 32 bits).

use crate::{Error, Result};

/// Numbers in a full block.
pub(crate) const SPAN: u64 = 10_000;
/// Blocks begin at multiples of this, so that a `u32` reaches 16 GiB of them.
pub(super) const ALIGN: usize = 4;

const HEADER: usize = 8;
const BUCKETS: usize = 40;
const WORDS: usize = 157;
const RANKS: usize = WORDS.div_ceil(8);
const SECTION: &str = "blocks";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BlockShape {
    Sparse,
    Buckets8,
    Buckets16,
    Bitmap,
}

impl BlockShape {
    fn from_count(count: usize) -> Self {
        match count {
            0..40 => Self::Sparse,
            40..256 => Self::Buckets8,
            256..1216 => Self::Buckets16,
            _ => Self::Bitmap,
        }
    }

    /// Bytes of the lows.
    fn size(self, count: usize) -> usize {
        match self {
            Self::Sparse => 2 * count,
            Self::Buckets8 => BUCKETS + count,
            Self::Buckets16 => 2 * BUCKETS + count,
            Self::Bitmap => 2 * RANKS + 8 * WORDS,
        }
    }
}

/// The parts of a block, cut to size.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    count: usize,
    shape: BlockShape,
    width: u32,
    base: u32,
    lows: &'a [u8],
    ids: &'a [u8],
}

impl<'a> Block<'a> {
    /// Cuts a block out of the start of `bytes`; `None` if it does not fit.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let count = usize::from(u16::from_le_bytes([header[0], header[1]]));
        let shape = BlockShape::from_count(count);
        let (lows, rest) = rest.split_at_checked(shape.size(count))?;
        let width = u32::from(header[2]);
        Some(Self {
            count,
            shape,
            width,
            base: u32::from_le_bytes([header[4], header[5], header[6], header[7]]),
            lows,
            ids: rest.get(..(count * width as usize).div_ceil(8))?,
        })
    }

    /// The set id of a number, by its last four digits.
    #[inline]
    pub(crate) fn find(&self, low: u16) -> Option<u32> {
        let rank = match self.shape {
            BlockShape::Sparse => {
                let (lows, _) = self.lows.as_chunks();
                lows.binary_search_by_key(&low, |&low| u16::from_le_bytes(low)).ok()?
            }
            BlockShape::Buckets8 | BlockShape::Buckets16 => self.find_in_bucket(low)?,
            BlockShape::Bitmap => self.find_in_bitmap(low)?,
        };
        self.id(rank)
    }

    /// Appends the last four digits and the set id of every number, ascending; `None` if the bytes are
    /// unsound.
    pub(crate) fn read(&self, out: &mut Vec<(u16, u32)>) -> Option<()> {
        let start = out.len();
        match self.shape {
            BlockShape::Sparse => {
                let (lows, _) = self.lows.as_chunks();
                out.extend(lows.iter().map(|&low| (u16::from_le_bytes(low), 0)));
            }
            BlockShape::Buckets8 | BlockShape::Buckets16 => self.read_buckets(out)?,
            BlockShape::Bitmap => self.read_bitmap(out)?,
        }
        for (rank, (_, id)) in out.get_mut(start..)?.iter_mut().enumerate() {
            *id = self.id(rank)?;
        }
        Some(())
    }

    fn read_buckets(&self, out: &mut Vec<(u16, u32)>) -> Option<()> {
        let lows = self.lows.get(self.lows.len() - self.count..)?;
        for bucket in 0..BUCKETS {
            let (start, end) = self.bucket(bucket)?;
            let high = (bucket as u16) << 8;
            out.extend(lows.get(start..end)?.iter().map(|&low| (high | u16::from(low), 0)));
        }
        Some(())
    }

    fn read_bitmap(&self, out: &mut Vec<(u16, u32)>) -> Option<()> {
        for word in 0..WORDS {
            let mut bits = self.word(word)?;
            while bits != 0 {
                out.push(((word * 64) as u16 + bits.trailing_zeros() as u16, 0));
                bits &= bits - 1;
            }
        }
        Some(())
    }

    fn find_in_bucket(&self, low: u16) -> Option<usize> {
        let [byte, bucket] = low.to_le_bytes();
        let (start, end) = self.bucket(usize::from(bucket))?;
        let lows = self.lows.get(self.lows.len() - self.count..)?.get(start..end)?;
        Some(start + lows.iter().position(|&other| other == byte)?)
    }

    /// Where the bytes of a bucket begin and end.
    fn bucket(&self, bucket: usize) -> Option<(usize, usize)> {
        let start = |bucket: usize| match self.shape {
            _ if bucket == BUCKETS => Some(self.count),
            BlockShape::Buckets8 => self.lows.get(bucket).copied().map(usize::from),
            _ => u16_at(self.lows, bucket),
        };
        (bucket < BUCKETS).then_some((start(bucket)?, start(bucket + 1)?))
    }

    fn find_in_bitmap(&self, low: u16) -> Option<usize> {
        let (word, bit) = (usize::from(low / 64), low % 64);
        let found = self.word(word)?;
        if found >> bit & 1 == 0 {
            return None;
        }
        let mut rank = u16_at(self.lows, word / 8)?;
        for before in word / 8 * 8..word {
            rank += self.word(before)?.count_ones() as usize;
        }
        Some(rank + (found & ((1 << bit) - 1)).count_ones() as usize)
    }

    fn word(&self, word: usize) -> Option<u64> {
        let (words, _) = self.lows.get(2 * RANKS..)?.as_chunks();
        words.get(word).map(|&word| u64::from_le_bytes(word))
    }

    #[inline]
    fn id(&self, rank: usize) -> Option<u32> {
        let field = match self.width {
            0 => 0,
            width @ (1 | 2 | 4 | 8) => {
                let bit = rank * width as usize;
                let byte = u32::from(*self.ids.get(bit / 8)?);
                byte >> (bit % 8) & ((1 << width) - 1)
            }
            16 => u32::try_from(u16_at(self.ids, rank)?).ok()?,
            _ => u32::from_le_bytes(*self.ids.as_chunks().0.get(rank)?),
        };
        self.base.checked_add(field)
    }

    /// Proves the block sound: counts, order, ranks, and every set id below `sets`. Returns how many
    /// numbers it has. `bytes` must be the block and its padding, no more.
    pub(crate) fn verify(bytes: &'a [u8], sets: usize) -> Result<u64> {
        let corrupt = |reason| Error::Corrupt { section: SECTION, reason };
        let block = Self::new(bytes).ok_or(corrupt("a block beyond its end"))?;
        let used = HEADER + block.lows.len() + block.ids.len();
        let padding = bytes.get(used..).unwrap_or_default();
        if used.next_multiple_of(ALIGN) != bytes.len() || padding.iter().any(|&b| b != 0) {
            return Err(corrupt("a block of the wrong length"));
        }
        if block.count == 0 || block.count as u64 > SPAN || bytes.get(3) != Some(&0) {
            return Err(corrupt("a block's count"));
        }
        if !matches!(block.width, 0 | 1 | 2 | 4 | 8 | 16 | 32) {
            return Err(corrupt("a block's width of set ids"));
        }
        if !block.lows_are_sound().unwrap_or(false) {
            return Err(corrupt("the order of a block's numbers"));
        }
        let ids = (0..if block.width == 0 { 1 } else { block.count }).map(|rank| block.id(rank));
        if !ids.into_iter().all(|id| id.is_some_and(|id| (id as usize) < sets)) {
            return Err(corrupt("a set id beyond the table of sets"));
        }
        Ok(block.count as u64)
    }

    fn lows_are_sound(&self) -> Option<bool> {
        Some(match self.shape {
            BlockShape::Sparse => {
                let (lows, _) = self.lows.as_chunks();
                let lows = || lows.iter().map(|&low| u16::from_le_bytes(low));
                lows().is_sorted_by(|a, b| a < b) && lows().next_back()? < SPAN as u16
            }
            BlockShape::Buckets8 | BlockShape::Buckets16 => self.buckets_are_sound()?,
            BlockShape::Bitmap => self.bitmap_is_sound()?,
        })
    }

    fn buckets_are_sound(&self) -> Option<bool> {
        let lows = self.lows.get(self.lows.len() - self.count..)?;
        let mut expected = 0;
        for bucket in 0..BUCKETS {
            let (start, end) = self.bucket(bucket)?;
            if start != expected || !lows.get(start..end)?.is_sorted_by(|a, b| a < b) {
                return Some(false);
            }
            expected = end;
        }
        // The last bucket holds 9984 to 9999 only.
        let (start, end) = self.bucket(BUCKETS - 1)?;
        Some(lows.get(start..end)?.iter().all(|&low| low < 16))
    }

    fn bitmap_is_sound(&self) -> Option<bool> {
        let mut rank = 0;
        for word in 0..WORDS {
            if word % 8 == 0 && u16_at(self.lows, word / 8)? != rank {
                return Some(false);
            }
            rank += self.word(word)?.count_ones() as usize;
        }
        // 9,984 bits fill 156 words; the last has 16.
        Some(rank == self.count && self.word(WORDS - 1)? >> 16 == 0)
    }
}

/// Appends a block. `lows` ascend strictly and are below [`SPAN`]; `ids` has an id for each.
pub(super) fn append(lows: &[u16], ids: &[u32], out: &mut Vec<u8>) {
    let base = ids.iter().copied().min().unwrap_or(0);
    let greatest = ids.iter().copied().max().unwrap_or(0) - base;
    let needed = u32::BITS - greatest.leading_zeros();
    let width = if needed == 0 { 0 } else { needed.next_power_of_two() };
    out.extend_from_slice(&(lows.len() as u16).to_le_bytes());
    out.extend_from_slice(&[width as u8, 0]);
    out.extend_from_slice(&base.to_le_bytes());
    match BlockShape::from_count(lows.len()) {
        BlockShape::Sparse => out.extend(lows.iter().flat_map(|low| low.to_le_bytes())),
        BlockShape::Bitmap => append_bitmap(lows, out),
        shape => append_buckets(lows, shape, out),
    }
    if width > 0 {
        append_ids(ids, base, width, out);
    }
    out.resize(out.len().next_multiple_of(ALIGN), 0);
}

fn append_buckets(lows: &[u16], shape: BlockShape, out: &mut Vec<u8>) {
    let mut start = 0;
    for bucket in 0..BUCKETS {
        if shape == BlockShape::Buckets8 {
            out.push(start as u8);
        } else {
            out.extend_from_slice(&(start as u16).to_le_bytes());
        }
        start += lows[start..].iter().take_while(|&&low| usize::from(low >> 8) == bucket).count();
    }
    out.extend(lows.iter().map(|&low| low as u8));
}

fn append_bitmap(lows: &[u16], out: &mut Vec<u8>) {
    let mut words = [0_u64; WORDS];
    for &low in lows {
        words[usize::from(low / 64)] |= 1 << (low % 64);
    }
    let mut rank = 0_u16;
    for group in words.chunks(8) {
        out.extend_from_slice(&rank.to_le_bytes());
        rank += group.iter().map(|word| word.count_ones() as u16).sum::<u16>();
    }
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn append_ids(ids: &[u32], base: u32, width: u32, out: &mut Vec<u8>) {
    let bytes = width.div_ceil(8) as usize;
    let per_byte = (8 / width).max(1) as usize;
    for group in ids.chunks(per_byte) {
        let fields = group.iter().rev().fold(0, |all, id| (all << (width & 31)) | (id - base));
        out.extend_from_slice(&fields.to_le_bytes()[..bytes]);
    }
}

fn u16_at(bytes: &[u8], i: usize) -> Option<usize> {
    bytes.as_chunks().0.get(i).map(|&two| usize::from(u16::from_le_bytes(two)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` lows spread over the block, by a step that is coprime to 10^4.
    fn lows(count: usize) -> Vec<u16> {
        let mut lows: Vec<u16> = (0..count).map(|i| (i * 7919 % 10_000) as u16).collect();
        lows.sort_unstable();
        lows
    }

    #[test]
    fn finds_all_and_only_its_numbers_in_every_shape_and_width() {
        for count in [1, 2, 39, 40, 41, 255, 256, 1215, 1216, 5000, 9999, 10_000] {
            for sets in [1_u32, 2, 3, 16, 200, 60_000, 1 << 20] {
                let lows = lows(count);
                let ids: Vec<u32> = (0..count as u32).map(|i| 5 + i * 31 % sets).collect();
                let mut bytes = Vec::new();
                append(&lows, &ids, &mut bytes);
                assert_eq!(Block::verify(&bytes, 5 + sets as usize).unwrap(), count as u64);
                let block = Block::new(&bytes).unwrap();
                let mut expected = vec![None; 10_000];
                for (&low, &id) in lows.iter().zip(&ids) {
                    expected[usize::from(low)] = Some(id);
                }
                for (low, expected) in (0..10_000).zip(expected) {
                    assert_eq!(block.find(low), expected, "count {count} sets {sets} low {low}");
                }
                let mut all = Vec::new();
                block.read(&mut all).unwrap();
                assert_eq!(all, lows.into_iter().zip(ids).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_set_id_beyond_the_table_is_refused() {
        let mut bytes = Vec::new();
        append(&lows(100), &[3; 100], &mut bytes);
        assert!(Block::verify(&bytes, 4).is_ok());
        assert!(Block::verify(&bytes, 3).is_err());
    }

    #[test]
    fn damaged_bytes_are_refused_or_harmless() {
        for count in [3, 100, 300, 1300] {
            let ids: Vec<u32> = (0..count as u32).map(|i| i % 3).collect();
            let mut bytes = Vec::new();
            append(&lows(count), &ids, &mut bytes);
            for at in 0..bytes.len() {
                for flip in [1, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= flip;
                    let _ = Block::verify(&bytes, 3);
                    let block = Block::new(&bytes);
                    for low in (0..10_000).step_by(337) {
                        let _ = block.map(|block| block.find(low));
                    }
                    let _ = block.and_then(|block| block.read(&mut Vec::new()));
                }
                assert!(Block::verify(&bytes[..at], 3).is_err());
            }
        }
    }
}
