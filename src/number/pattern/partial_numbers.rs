//! Numbers of which not all digits are known, and their canonical form by a dial plan.
//!
//! A prefix `0505*` stands for all numbers that begin so, a wildcard for those of its length. Their common E.164
//! digits are found by trying. For each way that `dial` may go, the open digits are filled so that the general
//! pattern of national numbers matches, and `dial` shows whether it goes that way. So this module can find too
//! little, but nothing that no call is read as. It tries some tens of numbers at most.
//!
//! If none matches, any number of a possible length is tried. Spoofed callers show numbers that no one can have, 0
//! and nine digits in the United States (47 CFR 64.1200(k) lets them be blocked), and a call of one is read as an
//! E.164 number too.

use super::canonical::{OPEN_DIGIT, Scope};
use crate::error::PatternError;
use crate::number::characters::DialString;
use crate::number::plan::automaton;
use crate::number::plan::dial::{self, DialledDigits, FEW_DIGITS};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::plan::facts::{MARKED_DIGITS, Region};

/// More places than a pattern or a sample of it has.
const MOST_PLACES: usize = 24;

/// How the open digits of samples are filled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SampleDigits {
    /// So that the general pattern of national numbers matches.
    Likely,
    /// By any digits: the length alone is possible.
    Any,
}

/// Digits and open digits as they were written, the plus aside.
#[derive(Clone, Copy)]
struct PartialDigits<'a> {
    places: &'a [u8],
    /// Whether more digits may follow.
    longer: bool,
}

impl<'a> PartialDigits<'a> {
    /// What stands before the first open digit.
    fn known(self) -> &'a [u8] {
        &self.places[..digits::run(self.places)]
    }

    /// How many digits its numbers have at most.
    fn longest(self) -> usize {
        if self.longer { MOST_PLACES } else { self.places.len() }
    }
}

/// The canonical form of digits and open digits.
pub(crate) struct CanonicalPlaces {
    pub(crate) scope: Scope,
    /// Without the plus.
    pub(crate) places: DialString,
    /// Whether neither a prefix nor a calling code shows that they are national.
    pub(crate) is_bare: bool,
}

/// One way that `dial` may go: it cuts some digits off and puts others in front.
struct PrefixRewrite {
    cut: usize,
    /// The digits of a calling code, then what stands in place of a national prefix.
    put: DialString,
    region: &'static Region,
}

impl DialPlan {
    /// The canonical form of digits and open digits. More digits may follow if `longer`.
    ///
    /// # Errors
    /// If they may be numbers of several kinds.
    pub(crate) fn place(
        &self,
        form: &DialString,
        longer: bool,
    ) -> Result<CanonicalPlaces, PatternError> {
        let digits = PartialDigits { places: form.dialled(), longer };
        let placed = self.place_marked(form.plus, digits)?;
        match placed.scope {
            Scope::E164 => {
                let places = without_mark(placed.places.dialled(), longer)?;
                Ok(CanonicalPlaces { places, ..placed })
            }
            Scope::Local => Ok(placed),
        }
    }

    /// Makes places behind the region's own calling code short codes if they are too few for a number, as calls
    /// to short codes are read.
    pub(crate) fn short_codes(&self, placed: CanonicalPlaces) -> CanonicalPlaces {
        let home = self.home();
        let code = code_of(home);
        match placed.places.dialled().strip_prefix(code.dialled()) {
            Some(national)
                if placed.scope == Scope::E164
                    && (2..=FEW_DIGITS).contains(&national.len())
                    && national[0].is_ascii_digit()
                    && !home.main().is_possible(national.len()) =>
            {
                CanonicalPlaces { scope: Scope::Local, places: joined(&[national]), is_bare: false }
            }
            _ => placed,
        }
    }

    /// Whether a mobile mark stands behind the calling code of digits with a plus.
    pub(crate) fn is_marked(form: &DialString) -> bool {
        form.plus && marked(form.dialled()).is_some()
    }

    /// The same, perhaps with a mobile mark that canonical numbers do not have.
    fn place_marked(
        &self,
        plus: bool,
        form: PartialDigits<'_>,
    ) -> Result<CanonicalPlaces, PatternError> {
        let known = form.known();
        // No calling code begins with 0: the plus is a mistake.
        let has_idle_plus = plus && known.starts_with(b"0");
        if plus && !has_idle_plus {
            return Ok(after_plus(form));
        }
        if let Some(rest) = self.after_international_prefix(known) {
            if self.plain_e164() && !known.starts_with(b"0") {
                return Err(PatternError::Ambiguous);
            }
            let places = &form.places[known.len() - rest.len()..];
            return Ok(after_plus(PartialDigits { places, ..form }));
        }
        let mut found = self.taken(form, SampleDigits::Likely)?;
        if found.is_none() && (!form.longer || known.len() > FEW_DIGITS) {
            found = self.taken(form, SampleDigits::Any)?;
        }
        let local = || CanonicalPlaces {
            scope: Scope::Local,
            places: joined(&[form.places]),
            is_bare: true,
        };
        Ok(found.unwrap_or_else(|| if has_idle_plus { after_plus(form) } else { local() }))
    }

