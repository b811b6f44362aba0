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
    /// A name or a text beside it cannot be used; the reason says what to change.
    InvalidName {
        /// `domain`, `list`, `index file`, `description` or `label`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An entry cannot be on a list; the reason says what to change.
    InvalidEntry {
        /// The entry as written.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A change names a list that the domain does not have: make it first, or correct the name, in
    /// which case matters.
    UnknownList {
        /// The name as given.
        name: String,
    },
    /// More lists, entries, prefixes of patterns or subscriptions than a domain can have, or more of
    /// something than is taken at a time: split the domain, or send less.
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
        /// What was being done: `create`, `open`, `read`, `map`, `write`, `sync`, `link`, `rename`,
        /// `replace`, `remove`, `lock`, `start`.
        action: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },
    /// An earlier write or sync failed, so nobody knows what the disk holds, and nothing more is
    /// written. See to the disk, then open the directory again.
    Poisoned {
        /// The folder of the index files, or the file of the store.
        path: PathBuf,
    },
    /// Somebody else writes to the directory. Try again when that writer is closed or its process
    /// has ended, however it ends.
    Locked {
        /// The file that is locked.
        path: PathBuf,
        /// The process that holds the lock; `None` if it has only just taken it.
        holder: Option<u32>,
    },
    /// The directory has no such domain: make it, or publish an index for it, or correct the name.
    UnknownDomain {
        /// The domain as given.
        domain: String,
    },
    /// The domain exists already: change it, or choose another name.
    DomainExists {
        /// The domain as given.
        domain: String,
    },
    /// What is to replace an index or a list has far fewer entries: is it whole? If so, allow for a
    /// greater `max_loss`.
    TooFewEntries {
        /// The domain, or the list of it.
        domain: String,
        /// Entries of what is in use, on all lists of a domain.
        before: u64,
        /// Entries of what was refused.
        after: u64,
        /// The share of the entries that may go.
        max_loss: f64,
    },
    /// There is no such former state of the domain to go back to; its history lists those there are.
    NotKept {
        /// The domain.
        domain: String,
        /// The state as given; `None` for the latest.
        number: Option<u32>,
    },
    /// Something else has the name of a file that callbar keeps: move it away, and another is made.
    NotOurs {
        /// What is there.
        path: PathBuf,
    },
    /// The change, or the compaction, met a fault of callbar, which standard error tells, and was not
    /// made.
    Panicked,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRegion { region } if region.eq_ignore_ascii_case("UK") => {
                write!(f, "unknown region {region:?}: the code of the United Kingdom is GB")
            }
            Self::UnknownRegion { region } => write!(
                f,
                "unknown region {region:?}: give an ISO 3166-1 alpha-2 code such as TR or US"
            ),
            Self::InvalidPrefix { prefix, reason } => {
                write!(f, "dial-plan prefix {prefix:?}: {reason}")
            }
            Self::InvalidName { what, name, reason } => write!(f, "{what} {name:?}: {reason}"),
            Self::InvalidEntry { text, reason } => write!(f, "entry {text:?}: {reason}"),
            Self::UnknownList { name } => {
                write!(f, "no list {name:?} in this domain: make it first, or correct the name")
            }
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
                "{}: an earlier write failed: see to the disk, then open the directory again",
                path.display()
            ),
            Self::Locked { path, holder } => {
                write!(f, "{}: another writer is at work", path.display())?;
                match holder {
                    Some(holder) => write!(f, " (process {holder}): wait for it, or end it"),
                    None => f.write_str(": wait for it"),
                }
            }
            Self::DomainExists { domain } => {
                write!(f, "there is a domain {domain:?} already: change it, or choose another name")
            }
            Self::UnknownDomain { domain } => {
                write!(f, "no domain {domain:?}: make it first, or correct the name")
            }
            Self::TooFewEntries { domain, before, after, max_loss } => write!(
                f,
                "{domain:?} would fall from {before} to {after} entries, and may lose {:.0}%: \
                 is the list whole? If so, allow for a greater loss",
                max_loss * 100.0
            ),
            Self::NotKept { domain, number: Some(number) } => {
                write!(f, "domain {domain:?} has no former state {number}: see its history")
            }
            Self::NotKept { domain, number: None } => {
                write!(f, "domain {domain:?} has no former state to go back to")
            }
            Self::NotOurs { path } => write!(
                f,
                "{}: not what callbar keeps under this name: move it away, and another is made",
                path.display()
            ),
            Self::Panicked => write!(
                f,
                "a fault of callbar came in the way, which standard error tells: please report it"
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
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
