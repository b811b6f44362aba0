//! What callers ask of a manager, and the results.

use crate::store::{CredentialKind, Role, StoredEntry};
use callbar::{Action, EntryId, EntryKey, Outcome, OwnedNote, PlanSpec, Response};

/// A change of a data directory, for [`Manager::apply`](crate::Manager::apply).
///
/// The functions make the usual operations. Write a variant out to set everything.
///
/// Names of domains count in any case and have at most 253 bytes. Names of lists count with their case and
/// have at most [`callbar::LIST_NAME_MAX`] bytes. Numbers, descriptions and labels have at most
/// [`callbar::TEXT_MAX`] bytes.
///
/// # Examples
/// ```
/// use callbar::Action;
/// use callbar::PlanSpec;
/// use callbar_store::{NewEntry, Operation};
///
/// let operations = [
///     Operation::put_domain("my.example", PlanSpec::new("TR")),
///     Operation::put_list("my.example", "vip", Action::Allow),
///     Operation::add("my.example", "vip", "0505 004 78 24"),
///     // A list that does not exist is created, and denies.
///     Operation::add_creating_list("my.example", "spam", NewEntry::new("+90850*")),
///     Operation::remove("my.example", "vip", "+905050047824"),
/// ];
/// assert_eq!(operations.len(), 5);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Creates a domain, or replaces all of its settings. A new dial plan reads all entries again.
    PutDomain {
        /// Its name.
        name: String,
        /// How its entries and its calls are read.
        plan: PlanSpec,
        /// Whether the emergency numbers of its region are never barred.
        emergency_exempt: bool,
        /// The names of other domains, whose lists count where its own do not decide, the first asked
        /// first.
        subscriptions: Vec<String>,
        /// Whether the caller may add subscriptions. Without it, a new one is refused.
        may_subscribe: bool,
        /// A text for people.
        description: String,
    },
    /// Removes a domain with its lists, entries and keys.
    RemoveDomain {
        /// Its name.
        name: String,
    },
    /// Creates a list, or replaces all of its settings.
    PutList {
        /// The domain, which must exist.
        domain: String,
        /// The name of the list.
        name: String,
        /// Whether it denies or allows the numbers that are on it.
        action: Action,
        /// The SIP response to a call that it bars.
        response: Option<Response>,
        /// A text for people.
        description: String,
        /// Whether a list that allowed may begin to deny though it has a pattern that spans a whole
        /// calling code.
        allow_broad: bool,
    },
    /// Removes a list with its entries.
    RemoveList {
        /// The domain, which must exist.
        domain: String,
        /// The name of the list.
        name: String,
    },
    /// Puts an entry on a list, or replaces its note.
    Add {
        /// The domain, which must exist.
        domain: String,
        /// The name of the list.
        list: String,
        /// The entry.
        entry: NewEntry,
        /// Whether a list that does not exist is created, and denies. Otherwise it is an error.
        make_list: bool,
    },
    /// Removes an entry from a list.
    Remove {
        /// The domain, which must exist.
        domain: String,
        /// The name of the list. If it does not exist, nothing is removed.
        list: String,
        /// The number, pattern or class, in any written form.
        number: String,
        /// Whether the list is removed with its last entry, if it denies and has no response and no
        /// description.
        drop_empty: bool,
    },
    /// Removes an entry from its list by its id.
    RemoveId {
        /// The domain, which must exist.
        domain: String,
        /// The id.
        id: EntryId,
        /// As in [`Operation::Remove`].
        drop_empty: bool,
    },
    /// Creates a key of an HTTP interface.
    PutKey {
        /// The interface.
        kind: CredentialKind,
        /// What names the key in a request. It is not secret.
        key: String,
        /// The hash of the secret, or the secret itself if the interface needs it.
        secret: Vec<u8>,
        /// What the secret was hashed with.
        salt: Vec<u8>,
        /// The only domain that it is valid for; `None` for all domains.
        domain: Option<String>,
        /// The only list that it is valid for; `None` for all lists.
        list: Option<String>,
        /// What it permits.
        role: Role,
        /// A text for people.
        label: String,
    },
    /// Revokes a key of an HTTP interface.
    RevokeKey {
        /// The interface.
        kind: CredentialKind,
        /// What names the key in a request.
        key: String,
    },
}

