//! Entries of a domain that gets another dial plan, or whose release knows other numbering facts: their
//! numbers as written may be other numbers now.

use std::collections::HashMap;

use super::key;
use crate::store::{DomainRow, EntryRow, Group, ListRow, Reader, StoredEntry, StoredList};
use crate::{Error, Result};
use callbar::{Action, DialPlan};

/// What is filed elsewhere on one list.
pub(super) struct Moves {
    list: ListRow,
    action: Action,
    /// The old key and the new one of each entry.
    keys: Vec<(String, String)>,
}

/// The entries of a domain that this dial plan reads as something else than they are filed under.
///
/// # Errors
/// [`callbar::Error::InvalidEntry`] of one that it cannot read at all.
pub(super) fn moves(reader: &Reader<'_>, domain: DomainRow, plan: &DialPlan) -> Result<Vec<Moves>> {
    all(reader, domain, |list, number| {
        key(plan, number, list.action, true).map(|key| Some(key.to_stored()))
    })
}

/// The same of the dial plan that the domain has, by other numbering facts: what cannot be read stays
/// where it is.
pub(super) fn readable_moves(
    reader: &Reader<'_>,
    domain: DomainRow,
    plan: &DialPlan,
) -> Result<Vec<Moves>> {
    all(reader, domain, |list, number| match key(plan, number, list.action, true) {
        Err(Error::Engine(callbar::Error::InvalidEntry { .. })) => Ok(None),
        key => key.map(|key| Some(key.to_stored())),
    })
}

fn all(
    reader: &Reader<'_>,
    domain: DomainRow,
    read: impl Fn(&StoredList, &str) -> Result<Option<String>>,
) -> Result<Vec<Moves>> {
    let of_list = |list: StoredList| {
        let mut keys = Vec::new();
        reader.each_by_key(list.row, |entry| {
            if let Some(new) = read(&list, entry.number)?.filter(|new| new != entry.key) {
                keys.push((entry.key.to_owned(), new));
            }
            Ok(())
        })?;
        Ok(Moves { list: list.row, action: list.action, keys })
    };
    reader.lists(domain)?.into_iter().map(of_list).collect()
}

/// Whether an entry of a list with this action is still what its number says.
pub(super) fn reads(plan: &DialPlan, action: Action) -> impl Fn(&StoredEntry) -> bool {
    move |entry| {
        key(plan, &entry.number, action, true).is_ok_and(|key| key.to_stored() == entry.key)
    }
}

/// Files entries under their new keys. Of two that become one the metadata of the later key's stay;
/// and the way of writing it of the one that was there, if this dial plan can read it.
pub(super) fn file_again(
    group: &mut Group<'_>,
    moves: Vec<Moves>,
    plan: &DialPlan,
    now: u64,
) -> Result<()> {
    for Moves { list, action, keys } in moves {
        // All leave their old keys first: one's new key may be another's old one.
        let old: Vec<&str> = keys.iter().map(|(old, _)| old.as_str()).collect();
        let taken = group.remove_many(list, &old)?;
        let new: HashMap<&str, &str> = keys.iter().map(|(old, new)| (&**old, &**new)).collect();
        let entries = taken.iter().filter_map(|entry| {
            let EntryRow { key, number, note } = entry.row();
            new.get(key).map(|&key| EntryRow { key, number, note })
        });
        let entries: Vec<_> = entries.collect();
        group.put_many(list, &entries, now, &reads(plan, action), |_, _| {})?;
    }
    Ok(())
}
