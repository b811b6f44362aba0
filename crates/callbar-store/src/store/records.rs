//! What callers give to the store and get from it: domains, lists, entries, credentials, log lines.
//!
//! Times are seconds since 1970. Later ones than a 63-bit integer holds are stored as the greatest.

use serde::{Deserialize, Serialize};

use callbar::{Action, EntryId, EntryKey, Note, Outcome, OwnedNote, Response, words};

/// Declares the number of a row.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The row of this number, which [`Self::get`] returned before.
            #[must_use]
            pub fn new(number: i64) -> Self {
                Self(number)
            }

            /// Its number, for example to be sent to a client.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }
    )*};
}

rows! {
    /// The row of a domain. It is never used again, not even by a later domain of the same name.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{DomainRow, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let row = store.read(|reader| reader.require_domain_row("my.example"))?;
    /// assert_eq!(DomainRow::new(row.get()), row, "a client may keep the number");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DomainRow;
    /// The row of a list. It is never used again, not even by a later list of the same name.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{ListRow, Store};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let store = Store::open(data)?;
    /// let row = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
    /// assert_eq!(ListRow::new(row.get()), row, "a client may keep the number");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ListRow;
    /// The row of a credential. It is never used again.
    ///
    /// # Examples
    /// ```
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
    /// assert_eq!(group.reader()?.credentials()?[0].row, row);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    CredentialRow;
}

/// The settings of a domain, as [`Group::put_domain`](crate::Group::put_domain) takes them.
///
/// # Examples
/// ```
/// use callbar_store::{DomainSettings, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let now = 1_790_000_000;
/// let settings = DomainSettings { subscriptions: &["shared.example"], ..DomainSettings::default() };
/// let (row, _) = group.put_domain("other.example", &settings, now)?;
/// let domain = group.reader()?.domain_at(row)?.expect("it is there");
/// assert_eq!((domain.subscriptions, domain.created), (vec!["shared.example".to_owned()], now));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainSettings<'a> {
    /// Its dial plan, as text that the store does not read.
    pub plan: &'a str,
    /// Whether the emergency numbers of its region are never barred.
    pub emergency_exempt: bool,
    /// The names of the domains that it subscribes to, the first asked first.
    pub subscriptions: &'a [&'a str],
    /// A text for people.
    pub description: &'a str,
}

/// A domain.
///
/// # Examples
/// ```
/// use callbar_store::Store;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let domain = store.read(|reader| reader.require_domain("My.Example"))?;
/// assert_eq!((&*domain.name, domain.emergency_exempt), ("my.example", true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDomain {
    /// Its row.
    pub row: DomainRow,
    /// Its name, in lower case.
    pub name: String,
    /// Its dial plan, as it was given. [`Self::dial_plan`] reads the plans of a manager.
    pub plan: String,
    /// Whether the emergency numbers of its region are never barred.
    pub emergency_exempt: bool,
    /// The names of the domains that it subscribes to, the first asked first.
    pub subscriptions: Vec<String>,
    /// A text for people.
    pub description: String,
    /// When it was created.
    pub created: u64,
    /// Grows with every commit that changes the domain, its lists or its entries. All domains draw on one
    /// sequence. So a domain never has a revision of an earlier domain of its name.
    pub revision: u64,
}

/// The settings of a list, as [`Group::put_list`](crate::Group::put_list) takes them.
///
/// # Examples
/// ```
/// use callbar::{Action, Outcome, Response};
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
/// let response = Some(Response::Unwanted);
/// let settings = ListSettings { action: Action::Deny, response, description: "complaints" };
/// assert_eq!(group.put_list(domain, "spam", &settings, now)?.1, Outcome::Replaced);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSettings<'a> {
    /// Whether it denies or allows a number that is on it.
    pub action: Action,
    /// The SIP response to a call that it bars.
    pub response: Option<Response>,
    /// A text for people.
    pub description: &'a str,
}

