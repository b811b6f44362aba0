//! The one table of routes, and the router that is made of it. It needs no socket.
//!
//! A row has the method and the path of a route, what its caller must be allowed to do, and its handler. To
//! add a route, add a row. The router and the tests go through this table: the test of isolation tries every
//! row with every kind of key, and the test of `openapi.json` compares the description with the rows.

use std::any::Any;
use std::sync::Arc;

use axum::handler::Handler;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::auth::Permission::{Admin, Create, Delete, Read};
use crate::access::guard::Needs::{self, Nothing, Own, Path};
use crate::access::guard::guard;
use crate::app::App;
use crate::error::ApiError;
use crate::native::{audit, check, decide, domains, entries, export, import, keys, lists, state};
use crate::observe::request_log::log_request;
use crate::{iletimerkezi, webitel};

/// All routes of all interfaces.
///
/// # Examples
/// ```
/// use callbar_server::{Method, routes};
///
/// let paths: Vec<String> = routes().into_iter().map(|route| route.path).collect();
/// assert!(paths.contains(&"/callbar/v1/domains/{domain}/decide".to_owned()));
/// ```
#[must_use]
pub fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const PUT: Method = Method::PUT;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    use Interface::{Iletimerkezi, Native, Webitel};
    let mut table = Table::default();

    table.add(Native, GET, "/health", Nothing, state::health);
    table.add(Native, GET, "/ready", Nothing, state::ready);
    table.add(Native, GET, "/openapi.json", Nothing, state::openapi);
    table.add(Native, GET, "/status", Path(Read), state::status);
    table.add(Native, GET, "/domains", Own(Read), domains::all);
    table.add(Native, GET, "/domains/{domain}", Path(Read), domains::one);
    table.add(Native, PUT, "/domains/{domain}", Path(Admin), domains::put);
    table.add(Native, DELETE, "/domains/{domain}", Path(Admin), domains::remove);
    table.add(Native, POST, "/domains/{domain}/decide", Path(Read), decide::decide);
    table.add(Native, POST, "/domains/{domain}/check", Path(Read), check::check);
    table.add(Native, POST, "/domains/{domain}/explain", Path(Read), check::explain);
    let by_id = "/domains/{domain}/entries/{id}";
    table.add(Native, GET, by_id, Path(Read), entries::one_by_id);
    table.add(Native, DELETE, by_id, Path(Delete), entries::remove_by_id);
    table.add(Native, GET, "/domains/{domain}/lists", Path(Read), lists::all);
    table.add(Native, GET, "/domains/{domain}/lists/{list}", Path(Read), lists::one);
    table.add(Native, PUT, "/domains/{domain}/lists/{list}", Path(Create), lists::put);
    table.add(Native, DELETE, "/domains/{domain}/lists/{list}", Path(Delete), lists::remove);
    table.add(Native, POST, "/domains/{domain}/lists/{list}/check", Path(Read), check::on_list);
    table.add(Native, POST, "/domains/{domain}/lists/{list}/import", Path(Create), import::import);
    table.add(Native, GET, "/domains/{domain}/lists/{list}/export", Path(Read), export::export);
    table.add(Native, GET, "/domains/{domain}/lists/{list}/entries", Path(Read), entries::all);
    table.add(Native, POST, "/domains/{domain}/lists/{list}/entries", Path(Create), entries::add);
    let by_number = "/domains/{domain}/lists/{list}/entries/{number}";
    table.add(Native, GET, by_number, Path(Read), entries::one);
    table.add(Native, DELETE, by_number, Path(Delete), entries::remove);
    table.add(Native, GET, "/keys", Own(Admin), keys::all);
    table.add(Native, POST, "/keys", Own(Admin), keys::make);
    table.add(Native, DELETE, "/keys/{kind}/{key}", Own(Admin), keys::revoke);
    table.add(Native, GET, "/audit", Own(Admin), audit::all);
    table.add(Native, GET, "/metrics", Path(Read), state::metrics);

    table.add(Webitel, GET, "", Path(Read), webitel::read::names);
    table.add(Webitel, GET, "/{name}", Path(Read), webitel::read::list);
    table.add(Webitel, POST, "/{name}", Path(Create), webitel::change::add_or_search);
    table.webitel_search();
    table.add(Webitel, DELETE, "/{name}", Path(Delete), webitel::change::remove_list);
    table.add(Webitel, GET, "/{name}/{number}", Path(Read), webitel::read::number);
    table.add(Webitel, DELETE, "/{name}/{number}", Path(Delete), webitel::change::remove_number);

    table.add(Iletimerkezi, POST, "/get-blacklist", Path(Read), iletimerkezi::calls::get);
    table.add(Iletimerkezi, POST, "/add-blacklist", Path(Create), iletimerkezi::calls::add);
    table.add(Iletimerkezi, POST, "/delete-blacklist", Path(Delete), iletimerkezi::calls::delete);

    table.routes
}

