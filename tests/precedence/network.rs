//! A directory of Turkish domains, and the clock they are judged by.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use callbar::{Action, Change, Clock, Compiler, DialPlan, Engine, LoadMode, Options, Settings};
use tempfile::TempDir;

pub(crate) const DOMAIN: &str = "my.example";
/// The second at which every example begins.
pub(crate) const NOW: u64 = 1_800_000_000;

/// A list: its name, what it says, its entries.
pub(crate) type Lists<'a> = &'a [(&'a str, Action, &'a [&'a str])];

/// See the module.
pub(crate) struct Network {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<AtomicU64>,
    _directory: TempDir,
}

impl Network {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicU64::new(NOW));
        let now = Arc::clone(&clock);
        let now = Clock::from_fn(move || now.load(Ordering::Relaxed));
        let options = Options { mode: LoadMode::default(), clock: now };
        let engine = Engine::open_with(directory.path(), options).unwrap();
        Self { engine, clock, _directory: directory }
    }

    /// With one domain of these lists.
    pub(crate) fn with_lists(lists: Lists<'_>) -> Self {
        let network = Self::new();
        network.publish(DOMAIN, lists, &[]);
        network
    }

    pub(crate) fn publish(&self, domain: &str, lists: Lists<'_>, subscriptions: &[&str]) {
        let mut compiler = Compiler::new(domain, DialPlan::new("TR").unwrap()).unwrap();
        let subscriptions = subscriptions.iter().map(|&name| name.to_owned()).collect();
        compiler.set_settings(Settings { subscriptions, ..Settings::default() }).unwrap();
        for &(name, action, entries) in lists {
            assert_eq!(compiler.list(name, action).unwrap().extend(entries), []);
        }
        self.engine.publish(domain, &compiler.finish().unwrap().bytes).unwrap();
    }

    pub(crate) fn change(&self, changes: &[Change<'_>]) {
        self.engine.writer().unwrap().change(DOMAIN, changes).unwrap();
    }

    /// The verdict, and the list and entry that it is due to, as `deny spam +90532*`; the
    /// explanation must say the same.
    pub(crate) fn ask(&self, text: &str) -> String {
        let snapshot = self.engine.snapshot();
        let domain = snapshot.domain(DOMAIN).unwrap();
        let verdict = domain.check(text);
        let explanation = domain.explain(text);
        assert_eq!(explanation.verdict, verdict.as_str());
        let won = explanation.matches.iter().find(|matched| matched.won);
        let Some(by) = verdict.decided_by() else {
            assert_eq!(won, None);
            return verdict.as_str().to_owned();
        };
        let won = won.expect("the entry that decided");
        assert_eq!((won.list, &won.entry), (by.list.name.as_str(), &by.entry));
        match by.shared_by {
            None => format!("{} {} {}", verdict.as_str(), by.list.name, by.entry),
            Some(domain) => format!("{} {domain}/{} {}", verdict.as_str(), by.list.name, by.entry),
        }
    }

    pub(crate) fn response(&self, text: &str) -> Option<(u16, &'static str)> {
        let snapshot = self.engine.snapshot();
        let response = snapshot.domain(DOMAIN).unwrap().check(text).response();
        response.map(|response| (response.code(), response.phrase()))
    }
}
