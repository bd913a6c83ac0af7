//! Documents as text: takes what analysis found, returns strings; writes nothing.
//!
//! A run becomes a [`Document`] of blocks, and the document becomes Markdown. The same run gives the same
//! bytes: nothing here asks for the time or depends on the order of a hash table.

mod capacity_json;
mod capacity_tables;
pub mod chart;
pub mod charts;
mod comment;
mod comparison;
mod comparison_json;
mod csv;
mod document;
mod facts;
mod figures;
mod files;
mod findings_json;
#[cfg(test)]
mod findings_tests;
mod html;
mod json;
mod junit;
mod markdown;
mod options;
mod paper;
mod projections_json;
mod provenance;
mod resources_csv;
mod resources_json;
mod results_csv;
mod search_json;
mod sections;
mod selection;
mod service_levels_json;
mod steadiness_json;
mod templates;
mod texts;
mod texts_json;
mod trend;
pub mod verify;
mod watched_json;
#[cfg(test)]
mod watched_tests;

use crate::analysis::comparison::Comparison;
use crate::analysis::what_if::Projection;
use crate::metrics::{HistogramError, Verdict};

pub use capacity_json::{capacity as capacity_json, scaling as scaling_json};
pub use capacity_tables::{capacity_table, levels_table, points_table, usl_table};
pub use chart::Chart;
pub use document::{Align, Block, Column, Document, Mood, Table};
pub use facts::{FIGURES, Facts, RUN_FACTS};
pub use figures::{Figure, Place};
pub use files::{Format, NewFile, files, files_at};
pub use options::{MAX_COMMENT, ReportOptions, Section, Variant};
pub use paper::Paper;
pub use provenance::{Against, Provenance, REPORT_FORMAT};
pub use search_json::{probe as search_probe_json, search as search_json};
pub use sections::probes_table;
pub use templates::{TemplateError, TemplateName, Templates, by_template};
pub use texts::{
    Arranged, Mark, Outdated, OwnRecommendation, RecommendationTexts, ReportTexts, Stranger, TextHorizon,
    TextPlace, TextsError, inherit, read_texts, write_texts,
};
pub use trend::{TrendPaper, change_cells};

/// The benchmark report of a run as blocks, for those who draw it themselves.
pub fn document(paper: &Paper<'_>) -> Document {
    sections::document(paper)
}

/// The benchmark report of a run as Markdown: same paper, same bytes.
pub fn markdown(paper: &Paper<'_>) -> String {
    match paper.options.variant {
        Variant::PullRequest => comment::write(paper),
        Variant::Full | Variant::OnePage => markdown::write(&document(paper)) + &made_of_comment(paper),
    }
}

/// What stands at the end of a report as Markdown, for programs.
fn made_of_comment(paper: &Paper<'_>) -> String {
    format!("\n{}\n", Provenance::of(paper).comment())
}

/// The benchmark report of a run as one HTML file that asks for nothing outside it.
pub fn html(paper: &Paper<'_>) -> String {
    let mood = match paper.summary.verdict {
        Verdict::Pass => Mood::Good,
        Verdict::Inconclusive => Mood::Doubtful,
        Verdict::Fail => Mood::Bad,
    };
    let badge = html::Badge { text: paper.summary.verdict.name().to_owned(), mood };
    let is_one_sheet = paper.options.variant == Variant::OnePage;
    let page = html::Page { badge: Some(badge), is_one_sheet, comment: Provenance::of(paper).comment() };
    html::write(&document(paper), &page)
}

/// The run's numbers as JSON: the same figures as the Markdown, with base units in the key names.
pub fn json(paper: &Paper<'_>) -> serde_json::Value {
    json::run(paper)
}

/// One line per second of the run, with units in the header.
pub fn csv(paper: &Paper<'_>) -> Result<String, HistogramError> {
    csv::seconds(paper.record, &Provenance::of(paper))
}

/// One line per stage, step and service, all of them.
pub fn results_csv(paper: &Paper<'_>) -> String {
    results_csv::results(paper)
}

/// One line per error group, all of them; none where nothing failed.
pub fn errors_csv(paper: &Paper<'_>) -> Option<String> {
    results_csv::errors(paper)
}

