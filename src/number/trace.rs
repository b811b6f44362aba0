//! How a number was reached: the steps of the algorithm, as they are taken.
//!
//! The algorithm reports each step to a [`StepRecorder`]. A call uses the recorder `()`, which drops the steps
//! and costs nothing. A trace runs the same code with a recorder that keeps them, so it shows what was done.

use serde::Serialize;

use super::canonical::{LocalReason, Number};
use super::characters::{CharacterKind, Characters, DialString, PercentDecoded, character_kind};
use super::plan::dial_plan::DialPlan;
use super::plan::facts::Region;
use super::words;

/// One step on the way from what was written to a canonical number.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, StepKind};
///
/// let steps = DialPlan::new("TR")?.trace(b"0505 004 78 24");
/// let (cut, last) = (&steps[1], &steps[steps.len() - 1]);
/// assert_eq!((cut.step, &*cut.value), (StepKind::TrunkPrefix, "0"));
/// assert_eq!((last.step, &*last.value), (StepKind::E164, "+905050047824"));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// What was done.
    pub step: StepKind,
    /// The digits or the text of the step, see [`StepKind`].
    pub value: String,
}

impl Step {
    /// The last step to a number.
    pub(crate) fn end(number: &Number) -> Self {
        let step = match number {
            Number::E164(_) => StepKind::E164,
            Number::Unassigned(_) => StepKind::UnassignedCode,
            Number::Local(text) => match text.local_reason() {
                LocalReason::Emergency => StepKind::Emergency,
                LocalReason::ShortCode => StepKind::ShortCode,
                LocalReason::TooShort => StepKind::TooShort,
                LocalReason::TooLong => StepKind::TooLong,
                LocalReason::WrongLength => StepKind::ImpossibleLength,
                LocalReason::LocalOnly => StepKind::LocalOnly,
                LocalReason::Ambiguous => StepKind::Ambiguous,
                LocalReason::Unassigned => StepKind::UnassignedCode,
                LocalReason::Context | LocalReason::Unstated => StepKind::LocalToContext,
            },
            Number::Service(_) => StepKind::Service,
            Number::Opaque(_) => StepKind::OpaqueUser,
            Number::Anonymous => StepKind::Withheld,
            Number::Invalid(_) => StepKind::Invalid,
        };
        Self { step, value: number.to_string() }
    }
}

words! {
    /// What a [`Step`] does, and what its value is. The last step of a trace says what the number is, with the
    /// canonical form as its value.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, StepKind};
    ///
    /// let steps = DialPlan::new("TR")?.trace(b"0090 505 004 78 24");
    /// let kinds: Vec<StepKind> = steps.iter().map(|step| step.step).collect();
    /// use StepKind::{CallingCode, E164, InternationalPrefix, SeparatorsDropped};
    /// assert_eq!(kinds, [SeparatorsDropped, InternationalPrefix, CallingCode, E164]);
    /// assert_eq!(InternationalPrefix.to_string(), "international_prefix");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum StepKind {
        /// The user was found in a URI or header: the user.
        UserPart = "user_part",
        /// Parameters were left out: the parameters.
        ParametersCut = "parameters_cut",
        /// The text was percent-decoded: the text after it.
        PercentDecoded = "percent_decoded",
        /// Digits and signs of other scripts became ASCII: the text after it.
        DigitsConverted = "digits_converted",
        /// Separators were dropped: the digits that are left.
        SeparatorsDropped = "separators_dropped",
        /// The number has a phone context: the context. A global one was put in front.
        PhoneContext = "phone_context",
        /// A plus before an international or trunk prefix was dropped: the digits that are left.
        PlusDropped = "plus_dropped",
        /// The plan reads plain digits as E.164 digits: the digits.
        PlainE164 = "plain_e164",
        /// An international prefix was cut off: the prefix.
        InternationalPrefix = "international_prefix",
        /// The digits began with the region's own calling code, though no plus or international prefix
        /// stood before it: the code.
        OwnCallingCode = "own_calling_code",
        /// The calling code, found after a plus or international prefix or else put in front: the code.
        CallingCode = "calling_code",
        /// A trunk prefix was cut off: the prefix.
        TrunkPrefix = "trunk_prefix",
        /// A trunk prefix was replaced by other digits: the national number after it.
        TrunkPrefixRewritten = "trunk_prefix_rewritten",
        /// A digit that only marks the number as mobile was dropped: the digit.
        MobileMark = "mobile_mark",
        /// The end: an E.164 number.
        E164 = "e164",
        /// The end: its calling code is not assigned.
        UnassignedCode = "unassigned_code",
        /// The end: an emergency number.
        Emergency = "emergency",
        /// The end: a short code.
        ShortCode = "short_code",
        /// The end: too short for an E.164 number.
        TooShort = "too_short",
        /// The end: too long for one.
        TooLong = "too_long",
        /// The end: no number of its calling code has this length.
        ImpossibleLength = "impossible_length",
        /// The end: a number without its area code.
        LocalOnly = "local_only",
        /// The end: its E.164 form would be read as another number.
        Ambiguous = "ambiguous",
        /// The end: local to the domain of its phone context.
        LocalToContext = "local_to_context",
        /// The end: a service string.
        Service = "service",
        /// The end: an opaque user.
        OpaqueUser = "opaque_user",
        /// The end: withheld.
        Withheld = "withheld",
        /// The end: neither number nor user.
        Invalid = "invalid",
    }
}

