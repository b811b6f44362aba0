//! The numbers that a text begins with, as far as one server or another reads it.
//!
//! Where a server stops is not known: at a control character, or it drops that; at what no telephone
//! dials; at the `#` that ends dialling; when a number has all of its digits.

use std::ops::ControlFlow;

use super::canonical::{Number, Reason, Text, Why};
use super::dial::{self, Dialled};
use super::digits;
use super::party::{Party, Reading, Seen};
use super::plan::DialPlan;
use super::reading::visible;
use super::uri;
use super::written::{Characters, Decoded, Kind, Line, kind};

impl DialPlan {
    /// The numbers that a text begins with: up to where one server or another stops reading.
    pub(super) fn leading_numbers<'t, B>(
        &self,
        party: Party,
        text: &[u8],
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
        wanted: impl Fn(&Number) -> bool,
    ) -> Seen<B> {
        let begun = match party {
            Party::Callee => begin(text),
            Party::Caller => text,
        };
        let end = Ends::find(begun);
        if party == Party::Callee && end.other.is_some() {
            self.all_digits(begun, see)?;
        }
        let mut each = |line: Option<Line>, is_wanted: fn(&Number) -> bool| {
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
            Party::Callee => Line::begin(visible(text)),
            Party::Caller => Line::read(visible(text)),
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
                each(Line::begin(Characters(&begun[..at])), |_| true)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// The number of all digits of a text that begins with one, for servers that drop whatever is none.
    fn all_digits<'t, B>(
        &self,
        text: &[u8],
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let is_begun = |character: char| matches!(kind(character), Kind::Plus | Kind::Dialled(_));
        if !Characters(text).next().flatten().is_some_and(is_begun) {
            return ControlFlow::Continue(());
        }
        let dialled = Characters(text).map(Option::unwrap_or_default);
        let digits = dialled.filter(|&character| is_begun(character)).map(Some);
        match Line::begin(digits).and_then(|line| self.dialled(&line, &mut ())) {
            Some(Number::E164(number)) if dial::fits_general_pattern(number) => {
                see(Reading { number: Number::E164(number), host: &[] })
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// What else a switch may make of what a callee's user dials: without a code that hides or shows
    /// the caller, without what stands behind a `*` or `#`, without surplus digits.
    pub(super) fn further_numbers<'t, B>(
        &self,
        line: &Line,
        number: &Number,
        host: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        if digits::all(line.dialled()) {
            let dialled = Dialled { plus: line.plus, digits: line.dialled() };
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
        let dialled = Dialled { plus, digits };
        let number = dialled.number(self, &mut ());
        self.surplus(dialled, &number, host, see)?;
        if dials(&number) { see(Reading { number, host }) } else { ControlFlow::Continue(()) }
    }

    /// The numbers that are left when a switch drops the last digits of one that is too long.
    fn surplus<'t, B>(
        &self,
        dialled: Dialled<'_>,
        number: &Number,
        host: &'t [u8],
        see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
    ) -> Seen<B> {
        let may_be_longer = match number {
            Number::E164(number) => !dial::fits_general_pattern(*number),
            Number::Local(text) => matches!(
                text.why(),
                Why::TooLong | Why::WrongLength | Why::Ambiguous | Why::Unstated
            ),
            // A plus before a trunk or international prefix.
            Number::Unassigned(_) => dialled.digits.starts_with(b"0"),
            Number::Invalid(Reason::TooLong) => true,
            _ => false,
        };
        if !may_be_longer || !digits::all(dialled.digits) {
            return ControlFlow::Continue(());
        }
        let longest = dialled.digits.len().min(dial::MOST_DIGITS + 1);
        for length in (2..longest).rev() {
            let digits = &dialled.digits[..length];
            if let Ok(number) = dial::dial(self, Dialled { digits, ..dialled })
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
pub(super) fn leading_users<'t, B>(
    text: &[u8],
    host: &'t [u8],
    see: &mut impl FnMut(Reading<'t>) -> Seen<B>,
) -> Seen<B> {
    let begun = begin(text);
    let seen = Decoded(begun).filter(|byte| !byte.is_ascii_control());
    let first = Decoded(&begun[..end_of_user(begun)]);
    for user in [Text::from_user(seen), Text::from_user(first)].into_iter().flatten() {
        if !user.as_bytes().is_empty() && uri::is_user(user.as_bytes()) {
            see(Reading { number: Number::Opaque(user), host })?;
        }
    }
    ControlFlow::Continue(())
}

/// A line, or the parts of one with pluses among its digits, of which a server may take the first,
/// the last or all of the digits.
fn pieces<B>(line: &Line, each: &mut impl FnMut(Line) -> Seen<B>) -> Seen<B> {
    let dialled = line.dialled();
    let plus = |byte: &u8| *byte == b'+';
    let (Some(first), Some(last)) = (dialled.iter().position(plus), dialled.iter().rposition(plus))
    else {
        return each(Line::from_parts(line.plus, &[dialled]));
    };
    each(Line::from_parts(true, &[&dialled[last + 1..]]))?;
    each(Line::from_parts(line.plus, &[&dialled[..first]]))?;
    let mut all = Line::new(line.plus);
    dialled.iter().filter(|byte| !plus(byte)).all(|&byte| all.push(byte));
    each(all)
}

/// Where servers may stop reading a user that dials: at the first control character, and at the first
/// other that no telephone has.
struct Ends {
    control: Option<usize>,
    other: Option<(usize, char)>,
}

impl Ends {
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
                Some(Some(character)) if kind(character) == Kind::Other => character,
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
                    character != ';' && uri::may_stand_in_user(character)
                };
                if !stands {
                    return at;
                }
            }
            Some(None) => return at,
        }
    }
}

/// Whether a server may take what stands before the character for the user: of a callee whatever it is,
/// of a caller if it ends a user when it is not escaped.
fn stops(party: Party, character: char) -> bool {
    party == Party::Callee || "@;:?".contains(character)
}

/// Whether a pause and what is dialled after it follow, or what begins no name. Behind a letter of a name
/// only a whole E.164 number counts: `7eleven` calls nobody's 7.
fn begins_pause(text: &[u8]) -> bool {
    let mut characters = Characters(text);
    match characters.next().flatten() {
        Some('p' | 'P' | 'w' | 'W') => characters.flatten().all(|character| {
            matches!(character, 'p' | 'P' | 'w' | 'W' | ',') || kind(character) != Kind::Other
        }),
        Some(character) => !character.is_alphanumeric(),
        None => true,
    }
}

/// What follows the marks before a number, quotes for instance, that one server or another drops.
pub(super) fn begin(text: &[u8]) -> &[u8] {
    let mut characters = Characters(text);
    loop {
        let rest = characters.0;
        match characters.next() {
            Some(Some(character))
                if kind(character) == Kind::Other && !character.is_alphanumeric() => {}
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
pub(super) fn is_code(number: &Number) -> bool {
    matches!(number, Number::Local(text) if matches!(text.why(), Why::ShortCode | Why::Emergency))
}
