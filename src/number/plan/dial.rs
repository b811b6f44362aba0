//! Digits to a canonical number: the algorithm of libphonenumber on the facts of a region.
//!
//! Reads like the numbered steps of libphonenumber's `parse`, from the international prefix on.
//! [`DialPlan`] lists the departures from them. The national prefix is libphonenumber's name for the trunk
//! prefix, as in `national_prefix_for_parsing`.

use super::automaton;
use super::dial_plan::DialPlan;
use super::digits::{self, PackedDigits};
use super::emergency;
use super::facts::{EMERGENCY, PrefixOutcome, Region, SHORT_CODE};
use super::shortcut;
use crate::error::NumberError;
use crate::number::canonical::{E164, LocalReason, Number, Text};
use crate::number::characters::DialString;
use crate::number::trace::{StepKind, StepRecorder};

/// More digits than any written form of an E.164 number has: two prefixes, code and number.
pub(crate) const MOST_DIGITS: usize = 40;
/// So many bare digits or fewer may be a short code, or the beginning of one. They are an E.164 number only if
/// it is valid.
pub(crate) const FEW_DIGITS: usize = 6;

/// The ASCII digits that somebody wrote, and whether a plus stood before them.
#[derive(Clone, Copy)]
pub(crate) struct DialledDigits<'a> {
    pub(crate) plus: bool,
    pub(crate) digits: &'a [u8],
}

impl<'a> DialledDigits<'a> {
    /// The canonical form of one digit or more.
    pub(crate) fn number(self, plan: &DialPlan, recorder: &mut impl StepRecorder) -> Number {
        let plus: &[u8] = if self.plus && !self.has_idle_plus() { b"+" } else { b"" };
        let why = match dial_watched(plan, self, recorder) {
            Ok(number) => return Number::E164(number),
            Err(why) => why,
        };
        let text = if let Some((code, why)) = self.short_code(plan) {
            Text::joined(&[code], why).map(Number::Local)
        } else if why == LocalReason::Unassigned {
            Text::new(self.global(plan)).map(Number::Unassigned)
        } else if self.has_idle_plus() && !is_code(why) {
            Text::new(self.digits).map(Number::Unassigned)
        } else {
            Text::joined(&[plus, self.digits], why).map(Number::Local)
        };
        text.unwrap_or(Number::Invalid(NumberError::TooLong))
    }

    /// Reports whether the plus stands before an international or trunk prefix, because no calling code
    /// begins with 0. Gateways and spreadsheets make that mistake. The digits are read without the plus.
    #[inline]
    fn has_idle_plus(self) -> bool {
        self.plus && self.digits.first() == Some(&b'0')
    }

    /// The digits after an international prefix, or all of them: they should begin with a calling code.
    fn global(self, plan: &DialPlan) -> &'a [u8] {
        let is_global = self.plus && !self.has_idle_plus();
        let rest = if is_global { None } else { plan.after_international_prefix(self.digits) };
        rest.unwrap_or(self.digits)
    }

    /// The region's short code or emergency number behind its own calling code, after a plus or an
    /// international prefix.
    fn short_code(self, plan: &DialPlan) -> Option<(&'a [u8], LocalReason)> {
        let home = plan.home();
        let is_plain = || plan.plain_e164() && !self.digits.starts_with(b"0");
        let global = if self.plus && !self.has_idle_plus() || is_plain() {
            self.digits
        } else {
            plan.after_international_prefix(self.digits)?
        };
        if !home.may_have_own_code(global) {
            return None;
        }
        let code = &global[usize::from(home.code_digits)..];
        // Digits that are a number when they are dialled alone are none: 600000 on the Isle of Man.
        let unknown = || {
            let is_code = home.may_be_unknown_code(code) && national(plan, code, &mut ()).is_err();
            is_code.then_some(LocalReason::TooShort)
        };
        home.short_code(code).or_else(unknown).map(|why| (code, why))
    }
}

/// Reports whether this is why a short code or an emergency number is local.
fn is_code(why: LocalReason) -> bool {
    matches!(why, LocalReason::ShortCode | LocalReason::Emergency)
}

/// Reports whether the digits are a calling code whose national numbers begin with no zero.
pub(crate) fn keeps_no_zero(code: &[u8]) -> bool {
    let mut padded = DialString::new(false);
    padded.extend(code);
    padded.extend(b"000");
    Region::from_leading_digits(padded.dialled()).is_some_and(|region| {
        usize::from(region.code_digits) == code.len() && region.general_first & 1 == 0
    })
}

