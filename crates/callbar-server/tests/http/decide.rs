//! Prevents: an interface that answers for a call otherwise than the library.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::cases::{self, Case};
use crate::test_server::{DOMAIN, OTHER, TestServer};

const DECIDE: &str = "/callbar/v1/domains/my.example/decide";

async fn put(server: &TestServer, path: &str, body: Value) {
    let reply = server.ask_as(server.admin(), Method::PUT, path, body.to_string()).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.text());
}

async fn post(server: &TestServer, path: &str, body: &Value) -> Value {
    let reply = server.ask_as(server.admin(), Method::POST, path, body.to_string()).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.text());
    reply.json()
}

/// Makes a domain of this name with the lists of a case.
async fn make(server: &TestServer, name: &str, case: &Case) {
    let domain = format!("/callbar/v1/domains/{name}");
    let prefixes: Vec<_> = case.technical_prefix.iter().collect();
    let plan = json!({"region": case.region, "technical_prefixes": prefixes});
    put(server, &domain, json!({"plan": plan})).await;
    for (list, entries) in &case.lists {
        let mut parts = list.split(':');
        let path = format!("{domain}/lists/{}", parts.next().unwrap());
        let (action, code) = (parts.next().unwrap(), parts.next().map(str::parse::<u16>));
        let response = code.map(Result::unwrap);
        put(server, &path, json!({"action": action, "response": response})).await;
        for entry in entries {
            post(server, &format!("{path}/entries"), &json!({"number": entry})).await;
        }
    }
}

#[tokio::test]
async fn every_case_is_decided_as_it_must_be() {
    let server = TestServer::new();
    for (at, cases) in cases::by_domain().iter().enumerate() {
        let name = format!("case{at}.example");
        make(&server, &name, &cases[0].1).await;
        let path = format!("/callbar/v1/domains/{name}/decide");
        let calls: Vec<_> = cases.iter().map(|(_, case)| &case.call.json).collect();
        let many = post(&server, &path, &json!({"calls": calls})).await;
        let many = many["answers"].as_array().unwrap();
        assert_eq!(many.len(), cases.len());
        for ((line, case), answer) in cases.iter().zip(many) {
            let what = format!("line {line}: {}: {answer}", case.why);
            assert!(case.is_met_by_json(answer), "{what}");
            assert_eq!(post(&server, &path, &case.call.json).await, *answer, "{what}");
            let explained = post(&server, &format!("{path}?explain=true"), &case.call.json).await;
            assert!(case.is_met_by_json(&explained), "{what}: {explained}");
        }
    }
}