    /// Whether calls that begin with these local digits may be local or E.164 numbers that nobody can have, as with
    /// `0*` in the United States. Short codes begin with a 0 nowhere, and a prefix of other digits is for short
    /// codes.
    pub(crate) fn is_torn(&self, digits: &[u8]) -> bool {
        let form = PartialDigits { places: digits, longer: true };
        digits.starts_with(b"0") && !matches!(self.taken(form, SampleDigits::Any), Ok(None))
    }

    /// Whether short codes of the region that somebody calls begin with these digits. Codes of four
    /// digits and more that do not begin with a 1 are for messages, but for the 3XXX of France; and
    /// so are those of three where all that begins so is one.
    pub(crate) fn begins_codes(&self, digits: &[u8]) -> bool {
        let home = self.home();
        let codes = |digits: &[u8]| automaton::lengths(home.short, digits);
        let has_three = |lengths: u32| lengths >> 3 & 1 == 1;
        match digits {
            // Europe's directory enquiries, of which the tables do not know all.
            [b'1', b'1', b'8', ..] if digits.len() <= 5 => codes(b"11").any != 0,
            [b'1', ..] => codes(digits).any != 0,
            [b'3', ..] if home.name() == "FR" && digits.len() <= 4 => true,
            [before @ .., _] => has_three(codes(digits).any) && !has_three(codes(before).all),
            [] => false,
        }
    }

    /// The canonical form by the one way that some number of the form goes; none if there is none.
    fn taken(
        &self,
        form: PartialDigits<'_>,
        filling: SampleDigits,
    ) -> Result<Option<CanonicalPlaces>, PatternError> {
        let mut found: Option<CanonicalPlaces> = None;
        for way in self.ways(form).filter(|way| way.is_taken(self, form, filling)) {
            let way = way.applied(form.places);
            if found.as_ref().is_some_and(|other| other.places.dialled() != way.places.dialled()) {
                return Err(PatternError::Ambiguous);
            }
            found.get_or_insert(way);
        }
        Ok(found)
    }

    /// The ways of national numbers that begin with the digits of the places.
    fn ways(&self, form: PartialDigits<'_>) -> impl Iterator<Item = PrefixRewrite> {
        let home = self.home();
        let known = form.known();
        let code = code_of(home);
        let way = |cut: usize, front: &[u8]| {
            let put = joined(&[code.dialled(), front]);
            PrefixRewrite { cut, put, region: home.main() }
        };
        let through = |(cut, front): (usize, DialString)| way(cut, front.dialled());
        let own = known.starts_with(code.dialled()).then(|| way(code.dialled().len(), &[]));
        let plain = Region::from_leading_digits(known).filter(|_| self.plain_e164());
        let plain = plain.map(|region| {
            let code = code_of(region);
            PrefixRewrite { cut: code.dialled().len(), put: code, region }
        });
        let trunk = home.rewritten(known).map(through);
        let carrier = rewritten_if_longer(home, form).map(through);
        [Some(way(0, &[])), trunk, carrier, own, plain].into_iter().flatten()
    }
}

impl PrefixRewrite {
    fn applied(&self, places: &[u8]) -> CanonicalPlaces {
        let is_bare = self.cut == 0;
        let places = joined(&[self.put.dialled(), &places[self.cut..]]);
        CanonicalPlaces { scope: Scope::E164, places, is_bare }
    }

    /// Whether some number of the form goes this way.
    fn is_taken(&self, plan: &DialPlan, form: PartialDigits<'_>, filling: SampleDigits) -> bool {
        let whole = self.applied(form.places).places;
        let (code, places) = whole.dialled().split_at(usize::from(self.region.code_digits));
        samples(self.region, PartialDigits { places, ..form }, filling, |national| {
            let sample = joined(&[code, national]);
            let kept = &sample.dialled()[self.put.dialled().len()..];
            let written = joined(&[&form.places[..self.cut], kept]);
            let dialled = DialledDigits { plus: false, digits: written.dialled() };
            let unmarked = &national[usize::from(self.region.has_mobile_mark(national))..];
            let number = digits::value(joined(&[code, unmarked]).dialled());
            dial::dial(plan, dialled).is_ok_and(|found| found.get() == number)
        })
    }
}

