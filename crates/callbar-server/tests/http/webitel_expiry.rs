//! Prevents: a client of Webitel's blacklists that stops at a page which what has expired has left short,
//! or sees a list of which nothing is left.

use callbar::Note;
use callbar_store::{NewEntry, Operation};
use serde_json::json;

use crate::clocked_server::{ClockedServer, DOMAIN, NOW};
use crate::webitel::Caller;

/// Puts a number on a list of [`DOMAIN`], made then and perhaps expiring.
fn add_expiring(server: &ClockedServer, list: &str, number: &str, made: u64, expires: Option<u64>) {
    let entry = NewEntry {
        note: Note { created: Some(made), expires, ..Note::default() }.into(),
        ..NewEntry::new(number)
    };
    let (domain, list) = (DOMAIN.to_owned(), list.to_owned());
    server.apply(Operation::Add { domain, list, entry, make_list: true });
}

#[test]
fn pages_are_full_until_the_list_ends_whatever_has_expired() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    let number = |at: u64| format!("+3805000{at:05}");
    // Of each five, the first three are gone; the newest list comes first.
    for list in ["x", "y"] {
        server.set_clock((NOW + u64::from(list == "y")) * 1_000);
        for at in 0..50 {
            let expires = (at % 5 < 3).then_some(NOW + 500);
            add_expiring(&server, list, &number(at), NOW + at, expires);
        }
    }
    server.set_clock((NOW + 1_000) * 1_000);
    let live: Vec<String> = (0..50).filter(|at| at % 5 >= 3).map(number).collect();
    let down: Vec<String> = live.iter().rev().cloned().collect();
    let paged = |ask: &dyn Fn(u64) -> Vec<String>| {
        let mut all = Vec::new();
        for page in 1.. {
            let numbers = ask(page);
            assert!(numbers.len() == 7 || all.len() + numbers.len() == live.len(), "page {page}");
            all.extend(numbers);
            if all.len() == live.len() {
                assert_eq!(ask(page + 1), [""; 0]);
                return all;
            }
        }
        all
    };
    let asked = |order: &str| {
        paged(&|page| caller.numbers(&format!("/x?limit=7&page={page}&order={order}")))
    };
    assert_eq!(asked("_id&orderValue=1"), live);
    assert_eq!(asked("_id"), down);
    assert_eq!(asked("number&orderValue=1"), live);
    let by_prefix = paged(&|page| {
        let filter = r#""filter":{"name":"x","number":{"$regex":"^\\+38"}}"#;
        caller.search(&format!("{{{filter},\"limit\":7,\"pageNumber\":{page}}}"))
    });
    assert_eq!(by_prefix, live);
    // List after list.
    let both: Vec<String> = (1..=4)
        .flat_map(|page| caller.search(&format!("{{\"limit\":15,\"pageNumber\":{page}}}")))
        .collect();
    assert_eq!(both, [&down[..], &down].concat());
    assert_eq!(caller.ask("DELETE", "/x", "").status_and_json(), (200, json!({"ok": 1, "n": 20})));
}

#[test]
fn a_list_goes_with_its_last_number_that_exists() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    for list in ["x", "y"] {
        add_expiring(&server, list, "911", NOW, Some(NOW + 10));
    }
    add_expiring(&server, "x", "912", NOW, None);
    server.set_clock((NOW + 10) * 1_000);
    assert_eq!(caller.ask("GET", "", "").json(), json!([{"name": "x"}]), "the other is empty");
    assert_eq!(
        caller.ask("DELETE", "/x/912", "").status_and_json(),
        (200, json!({"ok": 1, "n": 1}))
    );
    assert_eq!(caller.ask("GET", "", "").json(), json!([]));
    let lists = server.manager.store().read(|reader| {
        let domain = reader.domain(DOMAIN)?.unwrap();
        reader.lists(domain.row)
    });
    let names: Vec<String> = lists.unwrap().into_iter().map(|list| list.name).collect();
    assert_eq!(names, ["y"], "with what had expired on it");
}

#[test]
fn an_id_is_found_on_the_list_that_is_named() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    let id = "57fe0795b1f8e9ca1f8b4567";
    for list in ["x", "y"] {
        server.add_at(list, "911", NOW, Some(id));
    }
    for list in ["x", "y"] {
        let found = caller.search(&format!(r#"{{"filter":{{"_id":"{id}","name":"{list}"}}}}"#));
        assert_eq!(found, ["911"], "{list}");
    }
    assert_eq!(caller.search(&format!(r#"{{"filter":{{"_id":"{id}"}}}}"#)), ["911", "911"]);
}
