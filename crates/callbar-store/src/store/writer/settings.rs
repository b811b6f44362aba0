//! Changes domains, lists and credentials, and adds lines to the audit log.

use super::Group;
use crate::error::TextError;
use crate::store::connection::{Db, int};
use crate::store::{
    AuditEvent, CredentialRow, DomainRow, DomainSettings, ListRow, ListSettings, NewCredential,
    Reader, StoredList, decode, sql,
};
use crate::{Error, Result};
use callbar::{Action, Outcome};

impl Group<'_> {
    /// Creates a domain, or replaces its settings if they differ.
    ///
    /// # Errors
    /// [`Error::InvalidText`] unless the name is ASCII in lower case; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{DomainSettings, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let settings = DomainSettings::default();
    /// let (row, outcome) = group.put_domain("other.example", &settings, now)?;
    /// assert_eq!(outcome, Outcome::Added);
    /// assert_eq!(group.put_domain("other.example", &settings, now)?, (row, Outcome::Unchanged));
    /// assert!(group.put_domain("Other.Example", &settings, now).is_err(), "not in lower case");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_domain(
        &mut self,
        name: &str,
        settings: &DomainSettings<'_>,
        now: u64,
    ) -> Result<(DomainRow, Outcome)> {
        self.change(|db| {
            let (row, outcome) = put_domain(db, name, settings, now)?;
            Ok(((outcome != Outcome::Unchanged).then_some(row), (row, outcome)))
        })
    }

    /// Removes a domain with its lists and credentials. Costs little at any size, because the rows of the
    /// entries stay until [`Group::purge`] deletes them.
    ///
    /// # Errors
    /// [`Error::Gone`] if the domain is gone; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let domain = store.read(|reader| reader.require_domain_row("my.example"))?;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.remove_domain(domain)?;
    /// assert_eq!(group.reader()?.domain("my.example")?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_domain(&mut self, domain: DomainRow) -> Result<()> {
        self.write(|db| {
            require_domain_at(db, domain)?;
            for list in Reader::new(db).lists(domain)? {
                drop_list(db, &list)?;
            }
            db.run(sql::DOMAIN_DROP, [domain.get()]).map(drop)
        })
    }

    /// Creates a list, or replaces its settings if they differ. `now` becomes the time of creation of a new
    /// list. A list that gets the name of a removed one is another list.
    ///
    /// # Errors
    /// [`Error::Gone`] if the domain is gone; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Outcome};
    /// use callbar_store::{ListSettings, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let domain = store.read(|reader| reader.require_domain_row("my.example"))?;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let settings = ListSettings { action: Action::Deny, response: None, description: "" };
    /// let (list, outcome) = group.put_list(domain, "complaints", &settings, now)?;
    /// assert_eq!(outcome, Outcome::Added);
    /// assert_eq!(group.reader()?.require_list(domain, "complaints")?.row, list);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_list(
        &mut self,
        domain: DomainRow,
        name: &str,
        settings: &ListSettings<'_>,
        now: u64,
    ) -> Result<(ListRow, Outcome)> {
        self.change(|db| {
            let (row, outcome) = put_list(db, domain, name, settings, now)?;
            Ok(((outcome != Outcome::Unchanged).then_some(domain), (row, outcome)))
        })
    }

    /// Removes a list with its entries, and returns how many it had, expired ones included. Costs little at
    /// any size, because the rows of the entries stay until [`Group::purge`] deletes them.
    ///
    /// # Errors
    /// [`Error::Gone`] if the list is gone; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// assert_eq!(group.remove_list(list)?, 1, "it had one entry");
    /// assert_eq!(group.reader()?.list_at(list)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_list(&mut self, list: ListRow) -> Result<u64> {
        self.change(|db| {
            let list = Reader::new(db).list_at(list)?.ok_or(Error::Gone { what: "list" })?;
            drop_list(db, &list)?;
            Ok((Some(list.domain), list.entries))
        })
    }

    /// Creates a credential.
    ///
    /// # Errors
    /// [`Error::Taken`] if a credential has this key, of any kind, revoked or not; [`Error::Gone`] if its
    /// domain is gone; and see [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CredentialKind, Error, NewCredential, Role, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let new = NewCredential {
    ///     kind: CredentialKind::Native,
    ///     key: "0123456789abcdef",
    ///     secret: b"a hash",
    ///     salt: b"a salt",
    ///     domain: Some(store.read(|reader| reader.require_domain_row("my.example"))?),
    ///     list: None,
    ///     role: Role::Editor,
    ///     label: "web form",
    /// };
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// group.put_credential(&new, 1_790_000_000)?;
    /// assert!(matches!(group.put_credential(&new, 1_790_000_000), Err(Error::Taken { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_credential(&mut self, new: &NewCredential<'_>, now: u64) -> Result<CredentialRow> {
        let NewCredential { kind, key, secret, salt, domain, list, role, label } = *new;
        self.write(|db| {
            if db.one(sql::CREDENTIAL_OF_KEY, [key], |_| Ok(()))?.is_some() {
                return Err(Error::Taken { what: "credential", name: key.to_owned() });
            }
            if let Some(domain) = domain {
                require_domain_at(db, domain)?;
            }
            let (kind, role) = (kind.as_str(), role.as_str());
            let domain = domain.map(DomainRow::get);
            let row = (kind, key, secret, salt, domain, list, role, label, int(now));
            db.insert(sql::CREDENTIAL_ADD, row).map(CredentialRow::new)
        })
    }

    /// Revokes a credential. Returns [`Outcome::Replaced`], [`Outcome::Unchanged`] if it was revoked
    /// before, or [`Outcome::Absent`] if there is none.
    ///
    /// # Errors
    /// See [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{CredentialKind, NewCredential, Role, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let new = NewCredential {
    ///     kind: CredentialKind::Native,
    ///     key: "0123456789abcdef",
    ///     secret: b"a hash",
    ///     salt: b"a salt",
    ///     domain: Some(store.read(|reader| reader.require_domain_row("my.example"))?),
    ///     list: None,
    ///     role: Role::Editor,
    ///     label: "web form",
    /// };
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let row = group.put_credential(&new, 1_790_000_000)?;
    /// assert_eq!(group.revoke(row, 1_790_000_060)?, Outcome::Replaced);
    /// assert_eq!(group.reader()?.credentials()?[0].revoked, Some(1_790_000_060));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revoke(&mut self, credential: CredentialRow, now: u64) -> Result<Outcome> {
        self.write(|db| {
            match db.one(sql::CREDENTIAL_AT, [credential.get()], decode::credential)? {
                None => Ok(Outcome::Absent),
                Some(old) if old.revoked.is_some() => Ok(Outcome::Unchanged),
                Some(_) => {
                    db.run(sql::CREDENTIAL_REVOKE, (credential.get(), int(now)))?;
                    Ok(Outcome::Replaced)
                }
            }
        })
    }

    /// Adds a line to the audit log.
    ///
    /// # Errors
    /// See [`Group`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{AuditEvent, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let mut writer = store.writer()?;
    /// let mut group = writer.begin()?;
    /// let now = 1_790_000_000;
    /// let event = AuditEvent {
    ///     at: now,
    ///     who: "admin",
    ///     what: "list.put",
    ///     domain: Some("my.example"),
    ///     list: Some("spam"),
    ///     subject: None,
    ///     detail: Some("by hand"),
    /// };
    /// group.audit(&event)?;
    /// assert_eq!(group.reader()?.audit(Some("my.example"), None, 1)?[0].at, now);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn audit(&mut self, event: &AuditEvent<'_>) -> Result<()> {
        let AuditEvent { at, who, what, domain, list, subject, detail } = *event;
        self.write(|db| {
            db.run(sql::AUDIT_ADD, (int(at), who, what, domain, list, subject, detail)).map(drop)
        })
    }
}

