//! Reports of runs that were watched: as they are read, in every format, and bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use super::charts::tests::Known;
use super::*;
use crate::analysis::sample;
use crate::metrics::{
    CacheFacts, MonitorFacts, PayloadFacts, Repeats, RunRecord, StatementUse, StepTraffic, TimingFacts,
    TrafficAudit, TtlFacts,
};
use crate::model::Bound;

/// A watched run with an audit of its traffic, and with statements of a database that nobody draws.
pub(super) fn audited() -> RunRecord {
    let mut record = sample::watched();
    let payload = PayloadFacts {
        n_answers: 40,
        wire_bytes: 100_000.0,
        plain_bytes: 100_000.0,
        packed_bytes: BTreeMap::from([
            ("br".to_owned(), 20_000.0),
            ("gzip".to_owned(), 25_000.0),
            ("zstd".to_owned(), 24_000.0),
        ]),
        packing_time: BTreeMap::from([("gzip".to_owned(), Duration::from_millis(2))]),
        null_bytes: 3_000.0,
        null_fields: vec!["courses[].badge".to_owned()],
        long_arrays: vec![("courses".to_owned(), 250.0)],
        unused_fields: vec![("courses[].syllabus".to_owned(), 61_000.0)],
        unused_bytes: 61_000.0,
        ..PayloadFacts::default()
    };
    let ttl = |ttl_secs, n_served, n_stale| TtlFacts { ttl_secs, n_served, n_stale };
    let own = Repeats {
        n_lookups: 800,
        n_keys: 20,
        n_same: 700,
        n_changed: 80,
        by_ttl: vec![ttl(10, 400, 4), ttl(60, 640, 40), ttl(600, 700, 70), ttl(3_600, 720, 80)],
    };
    let shared = Repeats {
        n_keys: 4,
        n_same: 780,
        n_changed: 16,
        by_ttl: vec![ttl(10, 720, 0), ttl(60, 780, 0), ttl(600, 790, 8), ttl(3_600, 796, 8)],
        ..own
    };
    let timing = TimingFacts {
        name: "db".to_owned(),
        n_answers: 24,
        took: Duration::from_micros(22_500),
        number: Some(11.0),
    };
    let cache = CacheFacts {
        own,
        shared: Some(shared),
        etag_ratio: 0.0,
        last_modified_ratio: 0.0,
        cache_control_ratio: 1.0,
        cache_control: "no-store".to_owned(),
    };
    let steps = vec![
        StepTraffic { step: 0, payload: Some(payload), cache: Some(cache), timings: vec![timing] },
        StepTraffic { step: 1, ..StepTraffic::default() },
    ];
    record.audit = Some(std::sync::Arc::new(TrafficAudit { steps, key_ratio: 0.25 }));
    let mut watched = (*record.watched).clone();
    watched.monitors[1].statements = statements(18);
    record.watched = watched.into();
    record
}

fn statements(n: u64) -> Vec<StatementUse> {
    let statement = |number: u64| StatementUse {
        text: format!("SELECT * FROM courses WHERE id = $1 -- {number}"),
        n_calls: 100,
        total_time: Duration::from_millis(200),
        mean_time: Duration::from_millis(2),
        load_ratio: 1.0 / n as f64,
        rows_per_call: 1.0,
        cache_hit_ratio: (number > 0).then_some(0.99),
    };
    (0..n).map(statement).collect()
}

fn section(text: &str, title: &str) -> String {
    let from = text.find(&format!("## {title}\n")).unwrap_or_else(|| panic!("no {title}: {text}"));
    let length = text[from + 3..].find("\n## ").map_or(text.len() - from, |length| length + 3);
    text[from..from + length].to_owned()
}

#[test]
fn the_resources_of_a_watched_run_read_like_this() {
    let known = Known::of(audited());
    insta::assert_snapshot!(section(&markdown(&known.paper()), "Resources"));
}

#[test]
fn limits_on_series_stand_among_the_targets_of_every_variant() {
    let mut record = sample::watched();
    record.start.scenario.monitors[0].limits[0].bound = Bound::AtMost(0.5);
    let known = Known::of(record);
    for variant in Variant::ALL {
        let paper = Paper { options: ReportOptions::of(variant), ..known.paper() };
        let text = markdown(&paper);
        let row = text
            .lines()
            .find(|line| line.starts_with("| p95 of CPU"))
            .unwrap_or_else(|| panic!("{variant:?}: {text}"));
        assert!(row.contains("60 %") && row.contains("≤ 50 %") && row.contains("Fail"), "{variant:?}: {row}");
        assert!(text.contains("above the limit of 50 %"), "{variant:?}");
        assert_eq!(text.contains("### Probes"), variant == Variant::Full, "{variant:?}");
    }
    let suite = junit(&known.paper());
    assert!(
        suite.contains(
            "<testcase classname=\"resource limits\" name=\"p95 of CPU (machine) ≤ 50 % (steady stages, warm-up left \
             out)\"><failure message=\"measured 60 %\"/></testcase>"
        ),
        "{suite}"
    );
}

