//! Commands that look at many runs, and at files that others wrote.

use std::time::Duration;

use hdrhistogram::{
    Histogram,
    serialization::{V2DeflateSerializer, interval_log::IntervalLogWriterBuilder},
};

use crate::program::{Workbench, closed_scenario};

/// Days of a figure that rises by a fifth after the fourteenth.
fn risen() -> String {
    let day = |day: u32| {
        let value = if day < 14 { 100.0 } else { 120.0 } + f64::from(day * 7 % 5) * 0.4;
        format!("2026-10-{:02}T03:00:00Z,{value}\n", day + 1)
    };
    (0..22).map(day).collect()
}

#[test]
fn a_file_of_times_and_values_shows_where_its_level_changed() {
    let bench = Workbench::new();
    bench.write("p95.csv", format!("time,p95\n{}", risen()));
    let answer = bench.run(&["trend", "--csv", "p95.csv"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("Value is worse since 2026-10-15 03:00:00 UTC"), "{answer:?}");
    assert_eq!(bench.run(&["trend", "--csv", "p95.csv", "--fail-on", "worse"]).code, Some(1));
    let better = ["trend", "--csv", "p95.csv", "--higher-is-better", "--fail-on", "worse", "--json"];
    let value = bench.json(&better);
    assert_eq!(value["trends"][0]["verdict"], "better");
    assert_eq!(value["trends"][0]["change_points"][0]["point"], 14);
    assert_eq!(bench.run(&["trend", "--csv", "p95.csv", "-o", "trend.md"]).code, Some(0));
    let report = std::fs::read_to_string(bench.path("trend.md")).unwrap();
    assert!(report.starts_with("# Trend of p95.csv"), "{report}");
}

#[test]
fn a_series_without_change_and_a_short_one_are_told_as_such() {
    let bench = Workbench::new();
    let constant: String = (0..30).map(|day| format!("{},7\n", day * 86_400)).collect();
    bench.write("constant.csv", constant);
    bench.write("short.csv", "1,2\n2,\n3,4\n");
    let verdict =
        |file: &str| bench.json(&["trend", "--csv", file, "--json"])["trends"][0]["verdict"].clone();
    assert_eq!(verdict("constant.csv"), "same");
    assert_eq!(verdict("short.csv"), "too_little_history");
}

#[test]
fn repeated_runs_tell_their_noise_and_stand_in_a_trend() {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "2s", ""));
    let made = bench.run(&["run", "a.toml", "--quiet", "--repeat", "2", "--pause", "0s"]);
    assert!(made.is_of_a_run(), "{made:?}");
    let noise = bench.json(&["noise", "1", "2", "--json"]);
    assert_eq!(noise["runs"], serde_json::json!([1, 2]));
    let p95 = &noise["metrics"].as_array().unwrap().iter().find(|metric| metric["metric"] == "p95").unwrap();
    assert!(p95["spread_between_runs"].as_f64().unwrap() >= 0.0, "{p95}");
    assert_eq!(p95["runs_needed"][1]["change_ratio"], 0.05);
    assert!(noise["cautions"][0].as_str().unwrap().contains("2 runs hardly tell"), "{noise}");

    let runs = bench.json(&["runs", "list", "--json"]);
    let series = runs[0]["labels"]["series"].as_str().unwrap().to_owned();
    let table = bench.run(&["noise", "--series", &series]).out;
    assert!(table.contains("p95 response time") && table.contains("Runs for 5 %"), "{table}");

    // A busy machine may make a measurement invalid, and such a run stands in no trend.
    let trend = bench.run(&["trend", "a.toml", "--metric", "p95", "--fail-on", "worse"]);
    let told = format!("{}{}", trend.out, trend.err);
    assert!(told.contains("too little history") || told.contains("measurement invalid"), "{trend:?}");
}

#[test]
fn percentiles_of_a_log_have_intervals() {
    let bench = Workbench::new();
    let (mut bytes, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let mut writer = IntervalLogWriterBuilder::new().begin_log_with(&mut bytes, &mut serializer).unwrap();
    for second in 0..60 {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        (1..=100u64).for_each(|millis| histogram.record(millis * 1_000_000).unwrap());
        let (start, length) = (Duration::from_secs(second), Duration::from_secs(1));
        writer.write_histogram(&histogram, start, length, None).unwrap();
    }
    bench.write("a.hlog", bytes);
    let value = bench.json(&["stats", "a.hlog", "--json"]);
    let tag = &value["tags"][0];
    assert_eq!((&tag["n_samples"], &tag["intervals_by"]), (&6_000.into(), &"blocks".into()));
    let p50 = &tag["percentiles"][0];
    let secs = |key: &str| p50[key].as_f64().unwrap();
    assert!((secs("value_secs") - 0.05).abs() < 1e-4, "{p50}");
    assert!(secs("low_secs") < secs("value_secs") && secs("high_secs") > secs("value_secs"), "{p50}");
    let text = bench.run(&["stats", "a.hlog", "--repair", "10ms"]).out;
    assert!(text.contains("Repaired") && text.contains("50"), "{text}");

    bench.write("a.csv", "0,10\n1,12\n2,11\n3,13\n");
    let text = bench.run(&["stats", "a.csv"]).out;
    assert!(text.contains("milliseconds") && text.contains("p50"), "{text}");
}

#[test]
fn what_cannot_be_looked_at_is_refused_with_its_reason() {
    let bench = Workbench::new();
    bench.write("bad.csv", "time,value\nyesterday,3\n4,fast\n");
    bench.write("bad.hlog", "nonsense\n");
    bench.write("empty.csv", "");
    bench.write("empty.hlog", "#[Histogram log format version 1.3]\n");
    let check = |args: &[&str], reason: &str| {
        let answer = bench.run(args);
        assert_eq!(answer.code, Some(3), "{args:?}: {answer:?}");
        assert!(answer.err.contains(reason), "{args:?}: {answer:?}");
        assert!(answer.out.is_empty() && !answer.err.contains("panicked"), "{args:?}: {answer:?}");
    };
    check(&["trend", "--csv", "bad.csv"], "line 2: `yesterday` is no time");
    check(&["trend", "--csv", "bad.csv"], "line 3: `fast` is no number");
    check(&["trend", "--csv", "nothing.csv"], "cannot be read");
    check(&["trend", "--csv", "empty.csv"], "no line has a time and a value");
    check(&["trend", "--csv", "bad.csv", "-o", "trend.docx"], ".md, .html or .json");
    check(&["trend", "--csv", "bad.csv", "--metric", "p95"], "cannot be used with");
    check(&["trend"], "required");
    check(&["trend", "Shop"], "no runs yet");
    check(&["trend", "Shop", "--metric", "p97"], "p50, p90, p95, p99");
    check(&["noise", "1", "2"], "no runs yet");
    check(&["noise"], "required");
    check(&["stats", "bad.hlog"], "line 1: this is no interval");
    check(&["stats", "empty.hlog"], "no interval in this log");
    check(&["stats", "empty.csv"], "no line has a time and a value");
    check(&["stats", "nothing.hlog"], "cannot be read");
}
