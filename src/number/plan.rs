//! The dial plan: how a domain writes and dials numbers, and the way into this module.
//!
//! Tries the short ways of the forms that most calls have, then the long way that reads all of
//! them; both meet in `dial`.

use super::automaton;
use super::canonical::{E164, Number, Reason, Text, Why};
use super::dial::{self, Dialled};
use super::digits::{self, Usual};
use super::facts::Region;
use super::shortcut::{self, Shortcuts};
use super::written::{self, Decoded, Line, SEPARATED};
use super::{entry, uri};
use crate::{Error, Result};

/// The longest prefix of a dial plan.
const LONGEST_PREFIX: usize = 15;
/// The most prefixes of a kind: each call that takes the long way may try all of them.
const MOST_PREFIXES: usize = 64;

/// How a domain dials: its region, its own prefixes, and what plain digits mean.
///
/// Reads numbers as libphonenumber does in the region, but for four departures, each so that a
/// canonical form means one thing:
/// - Short codes are asked first, and at most six bare digits are an E.164 number only if they are
///   a valid one: elsewhere they are local, for libphonenumber would make +1911 of 911.
/// - A plus before a code that nobody has gives an unassigned number, not another try as a
///   national one.
/// - After a calling code, what matches the general pattern of national numbers keeps its first
///   digits though they look like a trunk prefix (Belarus: +375 8102469989). Trunk prefix is what
///   libphonenumber calls national prefix.
/// - A number whose E.164 form would read as another number is left local.
///
/// Cheap to use, immutable, and shared between threads freely; the facts of the regions are static.
#[derive(Clone, Debug)]
pub struct DialPlan {
    home: &'static Region,
    /// The short ways of the region; none if an option may say otherwise.
    shortcuts: Option<&'static Shortcuts>,
    /// Both sorted by falling length, so that the first that fits is the longest.
    international: Vec<Box<str>>,
    technical: Vec<Box<str>>,
    plain_e164: bool,
}

/// Whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// A telephone or a switch: letters are a user's name.
    Call,
    /// An operator: letters may stand for digits, extensions and labels are dropped.
    Operator,
}

impl DialPlan {
    /// The plan of a region, by its ISO 3166-1 alpha-2 code in either case: `TR`. The first of a
    /// region takes about 0.1 ms, and 16 KB that all later ones share.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`] if libphonenumber knows no such region.
    pub fn new(region: &str) -> Result<Self> {
        let name: Option<[u8; 2]> = region.to_ascii_uppercase().as_bytes().try_into().ok();
        let home = name
            .and_then(Region::named)
            .ok_or_else(|| Error::UnknownRegion { region: region.into() })?;
        Ok(Self {
            home,
            shortcuts: Some(Shortcuts::of(home)),
            international: Vec::new(),
            technical: Vec::new(),
            plain_e164: false,
        })
    }

