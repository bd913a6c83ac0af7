//! What this machine can do: measured, kept, carried by runs, held against plans.

use serde_json::Value;
use stagewright::metrics::RunId;
use stagewright::store::Library;

use crate::program::{Workbench, closed_scenario, steady_scenario};

#[test]
fn a_calibration_is_measured_kept_and_carried_by_the_runs_that_follow() {
    let bench = Workbench::new();
    let answer = bench.run(&["calibrate", "--quick", "--json"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.starts_with("1 of 3: "), "{answer:?}");
    let measured: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(measured["quick"], true);
    for figure in [
        "floor_p50_micros",
        "floor_p99_9_micros",
        "start_lag_p50_micros",
        "start_lag_p99_micros",
        "requests_per_sec_per_worker",
        "requests_per_sec",
        "n_workers",
    ] {
        assert!(measured[figure].as_f64().unwrap() > 0.0, "{figure}: {measured}");
    }
    bench.write("a.toml", closed_scenario("sandbox:", "1s", ""));
    let answer = bench.run(&["run", "a.toml", "--quiet"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let record = Library::open(&bench.library()).unwrap().load(RunId(1)).unwrap();
    let calibration = record.start.calibration.unwrap();
    assert_eq!(measured["requests_per_sec"].as_f64(), Some(calibration.requests_per_sec));
    assert_eq!(measured["machine"], calibration.machine);
    assert_eq!(calibration.transport, record.start.engine.transport);

    bench.write("b.toml", steady_scenario("http://127.0.0.1:1", 5_000_000, "1s"));
    let answer = bench.run(&["validate", "b.toml"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.contains("warning") && answer.err.contains("at most"), "{answer:?}");
    assert_eq!(bench.json(&["validate", "b.toml", "--json"])["advice"]["severity"], "warning");
}

#[test]
fn a_fast_plan_on_a_machine_that_was_never_measured_gets_a_hint_and_nothing_is_written() {
    let bench = Workbench::new();
    bench.write("fast.toml", steady_scenario("http://127.0.0.1:1", 5_000, "1s"));
    bench.write("slow.toml", steady_scenario("http://127.0.0.1:1", 50, "1s"));
    let answer = bench.run(&["validate", "fast.toml"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.err.starts_with("hint: ") && answer.err.contains("stagewright calibrate"), "{answer:?}");
    let answer = bench.run(&["validate", "slow.toml"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{answer:?}");
    assert!(!bench.library().exists());
}
