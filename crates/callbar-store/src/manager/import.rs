//! Many entries at once, all of them or those that can be.

use std::thread;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::bounds::{PIECES_MAX, Room, pieces_of_list};
use super::core::{Core, revisions};
use super::effect::Effects;
use super::spool::Spool;
use super::target::{Opened, Target};
use super::warnings::new_warnings;
use super::{News, Progress, Shared, bounds, invalid_entry, key, known_domain, plan, replan};
use crate::store::{AuditEvent, DomainRow, Group, ListRow, Put};
use crate::{Error, Result};
use callbar::{Action, DialPlan, EntryKey, Outcome, OwnedNote, Publish};
use callbar_lists::Warnings;

/// Entries that are put into the store together.
const PUT: usize = 1 << 19;
/// Rejections that are listed one by one, unless an import asks for more.
const REJECTIONS: usize = 1_000;

/// Where many entries go, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command, alone")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The domain, which must exist.
    pub domain: String,
    /// Its row, if one that was made of the same name meanwhile is not meant.
    pub row: Option<DomainRow>,
    /// The list.
    pub list: String,
    /// Whether a list that does not exist is made, and denies; else it is an error.
    pub make_list: bool,
    /// Whether entries that cannot be on the list are left out; else one such stops all.
    pub partial: bool,
    /// Whether what was on the list before goes.
    pub replace: bool,
    /// The percentage of its entries, 0 to 100, that a list may lose when it is replaced; if none is
    /// given, the share that [`Publish`] has.
    pub max_loss: Option<u8>,
    /// Whether one pattern may deny a whole calling code.
    pub allow_broad: bool,
    /// How many rejections are listed one by one; a thousand if none is given.
    pub rejections: Option<usize>,
}

/// An entry, and the line that it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportEntry {
    /// Its line, for the report.
    pub line: u64,
    /// The number, pattern or class, in any written form.
    pub number: String,
    /// What is noted of it. An empty note leaves that of an entry which is there alone.
    pub note: OwnedNote,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Entries that were not there.
    pub added: u64,
    /// Entries whose metadata changed.
    pub replaced: u64,
    /// Entries that were there just so, or came twice.
    pub unchanged: u64,
    /// Entries that a list had which was replaced; those that came again are among the added.
    pub removed: u64,
    /// The first of those that cannot be on the list.
    pub rejected: Vec<Rejection>,
    /// How many cannot be.
    pub rejected_count: u64,
    /// What was taken and may not do what its writer expects, for people.
    pub warnings: Vec<String>,
    /// Whether it took place: not if something was rejected and it was to be all or nothing.
    pub done: bool,
}

/// An entry that cannot be on the list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rejection {
    /// Its line.
    pub line: u64,
    /// What stands there.
    pub text: String,
    /// Why it cannot.
    pub reason: String,
}

impl Shared {
    pub(super) fn import<E: From<Error>>(
        &self,
        who: &str,
        import: &Import,
        fill: impl FnOnce(&mut ImportLines<'_>) -> Result<(), E>,
        may: impl FnOnce() -> Result<()>,
    ) -> Result<Imported, E> {
        let (target, warnings) = self.store.read(|reader| {
            let target = Target::of(reader, import)?;
            let warnings = new_warnings(&known_domain(reader, &import.domain)?, target.action);
            Ok((target, warnings))
        })?;
        // Nobody who changes something waits for what is only read.
        let reading = self.reading.lock();
        let plan = plan::read(&target.plan)?;
        let mut lines = ImportLines::new(self, import, plan, target.action, warnings);
        fill(&mut lines)?;
        lines.finish();
        if lines.is_refused() {
            return Ok(lines.done);
        }
        let mut core = self.core.lock();
        // So that two are in memory at most: one that is put, and one that is read or waits.
        drop(reading);
        let done = may().and_then(|()| self.put(&mut core, who, &target, lines));
        self.troubles.lock().poisoned = core.store.is_poisoned();
        Ok(done?)
    }

    fn put(
        &self,
        core: &mut Core,
        who: &str,
        target: &Target,
        mut filling: ImportLines<'_>,
    ) -> Result<Imported> {
        let (import, now) = (filling.import, self.clock.now());
        let mut group = core.store.begin()?;
        let Opened { list, before, removed } = target.open(&mut group, import, now)?;
        filling.done.removed = removed;
        filling.refuse_loss()?;
        let reader = group.reader()?;
        Room::new(&self.engine).exchange(&target.name, filling.pieces, || match before {
            Some(list) => pieces_of_list(&reader, list),
            None => filling.spool.pieces_there(&reader, list),
        })?;
        filling.put_all(&mut group, list, now)?;
        let mut imported = filling.done;
        imported.warnings = filling.warnings.into_messages();
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
        let revisions = revisions(group.commit_to_log()?);
        let mut effects = Effects::default();
        effects.whole(target.domain, &target.name);
        let failed = thread::scope(|scope| {
            // Neither needs the other, and each would leave a core idle. What is not copied here, a
            // later commit copies.
            let copying = thread::Builder::new().name("callbar-copy".into());
            let _ = copying.spawn_scoped(scope, || self.store.checkpoint());
            core.put_into_force(self, effects.into_domains(), &revisions)
        });
        if let Some(reason) = failed.failed.into_values().next() {
            return Err(Error::NotInForce { reason });
        }
        imported.done = true;
        Ok(imported)
    }
}

/// The entries of an import, which its caller adds in the order of their lines. Nothing is stored before
/// all are there.
pub struct ImportLines<'f> {
    shared: &'f Shared,
    import: &'f Import,
    plan: DialPlan,
    action: Action,
    spool: Spool,
    /// Entries that were added.
    read: u64,
    /// Prefixes that the patterns come to.
    pieces: u64,
    warnings: Warnings,
    done: Imported,
}

