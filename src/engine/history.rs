//! Former states of a domain, going back to one, and the end of a domain.

use std::sync::Arc;

use serde::Serialize;

use super::disk;
use super::files::{FileId, Name};
use super::load::Proof;
use super::loaded::{self, Loaded};
use super::points::Operation;
use super::snapshot::DomainId;
use super::view::View;
use super::work::{State, Work};
use super::writer::Writer;
use crate::{Error, Result};

/// A former state of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Kept {
    /// Names it for [`Writer::rollback`]; later ones have higher numbers.
    pub number: u32,
    /// When it was published or last changed, in seconds since 1970.
    pub created: u64,
    /// Entries on all its lists.
    pub entries: u64,
}

/// The former states of a domain that can be read, the latest first.
///
/// # Errors
/// [`Error::UnknownDomain`], [`Error::Io`].
pub(super) fn history(view: &View, domain: &str) -> Result<Vec<Kept>> {
    view.follow();
    let snapshot = view.snapshot();
    let loaded = snapshot.known(domain)?;
    let mut kept = Vec::new();
    for name in view.files().list()?.into_iter().rev() {
        let Name::Kept(id, number) = name else { continue };
        if id != loaded.file {
            continue;
        }
        let trusting = view.loader(Proof::Checksums);
        let Ok(layer) = trusting.layer(&view.files().path(name), &[loaded]) else { continue };
        // What a kill left of keeping the present state is not a former one.
        if !loaded.is_headed_by(layer.identity) {
            let entries = loaded::entries(&layer.index);
            kept.push(Kept { number, created: layer.index.stats().created, entries });
        }
    }
    Ok(kept)
}

impl Writer {
    /// Makes a kept state of a domain the present one: `number` of
    /// [`Engine::history`](crate::Engine::history), or the latest. The present state is kept in
    /// turn, so that another rollback to the latest undoes this one.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::NotKept`]; [`Error::File`] if the state cannot be read;
    /// [`Error::Io`], [`Error::Poisoned`]. The present state stays then.
    pub fn rollback(&self, domain: &str, number: Option<u32>) -> Result<DomainId> {
        let mut state = self.work.begin()?;
        let now = Arc::clone(self.work.view.snapshot().known(domain)?);
        let kept = self.work.ledger(&mut state, &now)?.kept(number);
        let kept = kept.ok_or_else(|| Error::NotKept { domain: domain.to_owned(), number })?;
        let done = self.restore(&mut state, &now, kept);
        state.forget_edits(now.file);
        if done.is_err() {
            state.forget(now.file);
        }
        done
    }

    fn restore(&self, state: &mut State, now: &Loaded, number: u32) -> Result<DomainId> {
        let (work, file) = (&self.work, now.file);
        let (head, kept) = (Name::Head(file), Name::Kept(file, number));
        let path = work.disk.files().path(kept);
        let old = work.view.loader(Proof::All).stack(file, &path, &[now])?;
        let staged = work.disk.stage_link(Operation::Rollback, kept)?;
        self.keep(state, Operation::Rollback, now, usize::MAX)?;
        work.recorder.announce();
        work.disk.place(Operation::Rollback, staged, head)?;
        let id = work.show(Operation::Rollback, old)?;
        // It is the head now, and its second name superfluous; if it stays, the next who comes to
        // this domain finds it.
        if disk::remove(Operation::Rollback, &path).is_ok() {
            work.ledger(state, now)?.forget_kept(number);
        } else {
            state.forget(file);
        }
        Ok(id)
    }

    /// Removes a domain, with its kept states: checks of it are
    /// [`NotFound::Domain`](crate::NotFound::Domain) from then on.
    ///
    /// A small mark stays, so that other processes can tell this from files that were lost.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::Io`], [`Error::Poisoned`]. If only some files could not
    /// be removed, the domain is gone all the same, and the next writer removes them.
    pub fn remove(&self, domain: &str) -> Result<()> {
        let mut state = self.work.begin()?;
        let file = self.work.view.snapshot().known(domain)?.file;
        state.forget(file);
        let mark = Name::Removed(file);
        let staged = self.work.disk.stage(Operation::Remove, mark, &[])?;
        self.work.recorder.announce();
        self.work.disk.place(Operation::Remove, staged, mark)?;
        self.work.show_removal(Operation::Remove, file)?;
        self.work.remove_files(file)
    }
}

impl Work {
    /// Removes all files of a domain but its mark.
    fn remove_files(&self, file: FileId) -> Result<()> {
        for name in self.disk.files().list()? {
            if name.id() == file && name != Name::Removed(file) {
                disk::remove(Operation::Remove, &self.disk.files().path(name))?;
            }
        }
        Ok(())
    }
}
