//! A server without sockets: two domains, a list in each, and a key of every sort.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use callbar::PlanSpec;
use callbar_server::{App, AppOptions, Issued, KeyRequest, Secret, issue, router};
use callbar_store::{CredentialKind, Operation, Role};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::clocked;

pub(crate) const DOMAIN: &str = "my.example";
pub(crate) const OTHER: &str = "other.example";
pub(crate) const LIST: &str = "spam";
/// The second at which clocks begin.
pub(crate) const START: u64 = 1_790_000_000;

pub(crate) struct TestServer {
    pub(crate) app: App,
    pub(crate) router: Router,
    clock: Arc<AtomicU64>,
    dir: tempfile::TempDir,
    admin: String,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl TestServer {
    pub(crate) fn new() -> Self {
        Self::with(&AppOptions::default())
    }

    pub(crate) fn with(options: &AppOptions) -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let clock = Arc::new(AtomicU64::new(START));
        let by = Arc::clone(&clock);
        let clock_ms = Arc::new(move || by.load(Ordering::Relaxed) * 1_000);
        let manager = clocked::manager(dir.path(), &clock);
        let secret = Secret::random().expect("random bytes");
        let app = App::new(manager, secret, AppOptions { clock_ms, ..options.clone() });
        let router = router(app.clone());
        let mut server = Self { app, router, clock, dir, admin: String::new() };
        for name in [DOMAIN, OTHER] {
            server.make(name);
        }
        server.admin = server.native(None, None, Role::Admin);
        server
    }

    /// A domain with a list on which 05050000001 is.
    fn make(&self, name: &str) {
        let put = Operation::PutDomain {
            name: name.into(),
            plan: PlanSpec { region: "TR".into(), ..PlanSpec::default() },
            emergency_exempt: true,
            subscriptions: Vec::new(),
            may_subscribe: true,
            description: String::new(),
        };
        let entry = callbar_store::NewEntry::new("05050000001");
        let add = Operation::Add { domain: name.into(), list: LIST.into(), entry, make_list: true };
        self.app.apply_here("test", vec![put, add]).expect("a domain");
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn issue(
        &self,
        kind: CredentialKind,
        domain: Option<&str>,
        list: Option<&str>,
        role: Role,
    ) -> Issued {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let (domain, list) = (own(domain), own(list));
        let request = KeyRequest { kind, domain, list, role, label: String::new() };
        let (issued, put) = issue(request, self.app.secret(), self.app.now_ms()).expect("a key");
        self.app.apply_here("test", vec![put]).expect("a key");
        issued
    }

    pub(crate) fn native(&self, domain: Option<&str>, list: Option<&str>, role: Role) -> String {
        self.issue(CredentialKind::Native, domain, list, role).token.expect("a token")
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let answer = self.router.clone().oneshot(request).await;
        let (head, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Reply { status: head.status, headers: head.headers, body }
    }

    /// Sends a native request with this token.
    pub(crate) async fn ask_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .body(body.into());
        self.send(request.expect("a request")).await
    }

    /// Sends a request of the administrator.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: &'static str) -> Reply {
        self.ask_as(&self.admin, method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &'static str) -> Reply {
        self.ask(Method::POST, path, body).await
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn admin(&self) -> &str {
        &self.admin
    }
}