/// The E.164 number of one digit or more, or why they are none.
#[inline]
pub(crate) fn dial(plan: &DialPlan, dialled: DialledDigits) -> Result<E164, LocalReason> {
    dial_watched(plan, dialled, &mut ())
}

#[inline]
fn dial_watched(
    plan: &DialPlan,
    dialled: DialledDigits,
    recorder: &mut impl StepRecorder,
) -> Result<E164, LocalReason> {
    if dialled.plus && !dialled.has_idle_plus() {
        return international(dialled.digits, recorder);
    }
    if dialled.plus {
        recorder.record(StepKind::PlusDropped, dialled.digits);
    }
    national(plan, dialled.digits, recorder)
}

/// The number of digits that begin with a calling code, whatever prefix stood before it.
fn international<W: StepRecorder>(digits: &[u8], recorder: &mut W) -> Result<E164, LocalReason> {
    if !W::RECORDS
        && let Some(number) = PackedDigits::from_bytes(digits).and_then(shortcut::international)
    {
        return Ok(number);
    }
    if digits.len() <= 2 {
        return Err(LocalReason::TooShort);
    }
    if digits.len() > MOST_DIGITS {
        return Err(LocalReason::TooLong);
    }
    let region = Region::from_leading_digits(digits).ok_or(LocalReason::Unassigned)?;
    let (code, national) = digits.split_at(usize::from(region.code_digits));
    recorder.record(StepKind::CallingCode, code);
    after_code(region, national, recorder)
}

/// What follows a calling code: strips a national prefix that should not be there.
pub(crate) fn after_code(
    region: &Region,
    national: &[u8],
    recorder: &mut impl StepRecorder,
) -> Result<E164, LocalReason> {
    if national.len() < 2 {
        return Err(LocalReason::TooShort);
    }
    if !region.may_have_prefix(national) {
        recorder.record_mobile_mark(region, national);
        return region.complete(national);
    }
    let mut room = NationalBuffer::new();
    let stripped = region.stripped_after_code(national, &mut room).unwrap_or(national);
    recorder.record_stripped(national, stripped);
    recorder.record_mobile_mark(region, stripped);
    region.stable(stripped)
}

/// Digits without a plus, as dialled in the region of the plan.
#[inline]
fn national(
    plan: &DialPlan,
    digits: &[u8],
    recorder: &mut impl StepRecorder,
) -> Result<E164, LocalReason> {
    let home = plan.home();
    if digits.len() > MOST_DIGITS {
        return Err(LocalReason::TooLong);
    }
    if let Some(why) = home.short_code(digits) {
        return Err(why);
    }
    if plan.plain_e164() && digits.first() != Some(&b'0') {
        let recorded = recorder.recorded();
        recorder.record(StepKind::PlainE164, digits);
        if let Ok(number) = international(digits, recorder) {
            return Ok(number);
        }
        recorder.truncate_to(recorded);
    }
    if let Some(rest) = plan.after_international_prefix(digits) {
        recorder.record(StepKind::InternationalPrefix, &digits[..digits.len() - rest.len()]);
        return international(rest, recorder);
    }
    if home.may_have_own_code(digits) {
        let mut room = NationalBuffer::new();
        if let Some(national) = home.without_own_code(digits, &mut room) {
            let (code, rest) = digits.split_at(usize::from(home.code_digits));
            recorder.record(StepKind::OwnCallingCode, code);
            recorder.record_stripped(rest, national);
            return after_code(home.main(), national, recorder);
        }
    }
    let mut room = NationalBuffer::new();
    let stripped = if home.may_have_prefix(digits) {
        home.stripped(digits, &mut room).unwrap_or(digits)
    } else {
        digits
    };
    recorder.record_stripped(digits, stripped);
    recorder.record_mobile_mark(home.main(), stripped);
    let number = home.bare(stripped)?;
    recorder.record_code(StepKind::CallingCode, home);
    Ok(number)
}

/// Reports whether the general pattern of national numbers matches what follows the calling code.
pub(crate) fn fits_general_pattern(number: E164) -> bool {
    let (room, start) = digits::ascii(number.get());
    let digits = &room[start..];
    Region::from_leading_digits(digits)
        .is_some_and(|region| region.matches(&digits[usize::from(region.code_digits)..]))
}

/// Room for a national number that a prefix transforms.
struct NationalBuffer([u8; MOST_DIGITS + 4]);

impl NationalBuffer {
    #[inline]
    fn new() -> Self {
        Self([0; MOST_DIGITS + 4])
    }

