//! Counts of what a list holds by kind, so that a wrong file or column shows.

use std::cmp::Ordering;
use std::fmt::Write;

use callbar::{Class, DialPlan, Number, Pattern, Tag};
use indicatif::HumanCount;
use rayon::slice::ParallelSliceMut;
use xxhash_rust::xxh3::xxh3_64;

/// What a text is on a list.
#[derive(Debug)]
pub(crate) enum Kind {
    Number(Number),
    Pattern(Pattern),
    Class(Class),
    /// Meant as a pattern, and none: why.
    Malformed(&'static str),
}

impl Kind {
    /// Reads an entry as the compiler does.
    #[inline]
    pub(crate) fn of(plan: &DialPlan, text: &[u8]) -> Self {
        if !is_number(plan, text) {
            if let Some(class) = Class::named(text) {
                return Self::Class(class);
            }
            if let Some(pattern) = plan.pattern(text) {
                return pattern.map_or_else(|error| Self::Malformed(error.as_str()), Self::Pattern);
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

/// Entries that are no E.164 number, each as a hash whose last three bits tell the kind: eight bytes
/// an entry until they are counted.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Vec<u64>);

const LOCAL: u64 = 0;
const SERVICE: u64 = 1;
const USER: u64 = 2;
const PATTERN: u64 = 3;
const CLASS: u64 = 4;
const NONE: u64 = 5;
/// Bits that tell the kind.
const BITS: u32 = 3;

impl Kinds {
    /// Notes an entry. What is of none of the kinds that are counted is noted as such.
    pub(crate) fn add(&mut self, kind: &Kind) {
        let (kind, hash) = match kind {
            Kind::Pattern(pattern) => (PATTERN, xxh3_64(pattern.to_string().as_bytes())),
            Kind::Class(class) => (CLASS, xxh3_64(class.as_str().as_bytes())),
            Kind::Number(number) => of_number(number),
            Kind::Malformed(_) => (NONE, 0),
        };
        self.0.push(hash << BITS | kind);
    }

    /// Adds those whose place is not told by `dropped`.
    pub(crate) fn keep(&mut self, part: Self, mut dropped: impl FnMut(usize) -> bool) {
        let counted = part.0.into_iter().enumerate().filter(|&(_, hash)| hash != NONE);
        let kept = counted.filter(|&(at, _)| !dropped(at));
        self.0.extend(kept.map(|(_, hash)| hash));
    }

    /// Adds those of another part of the list.
    pub(crate) fn append(&mut self, mut part: Self) {
        self.0.append(&mut part.0);
    }

    /// The distinct entries by kind, of a list that has `entries` of them.
    pub(crate) fn count(mut self, entries: u64) -> Counts {
        self.0.par_sort_unstable();
        self.0.dedup();
        let mask = (1 << BITS) - 1;
        let of = |kind| self.0.iter().filter(|&&hash| hash & mask == kind).count() as u64;
        let mut counts = Counts {
            e164: 0,
            local: of(LOCAL),
            service: of(SERVICE),
            users: of(USER),
            patterns: of(PATTERN),
            classes: of(CLASS),
        };
        counts.e164 = entries.saturating_sub(counts.entries());
        counts
    }
}

fn of_number(number: &Number) -> (u64, u64) {
    let (Number::Local(text) | Number::Service(text) | Number::Opaque(text)) = number else {
        return (NONE, 0);
    };
    let kind = match number.tag() {
        Tag::L => LOCAL,
        Tag::S => SERVICE,
        _ => USER,
    };
    (kind, xxh3_64(text.as_bytes()))
}

/// Distinct entries of a list by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// E.164 numbers, those of unassigned calling codes among them.
    pub(crate) e164: u64,
    pub(crate) local: u64,
    pub(crate) service: u64,
    pub(crate) users: u64,
    pub(crate) patterns: u64,
    pub(crate) classes: u64,
}

impl Counts {
    /// The counts in words; what there is none of is left out, E.164 numbers aside.
    pub(crate) fn text(self) -> String {
        let mut text = format!("{} E.164", HumanCount(self.e164));
        let others = [
            (self.local, "local"),
            (self.service, "service"),
            (self.users, "SIP users"),
            (self.patterns, "patterns"),
            (self.classes, "classes"),
        ];
        for (count, name) in others.into_iter().filter(|&(count, _)| count > 0) {
            let _ = write!(text, ", {} {name}", HumanCount(count));
        }
        text
    }

    fn entries(self) -> u64 {
        self.e164 + self.local + self.service + self.users + self.patterns + self.classes
    }

    /// What to say of a list most of whose entries are no telephone numbers.
    pub(crate) fn doubt(self, list: &str) -> Option<String> {
        let entries = self.entries();
        (2 * self.users > entries).then(|| {
            format!(
                "list {list}: {} of {} entries are no telephone numbers: is this the right column \
                 or file?",
                HumanCount(self.users),
                HumanCount(entries)
            )
        })
    }
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

    #[test]
    fn distinct_entries_are_counted_by_kind() {
        let plan = DialPlan::new("TR").unwrap();
        let mut kinds = Kinds::default();
        for text in [
            "112",
            "112",
            "*67",
            "alice",
            "bob",
            "+905050047824",
            "anonymous",
            "sip:anonymous@anonymous.invalid",
            "0505*",
            "+90505*",
            "0505XXXXXXX",
            "+905050000009-+905050000000",
        ] {
            kinds.add(&Kind::of(&plan, text.as_bytes()));
        }
        let mut kept = Kinds::default();
        kept.keep(kinds, |at| at == 4);
        let counts = kept.count(8);
        let expected = Counts { e164: 1, local: 1, service: 1, users: 2, patterns: 2, classes: 1 };
        assert_eq!(counts, Counts { users: 1, e164: 2, ..expected });
        let counts = expected;
        assert_eq!(
            counts.text(),
            "1 E.164, 1 local, 1 service, 2 SIP users, 2 patterns, 1 classes"
        );
        assert_eq!(counts.doubt("s"), None);
        let doubt = Counts { users: 9, ..counts }.doubt("s").unwrap();
        assert!(doubt.starts_with("list s: 9 of 15 entries are no telephone numbers"), "{doubt}");
        assert_eq!(Counts::default().text(), "0 E.164");
    }
}
