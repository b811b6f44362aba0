//! Decides whether a call is barred: the questions about its parties, in their fixed order.
//!
//! | | question | source |
//! | --- | --- | --- |
//! | 1 | Does the callee exempt the call? An emergency call goes on, whoever makes it. | RFC 5031; 3GPP TS 22.101 section 10 |
//! | 2 | Each identity that a trusted peer asserts, in order: P-Asserted-Identity, P-Preferred-Identity. | RFC 3325; 3GPP TS 24.229 section 5.7.1.4 |
//! | 3 | Each Remote-Party-ID. | draft-ietf-sip-privacy-04 |
//! | 4 | What the caller claims: `From`. | RFC 3261 section 20.20 |
//! | 5 | Is the caller's identity withheld, by Privacy or Remote-Party-ID? Then the class `anonymous`. | RFC 3323, RFC 3325; 3GPP TS 24.607, TS 24.611 |
//! | 6 | The callee: request URI or `To`. | RFC 3261 section 19.1, RFC 3966 |
//!
//! The first deny decides. All identities of question 2 are trusted alike, and so are those of 3: each is
//! asked. If lists allow one of them and deny none, questions 2 to 5 end there, and 6 follows. A call without
//! a deny is allowed by the first list that allowed one of its parties; otherwise it passes.
//!
//! If servers may read a text in several ways, each reading is asked. One deny bars; an allow counts only if
//! all readings are allowed; and a callee exempts a call only if all readings are emergency numbers.

use std::{iter::once, ops::ControlFlow};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::engine::snapshot::domain::Domain;
use crate::index::matching::{Lookup, PENDING, Pending};
use crate::number::{self, Reading, words};
use crate::{Entry, Explanation, List, Match, Number, Party, Response, Verdict};

/// The most asserted identities that the short way takes. RFC 3325 allows two.
const ASSERTED: usize = PENDING - 2;

/// The headers of a call that name its parties. Each text is a whole header value as it was received, in any
/// bytes; it may be folded or hold several addresses. Headers that a call does not have are left out.
///
/// # Examples
/// ```
/// use callbar::{Call, Engine, Party};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let call = Call {
///     callee: Some(b"sip:+902125550147@pbx.example"),
///     from: Some(b"<sip:anonymous@anonymous.invalid>;tag=1"),
///     asserted: &[b"<tel:+905050047824>"],
///     privacy: Some(b"id"),
///     ..Call::default()
/// };
/// let mut reader = Engine::open(data)?.reader();
/// assert_eq!(reader.decide("my.example", &call)?.party, Some(Party::Caller));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call<'c> {
    /// The request URI or the value of `To`, whichever the server routes the call by.
    pub callee: Option<&'c [u8]>,
    /// The value of `From`.
    pub from: Option<&'c [u8]>,
    /// The values of `P-Asserted-Identity`, then of `P-Preferred-Identity`, if the peer is trusted to assert.
    pub asserted: &'c [&'c [u8]],
    /// The values of `Remote-Party-ID`, with their parameters.
    pub remote_party: &'c [&'c [u8]],
    /// The value of `Privacy`; several may be joined by `;` or `,`.
    pub privacy: Option<&'c [u8]>,
}

impl Call<'_> {
    /// The most values of one header that the C and Lua interfaces take. One value may hold several
    /// addresses, so a script joins the values beyond with commas. [`Domain::decide`] takes any number.
    pub const MAX_VALUES: usize = 64;
}

