//! Live changes: a small head over everything else, rewritten as a whole with each change.
//!
//! The head holds the latest changes of a domain, up to [`HEAD_MAX`] keys; entries of a head shadow
//! those of the files below. When it is full it is *frozen*: it becomes the newest lower file, by a
//! second name, and an empty head takes its place. A domain that was only published is one file,
//! its head, which is frozen as soon as it is changed, if it is large.

use std::sync::Arc;

use super::Writer;
use super::commit::{State, Work};
use crate::engine::directory::bytes::Bytes;
use crate::engine::directory::failpoints::Operation;
use crate::engine::directory::names::Name;
use crate::engine::snapshot::loaded::Loaded;
use crate::index::{Change, Edits, Outcome};
use crate::{Index, Result};

/// Keys in a head that is not frozen yet: some 20 KiB that each change writes, syncs, and every
/// process reads again.
const HEAD_MAX: u64 = 1024;
/// Bytes of their sections, which long notes and patterns of many pieces fill before.
const HEAD_BYTES_MAX: u64 = 256 << 10;

impl Writer {
    /// Makes changes to a domain, in this order, all or none of them, and answers what each did.
    ///
    /// Takes a millisecond or two, the time of two syncs, at any size of the domain, and a little
    /// more for a thousand changes at once.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`](crate::Error::UnknownDomain), and what is wrong with a change;
    /// [`Error::Io`](crate::Error::Io) and [`Error::Poisoned`](crate::Error::Poisoned). None of the
    /// changes is in force then; only if the very last step failed, the sync of the folder, are they
    /// what the next `open` finds.
    pub fn change(&self, domain: &str, changes: &[Change<'_>]) -> Result<Vec<Outcome>> {
        let mut state = self.work.begin()?;
        let snapshot = self.work.view.snapshot();
        let mut loaded = Arc::clone(snapshot.known(domain)?);
        self.work.ledger(&mut state, &loaded)?;
        let is_full = is_full(loaded.layers.head());
        if is_full {
            loaded = self.work.freeze(&mut state, &loaded)?;
        }
        let outcomes = self.work.apply(&mut state, &loaded, changes)?;
        drop(state);
        if is_full {
            self.compactor.wake(&self.work, loaded.file, false);
        }
        Ok(outcomes)
    }
}

impl Work {
    fn apply(
        &self,
        state: &mut State,
        loaded: &Loaded,
        changes: &[Change<'_>],
    ) -> Result<Vec<Outcome>> {
        // If anything fails they are dropped, and read from the head again when they are needed.
        let mut edits = state.take_edits(loaded);
        let apply = |change| edits.apply(loaded.layers.all(), change);
        let outcomes: Vec<Outcome> = changes.iter().map(apply).collect::<Result<_>>()?;
        let is_nothing = |outcome| matches!(outcome, &Outcome::Unchanged | &Outcome::Absent);
        if !outcomes.iter().all(is_nothing) {
            let bytes = edits.to_bytes(loaded.layers.head().below())?;
            let lower = loaded.lower().map(|(_, layer)| layer);
            self.commit(Operation::Change, loaded.file, &bytes, lower)?;
        }
        state.keep_edits(loaded.file, edits);
        Ok(outcomes)
    }

    /// Makes the head of a domain its newest lower file, below an empty head. The domain as it is
    /// then.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) and [`Error::Poisoned`](crate::Error::Poisoned), with the
    /// domain as it was; but see [`Disk::place`](crate::engine::directory::disk::Disk::place).
    pub(crate) fn freeze(&self, state: &mut State, loaded: &Arc<Loaded>) -> Result<Arc<Loaded>> {
        let frozen = self.try_freeze(state, loaded);
        if frozen.is_err() {
            state.forget(loaded.file);
        }
        frozen
    }

    fn try_freeze(&self, state: &mut State, loaded: &Arc<Loaded>) -> Result<Arc<Loaded>> {
        let file = loaded.file;
        loaded.verify_head()?;
        let ledger = self.ledger(state, loaded)?;
        let number = ledger.next_lower();
        self.disk.link(Operation::Freeze, Name::Head(file), Name::Lower(file, number))?;
        ledger.add_lower(number);
        // Before a head names it.
        self.disk.sync_folder(Operation::Freeze)?;
        let head = loaded.layers.head();
        let below: Vec<u32> = [number].iter().chain(head.below()).copied().collect();
        let edits = Edits::above(head);
        let bytes = edits.to_bytes(&below)?;
        self.commit(Operation::Freeze, file, &bytes, loaded.files())?;
        state.forget_edits(file);
        state.keep_edits(file, edits);
        let snapshot = self.view.snapshot();
        Ok(snapshot.of_file(file).cloned().unwrap_or_else(|| Arc::clone(loaded)))
    }

    /// As [`Work::freeze`], if the head has more keys than a change should have to write.
    ///
    /// # Errors
    /// As [`Work::freeze`].
    pub(crate) fn freeze_if_full(
        &self,
        state: &mut State,
        loaded: Arc<Loaded>,
    ) -> Result<Arc<Loaded>> {
        if is_full(loaded.layers.head()) { self.freeze(state, &loaded) } else { Ok(loaded) }
    }
}

fn is_full(head: &Index<Bytes>) -> bool {
    head.keys() > HEAD_MAX || (head.keys() > 0 && head.bytes_of_entries() > HEAD_BYTES_MAX)
}
