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

use std::ops::ControlFlow;

use super::header::{self, HeaderParts};
use super::parse::{service_urn, visible};
use super::uri::{self, Address, Scheme};
use super::withheld;
use crate::error::NumberError;
use crate::number::canonical::{E164, LocalReason, Number, Text};
use crate::number::characters::{
    CharacterKind, Characters, DialString, PercentDecoded, character_kind, may_stand_in_user,
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

/// Whether a header holds more than marks: a quoted name alone, or a comma, names nobody.
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
            None => self.all_readings(party, text, see),
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

    #[inline(never)]
    fn all_readings<'t, B>(
        &self,
        party: Party,
        text: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let text = text.trim_ascii();
        if party == Party::Callee {
            // Of several addresses in a header, servers take one or another.
            let others = HeaderParts::new(text).filter(|part| part.len() < text.len());
            others.into_iter().try_for_each(|part| self.all_readings(party, part, see))?;
        }
        if party == Party::Callee && is_uri(text) {
            self.address_readings(party, &Address::from_uri(text), see)?;
            // As a header it may name somebody in brackets; no parameter of a request URI does.
            let Some(open) = header::opening(text) else { return ControlFlow::Continue(()) };
            let inside = header::between_brackets(&text[open..]);
            return self.address_readings(party, &Address::from_uri(inside), see);
        }
        if header::opening(text).is_none() {
            self.address_readings(party, &Address::from_header(text), see)?;
        }
        // Some servers take brackets for an address though parameters of a URI stand before them.
        let mut rest = text;
        while let Some(open) = header::bracket(rest) {
            let inside = header::between_brackets(&rest[open..]);
            self.address_readings(party, &Address::from_uri(inside), see)?;
            // Only what closes has others behind it.
            let end = uri::position(&rest[open..], b">").map_or(rest.len(), |close| open + close);
            rest = if party == Party::Callee { &rest[end..] } else { &[] };
        }
        // What stands where a display name belongs, and looks like an address itself.
        let name = uri::until(text, b"<");
        match header::bare_uri(name) {
            Some(uri) if uri.len() < text.len() => {
                self.address_readings(party, &Address::from_uri(uri), see)?;
            }
            _ => {}
        }
        match party {
            Party::Callee if !name.starts_with(b"\"") && begins_dialled(name) => {
                self.user_readings(party, &Address::from_uri(name), see)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn address_readings<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let is_withheld = party == Party::Caller && address.is_withheld();
        if is_withheld {
            see(Reading { number: Number::Anonymous, host: address.host })?;
        }
        // A host may withhold a number that stands before it all the same.
        if !is_withheld || self.line(address.subscriber().0).is_some() {
            self.user_readings(party, address, see)?;
        }
        match address.scheme {
            // Some servers look for a host in a tel URI, others for headers or a port, and take for
            // the number what is left.
            Scheme::Tel => {
                let mut others = address.rest.split(|byte| uri::TEL_ENDS.contains(byte)).skip(1);
                others.try_for_each(|other| match other.trim_ascii() {
                    [] => ControlFlow::Continue(()),
                    user => self.user_readings(party, &Address { user, ..*address }, see),
                })
            }
            // A number where a host belongs.
            Scheme::Sip if address.user.is_empty() && !is_ipv4(address.host) => {
                let user = uri::until(address.rest, b";?:>@");
                if party == Party::Callee && self.behind_technical_prefix(user).is_some() {
                    self.user_readings(party, &Address { user, ..*address }, see)?;
                }
                self.leading_numbers(party, user, see, |number| matches!(number, Number::E164(_)))
            }
            Scheme::Sip => ControlFlow::Continue(()),
            // Some servers read a scheme that they do not know as they read `sip`.
            Scheme::None => match uri::behind_unknown_scheme(address.rest) {
                Some(rest) => {
                    let user = uri::until(rest, b"@:?>");
                    self.user_readings(party, &Address { user, ..*address }, see)
                }
                None => ControlFlow::Continue(()),
            },
        }
    }

    /// The readings of a user, perhaps behind a technical prefix.
    fn user_readings<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let behind = match party {
            Party::Callee => self.behind_technical_prefix(address.user),
            Party::Caller => None,
        };
        let Some(user) = behind else { return self.plain_user_readings(party, address, see) };
        let whole = self.read_user(address, &mut ());
        let stripped = Address { user, ..*address };
        let left = self.number_left(&stripped);
        if left == BehindPrefix::Nothing || self.is_emergency(&whole) {
            return self.plain_user_readings(party, address, see);
        }
        self.plain_user_readings(party, &stripped, see)?;
        // As dialled it may be a number, too; but who dials for help means that.
        let is_number = match left {
            BehindPrefix::Emergency | BehindPrefix::Nothing => false,
            BehindPrefix::Number => matches!(whole, Number::E164(_)) || is_code(&whole),
            BehindPrefix::Local => matches!(whole, Number::E164(_) | Number::Local(_)),
        };
        if is_number {
            self.plain_user_readings(party, address, see)
        } else {
            ControlFlow::Continue(())
        }
    }

    /// What is left of a callee behind a technical prefix.
    fn number_left(&self, address: &Address<'_>) -> BehindPrefix {
        let mut left = BehindPrefix::Nothing;
        let _: ControlFlow<()> =
            self.plain_user_readings(Party::Callee, address, &mut |Reading { number, .. }| {
                left = left.max(match &number {
                    number if self.is_emergency(number) => BehindPrefix::Emergency,
                    Number::E164(_) | Number::Unassigned(_) => BehindPrefix::Number,
                    number if is_code(number) => BehindPrefix::Number,
                    Number::Local(_) => BehindPrefix::Local,
                    _ => BehindPrefix::Nothing,
                });
                ControlFlow::Continue(())
            });
        left
    }

    fn plain_user_readings<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let host = address.host;
        let (subscriber, params) = address.subscriber();
        let line = self.line(subscriber);
        let is_spelt = || line.as_ref().is_some_and(withheld::is_spelt);
        let is_odd = || !digits::all(subscriber) && withheld::are_marked_zeros(subscriber);
        if party == Party::Caller && (is_spelt() || is_odd()) {
            see(Reading { number: Number::Anonymous, host })?;
        }
        let Some(line) = line.filter(|line| !line.dialled().contains(&b'+')) else {
            return self.odd_user_readings(party, address, self.read_user(address, &mut ()), see);
        };
        // What a context makes of the number depends on whether the next server knows of contexts.
        if !line.plus && !params.is_empty() {
            self.in_contexts(address, &line, see)?;
        }
        let Some(number) = self.dialled(&line, &mut ()) else { return ControlFlow::Continue(()) };
        let further = (party == Party::Callee).then(|| number.clone());
        see(Reading { number, host })?;
        match further {
            Some(number) => self.further_numbers(&line, &number, host, see),
            None => ControlFlow::Continue(()),
        }
    }

    /// What each context of a user makes of its number.
    fn in_contexts<'t, B>(
        &self,
        address: &Address<'t>,
        line: &DialString,
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut numbers = uri::phone_contexts(address.user)
            .filter_map(|context| self.in_context(line, context, &mut ()));
        numbers.try_for_each(|number| see(Reading { number, host: address.host }))
    }

    /// The readings of a user in which something stands that no telephone dials.
    fn odd_user_readings<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        number: Number,
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let host = address.host;
        let (subscriber, _) = address.subscriber();
        let mut any = false;
        let mut found = |reading: Reading<'t>| {
            any = true;
            see(reading)
        };
        self.leading_numbers(
            party,
            subscriber,
            &mut |reading| found(Reading { host, ..reading }),
            |_| true,
        )?;
        if matches!(number, Number::Invalid(_))
            || address.user.iter().any(|byte| b"%;".contains(byte))
        {
            leading_users(address.user, host, see)?;
        }
        // Behind an escaped semicolon a context may stand.
        let escaped = subscriber.windows(3).position(|three| three.eq_ignore_ascii_case(b"%3b"));
        if let Some(line) = escaped.and_then(|end| self.line(&subscriber[..end])) {
            self.in_contexts(address, &line, see)?;
        }
        // What is neither a number nor a possible user is invalid, unless there was a number in it.
        match number {
            Number::Invalid(_) if any => ControlFlow::Continue(()),
            number => see(Reading { number, host }),
        }
    }

    /// Whether a callee calls for help, however it is read, and says so plainly: its user dials and holds
    /// nothing else, or is a service URN.
    pub(crate) fn calls_for_help_alone(&self, text: &[u8]) -> bool {
        let address = callee_address(text);
        let user = self.behind_technical_prefix(address.user).unwrap_or(address.user);
        let (subscriber, params) = Address { user, ..address }.subscriber();
        let is_odd = |byte: &u8| byte.is_ascii_control() || b"<>\"',".contains(byte);
        let is_plain = !uri::has_routing_number(params)
            && !user.iter().chain(uri::until(address.rest, b"@;?")).any(is_odd)
            && (self.line(subscriber).is_some() || service_urn(subscriber).is_some());
        let all = |reading: Reading<'_>| {
            if self.is_emergency(&reading.number) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        is_plain && self.readings(Party::Callee, text, &mut { all }).is_continue()
    }

    /// Whether a callee's text holds digits and is not plainly one number: a server may refuse such
    /// calls, for nobody knows whom the next server will call.
    pub(crate) fn is_ambiguous(&self, text: &[u8]) -> bool {
        let mut first = None;
        let (mut differ, mut is_name) = (false, false);
        let _: ControlFlow<()> =
            self.readings(Party::Callee, text, &mut |Reading { number, .. }| {
                is_name |= matches!(number, Number::Opaque(_) | Number::Invalid(_));
                differ |= first.get_or_insert_with(|| number.clone()) != &number;
                ControlFlow::Continue(())
            });
        let address = callee_address(text);
        let digits = || Characters(address.user).flatten().any(is_digit);
        (differ || is_name) && digits()
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

fn begins_dialled(text: &[u8]) -> bool {
    let first = Characters(after_marks(text)).next().flatten();
    first.is_some_and(|first| {
        matches!(character_kind(first), CharacterKind::Plus | CharacterKind::Dialled(_))
    })
}

/// The address of a request URI or a `To` header.
fn callee_address(text: &[u8]) -> Address<'_> {
    let text = text.trim_ascii();
    if is_uri(text) { Address::from_uri(text) } else { Address::from_header(text) }
}