/// Whether a call is barred, and how to answer it.
///
/// # Examples
/// ```
/// use callbar::{Call, Engine, Party};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let call = Call { callee: Some(b"02125550147"), from: Some(b"<tel:+905050047824>"), ..Call::default() };
/// let decision = reader.decide("my.example", &call)?;
/// assert_eq!((decision.action(), decision.is_deny(), decision.exempt), ("deny", true, false));
/// assert_eq!(decision.party, Some(Party::Caller));
/// assert_eq!(decision.list().map(|list| &*list.name), Some("spam"));
/// assert_eq!(decision.entry().map(|entry| entry.to_string()), Some("+905050047824".into()));
/// assert_eq!(decision.decided_by().and_then(|by| by.note), None);
/// if let Some(response) = decision.response() {
///     assert_eq!((response.code(), response.phrase()), (607, "Unwanted"));
/// } else if decision.ambiguous {
///     // a strict server answers 484
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// The action, with the list and the entry that decided.
    pub verdict: Verdict<'a>,
    /// The party whose number is on that list; `None` if no list decided.
    pub party: Option<Party>,
    /// Whether it is an emergency call, which passes even if a list denies a party.
    pub exempt: bool,
    /// Whether the callee holds digits and is not plainly one number; false for an emergency call. A strict
    /// server refuses such calls with 484 (Address Incomplete).
    pub ambiguous: bool,
}

impl<'a> Decision<'a> {
    const PASS: Self =
        Self { verdict: Verdict::Pass, party: None, exempt: false, ambiguous: false };

    fn by(party: Party, verdict: Verdict<'a>) -> Self {
        Self { verdict, party: Some(party), ..Self::PASS }
    }

    /// `pass`, `allow` or `deny`.
    #[must_use]
    pub fn action(&self) -> &'static str {
        self.verdict.as_str()
    }

    /// Reports whether the call is barred.
    #[must_use]
    pub fn is_deny(&self) -> bool {
        self.verdict.is_deny()
    }

    /// The list that decided.
    #[must_use]
    pub fn list(&self) -> Option<&'a List> {
        self.decided_by().map(|by| by.list)
    }

    /// The entry that decided, in canonical form.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry<'a>> {
        self.decided_by().map(|by| &by.entry)
    }

    /// The match that decided.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Match<'a>> {
        self.verdict.decided_by()
    }

    /// The SIP response to answer a barred call with.
    #[must_use]
    pub fn response(&self) -> Option<Response> {
        self.verdict.response()
    }
}

impl Serialize for Decision<'_> {
    /// `{"action": "deny", "party": "caller", "list": "spam", "shared_by": null, "entry":
    /// "+905050047824", "response": {"code": 607, "phrase": "Unwanted"}, "exempt": false, "ambiguous": false}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Decision", 8)?;
        object.serialize_field("action", self.action())?;
        object.serialize_field("party", &self.party)?;
        object.serialize_field("list", &self.list().map(|list| &list.name))?;
        object.serialize_field("shared_by", &self.decided_by().and_then(|by| by.shared_by))?;
        object.serialize_field("entry", &self.entry().map(ToString::to_string))?;
        object.serialize_field("response", &self.response())?;
        object.serialize_field("exempt", &self.exempt)?;
        object.serialize_field("ambiguous", &self.ambiguous)?;
        object.end()
    }
}

words! {
    /// A question that was asked of a call.
    ///
    /// # Examples
    /// ```
    /// use callbar::Question;
    ///
    /// assert_eq!(Question::RemoteParty.to_string(), "remote_party");
    /// assert_eq!("callee".parse(), Ok(Question::Callee));
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum Question {
        /// Is it an emergency call?
        Exempt = "exempt",
        /// Is an identity listed that a trusted peer asserts?
        Asserted = "asserted",
        /// Is an identity of Remote-Party-ID listed?
        RemoteParty = "remote_party",
        /// Is the identity listed that the caller claims?
        From = "from",
        /// May callers withhold their identity?
        Privacy = "privacy",
        /// Is the callee listed?
        Callee = "callee",
    }
}

impl Question {
    fn party(self) -> Party {
        match self {
            Self::Exempt | Self::Callee => Party::Callee,
            Self::Asserted | Self::RemoteParty | Self::From | Self::Privacy => Party::Caller,
        }
    }
}

