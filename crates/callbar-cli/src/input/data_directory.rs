//! Opens a data directory, and explains why one cannot be opened or written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};
use callbar::{CHANGES_FILE, Engine, INDEX_FOLDER, LoadMode};
use callbar_store::Store;
use serde::Serialize;

use crate::output::{chain, has_io_kind, warn};

/// Returns the folder of the index files, without which a directory is no data directory.
pub(crate) fn index_folder(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join(INDEX_FOLDER);
    match fs::read_dir(&folder) {
        Ok(_) => Ok(folder),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Err(anyhow!(
                "{} is no data directory, for it has no folder named {INDEX_FOLDER}: give the directory that \
                 callbar compile --data wrote to",
                dir.display()
            ))
        }
        Err(error) => {
            let error = Error::from(error).context(format!("cannot read {}", folder.display()));
            Err(explain_permissions(dir, error))
        }
    }
}

/// Adds to an error for lack of permission who may read a data directory.
pub(crate) fn explain_permissions(dir: &Path, error: Error) -> Error {
    if !has_io_kind(&error, io::ErrorKind::PermissionDenied) {
        return error;
    }
    let text = chain(&error);
    let (folder, dir) = (dir.join(INDEX_FOLDER), dir.display());
    let folder = folder.display();
    anyhow!(
        "{text}: this process must belong to the owner or the group of {dir} and {folder}, folders \
         of mode 0750: chgrp GROUP {dir} {folder} {folder}/{CHANGES_FILE}"
    )
}

/// Refuses a directory with a store. Its indexes are made from the store, so the next change would
/// replace an index that is published beside it.
pub(crate) fn refuse_store(dir: &Path) -> Result<()> {
    if Store::exists(dir) {
        bail!(
            "{0} has a store, and its indexes are made from it: change its lists with callbar import \
             --data {0}, or with add and remove",
            dir.display()
        );
    }
    Ok(())
}

/// Reports whether a directory has no folder of indexes yet.
pub(crate) fn has_no_indexes(dir: &Path) -> bool {
    matches!(dir.join(INDEX_FOLDER).try_exists(), Ok(false))
}

/// An index file that cannot be used and was left out.
#[derive(Debug, Serialize)]
pub(crate) struct DamagedIndex {
    /// The file.
    pub(crate) file: PathBuf,
    /// The reason.
    pub(crate) reason: String,
}

/// Opens the sound indexes of a directory, and warns of the others.
pub(crate) fn open_sound(dir: &Path) -> callbar::Result<(Engine, Vec<DamagedIndex>)> {
    let (engine, errors) = Engine::open_sound(dir, LoadMode::default())?;
    let damaged: Vec<_> = errors.into_iter().map(|error| warn_damaged(dir, error)).collect();
    Ok((engine, damaged))
}

fn warn_damaged(dir: &Path, error: callbar::Error) -> DamagedIndex {
    let (file, reason) = match error {
        callbar::Error::File { path: file, source } => {
            let (shown, reason) = (file.display(), source.to_line());
            warn(format_args!(
                "{shown} is left out ({reason}): remove it, then compile its domain again"
            ));
            return DamagedIndex { file, reason };
        }
        // The file may be sound, so nobody should remove it.
        callbar::Error::Io { ref path, .. } => {
            (path.clone(), chain(&explain_permissions(dir, Error::from(error))))
        }
        // No single file is at fault, so nothing is to be removed.
        other => (dir.into(), other.to_string()),
    };
    warn(format_args!("an index is left out: {reason}"));
    DamagedIndex { file, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_read_is_told_if_this_process_may_not() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::from(denied).context("cannot open the indexes of data");
        let text = explain_permissions(Path::new("data"), error).to_string();
        assert!(text.starts_with("cannot open the indexes of data"), "{text}");
        assert!(text.ends_with("chgrp GROUP data data/indexes data/indexes/changes"), "{text}");
        let other = explain_permissions(Path::new("data"), anyhow!("damaged"));
        assert_eq!(other.to_string(), "damaged");
    }

    #[test]
    fn a_directory_without_indexes_is_no_data_directory() {
        let dir = tempfile::tempdir().unwrap();
        let text = |dir: &Path| index_folder(dir).unwrap_err().to_string();
        assert!(text(dir.path()).contains("is no data directory"));
        assert!(text(&dir.path().join("absent")).contains("is no data directory"));
        fs::write(dir.path().join("indexes"), "").unwrap();
        assert!(text(dir.path()).contains("is no data directory"));
    }
}
