//! Any entries on any lists: the index answers every question as a map would.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Arbitrary;
use callbar::{Action, Compiler, DialPlan, E164, Index, Number, Verdict, Written};
use libfuzzer_sys::fuzz_target;
use rayon::prelude::*;

#[derive(Arbitrary, Debug)]
struct Input {
    /// One to eight lists; `true` is an allow list.
    allow: [bool; 8],
    lists: u8,
    entries: Vec<(u8, Entry)>,
    strangers: Vec<Entry>,
}

#[derive(Arbitrary, Debug)]
enum Entry {
    Text(Vec<u8>),
    Number(u64),
    /// Many numbers of one block.
    Run {
        block: u32,
        count: u16,
        step: u8,
    },
}

impl Entry {
    fn numbers(&self, plan: &DialPlan) -> Vec<Number> {
        let canonical: Vec<u64> = match *self {
            Self::Text(ref text) => return vec![plan.entry(text)],
            Self::Number(number) => vec![number],
            Self::Run { block, count, step } => (0..u64::from(count) % 2_000)
                .map(|i| u64::from(block) * 10_000 + i * u64::from(step) % 10_000)
                .collect(),
        };
        canonical.into_iter().filter_map(E164::new).map(Number::E164).collect()
    }
}

/// A number that has an order.
fn key(number: &Number) -> String {
    format!("{number:?}")
}

fuzz_target!(|input: Input| {
    let plan = DialPlan::new("TR").unwrap();
    let allow = &input.allow[..=usize::from(input.lists % 8)];
    let mut compiler = Compiler::new("my.example", plan.clone()).unwrap();
    let action = |&allow: &bool| if allow { Action::Allow } else { Action::Deny };
    let named = allow.iter().enumerate();
    let ids: Vec<_> =
        named.map(|(i, allow)| compiler.list(&i.to_string(), action(allow)).unwrap()).collect();

    let mut model: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (list, entry) in &input.entries {
        let list = usize::from(*list) % ids.len();
        let numbers = entry.numbers(&plan);
        if let Entry::Text(text) = entry {
            let rejected = compiler.extend(ids[list], [Written { line: 1, text }].into_par_iter());
            let refused = matches!(numbers[0], Number::Anonymous | Number::Invalid(_));
            assert_eq!(!rejected.is_empty(), refused);
            if refused {
                continue;
            }
        } else {
            let canonical = numbers.iter().filter_map(|number| match number {
                Number::E164(number) => Some(*number),
                _ => None,
            });
            compiler.extend_e164(ids[list], canonical);
        }
        for number in &numbers {
            model.entry(key(number)).or_default().insert(list);
        }
    }

    let compiled = compiler.finish().unwrap();
    assert_eq!(compiled.summary.numbers, model.len() as u64);
    let index = Index::open(&compiled.bytes[..]).unwrap();
    let asked = input.entries.iter().map(|(_, entry)| entry).chain(&input.strangers);
    for number in asked.flat_map(|entry| entry.numbers(&plan)) {
        let expected = model.get(&key(&number)).cloned().unwrap_or_default();
        let found: BTreeSet<usize> =
            index.lists_of_number(&number).map(|list| list.name.parse().unwrap()).collect();
        assert_eq!(found, expected);
        let deciding = expected.iter().copied().find(|&list| allow[list]);
        let deciding = deciding.or(expected.first().copied()).map(|list| list.to_string());
        let verdict = index.check_number(&number);
        let by = match &verdict {
            Verdict::Pass => None,
            Verdict::Allow(by) | Verdict::Deny(by) => Some(by.list.name.clone()),
        };
        assert_eq!(by, deciding);
    }
});