#[test]
fn json_and_csv_carry_every_series_with_its_gaps() {
    let known = Known::of(audited());
    let paper = known.paper();
    let value = json(&paper);
    let watched = &value["resources"]["watched"];
    let hits = &watched["series"][3];
    assert_eq!((hits["name"].as_str(), hits["judged"]["n_read"].as_u64()), (Some("hit share"), Some(15)));
    assert_eq!(watched["limits"][0]["verdict"], "pass");
    assert_eq!(watched["monitors"][1]["clock"]["ahead_secs"], 0.002);
    assert_eq!(value["resources"]["traffic"]["steps"][0]["cache"]["own"]["by_ttl"][1]["n_served"], 640);
    assert!(value["resources"]["traffic"]["steps"][1]["payload"].is_null());
    let table = resources_csv(&paper).unwrap();
    let mut reader = csv_reader(&table);
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    // Six series in five stretches each, and two limits.
    assert_eq!(rows.len(), 6 * 5 + 2);
    let steady = rows.iter().find(|row| &row[1] == "hit share" && &row[5] == "judged").unwrap();
    assert_eq!((&steady[6], &steady[7], &steady[8]), ("20", "15", "0.8"));
    let limit = rows.iter().find(|row| &row[1] == "CPU" && !row[18].is_empty()).unwrap();
    assert_eq!((&limit[13], &limit[14], &limit[17], &limit[18]), ("p95", "0.7", "0.6", "Pass"));
}

fn csv_reader(text: &str) -> ::csv::Reader<&[u8]> {
    ::csv::Reader::from_reader(text.as_bytes())
}

#[test]
fn every_file_of_a_watched_run_is_made_again_and_a_changed_figure_is_found() {
    let known = Known::of(audited());
    let paper = known.paper();
    for format in Format::ALL {
        for file in files(&paper, format, &format!("my run.{}", format.ending())).unwrap() {
            let text = String::from_utf8(file.bytes).unwrap();
            let again =
                verify::remade(&paper, &text).unwrap().unwrap_or_else(|| panic!("{}", file.path)).text;
            assert_eq!(verify::differences(&text, &again), [], "{}", file.path);
        }
    }
    let text = markdown(&paper);
    let changed = text.replacen("80 %", "81 %", 1);
    assert_ne!(changed, text);
    assert_ne!(verify::differences(&changed, &text), []);
}

#[test]
fn a_run_with_many_monitors_has_a_report_of_bounded_length() {
    let mut record = audited();
    let mut watched = (*record.watched).clone();
    let (series, monitors) = (watched.series.clone(), watched.monitors.clone());
    for number in 0..200 {
        let name = |name: &str| format!("{name} {number}");
        watched.series.extend(series.iter().cloned().map(|mut one| {
            one.info.monitor = name(&one.info.monitor);
            one
        }));
        let facts = |facts: &MonitorFacts| MonitorFacts { name: name(&facts.name), ..facts.clone() };
        watched.monitors.extend(monitors.iter().map(facts).take(1));
    }
    record.watched = watched.into();
    let known = Known::of(record);
    let text = section(&markdown(&known.paper()), "Resources");
    assert!(text.contains("other series together"), "{text}");
    let n_rows = text.lines().filter(|line| line.starts_with('|')).count();
    assert!(n_rows < 450, "{n_rows}");
}

#[test]
fn a_run_that_was_not_watched_says_so_and_nothing_else() {
    let known = Known::of(sample::record(sample::scenario()));
    let text = section(&markdown(&known.paper()), "Resources");
    assert!(text.contains("No resources of the target were probed"), "{text}");
    assert!(!text.contains("### Probes") && !text.contains("Traffic audit"), "{text}");
    let value = json(&known.paper());
    assert!(value["resources"].get("watched").is_none() && value["resources"].get("traffic").is_none());
    assert_eq!(resources_csv(&known.paper()), None);
}

#[test]
fn a_comparison_of_watched_runs_has_their_resources() {
    use crate::analysis::comparison::{CompareOptions, ComparedRun, Side, Stretches, compare};
    let side = |record: RunRecord| {
        let known = Known::of(record);
        let run = &known.run;
        let compared = ComparedRun::new(&run.record, &known.summary, &run.history, &Stretches::Held).unwrap();
        Side { runs: vec![compared] }
    };
    let mut other = sample::watched();
    other.run_id = crate::metrics::RunId(8);
    let mut watched = (*other.watched).clone();
    watched.series[1].values.iter_mut().for_each(|value| *value += 0.1);
    other.watched = watched.into();
    let sides = [side(sample::watched()), side(other)];
    let comparison = compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap();
    let text = comparison_markdown(&comparison);
    let row = text.lines().find(|line| line.contains("memory (machine)")).unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert_eq!(cells[1..7], ["the run", "memory (machine)", "mean", "54.9 %", "64.9 %", "+10 pp"]);
    assert!(cells[7].starts_with("+") && cells[7].contains(" to +"), "{row}");
    let resources = &comparison_json(&comparison)["resources"];
    let memory = resources.as_array().unwrap().iter().find(|row| row["series"] == "memory").unwrap();
    assert_eq!((memory["scope"].as_str(), memory["unit"].as_str()), (Some("run"), Some("ratio")));
    assert!(memory["candidates"][0]["interval_95"][0].is_number(), "{memory}");
}
