//! Prevents: an index that forgets an entry, invents one, or names the wrong list.
//!
//! Any lists of any entries, written in any form, compiled and asked in every way there is, against
//! a map from canonical number to lists that nobody could get wrong. Patterns, layers and changes
//! are the business of `rules`.

use std::collections::{BTreeMap, BTreeSet};

use callbar::{
    Action, Class, Compiled, Compiler, DialPlan, E164, Engine, Index, Number, Text, Verdict,
    WrittenEntry,
};
use proptest::prelude::*;

/// What is put on a list.
#[derive(Clone, Debug)]
enum Entry {
    /// As somebody wrote it.
    Written(String),
    /// Canonical already, and not always what any plan would make of a text.
    Canonical(u64),
    /// So many numbers of one block of 10^4, so far apart.
    Block { block: u64, count: u64, step: u64 },
}

/// The lists of a domain: `true` is an allow list.
#[derive(Clone, Debug)]
struct Lists {
    allow: Vec<bool>,
    entries: Vec<(usize, Entry)>,
    strangers: Vec<String>,
}

/// A number that has an order: its kind, then its digits or its text.
type Key = (u8, u64, Vec<u8>);

/// Canonical number to the lists that hold it.
#[derive(Default)]
struct Model {
    lists_of: BTreeMap<Key, BTreeSet<usize>>,
    duplicates: BTreeMap<usize, u64>,
    rejected: BTreeMap<usize, u64>,
}

fn key(number: &Number) -> Key {
    match number {
        Number::E164(number) => (0, number.get(), Vec::new()),
        Number::Unassigned(text) => (1, 0, text.as_bytes().to_vec()),
        Number::Local(text) => (2, 0, text.as_bytes().to_vec()),
        Number::Service(text) => (3, 0, text.as_bytes().to_vec()),
        Number::Opaque(text) => (4, 0, text.as_bytes().to_vec()),
        Number::Anonymous => (5, 0, Vec::new()),
        Number::Invalid(_) => (6, 0, Vec::new()),
    }
}

impl Model {
    fn add(&mut self, list: usize, number: &Number, refused: bool) {
        if refused {
            *self.rejected.entry(list).or_default() += 1;
        } else if !self.lists_of.entry(key(number)).or_default().insert(list) {
            *self.duplicates.entry(list).or_default() += 1;
        }
    }

    /// The lists that hold the call by one of its entries.
    fn lists(&self, call: &Call) -> BTreeSet<usize> {
        call.entries.iter().flat_map(|entry| self.lists_of(entry)).collect()
    }

    fn lists_of(&self, entry: &Number) -> BTreeSet<usize> {
        self.lists_of.get(&key(entry)).cloned().unwrap_or_default()
    }

    /// The list that decides and the entry by which it does: of the longest entry that is on a list the
    /// first allow list, or else the first deny list.
    fn deciding<'c>(&self, call: &'c Call, allow: &[bool]) -> Option<(usize, &'c Number)> {
        call.entries.iter().find_map(|entry| {
            let lists = self.lists_of(entry);
            let list = lists.iter().copied().find(|&list| allow[list]).or(lists.first().copied());
            list.map(|list| (list, entry))
        })
    }
}

/// What a call is held by.
#[derive(Debug)]
struct Call {
    /// The entries that would hold it, the longest first.
    entries: Vec<Number>,
}

impl Call {
    /// A number, in which its host may stand as on a list: then the user alone holds it, too.
    fn of_number(number: &Number, plan: &DialPlan) -> Self {
        let is_withheld = plan.class(number) == Some(Class::Anonymous);
        let class = (is_withheld && *number != Number::Anonymous).then_some(Number::Anonymous);
        let user = |text: &Text| {
            let at = text.as_bytes().iter().rposition(|&byte| byte == b'@')?;
            Text::new(&text.as_bytes()[..at])
        };
        let alone = match number {
            Number::Local(text) => user(text).map(Number::Local),
            Number::Service(text) => user(text).map(Number::Service),
            Number::Opaque(text) => user(text).map(Number::Opaque),
            _ => None,
        };
        Self { entries: [number.clone()].into_iter().chain(alone).chain(class).collect() }
    }

