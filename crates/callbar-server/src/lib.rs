//! Management over HTTP: the interface of callbar, and those of Webitel and iletimerkezi.
//!
//! The server translates between requests and the manager of the store. It decides nothing about numbers,
//! lists or verdicts, and it keeps nothing durable: both belong to the manager.
//!
//! | module | holds |
//! | --- | --- |
//! | `routes` | the one table of routes, and the router that is made of it |
//! | `app` | the state that all requests share |
//! | `request`, `error` | how bodies and queries are read, and how a refusal is written |
//! | [`api`] | the bodies that clients share with the server |
//! | `access` | who a caller is, what it may do, how often and how much at a time |
//! | `native`, `webitel`, `iletimerkezi` | the handlers of the three interfaces |
//! | `observe` | the log, the metrics, and the masking of numbers in both |
//! | `server` | sockets, TLS, time limits, the way of a process from its settings to its end |
//!
//! Imports point downwards in this list of modules: `server`, `routes`, the interfaces, `access::guard` and
//! `access::auth`, `api`, `app` and `request`, the rest of `access`, `error`, `observe`.
//!
//! **Invariant:** only `access::auth` decides who may do what.
//!
//! **Invariant:** the server decides nothing by what the store holds that an
//! [`Operation`](callbar_store::Operation) can decide. Between a look at the store and the change that
//! follows from it, another request may have changed the store.

mod access;
pub mod api;
mod app;
mod error;
mod iletimerkezi;
mod native;
mod observe;
mod request;
mod routes;
mod server;
mod webitel;

/// The method of a request, for [`Control::ask`].
pub use axum::http::Method;

pub use access::auth::{Permission, Scope};
pub use access::credential::Principal;
pub use access::guard::Needs;
pub use access::keys::{Issued, KeyRequest, issue};
pub use access::secret::Secret;
pub use app::{App, AppOptions, ClockMs};
pub use error::ApiError;
pub use routes::{Interface, Route, router, routes};
pub use server::connections::{Limits, Server};
pub use server::control::{Answer, Control, ControlError};
pub use server::serve::{Config, Event, ServeError, serve};
pub use server::tls::{Exposed, TlsError, acceptor, refuse_exposed};
