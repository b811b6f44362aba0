//! Many entries at once.

use callbar_store::{
    Applied, Error, Import, ImportEntry, Imported, NewNote, Operation, PlanSpec, Result,
};

use crate::clocked;
use crate::desk::{DOMAIN, Desk, number};

fn import(desk: &Desk, how: &Import, numbers: &[String]) -> Result<Imported> {
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..how.clone() };
    let entry = |(line, number): (u64, &String)| {
        Ok(ImportEntry { line, entry: NewNote { number: number.clone(), ..NewNote::default() } })
    };
    clocked::import(&desk.manager, &import, (1..).zip(numbers).map(entry))
}

#[test]
fn nobody_waits_for_what_is_only_read() {
    let desk = Desk::new();
    let lines = (0..3).map(|i| {
        desk.add("spam", &number(100 + i)).expect("a change meanwhile");
        let entry = NewNote { number: number(i), ..NewNote::default() };
        Ok(ImportEntry { line: i, entry })
    });
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..Import::default() };
    assert_eq!(clocked::import(&desk.manager, &import, lines).unwrap().added, 3);
    assert_eq!(desk.entries("spam"), 6);
}

#[test]
fn patterns_that_are_there_already_take_no_more_room() {
    let desk = Desk::new();
    // 10,000 prefixes each, of 4.2 million that a domain may have.
    let patterns: Vec<String> =
        (0..250).map(|i| format!("+1200{:02}XXXX{}", i / 10, i % 10)).collect();
    assert_eq!(import(&desk, &Import::default(), &patterns).unwrap().added, 250);
    let twice = [&patterns[..], &patterns].concat();
    assert_eq!(import(&desk, &Import::default(), &twice).unwrap().unchanged, 500);
    desk.add("spam", &patterns[0]).expect("there already");
    let others: Vec<String> = patterns.iter().map(|one| one.replace("+1200", "+1201")).collect();
    let error = import(&desk, &Import::default(), &others).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::TooLarge { .. })), "{error}");
}

#[test]
fn what_was_read_by_another_dial_plan_is_not_taken() {
    let desk = Desk::new();
    let lines = (0..2).map(|_| {
        let plan = PlanSpec { region: "DE".into(), ..PlanSpec::default() };
        desk.put_domain(plan).expect("another plan meanwhile");
        let entry = NewNote { number: "0505 004 78 24".into(), ..NewNote::default() };
        Ok(ImportEntry { line: 1, entry })
    });
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..Import::default() };
    let error = clocked::import(&desk.manager, &import, lines).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert_eq!(desk.entries("spam"), 0);
}

#[test]
fn an_import_is_in_force_when_it_returns_and_after_a_restart() {
    let mut desk = Desk::new();
    desk.add("spam", &number(5)).unwrap();
    let numbers: Vec<String> = (0..20_000).map(number).collect();
    let imported = import(&desk, &Import::default(), &numbers).unwrap();
    assert!(imported.done);
    assert_eq!((imported.added, imported.unchanged), (19_999, 1));
    assert!(numbers.iter().step_by(997).all(|number| desk.denies(number)));
    desk.add("spam", &number(99_999)).unwrap();
    desk.restart();
    assert!(desk.manager.health().is_good());
    assert!(desk.denies(&number(19_999)) && desk.denies(&number(99_999)));
    let mut replace = Import { replace: true, ..Import::default() };
    let error = import(&desk, &replace, &numbers[..10]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Engine(callbar::Error::TooFewEntries { before: 20_001, after: 10, .. })
        ),
        "{error}"
    );
    assert!(desk.denies(&number(10)) && desk.entries("spam") == 20_001);
    replace.max_loss = Some(100);
    let imported = import(&desk, &replace, &numbers[..10]).unwrap();
    assert_eq!((imported.added, imported.removed), (10, 20_001));
    assert!(desk.denies(&number(9)) && !desk.denies(&number(10)));
    assert_eq!(desk.index_entries(), 10);
}

#[test]
fn what_cannot_be_on_a_list_stops_all_of_it_or_is_left_out() {
    let desk = Desk::new();
    let numbers: Vec<String> =
        ["05050000001", "5,05E+11", "05050000002", "+90*"].map(str::to_owned).to_vec();
    let imported = import(&desk, &Import::default(), &numbers).unwrap();
    assert!(!imported.done);
    let lines: Vec<u64> = imported.rejected.iter().map(|rejected| rejected.line).collect();
    assert_eq!((lines, imported.rejected_count, imported.added), (vec![2, 4], 2, 0));
    assert_eq!(desk.entries("spam"), 0);
    assert!(!desk.denies("05050000001"));
    let partial = Import { partial: true, ..Import::default() };
    let imported = import(&desk, &partial, &numbers).unwrap();
    assert_eq!((imported.done, imported.added, imported.rejected_count), (true, 2, 2));
    assert!(desk.denies("05050000001"));
}

