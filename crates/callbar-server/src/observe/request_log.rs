//! One line of the log for each request, with the caller, and the counters of requests.
//!
//! The log shows no number in clear. It shows refusals and failures, and all requests at the level `debug`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::mask::mask;
use super::metrics::Metrics;

tokio::task_local! {
    static CALLER: OnceCell<String>;
}

/// Names the caller of the request that this task answers. Each interface finds its caller in a place of
/// its own.
pub(crate) fn set_caller(who: &str) {
    // In tests of the parts there is no request.
    let _ = CALLER.try_with(|caller| caller.set(who.to_owned()));
}

/// The code of a refusal. It is attached to the response for the metrics and the log.
#[derive(Clone, Debug)]
pub(crate) struct RefusalCode(pub(crate) Cow<'static, str>);

/// Counts a request, and logs it when it is answered.
pub(crate) async fn log_request(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let uri = request.uri().clone();
    let answer = async {
        let response = next.run(request).await;
        (response, CALLER.with(|caller| caller.get().cloned()))
    };
    let (response, who) = CALLER.scope(OnceCell::new(), answer).await;
    let took = start.elapsed();
    metrics.answered(took);
    let status = response.status();
    let code = response.extensions().get::<RefusalCode>().map(|refusal| &refusal.0);
    if let Some(code) = code {
        metrics.rejected(code.clone());
    }
    let (is_failure, is_refusal) = (status.is_server_error(), code.is_some());
    if !is_failure && !is_refusal && !tracing::enabled!(tracing::Level::DEBUG) {
        return response;
    }
    let (path, micros) = (mask(uri.path()), took.as_micros() as u64);
    let (status, code) = (status.as_u16(), code.map_or("-", AsRef::as_ref));
    let who = who.as_deref().unwrap_or("-");
    // One line for each level, because the level is a part of the place in the code that logs.
    if is_failure {
        tracing::warn!(%method, path, status, code, who, micros, "request");
    } else if is_refusal {
        tracing::info!(%method, path, status, code, who, micros, "request");
    } else {
        tracing::debug!(%method, path, status, code, who, micros, "request");
    }
    response
}
