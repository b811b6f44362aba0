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
use crate::engine::directory::failpoints::{Operation, Step, around};
use crate::engine::directory::lock::Lock;
use crate::engine::directory::names::{self, FileId, Name};
use crate::engine::snapshot::Snapshot;
use crate::engine::snapshot::domain_id::DomainId;
use crate::engine::snapshot::load::Proof;
use crate::engine::snapshot::loaded::{self, Layer, Loaded};
use crate::engine::view::View;
use crate::index::Edits;
use crate::{Error, Result};

/// Domains whose latest changes a writer keeps in memory, to add to them without reading the head.
const EDITED_MAX: usize = 16;

/// A writer's hold on a directory, shared with its compaction.
pub(crate) struct Work {
    pub(crate) view: Arc<View>,
    pub(crate) disk: Disk,
    pub(crate) recorder: Recorder,
    state: Mutex<State>,
    _lock: Lock,
}

/// What a writer knows beside the snapshot.
pub(crate) struct State {
    last: Option<FileId>,
    /// What the folder held when the writer was opened, of domains not looked at yet.
    found: HashMap<FileId, Vec<Name>>,
    ledgers: HashMap<FileId, Ledger>,
    /// The domains among them whose head could not be used.
    lost: Vec<FileId>,
    /// The entries of heads, the domain changed last at the end.
    edited: Vec<(FileId, Edits)>,
}

impl Work {
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
            disk::remove(Operation::Prepare, &path)?;
        }
        let recorder = Recorder::open(view.files())?;
        view.join()?;
        let names = view.files().list()?;
        let mut found: HashMap<FileId, Vec<Name>> = HashMap::new();
        for &name in &names {
            found.entry(name.id()).or_default().push(name);
        }
        let last = names.iter().map(|name| name.id()).max();
        let snapshot = view.snapshot();
        let mut headless = names::present(&names);
        headless.retain(|&file| snapshot.of_file(file).is_none());
        let state =
            State { last, found, ledgers: HashMap::new(), lost: headless, edited: Vec::new() };
        let work = Self { view, disk, recorder, state: Mutex::new(state), _lock: lock };
        work.finish_removals(&names)?;
        Ok(work)
    }

    /// What a kill left of removed domains.
    fn finish_removals(&self, names: &[Name]) -> Result<()> {
        let removed = |id| names.binary_search(&Name::Removed(id)).is_ok();
        for &name in names {
            if !matches!(name, Name::Removed(_)) && removed(name.id()) {
                disk::remove(Operation::Prepare, &self.disk.files().path(name))?;
            }
        }
        Ok(())
    }

    /// Makes this thread the only one of the process that writes.
    ///
    /// # Errors
    /// [`Error::Poisoned`]
    pub(crate) fn begin(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.state.lock();
        self.disk.check()?;
        Ok(state)
    }

    /// Forgets what is known of a domain, after a panic halfway.
    pub(crate) fn forget(&self, file: FileId) {
        self.state.lock().forget(file);
    }

    /// Gives a domain `bytes` for a head, over the lower files `lower`, which exist and are those
    /// that `bytes` name. On disk and in force everywhere when it returns.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Poisoned`], with the old head in place; but see [`Disk::place`].
    pub(crate) fn commit(
        &self,
        operation: Operation,
        file: FileId,
        bytes: &[u8],
        lower: impl IntoIterator<Item = Layer>,
    ) -> Result<DomainId> {
        let head = Name::Head(file);
        let staged = self.disk.stage(operation, head, bytes)?;
        // What is proved is what readers will see, and it has no name yet: the old head stays if
        // the disk did not keep what was written.
        let layer = self.view.loader(Proof::All).layer(staged.path(), &[])?;
        let layers: Vec<Layer> = std::iter::once(layer).chain(lower).collect();
        let loaded = Loaded::new(file, self.disk.files().path(head), &layers);
        self.recorder.announce();
        self.disk.place(operation, staged, head)?;
        self.show(operation, loaded)
    }

    /// Puts what is on disk into force.
    ///
    /// # Errors
    /// [`Error::DuplicateDomain`]
    pub(crate) fn show(&self, operation: Operation, loaded: Loaded) -> Result<DomainId> {
        let file = loaded.file;
        self.tell(operation, || self.view.replace(&self.recorder, file, |next| next.put(loaded)))
    }

    /// Puts the end of a domain into force.
    ///
    /// # Errors
    /// None by itself.
    pub(crate) fn show_removal(&self, operation: Operation, file: FileId) -> Result<()> {
        let remove = |next: &mut Snapshot| {
            next.remove(file);
            Ok(())
        };
        self.tell(operation, || self.view.replace(&self.recorder, file, remove))
    }

    fn tell<T>(&self, operation: Operation, tell: impl FnOnce() -> Result<T>) -> Result<T> {
        around(operation, Step::Count, || Ok(tell()))
            .map_err(Error::io("write", self.disk.files().changes()))?
    }

    /// The file of a domain whose head cannot be used, if what else is left of it tells that it is
    /// this one, and how many entries it had.
    pub(crate) fn lost(&self, state: &State, domain: &str) -> Option<(FileId, u64)> {
        let trusting = self.view.loader(Proof::Checksums);
        let of_domain = |layer: &Layer| layer.index.domain().eq_ignore_ascii_case(domain);
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
        operation: Operation,
        state: &mut State,
        file: FileId,
        keep: usize,
    ) -> Result<()> {
        self.remove(operation, &self.unneeded(state, file, keep))
    }

    /// Takes out of the account what [`Work::prune`] would remove.
    pub(crate) fn unneeded(&self, state: &mut State, file: FileId, keep: usize) -> Vec<Name> {
        let loaded = self.view.snapshot().of_file(file).cloned();
        let below = loaded.as_ref().map_or(&[][..], |loaded| loaded.layers.head().below());
        let Some(ledger) = state.ledgers.get_mut(&file) else { return Vec::new() };
        let kept = ledger.take_old(keep).into_iter().map(|number| Name::Kept(file, number));
        let lower = ledger.take_unnamed(below).into_iter().map(|number| Name::Lower(file, number));
        kept.collect::<Vec<_>>().into_iter().chain(lower).collect()
    }

    /// Removes files that nothing names.
    pub(crate) fn remove(&self, operation: Operation, names: &[Name]) -> Result<()> {
        let path = |&name: &Name| self.disk.files().path(name);
        names.iter().try_for_each(|name| disk::remove(operation, &path(name)))
    }

    /// The account of a domain's files, which is opened, and its orphans removed, when the writer
    /// first comes to it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`].
    pub(crate) fn ledger<'s>(
        &self,
        state: &'s mut State,
        loaded: &Loaded,
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
                let names: Vec<Name> = names.into_iter().filter(|name| name.id() == file).collect();
                place.insert(self.account(&names, loaded)?)
            }
        };
        Ok(ledger)
    }

    fn account(&self, names: &[Name], loaded: &Loaded) -> Result<Ledger> {
        let trusting = self.view.loader(Proof::Checksums);
        let mut twins = Vec::new();
        let mut ledger = Ledger::of(names, |kept| {
            let path = self.disk.files().path(kept);
            let head = trusting.layer(&path, &[loaded]).ok()?;
            if loaded.is_headed_by(head.identity) {
                twins.push(kept);
            }
            Some(head.index.below().to_vec())
        });
        for &twin in &twins {
            if let Name::Kept(_, number) = twin {
                ledger.forget_kept(number);
            }
        }
        let orphans = ledger.take_unnamed(loaded.layers.head().below()).into_iter();
        let orphans = orphans.map(|number| Name::Lower(loaded.file, number));
        for name in orphans.chain(twins) {
            disk::remove(Operation::Prepare, &self.disk.files().path(name))?;
        }
        Ok(ledger)
    }
}

