//! Prevents: one tenant reading or changing what is another's. Every route, with every kind of
//! credential, at the own domain and at another.

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request, StatusCode};
use callbar_server::{Interface, Needs, Permission, Route, routes};
use callbar_store::{CredentialKind, NewEntry, Operation, Role};

use crate::test_server::{DOMAIN, LIST, OTHER, Reply, TestServer};

/// On a list of the other domain, and nowhere else.
const THEIRS: &str = "05050000777";
const THEIRS_CANONICAL: &str = "905050000777";

/// The headers or members that carry a key.
#[derive(Clone, Debug)]
enum SentKey {
    Nothing,
    Bearer(String),
    Webitel { token: String, key: String },
    Iletimerkezi { key: String, hash: String },
}

/// A key of this kind, role, domain and list.
#[derive(Clone, Copy, Debug)]
struct KeySpec {
    kind: CredentialKind,
    role: Role,
    domain: Option<&'static str>,
    list: Option<&'static str>,
}

/// All kinds of keys that are not of the other domain.
fn everybody() -> Vec<KeySpec> {
    let mut all = Vec::new();
    for role in [Role::Reader, Role::Editor, Role::Admin] {
        let native = |domain, list| KeySpec { kind: CredentialKind::Native, role, domain, list };
        let (own, list) = (Some(DOMAIN), Some(LIST));
        all.extend([native(None, None), native(own, None), native(own, list)]);
        all.push(native(own, Some("another")));
        let kind = CredentialKind::Webitel;
        all.extend([None, own].map(|domain| KeySpec { kind, role, domain, list: None }));
        all.push(KeySpec { kind, role, domain: own, list });
        all.push(KeySpec { kind: CredentialKind::Iletimerkezi, role, domain: own, list });
    }
    all
}

fn issue_key(server: &TestServer, who: KeySpec) -> SentKey {
    let issued = server.issue(who.kind, who.domain, who.list, who.role);
    match (issued.token, issued.key, issued.hash) {
        (Some(token), None, None) => SentKey::Bearer(token),
        (Some(token), Some(key), None) => SentKey::Webitel { token, key },
        (None, Some(key), Some(hash)) => SentKey::Iletimerkezi { key, hash },
        other => panic!("no such key: {other:?}"),
    }
}

/// A method and a path of the native interface, filled in for a domain.
struct RouteRequest {
    method: Method,
    path: String,
    needs: Needs,
    /// Whether the path names a domain, and a list.
    names: (bool, bool),
}

/// The rows of an interface.
fn routes_of(interface: Interface) -> Vec<Route> {
    routes().into_iter().filter(|route| route.interface == interface).collect()
}

/// All native routes; those that remove things come last, the greatest of all at the very end.
fn native_requests(domain: &str) -> Vec<RouteRequest> {
    let mut routes = routes_of(Interface::Native);
    routes.sort_by_key(|route| (route.method == Method::DELETE, usize::MAX - route.path.len()));
    let fill = |path: &str| {
        let path = path.replace("{domain}", domain).replace("{list}", LIST);
        let path = path.replace("{number}", THEIRS).replace("{id}", "54f78cdf66f6b64200000018");
        path.replace("{kind}", "native").replace("{key}", "0000000000000000")
    };
    let asked = routes.into_iter().map(|Route { method, path, needs, .. }| RouteRequest {
        method,
        path: fill(&path),
        needs,
        names: (path.contains("{domain}"), path.contains("{list}")),
    });
    asked.collect()
}

/// The rule, written a second time: what a key may do, and where.
fn may(who: KeySpec, asked: &RouteRequest, domain: &str) -> bool {
    let (permission, own) = match asked.needs {
        Needs::Nothing => return true,
        Needs::Path(permission) => (permission, false),
        Needs::Own(permission) => (permission, true),
    };
    let role = match permission {
        Permission::Read => true,
        Permission::Create | Permission::Delete => who.role != Role::Reader,
        Permission::Admin => who.role == Role::Admin,
    };
    let place = match asked.names {
        (true, true) => {
            who.domain.is_none_or(|own| own == domain) && who.list.is_none_or(|own| own == LIST)
        }
        (true, false) => who.domain.is_none_or(|own| own == domain) && who.list.is_none(),
        // The log of a whole domain is not for a key of one list.
        (false, _) if own => !asked.path.ends_with("/audit") || who.list.is_none(),
        (false, _) => who.domain.is_none(),
    };
    role && place && who.kind == CredentialKind::Native
}

