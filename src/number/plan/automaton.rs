//! Walks the acyclic automata of the facts over ASCII digits.
//!
//! Promises: at most one table read a digit, no backtracking, no allocation. The caller must pass digits alone;
//! other bytes do no harm, but may be accepted. `facts` and `dial` know what the automata mean.

use super::facts::{OUTCOME, PrefixOutcome, ROW, ROWS, TAIL};

/// Marks a target that is a tail rather than a row.
const IS_TAIL: u16 = 0x8000;

/// The verdict on the whole of `digits`, 0 if they are not accepted.
#[inline]
pub(crate) fn whole(root: u16, digits: &[u8]) -> u16 {
    let mut at = root;
    for (position, &digit) in digits.iter().enumerate() {
        if at & IS_TAIL != 0 {
            return tail(at, digits.len() - position);
        }
        at = step(at, digit);
    }
    if at & IS_TAIL != 0 { tail(at, 0) } else { ROW[usize::from(at)][11] }
}

/// What to do with the prefix that `digits` begin with: the one that a backtracking matcher would find.
#[inline]
pub(crate) fn prefix(root: u16, digits: &[u8]) -> Option<PrefixOutcome> {
    let mut at = root;
    let mut found = 0;
    let mut rest = digits.iter();
    while at & IS_TAIL == 0 {
        let row = &ROW[usize::from(at)];
        if row[10] != 0 {
            found = row[10];
        }
        let Some(&digit) = rest.next() else {
            if row[11] != 0 {
                found = row[11];
            }
            break;
        };
        at = step(at, digit);
    }
    if found == 0 { None } else { OUTCOME.get(usize::from(found)).copied() }
}

/// Which lengths an automaton over whole texts accepts of all texts with the same beginning: masks in which bit
/// n stands for n digits.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    /// All texts of the length are accepted.
    pub(crate) all: u32,
    /// Some are.
    pub(crate) any: u32,
}

impl Lengths {
    /// The lengths with so many more digits in front.
    pub(crate) const fn shifted(self, digits: usize) -> Self {
        Self { all: self.all << digits, any: self.any << digits }
    }
}

/// What the automaton says of the texts that begin with these digits.
pub(crate) const fn lengths(root: u16, beginning: &[u8]) -> Lengths {
    let (mut at, mut position) = (root, 0);
    while position < beginning.len() && at & IS_TAIL == 0 {
        at = ROW[at as usize][(beginning[position] - b'0') as usize];
        position += 1;
    }
    if at & IS_TAIL == 0 {
        return LENGTHS[at as usize].shifted(position);
    }
    // A tail counts the digits to come: those that are left of the beginning, then any.
    let tail = TAIL[(at & !IS_TAIL) as usize];
    let lengths = tail << position & u32::MAX << beginning.len();
    Lengths { all: lengths, any: lengths }
}

/// By row: which lengths of the rest are accepted from there.
static LENGTHS: [Lengths; ROWS] = lengths_of_rows();

#[allow(clippy::large_stack_arrays, reason = "there is no stack in constant evaluation")]
const fn lengths_of_rows() -> [Lengths; ROWS] {
    let mut of_rows = [Lengths { all: 0, any: 0 }; ROWS];
    let mut at = 0;
    while at < ROWS {
        let mut lengths = Lengths { all: !0, any: 0 };
        let mut digit = 0;
        while digit < 10 {
            let target = ROW[at][digit];
            let after = if target & IS_TAIL == 0 {
                // Rows only lead to rows before them.
                assert!((target as usize) < at, "tables.bin: a row that leads to a later one");
                of_rows[target as usize]
            } else {
                let tail = TAIL[(target & !IS_TAIL) as usize];
                Lengths { all: tail, any: tail }
            };
            lengths =
                Lengths { all: lengths.all & after.all << 1, any: lengths.any | after.any << 1 };
            digit += 1;
        }
        let end = (ROW[at][11] != 0) as u32;
        of_rows[at] = Lengths { all: lengths.all & !1 | end, any: lengths.any | end };
        at += 1;
    }
    of_rows
}

/// Digits in the order in which [`fill`] tries them.
pub(crate) const UPWARDS: [u8; 10] = *b"0123456789";
pub(crate) const DOWNWARDS: [u8; 10] = *b"9876543210";

/// Fills the open places of a text so that the whole is accepted; false if that cannot be. Bit n of the mask
/// stands for place n. Tries little in vain, because each row knows which lengths can follow.
pub(crate) fn fill(at: u16, places: &mut [u8], open: u32, order: &[u8; 10]) -> bool {
    let to_come = places.len();
    if at & IS_TAIL != 0 {
        let is_open = |place: usize| open.unbounded_shr(place as u32) & 1 == 1;
        (0..to_come).filter(|&place| is_open(place)).for_each(|place| places[place] = order[0]);
        return tail(at, to_come) != 0;
    }
    let Some((place, rest)) = places.split_first_mut() else {
        return ROW[usize::from(at)][11] != 0;
    };
    if LENGTHS[usize::from(at)].any.unbounded_shr(to_come as u32) & 1 == 0 {
        return false;
    }
    if open & 1 == 0 {
        return fill(step(at, *place), rest, open >> 1, order);
    }
    order.iter().any(|&digit| {
        *place = digit;
        fill(step(at, digit), rest, open >> 1, order)
    })
}

