//! How a number was reached: the steps of the algorithm, as they are taken.
//!
//! The algorithm reports each step to a [`Witness`]. A call's number has none to look, so its
//! reports cost nothing; a trace is the same code with a witness that writes them down. What is
//! told is thereby what is done.

use std::fmt;

use serde::Serialize;
use serde::ser::Serializer;

use super::canonical::{Number, Why};
use super::facts::Region;
use super::plan::DialPlan;
use super::written::{Characters, Decoded, Kind, Line, kind};

/// One step on the way from what was written to a canonical number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// What was done.
    pub step: StepKind,
    /// The digits or the text that it was done to or led to, see [`StepKind`].
    pub value: String,
}

impl Step {
    /// The last step to a number.
    pub(crate) fn end(number: &Number) -> Self {
        Self { step: StepKind::end(number), value: number.to_string() }
    }
}

/// What a [`Step`] does, and what its value is. The last step of a trace is one of those that end
/// it: what the number is, with the canonical form as value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StepKind {
    /// The user was found in a URI or header: the user.
    UserPart,
    /// Parameters were left out: they.
    ParametersCut,
    /// Percent-decoded: the text since.
    PercentDecoded,
    /// Digits and signs of other scripts became those of ASCII: the text since.
    DigitsConverted,
    /// Separators were dropped: the digits since.
    SeparatorsDropped,
    /// A phone context holds for the number: the context. A global one was put in front.
    PhoneContext,
    /// A plus stood before an international or trunk prefix and was dropped: the digits since.
    PlusDropped,
    /// The plan reads plain digits as E.164 digits: the digits.
    PlainE164,
    /// An international prefix was cut off: the prefix.
    InternationalPrefix,
    /// The digits began with the region's own calling code, though no plus or international prefix
    /// stood before it: the code.
    OwnCallingCode,
    /// The calling code, found after a plus or international prefix or else put in front: the code.
    CallingCode,
    /// A trunk prefix was cut off: the prefix.
    TrunkPrefix,
    /// A trunk prefix was cut off and something else put in its place: the national number since.
    TrunkPrefixRewritten,
    /// A digit that says that the number is a mobile one, and nothing else, was dropped: the digit.
    MobileMark,
    /// The end: an E.164 number.
    E164,
    /// The end: its calling code is nobody's.
    UnassignedCode,
    /// The end: an emergency number.
    Emergency,
    /// The end: a short code.
    ShortCode,
    /// The end: too short for an E.164 number.
    TooShort,
    /// The end: too long for one.
    TooLong,
    /// The end: no number of its calling code has this length.
    ImpossibleLength,
    /// The end: a number without its area code.
    LocalOnly,
    /// The end: its E.164 form would be read as another number.
    Ambiguous,
    /// The end: local to the domain of its phone context.
    LocalToContext,
    /// The end: a service string.
    Service,
    /// The end: an opaque user.
    OpaqueUser,
    /// The end: withheld.
    Withheld,
    /// The end: neither number nor user.
    Invalid,
}

