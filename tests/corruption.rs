//! Prevents: a damaged or hostile index file that crashes a routing process, or answers wrongly.
//!
//! Every single byte of a small index takes every other value, the file is cut at every length and
//! made longer: always an `Err`. Then the same damage with checksums that are right again, as
//! somebody would write it on purpose: whatever `open` says, nothing panics.

#[path = "common/sample.rs"]
mod sample;
#[path = "common/seal.rs"]
mod seal;

use callbar::{Error, Index};
use proptest::prelude::*;
use rayon::prelude::*;
use sample::{ask, numbers, sample};
use seal::Pieces;

#[test]
fn the_sample_is_sound_and_complete() {
    let file = sample();
    let index = Index::open(&file[..]).unwrap();
    assert_eq!(index.stats().e164, numbers().count() as u64);
    assert!(index.stats().sections.iter().all(|section| section.bytes > 0), "no section is empty");
    assert!(index.check("+905050000035").is_deny());
    assert_eq!(Pieces::parse(&file).seal(), file, "the test's idea of the format");
    ask(&index);
}

/// What an earlier release wrote, of a number, a pattern, a user and a class.
#[test]
fn an_older_version_is_refused_as_such() {
    let error = Index::open(&include_bytes!("data/version-2.index")[..]).unwrap_err();
    assert!(matches!(error, Error::UnsupportedVersion { found: 2, supported: 3 }), "{error}");
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
    let sound = Pieces::parse(&sample());
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
        let mut pieces = Pieces::parse(SAMPLE.get_or_init(sample));
        for (section, damage) in damages {
            damage.to(&mut pieces.sections[section]);
        }
        if let Ok(index) = Index::open(&pieces.seal()[..]) {
            ask(&index);
        }
    }
}

static SAMPLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