    /// Adds an international prefix beside the region's own: `00`, `011`. Where several fit, the
    /// longest is taken, and any of these before the region's own. A `~`, which asks to wait for
    /// the tone (`8~10`), is dropped.
    ///
    /// # Errors
    /// [`Error::InvalidPrefix`] unless it is 1 to 15 digits, and the plan has no more than 64.
    pub fn with_international_prefix(mut self, prefix: &str) -> Result<Self> {
        let prefix = &prefix.replace('~', "");
        if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid(prefix, "an international prefix is made of digits"));
        }
        add(&mut self.international, prefix)?;
        self.shortcuts = None;
        Ok(self)
    }

    /// Adds a technical prefix, stripped once and before anything else, but never from an
    /// emergency number: `99#`, `*67`. Where several fit, the longest is taken.
    ///
    /// # Errors
    /// [`Error::InvalidPrefix`] unless it is 1 to 15 digits, `*` and `#`, and the plan has no more
    /// than 64.
    pub fn with_technical_prefix(mut self, prefix: &str) -> Result<Self> {
        if !prefix.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#')) {
            return Err(invalid(prefix, "a technical prefix is made of digits, * and #"));
        }
        add(&mut self.technical, prefix)?;
        self.shortcuts = None;
        Ok(self)
    }

    /// Whether plain digits are E.164 digits without their plus wherever that gives a possible
    /// number. For trunks that send them so; the default is no.
    #[must_use]
    pub fn with_plain_e164(mut self, yes: bool) -> Self {
        self.plain_e164 = yes;
        let optionless = !yes && self.international.is_empty() && self.technical.is_empty();
        self.shortcuts = optionless.then(|| Shortcuts::of(self.home));
        self
    }

    /// The region, `TR`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.home.name()
    }

    /// The added international prefixes, longest first.
    pub fn international_prefixes(&self) -> impl Iterator<Item = &str> {
        self.international.iter().map(AsRef::as_ref)
    }

    /// The technical prefixes, longest first.
    pub fn technical_prefixes(&self) -> impl Iterator<Item = &str> {
        self.technical.iter().map(AsRef::as_ref)
    }

    /// Whether plain digits are E.164 digits.
    #[must_use]
    pub fn plain_e164(&self) -> bool {
        self.plain_e164
    }

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
    #[inline]
    #[must_use]
    pub fn entry(&self, text: &[u8]) -> Number {
        match self.short(text) {
            Some(number) => Number::E164(number),
            None => self.read(text, Writer::Operator),
        }
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
        if plus { shortcut::international(digits) } else { self.shortcuts?.national(digits) }
    }

    /// The ways for digits among separators and for a URI of digits; then the long way.
    fn read(&self, text: &[u8], writer: Writer) -> Number {
        let number = match uri::after_scheme(text) {
            Some(rest) => self.plain_user(rest),
            None => self.separated(text),
        };
        match number {
            Some(number) => Number::E164(number),
            None => self.read_address(text.trim_ascii(), writer),
        }
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
        if digits.is_empty() || !(plus || self.technical.is_empty()) {
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
    fn read_address(&self, text: &[u8], writer: Writer) -> Number {
        let address = uri::Address::of(text);
        if address.is_withheld() {
            return Number::Anonymous;
        }
        let (subscriber, params) = address.subscriber();
        let context = uri::phone_context(params);
        Line::of(subscriber)
            .and_then(|line| match context {
                Some(context) => self.in_context(&line, context),
                None => self.dialled(&line),
            })
            .or_else(|| match writer {
                Writer::Operator => self.operators(subscriber),
                Writer::Call => None,
            })
            .unwrap_or_else(|| user(address.user, writer))
    }

    /// What an operator wrote among other characters.
    fn operators(&self, subscriber: &[u8]) -> Option<Number> {
        let found = entry::find(subscriber)?;
        let number = self.dialled(&found.line)?;
        let is_sure = match &number {
            Number::E164(number) => found.without_letters.is_none_or(|digits| {
                dial::fits_general_pattern(*number) && !self.is_whole(&digits)
            }),
            // Too much was guessed for a number that is not even possible.
            _ => !found.guessed,
        };
        is_sure.then_some(number)
    }

    /// Whether the digits are a number already, so that letters beside them are a remark.
    fn is_whole(&self, digits: &Line) -> bool {
        match self.dialled(digits) {
            Some(Number::E164(_)) => true,
            Some(number @ Number::Local(_)) => {
                let begins_long = self.home.may_have_prefix(digits.dialled());
                // Six digits or fewer are the beginning of a vanity number as well.
                let is_long = digits.dialled().len() > 6;
                is_long && number.reason() == Why::LocalOnly.as_str() && !begins_long
            }
            _ => false,
        }
    }

    /// Number or service string; none if it can be neither.
    fn dialled(&self, line: &Line) -> Option<Number> {
        let mut plus = line.plus;
        let mut dialled = line.dialled();
        if !plus && !self.technical.is_empty() {
            dialled = self.after_technical_prefix(dialled);
            if let [b'+', rest @ ..] = dialled {
                (plus, dialled) = (true, rest);
            }
        }
        if digits::all(dialled) && !dialled.is_empty() {
            return Some(Dialled { plus, digits: dialled }.number(self));
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
    fn in_context(&self, line: &Line, context: &[u8]) -> Option<Number> {
        if line.plus {
            return self.dialled(line);
        }
        let global =
            Line::of(context).filter(|global| global.plus && digits::all(global.dialled()));
        if let Some(mut global) = global {
            return if global.extend(line.dialled()) {
                self.dialled(&global)
            } else {
                Some(Number::Invalid(Reason::TooLong))
            };
        }
        let mut domain = Line::new(false);
        let fits = Decoded(context).all(|byte| domain.push(byte.to_ascii_lowercase()));
        let parts = [line.dialled(), b";phone-context=", domain.dialled()];
        let text = if fits { Text::joined(&parts, Why::Context) } else { None };
        Some(text.map_or(Number::Invalid(Reason::TooLong), Number::Local))
    }

    fn after_technical_prefix<'a>(&self, dialled: &'a [u8]) -> &'a [u8] {
        if dial::is_emergency(self.home, dialled) {
            return dialled;
        }
        after_longest(&self.technical, dialled).filter(|rest| !rest.is_empty()).unwrap_or(dialled)
    }

    /// The digits after an international prefix. No calling code begins with 0, so neither does
    /// what follows one.
    #[inline]
    pub(super) fn after_international_prefix<'a>(&self, digits: &'a [u8]) -> Option<&'a [u8]> {
        let begins_with_code = |rest: &&[u8]| rest.first() != Some(&b'0');
        if !self.international.is_empty() {
            let rest = after_longest(&self.international, digits).filter(begins_with_code);
            if rest.is_some() {
                return rest;
            }
        }
        if !self.home.may_be_international(digits) {
            return None;
        }
        let prefix = automaton::prefix(self.home.international, digits)?;
        Some(&digits[usize::from(prefix.skip)..]).filter(begins_with_code)
    }

    #[inline]
    pub(super) fn home(&self) -> &'static Region {
        self.home
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
fn user(user: &[u8], writer: Writer) -> Number {
    if writer == Writer::Operator && entry::is_spreadsheet_number(user) {
        return Number::Invalid(Reason::Spreadsheet);
    }
    if writer == Writer::Operator && !uri::may_be_user(user) {
        return Number::Invalid(Reason::NotAUser);
    }
    let mut decoded = Line::new(false);
    let fits = Decoded(user).all(|byte| decoded.push(byte));
    let text = if fits { Text::new(decoded.dialled()) } else { None };
    text.map_or(Number::Invalid(Reason::TooLong), Number::Opaque)
}

fn after_longest<'a>(prefixes: &[Box<str>], dialled: &'a [u8]) -> Option<&'a [u8]> {
    prefixes.iter().find_map(|prefix| dialled.strip_prefix(prefix.as_bytes()))
}

fn add(prefixes: &mut Vec<Box<str>>, prefix: &str) -> Result<()> {
    if prefix.is_empty() || prefix.len() > LONGEST_PREFIX {
        return Err(invalid(prefix, "a prefix has 1 to 15 characters"));
    }
    if !prefixes.iter().any(|known| **known == *prefix) {
        if prefixes.len() >= MOST_PREFIXES {
            return Err(invalid(prefix, "a plan has 64 such prefixes at most"));
        }
        let at = prefixes.partition_point(|known| known.len() >= prefix.len());
        prefixes.insert(at, prefix.into());
    }
    Ok(())
}

fn invalid(prefix: &str, reason: &'static str) -> Error {
    Error::InvalidPrefix { prefix: prefix.into(), reason }
}
