//! One operation on the store, and what it means to the engine.

use super::bounds::{Room, each_pattern, refuse_long, refuse_new_subscription};
use super::effect::{Effects, Owned, indexed};
use super::operation::{Applied, NewEntry, Operation};
use super::plan::{self, PlanSpec};
use super::warnings::new_warnings;
use super::{invalid_entry, key, known_domain, refuse_more_lists, replan};
use crate::store::{
    AuditEvent, CredentialKind, DomainSettings, EntryRow, Group, ListRow, ListSettings, Made,
    NewCredential, Put, StoredDomain, StoredEntry, StoredList,
};
use crate::{Error, Result};
use callbar::{
    Action, EntryError, EntryId, EntryKey, EntryKind, Outcome, Response, Settings,
    verify_domain_name, verify_list_name,
};

/// Performs an operation in the name of `who`.
///
/// # Errors
/// What is wrong with it, with nothing changed; [`Error::Store`].
pub(super) fn perform(
    group: &mut Group<'_>,
    who: &str,
    operation: &Operation,
    now: u64,
    effects: &mut Effects,
    room: &mut Room<'_>,
) -> Result<Applied> {
    let mut hand = Hand { group, who, now, effects, room };
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
            hand.put_domain(name, plan, &settings, may_subscribe, description)
        }
        Operation::RemoveDomain { name } => hand.remove_domain(name),
        &Operation::PutList {
            ref domain,
            ref name,
            action,
            response,
            ref description,
            allow_broad,
        } => {
            let settings = ListSettings { action, response, description };
            hand.put_list(domain, name, &settings, allow_broad)
        }
        Operation::RemoveList { domain, name } => hand.remove_list(domain, name),
        Operation::Add { domain, list, entry, make_list } => {
            hand.add(domain, list, entry, *make_list)
        }
        Operation::Remove { domain, list, number, drop_empty } => {
            hand.remove(domain, list, number, *drop_empty)
        }
        &Operation::RemoveId { ref domain, id, drop_empty } => {
            hand.remove_id(domain, id, drop_empty)
        }
        Operation::PutKey { kind, key, secret, salt, domain, list, role, label } => {
            // A key is good whatever the index of its domain is.
            let reader = hand.group.reader()?;
            let domain = domain.as_deref().map(|name| known_domain(&reader, name)).transpose()?;
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
            hand.put_key(&new, domain.as_ref().map(|domain| domain.name.as_str()))
        }
        Operation::RevokeKey { kind, key } => hand.revoke_key(*kind, key),
    }
}

/// An entry that was not there.
fn absent(key: Option<EntryKey>) -> Applied {
    let (outcome, warnings) = (Outcome::Absent, Vec::new());
    Applied::Entry { outcome, key, entry: None, list_gone: false, warnings }
}

/// What performs operations: a group, in somebody's name, at one moment.
struct Hand<'h, 'g, 'e> {
    group: &'h mut Group<'g>,
    who: &'h str,
    now: u64,
    effects: &'h mut Effects,
    room: &'h mut Room<'e>,
}

