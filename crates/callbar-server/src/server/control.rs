//! The native interface for the owner of a data directory: through its server if one runs, and without a
//! server otherwise.
//!
//! A server listens on the socket `control.sock` in its directory. Only the owner can open it, and is an
//! administrator there, because he could change the store anyway.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tower::ServiceExt;

use crate::access::credential::Principal;
use crate::access::secret::Secret;
use crate::app::{App, AppOptions};
use crate::observe::manager_log::log_and_count;
use crate::observe::metrics::Metrics;
use crate::routes::router;
use callbar_store::{Error, Manager, ManagerOptions, OnManagerEvent};

/// The name of the socket in the data directory.
const FILE: &str = "control.sock";

/// How long to wait for a directory that another process has. A short command must not keep a server from
/// starting, and a starting server must not make a command fail.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Opens a directory for a server. Waits for a command that has it, but not for another server. Counts indexes
/// that are made again in the `metrics`.
///
/// # Errors
/// Those of [`Manager::open`].
pub(super) fn open_to_serve(dir: &Path, metrics: Arc<Metrics>) -> Result<Manager, Error> {
    let is_served = || connect(dir).is_ok();
    let options =
        ManagerOptions { on_event: Some(log_and_count(metrics)), ..ManagerOptions::default() };
    retry_while_locked(is_served, || Manager::open(dir, options.clone()))
}

/// Opens a directory, and tries again for some seconds while another process has it, unless that is
/// `hopeless`.
///
/// # Errors
/// Those of `open`; [`callbar::Error::Locked`] if the other process keeps it.
fn retry_while_locked<T>(
    hopeless: impl Fn() -> bool,
    mut open: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        match open() {
            Err(Error::Engine(callbar::Error::Locked { .. }))
                if start.elapsed() < LOCK_TIMEOUT && !hopeless() =>
            {
                thread::sleep(LOCK_PAUSE);
            }
            done => return done,
        }
    }
}

/// A short name of a directory. The address of a socket has at most 107 bytes, and a path may have more.
struct ShortName {
    name: PathBuf,
    /// The name is good as long as the directory is open.
    _dir: fs::File,
}

impl ShortName {
    fn new(dir: &Path) -> io::Result<Self> {
        let open = fs::File::open(dir)?;
        let name = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
        Ok(Self { name, _dir: open })
    }
}

/// Listens in a directory. The caller has its lock, so a socket that is there is left from a dead server.
pub(super) fn listen(dir: &Path) -> io::Result<(UnixListener, PathBuf)> {
    let path = dir.join(FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Bound under another name, and renamed when only the owner can open it.
    let partial = dir.join("control.new");
    drop(fs::remove_file(&partial));
    let listener = UnixListener::bind(ShortName::new(dir)?.name.join("control.new"))?;
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o600))?;
    fs::rename(&partial, &path)?;
    Ok((listener, path))
}

/// Why a request to a directory failed.
///
/// # Examples
/// ```
/// use callbar_server::{Control, ControlError};
///
/// let error = Control::open("/no/such/directory".as_ref(), None).err().expect("an error");
/// assert!(matches!(error, ControlError::Open(_)));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The directory cannot be opened.
    #[error("{0}")]
    Open(#[source] Error),
    /// The server of the directory did not answer.
    #[error("the server at {socket} does not answer: {reason}")]
    Server {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        reason: String,
    },
    /// There are no threads or sockets, or the answer cannot be written.
    #[error("{0}")]
    Io(io::Error),
}

/// An answer: its status and its body.
///
/// # Examples
/// ```
/// use callbar_server::{Control, Method};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let answer = Control::open(data, None)?.ask(Method::GET, "/callbar/v1/domains/other.example", b"")?;
/// assert_eq!(answer.status, 404);
/// let refusal: serde_json::Value = serde_json::from_slice(&answer.body)?;
/// assert_eq!(refusal["error"]["code"], "unknown_domain");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of the response.
    pub status: StatusCode,
    /// The whole body; empty if it was written elsewhere.
    pub body: Bytes,
}