/// A list.
///
/// # Examples
/// ```
/// use callbar::Action;
/// use callbar_store::Store;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?;
/// assert_eq!((&*list.name, list.action, list.entries), ("spam", Action::Deny, 1));
/// assert!(list.has_default_settings());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredList {
    /// Its row.
    pub row: ListRow,
    /// The domain that it belongs to.
    pub domain: DomainRow,
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
    /// How many entries it has, with expired ones that are still stored. They are removed within ten to
    /// twenty minutes.
    pub entries: u64,
}

impl StoredList {
    /// Reports whether the list has the settings of one that an entry creates: it denies, without a
    /// response and a description. Such a list may go with its last entry, because the next entry creates
    /// the same list again.
    #[must_use]
    pub fn has_default_settings(&self) -> bool {
        self.action == Action::Deny && self.response.is_none() && self.description.is_empty()
    }
}

/// An entry that borrows its texts.
///
/// # Examples
/// ```
/// use callbar::Note;
/// use callbar_store::{EntryRef, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let now = 1_790_000_000;
/// let note = Note::default().with_reason("complaint 4711");
/// let entry = EntryRef { key: "+905050047825", number: "0505 004 78 25", note };
/// group.put(list, &entry, now, &|_| true)?;
/// let stored = group.reader()?.entry(list, "+905050047825")?.expect("it is there");
/// assert_eq!(stored.as_entry_ref().number, "0505 004 78 25");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef<'a> {
    /// What identifies it on its list. Entries of one key are one entry. The store does not read it.
    pub key: &'a str,
    /// The number or pattern, as written.
    pub number: &'a str,
    /// Its note. Of an entry from the store, id and time of creation are always there.
    ///
    /// An entry that is put on a list without an id keeps the one it has, or gets a new one that begins
    /// with the time of creation in four bytes. The same happens if another entry of the list has the id
    /// that it brings. Without a time of creation it keeps the one it has, or gets the present time.
    pub note: Note<'a>,
}

/// The result of putting an entry on a list.
///
/// # Examples
/// ```
/// use callbar::{Note, Outcome};
/// use callbar_store::{EntryRef, PutOutcome, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let now = 1_790_000_000;
/// let entry = EntryRef { key: "+905050047824", number: "0505 004 78 24", note: Note::default() };
/// let PutOutcome { outcome, id } = group.put(list, &entry, now, &|_| true)?;
/// assert_eq!(outcome, Outcome::Unchanged);
/// assert!(group.reader()?.entry_with_id(list, id)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// [`Outcome::Added`], [`Outcome::Replaced`] or [`Outcome::Unchanged`].
    pub outcome: Outcome,
    /// The id that the entry has now.
    pub id: EntryId,
}

/// An entry of a list.
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
/// let entry = store.read(|reader| reader.entry(list, "+905050047824"))?.expect("it is there");
/// assert_eq!((&*entry.number, &*entry.canonical()), ("0505 004 78 24", "+905050047824"));
/// assert_eq!(entry.note.id, Some(entry.id()));
/// assert!(entry.is_live(u64::MAX), "it does not expire");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// What identifies it on its list.
    pub key: String,
    /// The number or pattern, as it was first written.
    pub number: String,
    /// Its note, always with a time of creation and an id that is unique on the list.
    pub note: OwnedNote,
    pub(super) place: Place,
}

impl StoredEntry {
    /// Its id.
    ///
    /// # Panics
    /// If the caller took the id out of the note.
    #[must_use]
    pub fn id(&self) -> EntryId {
        self.note.id.expect("a stored entry has an id")
    }

    /// Its canonical form, such as `+905050047824`, which calls are compared with.
    #[must_use]
    pub fn canonical(&self) -> String {
        EntryKey::from_stored(&self.key).map_or_else(|| self.key.clone(), |key| key.to_string())
    }

    /// Its place in the order of its list. Pass it to [`Reader::page_after`](crate::Reader::page_after) to
    /// read on from here.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Reports whether it has not expired at `now`.
    #[must_use]
    pub fn is_live(&self, now: u64) -> bool {
        self.note.is_live(now)
    }