impl<'f> ImportLines<'f> {
    fn new(
        shared: &'f Shared,
        import: &'f Import,
        plan: DialPlan,
        action: Action,
        warnings: Warnings,
    ) -> Self {
        let (spool, done) = (Spool::default(), Imported::default());
        Self { shared, import, plan, action, spool, read: 0, pieces: 0, warnings, done }
    }

    /// The dial plan that the entries are read by.
    #[must_use]
    pub fn plan(&self) -> &DialPlan {
        &self.plan
    }

    /// Adds entries. They are made canonical on all cores, so some thousands at a time are best.
    ///
    /// # Errors
    /// [`callbar::Error::TooLarge`] if memory has no room for more.
    pub fn add(&mut self, batch: Vec<ImportEntry>) -> Result<()> {
        self.read += batch.len() as u64;
        let keys: Vec<Result<EntryKey>> = batch.par_iter().map(|entry| self.key(entry)).collect();
        for (ImportEntry { line, number, note }, key) in batch.into_iter().zip(keys) {
            match key {
                // Where nothing will come of it, what is wrong is listed all the same.
                Ok(_) if self.is_refused() => {}
                Ok(key) => {
                    self.warnings.look(&self.plan, &key, number.as_bytes(), Some(line));
                    self.spool.push(&key, &number, note);
                }
                Err(Error::Engine(callbar::Error::InvalidEntry { reason, .. })) => {
                    self.reject(line, &number, reason.to_line());
                }
                Err(error) => self.reject(line, &number, error.to_line()),
            }
        }
        self.shared.tell(|| News::Read(self.progress(self.read, 0)));
        self.spool.refuse_more()
    }

    /// Reports a line that holds no entry.
    pub fn reject(&mut self, line: u64, text: &str, reason: String) {
        self.done.rejected_count += 1;
        if self.done.rejected.len() < self.import.rejections.unwrap_or(REJECTIONS) {
            self.done.rejected.push(Rejection { line, text: bounds::told(text), reason });
        }
    }

    fn finish(&mut self) {
        self.done.rejected.sort_by_key(|rejection| rejection.line);
        self.spool.sort();
        self.pieces = self.spool.pieces(PIECES_MAX);
    }

    fn is_refused(&self) -> bool {
        self.done.rejected_count > 0 && !self.import.partial
    }

    /// What arrives cut off, or is the page of an error, must not empty a list.
    fn refuse_loss(&self) -> Result<()> {
        let given = self.import.max_loss.map(|percent| f64::from(percent) / 100.0);
        let mut publish = Publish::default();
        publish.max_loss = given.unwrap_or(publish.max_loss);
        let list = format!("{} of {}", self.import.list, self.import.domain);
        Ok(publish.check_loss(&list, self.done.removed, self.spool.len())?)
    }

    fn put_all(&mut self, group: &mut Group<'_>, list: ListRow, now: u64) -> Result<()> {
        let spool = std::mem::take(&mut self.spool);
        let reads = replan::reads(&self.plan, self.action);
        let mut put = 0;
        for batch in spool.batches(PUT) {
            let done = &mut self.done;
            group.put_many(list, &batch, now, &reads, |_, Put { outcome, .. }| match outcome {
                Outcome::Added => done.added += 1,
                Outcome::Replaced => done.replaced += 1,
                _ => done.unchanged += 1,
            })?;
            put += batch.len() as u64;
            self.shared.tell(|| News::Stored(self.progress(put, spool.len())));
        }
        Ok(())
    }

    fn progress(&self, done: u64, total: u64) -> Progress {
        Progress { domain: self.import.domain.clone(), done, total }
    }

    fn key(&self, entry: &ImportEntry) -> Result<EntryKey> {
        let verified = entry.note.verify();
        verified.map_err(|reason| invalid_entry(&entry.number, reason))?;
        key(&self.plan, &entry.number, self.action, self.import.allow_broad)
    }
}
