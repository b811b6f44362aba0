//! Puts many entries on a list at once: all of them, or those that can be on it.
//!
//! This file has the options, the steps and the result of an import. `buffer` keeps the entries until all are read.

mod buffer;

use std::thread;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use self::buffer::ImportBuffer;
use super::changes::{IndexUpdates, Writers};
use super::entry_keys::{self, invalid_entry, new_warnings};
use super::limits::{self, PREFIXES_MAX, PatternRoom, prefixes_of_list, refuse_more_lists};
use super::{ManagerEvent, Progress, Shared, dial_plan, rekey};
use crate::store::{AuditEvent, DomainRow, Group, ListRow, ListSettings, PutOutcome, Reader};
use crate::{Error, Result};
use callbar::{Action, DialPlan, EntryKey, Outcome, OwnedNote, Publish, verify_list_name};
use callbar_lists::Warnings;

/// Entries that are put into the store together.
const PUT_BATCH: usize = 1 << 19;
/// Rejections that are listed one by one, unless an import asks for more.
const REJECTIONS_LISTED: usize = 1_000;

/// The domain and the list of an import, and its options.
///
/// # Examples
/// ```
/// use callbar_store::Import;
///
/// // Replaces the list, unless it would lose more than a fifth of its entries.
/// let import = Import { replace: true, max_loss: Some(20), ..Import::new("my.example", "spam") };
/// assert_eq!((import.list.as_str(), import.max_loss), ("spam", Some(20)));
/// ```
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command, alone")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The domain, which must exist.
    pub domain: String,
    /// Its row. If a new domain has got the name meanwhile, the import fails with [`Error::Gone`].
    pub row: Option<DomainRow>,
    /// The name of the list.
    pub list: String,
    /// Whether a list that does not exist is created, and denies. Otherwise it is an error.
    pub make_list: bool,
    /// Whether rejected entries are left out. If not, one of them stops the import.
    pub partial: bool,
    /// Whether the entries of the import replace those on the list.
    pub replace: bool,
    /// The percentage of its entries, 0 to 100, that a list may lose when it is replaced. The default is
    /// that of [`Publish`].
    pub max_loss: Option<u8>,
    /// Whether a pattern on a list that denies may span a whole calling code.
    pub allow_broad: bool,
    /// How many rejections are listed one by one. The default is a thousand.
    pub rejections: Option<usize>,
}

impl Import {
    /// An import onto a list that exists. It keeps the entries that are there, and one rejected entry stops
    /// it.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::Import;
    ///
    /// let import = Import::new("my.example", "spam");
    /// assert!(!import.replace && !import.partial && !import.make_list);
    /// ```
    #[must_use]
    pub fn new(domain: impl Into<String>, list: impl Into<String>) -> Self {
        Self { domain: domain.into(), list: list.into(), ..Self::default() }
    }
}

/// An entry of an import, with its line.
///
/// # Examples
/// ```
/// use callbar::{Note, OwnedNote};
/// use callbar_store::ImportEntry;
///
/// let note = OwnedNote::from(Note::default().with_reason("complaint 4711"));
/// let entry = ImportEntry { note, ..ImportEntry::new(17, "0505 004 78 24") };
/// assert_eq!((entry.line, &*entry.number), (17, "0505 004 78 24"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportEntry {
    /// The number of its line, for the report.
    pub line: u64,
    /// The number, pattern or class, in any written form.
    pub number: String,
    /// Its note. An empty note leaves the note of an entry that is there alone.
    pub note: OwnedNote,
}

impl ImportEntry {
    /// An entry without a note.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::ImportEntry;
    ///
    /// let entry = ImportEntry::new(17, "0505 004 78 24");
    /// assert_eq!((entry.line, entry.note.is_empty()), (17, true));
    /// ```
    #[must_use]
    pub fn new(line: u64, number: impl Into<String>) -> Self {
        Self { line, number: number.into(), note: OwnedNote::default() }
    }
}

