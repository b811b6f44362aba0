//! What can go wrong with the store and its manager. What the engine reports stays its own error.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use callbar::{INDEX_FOLDER, reasons};

/// Shorthand for results of this crate.
///
/// # Examples
/// ```
/// use callbar_store::{Result, Store};
///
/// /// The names of all domains.
/// fn names(store: &Store) -> Result<Vec<String>> {
///     Ok(store.read(|reader| reader.domains())?.into_iter().map(|domain| domain.name).collect())
/// }
///
/// # let directory = tempfile::tempdir()?;
/// assert!(names(&Store::open(directory.path())?)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with the store and its manager. `Display` is the fact, [`remedy`](Self::remedy) what to
/// do about it.
///
/// # Examples
/// ```
/// use callbar_store::{Error, Store};
///
/// # let directory = tempfile::tempdir()?;
/// # let data = directory.path();
/// std::fs::write(data.join("store.sqlite"), "a letter")?;
/// let error = Store::open(data).unwrap_err();
/// assert!(matches!(error, Error::NotAStore { .. }));
/// assert_eq!(error.remedy(), "check the path, or move the file away");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the engine; also an entry, a name or a dial plan that it refuses.
    #[error(transparent)]
    Engine(#[from] callbar::Error),
    /// The store cannot be read or written; see [`StoreFailure`]. If that was a write, its
    /// writer refuses all others until the store is opened again.
    #[error("{path}: {failure} ({source})")]
    Store {
        /// The file of the store.
        path: PathBuf,
        /// What is wrong.
        failure: StoreFailure,
        /// The error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full: nothing of the change was made. Make room, then try again.
    #[error("{path}: the disk is full, and nothing was changed")]
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },
    /// The file is no store of callbar: check the path, or move the file away.
    #[error("{path}: no store of callbar")]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The store was written by a newer release; use that release, or a backup made before it.
    #[error("{path}: store version {found}, this release knows versions up to {supported}")]
    NewerStore {
        /// The file of the store.
        path: PathBuf,
        /// The version of the schema found in it.
        found: u32,
        /// The latest version that this release knows.
        supported: u32,
    },
    /// A text for people, or a name, cannot be stored; the reason says what to change.
    #[error("{what} {text:?} {reason}")]
    InvalidText {
        /// `domain`, `description` or `label`.
        what: &'static str,
        /// The text, or the beginning of a long one.
        text: String,
        /// What is wrong with it.
        reason: TextError,
    },
    /// The entry is not a whole telephone number, and the change takes nothing else.
    #[error("entry {number:?}: is not a whole telephone number")]
    NotWhole {
        /// The number as written.
        number: String,
    },
    /// The dial plan of a domain in the store cannot be read: put back a backup.
    #[error("the dial plan of a domain in the store is damaged")]
    DamagedPlan,
    /// What was looked up before has been removed meanwhile: look it up again by its name.
    #[error("the {what} has been removed meanwhile")]
    Gone {
        /// `domain`, `list` or, over HTTP, `key`.
        what: &'static str,
    },
    /// The dial plan or the action of the list changed during the import: import again.
    #[error("the {what} has changed meanwhile, and nothing was done")]
    Changed {
        /// `dial plan or action of the list`.
        what: &'static str,
    },
    /// The directory holds domains that `callbar compile` published: a store takes over an empty
    /// directory, into which lists are imported.
    #[error("{path}: callbar compile published domain {domain:?} here, without a store")]
    NotManaged {
        /// The directory.
        path: PathBuf,
        /// One of the domains.
        domain: String,
    },
    /// The directory holds indexes that were made from a store, and no store: bring it back from a
    /// backup, or remove the folder of the indexes too.
    #[error("{path}: there are indexes of a store, but no store.sqlite, or an empty one")]
    StoreMissing {
        /// The directory.
        path: PathBuf,
    },
    /// The change is durable, but its domain's index could not be made yet, so that checks do not
    /// obey it. It is tried again; the health shows when it has succeeded.
    #[error("stored, but not in force yet: {reason}")]
    NotInForce {
        /// Why the index could not be made.
        reason: String,
    },
    /// No more changes are taken: the manager was shut down.
    #[error("the manager was shut down and takes no more changes")]
    Closed,
    /// A key of one domain cannot add subscriptions. Leave the name out, or let an administrator of all
    /// domains add it.
    #[error("a key of one domain cannot subscribe to {name:?}")]
    NotSubscribable {
        /// The domain that is not among the subscriptions.
        name: String,
    },
    /// The name is taken: choose another name.
    #[error("there is a {what} {name:?} already")]
    Taken {
        /// `credential`.
        what: &'static str,
        /// The name as given.
        name: String,
    },
}

