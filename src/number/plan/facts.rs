//! The numbering facts of every region, decoded from `tables.bin` by the compiler.
//!
//! The file is written by `tools/numbering.py` from a pinned release of libphonenumber's metadata
//! and committed. It is decoded in constant evaluation: a file that does not fit this module does
//! not compile, and nothing is decoded or checked at run time.
//!
//! **Layout**, version 1, everything little-endian, sections without gaps in this order:
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | magic `89 44 49 41 4C 0D 0A 1A` |
//! | 6 x u16 | version, rows, tails, outcomes, regions, calling codes |
//! | 12 | release of the metadata, ASCII, padded with zeros |
//! | 12 x u16 a row | ten targets, outcome of any prefix that ends here, of the whole text |
//! | u32 a tail | bit n: n more digits, whatever they are, are accepted |
//! | 8 an outcome | skip, start, length, digits to insert (u8 each); those digits, ASCII, padded |
//! | 40 a region | the fields of [`Region`], in its order, a zero byte after the name |
//! | 2 x u16 a code | calling code, index of its main region |
//!
//! A target or root with bit 15 is a tail, any other a row. All automata are acyclic. Those over
//! whole texts store their verdict as the outcome of the whole text: 1 for the patterns of numbers,
//! a set of [`SHORT_CODE`] and [`EMERGENCY`] for short codes. Those over prefixes store indexes of
//! outcomes; 0 is none.
//!
//! Version changes: 1, the first.

use std::sync::LazyLock;

static FILE: &[u8] = include_bytes!("tables.bin");
const MAGIC: [u8; 8] = *b"\x89DIAL\r\n\x1a";
const VERSION: usize = 1;

const VERSION_AT: usize = MAGIC.len();
pub(crate) const ROWS: usize = u16_at(VERSION_AT + 2) as usize;
const TAILS: usize = u16_at(VERSION_AT + 4) as usize;
const OUTCOMES: usize = u16_at(VERSION_AT + 6) as usize;
pub(crate) const REGIONS: usize = u16_at(VERSION_AT + 8) as usize;
const CODES: usize = u16_at(VERSION_AT + 10) as usize;
const RELEASE_AT: usize = VERSION_AT + 12;
const ROWS_AT: usize = RELEASE_AT + 12;
const TAILS_AT: usize = ROWS_AT + ROWS * 24;
const OUTCOMES_AT: usize = TAILS_AT + TAILS * 4;
const REGIONS_AT: usize = OUTCOMES_AT + OUTCOMES * 8;
const CODES_AT: usize = REGIONS_AT + REGIONS * 40;
const END: usize = CODES_AT + CODES * 4;

/// Set in the verdict of the short-code automaton for a short code of the region.
pub(crate) const SHORT_CODE: u16 = 1;
/// Set in the verdict of the short-code automaton for an emergency number of the region.
pub(crate) const EMERGENCY: u16 = 2;

/// The rows of all automata.
pub(crate) static ROW: [StateRow; ROWS] = rows();
/// The tails of all automata.
pub(crate) static TAIL: [u32; TAILS] = tails();
/// What prefixes do.
pub(crate) static OUTCOME: [PrefixOutcome; OUTCOMES] = outcomes();
/// Every region by name, then the codes that belong to none.
pub(crate) static REGION: [Region; REGIONS] = regions();
/// The index of a main region by the first three digits of an E.164 number.
static CODE: [u8; 1000] = codes();
/// Stands in [`CODE`] for digits that begin with no calling code; no region has this index.
const UNASSIGNED: u8 = 255;

/// A state of an automaton: ten targets and two outcomes.
pub(crate) type StateRow = [u16; 12];

/// What to do with digits whose prefix matched: drop `skip` of them, put `insert` and then the
/// digits from `start` to `start + length` in their place.
#[derive(Clone, Copy)]
pub(crate) struct PrefixOutcome {
    pub(crate) skip: u8,
    pub(crate) start: u8,
    pub(crate) length: u8,
    inserted: u8,
    insert: [u8; 4],
}

