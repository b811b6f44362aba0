//! Prevents: keys, lists and searches that do for a client of Webitel's blacklists what its document does
//! not let it expect.

use callbar::{Action, Note, Response};
use callbar_store::{CredentialKind, NewEntry, Operation, Role};
use serde_json::json;

use crate::clocked_server::{Answer, ClockedServer, DOMAIN, NOW};
use crate::webitel_document::{as_in_the_document, token_of};

/// A client with a key that was made for it.
pub(crate) struct Caller<'d> {
    server: &'d ClockedServer,
    token: String,
    key: String,
}

impl<'d> Caller<'d> {
    fn new(
        server: &'d ClockedServer,
        domain: Option<&str>,
        list: Option<&str>,
        role: Role,
    ) -> Self {
        let issued = server.key(CredentialKind::Webitel, domain, list, role);
        Self { server, token: issued.token.unwrap(), key: issued.key.unwrap() }
    }

    pub(crate) fn editor(server: &'d ClockedServer) -> Self {
        Self::new(server, Some(DOMAIN), None, Role::Editor)
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: impl Into<axum::body::Body>,
    ) -> Answer {
        let headers = [("X-Access-Token", self.token.as_str()), ("X-Key", self.key.as_str())];
        self.server.ask(method, &format!("/api/v2/routes/blacklists{path}"), &headers, body)
    }

    pub(crate) fn numbers(&self, path: &str) -> Vec<String> {
        numbers(&self.ask("GET", path, ""))
    }

    pub(crate) fn search(&self, body: &str) -> Vec<String> {
        numbers(&self.ask("POST", "/searches", body.to_owned()))
    }
}

fn numbers(answer: &Answer) -> Vec<String> {
    let found = answer.json();
    let found = found.as_array().unwrap_or_else(|| panic!("no array: {}", answer.body));
    found.iter().map(|entry| entry["number"].as_str().unwrap().to_owned()).collect()
}

fn refused(answer: &Answer) -> (u16, String) {
    let (status, body) = answer.status_and_json();
    assert_eq!(body["status"], "error");
    (status, body["info"].as_str().unwrap().to_owned())
}

