//! What changes of the store mean to the engine.

use callbar::{Action, Change, EntryKey, Note, OwnedNote, Response, Settings};

use crate::store::DomainRow;

/// What a group of operations means to the engine, domain by domain.
#[derive(Debug, Default)]
pub(super) struct Effects {
    domains: Vec<Effect>,
}

/// What it means to one domain.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) row: DomainRow,
    pub(super) name: String,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// These changes, in this order.
    Changes(Vec<Owned>),
    /// Its index is to be made from the store.
    Whole,
    /// It is gone.
    Removed,
}

/// A [`Change`] that owns what it names.
#[derive(Debug)]
pub(super) enum Owned {
    Add { list: String, key: EntryKey, note: OwnedNote },
    Remove { list: String, key: EntryKey },
    List { name: String, action: Action, response: Option<Response> },
    DropList { name: String },
    Settings(Settings),
}

impl Effects {
    /// A change of a domain, unless its index is to be made anyway.
    pub(super) fn change(&mut self, row: DomainRow, name: &str, change: Owned) {
        if let What::Changes(changes) = self.of(row, name) {
            changes.push(change);
        }
    }

    /// A domain that was looked at: what is told of it is to be in force, though nothing changed.
    pub(super) fn look(&mut self, row: DomainRow, name: &str) {
        self.of(row, name);
    }

    pub(super) fn whole(&mut self, row: DomainRow, name: &str) {
        *self.of(row, name) = What::Whole;
    }

    pub(super) fn removed(&mut self, row: DomainRow, name: &str) {
        *self.of(row, name) = What::Removed;
    }

    /// What it means to a domain so far.
    fn of(&mut self, row: DomainRow, name: &str) -> &mut What {
        let at = self.domains.iter().position(|effect| effect.row == row).unwrap_or_else(|| {
            let what = What::Changes(Vec::new());
            self.domains.push(Effect { row, name: name.to_owned(), what });
            self.domains.len() - 1
        });
        &mut self.domains[at].what
    }

    /// What came after.
    pub(super) fn append(&mut self, later: Vec<Effect>) {
        for Effect { row, name, what } in later {
            match (self.of(row, &name), what) {
                (What::Changes(changes), What::Changes(later)) => changes.extend(later),
                (What::Whole | What::Removed, What::Changes(_)) => {}
                (present, later) => *present = later,
            }
        }
    }

    pub(super) fn into_domains(self) -> Vec<Effect> {
        self.domains
    }
}

impl Owned {
    pub(super) fn as_change(&self) -> Change<'_> {
        // Whoever put a broad pattern on a list has consented before it came into the store.
        let change = match self {
            Self::Add { list, key, note } => Change::add_key(list, key).with_note(note.as_note()),
            Self::Remove { list, key } => Change::remove_key(list, key),
            &Self::List { ref name, action, response } => {
                Change::list(name, action).with_response(response)
            }
            Self::DropList { name } => Change::drop_list(name),
            Self::Settings(settings) => Change::Settings(settings.clone()),
        };
        change.allow_broad(true)
    }
}

/// What an index keeps of a note. Ids and times of creation stay in the store: they decide nothing,
/// and would make an index of plain numbers fourteen times as large.
pub(super) fn indexed(note: &Note<'_>) -> OwnedNote {
    OwnedNote::from(Note { id: None, created: None, ..*note })
}