    /// What a call presents. The entry of the same text holds it, too: that of a user has the host, and
    /// is longer than the user alone.
    fn of_text(text: &str, plan: &DialPlan) -> Self {
        let number = plan.number(text.as_bytes());
        let mut call = Self::of_number(&number, plan);
        let at_host = plan.entry(text.as_bytes());
        let is_user = match (&number, &at_host) {
            (Number::Local(user), Number::Local(entry))
            | (Number::Service(user), Number::Service(entry))
            | (Number::Opaque(user), Number::Opaque(entry)) => {
                let behind = entry.as_bytes().strip_prefix(user.as_bytes());
                behind.is_some_and(|behind| behind.starts_with(b"@"))
            }
            _ => false,
        };
        if is_user {
            call.entries.insert(0, at_host);
        }
        call
    }
}

impl Entry {
    /// The canonical numbers and, for those that were written, the text.
    fn numbers(&self, plan: &DialPlan) -> Vec<Number> {
        match self {
            Self::Written(text) => vec![plan.entry(text.as_bytes())],
            _ => self.canonical().into_iter().map(Number::E164).collect(),
        }
    }

    /// Reports whether it cannot be on a list: nothing that can be a number, or nobody. The word of the class
    /// is no such text.
    fn is_refused(&self, plan: &DialPlan) -> bool {
        let Self::Written(text) = self else { return false };
        let number = plan.entry(text.as_bytes());
        Class::named(text.as_bytes()).is_none()
            && matches!(number, Number::Anonymous | Number::Invalid(_))
    }

    fn canonical(&self) -> Vec<E164> {
        match *self {
            Self::Written(_) => Vec::new(),
            Self::Canonical(number) => vec![E164::new(number).unwrap()],
            Self::Block { block, count, step } => {
                let low = |i| block * 10_000 + i * step % 10_000;
                (0..count).map(low).map(|number| E164::new(number).unwrap()).collect()
            }
        }
    }
}

fn name(list: usize) -> String {
    format!("list-{list}")
}

fn compile(lists: &Lists, plan: &DialPlan) -> (Compiled, Model) {
    let mut model = Model::default();
    let mut compiler = Compiler::new("My.Example", plan.clone()).unwrap();
    // `precedence` tests who is exempt; here every number obeys its lists.
    let settings = callbar::Settings { emergency_exempt: false, ..callbar::Settings::default() };
    compiler.set_settings(settings).unwrap();
    let action = |&allow| if allow { Action::Allow } else { Action::Deny };
    for (list, allow) in lists.allow.iter().enumerate() {
        compiler.list(&name(list), action(allow)).unwrap();
    }
    for (line, (list, entry)) in (1..).zip(&lists.entries) {
        let numbers = entry.numbers(plan);
        let refused = entry.is_refused(plan);
        for number in &numbers {
            model.add(*list, number, refused);
        }
        let mut compiled = compiler.list(&name(*list), action(&lists.allow[*list])).unwrap();
        if let Entry::Written(text) = entry {
            let rejected = compiled.extend([WrittenEntry::from(text).at_line(line)]);
            assert_eq!(
                rejected.iter().map(|r| r.line).collect::<Vec<_>>(),
                vec![line; refused.into()]
            );
        } else {
            compiled.extend_e164(&entry.canonical());
        }
    }
    (compiler.finish().unwrap(), model)
}

/// Everything that is on a list, its neighbours, and strangers.
fn questions(lists: &Lists, plan: &DialPlan) -> Vec<Number> {
    let listed = lists.entries.iter().flat_map(|(_, entry)| entry.numbers(plan));
    let neighbours =
        lists.entries.iter().flat_map(|(_, entry)| entry.canonical()).flat_map(|number| {
            let around = [
                number.get().wrapping_sub(1),
                number.get().saturating_add(1),
                number.get() ^ 1 << 14,
            ];
            around.into_iter().filter_map(|n| E164::new(n).ok()).map(Number::E164)
        });
    let strangers = lists.strangers.iter().map(|text| plan.number(text.as_bytes()));
    listed.chain(neighbours).chain(strangers).collect()
}