/// The result of an import.
///
/// # Examples
/// ```
/// use callbar_store::{Import, ImportEntry, Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let entries = vec![ImportEntry::new(1, "0505 004 78 24"), ImportEntry::new(2, "9,0505E+11")];
/// let import = Import::new("my.example", "spam");
/// let imported = manager.import("admin", &import, |lines| lines.add(entries), || Ok(()))?;
/// assert!(!imported.done && imported.added == 0, "one entry was rejected, so nothing was done");
/// assert_eq!(imported.rejected_count, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// How many entries were not there before.
    pub added: u64,
    /// How many entries got another note or another text.
    pub replaced: u64,
    /// How many entries were there before, or came twice.
    pub unchanged: u64,
    /// How many entries a list had that was replaced. Those that came again are among the added ones.
    pub removed: u64,
    /// The first rejected entries.
    pub rejected: Vec<Rejection>,
    /// How many entries were rejected.
    pub rejected_count: u64,
    /// Warnings about entries that were taken, as sentences for people.
    pub warnings: Vec<String>,
    /// Whether the import was made. False if an entry was rejected and [`Import::partial`] is not set.
    pub done: bool,
}

/// A line of an import that cannot be on the list.
///
/// # Examples
/// ```
/// use callbar_store::{Import, ImportEntry, Manager, ManagerOptions};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let entries = vec![ImportEntry::new(1, "0505 004 78 24"), ImportEntry::new(2, "9,0505E+11")];
/// let import = Import::new("my.example", "spam");
/// let imported = manager.import("admin", &import, |lines| lines.add(entries), || Ok(()))?;
/// let rejection = &imported.rejected[0];
/// assert_eq!((rejection.line, &*rejection.text), (2, "9,0505E+11"));
/// assert!(rejection.reason.starts_with("spreadsheet notation"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The number of the line.
    pub line: u64,
    /// Its text.
    pub text: String,
    /// Why it is rejected.
    pub reason: String,
}

impl Shared {
    pub(super) fn import<E: From<Error>>(
        &self,
        who: &str,
        import: &Import,
        fill: impl FnOnce(&mut ImportLines<'_>) -> Result<(), E>,
        permit: impl FnOnce() -> Result<()>,
    ) -> Result<Imported, E> {
        let (target, warnings) = self.store.read(|reader| {
            let target = ImportTarget::find(reader, import)?;
            let warnings = new_warnings(&reader.require_domain(&import.domain)?, target.action);
            Ok((target, warnings))
        })?;
        // Other changes do not wait while entries are only read.
        let reading = self.reading.lock();
        let mut lines = ImportLines {
            shared: self,
            import,
            plan: dial_plan::parse(&target.plan)?,
            action: target.action,
            buffer: ImportBuffer::default(),
            read: 0,
            prefixes: 0,
            warnings,
            done: Imported::default(),
        };
        fill(&mut lines)?;
        lines.finish();
        if lines.is_refused() {
            return Ok(lines.done);
        }
        let mut writers = self.writers.lock();
        // At most two imports are in memory: one that is stored, and one that is read or waits.
        drop(reading);
        let done = permit().and_then(|()| self.put(&mut writers, who, &target, lines));
        self.faults.lock().poisoned = writers.store.is_poisoned();
        Ok(done?)
    }

    fn put(
        &self,
        writers: &mut Writers,
        who: &str,
        target: &ImportTarget,
        mut lines: ImportLines<'_>,
    ) -> Result<Imported> {
        let (import, now) = (lines.import, self.clock.now());
        let mut group = writers.store.begin()?;
        let OpenedList { list, before, removed } = target.open_list(&mut group, import, now)?;
        lines.done.removed = removed;
        lines.refuse_loss()?;
        let reader = group.reader()?;
        PatternRoom::new(&self.engine).reserve(&target.name, lines.prefixes, || match before {
            Some(list) => prefixes_of_list(&reader, list),
            None => lines.buffer.prefixes_on_list(&reader, list),
        })?;
        lines.put_all(&mut group, list, now)?;
        let mut imported = lines.done;
        imported.warnings = lines.warnings.into_messages();
        let detail = format!(
            "added {}, replaced {}, removed {}, rejected {}",
            imported.added, imported.replaced, imported.removed, imported.rejected_count
        );
        group.audit(&AuditEvent {
            at: now,
            who,
            what: "list.import",
            domain: Some(&target.name),
            list: Some(&import.list),
            subject: None,
            detail: Some(&detail),
        })?;
        let revisions = group.commit_to_log()?;
        let mut updates = IndexUpdates::default();
        updates.recompile(target.domain, &target.name);
        let failed = thread::scope(|scope| {
            // Each of the two leaves a core idle. What is not copied here, a later commit copies.
            let copying = thread::Builder::new().name("callbar-copy".into());
            let _ = copying.spawn_scoped(scope, || self.store.checkpoint());
            writers.put_into_force(self, updates, revisions)
        });
        if let Some(reason) = failed.failed.into_values().next() {
            return Err(Error::NotInForce { reason });
        }
        imported.done = true;
        Ok(imported)
    }
}

/// The entries of an import. The caller of [`Manager::import`](crate::Manager::import) adds them in the
/// order of their lines. They are kept in memory, some 65 bytes each, and nothing is stored before all are
/// there.
///
/// # Examples
/// ```
/// use callbar_store::{Import, ImportEntry, ImportLines, Manager, ManagerOptions, Result};
///
/// /// Adds the lines of a text, some thousands at a time.
/// fn fill(lines: &mut ImportLines<'_>, text: &str) -> Result<()> {
///     let numbered: Vec<_> = (1..).zip(text.lines()).collect();
///     for batch in numbered.chunks(10_000) {
///         lines.add(batch.iter().map(|&(line, text)| ImportEntry::new(line, text)).collect())?;
///     }
///     Ok(())
/// }
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let manager = Manager::open(data, ManagerOptions::default())?;
/// let import = Import::new("my.example", "spam");
/// let text = "0505 004 78 25\n0505 004 78 26\n";
/// let imported = manager.import("admin", &import, |lines| fill(lines, text), || Ok(()))?;
/// assert_eq!(imported.added, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ImportLines<'f> {
    shared: &'f Shared,
    import: &'f Import,
    plan: DialPlan,
    action: Action,
    buffer: ImportBuffer,
    /// How many entries were added.
    read: u64,
    /// How many prefixes the patterns need.
    prefixes: u64,
    warnings: Warnings,
    done: Imported,
}

