//! Reports of very long scenarios stay readable, and say what they leave out.

use std::time::Duration;

use super::{charts::tests::Known, format_tests::read, *};
use crate::analysis::sample;
use crate::metrics::{Annotation, ErrorGroup, Outcome, RunRecord};
use crate::model::{Budget, Journey, Metric, Scope, Service, Shape, Stage, Step, Threshold};

const N_STEPS: usize = 2_000;
const N_SERVICES: usize = 100;
const N_STAGES: usize = 120;

/// Two thousand steps of a hundred services in ten journeys for four seconds; two are slow, one fails.
pub fn many_steps() -> RunRecord {
    let mut scenario = sample::scenario();
    let stage = Stage {
        name: "Hold".to_owned(),
        duration: Duration::from_secs(4),
        end_level: 50.0,
        shape: Shape::Step,
    };
    (scenario.load.stages, scenario.load.warm_up) = (vec![stage], Duration::ZERO);
    let step = |index: usize| Step {
        service: Some(format!("service {}", index % N_SERVICES)),
        ..Step::get(format!("Step number {index} of the long journey"), "/a/path")
    };
    let journey = |journey: usize| Journey {
        steps: (0..N_STEPS / 10).map(|index| step(journey * N_STEPS / 10 + index)).collect(),
        ..Journey::new(format!("Journey {journey}"))
    };
    scenario.journeys = (0..10).map(journey).collect();
    scenario.services = (0..N_SERVICES)
        .map(|index| Service {
            name: format!("service {index}"),
            budgets: vec![Budget { metric: Metric::Quantile(0.95), limit: 0.05 }],
        })
        .collect();
    scenario.thresholds = (0..N_STEPS)
        .map(|index| Threshold {
            scope: Scope::Step(format!("Step number {index} of the long journey")),
            ..sample::must(Metric::Quantile(0.95), 0.2)
        })
        .collect();
    let mut record = sample::record(scenario);
    let mut n = 0;
    sample::redraw(&mut record, 20, |step| {
        n += 1;
        let millis = if step == 1_234 || step == 77 { 900 } else { 10 + n % 13 };
        let outcome = if step == 500 { Outcome::Status } else { Outcome::Ok };
        (outcome, Duration::from_millis(millis))
    });
    for index in 0..400u16 {
        record.error_groups.push(ErrorGroup {
            step: index,
            outcome: Outcome::Status,
            signature: format!("HTTP 5{index:02} of its own"),
            n_errors: u64::from(index) + 1,
            first_seen: Duration::from_secs(1),
            last_seen: Duration::from_secs(3),
            exemplars: Vec::new(),
        });
    }
    let note =
        |index: u64| Annotation { at: Duration::from_millis(index * 4), text: format!("Note {index}") };
    record.annotations.extend((0..900).map(note));
    record
}

#[test]
fn two_thousand_steps_give_a_report_that_can_be_read() {
    let known = Known::of(many_steps());
    let paper = known.paper();
    let text = markdown(&paper);
    assert!(text.len() < 250_000, "{} bytes", text.len());
    let html = html(&paper);
    assert!(html.len() < 700_000, "{} bytes", html.len());
    let read = read(&text);
    assert!(read.tables.iter().all(|rows| rows.len() <= 250), "{:?}", read.tables.iter().map(Vec::len).max());
    // What matters is there: what is over its limit, and what failed.
    let steps = section(&text, "## Results per step");
    for name in ["Step number 1234 of", "Step number 77 of", "Step number 500 of"] {
        assert!(steps.contains(name), "{name}: {steps}");
    }
    assert!(steps.contains("1,950 other steps together"), "{steps}");
    assert!(steps.contains("50 of 2,000 steps are shown"), "{steps}");
    assert!(section(&text, "### Events").contains("850 more events not listed"));
    assert!(section(&text, "## Baseline metrics").contains("1,950 other thresholds together"));
    assert!(section(&text, "### Error groups").contains("380 groups with fewer errors are left out"));
}

/// From a heading to the next of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let from = text.find(&format!("\n{heading}")).unwrap_or_else(|| panic!("no {heading}"));
    let level = heading.split(' ').next().unwrap();
    let rest = &text[from + 1..];
    rest.match_indices(&format!("\n{level} ")).next().map_or(rest, |(end, _)| &rest[..end])
}

#[test]
fn the_rows_and_the_row_of_others_add_up_to_all_requests() {
    let known = Known::of(many_steps());
    let text = markdown(&known.paper());
    let steps = section(&text, "## Results per step");
    let requests =
        steps.lines().filter(|line| line.starts_with("| Step number") || line.contains("other steps"));
    let requests = requests.map(|line| {
        let cell = line.split('|').nth(4).unwrap().trim().replace(',', "");
        cell.parse::<u64>().unwrap_or_else(|_| panic!("{line}"))
    });
    assert_eq!(requests.sum::<u64>(), known.summary.headline.stats.counters.n_requests());
}

#[test]
fn the_csv_has_what_the_report_leaves_out() {
    let known = Known::of(many_steps());
    let files = files(&known.paper(), Format::Csv, "report.csv").unwrap();
    let lines = |index: usize| String::from_utf8(files[index].bytes.clone()).unwrap().lines().count();
    assert_eq!(
        files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["report.csv", "report-results.csv", "report-errors.csv"]
    );
    assert_eq!((lines(0), lines(1), lines(2)), (1 + 4, 1 + 1 + N_STEPS + N_SERVICES, 1 + 400));
}

#[test]
fn many_stages_are_put_together_with_their_own_windows() {
    let mut scenario = sample::scenario();
    let stage = |index: usize| Stage {
        name: format!("Hold {index}"),
        duration: Duration::from_secs(1),
        end_level: index as f64 + 1.0,
        shape: Shape::Step,
    };
    (scenario.load.stages, scenario.load.warm_up) = ((0..N_STAGES).map(stage).collect(), Duration::ZERO);
    let known = Known::of(sample::record(scenario));
    let text = markdown(&known.paper());
    let stages = section(&text, "## Results per stage");
    let others = stages.lines().find(|line| line.starts_with("| 70 other stages together")).unwrap();
    let cells: Vec<&str> = others.split('|').map(str::trim).collect();
    // 40 requests a second, in 70 stages of a second each.
    assert_eq!(&cells[2..6], ["1 min 10 s", "–", "2,800", "40.0/s"], "{others}");
    assert!(section(&text, "## Context").contains("70 other stages together"));
    assert!(
        section(&text, "## Resources").contains("Not listed: 100 other stages"),
        "{}",
        section(&text, "## Resources")
    );
    for file in files(&known.paper(), Format::Markdown, "report.md").unwrap() {
        assert!(file.bytes.len() < 200_000, "{}: {}", file.path, file.bytes.len());
    }
}
