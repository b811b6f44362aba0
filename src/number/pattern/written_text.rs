//! What an operator wrote, taken apart and decoded once.
//!
//! Patterns, ranges, numbers and the checks for mistakes all read this one form: the address, and the
//! characters of its user. It lies on the stack.
//!
//! To keep the kind of each character beside it doubled the room to 2 KB, and patterns took 397 instead of 314 ns:
//! filling the room with zeros cost more than to look the kinds up again.

use crate::number::characters::{Characters, DialString};
use crate::number::plan::dial_plan::DialPlan;
use crate::number::text::parse::{BRACKETED_ZERO, bracketed_zero};
use crate::number::text::uri::Address;

/// libphonenumber reads no longer text either.
const MOST_CHARACTERS: usize = 250;

/// Whether a character is an X of any width, in either case.
pub(crate) fn is_x(character: char) -> bool {
    matches!(character, 'x' | 'X' | '\u{FF38}' | '\u{FF58}')
}

/// Room on the stack for the characters of a [`WrittenText`].
pub(crate) struct CharacterRoom([char; MOST_CHARACTERS]);

impl CharacterRoom {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(['\0'; MOST_CHARACTERS])
    }
}

/// What an operator wrote.
pub(crate) struct WrittenText<'t> {
    /// The text without white space around it.
    pub(crate) text: &'t [u8],
    pub(crate) address: Address<'t>,
    /// Whether the text is a user and nothing else: no URI and no header.
    pub(crate) is_bare: bool,
    /// The characters of the user, up to the first byte that is not UTF-8, or as many as there is room for.
    characters: &'t [char],
    /// The bytes of the user behind those.
    rest: &'t [u8],
    /// How many characters belong to the subscriber, if all of those are decoded.
    subscriber: Option<usize>,
    /// How many characters stand before a zero between brackets, if one of the subscriber is decoded.
    bracketed_zero: Option<usize>,
}

impl<'t> WrittenText<'t> {
    pub(crate) fn new(text: &'t [u8], room: &'t mut CharacterRoom) -> Self {
        let text = text.trim_ascii();
        // A header or URI has one of these. Without them its address would be the same: the whole text.
        let is_bare = !text.iter().any(|byte| matches!(byte, b':' | b'@' | b'<' | b'"'));
        let address = if is_bare { Address::from_user(text) } else { Address::from_header(text) };
        let subscriber_end = address.subscriber().0.len();
        let zero_at = bracketed_zero(address.subscriber().0);
        let (mut subscriber, mut bracketed_zero) = (None, None);
        let (mut count, mut rest) = (0, address.user);
        loop {
            let at = address.user.len() - rest.len();
            if at == subscriber_end {
                subscriber = Some(count);
            }
            if zero_at == Some(at) {
                bracketed_zero = Some(count);
            }
            let mut characters = Characters(rest);
            let (Some(place), Some(Some(character))) = (room.0.get_mut(count), characters.next())
            else {
                break;
            };
            *place = character;
            count += 1;
            rest = characters.0;
        }
        let characters = &room.0[..count];
        Self { text, address, is_bare, characters, rest, subscriber, bracketed_zero }
    }

    /// The characters of the user with its parameters; none if there are too many, or bytes that are not UTF-8.
    pub(crate) fn user(&self) -> Option<&[char]> {
        self.rest.is_empty().then_some(self.characters)
    }

    /// The characters of the subscriber; none if there are too many, or bytes that are not UTF-8.
    pub(crate) fn subscriber(&self) -> Option<&[char]> {
        self.subscriber.map(|count| &self.characters[..count])
    }

    /// All characters of the user, however many they are; none in place of bytes that are not UTF-8.
    pub(crate) fn all_of_user(&self) -> impl Iterator<Item = Option<char>> {
        self.characters.iter().copied().map(Some).chain(Characters(self.rest))
    }

    /// What the subscriber dials, without a zero between brackets that is not dialled.
    pub(crate) fn dial_string(&self, plan: &DialPlan) -> Option<DialString> {
        let (subscriber, params) = self.address.subscriber();
        let count = self.subscriber.unwrap_or(self.characters.len());
        let rest = match self.subscriber {
            Some(_) => &[],
            None => &self.rest[..self.rest.len() - params.len()],
        };
        let (before, behind) = match self.idle_zero(plan, subscriber) {
            Some(zero) => (zero, zero + BRACKETED_ZERO),
            None => (count, count),
        };
        let decoded = self.characters[..before].iter().chain(&self.characters[behind..count]);
        DialString::from_characters(decoded.copied().map(Some).chain(Characters(rest)))
    }

    /// The characters of the subscriber around a zero between brackets that is not dialled, or all of them and
    /// none behind; none if there are too many, or bytes that are not UTF-8.
    pub(crate) fn around_idle_zero(&self, plan: &DialPlan) -> Option<[&[char]; 2]> {
        let characters = self.subscriber()?;
        Some(match self.idle_zero(plan, self.address.subscriber().0) {
            Some(zero) => [&characters[..zero], &characters[zero + BRACKETED_ZERO..]],
            None => [characters, &[]],
        })
    }

    /// How many characters stand before a zero between brackets that is not dialled, see
    /// [`DialPlan::idle_zero`].
    fn idle_zero(&self, plan: &DialPlan, subscriber: &[u8]) -> Option<usize> {
        let zero = self.bracketed_zero?;
        let code = self.characters[..zero].iter().copied().map(Some);
        let is_idle = plan.is_zero_idle(subscriber, &DialString::from_characters(code)?);
        is_idle.then_some(zero)
    }
}
