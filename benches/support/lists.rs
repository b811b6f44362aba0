//! Indexes with one list, engines that have published one, and the questions to them.

use std::hint::black_box;

use callbar::Verdict;
use callbar::{Action, Change, Compiler, DialPlan, DomainId, E164, Engine, Reader};

pub(crate) const DOMAIN: &str = "bench";
pub(crate) const LIST: &str = "spam";

/// Texts of a batch.
pub(crate) const BATCH: usize = 64;

/// Compiles an index with one list of these numbers.
pub(crate) fn compile(numbers: &[u64]) -> Vec<u8> {
    compile_with(DOMAIN, numbers, &[])
}

/// Compiles an index for `domain` with one list of these numbers and of these written entries.
pub(crate) fn compile_with(domain: &str, numbers: &[u64], entries: &[String]) -> Vec<u8> {
    let plan = DialPlan::new("TR").expect("a region");
    let mut compiler = Compiler::new(domain, plan).expect("a name");
    let mut list = compiler.list(LIST, Action::Deny).expect("a list");
    let canonical = |&number| E164::new(number).expect("a number of the bench");
    // In parts that stay in the cache
    for part in numbers.chunks(4096) {
        list.extend_e164(&part.iter().map(canonical).collect::<Vec<_>>());
    }
    assert!(list.extend(entries).is_empty(), "every entry is accepted");
    compiler.finish().expect("an index").bytes
}

/// The change that adds an entry to the list.
pub(crate) fn addition(entry: &str) -> Change<'_> {
    Change::add(LIST, entry)
}

/// An engine with one domain, in a directory of its own.
pub(crate) struct Published {
    pub(crate) engine: Engine,
    pub(crate) domain: DomainId,
    pub(crate) dir: tempfile::TempDir,
}

impl Published {
    /// Publishes an index of [`DOMAIN`].
    pub(crate) fn new(index: &[u8]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = Engine::open(dir.path()).expect("an empty directory");
        let domain = engine.publish(DOMAIN, index).expect("published");
        Self { engine, domain, dir }
    }
}

/// Reports whether the list has the number.
#[inline]
pub(crate) fn is_listed(reader: &mut Reader, domain: DomainId, text: &[u8]) -> bool {
    !matches!(reader.check(domain, text), Ok(Verdict::Pass))
}

/// Checks at most [`BATCH`] texts at once.
#[inline]
pub(crate) fn check_batch(reader: &mut Reader, domain: DomainId, texts: &[&[u8]]) {
    let mut verdicts = [(); BATCH].map(|()| Verdict::Pass);
    reader.check_batch(domain, texts, &mut verdicts).expect("the domain");
    black_box(&verdicts);
}

/// What lies above a base of numbers.
#[derive(Clone, Copy)]
pub(crate) enum Stack {
    /// Nothing.
    Base,
    /// A head of changes, half as many as it may hold.
    Head,
    /// The same head, and a run of older changes below it.
    HeadAndRun,
}

impl Stack {
    pub(crate) const ALL: [Self; 3] = [Self::Base, Self::Head, Self::HeadAndRun];
    const IN_HEAD: usize = 512;
    const IN_RUN: usize = 1_500;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Base => "base alone",
            Self::Head => "below a head",
            Self::HeadAndRun => "below a head and a run",
        }
    }

    /// Publishes the index, and adds some of the numbers as changes.
    pub(crate) fn publish(self, index: &[u8], numbers: &[u64]) -> Published {
        let published = Published::new(index);
        let writer = published.engine.writer().expect("the only writer");
        let change = |numbers: &[u64]| {
            let entries: Vec<String> = numbers.iter().map(|number| format!("+{number}")).collect();
            let changes: Vec<Change<'_>> = entries.iter().map(|entry| addition(entry)).collect();
            writer.change(DOMAIN, &changes).expect("changes");
        };
        let (run, head) = match self {
            Self::Base => (0, 0),
            Self::Head => (0, Self::IN_HEAD),
            Self::HeadAndRun => (Self::IN_RUN, Self::IN_HEAD),
        };
        // More changes than a head holds become a run
        change(&numbers[..run]);
        change(&numbers[run..run + head]);
        writer.wait().expect("compaction");
        drop(writer);
        published
    }
}
