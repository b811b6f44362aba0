//! A base and its compilation: a single index, by the system's clock.

use callbar::{Compiler, DialPlan, E164, Index, WrittenEntry};

use super::answer::{Answer, NAMES};
use super::generate::{DOMAINS, START};
use super::judge::judge;
use super::model::{Base, Domain, bulk};

/// The bytes of a base, and the model of it.
pub(crate) fn compile(domain: usize, base: &Base) -> (Vec<u8>, Domain) {
    let (name, region) = DOMAINS[domain];
    let plan = DialPlan::new(region).unwrap();
    let (model, expected) = Domain::compiled(name, &plan, base);
    let mut compiler = Compiler::new(name, plan).unwrap();
    compiler.set_settings(base.settings.clone()).unwrap();
    let mut refused = Vec::new();
    for (place, &(list, action, response)) in base.lists.iter().enumerate() {
        let mut compiled = compiler.list(list, action).unwrap();
        compiled.set_response(response);
        if base.is_large && place == 0 {
            let numbers: Vec<_> = bulk(0).map(|number| E164::new(number).unwrap()).collect();
            compiled.extend_e164(&numbers);
        }
        let lines = base.entries.iter().enumerate();
        let entries =
            lines.filter(|(_, (to, ..))| base.list(*to) == place).map(|(line, (_, text, note))| {
                WrittenEntry::from(text).at_line(line as u64).with_note(*note)
            });
        let rejected = compiled.extend(entries);
        refused.extend(rejected.iter().map(|rejected| usize::try_from(rejected.line).unwrap()));
    }
    refused.sort_unstable();
    assert_eq!(refused, expected, "what is refused");
    let made = compiler.finish().unwrap();
    for (summary, list) in made.summary.lists.iter().zip(&model.lists) {
        assert_eq!((summary.name.as_str(), summary.action), (list.name, list.action));
        assert_eq!(summary.entries, list.entries.len() as u64);
    }
    (made.bytes, model)
}

/// Asks an index of a base and the model.
pub(crate) fn agrees(base: &Base, questions: &[String]) {
    // The clock of an index is the system's: what expires has done so long ago, or will not soon.
    let mut base = base.clone();
    for (_, _, note) in &mut base.entries {
        let sooner_or_later =
            |expires: u64| if expires < START + 6 { 1 + expires % 2 } else { 1 << 40 };
        note.expires = note.expires.map(sooner_or_later);
    }
    let (bytes, model) = compile(0, &base);
    let index = Index::open(bytes).unwrap();
    let domains = [model];
    for text in questions {
        let on = NAMES.map(|list| index.check_list(list, text));
        let verdict = index.check(text);
        let answer = Answer::new(&index.explain(text), &verdict, on, index.lists_of(text));
        assert_eq!(answer, judge(&domains, domains[0].name, text, START), "{text:?}");
    }
    let mut verdicts = vec![callbar::Verdict::Pass; questions.len()];
    index.check_batch(questions, &mut verdicts);
    for (text, verdict) in questions.iter().zip(&verdicts) {
        assert_eq!(*verdict, index.check(text), "{text:?}");
    }
}
