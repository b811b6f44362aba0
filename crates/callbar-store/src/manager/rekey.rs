//! Entries whose keys change: a domain gets another dial plan, or a release has other numbering facts, so
//! that their numbers, as written, mean other numbers.

use std::collections::HashMap;

use super::entry_keys;
use crate::store::{DomainRow, EntryRef, Group, ListRow, Reader, StoredEntry, StoredList};
use crate::{Error, Result};
use callbar::{Action, DialPlan};

/// The new keys of entries on one list.
pub(super) struct KeyChanges {
    list: ListRow,
    action: Action,
    /// The old key and the new one of each entry.
    keys: Vec<(String, String)>,
}

/// The entries of a domain to which this dial plan gives other keys. With `keeps_unreadable`, an entry that the
/// plan cannot read keeps its key.
///
/// # Errors
/// [`callbar::Error::InvalidEntry`] of an entry that the plan cannot read, unless such entries keep their keys.
pub(super) fn key_changes(
    reader: &Reader<'_>,
    domain: DomainRow,
    plan: &DialPlan,
    keeps_unreadable: bool,
) -> Result<Vec<KeyChanges>> {
    let of_list = |list: StoredList| {
        let mut keys = Vec::new();
        reader.each_by_key(list.row, |entry| {
            let new = match entry_keys::parse(plan, entry.number, list.action, true) {
                Err(Error::Engine(callbar::Error::InvalidEntry { .. })) if keeps_unreadable => {
                    return Ok(());
                }
                key => key?.to_stored(),
            };
            if new != entry.key {
                keys.push((entry.key.to_owned(), new));
            }
            Ok(())
        })?;
        Ok(KeyChanges { list: list.row, action: list.action, keys })
    };
    reader.lists(domain)?.into_iter().map(of_list).collect()
}

/// Decides whether the number of an entry on a list with this action still has the entry's key.
pub(super) fn is_readable(plan: &DialPlan, action: Action) -> impl Fn(&StoredEntry) -> bool {
    move |entry| {
        entry_keys::parse(plan, &entry.number, action, true)
            .is_ok_and(|key| key.to_stored() == entry.key)
    }
}

/// Stores entries under their new keys. Of two entries that become one, the note of the one with the later
/// old key stays, and the text of the one that had the new key before, if this dial plan can read it.
pub(super) fn apply(
    group: &mut Group<'_>,
    changes: Vec<KeyChanges>,
    plan: &DialPlan,
    now: u64,
) -> Result<()> {
    for KeyChanges { list, action, keys } in changes {
        // All leave their old keys first, because a new key may be another entry's old one.
        let old: Vec<&str> = keys.iter().map(|(old, _)| old.as_str()).collect();
        let taken = group.remove_many(list, &old)?;
        let new: HashMap<&str, &str> = keys.iter().map(|(old, new)| (&**old, &**new)).collect();
        let entries = taken.iter().filter_map(|entry| {
            let EntryRef { key, number, note } = entry.as_entry_ref();
            new.get(key).map(|&key| EntryRef { key, number, note })
        });
        let entries: Vec<_> = entries.collect();
        group.put_many(list, &entries, now, &is_readable(plan, action), |_, _| {})?;
    }
    Ok(())
}
