//! What the log and the metrics tell of each request: never a number in clear.

use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::app::App;
use super::error::Refusal;
use super::mask::mask;
use super::who;

/// Counts a request and logs it when it is answered.
pub(crate) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let uri = request.uri().clone();
    let (response, who) = who::of(next.run(request)).await;
    let took = start.elapsed();
    app.metrics().answered(took);
    let status = response.status();
    let code = response.extensions().get::<Refusal>().map(|refusal| refusal.0);
    if let Some(code) = code {
        app.metrics().rejected(code);
    }
    let tell = Tell { method, path: uri.path(), status: status.as_u16(), code, who, took };
    if status.is_server_error() {
        tell.at_warn();
    } else if code.is_some() {
        tell.at_info();
    } else if tracing::enabled!(tracing::Level::DEBUG) {
        tell.at_debug();
    }
    response
}

/// A line of the log.
struct Tell<'r> {
    method: Method,
    path: &'r str,
    status: u16,
    code: Option<&'static str>,
    who: Option<String>,
    took: Duration,
}

/// The level is part of each place that logs.
macro_rules! at {
    ($($name:ident $macro:ident)*) => {$(
        fn $name(&self) {
            let (method, path) = (&self.method, mask(self.path));
            let (status, code) = (self.status, self.code.unwrap_or("-"));
            let who = self.who.as_deref().unwrap_or("-");
            let micros = self.took.as_micros() as u64;
            tracing::$macro!(%method, path, status, code, who, micros, "request");
        }
    )*};
}

impl Tell<'_> {
    at! {
        at_debug debug
        at_info info
        at_warn warn
    }
}
