//! A server: its settings, its sockets, their limits, and its end.
//!
//! | file | holds |
//! | --- | --- |
//! | `serve` | a server from its settings to its end: `callbar serve` |
//! | `connections` | the accept loop, and the limits of connections |
//! | `tls` | TLS, and the refusal of an exposed address without it |
//! | `control` | the same interface for the owner of the data directory |

pub(crate) mod connections;
pub(crate) mod control;
pub(crate) mod serve;
pub(crate) mod tls;
