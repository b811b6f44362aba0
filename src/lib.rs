//! callbar decides, inside a SIP routing process and in nanoseconds, whether a number is on a
//! list of a tenant, and what that list says about the call.
//!
//! A *domain* is a tenant. It has a [`DialPlan`], [`Settings`] and *lists*. A [`List`] denies or allows calls, and
//! holds *entries*: numbers, patterns such as `+90505*`, SIP users, and [classes](Class) such as `anonymous`. A
//! [`Compiler`] makes the *index* of a domain, and an [`Engine`] is a directory of indexes. Each routing thread
//! has a [`Reader`], and the one process that makes changes has a [`Writer`].
//!
//! 1. [The first program](#the-first-program)
//! 2. [How matching works](#how-matching-works)
//! 3. [One way to ask](#one-way-to-ask)
//! 4. [Live changes](#live-changes)
//! 5. [Many processes](#many-processes)
//! 6. [Emergency calls](#emergency-calls)
//! 7. [Async programs](#async-programs)
//! 8. [Values and their texts](#values-and-their-texts)
//! 9. [Errors](#errors)
//! 10. [Features](#features)
//! 11. [Limits](#limits)
//!
//! # The first program
//!
//! `data` is the path of a directory that exists.
//!
//! ```
//! use callbar::{Action, Call, Compiler, DialPlan, Engine, Party};
//!
//! # let directory = tempfile::tempdir()?;
//! # let data = directory.path();
//! // Compile the lists of a domain. Numbers may be written in any way.
//! let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
//! let mut spam = compiler.list("spam", Action::Deny)?;
//! let rejected = spam.extend(["0505 004 78 24", "+90532*", "anonymous"]);
//! assert!(rejected.is_empty(), "{rejected:?}");
//!
//! // Put them in force.
//! let engine = Engine::open(data)?;
//! engine.publish("my.example", &compiler.finish()?.bytes)?;
//!
//! // Ask about each call.
//! let mut reader = engine.reader(); // one for each routing thread
//! let call = Call {
//!     callee: Some(b"sip:+902125550147@pbx.example"),
//!     from: Some(br#""Ali" <sip:05050047824@gw.example;user=phone>;tag=1"#),
//!     ..Call::default()
//! };
//! let decision = reader.decide("my.example", &call)?;
//! assert!(decision.is_deny());
//! assert_eq!(decision.party, Some(Party::Caller));
//! assert_eq!(decision.list().map(|list| &*list.name), Some("spam"));
//! assert_eq!(decision.response().map(|response| response.code()), Some(603));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How matching works
//!
//! - The dial plan reads entries and calls in the same way. Every way to write a number gives one canonical
//!   [`Number`], and callbar never compares texts.
//! - A call to an emergency number passes, whoever makes it.
//! - Then callbar asks about each identity of the caller, and then about the callee. The first deny decides.
//!   [`Reader::decide`] has the order.
//! - An allow for the caller settles the caller alone. The callee may still be barred.
//! - For one number the longest entry wins: a user at a host, an exact number, the pattern that fixes most
//!   digits, a class. On a tie allow beats deny. See [`Verdict`].
//! - Where the own lists say nothing, the lists of [subscribed](Settings::subscriptions) domains decide.
//!   Otherwise the call passes.
//! - If servers may read a text in several ways, callbar asks about each. One deny bars.
//! - An entry may expire: see [`Note`]. From that second on it holds nothing.
//!
//! [matching.md] has all of it, and [numbers.md] how texts become numbers.
//!
//! [`Domain::explain`] says why a verdict is what it is:
//!
//! ```
//! use callbar::{Action, Compiler, DialPlan, Index};
//!
//! let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
//! assert!(compiler.list("spam", Action::Deny)?.extend(["+90505*"]).is_empty());
//! assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
//! let index = Index::open(compiler.finish()?.bytes)?;
//!
//! let explained = index.explain("sip:00905050047824@gw.example");
//! assert_eq!((explained.verdict, &*explained.number), ("allow", "+905050047824"));
//! let matches: Vec<_> = explained.matches.iter().map(|by| (by.list, by.won)).collect();
//! assert_eq!(matches, [("vip", true), ("spam", false)]);
//! # Ok::<(), callbar::Error>(())
//! ```
//!
//! # One way to ask
//!
//! For a call, ask `decide`, and nothing else: it knows who calls and who is called. `check` is for numbers
//! without a role, those of a campaign for instance. A decision that is put together from several checks bars
//! emergency calls.
//!
//! A [`Reader`], a [`Domain`] and an [`Index`] answer the same questions by the same names:
//!
//! | | [`Reader`] | [`Domain`] | [`Index`] |
//! | --- | --- | --- | --- |
//! | is | the handle of a thread or task | the lists of a domain in a [`Snapshot`] | one file, without an engine |
//! | comes from | [`Engine::reader`] | [`Snapshot::domain`] | [`Index::open`] |
//! | sees changes | at the next question | never: all answers agree | never |
//! | the domain is | the first argument | its own | its own |
//! | `check`, `check_number`, `check_batch`, `lists_of`, `lists_of_number`, `explain` | [`NotFound`] if there is no such domain | cannot fail | cannot fail |
//! | `check_list` | [`NotFound`] if there is no such list | `None` if there is no such list | `None` if there is no such list |
//! | `decide`, `explain_call`, `is_ambiguous` | yes | yes | no: a call needs the shared lists |
//! | shared lists | yes | yes | no: a file knows no other |
//! | entries expire by | [`Options::clock`] | [`Options::clock`] | the system's clock |
//! | answers borrow | the reader: one at a time | the snapshot: any number | the index: any number |
//!
//! The last row is why two answers of one reader at a time do not compile. Take its snapshot once:
//!
//! ```
//! use callbar::{Engine, NotFound};
//!
//! # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
//! # let directory = example::directory();
//! # let data = directory.path();
//! let mut reader = Engine::open(data)?.reader();
//! let domain = reader.snapshot().domain("my.example")?;
//! let (one, other) = (domain.check("0505 004 78 24"), domain.check("0532 111 22 33"));
//! assert_eq!((one.as_str(), other.as_str()), ("deny", "allow"));
//! assert_eq!(domain.check_list("spam", "0505 004 78 24"), Some(true));
//!
//! // A domain that does not exist is an error, and never passes in silence.
//! assert_eq!(reader.check("other.example", "112"), Err(NotFound::Domain));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Live changes
//!
//! A change is on disk, and in force for every check of this process, when [`Writer::change`] returns. It takes
//! a millisecond or two at any size of the domain, and no check waits for it. [`Writer::publish`] replaces all
//! lists of a domain, and [`Writer::rollback`] brings back a former state.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use callbar::{Action, Change, DialPlan, Engine, Note, Outcome, Response, Settings};
//!
//! # let directory = tempfile::tempdir()?;
//! # let data = directory.path();
//! let engine = Engine::open(data)?;
//! let mut reader = engine.reader();
//! let writer = engine.writer()?; // the only one of the directory
//! writer.create("my.example", DialPlan::new("TR")?, Settings::default())?;
//!
//! let in_a_month = SystemTime::now() + Duration::from_secs(30 * 24 * 60 * 60);
//! let complaint = Note::default().with_reason("complaint 4711").expires_at(in_a_month);
//! let outcomes = writer.change(
//!     "my.example",
//!     &[
//!         Change::list("spam", Action::Deny).with_response(Response::Unwanted),
//!         Change::add("spam", "0505 004 78 24").with_note(complaint),
//!     ],
//! )?;
//! assert_eq!(outcomes, [Outcome::Added, Outcome::Added]);
//! let verdict = reader.check("my.example", "+905050047824")?;
//! assert_eq!(verdict.response(), Some(Response::Unwanted));
//!
//! writer.change("my.example", &[Change::remove("spam", "+90 505 004 78 24")])?;
//! assert!(!reader.check("my.example", "+905050047824")?.is_deny());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Many processes
//!
//! Any number of processes of a machine read a directory, each with its own engine. One process at a time
//! writes to it. Every process obeys a change at its next check: it looks at a counter that all share, and the
//! first check after a change loads what changed.
//!
//! The counter is a file, which the first process makes. A process that finds none and may not make it cannot
//! see the changes of others. Its checks go on by the lists that it has, without an error. Its sign is
//! [`Health::sees_others`]: raise an alarm if [`Health::is_good`] is false.
//!
//! ```
//! use callbar::{Change, Engine};
//!
//! # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
//! # let directory = example::directory();
//! # let data = directory.path();
//! let routing = Engine::open(data)?; // in one process
//! let managing = Engine::open(data)?; // in another
//! assert!(routing.health().sees_others, "it would not see the next change");
//!
//! let mut reader = routing.reader();
//! assert!(reader.check("my.example", "0505 004 78 24")?.is_deny());
//! managing.writer()?.change("my.example", &[Change::remove("spam", "0505 004 78 24")])?;
//! assert!(!reader.check("my.example", "0505 004 78 24")?.is_deny());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Emergency calls
//!
//! [`Reader::decide`] lets a call to an emergency number of the region pass, whoever makes it, and to 112, 911
//! and `urn:service:sos` in any region. [`Decision::exempt`] says so. A call *from* such a number is like any
//! other. [`Settings::emergency_exempt`] switches this off. A few numbers for help are not among those that
//! callbar knows: put them on an allow list.
//!
//! ```
//! use callbar::{Action, Call, Change, Engine};
//!
//! # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
//! # let directory = example::directory();
//! # let data = directory.path();
//! let mut reader = Engine::open(data)?.reader();
//! let barred: &[u8] = b"<sip:05050047824@gw.example>;tag=1";
//! let call = |callee| Call { callee: Some(callee), from: Some(barred), ..Call::default() };
//! assert!(reader.decide("my.example", &call(b"sip:02125550147@pbx.example"))?.is_deny());
//! for callee in [&b"sip:112@pbx.example"[..], b"tel:155", b"urn:service:sos.fire"] {
//!     let decision = reader.decide("my.example", &call(callee))?;
//!     assert!(decision.exempt && !decision.is_deny());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Async programs
//!
//! A question is so short that it needs no `spawn_blocking`. All handles are `Send` and `Sync`:
//!
//! | handle | in an async program |
//! | --- | --- |
//! | [`Engine`] | Clone it into tasks: clones share one directory. [`Engine::reader`] takes a lock for a moment. |
//! | [`Reader`] | One for each task or thread, because a question takes `&mut self`. Answers borrow it: copy what you need before the next `.await`. |
//! | `Arc<Snapshot>` | May be held across an `.await`. Let go of it soon: it keeps its lists in memory, and sees no later change. |
//! | [`Writer`] | Reads and writes files: call it by `spawn_blocking`. Its methods wait for each other. |
//!
//! What may take longer:
//!
//! | function | takes |
//! | --- | --- |
//! | a question, [`Reader::snapshot`] | no lock and no file. But the first one after a change by another process loads it: some 0.1 ms for a live change, 0.2 s for each gigabyte of a new base. |
//! | [`Engine::snapshot`] | a lock for a moment, and loads such a change |
//! | [`Engine::health`] | locks, and a walk over all domains |
//! | [`Engine::refresh`] | reads each head: some 50 ms with 10,000 domains |
//! | [`Engine::open`], [`Engine::publish`], [`Engine::history`], all of [`Writer`] | files: use `spawn_blocking` |
//!
//! Call [`Engine::refresh`] only when files changed behind callbar's back (a restored backup, for instance), or
//! once a minute or so to notice that. To keep the loading of changes away from the threads of your runtime, let
//! one ordinary thread call [`Engine::snapshot`] every few milliseconds: [`Engine`] has that program.
//!
//! ```
//! use callbar::{Engine, NotFound};
//!
//! /// Counts the numbers of a campaign that may not be called. All are checked against the same lists.
//! async fn count_denied(engine: Engine, numbers: Vec<String>) -> Result<usize, NotFound> {
//!     let snapshot = engine.snapshot();
//!     let mut denied = 0;
//!     for number in numbers {
//!         let domain = snapshot.domain("my.example")?;
//!         denied += usize::from(domain.check(number).is_deny());
//!         std::future::ready(()).await; // any point where other tasks may run
//!     }
//!     Ok(denied)
//! }
//!
//! fn may_be_spawned<T: Send>(task: T) -> T {
//!     task
//! }
//! # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
//! # let directory = example::directory();
//! # let data = directory.path();
//! let numbers = vec!["0505 004 78 24".to_owned(), "0532 111 22 33".to_owned()];
//! let task = may_be_spawned(count_denied(Engine::open(data)?, numbers));
//! # use std::task::{Context, Poll, Waker};
//! # let polled = std::pin::pin!(task).poll(&mut Context::from_waker(Waker::noop()));
//! # assert_eq!(polled, Poll::Ready(Ok(1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Values and their texts
//!
//! | value | read by | written by |
//! | --- | --- | --- |
//! | [`Number`] | [`DialPlan::number`], [`DialPlan::entry`]; no `FromStr`, because a text means a number only to a dial plan | `Display`, JSON |
//! | [`E164`] | `FromStr`, `TryFrom<u64>`, JSON | `Display`, JSON |
//! | [`Pattern`] | [`DialPlan::pattern`]; `FromStr` and JSON of its canonical form | `Display`, JSON |
//! | [`EntryKey`] | [`EntryKey::parse`], [`EntryKey::from_stored`] | `Display`, [`EntryKey::to_stored`] |
//! | [`DialPlan`] | `FromStr` of a region, JSON | JSON |
//! | [`EntryId`]; the words of [`Action`], [`Class`], [`EntryKind`], [`LoadMode`], [`MatchedLayer`], [`Outcome`], [`Party`], [`Question`], [`Scope`], [`StepKind`], [`Tag`] | `FromStr`, JSON | `Display`, JSON |
//! | [`OwnedCall`], [`EntryNote`], [`Settings`] | JSON | JSON, a call aside |
//!
//! JSON is that of serde. Times are seconds since 1970, or [`SystemTime`](std::time::SystemTime):
//! [`EntryNote::expires_at`], [`Clock::from_time`].
//!
//! # Errors
//!
//! A question fails only if the domain or the list that it names does not exist: [`NotFound`]. All else that can
//! fail returns [`Error`], whose variants carry the facts. Entries that cannot be on a list are no error of
//! the compiler: [`ListBuilder::extend`] returns them as [`Rejected`], by line.
//!
//! # Features
//!
//! None. (`failpoints` is for callbar's own tests: it lets them end a process in the midst of a write.)
//!
//! # Limits
//!
//! - callbar runs on 64-bit Unix. It is developed and tested on Linux.
//! - Published files are mapped into memory. Never edit one in place: a process that has a shortened file mapped
//!   ends with SIGBUS. [`LoadMode::Heap`] reads files into memory instead.
//! - A domain has [`LISTS_MAX`] lists, [`SUBSCRIPTIONS_MAX`] subscriptions to other domains, and some 6 billion numbers at most.
//! - The dial plan of a domain is no live change: compile its lists again.
//! - An index that was compiled by other numbering facts than [`facts_version`] should be compiled again.
//!
//! [limits.md] has all of them, and [operating.md] what to watch.
//!
//! [matching.md]: https://github.com/callbar/callbar/blob/main/docs/matching.md
//! [numbers.md]: https://github.com/callbar/callbar/blob/main/docs/numbers.md
//! [limits.md]: https://github.com/callbar/callbar/blob/main/docs/limits.md
//! [operating.md]: https://github.com/callbar/callbar/blob/main/docs/operating.md

