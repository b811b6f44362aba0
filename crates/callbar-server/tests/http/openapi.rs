//! Prevents: a description that differs from the routes, their parameters or their answers.

use std::collections::BTreeSet;

use axum::http::Method;
use callbar_server::{Interface, Needs, Route, routes};
use serde_json::Value;

use crate::test_server::{DOMAIN, LIST, TestServer};

const METHODS: [&str; 4] = ["get", "put", "post", "delete"];

async fn document(server: &TestServer) -> Value {
    server.get("/callbar/v1/openapi.json").await.json()
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_its_route() {
    let document = document(&TestServer::new()).await;
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(*method).is_some()) {
            let open = item[*method]["security"] == serde_json::json!([]);
            described.insert((method.to_uppercase(), path.clone(), open));
        }
    }
    assert_eq!(described, native_routes());
}

/// Compares the table of `docs/http.md` with the routes.
#[test]
fn the_page_about_http_has_every_route() {
    let page = include_str!("../../../../docs/http.md");
    let (_, table) = page.split_once("| path | methods | does |\n").expect("the table");
    let mut written = BTreeSet::new();
    for row in table.lines().skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let path = cells[1].trim_matches('`');
        let path = if path == "/metrics" { path.into() } else { format!("/callbar/v1{path}") };
        for method in cells[2].split(", ") {
            let is_open = row.contains("needs no key");
            assert!(written.insert((method.to_owned(), path.clone(), is_open)), "{row}");
        }
    }
    assert_eq!(written, native_routes());
}

/// The method and the path of each route of callbar's own interface, and whether it needs no key.
fn native_routes() -> BTreeSet<(String, String, bool)> {
    let native = |route: &Route| route.interface == Interface::Native;
    routes()
        .into_iter()
        .filter(native)
        .map(|route| (route.method.to_string(), route.path, route.needs == Needs::Nothing))
        .collect()
}

#[tokio::test]
async fn parameters_of_paths_are_those_of_the_routes_and_names_are_unique() {
    let document = document(&TestServer::new()).await;
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let in_path: BTreeSet<&str> =
            path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        for operation in item.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let described: BTreeSet<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            assert_eq!(described, in_path, "{path}");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
        }
    }
}

/// A handler that did not know a parameter would refuse the query.
#[tokio::test]
async fn parameters_of_queries_that_are_described_are_known() {
    let server = TestServer::new();
    let document = document(&server).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{domain}", DOMAIN).replace("{list}", LIST);
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
                let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
                let value = match (&schema["enum"][0], schema["type"].as_str()) {
                    (Value::String(word), _) => word.clone(),
                    (_, Some("boolean")) => "true".into(),
                    (_, Some("integer")) => "1".into(),
                    _ => parameter["example"].as_str().unwrap_or("1").replace(';', "%3B"),
                };
                let query = format!("{path}?{name}={value}");
                let method: Method = method.to_uppercase().parse().unwrap();
                let reply = server.ask(method, &query, "").await;
                assert!(!reply.text().contains("bad_query"), "{query}: {}", reply.text());
            }
        }
    }
}

/// Every reference leads somewhere, and every schema is used.
#[tokio::test]
async fn references_and_schemas_fit_together() {
    fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document(&TestServer::new()).await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.remove(reference.as_str()), "{reference} is not used");
        }
    }
    assert_eq!(found, BTreeSet::new());
}

/// The members of an answer are exactly those that its schema requires.
#[tokio::test]
async fn answers_have_the_members_that_are_described() {
    let server = TestServer::new();
    let document = document(&server).await;
    let list = format!("/callbar/v1/domains/{DOMAIN}/lists/{LIST}");
    let domain = format!("/callbar/v1/domains/{DOMAIN}");
    let number = r#"{"number":"05050000001"}"#;
    let call = r#"{"from":"tel:05050000001"}"#;
    for (method, path, body, schema) in [
        (Method::GET, "/callbar/v1/health".to_owned(), "", "Alive"),
        (Method::GET, "/callbar/v1/ready".into(), "", "Ready"),
        (Method::GET, "/callbar/v1/status".into(), "", "Status"),
        (Method::GET, domain.clone(), "", "Domain"),
        (Method::GET, "/callbar/v1/domains".into(), "", "DomainPage"),
        (Method::GET, list.clone(), "", "List"),
        (Method::GET, format!("{list}/entries/05050000001"), "", "Entry"),
        (Method::GET, format!("{list}/entries"), "", "EntryPage"),
        (Method::POST, format!("{list}/entries"), number, "Put"),
        (Method::POST, format!("{list}/check"), number, "Listed"),
        (Method::POST, format!("{domain}/decide"), call, "Decision"),
        (Method::POST, format!("{domain}/decide?explain=true"), call, "CallExplanation"),
        (Method::POST, format!("{domain}/check"), number, "Verdict"),
        (Method::POST, format!("{domain}/explain"), number, "Explanation"),
        (Method::POST, format!("{list}/import?format=jsonl"), number, "Imported"),
        (Method::GET, "/callbar/v1/keys".into(), "", "KeyPage"),
        (Method::GET, "/callbar/v1/audit".into(), "", "AuditPage"),
        (Method::DELETE, "/callbar/v1/domains/nobody".into(), "", "Error"),
    ] {
        let answer = server.ask(method, &path, body).await.json();
        let members: BTreeSet<&str> =
            answer.as_object().unwrap().keys().map(String::as_str).collect();
        let required = document["components"]["schemas"][schema]["required"].as_array().unwrap();
        let required: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
        assert_eq!(members, required, "{path}");
    }
}
