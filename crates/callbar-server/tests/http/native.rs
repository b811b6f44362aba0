//! Our own interface from a domain to a barred number and back.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use callbar_store::Role;
use serde_json::{Value, json};

use crate::test_server::{DOMAIN, LIST, OTHER, START, TestServer};

const ENTRIES: &str = "/callbar/v1/domains/my.example/lists/spam/entries";
const CHECK: &str = "/callbar/v1/domains/my.example/check";
const DECIDE: &str = "/callbar/v1/domains/my.example/decide";

#[tokio::test]
async fn three_requests_bar_a_number() {
    let server = TestServer::new();
    let put = |path, body| server.ask(Method::PUT, path, body);
    let made = put("/callbar/v1/domains/new.example", r#"{"plan":{"region":"TR"}}"#).await;
    assert_eq!((made.status, made.json()), (StatusCode::CREATED, json!({"outcome": "added"})));
    let entries = "/callbar/v1/domains/new.example/lists/spam/entries";
    let add = r#"{"number":"0505 004 78 24","reason":"complaint"}"#;
    assert_eq!(server.post(entries, add).await.code(), "unknown_list");
    let added = server.post(&format!("{entries}?make_list=true"), add).await;
    assert_eq!(added.status, StatusCode::CREATED);
    assert_eq!(added.json()["entry"]["canonical"], "+905050047824");
    let check = "/callbar/v1/domains/new.example/check";
    let answer = server.post(check, r#"{"number":"sip:00905050047824@gw"}"#).await.json();
    assert_eq!(answer["verdict"], "deny");
    assert_eq!((&answer["list"], &answer["response"]["code"]), (&json!("spam"), &json!(603)));
}

#[tokio::test]
async fn an_entry_is_one_however_it_is_written() {
    let server = TestServer::new();
    let body = r#"{"number":"0505 004 78 24","expires":"2026-12-31T00:00:00Z","source":"a"}"#;
    let first = server.post(ENTRIES, body).await.json();
    let id = first["entry"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&first["outcome"], &first["entry"]["expires"]),
        (&json!("added"), &json!(1_798_675_200))
    );
    let again = server.post(ENTRIES, r#"{"number":5050047824}"#).await;
    assert_eq!(again.json()["entry"]["id"], json!(id), "an integer, too");
    let again = server.post(ENTRIES, r#"{"number":"+90 505 004 78 24","reason":"b"}"#).await;
    assert_eq!((again.status, &again.json()["outcome"]), (StatusCode::OK, &json!("replaced")));
    for path in [
        format!("{ENTRIES}/%2B905050047824"),
        format!("{ENTRIES}/0505%20004%2078%2024"),
        format!("/callbar/v1/domains/my.example/entries/{id}"),
    ] {
        let entry = server.get(&path).await.json();
        assert_eq!((&entry["id"], &entry["reason"]), (&json!(id), &json!("b")), "{path}");
    }
    let path = format!("{ENTRIES}/05050047824");
    assert_eq!(server.ask(Method::DELETE, &path, "").await.json(), json!({"outcome": "removed"}));
    let gone = server.ask(Method::DELETE, &path, "").await;
    assert_eq!((gone.status, gone.code().as_str()), (StatusCode::NOT_FOUND, "unknown_entry"));
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn expired_entries_are_not_there() {
    let server = TestServer::new();
    let body = r#"{"number":"05050000002","expires":1790000010}"#;
    assert_eq!(server.post(ENTRIES, body).await.status, StatusCode::CREATED);
    let path = format!("{ENTRIES}/05050000002");
    assert_eq!(server.get(&path).await.status, StatusCode::OK);
    server.pass(10);
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
    let page = server.get(ENTRIES).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let answer = server.post(CHECK, r#"{"number":"05050000002"}"#).await.json();
    assert_eq!(answer["verdict"], "pass");
}

#[tokio::test]
async fn pages_lose_nothing_and_repeat_nothing() {
    let server = TestServer::new();
    let lines: Vec<String> = (0..250).map(|i| format!("050510{i:05}")).collect();
    let lines = lines.join("\n");
    let import = "/callbar/v1/domains/my.example/lists/spam/import?format=text";
    let done = server.ask_as(server.admin(), Method::POST, import, lines).await.json();
    assert_eq!((&done["added"], &done["done"]), (&json!(250), &json!(true)));
    for order in ["asc", "desc"] {
        let mut numbers = Vec::new();
        let mut after = String::new();
        loop {
            let page =
                server.get(&format!("{ENTRIES}?limit=100&order={order}{after}")).await.json();
            let items = page["items"].as_array().unwrap();
            numbers.extend(items.iter().map(|item| item["number"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                None => break,
                Some(next) => after = format!("&after={next}"),
            }
        }
        assert_eq!(numbers.len(), 251);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 251, "{order}");
    }
    let made = format!("{ENTRIES}?from={START}&until={}", START + 1);
    assert_eq!(server.get(&made).await.json()["items"].as_array().unwrap().len(), 100);
    let made = format!("{ENTRIES}?until={START}");
    assert_eq!(server.get(&made).await.json()["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn batches_are_answered_in_order_and_one_list_by_itself() {
    let server = TestServer::new();
    let body = r#"{"numbers":["05050000001","112","0212 999 99 99"]}"#;
    let answer = server.post(CHECK, body).await.json();
    let verdicts: Vec<&Value> =
        answer["answers"].as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["deny", "pass", "pass"]);
    let explained = server.post("/callbar/v1/domains/my.example/explain", body).await.json();
    assert_eq!(explained["answers"][0]["matches"][0]["list"], LIST);
    assert_eq!(explained["answers"][1]["emergency"], true);
    let on_list = server.post("/callbar/v1/domains/my.example/lists/spam/check", body).await.json();
    assert_eq!(on_list["answers"][0], json!({"written": "05050000001", "listed": true}));
    let wrong = server.post(CHECK, "{}").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::BAD_REQUEST, "bad_json"));
    let none = server.post("/callbar/v1/domains/my.example/lists/none/check", body).await;
    assert_eq!(none.code(), "unknown_list");
}

#[tokio::test]
async fn a_check_sees_the_host_that_an_entry_has() {
    let server = TestServer::new();
    server.post(ENTRIES, r#"{"number":"sip:alice@evil.example"}"#).await;
    let body = r#"{"numbers":["sip:alice@evil.example","sip:alice@my.example"]}"#;
    let answer = server.post(CHECK, body).await.json();
    assert_eq!(answer["answers"][0]["verdict"], "deny");
    assert_eq!(answer["answers"][1]["verdict"], "pass");
}

#[tokio::test]
async fn refusals_name_their_field_and_the_remedy() {
    let server = TestServer::new();
    for (method, path, body, status, code, field) in [
        (Method::POST, ENTRIES, "{", 400, "bad_json", None),
        (Method::POST, ENTRIES, "{}", 400, "bad_json", Some("number")),
        (Method::POST, ENTRIES, r#"{"number":"1","number":"2"}"#, 400, "bad_json", Some("number")),
        (Method::POST, ENTRIES, r#"{"number":"1","more":1}"#, 400, "bad_json", Some("more")),
        (Method::POST, ENTRIES, r#"{"number":true}"#, 400, "bad_json", Some("number")),
        (Method::POST, ENTRIES, r#"{"number":""}"#, 400, "invalid_entry", Some("number")),
        (Method::POST, ENTRIES, r#"{"number":"+90*"}"#, 400, "invalid_entry", Some("number")),
        (Method::POST, ENTRIES, r#"{"number":"112","id":"7"}"#, 400, "bad_id", Some("id")),
        (Method::GET, "/callbar/v1/domains?limit=0", "", 400, "bad_query", Some("limit")),
        (Method::GET, "/callbar/v1/domains?nothing=0", "", 400, "bad_query", None),
        (Method::GET, "/callbar/v1/domains/none", "", 404, "unknown_domain", Some("domain")),
        (Method::GET, "/callbar/v1/nothing", "", 404, "unknown_path", None),
        (Method::PATCH, ENTRIES, "", 405, "method_not_allowed", None),
        (
            Method::PUT,
            "/callbar/v1/domains/new",
            r#"{"plan":{"region":"XX"}}"#,
            400,
            "unknown_region",
            Some("plan.region"),
        ),
        (
            Method::PUT,
            "/callbar/v1/domains/my.example/lists/l",
            r#"{"response":200}"#,
            400,
            "bad_response",
            Some("response"),
        ),
    ] {
        let reply = server.ask(method, path, body).await;
        let error = &reply.json()["error"];
        assert_eq!(
            (reply.status.as_u16(), error["code"].as_str()),
            (status, Some(code)),
            "{path} {body}"
        );
        assert_eq!(error["field"].as_str(), field, "{path} {body}");
        assert!(!error["remedy"].as_str().unwrap().is_empty());
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn settings_and_lists_come_and_go() {
    let server = TestServer::new();
    let list = "/callbar/v1/domains/my.example/lists/my%20list%2F1";
    let body = r#"{"action":"allow","description":"friends"}"#;
    assert_eq!(server.ask(Method::PUT, list, body).await.status, StatusCode::CREATED);
    let shown = server.get(list).await.json();
    assert_eq!((&shown["name"], &shown["action"]), (&json!("my list/1"), &json!("allow")));
    let names = server.get("/callbar/v1/domains/my.example/lists").await.json();
    assert_eq!(names["items"].as_array().unwrap().len(), 2);
    let gone = server.ask(Method::DELETE, list, "").await.json();
    assert_eq!(gone, json!({"outcome": "removed", "entries": 0}));
    assert_eq!(server.ask(Method::DELETE, list, "").await.status, StatusCode::NOT_FOUND);
    let all = server.get("/callbar/v1/domains?limit=1").await.json();
    assert_eq!((&all["items"][0]["name"], &all["next"]), (&json!(DOMAIN), &json!(DOMAIN)));
    let path = format!("/callbar/v1/domains/{OTHER}");
    assert_eq!(server.ask(Method::DELETE, &path, "").await.json(), json!({"outcome": "removed"}));
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_log_of_changes_shows_who_did_what() {
    let server = TestServer::new();
    let editor = server.native(Some(DOMAIN), None, Role::Editor);
    server.ask_as(&editor, Method::POST, ENTRIES, r#"{"number":"05050000009"}"#).await;
    let log = server.get("/callbar/v1/audit?limit=1&domain=my.example").await.json();
    let line = &log["items"][0];
    let key = editor.split('_').nth(1).unwrap();
    assert_eq!(
        (&line["what"], &line["who"]),
        (&json!("entry.put"), &json!(format!("native:{key}")))
    );
    assert!(log["next"].is_string());
}

#[tokio::test]
async fn metrics_have_no_number_and_no_name_in_a_label() {
    let server = TestServer::new();
    server.post(CHECK, r#"{"number":"05050000001"}"#).await;
    let calls = r#"{"calls":[{"from":"tel:05050000001"},{"callee":"tel:112"}]}"#;
    server.post(DECIDE, calls).await;
    server.post(&format!("{DECIDE}?explain=true"), r#"{"from":"tel:05050000001"}"#).await;
    server.get("/callbar/v1/domains/905050000001").await;
    let text = server.get("/metrics").await.text();
    for line in [
        "callbar_checks_total 1",
        "callbar_decisions_total 2",
        "callbar_explanations_total 1",
        "callbar_verdicts_total{verdict=\"deny\"} 3",
        "callbar_verdicts_total{verdict=\"pass\"} 1",
        "callbar_rejected_requests_total{code=\"unknown_domain\"} 1",
        "callbar_domains 2",
        "callbar_writable 1",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("5050") && !text.contains("example"), "{text}");
}

#[tokio::test]
async fn a_domain_is_the_same_in_any_case() {
    let server = TestServer::new();
    for path in ["", "/lists", "/lists/spam", "/lists/spam/entries", "/lists/spam/export"] {
        let lower = server.get(&format!("/callbar/v1/domains/my.example{path}")).await;
        let upper = server.get(&format!("/callbar/v1/domains/My.EXAMPLE{path}")).await;
        assert_eq!((upper.status, upper.text()), (StatusCode::OK, lower.text()), "{path}");
    }
    let path = "/callbar/v1/domains/My.Example/lists/spam/entries/05050000001";
    assert_eq!(server.get(path).await.status, StatusCode::OK);
    assert_eq!(server.ask(Method::DELETE, path, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_domain_sees_nothing_of_an_old_one_of_its_name() {
    let server = TestServer::new();
    let path = "/callbar/v1/domains/my.example";
    let log = |token: String| {
        let server = &server;
        async move { server.ask_as(&token, Method::GET, "/callbar/v1/audit", "").await.text() }
    };
    let secret = r#"{"number":"05051112233"}"#;
    server.post(&format!("{path}/lists/spam/entries"), secret).await;
    let own = server.native(Some("my.example"), None, Role::Admin);
    assert!(log(own).await.contains("+905051112233"));
    server.ask(Method::DELETE, path, "").await;
    server.ask(Method::PUT, path, r#"{"plan":{"region":"TR"}}"#).await;
    let own = server.native(Some("my.example"), None, Role::Admin);
    let answer = log(own).await;
    assert!(answer.contains("domain.put") && !answer.contains("1112233"), "{answer}");
    let all = log(server.admin().to_owned()).await;
    assert!(all.contains("+905051112233") && all.contains("domain.remove"), "{all}");
}

#[tokio::test]
async fn likely_mistakes_are_warned_of() {
    let server = TestServer::new();
    let warnings = |reply: &crate::test_server::Reply| {
        let warnings = reply.json()["warnings"].as_array().unwrap().clone();
        warnings.into_iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (body, expected) in [
        (r#"{"number":"911"}"#, Some("never barred")),
        (r#"{"number":"+90112"}"#, Some("never barred")),
        (r#"{"number":"alice"}"#, Some("taken as a SIP user: alice")),
        (r#"{"number":"+1809"}"#, Some("write +1809* if")),
        (r#"{"number":"+52 155 12345678901"}"#, Some("is an area code missing")),
        (r#"{"number":"5550123"}"#, None),
        (r#"{"number":"1001"}"#, None),
        (r#"{"number":"05050047824"}"#, None),
        (r#"{"number":"+90505*"}"#, None),
    ] {
        let added = server.post(ENTRIES, body).await;
        assert_eq!(added.status, StatusCode::CREATED, "{body}");
        let warnings = warnings(&added);
        assert_eq!(warnings.len(), usize::from(expected.is_some()), "{body} {warnings:?}");
        assert!(
            expected.is_none_or(|expected| warnings[0].contains(expected)),
            "{body} {warnings:?}"
        );
    }
    let import = "/callbar/v1/domains/my.example/lists/spam/import?format=text";
    let lines = "112\n05051112233\nbob\ncarol\n";
    let done = server.ask(Method::POST, import, lines).await;
    let warned = warnings(&done);
    assert!(
        warned[0].contains("112") && warned[1].contains("SIP users: bob (line 3), carol"),
        "{warned:?}"
    );
    // A list that allows bars nobody, and a domain may bar them.
    let allow = r#"{"action":"allow"}"#;
    server.ask(Method::PUT, "/callbar/v1/domains/my.example/lists/vip", allow).await;
    let vip = "/callbar/v1/domains/my.example/lists/vip/entries";
    assert_eq!(warnings(&server.post(vip, r#"{"number":"911"}"#).await), [""; 0]);
    let settings = r#"{"plan":{"region":"TR"},"emergency_exempt":false}"#;
    server.ask(Method::PUT, "/callbar/v1/domains/my.example", settings).await;
    assert_eq!(warnings(&server.post(ENTRIES, r#"{"number":"155"}"#).await), [""; 0]);
}

#[tokio::test]
async fn an_array_is_no_object_and_a_date_is_a_time() {
    let server = TestServer::new();
    for (path, body) in [
        (ENTRIES, r#"["05050000002"]"#),
        ("/callbar/v1/domains/new.example", r#"{"plan":["TR"]}"#),
        ("/callbar/v1/domains/new.example", r#"[{"region":"TR"}]"#),
    ] {
        let method = if path == ENTRIES { Method::POST } else { Method::PUT };
        assert_eq!(server.ask(method, path, body).await.code(), "bad_json", "{body}");
    }
    // In force all day.
    let body = r#"{"number":"05050000002","expires":"2027-12-31"}"#;
    let added = server.post(ENTRIES, body).await.json();
    assert_eq!(added["entry"]["expires"], json!(1_830_297_600));
}

#[tokio::test]
async fn metrics_count_real_changes_only() {
    let server = TestServer::new();
    let value = async |name: &str| {
        let text = server.get("/metrics").await.text();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name} is not in\n{text}"))
            .split_once(' ')
            .unwrap()
            .1
            .to_owned()
    };
    let before = value("callbar_publish_seconds_count").await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(
        server.ask(Method::DELETE, &format!("{ENTRIES}/0505"), "").await.status.as_u16(),
        404
    );
    let import = "/callbar/v1/domains/my.example/lists/spam/import?format=text";
    assert_eq!(server.ask(Method::POST, import, "no number?\n").await.status.as_u16(), 422);
    assert_eq!(value("callbar_publish_seconds_count").await, before);
    assert_eq!(value("callbar_compile_seconds_count").await, "0");
    let age: u64 = value("callbar_index_age_seconds").await.parse().unwrap();
    assert!(age >= 2, "{age}");
    let start = Instant::now();
    server.post(ENTRIES, r#"{"number":"05050000002"}"#).await;
    assert_ne!(value("callbar_publish_seconds_count").await, before);
    let age: u64 = value("callbar_index_age_seconds").await.parse().unwrap();
    assert!(age <= start.elapsed().as_secs() + 1, "{age}");
}

#[tokio::test]
async fn a_domain_whose_index_is_still_to_be_made_is_not_unknown() {
    let server = TestServer::new();
    // Where the index of the next domain would be.
    std::fs::create_dir_all(server.dir().join("indexes/00000003.index")).unwrap();
    let path = "/callbar/v1/domains/new.example";
    let made = server.ask(Method::PUT, path, r#"{"plan":{"region":"TR"}}"#).await;
    assert_eq!(
        (made.status, made.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "not_in_force")
    );
    for call in ["check", "explain", "lists/spam/check", "decide", "decide?explain=true"] {
        let body = if call.starts_with("decide") {
            r#"{"from":"tel:05050000001"}"#
        } else {
            r#"{"number":"05050000001"}"#
        };
        let answer = server.post(&format!("{path}/{call}"), body).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{call}");
        assert_eq!(answer.code(), "not_in_force", "{call}");
        assert_eq!(answer.headers["retry-after"], "1", "{call}");
        let path = format!("/callbar/v1/domains/no.example/{call}");
        let answer = server.post(&path, body).await;
        assert_eq!(answer.code(), "unknown_domain", "{call}");
    }
}
