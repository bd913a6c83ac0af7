//! Projections as their users meet them: made from a run, refused with a reason, kept, and set beside the next run.

use serde_json::Value;

use crate::program::{Workbench, steady_scenario};

/// A minute's worth of a known queue in twelve seconds: two workers of 10 ms, busy for half of the time.
const BEFORE: &str = "sandbox:?workers=2&service_time=10ms";
const AFTER: &str = "sandbox:?workers=2&service_time=10ms&cache=0.6&cache_latency=1ms";

fn queue_scenario(base_url: &str, duration: &str) -> String {
    let scenario = steady_scenario(base_url, 100, duration).replace("/gateway/health", "/queue");
    scenario.replace("model = \"open\"", "model = \"open\"\narrivals = \"poisson\"")
}

#[test]
fn a_projection_is_kept_and_set_beside_the_next_run() {
    let bench = Workbench::new();
    bench.write("before.toml", queue_scenario(BEFORE, "12s"));
    bench.write("after.toml", queue_scenario(AFTER, "12s"));
    let made = bench.run(&["run", "before.toml", "--quiet"]);
    assert!(made.is_of_a_run(), "{made:?}");
    let cache = ["what-if", "latest", "cache", "--hit", "0.5..0.7", "--hit-latency", "1ms..3ms"];
    let queue = ["--workers", "2", "--service-time", "9ms..12ms"];
    let kept = bench.run(&[&cache[..], &queue, &["--keep"]].concat());
    assert_eq!(kept.code, Some(0), "{kept:?}");
    for words in [
        "A cache for the run. A model, not measured.",
        "Queue rescaled",
        "Hits are the fastest",
        "How far each figure moves p95",
        "Kept as projection 1 of run 1",
    ] {
        assert!(kept.out.contains(words), "{words}: {kept:?}");
    }
    let value = bench.json(&[&cache[..], &queue, &["--json"]].concat());
    let p95 = &value["projection"]["percentiles"][2];
    let secs = |figure: &Value| figure.as_f64().unwrap();
    assert!(secs(&p95["rescaled"]["secs"]) < secs(&p95["unchanged"]["secs"]), "{p95}");
    assert!(secs(&p95["unchanged"]["secs"]) < secs(&p95["base_secs"]), "{p95}");
    assert_eq!(value["projection"]["busy"]["workers"], 2);

    let made = bench.run(&["run", "after.toml", "--quiet"]);
    assert!(made.is_of_a_run(), "{made:?}");
    let listed = bench.run(&["what-if", "list", "latest"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.out.contains("Run 1, projection 1: A cache for the run."), "{listed:?}");
    let report = bench.run(&["report", "latest"]).out;
    assert!(report.contains("## What if") && report.contains("Predicted before, measured now"), "{report}");
    let beside = &bench.json(&["what-if", "latest", "list", "--json"])["predicted_before_measured_now"][0];
    let p50 = beside["percentiles"].as_array().unwrap().iter().find(|row| row["metric"] == "p50").unwrap();
    assert!(secs(&p50["measured_secs"]) < secs(&p50["measured_before_secs"]), "{p50}");
}

#[test]
fn what_does_not_hold_ends_with_2_and_what_cannot_be_read_with_3() {
    let bench = Workbench::new();
    bench.write("short.toml", queue_scenario(BEFORE, "11s"));
    let made = bench.run(&["run", "short.toml", "--quiet"]);
    assert!(made.is_of_a_run(), "{made:?}");
    let check = |line: &str, code: i32, words: &str| {
        let answer = bench.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(answer.code, Some(code), "{line}: {answer:?}");
        assert!(answer.out.contains(words) || answer.err.contains(words), "{line}: {answer:?}");
    };
    check("what-if 1 workers --to 4", 2, "give the workers and the service time");
    check("what-if 1 traffic --times 3 --workers 2 --service-time 10ms", 2, "highest rate");
    check("what-if 1 payload --ratio 0.3 --bandwidth 10Mbit --rtt 1ms --keep", 2, "Nothing was kept");
    check("what-if 1 faster --speed-up 2 --step Nothing", 3, "its steps: Check");
    check("what-if 1 faster --speed-up 0.5", 3, "1 or more");
    check("what-if 1 cache --hit 1.5 --hit-latency 1ms", 3, "between 0 and 1");
    check("what-if 1 cache --hit 0.5 --hit-latency 1ms --stage Peak", 3, "no stage Peak");
    check("what-if cache --hit 0.5 --hit-latency 1ms", 3, "name the run");
    check("what-if list", 3, "name the run");
    check("what-if 1 list", 0, "no projections of its own");
}
