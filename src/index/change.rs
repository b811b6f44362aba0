//! Changes of a domain's lists, and their outcomes.

use super::list::{Action, Response, Settings};
use super::{key::EntryKey, note::Note};
use crate::number::words;

/// One change of a domain's lists, for [`Writer::change`](crate::Writer::change). Make it with the functions
/// below.
///
/// # Examples
/// ```
/// use callbar::{Action, Change, Engine, Note, Outcome, Response};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let complaint = Note { reason: Some("complaint 4711"), ..Note::default() };
/// let changes = [
///     Change::list("fraud", Action::Deny).with_response(Response::Rejected),
///     Change::add("spam", "0505 004 78 24").with_note(complaint),
///     Change::add("spam", "+90*").allow_broad(true),
///     Change::remove("spam", "0532 111 22 33"),
///     Change::drop_list("vip"),
/// ];
/// let outcomes = Engine::open(data)?.writer()?.change("my.example", &changes)?;
/// use Outcome::{Absent, Added, Removed, Replaced};
/// assert_eq!(outcomes, [Added, Replaced, Added, Absent, Removed]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Puts an entry on a list, or changes its note if it is there.
    Add {
        /// The list, which must exist.
        list: &'a str,
        /// The entry as an operator writes it: a number, a pattern or a class.
        entry: &'a [u8],
        /// Its metadata, which replaces what there was.
        note: Note<'a>,
        /// Whether one pattern may deny a whole calling code.
        allow_broad: bool,
    },
    /// As [`Change::Add`], with an entry that was parsed before, by the dial plan of the domain.
    AddKey {
        /// The list, which must exist.
        list: &'a str,
        /// The key of the entry.
        key: &'a EntryKey,
        /// Its metadata, which replaces what there was.
        note: Note<'a>,
        /// Whether one pattern may deny a whole calling code.
        allow_broad: bool,
    },
    /// Takes an entry off a list.
    Remove {
        /// The list, which must exist.
        list: &'a str,
        /// The entry in any of its written forms.
        entry: &'a [u8],
    },
    /// As [`Change::Remove`], with an entry that was parsed before, by the dial plan of the domain.
    RemoveKey {
        /// The list, which must exist.
        list: &'a str,
        /// The key of the entry.
        key: &'a EntryKey,
    },
    /// Makes a list, or changes the action and the response of an existing one.
    List {
        /// Its name.
        name: &'a str,
        /// What it does with calls.
        action: Action,
        /// The response to a call that it bars.
        response: Option<Response>,
        /// Whether an allow list may become a deny list though its patterns hold a whole calling code.
        allow_broad: bool,
    },
    /// Drops a list with all of its entries, at once at any size.
    DropList {
        /// Its name. The list must exist.
        name: &'a str,
    },
    /// Replaces the settings of the domain.
    Settings(Settings),
    /// Puts a number of the caller's choice on the domain, to identify its state after this change.
    Stamp(u64),
}

