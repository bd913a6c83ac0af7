//! Over real connections to small servers on this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes as AxumBytes;
use axum::extract::Path as UrlPath;
use axum::http::{HeaderMap as AxumHeaders, StatusCode, Version as HttpVersionSeen};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::engine::failure::{INCOMPLETE, UNANSWERED};
use crate::engine::job::closes_connections;
use crate::engine::request::Wants;
use crate::engine::testing::{prepared, step, with_filling};
use crate::engine::testing_tls::TestCa;
use crate::model::{Body, Step, TlsOptions};

/// Where servers run: the tasks on a test's own runtime are counted as connections.
static SERVERS: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

/// A server that counts connections.
struct Server {
    address: SocketAddr,
    n_accepted: Arc<AtomicUsize>,
}

impl Server {
    async fn start<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream, usize) -> F + Send + 'static,
    ) -> Self {
        let listener = SERVERS.spawn(TcpListener::bind("127.0.0.1:0")).await.unwrap().unwrap();
        let address = listener.local_addr().unwrap();
        let n_accepted = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&n_accepted);
        SERVERS.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counted.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, n_accepted }
    }

    async fn of(router: Router) -> Self {
        Self::start(move |stream, _| answer(router.clone(), stream)).await
    }

    async fn secured(router: Router, tls: Arc<ServerConfig>) -> Self {
        let acceptor = TlsAcceptor::from(tls);
        Self::start(move |stream, _| {
            let (router, accepting) = (router.clone(), acceptor.accept(stream));
            async move {
                if let Ok(stream) = accepting.await {
                    answer(router, stream).await;
                }
            }
        })
        .await
    }

    /// Reads each request's head and writes `reply(connection, request)`; without a reply it closes.
    async fn scripted(reply: fn(usize, usize) -> Option<&'static str>) -> Self {
        Self::start(move |mut stream, connection| async move {
            let mut n_requests = 0;
            while let Some(_head) = read_head(&mut stream).await {
                let Some(text) = reply(connection, n_requests) else { return };
                stream.write_all(text.as_bytes()).await.unwrap();
                n_requests += 1;
            }
        })
        .await
    }

    fn n_accepted(&self) -> usize {
        self.n_accepted.load(Ordering::SeqCst)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// By name, as the certificate has it.
    fn secure_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

async fn answer(router: Router, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = TowerToHyperService::new(router);
    // Ends with an error where the client goes away.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn hello() -> Router {
    let version = |version: HttpVersionSeen| async move { format!("{version:?}") };
    Router::new().route("/", get(version))
}

/// A user of a transport.
struct User {
    transport: ReqwestTransport,
    session: Session,
    wants: Wants,
}

impl User {
    fn of(options: TransportOptions) -> Self {
        Self::with_files(options, Path::new("."))
    }

    fn with_files(options: TransportOptions, root: &Path) -> Self {
        let transport = ReqwestTransport::new(&options, Some(root)).unwrap();
        let wants = Wants { body: true, headers: false, close: closes_connections(&options) };
        Self { transport, session: Session::default(), wants }
    }

    /// Waits until that many connections are open; hyper closes them on tasks of its own.
    async fn has_open(&self, n_connections: u32) {
        let reached = async {
            while self.transport.n_connections(|| 0) != n_connections {
                tokio::task::yield_now().await;
            }
        };
        let in_time = timeout(Duration::from_secs(5), reached).await;
        assert!(in_time.is_ok(), "{} connections", self.transport.n_connections(|| 0));
    }

    async fn get(&mut self, url: &str) -> Exchange {
        self.send(&step(url)).await
    }

    async fn send(&mut self, described: &Step) -> Exchange {
        let request = prepared(described, "http://unused", self.wants, &[]);
        let ready =
            with_filling(&vec![], |filling| self.transport.ready(&mut self.session, &request, filling))
                .unwrap();
        let sent = Instant::now();
        let exchange = self.transport.exchange(&mut self.session, &ready, sent, false).await;
        let phases: Duration = exchange.traffic.phases.iter().map(|(_, time)| time).sum();
        assert!(phases <= exchange.ended - sent, "{:?}", exchange.traffic.phases);
        exchange
    }
}

fn body(exchange: &Exchange) -> &str {
    let answer = exchange.answer.as_ref().unwrap();
    std::str::from_utf8(&answer.body).unwrap()
}

fn fault(exchange: &Exchange) -> (Outcome, &str) {
    let failure = exchange.answer.as_ref().err().expect("an answer came");
    (failure.outcome, &failure.signature)
}

fn phases(exchange: &Exchange) -> Vec<RequestPhase> {
    exchange.traffic.phases.iter().map(|(phase, _)| phase).collect()
}

fn plain() -> TransportOptions {
    TransportOptions::default()
}

fn http2() -> TransportOptions {
    TransportOptions { http: HttpVersion::Http2, ..plain() }
}

fn trusting(ca: &str) -> TransportOptions {
    TransportOptions { tls: TlsOptions { ca: Some(ca.into()), ..TlsOptions::default() }, ..plain() }
}

#[tokio::test]
async fn http_1_is_spoken_unless_http_2_is_asked_for() {
    let server = Server::of(hello()).await;
    assert_eq!(body(&User::of(plain()).get(&server.url("/")).await), "HTTP/1.1");
    assert_eq!(body(&User::of(http2()).get(&server.url("/")).await), "HTTP/2.0");
}

#[tokio::test]
async fn http_2_is_agreed_upon_in_the_handshake() {
    let (ca, server) = secured(&[ALPN_HTTP2, ALPN_HTTP1], false).await;
    let options = TransportOptions { http: HttpVersion::Http2, ..trusting("ca.pem") };
    let mut user = User::with_files(options, ca.folder().path());
    assert_eq!(body(&user.get(&server.secure_url("/")).await), "HTTP/2.0");
}

#[tokio::test]
async fn a_server_without_the_asked_version_of_http_is_a_tls_error() {
    let (ca, server) = secured(&[ALPN_HTTP1], false).await;
    let options = TransportOptions { http: HttpVersion::Http2, ..trusting("ca.pem") };
    let exchange = User::with_files(options, ca.folder().path()).get(&server.secure_url("/")).await;
    assert_eq!(fault(&exchange), (Outcome::Tls, "the server does not speak the asked version of HTTP"));
}

async fn secured(alpn: &[&[u8]], ask_client: bool) -> (TestCa, Server) {
    let ca = TestCa::new();
    let server = Server::secured(hello(), ca.server_config(alpn, ask_client)).await;
    (ca, server)
}

#[tokio::test]
async fn the_given_ca_is_trusted_and_others_are_not() {
    let (ca, server) = secured(&[], false).await;
    let url = server.secure_url("/");
    let folder = ca.folder();
    assert_eq!(body(&User::with_files(trusting("ca.pem"), folder.path()).get(&url).await), "HTTP/1.1");
    let other = TestCa::new().folder();
    let refused = User::with_files(trusting("ca.pem"), other.path()).get(&url).await;
    assert_eq!(refused.traffic.bytes_sent, 0);
    assert_eq!(fault(&refused).0, Outcome::Tls);
    let unknown = User::of(plain()).get(&url).await;
    assert_eq!(fault(&unknown), (Outcome::Tls, "the certificate's issuer is not trusted"));
}

#[tokio::test]
async fn without_verification_anybody_is_trusted() {
    let (_, server) = secured(&[], false).await;
    let tls = TlsOptions { verify: false, ..TlsOptions::default() };
    let mut user = User::of(TransportOptions { tls, ..plain() });
    assert_eq!(body(&user.get(&server.secure_url("/")).await), "HTTP/1.1");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (ca, server) = secured(&[], false).await;
    let address = server.address;
    // Takes every name to the one server.
    let proxy = Server::start(move |mut stream, _| async move {
        read_head(&mut stream).await.unwrap();
        let mut onward = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await;
    let mut user = User::with_files(through(proxy.url(""), trusting("ca.pem")), ca.folder().path());
    let exchange = user.get("https://shop.test/").await;
    assert_eq!(fault(&exchange), (Outcome::Tls, "the certificate is for another name"));
}

#[tokio::test]
async fn a_client_certificate_opens_a_door_that_stays_shut_without() {
    let (ca, server) = secured(&[], true).await;
    let folder = ca.folder();
    let shut = User::with_files(trusting("ca.pem"), folder.path()).get(&server.secure_url("/")).await;
    let (outcome, signature) = fault(&shut);
    assert_eq!(outcome, Outcome::Tls, "{signature}");
    let mut options = trusting("ca.pem");
    options.tls.certificate = Some("client.pem".into());
    options.tls.key = Some("client.key".into());
    let open = User::with_files(options, folder.path()).get(&server.secure_url("/")).await;
    assert_eq!(body(&open), "HTTP/1.1");
}

#[tokio::test]
async fn a_new_connection_has_its_phases_and_a_used_one_none_of_them() {
    use RequestPhase::{Connect, Dns, Receive, Tls, Wait};
    let (ca, server) = secured(&[], false).await;
    let mut user = User::with_files(trusting("ca.pem"), ca.folder().path());
    let first = user.get(&server.secure_url("/")).await;
    assert_eq!(phases(&first), [Dns, Connect, Tls, Wait, Receive]);
    assert_eq!(first.traffic.n_connections, 1);
    user.has_open(1).await;
    let second = user.get(&server.secure_url("/")).await;
    assert_eq!(phases(&second), [Wait, Receive]);
    assert_eq!((second.traffic.n_connections, server.n_accepted()), (0, 1));
    user.has_open(1).await;
}

#[tokio::test]
async fn the_delay_of_each_phase_is_its_own() {
    // A busy machine may note a moment late, though not by as much as the shortest of the delays.
    let (ca, delay, slack) = (TestCa::new(), Duration::from_millis(150), Duration::from_millis(70));
    let acceptor = TlsAcceptor::from(ca.server_config(&[], false));
    let server = Server::start(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            // The connection stands already: the kernel accepts it.
            tokio::time::sleep(delay).await;
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut head = [0; 1024];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            tokio::time::sleep(2 * delay).await;
            stream.write_all(&OK.as_bytes()[..OK.len() - 1]).await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(3 * delay).await;
            stream.write_all(b"k").await.unwrap();
            stream.flush().await.unwrap();
        }
    })
    .await;
    let mut user = User::with_files(trusting("ca.pem"), ca.folder().path());
    let exchange = user.get(&server.secure_url("/")).await;
    assert_eq!(body(&exchange), "ok");
    let times: BTreeMap<_, _> = exchange.traffic.phases.iter().collect();
    assert!(times[&RequestPhase::Connect] < delay, "{times:?}");
    assert!(times[&RequestPhase::Tls] >= delay - slack, "{times:?}");
    assert!(times[&RequestPhase::Wait] >= 2 * delay - slack, "{times:?}");
    assert!(times[&RequestPhase::Receive] >= 3 * delay - slack, "{times:?}");
}

#[tokio::test]
async fn a_large_body_arrives_whole_and_has_a_send_phase() {
    let router = Router::new()
        .route(
            "/",
            post(|headers: AxumHeaders, body: AxumBytes| async move {
                let length = headers["content-length"].to_str().unwrap().to_owned();
                format!("{length} {}", body.len())
            }),
        )
        .layer(axum::extract::DefaultBodyLimit::disable());
    let server = Server::of(router).await;
    let mut described = step(&server.url("/"));
    described.method = "POST".into();
    described.body = Body::Text("x".repeat(3_000_000));
    let exchange = User::of(plain()).send(&described).await;
    assert_eq!(body(&exchange), "3000000 3000000");
    assert!(phases(&exchange).contains(&RequestPhase::Send));
    assert!((3_000_000..3_000_400).contains(&exchange.traffic.bytes_sent));
}

/// `/hop/3` leads to `/hop/2` and so on, `/hop/0` is the goal.
fn hops() -> Router {
    let hop = |UrlPath(n): UrlPath<u32>| async move {
        match n {
            0 => "goal".into_response(),
            n => {
                let location = [("location", format!("/hop/{}", n - 1))];
                (StatusCode::SEE_OTHER, location, "on the way").into_response()
            }
        }
    };
    Router::new().route("/hop/{n}", get(hop).post(hop))
}

#[tokio::test]
async fn as_many_redirects_are_followed_as_asked() {
    let server = Server::of(hops()).await;
    let up_to = |max_redirects| User::of(TransportOptions { max_redirects, ..plain() });
    let taken = up_to(0).get(&server.url("/hop/2")).await;
    assert_eq!(taken.answer.as_ref().unwrap().status, 303);
    let followed = up_to(2).get(&server.url("/hop/2")).await;
    assert_eq!((body(&followed), followed.traffic.n_connections), ("goal", 1));
    assert!(
        followed.traffic.bytes_sent > 2 * taken.traffic.bytes_sent
            && followed.traffic.bytes_received > 2 * taken.traffic.bytes_received
    );
    let too_many = up_to(1).get(&server.url("/hop/2")).await;
    assert_eq!(fault(&too_many), (Outcome::Protocol, "too many redirects"));
}

#[tokio::test]
async fn a_redirect_to_another_place_leaves_secrets_behind() {
    let seen = |headers: AxumHeaders, body: AxumBytes| async move {
        format!("{:?} {} {}", headers.get("authorization"), body.len(), headers["host"].to_str().unwrap())
    };
    let other = Server::of(Router::new().route("/", get(seen).post(seen))).await;
    let address = other.address;
    let (kept, changed) = (other.url("/"), other.url("/"));
    let router = Router::new()
        .route("/kept", post(|| async move { (StatusCode::TEMPORARY_REDIRECT, [("location", kept)]) }))
        .route("/changed", post(|| async move { (StatusCode::FOUND, [("location", changed)]) }));
    let server = Server::of(router).await;
    let mut user = User::of(TransportOptions { max_redirects: 5, ..plain() });
    for (path, expected) in [("/kept", "None 5"), ("/changed", "None 0")] {
        let mut described = step(&server.url(path));
        described.method = "POST".into();
        described.headers =
            vec![("authorization".into(), "secret".into()), ("host".into(), "shop.test".into())];
        described.body = Body::Text("hello".into());
        assert_eq!(body(&user.send(&described).await), format!("{expected} {address}"));
    }
}

#[tokio::test]
async fn each_user_keeps_cookies_of_its_own() {
    let router = Router::new()
        .route(
            "/in/{name}",
            get(|UrlPath(name): UrlPath<String>| async move {
                ([("set-cookie", format!("who={name}; Path=/"))], Redirect::to("/who"))
            }),
        )
        .route(
            "/who",
            get(|headers: AxumHeaders| async move {
                headers.get("cookie").map_or(String::new(), |value| value.to_str().unwrap().to_owned())
            }),
        );
    let server = Server::of(router).await;
    let mut ann = User::of(TransportOptions { cookies: true, max_redirects: 1, ..plain() });
    let mut bob_session = Session::default();
    assert_eq!(body(&ann.get(&server.url("/in/ann")).await), "who=ann");
    std::mem::swap(&mut ann.session, &mut bob_session);
    assert_eq!(body(&ann.get(&server.url("/who")).await), "");
    assert_eq!(body(&ann.get(&server.url("/in/bob")).await), "who=bob");
    std::mem::swap(&mut ann.session, &mut bob_session);
    assert_eq!(body(&ann.get(&server.url("/who")).await), "who=ann");
    let mut forgetful = User::of(TransportOptions { max_redirects: 1, ..plain() });
    assert_eq!(body(&forgetful.get(&server.url("/in/eve")).await), "");
}

#[tokio::test]
async fn compressed_answers_are_unpacked_and_counted_as_they_came() {
    let router = Router::new().route(
        "/",
        get(|headers: AxumHeaders| async move {
            assert_eq!(headers["accept-encoding"], "gzip, br, deflate");
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut encoder, &[b'x'; 100_000]).unwrap();
            ([("content-encoding", "gzip")], encoder.finish().unwrap())
        }),
    );
    let server = Server::of(router).await;
    let exchange = User::of(TransportOptions { compression: true, ..plain() }).get(&server.url("/")).await;
    assert_eq!(body(&exchange).len(), 100_000);
    assert!(exchange.traffic.bytes_received < 1_000, "{}", exchange.traffic.bytes_received);
}

