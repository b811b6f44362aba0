//! The state of the server, and the description of the interface.

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

/// Says nothing of any tenant, so that anybody may ask.
#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    version: &'static str,
}

/// `GET /callbar/v1/health`: the process answers.
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Whether to send requests here.
#[derive(Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    /// Whether the store can be read.
    readable: bool,
    /// Whether changes are taken.
    writable: bool,
    /// Indexes that are being made again. Their domains may give no verdicts yet.
    rebuilding: usize,
    /// Indexes that could not be made of the store. The operator must see them, but the other domains can be
    /// served.
    failed: usize,
}

/// `GET /callbar/v1/ready`: 503 while the store cannot be read, changes are not taken or indexes are
/// being made.
pub(crate) async fn ready(State(app): State<App>) -> impl IntoResponse {
    let health = app.manager().health();
    let (rebuilding, failed) = (health.rebuilding.len(), health.failed.len());
    let writable = health.writable;
    // A look-up of an unknown name reads what every look-up reads first.
    let readable = app.read(|reader| reader.domain("").map(drop)).is_ok();
    let ready = readable && writable && rebuilding == 0;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, readable, writable, rebuilding, failed }))
}

/// The state of the store and of the indexes.
#[derive(Serialize)]
pub(crate) struct ServerStatus {
    good: bool,
    #[serde(flatten)]
    health: ManagerHealth,
}

/// `GET /callbar/v1/status`
pub(crate) async fn status(State(app): State<App>) -> JsonResult<ServerStatus> {
    let health = app.manager().health();
    Ok(Json(ServerStatus { good: health.is_good(), health }))
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
        up: app.state.started.elapsed(),
    };
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics().text(&gauges))
}
