//! Takes an index file apart and puts it together again with right checksums, so that damage
//! reaches what lies behind them. Written from the layout in the docs of `index::format::file`, and
//! shared with the fuzz targets.

use xxhash_rust::xxh3::xxh3_64;

/// Bytes of the header before the section table: magic, version, count, length.
const TABLE_AT: usize = 24;
const ROW: usize = 16;
const ALIGN: usize = 64;

/// Where the checksum of the header stands.
pub(crate) fn header_checksum_at(sections: usize) -> usize {
    TABLE_AT + sections * ROW
}

/// An index file in pieces.
#[derive(Clone)]
pub(crate) struct Pieces {
    /// Magic and version.
    pub(crate) head: Vec<u8>,
    pub(crate) sections: Vec<Vec<u8>>,
}

impl Pieces {
    /// The pieces of a sound file.
    pub(crate) fn parse(file: &[u8]) -> Self {
        let count = u32::from_le_bytes(file[12..16].try_into().expect("four bytes")) as usize;
        let mut end = header_checksum_at(count) + 8;
        let mut section = |row: usize| {
            let at = TABLE_AT + row * ROW;
            let length = u64::from_le_bytes(file[at..at + 8].try_into().expect("eight bytes"));
            let start = end.next_multiple_of(ALIGN);
            end = start + usize::try_from(length).expect("a length of this file");
            file[start..end].to_vec()
        };
        let sections = (0..count).map(&mut section).collect();
        Self { head: file[..12].to_vec(), sections }
    }

    /// A file of the pieces whose lengths and checksums are all right.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let header = header_checksum_at(self.sections.len()) + 8;
        let place = |end: usize, section: &Vec<u8>| end.next_multiple_of(ALIGN) + section.len();
        let length = self.sections.iter().fold(header, place);
        let mut file = self.head.clone();
        file.extend((self.sections.len() as u32).to_le_bytes());
        file.extend((length as u64).to_le_bytes());
        for section in &self.sections {
            file.extend((section.len() as u64).to_le_bytes());
            file.extend(xxh3_64(section).to_le_bytes());
        }
        file.extend(xxh3_64(&file).to_le_bytes());
        for section in &self.sections {
            file.resize(file.len().next_multiple_of(ALIGN), 0);
            file.extend(section);
        }
        file
    }
}
