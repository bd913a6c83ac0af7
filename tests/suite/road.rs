//! The main job from end to end: run, keep, list, report; and the exact number of requests.

use serde_json::Value;

use crate::program::{Sandbox, Workbench};

#[test]
fn quickstart_runs_is_kept_and_reported() {
    let bench = Workbench::new();
    let answer = bench.run(&[
        "run",
        "quickstart",
        "--time-scale",
        "0.1",
        "--report",
        "out.md",
        "--report",
        "out.json",
    ]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    assert!(answer.out.contains("Kept as run 1"), "{answer:?}");

    let report = std::fs::read_to_string(bench.path("out.md")).unwrap();
    let headings: Vec<String> =
        report.lines().filter(|line| line.starts_with('#')).map(str::to_lowercase).collect();
    for section in [
        "executive summary",
        "context and method",
        "measurement quality",
        "baseline metrics",
        "error and throughput analysis",
        "stage",
        "step",
        "service",
        "configuration and environment",
    ] {
        assert!(headings.iter().any(|heading| heading.contains(section)), "{section}: {headings:?}");
    }

    let numbers: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("out.json")).unwrap()).unwrap();
    let n_reported = numbers["whole_run"]["n_requests"].as_u64().unwrap();
    assert!(n_reported > 100, "{numbers}");
    assert_eq!(numbers["n_counted_by_target"], n_reported, "what the sandbox counted");
    assert!(report.contains(&format!("{n_reported} by the target, {n_reported} reported")), "{report}");

    let runs = bench.json(&["runs", "list", "--json"]);
    assert_eq!(runs[0]["n_requests"], n_reported);
    assert_eq!(runs[0]["scenario"], "Quickstart");
    assert_eq!(runs[0]["state"], "completed");
    assert_eq!(runs[0]["verdict"] == "PASS", answer.code == Some(0), "{runs}");
}

#[test]
fn a_profile_starts_exactly_its_area_and_the_server_counts_the_same() {
    let bench = Workbench::new();
    let sandbox = Sandbox::start(&bench);
    bench.write("a.toml", trapezoid(&sandbox.base_url));
    let answer = bench.run(&["run", "a.toml", "--time-scale", "0.2", "--json-lines"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let n_answered: u64 = answer
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["event"] == "second")
        .map(|event| event["n_requests_by_outcome"]["ok"].as_u64().unwrap())
        .sum();
    assert_eq!(n_answered, 800);
    assert_eq!(sandbox.n_received(), 800);
}

#[test]
fn comprehensive_gives_six_stages_and_seven_services() {
    let bench = Workbench::new();
    let answer = bench.run(&["run", "comprehensive", "--time-scale", "0.01", "--report", "out.md"]);
    // Whether the targets are met depends on the machine.
    assert!(matches!(answer.code, Some(0..=2)), "{answer:?}");
    let report = std::fs::read_to_string(bench.path("out.md")).unwrap();
    for name in
        ["Ramp-up (50)", "Sustain (50)", "Ramp-up (100)", "Sustain (100)", "Spike (200)", "Sustain (200)"]
    {
        assert!(answer.out.contains(name) && report.contains(&format!("| {name} ")), "{name}: {report}");
    }
    for name in ["API Gateway", "Auth", "Education", "Mint", "Forge", "Sapiens", "AI Family"] {
        assert!(answer.out.contains(name) && report.contains(&format!("| {name}")), "{name}: {report}");
    }
}

/// 0 → 200/s in ten seconds, 200/s for ten, 200 → 0 in ten: 4,000 iterations.
fn trapezoid(base_url: &str) -> String {
    format!(
        r#"format = 1
name = "Trapezoid"
base_url = "{base_url}"

[load]
model = "open"

[[load.stages]]
name = "Up"
duration = "10s"
rate = 200

[[load.stages]]
name = "Hold"
duration = "10s"
rate = 200

[[load.stages]]
name = "Down"
duration = "10s"
rate = 0

[[journeys]]
name = "Look"

[[journeys.steps]]
name = "Check gateway"
path = "/gateway/health"
"#
    )
}

#[test]
fn repetitions_are_kept_each_with_its_number_and_the_worst_of_them_is_the_exit_code() {
    let bench = Workbench::new();
    let sandbox = Sandbox::start(&bench);
    bench.write("a.toml", trapezoid(&sandbox.base_url));
    let repeated =
        ["run", "a.toml", "--time-scale", "0.05", "--repeat", "2", "--pause", "100ms", "--report", "a.md"];
    let answer = bench.run(&[&repeated[..], &["--plain", "--label", "commit=1a2b"]].concat());
    assert!(matches!(answer.code, Some(0..=2)), "{answer:?}");
    for words in
        ["Run 1 (1 of 2): ", "Run 2 (2 of 2): ", "Repetition 2 of 2 starts in 100 ms", "2 of 2 runs, kept in"]
    {
        assert!(answer.out.contains(words), "{words}: {answer:?}");
    }
    let labels = |run: &str| bench.json(&["runs", "show", run, "--json"])["labels"].clone();
    let (first, second) = (labels("1"), labels("2"));
    assert_eq!(
        (&first["repetition"], &second["repetition"]),
        (&"1/2".into(), &"2/2".into()),
        "{first} {second}"
    );
    assert_eq!((&first["series"], &first["commit"]), (&second["series"], &"1a2b".into()));
    assert!(first["series"].is_string());
    for report in ["a-1.md", "a-2.md"] {
        assert!(bench.path(report).exists(), "{report} of {:?}", bench.file_names());
    }
    let verdicts: Vec<String> = (1..=2)
        .map(|run| {
            bench.json(&["runs", "show", &run.to_string(), "--json"])["verdict"].as_str().unwrap().to_owned()
        })
        .collect();
    let is = |verdict: &str| verdicts.iter().any(|known| known == verdict);
    let worst = if is("FAIL") {
        1
    } else if is("INCONCLUSIVE") {
        2
    } else {
        0
    };
    assert_eq!(answer.code, Some(worst), "{verdicts:?}");
}

#[test]
fn repetitions_for_programs_are_told_as_json_and_a_pause_needs_them() {
    let bench = Workbench::new();
    let sandbox = Sandbox::start(&bench);
    bench.write("a.toml", trapezoid(&sandbox.base_url));
    let repeated =
        ["run", "a.toml", "--time-scale", "0.05", "--repeat", "2", "--pause", "0s", "--json-lines"];
    let answer = bench.run(&repeated);
    let events: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let n_summaries = events.iter().filter(|event| event["event"] == "summary").count();
    let last = events.last().unwrap();
    assert_eq!(
        (n_summaries, &last["event"], last["runs"].as_array().unwrap().len()),
        (2, &"series".into(), 2)
    );
    let second = events.iter().rev().find(|event| event["event"] == "second").unwrap();
    assert!(second["run_so_far"]["response_time_p95_millis"].is_number(), "{second}");
    assert!(second["n_requests_by_status_class"]["2xx"].is_number(), "{second}");
    assert_eq!(bench.run(&["run", "a.toml", "--pause", "1s"]).code, Some(3));
}
