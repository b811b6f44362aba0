//! A routing thread's own handle: text in, verdict out, without a lock.

use std::fmt;
use std::sync::Arc;

use super::View;
use super::health::Health;
use super::slot::Cached;
use crate::engine::call::decide::{Call, CallExplanation, Decision};
use crate::engine::snapshot::{DomainKey, NotFound, Snapshot};
use crate::{Explanation, List, Result, Verdict};

/// A thread's handle on an [`Engine`](crate::Engine). Make one for each routing thread, when the
/// thread starts.
///
/// A check looks at two atomic counters, that of this process and the one shared with all others,
/// and only if one moved takes the new snapshot: under a lock, which a publisher holds for the time
/// of a pointer's swap. Otherwise a check takes no lock, allocates nothing and makes no system call.
/// (A page of a mapped index that the kernel dropped under memory pressure is read again; see
/// [`LoadMode`](crate::LoadMode).)
///
/// After a change by another process, one check of this process loads it: some 0.1 ms for a live
/// change, and a pass over the new file, 0.2 s for a gigabyte, for a new base. Other threads go on
/// with the snapshot that they have until then. A thread that calls
/// [`Engine::refresh`](crate::Engine::refresh) now and then does that before a check has to.
///
/// On one reader a newer snapshot is never followed by an older one, and once a publish of this
/// process has returned, every check that starts afterwards obeys it.
///
/// A reader keeps the snapshot of its last check alive, so a thread that is idle for long holds the
/// memory of indexes that were replaced since. Calling [`Reader::snapshot`] lets go of them; the
/// last reader to do so frees them, which takes some microseconds for each mapped file.
///
/// It may outlive the engine, and goes on seeing every change.
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

    /// The newest snapshot: take it once for all questions that belong together.
    ///
    /// A nanosecond or so on any number of threads, unless something changed since the last call:
    /// `cargo bench --bench track` shows it.
    #[inline]
    pub fn snapshot(&mut self) -> &Snapshot {
        if self.view.now() != self.seen {
            self.seen = self.view.follow();
        }
        self.snapshot.load()
    }

    /// The state of the engine, as [`Engine::health`](crate::Engine::health). Takes locks.
    #[must_use]
    pub fn health(&self) -> Health {
        self.view.health()
    }

    /// What follows for a call: asks the lists of `domain` about both of its parties. This is the one
    /// question of a routing process.
    ///
    /// In this order; the first that a list denies decides:
    ///
    /// 1. An emergency call goes on, whoever makes it (RFC 5031, 3GPP TS 22.101 section 10): if all that
    ///    servers may read in the callee are emergency numbers of the region. A domain may say that it
    ///    exempts none.
    /// 2. All asserted identities (RFC 3325; 3GPP TS 24.229 section 5.7.1.4), then all of Remote-Party-ID, then
    ///    `From` (RFC 3261). A list that allows one and denies none of a kind decides for the kinds after it.
    /// 3. Unless a list has spoken so: a caller whose identity is withheld, by Privacy (RFC 3323, 3GPP TS
    ///    24.607 and 24.611) or by Remote-Party-ID, is in the class `anonymous`.
    /// 4. The callee (RFC 3261 section 19.1, RFC 3966). A call that a list allowed for its caller may still be barred by whom it is for.
    ///
    /// Callers and callees are read each in their own way: only callers withhold numbers, only callees have
    /// technical prefixes. A text that servers may read in several ways (control characters, a `#` or
    /// surplus digits behind a number, a `phone-context`) is asked for every reading: a deny of any bars,
    /// an allow counts only if all are allowed.
    ///
    /// Allocates nothing, takes no lock and makes no system call. `cargo bench --bench track` prints what it
    /// costs: about as much as a check of each identity.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Call, Compiler, DialPlan, E164, Engine, Party};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let data = std::env::temp_dir().join(format!("callbar-decide-{}", std::process::id()));
    /// # std::fs::create_dir_all(&data)?;
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let spam = compiler.list("spam", Action::Deny)?;
    /// compiler.extend_e164(spam, E164::new(905_050_047_824));
    /// let engine = Engine::open(&data)?;
    /// engine.publish("my.example", &compiler.finish()?.bytes)?;
    ///
    /// let mut reader = engine.reader(); // one for each routing thread
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
    /// # std::fs::remove_dir_all(&data)?;
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn decide(
        &mut self,
        domain: impl DomainKey,
        call: &Call<'_>,
    ) -> Result<Decision<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.decide(call))
    }

    /// How the decision on a call comes about. Allocates; for people and tests, not for every call.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    pub fn explain_call(
        &mut self,
        domain: impl DomainKey,
        call: &Call<'_>,
    ) -> Result<CallExplanation<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.explain_call(call))
    }

    /// What the lists of `domain` say of a number of which nobody says whether it calls or is called: the
    /// user part, the whole SIP, SIPS or tel URI or the name-addr header, any bytes. It is made canonical
    /// by the domain's dial plan. Of a call ask [`Reader::decide`].
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    #[inline]
    pub fn check(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Verdict<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.check(number))
    }

    /// Whether `number`, written as for [`Reader::check`], is on the list of this name, whatever
    /// other lists say.
    ///
    /// # Errors
    /// [`NotFound::Domain`] and [`NotFound::List`].
    #[inline]
    pub fn check_list(
        &mut self,
        domain: impl DomainKey,
        list: &str,
        number: impl AsRef<[u8]>,
    ) -> Result<bool, NotFound> {
        self.snapshot().domain(domain)?.check_list(list, number).ok_or(NotFound::List)
    }

    /// All lists that hold `number`, written as for [`Reader::check`], in the order in which they
    /// were compiled.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    #[inline]
    pub fn lists_of(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<impl Iterator<Item = &List>, NotFound> {
        Ok(self.snapshot().domain(domain)?.lists_of(number))
    }

    /// How the verdict on `number`, written as for [`Reader::check`], comes about.
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain.
    pub fn explain(
        &mut self,
        domain: impl DomainKey,
        number: impl AsRef<[u8]>,
    ) -> Result<Explanation<'_>, NotFound> {
        Ok(self.snapshot().domain(domain)?.explain(number))
    }

    /// Checks many numbers against one snapshot: `verdicts[i]` answers `numbers[i]`. Faster than one
    /// at a time where the index exceeds the caches, see
    /// [`Domain::check_batch`](crate::Domain::check_batch); 64 numbers suffice for that.
    ///
    /// The verdicts borrow the reader. A loop that fills the same verdicts again takes
    /// [`Reader::snapshot`] once, and calls [`Domain::check_batch`](crate::Domain::check_batch).
    ///
    /// # Errors
    /// [`NotFound::Domain`] if the engine does not know the domain; `verdicts` are left alone.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `numbers`.
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
