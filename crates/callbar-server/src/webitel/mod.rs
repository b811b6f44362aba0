//! Webitel's API of blacklists, as its clients speak it: `/api/v2/routes/blacklists`, and the same
//! under `/engine`, as the examples of its document have it.
//!
//! Promises what the document says, and what the original does where the document is silent: names
//! and statuses of answers, `exp` in milliseconds, a list that comes with its first number and goes
//! with its last. Differs where the original is unsafe: another domain than the key's is refused,
//! not silently exchanged for it, and nothing is read across domains because a parameter is missing.
//!
//! Lists go newest first, as in the document, unless another order is asked for. No request walks a
//! list: see [`search`].
//!
//! | file | holds |
//! | --- | --- |
//! | `auth` | who calls, and which domain is meant |
//! | `error` | refusals in the shape of this API |
//! | `params` | what stands in the path and after the question mark |
//! | `filter` | the body of a search |
//! | `regex` | the one kind of regular expression that an index can answer |
//! | `search` | what a search finds |
//! | `read` | the routes that read |
//! | `change` | the routes that change |

mod auth;
mod change;
mod error;
mod filter;
mod params;
mod read;
mod regex;
mod search;

use axum::Router;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::access::auth::Permission;
use crate::app::App;
use error::Refused;

/// Where the API is.
const BASES: [&str; 2] = ["/api/v2/routes/blacklists", "/engine/api/v2/routes/blacklists"];

/// Every method and path, and what a caller must be allowed to do.
pub const ROUTES: &[(&str, &str, Permission)] = &[
    ("GET", "/api/v2/routes/blacklists", Permission::Read),
    ("POST", "/api/v2/routes/blacklists/searches", Permission::Read),
    ("GET", "/api/v2/routes/blacklists/{name}", Permission::Read),
    ("POST", "/api/v2/routes/blacklists/{name}", Permission::Create),
    ("DELETE", "/api/v2/routes/blacklists/{name}", Permission::Delete),
    ("GET", "/api/v2/routes/blacklists/{name}/{number}", Permission::Read),
    ("DELETE", "/api/v2/routes/blacklists/{name}/{number}", Permission::Delete),
    ("GET", "/engine/api/v2/routes/blacklists", Permission::Read),
    ("POST", "/engine/api/v2/routes/blacklists/searches", Permission::Read),
    ("GET", "/engine/api/v2/routes/blacklists/{name}", Permission::Read),
    ("POST", "/engine/api/v2/routes/blacklists/{name}", Permission::Create),
    ("DELETE", "/engine/api/v2/routes/blacklists/{name}", Permission::Delete),
    ("GET", "/engine/api/v2/routes/blacklists/{name}/{number}", Permission::Read),
    ("DELETE", "/engine/api/v2/routes/blacklists/{name}/{number}", Permission::Delete),
];

/// The routes of [`ROUTES`].
pub(super) fn router() -> Router<App> {
    BASES.iter().fold(Router::new(), |router, base| {
        let list = get(read::list).post(change::post).delete(change::delete_list);
        let number = get(read::number).delete(change::delete_number);
        router
            .route(base, get(read::names))
            .route(&format!("{base}/{{name}}"), list)
            .route(&format!("{base}/{{name}}/{{number}}"), number)
    })
}

/// The answer where no route is, or none of this method: the original does not tell them apart.
pub(super) fn not_found(_method_is_wrong: bool, uri: &Uri) -> Response {
    Refused::not_found(format!("{} not found.", uri.path())).into_response()
}
