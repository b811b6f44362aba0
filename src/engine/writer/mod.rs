//! The one writer of a directory: publish, live changes, compaction, rollback.
//!
//! | file | holds |
//! | --- | --- |
//! | `commit` | what all operations share: the writer's state, and the commit |
//! | `ledger` | which lower and kept files a domain has |
//! | `change` | live changes |
//! | `compaction`, `background` | merging files, and the slow thread that does it |
//! | `history` | former states, rollback, removal |

mod background;
mod change;
mod commit;
mod compaction;
pub(crate) mod history;
mod ledger;

use std::{fmt, fs, path::Path, sync::Arc, sync::atomic::AtomicBool};

use self::commit::{WriterCore, WriterState};
use self::compaction::Compactor;
use crate::engine::directory::{failpoints::DiskOperation, names::FileName};
use crate::engine::snapshot::loaded::{self, LoadedDomain};
use crate::engine::snapshot::{domain_id::DomainId, load::verify_domain};
use crate::{Compiler, DialPlan, Error, Index, Result, Settings, engine::view::View};

/// Writes to a data directory: creates domains, publishes, changes, compacts and rolls back. Get it from
/// [`Engine::writer`](crate::Engine::writer).
///
/// All processes of a machine have one writer at a time for a directory. Dropping it, or the end of its
/// process, makes room for the next. Its methods may be called on several threads, and wait for each other.
/// When one returns, its change is on disk, and every check of this process that starts afterwards obeys
/// it. In another process, the next check loads the change; checks of its other threads use the lists of
/// before until then.
///
/// After a failed sync, this writer and later ones of the same engine refuse everything: repair the disk,
/// then open the engine again. Fork before you open a writer, because parent and child would share its lock.
///
/// # Examples
/// ```
/// use callbar::{Action, Change, DialPlan, Engine, Outcome, Settings};
///
/// # let directory = tempfile::tempdir()?;
/// # let data = directory.path();
/// let engine = Engine::open(data)?;
/// let writer = engine.writer()?;
/// writer.create("my.example", DialPlan::new("TR")?, Settings::default())?;
/// let outcomes = writer.change(
///     "my.example",
///     &[Change::list("spam", Action::Deny), Change::add("spam", "0505 004 78 24")],
/// )?;
/// assert_eq!(outcomes, [Outcome::Added, Outcome::Added]);
/// assert!(engine.reader().check("my.example", "+905050047824")?.is_deny());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer {
    core: Arc<WriterCore>,
    compactor: Compactor,
}

