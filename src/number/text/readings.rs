//! All numbers that servers may make of what a call says of a party.
//!
//! callbar stands before servers that it does not know, and they read odd texts differently: one drops a control
//! character, another stops there; one keeps what follows a `#`, a telephone ends dialling with it. A caller who
//! wants to evade a list writes a text that callbar reads in one way and the next server in another. So
//! [`DialPlan::readings`] shows every number that a server may read, and the lists are asked for each. A text in
//! usual form has one reading and takes the short way.
//!
//! Where a server stops is not known: at a control character, or it drops that; at what no telephone
//! dials; at the `#` that ends dialling; when a number has all of its digits.

use std::ops::ControlFlow::{self, Break, Continue};

use super::header::{self, HeaderParts};
use super::parse::{after_plus, service_urn, visible};
use super::uri::{self, Address, Scheme};
use super::withheld;
use crate::error::NumberError;
use crate::number::canonical::{E164, LocalReason, Number, Text};
use crate::number::characters::{
    CharacterKind, Characters, DialString, PercentDecoded, character_kind, is_dialled, is_digit,
    may_stand_in_user,
};
use crate::number::plan::dial::{self, DialledDigits};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::plan::digits;
use crate::number::words;

words! {
    /// The two parties of a call.
    ///
    /// # Examples
    /// ```
    /// use callbar::Party;
    ///
    /// assert_eq!(Party::Caller.to_string(), "caller");
    /// assert_eq!("callee".parse(), Ok(Party::Callee));
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub enum Party {
        /// Who calls (A-number).
        Caller = "caller",
        /// Who is called (B-number).
        Callee = "callee",
    }
}

/// One way to read the text of a party.
pub(crate) struct Reading<'t> {
    pub(crate) number: Number,
    /// The host that it was written with; empty if there is none.
    pub(crate) host: &'t [u8],
}

/// The identities of a header: one for each address in it.
#[inline]
pub(crate) fn identities(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    HeaderParts::new(header)
}

/// Reports whether a header holds more than marks: a quoted name alone, or a comma, names nobody.
pub(crate) fn names_somebody(header: &[u8]) -> bool {
    let unnamed = match header.trim_ascii_start() {
        [b'"', quoted @ ..] => {
            header::closing_quote(quoted).map_or(quoted, |end| &quoted[end + 1..])
        }
        other => other,
    };
    unnamed.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
}

/// The host of a text of a call, for which lists are asked beside its user.
pub(crate) fn host_of(text: &[u8]) -> &[u8] {
    Address::from_header(text.trim_ascii()).host
}

