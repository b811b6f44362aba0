//! The index files of a data directory, by the engine's rule for their names.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::data_directory;

/// What the name of an index file ends in.
const SUFFIX: &str = ".index";

/// What an index file is of its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileRole {
    /// What is in force begins with it.
    Head,
    /// A part of what is in force, or of a former state.
    Lower,
    /// A former state begins with it.
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

/// The index files in order of their names: `*.index`; others, and what begins with a dot, are
/// ignored.
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

/// The number of the domain that a file is of, and its role; `None` if the engine gives no such
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

/// From 1, in eight digits or more.
fn number(digits: &str) -> Option<u32> {
    let number = digits.parse().ok().filter(|&number| number > 0)?;
    (format!("{number:08}") == digits).then_some(number)
}

/// The name, if it is UTF-8: no other is one of an index.
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
