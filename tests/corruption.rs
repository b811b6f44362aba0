//! Prevents: a damaged or hostile index file that crashes a routing process, or answers wrongly.
//!
//! Every single byte of a small index takes every other value, the file is cut at every length and
//! made longer: always an `Err`. Then the same damage with checksums that are right again, as
//! somebody would write it on purpose: whatever `open` says, nothing panics.

#[path = "common/seal.rs"]
mod seal;

use callbar::{
    Action, Compiler, DialPlan, E164, EntryId, Index, Note, Number, Response, Settings, Verdict,
    Written,
};
use proptest::prelude::*;
use rayon::prelude::*;
use seal::Pieces;

/// Numbers that fill one block in each of the shapes a block can have.
const BLOCKS: [(u64, u64); 4] =
    [(90_505_000, 20), (90_505_001, 60), (90_505_002, 300), (1_212_555, 1_300)];
/// Every other kind of entry: local, service, user, unassigned; prefixes, ranges, wildcards, three
/// of them under one prefix and some local ones; the classes.
const TEXTS: [&str; 22] = [
    "112",
    "1001",
    "*67",
    "#31#",
    "alice",
    "bob.smith",
    "+99912345",
    "+0123456",
    "12345",
    "+90532*",
    "+905320000000-+905329999999",
    "+90532XXXXXXX",
    "+90533-+90535",
    "+1X99XXXXXXX",
    "+9992*",
    "12*",
    "1000-1019",
    "2X2X",
    "anonymous",
    "invalid",
    "unassigned",
    "short",
];
/// What calls present besides: numbers that the patterns and classes hold.
const CALLS: [&str; 6] =
    ["+905321234567", "+905341234567", "+12991234567", "+9992345", "1234", "2020"];

fn numbers() -> impl Iterator<Item = u64> {
    let block = |(block, count): (u64, u64)| (0..count).map(move |i| block * 10_000 + i * 7);
    BLOCKS.into_iter().flat_map(block)
}

/// Notes of all shapes, and none for every second entry.
fn note(line: usize) -> Note<'static> {
    let on = |bit: usize| line % 2 == 1 && (line / 2) >> bit & 1 == 1;
    Note {
        id: on(0).then(|| EntryId::new([7; 12]).unwrap()),
        created: on(1).then_some(1_700_000_000),
        expires: on(2).then_some(4_000_000_000),
        reason: on(0).then_some("complaint 4711"),
        source: on(1).then_some("import"),
    }
}

/// An index with every kind of entry and note, settings, four lists of both actions, and a filter.
fn sample() -> Vec<u8> {
    let mut compiler = Compiler::new("my.example", DialPlan::new("TR").unwrap()).unwrap();
    let subscriptions = vec!["shared.example".to_owned()];
    compiler.set_settings(Settings { emergency_exempt: true, subscriptions }).unwrap();
    for (list, action) in
        [Action::Deny, Action::Allow, Action::Deny, Action::Deny].iter().enumerate()
    {
        let id = compiler.list(&format!("list {list}"), *action).unwrap();
        compiler.respond(id, (list == 3).then_some(Response::Unwanted));
        let step = list as u64 + 1;
        let some = numbers().filter(|number| number.is_multiple_of(step)).filter_map(E164::new);
        compiler.extend_e164(id, some);
        let texts = TEXTS.par_iter().skip(list * 2).enumerate();
        let noted = texts.map(|(line, text)| {
            (Written { line: line as u64, text: text.as_bytes() }, note(line + list))
        });
        assert_eq!(compiler.extend_noted(id, noted), []);
        let numbers = ["+905050000007", "+905050000014", "+905050020021"].par_iter().enumerate();
        let noted = numbers.map(|(line, text)| {
            (Written { line: line as u64, text: text.as_bytes() }, note(2 * line + 3))
        });
        assert_eq!(compiler.extend_noted(id, noted), []);
    }
    compiler.finish().unwrap().bytes
}