fn counts_agree(lists: &Lists, compiled: &Compiled, model: &Model) {
    assert_eq!(compiled.summary.numbers, model.lists_of.len() as u64);
    for (list, summary) in compiled.summary.lists.iter().enumerate() {
        let entries = model.lists_of.values().filter(|on| on.contains(&list)).count();
        assert_eq!(summary.name, name(list));
        assert_eq!(summary.action == Action::Allow, lists.allow[list]);
        assert_eq!(summary.entries, entries as u64);
        assert_eq!(summary.duplicates, model.duplicates.get(&list).copied().unwrap_or(0));
        assert_eq!(summary.rejected, model.rejected.get(&list).copied().unwrap_or(0));
    }
}

fn verdict_agrees(lists: &Lists, model: &Model, call: &Call, verdict: &Verdict<'_>) {
    let deciding = model.deciding(call, &lists.allow);
    let (allow, by) = match verdict {
        Verdict::Pass => return assert_eq!(deciding, None, "{call:?}"),
        Verdict::Allow(by) => (true, by),
        Verdict::Deny(by) => (false, by),
        other => panic!("an unknown verdict: {other:?}"),
    };
    let (list, entry) = deciding.unwrap_or_else(|| panic!("{call:?} is on no list"));
    let entry = match entry {
        Number::Anonymous => callbar::Entry::Class(Class::Anonymous),
        number => callbar::Entry::Number(number.clone()),
    };
    assert_eq!((allow, &by.list.name, &by.entry), (lists.allow[list], &name(list), &entry));
}

fn index_agrees(lists: &Lists, plan: &DialPlan) {
    let (compiled, model) = compile(lists, plan);
    counts_agree(lists, &compiled, &model);
    let index = Index::open(&compiled.bytes[..]).unwrap();
    assert_eq!(index.domain(), "my.example");
    for number in questions(lists, plan) {
        let call = Call::of_number(&number, plan);
        verdict_agrees(lists, &model, &call, &index.check_number(&number));
        let named: Vec<&str> = index.lists_of_number(&number).map(|list| &*list.name).collect();
        let expected: Vec<String> = model.lists(&call).into_iter().map(name).collect();
        assert_eq!(named, expected, "{number:?}");
    }
}

/// What calls present: entries as they were written, canonical numbers with a plus, strangers.
fn presented(lists: &Lists) -> Vec<String> {
    let entry = |(_, entry): &(usize, Entry)| match entry {
        Entry::Written(text) => vec![text.clone()],
        other => other.canonical().iter().step_by(97).map(|n| format!("+{}", n.get())).collect(),
    };
    lists.entries.iter().flat_map(entry).chain(lists.strangers.iter().cloned()).collect()
}

fn reader_agrees(lists: &Lists, plan: &DialPlan) {
    let (compiled, model) = compile(lists, plan);
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path()).unwrap();
    let id = engine.publish("my.example", &compiled.bytes).unwrap();
    let mut reader = engine.reader();
    let texts = presented(lists);
    for text in &texts {
        let call = Call::of_text(text, plan);
        verdict_agrees(lists, &model, &call, &reader.check("MY.example", text).unwrap());
        let on = model.lists(&call);
        for list in 0..lists.allow.len() {
            let listed = reader.check_list(id, &name(list), text).unwrap();
            assert_eq!(listed, on.contains(&list), "{text:?} on {}", name(list));
        }
        let named: Vec<_> =
            reader.lists_of(id, text).unwrap().map(|list| list.name.clone()).collect();
        assert_eq!(named, on.into_iter().map(name).collect::<Vec<_>>(), "{text:?}");
    }
    let mut verdicts = vec![Verdict::Pass; texts.len()];
    reader.check_batch(id, &texts, &mut verdicts).unwrap();
    for (text, verdict) in texts.iter().zip(&verdicts) {
        verdict_agrees(lists, &model, &Call::of_text(text, plan), verdict);
    }
}

