//! The lean transport against small servers: which requests share a connection, and what becomes of old ones.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{thread, time::Duration};

use rustls::ServerConnection;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use crate::engine::request::{StepRequest, Wants};
use crate::engine::testing::{prepared, step, with_filling};
use crate::engine::testing_tls::TestCa;
use crate::engine::tls;
use crate::engine::transport::{Exchange, Transport as _};
use crate::engine::wire::{WireSession, WireTransport};
use crate::metrics::{Outcome, RequestPhase};
use crate::model::{Connections, TlsOptions};

/// A server that answers so many requests of a connection before it closes it without a word.
fn server(n_per_connection: usize) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let n_accepted = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&n_accepted);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || serve(stream, n_per_connection));
        }
    });
    (address, n_accepted)
}

fn serve(mut stream: TcpStream, n_requests: usize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..n_requests {
        let (mut line, mut length) = (String::new(), 0);
        while {
            line.clear();
            reader.read_line(&mut line).is_ok_and(|n| n > 2)
        } {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        if line.is_empty() || std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).is_err()
        {
            return;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    }
}

struct Client {
    transport: WireTransport,
    request: StepRequest,
}

impl Client {
    fn new(connections: Connections, base_url: &str) -> Self {
        let wants = Wants { close: connections == Connections::PerRequest, ..Wants::default() };
        let request = prepared(&step("/"), base_url, wants, &[]);
        Self { transport: WireTransport::new(connections, None), request }
    }

    async fn exchange(&self, session: &mut WireSession) -> Exchange {
        let ready =
            with_filling(&vec![], |filling| self.transport.ready(session, &self.request, filling)).unwrap();
        self.transport.exchange(session, &ready, Instant::now(), false).await
    }

    async fn send(&self, session: &mut WireSession) -> Exchange {
        let exchange = self.exchange(session).await;
        assert_eq!(exchange.answer.as_ref().unwrap().status, 200);
        exchange
    }
}

fn phases(exchange: &Exchange) -> Vec<RequestPhase> {
    exchange.traffic.phases.iter().map(|(phase, _)| phase).collect()
}

#[tokio::test]
async fn each_user_keeps_a_connection_of_its_own() {
    let (base_url, n_accepted) = server(usize::MAX);
    let client = Client::new(Connections::PerUser, &base_url);
    let (mut one, mut other) = (WireSession::default(), WireSession::default());
    use RequestPhase::{Connect, Receive, Send, Wait};
    assert_eq!(phases(&client.send(&mut one).await), [Connect, Send, Wait, Receive]);
    assert_eq!(phases(&client.send(&mut one).await), [Send, Wait, Receive]);
    assert_eq!(client.send(&mut other).await.traffic.n_connections, 1);
    assert_eq!((client.transport.n_connections(|| 0), n_accepted.load(Ordering::SeqCst)), (2, 2));
    drop(one);
    assert_eq!(client.transport.n_connections(|| 0), 1);
}

#[tokio::test]
async fn pooled_connections_serve_whoever_comes() {
    let (base_url, n_accepted) = server(usize::MAX);
    let client = Client::new(Connections::Pooled, &base_url);
    for _ in 0..3 {
        client.send(&mut WireSession::default()).await;
    }
    assert_eq!((client.transport.n_connections(|| 0), n_accepted.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn pooled_connections_that_were_closed_do_not_stay_in_the_pool() {
    let (base_url, _) = server(1);
    let client = Client::new(Connections::Pooled, &base_url);
    let mut sessions = [(); 3].map(|()| WireSession::default());
    let [one, two, three] = &mut sessions;
    tokio::join!(client.send(one), client.send(two), client.send(three));
    // It takes a moment until the end of each has come.
    for _ in 0..1_000 {
        client.send(&mut WireSession::default()).await;
        if client.transport.n_connections(|| 0) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} connections are open", client.transport.n_connections(|| 0));
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_the_client_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    let config = TestCa::new().server_config(&[], true);
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = ServerConnection::new(config).unwrap();
        // Refuses after the handshake (TLS 1.3), and then listens on, so that its words arrive.
        while session.complete_io(&mut stream).is_ok() {}
        std::io::copy(&mut stream, &mut std::io::sink())
    });
    let options = TlsOptions { verify: false, ..TlsOptions::default() };
    let tls = tls::client_config(&options, None, tls::ALPN_HTTP1).unwrap();
    let client = Client {
        transport: WireTransport::new(Connections::PerUser, Some(TlsConnector::from(Arc::new(tls)))),
        ..Client::new(Connections::PerUser, &base_url)
    };
    let failure = client.exchange(&mut WireSession::default()).await.answer.err().unwrap();
    assert_eq!(failure.outcome, Outcome::Tls, "{failure:?}");
    assert!(failure.signature.contains("CertificateRequired"), "{failure:?}");
}

#[tokio::test]
async fn a_connection_per_request_is_closed_after_its_answer() {
    let (base_url, n_accepted) = server(usize::MAX);
    let client = Client::new(Connections::PerRequest, &base_url);
    let mut session = WireSession::default();
    for _ in 0..3 {
        assert_eq!(client.send(&mut session).await.traffic.n_connections, 1);
        assert_eq!(client.transport.n_connections(|| 0), 0);
    }
    assert_eq!(n_accepted.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_costs_a_new_one_and_no_error() {
    let (base_url, n_accepted) = server(1);
    let client = Client::new(Connections::PerUser, &base_url);
    let mut session = WireSession::default();
    assert!(!client.send(&mut session).await.traffic.reconnected);
    for _ in 0..5 {
        let exchange = client.send(&mut session).await;
        assert_eq!((exchange.traffic.reconnected, exchange.traffic.n_connections), (true, 1));
    }
    assert_eq!(n_accepted.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn an_exchange_that_is_dropped_takes_its_connection_along() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::new(Connections::PerUser, &format!("http://{}", listener.local_addr().unwrap()));
    let mut session = WireSession::default();
    let ready =
        with_filling(&vec![], |filling| client.transport.ready(&mut session, &client.request, filling))
            .unwrap();
    let exchange = client.transport.exchange(&mut session, &ready, Instant::now(), false);
    let patience = Duration::from_millis(50);
    assert!(tokio::time::timeout(patience, exchange).await.is_err());
    assert_eq!(client.transport.n_connections(|| 0), 0);
}
