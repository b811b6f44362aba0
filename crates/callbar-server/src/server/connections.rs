//! The accept loop: takes connections within limits, serves them, and ends them in order.
//!
//! HTTP/1.1. A head must arrive within [`Limits::head`], which also ends silent connections. A client that
//! reads nothing of an answer for [`Limits::write`] is cut off. When all connections are taken, a new one is
//! answered with 503 and closed.
//!
//! By hand, because `axum::serve` sets no time limit for heads.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::access::credential::Principal;
use crate::app::App;
use crate::routes::router;
use crate::server::control;

/// The limits of connections.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use callbar_server::Limits;
///
/// let limits = Limits { connections: 1_000, grace: Duration::from_secs(5), ..Limits::default() };
/// assert_eq!(limits.head, Duration::from_secs(15));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections. 16,384 by default.
    pub connections: usize,
    /// The time that a head may take, from the end of the request before. 15 seconds by default.
    pub head: Duration,
    /// The time in which a client must read something of an answer. A minute by default. The owner of the
    /// directory has no such limit, as he may read an export page by page.
    pub write: Duration,
    /// The time that a TLS handshake may take. 10 seconds by default.
    pub handshake: Duration,
    /// The time that running requests may take when the server ends. 30 seconds by default.
    pub grace: Duration,
    /// Bytes of a head. 32 KiB by default.
    pub head_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            head: Duration::from_secs(15),
            write: Duration::from_mins(1),
            handshake: Duration::from_secs(10),
            grace: Duration::from_secs(30),
            head_max: 32 * 1024,
        }
    }
}

/// The answer of a full server.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    retry-after: 1\r\nconnection: close\r\ncontent-length: 116\r\n\r\n\
    {\"error\":{\"code\":\"too_many_connections\",\"message\":\"too many connections\",\
    \"remedy\":\"close some, or try again later\"}}";

/// How long that answer may take.
const FULL_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait when the system cannot open another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server that listens and does not serve yet.
///
/// # Examples
/// ```
/// use callbar_server::{Limits, Server};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let (directory, app) = example::app();
/// # let data = directory.path();
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let server = Server::bind(app, "127.0.0.1:0".parse().expect("an address"), None, Limits::default());
/// let server = server.await?.with_control(data)?;
/// println!("listening on {}", server.address()?);
/// // Until a signal, for instance. Here the end has come already.
/// server.run(async {}).await;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    app: App,
    limits: Limits,
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    control: Option<ControlSocket>,
}

