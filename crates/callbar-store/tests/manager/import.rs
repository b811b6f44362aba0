//! Prevents: an import that stores or puts into force only a part of what it acknowledged.

use callbar::{Note, PlanSpec};
use callbar_store::{Applied, Error, Import, ImportEntry, Imported, NewEntry, Result, StoredEntry};

use crate::clocked;
use crate::fixture::{DOMAIN, TestManager, number};

fn import(test: &TestManager, how: &Import, numbers: &[String]) -> Result<Imported> {
    let import = Import { domain: DOMAIN.into(), list: "spam".into(), ..how.clone() };
    let entry = |(line, number): (u64, &String)| Ok(ImportEntry::new(line, number));
    clocked::import(&test.manager, &import, (1..).zip(numbers).map(entry))
}

#[test]
fn nobody_waits_for_what_is_only_read() {
    let test = TestManager::new();
    let lines = (0..3).map(|i| {
        test.add("spam", &number(100 + i)).expect("a change meanwhile");
        Ok(ImportEntry::new(i, number(i)))
    });
    let import = Import::new(DOMAIN, "spam");
    assert_eq!(clocked::import(&test.manager, &import, lines).unwrap().added, 3);
    assert_eq!(test.entries("spam"), 6);
}

#[test]
fn patterns_that_are_there_already_take_no_more_room() {
    let test = TestManager::new();
    // 10,000 prefixes each, of 4.2 million that a domain may have.
    let patterns: Vec<String> =
        (0..250).map(|i| format!("+1200{:02}XXXX{}", i / 10, i % 10)).collect();
    assert_eq!(import(&test, &Import::default(), &patterns).unwrap().added, 250);
    let twice = [&patterns[..], &patterns].concat();
    assert_eq!(import(&test, &Import::default(), &twice).unwrap().unchanged, 500);
    test.add("spam", &patterns[0]).expect("there already");
    let others: Vec<String> = patterns.iter().map(|one| one.replace("+1200", "+1201")).collect();
    let error = import(&test, &Import::default(), &others).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::TooLarge { .. })), "{error}");
}

#[test]
fn what_was_read_by_another_dial_plan_is_not_taken() {
    let test = TestManager::new();
    let lines = (0..2).map(|_| {
        test.put_domain(PlanSpec::new("DE")).expect("another plan meanwhile");
        Ok(ImportEntry::new(1, "0505 004 78 24"))
    });
    let import = Import::new(DOMAIN, "spam");
    let error = clocked::import(&test.manager, &import, lines).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert_eq!(test.entries("spam"), 0);
}

#[test]
fn an_import_is_in_force_when_it_returns_and_after_a_restart() {
    let mut test = TestManager::new();
    test.add("spam", &number(5)).unwrap();
    let numbers: Vec<String> = (0..20_000).map(number).collect();
    let imported = import(&test, &Import::default(), &numbers).unwrap();
    assert!(imported.done);
    assert_eq!((imported.added, imported.unchanged), (19_999, 1));
    assert!(numbers.iter().step_by(997).all(|number| test.denies(number)));
    test.add("spam", &number(99_999)).unwrap();
    test.restart();
    assert!(test.manager.health().is_good());
    assert!(test.denies(&number(19_999)) && test.denies(&number(99_999)));
    let mut replace = Import { replace: true, ..Import::default() };
    let error = import(&test, &replace, &numbers[..10]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Engine(callbar::Error::TooFewEntries { before: 20_001, after: 10, .. })
        ),
        "{error}"
    );
    assert!(test.denies(&number(10)) && test.entries("spam") == 20_001);
    replace.max_loss = Some(100);
    let imported = import(&test, &replace, &numbers[..10]).unwrap();
    assert_eq!((imported.added, imported.removed), (10, 20_001));
    assert!(test.denies(&number(9)) && !test.denies(&number(10)));
    assert_eq!(test.index_entries(), 10);
}

#[test]
fn what_cannot_be_on_a_list_stops_all_of_it_or_is_left_out() {
    let test = TestManager::new();
    let numbers: Vec<String> =
        ["05050000001", "5,05E+11", "05050000002", "+90*"].map(str::to_owned).to_vec();
    let imported = import(&test, &Import::default(), &numbers).unwrap();
    assert!(!imported.done);
    let lines: Vec<u64> = imported.rejected.iter().map(|rejected| rejected.line).collect();
    assert_eq!((lines, imported.rejected_count, imported.added), (vec![2, 4], 2, 0));
    assert_eq!(test.entries("spam"), 0);
    assert!(!test.denies("05050000001"));
    let partial = Import { partial: true, ..Import::default() };
    let imported = import(&test, &partial, &numbers).unwrap();
    assert_eq!((imported.done, imported.added, imported.rejected_count), (true, 2, 2));
    assert!(test.denies("05050000001"));
}