    /// The digits less their prefix. Most prefixes are cut off, a few are put in another form.
    #[inline]
    fn apply<'a>(&'a mut self, outcome: PrefixOutcome, digits: &'a [u8]) -> &'a [u8] {
        let rest = &digits[usize::from(outcome.skip)..];
        if outcome.length == 0 {
            return rest;
        }
        let (start, length) = (usize::from(outcome.start), usize::from(outcome.length));
        let mut end = 0;
        for part in [outcome.insert(), &digits[start..start + length], rest] {
            self.0[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        &self.0[..end]
    }
}

impl Region {
    /// Why these bare digits are a short code or an emergency number, if they are one; this is asked first.
    /// A short code that is also a national number is local up to six digits.
    #[inline]
    pub(crate) fn short_code(&self, digits: &[u8]) -> Option<LocalReason> {
        if emergency::is_anywhere(digits) {
            return Some(LocalReason::Emergency);
        }
        if self.short_lengths >> (digits.len() & 31) & 1 == 0 || digits.len() > 31 {
            return None;
        }
        match automaton::whole(self.short, digits) {
            verdict if verdict & EMERGENCY != 0 => Some(LocalReason::Emergency),
            SHORT_CODE if digits.len() <= FEW_DIGITS || !self.matches(digits) => {
                Some(LocalReason::ShortCode)
            }
            _ => None,
        }
    }

    /// Reports whether a few digits can only be a short code that the tables do not have: no national number
    /// begins so, with a trunk prefix or without.
    fn may_be_unknown_code(&self, digits: &[u8]) -> bool {
        (3..=FEW_DIGITS).contains(&digits.len())
            && !digits.starts_with(b"0")
            && !self.main().may_have_prefix(digits)
            && automaton::lengths(self.main().general, digits).any == 0
    }

    /// Reports whether the general pattern of national numbers matches.
    #[inline]
    fn matches(&self, national: &[u8]) -> bool {
        self.general_lengths >> (national.len() & 31) & 1 == 1
            && has(self.general_first, national)
            && automaton::whole(self.general, national) != 0
    }

    /// Reports whether the digits go on after the region's own calling code.
    #[inline]
    pub(crate) fn may_have_own_code(&self, digits: &[u8]) -> bool {
        let length = usize::from(self.code_digits);
        digits.first() == Some(&self.code_first)
            && digits.len() > length
            && digits::value(&digits[..length]) == u64::from(self.code)
    }

    /// The rest after the region's own calling code, if the digits make more sense without it.
    fn without_own_code<'a>(
        &self,
        digits: &'a [u8],
        room: &'a mut NationalBuffer,
    ) -> Option<&'a [u8]> {
        let rest = &digits[usize::from(self.code_digits)..];
        let national = match self.prefix(rest) {
            // Strips without a look at the length, as libphonenumber does here.
            Some(outcome) if !self.matches(rest) => room.apply(outcome, rest),
            _ => rest,
        };
        let better = !self.matches(digits) && self.matches(national);
        (better || self.too_long(digits.len())).then_some(national)
    }

    /// Reports whether the digits can begin with an international prefix.
    #[inline]
    pub(crate) fn may_be_international(&self, digits: &[u8]) -> bool {
        has(self.international_first, digits)
    }

    /// Reports whether the digits can begin with a national prefix.
    #[inline]
    pub(crate) fn may_have_prefix(&self, national: &[u8]) -> bool {
        has(self.national_first, national)
    }

    #[inline]
    fn prefix(&self, national: &[u8]) -> Option<PrefixOutcome> {
        if !self.may_have_prefix(national) {
            None
        } else if self.lone_prefix {
            Some(PrefixOutcome::ONE_DIGIT)
        } else {
            automaton::prefix(self.national, national)
        }
    }

    /// What is cut from digits that begin with a national prefix, and what is put in its place.
    pub(crate) fn rewritten(&self, national: &[u8]) -> Option<(usize, DialString)> {
        let outcome = self.prefix(national)?;
        let (start, length) = (usize::from(outcome.start), usize::from(outcome.length));
        let mut front = DialString::new(false);
        front.extend(outcome.insert());
        front.extend(&national[start..start + length]);
        Some((usize::from(outcome.skip), front))
    }

    /// The same where a prefix takes the whole number after it into account, as that of a carrier does:
    /// where the number begins, and what is put in front.
    pub(crate) fn rewritten_whole(&self, national: &[u8]) -> Option<(usize, DialString)> {
        let outcome = self.prefix(national)?;
        let start = usize::from(outcome.start);
        let mut front = DialString::new(false);
        front.extend(outcome.insert());
        let is_rest = outcome.length > 0 && outcome.start + outcome.length == outcome.skip;
        is_rest.then_some((start, front))
    }