impl DialPlan {
    /// How [`DialPlan::number`] reaches its answer, step by step; the last step is the answer. For
    /// explanations, not for every call: it allocates.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// for step in DialPlan::new("TR")?.trace(b"sip:00905050047824@gw.example") {
    ///     println!("{}: {}", step.step, step.value); // user_part: 00905050047824, ...
    /// }
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn trace(&self, text: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        let number = self.read_text(text, &mut steps);
        steps.push(Step::end(&number));
        steps
    }
}

/// Receives the steps of the algorithm.
pub(crate) trait StepRecorder {
    /// Whether it keeps steps. If not, short ways may skip steps, and nothing is worked out for it.
    const RECORDS: bool;

    /// Takes note of a step.
    fn record(&mut self, step: StepKind, value: &[u8]);

    /// How many steps it has.
    fn recorded(&self) -> usize;

    /// Drops the steps after so many: they led nowhere.
    fn truncate_to(&mut self, recorded: usize);

    /// A national prefix was stripped.
    #[inline]
    fn record_stripped(&mut self, before: &[u8], after: &[u8]) {
        if Self::RECORDS && before != after {
            match before.strip_suffix(after) {
                Some(prefix) => self.record(StepKind::TrunkPrefix, prefix),
                None => self.record(StepKind::TrunkPrefixRewritten, after),
            }
        }
    }

    /// A national number may lose its mobile mark.
    #[inline]
    fn record_mobile_mark(&mut self, region: &Region, national: &[u8]) {
        if Self::RECORDS && region.has_mobile_mark(national) {
            self.record(StepKind::MobileMark, &national[..1]);
        }
    }

    /// The calling code of a region was put in front.
    #[inline]
    fn record_code(&mut self, step: StepKind, region: &Region) {
        if Self::RECORDS {
            self.record(step, region.code.to_string().as_bytes());
        }
    }

    /// A dial string was read from a subscriber with parameters: records what that did to the text.
    #[inline]
    fn record_dial_string(&mut self, subscriber: &[u8], params: &[u8], line: &DialString) {
        if !Self::RECORDS {
            return;
        }
        if !params.is_empty() {
            self.record(StepKind::ParametersCut, params);
        }
        let decoded: Vec<u8> = PercentDecoded(subscriber).collect();
        if decoded != subscriber {
            self.record(StepKind::PercentDecoded, &decoded);
        }
        let ascii = |character| match character_kind(character) {
            CharacterKind::Plus => '+',
            CharacterKind::Dialled(byte) => char::from(byte),
            CharacterKind::Separator | CharacterKind::Tilde | CharacterKind::Other => character,
        };
        // A dial string is read from valid characters alone.
        let converted: String = Characters(subscriber).flatten().map(ascii).collect();
        if converted.as_bytes() != decoded {
            self.record(StepKind::DigitsConverted, converted.as_bytes());
        }
        let dialled = line.to_vec();
        if dialled != converted.as_bytes() {
            self.record(StepKind::SeparatorsDropped, &dialled);
        }
    }

    /// A global context was put in front.
    #[inline]
    fn record_context(&mut self, context: &DialString) {
        if Self::RECORDS {
            self.record(StepKind::PhoneContext, &context.to_vec());
        }
    }
}

/// Drops the steps.
impl StepRecorder for () {
    const RECORDS: bool = false;

    #[inline]
    fn record(&mut self, _: StepKind, _: &[u8]) {}

    #[inline]
    fn recorded(&self) -> usize {
        0
    }

    #[inline]
    fn truncate_to(&mut self, _: usize) {}
}

/// Keeps the steps.
impl StepRecorder for Vec<Step> {
    const RECORDS: bool = true;

    fn record(&mut self, step: StepKind, value: &[u8]) {
        self.push(Step { step, value: String::from_utf8_lossy(value).into_owned() });
    }

    fn recorded(&self) -> usize {
        self.len()
    }

    fn truncate_to(&mut self, recorded: usize) {
        self.truncate(recorded);
    }
}
