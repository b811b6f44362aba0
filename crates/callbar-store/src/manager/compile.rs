//! Compiles the index of one domain from the store.
//!
//! Stored keys are not parsed again. An entry that an older release took and this one cannot read is left out
//! and reported, because the other entries of its domain are worth more.

use super::health::LeftOutEntries;
use super::{ManagerEvent, Progress, Shared, dial_plan};
use crate::Result;
use crate::store::{DomainRow, EntryRef, Reader, StoredDomain, StoredList};
use callbar::{
    Compiler, DialPlan, EntryError, EntryKey, ListBuilder, Note, OwnedNote, Publish, Settings,
    Writer,
};

/// Entries that are read from the store before they are compiled together.
const BATCH: usize = 1 << 16;

impl Shared {
    /// Notes that the index of a domain is as the store is, and reports the entries that it leaves out.
    pub(super) fn index_is_current(&self, compiled: &CompiledDomain) {
        if let Some(left_out) = &compiled.left_out {
            self.notify(|| ManagerEvent::EntriesLeftOut(left_out.clone()));
        }
        self.faults.lock().mark_current(compiled.domain.row, compiled.left_out.clone());
        self.index_made.notify_all();
    }
}

/// Compiles the index of a domain and publishes it. The caller holds the lock of the writers.
pub(super) fn publish(shared: &Shared, writer: &Writer, row: DomainRow) -> Result<()> {
    let Some(compiled) = compile(shared, row)? else { return Ok(()) };
    compiled.publish(writer)?;
    shared.index_is_current(&compiled);
    Ok(())
}

/// Removes the index of a domain, if there is one.
pub(super) fn remove(writer: &Writer, domain: &str) -> Result<()> {
    match writer.remove(domain) {
        Err(callbar::Error::UnknownDomain { .. }) => Ok(()),
        done => Ok(done?),
    }
}

/// The index of a domain as the store had it at one moment.
pub(super) struct CompiledDomain {
    pub(super) domain: StoredDomain,
    bytes: Vec<u8>,
    pub(super) left_out: Option<LeftOutEntries>,
}

impl CompiledDomain {
    pub(super) fn publish(&self, writer: &Writer) -> Result<()> {
        // The store is the truth, however many entries an index loses. Backups hold its history.
        let how = Publish { max_loss: 1.0, keep: 0 };
        writer.publish(&self.domain.name, &self.bytes, how)?;
        Ok(())
    }
}

/// Compiles the index of a domain; `None` if the domain is gone.
pub(super) fn compile(shared: &Shared, row: DomainRow) -> Result<Option<CompiledDomain>> {
    shared.store.read(|reader| {
        let Some(domain) = reader.domain_at(row)? else { return Ok(None) };
        let mut compiler = Compiler::new(&domain.name, dial_plan::parse(&domain.plan)?)?;
        let subscriptions = domain.subscriptions.clone();
        compiler
            .set_settings(Settings { emergency_exempt: domain.emergency_exempt, subscriptions })?;
        compiler.set_stamp(domain.revision);
        // Consent was required when an entry came into the store.
        compiler.allow_broad(true);
        let mut lists = reader.lists(row)?;
        // The older list first, because it is named where several lists decide. A list that an import
        // replaced keeps its age.
        lists.sort_by_key(|list| (list.created, list.row));
        let total = lists.iter().map(|list| list.entries).sum();
        let mut filling = Filling { shared, domain: &domain, done: 0, total, left_out: None };
        for list in lists {
            let mut compiled = compiler.list(&list.name, list.action)?;
            compiled.set_response(list.response);
            filling.fill(reader, &list, &mut compiled)?;
        }
        let left_out = filling.left_out;
        Ok(Some(CompiledDomain { domain, bytes: compiler.finish()?.bytes, left_out }))
    })
}

/// An index that is being filled, and its progress.
struct Filling<'f> {
    shared: &'f Shared,
    domain: &'f StoredDomain,
    done: u64,
    total: u64,
    left_out: Option<LeftOutEntries>,
}

impl Filling<'_> {
    fn fill(
        &mut self,
        reader: &Reader<'_>,
        list: &StoredList,
        compiled: &mut ListBuilder<'_>,
    ) -> Result<()> {
        let plan = compiled.plan();
        let mut batch = Vec::with_capacity(BATCH.min(list.entries as usize));
        reader.each_by_key(list.row, |entry| {
            match read_key(&entry, plan) {
                Ok(key) => batch.push((key, indexed_note(&entry.note))),
                Err(reason) => self.leave_out(list, entry.number, reason),
            }
            if batch.len() == BATCH {
                self.take(&mut batch, compiled);
            }
            Ok(())
        })?;
        self.take(&mut batch, compiled);
        Ok(())
    }

    fn take(&mut self, batch: &mut Vec<(EntryKey, OwnedNote)>, compiled: &mut ListBuilder<'_>) {
        self.done += batch.len() as u64;
        // Consent to broad patterns was given, and the notes were verified, when they came in.
        let rejected = compiled.extend_keys(batch.drain(..));
        debug_assert!(rejected.is_empty(), "{rejected:?}");
        let (domain, done, total) = (self.domain.name.clone(), self.done, self.total);
        self.shared.faults.lock().set_progress(self.domain.row, done, total);
        self.shared.notify(|| ManagerEvent::IndexProgress(Progress { domain, done, total }));
    }

    fn leave_out(&mut self, list: &StoredList, number: &str, reason: EntryError) {
        let first = || LeftOutEntries {
            domain: self.domain.name.clone(),
            entries: 0,
            list: list.name.clone(),
            number: number.to_owned(),
            reason: reason.as_str().to_owned(),
        };
        self.left_out.get_or_insert_with(first).entries += 1;
    }
}

/// The key of an entry, as stored. A key whose stored form lost bytes that are not UTF-8 is read from the
/// entry's text.
fn read_key(entry: &EntryRef<'_>, plan: &DialPlan) -> Result<EntryKey, EntryError> {
    EntryKey::from_stored(entry.key)
        .map_or_else(|| EntryKey::parse(entry.number.as_bytes(), plan), Ok)
}

/// The note of an entry as its index keeps it. Ids and times of creation stay in the store: they decide
/// nothing, and an index of plain numbers would be fourteen times as large.
pub(super) fn indexed_note(note: &Note<'_>) -> OwnedNote {
    OwnedNote::from(Note { id: None, created: None, ..*note })
}