mod engine;
mod error;
mod index;
mod number;

#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub use engine::POINTS;
pub use engine::{
    AskedQuestion, Bytes, Call, CallExplanation, CheckReport, Decision, Domain, DomainId,
    DomainKey, Engine, FileProblem, FormerState, Health, LoadMode, MissingDomain, NotFound,
    Options, OwnedCall, Publish, Question, Reader, Snapshot, Writer,
};
// The command shows the files of a directory and their roles. It and the server open files as the engine does.
#[doc(hidden)]
pub use engine::{CHANGES_FILE, DomainFileId, FileName, INDEX_FOLDER, open_regular};
pub use error::{
    E164Error, EntryError, Error, NameError, NumberError, PatternError, PrefixError, Result,
};
pub use index::{
    Action, Change, Clock, Compiled, Compiler, DOMAIN_NAME_MAX, Entry, EntryId, EntryIdError,
    EntryKey, EntryKind, EntryNote, Explanation, Index, LIST_NAME_MAX, LISTS_MAX, List,
    ListBuilder, ListSummary, Match, MatchedEntry, MatchedLayer, Note, Outcome, OwnedNote,
    Rejected, Response, SUBSCRIPTIONS_MAX, SectionStats, Settings, Stats, Summary, TEXT_MAX,
    Verdict, WrittenEntry, verify_domain_name, verify_list_name,
};
pub use number::{
    Class, DialPlan, Doubt, E164, NotCanonical, Number, ParsedEntry, Party, Pattern, Piece,
    PlanSpec, Scope, Step, StepKind, Tag, Text, UnknownWord, facts_version,
};

// The programs of the pages are compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/figures.md")]
#[doc = include_str!("../docs/http.md")]
#[doc = include_str!("../docs/limits.md")]
#[doc = include_str!("../docs/list-files.md")]
#[doc = include_str!("../docs/matching.md")]
#[doc = include_str!("../docs/numbers.md")]
#[doc = include_str!("../docs/operating.md")]
#[doc = include_str!("../docs/sip-servers.md")]
mod pages {}