/// What an automaton over prefixes says of all texts with the same beginning.
pub(crate) enum PrefixMatch {
    /// None begins with a prefix.
    Never,
    /// All do, with this one.
    Always(PrefixOutcome),
    /// It depends on later digits or on the end of the text.
    Depends,
}

/// What the automaton says of the longer texts that begin with these digits.
pub(crate) fn begins(root: u16, beginning: &[u8]) -> PrefixMatch {
    let (mut at, mut found) = (root, 0);
    let mut rest = beginning.iter();
    while at & IS_TAIL == 0 {
        let row = &ROW[usize::from(at)];
        if row[10] != 0 {
            found = row[10];
        }
        match rest.next() {
            Some(&digit) => at = step(at, digit),
            None if row[..10].iter().all(|target| target & IS_TAIL != 0) => break,
            None => return PrefixMatch::Depends,
        }
    }
    match OUTCOME.get(usize::from(found)) {
        Some(outcome) if found != 0 => PrefixMatch::Always(*outcome),
        _ => PrefixMatch::Never,
    }
}

#[inline]
fn step(at: u16, digit: u8) -> u16 {
    let digit = usize::from(digit.wrapping_sub(b'0'));
    // Bytes that are no digits lead to the tail that accepts nothing.
    ROW[usize::from(at)][..10].get(digit).copied().unwrap_or(IS_TAIL)
}

#[inline]
fn tail(at: u16, digits_to_come: usize) -> u16 {
    let lengths = TAIL[usize::from(at & !IS_TAIL)];
    u16::from(digits_to_come < 32 && lengths >> digits_to_come & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::super::facts::{EMERGENCY, Region, SHORT_CODE};
    use super::*;

    fn region(name: &str) -> &'static Region {
        Region::named(name.as_bytes().try_into().unwrap()).unwrap()
    }

    #[test]
    fn whole_texts_are_judged_by_the_pattern() {
        let general = region("TR").general;
        assert_eq!(whole(general, b"5050047824"), 1);
        for other in ["", "0", "505004782", "50500478240", &"5".repeat(60)] {
            assert_eq!(whole(general, other.as_bytes()), 0, "{other:?}");
        }
    }

    #[test]
    fn open_places_are_filled_so_that_the_pattern_matches() {
        let general = region("TR").general;
        for (written, order, filled) in [
            ("5XXXXXXXXX", UPWARDS, Some("5000000000")),
            ("XXXXXXXXXX", DOWNWARDS, Some("9009999999")),
            ("9X0XXXXXXX", DOWNWARDS, Some("9009999999")),
            ("9X1XXXXXXX", UPWARDS, None),
            ("5XXXXXXXX", UPWARDS, None),
        ] {
            let mut places = written.as_bytes().to_vec();
            let open = (0..)
                .zip(&places)
                .fold(0, |open, (at, &place)| open | u32::from(!place.is_ascii_digit()) << at);
            let found = fill(general, &mut places, open, &order);
            assert_eq!(found.then(|| str::from_utf8(&places).unwrap()), filled, "{written}");
        }
    }

    #[test]
    fn emergency_numbers_and_short_codes_are_distinguished() {
        let us = region("US").short;
        assert_eq!(whole(us, b"911") & EMERGENCY, EMERGENCY);
        assert_eq!(whole(us, b"411"), SHORT_CODE);
        assert_eq!(whole(us, b"2125550100"), 0);
    }

    #[test]
    fn prefixes_are_taken_as_a_backtracking_matcher_takes_them() {
        let kept = |name, digits: &str| {
            let found = prefix(region(name).national, digits.as_bytes())?;
            Some((found.skip, found.insert().to_vec(), found.length))
        };
        assert_eq!(kept("TR", "05050047824"), Some((1, vec![], 0)));
        assert_eq!(kept("TR", "5050047824"), None);
        // `$` inside a pattern: seven digits exactly are local to Antigua.
        assert_eq!(kept("AG", "4641234"), Some((7, b"268".to_vec(), 7)));
        assert_eq!(kept("AG", "46412345"), None);
        // The transform applies only where the last group took part.
        assert_eq!(kept("AR", "01115"), Some((5, b"9".to_vec(), 2)));
        assert_eq!(kept("AR", "0111"), Some((1, vec![], 0)));
    }
}