    /// The rest after a national prefix that begins as no national number does.
    pub(crate) fn after_sure_prefix<'a>(&self, national: &'a [u8]) -> Option<&'a [u8]> {
        if has(self.general_first, national) {
            return None;
        }
        let (cut, front) = self.rewritten(national)?;
        if front.dialled().is_empty() { national.get(cut..) } else { None }
    }

    /// The national number less its national prefix, if that leaves a possible number or one too
    /// long, and does not spoil one that matched the general pattern.
    #[inline]
    fn stripped<'a>(&self, national: &'a [u8], room: &'a mut NationalBuffer) -> Option<&'a [u8]> {
        let stripped = room.apply(self.prefix(national)?, national);
        let spoilt = || self.matches(national) && !self.matches(stripped);
        (self.keeps(stripped.len()) && !spoilt()).then_some(stripped)
    }

    /// The same after a calling code, where what matches the general pattern has no prefix.
    fn stripped_after_code<'a>(
        &self,
        national: &'a [u8],
        room: &'a mut NationalBuffer,
    ) -> Option<&'a [u8]> {
        if self.matches(national) { None } else { self.stripped(national, room) }
    }

    /// Reports whether a national number of this length is kept when its prefix was stripped.
    #[inline]
    fn keeps(&self, length: usize) -> bool {
        let bit = 1_u64 << length;
        u64::from(self.local_only) & bit == 0
            && (u64::from(self.possible) & bit != 0 || self.too_long(length))
    }

    /// Reports whether a national number may have so many digits, 63 at most.
    #[inline]
    pub(crate) fn is_possible(&self, length: usize) -> bool {
        u64::from(self.possible) >> length & 1 == 1
    }

    #[inline]
    fn too_long(&self, length: usize) -> bool {
        u64::from(self.possible) >> length == 0
    }

    /// Why no national number has this length; none if it is possible.
    #[cold]
    fn why_not(&self, length: usize) -> Option<LocalReason> {
        let is = |lengths: u32| u64::from(lengths) >> length & 1 == 1;
        if is(self.possible) {
            None
        } else if is(self.local_only) {
            Some(LocalReason::LocalOnly)
        } else if self.too_long(length) {
            Some(LocalReason::TooLong)
        } else if self.possible.trailing_zeros() as usize > length {
            Some(LocalReason::TooShort)
        } else {
            Some(LocalReason::WrongLength)
        }
    }

    /// The number of this region's bare digits, their national prefix stripped.
    #[inline]
    fn bare(&self, national: &[u8]) -> Result<E164, LocalReason> {
        let main = self.main();
        if national.len() <= FEW_DIGITS && automaton::whole(self.valid, national) == 0 {
            return Err(main.why_not(national.len()).unwrap_or(LocalReason::TooShort));
        }
        main.stable(national)
    }

    /// The E.164 number, unless its written form would be read as another number.
    #[inline]
    fn stable(&self, national: &[u8]) -> Result<E164, LocalReason> {
        if self.may_have_prefix(national)
            && self.stripped_after_code(national, &mut NationalBuffer::new()).is_some()
        {
            return Err(self.why_not(national.len()).unwrap_or(LocalReason::Ambiguous));
        }
        self.complete(national)
    }

    /// The E.164 number, if its length is possible.
    #[inline]
    fn complete(&self, national: &[u8]) -> Result<E164, LocalReason> {
        if self.has_mobile_mark(national) {
            return self.unmarked(&national[1..]);
        }
        if !self.is_possible(national.len()) {
            self.is_whole_elsewhere(national)?;
        }
        let code = u64::from(self.code) * digits::TEN_TO[national.len()];
        let whole = code + digits::value(national);
        E164::from_digits(whole).ok_or(LocalReason::TooShort)
    }

    /// The number behind a mobile mark.
    #[cold]
    fn unmarked(&self, national: &[u8]) -> Result<E164, LocalReason> {
        let is_torn = self.stripped_after_code(national, &mut NationalBuffer::new()).is_some();
        if is_torn { Err(LocalReason::Ambiguous) } else { self.complete(national) }
    }

    /// A length that is local in the main region may be that of a whole number in another:
    /// 310-1234 is one in Canada.
    #[cold]
    fn is_whole_elsewhere(&self, national: &[u8]) -> Result<(), LocalReason> {
        match self.why_not(national.len()) {
            Some(LocalReason::LocalOnly) if automaton::whole(self.valid, national) != 0 => Ok(()),
            why => Err(why.unwrap_or(LocalReason::WrongLength)),
        }
    }
}

/// Reports whether the first digit is in the set.
#[inline]
fn has(first_digits: u16, digits: &[u8]) -> bool {
    digits.first().is_some_and(|digit| first_digits >> (digit & 15) & 1 == 1)
}