/// Whether the text is a URI, as requests have it, and no header.
fn is_uri(text: &[u8]) -> bool {
    uri::scheme(text).0 != Scheme::None
        || text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"urn:"))
}

fn is_digit(character: char) -> bool {
    matches!(character_kind(character), CharacterKind::Dialled(b'0'..=b'9'))
}

fn is_ipv4(host: &[u8]) -> bool {
    str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

impl DialPlan {
    /// The numbers that a text begins with: up to where one server or another stops reading.
    pub(crate) fn leading_numbers<'t, B>(
        &self,
        party: Party,
        text: &[u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
        wanted: impl Fn(&Number) -> bool,
    ) -> ControlFlow<B> {
        let begun = match party {
            Party::Callee => after_marks(text),
            Party::Caller => text,
        };
        let end = ReadingEnds::find(begun);
        if party == Party::Callee && end.other.is_some() {
            self.all_digits(begun, see)?;
        }
        let mut each = |line: Option<DialString>, is_wanted: fn(&Number) -> bool| {
            let Some(line) = line else { return ControlFlow::Continue(()) };
            pieces(&line, &mut |line| {
                let Some(number) = self.dialled(&line, &mut ()) else {
                    return ControlFlow::Continue(());
                };
                let further = match party {
                    Party::Callee => self.further_numbers(&line, &number, &[], see),
                    Party::Caller => ControlFlow::Continue(()),
                };
                further?;
                if is_wanted(&number) && wanted(&number) {
                    see(Reading { number, host: &[] })
                } else {
                    ControlFlow::Continue(())
                }
            })
        };
        let shown = |text: &'_ [u8]| match party {
            // What a switch drops may be as long as it likes.
            Party::Callee => DialString::from_leading(visible(text)),
            Party::Caller => DialString::from_characters(visible(text)),
        };
        match end.other {
            // All of it dials, but for control characters and pluses.
            None => each(shown(begun), |_| true)?,
            Some((at, character)) if stops(party, character) => {
                let is_wanted: fn(&Number) -> bool =
                    if begins_pause(&begun[at..]) { dials } else { is_e164 };
                each(shown(&begun[..at]), is_wanted)?;
            }
            Some(_) => {}
        }
        match end.control {
            Some(at) if end.other.is_none_or(|(other, _)| at < other) => {
                each(DialString::from_leading(Characters(&begun[..at])), |_| true)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// The number of all digits of a text that begins with one, for servers that drop all other characters.
    fn all_digits<'t, B>(
        &self,
        text: &[u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let is_begun = |character: char| {
            matches!(character_kind(character), CharacterKind::Plus | CharacterKind::Dialled(_))
        };
        if !Characters(text).next().flatten().is_some_and(is_begun) {
            return ControlFlow::Continue(());
        }
        let dialled = Characters(text).map(Option::unwrap_or_default);
        let digits = dialled.filter(|&character| is_begun(character)).map(Some);
        match DialString::from_leading(digits).and_then(|line| self.dialled(&line, &mut ())) {
            Some(Number::E164(number)) if dial::fits_general_pattern(number) => {
                see(Reading { number: Number::E164(number), host: &[] })
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// What else a switch may make of what a callee's user dials: without a code that hides or shows
    /// the caller, without what stands behind a `*` or `#`, without surplus digits.
    pub(crate) fn further_numbers<'t, B>(
        &self,
        line: &DialString,
        number: &Number,
        host: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if digits::all(line.dialled()) {
            let dialled = DialledDigits { plus: line.plus, digits: line.dialled() };
            return self.surplus(dialled, number, host, see);
        }
        let dialled = self.after_presentation_code(line.dialled()).unwrap_or(line.dialled());
        let dialled = self.behind_technical_prefix(dialled).unwrap_or(dialled);
        let (plus, dialled) = match dialled {
            [b'+', rest @ ..] => (true, rest),
            rest => (line.plus, rest),
        };
        let digits = &dialled[..digits::run(dialled)];
        if digits.is_empty() {
            return ControlFlow::Continue(());
        }
        let dialled = DialledDigits { plus, digits };
        let number = dialled.number(self, &mut ());
        self.surplus(dialled, &number, host, see)?;
        if dials(&number) { see(Reading { number, host }) } else { ControlFlow::Continue(()) }
    }

    /// The numbers that are left when a switch drops the last digits of one that is too long.
    fn surplus<'t, B>(
        &self,
        dialled: DialledDigits<'_>,
        number: &Number,
        host: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
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
        if !may_be_longer || !digits::all(dialled.digits) {
            return ControlFlow::Continue(());
        }
        let longest = dialled.digits.len().min(dial::MOST_DIGITS + 1);
        for length in (2..longest).rev() {
            let digits = &dialled.digits[..length];
            if let Ok(number) = dial::dial(self, DialledDigits { digits, ..dialled })
                && dial::fits_general_pattern(number)
            {
                see(Reading { number: Number::E164(number), host })?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// The users that a text may name for a server that drops control characters, or that stops at one, at
/// an `@`, or at what no user holds.
pub(crate) fn leading_users<'t, B>(
    text: &[u8],
    host: &'t [u8],
    see: &mut impl FnMut(Reading<'t>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let begun = after_marks(text);
    let seen = PercentDecoded(begun).filter(|byte| !byte.is_ascii_control());
    let first = PercentDecoded(&begun[..end_of_user(begun)]);
    for user in [Text::from_user(seen), Text::from_user(first)].into_iter().flatten() {
        if !user.as_bytes().is_empty() && uri::is_user(user.as_bytes()) {
            see(Reading { number: Number::Opaque(user), host })?;
        }
    }
    ControlFlow::Continue(())
}

/// A line, or the parts of one with pluses among its digits, of which a server may take the first,
/// the last or all of the digits.
fn pieces<B>(
    line: &DialString,
    each: &mut impl FnMut(DialString) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let dialled = line.dialled();
    let plus = |byte: &u8| *byte == b'+';
    let (Some(first), Some(last)) = (dialled.iter().position(plus), dialled.iter().rposition(plus))
    else {
        return each(DialString::from_parts(line.plus, &[dialled]));
    };
    each(DialString::from_parts(true, &[&dialled[last + 1..]]))?;
    each(DialString::from_parts(line.plus, &[&dialled[..first]]))?;
    let mut all = DialString::new(line.plus);
    dialled.iter().filter(|byte| !plus(byte)).all(|&byte| all.push(byte));
    each(all)
}

/// Where servers may stop reading a user that dials: at the first control character, and at the first
/// other that no telephone has.
struct ReadingEnds {
    control: Option<usize>,
    other: Option<(usize, char)>,
}

impl ReadingEnds {
    fn find(text: &[u8]) -> Self {
        let mut control = None;
        let mut characters = Characters(text);
        loop {
            let at = text.len() - characters.0.len();
            let other = match characters.next() {
                None => return Self { control, other: None },
                Some(None) => '\u{FFFD}',
                Some(Some(character)) if character.is_control() => {
                    control.get_or_insert(at);
                    continue;
                }
                Some(Some(character)) if character_kind(character) == CharacterKind::Other => {
                    character
                }
                Some(Some(_)) => continue,
            };
            return Self { control, other: Some((at, other)) };
        }
    }
}

/// Where a user ends for a server that stops at what no user holds, escaped or not.
fn end_of_user(text: &[u8]) -> usize {
    let mut characters = Characters(text);
    loop {
        let at = text.len() - characters.0.len();
        match characters.next() {
            None => return text.len(),
            Some(Some(character)) => {
                let is_escaped = text[at] == b'%' && !"@;\"<>".contains(character);
                let stands = if is_escaped {
                    !character.is_control()
                } else {
                    character != ';' && may_stand_in_user(character)
                };
                if !stands {
                    return at;
                }
            }
            Some(None) => return at,
        }
    }
}

/// Whether a server may take what stands before the character for the user. Of a callee it may at any
/// character, of a caller only at one that ends a user if it is not escaped.
fn stops(party: Party, character: char) -> bool {
    party == Party::Callee || "@;:?".contains(character)
}

/// Whether a pause and what is dialled after it follow, or what begins no name. Behind a letter of a name
/// only a whole E.164 number counts: `7eleven` calls nobody's 7.
fn begins_pause(text: &[u8]) -> bool {
    let mut characters = Characters(text);
    match characters.next().flatten() {
        Some('p' | 'P' | 'w' | 'W') => characters.flatten().all(|character| {
            matches!(character, 'p' | 'P' | 'w' | 'W' | ',')
                || character_kind(character) != CharacterKind::Other
        }),
        Some(character) => !character.is_alphanumeric(),
        None => true,
    }
}

/// What follows the marks before a number, quotes for instance, that one server or another drops.
pub(crate) fn after_marks(text: &[u8]) -> &[u8] {
    let mut characters = Characters(text);
    loop {
        let rest = characters.0;
        match characters.next() {
            Some(Some(character))
                if character_kind(character) == CharacterKind::Other
                    && !character.is_alphanumeric() => {}
            Some(None) => {}
            _ => return rest,
        }
    }
}

/// A number, and no service string.
fn dials(number: &Number) -> bool {
    matches!(number, Number::E164(_) | Number::Unassigned(_) | Number::Local(_))
}

fn is_e164(number: &Number) -> bool {
    matches!(number, Number::E164(_))
}

/// A short code or an emergency number of the region.
pub(crate) fn is_code(number: &Number) -> bool {
    matches!(number, Number::Local(text) if matches!(text.local_reason(), LocalReason::ShortCode | LocalReason::Emergency))
}
