//! The null target: answers each request at once with the same few bytes, and counts.
//!
//! No router and nothing shared between threads, so that what is measured against it is the generator and this machine. It leaves
//! out what a load generator does not need of it: upgrades, chunked requests, HTTP/2.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::SandboxError;
use super::null_requests::{MAX_HEAD_BYTES, NullRequest, read_request};
use super::server::{listen, start_error};

const STATUS_AND_TYPE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
/// As the one for a count, with the length in place.
const USUAL_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n";
const USUAL_BODY: &[u8] = b"{\"null\":true}";
/// A request of a load generator is some hundred bytes; many fit, should it send them in a row.
const USUAL_INPUT_BYTES: usize = 4 * 1024;
/// When the system has no socket to give, it may have one soon.
const PATIENCE_WITHOUT_SOCKETS: Duration = Duration::from_millis(10);

/// The null target on threads of this process; ends when dropped.
pub struct NullTarget {
    address: SocketAddr,
    counts: Counts,
    desks: Vec<Desk>,
}

/// Requests received by each thread.
type Counts = Arc<[Count]>;

/// A cache line of its own, so that threads do not get in each other's way by counting.
#[derive(Default)]
#[repr(align(128))]
struct Count(AtomicU64);

/// One thread that answers its share of the connections.
struct Desk {
    end: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// Connections on their way to a thread; a full way holds the next ones up, and they wait in the system.
type ToDesk = mpsc::Sender<std::net::TcpStream>;
const MAX_ON_THE_WAY: usize = 64;

impl NullTarget {
    /// Starts it on a free port of the loopback address; connections go to `n_threads` threads in turn.
    pub fn start(n_threads: usize) -> Result<Self, SandboxError> {
        let mut runtimes = Vec::new();
        for _ in 0..n_threads.max(1) {
            runtimes.push(one_thread().map_err(start_error)?);
        }
        let (listener, address) = runtimes[0].block_on(listen(0))?;
        let (to_desks, arrivals): (Vec<ToDesk>, Vec<_>) =
            runtimes.iter().map(|_| mpsc::channel(MAX_ON_THE_WAY)).unzip();
        let mut accept = Some(hand_round(listener, to_desks));
        let counts: Counts = runtimes.iter().map(|_| Count::default()).collect();
        let mut target = Self { address, counts: Arc::clone(&counts), desks: Vec::new() };
        for (index, (runtime, arriving)) in runtimes.into_iter().zip(arrivals).enumerate() {
            // The first thread takes all connections in.
            if let Some(accept) = accept.take() {
                runtime.spawn(accept);
            }
            let counter = Counter { counts: Arc::clone(&counts), index };
            target.desks.push(Desk::open(runtime, arriving, counter).map_err(start_error)?);
        }
        Ok(target)
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests received so far, `/count` left out.
    pub fn n_received(&self) -> u64 {
        total(&self.counts)
    }
}

impl Desk {
    fn open(
        runtime: tokio::runtime::Runtime,
        mut arriving: mpsc::Receiver<std::net::TcpStream>,
        counter: Counter,
    ) -> std::io::Result<Self> {
        let (end, told_to_end) = oneshot::channel::<()>();
        let serve = async move {
            while let Some(stream) = arriving.recv().await {
                // A connection that cannot be watched is as good as one that failed.
                if let Ok(stream) = TcpStream::from_std(stream) {
                    converse(stream, &counter);
                }
            }
        };
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve => {}
                    // Told to end, or nobody is there any more to tell.
                    _ = told_to_end => {}
                }
            });
        };
        let server = std::thread::Builder::new().name("null target".to_owned()).spawn(work)?;
        Ok(Self { end: Some(end), server: Some(server) })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(self.end.take());
        // A server that has panicked has ended as well.
        let _ = self.server.take().map(JoinHandle::join);
    }
}

/// Takes connections in and hands them to the desks in turn, for ever.
async fn hand_round(listener: TcpListener, desks: Vec<ToDesk>) {
    for desk in desks.iter().cycle() {
        // A desk that has closed answers nobody any more.
        if let Ok(stream) = accept(&listener).await.into_std() {
            let _ = desk.send(stream).await;
        }
    }
}

/// A runtime whose only thread is the caller's.
pub(super) fn one_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Answers whatever comes, for ever.
pub(super) async fn answer_all(listener: TcpListener) {
    let counter = Counter { counts: Arc::new([Count::default()]), index: 0 };
    loop {
        converse(accept(&listener).await, &counter);
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(PATIENCE_WITHOUT_SOCKETS).await,
        }
    }
}