impl Operation {
    /// Creates a domain whose emergency numbers are never barred, without subscriptions; or gives an
    /// existing one these settings.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar::PlanSpec;
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let put = Operation::put_domain("other.example", PlanSpec::new("DE"));
    /// assert_eq!(manager.apply("admin", vec![put])?[0].outcome(), Outcome::Added);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn put_domain(name: impl Into<String>, plan: PlanSpec) -> Self {
        Self::PutDomain {
            name: name.into(),
            plan,
            emergency_exempt: true,
            subscriptions: Vec::new(),
            may_subscribe: true,
            description: String::new(),
        }
    }

    /// Removes a domain with its lists, entries and keys.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// manager.apply("admin", vec![Operation::remove_domain("my.example")])?;
    /// assert!(manager.engine().reader().check("my.example", "0505 004 78 24").is_err(), "no such domain");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove_domain(name: impl Into<String>) -> Self {
        Self::RemoveDomain { name: name.into() }
    }

    /// Creates a list without a response and a description, or gives an existing one these settings.
    ///
    /// # Examples
    /// ```
    /// use callbar::Action;
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// // The list of spam lets its numbers through from now on.
    /// manager.apply("admin", vec![Operation::put_list("my.example", "spam", Action::Allow)])?;
    /// assert!(!manager.engine().reader().check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn put_list(domain: impl Into<String>, name: impl Into<String>, action: Action) -> Self {
        Self::PutList {
            domain: domain.into(),
            name: name.into(),
            action,
            response: None,
            description: String::new(),
            allow_broad: false,
        }
    }

    /// Removes a list with its entries.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Applied, Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let applied = manager.apply("admin", vec![Operation::remove_list("my.example", "spam")])?;
    /// assert!(matches!(applied[0], Applied::List { entries: 1, .. }), "it had one entry");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove_list(domain: impl Into<String>, name: impl Into<String>) -> Self {
        Self::RemoveList { domain: domain.into(), name: name.into() }
    }

    /// Puts an entry on a list that exists. A text is an entry without a note.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions, NewEntry, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let entry = NewEntry::new("0505 004 78 25");
    /// manager.apply("admin", vec![
    ///     Operation::add("my.example", "spam", entry),
    ///     Operation::add("my.example", "spam", "+90850*"),
    /// ])?;
    /// assert!(manager.engine().reader().check("my.example", "0850 304 00 00")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn add(
        domain: impl Into<String>,
        list: impl Into<String>,
        entry: impl Into<NewEntry>,
    ) -> Self {
        let (domain, list, entry) = (domain.into(), list.into(), entry.into());
        Self::Add { domain, list, entry, make_list: false }
    }

    /// Puts an entry on a list. A list that does not exist is created, and denies.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let add = Operation::add_creating_list("my.example", "complaints", "0505 004 78 25");
    /// manager.apply("admin", vec![add])?;
    /// let list = manager.store().read(|reader| reader.require_list_by_name("my.example", "complaints"))?;
    /// assert!(list.has_default_settings());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn add_creating_list(
        domain: impl Into<String>,
        list: impl Into<String>,
        entry: impl Into<NewEntry>,
    ) -> Self {
        let (domain, list, entry) = (domain.into(), list.into(), entry.into());
        Self::Add { domain, list, entry, make_list: true }
    }

    /// Removes an entry from a list, whatever form its number is written in. The list stays.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let remove = || Operation::remove("my.example", "spam", "+90 505 004 78 24");
    /// assert_eq!(manager.apply("admin", vec![remove()])?[0].outcome(), Outcome::Removed);
    /// assert_eq!(manager.apply("admin", vec![remove()])?[0].outcome(), Outcome::Absent);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove(
        domain: impl Into<String>,
        list: impl Into<String>,
        number: impl Into<String>,
    ) -> Self {
        let (domain, list, number) = (domain.into(), list.into(), number.into());
        Self::Remove { domain, list, number, drop_empty: false }
    }

    /// Removes an entry from its list by its id. The list stays.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let entry = manager.entry("my.example", "spam", "0505 004 78 24")?.expect("it is there");
    /// let remove = Operation::remove_id("my.example", entry.id());
    /// assert_eq!(manager.apply("admin", vec![remove])?[0].outcome(), Outcome::Removed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove_id(domain: impl Into<String>, id: EntryId) -> Self {
        Self::RemoveId { domain: domain.into(), id, drop_empty: false }
    }

    /// Revokes a key of an HTTP interface.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::{CredentialKind, Manager, ManagerOptions, Operation};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let revoke = Operation::revoke_key(CredentialKind::Native, "0123456789abcdef");
    /// assert_eq!(manager.apply("admin", vec![revoke])?[0].outcome(), Outcome::Absent, "no such key");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn revoke_key(kind: CredentialKind, key: impl Into<String>) -> Self {
        Self::RevokeKey { kind, key: key.into() }
    }
}

