//! What is reported against what a server with known delays knows, and a load beyond our means.
//!
//! Tolerances allow for a busy machine; `benches/` asks for more on a quiet one.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Workbench, steady_scenario};

const PER_SEC: u32 = 100;
/// What one wake-up may come late on a busy machine.
const LATE: Duration = Duration::from_millis(40);

/// A server that answers each request after a while, and keeps how long each truly took.
struct DelayServer {
    address: SocketAddr,
    truth: Arc<Mutex<Vec<Duration>>>,
}

impl DelayServer {
    /// `delay` is given the time since the first request.
    fn start(delay: fn(Duration) -> Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let truth = Arc::new(Mutex::new(Vec::new()));
        let (of_all, first_at) = (Arc::clone(&truth), Arc::new(Mutex::new(None)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (truth, first_at) = (Arc::clone(&of_all), Arc::clone(&first_at));
                thread::spawn(move || converse(stream, delay, &first_at, &truth));
            }
        });
        Self { address, truth }
    }

    /// The true service time of each answer, from the shortest to the longest.
    fn truth(&self) -> Vec<Duration> {
        let mut truth = self.truth.lock().unwrap().clone();
        truth.sort();
        truth
    }
}

fn converse(
    mut stream: TcpStream,
    delay: fn(Duration) -> Duration,
    first_at: &Mutex<Option<Instant>>,
    truth: &Mutex<Vec<Duration>>,
) {
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(n_read @ 1..) = stream.read(&mut buffer) {
        head.extend_from_slice(&buffer[..n_read]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        let received_at = Instant::now();
        let since_first = received_at - *first_at.lock().unwrap().get_or_insert(received_at);
        thread::sleep(delay(since_first));
        // Before it is written: the client cannot have it sooner.
        truth.lock().unwrap().push(received_at.elapsed());
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}

/// Runs a steady load against the server and returns the report.
fn report_of(server: &DelayServer, duration: &str) -> Value {
    let bench = Workbench::new();
    bench.write("a.toml", steady_scenario(&format!("http://{}", server.address), PER_SEC, duration));
    let answer = bench.run(&["run", "a.toml", "--quiet", "--report", "report.json"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    serde_json::from_str(&std::fs::read_to_string(bench.path("report.json")).unwrap()).unwrap()
}

/// A percentile of the report, such as `p99`.
fn reported(report: &Value, which: &str, percentile: &str) -> Duration {
    let millis = report["whole_run"][which][format!("{percentile}_millis")].as_f64().unwrap();
    Duration::from_secs_f64(millis / 1e3)
}

/// The smallest of the sorted values that the asked share does not exceed.
fn quantile(sorted: &[Duration], quantile: f64) -> Duration {
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

fn assert_within(value: Duration, range: Range<Duration>, what: &str) {
    // Histograms keep three significant digits.
    let least = range.start.mul_f64(0.999);
    assert!((least..range.end).contains(&value), "{what}: {value:?} is not within {range:?}");
}

/// No percentile is below the truth, and the common ones are close above it.
fn check(server: &DelayServer, report: &Value) {
    let truth = server.truth();
    assert_eq!(report["whole_run"]["n_requests"].as_u64(), Some(truth.len() as u64));
    assert_eq!(report["whole_run"]["n_errors"], 0);
    for (share, percentile) in [(0.5, "p50"), (0.9, "p90"), (0.95, "p95")] {
        let true_time = quantile(&truth, share);
        let service_time = reported(report, "service_time", percentile);
        let response_time = reported(report, "response_time", percentile);
        assert_within(service_time, true_time..true_time.mul_f64(1.01) + LATE, percentile);
        assert_within(response_time, service_time..service_time.mul_f64(1.01) + LATE, percentile);
    }
    for (share, percentile) in [(0.99, "p99"), (0.999, "p99_9")] {
        let true_time = quantile(&truth, share);
        assert_within(reported(report, "response_time", percentile), true_time..Duration::MAX, percentile);
    }
}

#[test]
fn known_delays_are_reported_as_the_server_knows_them() {
    let server = DelayServer::start(|_| Duration::from_millis(20));
    let report = report_of(&server, "2s");
    check(&server, &report);
    let waited = report["whole_run"]["phases"]["wait"]["p50_millis"].as_f64().unwrap();
    assert!(waited >= 20.0 * 0.999, "{waited}");
}

#[test]
fn a_freeze_of_the_server_shows_in_full_in_the_response_times() {
    const FROZEN: Range<Duration> = Duration::from_millis(1_000)..Duration::from_millis(2_000);
    let server = DelayServer::start(|at| {
        let left = FROZEN.end.saturating_sub(at);
        if FROZEN.contains(&at) { left } else { Duration::from_millis(2) }
    });
    let report = report_of(&server, "4s");
    check(&server, &report);
    // A quarter of the requests is due in the freeze, and waits for its end: evenly from a second to nothing.
    for (percentile, computed_millis) in [("p99", 960), ("p90", 600)] {
        let computed = Duration::from_millis(computed_millis);
        let response_time = reported(&report, "response_time", percentile);
        assert_within(response_time, computed - LATE..computed + 3 * LATE, percentile);
    }
    assert_within(reported(&report, "response_time", "p50"), Duration::ZERO..2 * LATE, "p50");
}

#[test]
fn a_load_beyond_the_generators_means_is_inconclusive_and_says_why() {
    let bench = Workbench::new();
    let target = stagewright::sandbox::NullTarget::start(1).unwrap();
    bench.write("a.toml", steady_scenario(&target.base_url(), 2_000_000, "1s"));
    let answer = bench.run(&["run", "a.toml", "--quiet", "--workers", "1"]);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.out.starts_with("INCONCLUSIVE"), "{answer:?}");
    assert!(answer.out.contains("were dropped") || answer.out.contains("saturated"), "{answer:?}");
}
