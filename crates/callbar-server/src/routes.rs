//! The router of all interfaces. It needs no socket.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::error::ApiError;
use crate::observe::request_log::log_request;
use crate::{iletimerkezi, native, webitel};

/// Makes the router of all interfaces.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in native::routes() {
        let (path, handler) = route.guarded(&app);
        router = router.route(path, handler);
    }
    router
        .merge(webitel::router())
        .merge(iletimerkezi::router())
        .fallback(|request: Request| async move { absent(&request, false) })
        .method_not_allowed_fallback(|request: Request| async move { absent(&request, true) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app.metrics()), log_request))
        .with_state(app)
}

/// What is told of a path that is none, or a method that it has not, in the words of the interface
/// that the path belongs to.
fn absent(request: &Request, method_is_wrong: bool) -> Response {
    let uri = request.uri();
    let path = uri.path();
    if path.starts_with("/api/") || path.starts_with("/engine/") {
        return webitel::not_found(method_is_wrong, uri);
    }
    if path.starts_with("/v1/") {
        return iletimerkezi::not_found(method_is_wrong, uri);
    }
    if method_is_wrong {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let remedy = "use a method that /callbar/v1/openapi.json lists for this path";
        let message = "this path does not have this method";
        return ApiError::new(status, "method_not_allowed", message, remedy).into_response();
    }
    ApiError::not_found("unknown_path", "there is nothing at this path").into_response()
}

/// The request that brought it about has failed; the others go on.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The hook of the process has told where.
    tracing::error!("a request panicked");
    ApiError::internal().into_response()
}

/// Method, path and needs of every route of our own interface.
#[doc(hidden)]
#[must_use]
pub fn native_routes() -> Vec<(Method, &'static str, crate::access::guard::Needs)> {
    native::routes().into_iter().map(|route| (route.method, route.path, route.needs)).collect()
}