/// Sends requests to a data directory in the name of its owner. Blocks.
///
/// # Examples
/// ```
/// use callbar_server::{Control, Method};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let directory = example::directory();
/// # let data = directory.path();
/// let control = Control::open(data, None)?;
/// let body = br#"{"number": "0505 004 78 24"}"#;
/// let answer = control.ask(Method::POST, "/callbar/v1/domains/my.example/check", body)?;
/// let verdict: serde_json::Value = serde_json::from_slice(&answer.body)?;
/// assert_eq!((answer.status.as_u16(), &verdict["verdict"]), (200, &"deny".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Control {
    runtime: Runtime,
    backend: Backend,
}

enum Backend {
    /// The server that has the directory, by its socket.
    Server(PathBuf),
    /// The directory itself, which no other process has.
    Own(Router, Manager),
}

impl Control {
    /// Finds the server of a directory, or opens the directory itself, which must exist. Then `on_event` receives
    /// the progress of imports.
    ///
    /// # Errors
    /// [`ControlError`]; among them [`callbar::Error::Locked`] if a process that is no
    /// server has the directory.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Control;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// // No server runs, so the directory itself is opened.
    /// let control = Control::open(data, None)?;
    /// assert!(callbar::Engine::open(data)?.writer().is_err(), "the control has it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: &Path, on_event: Option<OnManagerEvent>) -> Result<Self, ControlError> {
        let options = ManagerOptions { on_event, ..ManagerOptions::default() };
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ControlError::Io)?;
        let socket = dir.join(FILE);
        let manager = retry_while_locked(
            || false,
            || match connect(dir) {
                Ok(_) => Ok(None),
                Err(_) => Manager::open(dir, options.clone()).map(Some),
            },
        );
        let Some(manager) = manager.map_err(ControlError::Open)? else {
            return Ok(Self { runtime, backend: Backend::Server(socket) });
        };
        let secret = Secret::open(dir).map_err(ControlError::Open)?;
        let app = App::new(manager.clone(), secret, AppOptions::default());
        let router = router(app).layer(axum::Extension(Principal::local()));
        Ok(Self { runtime, backend: Backend::Own(router, manager) })
    }

    /// Sends a request with a JSON body, or with none.
    ///
    /// # Errors
    /// [`ControlError::Server`]; [`ControlError::Io`] of a path that is no path of HTTP.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Control, Method};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let control = Control::open(data, None)?;
    /// let answer = control.ask(Method::GET, "/callbar/v1/domains/my.example/lists", b"")?;
    /// assert_eq!(answer.status, 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ask(&self, method: Method, path: &str, body: &[u8]) -> Result<Answer, ControlError> {
        let request = request(method, path, "application/json", Body::from(body.to_vec()))?;
        let mut whole = Vec::new();
        let answer = self.runtime.block_on(self.answer(request, &mut whole))?;
        let body = if answer.status.is_success() { whole.into() } else { answer.body };
        Ok(Answer { body, ..answer })
    }

    /// Sends a request whose body comes in pieces. An error among them breaks the request off. Writes the body
    /// of a successful answer to `out` as it comes; the body of a refusal is in the answer.
    ///
    /// # Errors
    /// [`ControlError::Server`]; [`ControlError::Io`] of a path that HTTP cannot have, or if `out`
    /// fails.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Control, Method};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let directory = example::directory();
    /// # let data = directory.path();
    /// let control = Control::open(data, None)?;
    /// let path = "/callbar/v1/domains/my.example/lists/spam/import";
    /// let pieces = [Ok(b"0505 004 78 25\n".to_vec()), Ok(b"0505 004 78 26\n".to_vec())];
    /// let mut report = Vec::new();
    /// let answer = control.exchange(Method::POST, path, "text/plain", pieces, &mut report)?;
    /// let report: serde_json::Value = serde_json::from_slice(&report)?;
    /// assert_eq!((answer.status.as_u16(), &report["added"]), (200, &2.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exchange<I>(
        &self,
        method: Method,
        path: &str,
        media: &str,
        pieces: I,
        out: &mut dyn io::Write,
    ) -> Result<Answer, ControlError>
    where
        I: IntoIterator<Item = io::Result<Vec<u8>>> + Send + 'static,
    {
        let (send, body) = Channel::new(2);
        let request = request(method, path, media, Body::new(body))?;
        let handle = self.runtime.handle().clone();
        self.runtime.block_on(async {
            let sending = tokio::task::spawn_blocking(move || send_pieces(pieces, send, &handle));
            let answer = self.answer(request, out).await;
            // It ends with the last piece, or with the first that nobody reads.
            drop(sending);
            answer
        })
    }

    async fn answer(
        &self,
        request: Request<Body>,
        out: &mut dyn io::Write,
    ) -> Result<Answer, ControlError> {
        let exchanged = match &self.backend {
            Backend::Own(router, _) => {
                let answer = router.clone().oneshot(request).await;
                receive(answer.unwrap_or_else(|never| match never {}), out).await
            }
            Backend::Server(socket) => ask_server(socket, request, out).await,
        };
        exchanged.map_err(|error| match (error, &self.backend) {
            (ExchangeError::Out(error), _) => ControlError::Io(error),
            (ExchangeError::Body(reason), Backend::Own(..)) => {
                ControlError::Io(io::Error::other(reason))
            }
            (ExchangeError::Body(reason), Backend::Server(socket)) => {
                ControlError::Server { socket: socket.clone(), reason }
            }
        })
    }
}

