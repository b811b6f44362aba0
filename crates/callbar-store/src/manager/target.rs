//! Where an import goes: the domain and the list, as they are when it is read and when it is put.

use super::{Import, known_domain, refuse_more_lists};
use crate::store::{DomainRow, Group, ListRow, ListSettings, Reader};
use crate::{Error, Result};
use callbar::{Action, verify_list_name};

/// What the entries of an import are read by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) domain: DomainRow,
    /// The domain's name, in lower case.
    pub(super) name: String,
    /// Its dial plan, as it was given.
    pub(super) plan: String,
    pub(super) action: Action,
}

/// The list of an import, ready to be filled.
pub(super) struct Opened {
    pub(super) list: ListRow,
    /// The list that it replaces.
    pub(super) before: Option<ListRow>,
    /// How many entries that one had.
    pub(super) removed: u64,
}

impl Target {
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], [`callbar::Error::UnknownList`]; [`callbar::Error::InvalidName`] of the list;
    /// [`Error::Gone`] of the domain if another is meant.
    pub(super) fn of(reader: &Reader<'_>, import: &Import) -> Result<Self> {
        let domain = known_domain(reader, &import.domain)?;
        if import.row.is_some_and(|row| row != domain.row) {
            return Err(Error::Gone { what: "domain" });
        }
        verify_list_name(&import.list)?;
        let action = match reader.list(domain.row, &import.list)? {
            Some(list) => list.action,
            None if import.make_list => Action::Deny,
            None => {
                return Err(Error::Engine(callbar::Error::UnknownList {
                    name: import.list.clone(),
                }));
            }
        };
        Ok(Self { domain: domain.row, name: domain.name, plan: domain.plan, action })
    }

    /// The list: made if there is none, emptied if it is to be replaced.
    ///
    /// # Errors
    /// [`Error::Changed`] if what the entries were read by is not so any more; and see [`Group`].
    pub(super) fn open(&self, group: &mut Group<'_>, import: &Import, now: u64) -> Result<Opened> {
        if Self::of(&group.reader()?, import)? != *self {
            return Err(Error::Changed { what: "dial plan or action of the list" });
        }
        let found = group.reader()?.list(self.domain, &import.list)?;
        let before = found.as_ref().map(|list| list.row).filter(|_| import.replace);
        let (settings, removed, created) = match &found {
            Some(list) if !import.replace => {
                return Ok(Opened { list: list.row, before, removed: 0 });
            }
            Some(list) => {
                let removed = group.remove_list(list.row)?;
                let (action, response) = (list.action, list.response);
                let settings = ListSettings { action, response, description: &list.description };
                (settings, removed, list.created)
            }
            None => {
                refuse_more_lists(&group.reader()?, self.domain)?;
                let action = self.action;
                (ListSettings { action, response: None, description: "" }, 0, now)
            }
        };
        let (list, _) = group.put_list(self.domain, &import.list, &settings, created)?;
        Ok(Opened { list, before, removed })
    }
}
