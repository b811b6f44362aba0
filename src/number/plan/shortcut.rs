//! Short ways: what the first three digits and the count of digits decide alone.
//!
//! For most beginnings every number of a length takes the same way through `dial`: `05.` and 11 digits in Turkey
//! always lose the trunk prefix (libphonenumber's national prefix). A table for each region says which way that
//! is. One multiplication then makes the E.164 number of the digits, and no automaton runs.
//!
//! Promises: an answer given here is the answer of `dial` under a plan without options. If it depends on later
//! digits there is no answer. The tables are worked out from the automata, for all continuations of a beginning
//! at once. They are caches of constant facts and never change: 16 KB for each region in use, built in about
//! 0.1 ms by the first plan of the region and kept as long as the process.

use std::fmt;
use std::sync::OnceLock;

use super::automaton::{self, Lengths, PrefixMatch};
use super::digits::{BEGINNINGS, PackedDigits, TEN_TO};
use super::facts::{MARKED_DIGITS, REGIONS, Region};
use crate::number::canonical::E164;

/// The counts of digits that the tables distinguish, those of [`PackedDigits`], as a mask.
const COUNTS: u32 = ((1 << (MOST + 1)) - 1) & !((1 << FEWEST) - 1);
const FEWEST: usize = 8;
const MOST: usize = 16;
/// `dial` asks more of six bare digits or fewer.
const MORE_THAN_FEW: u32 = !0x7f;

/// Bits of a way; each beginning has one for each count of digits.
const WAY_BITS: usize = 3;
/// The ways. Their numbers are indexes of [`Shortcuts::steps`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It depends on later digits.
    Long = 0,
    /// The digits are a national number.
    National = 1,
    /// The same, after a national prefix.
    AfterPrefix = 2,
    /// The digits begin with the calling code.
    Whole = 3,
    /// They do so after an international prefix.
    International = 4,
}

/// The ways of one region.
pub(crate) struct Shortcuts {
    /// By [`PackedDigits::beginning`]: the way for 8 digits in the lowest bits, then that for 9.
    ways: [u32; BEGINNINGS],
    steps: [WayStep; 1 << WAY_BITS],
}

/// How a way makes an E.164 number: cuts `cut` digits off and puts a calling code in front.
#[derive(Clone, Copy, Default)]
struct WayStep {
    cut: u8,
    /// The code less the digits cut, wrapping.
    gain: u64,
}

impl fmt::Debug for Shortcuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shortcuts").finish_non_exhaustive()
    }
}

impl Shortcuts {
    /// The ways of the region, worked out when it is first asked for, in about 0.1 ms. They live
    /// as long as the process, 16 KB for each region in use.
    pub(crate) fn for_region(region: &'static Region) -> &'static Self {
        static MADE: [OnceLock<Box<Shortcuts>>; REGIONS] = [const { OnceLock::new() }; REGIONS];
        MADE[region.index()].get_or_init(|| Box::new(Self::new(region)))
    }

    /// The number of digits as dialled in the region; none if that takes the long way.
    #[inline]
    pub(crate) fn national(&self, digits: PackedDigits) -> Option<E164> {
        let ways = self.ways[digits.beginning()] >> (WAY_BITS * (digits.count - FEWEST));
        let way = ways & ((1 << WAY_BITS) - 1);
        let step = &self.steps[way as usize];
        let count = digits.count - usize::from(step.cut);
        let value = digits.value.wrapping_add(step.gain.wrapping_mul(TEN_TO[count]));
        if way == Way::Long as u32 {
            None
        } else if way == Way::International as u32 {
            let first = digits.first >> (8 * step.cut);
            international(PackedDigits { count, value, first })
        } else {
            E164::from_digits(value)
        }
    }

    fn new(region: &Region) -> Self {
        let mut shortcuts =
            Self { ways: [0; BEGINNINGS], steps: [WayStep::default(); 1 << WAY_BITS] };
        shortcuts.steps[Way::National as usize].gain = u64::from(region.code);
        for at in 0..BEGINNINGS {
            if let Some(digits) = beginning(at) {
                Claims { region, shortcuts: &mut shortcuts, at, digits, open: COUNTS }.claim_all();
            }
        }
        shortcuts
    }
}

/// The ways of the numbers that begin with three digits, as the steps of `dial` claim them.
struct Claims<'a> {
    region: &'a Region,
    shortcuts: &'a mut Shortcuts,
    /// Where their entry stands.
    at: usize,
    digits: [u8; 3],
    /// The counts of digits that no step has decided. Counts that a step may or may not decide are dropped.
    open: u32,
}

