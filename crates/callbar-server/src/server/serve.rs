//! A server from its settings to its end: `callbar serve`.

use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::tls::{self, Exposed, TlsError};
use crate::access::keys::{KeyRequest, issue};
use crate::access::secret::Secret;
use crate::app::{App, AppOptions};
use crate::observe::metrics::Metrics;
use crate::server::connections::{Limits, Server};
use crate::server::control::open_to_serve;
use callbar_store::{CredentialKind, Error, Role};

/// Threads that may wait for the disk.
const BLOCKING: usize = 256;
/// Open files of a process besides its connections.
const OTHER_FILES: u64 = 256;

/// The settings of a server.
///
/// # Examples
/// ```
/// use callbar_server::{AppOptions, Config, Limits};
///
/// let config = Config {
///     dir: "/var/lib/callbar".into(),
///     listen: "127.0.0.1:8080".parse()?,
///     tls: None,
///     public: false,
///     limits: Limits::default(),
///     options: AppOptions::default(),
/// };
/// assert!(config.listen.ip().is_loopback());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// The data directory; made if there is none.
    pub dir: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The files of a certificate chain and its key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether to answer other machines without TLS.
    pub public: bool,
    /// The limits of connections.
    pub limits: Limits,
    /// The limits of requests.
    pub options: AppOptions,
}

/// What a server reports to its starter.
///
/// # Examples
/// ```
/// use callbar_server::Event;
///
/// let report = |event: Event| match event {
///     Event::FirstKey(token) => format!("the first key, shown once: {token}"),
///     Event::Listening(address) => format!("listening on {address}"),
///     Event::Ending => "ending".to_owned(),
/// };
/// assert_eq!(report(Event::Listening("127.0.0.1:8080".parse()?)), "listening on 127.0.0.1:8080");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There was no key, so the server made one that may do everything. Its token is shown here alone.
    FirstKey(String),
    /// The server answers requests.
    Listening(SocketAddr),
    /// The server takes no more requests, and waits for the running ones.
    Ending,
}

/// Why a server cannot start.
///
/// # Examples
/// ```
/// use callbar_server::{AppOptions, Config, Limits, ServeError, serve};
///
/// let config = Config {
///     dir: "/var/lib/callbar".into(),
///     listen: "0.0.0.0:8080".parse()?,
///     tls: None,
///     public: false,
///     limits: Limits::default(),
///     options: AppOptions::default(),
/// };
/// let error = serve(&config, |_| {}).unwrap_err();
/// assert!(matches!(error, ServeError::Exposed(_)), "tokens would pass in clear");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address needs TLS.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The directory cannot be opened.
    #[error("{0}")]
    Data(#[from] Error),
    /// The system refused something.
    #[error("cannot {what}: {reason}")]
    Io {
        /// What it refused.
        what: String,
        /// Why.
        reason: io::Error,
    },
}

fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> ServeError {
    move |reason| ServeError::Io { what: what.into(), reason }
}

/// Serves until SIGTERM or SIGINT. Then every acknowledged change is durable and in force.
///
/// # Errors
/// [`ServeError`] if the server cannot start.
///
/// # Examples
/// ```
/// use callbar_server::{AppOptions, Config, Limits, serve};
///
/// let config = Config {
///     dir: "/var/lib/callbar".into(),
///     listen: "0.0.0.0:8080".parse()?,
///     tls: None,
///     public: false,
///     limits: Limits::default(),
///     options: AppOptions::default(),
/// };
/// // It would return when the process gets SIGTERM, but nobody may listen like this without TLS.
/// let error = serve(&config, |event| println!("{event:?}")).unwrap_err();
/// assert!(error.to_string().starts_with("other machines can reach 0.0.0.0:8080"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serve(config: &Config, mut report: impl FnMut(Event)) -> Result<(), ServeError> {
    let Config { dir, listen, tls, public, .. } = config;
    tls::refuse_exposed(*listen, tls.is_some(), *public)?;
    let acceptor = tls.as_ref().map(|(cert, key)| tls::acceptor(cert, key)).transpose()?;
    let made = DirBuilder::new().recursive(true).mode(0o750).create(dir);
    made.map_err(io(format!("make {}", dir.display())))?;
    let runtime = Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(io("start threads"))?;
    let metrics = Arc::new(Metrics::default());
    let manager = open_to_serve(dir, Arc::clone(&metrics))?;
    let app = App::with_metrics(manager, Secret::open(dir)?, config.options.clone(), metrics);
    let limits = Limits { connections: connections(config.limits.connections), ..config.limits };
    runtime.block_on(async {
        let end = termination()?;
        let server = Server::bind(app.clone(), *listen, acceptor, limits)
            .await
            .map_err(io(format!("listen on {listen}")))?
            .with_control(dir)
            .map_err(io(format!("listen in {}", dir.display())))?;
        // The server starts for certain now, so the key can be used.
        if let Some(token) = first_key(&app)? {
            report(Event::FirstKey(token));
        }
        report(Event::Listening(server.address().map_err(io("read the address"))?));
        server
            .run(async {
                end.await;
                report(Event::Ending);
            })
            .await;
        Ok(())
    })
}

/// Makes a key that may do everything if there is no key at all, and returns its token.
fn first_key(app: &App) -> Result<Option<String>, Error> {
    if app.read(|reader| Ok(!reader.credentials()?.is_empty()))? {
        return Ok(None);
    }
    let request = KeyRequest {
        kind: CredentialKind::Native,
        domain: None,
        list: None,
        role: Role::Admin,
        label: "made at the first start".into(),
    };
    let (issued, put) = issue(request, app.secret(), app.now_ms())?;
    app.apply_here("serve", vec![put])?;
    Ok(issued.token)
}

/// The number of connections: as many as are wanted, unless the system allows fewer open files.
fn connections(wanted: usize) -> usize {
    let mut files = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + OTHER_FILES;
    if files.current.is_some_and(|current| current < needed) {
        let most = files.maximum.unwrap_or(needed).min(needed);
        let raised = rustix::process::Rlimit { current: Some(most), ..files };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            files = raised;
        }
    }
    let room = files.current.unwrap_or(needed).saturating_sub(OTHER_FILES).max(16);
    wanted.min(usize::try_from(room).unwrap_or(wanted))
}

/// Ends with the first signal to end.
fn termination() -> Result<impl Future<Output = ()>, ServeError> {
    let on = |kind| signal(kind).map_err(io("wait for signals"));
    // With a handler, a write beyond the largest size of files fails, and does not end the process.
    drop(on(SignalKind::from_raw(libc::SIGXFSZ))?);
    let (mut terminate, mut interrupt) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
