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

/// The kinds that are counted, and their names. The last bits of a hash are a place in this table.
const KINDS: [(EntryKind, &str); 5] = [
    (EntryKind::Local, "local"),
    (EntryKind::Service, "service"),
    (EntryKind::User, "SIP users"),
    (EntryKind::Pattern, "patterns"),
    (EntryKind::Class, "classes"),
];
/// Bits of the kind.
const BITS: u32 = 3;

impl EntryCounter {
    /// Counts an entry. E.164 numbers are ignored: they are the rest.
    pub(crate) fn add(&mut self, key: &EntryKey) {
        let Some(kind) = KINDS.iter().position(|&(kind, _)| kind == key.kind()) else { return };
        self.0.push(xxh3_64(key.to_stored().as_bytes()) << BITS | kind as u64);
    }

    /// Returns how many distinct entries of each kind there are in a list that has `entries` of them, in
    /// words. Kinds without an entry are left out, E.164 apart.
    pub(crate) fn count(mut self, entries: u64) -> String {
        self.0.par_sort_unstable();
        self.0.dedup();
        // The others are E.164 numbers, also of unassigned calling codes.
        let e164 = entries.saturating_sub(self.0.len() as u64);
        let mut text = format!("{} E.164", HumanCount(e164));
        let mask = (1 << BITS) - 1;
        for (kind, (_, name)) in (0..).zip(KINDS) {
            let count = self.0.iter().filter(|&&hash| hash & mask == kind).count() as u64;
            if count > 0 {
                let _ = write!(text, ", {} {name}", HumanCount(count));
            }
        }
        text
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
        assert_eq!(
            kinds.count(8),
            "1 E.164, 1 local, 1 service, 2 SIP users, 2 patterns, 1 classes"
        );
        assert_eq!(EntryCounter::default().count(0), "0 E.164");
    }
}