/// The socket of a data directory. It is removed with its server.
struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // A socket that stays refuses connections, and the next server replaces it.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Server {
    /// Listens on an address.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Limits, Server};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let any_port = "127.0.0.1:0".parse().expect("an address");
    /// let server = Server::bind(app, any_port, None, Limits::default()).await?;
    /// assert_ne!(server.address()?.port(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn bind(
        app: App,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        limits: Limits,
    ) -> io::Result<Self> {
        let tcp = TcpListener::bind(address).await?;
        Ok(Self { app, limits, tcp, tls, control: None })
    }

    /// Listens on the socket of a data directory, too. Its owner is an administrator there. The caller must
    /// hold the lock of the directory.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Limits, Server};
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let any_port = "127.0.0.1:0".parse().expect("an address");
    /// let server = Server::bind(app, any_port, None, Limits::default()).await?.with_control(data)?;
    /// assert!(data.join("control.sock").exists());
    /// drop(server);
    /// assert!(!data.join("control.sock").exists());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_control(mut self, dir: &Path) -> io::Result<Self> {
        let (listener, path) = control::listen(dir)?;
        self.control = Some(ControlSocket { listener, path });
        Ok(self)
    }

    /// The address, with the port that the system chose if the caller asked for port 0.
    ///
    /// # Errors
    /// Those of the system.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `end`. Then running requests end, and all changes come into force.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::{Limits, Server};
    /// use callbar_store::Operation;
    ///
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
    /// # let (directory, app) = example::app();
    /// # let data = directory.path();
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let any_port = "127.0.0.1:0".parse().expect("an address");
    /// let manager = app.manager().clone();
    /// let server = Server::bind(app, any_port, None, Limits::default()).await?;
    /// let (stop, stopped) = tokio::sync::oneshot::channel();
    /// let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    /// stop.send(()).expect("it runs");
    /// running.await?;
    /// let remove = Operation::remove("my.example", "spam", "0505 004 78 24");
    /// assert!(manager.apply("admin", vec![remove]).is_err(), "it takes no more changes");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn run(self, end: impl Future<Output = ()>) {
        let Self { app, limits, tcp, tls, control } = self;
        let public = router(app.clone());
        // The caller by the socket is the owner of the directory.
        let local = public.clone().layer(axum::Extension(Principal::local()));
        let graceful = GracefulShutdown::new();
        let connection = || Connection { app: app.clone(), limits, watcher: graceful.watcher() };
        let free = Arc::new(Semaphore::new(limits.connections));
        let mut end = pin!(end);
        loop {
            tokio::select! {
                () = &mut end => break,
                accepted = tcp.accept() => match accepted {
                    Err(error) => pause(&error).await,
                    Ok((stream, _)) => match Arc::clone(&free).try_acquire_owned() {
                        Ok(permit) => {
                            let (tls, router) = (tls.clone(), public.clone());
                            tokio::spawn(connection().serve_tcp(stream, tls, router, permit));
                        }
                        Err(_) => answer_full(&app, stream, tls.is_some()),
                    }
                },
                accepted = accept_local(control.as_ref()) => match accepted {
                    Err(error) => pause(&error).await,
                    Ok((stream, _)) => {
                        tokio::spawn(connection().serve(stream, local.clone()));
                    }
                },
            }
        }
        drop((tcp, control));
        finish(&app, graceful, limits.grace).await;
    }
}

async fn accept_local(
    control: Option<&ControlSocket>,
) -> io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)> {
    match control {
        Some(control) => control.listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Waits if the system failed, for instance with too many open files. An error of one connection needs no
/// wait.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "cannot take a connection");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

fn answer_full(app: &App, mut stream: TcpStream, tls: bool) {
    app.metrics().refused_connections.fetch_add(1, Ordering::Relaxed);
    if tls {
        return;
    }
    tokio::spawn(async move {
        let sent = tokio::time::timeout(FULL_TIMEOUT, async {
            stream.write_all(FULL).await?;
            stream.shutdown().await
        });
        drop(sent.await);
    });
}

async fn finish(app: &App, graceful: GracefulShutdown, grace: Duration) {
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    let manager = app.manager().clone();
    // Acknowledged changes are durable already. This waits for the running ones.
    drop(tokio::task::spawn_blocking(move || manager.shut_down()).await);
}

/// One connection.
struct Connection {
    app: App,
    limits: Limits,
    watcher: Watcher,
}

impl Connection {
    async fn serve_tcp(
        self,
        stream: TcpStream,
        tls: Option<TlsAcceptor>,
        router: Router,
        permit: OwnedSemaphorePermit,
    ) {
        let _permit = permit;
        // Answers are written whole, so the system need not wait for more bytes.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.serve_with_write_limit(stream, router).await,
            Some(tls) => {
                let handshake = tokio::time::timeout(self.limits.handshake, tls.accept(stream));
                if let Ok(Ok(stream)) = handshake.await {
                    self.serve_with_write_limit(stream, router).await;
                }
            }
        }
    }

    async fn serve_with_write_limit<S>(self, stream: S, router: Router)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write));
        self.serve(Box::pin(stream), router).await;
    }

    async fn serve<S>(self, stream: S, router: Router)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { app, limits, watcher } = self;
        app.metrics().connections.fetch_add(1, Ordering::Relaxed);
        let service = router.map_request(|request: Request<Incoming>| request.map(Body::new));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(limits.head_max)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        // Ignored: the client of a broken connection connects again.
        let _ = watcher.watch(connection).await;
        app.metrics().connections.fetch_sub(1, Ordering::Relaxed);
    }
}