impl Claims<'_> {
    /// The steps of `dial::national`, for more than six digits.
    fn claim_all(mut self) {
        self.open &= !automaton::lengths(self.region.short, &self.digits).any;
        self.international();
        self.own_code();
        self.bare();
    }

    fn international(&mut self) {
        if !self.region.may_be_international(&self.digits) {
            return;
        }
        match automaton::begins(self.region.international, &self.digits) {
            PrefixMatch::Never => {}
            PrefixMatch::Depends => self.open = 0,
            PrefixMatch::Always(prefix) => {
                let cut = usize::from(prefix.skip);
                if self.digits.get(cut) != Some(&b'0') {
                    self.claim_cut(Way::International, cut, 0, self.open);
                    self.open = 0;
                }
            }
        }
    }

    /// See `dial::national` and `Region::without_own_code`.
    fn own_code(&mut self) {
        let [a, b, c] = self.digits;
        if !self.region.may_have_own_code(&[a, b, c, b'0']) {
            return;
        }
        let code = usize::from(self.region.code_digits);
        let rest = &self.digits[code..];
        let whole = self.region.general_at(&self.digits);
        let after = self.region.general_at(rest).shifted(code);
        let no_prefix = if self.region.never_has_prefix(rest) { !0 } else { 0 };
        let too_long = self.region.too_long_lengths();
        // What follows the code keeps its first digits: it has no prefix, or matches as it is.
        let better = !whole.any & after.all | too_long & (after.all | no_prefix);
        self.claim(Way::Whole, better & self.region.main().kept(rest) << code);
        // The code is no code where the digits surely make no more sense without it.
        self.open &= !too_long & (whole.all | no_prefix & !after.any);
    }

    /// See `dial::national`, `Region::stripped` and `Region::bare`.
    fn bare(&mut self) {
        let kept = self.region.main().kept(&self.digits);
        if self.region.never_has_prefix(&self.digits) {
            return self.claim(Way::National, kept);
        }
        match automaton::begins(self.region.national, &self.digits) {
            PrefixMatch::Never => self.claim(Way::National, kept),
            PrefixMatch::Always(prefix) if prefix.length == 0 => {
                let cut = usize::from(prefix.skip);
                let rest = &self.digits[cut..];
                let whole = self.region.general_at(&self.digits);
                let after = self.region.general_at(rest).shifted(cut);
                let fits = self.region.kept_lengths() << cut;
                let stripped = (self.region.main().kept(rest) & MORE_THAN_FEW) << cut;
                // Neither surely spoilt nor surely not: left to the long way.
                let surely_cut = fits & !(whole.any & !after.all);
                let never_cut = !fits | whole.all & !after.any;
                let code = u64::from(self.region.code);
                self.claim_cut(Way::AfterPrefix, cut, code, surely_cut & stripped);
                self.claim(Way::National, never_cut & kept);
            }
            PrefixMatch::Always(_) | PrefixMatch::Depends => {}
        }
    }

    /// Claims a way that cuts digits and puts a code in their place. There is one such step for
    /// each way: prefixes other than the first found take the long way.
    fn claim_cut(&mut self, way: Way, cut: usize, code: u64, lengths: u32) {
        let cut_off =
            self.digits[..cut].iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        let step = WayStep { cut: cut as u8, gain: code.wrapping_sub(cut_off) };
        let known = &mut self.shortcuts.steps[way as usize];
        if known.cut == 0 && lengths & self.open != 0 {
            *known = step;
        }
        if (known.cut, known.gain) == (step.cut, step.gain) {
            self.claim(way, lengths);
        }
    }

    fn claim(&mut self, way: Way, lengths: u32) {
        for count in (FEWEST..=MOST).filter(|count| (lengths & self.open) >> count & 1 == 1) {
            self.shortcuts.ways[self.at] |= (way as u32) << (WAY_BITS * (count - FEWEST));
        }
        self.open &= !lengths;
    }
}

/// The number of digits that begin with a calling code; none if a national prefix may stand after
/// the code, or if they are no number.
#[inline]
pub(crate) fn international(digits: PackedDigits) -> Option<E164> {
    let after = AFTER_PLUS[digits.beginning()];
    let is_number = after >> digits.count & after >> (FOURTH + digits.fourth()) & 1 == 1;
    if is_number { E164::from_digits(digits.value) } else { None }
}

/// The digits whose [`PackedDigits::beginning`] this is.
const fn beginning(at: usize) -> Option<[u8; 3]> {
    let (a, b, c) = (at >> 8, at >> 4 & 15, at & 15);
    if a > 9 || b > 9 || c > 9 {
        return None;
    }
    Some([b'0' + a as u8, b'0' + b as u8, b'0' + c as u8])
}

/// By the [`PackedDigits::beginning`] of an E.164 number: the counts of digits that make a number whatever
/// they are, and from bit [`FOURTH`] on the fourth digits that are no national prefix.
static AFTER_PLUS: [u32; BEGINNINGS] = after_plus();
const FOURTH: u32 = MOST as u32 + 1;