/// Asks an index everything there is to ask; the answers may be anything.
fn ask(index: &Index<&[u8]>) {
    let _ = (index.domain(), index.plan(), index.settings(), index.lists().count(), index.stats());
    let listed = numbers().step_by(83).flat_map(|number| [number, number + 1]);
    let extremes = [10, u64::MAX / 2, 9_999_999_999_999_999_999];
    for number in listed.chain(extremes).filter_map(E164::new).map(Number::E164) {
        let _ = index.check_number(&number);
        let _ = index.lists_of_number(&number).count();
    }
    let texts = || TEXTS.into_iter().chain(CALLS);
    let mut verdicts = [const { Verdict::Pass }; TEXTS.len() + CALLS.len()];
    index.check_batch(&texts().collect::<Vec<_>>(), &mut verdicts);
    for text in texts() {
        let _ = index.check_list("list 1", text);
        let _ = index.lists_of(text).count();
    }
    for text in CALLS {
        let _ = index.explain(text);
    }
}

#[test]
fn the_sample_is_sound_and_complete() {
    let file = sample();
    let index = Index::open(&file[..]).unwrap();
    assert_eq!(index.stats().e164, numbers().count() as u64);
    assert!(index.stats().sections.iter().all(|section| section.bytes > 0), "no section is empty");
    assert!(index.check("+905050000035").is_deny());
    assert_eq!(Pieces::of(&file).seal(), file, "the test's idea of the format");
    ask(&index);
}

#[test]
fn no_byte_can_have_any_other_value() {
    let file = sample();
    (0..file.len()).into_par_iter().for_each_init(
        || file.clone(),
        |file, at| {
            for flip in 1..=u8::MAX {
                file[at] ^= flip;
                assert!(Index::open(&file[..]).is_err(), "byte {at} flipped by {flip}");
                file[at] ^= flip;
            }
        },
    );
}

#[test]
fn no_byte_can_be_missing_or_added() {
    let file = sample();
    (0..file.len()).into_par_iter().for_each(|end| {
        assert!(Index::open(&file[..end]).is_err(), "cut to {end} bytes");
    });
    for byte in 0..=u8::MAX {
        let longer = [&file[..], &[byte]].concat();
        assert!(Index::open(longer).is_err(), "{byte} added");
    }
}

#[test]
fn hostile_bytes_behind_right_checksums_do_no_harm() {
    let sound = Pieces::of(&sample());
    let places: Vec<(usize, usize)> = (0..sound.sections.len())
        .flat_map(|section| (0..sound.sections[section].len()).map(move |at| (section, at)))
        .collect();
    places.into_par_iter().for_each_init(
        || sound.clone(),
        |pieces, (section, at)| {
            let before = pieces.sections[section][at];
            let flips = (0..8).map(|bit| before ^ 1 << bit);
            for byte in flips.chain([0x00, 0x7f, 0x80, 0xff, before.wrapping_add(1)]) {
                pieces.sections[section][at] = byte;
                if let Ok(index) = Index::open(&pieces.seal()[..]) {
                    ask(&index);
                }
            }
            pieces.sections[section][at] = before;
        },
    );
}

/// Damage to one section.
#[derive(Clone, Debug)]
enum Damage {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, u8),
    Remove(usize),
    Copy(usize, usize),
}

impl Damage {
    fn to(&self, section: &mut Vec<u8>) {
        let length = section.len();
        match *self {
            _ if length == 0 => section.push(0),
            Self::Set(at, byte) => section[at % length] = byte,
            Self::Cut(at) => section.truncate(at % length),
            Self::Insert(at, byte) => section.insert(at % length, byte),
            Self::Remove(at) => drop(section.remove(at % length)),
            Self::Copy(from, to) => {
                let (from, to) = (from % length, to % length);
                let count = 8.min(length - from.max(to));
                section.copy_within(from..from + count, to);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = || any::<usize>();
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        1 => at().prop_map(Damage::Remove),
        1 => (at(), at()).prop_map(|(from, to)| Damage::Copy(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn hostile_sections_do_no_harm(damages in prop::collection::vec((0_usize..11, damage()), 1..6)) {
        let mut pieces = Pieces::of(SAMPLE.get_or_init(sample));
        for (section, damage) in damages {
            damage.to(&mut pieces.sections[section]);
        }
        if let Ok(index) = Index::open(&pieces.seal()[..]) {
            ask(&index);
        }
    }
}

static SAMPLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
