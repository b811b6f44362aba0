//! A domain of a snapshot: its own lists, and those that other domains share with it.

use std::{fmt, path::Path, sync::Arc};

use super::{DomainKey, NotFound, Snapshot, domain_id::DomainId, loaded::LoadedDomain};
use crate::engine::directory::bytes::Bytes;
use crate::index::{DomainLists, Settings, Stack, matching::Lookup};
use crate::{DialPlan, Explanation, Index, List, Number, SectionStats, Stats, Step, Verdict};

/// A file of a domain.
type Layer = Arc<Index<Bytes>>;

/// The lists of a domain in a [`Snapshot`]: two pointers to copy and pass down.
///
/// It answers the same questions as a [`Reader`](crate::Reader), all of them by the same lists. The cost of
/// a check does not depend on the other domains of the directory. Recent changes add a probe of a small
/// index, and each shared domain a probe of its own.
///
/// # Examples
/// ```
/// use callbar::{Action, Engine};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let domain = reader.snapshot().domain("my.example")?;
/// assert!(domain.check("0505 004 78 24").is_deny());
/// assert_eq!(domain.check_list("vip", "0505 004 78 24"), Some(false));
/// assert_eq!(domain.lists_of("0532 111 22 33").next().map(|list| list.action), Some(Action::Allow));
/// assert_eq!(domain.explain("0505 004 78 24").verdict, "deny");
///
/// assert_eq!((domain.domain(), domain.plan().region()), ("my.example", "TR"));
/// let lists: Vec<_> = domain.lists().map(|list| (&*list.name, list.entries)).collect();
/// assert_eq!(lists, [("spam", 1), ("vip", 1)]);
/// assert!(domain.settings().emergency_exempt && domain.settings().subscriptions.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Domain<'a> {
    own: &'a LoadedDomain,
    snapshot: &'a Snapshot,
}

impl Snapshot {
    /// The lists of a domain.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the snapshot has no such domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, NotFound};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// assert_eq!(snapshot.domain("My.Example")?.domain(), "my.example");
    /// assert_eq!(snapshot.domain("other.example").err(), Some(NotFound::Domain));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn domain(&self, domain: impl DomainKey) -> Result<Domain<'_>, NotFound> {
        let id = domain.place(self).ok_or(NotFound::Domain)?;
        self.loaded(id).map(|own| Domain::new(own, self)).ok_or(NotFound::Domain)
    }

    /// All domains in order of their names, each with its id and the path of its head. Allocates and sorts.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// for (id, path, domain) in snapshot.domains() {
    ///     assert_eq!(Some(id), snapshot.id(domain.domain()));
    ///     assert!(path.ends_with("indexes/00000001.index"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn domains(&self) -> impl Iterator<Item = (DomainId, &Path, Domain<'_>)> {
        self.in_order().map(|(id, own)| (id, &*own.path, Domain::new(own, self)))
    }
}

impl<'a> Domain<'a> {
    #[inline]
    pub(crate) fn new(own: &'a LoadedDomain, snapshot: &'a Snapshot) -> Self {
        Self { own, snapshot }
    }

