//! The directory as one process sees it: the snapshot in use, and how it follows changes.
//!
//! A reader compares two counters at each check: that of the [slot], which this process moves when it
//! swaps the snapshot, and the shared one, which a writer of any process moves when it has changed a domain.
//! If the shared one has moved, one thread of the process loads the changed domains as part of its check.
//! The others go on with the snapshot that they have, and look again at their next check. There is no
//! background thread that a fork would lose.
//!
//! A domain that cannot be loaded stays as it was, and [`View::health`] reports it.
//!
//! | file | holds |
//! | --- | --- |
//! | `slot`, `sync` | the swap of the snapshot; its lock and counter |
//! | `reader` | a thread's handle |
//! | `health` | what could not be loaded |
//! | `parallel` | several files at a time, when a directory is opened |

pub(crate) mod health;
mod parallel;
pub(crate) mod reader;
mod slot;
mod sync;

use std::sync::atomic::{AtomicU64, Ordering};
use std::{path::PathBuf, sync::Arc};

use parking_lot::Mutex;

use self::health::{Faults, Health, SeenFiles, missing};
use self::{parallel::map_parallel, slot::Slot};
use crate::engine::directory::counter::{self, Counter, Recorder};
use crate::engine::directory::names::{self, DataDirectory, DomainFileId, FileName};
use crate::engine::directory::{bytes::LoadMode, disk};
use crate::engine::snapshot::load::{DomainLoader, Examined, Failure, Proof};
use crate::{Error, Result, engine::snapshot::Snapshot, index::Clock};

pub(crate) struct View {
    files: DataDirectory,
    mode: LoadMode,
    counter: Counter,
    slot: Arc<Slot<Snapshot>>,
    /// The shared generation that the snapshot in the slot has caught up with.
    examined: AtomicU64,
    /// Only its holder replaces the snapshot.
    update: Mutex<()>,
    faults: Mutex<Faults>,
}

impl View {
    /// Loads and verifies all domains, several at a time. Also returns the errors of those that cannot be
    /// used.
    ///
    /// # Errors
    /// [`Error::InvalidName`] of a file; [`Error::Io`] if the directory itself cannot be read.
    pub(crate) fn open(
        files: DataDirectory,
        mode: LoadMode,
        clock: Clock,
    ) -> Result<(Self, Vec<Error>)> {
        let counter = Counter::detached().map_err(Error::io("map", files.changes()))?;
        // These fail in a directory that this process may only read. It is opened all the same.
        let _ = disk::create_folder(files.folder());
        let _ = counter::create(&files);
        let _ = counter.attach(&files.changes());
        // Read before anything is loaded, so that what changes meanwhile is loaded again.
        let examined = AtomicU64::new(counter.now());
        let view = Self {
            mode,
            counter,
            slot: Arc::new(Slot::new(Arc::new(Snapshot::empty(clock)))),
            examined,
            update: Mutex::default(),
            faults: Mutex::default(),
            files,
        };
        let damaged = view.load_all()?;
        Ok((view, damaged))
    }

    fn load_all(&self) -> Result<Vec<Error>> {
        let files = names::present(&self.files.list()?);
        let proving = self.loader(Proof::All);
        let mut loaded = map_parallel(&files, |&file| (file, proving.examine(file, None)));
        // If two files hold one domain, for instance a restored backup beside its successor, the one that
        // was written last counts.
        loaded.sort_by_key(|(_, examined)| std::cmp::Reverse(written(examined)));
        let mut snapshot = Snapshot::clone(&self.snapshot());
        let mut faults = self.faults.lock();
        let mut damaged = Vec::new();
        for (file, examined) in loaded {
            let put = match examined {
                Ok(Examined::New(loaded)) => snapshot.put(loaded).map(drop).map_err(Failure::from),
                Ok(Examined::Same | Examined::Gone) => Ok(()),
                Err(failure) => Err(failure),
            };
            if let Err(failure) = put {
                faults.report(file, None, self.head(file), &failure);
                damaged.push(failure.error);
            }
        }
        self.slot.publish(Arc::new(snapshot));
        Ok(damaged)
    }

    pub(crate) fn files(&self) -> &DataDirectory {
        &self.files
    }

    pub(crate) fn slot(&self) -> &Arc<Slot<Snapshot>> {
        &self.slot
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.slot.load()
    }