/// # Errors
/// [`ControlError::Io`] of a path that is no path of HTTP.
fn request(
    method: Method,
    path: &str,
    media: &str,
    body: Body,
) -> Result<Request<Body>, ControlError> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(HOST, "localhost").header(CONTENT_TYPE, media);
    let long = |_| io::Error::new(io::ErrorKind::InvalidInput, "a name or number is too long");
    request.body(body).map_err(long).map_err(ControlError::Io)
}

/// Sends pieces until the last, until an error, or until nobody reads them.
fn send_pieces(
    pieces: impl IntoIterator<Item = io::Result<Vec<u8>>>,
    mut send: Sender<Bytes, io::Error>,
    handle: &Handle,
) {
    for piece in pieces {
        match piece {
            Ok(piece) => {
                if handle.block_on(send.send_data(piece.into())).is_err() {
                    return;
                }
            }
            Err(error) => return send.abort(error),
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Backend::Own(_, manager) = &self.backend {
            manager.shut_down();
        }
    }
}

/// Which side of an exchange failed.
enum ExchangeError {
    Out(io::Error),
    Body(String),
}

impl ExchangeError {
    fn body(error: impl fmt::Display) -> Self {
        Self::Body(error.to_string())
    }
}

/// A connection to the server of a directory.
fn connect(dir: &Path) -> io::Result<net::UnixStream> {
    net::UnixStream::connect(ShortName::new(dir)?.name.join(FILE))
}

async fn ask_server(
    socket: &Path,
    request: Request<Body>,
    out: &mut dyn io::Write,
) -> Result<Answer, ExchangeError> {
    let stream = connect(socket.parent().unwrap_or(Path::new("."))).and_then(|stream| {
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream)
    });
    let stream = TokioIo::new(stream.map_err(ExchangeError::body)?);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(ExchangeError::body)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(ExchangeError::body)?;
    let answer = receive(answer, out).await?;
    drop(sender);
    connection.await.map_err(ExchangeError::body)?.map_err(ExchangeError::body)?;
    Ok(answer)
}

async fn receive<B>(
    answer: hyper::Response<B>,
    out: &mut dyn io::Write,
) -> Result<Answer, ExchangeError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: fmt::Display,
{
    let (head, mut body) = answer.into_parts();
    let status = head.status;
    let mut refusal = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(ExchangeError::body)?.into_data() else { continue };
        if status.is_success() {
            out.write_all(&piece).map_err(ExchangeError::Out)?;
        } else {
            refusal.extend_from_slice(&piece);
        }
    }
    Ok(Answer { status, body: refusal.into() })
}
