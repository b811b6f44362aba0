//! What the log and the metrics say about the server. Neither ever shows a number in clear.
//!
//! | file | holds |
//! | --- | --- |
//! | `request_log` | one line of the log for each request, with the caller |
//! | `manager_log` | long imports and rebuilds, and entries that no index can hold |
//! | `metrics` | the counters, and the text that Prometheus reads |
//! | `mask` | text with its numbers masked |

pub(crate) mod manager_log;
pub(crate) mod mask;
pub(crate) mod metrics;
pub(crate) mod request_log;
