//! Counts the entries of a list by kind, so that a wrong file or column shows.

use std::fmt::Write;

use callbar::{EntryKey, EntryKind};
use indicatif::HumanCount;
use rayon::slice::ParallelSliceMut;
use xxhash_rust::xxh3::xxh3_64;

/// Counts distinct entries that are no E.164 number. It keeps eight bytes an entry: a hash whose last
/// bits are the kind.
#[derive(Debug, Default)]
pub(crate) struct EntryCounter(Vec<u64>);

const LOCAL: u64 = 0;
const SERVICE: u64 = 1;
const USER: u64 = 2;
const PATTERN: u64 = 3;
const CLASS: u64 = 4;
/// Bits of the kind.
const BITS: u32 = 3;

impl EntryCounter {
    /// Counts an entry. E.164 numbers are ignored: they are the rest.
    pub(crate) fn add(&mut self, key: &EntryKey) {
        let kind = match key.kind() {
            EntryKind::Local => LOCAL,
            EntryKind::Service => SERVICE,
            EntryKind::User => USER,
            EntryKind::Pattern => PATTERN,
            EntryKind::Class => CLASS,
            _ => return,
        };
        self.0.push(xxh3_64(key.to_stored().as_bytes()) << BITS | kind);
    }

    /// Adds the entries of another part of the list.
    pub(crate) fn append(&mut self, mut part: Self) {
        self.0.append(&mut part.0);
    }

    /// Returns the distinct entries by kind, of a list that has `entries` of them.
    pub(crate) fn count(mut self, entries: u64) -> EntryCounts {
        self.0.par_sort_unstable();
        self.0.dedup();
        let mask = (1 << BITS) - 1;
        let count = |kind| self.0.iter().filter(|&&hash| hash & mask == kind).count() as u64;
        let mut counts = EntryCounts {
            e164: 0,
            local: count(LOCAL),
            service: count(SERVICE),
            users: count(USER),
            patterns: count(PATTERN),
            classes: count(CLASS),
        };
        counts.e164 = entries.saturating_sub(counts.entries());
        counts
    }
}

/// Distinct entries of a list by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EntryCounts {
    /// E.164 numbers, also of unassigned calling codes.
    pub(crate) e164: u64,
    pub(crate) local: u64,
    pub(crate) service: u64,
    pub(crate) users: u64,
    pub(crate) patterns: u64,
    pub(crate) classes: u64,
}

impl EntryCounts {
    /// Returns the counts in words, without the kinds that have no entry, E.164 apart.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use callbar::DialPlan;

    #[test]
    fn distinct_entries_are_counted_by_kind() {
        let plan = DialPlan::new("TR").unwrap();
        let mut kinds = EntryCounter::default();
        for text in [
            "112",
            "112",
            "*67",
            "alice",
            "bob",
            "+905050047824",
            "anonymous",
            "0505*",
            "+90505*",
            "0505XXXXXXX",
        ] {
            kinds.add(&EntryKey::parse(text.as_bytes(), &plan).unwrap());
        }
        let counts = kinds.count(8);
        let expected =
            EntryCounts { e164: 1, local: 1, service: 1, users: 2, patterns: 2, classes: 1 };
        assert_eq!(counts, expected);
        assert_eq!(
            counts.text(),
            "1 E.164, 1 local, 1 service, 2 SIP users, 2 patterns, 1 classes"
        );
        assert_eq!(EntryCounts::default().text(), "0 E.164");
    }
}