/// Answers on one connection, beside whatever else this thread does.
fn converse(stream: TcpStream, counter: &Counter) {
    let conversation = Conversation { counter: counter.clone(), waiting: None };
    // A conversation that fails was ended by the other side.
    tokio::spawn(async move { drop(conversation.hold(stream).await) });
}

/// What one connection is about.
struct Conversation {
    counter: Counter,
    /// A request whose body is not all there, with the number of bytes still to come.
    waiting: Option<(NullRequest, u64)>,
}

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Read,
    Close,
}

impl Conversation {
    async fn hold(mut self, mut stream: TcpStream) -> std::io::Result<()> {
        // An answer must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true)?;
        let mut input = vec![0; USUAL_INPUT_BYTES];
        let mut n_waiting = 0;
        let mut output = Vec::new();
        loop {
            let n_read = stream.read(&mut input[n_waiting..]).await?;
            if n_read == 0 {
                return Ok(());
            }
            n_waiting += n_read;
            let (n_used, next) = self.answer(&input[..n_waiting], &mut output);
            if !output.is_empty() {
                stream.write_all(&output).await?;
                output.clear();
            }
            if next == Next::Close {
                return stream.shutdown().await;
            }
            input.copy_within(n_used..n_waiting, 0);
            n_waiting -= n_used;
            if n_waiting == input.len() {
                // A head that is larger is refused before this runs out of room.
                input.resize((2 * n_waiting).min(MAX_HEAD_BYTES), 0);
            }
        }
    }

    /// Answers all requests that `input` completes; returns how much of it is done with.
    fn answer(&mut self, input: &[u8], output: &mut Vec<u8>) -> (usize, Next) {
        let mut n_used = 0;
        loop {
            if let Some((request, n_to_come)) = self.waiting {
                let n_there = n_to_come.min((input.len() - n_used) as u64);
                n_used += n_there as usize;
                if n_there < n_to_come {
                    self.waiting = Some((request, n_to_come - n_there));
                    return (n_used, Next::Read);
                }
                self.waiting = None;
                write_answer(request, || total(&self.counter.counts), output);
                if !request.keeps_connection {
                    return (n_used, Next::Close);
                }
            }
            if n_used == input.len() {
                return (n_used, Next::Read);
            }
            match read_request(&input[n_used..]) {
                Ok(None) => return (n_used, Next::Read),
                Ok(Some(request)) => {
                    n_used += request.n_head_bytes;
                    // Once its head is there: one that is given up while its body comes was received all the same.
                    self.counter.add(u64::from(!request.wants_count));
                    self.waiting = Some((request, request.n_body_bytes));
                }
                Err(refusal) => {
                    output.extend_from_slice(refusal);
                    return (n_used, Next::Close);
                }
            }
        }
    }
}

/// Where one thread counts.
#[derive(Clone)]
struct Counter {
    counts: Counts,
    index: usize,
}

impl Counter {
    // Each count has one thread that changes it, so that this needs no locked instruction.
    fn add(&self, n_requests: u64) {
        let Count(count) = &self.counts[self.index];
        count.store(count.load(Relaxed) + n_requests, Relaxed);
    }
}

fn total(counts: &[Count]) -> u64 {
    counts.iter().map(|Count(count)| count.load(Relaxed)).sum()
}