/// How an index is published: how much it may shrink, and how many former states stay.
///
/// # Examples
/// ```
/// use callbar::Publish;
///
/// let replaced_each_night = Publish { max_loss: 0.1, keep: 7 };
/// let usual = Publish::default();
/// assert_eq!((usual.max_loss, usual.keep), (0.5, 3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Publish {
    /// The share of its entries that a domain may lose, from 0 to 1, so that a list that was cut short or an
    /// export that failed halfway does not replace a good one. The default is 0.5; 1 accepts any loss.
    pub max_loss: f64,
    /// How many former states are kept for [`Writer::rollback`]. The default is 3. If whole bases are
    /// published one after the other, each state takes the disk space of a base.
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

    /// Creates a domain without lists. [`Writer::change`] then makes its lists and adds entries.
    ///
    /// To begin with many entries, compile them and use [`Writer::publish`].
    ///
    /// # Errors
    /// [`Error::DomainExists`]; [`Error::InvalidName`] and [`Error::TooLarge`] if the name or
    /// the settings cannot be used; [`Error::TooFewEntries`] if a damaged domain of this name had entries;
    /// [`Error::Io`] and [`Error::Poisoned`] as for [`Writer::publish`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Engine, Error, Settings};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// writer.create("other.example", DialPlan::new("US")?, Settings::default())?;
    /// assert_eq!(engine.snapshot().domain("other.example")?.lists().count(), 0);
    /// let again = writer.create("other.example", DialPlan::new("US")?, Settings::default());
    /// assert!(matches!(again, Err(Error::DomainExists { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(&self, domain: &str, plan: DialPlan, settings: Settings) -> Result<DomainId> {
        let mut compiler = Compiler::new(domain, plan)?;
        compiler.set_settings(settings)?;
        let index = compiler.finish()?.bytes;
        let mut state = self.core.begin()?;
        if self.core.view.snapshot().known(domain).is_ok() {
            return Err(Error::DomainExists { domain: domain.to_owned() });
        }
        self.replace_lost(&mut state, domain, &index, 0, Publish::default())
    }

    /// Publishes `index`, the bytes that [`Compiler::finish`](crate::Compiler::finish) made for `domain`:
    /// verifies them, writes them durably, and puts them in force. They replace everything that the domain
    /// had, later changes included.
    ///
    /// Readers go on meanwhile. Takes as long as writing and syncing the file and verifying it twice, before
    /// and after.
    ///
    /// # Errors
    /// [`Error::WrongDomain`], [`Error::NotAnIndex`], [`Error::UnsupportedVersion`],
    /// [`Error::Corrupt`] and [`Error::TooFewEntries`], with nothing written. [`Error::Io`], for instance
    /// because the disk is full, with nothing in force. After a failed sync, everything else is
    /// [`Error::Poisoned`]. Only if the last step failed, the sync of the folder, does the new file have its
    /// name, and the next `open` finds it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, E164, Engine, Publish};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let mut spam = compiler.list("spam", Action::Deny)?;
    /// spam.extend_e164(&[E164::new(905_050_047_824)?]);
    /// let index = compiler.finish()?.bytes;
    ///
    /// let writer = Engine::open(data)?.writer()?;
    /// writer.publish("my.example", &index, Publish::default())?;
    ///
    /// // An empty index does not replace it by mistake.
    /// let empty = Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes;
    /// assert!(writer.publish("my.example", &empty, Publish::default()).is_err());
    /// writer.publish("my.example", &empty, Publish { max_loss: 1.0, ..Publish::default() })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn publish(&self, domain: &str, index: &[u8], how: Publish) -> Result<DomainId> {
        let after = verify(domain, index)?;
        self.replace(domain, index, after, how)
    }

    /// As [`Writer::publish`], from a file. The file is read into memory and stays as it is.
    ///
    /// # Errors
    /// As [`Writer::publish`]; [`Error::File`] if the file cannot be used.
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
    /// let file = data.join("my.example.index");
    /// std::fs::write(&file, index)?;
    /// let engine = Engine::open(data)?;
    /// engine.writer()?.publish_file("my.example", &file, Publish { max_loss: 0.1, keep: 0 })?;
    /// assert!(engine.history("my.example")?.is_empty(), "no former state is kept");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn publish_file(
        &self,
        domain: &str,
        file: impl AsRef<Path>,
        how: Publish,
    ) -> Result<DomainId> {
        let file = file.as_ref();
        // Not mapped, because this file may change.
        let index = fs::read(file).map_err(Error::io("read", file))?;
        let after = verify(domain, &index)
            .map_err(|source| Error::File { path: file.to_owned(), source: Box::new(source) })?;
        self.replace(domain, &index, after, how)
    }

    /// Merges all files of a domain into one base, in the background: [`Writer::wait`] waits for the end.
    /// Compaction also happens by itself. This call makes a directory as small as it can be.
    ///
    /// # Errors
    /// [`Error::UnknownDomain`], [`Error::Io`], [`Error::Poisoned`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// writer.change("my.example", &[Change::add("spam", "0532 000 00 00")])?;
    /// writer.compact("my.example")?;
    /// writer.wait()?;
    /// assert!(engine.reader().check("my.example", "0532 000 00 00")?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Waits until no domain is being compacted.
    ///
    /// # Errors
    /// The error of a compaction that failed since the last call. The domain is as it was before it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// writer.change("my.example", &[Change::add("spam", "0532 000 00 00")])?;
    /// writer.compact("my.example")?;
    /// writer.wait()?;
    /// assert_eq!(engine.health().failed_compaction, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait(&self) -> Result<()> {
        self.compactor.wait()
    }

    /// Publishes a verified index with `after` entries.
    fn replace(&self, domain: &str, index: &[u8], after: u64, how: Publish) -> Result<DomainId> {
        let core = &self.core;
        let mut state = core.begin()?;
        let Ok(old) = core.view.snapshot().known(domain).cloned() else {
            return self.replace_lost(&mut state, domain, index, after, how);
        };
        how.check_loss(domain, old.entries(), after)?;
        core.ledger(&mut state, &old)?;
        let file = old.file;
        let published = self
            .keep(&mut state, DiskOperation::Publish, &old, how.keep)
            .and_then(|()| core.commit(DiskOperation::Publish, file, index, []));
        state.forget_edits(file);
        let mut unneeded = || core.unneeded(&mut state, file, how.keep);
        let pruned = published.is_ok() && core.remove(DiskOperation::Publish, unneeded()).is_ok();
        if !pruned {
            // The next operation on this domain looks at the files that are really there.
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
        state.lost.retain(|&lost| lost != file);
        Ok(published)
    }

    /// Keeps the present head of a domain under a second name. Does nothing if no state is to be kept, or if
    /// the head is not the one that was loaded: then the publish repairs what somebody has damaged.
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

/// Verifies an index, and returns how many entries it has.
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
