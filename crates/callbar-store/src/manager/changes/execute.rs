//! Executes one operation on the store, and notes what the indexes must do to follow.

use parking_lot::Mutex;

use super::index_updates::{IndexUpdates, OwnedChange};
use crate::manager::compile::indexed_note;
use crate::manager::dial_plan;
use crate::manager::entry_keys::{self, invalid_entry, new_warnings};
use crate::manager::health::Faults;
use crate::manager::limits::{
    PatternRoom, each_pattern, refuse_long, refuse_more_lists, refuse_new_subscription,
};
use crate::manager::operation::{Applied, NewEntry, Operation};
use crate::manager::rekey;
use crate::store::{
    AuditEvent, CreatedRange, CredentialKind, DomainSettings, EntryRef, Group, ListRow,
    ListSettings, NewCredential, PutOutcome, StoredDomain, StoredEntry, StoredList,
};
use crate::{Error, Result};
use callbar::{
    Action, EntryId, EntryKey, EntryKind, Outcome, PlanSpec, Response, Settings,
    verify_domain_name, verify_list_name,
};

/// The result for an entry that was not there.
fn absent(key: Option<EntryKey>) -> Applied {
    let (outcome, warnings) = (Outcome::Absent, Vec::new());
    Applied::Entry { outcome, key, entry: None, list_gone: false, warnings }
}

/// Executes operations in a group, for one caller, at one time.
pub(super) struct Executor<'h, 'g, 'e> {
    pub(super) group: &'h mut Group<'g>,
    pub(super) who: &'h str,
    pub(super) now: u64,
    pub(super) updates: IndexUpdates,
    pub(super) room: &'h mut PatternRoom<'e>,
    pub(super) faults: &'h Mutex<Faults>,
}