fn write_answer(request: NullRequest, n_received: impl FnOnce() -> u64, output: &mut Vec<u8>) {
    let count = request.wants_count.then(|| format!("{{\"total\":{}}}", n_received()));
    let body = match &count {
        Some(count) => {
            output.extend_from_slice(
                format!("{STATUS_AND_TYPE}content-length: {}\r\n", count.len()).as_bytes(),
            );
            count.as_bytes()
        }
        None => {
            output.extend_from_slice(USUAL_HEAD);
            USUAL_BODY
        }
    };
    if !request.keeps_connection {
        output.extend_from_slice(b"connection: close\r\n");
    } else if request.is_http_10 {
        output.extend_from_slice(b"connection: keep-alive\r\n");
    }
    output.extend_from_slice(b"\r\n");
    if !request.wants_head_only {
        output.extend_from_slice(body);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::super::count_received;
    use super::*;

    const ANSWER: &str =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"null\":true}";

    fn conversation() -> Conversation {
        Conversation { counter: Counter { counts: Arc::new([Count::default()]), index: 0 }, waiting: None }
    }

    /// Feeds `input` in pieces of `n_bytes`, as a network may.
    fn answers_in_pieces(input: &str, n_bytes: usize) -> (String, u64, Next) {
        let (mut conversation, mut output, mut unused) = (conversation(), Vec::new(), Vec::new());
        let mut last = Next::Read;
        for piece in input.as_bytes().chunks(n_bytes) {
            unused.extend_from_slice(piece);
            let (n_used, next) = conversation.answer(&unused, &mut output);
            unused.drain(..n_used);
            last = next;
            if next == Next::Close {
                break;
            }
        }
        (String::from_utf8(output).unwrap(), total(&conversation.counter.counts), last)
    }

    #[test]
    fn requests_in_a_row_are_answered_and_counted_however_the_network_cuts_them() {
        let get = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";
        let post = "POST /b HTTP/1.1\r\ncontent-length: 20\r\n\r\nGET / HTTP/1.1\r\n\r\nxx";
        let input = [get, post, get, post].concat();
        for n_bytes in [1, 7, 64, 4096] {
            let (output, n_received, next) = answers_in_pieces(&input, n_bytes);
            assert_eq!((output, n_received, next), (ANSWER.repeat(4), 4, Next::Read), "{n_bytes}");
        }
    }

    #[test]
    fn an_answer_ends_as_its_request_asks() {
        let check = |input: &str, end: &str, expected_next| {
            let (output, n_received, next) = answers_in_pieces(input, 4096);
            assert!(output.ends_with(end), "{output}");
            assert_eq!((n_received, next), (1, expected_next), "{input}");
        };
        let body = "\r\n\r\n{\"null\":true}";
        let closed = format!("connection: close{body}");
        check("GET / HTTP/1.1\r\nconnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n", &closed, Next::Close);
        check("GET / HTTP/1.0\r\n\r\n", &closed, Next::Close);
        let kept = format!("connection: keep-alive{body}");
        check("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", &kept, Next::Read);
        check("HEAD / HTTP/1.1\r\n\r\n", "content-length: 13\r\n\r\n", Next::Read);
    }

    #[test]
    fn a_request_without_sense_ends_its_connection_and_is_not_counted() {
        let (output, n_received, next) = answers_in_pieces("hello\r\n\r\n", 4096);
        assert!(output.starts_with("HTTP/1.1 400 "), "{output}");
        assert_eq!((n_received, next), (0, Next::Close));
    }

    #[test]
    fn the_target_answers_on_threads_of_its_own_counts_and_ends_when_dropped() {
        for n_threads in [1, 3] {
            let target = NullTarget::start(n_threads).unwrap();
            for n in 1..=6 {
                let mut stream = TcpStream::connect(target.address).unwrap();
                stream.write_all(b"GET / HTTP/1.1\r\nhost: null\r\n\r\n").unwrap();
                let mut answer = vec![0; ANSWER.len()];
                stream.read_exact(&mut answer).unwrap();
                assert_eq!((String::from_utf8(answer).unwrap(), target.n_received()), (ANSWER.to_owned(), n));
            }
            let by_desk: Vec<u64> = target.counts.iter().map(|Count(count)| count.load(Relaxed)).collect();
            assert!(by_desk.iter().all(|n| *n == by_desk[0]), "{by_desk:?}");
            let base_url = target.base_url();
            assert_eq!(count_received(&base_url), Some(6));
            drop(target);
            assert_eq!(count_received(&base_url), None);
        }
    }

    #[test]
    fn a_large_head_is_read_and_a_larger_one_refused() {
        let target = NullTarget::start(1).unwrap();
        for (n_bytes, status) in [(10_000, "HTTP/1.1 200 "), (2 * MAX_HEAD_BYTES, "HTTP/1.1 431 ")] {
            let mut stream = TcpStream::connect(target.address).unwrap();
            let head = format!("GET / HTTP/1.1\r\nx: {}\r\nconnection: close\r\n\r\n", "y".repeat(n_bytes));
            // The server may hang up while a head that is too large is still on its way.
            let _ = stream.write_all(head.as_bytes());
            let mut start = [0; 13];
            if stream.read_exact(&mut start).is_ok() {
                assert_eq!(std::str::from_utf8(&start).unwrap(), status);
            } else {
                assert_ne!(status, "HTTP/1.1 200 ");
            }
        }
        assert_eq!(target.n_received(), 1);
    }
}
