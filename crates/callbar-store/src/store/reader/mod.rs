//! One consistent view of the store, which never waits for the writer.
//!
//! This file reads domains, lists, credentials and the audit log. `entries` reads entries.

mod entries;

use std::borrow::Cow;

use rusqlite::Row;

use super::connection::{Db, below, uint};
use super::{
    AuditRecord, Credential, CredentialKind, DomainRow, ListRow, StoredDomain, StoredList, decode,
    sql,
};
use crate::{Error, Result};

/// One consistent view of the store.
///
/// [`Store::read`](crate::Store::read) and [`Group::reader`](crate::Group::reader) give one. Look a row
/// up in the same view that you use it in: of a list that was removed since, a view may still show some
/// of the entries.
///
/// Names of domains count in any case. Names of lists count with their case.
///
/// A look-up costs some microseconds. No method walks the entries of a list, but those whose
/// documentation says so.
///
/// # Errors
/// Every method fails with [`Error::Store`] if the database fails. The `require_` methods also fail
/// where the others return `None`.
///
/// # Examples
/// ```
/// use callbar_store::Store;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let directory = tempfile::tempdir()?;
/// let store = Store::open(directory.path())?;
/// let (names, revision) = store.read(|reader| {
///     let names: Vec<String> = reader.domains()?.into_iter().map(|domain| domain.name).collect();
///     Ok((names, reader.revision()?))
/// })?;
/// assert!(names.is_empty());
/// assert_eq!(revision, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Reader<'c> {
    db: Db<'c>,
}

impl<'c> Reader<'c> {
    pub(super) fn new(db: Db<'c>) -> Self {
        Self { db }
    }

