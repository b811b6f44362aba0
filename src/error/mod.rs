//! The one error of the crate. Variants carry facts; their docs say the remedy.
//!
//! `reason` has the enums of reasons, such as why a text is no number, and the macro `reasons!` that makes them.

mod reason;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;

pub use reason::{E164Error, EntryError, NameError, NumberError, PatternError, PrefixError};

/// Shorthand for results of this crate.
///
/// # Examples
/// ```
/// use callbar::{DialPlan, Number, Result};
///
/// fn dialled(region: &str, text: &str) -> Result<Number> {
///     Ok(DialPlan::new(region)?.number(text.as_bytes()))
/// }
/// assert_eq!(dialled("TR", "0505 004 78 24")?.to_string(), "+905050047824");
/// assert!(dialled("UK", "020 7946 0018").is_err());
/// # Ok::<(), callbar::Error>(())
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong outside a question. A question fails with [`NotFound`](crate::NotFound) alone.
///
/// # Examples
/// ```
/// use callbar::{Change, Engine, Error};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let writer = Engine::open(data)?.writer()?;
/// let error = writer.change("my.example", &[Change::add("Spam", "0532 000 00 00")]).unwrap_err();
/// assert!(matches!(&error, Error::UnknownList { name } if name == "Spam"));
/// assert_eq!(error.to_string(), "no list \"Spam\" in this domain");
/// assert_eq!(error.remedy(), "make it first, or correct the name");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
        reason: PrefixError,
    },
    /// A name cannot be used; the reason says what to change.
    InvalidName {
        /// `domain`, `list` or `index file`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// An entry cannot be on a list; the reason says what to change.
    InvalidEntry {
        /// The entry as written.
        text: String,
        /// What is wrong with it.
        reason: EntryError,
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
    /// callbar panicked during the change or the compaction, and changed nothing. Standard error has the
    /// panic.
    Panicked,
}

/// The fact; [`Error::remedy`] says what to do.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRegion { region } => write!(f, "unknown region {region:?}"),
            Self::InvalidPrefix { prefix, reason } => {
                write!(f, "dial-plan prefix {prefix:?} {reason}")
            }
            Self::InvalidName { what, name, reason } => write!(f, "{what} {name:?} {reason}"),
            Self::InvalidEntry { text, reason } => write!(f, "entry {text:?}: {reason}"),
            Self::UnknownList { name } => write!(f, "no list {name:?} in this domain"),
            Self::TooLarge { what, limit } => write!(f, "too many {what}: {limit} at most"),
            Self::NotAnIndex => f.write_str("not a callbar index"),
            Self::UnsupportedVersion { found, supported } => {
                write!(f, "index version {found}, this release reads version {supported}")
            }
            Self::Corrupt { section, reason } => write!(f, "damaged index: {section}: {reason}"),
            Self::WrongDomain { expected, found } => {
                write!(f, "the index is of domain {found:?}, not of {expected:?}")
            }
            Self::DuplicateDomain { domain, first, second } => {
                let (first, second) = (first.display(), second.display());
                write!(f, "domain {domain:?} is in two files, {first} and {second}")
            }
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())
            }
            Self::Poisoned { path } => write!(f, "{}: an earlier write failed", path.display()),
            Self::Locked { path, holder } => {
                write!(f, "{}: another writer is at work", path.display())?;
                holder.map_or(Ok(()), |holder| write!(f, " (process {holder})"))
            }
            Self::DomainExists { domain } => write!(f, "there is a domain {domain:?} already"),
            Self::UnknownDomain { domain } => write!(f, "no domain {domain:?}"),
            Self::TooFewEntries { domain, before, after, max_loss } => write!(
                f,
                "{domain:?} would fall from {before} to {after} entries, and may lose {:.0}%",
                max_loss * 100.0
            ),
            Self::NotKept { domain, number: Some(number) } => {
                write!(f, "domain {domain:?} has no former state {number}")
            }
            Self::NotKept { domain, number: None } => {
                write!(f, "domain {domain:?} has no former state to go back to")
            }
            Self::NotOurs { path } => {
                write!(f, "{}: not what callbar keeps under this name", path.display())
            }
            Self::Panicked => f.write_str("callbar met a fault of its own and changed nothing"),
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
    /// What to do about it; empty where only the operating system's own error can say.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let error = DialPlan::new("UK").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown region \"UK\"");
    /// assert_eq!(error.remedy(), "the code of the United Kingdom is GB");
    /// ```
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::UnknownRegion { region } if region.eq_ignore_ascii_case("UK") => {
                "the code of the United Kingdom is GB"
            }
            Self::UnknownRegion { .. } => "give an ISO 3166-1 alpha-2 code such as TR or US",
            Self::InvalidPrefix { reason, .. } => reason.remedy(),
            Self::InvalidName { reason, .. } => reason.remedy(),
            Self::InvalidEntry { reason, .. } => reason.remedy(),
            Self::UnknownList { .. } | Self::UnknownDomain { .. } => {
                "make it first, or correct the name"
            }
            Self::TooLarge { .. } => "split the domain or the directory, or give less at a time",
            Self::NotAnIndex => "check the path",
            Self::UnsupportedVersion { .. } | Self::Corrupt { .. } => "compile the lists again",
            Self::WrongDomain { found, .. } => {
                return Cow::Owned(format!("publish it for {found:?}"));
            }
            Self::DuplicateDomain { .. } => "remove the one that is not wanted",
            Self::File { source, .. } => return source.remedy(),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room on the disk, then try again"
            }
            Self::Io { .. } => "",
            Self::Poisoned { .. } => "see to the disk, then open the directory again",
            Self::Locked { holder: Some(_), .. } => "wait for it, or end it",
            Self::Locked { holder: None, .. } => "wait for it",
            Self::DomainExists { .. } => "change it, or choose another name",
            Self::TooFewEntries { .. } => {
                "if the list is whole, allow for a greater loss (--max-loss 100, max_loss=100)"
            }
            Self::NotKept { number: Some(_), .. } => "see its history",
            Self::NotKept { number: None, .. } => "bring back its lists from a backup",
            Self::NotOurs { .. } => "move it away, and another is made",
            Self::Panicked => "report it, with what was written to standard error",
        })
    }

    /// Fact and remedy, `fact: remedy`, for a line of a log.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let error = DialPlan::new("UK").unwrap_err();
    /// assert_eq!(error.to_line(), "unknown region \"UK\": the code of the United Kingdom is GB");
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
    /// use callbar::Error;
    ///
    /// let file = "/no/such/file";
    /// let error = std::fs::read(file).map_err(Error::io("read", file)).unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read /no/such/file: "));
    /// ```
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
