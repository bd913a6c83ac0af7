//! Runs against servers that others wrote: what is reported is what they logged, request by request; what monitors say of
//! them is what was done there; and the sandbox's cache holds on a real store.

mod cache;
mod monitors;
mod nginx;
mod platform;
mod postgres;
mod process;
mod prometheus;
mod redis;
mod watching;

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use nginx::{LARGE, Nginx, SMALL};

const N_ITERATIONS: u64 = 200;
const MAX_USERS: u64 = 20;
/// reqwest may open one that it does not need in the end, when another becomes free meanwhile.
const MOST_CONNECTIONS: u64 = 2 * MAX_USERS;

/// What a run came to, as its JSON report has it.
struct Ran(Value);

impl Ran {
    fn n(&self, figure: &str) -> u64 {
        self.0["whole_run"][figure].as_u64().unwrap_or_else(|| panic!("no {figure}: {}", self.0["whole_run"]))
    }

    /// Iterations; a busy machine may have dropped some of those that were due.
    fn n_iterations(&self) -> u64 {
        self.0["load"]["n_iterations_started"].as_u64().unwrap()
    }

    fn transport(&self) -> &str {
        self.0["engine"]["transport"].as_str().unwrap()
    }
}

/// Twenty users for two hundred iterations within a second, each a walk through `paths`.
fn run(nginx: &Nginx, base_url: &str, transport: &str, paths: &[&str]) -> Ran {
    let mut scenario = format!(
        "format = 1\nname = \"Against nginx\"\nbase_url = \"{base_url}\"\n\n[transport]\n{transport}\n\n[load]\n\
         model = \"open\"\nmax_users = {MAX_USERS}\n\n[[load.stages]]\nname = \"Hold\"\nduration = \"1s\"\n\
         rate = {N_ITERATIONS}\nshape = \"step\"\n\n[[journeys]]\nname = \"Look\"\n"
    );
    for path in paths {
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        writeln!(
            scenario,
            "\n[[journeys.steps]]\nname = \"{method} {path}\"\nmethod = \"{method}\"\npath = \"{path}\""
        )
        .unwrap();
    }
    fs::write(nginx.folder().join("scenario.toml"), scenario).unwrap();
    let answer = Command::new(env!("CARGO_BIN_EXE_stagewright"))
        .args(["run", "scenario.toml", "--quiet", "--report", "report.json", "--library", "library.sqlite"])
        .current_dir(nginx.folder())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // 2: a busy machine may have made the measurement inconclusive.
    assert!(matches!(answer.status.code(), Some(0 | 2)), "{answer:?}");
    Ran(serde_json::from_str(&fs::read_to_string(nginx.folder().join("report.json")).unwrap()).unwrap())
}

/// A run without errors of which nginx logged as much as was reported, bytes of its answers included.
fn check(nginx: &Nginx, base_url: &str, transport: &str, paths: &[&str]) -> Ran {
    let ran = run(nginx, base_url, transport, paths);
    let logged = nginx.take_log(ran.n("n_requests") as usize);
    assert_eq!(ran.n("n_requests"), logged.len() as u64, "{transport}");
    assert_eq!(ran.n("n_requests"), ran.n_iterations() * paths.len() as u64, "{transport}");
    assert_eq!((ran.n("n_errors"), ran.0["n_abandoned"].as_u64()), (0, Some(0)), "{}", ran.0["error_groups"]);
    let version = if transport.contains("http = \"2\"") { "HTTP/2.0" } else { "HTTP/1.1" };
    assert!(logged.iter().all(|request| request.protocol == version), "{:?}", logged[0]);
    let n_bytes: u64 = logged.iter().map(|request| request.n_bytes).sum();
    let n_reported = ran.n("bytes_received");
    if version == "HTTP/1.1" && !paths.iter().any(|path| is_chunked(path)) {
        assert_eq!(n_reported, n_bytes, "{transport}");
    } else {
        // Without the framing of chunks, and heads as HTTP/1.1 writes them.
        assert!(
            n_reported.abs_diff(n_bytes) < n_bytes / 3 + 300 * ran.n("n_requests"),
            "{n_reported} {n_bytes}"
        );
    }
    ran
}

fn is_chunked(path: &str) -> bool {
    ["listing", "shtml", "packed"].iter().any(|part| path.contains(part))
}

const TRANSPORTS: [&str; 2] = ["use = \"wire\"", "use = \"reqwest\""];