impl PrefixOutcome {
    /// Cuts one digit off.
    pub(crate) const ONE_DIGIT: Self =
        Self { skip: 1, start: 0, length: 0, inserted: 0, insert: [0; 4] };

    /// The digits to put in front, ASCII.
    pub(crate) fn insert(&self) -> &[u8] {
        &self.insert[..usize::from(self.inserted)]
    }
}

/// What the numbering plan of one region says. Masks of lengths have bit n for n digits, masks of
/// digits bit d for digit d; automata are named by their root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    /// ISO 3166-1 alpha-2 and a zero, or `001` for a code that belongs to no region.
    name: [u8; 3],
    /// The calling code.
    pub(crate) code: u16,
    /// Digits of the calling code, 1 to 3.
    pub(crate) code_digits: u8,
    /// The first digit of the calling code, ASCII; not in the file.
    pub(crate) code_first: u8,
    /// Whether the only national prefix is one digit, cut off; not in the file.
    pub(crate) lone_prefix: bool,
    /// Index of the main region of the calling code.
    main: u8,
    /// Possible lengths of a national number.
    pub(crate) possible: u32,
    /// Lengths that can only be dialled locally.
    pub(crate) local_only: u32,
    /// Lengths that the general pattern can match.
    pub(crate) general_lengths: u32,
    /// Lengths that the short-code automaton can match.
    pub(crate) short_lengths: u32,
    /// The general pattern of national numbers, and the digits they can begin with.
    pub(crate) general: u16,
    pub(crate) general_first: u16,
    /// National prefixes, and the digits they can begin with.
    pub(crate) national: u16,
    pub(crate) national_first: u16,
    /// International prefixes, and the digits they can begin with.
    pub(crate) international: u16,
    pub(crate) international_first: u16,
    /// Short codes and emergency numbers.
    pub(crate) short: u16,
    /// Valid numbers under the calling code, of at most six digits or of a local-only length.
    pub(crate) valid: u16,
}

/// The digits of a national number with a mobile mark: ten behind it.
pub(crate) const MARKED_DIGITS: usize = 11;

impl Region {
    /// The region of that name, in capitals.
    pub(crate) fn named(name: [u8; 2]) -> Option<&'static Self> {
        let name = [name[0], name[1], 0];
        REGION.iter().find(|region| region.name == name)
    }

    /// Where the region stands in [`REGION`].
    pub(crate) fn index(&self) -> usize {
        REGION
            .iter()
            .position(|region| region.name == self.name && region.code == self.code)
            .unwrap_or_default()
    }

    /// How many digits the longest short code has behind the calling code.
    #[inline]
    pub(crate) fn longest_short_code(&self) -> usize {
        usize::from(self.code_digits) + self.short_lengths.checked_ilog2().unwrap_or(0) as usize
    }

    /// Two letters, or `00` for a code that belongs to no region.
    pub(crate) fn name(&self) -> &str {
        std::str::from_utf8(&self.name[..2]).unwrap_or_default()
    }

    /// The region that libphonenumber asks about numbers of this calling code.
    #[inline]
    pub(crate) fn main(&self) -> &'static Self {
        &REGION[usize::from(self.main)]
    }

    /// Reports whether the first digit only marks the number as mobile: Argentina's 9, and the 1 that Mexico
    /// gave up in 2019.
    #[inline]
    pub(crate) const fn has_mobile_mark(&self, national: &[u8]) -> bool {
        national.len() == MARKED_DIGITS && self.begins_marked(national)
    }

    /// Reports whether a national number that begins so may have a mobile mark.
    #[inline]
    pub(crate) const fn begins_marked(&self, national: &[u8]) -> bool {
        matches!((self.code, national), (54, [b'9', ..]) | (52, [b'1', ..]))
    }

    /// The main region of the calling code that the digits begin with, if it is assigned. It takes three digits
    /// to find any code, so fewer digits have none.
    #[inline]
    pub(crate) const fn from_leading_digits(digits: &[u8]) -> Option<&'static Self> {
        match first_three(digits) {
            Some(first) if first < CODE.len() && CODE[first] != UNASSIGNED => {
                Some(&REGION[CODE[first] as usize])
            }
            _ => None,
        }
    }
}

