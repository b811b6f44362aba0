//! Entries, calls and steps, so dense that prefixes nest, ties happen and entries expire on the
//! second that is asked about.

use callbar::{Action, EntryId, Note, Response, Settings};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::answer::{NAMES, REASONS};
use super::model::{Base, Change};

/// The domains, the first of which most calls are for.
pub(crate) const DOMAINS: [(&str, &str); 3] =
    [("my.example", "TR"), ("shared.example", "TR"), ("other.example", "US")];

/// The second at which a story begins; entries expire within the next twelve.
pub(crate) const START: u64 = 1_800_000_000;

/// What is done next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Change(usize, Vec<Change>),
    /// So many numbers at once, onto a list or off it: more than the newest layer keeps.
    Bulk {
        domain: usize,
        list: &'static str,
        from: u32,
        add: bool,
    },
    Clock(u64),
    Compact(usize),
    /// Until nothing is compacted in the background.
    Wait,
    Reopen,
    Publish(usize, Base),
    Rollback(usize),
}

/// A whole story of three domains.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) bases: [Base; 3],
    pub(crate) steps: Vec<Step>,
    pub(crate) questions: Vec<String>,
}

/// A number with a plus; thirty-six Turkish mobiles and some of other lengths and codes.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => "\\+905[01][01]0000[0-2]0[0-2]",
        2 => "\\+1212555010[0-2]",
        2 => "\\+4930[01]{3,7}",
        2 => "\\+999[01]{4,5}",
        1 => "\\+90505[01]{2}",
    ]
}

/// Something with a plus, as it is or in a form that a Turk would use.
fn written(text: String, form: u8) -> String {
    let Some(national) = text.strip_prefix("+90") else { return text };
    match form {
        0 => format!("0{national}"),
        1 => format!("0090{national}"),
        2 => national.to_owned(),
        3 => format!("tel:{text}"),
        _ => text,
    }
}

/// A prefix, range or wildcard made of a number, or now and then what only looks like one.
fn pattern() -> impl Strategy<Value = String> {
    let cut = |text: &str, at: Index| text[..2 + at.index(text.len() - 1)].to_owned();
    let prefix = (number(), any::<Index>()).prop_map(move |(text, at)| cut(&text, at) + "*");
    let range = (number(), number(), any::<(Index, Index)>(), 0..5);
    let range = range.prop_map(move |(one, other, (at, to), order)| {
        let (one, other) = (cut(&one, at), cut(&other, to));
        let (first, last) = if (one > other) == (order == 0) { (one, other) } else { (other, one) };
        format!("{first}-{last}")
    });
    let holes = (prop::collection::vec(any::<Index>(), 0..4), 0..8_usize);
    let wildcard = (number(), holes).prop_map(|(text, (inner, open))| {
        let mut places: Vec<u8> = text.into_bytes();
        let end = places.len();
        let inner = inner.iter().map(|at| 2 + at.index(end - 2));
        inner.chain(end.saturating_sub(open).max(2)..end).for_each(|at| places[at] = b'X');
        String::from_utf8(places).unwrap()
    });
    let global = prop_oneof![5 => prefix, 3 => range, 3 => wildcard];
    prop_oneof![
        8 => (global, 0_u8..8).prop_map(|(text, form)| written(text, form)),
        1 => "1[01]{0,3}\\*",
        1 => "1[01]{2,3}-1[01]{2,3}",
        1 => "1[01X]{2}X",
    ]
}

/// What is neither a number of a plan nor a pattern.
fn other() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(&["112", "110", "911", "1001", "*67", "#31#", "alice", "0505004782499999"][..])
            .prop_map(str::to_owned),
        4 => "1[01]{3}",
        1 => select(&["", "+90505**", "*", "+", "Alice", "+90-"][..]).prop_map(str::to_owned),
    ]
}

fn entry() -> impl Strategy<Value = String> {
    let class = select(
        &["anonymous", "Invalid", "unassigned", " short", "sip:anonymous@anonymous.invalid"][..],
    );
    prop_oneof![
        8 => (number(), 0_u8..8).prop_map(|(text, form)| written(text, form)),
        10 => pattern(),
        2 => class.prop_map(str::to_owned),
        3 => other(),
    ]
}

fn question() -> impl Strategy<Value = String> {
    let special = [
        "anonymous",
        "",
        "tel:112;phone-context=+90",
        "tel:112;phone-context=+49",
        "urn:service:sos",
        "sip:alice@a.example",
        "+905310000007",
        "+905310002500",
    ];
    prop_oneof![
        10 => (number(), 0_u8..8).prop_map(|(text, form)| written(text, form)),
        4 => other(),
        2 => select(special.to_vec()).prop_map(str::to_owned),
    ]
}

fn note() -> impl Strategy<Value = Note<'static>> {
    let expires = option::weighted(0.5, START..START + 12);
    let reason = || option::weighted(0.2, select(REASONS.to_vec()));
    let id = option::weighted(0.2, (1..3_u8).prop_map(|byte| EntryId::new([byte; 12]).unwrap()));
    let note = (id, option::weighted(0.2, Just(START - 9)), expires, reason(), reason());
    let note = note.prop_map(|(id, created, expires, reason, source)| Note {
        id,
        created,
        expires,
        reason,
        source,
    });
    prop_oneof![1 => Just(Note::default()), 1 => note]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![3 => Just(Action::Deny), 2 => Just(Action::Allow)]
}

fn response() -> impl Strategy<Value = Option<Response>> {
    option::weighted(0.3, select(vec![Response::Unwanted, Response::Rejected, Response::Decline]))
}

