//! From the text of a call to its one number.
//!
//! Tries the short ways of the forms that most calls have, then the long way that reads every form. Both end in
//! `dial`. The long way reports its steps to a recorder, see `trace`.

use super::uri::{self, Address, SERVICE_URN, Scheme};
use super::withheld;
use crate::error::NumberError;
use crate::number::canonical::{E164, LocalReason, Number, Text};
use crate::number::characters::{self, Characters, DialString, PercentDecoded, SEPARATED};
use crate::number::plan::dial::{self, DialledDigits};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits::{self, PackedDigits};
use crate::number::plan::shortcut;
use crate::number::trace::{StepKind, StepRecorder};

/// The longest text in which a zero between brackets is looked for.
const MOST_BRACKETED: usize = 128;
/// How many characters a zero between brackets has.
pub(crate) const BRACKETED_ZERO: usize = 3;

impl DialPlan {
    /// The canonical number of a user part, URI or name-addr header of a call, from any bytes.
    ///
    /// For numbers outside of a call, of a campaign for instance. For a call use
    /// [`Reader::decide`](crate::Reader::decide), which reads callers and callees each in their own way.
    /// Technical prefixes are not stripped. Of several addresses in a header the first is read. Allocates nothing
    /// and never fails. Takes time proportional to the length of the text; `cargo bench --bench number` prints it
    /// for usual forms.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let header = br#""Ali" <sip:05050047824@gw.example;user=phone>;tag=1"#;
    /// assert_eq!(plan.number(header).to_string(), "+905050047824");
    /// assert_eq!(plan.number(b"sip:alice@c.example").to_string(), "alice");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn number(&self, text: &[u8]) -> Number {
        match self.short(text).or_else(|| self.short_number(text)) {
            Some(number) => Number::E164(number),
            None => self.read_text(text, &mut ()),
        }
    }

    /// The short way for digits, with a plus or without.
    #[inline]
    pub(crate) fn short(&self, text: &[u8]) -> Option<E164> {
        let (plus, digits) = after_plus(text);
        self.short_digits(plus, PackedDigits::from_bytes(digits)?)
    }

    #[inline]
    fn short_digits(&self, plus: bool, digits: PackedDigits) -> Option<E164> {
        // What follows a plus is the same under every plan.
        if plus { shortcut::international(digits) } else { self.shortcuts()?.national(digits) }
    }

    /// The short ways for digits among separators and for a URI of digits.
    pub(crate) fn short_number(&self, text: &[u8]) -> Option<E164> {
        match uri::scheme(text) {
            (Scheme::None, _) => self.separated(text),
            (_, rest) => self.plain_user(rest),
        }
    }

    fn separated(&self, text: &[u8]) -> Option<E164> {
        let (plus, rest) = after_plus(text);
        if digits::all(rest) {
            return self.plain_digits(plus, rest);
        }
        let mut room = [0; SEPARATED];
        let digits = characters::separated(rest, &mut room)?;
        // A zero between brackets may not be dialled.
        if rest.contains(&b'(') && bracketed_zero(rest).is_some() {
            return None;
        }
        let short =
            PackedDigits::from_bytes(digits).and_then(|usual| self.short_digits(plus, usual));
        short.or_else(|| self.plain_digits(plus, digits))
    }

    /// The E.164 number of digits, if they make one.
    pub(crate) fn plain_digits(&self, plus: bool, digits: &[u8]) -> Option<E164> {
        if digits.is_empty() {
            return None;
        }
        dial::dial(self, DialledDigits { plus, digits }).ok()
    }

    /// The number of a URI whose user is digits and nothing else, before a host that shows who calls.
    #[inline]
    pub(crate) fn plain_user(&self, rest: &[u8]) -> Option<E164> {
        if let Some(number) = self.short(rest) {
            return Some(number);
        }
        let (number, after) = self.leading_digits(rest)?;
        match after {
            [] => Some(number),
            // An address in brackets would be the one that counts.
            [b'@', host @ ..] => {
                (withheld::host_shows_caller(host) && !host.contains(&b'<')).then_some(number)
            }
            _ => None,
        }
    }

    /// The number of the digits that a text begins with, and what follows them.
    #[inline]
    pub(crate) fn leading_digits<'t>(&self, text: &'t [u8]) -> Option<(E164, &'t [u8])> {
        let (plus, user) = after_plus(text);
        let usual = PackedDigits::from_leading(user);
        let (digits, after) =
            user.split_at(usual.map_or_else(|| digits::run(user), |usual| usual.count));
        let short = usual.and_then(|usual| self.short_digits(plus, usual));
        Some((short.or_else(|| self.plain_digits(plus, digits))?, after))
    }

    /// The long way, for everything. Reports its steps.
    #[inline(never)]
    pub(crate) fn read_text<W: StepRecorder>(&self, text: &[u8], recorder: &mut W) -> Number {
        let text = text.trim_ascii();
        let address = Address::from_header(text);
        if address.user != text {
            recorder.record(StepKind::UserPart, address.user);
        }
        if address.is_withheld() {
            return Number::Anonymous;
        }
        self.read_user(&address, recorder)
    }

    /// The number of an address, the host aside.
    pub(crate) fn read_user<W: StepRecorder>(&self, address: &Address, recorder: &mut W) -> Number {
        let (subscriber, params) = address.subscriber();
        if let Some(number) = urn_of_address(address) {
            return number;
        }
        let recorded = recorder.recorded();
        if let Some(line) = self.line(subscriber) {
            recorder.record_dial_string(subscriber, params, &line);
            if let Some(number) = self.with_params(&line, params, recorder) {
                return number;
            }
        }
        recorder.truncate_to(recorded);
        if !uri::may_be_user(address.user) {
            // Some servers drop the control characters of a call.
            let line = DialString::from_characters(visible(subscriber));
            if let Some(number) = line.and_then(|line| self.dialled(&line, &mut ())) {
                return number;
            }
        }
        opaque_user(address.user, recorder)
    }

    /// The number of what a subscriber with these parameters dials.
    pub(crate) fn with_params(
        &self,
        line: &DialString,
        params: &[u8],
        recorder: &mut impl StepRecorder,
    ) -> Option<Number> {
        match uri::phone_context(params) {
            Some(context) => self.in_context(line, context, recorder),
            None => self.dialled(line, recorder),
        }
    }

    /// What a text dials, without a zero between brackets that is not dialled.
    pub(crate) fn line(&self, text: &[u8]) -> Option<DialString> {
        match self.idle_zero(text) {
            Some((before, behind)) => {
                DialString::from_characters(Characters(before).chain(Characters(behind)))
            }
            None => DialString::parse(text),
        }
    }

    /// The text around a zero in brackets behind a calling code, `+90 (0) 505 ...`, where no national number
    /// begins with zero. Such a zero is the trunk prefix, which is dialled only inside the country.
    pub(crate) fn idle_zero<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
        if text.len() > MOST_BRACKETED || !text.contains(&b'0') {
            return None;
        }
        let zero = bracketed_zero(text)?;
        let (before, behind) = (&text[..zero], &text[zero + BRACKETED_ZERO..]);
        self.is_zero_idle(text, &DialString::parse(before)?).then_some((before, behind))
    }

    /// Reports whether the zero between the brackets of a text is not dialled, given what stands before it.
    pub(crate) fn is_zero_idle(&self, text: &[u8], before: &DialString) -> bool {
        let dialled = before.dialled();
        let code =
            if before.plus { Some(dialled) } else { self.after_international_prefix(dialled) };
        text.len() <= MOST_BRACKETED && code.is_some_and(dial::keeps_no_zero)
    }

    /// Number or service string; none if it can be neither.
    pub(crate) fn dialled(
        &self,
        line: &DialString,
        recorder: &mut impl StepRecorder,
    ) -> Option<Number> {
        let dialled = line.dialled();
        if digits::all(dialled) && !dialled.is_empty() {
            return Some(DialledDigits { plus: line.plus, digits: dialled }.number(self, recorder));
        }
        if dialled.is_empty() || dialled.contains(&b'+') {
            return None;
        }
        let parts: [&[u8]; 2] = [if line.plus { b"+" } else { b"" }, dialled];
        Some(
            Text::joined(&parts, LocalReason::Unstated)
                .map_or(Number::Invalid(NumberError::TooLong), Number::Service),
        )
    }

    /// A number that was written with the context in which it holds (RFC 3966 section 5.1.5).
    pub(crate) fn in_context(
        &self,
        line: &DialString,
        context: &[u8],
        recorder: &mut impl StepRecorder,
    ) -> Option<Number> {
        if line.plus {
            return self.dialled(line, recorder);
        }
        if let Some(mut global) = global_context(context) {
            recorder.record_context(&global);
            let context = global.dialled().len();
            if !global.extend(line.dialled()) {
                return Some(Number::Invalid(NumberError::TooLong));
            }
            let whole = self.dialled(&global, recorder)?;
            return Some(self.in_code(&global.dialled()[..context], line.dialled(), whole));
        }
        let domain = Text::from_user(PercentDecoded(context).map(|byte| byte.to_ascii_lowercase()));
        let text = domain.and_then(|domain| {
            recorder.record(StepKind::PhoneContext, domain.as_bytes());
            let parts = [line.dialled(), b";phone-context=", domain.as_bytes()];
            Text::joined(&parts, LocalReason::Context)
        });
        Some(text.map_or(Number::Invalid(NumberError::TooLong), Number::Local))
    }
}

