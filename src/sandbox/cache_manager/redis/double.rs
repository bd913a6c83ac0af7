//! A small Redis for tests: as much of it as the cache asks for, and it can fall silent or die.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::Pattern;

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    /// Takes everything, and answers nothing.
    Silent,
    /// Answers everything with an error.
    Refusing,
}

#[derive(Default)]
struct State {
    values: BTreeMap<Vec<u8>, (Vec<u8>, Option<Instant>)>,
    n_expired: u64,
    commands: Vec<String>,
}

impl State {
    fn expire(&mut self) {
        let before = self.values.len();
        self.values.retain(|_, (_, until)| until.is_none_or(|until| until > Instant::now()));
        self.n_expired += (before - self.values.len()) as u64;
    }
}

/// A server on loopback; its values live on when it dies, as those of one that writes to disk do.
pub(super) struct RedisDouble {
    address: SocketAddr,
    password: Option<&'static str>,
    state: Arc<Mutex<State>>,
    mood: watch::Sender<Mood>,
    task: Option<JoinHandle<()>>,
}

impl RedisDouble {
    pub async fn start(password: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut double = Self {
            address: listener.local_addr().unwrap(),
            password,
            state: Arc::default(),
            mood: watch::Sender::new(Mood::Well),
            task: None,
        };
        double.serve(listener);
        double
    }

    pub fn url(&self) -> String {
        let password = self.password.map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{password}{}/", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn turn(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Ends all connections, and takes none.
    pub async fn die(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Takes connections again, at the same address.
    pub async fn rise(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serve(listener);
    }

    pub fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    pub fn put(&self, key: &str, value: &str) {
        self.state.lock().unwrap().values.insert(key.into(), (value.into(), None));
    }

    pub fn keys(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.values.keys().map(|key| String::from_utf8(key.clone()).unwrap()).collect()
    }

    fn serve(&mut self, listener: TcpListener) {
        let (state, mood, password) = (self.state.clone(), self.mood.subscribe(), self.password);
        self.task = Some(tokio::spawn(async move {
            // Dropped with this task, and with them their connections.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, state.clone(), mood.clone(), password));
            }
        }));
    }
}

async fn converse(
    stream: TcpStream,
    state: Arc<Mutex<State>>,
    mood: watch::Receiver<Mood>,
    password: Option<&'static str>,
) {
    let mut stream = BufReader::new(stream);
    let mut let_in = password.is_none();
    while let Ok(command) = read_command(&mut stream).await {
        let mood = *mood.borrow();
        let reply = match mood {
            Mood::Silent => continue,
            Mood::Refusing => b"-OOM command not allowed\r\n".to_vec(),
            Mood::Well if command[0] == b"AUTH" => {
                let_in = password.is_none_or(|password| command.last().unwrap() == password.as_bytes());
                let refusal: &[u8] = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n";
                if let_in { b"+OK\r\n".to_vec() } else { refusal.to_vec() }
            }
            Mood::Well if !let_in => b"-NOAUTH Authentication required.\r\n".to_vec(),
            Mood::Well => answer(&command, &mut state.lock().unwrap()),
        };
        if stream.write_all(&reply).await.is_err() {
            return;
        }
    }
}

async fn read_command(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<Vec<u8>>> {
    let n_parts = read_number(stream).await?;
    let mut parts = Vec::new();
    for _ in 0..n_parts {
        let mut part = vec![0; read_number(stream).await? + 2];
        stream.read_exact(&mut part).await?;
        part.truncate(part.len() - 2);
        parts.push(part);
    }
    if parts.is_empty() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(parts) }
}

async fn read_number(stream: &mut BufReader<TcpStream>) -> io::Result<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    line.trim_end().get(1..).and_then(|digits| digits.parse().ok()).ok_or(io::ErrorKind::InvalidData.into())
}

fn bulk(bytes: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn answer(command: &[Vec<u8>], state: &mut State) -> Vec<u8> {
    state.expire();
    let name = String::from_utf8_lossy(&command[0]).into_owned();
    state.commands.push(name.clone());
    match name.as_str() {
        "GET" => state.values.get(&command[1]).map_or(b"$-1\r\n".to_vec(), |(value, _)| bulk(value)),
        "SET" => {
            assert_eq!(command[3], b"PX");
            let millis = std::str::from_utf8(&command[4]).unwrap().parse().unwrap();
            let until = Instant::now() + Duration::from_millis(millis);
            state.values.insert(command[1].clone(), (command[2].clone(), Some(until)));
            b"+OK\r\n".to_vec()
        }
        "UNLINK" => {
            let n_removed = command[1..].iter().filter(|key| state.values.remove(*key).is_some()).count();
            format!(":{n_removed}\r\n").into_bytes()
        }
        "SCAN" => scan(command, state),
        "INFO" => bulk(format!("evicted_keys:0\r\nexpired_keys:{}\r\n", state.n_expired).as_bytes()),
        "CLIENT" | "PING" | "SELECT" => b"+OK\r\n".to_vec(),
        other => format!("-ERR unknown command {other}\r\n").into_bytes(),
    }
}

/// Two keys a page, so that pages follow pages. The cursor is a place in the order of keys as it was: as in Redis, what is
/// removed meanwhile must not make others be passed over, so it counts from the end.
fn scan(command: &[Vec<u8>], state: &State) -> Vec<u8> {
    let cursor: usize = std::str::from_utf8(&command[1]).unwrap().parse().unwrap();
    assert_eq!(command[2], b"MATCH");
    let glob = String::from_utf8(command[3].clone()).unwrap().replace('\\', "");
    let left = if cursor == 0 { state.values.len() } else { cursor };
    let next = left.saturating_sub(2);
    let pattern = Pattern::new(&glob);
    let matches = |key: &&Vec<u8>| pattern.matches(std::str::from_utf8(key).unwrap());
    let page: Vec<Vec<u8>> =
        state.values.keys().take(left).skip(next).filter(matches).map(|key| bulk(key)).collect();
    let n_matching = page.len();
    let next = next.to_string();
    [b"*2\r\n".to_vec(), bulk(next.as_bytes()), format!("*{n_matching}\r\n").into_bytes(), page.concat()]
        .concat()
}
