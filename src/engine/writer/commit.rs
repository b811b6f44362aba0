//! What all operations of a writer share: the account of files, and the commit.
//!
//! **Every operation is committed by one rename**, that of a head (or of the mark that removes a
//! domain). What it needs is durable before; what it makes superfluous goes after.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::{Mutex, MutexGuard};

use super::ledger::Ledger;
use crate::engine::directory::counter::Recorder;
use crate::engine::directory::disk::{self, Disk};
use crate::engine::directory::failpoints::{DiskOperation, DiskStep, around};
use crate::engine::directory::lock::Lock;
use crate::engine::directory::names::{self, DomainFileId, FileName};
use crate::engine::snapshot::Snapshot;
use crate::engine::snapshot::domain_id::DomainId;
use crate::engine::snapshot::load::Proof;
use crate::engine::snapshot::loaded::{self, LoadedDomain, LoadedFile};
use crate::engine::view::View;
use crate::index::Edits;
use crate::{Error, Result};

/// Domains whose latest changes a writer keeps in memory, to add to them without reading the head.
const EDITED_MAX: usize = 16;

/// A writer's hold on a directory, shared with its compaction.
pub(crate) struct WriterCore {
    pub(crate) view: Arc<View>,
    pub(crate) disk: Disk,
    pub(crate) recorder: Recorder,
    state: Mutex<WriterState>,
    _lock: Lock,
}

/// What a writer knows beside the snapshot.
pub(crate) struct WriterState {
    last: Option<DomainFileId>,
    /// What the folder held when the writer was opened, of domains not looked at yet.
    found: HashMap<DomainFileId, Vec<FileName>>,
    ledgers: HashMap<DomainFileId, Ledger>,
    /// The domains among them whose head could not be used.
    lost: Vec<DomainFileId>,
    /// The entries of heads, the domain changed last at the end.
    edited: Vec<(DomainFileId, Edits)>,
}

impl WriterCore {
    /// Takes the directory, and tidies what killed writers left.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Poisoned`], [`Error::Io`].
    pub(crate) fn open(view: Arc<View>, poisoned: Arc<AtomicBool>) -> Result<Self> {
        let disk = Disk::new(view.files().clone(), poisoned);
        disk.check()?;
        let lock = Lock::take(&view.files().lock())?;
        disk.create_folder()?;
        // Nobody writes but who holds the lock: what is there was left by a kill.
        for path in view.files().leftovers()? {
            disk::remove(DiskOperation::Prepare, &path)?;
        }
        let recorder = Recorder::open(view.files())?;
        view.join_as_writer()?;
        let names = view.files().list()?;
        let mut found: HashMap<DomainFileId, Vec<FileName>> = HashMap::new();
        for &name in &names {
            found.entry(name.id()).or_default().push(name);
        }
        let last = names.iter().map(|name| name.id()).max();
        let snapshot = view.snapshot();
        let mut headless = names::present(&names);
        headless.retain(|&file| snapshot.of_file(file).is_none());
        let state = WriterState {
            last,
            found,
            ledgers: HashMap::new(),
            lost: headless,
            edited: Vec::new(),
        };
        let core = Self { view, disk, recorder, state: Mutex::new(state), _lock: lock };
        core.finish_removals(&names)?;
        Ok(core)
    }

    /// What a kill left of removed domains.
    fn finish_removals(&self, names: &[FileName]) -> Result<()> {
        let removed = |id| names.binary_search(&FileName::Removed(id)).is_ok();
        for &name in names {
            if !matches!(name, FileName::Removed(_)) && removed(name.id()) {
                disk::remove(DiskOperation::Prepare, &self.disk.files().path(name))?;
            }
        }
        Ok(())
    }

