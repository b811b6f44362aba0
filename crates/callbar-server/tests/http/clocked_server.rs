//! A router over a directory with one domain, two clocks that are set by hand, and its answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use callbar::{Clock, EntryId, Note, PlanSpec};
use callbar_server::{App, AppOptions, Issued, KeyRequest, Secret, issue, router};
use callbar_store::{CredentialKind, Manager, ManagerOptions, NewEntry, Operation, Role};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const DOMAIN: &str = "my.webitel.com";

/// 2016-10-12 09:42:45 in UTC, when the documents' first entries were made.
pub(crate) const NOW: u64 = 1_476_265_365;

pub(crate) struct ClockedServer {
    pub(crate) manager: Manager,
    pub(crate) secret: Secret,
    router: Router,
    seconds: Arc<AtomicU64>,
    millis: Arc<AtomicU64>,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.content_type, "application/json", "{}", self.body);
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The status and the body.
    pub(crate) fn status_and_json(&self) -> (u16, Value) {
        (self.status, self.json())
    }
}

impl ClockedServer {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (seconds, millis) = (Arc::new(AtomicU64::new(NOW)), Arc::new(AtomicU64::new(0)));
        let clock = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || clock.load(Ordering::Relaxed));
        let options = ManagerOptions { clock, ..ManagerOptions::default() };
        let manager = Manager::open(dir.path(), options).expect("a manager");
        let clock = Arc::clone(&millis);
        let clock_ms = Arc::new(move || clock.load(Ordering::Relaxed));
        let secret = Secret::open(dir.path()).expect("a secret");
        let options = AppOptions { clock_ms, ..AppOptions::default() };
        let router = router(App::new(manager.clone(), secret.clone(), options));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let server = Self { manager, secret, router, seconds, millis, runtime, _dir: dir };
        server.set_clock(NOW * 1_000);
        server.domain(DOMAIN);
        server
    }

    /// Sets both clocks to a millisecond since 1970.
    pub(crate) fn set_clock(&self, millis: u64) {
        self.seconds.store(millis / 1_000, Ordering::Relaxed);
        self.millis.store(millis, Ordering::Relaxed);
    }

    pub(crate) fn domain(&self, name: &str) {
        self.apply(Operation::PutDomain {
            name: name.into(),
            plan: PlanSpec { region: "TR".into(), ..PlanSpec::default() },
            emergency_exempt: false,
            subscriptions: Vec::new(),
            may_subscribe: true,
            description: String::new(),
        });
    }

    pub(crate) fn apply(&self, operation: Operation) {
        self.manager.apply("test", vec![operation]).expect("applied");
    }

    /// Puts a number on a list of [`DOMAIN`] at a second, with an id if one is given.
    pub(crate) fn add_at(&self, list: &str, number: &str, created: u64, id: Option<&str>) {
        let id = id.map(|id| EntryId::parse(id).expect("an id"));
        let note = Note { id, created: Some(created), ..Note::default() }.into();
        let entry = NewEntry { note, ..NewEntry::new(number) };
        let (domain, list) = (DOMAIN.into(), list.into());
        self.apply(Operation::Add { domain, list, entry, make_list: true });
    }

    /// A new key.
    pub(crate) fn key(
        &self,
        kind: CredentialKind,
        domain: Option<&str>,
        list: Option<&str>,
        role: Role,
    ) -> Issued {
        let own = |text: &str| text.to_owned();
        let (domain, list, label) = (domain.map(own), list.map(own), String::new());
        let request = KeyRequest { kind, domain, list, role, label };
        let now = self.millis.load(Ordering::Relaxed);
        let (issued, operation) = issue(request, &self.secret, now).expect("a key");
        self.apply(operation);
        issued
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("an answer");
            let status: StatusCode = response.status();
            let content_type = response.headers().get("content-type");
            let content_type = content_type.map_or("", |value| value.to_str().expect("text"));
            let content_type = content_type.to_owned();
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body = String::from_utf8(body.to_vec()).expect("UTF-8");
            Answer { status: status.as_u16(), content_type, body }
        })
    }

    pub(crate) fn denies(&self, number: &str) -> bool {
        self.manager.engine().reader().check(DOMAIN, number).expect("the domain").is_deny()
    }
}
