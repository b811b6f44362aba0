//! A manager of a directory with one domain and one list, and a clock that is set by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use callbar::{Action, PlanSpec};
use callbar_store::{Applied, Manager, NewEntry, Operation, Result};

use crate::clocked;

pub(crate) const DOMAIN: &str = "my.example";

/// A manager with the domain [`DOMAIN`] and the list `spam`.
pub(crate) struct TestManager {
    pub(crate) manager: Manager,
    clock: Arc<AtomicU64>,
    dir: tempfile::TempDir,
}

/// A Turkish mobile number.
pub(crate) fn number(i: u64) -> String {
    format!("+9050{i:08}")
}

impl TestManager {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let clock = Arc::new(AtomicU64::new(1_790_000_000));
        let test = Self { manager: clocked::manager(dir.path(), &clock), clock, dir };
        test.put_domain(PlanSpec::new("TR")).expect("domain");
        test.put_list("spam", String::new()).expect("list");
        test
    }

    pub(crate) fn put_list(&self, name: &str, description: String) -> Result<Vec<Applied>> {
        let (domain, name) = (DOMAIN.into(), name.into());
        let (action, response, allow_broad) = (Action::Deny, None, false);
        self.apply(Operation::PutList { domain, name, action, response, description, allow_broad })
    }

    pub(crate) fn put_domain(&self, plan: PlanSpec) -> Result<Vec<Applied>> {
        self.apply(Operation::put_domain(DOMAIN, plan))
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn apply(&self, operation: Operation) -> Result<Vec<Applied>> {
        self.manager.apply("test", vec![operation])
    }

    pub(crate) fn add(&self, list: &str, number: &str) -> Result<Vec<Applied>> {
        self.add_entry(list, number)
    }

    pub(crate) fn add_entry(&self, list: &str, entry: impl Into<NewEntry>) -> Result<Vec<Applied>> {
        self.apply(Operation::add(DOMAIN, list, entry))
    }

    pub(crate) fn remove(&self, list: &str, number: &str) -> Result<Vec<Applied>> {
        self.apply(Operation::remove(DOMAIN, list, number))
    }

    pub(crate) fn denies(&self, number: &str) -> bool {
        self.manager.engine().reader().check(DOMAIN, number).expect("the domain").is_deny()
    }

    /// Entries of a list in the store.
    pub(crate) fn entries(&self, list: &str) -> u64 {
        let entries = self.manager.store().read(|reader| {
            let domain = reader.domain(DOMAIN)?.expect("the domain");
            Ok(reader.list(domain.row, list)?.expect("the list").entries)
        });
        entries.expect("the store")
    }

    /// Entries of all lists in the engine.
    pub(crate) fn index_entries(&self) -> u64 {
        let snapshot = self.manager.engine().snapshot();
        snapshot.domain(DOMAIN).expect("the domain").lists().map(|list| list.entries).sum()
    }

    pub(crate) fn lists(&self) -> Vec<String> {
        let lists = self.manager.store().read(|reader| {
            let domain = reader.domain(DOMAIN)?.expect("the domain");
            reader.lists(domain.row)
        });
        lists.expect("the store").into_iter().map(|list| list.name).collect()
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Closes the manager and opens another.
    pub(crate) fn restart(&mut self) {
        self.restart_after(|_| {});
    }

    /// As [`Self::restart`], with a change of the directory in between.
    pub(crate) fn restart_after(&mut self, between: impl FnOnce(&Path)) {
        self.manager.shut_down();
        // The lock goes with the last owner of the manager.
        let elsewhere = tempfile::tempdir().expect("temporary directory");
        drop(std::mem::replace(&mut self.manager, clocked::manager(elsewhere.path(), &self.clock)));
        between(self.dir.path());
        self.manager = clocked::manager(self.dir.path(), &self.clock);
    }

    pub(crate) fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < Duration::from_secs(20), "it does not happen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
