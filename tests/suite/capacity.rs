//! The capacity of runs and of files: sentences, tables, JSON, and what is refused.

use crate::program::Workbench;

/// SPEC SDM91 on a SPARCcenter 2000, as published.
const SPECSDM91: &str =
    "load,throughput\n1,64.9\n18,995.9\n36,1652.4\n72,1853.2\n108,1828.9\n144,1775.0\n216,1702.2\n";

#[test]
fn a_published_file_gives_its_published_peak() {
    let bench = Workbench::new();
    bench.write("specsdm91.csv", SPECSDM91);
    let value = bench.json(&["capacity", "--csv", "specsdm91.csv", "--json"]);
    let figure = |pointer: &str| value.pointer(pointer).and_then(|figure| figure.as_f64()).unwrap();
    assert!((figure("/usl/alpha/value") - 0.0277285).abs() < 1e-7, "{value}");
    assert!((figure("/usl/beta/value") - 0.0001044).abs() < 1e-7, "{value}");
    assert!((figure("/usl/gamma_per_sec/value") - 89.9952).abs() < 1e-3, "{value}");
    assert!((figure("/usl/peak/concurrency") - 96.51956).abs() < 1e-3, "{value}");
    assert!(figure("/usl/peak/low") < 96.5 && figure("/usl/peak/high") > 96.5, "{value}");
    assert_eq!(value["usl"]["n_levels"], 7);

    let text = bench.run(&["capacity", "--csv", "specsdm91.csv"]).out;
    assert!(text.contains("throughput peaks at a concurrency of 96.5"), "{text}");
    assert!(text.contains("with 1,884/s (model, not measured)"), "{text}");
    assert!(text.contains("Model, not measured: X(N) ="), "{text}");
    assert_eq!(text, bench.run(&["capacity", "--csv", "specsdm91.csv"]).out, "the same bytes again");
}

#[test]
fn latencies_of_a_file_show_their_knee() {
    let bench = Workbench::new();
    bench.write("a.csv", "1,10,5\n2,20,5.2\n4,40,5.5\n8,78,6\n12,82,9\n16,83,60\n");
    let value = bench.json(&["capacity", "--csv", "a.csv", "--json"]);
    assert_eq!(value["latency_knee_level"], 12.0);
    assert_eq!(value["points"][5]["latency_secs"], 0.06);
    let value = bench.json(&["capacity", "--csv", "a.csv", "--unit", "s", "--json"]);
    assert_eq!(value["points"][5]["latency_secs"], 60.0);
}

#[test]
fn a_short_run_says_what_is_missing() {
    let bench = Workbench::new();
    let thresholds = "[[thresholds]]\nmetric = \"p95\"\nlimit = \"1s\"\n";
    bench.write("a.toml", crate::program::closed_scenario("sandbox:", "2s", thresholds));
    assert!(bench.run(&["run", "a.toml", "--quiet"]).is_of_a_run());
    let value = bench.json(&["capacity", "latest", "--json"]);
    assert_eq!((&value["run_id"], &value["levels"][0]["stage"]), (&1.into(), &"Hold".into()));
    assert_eq!(value["levels"][0]["offered"], 2.0);
    assert_eq!(value["scaling"]["usl"]["n_levels"], 1);
    // A busy machine may have made the measurement invalid.
    let verdict = value["verdict"].as_str().unwrap();
    assert!(["undecided", "none_counts"].contains(&verdict), "{value}");
    assert!(value["requests_per_sec"].is_null() && value["headroom_ratio"].is_null());
    let text = bench.run(&["capacity", "latest", "--demand", "100/s"]).out;
    assert!(text.starts_with("Capacity of run 1, Closed\n"), "{text}");
    assert!(text.contains("No scalability curve is fitted"), "{text}");
    let report = bench.run(&["report", "latest"]).out;
    assert!(report.contains("## Scaling capacity and headroom"), "{report}");
}

#[test]
fn what_cannot_be_looked_at_is_refused_with_its_reason() {
    let bench = Workbench::new();
    bench.write("few.csv", "1,10\n2,20\n2,21\n3,30\n");
    bench.write("text.csv", "load,throughput\n1,10\n2,many\n3,30\n4,\n");
    bench.write("nothing.csv", "1,0\n2,0\n3,0\n4,0\n");
    bench.write("empty.csv", "");
    let check = |args: &[&str], reason: &str| {
        let answer = bench.run(args);
        assert_eq!(answer.code, Some(3), "{args:?}: {answer:?}");
        assert!(answer.err.contains(reason), "{args:?}: {answer:?}");
        assert!(answer.out.is_empty() && !answer.err.contains("panicked"), "{args:?}: {answer:?}");
    };
    check(&["capacity", "--csv", "few.csv"], "at least 4 different levels, and there are 3: few.csv");
    check(&["capacity", "--csv", "text.csv"], "line 3: `many` is no number");
    check(&["capacity", "--csv", "text.csv"], "line 5: a number is missing");
    check(&["capacity", "--csv", "nothing.csv"], "nothing came through at any level");
    check(&["capacity", "--csv", "empty.csv"], "no line has a concurrency and a throughput");
    check(&["capacity", "--csv", "gone.csv"], "cannot be read");
    check(&["capacity", "--csv", "few.csv", "--demand", "5"], "cannot be used with");
    check(&["capacity", "1", "--unit", "s"], "cannot be used with");
    check(&["capacity"], "required");
    check(&["capacity", "1"], "no runs yet");
    check(&["capacity", "1", "--demand", "-5"], "above 0, such as 1000");
    check(&["capacity", "1", "--demand", "much"], "above 0, such as 1000");
}
