//! Compaction merges lower files in the background ([`super::background`]), while checks and changes go on.
//!
//! The lowest file of a domain is its *base*; the files above it are *runs*. Two runs or more are merged
//! into one. When the runs have grown to a share of the base, everything becomes a new base. The merged file
//! is written and synced while nobody waits. Then a new head, with the same entries, names it in place of
//! the files that it was made of.
//!
//! If anything fails, the old files stay, [`Health`](crate::Health) and
//! [`Writer::wait`](crate::Writer::wait) report the failure, and the next frozen head tries again. If a
//! publish replaced the domain meanwhile, the merged file is removed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use super::background;
use super::change::is_full;
use super::commit::{WriterCore, WriterState};
use crate::engine::directory::disk::Staged;
use crate::engine::directory::failpoints::DiskOperation;
use crate::engine::directory::names::{DomainFileId, FileName};
use crate::engine::snapshot::load::{Failure, Proof};
use crate::engine::snapshot::loaded::{LoadedDomain, LoadedFile};
use crate::index;
use crate::{Error, Result};

/// Keys that runs may have above a small base.
const RUNS_MAX: u64 = 32_768;
/// Runs may grow to this share of a large base, beyond [`RUNS_MAX`]. A base is written again after as many
/// changes, so that in the long run a change costs some 64 written entries.
const BASE_SHARE: u64 = 64;

/// The thread that compacts. It runs only while there is something to do.
#[derive(Debug, Default)]
pub(crate) struct Compactor {
    jobs: Arc<Mutex<Jobs>>,
}

#[derive(Debug, Default)]
struct Jobs {
    /// The domains to look at, each with whether all of its files become one.
    due: BTreeMap<DomainFileId, bool>,
    running: bool,
    thread: Option<JoinHandle<()>>,
    failure: Option<Error>,
}

impl Compactor {
    /// Queues a domain, and starts the thread if it does not run.
    pub(crate) fn wake(&self, core: &Arc<WriterCore>, file: DomainFileId, all: bool) {
        let mut jobs = self.jobs.lock();
        *jobs.due.entry(file).or_default() |= all;
        if jobs.running {
            return;
        }
        if let Some(ended) = jobs.thread.take() {
            // It is about to end.
            let _ = ended.join();
        }
        let (core, queue) = (Arc::clone(core), Arc::clone(&self.jobs));
        let run = move || run(&core, &queue);
        match thread::Builder::new().name("callbar-compact".into()).spawn(run) {
            Ok(thread) => {
                jobs.running = true;
                jobs.thread = Some(thread);
            }
            Err(error) => jobs.failure = Some(Error::io("start", "callbar-compact")(error)),
        }
    }

    /// Waits until nothing is queued.
    ///
    /// # Errors
    /// The error of a compaction that failed since the last call.
    pub(crate) fn wait(&self) -> Result<()> {
        self.join();
        self.jobs.lock().failure.take().map_or(Ok(()), Err)
    }

    fn join(&self) {
        loop {
            let Some(thread) = self.jobs.lock().thread.take() else { return };
            // It does not panic: see `run`.
            let _ = thread.join();
        }
    }
}

impl Drop for Compactor {
    /// Finishes the merge under way, and starts no other.
    fn drop(&mut self) {
        self.jobs.lock().due.clear();
        self.join();
    }
}

fn run(core: &WriterCore, queue: &Mutex<Jobs>) {
    loop {
        let (file, all) = {
            let mut jobs = queue.lock();
            let Some(job) = jobs.due.pop_first() else {
                jobs.running = false;
                return;
            };
            job
        };
        // Standard error has the panic already; the old files are in place.
        let done = panic::catch_unwind(AssertUnwindSafe(|| core.compact(file, all)));
        let done = done.unwrap_or_else(|_| {
            core.forget(file);
            Err(Error::Panicked)
        });
        core.view.report_compaction(done.as_ref().err());
        if let Err(error) = done {
            queue.lock().failure = Some(error);
        }
    }
}

/// Chooses the lower files to merge, and whether they become the base.
fn plan(keys: &[u64], all: bool) -> Option<(Range<usize>, bool)> {
    let (base, runs) = keys.split_last()?;
    let grown = runs.iter().sum::<u64>() > RUNS_MAX.max(base / BASE_SHARE);
    match runs.len() {
        0 => None,
        _ if all || grown => Some((0..keys.len(), true)),
        1 => None,
        _ => Some((0..runs.len(), false)),
    }
}

