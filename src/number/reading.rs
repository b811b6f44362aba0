//! What texts mean under a dial plan: the way of a call and of an entry to their number.
//!
//! Tries the short ways of the forms that most calls have, then the long way that reads all of
//! them; both meet in `dial`. The long way reports its steps to a witness, see `trace`.

use super::canonical::{E164, Number, Reason, Text, Why};
use super::dial::{self, Dialled};
use super::digits::{self, Usual};
use super::masks::Mask;
use super::plan::DialPlan;
use super::shortcut;
use super::trace::{StepKind, Witness};
use super::uri::{self, Address, Scheme};
use super::withheld;
use super::written::{self, Characters, Decoded, Line, SEPARATED};
use super::{emergency, entry, foreign, slips};

/// Whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// A telephone or a switch, of a caller or of nobody in particular: letters are a user's name.
    Call,
    /// The same, of whom is called: nobody withholds that.
    Callee,
    /// An operator: letters may stand for digits, extensions and labels are dropped.
    Operator,
}

/// The longest text in which a zero between brackets is looked for.
const MOST_BRACKETED: usize = 128;

impl DialPlan {
    /// The canonical number of a user part, URI or name-addr header of a call, from any bytes.
    ///
    /// For numbers of which nobody says whether they call or are called, those of a campaign for
    /// instance; of a call ask [`Reader::decide`](crate::Reader::decide), which reads callers and callees
    /// each in their own way. Technical prefixes are not stripped. Of several addresses in a header the
    /// first is read. Allocates nothing and never fails. Takes time proportional to the length of the text;
    /// `cargo bench --bench number` prints it for usual forms.
    #[inline]
    #[must_use]
    pub fn number(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => self.read(text, Writer::Call),
        }
    }

    /// The canonical number of what an operator wrote on a list, from any bytes.
    ///
    /// The same as [`DialPlan::number`], but where that finds an opaque user this looks for a
    /// number as libphonenumber does: letters stand for digits (`1-800-FLOWERS`) unless the digits
    /// alone are a number (`0171 1234567 Max`), an extension (`x3`, `ext. 3`) is dropped, and so is
    /// what stands around (`Tel: +90 ...`). What is no number is a user only if RFC 3261 section
    /// 25.1 lets a user be written so, else invalid: a list is better without an entry than with
    /// one that no call has.
    ///
    /// Therefore invalid too, with the remedy as their reason: two numbers in one text, the short
    /// form of a range (`0850 304 00 00-99`), patterns of other systems (`_0505XXXXXXX`,
    /// `[2-9]11`, `0505%`, `NPA-NXX-XXXX`), numbers of which digits are hidden (`0505XXX7824`,
    /// `212-555-014X`, `0505***7824`; ask [`DialPlan::pattern`] first where patterns may stand), and what
    /// comes onto lists by mistake (`905050047824.0`, `NULL`, `<html>`, `alice*`).
    ///
    /// A user, local number or service string that is written with its host, `alice@evil.example`, keeps
    /// it: the entry holds calls from or to that host alone, and is longer than one without.
    #[inline]
    #[must_use]
    pub fn entry(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => self.long_entry(text),
        }
    }

    fn long_entry(&self, text: &[u8]) -> Number {
        if let Some(reason) = self.refused(text) {
            return Number::Invalid(reason);
        }
        let number = self.read(text, Writer::Operator);
        if matches!(number, Number::Opaque(_) | Number::Service(_)) && slips::is_broken(text) {
            return Number::Invalid(Reason::Broken);
        }
        at_host(number, Address::from_header(text.trim_ascii()).host)
    }

    /// Why an operator's text is no entry, whatever its digits are.
    fn refused(&self, text: &[u8]) -> Option<Reason> {
        if digits::all(after_plus(text).1) {
            return None;
        }
        let text = text.trim_ascii();
        let is_address = text.iter().any(|byte| matches!(byte, b':' | b'@' | b'<' | b'"'));
        let user = if is_address { Address::from_header(text).user } else { text };
        let is_template = || !is_address && foreign::is_template(user);
        let notation = || (foreign::is_foreign(user) || is_template()).then_some(Reason::Notation);
        slips::slip(text, user).or_else(notation).or_else(|| self.several(user))
    }

    /// The short way for digits, with a plus or without.
    #[inline]
    pub(super) fn short(&self, text: &[u8]) -> Option<E164> {
        let (plus, digits) = after_plus(text);
        self.short_digits(plus, Usual::of(digits)?)
    }

    #[inline]
    fn short_digits(&self, plus: bool, digits: Usual) -> Option<E164> {
        // No plan has a say in what follows a plus.
        if plus { shortcut::international(digits) } else { self.shortcuts()?.national(digits) }
    }

    /// The ways for digits among separators and for a URI of digits; then the long way.
    fn read(&self, text: &[u8], writer: Writer) -> Number {
        let number = match uri::after_scheme(text) {
            Some(rest) => self.plain_user(rest),
            None => self.separated(text),
        };
        match number {
            Some(number) => Number::E164(number),
            None => self.read_text(text.trim_ascii(), writer, &mut ()),
        }
    }

    /// The long way of a call, for whatever text, before the eyes of a witness.
    pub(super) fn read_watched(&self, text: &[u8], witness: &mut impl Witness) -> Number {
        self.read_text(text.trim_ascii(), Writer::Call, witness)
    }

    fn separated(&self, text: &[u8]) -> Option<E164> {
        let (plus, rest) = after_plus(text);
        if digits::all(rest) {
            return self.plain_digits(plus, rest);
        }
        let mut room = [0; SEPARATED];
        let digits = written::separated(rest, &mut room)?;
        // A zero between brackets may be none that is dialled.
        if rest.contains(&b'(') && bracketed_zero(rest).is_some() {
            return None;
        }
        let short = Usual::of(digits).and_then(|usual| self.short_digits(plus, usual));
        short.or_else(|| self.plain_digits(plus, digits))
    }

    /// The E.164 number of digits, if they make one.
    fn plain_digits(&self, plus: bool, digits: &[u8]) -> Option<E164> {
        if digits.is_empty() {
            return None;
        }
        dial::dial(self, Dialled { plus, digits }).ok()
    }

    /// The number of a URI whose user is digits and nothing else, before a host that shows who calls.
    #[inline]
    pub(super) fn plain_user(&self, rest: &[u8]) -> Option<E164> {
        if let Some(number) = self.short(rest) {
            return Some(number);
        }
        let (number, after) = self.leading_digits(rest)?;
        match after {
            [] => Some(number),
            // An address in brackets would be the one that counts.
            [b'@', host @ ..] => (withheld::shows(host) && !host.contains(&b'<')).then_some(number),
            _ => None,
        }
    }

    /// The number of the digits that a text begins with, and what follows them.
    #[inline]
    pub(super) fn leading_digits<'t>(&self, text: &'t [u8]) -> Option<(E164, &'t [u8])> {
        let (plus, user) = after_plus(text);
        let usual = Usual::leading(user);
        let (digits, after) =
            user.split_at(usual.map_or_else(|| digits::run(user), |usual| usual.count));
        let short = usual.and_then(|usual| self.short_digits(plus, usual));
        Some((short.or_else(|| self.plain_digits(plus, digits))?, after))
    }

    /// The long way, for everything.
    #[inline(never)]
    fn read_text<W: Witness>(&self, text: &[u8], writer: Writer, witness: &mut W) -> Number {
        let address = Address::from_header(text);
        if address.user != text {
            witness.saw(StepKind::UserPart, address.user);
        }
        if writer != Writer::Callee && address.is_withheld() {
            return Number::Anonymous;
        }
        self.read_user(&address, writer, witness)
    }

    /// The number of an address, the host aside.
    pub(super) fn read_user<W: Witness>(
        &self,
        address: &Address,
        writer: Writer,
        witness: &mut W,
    ) -> Number {
        let (subscriber, params) = address.subscriber();
        // To a tel URI the words of a URN mean nothing.
        if address.scheme != Scheme::Tel
            && let Some(number) = emergency::service_urn(subscriber)
        {
            return number;
        }
        let told = witness.told();
        if let Some(number) = self.read_line(subscriber, params, witness) {
            return number;
        }
        witness.forget_since(told);
        let other = match writer {
            Writer::Operator => self.operators(subscriber),
            // The control characters of a call are dropped by one server or another.
            Writer::Call | Writer::Callee if !uri::may_be_user(address.user) => {
                Line::read(visible(subscriber)).and_then(|line| self.dialled(&line, &mut ()))
            }
            Writer::Call | Writer::Callee => None,
        };
        other.unwrap_or_else(|| user(address.user, writer, witness))
    }

    /// The number of a text that dials and holds nothing else.
    fn read_line(
        &self,
        subscriber: &[u8],
        params: &[u8],
        witness: &mut impl Witness,
    ) -> Option<Number> {
        let line = self.line(subscriber)?;
        witness.saw_line(subscriber, params, &line);
        match uri::phone_context(params) {
            Some(context) => self.in_context(&line, context, witness),
            None => self.dialled(&line, witness),
        }
    }

    /// What a text dials, without a zero between brackets that is not dialled.
    pub(super) fn line(&self, text: &[u8]) -> Option<Line> {
        match self.idle_zero(text) {
            Some((before, behind)) => Line::read(Characters(before).chain(Characters(behind))),
            None => Line::of(text),
        }
    }

    /// The text around a zero in brackets behind a calling code, `+90 (0) 505 ...`, where national
    /// numbers begin with no zero: it is the trunk prefix, which is dialled inside of the country alone.
    pub(super) fn idle_zero<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
        if text.len() > MOST_BRACKETED || !text.contains(&b'0') {
            return None;
        }
        let (start, end) = bracketed_zero(text)?;
        let code = Line::of(&text[..start])?;
        let code = if code.plus {
            code.dialled()
        } else {
            self.after_international_prefix(code.dialled())?
        };
        dial::keeps_no_zero(code).then_some((&text[..start], &text[end..]))
    }

    /// What an operator wrote among other characters.
    fn operators(&self, subscriber: &[u8]) -> Option<Number> {
        if self.is_masked(subscriber) {
            return Some(Number::Invalid(Reason::Masked));
        }
        let found = entry::find(subscriber)?;
        let number = self.dialled(&found.line, &mut ())?;
        let is_sure = match &number {
            Number::E164(number) => found.without_letters.is_none_or(|digits| {
                dial::fits_general_pattern(*number) && !self.is_whole(&digits)
            }),
            // Too much was guessed for a number that is not even possible.
            _ => !found.guessed,
        };
        is_sure.then_some(if found.repeats_a_letter {
            Number::Invalid(Reason::Notation)
        } else {
            number
        })
    }

    /// Whether an X stands for digits that are not shown. Behind a whole number, even if it is one
    /// without its area code, it announces an extension.
    fn is_masked(&self, subscriber: &[u8]) -> bool {
        const WHOLE: [Why; 3] = [Why::LocalOnly, Why::ShortCode, Why::Emergency];
        let digits = match entry::mask(subscriber) {
            None => return false,
            Some(Mask::Several) => return true,
            Some(Mask::Behind(digits)) => digits,
        };
        match self.dialled(&digits, &mut ()) {
            Some(Number::E164(_) | Number::Unassigned(_)) => false,
            Some(Number::Local(text)) => !WHOLE.contains(&text.why()),
            _ => true,
        }
    }

    /// Whether the digits are a number already, so that letters beside them are a remark.
    fn is_whole(&self, digits: &Line) -> bool {
        match self.dialled(digits, &mut ()) {
            Some(Number::E164(_)) => true,
            Some(number @ Number::Local(_)) => {
                let begins_long = self.home().may_have_prefix(digits.dialled());
                // Six digits or fewer are the beginning of a vanity number as well.
                let is_long = digits.dialled().len() > 6;
                is_long && number.reason() == Why::LocalOnly.as_str() && !begins_long
            }
            _ => false,
        }
    }

    /// Number or service string; none if it can be neither.
    pub(super) fn dialled(&self, line: &Line, witness: &mut impl Witness) -> Option<Number> {
        let dialled = line.dialled();
        if digits::all(dialled) && !dialled.is_empty() {
            return Some(Dialled { plus: line.plus, digits: dialled }.number(self, witness));
        }
        if dialled.is_empty() || dialled.contains(&b'+') {
            return None;
        }
        let parts: [&[u8]; 2] = [if line.plus { b"+" } else { b"" }, dialled];
        Some(
            Text::joined(&parts, Why::Unstated)
                .map_or(Number::Invalid(Reason::TooLong), Number::Service),
        )
    }

    /// A number that was written with the context in which it holds (RFC 3966 section 5.1.5).
    pub(super) fn in_context(
        &self,
        line: &Line,
        context: &[u8],
        witness: &mut impl Witness,
    ) -> Option<Number> {
        if line.plus {
            return self.dialled(line, witness);
        }
        let global =
            Line::of(context).filter(|global| global.plus && digits::all(global.dialled()));
        if let Some(mut global) = global {
            witness.saw_context(&global);
            let context = global.dialled().len();
            if !global.extend(line.dialled()) {
                return Some(Number::Invalid(Reason::TooLong));
            }
            let whole = self.dialled(&global, witness)?;
            return Some(self.in_code(&global.dialled()[..context], line.dialled(), whole));
        }
        let domain = Text::from_user(Decoded(context).map(|byte| byte.to_ascii_lowercase()));
        let text = domain.and_then(|domain| {
            witness.saw(StepKind::PhoneContext, domain.as_bytes());
            let parts = [line.dialled(), b";phone-context=", domain.as_bytes()];
            Text::joined(&parts, Why::Context)
        });
        Some(text.map_or(Number::Invalid(Reason::TooLong), Number::Local))
    }
}