    /// Its name, in lower case.
    pub fn domain(self) -> &'a str {
        self.own.domain()
    }

    /// The dial plan that turns entries and calls into numbers.
    pub fn plan(self) -> &'a DialPlan {
        self.own.layers.head().plan()
    }

    /// Its own lists, in the order of their creation.
    pub fn lists(self) -> impl Iterator<Item = &'a List> {
        self.own.layers.head().lists()
    }

    /// Its settings, with the domains that it subscribes to.
    pub fn settings(self) -> &'a Settings {
        self.own.layers.head().settings()
    }

    /// The number of its present state, which its maker last set by
    /// [`Compiler::set_stamp`](crate::Compiler::set_stamp) or [`Change::Stamp`](crate::Change::Stamp).
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// engine.writer()?.change("my.example", &[Change::add("spam", "0532 000 00 00"), Change::Stamp(4711)])?;
    /// assert_eq!(engine.snapshot().domain("my.example")?.stamp(), 4711);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stamp(self) -> u64 {
        self.own.layers.head().stamp()
    }

    /// The loaded domains that it subscribes to, in the order of its settings: their lists are shared with
    /// it. [`Domain::missing`] has the others.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, DialPlan, Domain, Engine, Settings};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let writer = engine.writer()?;
    /// writer.create("shared.example", DialPlan::new("TR")?, Settings::default())?;
    /// let settings = Settings { subscriptions: vec!["shared.example".into()], ..Settings::default() };
    /// writer.change("my.example", &[Change::Settings(settings)])?;
    ///
    /// let snapshot = engine.snapshot();
    /// let shared: Vec<&str> = snapshot.domain("my.example")?.shared().map(Domain::domain).collect();
    /// assert_eq!(shared, ["shared.example"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shared(self) -> impl Iterator<Item = Domain<'a>> + Clone {
        let Self { own, snapshot } = self;
        SharedDomains { ids: own.subscriptions.iter(), snapshot }
            .map(move |own| Self { own, snapshot })
    }

    /// The domains that it subscribes to and that are not loaded, as the settings name them. Checks go on
    /// without their lists.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine, Settings};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let settings = Settings { subscriptions: vec!["shared.example".into()], ..Settings::default() };
    /// engine.writer()?.change("my.example", &[Change::Settings(settings)])?;
    ///
    /// let snapshot = engine.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// assert_eq!(domain.shared().count(), 0);
    /// assert_eq!(domain.missing().collect::<Vec<_>>(), ["shared.example"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn missing(self) -> impl Iterator<Item = &'a str> {
        let subscriptions = self.settings().subscriptions.iter();
        subscriptions.map(String::as_str).filter(move |name| self.snapshot.id(name).is_none())
    }

    #[inline]
    fn domain_lists(
        self,
    ) -> DomainLists<'a, Layer, impl Iterator<Item = Stack<'a, Layer>> + Clone> {
        DomainLists { own: self.stack(), shared: self.below(), clock: self.snapshot.clock() }
    }

    /// The verdict on a number outside a call, for instance one of a campaign: a user part, a SIP, SIPS or
    /// tel URI, or a whole name-addr header, in any bytes. No allocation, no lock, no system call.
    ///
    /// For a call use [`Domain::decide`], which reads callers and callees differently.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Verdict};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// assert!(domain.check("sip:05050047824@gw.example;user=phone").is_deny());
    /// assert!(matches!(domain.check("0532 111 22 33"), Verdict::Allow(by) if by.list.name == "vip"));
    /// assert_eq!(domain.check("alice"), Verdict::Pass);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn check(self, text: impl AsRef<[u8]>) -> Verdict<'a> {
        // The lists are looked for once the number is known: what they need would fill the registers.
        let number = self.plan().number(text.as_ref());
        match number {
            Number::E164(_) => self.check_number(&number),
            _ => self.check_at_host(&number, text.as_ref()),
        }
    }

    #[inline(never)]
    fn check_at_host(self, number: &Number, text: &[u8]) -> Verdict<'a> {
        self.look_up(Lookup::from_text(number, text))
    }

    /// The verdict on a number that is canonical already, outside a call.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// let number = domain.plan().number(b"0505 004 78 24");
    /// assert!(domain.check_number(&number).is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn check_number(self, number: &Number) -> Verdict<'a> {
        self.domain_lists().check_number(number)
    }

    #[inline]
    pub(crate) fn look_up(self, lookup: Lookup<'_>) -> Verdict<'a> {
        self.domain_lists().look_up(lookup)
    }

    /// Checks many numbers: `verdicts[i]` becomes the verdict on `texts[i]`. Faster than one at a time where
    /// the index exceeds the caches; 64 numbers are enough for that. Verdicts beyond `texts.len()` stay as
    /// they are.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `texts`.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Verdict};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// let campaign = ["0505 004 78 24", "0532 111 22 33", "0212 555 01 47"];
    /// let mut verdicts = [const { Verdict::Pass }; 64];
    /// let mut denied = 0;
    /// for numbers in campaign.chunks(verdicts.len()) {
    ///     domain.check_batch(numbers, &mut verdicts);
    ///     denied += verdicts[..numbers.len()].iter().filter(|verdict| verdict.is_deny()).count();
    /// }
    /// assert_eq!(denied, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_batch<T: AsRef<[u8]>>(self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        self.domain_lists().check_batch(texts, verdicts);
    }

    /// Reports whether its own list of this name holds the number; `None` if there is no such list. Other
    /// lists do not matter.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// assert_eq!(domain.check_list("spam", "+90 505 004 78 24"), Some(true));
    /// assert_eq!(domain.check_list("spam", "0532 111 22 33"), Some(false));
    /// assert_eq!(domain.check_list("Spam", "0532 111 22 33"), None, "case counts");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_list(self, list: &str, text: impl AsRef<[u8]>) -> Option<bool> {
        self.domain_lists().check_list(list, text.as_ref())
    }

    /// Its own lists that hold the number, in the order of their creation.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// let names: Vec<&str> = domain.lists_of("+90 505 004 78 24").map(|list| &*list.name).collect();
    /// assert_eq!(names, ["spam"]);
    /// assert_eq!(domain.lists_of("0212 555 01 47").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lists_of(self, text: impl AsRef<[u8]>) -> impl Iterator<Item = &'a List> {
        self.domain_lists().lists_of(text.as_ref())
    }

    /// Its own lists that hold a number that is canonical already.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// let number = domain.plan().number(b"0532 111 22 33");
    /// let names: Vec<&str> = domain.lists_of_number(&number).map(|list| &*list.name).collect();
    /// assert_eq!(names, ["vip"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lists_of_number(self, number: &Number) -> impl Iterator<Item = &'a List> + use<'a> {
        self.domain_lists().lists_of_number(number)
    }

    /// Explains a verdict: how the number was read, all entries that matched, and which one decided.
    /// Allocates; for people and tests, not for every call.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let domain = snapshot.domain("my.example")?;
    /// let explained = domain.explain("sip:05321112233@gw.example");
    /// assert_eq!((&*explained.number, explained.verdict), ("+905321112233", "allow"));
    /// assert_eq!((explained.matches[0].list, explained.why), ("vip", "an exact entry is the longest"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(self, text: impl AsRef<[u8]>) -> Explanation<'a> {
        let explained = self.domain_lists().explain(text.as_ref());
        Explanation { missing: self.missing().collect(), ..explained }
    }

    /// Explains the verdict on one reading of a party.
    pub(crate) fn explain_reading(self, text: &[u8], lookup: Lookup<'_>) -> Explanation<'a> {
        let steps = vec![Step::end(lookup.number)];
        let explained = self.domain_lists().explain_lookup(text, lookup, steps);
        Explanation { missing: self.missing().collect(), ..explained }
    }

    /// Counts and sizes over all its files. A number that was changed counts once for each file that holds
    /// it; [`List::entries`] has the true counts. `created` is the time of the last change. `facts` is not
    /// this release's if any file has other facts.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, facts_version};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let stats = snapshot.domain("my.example")?.stats();
    /// assert_eq!((stats.numbers, stats.patterns), (2, 0));
    /// assert_eq!(stats.facts, facts_version(), "or else compile the lists again");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(self) -> Stats {
        let layers = &self.own.layers;
        let mut stats = layers.head().stats();
        for lower in layers.lower() {
            add(&mut stats, lower.stats());
        }
        stats
    }

    /// About how many prefixes the patterns of its files expand to. A pattern that a change replaced
    /// counts until a compaction drops it.
    ///
    /// Each prefix takes memory and time to compile. A program that accepts patterns from tenants can bound
    /// them by this count.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// assert_eq!(engine.snapshot().domain("my.example")?.pattern_prefixes(), 0, "numbers have none");
    /// engine.writer()?.change("my.example", &[Change::add("spam", "+90505*")])?;
    /// assert!(engine.snapshot().domain("my.example")?.pattern_prefixes() > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pattern_prefixes(self) -> u64 {
        self.own.layers.all().iter().map(|layer| layer.pattern_prefixes()).sum()
    }

    #[inline]
    pub(crate) fn stack(self) -> Stack<'a, Layer> {
        self.own.layers.stack()
    }

    #[inline]
    pub(crate) fn below(self) -> impl Iterator<Item = Stack<'a, Layer>> + Clone {
        self.shared().map(|shared| shared.own.layers.stack())
    }
}

/// The loaded domains of these ids. Written by hand, so that a check of a domain without any costs one
/// comparison: the iterators of the standard library are compiled to a call here.
#[derive(Clone)]
struct SharedDomains<'a> {
    ids: std::slice::Iter<'a, DomainId>,
    snapshot: &'a Snapshot,
}

impl<'a> Iterator for SharedDomains<'a> {
    type Item = &'a LoadedDomain;

    #[inline]
    fn next(&mut self) -> Option<&'a LoadedDomain> {
        for &id in self.ids.by_ref() {
            if let Some(loaded) = self.snapshot.loaded(id) {
                return Some(loaded);
            }
        }
        None
    }
}

fn add(stats: &mut Stats, lower: Stats) {
    stats.numbers += lower.numbers;
    stats.e164 += lower.e164;
    stats.patterns += lower.patterns;
    stats.bytes += lower.bytes;
    if lower.facts != crate::facts_version() {
        stats.facts = lower.facts;
    }
    for (SectionStats { bytes, .. }, lower) in stats.sections.iter_mut().zip(lower.sections) {
        *bytes += lower.bytes;
    }
}

impl fmt::Debug for Domain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain").field("domain", &self.domain()).finish_non_exhaustive()
    }
}
