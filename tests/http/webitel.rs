//! Prevents: a client of Webitel's blacklists that finds another API here than the one it was written
//! for. The tests of the document's requests are named after its headings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbar::manager::{NewNote, Operation};
use callbar::store::{CredentialKind, Role};
use callbar::{Action, Response};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::api_desk::{Answer, DOMAIN, Desk, NOW};

/// The tokens and keys of the document: of its examples, and of its examples with curl.
const EXAMPLE: Client = Client {
    base: "/api/v2/routes/blacklists",
    token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE0NDIwMDIxNzkzNTh9.\
            pKXWfzXqbp8FMbOKocNaSlT1bYq4Xqzol-0kEXOY0_s",
    key: "8fd26a17-eb28-4c74-aa6f-a3794f4f466c",
    expires: 1_442_002_179_358,
};
const CURL: Client = Client {
    base: "/engine/api/v2/routes/blacklists",
    token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjE0ODQ5MDQ3MDU3NjIsImFjbCI6eyJjZHIiOlsi\
            KiJdLCJjZHIvZmlsZXMiOlsiKiJdLCJjZHIvbWVkaWEiOlsiKiJdfX0.\
            XnP93LWRYpgXHH3vQ7YQ4Birdq-VSx4t0m8-iPhrvO4",
    key: "0158162b-5d7f-498a-b9bb-0dd82b90f521",
    expires: 1_484_904_705_762,
};

struct Client {
    base: &'static str,
    token: &'static str,
    key: &'static str,
    expires: u64,
}

impl Client {
    /// A server that knows the key, at the last moment of the token.
    fn desk(&self, role: Role) -> Desk {
        let desk = Desk::new();
        desk.apply(Operation::PutKey {
            kind: CredentialKind::Webitel,
            key: self.key.into(),
            secret: vec![0; 32],
            salt: vec![0; 16],
            domain: Some(DOMAIN.into()),
            list: None,
            role,
            label: String::new(),
        });
        desk.set_clock(self.expires - 1);
        desk
    }

    /// The token's own words, signed by the server that is asked: the document's is not ours to know.
    fn token(&self, desk: &Desk) -> String {
        let (words, _) = self.token.rsplit_once('.').unwrap();
        signed(desk.secret.bytes(), words)
    }

    fn ask(&self, desk: &Desk, method: &str, path: &str, body: &'static str) -> Answer {
        let token = self.token(desk);
        let headers = [("X-Access-Token", token.as_str()), ("X-Key", self.key)];
        desk.ask(method, &format!("{}{path}", self.base), &headers, body)
    }
}

