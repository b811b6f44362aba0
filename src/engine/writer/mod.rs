//! The one writer of a directory: how a compiled index is published, and when all is compacted.

mod background;
mod change;
mod commit;
mod compaction;
pub(crate) mod history;
mod ledger;

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use self::commit::{WriterCore, WriterState};
use self::compaction::Compactor;
use crate::engine::directory::failpoints::DiskOperation;
use crate::engine::directory::names::FileName;
use crate::engine::snapshot::domain_id::DomainId;
use crate::engine::snapshot::load::verify_domain;
use crate::engine::snapshot::loaded::{self, LoadedDomain};
use crate::engine::view::View;
use crate::{Error, Index, Result};

/// Writes to a data directory: publishes, changes, compacts and rolls back. From
/// [`Engine::writer`](crate::Engine::writer).
///
/// There is one at a time in all processes of the machine; it lets go when it is dropped or its
/// process ends. Its methods may be called on several threads, and wait for each other. What one
/// of them did is on disk when it returns, and in force for every check of this process that starts
/// afterwards. In another process the next check loads it, and those on other threads go by what was
/// before until it has.
///
/// After a failed sync it refuses everything, as do later ones of the same engine: see to the disk,
/// then open the engine again. A process that forks does so before it opens a writer: parent and
/// child would share its lock.
pub struct Writer {
    core: Arc<WriterCore>,
    compactor: Compactor,
}

/// How an index is published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Publish {
    /// The share of its entries that a domain may lose, 0 to 1: a list that was cut short, or an
    /// export that failed halfway, does not replace a good one. 0.5 unless told otherwise; 1 lets
    /// anything pass.
    pub max_loss: f64,
    /// How many former states are kept for [`Writer::rollback`]. 3 unless told otherwise. Each
    /// holds the disk space of a whole base where bases were published one after the other.
    pub keep: usize,
}

impl Default for Publish {
    fn default() -> Self {
        Self { max_loss: 0.5, keep: 3 }
    }
}

impl Publish {
    /// Refuses a replacement that leaves `after` of `before` entries, if that loses more than the share
    /// `max_loss`. [`Writer::publish`] applies this rule to a domain; call it where entries are replaced in
    /// another way. `name` is that of the domain, for the error.
    ///
    /// # Errors
    /// [`Error::TooFewEntries`]
    ///
    /// # Examples
    /// ```
    /// use callbar::Publish;
    ///
    /// let publish = Publish { max_loss: 0.1, ..Publish::default() };
    /// assert!(publish.check_loss("my.example", 1000, 950).is_ok());
    /// assert!(publish.check_loss("my.example", 1000, 12).is_err());
    /// ```
    #[expect(clippy::cast_precision_loss, reason = "a share, compared with a rough one")]
    pub fn check_loss(&self, name: &str, before: u64, after: u64) -> Result<()> {
        let lost = before.saturating_sub(after);
        // If `max_loss` is NaN or negative, nothing may be lost.
        if lost as f64 <= before as f64 * self.max_loss {
            return Ok(());
        }
        let (domain, max_loss) = (name.to_owned(), self.max_loss);
        Err(Error::TooFewEntries { domain, before, after, max_loss })
    }
}

impl Writer {
    pub(crate) fn open(view: Arc<View>, poisoned: Arc<AtomicBool>) -> Result<Self> {
        let core = Arc::new(WriterCore::open(view, poisoned)?);
        Ok(Self { core, compactor: Compactor::default() })
    }

    /// Verifies `index`, the bytes that [`Compiler::finish`](crate::Compiler::finish) made for
    /// `domain`, writes them durably, and makes them what checks obey: see [`Writer`].
    /// They replace all that the domain had, later changes included.
    ///
    /// Readers go on meanwhile. Takes as long as writing and syncing the file, and its verification
    /// twice, before and after.
    ///
    /// # Errors
    /// [`Error::WrongDomain`], [`Error::NotAnIndex`], [`Error::UnsupportedVersion`],
    /// [`Error::Corrupt`] and [`Error::TooFewEntries`], with nothing written. [`Error::Io`], for
    /// instance of a full disk, with nothing in force; after a failed sync everything further is
    /// [`Error::Poisoned`]. Only if the very last step failed, the sync of the folder, has the new
    /// file its name already, and is what the next `open` finds.
    pub fn publish(&self, domain: &str, index: &[u8], how: Publish) -> Result<DomainId> {
        let after = verify(domain, index)?;
        self.replace(domain, index, after, how)
    }