const fn after_plus() -> [u32; BEGINNINGS] {
    const ALL_DIGITS: u32 = 0x3ff;
    let mut table = [0; BEGINNINGS];
    let mut at = 0;
    while at < BEGINNINGS {
        if let Some(digits) = beginning(at)
            && let Some(region) = Region::from_leading_digits(&digits)
        {
            let (lengths, fourth) = match region.code_digits {
                3 => (region.possible << 3, ALL_DIGITS & !(region.national_first as u32)),
                2 => (region.kept(&[digits[2]]) << 2, ALL_DIGITS),
                _ => (region.kept(&[digits[1], digits[2]]) << 1, ALL_DIGITS),
            };
            table[at] = lengths & ((1 << FOURTH) - 1) | fourth << FOURTH;
        }
        at += 1;
    }
    table
}

impl Region {
    /// At which lengths the general pattern matches numbers that begin with these digits.
    const fn general_at(&self, beginning: &[u8]) -> Lengths {
        automaton::lengths(self.general, beginning)
    }

    /// Reports whether no number that begins with these digits begins with a national prefix.
    const fn never_has_prefix(&self, beginning: &[u8]) -> bool {
        match beginning {
            [] => self.national_first == 0,
            [first, ..] => self.national_first >> (*first & 15) & 1 == 0,
        }
    }

    /// The lengths of national numbers that begin with these digits and are E.164 numbers as they
    /// stand after the code, whatever digits follow.
    const fn kept(&self, beginning: &[u8]) -> u32 {
        let no_prefix = if self.never_has_prefix(beginning) { !0 } else { 0 };
        let marked = if self.may_have_mobile_mark(beginning) { 1 << MARKED_DIGITS } else { 0 };
        self.possible & !marked & (no_prefix | self.general_at(beginning).all)
    }

    /// Reports whether numbers that begin with these digits lose the first, see
    /// [`has_mobile_mark`](Self::has_mobile_mark).
    const fn may_have_mobile_mark(&self, beginning: &[u8]) -> bool {
        match beginning {
            [] => matches!(self.code, 52 | 54),
            some => self.begins_marked(some),
        }
    }

    fn too_long_lengths(&self) -> u32 {
        !(u32::MAX >> self.possible.leading_zeros())
    }

    /// The lengths at which `dial` keeps a number whose prefix was stripped.
    fn kept_lengths(&self) -> u32 {
        !self.local_only & (self.possible | self.too_long_lengths())
    }
}

#[cfg(test)]
mod tests {
    use super::super::dial::{self, DialledDigits};
    use super::super::dial_plan::DialPlan;
    use super::super::digits;
    use super::super::facts::REGION;
    use super::*;

    /// Digits of every count, with every three in front, and few, many or mixed ones behind.
    fn each_beginning(mut check: impl FnMut(&[u8])) {
        for first in 0..1000 {
            for behind in ["0000000000000", "9999999999999", "4158203697415", "2706193845820"] {
                let digits = format!("{first:03}{behind}");
                (FEWEST..=MOST).for_each(|count| check(&digits.as_bytes()[..count]));
            }
        }
    }

    #[test]
    fn the_short_ways_lead_where_the_long_way_does() {
        for region in REGION.iter().filter(|region| region.name() != "00") {
            let plan = DialPlan::new(region.name()).unwrap();
            let shortcuts = Shortcuts::for_region(region);
            each_beginning(|digits| {
                let short = shortcuts.national(PackedDigits::from_bytes(digits).unwrap());
                let long = || dial::dial(&plan, DialledDigits { plus: false, digits }).ok();
                let text = digits.escape_ascii();
                assert!(short.is_none() || short == long(), "{} {text}", region.name());
            });
        }
    }

    #[test]
    fn the_short_way_after_a_plus_leads_where_the_long_way_does() {
        each_beginning(|digits| {
            let Some(short) = international(PackedDigits::from_bytes(digits).unwrap()) else {
                return;
            };
            let region = Region::from_leading_digits(digits).unwrap();
            let long =
                dial::after_code(region, &digits[usize::from(region.code_digits)..], &mut ());
            assert_eq!(Ok(short), long, "{}", digits.escape_ascii());
            assert_eq!(short.get(), digits::value(digits));
        });
    }

    #[test]
    fn usual_forms_take_a_short_way() {
        for (region, digits) in [
            ("TR", "05050047824"),
            ("TR", "5050047824"),
            ("TR", "905050047824"),
            ("TR", "00905050047824"),
            ("US", "2015550123"),
            ("US", "12015550123"),
            ("US", "011905050047824"),
            ("GB", "07400123456"),
            ("IT", "0212345678"),
        ] {
            let region = Region::named(region.as_bytes().try_into().unwrap()).unwrap();
            let number = Shortcuts::for_region(region)
                .national(PackedDigits::from_bytes(digits.as_bytes()).unwrap());
            assert!(number.is_some(), "{digits}");
        }
    }
}
