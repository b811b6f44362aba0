//! Finds the index files of a data directory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use callbar::FileName;

use super::data_directory;

/// The role of the first file of a former state.
pub(crate) const FORMER: &str = "former state";

/// Returns the role of a file in its domain, in words.
pub(crate) fn role(name: FileName) -> &'static str {
    match name {
        FileName::Head(_) => "in force",
        FileName::Lower(..) => "lower file",
        FileName::Kept(..) => FORMER,
        FileName::Removed(_) => "removed",
    }
}

/// Returns all files `*.index` in order of their names, but for those that begin with a dot.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = data_directory::index_folder(dir)?;
    let cannot_read = || format!("cannot read {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(cannot_read)? {
        let path = entry.with_context(cannot_read)?.path();
        let is_index = path.extension().is_some_and(|ending| ending == "index");
        if is_index && text_name(&path).is_some_and(|name| !name.starts_with('.')) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads the name of a file; `None` if the engine never gives such a name.
pub(crate) fn parse_name(path: &Path) -> Option<FileName> {
    text_name(path).and_then(FileName::parse)
}

/// Returns the name of a file if it is UTF-8, as those of index files are.
fn text_name(path: &Path) -> Option<&str> {
    path.file_name().and_then(OsStr::to_str)
}