/// The calling code of E.164 places, and the national places if they begin with the digit that says of some
/// countries' numbers that they are mobile ones.
fn marked(places: &[u8]) -> Option<(&[u8], &[u8])> {
    let region = Region::from_leading_digits(&places[..digits::run(places)])?;
    let (code, national) = places.split_at(usize::from(region.code_digits));
    region.begins_marked(national).then_some((code, national))
}

/// E.164 places without that digit.
///
/// # Errors
/// Of a prefix that is nothing else.
fn without_mark(places: &[u8], longer: bool) -> Result<DialString, PatternError> {
    let Some((code, national)) = marked(places) else { return Ok(joined(&[places])) };
    if longer && national.len() == 1 {
        return Err(PatternError::MobileMarkAlone);
    }
    let is_marked = longer && national.len() <= MARKED_DIGITS || national.len() == MARKED_DIGITS;
    Ok(joined(&[code, &national[usize::from(is_marked)..]]))
}

/// What more digits make of the trunk prefix of these places: Brazil's 0 15 is a carrier's before a
/// whole number, but before less than one 15 is an area code.
fn rewritten_if_longer(region: &Region, form: PartialDigits<'_>) -> Option<(usize, DialString)> {
    if region.lone_prefix || !region.may_have_prefix(form.places) {
        return None;
    }
    let known = form.known();
    let lengths = known.len() + 1..=form.longest();
    let mut fillings = lengths.flat_map(|length| (*b"059").map(|digit| (length, digit)));
    fillings.find_map(|(length, digit)| {
        let mut filled = joined(&[known]);
        while filled.dialled().len() < length {
            filled.push(digit);
        }
        region.rewritten_whole(filled.dialled()).filter(|&(cut, _)| cut <= known.len())
    })
}

/// E.164 places. A trunk prefix after the code, `+90 (0) 505`, goes as it goes from numbers.
fn after_plus(form: PartialDigits<'_>) -> CanonicalPlaces {
    let without_trunk = || {
        let region = Region::from_leading_digits(form.known())?;
        let (code, national) = form.places.split_at(usize::from(region.code_digits));
        let known = &national[..digits::run(national)];
        let cut = known.len() - region.after_sure_prefix(known)?.len();
        let rest = PartialDigits { places: &national[cut..], ..form };
        let is_number =
            !rest.places.is_empty() && samples(region, rest, SampleDigits::Likely, |_| true);
        is_number.then(|| joined(&[code, rest.places]))
    };
    let places = without_trunk().unwrap_or_else(|| joined(&[form.places]));
    CanonicalPlaces { scope: Scope::E164, places, is_bare: false }
}

/// Whether one of the national numbers of the form is `wanted`: for each possible length some with low digits
/// and some with high ones.
fn samples(
    region: &Region,
    national: PartialDigits<'_>,
    filling: SampleDigits,
    mut wanted: impl FnMut(&[u8]) -> bool,
) -> bool {
    let places = national.places;
    let mut room = [OPEN_DIGIT; MOST_PLACES];
    let Some(start) = room.get_mut(..places.len()) else { return false };
    start.copy_from_slice(places);
    let open =
        (0..).zip(&room).fold(0, |open, (at, &place)| open | u32::from(place == OPEN_DIGIT) << at);
    let mut lengths =
        (places.len()..=national.longest()).filter(|&length| region.is_possible(length));
    lengths.any(|length| {
        let sample = &mut room[..length];
        match filling {
            SampleDigits::Likely => {
                [automaton::UPWARDS, automaton::DOWNWARDS].iter().any(|order| {
                    automaton::fill(region.general, sample, open, order) && wanted(sample)
                })
            }
            SampleDigits::Any => b"059".iter().any(|&digit| {
                let is_open = |place: &usize| open >> place & 1 == 1;
                (0..length).filter(is_open).for_each(|place| sample[place] = digit);
                wanted(sample)
            }),
        }
    })
}

/// The digits of the calling code.
fn code_of(region: &Region) -> DialString {
    let (room, start) = digits::ascii(region.code.into());
    joined(&[&room[start..]])
}

/// All parts in a row, as far as there is room: the length is checked at the end.
pub(crate) fn joined(parts: &[&[u8]]) -> DialString {
    DialString::from_parts(false, parts)
}
