//! What all operations of a writer share: its state, the ledgers of files, and the commit.
//!
//! **One rename commits every operation**: the rename of a head, or of the mark that removes a domain. The
//! files that it needs are durable before; the files that it makes superfluous are removed after.

use std::collections::{HashMap, hash_map::Entry};
use std::sync::{Arc, atomic::AtomicBool};

use parking_lot::{Mutex, MutexGuard};

use super::ledger::Ledger;
use crate::engine::directory::disk::{self, Disk, Staged};
use crate::engine::directory::failpoints::{DiskOperation, DiskStep, around};
use crate::engine::directory::names::{self, DomainFileId, FileName};
use crate::engine::directory::{counter::Recorder, lock::Lock};
use crate::engine::snapshot::loaded::{self, LoadedDomain, LoadedFile};
use crate::engine::snapshot::{Snapshot, domain_id::DomainId, load::Proof};
use crate::{Error, Result, engine::view::View, index::Edits};

/// For how many domains a writer keeps the entries of the head in memory, so that a change need not read it.
const EDITED_MAX: usize = 16;

/// What a writer shares with its compaction thread.
pub(crate) struct WriterCore {
    pub(crate) view: Arc<View>,
    pub(crate) disk: Disk,
    pub(crate) recorder: Recorder,
    state: Mutex<WriterState>,
    _lock: Lock,
}

/// What a writer knows besides the snapshot.
#[derive(Default)]
pub(crate) struct WriterState {
    last: Option<DomainFileId>,
    /// The files in the folder when the writer was opened, of domains without a ledger.
    found: HashMap<DomainFileId, Vec<FileName>>,
    ledgers: HashMap<DomainFileId, Ledger>,
    /// The domains whose head could not be used.
    pub(super) lost: Vec<DomainFileId>,
    /// The entries of heads, with the domain that was changed last at the end.
    edited: Vec<(DomainFileId, Edits)>,
}

impl WriterCore {
    /// Takes the lock of the directory, and removes what killed writers left.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Poisoned`], [`Error::Io`].
    pub(crate) fn open(view: Arc<View>, poisoned: Arc<AtomicBool>) -> Result<Self> {
        let disk = Disk::new(view.files().clone(), poisoned);
        disk.check()?;
        let lock = Lock::take(&view.files().lock())?;
        disk.create_folder()?;
        // Only the holder of the lock writes, so these were left by a killed writer.
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
        let state = WriterState { last, found, lost: headless, ..WriterState::default() };
        let core = Self { view, disk, recorder, state: Mutex::new(state), _lock: lock };
        // What a killed writer left of removed domains.
        let is_mark = |name: &FileName| *name == FileName::Removed(name.id());
        let removed = |name: &FileName| names.binary_search(&FileName::Removed(name.id())).is_ok();
        let left = names.iter().copied().filter(|name| !is_mark(name) && removed(name));
        core.remove(DiskOperation::Prepare, left)?;
        Ok(core)
    }

    /// Waits until this thread is the only one that writes.
    ///
    /// # Errors
    /// [`Error::Poisoned`]
    pub(crate) fn begin(&self) -> Result<MutexGuard<'_, WriterState>> {
        let state = self.state.lock();
        self.disk.check()?;
        Ok(state)
    }

    /// Forgets the state of a domain, after a panic.
    pub(crate) fn forget(&self, file: DomainFileId) {
        self.state.lock().forget(file);
    }

    /// Makes `bytes` the head of a domain. They name the lower files `lower`, which exist. When it returns,
    /// the head is on disk, and in force in all processes.
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
        // Verifies what readers will see, before it has its name: the old head stays if the disk did not
        // keep what was written.
        let layer = self.view.loader(Proof::All).layer(staged.path(), &[])?;
        let layers: Vec<LoadedFile> = std::iter::once(layer).chain(lower).collect();
        let loaded = LoadedDomain::new(file, self.disk.files().path(head), &layers);
        self.put_in_force(operation, staged, head, |next| next.put(loaded))
    }

    /// Gives a staged file its name, which commits the operation. Then puts it into force: `edit` makes the
    /// change in the next snapshot.
    ///
    /// # Errors
    /// Those of [`Disk::place`] and of `edit`.
    pub(crate) fn put_in_force<T>(
        &self,
        operation: DiskOperation,
        staged: Staged,
        name: FileName,
        edit: impl FnOnce(&mut Snapshot) -> Result<T>,
    ) -> Result<T> {
        self.recorder.announce();
        self.disk.place(operation, staged, name)?;
        let record = || Ok(self.view.replace(&self.recorder, name.id(), edit));
        around(operation, DiskStep::Count, record)
            .map_err(Error::io("write", self.disk.files().changes()))?
    }

    /// Finds a domain without a usable head by its other files. Returns its number, and how many entries it had.
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

    /// Takes off the ledger the kept heads of a domain beyond the latest `keep`, and the lower files that no
    /// head names. They may be removed then. If that fails, the next writer that changes the domain tries again.
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
        kept.chain(lower).collect()
    }

    /// Removes these files.
    pub(crate) fn remove(
        &self,
        operation: DiskOperation,
        names: impl IntoIterator<Item = FileName>,
    ) -> Result<()> {
        let mut paths = names.into_iter().map(|name| self.disk.files().path(name));
        paths.try_for_each(|path| disk::remove(operation, &path))
    }

    /// The ledger of a domain. When the writer first needs it, it is made, and orphans are removed.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`].
    pub(crate) fn ledger<'s>(
        &self,
        state: &'s mut WriterState,
        loaded: &LoadedDomain,
    ) -> Result<&'s mut Ledger> {
        let file = loaded.file;
        match state.ledgers.entry(file) {
            Entry::Occupied(ledger) => Ok(ledger.into_mut()),
            Entry::Vacant(place) => {
                let names = match state.found.remove(&file) {
                    Some(names) => names,
                    // After a failure, when the ledger was dropped.
                    None => self.disk.files().list()?,
                };
                let names: Vec<FileName> =
                    names.into_iter().filter(|name| name.id() == file).collect();
                Ok(place.insert(self.make_ledger(&names, loaded)?))
            }
        }
    }

    fn make_ledger(&self, names: &[FileName], loaded: &LoadedDomain) -> Result<Ledger> {
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
        self.remove(DiskOperation::Prepare, orphans.chain(twins))?;
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

    /// Forgets the state of a domain, after an operation that failed halfway or replaced the domain.
    pub(crate) fn forget(&mut self, file: DomainFileId) {
        self.ledgers.remove(&file);
        self.forget_edits(file);
    }

    pub(crate) fn forget_edits(&mut self, file: DomainFileId) {
        self.edited.retain(|(other, _)| *other != file);
    }

    /// Takes the entries of a domain's head from memory, or reads them.
    pub(crate) fn take_edits(&mut self, loaded: &LoadedDomain) -> Edits {
        match self.edited.iter().position(|(file, _)| *file == loaded.file) {
            Some(at) => self.edited.remove(at).1,
            None => Edits::from_index(loaded.layers.head()),
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
