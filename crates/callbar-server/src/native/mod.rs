//! Our own interface, under `/callbar/v1`: everything that can be asked of a directory.
//!
//! | file | holds |
//! | --- | --- |
//! | `state` | health, readiness, status, metrics, the description of the interface |
//! | `domains`, `lists`, `entries` | what a directory holds |
//! | `page` | pages and cursors |
//! | `decide`, `check` | decisions on calls, checks of numbers, and explanations |
//! | `questions` | one question or many of a request |
//! | `import`, `spool` | many entries in |
//! | `export` | many entries out |
//! | `keys`, `audit` | who may, and who did |
//! | `openapi.json` | the description; a test compares its routes with the table below |

mod audit;
mod check;
mod decide;
mod domains;
mod entries;
mod export;
mod import;
mod keys;
mod lists;
mod page;
mod questions;
mod spool;
mod state;

use axum::Json;
use axum::http::Method;

use crate::access::auth::Permission::{Admin, Create, Delete, Read};
use crate::access::guard::Needs::{Nothing, Own, Path};
use crate::access::guard::Route;
use crate::error::ApiError;

/// What a handler answers.
type Answer<T> = Result<Json<T>, ApiError>;

/// A path below the interface's root.
macro_rules! v1 {
    ($path:literal) => {
        concat!("/callbar/v1", $path)
    };
}

/// A path below a list.
macro_rules! list {
    ($path:literal) => {
        concat!("/callbar/v1/domains/{domain}/lists/{list}", $path)
    };
}

/// All routes.
pub(super) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const PUT: Method = Method::PUT;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    const DOMAIN: &str = v1!("/domains/{domain}");
    const LIST: &str = list!("");
    const ENTRY: &str = list!("/entries/{number}");
    const ENTRIES: &str = list!("/entries");
    const IDENTIFIED: &str = v1!("/domains/{domain}/entries/{id}");
    vec![
        Route::new(GET, v1!("/health"), Nothing, state::health),
        Route::new(GET, v1!("/ready"), Nothing, state::ready),
        Route::new(GET, v1!("/openapi.json"), Nothing, state::openapi),
        Route::new(GET, v1!("/status"), Path(Read), state::status),
        Route::new(GET, "/metrics", Path(Read), state::metrics),
        Route::new(GET, v1!("/domains"), Own(Read), domains::all),
        Route::new(GET, DOMAIN, Path(Read), domains::one),
        Route::new(PUT, DOMAIN, Path(Admin), domains::put),
        Route::new(DELETE, DOMAIN, Path(Admin), domains::remove),
        Route::new(GET, v1!("/domains/{domain}/lists"), Path(Read), lists::all),
        Route::new(GET, LIST, Path(Read), lists::one),
        Route::new(PUT, LIST, Path(Create), lists::put),
        Route::new(DELETE, LIST, Path(Delete), lists::remove),
        Route::new(GET, ENTRIES, Path(Read), entries::all),
        Route::new(POST, ENTRIES, Path(Create), entries::add),
        Route::new(GET, ENTRY, Path(Read), entries::one),
        Route::new(DELETE, ENTRY, Path(Delete), entries::remove),
        Route::new(GET, IDENTIFIED, Path(Read), entries::of_id),
        Route::new(DELETE, IDENTIFIED, Path(Delete), entries::remove_id),
        Route::new(POST, list!("/import"), Path(Create), import::import),
        Route::new(GET, list!("/export"), Path(Read), export::export),
        Route::new(POST, list!("/check"), Path(Read), check::on_list),
        Route::new(POST, v1!("/domains/{domain}/decide"), Path(Read), decide::decide),
        Route::new(POST, v1!("/domains/{domain}/check"), Path(Read), check::check),
        Route::new(POST, v1!("/domains/{domain}/explain"), Path(Read), check::explain),
        Route::new(GET, v1!("/keys"), Own(Admin), keys::all),
        Route::new(POST, v1!("/keys"), Own(Admin), keys::make),
        Route::new(DELETE, v1!("/keys/{kind}/{key}"), Own(Admin), keys::revoke),
        Route::new(GET, v1!("/audit"), Own(Admin), audit::all),
    ]
}
