//! Live changes: a small head over the other files, which each change writes again as a whole.
//!
//! The head holds the latest changes of a domain, up to [`HEAD_MAX`] keys, and shadows the files below it.
//! A full head is *frozen*: it gets a second name as the newest lower file, and an empty head takes its
//! place. A domain that was only published has one file, its head. The first change freezes it if it is
//! large.

use std::sync::Arc;

use super::Writer;
use super::commit::{WriterCore, WriterState};
use crate::engine::directory::{bytes::Bytes, failpoints::DiskOperation, names::FileName};
use crate::index::{Change, Edits, Outcome};
use crate::{Index, Result, engine::snapshot::loaded::LoadedDomain};

/// Keys of a head that is not frozen: some 20 KiB that each change writes and syncs, and that every process
/// reads again.
const HEAD_MAX: u64 = 1024;
/// Bytes of such a head. Long notes, and patterns of many prefixes, reach it first.
const HEAD_BYTES_MAX: u64 = 256 << 10;

impl Writer {
    /// Makes changes to a domain in this order, all of them or none. Returns the outcome of each.
    ///
    /// Takes a millisecond or two, the time of two syncs, at any size of the domain, and a little more for a
    /// thousand changes at once.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`](crate::Error::UnknownDomain), and the error of a change that cannot be made;
    /// [`Error::Io`](crate::Error::Io) and [`Error::Poisoned`](crate::Error::Poisoned). Then none of the
    /// changes is in force. Only if the last step failed, the sync of the folder, does the next `open` find
    /// them.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Outcome};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let remove = Change::remove("spam", "0505 004 78 24");
    /// let outcomes = engine.writer()?.change("my.example", &[remove.clone(), remove])?;
    /// assert_eq!(outcomes, [Outcome::Removed, Outcome::Absent]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn change(&self, domain: &str, changes: &[Change<'_>]) -> Result<Vec<Outcome>> {
        let mut state = self.core.begin()?;
        let snapshot = self.core.view.snapshot();
        let mut loaded = Arc::clone(snapshot.known(domain)?);
        self.core.ledger(&mut state, &loaded)?;
        let is_full = is_full(loaded.layers.head());
        if is_full {
            loaded = self.core.freeze(&mut state, &loaded)?;
        }
        let outcomes = self.core.apply(&mut state, &loaded, changes)?;
        drop(state);
        if is_full {
            self.compactor.wake(&self.core, loaded.file, false);
        }
        Ok(outcomes)
    }
}

impl WriterCore {
    fn apply(
        &self,
        state: &mut WriterState,
        loaded: &LoadedDomain,
        changes: &[Change<'_>],
    ) -> Result<Vec<Outcome>> {
        // If anything fails they are dropped, and the next change reads them from the head.
        let mut edits = state.take_edits(loaded);
        let apply = |change| edits.apply(loaded.layers.all(), change);
        let outcomes: Vec<Outcome> = changes.iter().map(apply).collect::<Result<_>>()?;
        let is_nothing = |outcome| matches!(outcome, &Outcome::Unchanged | &Outcome::Absent);
        if !outcomes.iter().all(is_nothing) {
            let bytes = edits.to_bytes(loaded.layers.head().below())?;
            let lower = loaded.lower().map(|(_, layer)| layer);
            self.commit(DiskOperation::Change, loaded.file, &bytes, lower)?;
        }
        state.keep_edits(loaded.file, edits);
        Ok(outcomes)
    }

    /// Makes the head of a domain its newest lower file, below an empty head. Returns the domain as it is
    /// then.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) and [`Error::Poisoned`](crate::Error::Poisoned), with the
    /// domain as it was; but see [`Disk::place`](crate::engine::directory::disk::Disk::place).
    pub(crate) fn freeze(
        &self,
        state: &mut WriterState,
        loaded: &Arc<LoadedDomain>,
    ) -> Result<Arc<LoadedDomain>> {
        self.try_freeze(state, loaded).inspect_err(|_| state.forget(loaded.file))
    }

    fn try_freeze(
        &self,
        state: &mut WriterState,
        loaded: &Arc<LoadedDomain>,
    ) -> Result<Arc<LoadedDomain>> {
        let file = loaded.file;
        loaded.verify_head()?;
        let ledger = self.ledger(state, loaded)?;
        let number = ledger.next_lower();
        self.disk.link(
            DiskOperation::Freeze,
            FileName::Head(file),
            FileName::Lower(file, number),
        )?;
        ledger.add_lower(number);
        // Durable before a head names it.
        self.disk.sync_folder(DiskOperation::Freeze)?;
        let head = loaded.layers.head();
        let below: Vec<u32> = [number].iter().chain(head.below()).copied().collect();
        let edits = Edits::above(head);
        let bytes = edits.to_bytes(&below)?;
        self.commit(DiskOperation::Freeze, file, &bytes, loaded.files())?;
        state.forget_edits(file);
        state.keep_edits(file, edits);
        let snapshot = self.view.snapshot();
        Ok(snapshot.of_file(file).cloned().unwrap_or_else(|| Arc::clone(loaded)))
    }
}

/// Reports whether a head is too large for changes to write it again.
pub(super) fn is_full(head: &Index<Bytes>) -> bool {
    head.keys() > HEAD_MAX || (head.keys() > 0 && head.bytes_of_entries() > HEAD_BYTES_MAX)
}