#[test]
fn files_small_and_large_are_counted_to_the_byte() {
    let nginx = Nginx::start();
    for transport in TRANSPORTS {
        let paths = ["/small.txt", "/large.bin", "HEAD /large.bin"];
        let ran = check(&nginx, &nginx.plain_url(), transport, &paths);
        assert!(transport.contains(ran.transport()));
        assert!(ran.n("bytes_received") > ran.n_iterations() * (SMALL + LARGE) as u64);
        assert!(ran.n("n_connections") <= MOST_CONNECTIONS, "{}", ran.n("n_connections"));
    }
}

#[test]
fn chunked_answers_are_read_to_their_end() {
    let nginx = Nginx::start();
    for transport in TRANSPORTS {
        let ran = check(&nginx, &nginx.plain_url(), transport, &["/listing/", "/page.shtml", "/small.txt"]);
        assert!(ran.n("n_connections") <= MOST_CONNECTIONS, "{}", ran.n("n_connections"));
    }
}

#[test]
fn connections_that_the_server_ends_cost_new_ones_and_never_an_error() {
    let nginx = Nginx::start();
    for transport in TRANSPORTS {
        let ran = check(&nginx, &nginx.plain_url(), transport, &["/limited/small.txt"]);
        // One that reqwest finishes in the background belongs to no request, and is not counted.
        let least = if ran.transport() == "wire" { ran.n_iterations() / 10 } else { ran.n_iterations() / 20 };
        assert!(ran.n("n_connections") >= least, "{}", ran.n("n_connections"));
        let ran = check(&nginx, &nginx.plain_url(), transport, &["/closed/small.txt"]);
        assert_eq!(ran.n("n_connections"), ran.n_iterations());
    }
}

#[test]
fn connections_per_request_are_counted_one_by_one() {
    let nginx = Nginx::start();
    for transport in TRANSPORTS {
        let transport = format!("{transport}\nconnections = \"per_request\"");
        let ran = check(&nginx, &nginx.plain_url(), &transport, &["/small.txt"]);
        assert_eq!(ran.n("n_connections"), ran.n_iterations());
    }
}

#[test]
fn tls_is_spoken_over_both_transports() {
    let nginx = Nginx::start();
    let trust = format!("\nca = \"{}\"", nginx.certificate());
    for transport in TRANSPORTS {
        check(&nginx, &nginx.secure_url(), &format!("{transport}{trust}"), &["/small.txt", "/large.bin"]);
    }
}

#[test]
fn http_2_is_spoken_with_and_without_tls() {
    let nginx = Nginx::start();
    let paths = ["/small.txt", "/large.bin", "/page.shtml"];
    let ran = check(&nginx, &nginx.plain_http2_url(), "http = \"2\"", &paths);
    assert_eq!((ran.transport(), ran.n("n_connections")), ("reqwest", 1));
    let trust = format!("http = \"2\"\nca = \"{}\"", nginx.certificate());
    check(&nginx, &nginx.secure_http2_url(), &trust, &paths);
}

#[test]
fn compressed_answers_count_as_they_came() {
    let nginx = Nginx::start();
    let ran = check(&nginx, &nginx.plain_url(), "compression = true", &["/packed/large.bin"]);
    assert!(ran.n("bytes_received") < ran.n_iterations() * LARGE as u64 / 10, "{}", ran.n("bytes_received"));
}

#[test]
fn redirects_are_requests_too() {
    let nginx = Nginx::start();
    let ran = run(&nginx, &nginx.plain_url(), "redirects = 5", &["/moved"]);
    let logged = nginx.take_log(2 * ran.n("n_requests") as usize);
    let n = ran.n_iterations();
    assert_eq!((ran.n("n_requests"), ran.n("n_errors")), (n, 0));
    let n_of = |status| logged.iter().filter(|request| request.status == status).count() as u64;
    assert_eq!((n_of(302), n_of(200)), (n, n));
}

#[test]
fn errors_of_the_server_are_counted_like_everything_else() {
    let nginx = Nginx::start();
    for transport in TRANSPORTS {
        let ran = run(&nginx, &nginx.plain_url(), transport, &["/missing", "/small.txt"]);
        let logged = nginx.take_log(ran.n("n_requests") as usize);
        let n_missing = logged.iter().filter(|request| request.status == 404).count() as u64;
        let n = ran.n_iterations();
        assert_eq!((ran.n("n_requests"), ran.n("n_errors")), (2 * n, n));
        assert_eq!((logged.len() as u64, n_missing), (2 * n, n));
    }
}