impl<'a> Change<'a> {
    /// Puts an entry on a list, without a note: [`Change::Add`]. The entry is written as an operator writes it,
    /// `0505 004 78 24` or `+90505*` or `anonymous`.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let writer = Engine::open(data)?.writer()?;
    /// let changes = [Change::add("spam", "0532*"), Change::add("spam", "tel:+90-505-004-78-24")];
    /// let outcomes = writer.change("my.example", &changes)?;
    /// assert_eq!(outcomes, [Outcome::Added, Outcome::Unchanged], "it has the second");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn add(list: &'a str, entry: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::Add { list, entry: entry.as_ref(), note: Note::default(), allow_broad: false }
    }

    /// As [`Change::add`], with an entry that was parsed before: [`Change::AddKey`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, DialPlan, Engine, EntryKey, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let writer = Engine::open(data)?.writer()?;
    /// let key = EntryKey::parse(b"0532 000 00 00", &DialPlan::new("TR")?)?;
    /// let outcomes = writer.change("my.example", &[Change::add_key("spam", &key)])?;
    /// assert_eq!(outcomes, [Outcome::Added]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn add_key(list: &'a str, key: &'a EntryKey) -> Self {
        Self::AddKey { list, key, note: Note::default(), allow_broad: false }
    }

    /// Takes an entry off a list: [`Change::Remove`]. The entry may be written in another way than it was
    /// added in.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let writer = Engine::open(data)?.writer()?;
    /// let removed = writer.change("my.example", &[Change::remove("spam", "tel:+90-505-004-78-24")])?;
    /// assert_eq!(removed, [Outcome::Removed]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove(list: &'a str, entry: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::Remove { list, entry: entry.as_ref() }
    }

    /// As [`Change::remove`], with an entry that was parsed before: [`Change::RemoveKey`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, EntryKey, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let writer = Engine::open(data)?.writer()?;
    /// let key = EntryKey::from_stored("+905050047824").ok_or("no key")?;
    /// let outcomes = writer.change("my.example", &[Change::remove_key("spam", &key)])?;
    /// assert_eq!(outcomes, [Outcome::Removed]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn remove_key(list: &'a str, key: &'a EntryKey) -> Self {
        Self::RemoveKey { list, key }
    }

    /// Makes a list, or changes the action and the response of an existing one: [`Change::List`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let outcomes = engine.writer()?.change("my.example", &[Change::list("spam", Action::Allow)])?;
    /// assert_eq!(outcomes, [Outcome::Replaced]);
    /// assert_eq!(engine.reader().check("my.example", "0505 004 78 24")?.as_str(), "allow");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn list(name: &'a str, action: Action) -> Self {
        Self::List { name, action, response: None, allow_broad: false }
    }

    /// Drops a list with all of its entries: [`Change::DropList`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, NotFound};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// engine.writer()?.change("my.example", &[Change::drop_list("spam")])?;
    /// let mut reader = engine.reader();
    /// assert_eq!(reader.check_list("my.example", "spam", "0505 004 78 24"), Err(NotFound::List));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn drop_list(name: &'a str) -> Self {
        Self::DropList { name }
    }

    /// The same addition with this note, which replaces the one that the entry has. Other changes have no note
    /// and stay as they are.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Note};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let note = Note { reason: Some("complaint 4711"), ..Note::default() };
    /// engine.writer()?.change("my.example", &[Change::add("spam", "0532 000 00 00").with_note(note)])?;
    /// let snapshot = engine.snapshot();
    /// let verdict = snapshot.domain("my.example")?.check("0532 000 00 00");
    /// assert_eq!(verdict.decided_by().and_then(|by| by.note), Some(note));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_note(mut self, new: Note<'a>) -> Self {
        if let Self::Add { note, .. } | Self::AddKey { note, .. } = &mut self {
            *note = new;
        }
        self
    }

    /// The same change of a list, with the response to a call that it bars. `None` leaves the choice to
    /// [`Match::response`](crate::Match::response). Other changes have no response and stay as they are.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Change, Engine, Response};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let rejected = Change::list("spam", Action::Deny).with_response(Response::Rejected);
    /// engine.writer()?.change("my.example", &[rejected])?;
    /// let response = engine.reader().check("my.example", "0505 004 78 24")?.response();
    /// assert_eq!(response.map(|response| response.code()), Some(608));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_response(mut self, new: impl Into<Option<Response>>) -> Self {
        if let Self::List { response, .. } = &mut self {
            *response = new.into();
        }
        self
    }

    /// The same change, with or without consent to patterns that bar a whole calling code. Without it such a
    /// change is refused. Other changes need no consent and stay as they are.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let writer = Engine::open(data)?.writer()?;
    /// let turkey = Change::add("spam", "+90*");
    /// assert!(writer.change("my.example", &[turkey.clone()]).is_err());
    /// assert_eq!(writer.change("my.example", &[turkey.allow_broad(true)])?, [Outcome::Added]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn allow_broad(mut self, yes: bool) -> Self {
        if let Self::Add { allow_broad, .. }
        | Self::AddKey { allow_broad, .. }
        | Self::List { allow_broad, .. } = &mut self
        {
            *allow_broad = yes;
        }
        self
    }
}

words! {
    /// The outcome of a change.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let add = Change::add("spam", "0532 000 00 00");
    /// let outcomes = engine.writer()?.change("my.example", &[add.clone(), add])?;
    /// assert_eq!(outcomes, [Outcome::Added, Outcome::Unchanged]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Outcome {
        /// The entry, or the list, is new.
        Added = "added",
        /// It was there, and was changed.
        Replaced = "replaced",
        /// It was there already, as it is now.
        Unchanged = "unchanged",
        /// It was there, and was removed.
        Removed = "removed",
        /// It was not there.
        Absent = "absent",
    }
}
