//! The sockets of a server: connections taken within bounds, served, and ended in order.
//!
//! HTTP/1.1. Heads must arrive within [`Limits::head`], which also ends connections that say
//! nothing; who takes nothing of an answer for [`Limits::write`] is cut off. When as many are open
//! as may be, others are told so and closed.

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

use super::app::App;
use super::control;
use super::credential::Principal;
use super::router::router;

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections. 16,384 unless told otherwise.
    pub connections: usize,
    /// The time that a head may take, from the end of the request before. 15 seconds unless told
    /// otherwise.
    pub head: Duration,
    /// The time in which a client must take something of an answer. Of the owner of the directory,
    /// who may look at an export page by page, it is not asked. A minute unless told otherwise.
    pub write: Duration,
    /// The time that a TLS handshake may take. 10 seconds unless told otherwise.
    pub handshake: Duration,
    /// The time that requests may take to end when the server does. 30 seconds unless told otherwise.
    pub grace: Duration,
    /// Bytes of a head. 32 KiB unless told otherwise.
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

/// What a full server tells whoever comes.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    retry-after: 1\r\nconnection: close\r\ncontent-length: 116\r\n\r\n\
    {\"error\":{\"code\":\"too_many_connections\",\"message\":\"too many connections\",\
    \"remedy\":\"close some, or try again later\"}}";

/// How long that may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long to wait when the system has no room for another connection.
const PATIENCE: Duration = Duration::from_millis(50);

/// A server that listens.
pub struct Server {
    app: App,
    limits: Limits,
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    control: Option<Control>,
}

/// The socket of a data directory, which goes with its server.
struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for Control {
    fn drop(&mut self) {
        // One that stays refuses whoever comes, and the next server replaces it.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Server {
    /// Listens on an address.
    ///
    /// # Errors
    /// What the system says of the address.
    pub async fn bind(
        app: App,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        limits: Limits,
    ) -> io::Result<Self> {
        let tcp = TcpListener::bind(address).await?;
        Ok(Self { app, limits, tcp, tls, control: None })
    }

    /// Listens on the socket of a data directory, too: for its owner, as an administrator. Whoever
    /// holds the directory's lock may.
    ///
    /// # Errors
    /// What the system says of the socket.
    pub fn with_control(mut self, dir: &Path) -> io::Result<Self> {
        let (listener, path) = control::listen(dir)?;
        self.control = Some(Control { listener, path });
        Ok(self)
    }

    /// The address, with the port that the system chose if it was to.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `end`, then lets requests under way end, and all changes come into force.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let Self { app, limits, tcp, tls, control } = self;
        let (public, local) = routers(&app);
        let graceful = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(limits.connections));
        let mut end = pin!(end);
        loop {
            tokio::select! {
                () = &mut end => break,
                accepted = tcp.accept() => match accepted {
                    Err(error) => pause(&error).await,
                    Ok((stream, _)) => {
                        let guest = Guest { app: app.clone(), limits, watcher: graceful.watcher() };
                        match Arc::clone(&room).try_acquire_owned() {
                            Ok(place) => {
                                tokio::spawn(guest.greet(stream, tls.clone(), public.clone(), place));
                            }
                            Err(_) => turn_away(&app, stream, tls.is_some()),
                        }
                    }
                },
                accepted = accept_local(control.as_ref()) => match accepted {
                    Err(error) => pause(&error).await,
                    Ok((stream, _)) => {
                        let guest = Guest { app: app.clone(), limits, watcher: graceful.watcher() };
                        tokio::spawn(guest.serve(stream, local.clone()));
                    }
                },
            }
        }
        drop((tcp, control));
        finish(&app, graceful, limits.grace).await;
    }
}

/// What strangers ask, and what the owner of the directory does.
fn routers(app: &App) -> (Router, Router) {
    let public = router(app.clone());
    let local = public.clone().layer(axum::Extension(Principal::local()));
    (public, local)
}

async fn accept_local(
    control: Option<&Control>,
) -> io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)> {
    match control {
        Some(control) => control.listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Errors of one connection pass; those of the system, such as too many open files, take a while.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "cannot take a connection");
        tokio::time::sleep(PATIENCE).await;
    }
}

fn turn_away(app: &App, mut stream: TcpStream, tls: bool) {
    app.metrics().refused_connections.fetch_add(1, Ordering::Relaxed);
    if tls {
        return;
    }
    tokio::spawn(async move {
        let told = tokio::time::timeout(FAREWELL, async {
            stream.write_all(FULL).await?;
            stream.shutdown().await
        });
        drop(told.await);
    });
}

async fn finish(app: &App, graceful: GracefulShutdown, grace: Duration) {
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and are cut off");
    }
    let manager = app.manager().clone();
    // What was acknowledged is durable anyway; this waits for what is under way.
    drop(tokio::task::spawn_blocking(move || manager.shut_down()).await);
}

/// One connection.
struct Guest {
    app: App,
    limits: Limits,
    watcher: Watcher,
}

impl Guest {
    async fn greet(
        self,
        stream: TcpStream,
        tls: Option<TlsAcceptor>,
        router: Router,
        place: OwnedSemaphorePermit,
    ) {
        let _place = place;
        // Answers are whole: nothing is gained by waiting for more.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.serve_stranger(stream, router).await,
            Some(tls) => {
                let handshake = tokio::time::timeout(self.limits.handshake, tls.accept(stream));
                if let Ok(Ok(stream)) = handshake.await {
                    self.serve_stranger(stream, router).await;
                }
            }
        }
    }

    async fn serve_stranger<S>(self, stream: S, router: Router)
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
        // What is wrong with a connection is its client's business.
        let _ = watcher.watch(connection).await;
        app.metrics().connections.fetch_sub(1, Ordering::Relaxed);
    }
}
