//! One run against two sandboxes by turns, the second slower.

use crate::program::{Workbench, steady_scenario};

/// Seven pairs of blocks of a second.
fn scenario() -> String {
    steady_scenario("sandbox:", 60, "14s").replace("/gateway/health", "/education/courses")
}

#[test]
fn a_slower_candidate_is_told_from_the_baseline_in_one_run() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario());
    let args =
        ["run", "a.toml", "--against", "sandbox:?slower=1", "--block", "1s", "--plain", "--report", "r.json"];
    let answer = bench.run(&args);
    assert!(answer.is_of_a_run(), "{answer:?}");
    assert!(answer.out.contains("Baseline and candidate by turns"), "{}", answer.out);
    let text = std::fs::read_to_string(bench.path("r.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sides = &report["interleaved"];
    assert_eq!((sides["n_pairs"].as_u64(), sides["block_secs"].as_f64()), (Some(7), Some(1.0)), "{sides}");
    assert_eq!(sides["candidate"], "sandbox:?slower=1");
    let p50 = &sides["whole"]["changes"][0];
    // Every answer takes twice as long; a busy machine adds the same to both.
    assert!(p50["change"].as_f64().unwrap() > 0.2, "{p50}");
    assert_eq!(p50["verdict"], "worse", "{p50}");
    let names: Vec<_> = report["steps"].as_array().unwrap().iter().map(|step| step["name"].clone()).collect();
    assert_eq!(names, ["Check gateway", "Check gateway \u{b7} candidate"]);
    let n_of = |step: usize| report["steps"][step]["figures"]["n_requests"].as_u64().unwrap();
    assert_eq!([n_of(0), n_of(1)], [420, 420], "half of all blocks each");
    assert_eq!(report["n_counted_by_target"], 840, "by both sandboxes together");

    // The kept run opens with the same figures, and its scenario is the one that was written.
    assert_eq!(bench.json(&["runs", "show", "latest", "--json"])["interleaved"], *sides);
    let markdown = bench.run(&["report", "latest"]).out;
    assert!(markdown.contains("candidate = { base_url = \"sandbox:?slower=1\" }"), "{markdown}");
    assert_eq!(markdown.matches("[[journeys]]").count(), 1, "{markdown}");
}

#[test]
fn a_candidate_that_is_not_there_is_refused_before_anything_runs() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario());
    for (args, words) in [
        (["--against", "ftp://a"], "interleave.candidate.base_url"),
        (["--against", "sandbox:?slower=7"], "use a number from 0 to 1"),
        (["--against-env", "staging"], "the scenario has no environments"),
        (["--block", "5s"], "name a candidate with --against"),
    ] {
        let answer = bench.run(&[&["run", "a.toml"], &args[..]].concat());
        assert_eq!(answer.code, Some(3), "{answer:?}");
        assert!(format!("{answer:?}").contains(words), "{words}: {answer:?}");
    }
    let warned = bench.run(&["validate", "a.toml", "--against", "sandbox:", "--block", "6s"]);
    assert_eq!(warned.code, Some(0), "{warned:?}");
    assert!(format!("{warned:?}").contains("only one pair of blocks fits"), "{warned:?}");
    assert!(!bench.library().exists());
}
