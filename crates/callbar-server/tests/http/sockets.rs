//! Prevents: a client, by mistake or on purpose, that takes the server from the others. Raw sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use callbar_server::{App, Limits, Server};
use tokio::sync::oneshot;

use crate::test_server::TestServer;

/// A test server that listens on a port.
struct ListeningServer {
    server: TestServer,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

const LIMITS: Limits = Limits {
    connections: 2_000,
    head: Duration::from_millis(700),
    write: Duration::from_millis(700),
    handshake: Duration::from_secs(1),
    grace: Duration::from_secs(5),
    head_max: 16 * 1024,
};

/// Far longer than any of these, and than a busy machine takes for one.
const TIMEOUT: Duration = Duration::from_secs(8);

impl ListeningServer {
    fn new(limits: Limits) -> Self {
        let server = TestServer::new();
        let (send_address, address_sent) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let app: App = server.app.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("threads");
            runtime.block_on(async {
                let any = "127.0.0.1:0".parse().expect("an address");
                let server = Server::bind(app, any, None, limits).await.expect("a socket");
                send_address.send(server.address().expect("an address")).expect("somebody waits");
                server.run(async { drop(stopped.await) }).await;
            });
        });
        let address = address_sent.recv().expect("an address");
        Self { server, address, stop: Some(stop), thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        stream
    }

    /// All that comes back for these bytes, to the end of the connection.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that has answered may not read on.
        let _ = stream.write_all(bytes);
        rest(&mut stream)
    }

    /// A request of the administrator, on a connection of its own.
    fn ask(&self, line: &str, body: &[u8]) -> String {
        let head = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-length: {}\r\n\r\n",
            self.server.admin(),
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat())
    }

    fn assert_well(&self) {
        let answer = self.ask("GET /callbar/v1/ready", b"");
        assert_eq!(status(&answer), 200, "{answer}");
    }

    /// Waits until there is a place.
    fn wait_until_well(&self) {
        let start = Instant::now();
        while status(&self.ask("GET /callbar/v1/ready", b"")) != 200 {
            assert!(start.elapsed() < TIMEOUT, "the places stay taken");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        self.thread.take().expect("a server").join().expect("an end");
    }
}

fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[test]
fn a_client_that_reads_no_answer_is_cut_off() {
    let listening = ListeningServer::new(Limits { connections: 1, ..LIMITS });
    let mut greedy = listening.connect();
    greedy.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let ask = b"GET /callbar/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
    // More than both sides have room for.
    for _ in 0..1_000 {
        if greedy.write_all(ask).is_err() {
            break;
        }
    }
    listening.wait_until_well();
}

#[test]
fn slow_heads_and_silence_end() {
    let listening = ListeningServer::new(LIMITS);
    for begin in ["", "GET /callbar/v1/health HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = listening.connect();
        stream.write_all(begin.as_bytes()).unwrap();
        let start = Instant::now();
        // A byte now and then gains no time.
        let mut drip = stream.try_clone().unwrap();
        std::thread::spawn(move || {
            for _ in 0..200 {
                std::thread::sleep(Duration::from_millis(100));
                if begin.is_empty() || drip.write_all(b"a").is_err() {
                    return;
                }
            }
        });
        let answer = rest(&mut stream);
        assert!(start.elapsed() < TIMEOUT, "{begin:?}: {answer}");
        assert_ne!(status(&answer), 200);
    }
    // Between requests, too.
    let mut stream = listening.connect();
    stream.write_all(b"GET /callbar/v1/health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let start = Instant::now();
    assert_eq!(status(&rest(&mut stream)), 200);
    assert!(start.elapsed() < TIMEOUT);
    listening.assert_well();
}

#[test]
fn heads_and_bodies_beyond_their_bounds_are_refused() {
    let listening = ListeningServer::new(LIMITS);
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let answer = listening.send(long.as_bytes());
    assert!(matches!(status(&answer), 414 | 431), "{answer}");
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(500));
    let answer = listening.send(many.as_bytes());
    assert!(matches!(status(&answer), 400 | 431), "{answer}");
    let big = vec![b' '; 2 << 20];
    for path in ["/callbar/v1/domains/my.example/check", "/callbar/v1/keys"] {
        let answer = listening.ask(&format!("POST {path}"), &big);
        assert_eq!(status(&answer), 413, "{path}: {answer}");
        assert!(answer.contains("body_too_large"), "{answer}");
    }
    listening.assert_well();
}

#[test]
fn a_body_that_breaks_off_changes_nothing() {
    let listening = ListeningServer::new(LIMITS);
    let head = format!(
        "POST /callbar/v1/domains/my.example/lists/spam/import?format=text HTTP/1.1\r\nhost: x\r\n\
         authorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n05050000002\n",
        listening.server.admin()
    );
    let mut stream = listening.connect();
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_ne!(status(&rest(&mut stream)), 200);
    let list = listening.ask("GET /callbar/v1/domains/my.example/lists/spam", b"");
    assert!(list.contains("\"entries\":1"), "{list}");
}

