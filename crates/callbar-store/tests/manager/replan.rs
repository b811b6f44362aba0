//! Prevents: entries lost or half moved when a domain gets another dial plan.

use callbar_store::{Error, PlanSpec};

use crate::desk::{DOMAIN, Desk};

fn region(region: &str) -> PlanSpec {
    PlanSpec { region: region.into(), ..PlanSpec::default() }
}

/// What the list `spam` holds: what each entry is filed under, and its number as written.
fn filed(desk: &Desk) -> Vec<(String, String)> {
    let filed = desk.manager.store().read(|reader| {
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
    let desk = Desk::new();
    let before = PlanSpec { international_prefixes: vec!["8810".into()], ..region("DE") };
    desk.put_domain(before).unwrap();
    for number in ["0505 004 78 24", "8810 905050047824"] {
        desk.add("spam", number).unwrap();
    }
    let keys: Vec<_> = filed(&desk).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["+495050047824", "+905050047824"]);
    desk.put_domain(region("TR")).unwrap();
    let after = filed(&desk);
    assert!(after.contains(&("+905050047824".into(), "0505 004 78 24".into())), "{after:?}");
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(after.iter().any(|(_, number)| number == "8810 905050047824"), "{after:?}");
    assert_eq!(desk.index_entries(), 2);
}

#[test]
fn a_plan_that_cannot_read_an_entry_changes_nothing() {
    let mut desk = Desk::new();
    desk.add("spam", "0505 004 78 24").unwrap();
    desk.add("spam", "336*").unwrap();
    let before = filed(&desk);
    for _ in 0..2 {
        let error = desk.put_domain(region("FR")).unwrap_err();
        assert!(matches!(error, Error::Engine(callbar::Error::InvalidEntry { .. })), "{error}");
        assert_eq!(filed(&desk), before);
        assert!(desk.denies("05050047824") && desk.manager.health().is_good());
    }
    desk.restart();
    assert!(desk.denies("05050047824") && desk.manager.health().is_good());
}
