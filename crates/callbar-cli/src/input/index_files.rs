//! Finds the index files of a data directory and reads their names.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::data_directory;

/// The ending of index files.
const SUFFIX: &str = ".index";

/// The role of an index file in its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileRole {
    /// The first file of the state in force.
    Head,
    /// A further file of the state in force, or of a former state.
    Lower,
    /// The first file of a former state.
    Former,
}

impl FileRole {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Head => "in force",
            Self::Lower => "lower file",
            Self::Former => "former state",
        }
    }
}

/// Returns all files `*.index` in order of their names, but for those that begin with a dot.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = data_directory::index_folder(dir)?;
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if name_of(&path).is_some_and(|name| name.ends_with(SUFFIX) && !name.starts_with('.')) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the number of the domain of a file, and its role; `None` if the engine never gives such a
/// name.
pub(crate) fn role(path: &Path) -> Option<(u32, FileRole)> {
    let name = name_of(path)?.strip_suffix(SUFFIX)?;
    match name.split_once('.') {
        None => Some((number(name)?, FileRole::Head)),
        Some((domain, rest)) => {
            let former = rest.strip_prefix("kept-");
            let role = if former.is_some() { FileRole::Former } else { FileRole::Lower };
            number(former.unwrap_or(rest))?;
            Some((number(domain)?, role))
        }
    }
}

/// Reads a number from 1 on, of eight digits or more.
fn number(digits: &str) -> Option<u32> {
    let number = digits.parse().ok().filter(|&number| number > 0)?;
    (format!("{number:08}") == digits).then_some(number)
}

/// Returns the name of a file if it is UTF-8, as those of index files are.
pub(crate) fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(OsStr::to_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_domain_and_the_role() {
        for (name, found) in [
            ("00000001.index", Some((1, FileRole::Head))),
            ("4294967295.index", Some((u32::MAX, FileRole::Head))),
            ("00000012.00000003.index", Some((12, FileRole::Lower))),
            ("00000012.kept-00000003.index", Some((12, FileRole::Former))),
            ("1.index", None),
            ("00000000.index", None),
            ("+0000001.index", None),
            ("00000001.3.index", None),
            ("00000001.kept-3.index", None),
            ("kept-00000001.index", None),
            ("00000001.00000001.00000001.index", None),
            ("00000001.removed", None),
        ] {
            assert_eq!(role(Path::new(name)), found, "{name}");
        }
    }
}