fn signed(secret: &[u8], words: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(words.as_bytes());
    format!("{words}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn token_of(desk: &Desk, header: &str, claims: &str) -> String {
    let words = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    signed(desk.secret.bytes(), &words)
}

/// The entries that the document shows.
fn as_in_the_document(desk: &Desk) {
    desk.add_at("my_list1", "+905050047824", 1_476_000_000, None);
    desk.add_at("my_list2", "911", 0x57fe_04f7, Some("57fe04f74a68369fc7588211"));
    desk.add_at("my_list2", "0000", 0x57fe_0555, Some("57fe05554a68369fc7588212"));
}

fn document_of_911() -> Value {
    json!({
        "_id": "57fe04f74a68369fc7588211", "number": "911", "name": "my_list2", "domain": DOMAIN,
    })
}

/// Each pair of the document, for both of its tokens and paths.
fn for_both(test: impl Fn(&Client, &Desk)) {
    for client in [EXAMPLE, CURL] {
        let desk = client.desk(Role::Editor);
        as_in_the_document(&desk);
        test(&client, &desk);
    }
}

#[test]
fn get_blacklists() {
    for_both(|client, desk| {
        let answer = client.ask(desk, "GET", "?domain=my.webitel.com", "");
        assert_eq!(answer.told(), (200, json!([{"name": "my_list2"}, {"name": "my_list1"}])));
    });
}

#[test]
fn get_numbers_by_blacklist_name() {
    for_both(|client, desk| {
        let first = json!({
            "_id": "57fe05554a68369fc7588212", "number": "0000", "name": "my_list2",
            "domain": DOMAIN,
        });
        let answer = client.ask(desk, "GET", "/my_list2?domain=my.webitel.com", "");
        assert_eq!(answer.told(), (200, json!([first, document_of_911()])));
    });
}

#[test]
fn add_number_into_the_blacklist() {
    for_both(|client, desk| {
        let path = "/my_list2?domain=my.webitel.com";
        let added = json!({"ok": 1, "Modified": 1, "nModified": 1, "n": 1});
        let answer = client.ask(desk, "POST", path, r#"{ "number": "123456789" }"#);
        assert_eq!(answer.told(), (200, added));
        // The same as an integer, as the example with curl has it.
        let again = json!({"ok": 1, "Modified": 0, "nModified": 0, "n": 1});
        let answer = client.ask(desk, "POST", path, r#" { "number": 123456789 } "#);
        assert_eq!(answer.told(), (200, again));
        let there = client.ask(desk, "GET", "/my_list2/123456789", "").json();
        assert_eq!(there[0]["number"], "123456789", "a string, also if an integer was given");
    });
}

#[test]
fn get_number_in_the_blacklist() {
    for_both(|client, desk| {
        let answer = client.ask(desk, "GET", "/my_list2/911?domain=my.webitel.com", "");
        assert_eq!(answer.told(), (200, json!([document_of_911()])));
    });
}

#[test]
fn delete_number_from_the_blacklist() {
    for_both(|client, desk| {
        let path = "/my_list2/911?domain=my.webitel.com";
        assert_eq!(client.ask(desk, "DELETE", path, "").told(), (200, json!({"ok": 1, "n": 1})));
        assert_eq!(client.ask(desk, "DELETE", path, "").told(), (200, json!({"ok": 1, "n": 0})));
    });
}

#[test]
fn delete_blacklist() {
    for_both(|client, desk| {
        client.ask(desk, "DELETE", "/my_list2/911?domain=my.webitel.com", "");
        let path = "/my_list2?domain=my.webitel.com";
        assert_eq!(client.ask(desk, "DELETE", path, "").told(), (200, json!({"ok": 1, "n": 1})));
        assert_eq!(client.ask(desk, "DELETE", path, "").told(), (200, json!({"ok": 1, "n": 0})));
        let names = client.ask(desk, "GET", "?domain=my.webitel.com", "").json();
        assert_eq!(names, json!([{"name": "my_list1"}]));
    });
}

#[test]
fn the_tokens_of_the_document_expire_to_the_millisecond_and_are_not_signed_by_us() {
    let refused = |info: &str| (401, json!({"status": "error", "info": info}));
    for client in [EXAMPLE, CURL] {
        let desk = client.desk(Role::Editor);
        desk.set_clock(client.expires);
        assert_eq!(client.ask(&desk, "GET", "", "").told(), refused("Token Expired"));
        desk.set_clock(client.expires - 1);
        let headers = [("X-Access-Token", client.token), ("X-Key", client.key)];
        assert_eq!(desk.ask("GET", client.base, &headers, "").told(), refused("Invalid token"));
    }
}

#[test]
fn a_caller_must_have_a_good_token_and_a_known_key() {
    let desk = EXAMPLE.desk(Role::Editor);
    let good = EXAMPLE.token(&desk);
    let refusal = |headers: &[(&str, &str)]| {
        let (status, told) = desk.ask("GET", EXAMPLE.base, headers, "").told();
        assert_eq!((status, &told["status"]), (401, &json!("error")));
        told["info"].as_str().unwrap().to_owned()
    };
    let key = ("X-Key", EXAMPLE.key);
    assert_eq!(refusal(&[key]), "Invalid token");
    assert_eq!(refusal(&[("X-Access-Token", "garbage"), key]), "Invalid token");
    assert_eq!(
        refusal(&[("X-Access-Token", &good), ("X-Access-Token", "x"), key]),
        "Invalid token"
    );
    assert_eq!(refusal(&[("X-Access-Token", &good)]), "Invalid Token or Key");
    assert_eq!(refusal(&[("X-Access-Token", &good), ("X-Key", "other")]), "Invalid User");
    let header = r#"{"typ":"JWT","alg":"HS256"}"#;
    for (header, claims, info) in [
        (r#"{"typ":"JWT","alg":"none"}"#, r#"{"exp":9999999999999}"#, "Invalid token"),
        (r#"{"typ":"JWT","alg":"HS512"}"#, r#"{"exp":9999999999999}"#, "Invalid token"),
        (header, "{}", "Invalid token"),
        (header, r#"{"exp":"9999999999999"}"#, "Invalid token"),
        // Seconds.
        (header, r#"{"exp":4102444800}"#, "Token Expired"),
        (header, r#"{"exp":9999999999999,"key":"other"}"#, "Invalid Token or Key"),
    ] {
        let token = token_of(&desk, header, claims);
        assert_eq!(refusal(&[("X-Access-Token", &token), key]), info, "{header} {claims}");
    }
    let none = token_of(&desk, r#"{"alg":"none"}"#, r#"{"exp":9999999999999}"#);
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    assert_eq!(refusal(&[("X-Access-Token", &unsigned), key]), "Invalid token");
    desk.apply(Operation::RevokeKey { kind: CredentialKind::Webitel, key: EXAMPLE.key.into() });
    assert_eq!(refusal(&[("X-Access-Token", &good), key]), "Invalid User");
}

/// A client with a key that was made for it.
pub(crate) struct Caller<'d> {
    desk: &'d Desk,
    token: String,
    key: String,
}

impl<'d> Caller<'d> {
    fn new(desk: &'d Desk, domain: Option<&str>, list: Option<&str>, role: Role) -> Self {
        let issued = desk.key(CredentialKind::Webitel, domain, list, role);
        Self { desk, token: issued.token.unwrap(), key: issued.key.unwrap() }
    }

    pub(crate) fn editor(desk: &'d Desk) -> Self {
        Self::new(desk, Some(DOMAIN), None, Role::Editor)
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: impl Into<axum::body::Body>,
    ) -> Answer {
        let headers = [("X-Access-Token", self.token.as_str()), ("X-Key", self.key.as_str())];
        self.desk.ask(method, &format!("/api/v2/routes/blacklists{path}"), &headers, body)
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
    let (status, told) = answer.told();
    assert_eq!(told["status"], "error");
    (status, told["info"].as_str().unwrap().to_owned())
}

#[test]
fn roles_read_create_and_delete_whatever_the_acl_of_the_token_says() {
    let desk = Desk::new();
    as_in_the_document(&desk);
    let reader = Caller::new(&desk, Some(DOMAIN), None, Role::Reader);
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
    let token = token_of(&desk, r#"{"typ":"JWT","alg":"HS256"}"#, claims);
    let reader = Caller { token, ..reader };
    assert_eq!(refused(&reader.ask("DELETE", "/my_list2", "")), denied);
}

#[test]
fn a_key_sees_its_own_domain_and_nothing_is_read_across_domains() {
    let desk = Desk::new();
    desk.domain("other.example");
    as_in_the_document(&desk);
    let own = Caller::editor(&desk);
    let denied = (403, "Permission denied!".to_owned());
    assert_eq!(refused(&own.ask("GET", "?domain=other.example", "")), denied);
    assert_eq!(refused(&own.ask("POST", "/x?domain=other.example", "{}")), denied);
    assert_eq!(refused(&own.ask("POST", "/searches?domain=other.example", "{}")), denied);
    assert_eq!(own.numbers("/my_list2"), ["0000", "911"], "its own without being named");
    assert_eq!(own.numbers("/my_list2?domain=MY.webitel.com"), ["0000", "911"]);
    assert_eq!(own.search(r#"{"filter":{"domain":"other.example"}}"#), [""; 0]);
    let global = Caller::new(&desk, None, None, Role::Admin);
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
    let desk = Desk::new();
    as_in_the_document(&desk);
    let caller = Caller::new(&desk, Some(DOMAIN), Some("my_list1"), Role::Editor);
    assert_eq!(caller.ask("GET", "", "").json(), json!([{"name": "my_list1"}]));
    assert_eq!(caller.ask("GET", "/my_list2", "").status, 403);
    assert_eq!(caller.search("{}"), ["+905050047824"]);
    assert_eq!(caller.search(r#"{"filter":{"name":"my_list2"}}"#), [""; 0]);
}

#[test]
fn what_is_wrong_with_a_request_is_told() {
    let desk = Desk::new();
    let caller = Caller::editor(&desk);
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
        assert_eq!(refused(&desk.ask("GET", path, &[], "")), (404, format!("{path} not found.")));
    }
    let large = format!("{{\"number\":\"{}\"}}", "1".repeat(2 << 20));
    assert_eq!(refused(&caller.ask("POST", "/x", large)).0, 413);
}

#[test]
fn a_list_comes_with_its_first_number_and_goes_with_its_last() {
    let desk = Desk::new();
    let caller = Caller::editor(&desk);
    let name = "/my%20list%2F1";
    assert_eq!(caller.ask("POST", name, r#"{"number":"0505 004 78 24"}"#).status, 200);
    assert_eq!(caller.ask("GET", "", "").json(), json!([{"name": "my list/1"}]));
    assert!(desk.denies("+905050047824"), "in force at once");
    // Kept as it was written, and found however it is written.
    for number in ["0505%20004%2078%2024", "05050047824", "+905050047824", "00905050047824"] {
        let there = caller.numbers(&format!("{name}/{number}"));
        assert_eq!(there, ["0505 004 78 24"], "{number}");
    }
    let gone = caller.ask("DELETE", &format!("{name}/+905050047824"), "");
    assert_eq!(gone.told(), (200, json!({"ok": 1, "n": 1})));
    assert_eq!(caller.ask("GET", "", "").json(), json!([]));
    assert!(!desk.denies("+905050047824"));
    assert_eq!(caller.numbers(&format!("{name}/+905050047824")), [""; 0]);
    assert_eq!(caller.numbers(&format!("{name}/%2A%23")), [""; 0], "no number at all");
    let nothing = caller.ask("DELETE", &format!("{name}/%2A%23"), "");
    assert_eq!(nothing.told(), (200, json!({"ok": 1, "n": 0})));
}

#[test]
fn a_list_that_says_more_than_deny_stays_when_it_is_empty() {
    let desk = Desk::new();
    let (domain, name) = (DOMAIN.to_owned(), "friends".to_owned());
    let (action, response) = (Action::Allow, None::<Response>);
    let (description, allow_broad) = (String::new(), false);
    desk.apply(Operation::PutList { domain, name, action, response, description, allow_broad });
    let caller = Caller::editor(&desk);
    caller.ask("POST", "/friends", r#"{"number":"+905050047824"}"#);
    caller.ask("DELETE", "/friends/+905050047824", "");
    caller.ask("POST", "/friends", r#"{"number":"+905050047824"}"#);
    assert!(!desk.denies("+905050047824"));
}

#[test]
fn expiry_is_obeyed_to_the_second_and_a_number_posted_again_is_there_again() {
    let desk = Desk::new();
    let caller = Caller::editor(&desk);
    let number = "+905050047824".to_owned();
    let (expires, reason) = (Some(NOW + 10), Some("fraud".to_owned()));
    let entry = NewNote { number, expires, reason, ..NewNote::default() };
    let (domain, list) = (DOMAIN.to_owned(), "x".to_owned());
    desk.apply(Operation::Add { domain, list, entry, make_list: true });
    let post =
        || caller.ask("POST", "/x", r#"{"number":"05050047824"}"#).json()["Modified"].clone();
    assert_eq!(post(), 0);
    let stored = desk.manager.entry(DOMAIN, "x", "05050047824").unwrap().unwrap();
    assert_eq!((stored.expires, stored.reason.as_deref()), (Some(NOW + 10), Some("fraud")));
    desk.set_clock((NOW + 9) * 1_000);
    assert_eq!(caller.numbers("/x").len(), 1);
    desk.set_clock((NOW + 10) * 1_000);
    assert_eq!(caller.numbers("/x"), [""; 0]);
    assert_eq!(caller.numbers("/x/05050047824"), [""; 0]);
    assert_eq!(post(), 1);
    assert_eq!(caller.numbers("/x/05050047824").len(), 1);
    assert!(desk.denies("+905050047824"));
}

/// Numbers 38050000000 and up, each a second after the one before.
fn many(desk: &Desk, list: &str, count: u64) {
    for at in 0..count {
        desk.add_at(list, &format!("+3805000{at:05}"), NOW + at, None);
    }
}

#[test]
fn pages_are_40_long_and_newest_first_unless_asked_otherwise() {
    let desk = Desk::new();
    many(&desk, "x", 90);
    let caller = Caller::editor(&desk);
    let number = |at: u64| format!("+3805000{at:05}");
    let range = |from: u64, to: u64| (from..to).rev().map(number).collect::<Vec<_>>();
    assert_eq!(caller.numbers("/x"), range(50, 90));
    for bad in ["?page=1", "?limit=0", "?limit=x", "?page=&limit="] {
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
    let desk = Desk::new();
    many(&desk, "x", 60);
    desk.add_at("x", "380501112233", NOW, None);
    desk.add_at("y", "380501112233", NOW + 1_000, None);
    let caller = Caller::editor(&desk);
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
    desk.add_at("searches", "911", NOW, None);
    assert_eq!(caller.numbers("/searches"), ["911"]);
}