reasons! {
    /// Why the store cannot be read or written. `Display` is the fact, [`remedy`](Self::remedy) what to do.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::StoreFailure;
    ///
    /// let failure = StoreFailure::Damaged;
    /// assert_eq!(failure.to_string(), "the store is damaged");
    /// assert_eq!((failure.code(), failure.remedy()), ("store_damaged", "put back a backup"));
    /// ```
    StoreFailure {
        /// Another process has been writing to it for five seconds.
        Busy: "store_busy", "another process is writing to the store",
            "end that process, or try again later";
        /// The permissions of its directory or its files forbid it.
        Permissions: "store_permissions", "the store cannot be opened for this",
            "see to the permissions of its directory and files";
        /// The disk failed.
        Disk: "store_disk", "the disk failed", "see to the disk, then open the store again";
        /// The file contradicts itself.
        Damaged: "store_damaged", "the store is damaged", "put back a backup";
        /// A file of it was removed or replaced while it was in use.
        Replaced: "store_replaced", "a file of the store was removed or replaced while in use",
            "stop whoever uses it, and put the files back";
        /// The database refused for another reason, which it gives.
        Refused: "store_refused", "the database refused",
            "open the store again; report it if it stays";
    }
}

reasons! {
    /// Why a text for people, or a name, cannot be stored. `Display` is the fact, [`remedy`](Self::remedy) what
    /// to do.
    TextError {
        /// Of a domain: not ASCII in lower case.
        DomainCase: "domain_case", "is not ASCII in lower case", "write it in lower-case ASCII";
        /// Of a description or a label: longer than [`callbar::TEXT_MAX`].
        TooLong: "text_length", "has more than 1,024 bytes", "shorten it";
    }
}

impl Error {
    /// What to do about it; empty where only the operating system's own error can say.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Engine(error) => return error.remedy(),
            Self::Store { failure, .. } => failure.remedy(),
            Self::DiskFull { .. } => "make room on the disk, then try again",
            Self::NotAStore { .. } => "check the path, or move the file away",
            Self::NewerStore { .. } => {
                "use the release that wrote it, or a backup made before the upgrade"
            }
            Self::InvalidText { reason, .. } => reason.remedy(),
            Self::NotWhole { .. } => "write the whole number",
            Self::DamagedPlan => "put back a backup",
            Self::Gone { .. } => "look it up again by its name",
            Self::Changed { .. } => "do it again",
            Self::NotManaged { .. } => "take an empty directory and import the lists into it",
            Self::StoreMissing { .. } => {
                return Cow::Owned(format!(
                    "bring the store back from a backup, or remove it and the folder {INDEX_FOLDER}"
                ));
            }
            Self::NotInForce { .. } => {
                "nothing: it is tried again, and callbar health reports when it has succeeded"
            }
            Self::Closed => "try again in a moment; callbar health reports more",
            Self::NotSubscribable { .. } => {
                "leave it out, or use a key that may look after all domains"
            }
            Self::Taken { .. } => "choose another name",
        })
    }

    /// Fact and remedy, `fact: remedy`, for a line of a log.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Error;
    ///
    /// let line = Error::Gone { what: "list" }.to_line();
    /// assert_eq!(line, "the list has been removed meanwhile: look it up again by its name");
    /// ```
    #[must_use]
    pub fn to_line(&self) -> String {
        match self.remedy() {
            remedy if remedy.is_empty() => self.to_string(),
            remedy => format!("{self}: {remedy}"),
        }
    }

    /// Names the action and the path of an I/O error: `.map_err(Error::io("open", path))`.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Error;
    ///
    /// let error = std::fs::read("/no/such/list").map_err(Error::io("read", "/no/such/list")).unwrap_err();
    /// assert!(error.to_string().contains("/no/such/list"));
    /// ```
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Engine(callbar::Error::io(action, path)(source))
    }
}