    /// The latest revision of any domain; 0 if nothing was ever stored.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let domain = store.read(|reader| reader.require_domain("my.example"))?;
    /// let latest = store.read(|reader| reader.revision())?;
    /// assert_eq!(domain.revision, latest, "there is no other domain");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revision(&self) -> Result<u64> {
        self.db.one(sql::REVISION, [], |row| uint(row, 0)).map(Option::unwrap_or_default)
    }

    /// All domains, in the order of their names.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let domains = store.read(|reader| reader.domains())?;
    /// assert_eq!((domains.len(), &*domains[0].name), (1, "my.example"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn domains(&self) -> Result<Vec<StoredDomain>> {
        let domains = self.db.all(sql::DOMAINS, [], decode::domain)?;
        domains.into_iter().map(|domain| self.with_subscriptions(domain)).collect()
    }

    /// The domain of this name, in any case.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// assert!(store.read(|reader| reader.domain("My.Example"))?.is_some());
    /// assert_eq!(store.read(|reader| reader.domain("other.example"))?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn domain(&self, name: &str) -> Result<Option<StoredDomain>> {
        let domain = self.db.one(sql::DOMAIN_OF_NAME, [&*folded(name)], decode::domain)?;
        domain.map(|domain| self.with_subscriptions(domain)).transpose()
    }

    /// The domain of this name, in any case. As [`Reader::domain`], where its absence is an error.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], which repeats the name as it was given; and see [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Error, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let error = store.read(|reader| reader.require_domain("other.example")).unwrap_err();
    /// assert!(matches!(error, Error::Engine(callbar::Error::UnknownDomain { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_domain(&self, name: &str) -> Result<StoredDomain> {
        self.domain(name)?.ok_or_else(|| unknown_domain(name))
    }

    /// The row and the dial plan of the domain of this name, in any case. Cheaper than
    /// [`Reader::require_domain`]: it leaves the subscriptions out.
    ///
    /// # Errors
    /// As [`Reader::require_domain`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let (_, plan) = store.read(|reader| reader.require_domain_plan("my.example"))?;
    /// assert_eq!(plan, r#"{"region":"TR","plain_e164":false}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_domain_plan(&self, name: &str) -> Result<(DomainRow, String)> {
        self.domain_plan(name)?.ok_or_else(|| unknown_domain(name))
    }

    fn domain_plan(&self, name: &str) -> Result<Option<(DomainRow, String)>> {
        let read = |row: &Row<'_>| Ok((DomainRow::new(row.get(0)?), row.get(1)?));
        self.db.one(sql::DOMAIN_PLAN, [&*folded(name)], read)
    }

    /// The row of the domain of this name, in any case. As cheap as [`Reader::require_domain_plan`].
    ///
    /// # Errors
    /// As [`Reader::require_domain`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let row = store.read(|reader| reader.require_domain_row("My.Example"))?;
    /// assert_eq!(store.read(|reader| reader.lists_count(row))?, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_domain_row(&self, name: &str) -> Result<DomainRow> {
        self.require_domain_plan(name).map(|(row, _)| row)
    }

    /// The domain of this row; `None` if it was removed.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let row = store.read(|reader| reader.require_domain_row("my.example"))?;
    /// let domain = store.read(|reader| reader.domain_at(row))?;
    /// assert_eq!(domain.map(|domain| domain.name).as_deref(), Some("my.example"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn domain_at(&self, row: DomainRow) -> Result<Option<StoredDomain>> {
        let domain = self.db.one(sql::DOMAIN_AT, [row.get()], decode::domain)?;
        domain.map(|domain| self.with_subscriptions(domain)).transpose()
    }

    fn with_subscriptions(&self, mut domain: StoredDomain) -> Result<StoredDomain> {
        let row = [domain.row.get()];
        domain.subscriptions = self.db.all(sql::SUBSCRIPTIONS, row, |row| row.get(0))?;
        Ok(domain)
    }

    /// All lists of a domain, in the order of their names.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let lists = store.read(|reader| reader.lists(reader.require_domain_row("my.example")?))?;
    /// assert_eq!(lists.iter().map(|list| &*list.name).collect::<Vec<_>>(), ["spam", "vip"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lists(&self, domain: DomainRow) -> Result<Vec<StoredList>> {
        self.db.all(sql::LISTS, [domain.get()], decode::list)
    }

    /// How many lists a domain has.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let count = store.read(|reader| reader.lists_count(reader.require_domain_row("my.example")?))?;
    /// assert_eq!(count, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lists_count(&self, domain: DomainRow) -> Result<u64> {
        let count = self.db.one(sql::LISTS_COUNT, [domain.get()], |row| uint(row, 0))?;
        Ok(count.unwrap_or_default())
    }

    /// The list of this name in a domain. Case counts.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = |name| store.read(|reader| reader.list(reader.require_domain_row("my.example")?, name));
    /// assert!(list("spam")?.is_some());
    /// assert_eq!(list("Spam")?, None, "case counts");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list(&self, domain: DomainRow, name: &str) -> Result<Option<StoredList>> {
        self.db.one(sql::LIST_OF_NAME, (domain.get(), name), decode::list)
    }

    /// The list of this name in a domain. As [`Reader::list`], where its absence is an error.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownList`]; and see [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Error, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let domain = store.read(|reader| reader.require_domain_row("my.example"))?;
    /// let error = store.read(|reader| reader.require_list(domain, "Spam")).unwrap_err();
    /// assert!(matches!(error, Error::Engine(callbar::Error::UnknownList { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_list(&self, domain: DomainRow, name: &str) -> Result<StoredList> {
        let unknown = || Error::Engine(callbar::Error::UnknownList { name: name.to_owned() });
        self.list(domain, name)?.ok_or_else(unknown)
    }

    /// The list of this name in the domain of this name, if there are both. [`StoredList::domain`] is the row of
    /// the domain.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// assert!(store.read(|reader| reader.list_by_name("my.example", "spam"))?.is_some());
    /// assert_eq!(store.read(|reader| reader.list_by_name("other.example", "spam"))?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_by_name(&self, domain: &str, list: &str) -> Result<Option<StoredList>> {
        match self.domain_plan(domain)? {
            Some((domain, _)) => self.list(domain, list),
            None => Ok(None),
        }
    }

    /// The list of this name in the domain of this name. As [`Reader::list_by_name`], where its absence is an
    /// error.
    ///
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], [`callbar::Error::UnknownList`]; and see [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// assert_eq!((&*list.name, list.entries), ("spam", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_list_by_name(&self, domain: &str, list: &str) -> Result<StoredList> {
        self.require_list(self.require_domain_row(domain)?, list)
    }

    /// The list of this row; `None` if it was removed.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
    /// assert_eq!(store.read(|reader| reader.list_at(list.row))?, Some(list));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_at(&self, row: ListRow) -> Result<Option<StoredList>> {
        self.db.one(sql::LIST_AT, [row.get()], decode::list)
    }

    /// The credential of this kind and key, revoked or not.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{CredentialKind, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let key = store.read(|reader| reader.credential(CredentialKind::Native, "0123456789abcdef"))?;
    /// assert!(key.is_none(), "no such key");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn credential(&self, kind: CredentialKind, key: &str) -> Result<Option<Credential>> {
        let found = self.db.one(sql::CREDENTIAL_OF_KEY, [key], decode::credential)?;
        Ok(found.filter(|credential| credential.kind == kind))
    }

    /// All credentials, revoked or not, the oldest first.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// assert!(store.read(|reader| reader.credentials())?.is_empty(), "no key was made");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn credentials(&self) -> Result<Vec<Credential>> {
        self.db.all(sql::CREDENTIALS, [], decode::credential)
    }

    /// The newest lines of the audit log, the newest first, at most `limit`.
    ///
    /// With `domain`, only lines about domains of that name (in lower case), also about an earlier one
    /// that was removed. With `before`, only lines whose id is smaller.
    ///
    /// # Errors
    /// See [`Reader`].
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Store;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let newest = store.read(|reader| reader.audit(Some("my.example"), None, 1))?;
    /// let older = store.read(|reader| reader.audit(Some("my.example"), Some(newest[0].id), 100))?;
    /// assert_eq!(newest[0].what, "entry.put");
    /// assert_eq!(older.last().map(|line| &*line.what), Some("domain.put"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn audit(
        &self,
        domain: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        let before = below(before);
        match domain {
            None => self.db.all(sql::AUDIT, (before, limit), decode::audit),
            Some(domain) => {
                self.db.all(sql::AUDIT_OF_DOMAIN, (before, limit, domain), decode::audit)
            }
        }
    }

    /// As [`Reader::audit`], of this very domain: without lines about an earlier domain of its name.
    ///
    /// # Errors
    /// See [`Reader`].
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
    /// let lines = store.read(|reader| reader.domain_audit(domain, None, 100))?;
    /// assert!(lines.iter().all(|line| line.who == "admin"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn domain_audit(
        &self,
        domain: DomainRow,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        self.db.all(sql::AUDIT_OF_ROW, (below(before), limit, domain.get()), decode::audit)
    }
}

/// The name of a domain as it is stored.
fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

fn unknown_domain(name: &str) -> Error {
    Error::Engine(callbar::Error::UnknownDomain { domain: name.to_owned() })
}