/// The integer that the first three digits write.
#[inline]
const fn first_three(digits: &[u8]) -> Option<usize> {
    const ZEROS: usize = b'0' as usize * 111;
    let [a, b, c, ..] = digits else { return None };
    Some((*a as usize * 100 + *b as usize * 10 + *c as usize).wrapping_sub(ZEROS))
}

/// The revision of callbar's own rules. Raise it when an entry gets another canonical form: a store then files
/// its entries again.
const RULES: u32 = 1;

/// The version of the numbering facts: the release of libphonenumber's metadata, then the revision of callbar's
/// own rules, such as `9.0.43+1`.
///
/// # Examples
/// ```
/// use callbar::{Compiler, DialPlan, Index, facts_version};
///
/// let index = Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes;
/// assert_eq!(Index::open(index)?.stats().facts, facts_version(), "or compile its lists again");
/// # Ok::<(), callbar::Error>(())
/// ```
#[must_use]
pub fn facts_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let release =
            FILE[RELEASE_AT..ROWS_AT].utf8_chunks().next().map_or("", |part| part.valid());
        format!("{}+{RULES}", release.trim_end_matches('\0'))
    });
    &VERSION
}

const fn u16_at(at: usize) -> u16 {
    u16::from_le_bytes([FILE[at], FILE[at + 1]])
}

const fn u32_at(at: usize) -> u32 {
    u32::from_le_bytes([FILE[at], FILE[at + 1], FILE[at + 2], FILE[at + 3]])
}

#[allow(clippy::large_stack_arrays, reason = "there is no stack in constant evaluation")]
const fn rows() -> [StateRow; ROWS] {
    let mut byte = 0;
    while byte < MAGIC.len() {
        assert!(FILE[byte] == MAGIC[byte], "tables.bin: not a table of numbering facts");
        byte += 1;
    }
    assert!(u16_at(VERSION_AT) as usize == VERSION, "tables.bin: another version");
    assert!(FILE.len() == END, "tables.bin: wrong length");
    let mut rows = [[0; 12]; ROWS];
    let mut index = 0;
    while index < ROWS * 12 {
        rows[index / 12][index % 12] = u16_at(ROWS_AT + index * 2);
        index += 1;
    }
    rows
}

const fn tails() -> [u32; TAILS] {
    let mut tails = [0; TAILS];
    let mut index = 0;
    while index < TAILS {
        tails[index] = u32_at(TAILS_AT + index * 4);
        index += 1;
    }
    tails
}

const fn outcomes() -> [PrefixOutcome; OUTCOMES] {
    let mut outcomes =
        [PrefixOutcome { skip: 0, start: 0, length: 0, inserted: 0, insert: [0; 4] }; OUTCOMES];
    let mut index = 0;
    while index < OUTCOMES {
        let at = OUTCOMES_AT + index * 8;
        outcomes[index] = PrefixOutcome {
            skip: FILE[at],
            start: FILE[at + 1],
            length: FILE[at + 2],
            inserted: FILE[at + 3],
            insert: u32_at(at + 4).to_le_bytes(),
        };
        index += 1;
    }
    outcomes
}

const fn regions() -> [Region; REGIONS] {
    let mut regions = [region(0); REGIONS];
    let mut index = 0;
    while index < REGIONS {
        regions[index] = region(index);
        index += 1;
    }
    regions
}