/// A plus and what follows it.
#[inline]
fn after_plus(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'+', rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

/// The user, percent-decoded, if it can be one.
fn user(user: &[u8], writer: Writer, witness: &mut impl Witness) -> Number {
    if writer == Writer::Operator && entry::is_spreadsheet_number(user) {
        return Number::Invalid(Reason::Spreadsheet);
    }
    let is_listable = || Characters(user).flatten().any(char::is_alphanumeric);
    if !uri::may_be_user(user) || writer == Writer::Operator && !is_listable() {
        return Number::Invalid(Reason::NotAUser);
    }
    let Some(text) = Text::from_user(Decoded(user)) else {
        return Number::Invalid(Reason::TooLong);
    };
    if text.as_bytes() != user {
        witness.saw(StepKind::PercentDecoded, text.as_bytes());
    }
    Number::Opaque(text)
}

/// The characters that are seen: without controls, raw or escaped.
pub(super) fn visible(text: &[u8]) -> impl Iterator<Item = Option<char>> {
    Characters(text).filter(|character| character.is_none_or(|character| !character.is_control()))
}

/// Where a zero stands between brackets, and where the brackets end.
fn bracketed_zero(text: &[u8]) -> Option<(usize, usize)> {
    let zero = text.windows(3).position(|three| matches!(three, b"(0)" | b"[0]"))?;
    Some((zero, zero + 3))
}

/// A number that holds calls from or to one host alone; E.164 numbers are the same at every host, and
/// so are service URNs.
fn at_host(number: Number, host: &[u8]) -> Number {
    if host.is_empty() {
        return number;
    }
    if !uri::may_be_host(host) {
        return match number {
            Number::Opaque(_) => Number::Invalid(Reason::NotAUser),
            number => number,
        };
    }
    match &number {
        Number::Service(text) if emergency::is_urn(text.as_bytes()) => number,
        Number::Opaque(_) | Number::Local(_) | Number::Service(_) => {
            number.at_host(host).unwrap_or(Number::Invalid(Reason::TooLong))
        }
        _ => number,
    }
}
