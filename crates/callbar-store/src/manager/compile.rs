//! The index of one domain, compiled from the store.
//!
//! The keys that the store holds are not parsed again. An entry whose key this release cannot read,
//! though an older one could, is left out and reported: the others of its domain are worth more.

use super::effect::indexed;
use super::health::LeftOut;
use super::{News, Progress, Shared, plan};
use crate::Result;
use crate::store::{DomainRow, EntryRow, Reader, StoredDomain, StoredList};
use callbar::{
    Compiler, DialPlan, EntryError, EntryKey, ListBuilder, OwnedNote, Publish, Settings, Writer,
};

/// Entries that are read from the store before they are compiled together.
const BATCH: usize = 1 << 16;

impl Shared {
    /// The index of a domain is what the store says.
    pub(super) fn settle(&self, made: &Made) {
        if let Some(left_out) = &made.left_out {
            self.tell(|| News::LeftOut(left_out.clone()));
        }
        self.troubles.lock().settle(made.domain.row, made.left_out.clone());
        self.settled.notify_all();
    }
}

/// Makes the index of a domain from the store and publishes it. Under the lock of the writers.
pub(super) fn publish(shared: &Shared, writer: &Writer, row: DomainRow) -> Result<()> {
    let Some(made) = compile(shared, row)? else { return Ok(()) };
    made.publish(writer)?;
    shared.settle(&made);
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
pub(super) struct Made {
    pub(super) domain: StoredDomain,
    bytes: Vec<u8>,
    pub(super) left_out: Option<LeftOut>,
}

impl Made {
    pub(super) fn publish(&self, writer: &Writer) -> Result<()> {
        // The store is the truth, however much of an index goes; its history is in backups.
        let how = Publish { max_loss: 1.0, keep: 0 };
        writer.publish(&self.domain.name, &self.bytes, how)?;
        Ok(())
    }
}

/// The index of a domain; none if it is gone.
pub(super) fn compile(shared: &Shared, row: DomainRow) -> Result<Option<Made>> {
    shared.store.read(|reader| {
        let Some(domain) = reader.domain_at(row)? else { return Ok(None) };
        let mut compiler = Compiler::new(&domain.name, plan::read(&domain.plan)?)?;
        let subscriptions = domain.subscriptions.clone();
        compiler
            .set_settings(Settings { emergency_exempt: domain.emergency_exempt, subscriptions })?;
        compiler.set_stamp(domain.revision);
        // Consent was asked for when the entry came into the store.
        compiler.allow_broad(true);
        let lists = reader.lists(row)?;
        let total = lists.iter().map(|list| list.entries).sum();
        let mut filling = Filling { shared, domain: &domain, done: 0, total, left_out: None };
        for list in by_age(lists) {
            let mut compiled = compiler.list(&list.name, list.action)?;
            compiled.set_response(list.response);
            filling.fill(reader, &list, &mut compiled)?;
        }
        let left_out = filling.left_out;
        Ok(Some(Made { domain, bytes: compiler.finish()?.bytes, left_out }))
    })
}

/// The older list first: it is named where several decide. One that an import replaced is as old as
/// it was.
fn by_age(mut lists: Vec<StoredList>) -> Vec<StoredList> {
    lists.sort_by_key(|list| (list.created, list.row));
    lists
}

/// How far the filling of an index has come.
struct Filling<'f> {
    shared: &'f Shared,
    domain: &'f StoredDomain,
    done: u64,
    total: u64,
    left_out: Option<LeftOut>,
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
                Ok(key) => batch.push((key, indexed(&entry.note))),
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
        self.shared.troubles.lock().tell_progress(self.domain.row, done, total);
        self.shared.tell(|| News::Indexed(Progress { domain, done, total }));
    }

    fn leave_out(&mut self, list: &StoredList, number: &str, reason: EntryError) {
        let first = || LeftOut {
            domain: self.domain.name.clone(),
            entries: 0,
            list: list.name.clone(),
            number: number.to_owned(),
            reason: reason.to_line(),
        };
        self.left_out.get_or_insert_with(first).entries += 1;
    }
}

/// The key of an entry as it was stored; read from its text where the text form of a key loses bytes
/// that are no UTF-8.
fn read_key(entry: &EntryRow<'_>, plan: &DialPlan) -> Result<EntryKey, EntryError> {
    EntryKey::from_stored(entry.key)
        .map_or_else(|| EntryKey::parse(entry.number.as_bytes(), plan), Ok)
}