fn request(asked: &RouteRequest, sent: &SentKey) -> Request<Body> {
    let request = Request::builder().method(asked.method.clone()).uri(&asked.path);
    let request = match sent {
        SentKey::Nothing => request,
        SentKey::Bearer(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        SentKey::Webitel { token, key } => request
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header("x-access-token", token)
            .header("x-key", key),
        SentKey::Iletimerkezi { key, hash } => {
            request.header(AUTHORIZATION, format!("Bearer cb_{key}_{hash}"))
        }
    };
    request.body(Body::from("{}")).expect("a request")
}

fn server_with_their_entry() -> TestServer {
    let server = TestServer::new();
    let entry = NewEntry::new(THEIRS);
    let (domain, list) = (OTHER.to_owned(), LIST.to_owned());
    let add = Operation::Add { domain, list, entry, make_list: false };
    server.app.apply_here("test", vec![add]).expect("an entry");
    server
}

/// All that the other domain has.
async fn other_domain(server: &TestServer) -> Vec<String> {
    let paths = ["", "/lists", "/lists/spam", "/lists/spam/export"];
    let mut all = Vec::new();
    for path in paths {
        all.push(server.get(&format!("/callbar/v1/domains/{OTHER}{path}")).await.text());
    }
    all
}

fn is_refused(reply: &Reply) -> bool {
    matches!(reply.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn assert_tells_nothing(reply: &Reply, what: &str) {
    let text = reply.text();
    assert!(!text.contains(THEIRS_CANONICAL) && !text.contains(THEIRS), "{what}: {text}");
}

#[tokio::test]
async fn native_routes_obey_role_domain_and_list() {
    for who in everybody() {
        let server = server_with_their_entry();
        let sent = issue_key(&server, who);
        let before = other_domain(&server).await;
        for domain in [OTHER, DOMAIN] {
            // A global key may do to either what the test would then miss.
            if domain == OTHER && who.domain.is_none() && who.kind == CredentialKind::Native {
                continue;
            }
            for asked in native_requests(domain) {
                let reply = server.send(request(&asked, &sent)).await;
                let what = format!("{who:?} {} {}", asked.method, asked.path);
                assert_eq!(
                    !is_refused(&reply),
                    may(who, &asked, domain),
                    "{what}: {}",
                    reply.text()
                );
                if who.domain.is_some() {
                    assert_tells_nothing(&reply, &what);
                    let own = !asked.path.contains(OTHER) && !reply.text().contains("openapi");
                    assert!(!own || !reply.text().contains(OTHER), "{what}: {}", reply.text());
                }
            }
        }
        assert_eq!(other_domain(&server).await, before, "{who:?}");
    }
}

#[tokio::test]
async fn a_request_without_a_good_key_learns_nothing() {
    let server = server_with_their_entry();
    let revoked = server.native(None, None, Role::Admin);
    let key = revoked.split('_').nth(1).unwrap().to_owned();
    let revoke = Operation::RevokeKey { kind: CredentialKind::Native, key: key.clone() };
    server.app.apply_here("test", vec![revoke]).expect("revoked");
    let good = server.native(None, None, Role::Admin);
    let (good_key, secret) = good.strip_prefix("cb_").unwrap().split_once('_').unwrap();
    for sent in [
        SentKey::Nothing,
        SentKey::Bearer(String::new()),
        SentKey::Bearer("garbage".into()),
        SentKey::Bearer(revoked.clone()),
        SentKey::Bearer(format!("cb_{good_key}_")),
        SentKey::Bearer(format!("cb_{good_key}_{}", &secret[1..])),
        SentKey::Bearer(format!("cb_{good_key}_{}", secret.to_uppercase())),
        SentKey::Bearer(format!("cb_{key}_{secret}")),
        SentKey::Bearer(format!("cb__{secret}")),
    ] {
        for asked in
            native_requests(OTHER).into_iter().filter(|asked| asked.needs != Needs::Nothing)
        {
            let reply = server.send(request(&asked, &sent)).await;
            let what = format!("{sent:?} {} {}", asked.method, asked.path);
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{what}");
            assert_eq!(reply.headers["www-authenticate"], "Bearer", "{what}");
            assert_tells_nothing(&reply, &what);
        }
    }
}

/// What becomes of a request to one of Webitel's routes.
async fn webitel(
    server: &TestServer,
    method: &Method,
    path: &str,
    domain: &str,
    sent: &SentKey,
) -> Reply {
    let path = path.replace("{name}", LIST).replace("{number}", THEIRS);
    let asked = RouteRequest {
        method: method.clone(),
        path: format!("{path}?domain={domain}"),
        needs: Needs::Nothing,
        names: (false, false),
    };
    let mut request = request(&asked, sent);
    *request.body_mut() = Body::from(r#"{"number":"112","filter":{"name":"spam"}}"#);
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    server.send(request).await
}

#[tokio::test]
async fn webitels_routes_obey_role_domain_and_list() {
    for who in everybody() {
        let server = server_with_their_entry();
        let sent = issue_key(&server, who);
        let before = other_domain(&server).await;
        for Route { method, path, needs, .. } in &routes_of(Interface::Webitel) {
            let what = format!("{who:?} {method} {path}");
            if who.domain.is_some() || who.kind != CredentialKind::Webitel {
                let reply = webitel(&server, method, path, OTHER, &sent).await;
                assert!(is_refused(&reply), "{what}: {}", reply.text());
                assert_tells_nothing(&reply, &what);
            }
            let role = who.role != Role::Reader || needs.permission() == Some(Permission::Read);
            // A key of one list may not ask for all of them.
            let place = who.list.is_none() || path.contains("{name}");
            let may = role && who.kind == CredentialKind::Webitel;
            let reply = webitel(&server, method, path, DOMAIN, &sent).await;
            if place || !may {
                assert_eq!(!is_refused(&reply), may, "{what}: {}", reply.text());
            }
            assert_tells_nothing(&reply, &what);
        }
        if who.domain.is_some() {
            assert_eq!(other_domain(&server).await, before, "{who:?}");
        }
    }
}

#[tokio::test]
async fn iletimerkezis_routes_obey_role_and_domain() {
    for who in everybody() {
        let server = server_with_their_entry();
        let sent = issue_key(&server, who);
        let before = other_domain(&server).await;
        let (key, hash) = match &sent {
            SentKey::Nothing => unreachable!("somebody"),
            SentKey::Iletimerkezi { key, hash } => (key.clone(), hash.clone()),
            SentKey::Webitel { token, key } => (key.clone(), token.clone()),
            SentKey::Bearer(token) => {
                let (key, secret) = token.strip_prefix("cb_").unwrap().split_once('_').unwrap();
                (key.to_owned(), secret.to_owned())
            }
        };
        for Route { method, path, needs, .. } in &routes_of(Interface::Iletimerkezi) {
            let body = if path.ends_with("/json") {
                format!(
                    r#"{{"request":{{"authentication":{{"key":"{key}","hash":"{hash}"}},"blacklist":{{"number":"{THEIRS}","domain":"{OTHER}"}}}}}}"#
                )
            } else {
                format!(
                    "<request><authentication><key>{key}</key><hash>{hash}</hash></authentication>\
                     <blacklist><number>{THEIRS}</number></blacklist></request>"
                )
            };
            let sent = Request::builder().method(method).uri(path).body(Body::from(body));
            let reply = server.send(sent.unwrap()).await;
            let role = who.role != Role::Reader || needs.permission() == Some(Permission::Read);
            let may = role && who.kind == CredentialKind::Iletimerkezi;
            let what = format!("{who:?} {method} {path}: {}", reply.text());
            assert_eq!(!is_refused(&reply), may, "{what}");
        }
        assert_eq!(other_domain(&server).await, before, "{who:?}");
    }
}

#[tokio::test]
async fn a_key_of_one_domain_makes_no_key_for_another() {
    let server = server_with_their_entry();
    let own = server.native(Some(DOMAIN), None, Role::Admin);
    for (body, status) in [
        (r#"{"kind":"native","role":"reader"}"#, StatusCode::FORBIDDEN),
        (r#"{"kind":"native","role":"reader","domain":"other.example"}"#, StatusCode::FORBIDDEN),
        (r#"{"kind":"native","role":"reader","domain":"my.example"}"#, StatusCode::CREATED),
        (
            r#"{"kind":"iletimerkezi","role":"reader","domain":"my.example"}"#,
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let reply = server.ask_as(&own, Method::POST, "/callbar/v1/keys", body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
    }
    let keys = server.ask_as(&own, Method::GET, "/callbar/v1/keys", "").await.json();
    assert_eq!(keys["items"].as_array().unwrap().len(), 2);
    let admin = server.admin().split('_').nth(1).unwrap().to_owned();
    let path = format!("/callbar/v1/keys/native/{admin}");
    let reply = server.ask_as(&own, Method::DELETE, &path, "").await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "unknown_key"));
    assert_eq!(server.get("/callbar/v1/keys").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_of_one_domain_subscribes_to_no_other() {
    let server = server_with_their_entry();
    let own = server.native(Some(DOMAIN), None, Role::Admin);
    let path = format!("/callbar/v1/domains/{DOMAIN}");
    let body = r#"{"plan":{"region":"TR"},"subscriptions":["other.example"]}"#;
    let reply = server.ask_as(&own, Method::PUT, &path, body).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(server.ask(Method::PUT, &path, body).await.status, StatusCode::OK);
    // What the administrator has set may stay.
    assert_eq!(server.ask_as(&own, Method::PUT, &path, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn notes_of_a_tenant_are_hidden_from_its_subscribers() {
    let server = server_with_their_entry();
    let entries = format!("/callbar/v1/domains/{OTHER}/lists/{LIST}/entries");
    server.post(&entries, r#"{"number":"05051112233","reason":"secret"}"#).await;
    let body = r#"{"plan":{"region":"TR"},"subscriptions":["other.example"]}"#;
    server.ask(Method::PUT, &format!("/callbar/v1/domains/{DOMAIN}"), body).await;
    let explain = format!("/callbar/v1/domains/{DOMAIN}/explain");
    let ask = r#"{"number":"05051112233"}"#;
    let own = server.native(Some(DOMAIN), None, Role::Reader);
    let answer = server.ask_as(&own, Method::POST, &explain, ask).await;
    assert_eq!(answer.json()["matches"][0]["domain"], OTHER);
    assert!(answer.json()["matches"][0]["note"].is_null(), "{}", answer.text());
    assert!(server.post(&explain, ask).await.text().contains("secret"));
    let check = format!("/callbar/v1/domains/{DOMAIN}/check");
    let hidden = server.ask_as(&own, Method::POST, &check, ask).await.json();
    assert_eq!((&hidden["shared_by"], hidden["entry_reason"].is_null()), (&OTHER.into(), true));
    assert_eq!(server.post(&check, ask).await.json()["entry_reason"], "secret");
    let decide = format!("/callbar/v1/domains/{DOMAIN}/decide?explain=true");
    let ask = r#"{"from":"tel:05051112233"}"#;
    let answer = server.ask_as(&own, Method::POST, &decide, ask).await;
    let matched = &answer.json()["questions"][0]["readings"][0]["matches"][0];
    assert_eq!((&matched["domain"], matched["note"].is_null()), (&OTHER.into(), true));
    assert_eq!(answer.json()["shared_by"], OTHER);
    assert!(server.post(&decide, ask).await.text().contains("secret"));
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_a_busy_one_waits() {
    let options = callbar_server::AppOptions { rate: 5, ..Default::default() };
    let server = TestServer::with(&options);
    let token = server.native(None, None, Role::Reader);
    let mut refused = 0;
    for _ in 0..8 {
        let reply = server.ask_as(&token, Method::GET, "/callbar/v1/status", "").await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(
                (reply.code().as_str(), &reply.headers["retry-after"]),
                ("too_many_requests", &"1".parse().unwrap())
            );
            refused += 1;
        }
    }
    assert!((1..=3).contains(&refused), "{refused}");
    let token = server.native(None, None, Role::Reader);
    let ask = || server.ask_as(&token, Method::GET, "/callbar/v1/status", "");
    assert_eq!(ask().await.status, StatusCode::OK);
    let path = format!("/callbar/v1/keys/native/{}", token.split('_').nth(1).unwrap());
    assert_eq!(server.ask(Method::DELETE, &path, "").await.status, StatusCode::OK);
    assert_eq!(ask().await.status, StatusCode::UNAUTHORIZED);
}
