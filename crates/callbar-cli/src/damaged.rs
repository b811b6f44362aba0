//! Index files that cannot be used: told, and left out.

use std::path::{Path, PathBuf};

use anyhow::Error as Anyhow;
use callbar::{Engine, Error, LoadMode};
use serde::Serialize;

use super::directory;
use super::output::warn;

/// An index file that was left out.
#[derive(Debug, Serialize)]
pub(crate) struct Damaged {
    /// The file.
    pub(crate) file: PathBuf,
    /// Why it cannot be used.
    pub(crate) reason: String,
}

/// Opens the indexes of a directory that are sound; the others are told on standard error.
pub(crate) fn open(dir: &Path) -> callbar::Result<(Engine, Vec<Damaged>)> {
    let (engine, errors) = Engine::open_sound(dir, LoadMode::default())?;
    let damaged: Vec<_> = errors.into_iter().map(|error| tell(dir, error)).collect();
    Ok((engine, damaged))
}

fn tell(dir: &Path, error: Error) -> Damaged {
    let damaged = match error {
        Error::File { path, source } => Damaged { file: path, reason: source.to_line() },
        // Not the file's fault: to remove it would help nobody.
        Error::Io { action, path, source } => {
            let file = path.clone();
            let error = Anyhow::from(Error::Io { action, path, source });
            let reason = super::chain(&directory::explain(dir, error));
            warn(format_args!("an index is left out: {reason}"));
            return Damaged { file, reason };
        }
        // Nor is one file at fault here, and the directory is not to be removed.
        other => {
            let damaged = Damaged { file: dir.into(), reason: other.to_line() };
            warn(format_args!("an index is left out: {}", damaged.reason));
            return damaged;
        }
    };
    warn(format_args!(
        "{} is left out ({}): remove it, then compile its domain again",
        damaged.file.display(),
        damaged.reason
    ));
    damaged
}
