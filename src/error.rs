//! The one error of the crate. Variants carry facts; their docs say the remedy.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong outside a check. A check itself never fails.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No numbering facts exist for this region. Give an ISO 3166-1 alpha-2 code such as `TR`.
    UnknownRegion {
        /// The region as given.
        region: String,
    },
    /// A prefix of a dial plan cannot be used; the reason says what to change.
    InvalidPrefix {
        /// The prefix as given.
        prefix: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A domain's or a list's name cannot be used; the reason says what to change.
    InvalidName {
        /// `domain`, `list` or `index file`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More lists or entries than an index can number; split the domain.
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The most that fits.
        limit: u64,
    },
    /// The bytes are not a callbar index at all; check the path.
    NotAnIndex,
    /// The index was written by another release; compile the lists again.
    UnsupportedVersion {
        /// The version found in the header.
        found: u32,
        /// The version that this release reads and writes.
        supported: u32,
    },
    /// The index is damaged; compile the lists again.
    Corrupt {
        /// The part that is damaged.
        section: &'static str,
        /// What was found there.
        reason: &'static str,
    },
    /// The index belongs to another domain than the one it was published for.
    WrongDomain {
        /// The domain that was asked for.
        expected: String,
        /// The domain that the index names.
        found: String,
    },
    /// Two files of the directory hold the same domain; remove the one that is not wanted.
    DuplicateDomain {
        /// The domain that both files name.
        domain: String,
        /// The file read first.
        first: PathBuf,
        /// The file read second.
        second: PathBuf,
    },
    /// An index file cannot be used; the inner error says why and what to do. A damaged one keeps an
    /// engine from opening: remove the file, then compile that domain's lists again.
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used.
        source: Box<Error>,
    },
    /// The operating system refused something.
    Io {
        /// What was being done: `create`, `open`, `read`, `map`, `write`, `sync`, `rename`, `remove`,
        /// `lock`.
        action: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },
    /// An earlier sync failed, so nobody knows what the disk holds, and nothing more is written.
    /// See to the disk, then open the engine again, which verifies every file.
    Poisoned {
        /// The folder of the index files.
        path: PathBuf,
    },
    /// Another process has added index files since this engine was opened. Open it again, and let
    /// one process publish at a time.
    Changed {
        /// The folder of the index files.
        path: PathBuf,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRegion { region } => write!(
                f,
                "unknown region {region:?}: give an ISO 3166-1 alpha-2 code such as TR or US"
            ),
            Self::InvalidPrefix { prefix, reason } => {
                write!(f, "dial-plan prefix {prefix:?}: {reason}")
            }
            Self::InvalidName { what, name, reason } => write!(f, "{what} name {name:?}: {reason}"),
            Self::TooLarge { what, limit } => {
                write!(f, "too many {what}: {limit} at most; split the domain or the directory")
            }
            Self::NotAnIndex => f.write_str("not a callbar index: check the path"),
            Self::UnsupportedVersion { found, supported } => write!(
                f,
                "index version {found}, this release reads version {supported}: compile the lists again"
            ),
            Self::Corrupt { section, reason } => {
                write!(f, "damaged index: {section}: {reason}; compile the lists again")
            }
            Self::WrongDomain { expected, found } => {
                write!(
                    f,
                    "the index is of domain {found:?}, not of {expected:?}: publish it for {found:?}"
                )
            }
            Self::DuplicateDomain { domain, first, second } => write!(
                f,
                "domain {domain:?} is in two files, {} and {}: remove the one that is not wanted",
                first.display(),
                second.display()
            ),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())
            }
            Self::Poisoned { path } => write!(
                f,
                "{}: an earlier sync failed: see to the disk, then open the engine again",
                path.display()
            ),
            Self::Changed { path } => write!(
                f,
                "{}: another process has added indexes since this engine was opened: open it again",
                path.display()
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl Error {
    /// Names the action and the path of an I/O error: `.map_err(Error::io("open", path))`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