/// Explains a decision: the questions that were asked, in order. [`Question::Exempt`] is among them only if
/// the call is exempt.
///
/// # Examples
/// ```
/// use callbar::{Call, Engine, Question};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let mut reader = Engine::open(data)?.reader();
/// let call = Call { callee: Some(b"0212 555 01 47"), from: Some(b"05050047824"), ..Call::default() };
/// let explained = reader.explain_call("my.example", &call)?;
/// let last = explained.questions.last().ok_or("no question")?;
/// assert_eq!((last.question, last.answer), (Question::From, "deny"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct CallExplanation<'a> {
    /// The domain that was asked.
    pub domain: &'a str,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision<'a>,
    /// The questions, in order. A deny decides and is the last one; without a deny, the first allow decides.
    pub questions: Vec<AskedQuestion<'a>>,
}

/// A question that was asked, and its answer.
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
/// for asked in reader.explain_call("my.example", &call)?.questions {
///     println!("{} {:?}: {}", asked.question, asked.written, asked.answer);
///     for reading in asked.readings {
///         println!("  read as {}: {}", reading.number, reading.why);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct AskedQuestion<'a> {
    /// What was asked.
    pub question: Question,
    /// The text in question, with bytes replaced that are not UTF-8.
    pub written: String,
    /// The answer: `yes` for [`Question::Exempt`], else `pass`, `allow` or `deny`.
    pub answer: &'static str,
    /// Each way in which servers may read the text, and what the lists say about it. The readings after a
    /// denied one are not asked.
    pub readings: Vec<Explanation<'a>>,
}

/// Sees the questions as they are asked. An ordinary decision uses `()`, which costs nothing.
trait DecisionObserver<'a> {
    #[inline]
    fn asks(&mut self, _question: Question, _text: &[u8]) {}
    #[inline]
    fn reads(&mut self, _text: &[u8], _asked: Lookup<'_>) {}
    #[inline]
    fn answers(&mut self, _answer: &'static str) {}
}

impl DecisionObserver<'_> for () {}

struct ExplanationBuilder<'a> {
    domain: Domain<'a>,
    questions: Vec<AskedQuestion<'a>>,
}

impl<'a> DecisionObserver<'a> for ExplanationBuilder<'a> {
    fn asks(&mut self, question: Question, text: &[u8]) {
        let written = String::from_utf8_lossy(text).into_owned();
        self.questions.push(AskedQuestion { question, written, answer: "", readings: Vec::new() });
    }

    fn reads(&mut self, text: &[u8], asked: Lookup<'_>) {
        if let Some(question) = self.questions.last_mut() {
            question.readings.push(self.domain.explain_reading(text, asked));
        }
    }

    fn answers(&mut self, answer: &'static str) {
        if let Some(question) = self.questions.last_mut() {
            question.answer = answer;
        }
    }
}

