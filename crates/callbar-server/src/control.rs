//! The same interface for whoever may open the data directory: through the server if one runs,
//! without one otherwise.
//!
//! A server listens on the socket `control.sock` in its directory, which only the owner may open, and
//! takes whoever comes for an administrator: they could change the store anyway.

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

use super::app::{App, AppOptions};
use super::credential::Principal;
use super::metrics::Metrics;
use super::news::of_server;
use super::router::router;
use super::secret::Secret;
use callbar_store::{Error, Manager, ManagerOptions, OnNews};

/// The name of the socket in the data directory.
const FILE: &str = "control.sock";

/// How long a directory is waited for that somebody else has: a command that is run now and then
/// must not keep a server from starting, nor a server that starts a command from being run.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is tried meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a directory for a server, which waits for a command that has it, but not for another server.
/// Indexes that are made again are counted in the `metrics`.
///
/// # Errors
/// Those of [`Manager::open`].
pub(super) fn open_to_serve(dir: &Path, metrics: Arc<Metrics>) -> Result<Manager, Error> {
    let is_served = || connect(dir).is_ok();
    let options = ManagerOptions { news: Some(of_server(metrics)), ..ManagerOptions::default() };
    patiently(is_served, || Manager::open(dir, options.clone()))
}

/// Does what needs a directory for itself, again and again for some seconds if another process has
/// it, unless that is `hopeless`.
///
/// # Errors
/// Those of `open`; [`callbar::Error::Locked`] if the other process goes on.
fn patiently<T>(
    hopeless: impl Fn() -> bool,
    mut open: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        match open() {
            Err(Error::Engine(callbar::Error::Locked { .. }))
                if start.elapsed() < PATIENCE && !hopeless() =>
            {
                thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

/// A directory by a short name: the address of a socket has 107 bytes at most, its path may have more.
struct Near {
    name: PathBuf,
    /// What the name stands for.
    _dir: fs::File,
}

impl Near {
    fn to(dir: &Path) -> io::Result<Self> {
        let open = fs::File::open(dir)?;
        let name = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
        Ok(Self { name, _dir: open })
    }
}

/// Listens in a directory whose lock the caller has, so that a socket that is there is a dead one's.
pub(super) fn listen(dir: &Path) -> io::Result<(UnixListener, PathBuf)> {
    let path = dir.join(FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Bound under another name, and given its own when only the owner may open it.
    let partial = dir.join("control.new");
    drop(fs::remove_file(&partial));
    let listener = UnixListener::bind(Near::to(dir)?.name.join("control.new"))?;
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o600))?;
    fs::rename(&partial, &path)?;
    Ok((listener, path))
}

/// Why a directory cannot be asked.
#[derive(Debug)]
pub enum ControlError {
    /// The directory cannot be opened.
    Open(Error),
    /// The server of the directory did not answer.
    Server {
        /// Its socket.
        socket: PathBuf,
        /// What came in the way.
        reason: String,
    },
    /// There are no threads or sockets, or what is answered cannot be written.
    Io(io::Error),
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Server { socket, reason } => {
                write!(f, "the server at {} does not answer: {reason}", socket.display())
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ControlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(error) => Some(error),
            Self::Server { .. } | Self::Io(_) => None,
        }
    }
}

/// An answer: its status and its body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of the response.
    pub status: StatusCode,
    /// The whole body; nothing where it went elsewhere.
    pub body: Bytes,
}

/// A directory that can be asked, in the name of its owner. Blocks.
pub struct Control {
    runtime: Runtime,
    way: Way,
}

enum Way {
    /// Through the server that has the directory.
    Server(PathBuf),
    /// Nobody else has it.
    Own(Router, Manager),
}

impl Control {
    /// Finds the server of a directory, or opens the directory itself, which must exist.
    ///
    /// # Errors
    /// [`ControlError`]; among them [`callbar::Error::Locked`] if a process has the directory that is no
    /// server.
    pub fn open(dir: &Path) -> Result<Self, ControlError> {
        Self::open_telling(dir, None)
    }