/// Answers plain requests itself, and connects where it is asked to.
async fn http_proxy() -> Server {
    Server::start(|mut stream, _| async move {
        let head = read_head(&mut stream).await.unwrap();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        if !head.starts_with("CONNECT ") {
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{target}", target.len());
            return stream.write_all(answer.as_bytes()).await.unwrap();
        }
        let Ok(mut onward) = TcpStream::connect(target).await else {
            return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await.unwrap();
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await
}

fn through(proxy: String, options: TransportOptions) -> TransportOptions {
    TransportOptions { proxy: Some(proxy), ..options }
}

#[tokio::test]
async fn an_http_proxy_gets_whole_urls_and_tunnels_tls() {
    let proxy = http_proxy().await;
    let mut user = User::of(through(proxy.url(""), plain()));
    assert_eq!(body(&user.get("http://shop.test/a?b").await), "http://shop.test/a?b");
    let (ca, server) = secured(&[], false).await;
    let mut user = User::with_files(through(proxy.url(""), trusting("ca.pem")), ca.folder().path());
    let tunnelled = user.get(&server.secure_url("/")).await;
    assert_eq!(body(&tunnelled), "HTTP/1.1");
    assert!(phases(&tunnelled).contains(&RequestPhase::Tls));
    let refused = user.get("https://127.0.0.1:1/").await;
    assert_eq!(fault(&refused).0, Outcome::Connect);
}

#[tokio::test]
async fn a_socks_proxy_connects_us() {
    let server = Server::of(hello()).await;
    let proxy = Server::start(|mut stream, _| async move {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        assert_eq!(greeting[0], 5);
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 10];
        stream.read_exact(&mut request).await.unwrap();
        assert_eq!(request[..4], [5, 1, 0, 1]);
        let address: [u8; 4] = request[4..8].try_into().unwrap();
        let port = u16::from_be_bytes([request[8], request[9]]);
        let mut onward = TcpStream::connect(SocketAddr::from((address, port))).await.unwrap();
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await;
    let mut user = User::of(through(format!("socks5://{}", proxy.address), plain()));
    assert_eq!(body(&user.get(&server.url("/")).await), "HTTP/1.1");
    assert_eq!(proxy.n_accepted(), 1);
}

#[test]
fn a_proxy_that_is_no_url_is_named() {
    let refused = ReqwestTransport::new(&through("http://[".into(), plain()), None).err().unwrap();
    assert!(refused.to_string().starts_with("the proxy cannot be used: "), "{refused}");
    assert!(refused.to_string().ends_with("(http://[)"), "{refused}");
}

#[tokio::test]
async fn a_request_that_meets_a_closed_connection_is_sent_again() {
    // The first connection takes a second request, and closes instead of answering.
    let server = Server::scripted(|connection, request| (connection > 0 || request == 0).then_some(OK)).await;
    let mut user = User::of(plain());
    assert!(!user.get(&server.url("/")).await.traffic.reconnected);
    let again = user.get(&server.url("/")).await;
    assert_eq!((body(&again), again.traffic.reconnected, again.traffic.n_connections), ("ok", true, 1));
    assert_eq!(server.n_accepted(), 2);
    user.has_open(1).await;
}

#[tokio::test]
async fn a_new_connection_that_closes_unanswered_is_an_error_at_once() {
    let server = Server::scripted(|_, _| None).await;
    let exchange = User::of(plain()).get(&server.url("/")).await;
    assert_eq!(fault(&exchange), (Outcome::Protocol, UNANSWERED));
    assert_eq!((server.n_accepted(), exchange.traffic.reconnected), (1, false));
}

#[tokio::test]
async fn broken_answers_say_what_is_broken() {
    async fn check(reply: fn(usize, usize) -> Option<&'static str>, expected: &str) {
        let server = Server::start(move |mut stream, connection| async move {
            if let (Some(_), Some(text)) = (read_head(&mut stream).await, reply(connection, 0)) {
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        })
        .await;
        let exchange = User::of(plain()).get(&server.url("/")).await;
        assert_eq!(fault(&exchange), (Outcome::Protocol, expected), "{:?}", exchange.answer.as_ref().err());
    }
    check(|_, _| Some("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"), INCOMPLETE).await;
    check(|_, _| Some("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nok"), INCOMPLETE).await;
    check(|_, _| Some("SSH-2.0-OpenSSH\r\n\r\n"), "the answer is not valid HTTP").await;
    check(
        |_, _| Some("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok"),
        "the answer is not valid HTTP",
    )
    .await;
}

#[tokio::test]
async fn each_request_may_have_a_connection_of_its_own() {
    let server = Server::of(Router::new().route(
        "/",
        get(|headers: AxumHeaders| async move { headers["connection"].to_str().unwrap().to_owned() }),
    ))
    .await;
    let mut user = User::of(TransportOptions { connections: Connections::PerRequest, ..plain() });
    for n_before in 0..3 {
        let exchange = user.get(&server.url("/")).await;
        assert_eq!((body(&exchange), exchange.traffic.n_connections), ("close", 1));
        assert_eq!(server.n_accepted(), n_before + 1);
        user.has_open(0).await;
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_takes_its_connection_with_it() {
    let server = Server::scripted(|_, request| {
        Some(if request == 0 { OK } else { "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n" })
    })
    .await;
    let mut user = User::of(plain());
    user.get(&server.url("/")).await;
    user.has_open(1).await;
    let url = server.url("/");
    assert!(timeout(Duration::from_millis(50), user.get(&url)).await.is_err());
    user.has_open(0).await;
}

#[tokio::test]
async fn a_connection_that_the_target_closes_while_idle_counts_no_more() {
    let server = Server::start(|mut stream, _| async move {
        let _ = read_head(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    let mut user = User::of(plain());
    assert_eq!(body(&user.get(&server.url("/")).await), "ok");
    user.has_open(0).await;
    assert_eq!(body(&user.get(&server.url("/")).await), "ok");
}

#[tokio::test]
async fn connections_that_nobody_waited_for_in_the_end_count_too() {
    let server = Server::of(hello()).await;
    let user = User::of(plain());
    let request = prepared(&step(&server.url("/")), "http://unused", Wants::default(), &[]);
    let one = || async {
        let mut session = Session::default();
        let ready =
            with_filling(&vec![], |filling| user.transport.ready(&mut session, &request, filling)).unwrap();
        for _ in 0..5 {
            assert!(
                user.transport.exchange(&mut session, &ready, Instant::now(), false).await.answer.is_ok()
            );
        }
    };
    tokio::join!(one(), one(), one(), one(), one(), one(), one(), one());
    user.has_open(server.n_accepted() as u32).await;
    assert!(server.n_accepted() >= 1);
}

#[tokio::test]
async fn users_of_http_2_share_one_connection() {
    let server = Server::of(hello()).await;
    let mut user = User::of(http2());
    for _ in 0..3 {
        assert_eq!(body(&user.get(&server.url("/")).await), "HTTP/2.0");
    }
    assert_eq!((server.n_accepted(), user.transport.n_connections(|| 0)), (1, 1));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_a_connect_error() {
    // No name server is asked for a name with a part of more than 63 letters.
    let exchange = User::of(plain()).get(&format!("http://{}/", "a".repeat(64))).await;
    assert_eq!(fault(&exchange), (Outcome::Connect, "host name not found"));
    assert_eq!((exchange.traffic.bytes_sent, exchange.traffic.n_connections), (0, 0));
}
