//! Publishes in a data directory, and creates it if there is none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};
use callbar::{Engine, Publish};

use crate::input::data_directory;
use crate::options::WriterWait;

/// A data directory to publish in.
pub(crate) struct PublishTarget<'a> {
    dir: &'a Path,
    wait: WriterWait,
    /// `None` for a directory without an index: nothing is created in it before the index is ready.
    pub(crate) engine: Option<Engine>,
    created: CreatedDirectories,
}

/// Most attempts to create a directory that another process removes.
const ATTEMPTS: usize = 16;

impl<'a> PublishTarget<'a> {
    /// Opens a directory. If there is none it is created, and removed again if nothing is published in
    /// it. Fails if another process keeps writing to it.
    pub(crate) fn open(dir: &'a Path, wait: WriterWait) -> Result<Self> {
        data_directory::refuse_store(dir)?;
        let mut target = Self { dir, wait, engine: None, created: CreatedDirectories::default() };
        target.create_directory()?;
        if !data_directory::has_no_indexes(dir) {
            target.engine = Some(open_engine(dir)?);
        }
        if let Some(engine) = &target.engine {
            // Dropped at once: others may write while lists are read.
            drop(wait.writer(engine).with_context(|| target.cannot_publish())?);
        }
        Ok(target)
    }

    /// Publishes an index, and returns the engine that has it.
    pub(crate) fn publish(mut self, domain: &str, index: &[u8], how: Publish) -> Result<Engine> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => self.first_engine()?,
        };
        let writer = self.wait.writer(&engine).with_context(|| self.cannot_publish())?;
        match writer.publish(domain, index, how) {
            Ok(_) => Ok(engine),
            Err(callbar::Error::TooFewEntries { domain, before, after, max_loss }) => {
                Err(too_few_entries(&domain, before, after, max_loss))
            }
            Err(error) => Err(Error::from(error).context(self.cannot_publish())),
        }
    }

    fn create_directory(&mut self) -> Result<()> {
        let created = self.created.create_all(self.dir);
        created.with_context(|| format!("cannot create the directory {}", self.dir.display()))
    }

    /// Opens the engine of a directory that had no index. Another compile may have created the directory
    /// and removed it when it failed.
    fn first_engine(&mut self) -> Result<Engine> {
        for _ in 1..ATTEMPTS {
            self.create_directory()?;
            match open_engine(self.dir) {
                Err(_) if !self.dir.is_dir() => {}
                // No folder of indexes: the directory was gone when it was opened.
                Ok(_) if data_directory::has_no_indexes(self.dir) => {}
                opened => return opened,
            }
        }
        self.create_directory()?;
        open_engine(self.dir)
    }

    fn cannot_publish(&self) -> String {
        format!("cannot publish in {}", self.dir.display())
    }
}

fn open_engine(dir: &Path) -> Result<Engine> {
    let opened = data_directory::open_sound(dir)
        .map_err(|error| data_directory::explain_permissions(dir, Error::from(error)));
    let (engine, _) = opened.with_context(|| {
        format!(
            "cannot publish in {0} (callbar verify {0} shows the bad files: remove them)",
            dir.display()
        )
    })?;
    Ok(engine)
}

/// Returns the error of `--max-loss`, with the value that would publish.
#[expect(clippy::cast_precision_loss, reason = "a share, shown in whole percent")]
fn too_few_entries(domain: &str, before: u64, after: u64, max_loss: f64) -> Error {
    let lost = 100.0 * (before - after) as f64 / before as f64;
    anyhow!(
        "domain {domain:?} would fall from {before} to {after} entries, a loss of {:.0}%, and may \
         lose {:.0}%: nothing is published. If the lists are complete, give --max-loss {:.0}",
        lost,
        100.0 * max_loss,
        lost.ceil()
    )
}

/// The directories that were created. Dropping it removes those that are empty.
#[derive(Default)]
struct CreatedDirectories(Vec<PathBuf>);

impl CreatedDirectories {
    /// Creates the missing directories of a path. Another process that created some of them may remove
    /// them meanwhile, but each process does so once, so a few attempts are enough.
    fn create_all(&mut self, dir: &Path) -> io::Result<()> {
        for _ in 1..ATTEMPTS {
            match self.create_missing(dir) {
                // It was removed before the next was created in it, or before it was looked at.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
                    ) => {}
                done => return done,
            }
        }
        self.create_missing(dir)
    }

    fn create_missing(&mut self, dir: &Path) -> io::Result<()> {
        let mut path: Vec<_> = dir.ancestors().filter(|dir| !dir.as_os_str().is_empty()).collect();
        while let Some(dir) = path.pop() {
            match fs::create_dir(dir) {
                Ok(()) => self.0.push(dir.to_owned()),
                Err(_) if dir.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Drop for CreatedDirectories {
    fn drop(&mut self) {
        for dir in self.0.iter().rev() {
            // Fails if the directory has anything in it, and then it is wanted.
            let _ = fs::remove_dir(dir);
        }
    }
}
