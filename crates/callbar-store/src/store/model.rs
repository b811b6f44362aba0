//! What the store keeps of domains, lists and entries, as it is given and as it comes back.
//!
//! Times are seconds since 1970; those beyond 292 billion years are cut to that.

use callbar::{Action, EntryId, EntryKey, Note, Outcome, OwnedNote, Response};

/// Declares the number of a row, which a caller holds on to.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The row that [`Self::get`] gave this number for.
            #[must_use]
            pub fn new(number: i64) -> Self {
                Self(number)
            }

            /// Its number, to be written down.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }
    )*};
}

rows! {
    /// The row of a domain. No other domain gets it, not even one made later under the same name.
    DomainRow;
    /// The row of a list. No other list gets it, not even one made later under the same name.
    ListRow;
    /// The row of a credential. No other one gets it.
    CredentialRow;
}

/// What a domain is told to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainSettings<'a> {
    /// Its dial plan, in words that the store does not read.
    pub plan: &'a str,
    /// Whether its region's emergency numbers are never barred.
    pub emergency_exempt: bool,
    /// The names of what it subscribes to, in the order in which they count.
    pub subscriptions: &'a [&'a str],
    /// What people say about it.
    pub description: &'a str,
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDomain {
    /// Its row.
    pub row: DomainRow,
    /// Its name, in lower case.
    pub name: String,
    /// Its dial plan, as it was given.
    pub plan: String,
    /// Whether its region's emergency numbers are never barred.
    pub emergency_exempt: bool,
    /// The names of what it subscribes to, in the order in which they count.
    pub subscriptions: Vec<String>,
    /// What people say about it.
    pub description: String,
    /// When it was made.
    pub created: u64,
    /// Goes up with every commit that changes the domain, its lists or its entries. All domains
    /// draw on one sequence, so one made anew under a name has none of its predecessor's.
    pub revision: u64,
}

/// What a list is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSettings<'a> {
    /// What it says about a number on it.
    pub action: Action,
    /// What to answer a call that it bars.
    pub response: Option<Response>,
    /// What people say about it.
    pub description: &'a str,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredList {
    /// Its row.
    pub row: ListRow,
    /// The domain it belongs to.
    pub domain: DomainRow,
    /// Its name, unique in the domain; case counts.
    pub name: String,
    /// What it says about a number on it.
    pub action: Action,
    /// What to answer a call that it bars.
    pub response: Option<Response>,
    /// What people say about it.
    pub description: String,
    /// When it was made.
    pub created: u64,
    /// How many entries are on it, expired ones too until they are removed.
    pub entries: u64,
}

impl StoredList {
    /// Whether a list that goes with its last entry loses nothing: it denies, and was given no more
    /// than a name. Any other, made again by the next entry, would deny and answer as if nobody had
    /// ever said otherwise.
    #[must_use]
    pub fn comes_and_goes(&self) -> bool {
        self.action == Action::Deny && self.response.is_none() && self.description.is_empty()
    }
}

/// An entry, with what it borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRow<'a> {
    /// What makes it one and the same entry, unique in its list. The store does not read it.
    pub key: &'a str,
    /// The number or pattern as it was written.
    pub number: &'a str,
    /// Its note. What comes from the store always has an id and the time it was made. What is put on a
    /// list without an id keeps the one it has, or gets a new one whose first four bytes are the time it
    /// was made; so does an entry whose id another one of the list has. Without a time it keeps the one
    /// it has, or is made now.
    pub note: Note<'a>,
}

/// What putting an entry on a list came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    /// [`Outcome::Added`], [`Outcome::Replaced`] or [`Outcome::Unchanged`].
    pub outcome: Outcome,
    /// The id that it has now.
    pub id: EntryId,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// What makes it one and the same entry, unique in its list.
    pub key: String,
    /// The number or pattern as it was first written.
    pub number: String,
    /// Its note, which always has an id, unique in the list, and the time at which it was made.
    pub note: OwnedNote,
    pub(super) place: Place,
}

impl StoredEntry {
    /// Its id.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the store gives each entry an id")]
    pub fn id(&self) -> EntryId {
        self.note.id.expect("a stored entry has an id")
    }

    /// Its canonical form, as calls are looked up and as people see it.
    #[must_use]
    pub fn canonical(&self) -> String {
        EntryKey::from_stored(&self.key).map_or_else(|| self.key.clone(), |key| key.to_string())
    }

    /// Where it stands in the order of its list: a cursor.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether it exists at `now`.
    #[must_use]
    pub fn is_live(&self, now: u64) -> bool {
        self.note.is_live(now)
    }

    /// The same, borrowed.
    #[must_use]
    pub fn row(&self) -> EntryRow<'_> {
        EntryRow { key: &self.key, number: &self.number, note: self.note.as_note() }
    }
}

/// A place in the order of a list's entries: by the time they were made, then as they arrived.
/// Those of one call of [`Group::put_many`](super::Group::put_many) arrive in the order of their
/// keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the entry was made.
    pub created: u64,
    /// As the how-manieth of its list it arrived, from 1 on.
    pub seq: u64,
}

/// Which entries are meant, by the time they were made; all of them by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// This second or later.
    pub from: Option<u64>,
    /// Before this second.
    pub until: Option<u64>,
}

/// Which way an order is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// The entries that were removed for their time had come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// The list and the key of each, but for those of lists that are removed anyway.
    pub entries: Vec<(ListRow, String)>,
    /// Whether there may be more.
    pub more: bool,
}
