//! The handle of a routing thread: text in, answer out, without a lock.

use std::{fmt, sync::Arc};

use super::{View, health::Health, slot::Cached};
use crate::engine::call::decide::{Call, CallExplanation, Decision};
use crate::engine::snapshot::{DomainKey, NotFound, Snapshot};
use crate::{Explanation, List, Number, Result, Verdict};

/// A thread's handle on an [`Engine`](crate::Engine). Make one for each routing thread, when the thread
/// starts.
///
/// A check compares two atomic counters: the one of this process and the one that all processes share.
/// Only if one has moved does it take the new snapshot, under a lock that a publisher holds for the swap of
/// a pointer. Otherwise a check takes no lock, allocates nothing and makes no system call. (The kernel may
/// have dropped a page of a mapped index under memory pressure; then it reads the page again. See
/// [`LoadMode`](crate::LoadMode).)
///
/// After a change by another process, one check of this process loads it. That takes some 0.1 ms for a live
/// change, and 0.2 s for each gigabyte of a new base. Other threads go on with the snapshot that they have
/// until then. A thread that calls [`Engine::snapshot`](crate::Engine::snapshot) now and then loads the
/// change before a check has to.
///
/// On one reader, an older snapshot never follows a newer one. When a publish of this process has returned,
/// every check that starts afterwards obeys it.
///
/// A reader keeps the snapshot of its last check in memory, so an idle thread keeps indexes that were
/// replaced. [`Reader::snapshot`] lets go of them. The last reader that does so frees them, which takes some
/// microseconds for each mapped file.
///
/// A reader may outlive its engine, and still sees every change.
///
/// # Two answers at a time
/// An answer borrows the reader, because it points into the snapshot instead of counting references. So a
/// second question while the first answer is in use does not compile (E0499):
/// ```compile_fail,E0499
/// # fn both(reader: &mut callbar::Reader) -> Result<(), callbar::NotFound> {
/// let caller = reader.check("my.example", "0505 004 78 24")?;
/// let callee = reader.check("my.example", "0532 111 22 33")?;
/// println!("{} {}", caller.as_str(), callee.as_str());
/// # Ok(())
/// # }
/// ```
/// Take the snapshot once, and ask the domain. Both answers then come from the same lists, and the name of
/// the domain is looked up once:
/// ```
/// use callbar::Engine;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let domain = reader.snapshot().domain("my.example")?;
/// let caller = domain.check("0505 004 78 24");
/// let callee = domain.check("0532 111 22 33");
/// assert_eq!((caller.as_str(), callee.as_str()), ("deny", "allow"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Reader {
    view: Arc<View>,
    snapshot: Cached<Snapshot>,
    /// The shared generation that the snapshot has caught up with.
    seen: u64,
}

impl Reader {
    pub(crate) fn new(view: Arc<View>) -> Self {
        let seen = view.follow();
        Self { snapshot: Cached::new(Arc::clone(view.slot())), view, seen }
    }