#[test]
fn a_source_that_fails_leaves_the_list_as_it_was() {
    let desk = Desk::new();
    let broken =
        || Err(Error::Engine(callbar::Error::Corrupt { section: "source", reason: "cut short" }));
    let good = ImportEntry { line: 1, entry: NewNote { number: number(1), ..NewNote::default() } };
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..Import::default() };
    let entries = [Ok(good), broken()];
    clocked::import(&desk.manager, &import, entries).unwrap_err();
    assert_eq!(desk.entries("spam"), 0);
    desk.add("spam", &number(2)).unwrap();
    assert!(desk.denies(&number(2)) && !desk.denies(&number(1)));
}

#[test]
fn patterns_beyond_what_an_index_holds_are_refused_before_anything_is_stored() {
    let desk = Desk::new();
    // 10,000 prefixes each.
    let wildcards: Vec<String> =
        (0..430).map(|i| format!("+1200{:02}XXXX{}", i / 10, i % 10)).collect();
    let refused = |error: &Error| matches!(error, Error::Engine(callbar::Error::TooLarge { .. }));
    let error = import(&desk, &Import::default(), &wildcards).unwrap_err();
    assert!(refused(&error), "{error}");
    assert_eq!(desk.entries("spam"), 0);
    assert!(import(&desk, &Import::default(), &wildcards[..400]).unwrap().done);
    let error = import(&desk, &Import::default(), &wildcards[400..]).unwrap_err();
    assert!(refused(&error), "{error}");
    let replace = Import { replace: true, ..Import::default() };
    assert!(import(&desk, &replace, &wildcards[30..]).unwrap().done, "as many have gone");
    let adds = wildcards[..30].iter().map(|wildcard| desk.add("spam", wildcard));
    let refusals = adds.filter(|added| added.as_ref().is_err_and(refused)).count();
    assert!((5..=20).contains(&refusals), "{refusals}");
    desk.add("spam", &number(1)).unwrap();
    assert!(desk.denies(&number(1)) && desk.manager.health().is_good());
}

#[test]
fn long_texts_are_refused() {
    let desk = Desk::new();
    let long = format!("tel:+905050047824;x={}", "y".repeat(1024));
    let error = desk.add("spam", &long).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
    let imported = import(&desk, &Import::default(), std::slice::from_ref(&long)).unwrap();
    assert_eq!((imported.done, imported.rejected_count), (false, 1));
    let description = "y".repeat(1025);
    let error = desk.put_list("spam", description).unwrap_err();
    assert!(
        matches!(error, Error::Engine(callbar::Error::InvalidName { what: "description", .. })),
        "{error}"
    );
}

#[test]
fn what_a_file_does_not_say_of_an_entry_that_is_there_stays() {
    let desk = Desk::new();
    let noted = |number: &str, expires| {
        let (number, reason) = (number.to_owned(), Some("fraud".to_owned()));
        let entry = NewNote { number, reason, expires, ..NewNote::default() };
        let (domain, list) = (DOMAIN.to_owned(), "spam".to_owned());
        desk.apply(Operation::Add { domain, list, entry, make_list: false }).unwrap()
    };
    let id = |applied: &[Applied]| match applied {
        [Applied::Entry { id, .. }] => *id,
        other => panic!("no entry: {other:?}"),
    };
    let kept = noted("0505 000 00 01", None);
    let expired = noted("0505 000 00 02", Some(desk.now() + 10));
    desk.pass(10);
    let numbers = ["+905050000001", "+905050000002"].map(str::to_owned);
    let imported = import(&desk, &Import::default(), &numbers).unwrap();
    assert_eq!((imported.added, imported.replaced, imported.unchanged), (1, 0, 1));
    let entry = |number| desk.manager.entry(DOMAIN, "spam", number).unwrap().expect("there");
    let first = entry("05050000001");
    assert_eq!((first.number.as_str(), first.reason.as_deref()), ("0505 000 00 01", Some("fraud")));
    assert_eq!(Some(first.id), id(&kept));
    let second = entry("05050000002");
    assert_eq!((second.number.as_str(), second.reason), ("+905050000002", None));
    assert_eq!(second.created, desk.now());
    assert_ne!(Some(second.id), id(&expired));
    assert!(numbers.iter().all(|number| desk.denies(number)));
}