    /// Makes this thread the only one of the process that writes.
    ///
    /// # Errors
    /// [`Error::Poisoned`]
    pub(crate) fn begin(&self) -> Result<MutexGuard<'_, WriterState>> {
        let state = self.state.lock();
        self.disk.check()?;
        Ok(state)
    }

    /// Forgets what is known of a domain, after a panic halfway.
    pub(crate) fn forget(&self, file: DomainFileId) {
        self.state.lock().forget(file);
    }

    /// Gives a domain `bytes` for a head, over the lower files `lower`, which exist and are those
    /// that `bytes` name. On disk and in force everywhere when it returns.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Poisoned`], with the old head in place; but see [`Disk::place`].
    pub(crate) fn commit(
        &self,
        operation: DiskOperation,
        file: DomainFileId,
        bytes: &[u8],
        lower: impl IntoIterator<Item = LoadedFile>,
    ) -> Result<DomainId> {
        let head = FileName::Head(file);
        let staged = self.disk.stage(operation, head, bytes)?;
        // What is proved is what readers will see, and it has no name yet: the old head stays if
        // the disk did not keep what was written.
        let layer = self.view.loader(Proof::All).layer(staged.path(), &[])?;
        let layers: Vec<LoadedFile> = std::iter::once(layer).chain(lower).collect();
        let loaded = LoadedDomain::new(file, self.disk.files().path(head), &layers);
        self.recorder.announce();
        self.disk.place(operation, staged, head)?;
        self.show(operation, loaded)
    }

    /// Puts what is on disk into force.
    ///
    /// # Errors
    /// [`Error::DuplicateDomain`]
    pub(crate) fn show(&self, operation: DiskOperation, loaded: LoadedDomain) -> Result<DomainId> {
        let file = loaded.file;
        self.record(operation, || self.view.replace(&self.recorder, file, |next| next.put(loaded)))
    }

    /// Puts the end of a domain into force.
    ///
    /// # Errors
    /// None by itself.
    pub(crate) fn show_removal(&self, operation: DiskOperation, file: DomainFileId) -> Result<()> {
        let remove = |next: &mut Snapshot| {
            next.remove(file);
            Ok(())
        };
        self.record(operation, || self.view.replace(&self.recorder, file, remove))
    }

    fn record<T>(&self, operation: DiskOperation, record: impl FnOnce() -> Result<T>) -> Result<T> {
        around(operation, DiskStep::Count, || Ok(record()))
            .map_err(Error::io("write", self.disk.files().changes()))?
    }

    /// The file of a domain whose head cannot be used, if what else is left of it tells that it is
    /// this one, and how many entries it had.
    pub(crate) fn lost(&self, state: &WriterState, domain: &str) -> Option<(DomainFileId, u64)> {
        let trusting = self.view.loader(Proof::Checksums);
        let of_domain = |layer: &LoadedFile| layer.index.domain().eq_ignore_ascii_case(domain);
        state.lost.iter().find_map(|file| {
            let mut left = state.found.get(file)?.iter().rev();
            let latest = left.find_map(|&name| {
                let layer = trusting.layer(&self.disk.files().path(name), &[]).ok();
                layer.filter(of_domain)
            })?;
            Some((*file, loaded::entries(&latest.index)))
        })
    }

    /// Removes the kept heads of a domain beyond the latest `keep`, and the lower files that nobody
    /// names any more. What cannot be removed is tried again when the domain is next written to by
    /// a new writer.
    pub(crate) fn prune(
        &self,
        operation: DiskOperation,
        state: &mut WriterState,
        file: DomainFileId,
        keep: usize,
    ) -> Result<()> {
        self.remove(operation, &self.unneeded(state, file, keep))
    }

    /// Takes out of the account what [`WriterCore::prune`] would remove.
    pub(crate) fn unneeded(
        &self,
        state: &mut WriterState,
        file: DomainFileId,
        keep: usize,
    ) -> Vec<FileName> {
        let loaded = self.view.snapshot().of_file(file).cloned();
        let below = loaded.as_ref().map_or(&[][..], |loaded| loaded.layers.head().below());
        let Some(ledger) = state.ledgers.get_mut(&file) else { return Vec::new() };
        let kept = ledger.take_old(keep).into_iter().map(|number| FileName::Kept(file, number));
        let lower =
            ledger.take_unnamed(below).into_iter().map(|number| FileName::Lower(file, number));
        kept.collect::<Vec<_>>().into_iter().chain(lower).collect()
    }

    /// Removes files that nothing names.
    pub(crate) fn remove(&self, operation: DiskOperation, names: &[FileName]) -> Result<()> {
        let path = |&name: &FileName| self.disk.files().path(name);
        names.iter().try_for_each(|name| disk::remove(operation, &path(name)))
    }

    /// The account of a domain's files, which is opened, and its orphans removed, when the writer
    /// first comes to it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`].
    pub(crate) fn ledger<'s>(
        &self,
        state: &'s mut WriterState,
        loaded: &LoadedDomain,
    ) -> Result<&'s mut Ledger> {
        let file = loaded.file;
        let ledger = match state.ledgers.entry(file) {
            Entry::Occupied(ledger) => return Ok(ledger.into_mut()),
            Entry::Vacant(place) => {
                let names = match state.found.remove(&file) {
                    Some(names) => names,
                    // After a failure, when the account was closed.
                    None => self.disk.files().list()?,
                };
                let names: Vec<FileName> =
                    names.into_iter().filter(|name| name.id() == file).collect();
                place.insert(self.account(&names, loaded)?)
            }
        };
        Ok(ledger)
    }

    fn account(&self, names: &[FileName], loaded: &LoadedDomain) -> Result<Ledger> {
        let trusting = self.view.loader(Proof::Checksums);
        let mut twins = Vec::new();
        let mut ledger = Ledger::new(names, |kept| {
            let path = self.disk.files().path(kept);
            let head = trusting.layer(&path, &[loaded]).ok()?;
            if loaded.is_headed_by(head.identity) {
                twins.push(kept);
            }
            Some(head.index.below().to_vec())
        });
        for &twin in &twins {
            if let FileName::Kept(_, number) = twin {
                ledger.forget_kept(number);
            }
        }
        let orphans = ledger.take_unnamed(loaded.layers.head().below()).into_iter();
        let orphans = orphans.map(|number| FileName::Lower(loaded.file, number));
        for name in orphans.chain(twins) {
            disk::remove(DiskOperation::Prepare, &self.disk.files().path(name))?;
        }
        Ok(ledger)
    }
}