#[test]
fn roles_read_create_and_delete_whatever_the_acl_of_the_token_says() {
    let server = ClockedServer::new();
    as_in_the_document(&server);
    let reader = Caller::new(&server, Some(DOMAIN), None, Role::Reader);
    let denied = (403, "Permission denied!".to_owned());
    assert_eq!(reader.ask("GET", "", "").status, 200);
    assert_eq!(reader.ask("GET", "/my_list2", "").status, 200);
    assert_eq!(reader.ask("GET", "/my_list2/911", "").status, 200);
    assert_eq!(reader.ask("POST", "/searches", "{}").status, 200);
    assert_eq!(refused(&reader.ask("POST", "/my_list2", r#"{"number":"1"}"#)), denied);
    assert_eq!(refused(&reader.ask("DELETE", "/my_list2", "")), denied);
    assert_eq!(refused(&reader.ask("DELETE", "/my_list2/911", "")), denied);
    // What the token says of itself changes nothing.
    let claims = r#"{"exp":9999999999999,"acl":{"blacklist":["*"]}}"#;
    let token = token_of(&server, r#"{"typ":"JWT","alg":"HS256"}"#, claims);
    let reader = Caller { token, ..reader };
    assert_eq!(refused(&reader.ask("DELETE", "/my_list2", "")), denied);
}

#[test]
fn a_key_sees_its_own_domain_and_nothing_is_read_across_domains() {
    let server = ClockedServer::new();
    server.domain("other.example");
    as_in_the_document(&server);
    let own = Caller::editor(&server);
    let denied = (403, "Permission denied!".to_owned());
    assert_eq!(refused(&own.ask("GET", "?domain=other.example", "")), denied);
    assert_eq!(refused(&own.ask("POST", "/x?domain=other.example", "{}")), denied);
    assert_eq!(refused(&own.ask("POST", "/searches?domain=other.example", "{}")), denied);
    assert_eq!(own.numbers("/my_list2"), ["0000", "911"], "its own without being named");
    assert_eq!(own.numbers("/my_list2?domain=MY.webitel.com"), ["0000", "911"]);
    assert_eq!(own.search(r#"{"filter":{"domain":"other.example"}}"#), [""; 0]);
    let global = Caller::new(&server, None, None, Role::Admin);
    let required = (400, "Domain is required.".to_owned());
    for (method, path, body) in [
        ("GET", "", ""),
        ("GET", "?domain=", ""),
        ("GET", "/my_list2", ""),
        ("GET", "/my_list2/911", ""),
        ("DELETE", "/my_list2", ""),
        ("DELETE", "/my_list2/911", ""),
        ("POST", "/searches", "{}"),
    ] {
        assert_eq!(refused(&global.ask(method, path, body)), required, "{method} {path}");
    }
    let info = "Bad request: domain, name or number is required.".to_owned();
    assert_eq!(refused(&global.ask("POST", "/x", r#"{"number":"1"}"#)), (400, info));
    assert_eq!(global.numbers("/my_list2?domain=my.webitel.com"), ["0000", "911"]);
    assert_eq!(global.numbers("/my_list2?domain=other.example"), [""; 0]);
    assert_eq!(global.numbers("/my_list2?domain=nobody.example"), [""; 0]);
    assert_eq!(refused(&global.ask("GET", "?domain=a&domain=b", "")).0, 400);
}

#[test]
fn a_key_of_one_list_sees_that_list() {
    let server = ClockedServer::new();
    as_in_the_document(&server);
    let caller = Caller::new(&server, Some(DOMAIN), Some("my_list1"), Role::Editor);
    assert_eq!(caller.ask("GET", "", "").json(), json!([{"name": "my_list1"}]));
    assert_eq!(caller.ask("GET", "/my_list2", "").status, 403);
    assert_eq!(caller.search("{}"), ["+905050047824"]);
    assert_eq!(caller.search(r#"{"filter":{"name":"my_list2"}}"#), [""; 0]);
}

#[test]
fn a_wrong_request_is_refused_with_its_reason() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    let missing = (400, "Bad request: domain, name or number is required.".to_owned());
    for body in ["", "{}", r#"{"number":""}"#, r#"{"number":null}"#, r#"{"number":0}"#] {
        assert_eq!(refused(&caller.ask("POST", "/x", body)), missing, "{body}");
    }
    for body in
        ["{", r#"{"number":"#, "number=1", "[1]", r#"{"number":1.5}"#, r#"{"number":"5,05E+11"}"#]
    {
        assert_eq!(refused(&caller.ask("POST", "/x", body)).0, 400, "{body}");
    }
    let bad_utf8 = b"{\"number\":\"911\",\"note\":\"\xff\"}".to_vec();
    assert_eq!(refused(&caller.ask("POST", "/x", bad_utf8)).0, 400);
    assert_eq!(refused(&caller.ask("GET", "/%ff", "")).0, 400);
    // A whole calling code is not barred by one pattern.
    assert_eq!(refused(&caller.ask("POST", "/x", r#"{"number":"+90*"}"#)).0, 400);
    assert_eq!(caller.ask("GET", "", "").json(), json!([]), "nothing came of it");
    for (method, path) in [("PUT", "/x"), ("PATCH", "/x/1"), ("POST", ""), ("POST", "/x/1")] {
        assert_eq!(refused(&caller.ask(method, path, "")).0, 404, "{method} {path}");
    }
    for path in ["/api/v2/routes/blacklist", "/api/v2/x", "/engine/api/v2/routes/blacklists/a/b/c"]
    {
        assert_eq!(refused(&server.ask("GET", path, &[], "")), (404, format!("{path} not found.")));
    }
    let large = format!("{{\"number\":\"{}\"}}", "1".repeat(2 << 20));
    assert_eq!(refused(&caller.ask("POST", "/x", large)).0, 413);
}

#[test]
fn a_list_comes_with_its_first_number_and_goes_with_its_last() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    let name = "/my%20list%2F1";
    assert_eq!(caller.ask("POST", name, r#"{"number":"0505 004 78 24"}"#).status, 200);
    assert_eq!(caller.ask("GET", "", "").json(), json!([{"name": "my list/1"}]));
    assert!(server.denies("+905050047824"), "in force at once");
    // Kept as it was written, and found however it is written.
    for number in ["0505%20004%2078%2024", "05050047824", "+905050047824", "00905050047824"] {
        let there = caller.numbers(&format!("{name}/{number}"));
        assert_eq!(there, ["0505 004 78 24"], "{number}");
    }
    let gone = caller.ask("DELETE", &format!("{name}/+905050047824"), "");
    assert_eq!(gone.status_and_json(), (200, json!({"ok": 1, "n": 1})));
    assert_eq!(caller.ask("GET", "", "").json(), json!([]));
    assert!(!server.denies("+905050047824"));
    assert_eq!(caller.numbers(&format!("{name}/+905050047824")), [""; 0]);
    assert_eq!(caller.numbers(&format!("{name}/%2A%23")), [""; 0], "no number at all");
    let nothing = caller.ask("DELETE", &format!("{name}/%2A%23"), "");
    assert_eq!(nothing.status_and_json(), (200, json!({"ok": 1, "n": 0})));
}

#[test]
fn a_list_that_says_more_than_deny_stays_when_it_is_empty() {
    let server = ClockedServer::new();
    let (domain, name) = (DOMAIN.to_owned(), "friends".to_owned());
    let (action, response) = (Action::Allow, None::<Response>);
    let (description, allow_broad) = (String::new(), false);
    server.apply(Operation::PutList { domain, name, action, response, description, allow_broad });
    let caller = Caller::editor(&server);
    caller.ask("POST", "/friends", r#"{"number":"+905050047824"}"#);
    caller.ask("DELETE", "/friends/+905050047824", "");
    caller.ask("POST", "/friends", r#"{"number":"+905050047824"}"#);
    assert!(!server.denies("+905050047824"));
}

#[test]
fn expiry_is_obeyed_to_the_second_and_a_number_posted_again_is_there_again() {
    let server = ClockedServer::new();
    let caller = Caller::editor(&server);
    let number = "+905050047824".to_owned();
    let (expires, reason) = (Some(NOW + 10), Some("fraud"));
    let note = Note { expires, reason, ..Note::default() }.into();
    let entry = NewEntry { note, ..NewEntry::new(number) };
    let (domain, list) = (DOMAIN.to_owned(), "x".to_owned());
    server.apply(Operation::Add { domain, list, entry, make_list: true });
    let post =
        || caller.ask("POST", "/x", r#"{"number":"05050047824"}"#).json()["Modified"].clone();
    assert_eq!(post(), 0);
    let stored = server.manager.entry(DOMAIN, "x", "05050047824").unwrap().unwrap();
    assert_eq!(
        (stored.note.expires, stored.note.reason.as_deref()),
        (Some(NOW + 10), Some("fraud"))
    );
    server.set_clock((NOW + 9) * 1_000);
    assert_eq!(caller.numbers("/x").len(), 1);
    server.set_clock((NOW + 10) * 1_000);
    assert_eq!(caller.numbers("/x"), [""; 0]);
    assert_eq!(caller.numbers("/x/05050047824"), [""; 0]);
    assert_eq!(post(), 1);
    assert_eq!(caller.numbers("/x/05050047824").len(), 1);
    assert!(server.denies("+905050047824"));
}

/// Numbers 38050000000 and up, each a second after the one before.
fn many(server: &ClockedServer, list: &str, count: u64) {
    for at in 0..count {
        server.add_at(list, &format!("+3805000{at:05}"), NOW + at, None);
    }
}

#[test]
fn pages_are_40_long_and_newest_first_unless_asked_otherwise() {
    let server = ClockedServer::new();
    many(&server, "x", 90);
    let caller = Caller::editor(&server);
    let number = |at: u64| format!("+3805000{at:05}");
    let range = |from: u64, to: u64| (from..to).rev().map(number).collect::<Vec<_>>();
    assert_eq!(caller.numbers("/x"), range(50, 90));
    for bad in ["?page=1", "?page=undefined", "?limit=0", "?limit=x", "?page=&limit="] {
        assert_eq!(caller.numbers(&format!("/x{bad}")), range(50, 90), "{bad}");
    }
    assert_eq!(caller.numbers("/x?page=3"), range(0, 10));
    assert_eq!(caller.numbers("/x?page=4"), [""; 0]);
    assert_eq!(caller.numbers("/x?page=2&limit=7"), range(76, 83));
    let up = |to: u64| (0..to).map(number).collect::<Vec<_>>();
    for order in ["number", "_id", "createdAt"] {
        assert_eq!(caller.numbers(&format!("/x?order={order}&orderValue=1&limit=5")), up(5));
        assert_eq!(caller.numbers(&format!("/x?order={order}&limit=5")), range(85, 90), "{order}");
        let second = caller.numbers(&format!("/x?order={order}&orderValue=1&limit=5&page=2"));
        assert_eq!(second, up(10)[5..], "{order}");
    }
    assert_eq!(refused(&caller.ask("GET", "/x?limit=10001", "")).0, 400);
    assert_eq!(refused(&caller.ask("GET", "/x?order=number&limit=10000&page=2", "")).0, 400);
}

#[test]
fn searches_are_by_the_beginning_of_a_number() {
    let server = ClockedServer::new();
    many(&server, "x", 60);
    server.add_at("x", "380501112233", NOW, None);
    server.add_at("y", "380501112233", NOW + 1_000, None);
    let caller = Caller::editor(&server);
    let by_380 = r#"{"filter":{"name":"x","number":{"$regex":"^380","$options":"i"}},
        "columns":{"number":1,"name":1},"limit":40,"sort":{},"pageNumber":1}"#;
    let found = caller.ask("POST", "/searches?domain=my.webitel.com", by_380).json();
    assert_eq!(found.as_array().unwrap().len(), 1, "as they were written");
    let found = &found[0];
    assert_eq!((&found["number"], &found["name"]), (&json!("380501112233"), &json!("x")));
    assert!(found.get("domain").is_none() && found["_id"].as_str().unwrap().len() == 24);
    let plus = |more: &str| {
        let filter = r#""filter":{"name":"x","number":{"$regex":"^\\+380"}}"#;
        caller.search(&format!("{{{filter}{more}}}"))
    };
    assert_eq!(plus("").len(), 40);
    assert_eq!(plus(r#","pageNumber":2"#).len(), 20);
    assert_eq!(plus(r#","limit":2,"sort":{"number":-1}"#), ["+380500000059", "+380500000058"]);
    assert_eq!(plus(r#","limit":2,"sort":{"_id":1},"pageNumber":2"#).len(), 2);
    assert_eq!(plus(r#","limit":1,"sort":{"_id":-1}"#), ["+380500000059"]);
    // Without a list, in all of the domain.
    assert_eq!(caller.search(r#"{"filter":{"number":"38 05 01 11 22 33"}}"#).len(), 2);
    assert_eq!(caller.search(r#"{"filter":{"number":{"$regex":"^3805"}}}"#).len(), 2);
    assert_eq!(caller.search(r#"{"limit":1000}"#).len(), 62);
    assert_eq!(caller.search(r#"{"limit":1}"#), ["380501112233"], "the newest list first");
    let by_id = format!(r#"{{"filter":{{"_id":{}}}}}"#, found["_id"]);
    assert_eq!(caller.search(&by_id), ["380501112233"]);
    for wrong in [
        r#"{"filter":{"number":{"$regex":"380"}}}"#,
        r#"{"filter":{"$where":"1"}}"#,
        r#"{"filter":[]}"#,
        r#"{"sort":{"number":1}}"#,
        "{",
    ] {
        assert_eq!(refused(&caller.ask("POST", "/searches", wrong)).0, 400, "{wrong}");
    }
    // A list may have that name all the same.
    server.add_at("searches", "911", NOW, None);
    assert_eq!(caller.numbers("/searches"), ["911"]);
}