impl StepKind {
    /// The stable word of reports: `user_part`, `trunk_prefix`, `e164`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserPart => "user_part",
            Self::ParametersCut => "parameters_cut",
            Self::PercentDecoded => "percent_decoded",
            Self::DigitsConverted => "digits_converted",
            Self::SeparatorsDropped => "separators_dropped",
            Self::PhoneContext => "phone_context",
            Self::PlusDropped => "plus_dropped",
            Self::PlainE164 => "plain_e164",
            Self::InternationalPrefix => "international_prefix",
            Self::OwnCallingCode => "own_calling_code",
            Self::CallingCode => "calling_code",
            Self::TrunkPrefix => "trunk_prefix",
            Self::TrunkPrefixRewritten => "trunk_prefix_rewritten",
            Self::MobileMark => "mobile_mark",
            Self::E164 => "e164",
            Self::UnassignedCode => "unassigned_code",
            Self::Emergency => "emergency",
            Self::ShortCode => "short_code",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ImpossibleLength => "impossible_length",
            Self::LocalOnly => "local_only",
            Self::Ambiguous => "ambiguous",
            Self::LocalToContext => "local_to_context",
            Self::Service => "service",
            Self::OpaqueUser => "opaque_user",
            Self::Withheld => "withheld",
            Self::Invalid => "invalid",
        }
    }

    /// The end that this number is.
    fn end(number: &Number) -> Self {
        match number {
            Number::E164(_) => Self::E164,
            Number::Unassigned(_) => Self::UnassignedCode,
            Number::Local(text) => match text.why() {
                Why::Emergency => Self::Emergency,
                Why::ShortCode => Self::ShortCode,
                Why::TooShort => Self::TooShort,
                Why::TooLong => Self::TooLong,
                Why::WrongLength => Self::ImpossibleLength,
                Why::LocalOnly => Self::LocalOnly,
                Why::Ambiguous => Self::Ambiguous,
                Why::Unassigned => Self::UnassignedCode,
                Why::Context | Why::Unstated => Self::LocalToContext,
            },
            Number::Service(_) => Self::Service,
            Number::Opaque(_) => Self::OpaqueUser,
            Number::Anonymous => Self::Withheld,
            Number::Invalid(_) => Self::Invalid,
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for StepKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl DialPlan {
    /// How [`DialPlan::number`] reaches its answer, step by step; the last step is the answer. For
    /// explanations, not for every call: it allocates.
    pub fn trace(&self, text: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        let number = self.read_watched(text, &mut steps);
        steps.push(Step::end(&number));
        steps
    }
}

/// Is told the steps of the algorithm.
pub(super) trait Witness {
    /// Whether it looks. Where not, short ways may skip steps, and nothing is worked out for it.
    const LOOKS: bool;

    /// A step is taken.
    fn saw(&mut self, step: StepKind, value: &[u8]);

    /// How much was told so far.
    fn told(&self) -> usize;

    /// What was told since led nowhere.
    fn forget_since(&mut self, told: usize);

    /// A national prefix was stripped.
    #[inline]
    fn saw_stripped(&mut self, before: &[u8], after: &[u8]) {
        if Self::LOOKS && before != after {
            match before.strip_suffix(after) {
                Some(prefix) => self.saw(StepKind::TrunkPrefix, prefix),
                None => self.saw(StepKind::TrunkPrefixRewritten, after),
            }
        }
    }

    /// A national number may lose its mobile mark.
    #[inline]
    fn saw_mark(&mut self, region: &Region, national: &[u8]) {
        if Self::LOOKS && region.has_mobile_mark(national) {
            self.saw(StepKind::MobileMark, &national[..1]);
        }
    }

    /// The calling code of a region was put in front.
    #[inline]
    fn saw_code(&mut self, step: StepKind, region: &Region) {
        if Self::LOOKS {
            self.saw(step, region.code.to_string().as_bytes());
        }
    }

    /// A line was read from a subscriber with parameters.
    #[inline]
    fn saw_line(&mut self, subscriber: &[u8], params: &[u8], line: &Line) {
        if Self::LOOKS {
            self.saw_changes(subscriber, params, line);
        }
    }

    /// A global context was put in front.
    #[inline]
    fn saw_context(&mut self, context: &Line) {
        if Self::LOOKS {
            self.saw(StepKind::PhoneContext, &context.to_vec());
        }
    }

    /// What reading a line did to the text.
    fn saw_changes(&mut self, subscriber: &[u8], params: &[u8], line: &Line) {
        if !params.is_empty() {
            self.saw(StepKind::ParametersCut, params);
        }
        let decoded: Vec<u8> = Decoded(subscriber).collect();
        if decoded != subscriber {
            self.saw(StepKind::PercentDecoded, &decoded);
        }
        let ascii = |character| match kind(character) {
            Kind::Plus => '+',
            Kind::Dialled(byte) => char::from(byte),
            Kind::Separator | Kind::Tilde | Kind::Other => character,
        };
        // A line is read from valid characters alone.
        let converted: String = Characters(subscriber).flatten().map(ascii).collect();
        if converted.as_bytes() != decoded {
            self.saw(StepKind::DigitsConverted, converted.as_bytes());
        }
        let dialled = line.to_vec();
        if dialled != converted.as_bytes() {
            self.saw(StepKind::SeparatorsDropped, &dialled);
        }
    }
}

/// Nobody looks.
impl Witness for () {
    const LOOKS: bool = false;

    #[inline]
    fn saw(&mut self, _: StepKind, _: &[u8]) {}

    #[inline]
    fn told(&self) -> usize {
        0
    }

    #[inline]
    fn forget_since(&mut self, _: usize) {}
}

/// Writes the steps down.
impl Witness for Vec<Step> {
    const LOOKS: bool = true;

    fn saw(&mut self, step: StepKind, value: &[u8]) {
        self.push(Step { step, value: String::from_utf8_lossy(value).into_owned() });
    }

    fn told(&self) -> usize {
        self.len()
    }

    fn forget_since(&mut self, told: usize) {
        self.truncate(told);
    }
}