impl WriterState {
    /// The first number that no domain of the directory has had.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn next_file(&mut self) -> Result<DomainFileId> {
        let next = self.last.map_or(Some(DomainFileId::FIRST), DomainFileId::next);
        let next = next.ok_or(Error::TooLarge { what: "index files", limit: u32::MAX.into() })?;
        self.last = Some(next);
        self.ledgers.insert(next, Ledger::default());
        Ok(next)
    }

    /// The domains without a head that can be used.
    pub(crate) fn take_lost(&mut self) -> Vec<DomainFileId> {
        std::mem::take(&mut self.lost)
    }

    /// A domain has a head again.
    pub(crate) fn found_again(&mut self, file: DomainFileId) {
        self.lost.retain(|&lost| lost != file);
    }

    /// Forgets what is known of a domain, after an operation that failed halfway or replaced it.
    pub(crate) fn forget(&mut self, file: DomainFileId) {
        self.ledgers.remove(&file);
        self.forget_edits(file);
    }

    pub(crate) fn forget_edits(&mut self, file: DomainFileId) {
        self.edited.retain(|(other, _)| *other != file);
    }

    /// Takes the entries of a domain's head out of memory, or reads them.
    pub(crate) fn take_edits(&mut self, loaded: &LoadedDomain) -> Edits {
        match self.edited.iter().position(|(file, _)| *file == loaded.file) {
            Some(at) => self.edited.remove(at).1,
            None => Edits::of(loaded.layers.head()),
        }
    }

    /// Keeps the entries of a domain's head in memory.
    pub(crate) fn keep_edits(&mut self, file: DomainFileId, edits: Edits) {
        if self.edited.len() == EDITED_MAX {
            self.edited.remove(0);
        }
        self.edited.push((file, edits));
    }
}
