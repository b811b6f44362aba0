//! What an operator's text is on a list: a number, a pattern or a class.

use std::cmp::Ordering;

use callbar::{Class, DialPlan, Number, Pattern};

/// What a text is on a list.
#[derive(Debug)]
pub enum EntryKind {
    /// A number, whole or as it is dialled, or a SIP user.
    Number(Number),
    /// A pattern.
    Pattern(Pattern),
    /// A class.
    Class(Class),
    /// Meant as a pattern, and none: why.
    Malformed(&'static str),
}

impl EntryKind {
    /// Reads an entry as the compiler does.
    #[inline]
    #[must_use]
    pub fn read(plan: &DialPlan, text: &[u8]) -> Self {
        if !is_number(plan, text) {
            if let Some(class) = Class::named(text) {
                return Self::Class(class);
            }
            if let Some(pattern) = plan.pattern(text) {
                return pattern.map_or_else(Self::Malformed, Self::Pattern);
            }
        }
        match plan.entry(text) {
            Number::Anonymous => Self::Class(Class::Anonymous),
            number => Self::Number(number),
        }
    }
}

/// Whether no class and no pattern is written so, as nearly all entries of all lists: digits and what
/// groups them. A plus may part the ends of a range, and so may a dash that is among blanks or the
/// only one; but then both ends are numbers, or as long as each other.
fn is_number(plan: &DialPlan, text: &[u8]) -> bool {
    let (mut dashes, mut last) = (0, 0);
    for &byte in text {
        match (last, byte) {
            (_, b'0'..=b'9')
            | (0, b'+')
            | (0 | b' ', b'(')
            | (b'0'..=b'9', b')' | b' ' | b'.')
            | (b')', b' ' | b'.') => {}
            (b'0'..=b'9' | b')', b'-') => dashes += 1,
            _ => return false,
        }
        last = byte;
    }
    // A dash at the end parts nothing, and does not count.
    let is_whole = last != b'-';
    is_whole
        && (dashes != 1 || plan.technical_prefixes().next().is_none() && has_one_end(plan, text))
}

/// Whether what a dash parts differs in length, and the shorter is no number.
fn has_one_end(plan: &DialPlan, text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |&byte| byte == b'-');
    let (Some(one), Some(other)) = (parts.next(), parts.next()) else { return true };
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let shorter = match digits(one).cmp(&digits(other)) {
        Ordering::Less => one,
        Ordering::Equal => return false,
        Ordering::Greater => other,
    };
    !matches!(plan.entry(shorter), Number::E164(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_number_by_its_looks_is_no_pattern() {
        let plan = DialPlan::new("TR").unwrap();
        for text in
            ["05050047824", "+90 505", "(0505) 004.78.24", "0505-004-78-24", "(0505) 004-7824", ""]
        {
            assert!(is_number(&plan, text.as_bytes()), "{text}");
        }
        for text in ["0505-0506", "0505-1 - 0505-2", "+1-2-+3", "1*", "1X", "short", "\u{661}"] {
            assert!(!is_number(&plan, text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_looks_of_a_number_never_hide_a_pattern(
            text in "[+]?[(]?[0-9 -]{0,5}[)]?[0-9 .-]{0,12}[0-9]-?[0-9]{1,8}",
            region in prop::sample::select(vec!["TR", "DK", "SG", "US", "BR", "SH", "NU", "IT", "DE"]),
        ) {
            let plan = DialPlan::new(region).unwrap();
            let bytes = text.as_bytes();
            prop_assert!(!is_number(&plan, bytes) || plan.pattern(bytes).is_none(), "{text}");
        }
    }
}