/// A plus and what follows it.
#[inline]
pub(crate) fn after_plus(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'+', rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

/// The user, percent-decoded, if it can be one.
pub(crate) fn opaque_user(user: &[u8], recorder: &mut impl StepRecorder) -> Number {
    if !uri::may_be_user(user) {
        return Number::Invalid(NumberError::NotAUser);
    }
    let Some(text) = Text::from_user(PercentDecoded(user)) else {
        return Number::Invalid(NumberError::TooLong);
    };
    if text.as_bytes() != user {
        recorder.record(StepKind::PercentDecoded, text.as_bytes());
    }
    Number::Opaque(text)
}

/// The characters that are seen: without controls, raw or escaped.
pub(crate) fn visible(text: &[u8]) -> impl Iterator<Item = Option<char>> {
    Characters(text).filter(|character| character.is_none_or(|character| !character.is_control()))
}

/// The plus and digits of a phone context; none of a domain.
pub(crate) fn global_context(context: &[u8]) -> Option<DialString> {
    DialString::parse(context).filter(|global| global.plus && digits::all(global.dialled()))
}

/// Where a zero stands between brackets.
pub(crate) fn bracketed_zero(text: &[u8]) -> Option<usize> {
    text.windows(BRACKETED_ZERO).position(|three| matches!(three, b"(0)" | b"[0]"))
}

/// The service string of an address whose user is a service URN. In a tel URI its words mean nothing.
pub(crate) fn urn_of_address(address: &Address) -> Option<Number> {
    if address.scheme == Scheme::Tel { None } else { service_urn(address.subscriber().0) }
}

/// The service string of a service URN. Its letters are equal in either case (RFC 5031), so the
/// canonical form has small ones.
pub(crate) fn service_urn(user: &[u8]) -> Option<Number> {
    if !matches!(user.first(), Some(b'u' | b'U' | b'%')) {
        return None;
    }
    let mut urn = DialString::new(false);
    if !PercentDecoded(user).all(|byte| urn.push(byte.to_ascii_lowercase())) {
        return None;
    }
    let service = urn.dialled().strip_prefix(SERVICE_URN)?;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
    if service.is_empty() || !service.iter().all(is_letter) {
        return None;
    }
    Text::joined(&[urn.dialled()], LocalReason::Unstated).map(Number::Service)
}
