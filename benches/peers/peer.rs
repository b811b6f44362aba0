//! The structures that are compared. Each gets the written text and makes its own key: callbar makes
//! it canonical, the others skip the plus and, where they hold integers, parse digits.

use std::collections::HashSet;
use std::sync::RwLock;

use callbar::{Action, Compiler, DialPlan, DomainId, E164, Reader, Verdict};
use roaring::RoaringTreemap;
use rusqlite::{CachedStatement, Connection, OpenFlags};

use crate::support::lists::{BATCH, DOMAIN, Published, is_listed};
use crate::support::numbers::mix;

/// A set of numbers that answers questions about texts.
pub(crate) trait Peer: Sync + Sized {
    const NAME: &str;
    /// Bytes that a number needs while the set is built, about. The machine must have them.
    const PEAK: usize;
    /// The numbers in the form that the build needs, prepared outside its time.
    type Input;
    /// What a thread needs to ask questions.
    type Handle<'a>
    where
        Self: 'a;

    fn prepare(sorted: &[u64]) -> Self::Input;
    fn build(input: Self::Input) -> Self;
    /// Bytes of the structure, if the heap grew by so many.
    fn bytes(&self, heap: usize) -> usize {
        heap
    }
    fn handle(&self) -> Self::Handle<'_>;
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool;
    /// How many of the texts are listed, if the peer takes many at once.
    fn count(_handle: &mut Self::Handle<'_>, _texts: &[&[u8]]) -> Option<usize> {
        None
    }
}

/// The digits after the plus, as an integer.
#[inline]
fn digits(text: &[u8]) -> u64 {
    text[1..].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// An engine over a directory: mapped files, three lists, one number in ten on two of them.
pub(crate) struct Callbar {
    published: Published,
    bytes: usize,
}

const LISTS: [(&str, Action); 3] =
    [("spam", Action::Deny), ("fraud", Action::Deny), ("vip", Action::Allow)];

/// The numbers of each of [`LISTS`], ascending.
pub(crate) fn lists(sorted: &[u64]) -> [Vec<E164>; 3] {
    let mut lists = [const { Vec::new() }; 3];
    for &number in sorted {
        let canonical = E164::new(number).expect("a number of the bench");
        let random = mix(number);
        let list = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2][(random % 10) as usize];
        lists[list].push(canonical);
        if (random >> 32).is_multiple_of(10) {
            lists[(list + 1) % 3].push(canonical);
        }
    }
    lists
}

/// Index bytes of the lists, built on one core.
pub(crate) fn compile(lists: [Vec<E164>; 3]) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    pool.install(|| {
        let plan = DialPlan::new("TR").expect("a region");
        let mut compiler = Compiler::new(DOMAIN, plan).expect("a domain");
        for ((name, action), numbers) in LISTS.into_iter().zip(lists) {
            compiler.list(name, action).expect("a list").extend_e164(&numbers);
        }
        compiler.finish().expect("an index").bytes
    })
}

impl Peer for Callbar {
    const NAME: &str = "callbar";
    const PEAK: usize = 40;
    type Input = [Vec<E164>; 3];
    type Handle<'a> = (Reader, DomainId);

    fn prepare(sorted: &[u64]) -> Self::Input {
        lists(sorted)
    }

    fn build(input: Self::Input) -> Self {
        let index = compile(input);
        Self { published: Published::new(&index), bytes: index.len() }
    }

    fn bytes(&self, _heap: usize) -> usize {
        self.bytes
    }

    fn handle(&self) -> Self::Handle<'_> {
        (self.published.engine.reader(), self.published.domain)
    }

    #[inline]
    fn contains((reader, domain): &mut Self::Handle<'_>, text: &[u8]) -> bool {
        is_listed(reader, *domain, text)
    }

    #[inline]
    fn count((reader, domain): &mut Self::Handle<'_>, texts: &[&[u8]]) -> Option<usize> {
        let mut verdicts = [(); BATCH].map(|()| Verdict::Pass);
        reader.check_batch(*domain, texts, &mut verdicts).expect("the domain");
        let verdicts = verdicts.iter().take(texts.len());
        Some(verdicts.filter(|verdict| !matches!(verdict, Verdict::Pass)).count())
    }
}

/// What most people write first.
pub(crate) struct LockedStrings(RwLock<HashSet<String>>);