impl WriterCore {
    /// Merges files of a domain until nothing is left to merge.
    fn compact(&self, file: DomainFileId, mut all: bool) -> Result<()> {
        loop {
            let Some(loaded) = self.view.snapshot().of_file(file).cloned() else { return Ok(()) };
            let keys: Vec<u64> = loaded.layers.lower().iter().map(|lower| lower.keys()).collect();
            let Some((range, bottom)) = plan(&keys, all) else { return Ok(()) };
            let merged: Vec<u32> = loaded.layers.head().below()[range.clone()].to_vec();
            let (staged, layer) =
                background::run(|pause| self.merge(&loaded, range, bottom, pause))?;
            let mut state = self.begin()?;
            let Some(now) = self.view.snapshot().of_file(file).cloned() else { return Ok(()) };
            let installed = self.install(&mut state, now, &merged, staged, layer);
            let installed = installed.inspect_err(|_| state.forget(file))?;
            let Some(unneeded) = installed else { return Ok(()) };
            drop(state);
            // Freeing the blocks of a large base takes time, and no change should wait for that.
            self.remove(DiskOperation::Compact, unneeded)?;
            all = false;
        }
    }

    /// Merges these lower files of a domain into one, and writes, syncs and verifies it.
    fn merge(
        &self,
        loaded: &LoadedDomain,
        range: Range<usize>,
        bottom: bool,
        pause: &mut dyn FnMut(),
    ) -> Result<(Staged, LoadedFile)> {
        let bytes = index::merge(&loaded.layers.lower()[range], bottom, pause)?;
        let any = FileName::Lower(loaded.file, 1);
        let staged = self.disk.stage(DiskOperation::Compact, any, &bytes)?;
        drop(bytes);
        let layer = self.view.loader(Proof::Checksums).layer(staged.path(), &[])?;
        let failed = |error| Failure::new(staged.path(), layer.identity, error);
        layer.index.prove(pause).map_err(failed)?;
        Ok((staged, layer))
    }

    /// Puts `layer` in place of the lower files `merged`. Returns the files that are superfluous then, or
    /// `None` if the domain no longer has the merged files.
    fn install(
        &self,
        state: &mut WriterState,
        now: Arc<LoadedDomain>,
        merged: &[u32],
        staged: Staged,
        layer: LoadedFile,
    ) -> Result<Option<Vec<FileName>>> {
        let file = now.file;
        if find(now.layers.head().below(), merged).is_none() {
            return Ok(None);
        }
        let now = if is_full(now.layers.head()) { self.freeze(state, &now)? } else { now };
        let Some(place) = find(now.layers.head().below(), merged) else { return Ok(None) };
        let ledger = self.ledger(state, &now)?;
        let number = ledger.next_lower();
        ledger.add_lower(number);
        self.disk.place(DiskOperation::Compact, staged, FileName::Lower(file, number))?;
        let mut lower: Vec<(u32, LoadedFile)> = now.lower().collect();
        lower.splice(place, [(number, layer)]);
        let below: Vec<u32> = lower.iter().map(|&(number, _)| number).collect();
        let edits = state.take_edits(&now);
        let bytes = edits.to_bytes(&below)?;
        let layers = lower.into_iter().map(|(_, layer)| layer);
        self.commit(DiskOperation::Compact, file, &bytes, layers)?;
        state.keep_edits(file, edits);
        // Only a publish removes kept heads.
        Ok(Some(self.unneeded(state, file, usize::MAX)))
    }
}

/// The place of `part` in `whole`.
fn find(whole: &[u32], part: &[u32]) -> Option<Range<usize>> {
    let start = whole.windows(part.len()).position(|window| window == part)?;
    Some(start..start + part.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_merged_and_a_base_when_they_have_grown() {
        assert_eq!(plan(&[], false), None);
        assert_eq!(plan(&[10], true), None);
        assert_eq!(plan(&[2048, 10_000_000], false), None);
        assert_eq!(plan(&[2048, 10_000_000], true), Some((0..2, true)));
        assert_eq!(plan(&[2048, 30_000, 10_000_000], false), Some((0..2, false)));
        assert_eq!(plan(&[2048, 160_000, 10_000_000], false), Some((0..3, true)));
        assert_eq!(plan(&[2048, 31_000, 10], false), Some((0..3, true)));
    }

    #[test]
    fn merged_files_are_found_below_newer_runs() {
        assert_eq!(find(&[9, 8, 5, 1], &[8, 5]), Some(1..3));
        assert_eq!(find(&[9, 8, 5, 1], &[8, 1]), None);
        assert_eq!(find(&[9], &[8, 1]), None);
    }
}
