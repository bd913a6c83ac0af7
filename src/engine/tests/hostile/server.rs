//! A server that misbehaves on purpose: each path in its own way, `/good` not at all.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

/// What a server does with a visitor who asked for its path, or who has just come.
pub type Misdeed = fn(Visitor);

pub const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// Between two bytes of a slow drip.
const DRIP_EVERY: Duration = Duration::from_millis(20);
const REPEAT_EVERY: Duration = Duration::from_millis(1);
/// An endless answer ends after this, so that a client which reads on fails its test instead of hanging it.
const ENDLESS: Duration = Duration::from_secs(20);

/// A server on a free port of this machine, for the rest of the test.
pub struct Server {
    pub address: SocketAddr,
    n_accepted: Arc<AtomicU64>,
    n_received: Arc<AtomicU64>,
    n_written: Arc<AtomicU64>,
}

/// One connection of a client.
pub struct Visitor {
    pub stream: TcpStream,
    n_written: Arc<AtomicU64>,
}

impl Server {
    /// Answers each path as its misdeed says, after the request's head has been read.
    pub fn of_paths(misdeeds: impl IntoIterator<Item = (&'static str, Misdeed)>) -> Self {
        let misdeeds: Arc<HashMap<_, _>> = Arc::new(misdeeds.into_iter().collect());
        Self::start(move |visitor, n_received| converse(visitor, &misdeeds, n_received))
    }

    /// Treats the first visitors so, without waiting for their requests; those after them find it good.
    pub fn of_greetings(greetings: &'static [Misdeed]) -> Self {
        let n_visitors = AtomicU64::new(0);
        Self::start(move |visitor, n_received| {
            match greetings.get(n_visitors.fetch_add(1, SeqCst) as usize) {
                Some(greeting) => greeting(visitor),
                None => converse(visitor, &HashMap::new(), n_received),
            }
        })
    }

    fn start(meet: impl Fn(Visitor, &AtomicU64) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let [n_accepted, n_received, n_written] = [(); 3].map(|()| Arc::new(AtomicU64::new(0)));
        let (accepted, received, written) = (n_accepted.clone(), n_received.clone(), n_written.clone());
        let meet = Arc::new(meet);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepted.fetch_add(1, SeqCst);
                stream.set_nodelay(true).unwrap();
                let visitor = Visitor { stream, n_written: written.clone() };
                let (meet, received) = (meet.clone(), received.clone());
                thread::spawn(move || meet(visitor, &received));
            }
        });
        Self { address, n_accepted, n_received, n_written }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn secure_url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    pub fn n_accepted(&self) -> u64 {
        self.n_accepted.load(SeqCst)
    }

    /// Requests whose head was read.
    pub fn n_received(&self) -> u64 {
        self.n_received.load(SeqCst)
    }

    /// Bytes that clients let the server write.
    pub fn n_written(&self) -> u64 {
        self.n_written.load(SeqCst)
    }
}

/// Answers what is good, until a misdeed takes the connection or the client leaves.
fn converse(mut visitor: Visitor, misdeeds: &HashMap<&str, Misdeed>, n_received: &AtomicU64) {
    while let Some(path) = visitor.read_path() {
        n_received.fetch_add(1, SeqCst);
        match misdeeds.get(&*path) {
            Some(misdeed) => return misdeed(visitor),
            None if path == "/good" => _ = visitor.say(GOOD),
            None => panic!("nothing is known of {path}"),
        }
    }
}

impl Visitor {
    /// Reads a request's head and returns its path.
    pub fn read_path(&mut self) -> Option<String> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        Some(String::from_utf8(head).ok()?.split(' ').nth(1)?.to_owned())
    }

    /// Whether the client took it.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        let said = self.stream.write_all(bytes).is_ok();
        if said {
            self.n_written.fetch_add(bytes.len() as u64, SeqCst);
        }
        said
    }

    /// Says the same until the client has had enough.
    // With breaks, so that the cases beside this one are served too.
    pub fn repeat(&mut self, bytes: impl AsRef<[u8]>) {
        let started_at = Instant::now();
        while self.say(&bytes) && started_at.elapsed() < ENDLESS {
            thread::sleep(REPEAT_EVERY);
        }
    }

    /// Says it byte by byte, until the client has had enough.
    pub fn drip(&mut self, text: &str) {
        for byte in text.bytes() {
            if !self.say([byte]) {
                return;
            }
            thread::sleep(DRIP_EVERY);
        }
    }

    /// Keeps the connection open and silent until the client leaves.
    pub fn hold(&mut self) {
        while let Ok(1..) = self.stream.read(&mut [0; 1024]) {}
    }

    /// Says what it has said, then reads on: the client must not wait for the end of the connection.
    pub fn say_and_hold(&mut self, bytes: impl AsRef<[u8]>) {
        self.say(bytes);
        self.hold();
    }

    /// Ends the connection with a reset in place of a farewell.
    pub fn reset(self) {
        let socket = TcpSocket::from_std_stream(self.stream);
        socket.set_zero_linger().unwrap();
    }

    /// Says that nothing more comes, and reads on until the client leaves.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.hold();
    }
}