impl ImportLines<'_> {
    /// The dial plan of the domain, which reads the entries.
    #[must_use]
    pub fn plan(&self) -> &DialPlan {
        &self.plan
    }

    /// Adds entries, and rejects those that cannot be on the list. All cores read them, so add some
    /// thousands at a time.
    ///
    /// # Errors
    /// [`callbar::Error::TooLarge`] if the import takes more than 4 GiB of memory.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Import, ImportEntry, Manager, ManagerOptions};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let entries = vec![ImportEntry::new(1, "0505 004 78 25"), ImportEntry::new(2, "+90850*")];
    /// let import = Import::new("my.example", "spam");
    /// let imported = manager.import("admin", &import, |lines| lines.add(entries), || Ok(()))?;
    /// assert_eq!(imported.added, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add(&mut self, batch: Vec<ImportEntry>) -> Result<()> {
        self.read += batch.len() as u64;
        let keys: Vec<Result<EntryKey>> = batch.par_iter().map(|entry| self.key(entry)).collect();
        for (ImportEntry { line, number, note }, key) in batch.into_iter().zip(keys) {
            match key {
                // A refused import stores nothing, but lists all that is wrong.
                Ok(_) if self.is_refused() => {}
                Ok(key) => {
                    self.warnings.look(&self.plan, &key, number.as_bytes(), Some(line));
                    self.buffer.push(&key, &number, note);
                }
                Err(Error::Engine(callbar::Error::InvalidEntry { reason, .. })) => {
                    self.reject(line, &number, reason.as_str().to_owned());
                }
                Err(error) => self.reject(line, &number, error.to_line()),
            }
        }
        self.shared.notify(|| ManagerEvent::ImportRead(self.progress(self.read, 0)));
        self.buffer.refuse_more()
    }

    /// Rejects a line that holds no entry, for a reason to be shown to people.
    ///
    /// # Examples
    /// ```
    /// use callbar_store::{Import, Manager, ManagerOptions, Result};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let manager = Manager::open(data, ManagerOptions::default())?;
    /// let import = Import { partial: true, ..Import::new("my.example", "spam") };
    /// let fill = |lines: &mut callbar_store::ImportLines<'_>| -> Result<()> {
    ///     lines.reject(1, r#"{"name": "Ali"}"#, "the object lacks the field of the number".into());
    ///     Ok(())
    /// };
    /// let imported = manager.import("admin", &import, fill, || Ok(()))?;
    /// assert_eq!((imported.rejected_count, imported.rejected[0].line), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reject(&mut self, line: u64, text: &str, reason: String) {
        self.done.rejected_count += 1;
        if self.done.rejected.len() < self.import.rejections.unwrap_or(REJECTIONS_LISTED) {
            self.done.rejected.push(Rejection { line, text: limits::shortened(text), reason });
        }
    }

    fn finish(&mut self) {
        self.done.rejected.sort_by_key(|rejection| rejection.line);
        self.buffer.sort();
        self.prefixes = self.buffer.prefixes(PREFIXES_MAX);
    }

    fn is_refused(&self) -> bool {
        self.done.rejected_count > 0 && !self.import.partial
    }

    /// A file that is cut off, or an error page instead of one, must not empty a list.
    fn refuse_loss(&self) -> Result<()> {
        let given = self.import.max_loss.map(|percent| f64::from(percent) / 100.0);
        let mut publish = Publish::default();
        publish.max_loss = given.unwrap_or(publish.max_loss);
        let list = format!("{} of {}", self.import.list, self.import.domain);
        Ok(publish.check_loss(&list, self.done.removed, self.buffer.len())?)
    }

    fn put_all(&mut self, group: &mut Group<'_>, list: ListRow, now: u64) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let is_readable = rekey::is_readable(&self.plan, self.action);
        let mut put = 0;
        for batch in buffer.batches(PUT_BATCH) {
            let done = &mut self.done;
            group.put_many(list, &batch, now, &is_readable, |_, PutOutcome { outcome, .. }| {
                match outcome {
                    Outcome::Added => done.added += 1,
                    Outcome::Replaced => done.replaced += 1,
                    _ => done.unchanged += 1,
                }
            })?;
            put += batch.len() as u64;
            self.shared.notify(|| ManagerEvent::ImportStored(self.progress(put, buffer.len())));
        }
        Ok(())
    }

    fn progress(&self, done: u64, total: u64) -> Progress {
        Progress { domain: self.import.domain.clone(), done, total }
    }

    fn key(&self, entry: &ImportEntry) -> Result<EntryKey> {
        let verified = entry.note.verify();
        verified.map_err(|reason| invalid_entry(&entry.number, reason))?;
        entry_keys::parse(&self.plan, &entry.number, self.action, self.import.allow_broad)
    }
}

