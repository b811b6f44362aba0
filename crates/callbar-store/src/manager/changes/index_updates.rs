//! What the indexes of the engine must do to follow changes of the store.

use callbar::{Action, Change, EntryKey, OwnedNote, Response, Settings};

use crate::store::DomainRow;

/// The updates that a group of operations calls for, one for each domain that it names.
#[derive(Debug, Default)]
pub(in crate::manager) struct IndexUpdates {
    pub(super) domains: Vec<IndexUpdate>,
}

/// The update of the index of one domain.
#[derive(Debug)]
pub(in crate::manager) struct IndexUpdate {
    pub(super) row: DomainRow,
    pub(super) name: String,
    pub(super) kind: UpdateKind,
}

#[derive(Debug)]
pub(in crate::manager) enum UpdateKind {
    /// Makes these changes, in this order.
    Changes(Vec<OwnedChange>),
    /// Compiles the index again from the store.
    Recompile,
    /// Removes the index.
    Remove,
}

/// A [`Change`] that owns its texts.
#[derive(Debug)]
pub(in crate::manager) enum OwnedChange {
    Add { list: String, key: EntryKey, note: OwnedNote },
    Remove { list: String, key: EntryKey },
    List { name: String, action: Action, response: Option<Response> },
    DropList { name: String },
    Settings(Settings),
}

impl IndexUpdates {
    /// Adds a change of a domain, unless its index is compiled again anyway.
    pub(in crate::manager) fn change(&mut self, row: DomainRow, name: &str, change: OwnedChange) {
        if let UpdateKind::Changes(changes) = self.update(row, name) {
            changes.push(change);
        }
    }

    /// Adds a domain that was read. The caller waits until its index is in force, even if nothing
    /// changed.
    pub(super) fn touch(&mut self, row: DomainRow, name: &str) {
        self.update(row, name);
    }

    pub(in crate::manager) fn recompile(&mut self, row: DomainRow, name: &str) {
        *self.update(row, name) = UpdateKind::Recompile;
    }

    pub(super) fn remove(&mut self, row: DomainRow, name: &str) {
        *self.update(row, name) = UpdateKind::Remove;
    }

    /// The update of a domain so far.
    fn update(&mut self, row: DomainRow, name: &str) -> &mut UpdateKind {
        let at = self.domains.iter().position(|update| update.row == row).unwrap_or_else(|| {
            let kind = UpdateKind::Changes(Vec::new());
            self.domains.push(IndexUpdate { row, name: name.to_owned(), kind });
            self.domains.len() - 1
        });
        &mut self.domains[at].kind
    }

    /// Adds later updates.
    pub(super) fn append(&mut self, later: Self) {
        for IndexUpdate { row, name, kind } in later.domains {
            match (self.update(row, &name), kind) {
                (UpdateKind::Changes(changes), UpdateKind::Changes(later)) => changes.extend(later),
                (UpdateKind::Recompile | UpdateKind::Remove, UpdateKind::Changes(_)) => {}
                (present, later) => *present = later,
            }
        }
    }
}

impl OwnedChange {
    pub(in crate::manager) fn as_change(&self) -> Change<'_> {
        let change = match self {
            Self::Add { list, key, note } => Change::add_key(list, key).with_note(note.as_note()),
            Self::Remove { list, key } => Change::remove_key(list, key),
            &Self::List { ref name, action, response } => {
                Change::list(name, action).with_response(response)
            }
            Self::DropList { name } => Change::drop_list(name),
            Self::Settings(settings) => Change::Settings(settings.clone()),
        };
        // The store took no broad pattern without consent.
        change.allow_broad(true)
    }
}
