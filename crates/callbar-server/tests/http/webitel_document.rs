//! Prevents: a client of Webitel's blacklists that finds another API here than the one it was written
//! for. The tests of the document's requests are named after its headings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbar_store::{CredentialKind, Operation, Role};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::clocked_server::{Answer, ClockedServer, DOMAIN};

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
    fn server(&self, role: Role) -> ClockedServer {
        let server = ClockedServer::new();
        server.apply(Operation::PutKey {
            kind: CredentialKind::Webitel,
            key: self.key.into(),
            secret: vec![0; 32],
            salt: vec![0; 16],
            domain: Some(DOMAIN.into()),
            list: None,
            role,
            label: String::new(),
        });
        server.set_clock(self.expires - 1);
        server
    }

    /// The token's own words, signed by the server that is asked: the document's is not ours to know.
    fn token(&self, server: &ClockedServer) -> String {
        let (words, _) = self.token.rsplit_once('.').unwrap();
        signed(server.secret.bytes(), words)
    }

    fn ask(&self, server: &ClockedServer, method: &str, path: &str, body: &'static str) -> Answer {
        let token = self.token(server);
        let headers = [("X-Access-Token", token.as_str()), ("X-Key", self.key)];
        server.ask(method, &format!("{}{path}", self.base), &headers, body)
    }
}

fn signed(secret: &[u8], words: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(words.as_bytes());
    format!("{words}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A token of these words, signed by the server that is asked.
pub(crate) fn token_of(server: &ClockedServer, header: &str, claims: &str) -> String {
    let words = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    signed(server.secret.bytes(), &words)
}

/// The entries that the document shows.
pub(crate) fn as_in_the_document(server: &ClockedServer) {
    server.add_at("my_list1", "+905050047824", 1_476_000_000, None);
    server.add_at("my_list2", "911", 0x57fe_04f7, Some("57fe04f74a68369fc7588211"));
    server.add_at("my_list2", "0000", 0x57fe_0555, Some("57fe05554a68369fc7588212"));
}

fn document_of_911() -> Value {
    json!({
        "_id": "57fe04f74a68369fc7588211", "number": "911", "name": "my_list2", "domain": DOMAIN,
    })
}

/// Each pair of the document, for both of its tokens and paths.
fn for_both(test: impl Fn(&Client, &ClockedServer)) {
    for client in [EXAMPLE, CURL] {
        let server = client.server(Role::Editor);
        as_in_the_document(&server);
        test(&client, &server);
    }
}

#[test]
fn get_blacklists() {
    for_both(|client, server| {
        let answer = client.ask(server, "GET", "?domain=my.webitel.com", "");
        assert_eq!(
            answer.status_and_json(),
            (200, json!([{"name": "my_list2"}, {"name": "my_list1"}]))
        );
    });
}

#[test]
fn get_numbers_by_blacklist_name() {
    for_both(|client, server| {
        let first = json!({
            "_id": "57fe05554a68369fc7588212", "number": "0000", "name": "my_list2",
            "domain": DOMAIN,
        });
        let answer = client.ask(server, "GET", "/my_list2?domain=my.webitel.com", "");
        assert_eq!(answer.status_and_json(), (200, json!([first, document_of_911()])));
    });
}

#[test]
fn add_number_into_the_blacklist() {
    for_both(|client, server| {
        let path = "/my_list2?domain=my.webitel.com";
        let added = json!({"ok": 1, "Modified": 1, "nModified": 1, "n": 1});
        let answer = client.ask(server, "POST", path, r#"{ "number": "123456789" }"#);
        assert_eq!(answer.status_and_json(), (200, added));
        // The same as an integer, as the example with curl has it.
        let again = json!({"ok": 1, "Modified": 0, "nModified": 0, "n": 1});
        let answer = client.ask(server, "POST", path, r#" { "number": 123456789 } "#);
        assert_eq!(answer.status_and_json(), (200, again));
        let there = client.ask(server, "GET", "/my_list2/123456789", "").json();
        assert_eq!(there[0]["number"], "123456789", "a string, also if an integer was given");
    });
}

#[test]
fn get_number_in_the_blacklist() {
    for_both(|client, server| {
        let answer = client.ask(server, "GET", "/my_list2/911?domain=my.webitel.com", "");
        assert_eq!(answer.status_and_json(), (200, json!([document_of_911()])));
    });
}

#[test]
fn delete_number_from_the_blacklist() {
    for_both(|client, server| {
        let path = "/my_list2/911?domain=my.webitel.com";
        assert_eq!(
            client.ask(server, "DELETE", path, "").status_and_json(),
            (200, json!({"ok": 1, "n": 1}))
        );
        assert_eq!(
            client.ask(server, "DELETE", path, "").status_and_json(),
            (200, json!({"ok": 1, "n": 0}))
        );
    });
}

#[test]
fn delete_blacklist() {
    for_both(|client, server| {
        client.ask(server, "DELETE", "/my_list2/911?domain=my.webitel.com", "");
        let path = "/my_list2?domain=my.webitel.com";
        assert_eq!(
            client.ask(server, "DELETE", path, "").status_and_json(),
            (200, json!({"ok": 1, "n": 1}))
        );
        assert_eq!(
            client.ask(server, "DELETE", path, "").status_and_json(),
            (200, json!({"ok": 1, "n": 0}))
        );
        let names = client.ask(server, "GET", "?domain=my.webitel.com", "").json();
        assert_eq!(names, json!([{"name": "my_list1"}]));
    });
}

#[test]
fn the_tokens_of_the_document_expire_to_the_millisecond_and_are_not_signed_by_us() {
    let refused = |info: &str| (401, json!({"status": "error", "info": info}));
    for client in [EXAMPLE, CURL] {
        let server = client.server(Role::Editor);
        server.set_clock(client.expires);
        assert_eq!(client.ask(&server, "GET", "", "").status_and_json(), refused("Token Expired"));
        server.set_clock(client.expires - 1);
        let headers = [("X-Access-Token", client.token), ("X-Key", client.key)];
        assert_eq!(
            server.ask("GET", client.base, &headers, "").status_and_json(),
            refused("Invalid token")
        );
    }
}

#[test]
fn a_caller_must_have_a_good_token_and_a_known_key() {
    let server = EXAMPLE.server(Role::Editor);
    let good = EXAMPLE.token(&server);
    let refusal = |headers: &[(&str, &str)]| {
        let (status, body) = server.ask("GET", EXAMPLE.base, headers, "").status_and_json();
        assert_eq!((status, &body["status"]), (401, &json!("error")));
        body["info"].as_str().unwrap().to_owned()
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
        let token = token_of(&server, header, claims);
        assert_eq!(refusal(&[("X-Access-Token", &token), key]), info, "{header} {claims}");
    }
    let none = token_of(&server, r#"{"alg":"none"}"#, r#"{"exp":9999999999999}"#);
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    assert_eq!(refusal(&[("X-Access-Token", &unsigned), key]), "Invalid token");
    server.apply(Operation::RevokeKey { kind: CredentialKind::Webitel, key: EXAMPLE.key.into() });
    assert_eq!(refusal(&[("X-Access-Token", &good), key]), "Invalid User");
}
