//! The names of the files of a data directory.
//!
//! ```text
//! DIR/writer.lock                                 0640, locked by the one writer, whose process id it holds
//! DIR/indexes/                                    0750
//! DIR/indexes/changes                             0640, which domains changed last: mapped by every reader
//! DIR/indexes/00000001.index                      0444, the head of a domain, which names its lower files
//! DIR/indexes/00000001.00000007.index             0444, a lower file of that domain
//! DIR/indexes/00000001.kept-00000003.index        0444, a former head, for a rollback
//! DIR/indexes/00000001.removed                    0444, says that the domain is gone for good
//! DIR/indexes/.00000001.index.0123456789abcdef    being written, or left by a kill
//! ```
//! Every file but `changes` is immutable, and the rename of a head commits everything. Files are named by
//! number, never by a tenant's text; the index inside names its domain. Other files are ignored. But a
//! name that ends in `.index` without being one of these or beginning with a dot is an error, because the
//! person who put the file there expects it to work.

use std::path::{Path, PathBuf};
use std::{ffi::OsStr, fmt, fs, io};

use crate::{Error, Result, error::NameError};

const LOCK: &str = "writer.lock";
/// The folder of the index files in a data directory.
pub const INDEX_FOLDER: &str = "indexes";
/// The file of changes in that folder.
pub const CHANGES_FILE: &str = "changes";
const SUFFIX: &str = ".index";
const REMOVED: &str = ".removed";
const KEPT: &str = "kept-";

/// The number of a domain's files. It counts from 1, and no other domain gets it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainFileId(u32);

impl DomainFileId {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) fn new(id: u32) -> Option<Self> {
        (id >= Self::FIRST.0).then_some(Self(id))
    }

    pub(crate) fn get(self) -> u32 {
        self.0
    }

    pub(crate) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

/// A file of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// The first file of the state in force.
    Head(DomainFileId),
    /// A further file of the state in force, or of a former state.
    Lower(DomainFileId, u32),
    /// The first file of a former state.
    Kept(DomainFileId, u32),
    /// The mark of a domain that is gone.
    Removed(DomainFileId),
}

impl FileName {
    /// The number of its domain.
    #[must_use]
    pub fn id(self) -> DomainFileId {
        match self {
            Self::Head(id) | Self::Lower(id, _) | Self::Kept(id, _) | Self::Removed(id) => id,
        }
    }

    /// `None` unless it is exactly what `Display` writes, so that two names are never one file.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse().ok().filter(|&number: &u32| number > 0);
        let parsed = if let Some(id) = name.strip_suffix(REMOVED) {
            Self::Removed(DomainFileId(number(id)?))
        } else {
            match name.strip_suffix(SUFFIX)?.split_once('.') {
                None => Self::Head(DomainFileId(number(name.strip_suffix(SUFFIX)?)?)),
                Some((id, rest)) => {
                    let id = DomainFileId(number(id)?);
                    match rest.strip_prefix(KEPT) {
                        Some(kept) => Self::Kept(id, number(kept)?),
                        None => Self::Lower(id, number(rest)?),
                    }
                }
            }
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(DomainFileId(id)) => write!(f, "{id:08}{SUFFIX}"),
            Self::Lower(DomainFileId(id), number) => write!(f, "{id:08}.{number:08}{SUFFIX}"),
            Self::Kept(DomainFileId(id), number) => write!(f, "{id:08}.{KEPT}{number:08}{SUFFIX}"),
            Self::Removed(DomainFileId(id)) => write!(f, "{id:08}{REMOVED}"),
        }
    }
}

/// The paths of a data directory, whose folder of indexes need not exist.
#[derive(Clone, Debug)]
pub(crate) struct DataDirectory {
    data: PathBuf,
    folder: PathBuf,
}

impl DataDirectory {
    /// The paths of this data directory, which must exist.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such directory.
    pub(crate) fn new(data: &Path) -> Result<Self> {
        fs::read_dir(data).map_err(Error::io("open", data))?;
        Ok(Self { data: data.to_owned(), folder: data.join(INDEX_FOLDER) })
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.data.join(LOCK)
    }

    pub(crate) fn changes(&self) -> PathBuf {
        self.folder.join(CHANGES_FILE)
    }

    pub(crate) fn path(&self, name: FileName) -> PathBuf {
        self.folder.join(name.to_string())
    }

    /// A temporary path for what becomes the file `name`. No other process or thread uses it.
    pub(crate) fn temporary(&self, name: impl fmt::Display) -> PathBuf {
        use std::hash::{BuildHasher, RandomState};
        // The keys are random for each process and differ at each call.
        let random = RandomState::new().hash_one(std::process::id());
        self.folder.join(format!(".{name}.{random:016x}"))
    }

    /// As [`DataDirectory::temporary`], for the file of changes.
    pub(crate) fn temporary_changes(&self) -> PathBuf {
        self.temporary(CHANGES_FILE)
    }