/// One line per series of a monitor and stretch of the run, and one per limit; none where nothing was watched.
pub fn resources_csv(paper: &Paper<'_>) -> Option<String> {
    resources_csv::resources(paper)
}

/// Thresholds, budgets and the measurement's quality as JUnit XML, for pipelines that read nothing else.
pub fn junit(paper: &Paper<'_>) -> String {
    junit::suite(paper.record, paper.summary, &Provenance::of(paper))
}

/// A comparison as Markdown.
pub fn comparison_markdown(comparison: &Comparison) -> String {
    markdown::write(&comparison::document(comparison))
}

/// A comparison as one HTML file.
pub fn comparison_html(comparison: &Comparison) -> String {
    html::write(&comparison::document(comparison), &html::Page::default())
}

/// A comparison as JSON.
pub fn comparison_json(comparison: &Comparison) -> serde_json::Value {
    comparison_json::comparison(comparison)
}

/// A projection as JSON: as it is kept, with its words.
pub fn projection_json(projection: &Projection) -> serde_json::Value {
    projections_json::projection(projection)
}

/// A trend as Markdown.
pub fn trend_markdown(paper: &TrendPaper<'_>) -> String {
    markdown::write(&trend::document(paper))
}

/// A trend as one HTML file.
pub fn trend_html(paper: &TrendPaper<'_>) -> String {
    html::write(&trend::document(paper), &html::Page::default())
}

/// A trend as JSON.
pub fn trend_json(paper: &TrendPaper<'_>) -> serde_json::Value {
    trend::json(paper)
}