    /// The newest snapshot. Take it once for all questions that belong together.
    ///
    /// Takes a nanosecond or so on any number of threads, unless something changed since the last call:
    /// `cargo bench --bench track` measures it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Change, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let engine = Engine::open(data)?;
    /// let mut reader = engine.reader();
    /// engine.writer()?.change("my.example", &[Change::add("spam", "0532 000 00 00")])?;
    /// let snapshot = reader.snapshot(); // has the change
    /// assert!(snapshot.domain("my.example")?.check("0532 000 00 00").is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn snapshot(&mut self) -> &Snapshot {
        if self.view.now() != self.seen {
            self.seen = self.view.follow();
        }
        self.snapshot.load()
    }

    /// The state of the engine, as [`Engine::health`](crate::Engine::health). Takes locks.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let reader = Engine::open(data)?.reader(); // outlives its engine
    /// assert!(reader.health().is_good());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        self.view.health()
    }

    /// Decides whether a call is barred, and how to answer it. Asks the lists of `domain` about both parties.
    /// This is the question of a routing process.
    ///
    /// The order of the questions is fixed, and the first deny decides:
    ///
    /// 1. Is it an emergency call (RFC 5031, 3GPP TS 22.101 section 10)? Such a call goes on, whoever makes
    ///    it. Every number that servers may read in the callee must be an emergency number of the region.
    ///    The settings of a domain can switch this off.
    /// 2. All asserted identities (RFC 3325; 3GPP TS 24.229 section 5.7.1.4), then all of Remote-Party-ID, then
    ///    `From` (RFC 3261). If lists allow one identity of a kind and deny none of it, the kinds after it
    ///    are not asked.
    /// 3. If no list has allowed the caller: is the identity withheld, by Privacy (RFC 3323, 3GPP TS 24.607
    ///    and 24.611) or by Remote-Party-ID? Then the caller is in the class `anonymous`.
    /// 4. The callee (RFC 3261 section 19.1, RFC 3966). It is asked also if a list allowed the caller.
    ///
    /// Callers and callees are read differently: only callers withhold numbers, only callees have technical
    /// prefixes. Servers may read a text in several ways (control characters, a `#` or surplus digits behind
    /// a number, a `phone-context`). Then each reading is asked: one deny bars, an allow counts only if all
    /// readings are allowed.
    ///
    /// Allocates nothing, takes no lock and makes no system call. It costs about as much as a check of each
    /// identity: `cargo bench --bench track` measures it.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Call, Engine, Party};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader(); // one for each routing thread
    /// let from = br#""Ali" <sip:05050047824@c.example>;tag=1"#;
    /// let mut call =
    ///     Call { callee: Some(b"sip:+902125550147@pbx.example"), from: Some(from), ..Call::default() };
    /// let decision = reader.decide("my.example", &call)?;
    /// assert!(decision.is_deny());
    /// assert_eq!(decision.party, Some(Party::Caller));
    ///
    /// // A barred caller may call for help.
    /// call.callee = Some(b"sip:112@pbx.example");
    /// let decision = reader.decide("my.example", &call)?;
    /// assert!(decision.exempt && !decision.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn decide(
        &mut self,
        domain: impl DomainKey,
        call: &Call<'_>,
    ) -> Result<Decision<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.decide(call))
    }

    /// Explains the decision on a call. Allocates; for people and tests, not for every call.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Call, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let call = Call { callee: Some(b"0212 555 01 47"), from: Some(b"05050047824"), ..Call::default() };
    /// let explained = reader.explain_call("my.example", &call)?;
    /// let reading = &explained.questions[0].readings[0];
    /// assert_eq!((&*reading.number, reading.verdict), ("+905050047824", "deny"));
    /// assert_eq!(reading.why, "an exact entry is the longest");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain_call(
        &mut self,
        domain: impl DomainKey,
        call: &Call<'_>,
    ) -> Result<CallExplanation<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.explain_call(call))
    }

    /// The verdict of the lists of `domain` on a number outside a call, for instance one of a campaign. The
    /// number is a user part, a SIP, SIPS or tel URI or a name-addr header, in any bytes; the dial plan of the
    /// domain makes it canonical. For a call use [`Reader::decide`].
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Verdict};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let verdict = reader.check("my.example", "sip:05050047824@gw.example;user=phone")?;
    /// assert_eq!(verdict.decided_by().map(|by| &*by.list.name), Some("spam"));
    /// assert_eq!(reader.check("my.example", "0212 555 01 47")?, Verdict::Pass);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn check(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Verdict<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.check(number))
    }

    /// As [`Reader::check`], for a number that is canonical already.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let number = DialPlan::new("TR")?.number("0505 004 78 24".as_bytes());
    /// let mut reader = Engine::open(data)?.reader();
    /// assert!(reader.check_number("my.example", &number)?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn check_number(
        &mut self,
        domain: impl DomainKey,
        number: &Number,
    ) -> Result<Verdict<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.check_number(number))
    }

    /// Reports whether the callee of a call holds digits and is not plainly one number, as
    /// [`Domain::is_ambiguous`](crate::Domain::is_ambiguous). A [`Decision`] says so too.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// assert!(reader.is_ambiguous("my.example", "sip:05321112233%2399@pbx.example")?);
    /// assert!(!reader.is_ambiguous("my.example", "sip:05321112233@pbx.example")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_ambiguous(
        &mut self,
        domain: impl DomainKey,
        callee: impl AsRef<[u8]>,
    ) -> Result<bool, NotFound> {
        Ok(self.snapshot().domain(domain)?.is_ambiguous(callee))
    }

    /// Reports whether `number`, written as for [`Reader::check`], is on the list of this name. Other lists
    /// do not matter.
    ///
    /// # Errors
    /// [`NotFound::Domain`] and [`NotFound::List`].
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// assert!(reader.check_list("my.example", "spam", "+90 505 004 78 24")?);
    /// assert!(!reader.check_list("my.example", "vip", "+90 505 004 78 24")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn check_list(
        &mut self,
        domain: impl DomainKey,
        list: &str,
        number: impl AsRef<[u8]>,
    ) -> Result<bool, NotFound> {
        self.snapshot().domain(domain)?.check_list(list, number).ok_or(NotFound::List)
    }

    /// All lists that hold `number`, written as for [`Reader::check`], in the order of their creation.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let mut lists = reader.lists_of("my.example", "sip:05321112233@gw.example")?;
    /// assert_eq!(lists.next().map(|list| &*list.name), Some("vip"));
    /// assert_eq!(lists.next(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn lists_of(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<impl Iterator<Item = &List>, NotFound> {
        Ok(self.snapshot().domain(domain)?.lists_of(number))
    }

    /// As [`Reader::lists_of`], for a number that is canonical already.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Engine};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let number = DialPlan::new("TR")?.number(b"0532 111 22 33");
    /// let mut reader = Engine::open(data)?.reader();
    /// assert_eq!(reader.lists_of_number("my.example", &number)?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn lists_of_number(
        &mut self,
        domain: impl DomainKey,
        number: &Number,
    ) -> Result<impl Iterator<Item = &List>, NotFound> {
        Ok(self.snapshot().domain(domain)?.lists_of_number(number))
    }

    /// Explains the verdict on `number`, written as for [`Reader::check`]. Allocates; for people and tests.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let explained = reader.explain("my.example", "112")?;
    /// assert_eq!((explained.verdict, explained.emergency), ("pass", true));
    /// assert_eq!(explained.why, "no entry of any list holds the number");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Explanation<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.explain(number))
    }

    /// Checks many numbers against one snapshot: `verdicts[i]` answers `numbers[i]`. Faster than one at a
    /// time where the index exceeds the caches; 64 numbers are enough for that.
    ///
    /// The verdicts borrow the reader. A loop that fills the same verdicts again takes
    /// [`Reader::snapshot`] once, and calls [`Domain::check_batch`](crate::Domain::check_batch).
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain; `verdicts` stay as they are.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `numbers`.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Engine, Verdict};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let campaign = ["0505 004 78 24", "0505 004 78 25"];
    /// let mut reader = Engine::open(data)?.reader();
    /// let mut verdicts = [const { Verdict::Pass }; 2];
    /// reader.check_batch("my.example", &campaign, &mut verdicts)?;
    /// assert!(verdicts[0].is_deny() && !verdicts[1].is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_batch<'a, T: AsRef<[u8]>>(
        &'a mut self,
        domain: impl DomainKey,
        numbers: &[T],
        verdicts: &mut [Verdict<'a>],
    ) -> Result<(), NotFound> {
        self.snapshot().domain(domain)?.check_batch(numbers, verdicts);
        Ok(())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("snapshot", self.snapshot.peek()).finish_non_exhaustive()
    }
}