/// What the entries of an import are read with. It must not change before they are stored.
#[derive(Debug, PartialEq, Eq)]
struct ImportTarget {
    domain: DomainRow,
    /// The domain's name, in lower case.
    name: String,
    /// Its dial plan, as stored.
    plan: String,
    action: Action,
}

/// The list of an import, ready to be filled.
struct OpenedList {
    list: ListRow,
    /// The list that it replaces.
    before: Option<ListRow>,
    /// How many entries that list had.
    removed: u64,
}

impl ImportTarget {
    /// # Errors
    /// [`callbar::Error::UnknownDomain`], [`callbar::Error::UnknownList`];
    /// [`callbar::Error::InvalidName`] of the list; [`Error::Gone`] if the domain has another row.
    fn find(reader: &Reader<'_>, import: &Import) -> Result<Self> {
        let domain = reader.require_domain(&import.domain)?;
        if import.row.is_some_and(|row| row != domain.row) {
            return Err(Error::Gone { what: "domain" });
        }
        verify_list_name(&import.list)?;
        let action = match reader.list(domain.row, &import.list)? {
            Some(list) => list.action,
            None if import.make_list => Action::Deny,
            None => {
                return Err(Error::Engine(callbar::Error::UnknownList {
                    name: import.list.clone(),
                }));
            }
        };
        Ok(Self { domain: domain.row, name: domain.name, plan: domain.plan, action })
    }

    /// Opens the list: creates it if there is none, empties it if it is replaced.
    ///
    /// # Errors
    /// [`Error::Changed`] if the target changed since the entries were read; and see [`Group`].
    fn open_list(&self, group: &mut Group<'_>, import: &Import, now: u64) -> Result<OpenedList> {
        if Self::find(&group.reader()?, import)? != *self {
            return Err(Error::Changed { what: "dial plan or action of the list" });
        }
        let found = group.reader()?.list(self.domain, &import.list)?;
        let before = found.as_ref().map(|list| list.row).filter(|_| import.replace);
        let (settings, removed, created) = match &found {
            Some(list) if !import.replace => {
                return Ok(OpenedList { list: list.row, before, removed: 0 });
            }
            Some(list) => {
                let removed = group.remove_list(list.row)?;
                let (action, response) = (list.action, list.response);
                let settings = ListSettings { action, response, description: &list.description };
                (settings, removed, list.created)
            }
            None => {
                refuse_more_lists(&group.reader()?, self.domain)?;
                let action = self.action;
                (ListSettings { action, response: None, description: "" }, 0, now)
            }
        };
        let (list, _) = group.put_list(self.domain, &import.list, &settings, created)?;
        Ok(OpenedList { list, before, removed })
    }
}