impl Peer for LockedStrings {
    const NAME: &str = "RwLock<HashSet<String>>";
    const PEAK: usize = 130;
    type Input = Vec<u64>;
    type Handle<'a> = &'a Self;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        Self(RwLock::new(input.into_iter().map(|number| format!("+{number}")).collect()))
    }

    fn handle(&self) -> Self::Handle<'_> {
        self
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        let text = std::str::from_utf8(text).expect("ASCII");
        handle.0.read().expect("no poison").contains(text)
    }
}

/// A hash set of integers with a fast hash.
pub(crate) struct FoldHash(foldhash::HashSet<u64>);

impl Peer for FoldHash {
    const NAME: &str = "foldhash HashSet<u64>";
    const PEAK: usize = 50;
    type Input = Vec<u64>;
    type Handle<'a> = &'a Self;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        Self(input.into_iter().collect())
    }

    fn handle(&self) -> Self::Handle<'_> {
        self
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        handle.0.contains(&digits(text))
    }
}

/// One finite-state transducer over whole numbers, in ASCII digits.
pub(crate) struct FstSet(fst::Set<Vec<u8>>);

impl Peer for FstSet {
    const NAME: &str = "fst::Set, ASCII digits";
    const PEAK: usize = 30;
    type Input = Vec<u64>;
    type Handle<'a> = &'a Self;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        let keys = input.into_iter().map(|number| number.to_string());
        Self(fst::Set::from_iter(keys).expect("ascending numbers of one length"))
    }

    fn bytes(&self, _heap: usize) -> usize {
        self.0.as_fst().as_bytes().len()
    }

    fn handle(&self) -> Self::Handle<'_> {
        self
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        handle.0.contains(&text[1..])
    }
}

/// A compressed bitmap, the usual one.
pub(crate) struct Roaring(RoaringTreemap);

impl Peer for Roaring {
    const NAME: &str = "RoaringTreemap";
    const PEAK: usize = 30;
    type Input = Vec<u64>;
    type Handle<'a> = &'a Self;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        Self(RoaringTreemap::from_sorted_iter(input).expect("ascending"))
    }

    fn handle(&self) -> Self::Handle<'_> {
        self
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        handle.0.contains(digits(text))
    }
}

/// A sorted vector and binary search.
pub(crate) struct Sorted(Vec<u64>);

impl Peer for Sorted {
    const NAME: &str = "sorted Vec<u64>";
    const PEAK: usize = 30;
    type Input = Vec<u64>;
    type Handle<'a> = &'a Self;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        Self(input)
    }

    fn bytes(&self, _heap: usize) -> usize {
        size_of_val(&self.0[..])
    }

    fn handle(&self) -> Self::Handle<'_> {
        self
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        handle.0.binary_search(&digits(text)).is_ok()
    }
}

/// A table with the number as its primary key, in a file that the page cache holds. A thread has one
/// connection, one prepared statement, and one transaction that stays open. Without the transaction
/// each question would lock and unlock the file, at four times the cost.
pub(crate) struct Sqlite(tempfile::NamedTempFile);

impl Peer for Sqlite {
    const NAME: &str = "SQLite, primary key";
    const PEAK: usize = 30;
    type Input = Vec<u64>;
    type Handle<'a> = &'static mut CachedStatement<'static>;

    fn prepare(sorted: &[u64]) -> Self::Input {
        sorted.to_vec()
    }

    fn build(input: Self::Input) -> Self {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut base = Connection::open(file.path()).expect("a database");
        base.pragma_update(None, "synchronous", "OFF").expect("a pragma");
        let all = base.transaction().expect("a transaction");
        all.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY)", []).expect("a table");
        {
            let mut insert = all.prepare("INSERT INTO entry VALUES (?1)").expect("a statement");
            for number in input {
                insert.execute([number.cast_signed()]).expect("a row");
            }
        }
        all.commit().expect("committed");
        Self(file)
    }

    fn bytes(&self, _heap: usize) -> usize {
        self.0.as_file().metadata().expect("the file").len() as usize
    }

    fn handle(&self) -> Self::Handle<'_> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let base = Connection::open_with_flags(self.0.path(), flags).expect("the database");
        base.pragma_update(None, "mmap_size", 1_i64 << 34).expect("a pragma");
        base.execute_batch("BEGIN").expect("a transaction");
        // A statement borrows its connection: both stay until the process ends.
        let base = Box::leak(Box::new(base));
        let ask = base.prepare_cached("SELECT 1 FROM entry WHERE number = ?1");
        Box::leak(Box::new(ask.expect("a statement")))
    }

    #[inline]
    fn contains(handle: &mut Self::Handle<'_>, text: &[u8]) -> bool {
        handle.exists([digits(text).cast_signed()]).expect("an answer")
    }
}
