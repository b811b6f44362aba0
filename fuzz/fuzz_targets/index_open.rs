//! Any bytes as an index: `open` answers, and what it lets through can be asked anything.
//!
//! The first byte of the input chooses. 0: the rest is the file. 1: the rest lies over the header and
//! the section table of a sound index, whose header is then sealed again. Else: the rest edits the
//! sections, and everything is sealed with right checksums, so that every edit reaches the code
//! behind them.

#![no_main]

#[path = "../../tests/common/seal.rs"]
mod seal;

use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use callbar::{
    Action, Compiler, DialPlan, E164, EntryId, Index, Note, Number, Response, Settings, Verdict,
    Written,
};
use libfuzzer_sys::fuzz_target;
use rayon::prelude::*;
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

/// Every kind of entry but plain numbers: local, service, user, unassigned; prefixes, ranges and
/// wildcards, several under one prefix; the classes.
const TEXTS: [&str; 16] = [
    "112",
    "*67",
    "alice",
    "+99912345",
    "0505 000 00 07",
    "+90532*",
    "+905320000000-+905329999999",
    "+90533-+90535",
    "+1X99XXXXXXX",
    "+9992*",
    "12*",
    "1000-1019",
    "2X2X",
    "anonymous",
    "unassigned",
    "short",
];
/// What calls present besides: numbers that the patterns and classes hold.
const CALLS: [&str; 6] =
    ["+905321234567", "+905341234567", "+12991234567", "+9992345", "1234", "2020"];

/// Every kind of entry and note, and every shape of block, on three lists; settings.
fn sample() -> Pieces {
    let mut compiler = Compiler::new("my.example", DialPlan::new("TR").unwrap()).unwrap();
    let subscriptions = vec!["shared.example".to_owned()];
    compiler.set_settings(Settings { emergency_exempt: true, subscriptions }).unwrap();
    for (list, action) in [Action::Deny, Action::Allow, Action::Deny].into_iter().enumerate() {
        let id = compiler.list(&format!("list {list}"), action).unwrap();
        compiler.respond(id, (list == 2).then_some(Response::Unwanted));
        let noted = TEXTS[list..]
            .par_iter()
            .enumerate()
            .map(|(line, text)| (Written { line: line as u64, text: text.as_bytes() }, note(line)));
        compiler.extend_noted(id, noted);
        for (block, count) in
            [(90_505_000, 20), (90_505_001, 60), (90_505_002, 300), (1_212_555, 1_300)]
        {
            let numbers = (0..count).map(|i| block * 10_000 + i * 7);
            let some = numbers.filter(|number| number % (list as u64 + 1) == 0);
            compiler.extend_e164(id, some.filter_map(E164::new));
        }
    }
    Pieces::of(&compiler.finish().unwrap().bytes)
}

/// A note for every second entry, all fields in turn.
fn note(line: usize) -> Note<'static> {
    let on = |bit: usize| line % 2 == 0 && (line / 2) >> bit & 1 == 0;
    Note {
        id: on(0).then(|| EntryId::new([7; 12]).unwrap()),
        created: on(1).then_some(1_700_000_000),
        expires: on(2).then_some(4_000_000_000),
        reason: on(0).then_some("complaint 4711"),
        source: on(1).then_some("import"),
    }
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

fn ask(index: &Index<&[u8]>) {
    let _ = (index.domain(), index.plan(), index.settings(), index.lists().count(), index.stats());
    let listed = [90_505_000, 90_505_001, 90_505_002, 1_212_555, 1_212_556];
    let numbers = listed.iter().flat_map(|block| (0..40).map(move |i| block * 10_000 + i * 251));
    for number in numbers.chain([10, u64::MAX / 2]).filter_map(E164::new).map(Number::E164) {
        let _ = index.check_number(&number);
        let _ = index.lists_of_number(&number).count();
    }
    let texts: Vec<&str> = TEXTS.into_iter().chain(CALLS).collect();
    let mut verdicts = vec![Verdict::Pass; texts.len()];
    index.check_batch(&texts, &mut verdicts);
    for text in texts {
        let _ = index.check_list("list 1", text);
        let _ = index.lists_of(text).count();
        let _ = index.explain(text);
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

fuzz_target!(|data: &[u8]| {
    static SAMPLE: OnceLock<Pieces> = OnceLock::new();
    let Some((&choice, rest)) = data.split_first() else { return };
    let sample = SAMPLE.get_or_init(sample);
    match choice {
        0 => open_and_ask(rest),
        1 => open_and_ask(&with_header(sample, rest)),
        _ => {
            let mut pieces = sample.clone();
            let edits = Vec::<Edit>::arbitrary(&mut Unstructured::new(rest)).unwrap_or_default();
            edits.into_iter().for_each(|one| edit(&mut pieces, one));
            open_and_ask(&pieces.seal());
        }
    }
});
