//! An engine and the model side by side, through every step of a story.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use callbar::{Clock, DialPlan, Engine, Error, LoadMode, Options, Publish, Reader};
use callbar::{Verdict, Writer};
use tempfile::TempDir;

use super::answer::{Answer, NAMES};
use super::compiled::compile;
use super::generate::{DOMAINS, START, Step, Story};
use super::judge::judge;
use super::model::{Base, Change, Domain, bulk};

/// How many former states are kept: fewer than a long story publishes.
const KEEP: usize = 2;

struct World {
    clock: Arc<AtomicU64>,
    /// Gone only while the directory is opened again.
    open: Option<(Engine, Writer, Reader)>,
    domains: Vec<Domain>,
    /// The former states of each domain, the latest last.
    kept: [Vec<Domain>; 3],
    directory: TempDir,
}

/// Tells a story to an engine and the model, and asks both after every step.
pub(crate) fn agrees(story: &Story) {
    let mut world = World::new();
    for (domain, base) in story.bases.iter().enumerate() {
        world.publish(domain, base);
    }
    world.ask(&story.questions);
    for step in &story.steps {
        world.take(step);
        world.ask(&story.questions);
    }
}

impl World {
    fn new() -> Self {
        let plan = |&(name, region): &(&'static str, &str)| Domain {
            name,
            plan: DialPlan::new(region).unwrap(),
            settings: callbar::Settings::default(),
            lists: Vec::new(),
        };
        let mut world = Self {
            clock: Arc::new(AtomicU64::new(START)),
            open: None,
            domains: DOMAINS.iter().map(plan).collect(),
            kept: Default::default(),
            directory: tempfile::tempdir().unwrap(),
        };
        world.reopen();
        world
    }

    fn reopen(&mut self) {
        self.open = None;
        let clock = Arc::clone(&self.clock);
        let clock = Clock::from_fn(move || clock.load(Ordering::Relaxed));
        let options = Options { mode: LoadMode::default(), clock };
        let engine = Engine::open_with(self.directory.path(), options).unwrap();
        let (writer, reader) = (engine.writer().unwrap(), engine.reader());
        self.open = Some((engine, writer, reader));
    }

    fn writer(&self) -> &Writer {
        &self.open.as_ref().unwrap().1
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Change(domain, changes) => self.change(*domain, changes),
            Step::Bulk { domain, list, from, add } => self.bulk(*domain, list, *from, *add),
            Step::Clock(now) => self.clock.store(*now, Ordering::Relaxed),
            Step::Compact(domain) => {
                self.writer().compact(DOMAINS[*domain].0).unwrap();
                self.writer().wait().unwrap();
            }
            Step::Wait => self.writer().wait().unwrap(),
            Step::Reopen => self.reopen(),
            Step::Publish(domain, base) => self.publish(*domain, base),
            Step::Rollback(domain) => self.rollback(*domain),
        }
    }

    fn publish(&mut self, domain: usize, base: &Base) {
        let (bytes, model) = compile(domain, base);
        let is_known = self.open.as_ref().unwrap().0.snapshot().id(DOMAINS[domain].0).is_some();
        let how = Publish { max_loss: 1.0, keep: KEEP };
        self.writer().publish(DOMAINS[domain].0, &bytes, how).unwrap();
        let old = std::mem::replace(&mut self.domains[domain], model);
        if is_known {
            self.keep(domain, old);
        }
    }

    fn keep(&mut self, domain: usize, old: Domain) {
        let kept = &mut self.kept[domain];
        kept.push(old);
        let too_many = kept.len().saturating_sub(KEEP);
        kept.drain(..too_many);
    }

    fn rollback(&mut self, domain: usize) {
        let outcome = self.writer().rollback(DOMAINS[domain].0, None);
        let Some(former) = self.kept[domain].pop() else {
            return assert!(matches!(outcome, Err(Error::NotKept { .. })), "{outcome:?}");
        };
        outcome.unwrap();
        let old = std::mem::replace(&mut self.domains[domain], former);
        self.kept[domain].push(old);
    }

    fn change(&mut self, domain: usize, changes: &[Change]) {
        let outcome = self
            .writer()
            .change(DOMAINS[domain].0, &changes.iter().map(as_change).collect::<Vec<_>>());
        let Some(expected) = self.domains[domain].change(changes) else {
            let error = outcome.expect_err("a refused change");
            let is_expected =
                matches!(error, Error::InvalidEntry { .. } | Error::UnknownList { .. });
            return assert!(is_expected, "{error}");
        };
        assert_eq!(outcome.unwrap(), expected, "{changes:?}");
    }

    fn bulk(&mut self, domain: usize, list: &'static str, from: u32, add: bool) {
        let change = |number: u64| {
            let entry = format!("+{number}");
            let note = callbar::Note::default();
            if add {
                Change::Add { list, entry, note, allow_broad: false }
            } else {
                Change::Remove { list, entry }
            }
        };
        let changes: Vec<Change> = bulk(from).map(change).collect();
        self.change(domain, &changes);
    }

    /// Asks every domain everything.
    fn ask(&mut self, questions: &[String]) {
        let now = self.clock.load(Ordering::Relaxed);
        let (_, _, reader) = self.open.as_mut().unwrap();
        let snapshot = reader.snapshot();
        for model in &self.domains {
            let domain = snapshot.domain(model.name).unwrap();
            lists_agree(domain, model);
            let mut verdicts = vec![Verdict::Pass; questions.len()];
            domain.check_batch(questions, &mut verdicts);
            for (text, from_batch) in questions.iter().zip(&verdicts) {
                let verdict = domain.check(text);
                assert_eq!(*from_batch, verdict, "{text:?} in a batch");
                let on = NAMES.map(|list| domain.check_list(list, text));
                let lists_of = domain.lists_of(text);
                let answer = Answer::new(&domain.explain(text), &verdict, on, lists_of);
                let expected = judge(&self.domains, model.name, text, now);
                assert_eq!(answer, expected, "{text:?} in {} at {now}", model.name);
            }
        }
    }
}

fn lists_agree(domain: callbar::Domain<'_>, model: &Domain) {
    let said = |list: &callbar::List| (list.name.clone(), list.action, list.response, list.entries);
    let expected = model
        .lists
        .iter()
        .map(|list| (list.name.to_owned(), list.action, list.response, list.entries.len() as u64));
    assert_eq!(domain.lists().map(said).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert_eq!(*domain.settings(), model.settings);
}

fn as_change(change: &Change) -> callbar::Change<'_> {
    match change {
        Change::Add { list, entry, note, allow_broad } => {
            callbar::Change::add(list, entry).with_note(*note).allow_broad(*allow_broad)
        }
        Change::Remove { list, entry } => callbar::Change::remove(list, entry),
        &Change::List { name, action, response } => {
            callbar::Change::list(name, action).with_response(response).allow_broad(true)
        }
        Change::Drop { name } => callbar::Change::drop_list(name),
        Change::Settings(settings) => callbar::Change::Settings(settings.clone()),
    }
}
