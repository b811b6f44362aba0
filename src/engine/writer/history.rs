//! The former states of a domain, rollback to one, and the removal of a domain.

use std::sync::Arc;

use serde::Serialize;

use super::Writer;
use super::commit::{WriterCore, WriterState};
use crate::engine::directory::names::{DomainFileId, FileName};
use crate::engine::snapshot::loaded::{self, LoadedDomain};
use crate::engine::snapshot::{domain_id::DomainId, load::Proof};
use crate::engine::{directory::failpoints::DiskOperation, view::View};
use crate::{Error, Result};

/// A former state of a domain, from [`Engine::history`](crate::Engine::history).
///
/// # Examples
/// ```
/// use callbar::{Change, Engine, Publish};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// # let index = callbar::Compiler::new("my.example", callbar::DialPlan::new("TR")?)?.finish()?.bytes;
/// let writer = engine.writer()?;
/// writer.publish("my.example", &index, Publish { max_loss: 1.0, ..Publish::default() })?;
/// for kept in engine.history("my.example")? {
///     println!("state {} of {} with {} entries", kept.number, kept.created, kept.entries);
/// }
/// writer.rollback("my.example", None)?; // to the latest
/// assert!(engine.reader().check("my.example", "+905050047824")?.is_deny());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FormerState {
    /// Its number for [`Writer::rollback`]. Later states have higher numbers.
    pub number: u32,
    /// When it was published or last changed, in seconds since 1970.
    pub created: u64,
    /// Entries on all its lists.
    pub entries: u64,
    /// Why it cannot be brought back, if it cannot be read. Then time and entries are 0.
    pub problem: Option<String>,
}

/// The former states of a domain, the latest first.
///
/// # Errors
/// [`Error::UnknownDomain`], [`Error::Io`].
pub(crate) fn history(view: &View, domain: &str) -> Result<Vec<FormerState>> {
    view.follow();
    let snapshot = view.snapshot();
    let loaded = snapshot.known(domain)?;
    let mut kept = Vec::new();
    for name in view.files().list()?.into_iter().rev().filter(|name| name.id() == loaded.file) {
        let FileName::Kept(_, number) = name else { continue };
        let trusting = view.loader(Proof::Checksums);
        let (created, entries, problem) = match trusting.layer(&view.files().path(name), &[loaded])
        {
            // A killed writer left the present state under a second name.
            Ok(layer) if loaded.is_headed_by(layer.identity) => continue,
            Ok(layer) => (layer.index.stats().created, loaded::entries(&layer.index), None),
            Err(failure) => (0, 0, Some(failure.error.to_line())),
        };
        kept.push(FormerState { number, created, entries, problem });
    }
    Ok(kept)
}

impl Writer {
    /// Brings back a former state of a domain: that of `number` in
    /// [`Engine::history`](crate::Engine::history), or the latest. The present state is kept, so that another
    /// rollback to the latest undoes this one. See [`FormerState`] for an example.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::NotKept`]; [`Error::File`] if the state cannot be read;
    /// [`Error::Io`], [`Error::Poisoned`]. Then the present state stays. Only if the last step failed, the
    /// sync of the folder, does the next `open` find the former state.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Publish};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// # let mut compiler = callbar::Compiler::new("my.example", callbar::DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", callbar::Action::Deny)?.extend(["+90532*", "+90533*"]).is_empty());
    /// # let index = compiler.finish()?.bytes;
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// writer.publish("my.example", &index, Publish::default())?;
    /// let former = engine.history("my.example")?[0].number;
    ///
    /// let mut reader = engine.reader();
    /// writer.rollback("my.example", Some(former))?;
    /// assert!(reader.check("my.example", "0505 004 78 24")?.is_deny());
    /// writer.rollback("my.example", None)?; // undoes it
    /// assert!(!reader.check("my.example", "0505 004 78 24")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rollback(&self, domain: &str, number: Option<u32>) -> Result<DomainId> {
        let mut state = self.core.begin()?;
        let now = Arc::clone(self.core.view.snapshot().known(domain)?);
        let kept = self.core.ledger(&mut state, &now)?.kept(number);
        let kept = kept.ok_or_else(|| Error::NotKept { domain: domain.to_owned(), number })?;
        state.forget_edits(now.file);
        self.restore(&mut state, &now, kept).inspect_err(|_| state.forget(now.file))
    }

    fn restore(
        &self,
        state: &mut WriterState,
        now: &LoadedDomain,
        number: u32,
    ) -> Result<DomainId> {
        let (core, file) = (&self.core, now.file);
        let (head, kept) = (FileName::Head(file), FileName::Kept(file, number));
        let path = core.disk.files().path(kept);
        let old = core.view.loader(Proof::All).stack(file, &path, &[now])?;
        let staged = core.disk.stage_link(DiskOperation::Rollback, kept)?;
        self.keep(state, DiskOperation::Rollback, now, usize::MAX)?;
        let id = core.put_in_force(DiskOperation::Rollback, staged, head, |next| next.put(old))?;
        // It is the head now, and its second name is superfluous. If that name stays, the next operation
        // on this domain finds it.
        if core.remove(DiskOperation::Rollback, [kept]).is_ok() {
            core.ledger(state, now)?.forget_kept(number);
        } else {
            state.forget(file);
        }
        Ok(id)
    }

    /// Removes a domain with its kept states. From then on, checks of it are
    /// [`NotFound::Domain`](crate::NotFound::Domain).
    ///
    /// A small mark stays, so that other processes can distinguish this from lost files.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::Io`], [`Error::Poisoned`]. If only some files could not be removed,
    /// the domain is removed all the same, and the next writer removes the files.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, NotFound};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// engine.writer()?.remove("my.example")?;
    /// assert_eq!(engine.reader().check("my.example", "112"), Err(NotFound::Domain));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&self, domain: &str) -> Result<()> {
        let mut state = self.core.begin()?;
        let file = self.core.view.snapshot().known(domain)?.file;
        self.core.remove_domain(&mut state, file)
    }

    /// Removes files that cannot be used: those of domains whose head was lost or damaged when the writer was
    /// opened, with their former states, and second files of a domain. Returns of how many domains. Only for
    /// programs that can make every domain again.
    ///
    /// # Errors
    /// As [`Writer::remove`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, LoadMode};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let head = data.join("indexes/00000001.index");
    /// std::fs::remove_file(&head)?;
    /// std::fs::write(&head, "what a failing disk left of it")?;
    /// let (engine, damaged) = Engine::open_sound(data, LoadMode::Map)?;
    /// assert_eq!(damaged.len(), 1);
    /// assert_eq!(engine.writer()?.discard_lost()?, 1);
    /// assert!(Engine::open(data).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn discard_lost(&self) -> Result<usize> {
        let mut state = self.core.begin()?;
        let lost = std::mem::take(&mut state.lost);
        for &file in &lost {
            self.core.remove_domain(&mut state, file)?;
        }
        Ok(lost.len())
    }
}

impl WriterCore {
    /// Removes the domain of a file, and all its files.
    fn remove_domain(&self, state: &mut WriterState, file: DomainFileId) -> Result<()> {
        state.forget(file);
        let mark = FileName::Removed(file);
        let staged = self.disk.stage(DiskOperation::Remove, mark, &[])?;
        self.put_in_force(DiskOperation::Remove, staged, mark, |next| {
            next.remove(file);
            Ok(())
        })?;
        let names = self.disk.files().list()?.into_iter();
        let left = names.filter(|&name| name.id() == file && name != mark);
        self.remove(DiskOperation::Remove, left)
    }
}