#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod size_tests;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::analysis::comparison::{CompareOptions, ComparedRun, Side, Stretches, compare};
    use crate::analysis::{Diagnosis, Summary, sample, summarize, summarize_kept};
    use crate::metrics::{
        Annotation, Calibration, EngineFacts, ErrorExemplar, ErrorGroup, KeptRun, Outcome, RunId, RunRecord,
    };
    use crate::model::{Metric, PlanChange, PlanChangeKind, Threshold, Window};

    /// A run with targets met and missed, a budget, errors, an annotation, and a name that means harm to tables.
    pub(super) fn eventful() -> RunRecord {
        let mut scenario = sample::scenario();
        scenario.journeys[0].steps[0].name = "List | courses".to_owned();
        scenario.thresholds = vec![
            sample::must(Metric::Quantile(0.95), 0.1),
            sample::must(Metric::ErrorShare, 0.001),
            sample::must(Metric::Throughput, 30.0),
            Threshold { window: Window::Stage("Spike (200)".to_owned()), ..sample::must(Metric::Max, 0.05) },
        ];
        scenario.services[0].budgets = vec![sample::budget_p95(40)];
        let mut record = sample::record(scenario);
        sample::add(&mut record, 35, 1, &[(Outcome::Status, Duration::from_millis(3)); 2]);
        record.error_groups.push(ErrorGroup {
            step: 1,
            outcome: Outcome::Status,
            signature: "HTTP 503".to_owned(),
            n_errors: 2,
            first_seen: Duration::from_secs(35),
            last_seen: Duration::from_millis(35_900),
            exemplars: vec![ErrorExemplar {
                at: Duration::from_secs(35),
                request: "GET http://10.0.0.7:4600/".to_owned(),
                detail: "503 Service Unavailable\n{\"error\": \"busy\"}".to_owned(),
                ..ErrorExemplar::default()
            }],
        });
        record
            .annotations
            .push(Annotation { at: Duration::from_secs(30), text: "Cache restarted".to_owned() });
        record.end.n_counted_by_target = Some(1_602);
        record.tags = vec!["nightly".to_owned()];
        record.start.engine = EngineFacts {
            transport: "wire".to_owned(),
            transport_reason: "nothing asks for more than HTTP/1.1".to_owned(),
            clock_grain: Some(Duration::from_nanos(30)),
            max_open_files: Some(1_048_576),
            ..record.start.engine
        };
        record.start.calibration = Some(Calibration {
            measured_at_unix_millis: 1_795_500_000_000,
            machine: "bench-1".to_owned(),
            transport: "wire".to_owned(),
            quick: false,
            requests_per_sec_per_worker: 24_100.0,
            requests_per_sec: 81_500.0,
            n_workers: 4,
            cpu_per_request: Duration::from_nanos(4_610),
            floor_p50: Duration::from_micros(62),
            floor_p99_9: Duration::from_micros(214),
            start_lag_p50: Duration::from_micros(22),
            start_lag_p99: Duration::from_micros(119),
        });
        record
    }

    /// The report of a run of which nothing but its numbers is told.
    fn markdown_of(record: &RunRecord, summary: &Summary) -> String {
        markdown(&Paper::new(record, summary, &Diagnosis::default()))
    }

    /// The same as JSON.
    fn json_of(record: &RunRecord, summary: &Summary) -> serde_json::Value {
        json(&Paper::new(record, summary, &Diagnosis::default()))
    }

    #[test]
    fn the_report_of_a_run_reads_like_this() {
        let KeptRun { record, history } = KeptRun::from(eventful());
        let summary = summarize(&record).unwrap().with_intervals(&record, &history).unwrap();
        insta::assert_snapshot!(markdown_of(&record, &summary));
        let p50 = &json_of(&record, &summary)["headline"]["intervals_95"]["p50"];
        assert_eq!(p50["n"], summary.headline.stats.response_time.n_samples());
    }

    #[test]
    fn a_comparison_reads_like_this() {
        let side = |record: RunRecord| {
            let KeptRun { record, history } = KeptRun::from(record);
            let summary = summarize(&record).unwrap();
            Side { runs: vec![ComparedRun::new(&record, &summary, &history, &Stretches::Held).unwrap()] }
        };
        let mut candidate = eventful();
        candidate.run_id = RunId(8);
        sample::add(&mut candidate, 20, 1, &[(Outcome::Ok, Duration::from_millis(90)); 80]);
        let sides = [side(sample::record(sample::scenario())), side(candidate)];
        let comparison = compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap();
        insta::assert_snapshot!(comparison_markdown(&comparison));
        let change = &comparison_json(&comparison)["changes"][0];
        assert_eq!(change["metric"], "p50");
        assert!(change["candidates"][0]["change"]["interval_95"][0].is_number());
    }

    #[test]
    fn the_sides_of_an_interleaved_run_read_like_this() {
        let run = KeptRun::from(sample::interleaved(125, 10, &sample::drifting(1.1)));
        let summary = summarize_kept(&run).unwrap();
        let text = markdown_of(&run.record, &summary);
        let from = text.find("## Baseline and candidate by turns").unwrap();
        let length = text[from..].find("\n## ").filter(|next| *next > 0).unwrap();
        insta::assert_snapshot!(&text[from..from + length]);
        assert!(
            text.contains(&summary.interleaved.as_ref().unwrap().sentence),
            "the executive summary says it"
        );
        let value = &json_of(&run.record, &summary)["interleaved"];
        assert_eq!((value["n_pairs"].as_u64(), value["left_out_secs"].as_f64()), (Some(6), Some(5.0)));
        let p95 = &value["whole"]["changes"][2];
        assert_eq!((p95["metric"].as_str(), p95["verdict"].as_str()), (Some("p95"), Some("worse")));
        let printed = crate::humanize::change(p95["change"].as_f64().unwrap());
        assert!(text.contains(&printed), "{printed}");
    }

    #[test]
    fn the_same_run_gives_the_same_bytes() {
        let record = eventful();
        let once = || markdown_of(&record, &summarize(&record).unwrap());
        assert_eq!(once(), once());
    }

    #[test]
    fn json_and_markdown_carry_the_same_p95() {
        let record = eventful();
        let summary = summarize(&record).unwrap();
        let p95_millis = json_of(&record, &summary)["headline"]["figures"]["response_time"]["p95_millis"]
            .as_f64()
            .unwrap();
        let printed = crate::humanize::latency_secs(p95_millis / 1e3);
        let text = markdown_of(&record, &summary);
        assert!(text.contains(&format!("the p95 response time is {printed}, ")), "{printed}");
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let row =
            text.lines().map(cells).find(|cells| cells.get(1).is_some_and(|name| name == "p95")).unwrap();
        assert_eq!(row[2], printed);
    }

    #[test]
    fn json_has_units_in_its_keys_and_null_where_nothing_was_measured() {
        let mut record = eventful();
        record.rows.clear();
        let value = json_of(&record, &summarize(&record).unwrap());
        assert_eq!(value["verdict"], "INCONCLUSIVE");
        assert!(value["headline"]["figures"]["response_time"]["p95_millis"].is_null());
        assert!(value["headline"]["figures"]["error_ratio"].is_null());
        assert_eq!(value["thresholds"][0]["unit"], "secs");
    }

    /// The same run as kept by a version that measured neither phases nor the generator.
    pub(super) fn old() -> RunRecord {
        let mut record = sample::record(sample::scenario());
        record.intervals.iter_mut().for_each(|interval| interval.load.generator = None);
        for row in &mut record.rows {
            row.stats.phases = Default::default();
            (row.stats.counters.n_connections, row.stats.counters.n_reconnects) = (0, 0);
        }
        KeptRun::from(record).record
    }

    #[test]
    fn what_an_old_run_did_not_measure_is_left_out_and_never_nought() {
        let record = old();
        let summary = summarize(&record).unwrap();
        let text = markdown_of(&record, &summary);
        for word in [
            "Phases of a request",
            "Connections opened",
            "open at once",
            "CPU per request",
            "Hiccup of",
            "in flight, mean",
        ] {
            assert!(!text.contains(word), "{word}");
        }
        let value = json_of(&record, &summary);
        let figures = &value["whole_run"];
        assert!(figures["n_connections"].is_null() && figures["connection_reuse_ratio"].is_null());
        assert_eq!(figures["phases"].as_object().unwrap().len(), 0);
        assert!(value["generator"]["cpu_per_request_micros"].is_null());
        assert!(value["calibration"].is_null());
        let table = csv(&Paper::new(&record, &summary, &Diagnosis::default())).unwrap();
        assert!(table.lines().skip(2).all(|line| line.ends_with(",,,,,")));
    }

    #[test]
    fn json_carries_phases_connections_and_the_generator() {
        let record = eventful();
        let value = json_of(&record, &summarize(&record).unwrap());
        let figures = &value["whole_run"];
        assert_eq!((&figures["n_connections"], &figures["n_reconnects"]), (&40.into(), &0.into()));
        assert_eq!(figures["phases"]["connect"]["n_samples"], 40);
        assert_eq!(figures["phases"]["send"]["p50_millis"], 0.02);
        assert!(figures["phases"]["tls"].is_null());
        assert_eq!(value["generator"]["max_connections"], 50);
        assert_eq!(value["engine"]["clock_grain_micros"], 0.03);
        assert_eq!(value["calibration"]["requests_per_sec"], 81_500.0);
    }

    #[test]
    fn pacing_is_told_where_a_journey_has_one() {
        let text = |pacing| {
            let mut scenario = sample::scenario();
            scenario.journeys[0].pacing = pacing;
            let record = sample::record(scenario);
            markdown_of(&record, &summarize(&record).unwrap())
        };
        assert!(!text(None).contains("Pacing"));
        let paced = text(Some(Duration::from_secs(2)));
        assert!(paced.contains("Think time | Pacing | Share of iterations |"), "{paced}");
        assert!(paced.contains("| 2 s  "), "{paced}");
    }

    #[test]
    fn changes_of_the_plan_are_told_with_their_time() {
        let mut record = sample::record(sample::scenario());
        record.plan_changes =
            vec![PlanChange { at: Duration::from_secs(35), kind: PlanChangeKind::SkipStage }];
        let summary = summarize(&record).unwrap();
        assert!(markdown_of(&record, &summary).contains("- At 0:35: skipped the rest of the stage"));
        let change = &json_of(&record, &summary)["plan_changes"][0];
        assert_eq!(change["at_secs"], 35.0);
        assert_eq!(change["change"], "skipped the rest of the stage");
    }
}
