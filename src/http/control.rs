//! The same interface for whoever may open the data directory: through the server if one runs,
//! without one otherwise.
//!
//! A server listens on the socket `control.sock` in its directory, which only the owner may open, and
//! takes whoever comes for an administrator: they could change the store anyway.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use super::app::{App, AppOptions};
use super::auth::Principal;
use super::router::router;
use super::secret::Secret;
use crate::Error;
use crate::manager::{Manager, ManagerOptions};

/// The name of the socket in the data directory.
const FILE: &str = "control.sock";

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
    let listener = UnixListener::bind(&partial)?;
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
    /// There are no threads or sockets.
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

impl std::error::Error for ControlError {}

/// An answer: its status and its body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of the response.
    pub status: StatusCode,
    /// The whole body.
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
    /// [`ControlError`]; among them [`Error::Locked`] if a process has the directory that is no
    /// server.
    pub fn open(dir: &Path) -> Result<Self, ControlError> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ControlError::Io)?;
        let socket = dir.join(FILE);
        if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
            return Ok(Self { runtime, way: Way::Server(socket) });
        }
        let manager = Manager::open(dir, ManagerOptions::default()).map_err(ControlError::Open)?;
        let secret = Secret::open(dir).map_err(ControlError::Open)?;
        let app = App::new(manager.clone(), secret, AppOptions::default());
        let router = router(app).layer(axum::Extension(Principal::local()));
        Ok(Self { runtime, way: Way::Own(router, manager) })
    }

    /// Asks, with a JSON body or none.
    ///
    /// # Errors
    /// [`ControlError::Server`].
    ///
    /// # Panics
    /// If `path` is no path of HTTP.
    pub fn ask(&self, method: Method, path: &str, body: &[u8]) -> Result<Answer, ControlError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::copy_from_slice(body)))
            .expect("a path of HTTP");
        match &self.way {
            Way::Own(router, _) => {
                let answer = router.clone().oneshot(request.map(Body::new));
                self.runtime.block_on(async {
                    let (head, body) =
                        answer.await.unwrap_or_else(|never| match never {}).into_parts();
                    let body = body.collect().await.map(http_body_util::Collected::to_bytes);
                    Ok(Answer { status: head.status, body: body.unwrap_or_default() })
                })
            }
            Way::Server(socket) => {
                let failed = |error: Box<dyn std::error::Error>| ControlError::Server {
                    socket: socket.clone(),
                    reason: error.to_string(),
                };
                self.runtime.block_on(ask(socket, request)).map_err(failed)
            }
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

async fn ask(
    socket: &Path,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let stream = TokioIo::new(UnixStream::connect(socket).await?);
    let (mut sender, connection) = http1::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    drop(sender);
    connection.await??;
    Ok(Answer { status: head.status, body })
}
