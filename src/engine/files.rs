//! The names of index files and where they lie.
//!
//! ```text
//! DIR/indexes/                                    0750
//! DIR/indexes/00000001.index                      0444, one domain, immutable
//! DIR/indexes/.00000001.index.0123456789abcdef    being written, or left by a kill
//! ```
//! A file is named by number, never by the text of a tenant; the index inside names its domain.
//! Files whose name begins with a dot, or does not end in `.index`, are none of ours and ignored. A
//! name that ends in `.index` but is no number is an error: whoever put it there expects it to work.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::{Error, Result};

const FOLDER: &str = "indexes";
const SUFFIX: &str = ".index";

/// The number that names a file; it counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId(u32);

impl FileId {
    pub(super) const FIRST: Self = Self(1);

    pub(super) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    fn file_name(self) -> String {
        format!("{:08}{SUFFIX}", self.0)
    }

    /// `None` unless it is exactly what [`FileId::file_name`] writes: no two names are one id.
    fn parse(name: &str) -> Option<Self> {
        let id = Self(name.strip_suffix(SUFFIX)?.parse().ok()?);
        (id >= Self::FIRST && id.file_name() == name).then_some(id)
    }
}

/// The folder of a data directory that holds its index files. It need not exist.
#[derive(Debug)]
pub(super) struct Files {
    data: PathBuf,
    folder: PathBuf,
}

impl Files {
    /// Only looks whether the data directory itself exists.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such directory.
    pub(super) fn of(data: &Path) -> Result<Self> {
        fs::read_dir(data).map_err(Error::io("open", data))?;
        Ok(Self { data: data.to_owned(), folder: data.join(FOLDER) })
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self, id: FileId) -> PathBuf {
        self.folder.join(id.file_name())
    }

    /// A name that no other writer uses, in this process or another.
    pub(super) fn temporary_path(&self, id: FileId) -> PathBuf {
        use std::hash::{BuildHasher, RandomState};
        // The keys are random for each process and differ at each call.
        let random = RandomState::new().hash_one(std::process::id());
        self.folder.join(format!(".{}.{random:016x}", id.file_name()))
    }

    /// All index files in order of their id.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::InvalidName`] of a `.index` file that is not named by number.
    pub(super) fn list(&self) -> Result<Vec<FileId>> {
        let mut ids = Vec::new();
        for name in self.names()? {
            if name.starts_with('.') || !name.ends_with(SUFFIX) {
                continue;
            }
            match FileId::parse(&name) {
                Some(id) => ids.push(id),
                None => return Err(self.misnamed(name)),
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// What writers left behind that were killed.
    pub(super) fn leftovers(&self) -> Result<Vec<PathBuf>> {
        let names = self.names()?.into_iter().filter(|name| is_temporary(name));
        Ok(names.map(|name| self.folder.join(name)).collect())
    }

    /// The names in the folder. One that is not UTF-8 is none of ours.
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

    fn misnamed(&self, name: String) -> Error {
        Error::File {
            path: self.folder.join(&name),
            source: Box::new(Error::InvalidName {
                what: "index file",
                name,
                reason: "index files are named by number: publish the file instead of copying it here",
            }),
        }
    }
}

/// Whether it is a name of [`Files::temporary_path`]: those alone may be removed.
fn is_temporary(name: &str) -> bool {
    let Some((id, random)) = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.')) else {
        return false;
    };
    FileId::parse(id).is_some()
        && random.len() == 16
        && random.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_name() {
        assert_eq!(FileId(1).file_name(), "00000001.index");
        assert_eq!(FileId::parse("00000001.index"), Some(FileId(1)));
        assert_eq!(FileId::parse("4294967295.index"), Some(FileId(u32::MAX)));
        for name in ["1.index", "00000000.index", "+0000001.index", "000000001.index", "00000001"] {
            assert_eq!(FileId::parse(name), None, "{name}");
        }
        assert_eq!(FileId::parse("4294967296.index"), None);
        assert_eq!(FileId(u32::MAX).next(), None);
    }

    #[test]
    fn only_temporary_names_are_leftovers() {
        assert!(is_temporary(".00000001.index.0123456789abcdef"));
        for name in [
            "00000001.index",
            ".00000001.index",
            ".00000001.index.swp",
            ".00000001.index.0123456789ABCDEF",
            ".a.index.0123456789abcdef",
            "00000001.index.0123456789abcdef",
            ".",
        ] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn temporary_names_differ() {
        let files = Files { data: PathBuf::new(), folder: PathBuf::new() };
        let [one, two] = [(); 2].map(|()| files.temporary_path(FileId(7)));
        assert_ne!(one, two);
        assert!(is_temporary(one.to_str().expect("ASCII")));
    }

    #[test]
    fn lists_its_own_files_and_ignores_the_rest() {
        let data = tempfile::tempdir().expect("temporary folder");
        let files = Files::of(data.path()).expect("data directory");
        assert_eq!(files.list().expect("no folder yet"), []);
        fs::create_dir(files.folder()).expect("create");
        for name in [
            "00000012.index",
            "00000003.index",
            "00000003.index.bak",
            "README",
            ".00000001.index.0123456789abcdef",
        ] {
            fs::write(files.folder().join(name), "").expect("write");
        }
        assert_eq!(files.list().expect("list"), [FileId(3), FileId(12)]);
        assert_eq!(files.leftovers().expect("leftovers").len(), 1);
        fs::write(files.folder().join("spam.index"), "").expect("write");
        let error = files.list().expect_err("a file that is not named by number");
        assert!(error.to_string().contains("publish the file"), "{error}");
    }

    #[test]
    fn a_missing_data_directory_is_an_error() {
        let data = tempfile::tempdir().expect("temporary folder");
        let missing = data.path().join("missing");
        let error = Files::of(&missing).expect_err("missing directory");
        assert!(matches!(error, Error::Io { action: "open", path, .. } if path == missing));
    }
}
