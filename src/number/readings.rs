//! All numbers that servers may make of what a call says of a party.
//!
//! callbar stands before servers that it does not know, and that read odd texts differently: one
//! drops a control character, another stops there; one keeps what follows a `#`, a telephone ends
//! dialling with it. Whoever wants to get through writes a text that callbar reads in one way and the
//! next server in another. So [`DialPlan::readings`] shows every number that may come of it, for each
//! to be asked. A text in usual form has one reading and takes the short way.

use std::ops::ControlFlow;

use super::canonical::{E164, Number};
use super::dial;
use super::digits;
use super::emergency;
use super::header::{self, Parts};
use super::leading::{begin, is_code, leading_users};
use super::party::{Party, Reading, Seen};
use super::plan::DialPlan;
use super::reading::Writer;
use super::uri::{self, Address, Scheme};
use super::withheld;
use super::written::{Characters, Kind, Line, kind};

/// The identities of a header: one for each address in it.
#[inline]
pub(crate) fn identities(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    Parts::new(header)
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
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
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
            (Scheme::Sip, [b'@', host @ ..]) => party == Party::Callee || withheld::shows(host),
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
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let text = text.trim_ascii();
        if party == Party::Callee {
            // Of several addresses in a header, servers take one or another.
            let others = Parts::new(text).filter(|part| part.len() < text.len());
            others.into_iter().try_for_each(|part| self.all_readings(party, part, see))?;
        }
        if party == Party::Callee && is_uri(text) {
            self.of_address(party, &Address::from_uri(text), see)?;
            // As a header it may name somebody in brackets; no parameter of a request URI does.
            let Some(open) = header::opening(text) else { return ControlFlow::Continue(()) };
            let inside = header::between_brackets(&text[open..]);
            return self.of_address(party, &Address::from_uri(inside), see);
        }
        if header::opening(text).is_none() {
            self.of_address(party, &Address::from_header(text), see)?;
        }
        // Some servers take brackets for an address though parameters of a URI stand before them.
        let mut rest = text;
        while let Some(open) = header::bracket(rest) {
            let inside = header::between_brackets(&rest[open..]);
            self.of_address(party, &Address::from_uri(inside), see)?;
            // Only what closes has others behind it.
            let end = uri::position(&rest[open..], b">").map_or(rest.len(), |close| open + close);
            rest = if party == Party::Callee { &rest[end..] } else { &[] };
        }
        // What stands where a display name belongs, and looks like an address itself.
        let name = uri::until(text, b"<");
        match header::bare_uri(name) {
            Some(uri) if uri.len() < text.len() => {
                self.of_address(party, &Address::from_uri(uri), see)?;
            }
            _ => {}
        }
        match party {
            Party::Callee if !name.starts_with(b"\"") && begins_dialled(name) => {
                self.of_user(party, &Address::from_uri(name), see)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn of_address<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let is_withheld = party == Party::Caller && address.is_withheld();
        if is_withheld {
            see(Reading { number: Number::Anonymous, host: address.host })?;
        }
        // A host may withhold a number that stands before it all the same.
        if !is_withheld || self.line(address.subscriber().0).is_some() {
            self.of_user(party, address, see)?;
        }
        match address.scheme {
            // Some servers look for a host in a tel URI, others for headers or a port, and take for
            // the number what is left.
            Scheme::Tel => {
                let mut others = address.rest.split(|byte| uri::TEL_ENDS.contains(byte)).skip(1);
                others.try_for_each(|other| match other.trim_ascii() {
                    [] => ControlFlow::Continue(()),
                    user => self.of_user(party, &Address { user, ..*address }, see),
                })
            }
            // A number where a host belongs.
            Scheme::Sip if address.user.is_empty() && !is_ipv4(address.host) => {
                let user = uri::until(address.rest, b";?:>@");
                if party == Party::Callee && self.behind_technical_prefix(user).is_some() {
                    self.of_user(party, &Address { user, ..*address }, see)?;
                }
                self.leading_numbers(party, user, see, |number| matches!(number, Number::E164(_)))
            }
            Scheme::Sip => ControlFlow::Continue(()),
            // Some servers read a scheme that they do not know as they read `sip`.
            Scheme::None => match uri::behind_unknown_scheme(address.rest) {
                Some(rest) => {
                    let user = uri::until(rest, b"@:?>");
                    self.of_user(party, &Address { user, ..*address }, see)
                }
                None => ControlFlow::Continue(()),
            },
        }
    }

    /// The readings of a user, perhaps behind a technical prefix.
    fn of_user<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let behind = match party {
            Party::Callee => self.behind_technical_prefix(address.user),
            Party::Caller => None,
        };
        let Some(user) = behind else { return self.of_plain_user(party, address, see) };
        let whole = self.read_user(address, Writer::Callee, &mut ());
        let stripped = Address { user, ..*address };
        let left = self.number_left(&stripped);
        if left == Left::Nothing || self.is_emergency(&whole) {
            return self.of_plain_user(party, address, see);
        }
        self.of_plain_user(party, &stripped, see)?;
        // As dialled it may be a number, too; but who dials for help means that.
        let is_number = match left {
            Left::Emergency | Left::Nothing => false,
            Left::Number => matches!(whole, Number::E164(_)) || is_code(&whole),
            Left::Local => matches!(whole, Number::E164(_) | Number::Local(_)),
        };
        if is_number { self.of_plain_user(party, address, see) } else { ControlFlow::Continue(()) }
    }

    /// What is left of a callee behind a technical prefix.
    fn number_left(&self, address: &Address<'_>) -> Left {
        let mut left = Left::Nothing;
        let _: Seen<()> =
            self.of_plain_user(Party::Callee, address, &mut |Reading { number, .. }| {
                left = left.max(match &number {
                    number if self.is_emergency(number) => Left::Emergency,
                    Number::E164(_) | Number::Unassigned(_) => Left::Number,
                    number if is_code(number) => Left::Number,
                    Number::Local(_) => Left::Local,
                    _ => Left::Nothing,
                });
                ControlFlow::Continue(())
            });
        left
    }

    fn of_plain_user<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let host = address.host;
        let (subscriber, params) = address.subscriber();
        let line = self.line(subscriber);
        let is_spelt = || line.as_ref().is_some_and(withheld::is_spelt);
        let is_odd = || !digits::all(subscriber) && withheld::are_marked_zeros(subscriber);
        if party == Party::Caller && (is_spelt() || is_odd()) {
            see(Reading { number: Number::Anonymous, host })?;
        }
        let Some(line) = line.filter(|line| !line.dialled().contains(&b'+')) else {
            let writer = if party == Party::Caller { Writer::Call } else { Writer::Callee };
            return self.of_odd_user(party, address, self.read_user(address, writer, &mut ()), see);
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
        line: &Line,
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let mut numbers = uri::phone_contexts(address.user)
            .filter_map(|context| self.in_context(line, context, &mut ()));
        numbers.try_for_each(|number| see(Reading { number, host: address.host }))
    }

    /// The readings of a user in which something stands that no telephone dials.
    fn of_odd_user<'t, B>(
        &self,
        party: Party,
        address: &Address<'t>,
        number: Number,
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
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
            && (self.line(subscriber).is_some() || emergency::service_urn(subscriber).is_some());
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
        let _: Seen<()> = self.readings(Party::Callee, text, &mut |Reading { number, .. }| {
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
enum Left {
    Nothing,
    /// Digits that are only known within the domain, an extension for instance.
    Local,
    Number,
    Emergency,
}

fn begins_dialled(text: &[u8]) -> bool {
    let first = Characters(begin(text)).next().flatten();
    first.is_some_and(|first| matches!(kind(first), Kind::Plus | Kind::Dialled(_)))
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
    matches!(kind(character), Kind::Dialled(b'0'..=b'9'))
}

fn is_ipv4(host: &[u8]) -> bool {
    str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}