impl State {
    /// The first number that no domain of the directory has had.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn next_file(&mut self) -> Result<FileId> {
        let next = self.last.map_or(Some(FileId::FIRST), FileId::next);
        let next = next.ok_or(Error::TooLarge { what: "index files", limit: u32::MAX.into() })?;
        self.last = Some(next);
        self.ledgers.insert(next, Ledger::default());
        Ok(next)
    }

    /// The domains without a head that can be used.
    pub(crate) fn take_lost(&mut self) -> Vec<FileId> {
        std::mem::take(&mut self.lost)
    }

    /// A domain has a head again.
    pub(crate) fn found_again(&mut self, file: FileId) {
        self.lost.retain(|&lost| lost != file);
    }

    /// Forgets what is known of a domain, after an operation that failed halfway or replaced it.
    pub(crate) fn forget(&mut self, file: FileId) {
        self.ledgers.remove(&file);
        self.forget_edits(file);
    }

    pub(crate) fn forget_edits(&mut self, file: FileId) {
        self.edited.retain(|(other, _)| *other != file);
    }

    /// Takes the entries of a domain's head out of memory, or reads them.
    pub(crate) fn take_edits(&mut self, loaded: &Loaded) -> Edits {
        match self.edited.iter().position(|(file, _)| *file == loaded.file) {
            Some(at) => self.edited.remove(at).1,
            None => Edits::of(loaded.layers.head()),
        }
    }

    /// Keeps the entries of a domain's head in memory.
    pub(crate) fn keep_edits(&mut self, file: FileId, edits: Edits) {
        if self.edited.len() == EDITED_MAX {
            self.edited.remove(0);
        }
        self.edited.push((file, edits));
    }
}
