//! The highest load that meets the targets, searched by the built program against a queue of its own.

use serde_json::Value;

use crate::program::{Workbench, steady_scenario};

/// 40/s on four workers that take 50 ms each, with a limit on p95.
fn scenario(limit: &str) -> String {
    steady_scenario("sandbox:?workers=4&service_time=50ms", 40, "20s").replace("/gateway/health", "/queue")
        + &format!("\n[[thresholds]]\nmetric = \"p95\"\nlimit = \"{limit}\"\n")
}

const SHORT: [&str; 8] = ["--start", "40", "--hold", "10s", "--settle", "1s", "--confirm", "10s"];

fn events<'a>(lines: &'a [Value], event: &'a str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn a_search_confirms_its_answer_and_is_read_again_from_its_run_with_the_same_verdicts() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("4s"));
    let args = ["search", "a.toml", "--max", "40", "--json-lines", "--report", "r.md", "--report", "r.json"];
    let answer = bench.run(&[&args[..], &SHORT].concat());
    let lines: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut found = events(&lines, "search")[0].clone();
    let live: Vec<Value> = events(&lines, "probe").into_iter().cloned().collect();
    // A machine that is busy otherwise may be the generator's end: then that is said, and nothing is found.
    if answer.code == Some(2) {
        assert_eq!(found["end"], "generator_limited", "{answer:?}");
        assert!(found["capacity"].is_null(), "{found}");
    } else {
        assert_eq!((answer.code, found["end"].as_str()), (Some(0), Some("confirmed")), "{found}");
        assert_eq!(found["capacity"]["level"], 40.0);
        assert_eq!(found["capacity"]["is_at_least"], true);
        assert_eq!(live.len(), 2);
        assert_eq!([&live[0]["kind"], &live[1]["kind"]], ["search", "confirm"]);
    }
    // What was judged while the run went on is what its kept seconds say.
    let without_event = |probe: &Value| {
        let mut probe = probe.clone();
        probe.as_object_mut().unwrap().remove("event");
        probe
    };
    let live: Vec<Value> = live.iter().map(without_event).collect();
    assert_eq!(found["probes"].as_array().unwrap(), &live);
    let kept = bench.json(&["runs", "show", "latest", "--json"]);
    for key in ["event", "run_id"] {
        found.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(kept["search"], found);
    let names: Vec<_> =
        kept["stages"].as_array().unwrap().iter().map(|stage| stage["name"].clone()).collect();
    assert_eq!(names[..2], ["Settle 1", "Probe 1: 40/s"]);
    let markdown = std::fs::read_to_string(bench.path("r.md")).unwrap();
    assert!(markdown.contains(found["sentence"].as_str().unwrap()), "{markdown}");
    assert!(markdown.contains("| Probe 1 "), "{markdown}");
}

#[test]
fn a_target_that_misses_its_limit_at_the_lowest_level_is_told_by_the_exit_code() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("1ms"));
    let answer = bench.run(&[&["search", "a.toml", "--plain"][..], &SHORT].concat());
    if answer.code == Some(2) {
        assert!(answer.out.contains("the generator's end"), "{answer:?}");
        return;
    }
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.out.contains("The lowest level that was tried, 40/s, fails already"), "{}", answer.out);
    assert!(answer.out.contains("Kept as run 1"), "{}", answer.out);
}

#[test]
fn what_cannot_be_searched_is_refused_before_anything_runs() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("1s"));
    bench.write("none.toml", steady_scenario("sandbox:", 40, "20s"));
    for (args, words) in [
        (&["none.toml"][..], "metric = \"p95\""),
        (&["a.toml", "--hold", "2s"], "--hold: a probe is judged by ten blocks of whole seconds"),
        (&["a.toml", "--start", "0"], "--start: 0 is no possible number of arrivals per second"),
        (&["a.toml", "--start", "50", "--max", "10"], "--max: the highest level is below the first"),
        (&["a.toml", "--resolution", "1"], "--resolution: a resolution of 1 is none"),
        (&["a.toml", "--max-probes", "1"], "--max-probes: 1 probes are too few"),
        (&["a.toml", "--against", "sandbox:"], "leave out [interleave] or --against"),
        (&["a.toml", "--json", "--plain"], "cannot be used with"),
        (&["a.toml", "--report", "nowhere/r.md"], "name a file in a folder that exists"),
    ] {
        let answer = bench.run(&[&["search"], args].concat());
        assert_eq!(answer.code, Some(3), "{answer:?}");
        assert!(answer.err.contains(words), "{words}: {answer:?}");
    }
    assert!(!bench.library().exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_search_keeps_its_run_and_tells_what_is_known() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("4s"));
    let running = bench.start(&[&["search", "a.toml", "--json-lines"][..], &SHORT].concat());
    running.wait_for_second(2);
    running.signal("INT");
    let answer = running.finish();
    assert_eq!(answer.code, Some(130), "{answer:?}");
    let found: Value = serde_json::from_str(answer.out.lines().last().unwrap()).unwrap();
    assert_eq!((found["event"].as_str(), found["end"].as_str()), (Some("search"), Some("interrupted")));
    assert_eq!(bench.json(&["runs", "list", "--json"])[0]["state"], "stopped");
}