    /// As [`Writer::publish`], from a file, which is read into memory, copied and left alone.
    ///
    /// # Errors
    /// As [`Writer::publish`]; [`Error::File`] if the file is no good.
    pub fn publish_file(
        &self,
        domain: &str,
        file: impl AsRef<Path>,
        how: Publish,
    ) -> Result<DomainId> {
        let file = file.as_ref();
        // Never mapped: nobody promised that this file stays as it is.
        let index = fs::read(file).map_err(Error::io("read", file))?;
        let after = verify(domain, &index)
            .map_err(|source| Error::File { path: file.to_owned(), source: Box::new(source) })?;
        self.replace(domain, &index, after, how)
    }

    /// Merges everything of a domain into one base, latest changes included, in the background: see
    /// [`Writer::wait`]. Nobody needs to call it; it makes a directory as small as it can be.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::Io`], [`Error::Poisoned`].
    pub fn compact(&self, domain: &str) -> Result<()> {
        let mut state = self.core.begin()?;
        let loaded = Arc::clone(self.core.view.snapshot().known(domain)?);
        self.core.ledger(&mut state, &loaded)?;
        let has_lower = !loaded.layers.lower().is_empty();
        if has_lower && loaded.layers.head().keys() > 0 {
            self.core.freeze(&mut state, &loaded)?;
        }
        drop(state);
        if has_lower {
            self.compactor.wake(&self.core, loaded.file, true);
        }
        Ok(())
    }

    /// Waits until nothing is being compacted.
    ///
    /// # Errors
    /// Why a compaction failed since the last call. Everything is as it was before it.
    pub fn wait(&self) -> Result<()> {
        self.compactor.wait()
    }

    /// Publishes what was verified and has `after` entries.
    fn replace(&self, domain: &str, index: &[u8], after: u64, how: Publish) -> Result<DomainId> {
        let core = &self.core;
        let mut state = core.begin()?;
        let old = core.view.snapshot().known(domain).ok().cloned();
        let Some(old) = old else {
            return self.replace_lost(&mut state, domain, index, after, how);
        };
        how.check_loss(domain, old.entries(), after)?;
        core.ledger(&mut state, &old)?;
        let file = old.file;
        let published = self
            .keep(&mut state, DiskOperation::Publish, &old, how.keep)
            .and_then(|()| core.commit(DiskOperation::Publish, file, index, []));
        state.forget_edits(file);
        let pruned = published.is_ok()
            && core.prune(DiskOperation::Publish, &mut state, file, how.keep).is_ok();
        if !pruned {
            // The next who comes to this domain looks at what is really there.
            state.forget(file);
        }
        published
    }

    /// Publishes a domain that is not loaded: a new one, or one whose head is lost.
    fn replace_lost(
        &self,
        state: &mut WriterState,
        domain: &str,
        index: &[u8],
        after: u64,
        how: Publish,
    ) -> Result<DomainId> {
        let core = &self.core;
        let Some((file, before)) = core.lost(state, domain) else {
            let file = state.next_file()?;
            return core.commit(DiskOperation::Publish, file, index, []);
        };
        how.check_loss(domain, before, after)?;
        let published = core.commit(DiskOperation::Publish, file, index, [])?;
        state.found_again(file);
        Ok(published)
    }

    /// Keeps the present head of a domain under a second name, unless nothing is to be kept or the
    /// head is not the one that was loaded: then a publish puts right what somebody has damaged.
    pub(crate) fn keep(
        &self,
        state: &mut WriterState,
        operation: DiskOperation,
        loaded: &LoadedDomain,
        keep: usize,
    ) -> Result<()> {
        if keep == 0 || loaded.verify_head().is_err() {
            return Ok(());
        }
        let ledger = self.core.ledger(state, loaded)?;
        let number = ledger.next_kept();
        let (file, below) = (loaded.file, loaded.layers.head().below().to_vec());
        self.core.disk.link(operation, FileName::Head(file), FileName::Kept(file, number))?;
        ledger.keep(number, below);
        Ok(())
    }
}

/// Proves an index and tells how many entries it has.
fn verify(domain: &str, index: &[u8]) -> Result<u64> {
    let index = Index::open(index)?;
    verify_domain(domain, index.domain())?;
    if !index.below().is_empty() {
        return Err(Error::Corrupt { section: "meta", reason: "part of a domain, not all of it" });
    }
    Ok(loaded::entries(&index))
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("folder", &self.core.disk.files().folder())
            .finish_non_exhaustive()
    }
}