fn name() -> impl Strategy<Value = &'static str> {
    select(NAMES.to_vec())
}

/// Settings of a domain, which does not subscribe to itself.
fn settings(domain: usize) -> impl Strategy<Value = Settings> {
    let others: Vec<&str> = DOMAINS.iter().map(|&(name, _)| name).collect();
    let others: Vec<&str> =
        [&others[..domain], &others[domain + 1..], &["nobody.example"]].concat();
    let some = prop::sample::subsequence(others, 0..=3).prop_shuffle();
    (any::<bool>(), any::<bool>(), some).prop_map(|(emergency_exempt, upper, some)| Settings {
        emergency_exempt,
        subscriptions: some
            .into_iter()
            .map(|name| if upper { name.to_uppercase() } else { name.to_owned() })
            .collect(),
    })
}

/// Entries that a story comes back to, so that changes meet what is there.
fn pool() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(entry(), 12)
}

fn mostly_of(pool: &[String]) -> impl Strategy<Value = String> + use<> {
    prop_oneof![4 => select(pool.to_vec()), 1 => entry()]
}

fn base_of(domain: usize, pool: &[String]) -> impl Strategy<Value = Base> + use<> {
    let lists = prop::sample::subsequence(NAMES.to_vec(), 1..=4).prop_shuffle();
    let said = prop::collection::vec((action(), response()), NAMES.len());
    let entries = prop::collection::vec((0..NAMES.len(), mostly_of(pool), note()), 0..25);
    let is_large = prop::bool::weighted(0.5);
    let parts = (settings(domain), lists, said, entries, is_large);
    parts.prop_map(|(settings, lists, said, entries, is_large)| Base {
        settings,
        lists: lists
            .into_iter()
            .zip(said)
            .map(|(name, (action, response))| (name, action, response))
            .collect(),
        entries,
        is_large,
    })
}

pub(crate) fn base() -> impl Strategy<Value = Base> {
    pool().prop_flat_map(|pool| base_of(0, &pool))
}

fn change(domain: usize, pool: &[String]) -> impl Strategy<Value = Change> + use<> {
    let entry = || mostly_of(pool);
    let add = (name(), entry(), note(), any::<bool>());
    prop_oneof![
        12 => add.prop_map(|(list, entry, note, allow_broad)| {
            Change::Add { list, entry, note, allow_broad }
        }),
        8 => (name(), entry()).prop_map(|(list, entry)| Change::Remove { list, entry }),
        4 => (name(), action(), response())
            .prop_map(|(name, action, response)| Change::List { name, action, response }),
        2 => name().prop_map(|name| Change::Drop { name }),
        1 => settings(domain).prop_map(Change::Settings),
    ]
}

fn step(pool: Vec<String>) -> impl Strategy<Value = Step> {
    let domain = || prop_oneof![3 => Just(0_usize), 1 => Just(1), 1 => Just(2)];
    let of_base = pool.clone();
    prop_oneof![
        30 => domain().prop_flat_map(move |domain| {
            let changes = prop::collection::vec(change(domain, &pool), 1..5);
            changes.prop_map(move |changes| Step::Change(domain, changes))
        }),
        4 => (domain(), name(), 0_u32..2, prop::bool::weighted(0.7)).prop_map(
            |(domain, list, half, add)| Step::Bulk { domain, list, from: half * 1_200, add }
        ),
        8 => (START..START + 14).prop_map(Step::Clock),
        3 => domain().prop_map(Step::Compact),
        3 => Just(Step::Reopen),
        1 => domain().prop_flat_map(move |domain| {
            base_of(domain, &of_base).prop_map(move |base| Step::Publish(domain, base))
        }),
        2 => domain().prop_map(Step::Rollback),
    ]
}

pub(crate) fn questions() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(question(), 30..50)
}

pub(crate) fn story() -> impl Strategy<Value = Story> {
    pool().prop_flat_map(|pool| {
        let bases = [0, 1, 2].map(|domain| base_of(domain, &pool));
        let steps = prop::collection::vec(step(pool), 1..30);
        (bases, steps, questions()).prop_map(|(bases, steps, questions)| Story {
            bases,
            steps,
            questions,
        })
    })
}

/// A story of one domain with so many changes that layer lies upon layer, and some are merged.
pub(crate) fn tall_story() -> impl Strategy<Value = Story> {
    pool().prop_flat_map(|pool| {
        let bases = [0, 1, 2].map(|domain| base_of(domain, &pool));
        let changes = prop::collection::vec(change(0, &pool), 1..6);
        let bulk = (name(), 0_u32..2, any::<bool>()).prop_map(|(list, half, add)| Step::Bulk {
            domain: 0,
            list,
            from: half * 1_200,
            add,
        });
        let round = (changes, bulk, any::<bool>()).prop_map(|(changes, bulk, wait)| {
            let one_by_one = changes.into_iter().map(|change| Step::Change(0, vec![change]));
            one_by_one.chain([bulk]).chain(wait.then_some(Step::Wait)).collect::<Vec<_>>()
        });
        let rounds = prop::collection::vec(round, 3..7);
        (bases, rounds, questions()).prop_map(|(mut bases, rounds, questions)| {
            bases[0].is_large = true;
            let list = |name| Change::List { name, action: Action::Deny, response: None };
            let first = Step::Change(0, NAMES.map(list).to_vec());
            let steps = std::iter::once(first).chain(rounds.into_iter().flatten());
            Story { bases, steps: steps.chain([Step::Wait]).collect(), questions }
        })
    })
}
