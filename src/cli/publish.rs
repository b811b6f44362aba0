//! Where `compile` publishes: a data directory, made if need be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result};
use callbar::{DomainId, Engine, LoadMode};

use super::{damaged, domain};

/// How often a directory is opened again because others publish in it as well.
const ATTEMPTS: usize = 20;

/// A data directory to publish in.
pub(crate) struct Target<'a> {
    dir: &'a Path,
    pub(crate) engine: Engine,
    _made: Made,
}

impl<'a> Target<'a> {
    /// Opens a directory, which is made if it does not exist, and removed again if nothing is
    /// published in it.
    pub(crate) fn open(dir: &'a Path) -> Result<Self> {
        let shown = dir.display();
        let made =
            Made::dirs(dir).with_context(|| format!("cannot create the directory {shown}"))?;
        let opened = damaged::open(dir).map_err(|error| domain::explain(dir, Error::from(error)));
        let (engine, _) = opened.with_context(|| {
            format!(
                "cannot publish in {shown} (callbar verify {shown} names what is wrong; remove it)"
            )
        })?;
        Ok(Self { dir, engine, _made: made })
    }

    /// Publishes an index. The directory is opened again if other processes have added domains.
    pub(crate) fn publish(&mut self, domain: &str, index: &[u8]) -> Result<DomainId> {
        let mut attempts = 0;
        let published = loop {
            attempts += 1;
            match self.engine.publish(domain, index) {
                Err(callbar::Error::Changed { .. }) if attempts < ATTEMPTS => {
                    // What is damaged was told when it was opened first.
                    (self.engine, _) = Engine::open_sound(self.dir, LoadMode::default())?;
                }
                other => break other,
            }
        };
        published.with_context(|| format!("cannot publish in {}", self.dir.display()))
    }
}

/// Directories made on the way; those that are empty in the end are removed.
struct Made(Vec<PathBuf>);

impl Made {
    fn dirs(dir: &Path) -> std::io::Result<Self> {
        let missing =
            dir.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
        let made = Self(missing.map(Path::to_owned).collect());
        fs::create_dir_all(dir)?;
        Ok(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for dir in &self.0 {
            // Fails if it holds anything, and that is what tells whether it is wanted.
            let _ = fs::remove_dir(dir);
        }
    }
}
