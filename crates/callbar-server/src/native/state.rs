//! How the server does, and what it can be asked.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;

use super::JsonResult;
use crate::app::App;
use crate::observe::metrics::Gauges;
use callbar::Clock;
use callbar_store::ManagerHealth;

/// The description of this interface.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

/// Nothing of any tenant: anybody may ask.
#[derive(Serialize)]
pub(crate) struct Alive {
    status: &'static str,
    version: &'static str,
}

/// `GET /callbar/v1/health`: that the process answers.
pub(crate) async fn health() -> Json<Alive> {
    Json(Alive { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Whether to send requests here.
#[expect(clippy::struct_field_names, reason = "members of the answer")]
#[derive(Serialize)]
pub(crate) struct Ready {
    ready: bool,
    /// Whether the store can be read.
    readable: bool,
    /// Whether changes are taken.
    writable: bool,
    /// Indexes that are being made again, whose domains may not be judged yet.
    rebuilding: usize,
    /// Indexes that could not be made of what is stored. They are for whoever looks after the server
    /// to see, and no reason to send nobody here.
    failed: usize,
}

/// `GET /callbar/v1/ready`: 503 while the store cannot be read, changes are not taken or indexes are
/// being made.
pub(crate) async fn ready(State(app): State<App>) -> impl IntoResponse {
    let health = app.manager().health();
    let (rebuilding, failed) = (health.rebuilding.len(), health.failed.len());
    let writable = health.writable;
    // A look-up of nobody reads what every look-up reads first.
    let readable = app.read(|reader| reader.domain("").map(drop)).is_ok();
    let ready = readable && writable && rebuilding == 0;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, readable, writable, rebuilding, failed }))
}

/// All that is not as it should be.
#[derive(Serialize)]
pub(crate) struct Status {
    good: bool,
    #[serde(flatten)]
    health: ManagerHealth,
}

/// `GET /callbar/v1/status`
pub(crate) async fn status(State(app): State<App>) -> JsonResult<Status> {
    let health = app.manager().health();
    Ok(Json(Status { good: health.is_good(), health }))
}

/// `GET /callbar/v1/openapi.json`
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let health = app.manager().health();
    let snapshot = app.manager().engine().snapshot();
    let changed = snapshot.domains().map(|(_, _, domain)| domain.stats().created).max();
    // Indexes are dated by the system's clock.
    let now = Clock::default().now();
    let gauges = Gauges {
        domains: health.engine.domains as u64,
        age: changed.map(|changed| now.saturating_sub(changed)),
        rebuilding: health.rebuilding.len() as u64,
        failed: health.failed.len() as u64,
        writable: health.writable,
        up: Instant::now().saturating_duration_since(app.started()),
    };
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics().text(&gauges))
}
