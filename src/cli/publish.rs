//! Where `compile` publishes: a data directory, made if need be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};
use callbar::{Engine, Publish};

use super::turn::Turn;
use super::{damaged, domain};

/// A data directory to publish in.
pub(crate) struct Target<'a> {
    dir: &'a Path,
    turn: Turn,
    /// None of a directory that holds no index yet, in which nothing is made before it must be.
    engine: Option<Engine>,
    _made: Made,
}

impl<'a> Target<'a> {
    /// Opens a directory, which is made if it does not exist, and removed again if nothing is
    /// published in it. An error if somebody else keeps writing to it.
    pub(crate) fn open(dir: &'a Path, turn: Turn) -> Result<Self> {
        let shown = dir.display();
        let made =
            Made::dirs(dir).with_context(|| format!("cannot create the directory {shown}"))?;
        let engine = if domain::is_new(dir) { None } else { Some(sound(dir)?) };
        let target = Self { dir, turn, engine, _made: made };
        if let Some(engine) = &target.engine {
            // Let go at once: others may write while lists are read.
            drop(turn.writer(engine).with_context(|| target.cannot())?);
        }
        Ok(target)
    }

    /// The engine, unless the directory holds no index yet.
    pub(crate) fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Publishes an index, and answers the engine that has it.
    pub(crate) fn publish(mut self, domain: &str, index: &[u8], how: Publish) -> Result<Engine> {
        let engine = self.engine.take().map_or_else(|| sound(self.dir), Ok)?;
        let writer = self.turn.writer(&engine).with_context(|| self.cannot())?;
        match writer.publish(domain, index, how) {
            Ok(_) => Ok(engine),
            Err(callbar::Error::TooFewEntries { domain, before, after, max_loss }) => {
                Err(refused(&domain, before, after, max_loss))
            }
            Err(error) => Err(Error::from(error).context(self.cannot())),
        }
    }

    fn cannot(&self) -> String {
        format!("cannot publish in {}", self.dir.display())
    }
}

fn sound(dir: &Path) -> Result<Engine> {
    let shown = dir.display();
    let opened = damaged::open(dir).map_err(|error| domain::explain(dir, Error::from(error)));
    let (engine, _) = opened.with_context(|| {
        format!("cannot publish in {shown} (callbar verify {shown} names what is wrong; remove it)")
    })?;
    Ok(engine)
}

/// The guard's refusal with the option that lifts it.
#[expect(clippy::cast_precision_loss, reason = "a share, shown in whole percent")]
fn refused(domain: &str, before: u64, after: u64, max_loss: f64) -> Error {
    let lost = 100.0 * (before - after) as f64 / before as f64;
    anyhow!(
        "domain {domain:?} would fall from {before} to {after} entries, a loss of {:.0}%, and may \
         lose {:.0}%: nothing is published. Are the lists whole? If so, give --max-loss {:.0}",
        lost,
        100.0 * max_loss,
        lost.ceil()
    )
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
