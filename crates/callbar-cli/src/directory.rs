//! A data directory: whether it is one, who may read it, and who may write to it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use callbar_store::Store;

/// The folder of the index files.
const FOLDER: &str = "indexes";

/// The folder of the index files in a data directory, of which it is the mark.
pub(crate) fn folder(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join(FOLDER);
    match fs::read_dir(&folder) {
        Ok(_) => Ok(folder),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Err(anyhow!(
                "{} is no data directory, for it holds no folder named indexes: give the one that \
                 callbar compile --data wrote to",
                dir.display()
            ))
        }
        Err(error) => {
            let error = Error::from(error).context(format!("cannot read {}", folder.display()));
            Err(explain(dir, error))
        }
    }
}

/// Adds to an error of a data directory who may read it, if this process may not.
pub(crate) fn explain(dir: &Path, error: Error) -> Error {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().map(io::Error::kind)
    };
    if error.chain().all(|cause| kind(cause) != Some(io::ErrorKind::PermissionDenied)) {
        return error;
    }
    let text = super::chain(&error);
    let (folder, dir) = (dir.join(FOLDER), dir.display());
    let folder = folder.display();
    anyhow!(
        "{text}: this process must belong to the owner or the group of {dir} and {folder}, folders \
         of mode 0750: chgrp GROUP {dir} {folder} {folder}/changes"
    )
}

/// An error if a store manages the directory: its indexes are made of the store, and what is
/// published beside it would go with the next change.
pub(crate) fn refuse_store(dir: &Path) -> Result<()> {
    if !Store::exists(dir) {
        return Ok(());
    }
    Err(anyhow!(
        "{0} has a store, of which its indexes are made: callbar import --data {0} changes its lists, \
         and so do add and remove",
        dir.display()
    ))
}

/// Whether a directory holds no folder of indexes yet.
pub(crate) fn is_new(dir: &Path) -> bool {
    matches!(dir.join(FOLDER).try_exists(), Ok(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_read_is_told_if_this_process_may_not() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::from(denied).context("cannot open the indexes of data");
        let text = explain(Path::new("data"), error).to_string();
        assert!(text.starts_with("cannot open the indexes of data"), "{text}");
        assert!(text.ends_with("chgrp GROUP data data/indexes data/indexes/changes"), "{text}");
        let other = explain(Path::new("data"), anyhow!("damaged"));
        assert_eq!(other.to_string(), "damaged");
    }

    #[test]
    fn a_directory_without_indexes_is_no_data_directory() {
        let dir = tempfile::tempdir().unwrap();
        let text = |dir: &Path| folder(dir).unwrap_err().to_string();
        assert!(text(dir.path()).contains("is no data directory"));
        assert!(text(&dir.path().join("absent")).contains("is no data directory"));
        fs::write(dir.path().join("indexes"), "").unwrap();
        assert!(text(dir.path()).contains("is no data directory"));
    }
}
