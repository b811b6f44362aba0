//! Domains, lists and keys as clients see them, in JSON: without rows and secrets, and with names in the place of rows.

use serde::{Deserialize, Serialize};

use super::dial_plan;
use crate::store::{Credential, CredentialKind, Reader, Role, StoredDomain, StoredList};
use crate::{Error, Result};
use callbar::{Action, PlanSpec, Response};

/// A domain as clients see it.
///
/// # Examples
/// ```
/// use callbar_store::{DomainView, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let stored = store.read(|reader| reader.require_domain("My.Example"))?;
/// let view = DomainView::try_from(stored)?;
/// assert_eq!((&*view.name, &*view.plan.region, view.emergency_exempt), ("my.example", "TR", true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainView {
    /// Its name, in lower case.
    pub name: String,
    /// How its entries and its calls are read.
    pub plan: PlanSpec,
    /// Whether the emergency numbers of its region are never barred.
    pub emergency_exempt: bool,
    /// The names of the domains that it subscribes to, the first asked first.
    pub subscriptions: Vec<String>,
    /// A text for people.
    pub description: String,
    /// When it was created.
    pub created: u64,
}

impl TryFrom<StoredDomain> for DomainView {
    type Error = Error;

    fn try_from(stored: StoredDomain) -> Result<Self> {
        let plan = dial_plan::from_json(&stored.plan)?;
        let StoredDomain { name, emergency_exempt, subscriptions, description, created, .. } =
            stored;
        Ok(Self { name, plan, emergency_exempt, subscriptions, description, created })
    }
}

/// A list as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// Its name, unique in the domain. Case counts.
    pub name: String,
    /// Whether it denies or allows a number that is on it.
    pub action: Action,
    /// The SIP response to a call that it bars.
    pub response: Option<Response>,
    /// A text for people.
    pub description: String,
    /// When it was created.
    pub created: u64,
    /// How many entries it has, with expired ones that are still stored.
    pub entries: u64,
}

impl From<StoredList> for ListView {
    fn from(stored: StoredList) -> Self {
        let StoredList { name, action, response, description, created, entries, .. } = stored;
        Self { name, action, response, description, created, entries }
    }
}

/// A key of an HTTP interface as clients see it.
///
/// # Examples
/// ```
/// use callbar_store::{CredentialKind, KeyView, NewCredential, Role, Store};
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
/// group.commit()?;
/// let views = store.read(|reader| {
///     let keys = reader.credentials()?;
///     keys.into_iter().map(|key| KeyView::new(reader, key)).collect::<callbar_store::Result<Vec<_>>>()
/// })?;
/// assert_eq!((views[0].domain.as_deref(), &*views[0].label), (Some("my.example"), "web form"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// The interface.
    pub kind: CredentialKind,
    /// What names it in a request.
    pub key: String,
    /// The name of the only domain that it is valid for; `None` for all domains, or if its domain was removed.
    pub domain: Option<String>,
    /// The name of the only list that it is valid for; `None` for all lists.
    pub list: Option<String>,
    /// What it permits.
    pub role: Role,
    /// A text for people.
    pub label: String,
    /// When it was created.
    pub created: u64,
    /// When it was revoked; `None` if it is valid.
    pub revoked: Option<u64>,
}

impl KeyView {
    /// The view of a credential, with the name of its domain.
    ///
    /// # Errors
    /// See [`Reader`].
    pub fn new(reader: &Reader<'_>, credential: Credential) -> Result<Self> {
        let domain = credential.domain.map(|row| reader.domain_at(row)).transpose()?.flatten();
        let domain = domain.map(|domain| domain.name);
        let Credential { kind, key, list, role, label, created, revoked, .. } = credential;
        Ok(Self { kind, key, domain, list, role, label, created, revoked })
    }
}