/// An interface, by which a route reads keys and writes refusals.
///
/// # Examples
/// ```
/// use callbar_server::{Interface, routes};
///
/// let webitel = routes().into_iter().find(|route| route.interface == Interface::Webitel);
/// assert!(webitel.is_some_and(|route| route.path.starts_with("/api/")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// The interface of callbar.
    Native,
    /// Webitel's API of blacklists.
    Webitel,
    /// iletimerkezi's API of blocked numbers.
    Iletimerkezi,
}

impl Interface {
    /// The whole paths of a path of this interface.
    fn paths(self, path: &str) -> Vec<String> {
        match self {
            // Where Prometheus looks for it.
            Self::Native if path == "/metrics" => vec![path.to_owned()],
            Self::Native => vec![format!("/callbar/v1{path}")],
            // Also under `/engine`, as in the examples of its document.
            Self::Webitel => webitel::BASES.map(|base| format!("{base}{path}")).into(),
            // In XML, and in JSON with `/json` at the end.
            Self::Iletimerkezi => vec![format!("/v1{path}"), format!("/v1{path}/json")],
        }
    }
}

/// A row of the table.
///
/// # Examples
/// ```
/// use callbar_server::{Interface, Method, Needs, routes};
///
/// let health = routes().into_iter().find(|route| route.path == "/callbar/v1/health").expect("a row");
/// assert_eq!((health.interface, health.method), (Interface::Native, Method::GET));
/// assert_eq!(health.needs, Needs::Nothing);
/// ```
pub struct Route {
    /// The interface that it belongs to.
    pub interface: Interface,
    /// Its method.
    pub method: Method,
    /// Its path, with `{parameters}`.
    pub path: String,
    /// What its caller must be allowed to do.
    pub needs: Needs,
    /// `None` if another row answers it.
    handler: Option<MethodRouter<App>>,
}

impl Route {
    /// The path and the handler, behind the check of the interface.
    fn guarded(self, app: &App) -> Option<(String, MethodRouter<App>)> {
        let state = (app.clone(), self.needs);
        let handler = self.handler?;
        let handler = match self.interface {
            Interface::Native => handler.layer(middleware::from_fn_with_state(state, guard)),
            Interface::Webitel => {
                handler.layer(middleware::from_fn_with_state(state, webitel::guard::guard))
            }
            // The key is in the body, so the handler checks it.
            Interface::Iletimerkezi => handler.layer(Extension(self.needs)),
        };
        Some((self.path, handler))
    }
}

#[derive(Default)]
struct Table {
    routes: Vec<Route>,
}

impl Table {
    /// A search is a `POST` to the list of the name `searches`, so the row of that path answers it.
    fn webitel_search(&mut self) {
        self.routes.extend(webitel::BASES.map(|base| Route {
            interface: Interface::Webitel,
            method: Method::POST,
            path: format!("{base}/{}", webitel::guard::SEARCHES),
            needs: webitel::guard::SEARCH,
            handler: None,
        }));
    }

    /// Adds a row for each whole path of a path of an interface.
    fn add<H, T>(
        &mut self,
        interface: Interface,
        method: Method,
        path: &str,
        needs: Needs,
        handler: H,
    ) where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("a method of HTTP");
        let handler = Some(on(filter, handler));
        self.routes.extend(interface.paths(path).into_iter().map(move |path| {
            let (method, handler) = (method.clone(), handler.clone());
            Route { interface, method, path, needs, handler }
        }));
    }
}

/// Makes the router of all interfaces.
///
/// # Examples
/// ```
/// use axum::body::Body;
/// use axum::http::Request;
/// use callbar_server::router;
/// use tower::ServiceExt;
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let (directory, app) = example::app();
/// # let data = directory.path();
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// // Without a socket, as a test asks.
/// let request = Request::get("/callbar/v1/health").body(Body::empty())?;
/// let answer = router(app).oneshot(request).await?;
/// assert_eq!(answer.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for (path, handler) in routes().into_iter().filter_map(|route| route.guarded(&app)) {
        router = router.route(&path, handler);
    }
    router
        .fallback(|uri: Uri, headers: HeaderMap| async move { not_found(&uri, &headers, false) })
        .method_not_allowed_fallback(|uri: Uri, headers: HeaderMap| async move {
            not_found(&uri, &headers, true)
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app.metrics()), log_request))
        .with_state(app)
}

/// Refuses a path that does not exist, or a method that the path does not have, in the shape of the
/// interface that the path belongs to.
fn not_found(uri: &Uri, headers: &HeaderMap, path_exists: bool) -> Response {
    let path = uri.path();
    if path.starts_with("/api/") || path.starts_with("/engine/") {
        return webitel::not_found(path);
    }
    if path.starts_with("/v1/") {
        return iletimerkezi::not_found(path, headers, path_exists);
    }
    if path_exists {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let remedy = "use a method that /callbar/v1/openapi.json lists for this path";
        let message = "this path does not have this method";
        return ApiError::new(status, "method_not_allowed", message, remedy).into_response();
    }
    ApiError::not_found("unknown_path", "there is nothing at this path").into_response()
}

/// Answers a request whose handler panicked. The other requests go on.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook of the process has written where it happened.
    tracing::error!("a request panicked");
    ApiError::internal().into_response()
}