    /// The same entry, borrowed.
    #[must_use]
    pub fn as_entry_ref(&self) -> EntryRef<'_> {
        EntryRef { key: &self.key, number: &self.number, note: self.note.as_note() }
    }
}

/// Decides whether the number of a stored entry, as written, still has the key that it is stored under.
/// Numbering facts and dial plans change, so a text may come to mean another number.
///
/// # Examples
/// ```
/// use callbar::Note;
/// use callbar_store::{EntryRef, IsReadable, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let now = 1_790_000_000;
/// // The text that is there has another meaning by now, so the new text replaces it.
/// let is_readable: IsReadable<'_> = &|entry| entry.number != "0505 004 78 24";
/// let entry = EntryRef { key: "+905050047824", number: "+905050047824", note: Note::default() };
/// group.put(list, &entry, now, is_readable)?;
/// let stored = group.reader()?.entry(list, "+905050047824")?.expect("it is there");
/// assert_eq!(stored.number, "+905050047824");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type IsReadable<'r> = &'r dyn Fn(&StoredEntry) -> bool;

/// A place in the order of a list's entries: by time of creation, then by arrival. Entries of one call of
/// [`Group::put_many`](crate::Group::put_many) arrive in the order of their keys.
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
/// let entry = store.read(|reader| reader.entry(list, "+905050047824"))?.expect("it is there");
/// assert_eq!((Some(entry.place().created), entry.place().seq), (entry.note.created, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the entry was created.
    pub created: u64,
    /// A number, from 1 on, that grows with every entry that the list gets.
    pub seq: u64,
}

/// A range of times of creation. The default has no bounds.
///
/// # Examples
/// ```
/// use callbar_store::{CreatedRange, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
/// let count = |range| store.read(|reader| reader.count(list, &range));
/// assert_eq!(count(CreatedRange::default())?, 1);
/// assert_eq!(count(CreatedRange { until: Some(1_000_000_000), ..CreatedRange::default() })?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreatedRange {
    /// The first second that is in the range.
    pub from: Option<u64>,
    /// The first second that is after the range.
    pub until: Option<u64>,
}

/// The direction in which an order is read. In requests, `asc` or `desc`.
///
/// # Examples
/// ```
/// use callbar_store::Direction;
///
/// assert_eq!(serde_json::from_str::<Direction>("\"desc\"")?, Direction::Descending);
/// assert_eq!(Direction::default(), Direction::Ascending);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Direction {
    /// The smallest first.
    #[default]
    #[serde(rename = "asc")]
    Ascending,
    /// The greatest first.
    #[serde(rename = "desc")]
    Descending,
}

/// The entries that [`Group::remove_expired`](crate::Group::remove_expired) removed.
///
/// # Examples
/// ```
/// use callbar::Note;
/// use callbar_store::{EntryRef, ExpiredEntries, Store};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let list = store.read(|reader| reader.require_list_by_name("my.example", "spam"))?.row;
/// let mut writer = store.writer()?;
/// let mut group = writer.begin()?;
/// let now = 1_790_000_000;
/// let note = Note { expires: Some(now), ..Note::default() };
/// let entry = EntryRef { key: "+905050047825", number: "0505 004 78 25", note };
/// group.put(list, &entry, now - 60, &|_| true)?;
/// let ExpiredEntries { entries, more } = group.remove_expired(now, 100)?;
/// assert_eq!((entries, more), (vec![(list, "+905050047825".to_owned())], false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpiredEntries {
    /// The list and the key of each. Entries of removed lists are left out.
    pub entries: Vec<(ListRow, String)>,
    /// Whether there may be more to remove.
    pub more: bool,
}

words! {
    /// The HTTP interface that a credential is for.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::CredentialKind;
    ///
    /// assert_eq!("native".parse(), Ok(CredentialKind::Native));
    /// assert_eq!(CredentialKind::Webitel.as_str(), "webitel");
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum CredentialKind {
        /// Webitel: a key that accompanies a token.
        Webitel = "webitel",
        /// iletimerkezi: a key with a hash.
        Iletimerkezi = "iletimerkezi",
        /// callbar's own: a bearer token.
        Native = "native",
    }
}

