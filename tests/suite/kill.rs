//! A killed program leaves a run with every finished second.

use crate::program::{Workbench, steady_scenario};

#[test]
fn a_killed_run_opens_as_interrupted_with_its_seconds_and_a_report() {
    let bench = Workbench::new();
    bench.write("a.toml", steady_scenario("sandbox:", 20, "60s"));
    let mut running = bench.start(&["run", "a.toml", "--json-lines"]);
    running.wait_for_second(3);
    running.kill();

    let runs = bench.json(&["runs", "list", "--json"]);
    assert_eq!(runs[0]["state"], "interrupted", "{runs}");
    assert!(runs[0]["n_seconds"].as_u64() >= Some(4), "{runs}");
    assert!(runs[0]["n_requests"].as_u64() >= Some(40), "{runs}");

    let report = bench.run(&["report", "latest"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    assert!(report.out.to_lowercase().contains("interrupted"), "{report:?}");

    // The library is as good as ever.
    assert!(bench.run(&["run", "a.toml", "--time-scale", "0.02", "--quiet"]).is_of_a_run());
    assert_eq!(bench.json(&["runs", "list", "--json"]).as_array().unwrap().len(), 2);
}