    /// The files of all domains, in order.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InvalidName`] if a `.index` file is not named by number.
    pub(crate) fn list(&self) -> Result<Vec<FileName>> {
        let mut names = Vec::new();
        for name in self.names()? {
            match FileName::parse(&name) {
                Some(parsed) => names.push(parsed),
                None if name.starts_with('.') || !name.ends_with(SUFFIX) => {}
                None => {
                    let (path, reason) = (self.folder.join(&name), NameError::IndexFile);
                    let source = Box::new(Error::InvalidName { what: "index file", name, reason });
                    return Err(Error::File { path, source });
                }
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Temporary files that killed writers left.
    pub(crate) fn leftovers(&self) -> Result<Vec<PathBuf>> {
        let names = self.names()?.into_iter().filter(|name| is_temporary(name));
        Ok(names.map(|name| self.folder.join(name)).collect())
    }

    /// The names in the folder. Names that are not UTF-8 are not ours.
    fn names(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("open", &self.folder))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(Error::io("read", &self.folder))?.file_name();
            names.extend(OsStr::to_str(&name).map(str::to_owned));
        }
        Ok(names)
    }
}

/// The domains of a listing that have a file and were not removed. The file may be another than the head.
pub(crate) fn present(names: &[FileName]) -> Vec<DomainFileId> {
    let removed = |id| names.binary_search(&FileName::Removed(id)).is_ok();
    let mut present: Vec<DomainFileId> = names.iter().map(|name| name.id()).collect();
    present.sort_unstable();
    present.dedup();
    present.retain(|&id| !removed(id));
    present
}

/// Reports whether it is a name of [`DataDirectory::temporary`]: only those may be removed.
fn is_temporary(name: &str) -> bool {
    let Some((name, random)) = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.')) else {
        return false;
    };
    (name == CHANGES_FILE || FileName::parse(name).is_some())
        && random.len() == 16
        && random.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name() {
        let id = DomainFileId(1);
        for (name, text) in [
            (FileName::Head(id), "00000001.index"),
            (FileName::Head(DomainFileId(u32::MAX)), "4294967295.index"),
            (FileName::Lower(id, 7), "00000001.00000007.index"),
            (FileName::Kept(id, 3), "00000001.kept-00000003.index"),
            (FileName::Removed(id), "00000001.removed"),
        ] {
            assert_eq!(name.to_string(), text);
            assert_eq!(FileName::parse(text), Some(name));
        }
        for name in [
            "1.index",
            "00000000.index",
            "+0000001.index",
            "000000001.index",
            "00000001",
            "4294967296.index",
            "00000001.7.index",
            "00000001.00000000.index",
            "00000001.kept-3.index",
            "00000001.kept-00000003.removed",
            "00000001.00000001.00000001.index",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
        assert_eq!(DomainFileId(u32::MAX).next(), None);
        assert_eq!(DomainFileId::new(0), None);
    }

    #[test]
    fn only_temporary_names_are_leftovers() {
        for name in [
            ".00000001.index.0123456789abcdef",
            ".00000001.00000002.index.0123456789abcdef",
            ".00000001.removed.0123456789abcdef",
            ".changes.0123456789abcdef",
        ] {
            assert!(is_temporary(name), "{name}");
        }
        for name in [
            "00000001.index",
            ".00000001.index",
            ".00000001.index.swp",
            ".00000001.index.0123456789ABCDEF",
            ".a.index.0123456789abcdef",
            "00000001.index.0123456789abcdef",
            "changes",
            ".",
        ] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn temporary_names_differ() {
        let files = DataDirectory { data: PathBuf::new(), folder: PathBuf::new() };
        let [one, two] = [(); 2].map(|()| files.temporary(FileName::Head(DomainFileId(7))));
        assert_ne!(one, two);
        assert!(is_temporary(one.to_str().expect("ASCII")));
    }

    #[test]
    fn lists_its_own_files_and_ignores_the_rest() {
        let data = tempfile::tempdir().expect("temporary folder");
        let files = DataDirectory::new(data.path()).expect("data directory");
        assert_eq!(files.list().expect("no folder yet"), []);
        fs::create_dir(files.folder()).expect("create");
        for name in [
            "00000012.index",
            "00000003.index",
            "00000003.00000001.index",
            "00000003.index.bak",
            "00000007.kept-00000001.index",
            "00000005.index",
            "00000005.removed",
            "README",
            "changes",
            ".00000001.index.0123456789abcdef",
        ] {
            fs::write(files.folder().join(name), "").expect("write");
        }
        let names = files.list().expect("list");
        assert_eq!(names.len(), 6);
        assert_eq!(present(&names), [DomainFileId(3), DomainFileId(7), DomainFileId(12)]);
        assert_eq!(files.leftovers().expect("leftovers").len(), 1);
        fs::write(files.folder().join("spam.index"), "").expect("write");
        let error = files.list().expect_err("a file that is not named by number");
        assert!(error.remedy().contains("publish the file"), "{error}");
    }

    #[test]
    fn a_missing_data_directory_is_an_error() {
        let data = tempfile::tempdir().expect("temporary folder");
        let missing = data.path().join("missing");
        let error = DataDirectory::new(&missing).expect_err("missing directory");
        assert!(matches!(error, Error::Io { action: "open", path, .. } if path == missing));
    }
}