impl<'a> Domain<'a> {
    /// Decides whether a call is barred, and how to answer it. No allocation, no lock, no system call.
    ///
    /// [`Reader::decide`](crate::Reader::decide) documents the order of the questions.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Call, Engine, Party};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let call = Call {
    ///     callee: Some(b"sip:05050047824@pbx.example"),
    ///     from: Some(b"<sip:+905321112233@c.example>;tag=1"),
    ///     ..Call::default()
    /// };
    /// let decision = snapshot.domain("my.example")?.decide(&call);
    /// assert!(decision.is_deny());
    /// assert_eq!(decision.party, Some(Party::Callee), "the caller is allowed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn decide(self, call: &Call<'_>) -> Decision<'a> {
        let mut is_plain = false;
        if self.surely_passes(call, &mut is_plain) {
            return Decision::PASS;
        }
        self.decide_fully(call, is_plain, &mut ())
    }

    /// Reports whether no list can hold a party of the call: the short way of nearly all calls. Each party is
    /// one E.164 number in a usual form, and no filter has it. All are read, and their lines of the filter
    /// prefetched, before the first is looked at, so that their cache misses overlap.
    ///
    /// Sets `is_plain` if the callee is plainly one number.
    #[inline]
    fn surely_passes(self, call: &Call<'_>, is_plain: &mut bool) -> bool {
        let Some(callee) = call.callee else { return false };
        if call.privacy.is_some() || !call.remote_party.is_empty() || call.asserted.len() > ASSERTED
        {
            return false;
        }
        let plan = self.plan();
        let callers = call.asserted.iter().copied().chain(call.from);
        let mut pending = Pending::new(self.stack());
        for caller in callers {
            // A comma may stand between two identities.
            if caller.contains(&b',') {
                return false;
            }
            match plan.sole_reading(Party::Caller, caller) {
                Some(number) if !number::is_zeros(number) => pending.push(number),
                _ => return false,
            }
        }
        match plan.sole_reading(Party::Callee, callee) {
            Some(number) if !plan.is_emergency(&Number::E164(number)) => pending.push(number),
            _ => return false,
        }
        *is_plain = true;
        pending.are_unknown(&self.below())
    }

    /// Explains the decision on a call. Allocates; for people and tests, not for every call.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Call, Engine, Question};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let snapshot = Engine::open(data)?.snapshot();
    /// let call = Call {
    ///     callee: Some(b"sip:05050047824@pbx.example"),
    ///     from: Some(b"<sip:+905321112233@c.example>;tag=1"),
    ///     ..Call::default()
    /// };
    /// let explained = snapshot.domain("my.example")?.explain_call(&call);
    /// let asked: Vec<_> = explained.questions.iter().map(|asked| (asked.question, asked.answer)).collect();
    /// assert_eq!(asked, [(Question::From, "allow"), (Question::Callee, "deny")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain_call(self, call: &Call<'_>) -> CallExplanation<'a> {
        let mut builder = ExplanationBuilder { domain: self, questions: Vec::new() };
        let decision = self.decide_fully(call, false, &mut builder);
        CallExplanation { domain: self.domain(), decision, questions: builder.questions }
    }

    /// Reports whether the callee of a call holds digits and is not plainly one number, so that servers may
    /// read it in several ways. A strict server refuses such calls with 484 (Address Incomplete).
    /// [`Decision::ambiguous`] has the same answer.
    ///
    /// # Examples
    /// ```
    /// use callbar::Engine;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let mut reader = Engine::open(data)?.reader();
    /// let domain = reader.snapshot().domain("my.example")?;
    /// assert!(domain.is_ambiguous("+905321112233#1"), "some servers stop at the #");
    /// assert!(!domain.is_ambiguous("+905321112233") && !domain.is_ambiguous("alice"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_ambiguous(self, callee: impl AsRef<[u8]>) -> bool {
        self.plan().is_ambiguous(callee.as_ref())
    }

    /// The decision on any call. `is_plain` says that the callee is known to be plainly one number.
    fn decide_fully(
        self,
        call: &Call<'_>,
        is_plain: bool,
        observer: &mut impl DecisionObserver<'a>,
    ) -> Decision<'a> {
        if let Some(callee) = call.callee
            && self.is_exempt(callee, observer)
        {
            return Decision { exempt: true, ..Decision::PASS };
        }
        let unclear = call.callee.filter(|_| !is_plain);
        let ambiguous = unclear.is_some_and(|callee| self.is_ambiguous(callee));
        Decision { ambiguous, ..self.ask_parties(call, observer) }
    }

    fn ask_parties(
        self,
        call: &Call<'_>,
        observer: &mut impl DecisionObserver<'a>,
    ) -> Decision<'a> {
        let caller = self.caller(call, observer);
        if caller.is_deny() {
            return Decision::by(Party::Caller, caller);
        }
        let callee = match call.callee {
            Some(callee) => self.question(Question::Callee, callee, once(callee), observer),
            None => Verdict::Pass,
        };
        match (callee, caller) {
            (Verdict::Deny(by), _) => Decision::by(Party::Callee, Verdict::Deny(by)),
            (_, caller @ Verdict::Allow(_)) => Decision::by(Party::Caller, caller),
            (callee @ Verdict::Allow(_), _) => Decision::by(Party::Callee, callee),
            (Verdict::Pass, _) => Decision::PASS,
        }
    }

    /// The verdict on all identities of the caller.
    #[inline]
    fn caller(self, call: &Call<'_>, observer: &mut impl DecisionObserver<'a>) -> Verdict<'a> {
        // The text that withholds the caller's identity.
        let mut withheld = call.privacy.filter(|privacy| number::is_restricted(privacy));
        let headers =
            [(Question::Asserted, call.asserted), (Question::RemoteParty, call.remote_party)];
        for (question, values) in headers {
            let mut allowed = None;
            for &value in values {
                if question == Question::RemoteParty && number::is_private_party(value) {
                    withheld = withheld.or(Some(value));
                }
                for identity in number::identities(value) {
                    match self.question(question, identity, once(identity), observer) {
                        Verdict::Deny(by) => return Verdict::Deny(by),
                        Verdict::Allow(by) => allowed = allowed.or(Some(by)),
                        Verdict::Pass => {}
                    }
                }
            }
            if let Some(by) = allowed {
                return Verdict::Allow(by);
            }
        }
        if let Some(from) = call.from {
            // It should have one address. If it has several, servers take one or another: all are readings.
            let addresses = number::identities(from);
            let verdict = self.question(Question::From, from, addresses, observer);
            if verdict != Verdict::Pass {
                return verdict;
            }
            // A header without a name or number withholds the identity.
            if !number::names_somebody(from) {
                withheld = withheld.or(Some(from));
            }
        }
        withheld.map_or(Verdict::Pass, |text| self.withheld(text, observer))
    }

    #[inline(never)]
    fn withheld(self, text: &[u8], observer: &mut impl DecisionObserver<'a>) -> Verdict<'a> {
        observer.asks(Question::Privacy, text);
        let asked = Lookup { number: &Number::Anonymous, host: &[], party: Some(Party::Caller) };
        observer.reads(text, asked);
        let verdict = self.look_up(asked);
        observer.answers(verdict.as_str());
        verdict
    }

    /// The verdict on all readings of one text, which holds these addresses.
    #[inline]
    fn question<'t>(
        self,
        question: Question,
        text: &[u8],
        mut addresses: impl Iterator<Item = &'t [u8]>,
        observer: &mut impl DecisionObserver<'a>,
    ) -> Verdict<'a> {
        observer.asks(question, text);
        let party = question.party();
        let mut allowed = None;
        let mut all_allowed = true;
        let mut see = |reading: Reading<'_>| {
            let asked = Lookup { number: &reading.number, host: reading.host, party: Some(party) };
            observer.reads(text, asked);
            match self.look_up(asked) {
                Verdict::Deny(by) => return ControlFlow::Break(by),
                Verdict::Allow(by) => allowed = allowed.take().or(Some(by)),
                Verdict::Pass => all_allowed = false,
            }
            ControlFlow::Continue(())
        };
        let denied = addresses.try_for_each(|text| self.plan().readings(party, text, &mut see));
        let verdict = match (denied, allowed) {
            (ControlFlow::Break(by), _) => Verdict::Deny(by),
            (_, Some(by)) if all_allowed => Verdict::Allow(by),
            _ => Verdict::Pass,
        };
        observer.answers(verdict.as_str());
        verdict
    }

    /// Reports whether it is an emergency call: the callee is plainly an emergency number of the region, and
    /// the settings of the domain exempt such calls.
    #[inline]
    fn is_exempt(self, callee: &[u8], observer: &mut impl DecisionObserver<'a>) -> bool {
        if !self.settings().emergency_exempt {
            return false;
        }
        let is_exempt = self.plan().calls_for_help_alone(callee);
        if is_exempt {
            observer.asks(Question::Exempt, callee);
            observer.answers("yes");
        }
        is_exempt
    }
}
