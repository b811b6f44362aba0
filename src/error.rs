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
    /// Something else has the name of a file that callbar keeps: move it away, and another is made.
    NotOurs {
        /// What is there.
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
    /// The change, or the compaction, met a fault of callbar, which standard error tells, and was not
    /// made.
    Panicked,
    /// Whoever changes the domain may add nothing to what it subscribes to: leave the name out, or have
    /// it added by who looks after all domains.
    NotSubscribable {
        /// The domain that is not among the subscriptions.
        name: String,
    },
    /// Another one has this name already: choose another name.
    Taken {
        /// `credential` or `domain`.
        what: &'static str,
        /// The name as given.
        name: String,
    },
}

impl fmt::Display for Error {
    #[expect(clippy::too_many_lines, reason = "a line or two for each variant")]
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
            Self::NotOurs { path } => write!(
                f,
                "{}: not what callbar keeps under this name: move it away, and another is made",
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
            Self::Panicked => write!(
                f,
                "a fault of callbar came in the way, which standard error tells: please report it"
            ),
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
            Self::File { source, .. } => Some(source),
            Self::Io { source, .. } => Some(source),
            Self::Store { source, .. } => Some(source.as_ref()),
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
