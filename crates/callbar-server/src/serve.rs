//! A server from its settings to its end: what `callbar serve` does.

use std::fmt;
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::app::{App, AppOptions};
use super::control::open_to_serve;
use super::keys::{KeyRequest, issue};
use super::listen::{self, Exposed};
use super::metrics::Metrics;
use super::secret::Secret;
use super::server::{Limits, Server};
use super::tls::{self, TlsError};
use callbar_store::{CredentialKind, Error, Role};

/// Threads that may wait for the disk at a time.
const BLOCKING: usize = 256;
/// Files that a process has open besides its connections.
const OTHER_FILES: u64 = 256;

/// What a server is told.
#[derive(Clone)]
pub struct Config {
    /// The data directory; made if there is none.
    pub dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The files of a certificate chain and of its key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether other machines may be answered in clear.
    pub public: bool,
    /// What connections may take.
    pub limits: Limits,
    /// What requests may ask for.
    pub options: AppOptions,
}

/// What a server has to say on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There was no key, so one was made that may do everything. Its token is told here alone.
    FirstKey(String),
    /// Requests are answered.
    Listening(SocketAddr),
    /// No more are taken; those under way may end.
    Ending,
}

/// Why there is no server.
#[derive(Debug)]
pub enum ServeError {
    /// The address is not for listening in clear.
    Exposed(Exposed),
    /// The certificate or its key cannot be used.
    Tls(TlsError),
    /// The directory cannot be opened.
    Data(Error),
    /// The system refuses something.
    Io {
        /// What.
        what: String,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exposed(error) => error.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::Data(error) => error.fmt(f),
            Self::Io { what, source } => write!(f, "cannot {what}: {source}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Data(error) => Some(error),
            Self::Exposed(_) | Self::Tls(_) | Self::Io { .. } => None,
        }
    }
}

impl From<Error> for ServeError {
    fn from(error: Error) -> Self {
        Self::Data(error)
    }
}

fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> ServeError {
    move |source| ServeError::Io { what: what.into(), source }
}

/// Serves until SIGTERM or SIGINT; then everything acknowledged is durable and in force.
///
/// # Errors
/// Why it cannot begin.
pub fn serve(config: &Config, mut tell: impl FnMut(Event)) -> Result<(), ServeError> {
    let Config { dir, listen, tls, public, .. } = config;
    listen::permit(*listen, tls.is_some(), *public).map_err(ServeError::Exposed)?;
    let acceptor = tls.as_ref().map(|(cert, key)| tls::acceptor(cert, key));
    let acceptor = acceptor.transpose().map_err(ServeError::Tls)?;
    make(dir)?;
    let runtime = Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(io("start threads"))?;
    let metrics = Arc::new(Metrics::default());
    let manager = open_to_serve(dir, Arc::clone(&metrics))?;
    let app = App::counting(manager, Secret::open(dir)?, config.options.clone(), metrics);
    let limits = Limits { connections: connections(config.limits.connections), ..config.limits };
    runtime.block_on(async {
        let end = end()?;
        let server = Server::bind(app.clone(), *listen, acceptor, limits)
            .await
            .map_err(io(format!("listen on {listen}")))?
            .with_control(dir)
            .map_err(io(format!("listen in {}", dir.display())))?;
        // Nothing keeps the server from starting any more: a key that is told now can be used.
        if let Some(token) = first_key(&app)? {
            tell(Event::FirstKey(token));
        }
        tell(Event::Listening(server.address().map_err(io("tell the address"))?));
        server
            .run(async {
                end.await;
                tell(Event::Ending);
            })
            .await;
        Ok(())
    })
}

fn make(dir: &Path) -> Result<(), ServeError> {
    let made = DirBuilder::new().recursive(true).mode(0o750).create(dir);
    made.map_err(io(format!("make {}", dir.display())))
}

/// The token of a key that may do everything, if there was no key at all.
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

/// As many connections as are wanted, or as files may be open: as many as the system allows.
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

/// Ends when the process is told to.
fn end() -> Result<impl Future<Output = ()>, ServeError> {
    let on = |kind| signal(kind).map_err(io("wait for signals"));
    // A write beyond the size that files may have fails then, and does not end the process.
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
