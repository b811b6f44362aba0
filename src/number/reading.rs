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
use super::written::{self, Decoded, Line, SEPARATED};
use super::{emergency, entry, foreign, slips, uri};

/// Whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// A telephone or a switch: letters are a user's name.
    Call,
    /// An operator: letters may stand for digits, extensions and labels are dropped.
    Operator,
}

impl DialPlan {
    /// The canonical number of a call's user part, URI or name-addr header, from any bytes.
    ///
    /// Of several addresses in a header the first is read. Allocates nothing and never fails. Takes time
    /// proportional to the length of the text; `cargo bench --bench number` prints it for usual forms.
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
    #[inline]
    #[must_use]
    pub fn entry(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => match self.refused(text) {
                Some(reason) => Number::Invalid(reason),
                None => match self.read(text, Writer::Operator) {
                    Number::Opaque(_) | Number::Service(_) if slips::is_broken(text) => {
                        Number::Invalid(Reason::Broken)
                    }
                    number => number,
                },
            },
        }
    }

    /// Why an operator's text is no entry, whatever its digits are.
    fn refused(&self, text: &[u8]) -> Option<Reason> {
        if digits::all(after_plus(text).1) {
            return None;
        }
        let text = text.trim_ascii();
        let is_address = text.iter().any(|byte| matches!(byte, b':' | b'@' | b'<' | b'"'));
        let user = if is_address { uri::Address::of(text).user } else { text };
        let is_template = || !is_address && foreign::is_template(user);
        let notation = || (foreign::is_foreign(user) || is_template()).then_some(Reason::Notation);
        slips::slip(text, user).or_else(notation).or_else(|| self.several(user))
    }

    /// The short way for digits, with a plus or without.
    #[inline]
    fn short(&self, text: &[u8]) -> Option<E164> {
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
            None => self.read_address(text.trim_ascii(), writer, &mut ()),
        }
    }

    /// The long way of a call, for whatever text, before the eyes of a witness.
    pub(super) fn read_watched(&self, text: &[u8], witness: &mut impl Witness) -> Number {
        self.read_address(text.trim_ascii(), Writer::Call, witness)
    }

    fn separated(&self, text: &[u8]) -> Option<E164> {
        let (plus, rest) = after_plus(text);
        if digits::all(rest) {
            return self.plain_digits(plus, rest);
        }
        let mut room = [0; SEPARATED];
        let digits = written::separated(rest, &mut room)?;
        let short = Usual::of(digits).and_then(|usual| self.short_digits(plus, usual));
        short.or_else(|| self.plain_digits(plus, digits))
    }

    /// The E.164 number of digits, if they make one and no technical prefix has a say.
    fn plain_digits(&self, plus: bool, digits: &[u8]) -> Option<E164> {
        if digits.is_empty() || !plus && self.has_technical_prefix() {
            return None;
        }
        dial::dial(self, Dialled { plus, digits }).ok()
    }

    /// The number of a URI whose user is digits and nothing else.
    fn plain_user(&self, rest: &[u8]) -> Option<E164> {
        if let Some(number) = self.short(rest) {
            return Some(number);
        }
        let (plus, user) = after_plus(rest);
        let usual = Usual::leading(user);
        let (digits, after) =
            user.split_at(usual.map_or_else(|| digits::run(user), |usual| usual.count));
        if !uri::surely_shown(after) {
            return None;
        }
        let short = usual.and_then(|usual| self.short_digits(plus, usual));
        short.or_else(|| self.plain_digits(plus, digits))
    }

    /// The long way, for everything.
    #[inline(never)]
    fn read_address<W: Witness>(&self, text: &[u8], writer: Writer, witness: &mut W) -> Number {
        let address = uri::Address::of(text);
        if address.user != text {
            witness.saw(StepKind::UserPart, address.user);
        }
        let (subscriber, params) = address.subscriber();
        if let Some(number) = emergency::service_urn(subscriber) {
            return number;
        }
        if address.is_withheld() {
            return Number::Anonymous;
        }
        let told = witness.told();
        let number = Line::of(subscriber).and_then(|line| {
            witness.saw_line(subscriber, params, &line);
            match uri::phone_context(params) {
                Some(context) => self.in_context(&line, context, witness),
                None => self.dialled(&line, witness),
            }
        });
        if let Some(number) = number {
            return number;
        }
        witness.forget_since(told);
        let operators = if writer == Writer::Operator { self.operators(subscriber) } else { None };
        operators.unwrap_or_else(|| user(address.user, writer, witness))
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
    fn dialled(&self, line: &Line, witness: &mut impl Witness) -> Option<Number> {
        let mut plus = line.plus;
        let mut dialled = line.dialled();
        if !plus && self.has_technical_prefix() {
            dialled = self.after_technical_prefix(dialled);
            let prefix = &line.dialled()[..line.dialled().len() - dialled.len()];
            if !prefix.is_empty() {
                witness.saw(StepKind::TechnicalPrefix, prefix);
            }
            if let [b'+', rest @ ..] = dialled {
                (plus, dialled) = (true, rest);
            }
        }
        if digits::all(dialled) && !dialled.is_empty() {
            return Some(Dialled { plus, digits: dialled }.number(self, witness));
        }
        if dialled.is_empty() || dialled.contains(&b'+') {
            return None;
        }
        let parts: [&[u8]; 2] = [if plus { b"+" } else { b"" }, dialled];
        Some(
            Text::joined(&parts, Why::Unstated)
                .map_or(Number::Invalid(Reason::TooLong), Number::Service),
        )
    }

    /// A number that was written with the context in which it holds (RFC 3966 section 5.1.5).
    fn in_context(
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
        let mut domain = Line::new(false);
        let fits = Decoded(context).all(|byte| domain.push(byte.to_ascii_lowercase()));
        witness.saw(StepKind::PhoneContext, domain.dialled());
        let parts = [line.dialled(), b";phone-context=", domain.dialled()];
        let text = if fits { Text::joined(&parts, Why::Context) } else { None };
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

/// The user, percent-decoded. On a call anything is one, for it came with the call.
fn user(user: &[u8], writer: Writer, witness: &mut impl Witness) -> Number {
    if writer == Writer::Operator && entry::is_spreadsheet_number(user) {
        return Number::Invalid(Reason::Spreadsheet);
    }
    if writer == Writer::Operator && !uri::may_be_user(user) {
        return Number::Invalid(Reason::NotAUser);
    }
    let mut decoded = Line::new(false);
    let fits = Decoded(user).all(|byte| decoded.push(byte));
    if fits && decoded.dialled() != user {
        witness.saw(StepKind::PercentDecoded, decoded.dialled());
    }
    let text = if fits { Text::new(decoded.dialled()) } else { None };
    text.map_or(Number::Invalid(Reason::TooLong), Number::Opaque)
}
