//! Prevents: entries lost or half moved when a domain gets another dial plan.

use callbar::PlanSpec;
use callbar_store::Error;

use crate::fixture::{DOMAIN, TestManager};

/// What the list `spam` holds: what each entry is filed under, and its number as written.
fn filed(test: &TestManager) -> Vec<(String, String)> {
    let filed = test.manager.store().read(|reader| {
        let domain = reader.domain(DOMAIN)?.expect("the domain");
        let list = reader.list(domain.row, "spam")?.expect("the list");
        let mut filed = Vec::new();
        reader.each_by_key(list.row, |entry| {
            filed.push((entry.key.to_owned(), entry.number.to_owned()));
            Ok(())
        })?;
        Ok(filed)
    });
    filed.expect("the store")
}

#[test]
fn an_entry_may_move_to_where_another_was() {
    let test = TestManager::new();
    let before = PlanSpec { international_prefixes: vec!["8810".into()], ..PlanSpec::new("DE") };
    test.put_domain(before).unwrap();
    for number in ["0505 004 78 24", "8810 905050047824"] {
        test.add("spam", number).unwrap();
    }
    let keys: Vec<_> = filed(&test).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["+495050047824", "+905050047824"]);
    test.put_domain(PlanSpec::new("TR")).unwrap();
    let after = filed(&test);
    assert!(after.contains(&("+905050047824".into(), "0505 004 78 24".into())), "{after:?}");
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(after.iter().any(|(_, number)| number == "8810 905050047824"), "{after:?}");
    assert_eq!(test.index_entries(), 2);
}

#[test]
fn a_plan_that_cannot_read_an_entry_changes_nothing() {
    let mut test = TestManager::new();
    test.add("spam", "0505 004 78 24").unwrap();
    test.add("spam", "336*").unwrap();
    let before = filed(&test);
    for _ in 0..2 {
        let error = test.put_domain(PlanSpec::new("FR")).unwrap_err();
        assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
        assert_eq!(filed(&test), before);
        assert!(test.denies("05050047824") && test.manager.health().is_good());
    }
    test.restart();
    assert!(test.denies("05050047824") && test.manager.health().is_good());
}