#[tokio::test]
async fn an_answer_has_the_members_of_a_decision() {
    let server = TestServer::new();
    let body = r#"{"callee":"sip:112","from":null,"asserted":null,"remote_party":[],"privacy":""}"#;
    let exempt = json!({"action": "pass", "party": null, "list": null, "shared_by": null,
        "entry": null, "response": null, "exempt": true, "ambiguous": false});
    assert_eq!(server.post(DECIDE, body).await.json(), exempt);
    let denied = json!({"action": "deny", "party": "callee", "list": "spam", "shared_by": null,
        "entry": "+905050000001", "response": {"code": 603, "phrase": "Decline"}, "exempt": false,
        "ambiguous": false});
    let body = r#"{"callee":"sip:05050000001@gw"}"#;
    assert_eq!(server.post(DECIDE, body).await.json(), denied);
    assert_eq!(server.post(DECIDE, r#"{"calls":[]}"#).await.json(), json!({"answers": []}));
}

#[tokio::test]
async fn an_explanation_has_the_questions_and_what_the_store_knows() {
    let server = TestServer::new();
    let path = format!("{DECIDE}?explain=true");
    let body = r#"{"calls":[{"from":"tel:05050000001"},{"callee":"sip:0212555p1@gw"}]}"#;
    let answer = server.post(&path, body).await.json();
    let (first, second) = (&answer["answers"][0], &answer["answers"][1]);
    let asked = &first["questions"][0];
    assert_eq!((&asked["question"], &asked["answer"]), (&json!("from"), &json!("deny")));
    let matched = &asked["readings"][0]["matches"][0];
    assert_eq!(matched["list"], "spam");
    assert!(matched["note"]["id"].is_string(), "{answer}");
    assert_eq!((&first["domain"], &first["action"]), (&json!(DOMAIN), &json!("deny")));
    assert!(second["questions"][0]["readings"].as_array().unwrap().len() > 1, "{answer}");
}

#[tokio::test]
async fn refusals_name_the_field_and_the_remedy() {
    let server = TestServer::new();
    let numbers = |count: usize| vec![json!({"from": "1"}); count];
    let many = json!({"calls": numbers(10_001)}).to_string();
    let many_explained = json!({"calls": numbers(1_001)}).to_string();
    let long = json!({"from": "1".repeat((64 << 10) + 1)}).to_string();
    for (query, body, code, field) in [
        ("", "{}", "bad_json", None),
        ("", r#"["sip:112@gw"]"#, "bad_json", None),
        ("", r#"{"from":"1"} x"#, "bad_json", None),
        ("", r#"{"form":"1"}"#, "bad_json", Some("form")),
        ("", r#"{"from":"1","from":"1"}"#, "bad_json", Some("from")),
        ("", r#"{"from":1}"#, "bad_json", Some("from")),
        ("", r#"{"asserted":"1"}"#, "bad_json", Some("asserted")),
        ("", r#"{"remote_party":[1]}"#, "bad_json", Some("remote_party")),
        ("", r#"{"calls":[{"form":"1"}]}"#, "bad_json", Some("form")),
        ("", r#"{"calls":[["1"]]}"#, "bad_json", None),
        ("", r#"{"calls":[{}]}"#, "bad_json", None),
        ("", r#"{"calls":[{"from":"1"}],"from":"1"}"#, "bad_json", Some("from")),
        ("?explain=perhaps", r#"{"from":"1"}"#, "bad_query", None),
        ("?explane=true", r#"{"from":"1"}"#, "bad_query", None),
        ("", &many, "too_many_calls", Some("calls")),
        ("?explain=true", &many_explained, "too_many_calls", Some("calls")),
        ("", &long, "bad_json", None),
    ] {
        let path = format!("{DECIDE}{query}");
        let reply = server.ask_as(server.admin(), Method::POST, &path, body.to_owned()).await;
        let what = format!("{query} {}: {}", &body[..body.len().min(80)], reply.text());
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{what}");
        let error = &reply.json()["error"];
        assert_eq!(error["code"], code, "{what}");
        assert_eq!(error["field"].as_str(), field, "{what}");
        assert!(!error["remedy"].as_str().unwrap().is_empty(), "{what}");
    }
    let few = json!({"calls": numbers(10_000)}).to_string();
    let reply = server.ask_as(server.admin(), Method::POST, DECIDE, few).await;
    assert_eq!(reply.json()["answers"].as_array().unwrap().len(), 10_000);
    let body = format!(r#"{{"from":"{}"}}"#, "1".repeat(2 << 20));
    let reply = server.ask_as(server.admin(), Method::POST, DECIDE, body).await;
    assert_eq!(reply.code(), "body_too_large");
}

#[tokio::test]
async fn a_shared_list_decides_for_a_subscriber() {
    let server = TestServer::new();
    let plan = json!({"region": "TR"});
    let body = json!({"plan": plan, "subscriptions": [OTHER]});
    put(&server, "/callbar/v1/domains/new.example", body).await;
    let call = json!({"asserted": ["<tel:05050000001>"], "privacy": "id"});
    let answer = post(&server, "/callbar/v1/domains/new.example/decide", &call).await;
    assert_eq!((&answer["shared_by"], &answer["response"]["code"]), (&json!(OTHER), &json!(608)));
}