impl DialPlan {
    /// Shows `see` all numbers that servers may make of a text: of the request URI or a `To` header
    /// for a callee, of one address of a header for a caller. At least one; the same may come twice.
    #[inline]
    pub(crate) fn readings<'t, B>(
        &self,
        party: Party,
        text: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match self.sole_reading(party, text) {
            Some(number) => see(Reading { number: Number::E164(number), host: &[] }),
            None => Readings { plan: self, party, see, shown: 0 }.of_text(text),
        }
    }

    /// The E.164 number of a text that no server reads in another way, for the forms that nearly all
    /// calls have.
    #[inline]
    pub(crate) fn sole_reading(&self, party: Party, text: &[u8]) -> Option<E164> {
        let uri = match text {
            [b'<', rest @ ..] => rest,
            [b'"', quoted @ ..] => {
                let behind = &quoted[header::closing_quote(quoted)? + 1..];
                behind.trim_ascii_start().strip_prefix(b"<")?
            }
            _ => text,
        };
        // Another address may stand beside the first.
        if uri.contains(&b'<') || party == Party::Callee && text.contains(&b',') {
            return None;
        }
        let (scheme, rest) = uri::scheme(uri);
        if scheme == Scheme::None && uri.len() != text.len() {
            return None;
        }
        let (number, after) = self.leading_digits(rest)?;
        let is_sole = match (scheme, after) {
            (_, [] | [b'>', ..]) => true,
            (Scheme::Sip, [b'@', host @ ..]) => {
                party == Party::Callee || withheld::host_shows_caller(host)
            }
            _ => false,
        };
        let is_plain = match party {
            Party::Caller => number.get() != withheld::UNAVAILABLE,
            // Otherwise a switch may drop surplus digits.
            Party::Callee => !self.has_technical_prefix() && dial::fits_general_pattern(number),
        };
        (is_sole && is_plain).then_some(number)
    }

    /// What is left of a callee behind a technical prefix.
    fn number_left(&self, address: &Address<'_>) -> BehindPrefix {
        let mut left = BehindPrefix::Nothing;
        let mut see = |Reading { number, .. }: Reading<'_>| -> ControlFlow<()> {
            left = left.max(match &number {
                number if self.is_emergency(number) => BehindPrefix::Emergency,
                Number::E164(_) | Number::Unassigned(_) => BehindPrefix::Number,
                number if is_code(number) => BehindPrefix::Number,
                Number::Local(_) => BehindPrefix::Local,
                _ => BehindPrefix::Nothing,
            });
            Continue(())
        };
        let _ = Readings { plan: self, party: Party::Callee, see: &mut see, shown: 0 }
            .of_plain_user(address);
        left
    }

    /// Reports whether a callee calls for help, however it is read, and says so plainly: its user dials and
    /// holds nothing else, or is a service URN.
    pub(crate) fn calls_for_help_alone(&self, text: &[u8]) -> bool {
        let address = callee_address(text);
        let user = self.behind_technical_prefix(address.user).unwrap_or(address.user);
        let (subscriber, params) = Address { user, ..address }.subscriber();
        let is_odd = |byte: &u8| byte.is_ascii_control() || b"<>\"',".contains(byte);
        let is_plain = !uri::has_routing_number(params)
            && !user.iter().chain(uri::until(address.rest, b"@;?")).any(is_odd)
            && (self.line(subscriber).is_some() || service_urn(subscriber).is_some());
        let mut all = |reading: Reading<'_>| {
            if self.is_emergency(&reading.number) { Continue(()) } else { Break(()) }
        };
        is_plain && self.readings(Party::Callee, text, &mut all).is_continue()
    }

    /// Reports whether a callee's text holds digits and is not plainly one number: a server may refuse such
    /// calls, for nobody knows whom the next server will call.
    pub(crate) fn is_ambiguous(&self, text: &[u8]) -> bool {
        let mut first = None;
        let (mut differ, mut is_name) = (false, false);
        let _: ControlFlow<()> =
            self.readings(Party::Callee, text, &mut |Reading { number, .. }| {
                is_name |= matches!(number, Number::Opaque(_) | Number::Invalid(_));
                differ |= first.get_or_insert_with(|| number.clone()) != &number;
                Continue(())
            });
        (differ || is_name) && Characters(callee_address(text).user).flatten().any(is_digit)
    }
}

/// What is left behind a technical prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum BehindPrefix {
    Nothing,
    /// Digits that are only known within the domain, an extension for instance.
    Local,
    Number,
    Emergency,
}

/// Shows the numbers that servers may make of what a call says of a party. `see` is not generic: this is the
/// long way, and it would be compiled for each caller.
struct Readings<'s, 't, B> {
    plan: &'s DialPlan,
    party: Party,
    see: &'s mut dyn FnMut(Reading<'t>) -> ControlFlow<B>,
    /// How many were shown.
    shown: usize,
}