#[test]
fn a_source_that_fails_leaves_the_list_as_it_was() {
    let test = TestManager::new();
    let broken =
        || Err(Error::Engine(callbar::Error::Corrupt { section: "source", reason: "cut short" }));
    let good = ImportEntry::new(1, number(1));
    let import = Import::new(DOMAIN, "spam");
    let entries = [Ok(good), broken()];
    clocked::import(&test.manager, &import, entries).unwrap_err();
    assert_eq!(test.entries("spam"), 0);
    test.add("spam", &number(2)).unwrap();
    assert!(test.denies(&number(2)) && !test.denies(&number(1)));
}

#[test]
fn patterns_beyond_what_an_index_holds_are_refused_before_anything_is_stored() {
    let test = TestManager::new();
    // 10,000 prefixes each.
    let wildcards: Vec<String> =
        (0..430).map(|i| format!("+1200{:02}XXXX{}", i / 10, i % 10)).collect();
    let refused = |error: &Error| matches!(error, Error::Engine(callbar::Error::TooLarge { .. }));
    let error = import(&test, &Import::default(), &wildcards).unwrap_err();
    assert!(refused(&error), "{error}");
    assert_eq!(test.entries("spam"), 0);
    assert!(import(&test, &Import::default(), &wildcards[..400]).unwrap().done);
    let error = import(&test, &Import::default(), &wildcards[400..]).unwrap_err();
    assert!(refused(&error), "{error}");
    let replace = Import { replace: true, ..Import::default() };
    assert!(import(&test, &replace, &wildcards[30..]).unwrap().done, "as many have gone");
    let adds = wildcards[..30].iter().map(|wildcard| test.add("spam", wildcard));
    let refusals = adds.filter(|added| added.as_ref().is_err_and(refused)).count();
    assert!((5..=20).contains(&refusals), "{refusals}");
    test.add("spam", &number(1)).unwrap();
    assert!(test.denies(&number(1)) && test.manager.health().is_good());
}

#[test]
fn long_texts_are_refused() {
    let test = TestManager::new();
    let long = format!("tel:+905050047824;x={}", "y".repeat(1024));
    let error = test.add("spam", &long).unwrap_err();
    assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
    let imported = import(&test, &Import::default(), std::slice::from_ref(&long)).unwrap();
    assert_eq!((imported.done, imported.rejected_count), (false, 1));
    let description = "y".repeat(1025);
    let error = test.put_list("spam", description).unwrap_err();
    assert!(matches!(error, Error::InvalidText { what: "description", .. }), "{error}");
}

#[test]
fn what_a_file_does_not_say_of_an_entry_that_is_there_stays() {
    let test = TestManager::new();
    let noted = |number: &str, expires| {
        let note = Note { reason: Some("fraud"), expires, ..Note::default() };
        test.add_entry("spam", NewEntry::new(number).with_note(note)).unwrap()
    };
    let id = |applied: &[Applied]| match applied {
        [Applied::Entry { entry, .. }] => entry.as_ref().map(StoredEntry::id),
        other => panic!("no entry: {other:?}"),
    };
    let kept = noted("0505 000 00 01", None);
    let expired = noted("0505 000 00 02", Some(test.now() + 10));
    test.pass(10);
    let numbers = ["+905050000001", "+905050000002"].map(str::to_owned);
    let imported = import(&test, &Import::default(), &numbers).unwrap();
    assert_eq!((imported.added, imported.replaced, imported.unchanged), (1, 0, 1));
    let entry = |number| test.manager.entry(DOMAIN, "spam", number).unwrap().expect("there");
    let first = entry("05050000001");
    assert_eq!(
        (first.number.as_str(), first.note.reason.as_deref()),
        ("0505 000 00 01", Some("fraud"))
    );
    assert_eq!(Some(first.id()), id(&kept));
    let second = entry("05050000002");
    assert_eq!((second.number.as_str(), second.note.reason.as_deref()), ("+905050000002", None));
    assert_eq!(second.place().created, test.now());
    assert_ne!(Some(second.id()), id(&expired));
    assert!(numbers.iter().all(|number| test.denies(number)));
}
