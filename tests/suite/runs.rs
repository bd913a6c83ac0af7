//! The care for kept runs.

use crate::program::{Workbench, closed_scenario};

#[test]
fn runs_are_listed_shown_tended_compared_and_hidden() {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "1s", ""));
    let run = |args: &[&str]| {
        let answer = bench.run(args);
        assert!(answer.is_of_a_run(), "{args:?}: {answer:?}");
        answer.out
    };
    let list = || bench.json(&["runs", "list", "--json"]);

    assert_eq!(list().as_array().unwrap().len(), 0);
    assert!(!bench.library().exists(), "asking creates nothing");

    run(&["run", "a.toml", "--quiet", "--label", "commit=1a2b3c"]);
    run(&["runs", "baseline", "latest"]);
    let out = run(&["run", "a.toml", "--plain", "--baseline", "baseline"]);
    assert!(out.contains("Run 1") && out.contains("Run 2"), "the comparison is shown: {out}");

    run(&["runs", "tag", "2", "nightly", "slow"]);
    run(&["runs", "tag", "2", "slow", "--remove"]);
    run(&["runs", "note", "2", "after the fix"]);
    let runs = list();
    assert_eq!(runs[0]["run_id"], 2, "newest first");
    assert_eq!(runs[0]["tags"], serde_json::json!(["nightly"]));
    assert_eq!(runs[0]["note"], "after the fix");
    assert_eq!(runs[0]["state"], "completed");
    assert_eq!(runs[1]["is_baseline"], true);
    assert_eq!(runs[1]["labels"]["commit"], "1a2b3c");
    let table = run(&["runs", "list"]);
    assert!(table.contains("nightly") && table.contains("after the fix"), "{table}");

    assert!(run(&["runs", "show", "latest"]).contains("Kept as run 2"));
    assert!(run(&["compare", "baseline", "latest"]).contains("p95"));
    assert!(bench.json(&["compare", "1", "2", "--json"]).is_object());
    run(&["compare", "1", "2", "-o", "c.md"]);
    assert!(std::fs::read_to_string(bench.path("c.md")).unwrap().starts_with("# "));

    assert!(run(&["runs", "delete", "1"]).contains("runs restore 1"));
    assert_eq!(list().as_array().unwrap().len(), 1);
    run(&["runs", "restore", "1"]);
    assert_eq!(list().as_array().unwrap().len(), 2);
    run(&["runs", "delete", "1"]);
    run(&["runs", "purge"]);
    assert_eq!(bench.run(&["runs", "restore", "1"]).code, Some(3));
}

#[test]
fn the_percentiles_in_the_terminal_are_those_of_the_report_and_of_the_json() {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "2s", ""));
    let said = bench.run(&["run", "a.toml", "--plain"]).out;
    let value = bench.json(&["report", "latest", "--json"]);
    let report = bench.run(&["report", "latest"]).out;
    let latencies = &value["headline"]["figures"]["response_time"];
    for key in ["p50_millis", "p95_millis", "p99_millis"] {
        let secs = latencies[key].as_f64().expect(key) / 1e3;
        let words = stagewright::humanize::latency_secs(secs);
        assert!(said.contains(&words), "{key} {words} in the terminal: {said}");
        assert!(report.contains(&words), "{key} {words} in the report: {report}");
    }
}

#[test]
fn the_same_run_gives_the_same_report() {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "1s", ""));
    bench.run(&["run", "a.toml", "--quiet", "--report", "first.md", "--report", "first.json"]);
    bench.run(&["report", "latest", "-o", "again.md"]);
    bench.run(&["report", "latest", "--json", "-o", "again.json"]);
    for (first, again) in [("first.md", "again.md"), ("first.json", "again.json")] {
        let read = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
        // Charts lie in a folder that is named after the report.
        assert_eq!(read(first).replace("](first-charts/", "](again-charts/"), read(again));
    }
    let latency = |folder: &str| std::fs::read(bench.path(folder).join("latency.svg")).unwrap();
    assert_eq!(latency("first-charts"), latency("again-charts"));
    assert_eq!(bench.run(&["report", "latest"]).out, bench.run(&["report", "latest"]).out);
}
