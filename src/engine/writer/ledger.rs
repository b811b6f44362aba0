//! The ledger of a domain: which files it has besides its head.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::directory::names::FileName;

/// The lower and kept files of a domain, and the last numbers that were given to them.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lower: BTreeSet<u32>,
    /// The kept heads, each with the lower files that it names.
    kept: BTreeMap<u32, Vec<u32>>,
    last_lower: u32,
    last_kept: u32,
}

impl Ledger {
    /// The ledger of a domain with these files. `below` returns the lower files that a kept head names, or
    /// `None` for a head that cannot be read, which may name any of them.
    pub(crate) fn new(
        names: &[FileName],
        mut below: impl FnMut(FileName) -> Option<Vec<u32>>,
    ) -> Self {
        let lower = |name: &FileName| {
            if let FileName::Lower(_, number) = *name { Some(number) } else { None }
        };
        let mut ledger = Self::default();
        for &name in names {
            match name {
                FileName::Lower(_, number) => ledger.add_lower(number),
                FileName::Kept(_, number) => {
                    let any = || names.iter().filter_map(lower).collect();
                    ledger.keep(number, below(name).unwrap_or_else(any));
                }
                FileName::Head(_) | FileName::Removed(_) => {}
            }
        }
        ledger
    }

    /// A number that no lower file of the domain has.
    pub(crate) fn next_lower(&self) -> u32 {
        self.last_lower.saturating_add(1)
    }

    /// A number that no kept head of the domain has.
    pub(crate) fn next_kept(&self) -> u32 {
        self.last_kept.saturating_add(1)
    }

    pub(crate) fn add_lower(&mut self, number: u32) {
        self.lower.insert(number);
        self.last_lower = self.last_lower.max(number);
    }

    /// Notes that a head was kept that names the lower files `below`.
    pub(crate) fn keep(&mut self, number: u32, below: Vec<u32>) {
        self.kept.insert(number, below);
        self.last_kept = self.last_kept.max(number);
    }

    pub(crate) fn forget_kept(&mut self, number: u32) {
        self.kept.remove(&number);
    }

    /// The latest kept head, or the one of this number.
    pub(crate) fn kept(&self, number: Option<u32>) -> Option<u32> {
        match number {
            None => self.kept.last_key_value().map(|(&number, _)| number),
            Some(number) => self.kept.contains_key(&number).then_some(number),
        }
    }

    /// Takes off the ledger the kept heads beyond the latest `keep`.
    pub(crate) fn take_old(&mut self, keep: usize) -> Vec<u32> {
        let beyond = self.kept.len().saturating_sub(keep);
        let old: Vec<u32> = self.kept.keys().copied().take(beyond).collect();
        for &number in &old {
            self.forget_kept(number);
        }
        old
    }

    /// Takes off the ledger the lower files that no head names: no kept head, and not the present one, which
    /// names `below`.
    pub(crate) fn take_unnamed(&mut self, below: &[u32]) -> Vec<u32> {
        let named: BTreeSet<u32> = self.kept.values().flatten().chain(below).copied().collect();
        let unnamed: Vec<u32> = self.lower.difference(&named).copied().collect();
        self.lower.retain(|number| named.contains(number));
        unnamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::directory::names::DomainFileId;

    fn ledger() -> Ledger {
        let id = DomainFileId::FIRST;
        let names = [
            FileName::Head(id),
            FileName::Lower(id, 2),
            FileName::Lower(id, 5),
            FileName::Lower(id, 6),
            FileName::Kept(id, 1),
            FileName::Kept(id, 4),
        ];
        let below = |name| match name {
            FileName::Kept(_, 1) => Some(vec![2]),
            FileName::Kept(_, 4) => Some(vec![5, 2]),
            _ => None,
        };
        Ledger::new(&names, below)
    }

    #[test]
    fn lower_files_stay_while_an_unreadable_head_may_name_them() {
        let id = DomainFileId::FIRST;
        let mut ledger = Ledger::new(&[FileName::Lower(id, 2), FileName::Kept(id, 1)], |_| None);
        ledger.add_lower(3);
        assert_eq!(ledger.take_unnamed(&[]), [3], "a later file, which it does not name");
        assert_eq!(ledger.take_old(0), [1]);
        assert_eq!(ledger.take_unnamed(&[]), [2]);
    }

    #[test]
    fn a_lower_file_stays_while_any_head_names_it() {
        let mut ledger = ledger();
        assert_eq!(ledger.take_unnamed(&[6]), [0; 0]);
        assert_eq!(ledger.take_unnamed(&[]), [6]);
        assert_eq!(ledger.take_old(1), [1]);
        assert_eq!(ledger.take_unnamed(&[]), [0; 0]);
        assert_eq!(ledger.take_old(0), [4]);
        assert_eq!(ledger.take_unnamed(&[2]), [5]);
    }

    #[test]
    fn numbers_go_up_even_if_files_go() {
        let mut ledger = ledger();
        ledger.take_old(0);
        ledger.take_unnamed(&[]);
        assert_eq!((ledger.next_lower(), ledger.next_kept()), (7, 5));
        assert_eq!((ledger.kept(None), ledger.kept(Some(4))), (None, None));
    }
}