/// Verifies that there is such a domain.
fn require_domain_at(db: Db<'_>, domain: DomainRow) -> Result<()> {
    let found = db.one(sql::DOMAIN_AT, [domain.get()], |_| Ok(()))?;
    found.ok_or(Error::Gone { what: "domain" })
}

fn put_domain(
    db: Db<'_>,
    name: &str,
    settings: &DomainSettings<'_>,
    now: u64,
) -> Result<(DomainRow, Outcome)> {
    if name.is_empty() || !name.is_ascii() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let (what, reason) = ("domain", TextError::DomainCase);
        return Err(Error::InvalidText { what, text: name.to_owned(), reason });
    }
    let DomainSettings { plan, emergency_exempt, subscriptions, description } = *settings;
    let Some(old) = Reader::new(db).domain(name)? else {
        let row = db
            .insert(sql::DOMAIN_ADD, (name, plan, emergency_exempt, description, int(now)))
            .map(DomainRow::new)?;
        subscribe(db, row, subscriptions)?;
        return Ok((row, Outcome::Added));
    };
    if old.subscriptions != subscriptions {
        db.run(sql::SUBSCRIPTIONS_DROP, [old.row.get()])?;
        subscribe(db, old.row, subscriptions)?;
    } else if (old.plan.as_str(), old.emergency_exempt, old.description.as_str())
        == (plan, emergency_exempt, description)
    {
        return Ok((old.row, Outcome::Unchanged));
    }
    db.run(sql::DOMAIN_SET, (old.row.get(), plan, emergency_exempt, description))?;
    Ok((old.row, Outcome::Replaced))
}

fn subscribe(db: Db<'_>, domain: DomainRow, names: &[&str]) -> Result<()> {
    for (place, name) in names.iter().enumerate() {
        db.run(sql::SUBSCRIPTION_ADD, (domain.get(), int(place as u64), *name))?;
    }
    Ok(())
}

fn put_list(
    db: Db<'_>,
    domain: DomainRow,
    name: &str,
    settings: &ListSettings<'_>,
    now: u64,
) -> Result<(ListRow, Outcome)> {
    let ListSettings { action, response, description } = *settings;
    let allows = action == Action::Allow;
    let code = response.map(callbar::Response::code);
    let Some(old) = Reader::new(db).list(domain, name)? else {
        require_domain_at(db, domain)?;
        let row =
            db.insert(sql::LIST_ADD, (domain.get(), name, allows, code, description, int(now)))?;
        return Ok((ListRow::new(row), Outcome::Added));
    };
    if (old.action, old.response, old.description.as_str()) == (action, response, description) {
        return Ok((old.row, Outcome::Unchanged));
    }
    db.run(sql::LIST_SET, (old.row.get(), allows, code, description))?;
    Ok((old.row, Outcome::Replaced))
}

/// Removes a list. If it leaves entries, marks it for [`Group::purge`].
fn drop_list(db: Db<'_>, list: &StoredList) -> Result<()> {
    if list.entries > 0 {
        db.run(sql::CHUNKS_DROP, [list.row.get()])?;
        db.run(sql::REMOVED_ADD, [list.row.get()])?;
    }
    db.run(sql::LIST_DROP, [list.row.get()]).map(drop)
}