/// A Turkish number in one of the ways in which people write it.
fn turkish() -> impl Strategy<Value = String> {
    let national = prop_oneof![5_050_000_000_u64..5_050_000_200, 5_000_000_000_u64..6_000_000_000];
    (national, 0..7).prop_map(|(n, form)| match form {
        0 => format!("+90{n}"),
        1 => format!("0090{n}"),
        2 => format!("0{n}"),
        3 => format!("90{n}"),
        4 => format!("0 ({}) {}-{}", n / 10_000_000, n / 10_000 % 1_000, n % 10_000),
        5 => format!("sip:+90{n}@example.com;user=phone"),
        _ => format!("tel:+90-{n}"),
    })
}

/// A user, local number or service string at one of a few hosts.
fn user_at_host() -> impl Strategy<Value = String> {
    "(sip:|SIPS:|)([a-b]{1,2}|[12]{2}|\\*[67]{1,2})@(a|A|b\\.example|B\\.example|10\\.0\\.0\\.1)(:5060|)(;x=1|)"
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => user_at_host(),
        1 => "\\+?0{6,16}",
        8 => turkish(),
        2 => "\\+[1-9][0-9]{6,17}",
        2 => "[0-9]{1,6}",
        1 => "[*#][0-9]{1,3}[*#]?",
        2 => "[a-c.]{1,4}",
        1 => "\\+(999|0)[0-9]{4,8}",
        1 => Just("anonymous".to_owned()),
        1 => "x{120,140}",
        1 => any::<String>(),
    ]
}

/// The plans of the two properties.
fn plans() -> [DialPlan; 2] {
    let plan = DialPlan::new("TR").unwrap();
    [plan.clone(), plan.with_technical_prefix("99#").unwrap()]
}

/// Reports whether it is, as an entry, neither a pattern nor the word of a class that no call is written as.
fn is_no_pattern(text: &String) -> bool {
    plans().iter().all(|plan| plan.pattern(text.as_bytes()).is_none())
        && Class::named(text.as_bytes()).is_none_or(|class| class == Class::Anonymous)
}

fn entry() -> impl Strategy<Value = Entry> {
    let block =
        prop_oneof![Just(90_505_000_u64), 90_505_000_u64..90_505_009, 1_u64..=999_999_999_999_999];
    let count =
        prop_oneof![6 => 1_u64..60, 3 => 200_u64..400, 3 => 1_100_u64..1_500, 1 => Just(10_000)];
    prop_oneof![
        12 => text().prop_filter("a pattern", is_no_pattern).prop_map(Entry::Written),
        2 => (10_u64..=9_999_999_999_999_999_999).prop_map(Entry::Canonical),
        2 => (0_u32..19, -1_i64..=1).prop_map(|(power, by)| {
            Entry::Canonical(10_u64.pow(power).saturating_add_signed(by).max(10))
        }),
        1 => (block, count, 1_u64..30).prop_map(|(block, count, step)| {
            Entry::Block { block, count, step }
        }),
    ]
}

fn lists() -> impl Strategy<Value = Lists> {
    prop::collection::vec(any::<bool>(), 1..=6).prop_flat_map(|allow| {
        let entries = prop::collection::vec((0..allow.len(), entry()), 0..80);
        let strangers = prop::collection::vec(text(), 0..40);
        (Just(allow), entries, strangers).prop_map(|(allow, entries, strangers)| Lists {
            allow,
            entries,
            strangers,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_index_equals_the_model(lists in lists()) {
        index_agrees(&lists, &plans()[0]);
    }

    #[test]
    fn the_reader_equals_the_model(lists in lists()) {
        reader_agrees(&lists, &plans()[1]);
    }
}