    pub(crate) fn loader(&self, proof: Proof) -> DomainLoader<'_> {
        DomainLoader { files: &self.files, mode: self.mode, proof }
    }

    /// The shared generation, to compare with the result of [`View::follow`].
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.counter.now()
    }

    /// Catches up with the changes of other processes, unless another thread does so at this moment. Returns
    /// the generation that the slot has caught up with, which may be older than [`View::now`]. Never waits for
    /// another thread.
    #[cold]
    pub(crate) fn follow(&self) -> u64 {
        if self.examined.load(Ordering::Acquire) != self.now()
            && let Some(_only) = self.update.try_lock()
        {
            self.catch_up(false);
        }
        self.examined.load(Ordering::Acquire)
    }

    /// Looks at every file again, and maps the file of changes if it is new or was replaced.
    pub(crate) fn refresh(&self) {
        let _only = self.update.lock();
        let _ = counter::create(&self.files);
        let _ = self.counter.attach(&self.files.changes());
        self.catch_up(true);
    }

    /// As [`View::refresh`], for a new writer: looks only at what changed, and fails without the file of
    /// changes.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn join_as_writer(&self) -> Result<()> {
        let _only = self.update.lock();
        let path = self.files.changes();
        let replaced = self.counter.attach(&path).map_err(Error::io("map", &path))?;
        self.catch_up(replaced);
        Ok(())
    }

    /// Swaps the snapshot for what `edit` makes of it, and counts a change of `file` for all processes. The
    /// files are in place before. `recorder` must write the file of changes that this view reads.
    ///
    /// # Errors
    /// Those of `edit`. Then nothing changes.
    pub(crate) fn replace<T>(
        &self,
        recorder: &Recorder,
        file: DomainFileId,
        edit: impl FnOnce(&mut Snapshot) -> Result<T>,
    ) -> Result<T> {
        let _only = self.update.lock();
        if self.examined.load(Ordering::Acquire) != self.now() {
            self.catch_up(false);
        }
        let mut next = Snapshot::clone(&self.snapshot());
        let done = edit(&mut next)?;
        self.slot.publish(Arc::new(next));
        // After the swap, so that a thread that sees the count finds the snapshot.
        self.examined.store(recorder.record(file), Ordering::Release);
        self.faults.lock().clear(file);
        Ok(done)
    }

    pub(crate) fn report_compaction(&self, error: Option<&Error>) {
        self.faults.lock().compaction = error.map(Error::to_string);
    }

    pub(crate) fn health(&self) -> Health {
        let generation = self.examined.load(Ordering::Acquire);
        let snapshot = self.snapshot();
        // Before the lock of the faults is taken, because a check that follows a change takes it too.
        let missing = missing(&snapshot);
        let faults = self.faults.lock();
        Health {
            generation,
            domains: snapshot.len(),
            sees_others: self.counter.is_attached(),
            problems: faults.problems(),
            missing,
            failed_compaction: faults.compaction.clone(),
        }
    }

    /// Loads what changed, or everything. The caller holds `update`. Uses only this thread, because a forked
    /// process has no other.
    fn catch_up(&self, everything: bool) {
        let to = self.now();
        let from = self.examined.load(Ordering::Acquire);
        let old = self.snapshot();
        let changed = if everything { None } else { self.counter.changed(from, to) };
        let changed = match changed {
            Some(mut changed) => {
                // Also files that could not be loaded last time, unless they are the same: finding out that
                // a large file is damaged takes time, and this may be a check.
                let faulty = self.faults.lock().files();
                let is_due = |(_, seen): &(DomainFileId, SeenFiles)| !Failure::remains(seen);
                changed.extend(faulty.into_iter().filter(is_due).map(|(file, _)| file));
                changed
            }
            None => self.everything(&old),
        };
        let trusting = self.loader(Proof::Checksums);
        // Without the lock of the faults, so that health does not wait for a large file.
        let examine = |file| (file, trusting.examine(file, old.of_file(file).map(Arc::as_ref)));
        let examined: Vec<_> = changed.into_iter().map(examine).collect();
        if let Some(next) = self.apply(&old, examined) {
            self.slot.publish(Arc::new(next));
        }
        self.examined.store(to, Ordering::Release);
    }

    /// Records what was found: the faults, and the next snapshot if anything changed.
    fn apply(
        &self,
        old: &Snapshot,
        examined: Vec<(DomainFileId, Result<Examined, Failure>)>,
    ) -> Option<Snapshot> {
        let mut faults = self.faults.lock();
        let mut next = None;
        let mut new = Vec::new();
        for (file, examined) in examined {
            match examined {
                Ok(Examined::Same) => faults.clear(file),
                Ok(Examined::New(loaded)) => new.push(loaded),
                Ok(Examined::Gone) => {
                    faults.clear(file);
                    next.get_or_insert_with(|| old.clone()).remove(file);
                }
                Err(failure) => {
                    let known = old.of_file(file).map(|known| known.domain());
                    faults.report(file, known, self.head(file), &failure);
                }
            }
        }
        // After the removals, because a domain may have moved to another file.
        for loaded in new {
            let (file, path) = (loaded.file, loaded.path.clone());
            match next.get_or_insert_with(|| old.clone()).put(loaded) {
                Ok(_) => faults.clear(file),
                Err(error) => faults.report(file, None, path, &error.into()),
            }
        }
        next
    }

    /// The files of all domains in the folder or in the snapshot.
    fn everything(&self, old: &Snapshot) -> Vec<DomainFileId> {
        let listed = self.files.list();
        let mut faults = self.faults.lock();
        faults.report_folder(self.files.folder().to_owned(), listed.as_ref().err());
        let mut files = listed.map(|names| names::present(&names)).unwrap_or_default();
        files.extend(old.all().map(|loaded| loaded.file));
        files.sort_unstable();
        files.dedup();
        // A damaged file that was removed is no longer a problem.
        faults.domains.retain(|file, _| files.binary_search(file).is_ok());
        files
    }

    fn head(&self, file: DomainFileId) -> PathBuf {
        self.files.path(FileName::Head(file))
    }
}

/// When the head of a domain was written.
fn written(examined: &Result<Examined, Failure>) -> Option<u64> {
    let Ok(Examined::New(loaded)) = examined else { return None };
    Some(loaded.layers.head().stats().created)
}
