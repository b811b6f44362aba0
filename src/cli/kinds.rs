//! Counts of what a list holds by kind, so that a wrong file or column shows.

use std::fmt::Write;

use callbar::{Number, Tag};
use indicatif::HumanCount;
use rayon::slice::ParallelSliceMut;
use xxhash_rust::xxh3::xxh3_64;

/// Entries that are no E.164 number, each as a hash whose last two bits tell the kind: eight bytes
/// an entry until they are counted.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Vec<u64>);

const LOCAL: u64 = 0;
const SERVICE: u64 = 1;
const USER: u64 = 2;
const NONE: u64 = 3;

impl Kinds {
    /// Notes an entry. What is not local, service string or user is noted as none of them.
    pub(crate) fn add(&mut self, number: &Number) {
        let (Number::Local(text) | Number::Service(text) | Number::Opaque(text)) = number else {
            return self.0.push(NONE);
        };
        let kind = match number.tag() {
            Tag::L => LOCAL,
            Tag::S => SERVICE,
            _ => USER,
        };
        self.0.push(xxh3_64(text.as_bytes()) << 2 | kind);
    }

    /// Adds those whose place is not told by `dropped`.
    pub(crate) fn keep(&mut self, part: Self, mut dropped: impl FnMut(usize) -> bool) {
        let kept = part.0.into_iter().enumerate().filter(|&(at, _)| !dropped(at));
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
        let of = |kind| self.0.iter().filter(|&&hash| hash & 3 == kind).count() as u64;
        let (local, service, users) = (of(LOCAL), of(SERVICE), of(USER));
        Counts { e164: entries.saturating_sub(local + service + users), local, service, users }
    }
}

/// Distinct entries of a list by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// E.164 numbers, those of unassigned calling codes among them.
    pub(crate) e164: u64,
    pub(crate) local: u64,
    pub(crate) service: u64,
    pub(crate) users: u64,
}

impl Counts {
    /// The counts in words; what there is none of is left out, E.164 numbers aside.
    pub(crate) fn text(self) -> String {
        let mut text = format!("{} E.164", HumanCount(self.e164));
        let others = [(self.local, "local"), (self.service, "service"), (self.users, "SIP users")];
        for (count, name) in others.into_iter().filter(|&(count, _)| count > 0) {
            let _ = write!(text, ", {} {name}", HumanCount(count));
        }
        text
    }

    /// What to say of a list most of whose entries are no telephone numbers.
    pub(crate) fn doubt(self, list: &str) -> Option<String> {
        let entries = self.e164 + self.local + self.service + self.users;
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
    use callbar::DialPlan;

    #[test]
    fn distinct_entries_are_counted_by_kind() {
        let plan = DialPlan::new("TR").unwrap();
        let mut kinds = Kinds::default();
        for text in ["112", "112", "*67", "alice", "bob", "+905050047824", "anonymous"] {
            kinds.add(&plan.entry(text.as_bytes()));
        }
        let counts = kinds.count(5);
        assert_eq!(counts, Counts { e164: 1, local: 1, service: 1, users: 2 });
        assert_eq!(counts.text(), "1 E.164, 1 local, 1 service, 2 SIP users");
        assert_eq!(counts.doubt("s"), None);
        let doubt = Counts { users: 4, ..counts }.doubt("s").unwrap();
        assert!(doubt.starts_with("list s: 4 of 7 entries are no telephone numbers"), "{doubt}");
        assert_eq!(Counts::default().text(), "0 E.164");
    }
}
