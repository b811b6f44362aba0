//! What can be asked of a manager, and what it comes to.

use crate::store::{CredentialKind, Role};
use callbar::{Action, EntryId, Note, Outcome, Response};

use super::plan::PlanSpec;

/// One change of what a directory holds. Names of domains go in any case, those of lists count it;
/// they have 253 and 255 bytes at most; numbers, descriptions and labels have 1,024.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a domain, or changes all that is set for it. Entries are read again by a new dial plan.
    PutDomain {
        /// Its name.
        name: String,
        /// How its entries and its calls are read.
        plan: PlanSpec,
        /// Whether the emergency numbers of the region are never barred.
        emergency_exempt: bool,
        /// Other domains whose lists count where its own say nothing.
        subscriptions: Vec<String>,
        /// Whether it may subscribe to domains that it does not subscribe to already.
        may_subscribe: bool,
        /// For people.
        description: String,
    },
    /// Removes a domain with its lists, entries and keys.
    RemoveDomain {
        /// Its name.
        name: String,
    },
    /// Makes a list, or changes all that is set for it.
    PutList {
        /// The domain, which must exist.
        domain: String,
        /// Its name.
        name: String,
        /// What it says.
        action: Action,
        /// What to answer a call that it bars.
        response: Option<Response>,
        /// For people.
        description: String,
        /// Whether patterns on it may deny a whole calling code if it begins to deny.
        allow_broad: bool,
    },
    /// Removes a list with its entries.
    RemoveList {
        /// The domain, which must exist.
        domain: String,
        /// Its name.
        name: String,
    },
    /// Puts an entry on a list, or changes its metadata if it is there.
    Add {
        /// The domain, which must exist.
        domain: String,
        /// The list.
        list: String,
        /// The entry.
        entry: NewNote,
        /// Whether a list that does not exist is made, and denies; else it is an error.
        make_list: bool,
    },
    /// Takes an entry off a list, in whatever form it is written.
    Remove {
        /// The domain, which must exist.
        domain: String,
        /// The list. If it does not exist, nothing is on it.
        list: String,
        /// The entry.
        number: String,
        /// Whether the list goes with its last entry, unless it was given more than a name.
        drop_empty: bool,
    },
    /// Takes an entry off its list by its id.
    RemoveId {
        /// The domain, which must exist.
        domain: String,
        /// The id.
        id: EntryId,
        /// Whether the list goes with its last entry, unless it was given more than a name.
        drop_empty: bool,
    },
    /// Makes a key of an API.
    PutKey {
        /// The API.
        kind: CredentialKind,
        /// What names it in a request.
        key: String,
        /// What its secret is compared with: a hash, if the secret itself is not needed.
        secret: Vec<u8>,
        /// What was hashed with it.
        salt: Vec<u8>,
        /// The only domain that it is good for.
        domain: Option<String>,
        /// The only list of that domain.
        list: Option<String>,
        /// What it may do.
        role: Role,
        /// For people.
        label: String,
    },
    /// Ends a key.
    RevokeKey {
        /// The API.
        kind: CredentialKind,
        /// What names it.
        key: String,
    },
}

/// An entry to be put on a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewNote {
    /// The number, pattern or class, in any written form.
    pub number: String,
    /// Its id; if none, that of the entry that is there, or a new one.
    pub id: Option<EntryId>,
    /// When it was made, in seconds since 1970; if none, as with the id, or now.
    pub created: Option<u64>,
    /// The second, since 1970, from which on it does not exist.
    pub expires: Option<u64>,
    /// Why it is on the list; 1,024 bytes at most.
    pub reason: Option<String>,
    /// Where it came from; 1,024 bytes at most.
    pub source: Option<String>,
    /// Whether one pattern may deny a whole calling code.
    pub allow_broad: bool,
    /// Whether an entry that is there stays as it is, with all that is noted of it. An import goes by
    /// what is noted here instead: of an entry that is there, nothing changes nothing.
    pub keep: bool,
    /// Whether it must be a whole telephone number: no pattern, no short code and no user. An import
    /// takes all.
    pub number_only: bool,
}

impl NewNote {
    /// Its metadata.
    pub(super) fn note(&self) -> Note<'_> {
        Note {
            id: self.id,
            created: self.created,
            expires: self.expires,
            reason: self.reason.as_deref(),
            source: self.source.as_deref(),
        }
    }

    /// Its bytes in memory.
    pub(super) fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.number.len() + text(&self.reason) + text(&self.source)
    }
}

/// What an operation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Of a domain.
    Domain(Outcome),
    /// Of a list.
    List {
        /// What became of it.
        outcome: Outcome,
        /// The entries on it, expired ones too until they are removed; of a removed list those that
        /// went with it, without any that had expired.
        entries: u64,
    },
    /// Of an entry.
    Entry {
        /// What became of it.
        outcome: Outcome,
        /// What it is filed under.
        key: String,
        /// Its id; none if it was not there.
        id: Option<EntryId>,
        /// Whether the list went with it.
        list_gone: bool,
        /// Why it may not do what its writer expects, for people.
        warnings: Vec<String>,
    },
    /// Of a key.
    Key(Outcome),
}

impl Applied {
    /// What became of what it names.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let (Self::Domain(outcome)
        | Self::List { outcome, .. }
        | Self::Entry { outcome, .. }
        | Self::Key(outcome)) = self;
        *outcome
    }
}
