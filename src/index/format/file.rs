//! The file format of an index: header, section table, checksums.
//!
//! # Layout (little-endian)
//! ```text
//! 0    8    magic 89 43 42 41 52 0d 1a 0a ("\x89CBAR\r\x1a\n")
//! 8    4    version
//! 12   4    number of sections (11)
//! 16   8    length of the whole file in bytes
//! 24   16*11 for each section: u64 length, u64 XXH3-64 of its bytes
//! 200  8    XXH3-64 of bytes 0 to 199
//! ```
//! The sections follow in the order of [`Section`], each at the next multiple of 64 (a line of the
//! cache), with zeros between. The file ends where the last section does. The module that reads a
//! section documents what it holds:
//!
//! | section   | holds                                                        | module     |
//! | --------- | ------------------------------------------------------------ | ---------- |
//! | meta      | domain, dial plan, settings, lists, counts, layers below     | `meta`     |
//! | sets      | the lists of each set id                                     | `sets`     |
//! | filter    | block Bloom filter over all E.164 numbers                    | `filter`   |
//! | directory | FST: number / 10^4, 7 bytes big-endian -> rank of the block  | `fst`      |
//! | offsets   | for each block `u32`: where it begins in blocks, divided by 4 | `blocks`   |
//! | blocks    | the blocks, ascending                                        | `block`    |
//! | texts     | FST: tag and canonical text of every other entry -> set id   | `texts`    |
//! | notes     | metadata of those entries that have any                      | `notes`    |
//! | rules     | patterns: set id and canonical text                          | `rules`    |
//! | prefixes  | hash table: leading digits of E.164 numbers -> rules         | `prefixes` |
//! | stems     | FST: leading digits of other numbers -> rules                | `prefixes` |
//!
//! # Version changes
//! - 1: first.
//! - 2: patterns, classes, notes, settings, layers; sets mark the members that expire.
//! - 3: the gate in the prefixes has binary cells.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::{Error, Result};

/// As in PNG: a copy in text mode or cut to seven bits damages the magic.
const MAGIC: [u8; 8] = *b"\x89CBAR\r\x1a\n";
const VERSION: u32 = 3;
/// A section begins at a multiple of this.
const ALIGN: usize = 64;

const VERSION_AT: usize = MAGIC.len();
const COUNT_AT: usize = VERSION_AT + size_of::<u32>();
const LENGTH_AT: usize = COUNT_AT + size_of::<u32>();
const TABLE_AT: usize = LENGTH_AT + size_of::<u64>();
const ROW: usize = 2 * size_of::<u64>();
/// The place of the header's checksum, which covers the checksums of all sections.
pub(crate) const CHECKSUM_AT: usize = TABLE_AT + Section::ALL.len() * ROW;
pub(crate) const HEADER: usize = CHECKSUM_AT + size_of::<u64>();

/// The sections, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Meta,
    Sets,
    Filter,
    Directory,
    Offsets,
    Blocks,
    Texts,
    Notes,
    Rules,
    Prefixes,
    Stems,
}

impl Section {
    pub(crate) const ALL: [Self; 11] = [
        Self::Meta,
        Self::Sets,
        Self::Filter,
        Self::Directory,
        Self::Offsets,
        Self::Blocks,
        Self::Texts,
        Self::Notes,
        Self::Rules,
        Self::Prefixes,
        Self::Stems,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Sets => "sets",
            Self::Filter => "filter",
            Self::Directory => "directory",
            Self::Offsets => "offsets",
            Self::Blocks => "blocks",
            Self::Texts => "texts",
            Self::Notes => "notes",
            Self::Rules => "rules",
            Self::Prefixes => "prefixes",
            Self::Stems => "stems",
        }
    }
}

/// Where the sections of a verified file are.
#[derive(Clone, Debug)]
pub(crate) struct FileLayout {
    ranges: [Range<usize>; Section::ALL.len()],
}

impl FileLayout {
    /// Verifies header, lengths, gaps and every checksum, before anything reads a section.
    pub(crate) fn parse(file: &[u8]) -> Result<Self> {
        let lengths = read_header(file, file.len() as u64)?;
        let mut ranges: [Range<usize>; Section::ALL.len()] = Default::default();
        let mut end = HEADER;
        for (section, (length, checksum)) in Section::ALL.into_iter().zip(lengths) {
            let corrupt = |reason| Error::Corrupt { section: section.name(), reason };
            let start = end.checked_next_multiple_of(ALIGN);
            let range = start
                .and_then(|start| Some(start..start.checked_add(usize::try_from(length).ok()?)?))
                .ok_or(corrupt("impossible length"))?;
            let bytes = file.get(range.clone()).ok_or(corrupt("beyond the end of the file"))?;
            let gap = file.get(end..range.start).unwrap_or_default();
            if gap.iter().any(|&byte| byte != 0) {
                return Err(corrupt("bytes where there should be none"));
            }
            if xxh3_64(bytes) != checksum {
                return Err(corrupt("checksum"));
            }
            end = range.end;
            ranges[section as usize] = range;
        }
        if end != file.len() {
            return Err(Error::Corrupt {
                section: "header",
                reason: "bytes after the last section",
            });
        }
        Ok(Self { ranges })
    }

