//! Any bytes as an index: `open` answers, and what it lets through can be asked anything.
//!
//! The first byte of the input chooses. 0: the rest is the file. 1: the rest lies over the header and
//! the section table of a sound index, whose header is then sealed again. Else: the rest edits the
//! sections, and everything is sealed with right checksums, so that every edit reaches the code
//! behind them.

#[path = "../../tests/common/sample.rs"]
mod sample;
#[path = "../../tests/common/seal.rs"]
mod seal;

use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use callbar::Index;
use sample::{ask, sample};
use seal::Pieces;

/// One edit of a section, at a place counted round its end.
#[derive(Arbitrary, Debug)]
enum Edit {
    Set { section: u8, at: u16, byte: u8 },
    Put { section: u8, at: u16, value: u32 },
    Insert { section: u8, at: u16, byte: u8 },
    Remove { section: u8, at: u16 },
    Cut { section: u8, at: u16 },
    Replace { section: u8, bytes: Vec<u8> },
}

fn edit(pieces: &mut Pieces, edit: Edit) {
    let count = pieces.sections.len();
    let (Edit::Set { section, .. }
    | Edit::Put { section, .. }
    | Edit::Insert { section, .. }
    | Edit::Remove { section, .. }
    | Edit::Cut { section, .. }
    | Edit::Replace { section, .. }) = edit;
    let section = &mut pieces.sections[usize::from(section) % count];
    let place = |at: u16| usize::from(at) % section.len().max(1);
    match edit {
        Edit::Replace { bytes, .. } => *section = bytes,
        _ if section.is_empty() => {}
        Edit::Set { at, byte, .. } => {
            let at = place(at);
            section[at] = byte;
        }
        Edit::Put { at, value, .. } => {
            let at = place(at);
            for (slot, byte) in section[at..].iter_mut().zip(value.to_le_bytes()) {
                *slot = byte;
            }
        }
        Edit::Insert { at, byte, .. } => section.insert(place(at), byte),
        Edit::Remove { at, .. } => drop(section.remove(place(at))),
        Edit::Cut { at, .. } => section.truncate(place(at)),
    }
}

/// A sound index but for its header, which says what the fuzzer says, with a right checksum.
fn with_header(pieces: &Pieces, header: &[u8]) -> Vec<u8> {
    let mut file = pieces.seal();
    let end = seal::header_checksum_at(pieces.sections.len());
    for (byte, by) in file[pieces.head.len()..end].iter_mut().zip(header) {
        *byte ^= by;
    }
    let checksum = xxhash_rust::xxh3::xxh3_64(&file[..end]);
    file[end..end + 8].copy_from_slice(&checksum.to_le_bytes());
    file
}

fn open_and_ask(file: &[u8]) {
    if let Ok(index) = Index::open(file) {
        ask(&index);
    }
}

pub(crate) fn run(data: &[u8]) {
    static SAMPLE: OnceLock<Pieces> = OnceLock::new();
    let Some((&choice, rest)) = data.split_first() else { return };
    let sample = SAMPLE.get_or_init(|| Pieces::parse(&sample()));
    match choice {
        0 => open_and_ask(rest),
        1 => open_and_ask(&with_header(sample, rest)),
        _ => {
            let mut pieces = sample.clone();
            let edits = Vec::<Edit>::arbitrary(&mut Unstructured::new(rest)).unwrap_or_default();
            for one in edits {
                edit(&mut pieces, one);
            }
            open_and_ask(&pieces.seal());
        }
    }
}