    /// The same; `news` is told how far an import has come if no server has the directory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_telling(dir: &Path, news: Option<OnNews>) -> Result<Self, ControlError> {
        let options = ManagerOptions { news, ..ManagerOptions::default() };
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ControlError::Io)?;
        let socket = dir.join(FILE);
        let way = patiently(
            || false,
            || match connect(dir) {
                Ok(_) => Ok(None),
                Err(_) => Manager::open(dir, options.clone()).map(Some),
            },
        );
        let Some(manager) = way.map_err(ControlError::Open)? else {
            return Ok(Self { runtime, way: Way::Server(socket) });
        };
        let secret = Secret::open(dir).map_err(ControlError::Open)?;
        let app = App::new(manager.clone(), secret, AppOptions::default());
        let router = router(app).layer(axum::Extension(Principal::local()));
        Ok(Self { runtime, way: Way::Own(router, manager) })
    }

    /// Asks, with a JSON body or none.
    ///
    /// # Errors
    /// [`ControlError::Server`]; [`ControlError::Io`] of a path that HTTP cannot have.
    pub fn ask(&self, method: Method, path: &str, body: &[u8]) -> Result<Answer, ControlError> {
        let request = request(method, path, "application/json", Body::from(body.to_vec()))?;
        let mut whole = Vec::new();
        let answer = self.runtime.block_on(self.answer(request, &mut whole))?;
        let body = if answer.status.is_success() { whole.into() } else { answer.body };
        Ok(Answer { body, ..answer })
    }

    /// Asks with a body that comes in pieces, of which an error breaks the request off. The body of
    /// a successful answer goes to `out` as it comes, that of another is in the answer.
    ///
    /// # Errors
    /// [`ControlError::Server`]; [`ControlError::Io`] of a path that HTTP cannot have, or if `out`
    /// fails.
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
            let feeding = tokio::task::spawn_blocking(move || feed(pieces, send, &handle));
            let answer = self.answer(request, out).await;
            // It ends with the last piece, or with the first that nobody takes.
            drop(feeding);
            answer
        })
    }

    async fn answer(
        &self,
        request: Request<Body>,
        out: &mut dyn io::Write,
    ) -> Result<Answer, ControlError> {
        match &self.way {
            Way::Own(router, _) => {
                let answer = router.clone().oneshot(request).await;
                let answer = answer.unwrap_or_else(|never| match never {});
                receive(answer, out).await.map_err(|broken| match broken {
                    Broken::Out(error) => ControlError::Io(error),
                    Broken::Body(reason) => ControlError::Io(io::Error::other(reason)),
                })
            }
            Way::Server(socket) => {
                through(socket, request, out).await.map_err(|broken| match broken {
                    Broken::Out(error) => ControlError::Io(error),
                    Broken::Body(reason) => ControlError::Server { socket: socket.clone(), reason },
                })
            }
        }
    }
}

/// # Errors
/// [`ControlError::Io`] of a path that HTTP cannot have.
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

/// Sends pieces until the last, an error, or nobody takes them.
fn feed(
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
        if let Way::Own(_, manager) = &self.way {
            manager.shut_down();
        }
    }
}

/// Where an exchange ended early.
enum Broken {
    Out(io::Error),
    Body(String),
}

impl Broken {
    fn body(error: impl fmt::Display) -> Self {
        Self::Body(error.to_string())
    }
}

/// A connection to the server of a directory.
fn connect(dir: &Path) -> io::Result<net::UnixStream> {
    net::UnixStream::connect(Near::to(dir)?.name.join(FILE))
}

async fn through(
    socket: &Path,
    request: Request<Body>,
    out: &mut dyn io::Write,
) -> Result<Answer, Broken> {
    let stream = connect(socket.parent().unwrap_or(Path::new("."))).and_then(|stream| {
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream)
    });
    let stream = TokioIo::new(stream.map_err(Broken::body)?);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(Broken::body)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(Broken::body)?;
    let answer = receive(answer, out).await?;
    drop(sender);
    connection.await.map_err(Broken::body)?.map_err(Broken::body)?;
    Ok(answer)
}

async fn receive<B>(answer: hyper::Response<B>, out: &mut dyn io::Write) -> Result<Answer, Broken>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: fmt::Display,
{
    let (head, mut body) = answer.into_parts();
    let status = head.status;
    let mut told = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(Broken::body)?.into_data() else { continue };
        if status.is_success() {
            out.write_all(&piece).map_err(Broken::Out)?;
        } else {
            told.extend_from_slice(&piece);
        }
    }
    Ok(Answer { status, body: told.into() })
}
