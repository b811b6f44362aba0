//! The handlers of callbar's own interface, under `/callbar/v1`. The table in [`routes`](mod@crate::routes) has
//! their paths.
//!
//! | file | holds |
//! | --- | --- |
//! | `state` | health, readiness, status, metrics, the description of the interface |
//! | `domains`, `lists`, `entries` | the contents of a directory |
//! | `page` | pages and cursors |
//! | `decide`, `check` | decisions on calls, checks of numbers, and their explanations |
//! | `questions` | one question or many in a request |
//! | `import`, `spool` | many entries in |
//! | `export` | many entries out |
//! | `keys`, `audit` | keys, and the log of changes |
//! | `openapi.json` | the description; a test compares it with the table of routes |

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod domains;
pub(crate) mod entries;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod lists;
mod page;
mod questions;
mod spool;
pub(crate) mod state;

use axum::Json;

use crate::error::ApiError;

/// The answer of a handler.
type JsonResult<T> = Result<Json<T>, ApiError>;