#[test]
fn malformed_bodies_are_refused() {
    let listening = ListeningServer::new(LIMITS);
    let deep = "[".repeat(200_000);
    for body in [
        &b"{"[..],
        b"",
        b"null",
        b"[]",
        b"{\"number\":\"\xff\xfe\"}",
        b"{\"number\":\"\\ud800\"}",
        b"{\"number\":1e99}",
        b"{\"number\":\"1\",\"number\":\"2\"}",
        b"{\"number\":\"1\"} {\"number\":\"2\"}",
        deep.as_bytes(),
    ] {
        for path in ["check", "explain", "lists/spam/entries"] {
            let answer =
                listening.ask(&format!("POST /callbar/v1/domains/my.example/{path}"), body);
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(status(&answer), 400, "{path} {shown}: {answer}");
            assert!(answer.contains("\"code\":\"bad_json\""), "{path} {shown}: {answer}");
        }
    }
}

#[test]
fn broken_requests_are_refused() {
    let listening = ListeningServer::new(LIMITS);
    for bytes in [
        &b"\r\n\r\n\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n",
        b"GET / HTTP/1.1\r\na\0b: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n",
    ] {
        let answer = listening.send(bytes);
        let shown = String::from_utf8_lossy(bytes).into_owned();
        assert!(matches!(status(&answer), 0 | 400 | 404 | 431 | 505), "{shown}: {answer}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{shown}: {answer}");
    }
    listening.assert_well();
}

/// With both lengths, a proxy in front and the server might each believe another one.
#[test]
fn no_request_is_smuggled_behind_another() {
    let listening = ListeningServer::new(LIMITS);
    let smuggled = format!(
        "DELETE /callbar/v1/domains/my.example HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        listening.server.admin()
    );
    let request = format!(
        "POST /callbar/v1/keys HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\
         transfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
        5 + smuggled.len()
    );
    let answer = listening.send(request.as_bytes());
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    let domain = listening.ask("GET /callbar/v1/domains/my.example", b"");
    assert_eq!(status(&domain), 200, "{domain}");
}

#[test]
fn paths_lead_nowhere_else() {
    let listening = ListeningServer::new(LIMITS);
    for path in [
        "/callbar/v1/domains/../domains/my.example",
        "/callbar/v1/domains/%2e%2e/keys",
        "/callbar/v1/../../etc/passwd",
        "/callbar/v1//domains/my.example",
        "/callbar/v1/domains/my.example/",
        "/callbar/v1/domains/my.example%2flists",
        "/callbar/v1/domains/my.example%00",
        "/callbar/v1/domains/%ff",
        "/callbar/v1/domains/my.example/lists/..%2f..%2fother.example",
        "/CALLBAR/v1/domains/my.example",
        "/callbar/v1/openapi.json/../keys",
        "*",
    ] {
        let answer = listening.ask(&format!("GET {path}"), b"");
        assert!(matches!(status(&answer), 400 | 404), "{path}: {answer}");
    }
    for name in ["%00", "a%0ab", "%20", "..%2f..%2fx", "%F0%9F%93%B5"] {
        let list = format!("/callbar/v1/domains/my.example/lists/{name}");
        let answer = listening.ask(&format!("PUT {list}"), b"{}");
        match status(&answer) {
            201 => {
                let shown = listening.ask(&format!("GET {list}"), b"");
                assert_eq!(status(&shown), 200, "{name}: {shown}");
            }
            400 => assert!(answer.contains("invalid_name"), "{name}: {answer}"),
            _ => panic!("{name}: {answer}"),
        }
    }
}

#[test]
fn idle_connections_leave_room_for_others() {
    let listening = ListeningServer::new(Limits { head: Duration::from_secs(30), ..LIMITS });
    let idle: Vec<TcpStream> = (0..400).map(|_| listening.connect()).collect();
    let start = Instant::now();
    listening.assert_well();
    assert!(start.elapsed() < TIMEOUT, "it waited for them");
    drop(idle);
}

#[test]
fn a_full_server_says_so_and_recovers() {
    let listening =
        ListeningServer::new(Limits { connections: 4, head: Duration::from_secs(3), ..LIMITS });
    // They are taken in the order in which they come.
    let idle: Vec<TcpStream> = (0..4).map(|_| listening.connect()).collect();
    let answer = listening.send(b"");
    assert_eq!(status(&answer), 503, "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
    assert!(body.contains("too_many_connections"), "{answer}");
    // The idle ones end by themselves.
    for mut stream in idle {
        rest(&mut stream);
    }
    listening.wait_until_well();
}

#[test]
fn the_end_waits_for_requests_under_way() {
    let mut listening = ListeningServer::new(LIMITS);
    let body = b"{\"number\":\"05050000002\"}";
    let head = format!(
        "POST /callbar/v1/domains/my.example/lists/spam/entries HTTP/1.1\r\nhost: x\r\n\
         authorization: Bearer {}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        listening.server.admin(),
        body.len()
    );
    let mut slow = listening.connect();
    slow.write_all(head.as_bytes()).unwrap();
    // The server sends this when it waits for the body.
    let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    slow.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let address = listening.address;
    let ending = std::thread::spawn(move || {
        listening.stop();
        listening
    });
    let start = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < TIMEOUT, "it listens on");
        std::thread::sleep(Duration::from_millis(10));
    }
    slow.write_all(body).unwrap();
    let answer = rest(&mut slow);
    assert_eq!(status(&answer), 201, "{answer}");
    let listening = ending.join().unwrap();
    let entry = listening.server.app.manager().entry("my.example", "spam", "05050000002").unwrap();
    assert!(entry.is_some());
}