words! {
    /// What a credential permits.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Role;
    ///
    /// assert_eq!("editor".parse(), Ok(Role::Editor));
    /// assert!("root".parse::<Role>().is_err());
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Role {
        /// Everything, credentials included.
        Admin = "admin",
        /// Reading, and changing lists and entries.
        Editor = "editor",
        /// Reading.
        Reader = "reader",
    }
}

/// A credential to be created.
///
/// # Examples
/// ```
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
/// group.put_credential(&new, 1_790_000_000)?;
/// group.commit()?;
/// let stored = store.read(|reader| reader.credential(CredentialKind::Native, new.key))?;
/// assert_eq!(stored.map(|key| (key.role, key.revoked)), Some((Role::Editor, None)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct NewCredential<'a> {
    /// The interface that it is for.
    pub kind: CredentialKind,
    /// What names it in a request. It is unique among all credentials and is not secret.
    pub key: &'a str,
    /// The hash of its secret, as bytes that the store does not read.
    pub secret: &'a [u8],
    /// What the secret was hashed with.
    pub salt: &'a [u8],
    /// The only domain that it is valid for; `None` for all domains.
    pub domain: Option<DomainRow>,
    /// The name of the only list that it is valid for, which need not exist; `None` for all lists.
    pub list: Option<&'a str>,
    /// What it permits.
    pub role: Role,
    /// A text for people.
    pub label: &'a str,
}

/// A credential. Its reader must compare secrets in constant time.
///
/// # Examples
/// ```
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
/// group.put_credential(&new, 1_790_000_000)?;
/// group.commit()?;
/// let key = &store.read(|reader| reader.credentials())?[0];
/// assert_eq!((&*key.key, &*key.secret, key.created), ("0123456789abcdef", &b"a hash"[..], 1_790_000_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its row.
    pub row: CredentialRow,
    /// The interface that it is for.
    pub kind: CredentialKind,
    /// What names it in a request.
    pub key: String,
    /// The hash of its secret.
    pub secret: Vec<u8>,
    /// What the secret was hashed with.
    pub salt: Vec<u8>,
    /// The only domain that it is valid for; `None` for all domains.
    pub domain: Option<DomainRow>,
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

/// A line to be added to the audit log. Names stay as they are at the time, whatever their owners become.
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
/// let newest = &group.reader()?.audit(None, None, 1)?[0];
/// assert_eq!((&*newest.who, newest.detail.as_deref()), ("admin", Some("by hand")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEvent<'a> {
    /// When it happened.
    pub at: u64,
    /// Who did it.
    pub who: &'a str,
    /// What was done, such as `entry.put`.
    pub what: &'a str,
    /// The name of the domain, in lower case.
    pub domain: Option<&'a str>,
    /// The name of the list.
    pub list: Option<&'a str>,
    /// The number, key or other thing that was changed.
    pub subject: Option<&'a str>,
    /// Anything else.
    pub detail: Option<&'a str>,
}

/// A line of the audit log.
///
/// # Examples
/// ```
/// use callbar_store::Store;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let store = Store::open(data)?;
/// let newest = &store.read(|reader| reader.audit(None, None, 1))?[0];
/// assert_eq!((&*newest.who, &*newest.what), ("admin", "entry.put"));
/// assert_eq!((newest.domain.as_deref(), newest.list.as_deref()), (Some("my.example"), Some("vip")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its number. Later lines have greater ones.
    pub id: u64,
    /// When it happened.
    pub at: u64,
    /// Who did it.
    pub who: String,
    /// What was done, such as `entry.put`.
    pub what: String,
    /// The name of the domain.
    pub domain: Option<String>,
    /// The name of the list.
    pub list: Option<String>,
    /// The number, key or other thing that was changed.
    pub subject: Option<String>,
    /// Anything else.
    pub detail: Option<String>,
}
