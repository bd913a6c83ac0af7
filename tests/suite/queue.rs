//! The sandbox's queue as scenarios ask for it: each fault does what it says, and what cannot be asked for is refused.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    program::{Workbench, steady_scenario},
    sandbox::ask,
};
use stagewright::sandbox::{QueueOptions, SandboxProcess};

/// A sandbox of this program with a queue that takes 10 ms for each request, and more wishes.
fn sandbox(wishes: &[(&'static str, &'static str)]) -> SandboxProcess {
    let usual = [("service", "constant"), ("service_time", "10ms")];
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_stagewright"));
    SandboxProcess::start_program_with(program, usual.iter().chain(wishes).copied()).unwrap()
}

/// The JSON of an answer that is expected to be good.
fn json(sandbox: &SandboxProcess, path: &str) -> Value {
    let answer = ask(sandbox.base_url(), path);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn worked_millis(sandbox: &SandboxProcess) -> f64 {
    json(sandbox, "/queue")["worked_millis"].as_f64().unwrap()
}

/// What a run of 60 requests a second for three seconds against a sandbox like this came to.
fn run(wishes: &str) -> Value {
    let bench = Workbench::new();
    let scenario =
        steady_scenario(&format!("sandbox:?{wishes}"), 60, "3s").replace("/gateway/health", "/queue");
    bench.write("a.toml", scenario);
    let answer = bench.run(&["run", "a.toml", "--plain"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let shown = bench.json(&["runs", "show", "latest", "--json"]);
    assert_eq!(shown["load"]["n_requests_sent"], 180, "{wishes}");
    assert_eq!(shown["n_counted_by_target"], 180, "{wishes}");
    shown
}

/// How many requests ended in a group of errors whose words hold these.
fn n_errors(shown: &Value, words: &str) -> u64 {
    let groups = shown["error_groups"].as_array().unwrap().iter();
    let named = groups.filter(|group| group.to_string().contains(words));
    named.map(|group| group["n_errors"].as_u64().unwrap()).sum()
}

#[test]
fn a_limit_lets_so_many_in_each_second() {
    let shown = run("limit=40");
    // Three or four seconds of the queue, depending on when its first request came.
    let n_refused = n_errors(&shown, "429");
    assert!((20..=100).contains(&n_refused), "{n_refused}: {}", shown["error_groups"]);
    assert_eq!(shown["headline"]["figures"]["n_errors"], n_refused);
}

#[test]
fn a_full_queue_turns_requests_away() {
    // 20 a second can be answered, 60 come, two may wait.
    let shown = run("workers=1&service_time=50ms&service=constant&queue=2");
    let n_refused = n_errors(&shown, "503");
    assert!((100..=150).contains(&n_refused), "{n_refused}: {}", shown["error_groups"]);
}

#[test]
fn closed_connections_are_not_used_again() {
    let figures = &run("close&service_time=1ms")["headline"]["figures"];
    assert_eq!((&figures["connection_reuse_ratio"], &figures["n_connections"]), (&0.0.into(), &180.into()));
    let kept = &run("service_time=1ms")["headline"]["figures"];
    assert!(kept["connection_reuse_ratio"].as_f64().unwrap() > 0.8, "{kept}");
}

#[test]
fn bodies_of_a_slow_line_are_long_in_coming() {
    let figures = &run("body=20kB&bandwidth=500kB/s&service_time=1ms")["headline"]["figures"];
    let n_received = figures["bytes_received"].as_u64().unwrap();
    assert!((180 * 20_000..180 * 20_400).contains(&n_received), "{n_received}");
    let receive = figures["phases"]["receive"]["p50_millis"].as_f64().unwrap();
    assert!((35.0..80.0).contains(&receive), "{receive}");
}

#[test]
fn a_cache_answers_its_share_and_spares_the_workers() {
    // Without the cache the ceiling would be 50 a second, below what is asked.
    let shown = run("workers=1&service_time=20ms&service=constant&cache=0.6&cache_latency=1ms");
    let response = &shown["headline"]["figures"]["response_time"];
    let at = |name: &str| response[name].as_f64().unwrap();
    assert!(at("p50_millis") < 15.0 && at("p95_millis") > 19.0, "{response}");
}

#[test]
fn everything_stops_from_time_to_time() {
    let sandbox = sandbox(&[("stall", "1s/400ms")]);
    let start = Instant::now();
    let mut waits = Vec::new();
    while start.elapsed() < Duration::from_millis(2_600) {
        let asked = Instant::now();
        worked_millis(&sandbox);
        waits.push(asked.elapsed());
    }
    waits.sort();
    // Two pauses, each met by one request at its beginning or just before; the others take their 10 ms.
    let longest = &waits[waits.len() - 2..];
    assert!(longest[0] > Duration::from_millis(300), "{longest:?}");
    assert!(waits[waits.len() / 2] < Duration::from_millis(200), "{waits:?}");
}

#[test]
fn a_start_is_slow_and_then_over() {
    let sandbox = sandbox(&[("slow_start", "1s/5")]);
    let first = worked_millis(&sandbox);
    let start = Instant::now();
    assert!((49.0..=50.0).contains(&first), "{first}");
    let mut last = first;
    while start.elapsed() < Duration::from_millis(1_000) {
        let next = worked_millis(&sandbox);
        assert!(next <= last, "{next} {last}");
        last = next;
    }
    assert_eq!(worked_millis(&sandbox), 10.0);
}

#[test]
fn a_leak_makes_the_work_longer_and_longer() {
    let sandbox = sandbox(&[("leak", "2")]);
    let first = worked_millis(&sandbox);
    let start = Instant::now();
    let mut last = first;
    while start.elapsed() < Duration::from_millis(1_000) {
        let next = worked_millis(&sandbox);
        assert!(next > last, "{next} {last}");
        last = next;
    }
    // A second later twice the mean is added.
    assert!((9.9..11.0).contains(&first) && last > 28.0, "{first} {last}");
}

#[test]
fn a_queue_finishes_what_its_ceiling_says() {
    // 2 workers at 10 ms: 200 a second, asked by eight at once for a second and a half.
    let sandbox = sandbox(&[("workers", "2")]);
    let options =
        QueueOptions { n_workers: 2, service_time: Duration::from_millis(10), ..QueueOptions::default() };
    let expected = options.truth().ceiling_per_sec();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while start.elapsed() < Duration::from_millis(1_500) {
                    worked_millis(&sandbox);
                }
            });
        }
    });
    let secs = start.elapsed().as_secs_f64();
    let stats = json(&sandbox, "/queue/stats");
    let per_sec = stats["answered"].as_f64().unwrap() / secs;
    assert_eq!(stats["ceiling_per_sec"], expected);
    // Never more; a busy machine may leave a worker without work for a moment.
    assert!(per_sec < expected * 1.01 && per_sec > expected * 0.6, "{per_sec} {expected}");
}