impl<'t, B> Readings<'_, 't, B> {
    fn show(&mut self, number: Number, host: &'t [u8]) -> ControlFlow<B> {
        self.shown += 1;
        (self.see)(Reading { number, host })
    }

    #[inline(never)]
    fn of_text(&mut self, text: &'t [u8]) -> ControlFlow<B> {
        let text = text.trim_ascii();
        if self.party == Party::Callee {
            // Of several addresses in a header, servers take one or another.
            let mut others = HeaderParts::new(text).filter(|part| part.len() < text.len());
            others.try_for_each(|part| self.of_text(part))?;
        }
        if self.party == Party::Callee && is_uri(text) {
            self.of_address(&Address::from_uri(text))?;
            // As a header it may name somebody in brackets; no parameter of a request URI does.
            let Some(open) = header::opening(text) else { return Continue(()) };
            return self.of_address(&Address::from_uri(header::between_brackets(&text[open..])));
        }
        if header::opening(text).is_none() {
            self.of_address(&Address::from_header(text))?;
        }
        // Some servers take brackets for an address though parameters of a URI stand before them.
        let mut rest = text;
        while let Some(open) = header::bracket(rest) {
            self.of_address(&Address::from_uri(header::between_brackets(&rest[open..])))?;
            // Only what closes has others behind it.
            let end = uri::position(&rest[open..], b">").map_or(rest.len(), |close| open + close);
            rest = if self.party == Party::Callee { &rest[end..] } else { &[] };
        }
        // What stands where a display name belongs, and looks like an address itself.
        let name = uri::until(text, b"<");
        if let Some(uri) = header::bare_uri(name)
            && uri.len() < text.len()
        {
            self.of_address(&Address::from_uri(uri))?;
        }
        let begins_dialled = |name| begins_with(after_marks(name), is_dialled);
        if self.party == Party::Callee && !name.starts_with(b"\"") && begins_dialled(name) {
            self.of_user(&Address::from_uri(name))?;
        }
        Continue(())
    }

    fn of_address(&mut self, address: &Address<'t>) -> ControlFlow<B> {
        let is_withheld = self.party == Party::Caller && address.is_withheld();
        if is_withheld {
            self.show(Number::Anonymous, address.host)?;
        }
        // A host may withhold a number that stands before it all the same.
        if !is_withheld || self.plan.line(address.subscriber().0).is_some() {
            self.of_user(address)?;
        }
        match address.scheme {
            // Some servers look for a host in a tel URI, others for headers or a port, and take for
            // the number what is left.
            Scheme::Tel => {
                let others = address.rest.split(|byte| uri::TEL_ENDS.contains(byte)).skip(1);
                let mut users = others.map(<[u8]>::trim_ascii).filter(|user| !user.is_empty());
                users.try_for_each(|user| self.of_user(&Address { user, ..*address }))
            }
            // A number where a host belongs.
            Scheme::Sip if address.user.is_empty() && !is_ipv4(address.host) => {
                let user = uri::until(address.rest, b";?:>@");
                if self.behind_technical_prefix(user).is_some() {
                    self.of_user(&Address { user, ..*address })?;
                }
                self.leading_numbers(user, &[], is_e164)
            }
            Scheme::Sip => Continue(()),
            // Some servers read a scheme that they do not know as they read `sip`.
            Scheme::None => match uri::behind_unknown_scheme(address.rest) {
                Some(rest) => {
                    self.of_user(&Address { user: uri::until(rest, b"@:?>"), ..*address })
                }
                None => Continue(()),
            },
        }
    }

    /// What stands behind a technical prefix, which callees alone may have.
    fn behind_technical_prefix<'a>(&self, user: &'a [u8]) -> Option<&'a [u8]> {
        match self.party {
            Party::Callee => self.plan.behind_technical_prefix(user),
            Party::Caller => None,
        }
    }

    /// The readings of a user, perhaps behind a technical prefix.
    fn of_user(&mut self, address: &Address<'t>) -> ControlFlow<B> {
        let Some(user) = self.behind_technical_prefix(address.user) else {
            return self.of_plain_user(address);
        };
        let whole = self.plan.read_user(address, &mut ());
        let stripped = Address { user, ..*address };
        let left = self.plan.number_left(&stripped);
        if left == BehindPrefix::Nothing || self.plan.is_emergency(&whole) {
            return self.of_plain_user(address);
        }
        self.of_plain_user(&stripped)?;
        // As dialled it may be a number, too; but an emergency number comes first.
        let is_number = match left {
            BehindPrefix::Emergency | BehindPrefix::Nothing => false,
            BehindPrefix::Number => is_e164(&whole) || is_code(&whole),
            BehindPrefix::Local => matches!(whole, Number::E164(_) | Number::Local(_)),
        };
        if is_number { self.of_plain_user(address) } else { Continue(()) }
    }

    fn of_plain_user(&mut self, address: &Address<'t>) -> ControlFlow<B> {
        let host = address.host;
        let (subscriber, params) = address.subscriber();
        let line = self.plan.line(subscriber);
        let is_spelt = || line.as_ref().is_some_and(withheld::is_spelt);
        let is_odd = || !digits::all(subscriber) && withheld::are_marked_zeros(subscriber);
        if self.party == Party::Caller && (is_spelt() || is_odd()) {
            self.show(Number::Anonymous, host)?;
        }
        let Some(line) = line.filter(|line| !line.dialled().contains(&b'+')) else {
            return self.of_odd_user(address);
        };
        // What a context makes of the number depends on whether the next server knows of contexts.
        if !line.plus && !params.is_empty() {
            self.in_contexts(address, &line)?;
        }
        match self.plan.dialled(&line, &mut ()) {
            Some(number) if self.party == Party::Callee => {
                self.show(number.clone(), host)?;
                self.further_numbers(&line, &number, host)
            }
            Some(number) => self.show(number, host),
            None => Continue(()),
        }
    }

    /// What each context of a user makes of its number.
    fn in_contexts(&mut self, address: &Address<'t>, line: &DialString) -> ControlFlow<B> {
        let plan = self.plan;
        let mut numbers = uri::phone_contexts(address.user)
            .filter_map(|context| plan.in_context(line, context, &mut ()));
        numbers.try_for_each(|number| self.show(number, address.host))
    }

    /// The readings of a user in which something stands that no telephone dials.
    fn of_odd_user(&mut self, address: &Address<'t>) -> ControlFlow<B> {
        let (subscriber, _) = address.subscriber();
        let number = self.plan.read_user(address, &mut ());
        let is_invalid = matches!(number, Number::Invalid(_));
        let shown = self.shown;
        self.leading_numbers(subscriber, address.host, |_| true)?;
        let has_number = self.shown > shown;
        if is_invalid || address.user.iter().any(|byte| b"%;".contains(byte)) {
            self.leading_users(address.user, address.host)?;
        }
        // Behind an escaped semicolon a context may stand.
        let escaped = subscriber.windows(3).position(|three| three.eq_ignore_ascii_case(b"%3b"));
        if let Some(line) = escaped.and_then(|end| self.plan.line(&subscriber[..end])) {
            self.in_contexts(address, &line)?;
        }
        // What is neither a number nor a possible user is invalid, unless there was a number in it.
        if is_invalid && has_number { Continue(()) } else { self.show(number, address.host) }
    }

    /// The numbers that a text begins with, up to where one server or another stops reading: at the first control
    /// character, and at the first other that no telephone has.
    fn leading_numbers(
        &mut self,
        text: &[u8],
        host: &'t [u8],
        is_wanted: fn(&Number) -> bool,
    ) -> ControlFlow<B> {
        let begun = match self.party {
            Party::Callee => after_marks(text),
            Party::Caller => text,
        };
        let ends = |character: char| !character.is_control() && is_other(character);
        let other = located(begun).find(|(_, character)| character.is_none_or(ends));
        let (dialled, behind) = begun.split_at(other.map_or(begun.len(), |(at, _)| at));
        if self.party == Party::Callee && other.is_some() {
            self.all_digits(begun, host)?;
        }
        if other.is_none_or(|(_, character)| stops(self.party, character)) {
            let line = match self.party {
                // Dropped characters do not count towards the length.
                Party::Callee => DialString::from_leading(visible(dialled)),
                Party::Caller => DialString::from_characters(visible(dialled)),
            };
            let counts = match other {
                // All of it dials, but for control characters and pluses.
                None => |_: &Number| true,
                Some(_) if begins_pause(behind) => dials,
                Some(_) => is_e164,
            };
            self.pieces(line, host, |number| counts(number) && is_wanted(number))?;
        }
        let is_control = |character: Option<char>| character.is_some_and(char::is_control);
        match located(dialled).find(|&(_, character)| is_control(character)) {
            Some((at, _)) => {
                let line = DialString::from_leading(Characters(&dialled[..at]));
                self.pieces(line, host, is_wanted)
            }
            None => Continue(()),
        }
    }

    /// The wanted numbers of a line, or of the parts of one with pluses among its digits, of which a server may
    /// take the last, the first or all of the digits.
    fn pieces(
        &mut self,
        line: Option<DialString>,
        host: &'t [u8],
        is_wanted: impl Fn(&Number) -> bool,
    ) -> ControlFlow<B> {
        let Some(line) = line else { return Continue(()) };
        let mut piece = |line: &DialString| {
            let Some(number) = self.plan.dialled(line, &mut ()) else { return Continue(()) };
            if self.party == Party::Callee {
                self.further_numbers(line, &number, host)?;
            }
            if is_wanted(&number) { self.show(number, host) } else { Continue(()) }
        };
        let dialled = line.dialled();
        let plus = |byte: &u8| *byte == b'+';
        let (Some(first), Some(last)) =
            (dialled.iter().position(plus), dialled.iter().rposition(plus))
        else {
            return piece(&line);
        };
        piece(&DialString::from_parts(true, &[&dialled[last + 1..]]))?;
        piece(&DialString::from_parts(line.plus, &[&dialled[..first]]))?;
        let mut all = DialString::new(line.plus);
        dialled.split(plus).all(|part| all.extend(part));
        piece(&all)
    }

    /// The number of all digits of a text that begins with one, for servers that drop all other characters.
    fn all_digits(&mut self, text: &[u8], host: &'t [u8]) -> ControlFlow<B> {
        if !begins_with(text, is_dialled) {
            return Continue(());
        }
        let dialled = Characters(text).flatten().filter(|&character| is_dialled(character));
        let line = DialString::from_leading(dialled.map(Some));
        match line.and_then(|line| self.plan.dialled(&line, &mut ())) {
            Some(Number::E164(number)) if dial::fits_general_pattern(number) => {
                self.show(Number::E164(number), host)
            }
            _ => Continue(()),
        }
    }

    /// What else a switch may make of what a callee's user dials: without a code that hides or shows
    /// the caller, without what stands behind a `*` or `#`, without surplus digits.
    fn further_numbers(
        &mut self,
        line: &DialString,
        number: &Number,
        host: &'t [u8],
    ) -> ControlFlow<B> {
        let dialled = line.dialled();
        if digits::all(dialled) {
            return self.surplus(DialledDigits { plus: line.plus, digits: dialled }, number, host);
        }
        let dialled = self.plan.after_presentation_code(dialled).unwrap_or(dialled);
        let dialled = self.plan.behind_technical_prefix(dialled).unwrap_or(dialled);
        let (has_plus, dialled) = after_plus(dialled);
        let digits = &dialled[..digits::run(dialled)];
        if digits.is_empty() {
            return Continue(());
        }
        let dialled = DialledDigits { plus: has_plus || line.plus, digits };
        let number = dialled.number(self.plan, &mut ());
        self.surplus(dialled, &number, host)?;
        if dials(&number) { self.show(number, host) } else { Continue(()) }
    }

    /// The numbers that are left when a switch drops the last digits of one that is too long.
    fn surplus(
        &mut self,
        dialled: DialledDigits<'_>,
        number: &Number,
        host: &'t [u8],
    ) -> ControlFlow<B> {
        let may_be_longer = match number {
            Number::E164(number) => !dial::fits_general_pattern(*number),
            Number::Local(text) => matches!(
                text.local_reason(),
                LocalReason::TooLong
                    | LocalReason::WrongLength
                    | LocalReason::Ambiguous
                    | LocalReason::Unstated
            ),
            // A plus before a trunk or international prefix.
            Number::Unassigned(_) => dialled.digits.starts_with(b"0"),
            Number::Invalid(NumberError::TooLong) => true,
            _ => false,
        };
        if !may_be_longer {
            return Continue(());
        }
        let longest = dialled.digits.len().min(dial::MOST_DIGITS + 1);
        for length in (2..longest).rev() {
            let digits = &dialled.digits[..length];
            if let Ok(number) = dial::dial(self.plan, DialledDigits { digits, ..dialled })
                && dial::fits_general_pattern(number)
            {
                self.show(Number::E164(number), host)?;
            }
        }
        Continue(())
    }

    /// The users that a text may name for a server that drops control characters, or that stops at one, at
    /// an `@`, or at what no user holds.
    fn leading_users(&mut self, text: &[u8], host: &'t [u8]) -> ControlFlow<B> {
        let begun = after_marks(text);
        let seen = PercentDecoded(begun).filter(|byte| !byte.is_ascii_control());
        let first = PercentDecoded(&begun[..end_of_user(begun)]);
        for user in [Text::from_user(seen), Text::from_user(first)].into_iter().flatten() {
            if !user.as_bytes().is_empty() && uri::is_user(user.as_bytes()) {
                self.show(Number::Opaque(user), host)?;
            }
        }
        Continue(())
    }
}

