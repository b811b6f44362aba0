//! Reads domains, lists, credentials and the log; `pages.rs` reads entries.

use super::db::{Db, below, uint};
use super::{
    AuditRecord, Credential, CredentialKind, DomainRow, ListRow, StoredDomain, StoredList, rows,
    sql,
};
use crate::Result;

/// One consistent view of the store.
///
/// A list is named by its row, which is to be looked up in the same view: of a list that has been
/// removed since, a view may still see some of the entries.
///
/// Each of its methods fails with [`Error::Store`](crate::Error::Store) alone, and none walks the
/// entries of a list but those that say so.
#[derive(Clone, Copy)]
pub struct Reader<'c> {
    pub(super) db: Db<'c>,
}

impl<'c> Reader<'c> {
    pub(super) fn new(db: Db<'c>) -> Self {
        Self { db }
    }

    /// The latest revision that was given to any domain; 0 if nothing was ever stored.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn revision(&self) -> Result<u64> {
        self.db.one(sql::REVISION, [], |row| uint(row, 0)).map(Option::unwrap_or_default)
    }

    /// All domains, by name.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn domains(&self) -> Result<Vec<StoredDomain>> {
        let domains = self.db.all(sql::DOMAINS, [], rows::domain)?;
        domains.into_iter().map(|domain| self.subscribed(domain)).collect()
    }

    /// The domain of this name.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn domain(&self, name: &str) -> Result<Option<StoredDomain>> {
        let domain = self.db.one(sql::DOMAIN_OF_NAME, [name], rows::domain)?;
        domain.map(|domain| self.subscribed(domain)).transpose()
    }

    /// The row and the dial plan of the domain of this name: what a look-up of an entry needs.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn plan_of(&self, name: &str) -> Result<Option<(DomainRow, String)>> {
        self.db.one(sql::DOMAIN_PLAN, [name], |row| Ok((DomainRow::new(row.get(0)?), row.get(1)?)))
    }

    /// The domain of this row, unless it has been removed.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn domain_at(&self, row: DomainRow) -> Result<Option<StoredDomain>> {
        let domain = self.db.one(sql::DOMAIN_AT, [row.get()], rows::domain)?;
        domain.map(|domain| self.subscribed(domain)).transpose()
    }

    fn subscribed(&self, mut domain: StoredDomain) -> Result<StoredDomain> {
        let row = [domain.row.get()];
        domain.subscriptions = self.db.all(sql::SUBSCRIPTIONS, row, |row| row.get(0))?;
        Ok(domain)
    }

    /// All lists of a domain, by name.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn lists(&self, domain: DomainRow) -> Result<Vec<StoredList>> {
        self.db.all(sql::LISTS, [domain.get()], rows::list)
    }

    /// How many lists a domain has.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn lists_count(&self, domain: DomainRow) -> Result<u64> {
        let count = self.db.one(sql::LISTS_COUNT, [domain.get()], |row| uint(row, 0))?;
        Ok(count.unwrap_or_default())
    }

    /// The list of this name.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn list(&self, domain: DomainRow, name: &str) -> Result<Option<StoredList>> {
        self.db.one(sql::LIST_OF_NAME, (domain.get(), name), rows::list)
    }

    /// The list of this row, unless it has been removed.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn list_at(&self, row: ListRow) -> Result<Option<StoredList>> {
        self.db.one(sql::LIST_AT, [row.get()], rows::list)
    }

    /// The credential of this kind and key, revoked or not.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn credential(&self, kind: CredentialKind, key: &str) -> Result<Option<Credential>> {
        let found = self.db.one(sql::CREDENTIAL_OF_KEY, [key], rows::credential)?;
        Ok(found.filter(|credential| credential.kind == kind))
    }

    /// All credentials, the oldest first, revoked or not.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn credentials(&self) -> Result<Vec<Credential>> {
        self.db.all(sql::CREDENTIALS, [], rows::credential)
    }

    /// The latest lines of the log of changes, at most `limit`, the newest first: those of one
    /// domain, or of all; and those before one line, or up to now.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn audit(
        &self,
        domain: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        let before = below(before);
        match domain {
            None => self.db.all(sql::AUDIT, (before, limit), rows::audit),
            Some(domain) => self.db.all(sql::AUDIT_OF_DOMAIN, (before, limit, domain), rows::audit),
        }
    }

    /// The same of this very domain: nothing of another that had the name before it.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn audit_of(
        &self,
        domain: DomainRow,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        self.db.all(sql::AUDIT_OF_ROW, (below(before), limit, domain.get()), rows::audit)
    }
}