#[test]
fn what_cannot_be_asked_of_the_queue_is_refused_with_a_remedy() {
    let bench = Workbench::new();
    for (wish, remedy) in [
        ("workers=0", "such as 4"),
        ("service_time=-1ms", "negative"),
        ("service=normal", "exponential or constant"),
        ("cache=2", "from 0 to 1"),
        ("cache_latency=1ms", "`cache_latency` says nothing without `cache`"),
        ("limit=none", "such as 150"),
        ("queue=-1", "such as 200"),
        ("stall=1s/2s", "shorter than its period"),
        ("slow_start=20s", "such as 20s/5"),
        ("leak=-1", "such as 0.02"),
        ("close=1", "without a value"),
        ("body=0", "such as 200kB"),
        ("body=1kB&bandwidth=fast", "such as 4MB/s"),
        ("worker=4", "did you mean `workers`?"),
        ("workers=4&workers=5", "stands there twice"),
    ] {
        bench.write("a.toml", steady_scenario(&format!("sandbox:?{wish}"), 5, "1s"));
        for command in ["validate", "run"] {
            let answer = bench.run(&[command, "a.toml"]);
            assert_eq!(answer.code, Some(3), "{wish}: {answer:?}");
            assert!(format!("{}{}", answer.out, answer.err).contains(remedy), "{wish}: {answer:?}");
        }
    }
    for flags in
        [&["--workers", "0"][..], &["--bandwidth", "1MB/s"], &["--cache", "x"], &["--null", "--close"]]
    {
        let answer = bench.run(&[&["sandbox"], flags].concat());
        assert_eq!(answer.code, Some(3), "{flags:?}: {answer:?}");
        assert!(answer.err.contains(flags[0]), "{flags:?}: {answer:?}");
    }
    assert!(!bench.library().exists(), "nothing is written");
}
