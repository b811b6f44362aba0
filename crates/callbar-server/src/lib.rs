//! Management over HTTP: our own interface, Webitel's and iletimerkezi's.
//!
//! Translates between requests and the manager, and nothing more: it decides nothing about numbers,
//! lists or verdicts. Anything durable is the manager's.
//!
//! | file | holds |
//! | --- | --- |
//! | `app` | what all requests share |
//! | `credential` | whose a key is, and what it is compared with |
//! | `auth` | who a caller is and what that allows |
//! | `keys` | keys made, listed and revoked |
//! | `secret`, `jwt` | what tokens are signed with, and signed tokens |
//! | `rate`, `places` | how often each key may ask, and how much may be under way |
//! | `route`, `router` | routes behind their guard, all of them together |
//! | `bare` | numbers added by interfaces that know nothing else of an entry |
//! | `body`, `query` | what requests bring |
//! | `error` | what they are told if they are refused |
//! | `watch`, `who`, `news`, `metrics`, `mask` | what the log and the metrics tell |
//! | `serve` | a server from its settings to its end |
//! | `server`, `listen`, `tls` | sockets, their limits, and the end |
//! | `control` | the same interface for whoever may open the data directory |
//! | `native`, `webitel`, `iletimerkezi` | the three interfaces |
//!
//! **Invariant:** who asks for what is decided in `auth`, and nowhere else.
//!
//! **Invariant:** nothing is decided here by what the store holds that an
//! [`Operation`](callbar_store::Operation) can decide: between a look at the store and the change
//! that follows from it, somebody else may have made another.

mod app;
mod auth;
mod bare;
mod body;
mod control;
mod credential;
mod error;
mod iletimerkezi;
mod jwt;
mod keys;
mod listen;
mod mask;
mod metrics;
mod native;
mod news;
mod places;
mod query;
mod rate;
mod route;
mod router;
mod secret;
mod serve;
mod server;
mod tls;
mod watch;
mod webitel;
mod who;

/// How a request is made, for [`Control::ask`].
pub use axum::http::Method;

pub use app::{App, AppOptions, ClockMs};
pub use auth::{Permission, Scope};
pub use control::{Answer, Control, ControlError};
pub use credential::Principal;
pub use error::ApiError;
#[doc(hidden)]
pub use iletimerkezi::ROUTES as ILETIMERKEZI_ROUTES;
pub use keys::{Issued, KeyRequest, issue};
pub use listen::{Exposed, permit};
pub use route::Needs;
#[doc(hidden)]
pub use router::native_routes;
pub use router::router;
pub use secret::Secret;
pub use serve::{Config, Event, ServeError, serve};
pub use server::{Limits, Server};
pub use tls::{TlsError, acceptor};
#[doc(hidden)]
pub use webitel::ROUTES as WEBITEL_ROUTES;
