//! What can go wrong with the store and its manager. What the engine reports stays its own error.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with the store and its manager.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// An error of the engine; also an entry, a name or a dial plan that it refuses.
    Engine(callbar::Error),
    /// The store cannot be read or written; the reason says what to do. If that was a write, its
    /// writer refuses all others until the store is opened again.
    Store {
        /// The file of the store.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: &'static str,
        /// The error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full: nothing of the change was made. Make room, then try again.
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },
    /// The file is no store of callbar: check the path, or move the file away.
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The store was written by a newer release; use that release, or a backup made before it.
    NewerStore {
        /// The file of the store.
        path: PathBuf,
        /// The version of the schema found in it.
        found: u32,
        /// The latest version that this release knows.
        supported: u32,
    },
    /// What was looked up before has been removed meanwhile: look it up again by its name.
    Gone {
        /// `domain`, `list` or, over HTTP, `key`.
        what: &'static str,
    },
    /// What something was read by has changed meanwhile: do it again.
    Changed {
        /// `dial plan or action of the list`.
        what: &'static str,
    },
    /// The directory holds domains that `callbar compile` published: a store takes over an empty
    /// directory, into which lists are imported.
    NotManaged {
        /// The directory.
        path: PathBuf,
        /// One of the domains.
        domain: String,
    },
    /// The directory holds indexes that were made from a store, and no store: bring it back from a
    /// backup, or remove the folder of the indexes too.
    StoreMissing {
        /// The directory.
        path: PathBuf,
    },
    /// The change is durable, but its domain's index could not be made yet, so that checks do not
    /// obey it. It is tried again; the health tells when it has succeeded.
    NotInForce {
        /// What came in the way.
        reason: String,
    },
    /// No more changes are taken: the manager was shut down.
    Closed,
    /// Whoever changes the domain may add nothing to what it subscribes to: leave the name out, or have
    /// it added by who looks after all domains.
    NotSubscribable {
        /// The domain that is not among the subscriptions.
        name: String,
    },
    /// Another one has this name already: choose another name.
    Taken {
        /// `credential`.
        what: &'static str,
        /// The name as given.
        name: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Store { path, reason, source } => {
                write!(f, "{}: {reason} ({source})", path.display())
            }
            Self::DiskFull { path } => write!(
                f,
                "{}: the disk is full, and nothing was changed: make room, then try again",
                path.display()
            ),
            Self::NotAStore { path } => write!(
                f,
                "{}: no store of callbar: check the path, or move the file away",
                path.display()
            ),
            Self::NewerStore { path, found, supported } => write!(
                f,
                "{}: store version {found}, this release knows versions up to {supported}: use the \
                 release that wrote it, or a backup made before",
                path.display()
            ),
            Self::Gone { what } => {
                write!(f, "the {what} has been removed meanwhile: look it up again by its name")
            }
            Self::Changed { what } => {
                write!(f, "the {what} has changed meanwhile, and nothing was made: do it again")
            }
            Self::NotManaged { path, domain } => write!(
                f,
                "{}: callbar compile published domain {domain:?} here, without a store: take an empty \
                 directory and import the lists into it",
                path.display()
            ),
            Self::StoreMissing { path } => write!(
                f,
                "{}: there are indexes of a store, but no store.sqlite, or an empty one: bring it back \
                 from a backup, or remove it and the folder indexes",
                path.display()
            ),
            Self::NotInForce { reason } => {
                write!(f, "stored, but not in force yet, and tried again: {reason}")
            }
            Self::Closed => write!(f, "no more changes are taken: the manager was shut down"),
            Self::NotSubscribable { name } => {
                write!(f, "a key of one domain cannot subscribe to {name:?}: leave it out")
            }
            Self::Taken { what, name } => {
                write!(f, "there is a {what} {name:?} already: choose another name")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // It is shown as this error, so its cause is this error's.
            Self::Engine(error) => error.source(),
            Self::Store { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<callbar::Error> for Error {
    fn from(error: callbar::Error) -> Self {
        Self::Engine(error)
    }
}

impl Error {
    /// Names the action and the path of an I/O error: `.map_err(Error::io("open", path))`.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Engine(callbar::Error::io(action, path)(source))
    }
}