/// The address of a request URI or a `To` header.
fn callee_address(text: &[u8]) -> Address<'_> {
    let text = text.trim_ascii();
    if is_uri(text) { Address::from_uri(text) } else { Address::from_header(text) }
}

/// Reports whether the text is a URI, as requests have it, and no header.
fn is_uri(text: &[u8]) -> bool {
    uri::scheme(text).0 != Scheme::None || uri::begins_with_word(text, b"urn:")
}

fn is_ipv4(host: &[u8]) -> bool {
    str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

/// The characters of a text, percent-decoded, and where each begins.
fn located(text: &[u8]) -> impl Iterator<Item = (usize, Option<char>)> {
    let mut characters = Characters(text);
    std::iter::from_fn(move || {
        let at = text.len() - characters.0.len();
        Some((at, characters.next()?))
    })
}

/// Where a user ends for a server that stops at what no user holds, escaped or not.
fn end_of_user(text: &[u8]) -> usize {
    let ends = |at: usize, character: char| {
        let is_escaped = text[at] == b'%' && !"@;\"<>".contains(character);
        if is_escaped {
            character.is_control()
        } else {
            character == ';' || !may_stand_in_user(character)
        }
    };
    let end = located(text)
        .find(|&(at, character)| character.is_none_or(|character| ends(at, character)));
    end.map_or(text.len(), |(at, _)| at)
}

/// Reports whether a server may take what stands before the character for the user. Of a callee it may at any
/// character, of a caller only at one that ends a user if it is not escaped.
fn stops(party: Party, character: Option<char>) -> bool {
    party == Party::Callee || character.is_some_and(|character| "@;:?".contains(character))
}

/// Reports whether a pause and what is dialled after it follow, or what begins no name. Behind a letter of a
/// name only a whole E.164 number counts: `7eleven` calls nobody's 7.
fn begins_pause(text: &[u8]) -> bool {
    let mut characters = Characters(text);
    match characters.next().flatten() {
        Some('p' | 'P' | 'w' | 'W') => characters.flatten().all(|character| {
            matches!(character, 'p' | 'P' | 'w' | 'W' | ',') || !is_other(character)
        }),
        Some(character) => !character.is_alphanumeric(),
        None => true,
    }
}

/// What follows the marks before a number, quotes for instance, that one server or another drops.
fn after_marks(text: &[u8]) -> &[u8] {
    let is_mark = |character: char| is_other(character) && !character.is_alphanumeric();
    let number = located(text).find(|&(_, character)| !character.is_none_or(is_mark));
    &text[number.map_or(text.len(), |(at, _)| at)..]
}

/// Reports whether the first character of a text is one of these.
fn begins_with(text: &[u8], wanted: fn(char) -> bool) -> bool {
    Characters(text).next().flatten().is_some_and(wanted)
}

/// Reports whether no telephone dials the character, and no written number holds it.
fn is_other(character: char) -> bool {
    character_kind(character) == CharacterKind::Other
}

/// A number, and no service string.
fn dials(number: &Number) -> bool {
    matches!(number, Number::E164(_) | Number::Unassigned(_) | Number::Local(_))
}

fn is_e164(number: &Number) -> bool {
    matches!(number, Number::E164(_))
}

/// A short code or an emergency number of the region.
fn is_code(number: &Number) -> bool {
    matches!(number, Number::Local(text) if matches!(text.local_reason(), LocalReason::ShortCode | LocalReason::Emergency))
}