/// An entry to be put on a list.
///
/// # Examples
/// ```
/// use callbar_store::{Manager, ManagerOptions, NewEntry, Operation};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// // A request that must name one whole number.
/// let entry = NewEntry { number_only: true, ..NewEntry::new("0505*") };
/// assert!(manager.apply("admin", vec![Operation::add("my.example", "spam", entry)]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// The number, pattern or class, in any written form.
    pub number: String,
    /// Its note. Without an id or a time of creation, an entry that is there keeps its own, and a new one
    /// gets new ones.
    pub note: OwnedNote,
    /// Whether a pattern on a list that denies may span a whole calling code.
    pub allow_broad: bool,
    /// Whether an entry that is there stays as it is, with its whole note.
    pub keep: bool,
    /// Whether it must be a whole telephone number: no pattern, no short code and no user.
    pub number_only: bool,
}

impl NewEntry {
    /// An entry without a note.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::NewEntry;
    ///
    /// let entry = NewEntry::new("0505 004 78 24");
    /// assert_eq!(entry, "0505 004 78 24".into());
    /// ```
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: number.into(), ..Self::default() }
    }

    /// The same entry with a note, for example a [`callbar::Note`] with a reason and a time of expiry.
    ///
    /// # Examples
    /// ```
    /// use callbar::Note;
    /// use callbar_store::NewEntry;
    ///
    /// let note = Note { expires: Some(1_798_761_600), ..Note::default() }.with_reason("complaint 4711");
    /// let entry = NewEntry::new("0505 004 78 24").with_note(note);
    /// assert_eq!(entry.note.reason.as_deref(), Some("complaint 4711"));
    /// ```
    #[must_use]
    pub fn with_note(self, note: impl Into<OwnedNote>) -> Self {
        Self { note: note.into(), ..self }
    }
}

impl From<&str> for NewEntry {
    fn from(number: &str) -> Self {
        Self::new(number)
    }
}

impl From<String> for NewEntry {
    fn from(number: String) -> Self {
        Self::new(number)
    }
}

/// The result of an operation.
///
/// # Examples
/// ```
/// use callbar_store::{Applied, Manager, ManagerOptions, Operation};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let add = Operation::add("my.example", "spam", "112");
/// let applied = manager.apply("admin", vec![add])?;
/// let Applied::Entry { key: Some(key), warnings, .. } = &applied[0] else { unreachable!() };
/// assert_eq!(key.to_string(), "112");
/// assert!(warnings[0].starts_with("112 is an emergency number of the region, never barred"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Of a domain.
    Domain(Outcome),
    /// Of a list.
    List {
        /// What happened to it.
        outcome: Outcome,
        /// How many entries it has, with expired ones that are still stored. Of a removed list, how many
        /// were removed with it, without expired ones.
        entries: u64,
    },
    /// Of an entry.
    Entry {
        /// What happened to it.
        outcome: Outcome,
        /// Its key; `None` if the domain has no entry of the given id.
        key: Option<EntryKey>,
        /// The entry as it is stored now, or as it was before its removal; `None` if it was not there.
        entry: Option<StoredEntry>,
        /// Whether the list was removed with it.
        list_gone: bool,
        /// Why it may not do what its writer expects, as sentences for people.
        warnings: Vec<String>,
    },
    /// Of a key.
    Key(Outcome),
}

impl Applied {
    /// What happened to the domain, list, entry or key.
    ///
    /// # Examples
    /// ```
    /// use callbar::Outcome;
    /// use callbar_store::Applied;
    ///
    /// assert_eq!(Applied::List { outcome: Outcome::Removed, entries: 3 }.outcome(), Outcome::Removed);
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let (Self::Domain(outcome)
        | Self::List { outcome, .. }
        | Self::Entry { outcome, .. }
        | Self::Key(outcome)) = self;
        *outcome
    }
}
