//! A server with delays of a known distribution, which keeps when each request came and when it was answered.
//!
//! One thread per connection: nothing waits for anything else. How exactly it sleeps and wakes does not matter, since
//! it measures what it did: to the answer written, from the request's arrival as the system stamped it, and from when
//! the request was due.

use std::io::{self, IoSliceMut, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use nix::cmsg_space;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns};
use nix::sys::time::TimeSpec;
use rand::{Rng as _, SeedableRng as _};
use rand_distr::{Distribution as _, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;
use tokio::net::TcpSocket;

/// How long answers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delays {
    /// 5 ms.
    Constant,
    /// 10 ms on average.
    Exponential,
    /// 2 ms nine times out of ten, else 50 ms.
    Bimodal,
    /// 2 ms, but for one second of every ten nothing is answered.
    Freezing,
}

const PERIOD: Duration = Duration::from_secs(10);
/// The frozen second of each period; not at its start, where a run begins.
const FROZEN: std::ops::Range<Duration> = Duration::from_secs(5)..Duration::from_secs(6);
/// Share of requests that are due while the server is frozen, and how long it is.
pub const FROZEN_RATIO: f64 = 0.1;
pub const FREEZE: Duration = Duration::from_secs(1);

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// The quantiles that are compared, as reports name them.
pub const QUANTILES: [(f64, &str); 4] = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99_9")];

impl Delays {
    pub const ALL: [Self; 4] = [Self::Constant, Self::Exponential, Self::Bimodal, Self::Freezing];

    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant 5 ms",
            Self::Exponential => "exponential, mean 10 ms",
            Self::Bimodal => "2 ms, a tenth 50 ms",
            Self::Freezing => "frozen 1 s of every 10 s",
        }
    }

    fn draw(self, random: &mut Xoshiro256PlusPlus, since_start: Duration) -> Duration {
        match self {
            Self::Constant => Duration::from_millis(5),
            Self::Exponential => Duration::from_millis(10).mul_f64(Exp1.sample(random)),
            Self::Bimodal => Duration::from_millis(if random.random_bool(0.9) { 2 } else { 50 }),
            Self::Freezing => {
                let usual = Duration::from_millis(2);
                let at = Duration::from_nanos((since_start.as_nanos() % PERIOD.as_nanos()) as u64);
                if FROZEN.contains(&at) { (FROZEN.end - at).max(usual) } else { usual }
            }
        }
    }
}

impl FromStr for Delays {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|delays| delays.name() == name).ok_or(())
    }
}

/// A request as the server saw it.
#[derive(Clone, Copy)]
struct Served {
    received_at: Instant,
    answered_at: Instant,
}

/// Serves until standard input ends, then prints the truth as JSON; `per_sec` is the constant rate at which
/// requests are due.
pub fn serve(distribution: &str, per_sec: &str) -> ExitCode {
    let (Ok(delays), Ok(per_sec), Ok(listener)) = (Delays::from_str(distribution), per_sec.parse(), listen())
    else {
        return ExitCode::FAILURE;
    };
    let Ok(address) = listener.local_addr() else { return ExitCode::FAILURE };
    println!("listening on http://{address}");
    let served = Arc::new(Mutex::new(Vec::new()));
    let (of_all, started_at) = (Arc::clone(&served), Instant::now());
    thread::spawn(move || {
        for (seed, stream) in listener.incoming().flatten().enumerate() {
            let served = Arc::clone(&of_all);
            let random = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
            thread::spawn(move || converse(stream, delays, started_at, random, &served));
        }
    });
    // Ends with the parent.
    let _ = io::stdin().read(&mut [0]);
    let mut served = served.lock().expect("nobody panics with it");
    served.sort_unstable_by_key(|served| served.received_at);
    let from_arrival = served.iter().map(|served| served.answered_at - served.received_at);
    let since_due = since_due(&served, Duration::from_secs(1).div_f64(per_sec));
    println!(
        "{}",
        json!({ "n": served.len(), "from_arrival": quantiles(from_arrival), "from_due": quantiles(since_due) })
    );
    ExitCode::SUCCESS
}

/// From when each request was due until it was answered; the requests are in the order in which they came.
// The timetable is known but for its beginning, which is set by the most punctual of all. Two that came in the wrong
// order swap their dues, which leaves the distribution nearly as it is.
fn since_due(served: &[Served], period: Duration) -> impl Iterator<Item = Duration> {
    let place = move |n: usize| period.mul_f64(n as f64);
    let began = served.iter().enumerate().map(|(n, served)| served.received_at - place(n)).min();
    let due = began.map(|began| (0..).map(move |n| began + place(n)));
    served.iter().zip(due.into_iter().flatten()).map(|(served, due)| served.answered_at - due)
}

/// In microseconds, by their names.
fn quantiles(times: impl Iterator<Item = Duration>) -> serde_json::Map<String, serde_json::Value> {
    let mut all = Histogram::<u64>::new_with_bounds(1, 60_000_000, 4).expect("the bounds make sense");
    times.for_each(|time| all.saturating_record(time.as_micros() as u64));
    QUANTILES
        .map(|(quantile, name)| (name.to_owned(), all.value_at_quantile(quantile).into()))
        .into_iter()
        .collect()
}

/// With room for many that knock at once: where there is none, they knock again after a second, which would look
/// like a slow answer.
fn listen() -> io::Result<TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        socket.listen(4096)?.into_std()
    })?;
    listener.set_nonblocking(false)?;
    Ok(listener)
}

fn converse(
    mut stream: TcpStream,
    delays: Delays,
    started_at: Instant,
    mut random: Xoshiro256PlusPlus,
    all_served: &Mutex<Vec<Served>>,
) {
    // Where this fails answers may wait for acknowledgements, and the truth would be another.
    stream.set_nodelay(true).expect("a socket takes options");
    setsockopt(&stream, ReceiveTimestampns, &true).expect("a socket takes options");
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok((n_read @ 1.., received_at)) = receive(&stream, &mut buffer) {
        seen.extend_from_slice(&buffer[..n_read]);
        if !seen.ends_with(b"\r\n\r\n") {
            continue;
        }
        seen.clear();
        sleep(delays.draw(&mut random, received_at - started_at));
        let answered = stream.write_all(ANSWER);
        let answered_at = Instant::now();
        if answered.is_err() {
            return;
        }
        all_served.lock().expect("nobody panics with it").push(Served { received_at, answered_at });
    }
}

/// Reads what is there, and tells when it came.
fn receive(stream: &TcpStream, into: &mut [u8]) -> io::Result<(usize, Instant)> {
    let (mut control, mut pieces) = (cmsg_space!(TimeSpec), [IoSliceMut::new(into)]);
    let received = recvmsg::<()>(stream.as_raw_fd(), &mut pieces, Some(&mut control), MsgFlags::empty())?;
    let (now, on_the_clock) = (Instant::now(), SystemTime::now());
    // The first bytes after the server's start may come before the system stamps.
    let age = received.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(stamp) => {
            on_the_clock.duration_since(UNIX_EPOCH + Duration::from(stamp)).ok()
        }
        _ => None,
    });
    Ok((received.bytes, now - age.unwrap_or_default()))
}