    /// Where a section lies.
    pub(crate) fn range(&self, section: Section) -> Range<usize> {
        self.ranges[section as usize].clone()
    }

    #[inline]
    pub(crate) fn get<'a>(&self, file: &'a [u8], section: Section) -> &'a [u8] {
        // Always within bounds: the ranges were checked against these bytes, which do not change.
        file.get(self.ranges[section as usize].clone()).unwrap_or_default()
    }
}

/// Verifies the header of a file of `length` bytes, from its first [`HEADER`] bytes. Returns the length and the
/// checksum of each section.
pub(crate) fn read_header(file: &[u8], length: u64) -> Result<[(u64, u64); Section::ALL.len()]> {
    let corrupt = |reason| Error::Corrupt { section: "header", reason };
    if !file.starts_with(&MAGIC) {
        return Err(Error::NotAnIndex);
    }
    let version = u32_at(file, VERSION_AT).ok_or(corrupt("cut short"))?;
    if version != VERSION {
        return Err(Error::UnsupportedVersion { found: version, supported: VERSION });
    }
    let header = file.get(..CHECKSUM_AT).ok_or(corrupt("cut short"))?;
    let checksum = u64_at(file, CHECKSUM_AT).ok_or(corrupt("cut short"))?;
    if xxh3_64(header) != checksum {
        return Err(corrupt("checksum"));
    }
    if u32_at(file, COUNT_AT) != Some(Section::ALL.len() as u32) {
        return Err(corrupt("number of sections"));
    }
    if u64_at(file, LENGTH_AT) != Some(length) {
        return Err(corrupt("the file is shorter or longer than it was written"));
    }
    let mut rows = [(0, 0); Section::ALL.len()];
    for (row, at) in rows.iter_mut().zip((TABLE_AT..).step_by(ROW)) {
        let field = |at| u64_at(file, at).ok_or(corrupt("cut short"));
        *row = (field(at)?, field(at + size_of::<u64>())?);
    }
    Ok(rows)
}

/// A whole file out of its sections, in the order of [`Section`].
pub(crate) fn assemble(sections: [Vec<u8>; Section::ALL.len()]) -> Vec<u8> {
    let place = |end: usize, section: &Vec<u8>| end.next_multiple_of(ALIGN) + section.len();
    let length = sections.iter().fold(HEADER, place);
    let mut file = Vec::with_capacity(length);
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(Section::ALL.len() as u32).to_le_bytes());
    file.extend_from_slice(&(length as u64).to_le_bytes());
    for section in &sections {
        file.extend_from_slice(&(section.len() as u64).to_le_bytes());
        file.extend_from_slice(&xxh3_64(section).to_le_bytes());
    }
    file.extend_from_slice(&xxh3_64(&file).to_le_bytes());
    for section in sections {
        file.resize(file.len().next_multiple_of(ALIGN), 0);
        file.extend_from_slice(&section);
    }
    file
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        assemble([1, 0, 64, 65, 3, 200, 0, 9, 4, 0, 1].map(|length| vec![7; length]))
    }

    #[test]
    fn every_section_comes_back() {
        let file = sample();
        let layout = FileLayout::parse(&file).unwrap();
        let lengths = Section::ALL.map(|section| layout.get(&file, section).len());
        assert_eq!(lengths, [1, 0, 64, 65, 3, 200, 0, 9, 4, 0, 1]);
        let filter = &layout.ranges[Section::Filter as usize];
        assert_eq!(filter.start % ALIGN, 0);
    }

    #[test]
    fn no_byte_can_change_and_none_be_missing_or_added() {
        let file = sample();
        for at in 0..file.len() {
            for flip in [1, 0x80, 0xff] {
                let mut file = file.clone();
                file[at] ^= flip;
                assert!(FileLayout::parse(&file).is_err(), "byte {at} flipped by {flip}");
            }
            assert!(FileLayout::parse(&file[..at]).is_err(), "cut at {at}");
        }
        assert!(FileLayout::parse(&[&file[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_newer_version_is_reported() {
        let mut file = sample();
        file[VERSION_AT] = 4;
        let error = FileLayout::parse(&file).unwrap_err();
        assert!(matches!(error, Error::UnsupportedVersion { found: 4, supported: 3 }), "{error}");
    }
}