impl Executor<'_, '_, '_> {
    /// Executes an operation.
    ///
    /// # Errors
    /// Why the operation is refused, with nothing changed; [`Error::Store`].
    pub(super) fn execute(&mut self, operation: &Operation) -> Result<Applied> {
        match operation {
            &Operation::PutDomain {
                ref name,
                ref plan,
                emergency_exempt,
                ref subscriptions,
                may_subscribe,
                ref description,
            } => {
                let subscriptions = subscriptions.clone();
                let settings = Settings { emergency_exempt, subscriptions };
                self.put_domain(name, plan, &settings, may_subscribe, description)
            }
            Operation::RemoveDomain { name } => self.remove_domain(name),
            &Operation::PutList {
                ref domain,
                ref name,
                action,
                response,
                ref description,
                allow_broad,
            } => {
                let settings = ListSettings { action, response, description };
                self.put_list(domain, name, &settings, allow_broad)
            }
            Operation::RemoveList { domain, name } => self.remove_list(domain, name),
            Operation::Add { domain, list, entry, make_list } => {
                self.add(domain, list, entry, *make_list)
            }
            Operation::Remove { domain, list, number, drop_empty } => {
                self.remove(domain, list, number, *drop_empty)
            }
            Operation::RemoveId { domain, id, drop_empty } => {
                self.remove_id(domain, *id, *drop_empty)
            }
            Operation::PutKey { kind, key, secret, salt, domain, list, role, label } => {
                // A key does not depend on the index of its domain.
                let reader = self.group.reader()?;
                let domain =
                    domain.as_deref().map(|name| reader.require_domain(name)).transpose()?;
                let new = NewCredential {
                    kind: *kind,
                    key,
                    secret,
                    salt,
                    domain: domain.as_ref().map(|domain| domain.row),
                    list: list.as_deref(),
                    role: *role,
                    label,
                };
                self.put_key(&new, domain.as_ref().map(|domain| domain.name.as_str()))
            }
            Operation::RevokeKey { kind, key } => self.revoke_key(*kind, key),
        }
    }

    fn domain(&mut self, name: &str) -> Result<StoredDomain> {
        let domain = self.group.reader()?.require_domain(name)?;
        self.updates.touch(domain.row, &domain.name);
        Ok(domain)
    }

    fn list_at(&self, row: ListRow) -> Result<StoredList> {
        self.group.reader()?.list_at(row)?.ok_or(Error::Gone { what: "list" })
    }

    fn audit(
        &mut self,
        what: &str,
        domain: Option<&str>,
        list: Option<&str>,
        subject: Option<&str>,
    ) -> Result<()> {
        let (at, who) = (self.now, self.who);
        self.group.audit(&AuditEvent { at, who, what, domain, list, subject, detail: None })
    }

    fn put_domain(
        &mut self,
        name: &str,
        plan: &PlanSpec,
        settings: &Settings,
        may_subscribe: bool,
        description: &str,
    ) -> Result<Applied> {
        verify_domain_name(name)?;
        refuse_long("description", description)?;
        let name = &name.to_ascii_lowercase();
        let dial_plan = plan.dial_plan()?;
        settings.verify()?;
        let old = self.group.reader()?.domain(name)?;
        if !may_subscribe {
            refuse_new_subscription(old.as_ref(), settings)?;
        }
        let subscriptions: Vec<&str> = settings.subscriptions.iter().map(String::as_str).collect();
        let stored = DomainSettings {
            plan: &dial_plan::to_json(plan),
            emergency_exempt: settings.emergency_exempt,
            subscriptions: &subscriptions,
            description,
        };
        let moves = match &old {
            Some(old) if old.plan != stored.plan => {
                Some(rekey::key_changes(&self.group.reader()?, old.row, &dial_plan, false)?)
            }
            _ => None,
        };
        let (row, outcome) = self.group.put_domain(name, &stored, self.now)?;
        match (old, moves) {
            (Some(_), None) if outcome == Outcome::Unchanged => self.updates.touch(row, name),
            (Some(_), None) => {
                self.updates.change(row, name, OwnedChange::Settings(settings.clone()));
            }
            (_, moves) => {
                let moves = moves.unwrap_or_default();
                rekey::apply(self.group, moves, &dial_plan, self.now)?;
                self.updates.recompile(row, name);
            }
        }
        if outcome != Outcome::Unchanged {
            self.audit("domain.put", Some(name), None, None)?;
        }
        Ok(Applied::Domain(outcome))
    }

    fn remove_domain(&mut self, name: &str) -> Result<Applied> {
        let mut outcome = Outcome::Absent;
        if let Some(domain) = self.group.reader()?.domain(name)? {
            self.group.remove_domain(domain.row)?;
            self.updates.remove(domain.row, &domain.name);
            self.audit("domain.remove", Some(&domain.name), None, None)?;
            outcome = Outcome::Removed;
        }
        // The store may have removed it earlier, while its index remained.
        let name = name.to_ascii_lowercase();
        let not_removed = self.faults.lock().not_removed(&name);
        if let Some(row) = not_removed {
            self.updates.remove(row, &name);
            outcome = Outcome::Removed;
        }
        Ok(Applied::Domain(outcome))
    }

    fn put_list(
        &mut self,
        domain: &str,
        name: &str,
        settings: &ListSettings<'_>,
        allow_broad: bool,
    ) -> Result<Applied> {
        verify_list_name(name)?;
        refuse_long("description", settings.description)?;
        let domain = self.domain(domain)?;
        match self.group.reader()?.list(domain.row, name)? {
            None => refuse_more_lists(&self.group.reader()?, domain.row)?,
            Some(old) => {
                if !allow_broad && (old.action, settings.action) == (Action::Allow, Action::Deny) {
                    self.refuse_broad(old.row)?;
                }
            }
        }
        let (row, outcome) = self.group.put_list(domain.row, name, settings, self.now)?;
        if outcome != Outcome::Unchanged {
            self.update_list(&domain, name, settings.action, settings.response);
            self.audit("list.put", Some(&domain.name), Some(name), None)?;
        }
        Ok(Applied::List { outcome, entries: self.list_at(row)?.entries })
    }

    fn update_list(
        &mut self,
        domain: &StoredDomain,
        name: &str,
        action: Action,
        response: Option<Response>,
    ) {
        let name = name.to_owned();
        self.updates.change(domain.row, &domain.name, OwnedChange::List { name, action, response });
    }

    /// # Errors
    /// [`callbar::Error::InvalidEntry`] if a pattern on the list spans a whole calling code.
    fn refuse_broad(&self, list: ListRow) -> Result<()> {
        each_pattern(&self.group.reader()?, list, |key, number| {
            let Some(key) = EntryKey::from_stored(key) else { return Ok(()) };
            key.permit(Action::Deny, false).map_err(|reason| invalid_entry(number, reason))
        })
    }

    fn remove_list(&mut self, domain: &str, name: &str) -> Result<Applied> {
        let domain = self.domain(domain)?;
        let Some(list) = self.group.reader()?.list(domain.row, name)? else {
            return Ok(Applied::List { outcome: Outcome::Absent, entries: 0 });
        };
        let entries = self.live(list.row)?;
        self.drop_list(&domain, &list)?;
        Ok(Applied::List { outcome: Outcome::Removed, entries })
    }

    fn drop_list(&mut self, domain: &StoredDomain, list: &StoredList) -> Result<()> {
        self.group.remove_list(list.row)?;
        let name = list.name.clone();
        self.updates.change(domain.row, &domain.name, OwnedChange::DropList { name });
        self.audit("list.remove", Some(&domain.name), Some(&list.name), None)
    }

    /// How many entries of a list have not expired.
    fn live(&self, list: ListRow) -> Result<u64> {
        self.group.reader()?.live_count(list, &CreatedRange::default(), self.now)
    }

    fn add(
        &mut self,
        domain: &str,
        list: &str,
        entry: &NewEntry,
        make_list: bool,
    ) -> Result<Applied> {
        let domain = self.domain(domain)?;
        let found = self.group.reader()?.list(domain.row, list)?;
        if found.is_none() && !make_list {
            return Err(Error::Engine(callbar::Error::UnknownList { name: list.to_owned() }));
        }
        let action = found.as_ref().map_or(Action::Deny, |list| list.action);
        let plan = dial_plan::parse(&domain.plan)?;
        let key = entry_keys::parse(&plan, &entry.number, action, entry.allow_broad)?;
        let note = entry.note.as_note();
        note.verify().map_err(|reason| invalid_entry(&entry.number, reason))?;
        if entry.number_only && key.kind() != EntryKind::E164 {
            return Err(Error::NotWhole { number: entry.number.clone() });
        }
        let stored_key = key.to_stored();
        let there = match &found {
            Some(list) => self.group.reader()?.entry(list.row, &stored_key)?,
            None => None,
        };
        let there = there.filter(|entry| entry.is_live(self.now));
        let is_readable = rekey::is_readable(&plan, action);
        match there {
            // An entry whose text only an older release could read gets the new text.
            Some(old) if entry.keep && is_readable(&old) => {
                let (outcome, warnings) = (Outcome::Unchanged, Vec::new());
                let (key, entry) = (Some(key), Some(old));
                return Ok(Applied::Entry { outcome, key, entry, list_gone: false, warnings });
            }
            Some(_) => {}
            None => self.room.reserve(&domain.name, key.prefixes(), || Ok(0))?,
        }
        let row = match found {
            Some(list) => list.row,
            None => self.make_list(&domain, list)?,
        };
        let new = EntryRef { key: &stored_key, number: &entry.number, note };
        let PutOutcome { outcome, .. } = self.group.put(row, &new, self.now, &is_readable)?;
        if outcome != Outcome::Unchanged {
            let (list_name, key) = (list.to_owned(), key.clone());
            let subject = key.to_string();
            let add = OwnedChange::Add { list: list_name, key, note: indexed_note(&note) };
            self.updates.change(domain.row, &domain.name, add);
            self.audit("entry.put", Some(&domain.name), Some(list), Some(&subject))?;
        }
        let mut warnings = new_warnings(&domain, action);
        warnings.look(&plan, &key, entry.number.as_bytes(), None);
        let warnings = warnings.into_messages();
        // Read in this group: another caller may remove the list a moment later.
        let entry = self.group.reader()?.entry(row, &stored_key)?;
        Ok(Applied::Entry { outcome, key: Some(key), entry, list_gone: false, warnings })
    }

    fn make_list(&mut self, domain: &StoredDomain, name: &str) -> Result<ListRow> {
        verify_list_name(name)?;
        refuse_more_lists(&self.group.reader()?, domain.row)?;
        let settings = ListSettings { action: Action::Deny, response: None, description: "" };
        let (row, _) = self.group.put_list(domain.row, name, &settings, self.now)?;
        self.update_list(domain, name, Action::Deny, None);
        self.audit("list.put", Some(&domain.name), Some(name), None)?;
        Ok(row)
    }

    fn remove(
        &mut self,
        domain: &str,
        list: &str,
        number: &str,
        drop_empty: bool,
    ) -> Result<Applied> {
        let domain = self.domain(domain)?;
        let key = entry_keys::parse_any(&dial_plan::parse(&domain.plan)?, number)?;
        let removed = match self.group.reader()?.list(domain.row, list)? {
            None => None,
            Some(list) => self.group.remove(list.row, &key.to_stored())?.map(|entry| (list, entry)),
        };
        match removed {
            None => Ok(absent(Some(key))),
            Some((list, entry)) => {
                self.finish_removal(&domain, &list, entry, Some(key), drop_empty)
            }
        }
    }

    fn remove_id(&mut self, domain: &str, id: EntryId, drop_empty: bool) -> Result<Applied> {
        let domain = self.domain(domain)?;
        let Some((row, entry)) = self.group.remove_id(domain.row, id)? else {
            return Ok(absent(None));
        };
        let list = self.list_at(row)?;
        let key = match EntryKey::from_stored(&entry.key) {
            Some(key) => Some(key),
            None => entry_keys::parse_any(&dial_plan::parse(&domain.plan)?, &entry.number).ok(),
        };
        self.finish_removal(&domain, &list, entry, key, drop_empty)
    }

    fn put_key(&mut self, new: &NewCredential<'_>, domain: Option<&str>) -> Result<Applied> {
        refuse_long("label", new.label)?;
        new.list.map_or(Ok(()), verify_list_name)?;
        self.group.put_credential(new, self.now)?;
        self.audit("key.create", domain, new.list, Some(new.key))?;
        Ok(Applied::Key(Outcome::Added))
    }

    fn revoke_key(&mut self, kind: CredentialKind, key: &str) -> Result<Applied> {
        let reader = self.group.reader()?;
        let Some(credential) = reader.credential(kind, key)? else {
            return Ok(Applied::Key(Outcome::Absent));
        };
        let domain = match credential.domain {
            None => None,
            Some(row) => reader.domain_at(row)?.map(|domain| domain.name),
        };
        let outcome = self.group.revoke(credential.row, self.now)?;
        if outcome != Outcome::Unchanged {
            let list = credential.list.as_deref();
            self.audit("key.revoke", domain.as_deref(), list, Some(key))?;
        }
        Ok(Applied::Key(outcome))
    }

    /// Notes that an entry was removed from its list, and removes the list if it goes with it.
    fn finish_removal(
        &mut self,
        domain: &StoredDomain,
        list: &StoredList,
        entry: StoredEntry,
        key: Option<EntryKey>,
        drop_empty: bool,
    ) -> Result<Applied> {
        // An expired entry does not exist, though its row is removed only now.
        let was_live = entry.is_live(self.now);
        let outcome = if was_live { Outcome::Removed } else { Outcome::Absent };
        let subject = entry.canonical();
        match &key {
            Some(key) => {
                let remove = OwnedChange::Remove { list: list.name.clone(), key: key.clone() };
                self.updates.change(domain.row, &domain.name, remove);
            }
            // No index has an entry that this release cannot read. A new index no longer reports it.
            None => self.updates.recompile(domain.row, &domain.name),
        }
        self.audit("entry.remove", Some(&domain.name), Some(&list.name), Some(&subject))?;
        let list_gone = drop_empty && list.has_default_settings() && self.live(list.row)? == 0;
        if list_gone {
            self.drop_list(domain, list)?;
        }
        let entry = Some(entry).filter(|_| was_live);
        Ok(Applied::Entry { outcome, key, entry, list_gone, warnings: Vec::new() })
    }
}
