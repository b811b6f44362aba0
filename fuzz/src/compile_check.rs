//! Any entries on any lists: the index answers every question as a scan of the lists would.

#[path = "../../tests/rules/entry.rs"]
mod entry;

use std::cmp::Reverse;

use arbitrary::Arbitrary;
use callbar::{Action, Compiler, DialPlan, E164, Index, Number};
use entry::{Asked, Entry};

#[derive(Arbitrary, Debug)]
pub(crate) struct Input {
    /// One to eight lists; `true` is an allow list.
    allow: [bool; 8],
    lists: u8,
    entries: Vec<(u8, Given)>,
    strangers: Vec<Given>,
}

/// What is put on a list, or asked about.
#[derive(Arbitrary, Debug)]
enum Given {
    Text(String),
    Number(u64),
    /// Many numbers of one block.
    Run {
        block: u32,
        count: u16,
        step: u8,
    },
}

impl Given {
    fn canonical(&self) -> Vec<E164> {
        let numbers: Vec<u64> = match *self {
            Self::Text(_) => Vec::new(),
            Self::Number(number) => vec![number],
            Self::Run { block, count, step } => (0..u64::from(count) % 500)
                .map(|i| u64::from(block) * 10_000 + i * u64::from(step) % 10_000)
                .collect(),
        };
        numbers.into_iter().filter_map(|number| E164::new(number).ok()).collect()
    }

    /// The numbers that are asked about.
    fn asked(&self, plan: &DialPlan) -> Vec<Number> {
        match self {
            Self::Text(text) => vec![plan.number(text.as_bytes())],
            _ => self.canonical().into_iter().map(Number::E164).step_by(17).collect(),
        }
    }
}

pub(crate) fn run(input: &Input) {
    let plan = DialPlan::new("TR").unwrap();
    let allow = &input.allow[..=usize::from(input.lists % 8)];
    let mut compiler = Compiler::new("my.example", plan.clone()).unwrap();
    let action = |&allow: &bool| if allow { Action::Allow } else { Action::Deny };
    for (list, allow) in allow.iter().enumerate() {
        compiler.list(&list.to_string(), action(allow)).unwrap();
    }

    let mut model: Vec<(usize, Entry)> = Vec::new();
    for (list, given) in &input.entries {
        let list = usize::from(*list) % allow.len();
        let mut filled = compiler.list(&list.to_string(), action(&allow[list])).unwrap();
        if let Given::Text(text) = given {
            let rejected = filled.extend([text]);
            let read = Entry::read(&plan, text, allow[list]);
            assert_eq!(rejected.is_empty(), read.is_some(), "{text:?}");
            model.extend(read.map(|entry| (list, entry)));
        } else {
            filled.extend_e164(&given.canonical());
            let numbers = given.canonical().into_iter().map(Number::E164);
            model.extend(numbers.map(|number| (list, Entry::Exact(number))));
        }
    }

    let made = compiler.finish().unwrap();
    let index = Index::open(&made.bytes[..]).unwrap();
    let asked = input.entries.iter().map(|(_, given)| given).chain(&input.strangers);
    for number in asked.flat_map(|given| given.asked(&plan)) {
        let asked = Asked::about(&plan, number);
        let held: Vec<_> = model
            .iter()
            .filter_map(|(list, entry)| Some((entry.holds(&asked)?, *list, entry)))
            .collect();
        let on: Vec<usize> =
            (0..allow.len()).filter(|list| held.iter().any(|(_, held, _)| held == list)).collect();
        let lists = index.lists_of_number(&asked.number);
        let found: Vec<usize> = lists.map(|list| list.name.parse().unwrap()).collect();
        assert_eq!(found, on, "{:?}", asked.number);
        // The longest, then allow, then the older list, then the lesser text.
        let first = held.iter().max_by_key(|(length, list, entry)| {
            (*length, allow[*list], Reverse(*list), Reverse(entry.text()))
        });
        let verdict = index.check_number(&asked.number);
        let is_emergency = plan.is_emergency(&asked.number);
        let expected = first.filter(|(_, list, _)| allow[*list] || !is_emergency);
        let expected = expected.map(|(_, list, entry)| (*list, entry.text(), entry.kind()));
        let by = verdict.decided_by();
        let by =
            by.map(|by| (by.list.name.parse().unwrap(), by.entry.to_string(), by.entry.kind()));
        assert_eq!(by, expected, "{:?}", asked.number);
    }
}
