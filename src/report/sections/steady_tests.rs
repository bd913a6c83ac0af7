//! What a report says of warm-up, steady state, availability, error budget and Apdex.

use std::time::Duration;

use crate::analysis::{Diagnosis, sample, summarize_precisely};
use crate::metrics::{ErrorGroup, GroupErrors, KeptRun, Outcome};
use crate::model::{Metric, ServiceLevelOptions};
use crate::report::{Paper, json, markdown};

/// Two minutes at one level, the first half minute of which is slower; some answers are 503.
fn eventful() -> KeptRun {
    let mut scenario = sample::hold(120);
    scenario.load.warm_up = Duration::from_secs(5);
    scenario.thresholds = vec![sample::must(Metric::Availability, 0.995)];
    scenario.service_levels = ServiceLevelOptions {
        apdex: Some(Duration::from_millis(50)),
        exclude_steps: vec!["Sign in".to_owned()],
        ..ServiceLevelOptions::default()
    };
    let mut record = sample::record(scenario);
    let wave = |second: u32| if second.is_multiple_of(2) { 1.01 } else { 0.99 };
    let typical = |second: u32| (if second < 30 { 80.0 } else { 40.0 }) * wave(second) / 1e3;
    record.error_groups.push(ErrorGroup {
        step: 0,
        outcome: Outcome::Status,
        signature: "HTTP 503".to_owned(),
        n_errors: 24,
        first_seen: Duration::from_secs(60),
        last_seen: Duration::from_secs(64),
        exemplars: Vec::new(),
    });
    sample::kept(record, |mut interval| {
        let secs = typical(interval.second);
        sample::pace(&mut interval, Duration::from_secs_f64(secs));
        if (60..64).contains(&interval.second) {
            let counters = &mut interval.rows[0].stats.counters;
            counters.n_by_outcome[Outcome::Status as usize] += 6;
            counters.n_by_status_class[5] += 6;
            interval.errors.push(GroupErrors { group: 0, n_errors: 6 });
        }
        Some(interval)
    })
}

/// A section of the report up to the next.
fn section(text: &str, title: &str) -> String {
    let from = text.find(&format!("## {title}")).unwrap_or_else(|| panic!("{title} is missing in\n{text}"));
    let length = text[from + 3..].find("\n## ").map_or(text.len() - from, |length| length + 4);
    text[from..from + length].to_owned()
}

#[test]
fn warm_up_and_service_levels_read_like_this() {
    let run = eventful();
    let summary = summarize_precisely(&run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let paper = Paper::new(&run.record, &summary, &diagnosis);
    let text = markdown(&paper);
    insta::assert_snapshot!("steadiness", section(&text, "Warm-up and steady state"));
    insta::assert_snapshot!("service_levels", section(&text, "Availability, error budget and Apdex"));
    let value = json(&paper);
    let parts =
        serde_json::json!({ "steadiness": value["steadiness"], "service_levels": value["service_levels"] });
    insta::assert_snapshot!("steady_json", format!("{parts:#}"));
    assert_eq!(markdown(&paper), text);
}

#[test]
fn by_the_usual_rule_the_report_prints_one_availability() {
    let mut run = eventful();
    run.record.start.scenario.service_levels.exclude_steps.clear();
    let summary = summarize_precisely(&run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let text = markdown(&Paper::new(&run.record, &summary, &diagnosis));
    let printed = crate::humanize::percent(summary.headline.metric(Metric::Availability).unwrap());
    let baseline = section(&text, "Baseline metrics against targets");
    let levels = section(&text, "Availability, error budget and Apdex");
    let cells = |text: &str, first: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(&format!("| {first}"))).unwrap();
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    assert_eq!(cells(&baseline, "availability")[4], printed);
    assert_eq!(cells(&levels, "by requests")[5], printed);
    assert!(levels.contains("Availability by requests is that of the baseline metrics."));
}

#[test]
fn without_a_diagnosis_neither_section_says_anything() {
    let run = eventful();
    let summary = summarize_precisely(&run).unwrap();
    let diagnosis = Diagnosis::default();
    let paper = Paper::new(&run.record, &summary, &diagnosis);
    let text = markdown(&paper);
    assert!(!text.contains("Warm-up and steady state") && !text.contains("error budget"));
    assert!(json(&paper)["steadiness"].is_null() && json(&paper)["service_levels"].is_null());
}
