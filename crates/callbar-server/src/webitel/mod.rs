//! Webitel's API of blacklists, as its clients speak it: `/api/v2/routes/blacklists`, and the same under
//! `/engine`, as the examples of its document have it.
//!
//! Does what the document says, and what the original does where the document is silent: names and statuses
//! of answers, `exp` in milliseconds, a list that comes with its first number and goes with its last. Differs
//! where the original is unsafe. It refuses another domain than the key's, and does not exchange it in
//! silence. It reads nothing across domains because a parameter is missing.
//!
//! Lists go newest first, as in the document, unless the request asks for another order. No request walks a
//! list: see [`search`].
//!
//! | file | holds |
//! | --- | --- |
//! | `guard` | the check before every handler: who calls, and in which domain |
//! | `error` | refusals in the shape of this API |
//! | `params` | the parameters of the query |
//! | `filter` | the body of a search |
//! | `regex` | the one kind of regular expression that an index can answer |
//! | `search` | how a search finds its entries |
//! | `read` | the handlers that read |
//! | `change` | the handlers that change |

pub(crate) mod change;
mod error;
mod filter;
pub(crate) mod guard;
mod params;
pub(crate) mod read;
mod regex;
mod search;

use axum::response::{IntoResponse, Response};

/// Where the API is.
pub(crate) const BASES: [&str; 2] =
    ["/api/v2/routes/blacklists", "/engine/api/v2/routes/blacklists"];

/// The refusal of a path that does not exist, and of a wrong method: the original has one for both.
pub(crate) fn not_found(path: &str) -> Response {
    error::WebitelError::not_found(format!("{path} not found.")).into_response()
}