const fn region(index: usize) -> Region {
    let at = REGIONS_AT + index * 40;
    assert!((FILE[at + 7] as usize) < REGIONS, "tables.bin: a main region that is not there");
    // Calling code and national number must fit an integer: 19 digits.
    let longest = u32_at(at + 8).ilog2();
    assert!(FILE[at + 6] as u32 + longest <= 19, "tables.bin: longer than 19 digits");
    Region {
        name: [FILE[at], FILE[at + 1], FILE[at + 2]],
        code: u16_at(at + 4),
        code_digits: FILE[at + 6],
        code_first: first_digit(u16_at(at + 4)),
        lone_prefix: is_lone(u16_at(at + 28), u16_at(at + 30)),
        main: FILE[at + 7],
        possible: u32_at(at + 8),
        local_only: u32_at(at + 12),
        general_lengths: u32_at(at + 16),
        short_lengths: u32_at(at + 20),
        general: u16_at(at + 24),
        general_first: u16_at(at + 26),
        national: u16_at(at + 28),
        national_first: u16_at(at + 30),
        international: u16_at(at + 32),
        international_first: u16_at(at + 34),
        short: u16_at(at + 36),
        valid: u16_at(at + 38),
    }
}

/// Reports whether these prefixes, which begin with the digits of a mask, are one that has one digit.
const fn is_lone(root: u16, first_digits: u16) -> bool {
    if !first_digits.is_power_of_two() {
        return false;
    }
    let target = u16_at(ROWS_AT + root as usize * 24 + first_digits.ilog2() as usize * 2);
    let after = ROWS_AT + target as usize * 24;
    let mut digit = 0;
    while digit < 10 {
        if u16_at(after + digit * 2) != 0x8000 {
            return false;
        }
        digit += 1;
    }
    let outcome = OUTCOMES_AT + u16_at(after + 20) as usize * 8;
    u16_at(after + 20) != 0 && FILE[outcome] == 1 && FILE[outcome + 2] == 0
}

const fn first_digit(mut code: u16) -> u8 {
    while code >= 10 {
        code /= 10;
    }
    b'0' + code.to_le_bytes()[0]
}

const fn codes() -> [u8; 1000] {
    assert!(REGIONS <= UNASSIGNED as usize, "tables.bin: more regions than an index can name");
    let mut codes = [UNASSIGNED; 1000];
    let mut index = 0;
    while index < CODES {
        let at = CODES_AT + index * 4;
        let code = u16_at(at) as usize;
        // A code of fewer digits owns every three digits that it begins.
        let span = if code < 10 {
            100
        } else if code < 100 {
            10
        } else {
            1
        };
        let mut below = 0;
        while below < span {
            codes[code * span + below] = FILE[at + 2];
            below += 1;
        }
        index += 1;
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_tables_leads_somewhere() {
        let leads = |target: u16| match target & 0x8000 {
            0 => usize::from(target) < ROWS,
            _ => usize::from(target & 0x7fff) < TAILS,
        };
        assert!(ROW.iter().all(|row| row[..10].iter().copied().all(leads)));
        for region in &REGION {
            let roots =
                [region.general, region.national, region.international, region.short, region.valid];
            assert!(roots.into_iter().all(leads));
        }
        assert!(
            OUTCOME.iter().all(|outcome| usize::from(outcome.inserted) <= outcome.insert.len())
        );
    }

    #[test]
    fn regions_and_codes_are_those_of_the_release() {
        assert_eq!(facts_version(), "9.0.43+1");
        assert_eq!((REGIONS, CODES), (254, 215));
        let turkey = Region::named(*b"TR").unwrap();
        assert_eq!((turkey.name(), turkey.code, turkey.code_digits), ("TR", 90, 2));
        assert!(turkey.lone_prefix && turkey.code_first == b'9');
        assert_eq!(Region::named(*b"CA").unwrap().main().name(), "US");
        assert_eq!(Region::from_leading_digits(b"902125550100").unwrap().code, 90);
        assert_eq!(Region::from_leading_digits(b"80012345678").unwrap().code, 800);
        assert!(Region::from_leading_digits(b"999123456789").is_none());
        assert!(Region::from_leading_digits(b"0905").is_none());
        assert!(Region::named(*b"00").is_none(), "a code without a region has no name");
    }
}