impl Hand<'_, '_, '_> {
    fn domain(&mut self, name: &str) -> Result<StoredDomain> {
        let domain = known_domain(&self.group.reader()?, name)?;
        self.effects.look(domain.row, &domain.name);
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
            plan: &plan.to_json(),
            emergency_exempt: settings.emergency_exempt,
            subscriptions: &subscriptions,
            description,
        };
        let moves = match &old {
            Some(old) if old.plan != stored.plan => {
                Some(replan::moves(&self.group.reader()?, old.row, &dial_plan)?)
            }
            _ => None,
        };
        let (row, outcome) = self.group.put_domain(name, &stored, self.now)?;
        match (old, moves) {
            (Some(_), None) if outcome == Outcome::Unchanged => self.effects.look(row, name),
            (Some(_), None) => {
                self.effects.change(row, name, Owned::Settings(settings.clone()));
            }
            (_, moves) => {
                let moves = moves.unwrap_or_default();
                replan::file_again(self.group, moves, &dial_plan, self.now)?;
                self.effects.whole(row, name);
            }
        }
        if outcome != Outcome::Unchanged {
            self.audit("domain.put", Some(name), None, None)?;
        }
        Ok(Applied::Domain(outcome))
    }

    fn remove_domain(&mut self, name: &str) -> Result<Applied> {
        let Some(domain) = self.group.reader()?.domain(&name.to_ascii_lowercase())? else {
            return Ok(Applied::Domain(Outcome::Absent));
        };
        self.group.remove_domain(domain.row)?;
        self.effects.removed(domain.row, &domain.name);
        self.audit("domain.remove", Some(&domain.name), None, None)?;
        Ok(Applied::Domain(Outcome::Removed))
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
            self.tell_list(&domain, name, settings.action, settings.response);
            self.audit("list.put", Some(&domain.name), Some(name), None)?;
        }
        Ok(Applied::List { outcome, entries: self.list_at(row)?.entries })
    }

    fn tell_list(
        &mut self,
        domain: &StoredDomain,
        name: &str,
        action: Action,
        response: Option<Response>,
    ) {
        let name = name.to_owned();
        self.effects.change(domain.row, &domain.name, Owned::List { name, action, response });
    }

    /// # Errors
    /// [`callbar::Error::InvalidEntry`] of a pattern on the list that spans a whole calling code.
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
        self.effects.change(domain.row, &domain.name, Owned::DropList { name });
        self.audit("list.remove", Some(&domain.name), Some(&list.name), None)
    }

    /// How many entries of a list exist now.
    fn live(&self, list: ListRow) -> Result<u64> {
        self.group.reader()?.live_count(list, &Made::default(), self.now)
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
        let plan = plan::read(&domain.plan)?;
        let key = key(&plan, &entry.number, action, entry.allow_broad)?;
        let note = entry.note.as_note();
        note.verify().map_err(|reason| invalid_entry(&entry.number, reason))?;
        if entry.number_only && key.kind() != EntryKind::E164 {
            return Err(invalid_entry(&entry.number, EntryError::NotWhole));
        }
        let stored_key = key.to_stored();
        let there = match &found {
            Some(list) => self.group.reader()?.entry(list.row, &stored_key)?,
            None => None,
        };
        let there = there.filter(|entry| entry.is_live(self.now));
        let reads = replan::reads(&plan, action);
        match there {
            // One whose text an older release could read is written anew.
            Some(old) if entry.keep && reads(&old) => {
                let (outcome, warnings) = (Outcome::Unchanged, Vec::new());
                let (key, entry) = (Some(key), Some(old));
                return Ok(Applied::Entry { outcome, key, entry, list_gone: false, warnings });
            }
            Some(_) => {}
            None => self.room.take(&domain.name, key.prefixes())?,
        }
        let row = match found {
            Some(list) => list.row,
            None => self.make_list(&domain, list)?,
        };
        let new = EntryRow { key: &stored_key, number: &entry.number, note };
        let Put { outcome, .. } = self.group.put(row, &new, self.now, &reads)?;
        if outcome != Outcome::Unchanged {
            let (list_name, key) = (list.to_owned(), key.clone());
            let subject = key.to_string();
            let add = Owned::Add { list: list_name, key, note: indexed(&note) };
            self.effects.change(domain.row, &domain.name, add);
            self.audit("entry.put", Some(&domain.name), Some(list), Some(&subject))?;
        }
        let mut warnings = new_warnings(&domain, action);
        warnings.look(&plan, &key, entry.number.as_bytes(), None);
        let warnings = warnings.into_messages();
        // As it is at this moment: whoever drops the list a moment later does not undo that.
        let entry = self.group.reader()?.entry(row, &stored_key)?;
        Ok(Applied::Entry { outcome, key: Some(key), entry, list_gone: false, warnings })
    }

    fn make_list(&mut self, domain: &StoredDomain, name: &str) -> Result<ListRow> {
        verify_list_name(name)?;
        refuse_more_lists(&self.group.reader()?, domain.row)?;
        let settings = ListSettings { action: Action::Deny, response: None, description: "" };
        let (row, _) = self.group.put_list(domain.row, name, &settings, self.now)?;
        self.tell_list(domain, name, Action::Deny, None);
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
        let key = key(&plan::read(&domain.plan)?, number, Action::Allow, true)?;
        let removed = match self.group.reader()?.list(domain.row, list)? {
            None => None,
            Some(list) => self.group.remove(list.row, &key.to_stored())?.map(|entry| (list, entry)),
        };
        match removed {
            None => Ok(absent(Some(key))),
            Some((list, entry)) => self.removed(&domain, &list, entry, Some(key), drop_empty),
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
            None => key(&plan::read(&domain.plan)?, &entry.number, Action::Allow, true).ok(),
        };
        self.removed(&domain, &list, entry, key, drop_empty)
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

    /// Puts into force that an entry was taken off its list.
    fn removed(
        &mut self,
        domain: &StoredDomain,
        list: &StoredList,
        entry: StoredEntry,
        key: Option<EntryKey>,
        drop_empty: bool,
    ) -> Result<Applied> {
        // One that has expired was not there, though it goes only now.
        let was_live = entry.is_live(self.now);
        let outcome = if was_live { Outcome::Removed } else { Outcome::Absent };
        let subject = entry.canonical();
        match &key {
            Some(key) => {
                let remove = Owned::Remove { list: list.name.clone(), key: key.clone() };
                self.effects.change(domain.row, &domain.name, remove);
            }
            // No index has an entry that this release cannot read, and a new one no longer reports it.
            None => self.effects.whole(domain.row, &domain.name),
        }
        self.audit("entry.remove", Some(&domain.name), Some(&list.name), Some(&subject))?;
        let list_gone = drop_empty && list.comes_and_goes() && self.live(list.row)? == 0;
        if list_gone {
            self.drop_list(domain, list)?;
        }
        let entry = Some(entry).filter(|_| was_live);
        Ok(Applied::Entry { outcome, key, entry, list_gone, warnings: Vec::new() })
    }
}
