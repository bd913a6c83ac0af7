//! Bottlenecks, recommendations and checklist as they are read, and as JSON.

use super::*;
use crate::analysis::findings::made::{Answer, Asked, Made, Random, around};
use crate::analysis::{Diagnosis, sample, summarize_precisely};
use crate::metrics::KeptRun;
use crate::model::{Metric, Service, Step};

/// The sections that are looked at.
fn options() -> ReportOptions {
    ReportOptions {
        sections: vec![Section::Bottlenecks, Section::Recommendations, Section::Checklist],
        ..ReportOptions::default()
    }
}

fn told(run: &KeptRun) -> (String, serde_json::Value) {
    let summary = summarize_precisely(run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    let paper = Paper { options: options(), ..Paper::new(&run.record, &summary, &diagnosis) };
    (markdown(&paper), json(&paper))
}

fn slow_buying(asked: &Asked, random: &mut Random) -> Answer {
    let opening = asked.n_before.is_multiple_of(3).then_some((0.001, 0.0));
    Answer { opening, ..Answer::after(around(random, if asked.step == 2 { 0.08 } else { 0.01 })) }
}

fn with_faults() -> KeptRun {
    let mut made = Made::open(&[(30, 10.0), (60, 20.0)]);
    made.scenario.services[1].budgets = vec![sample::budget_p95(100)];
    made.scenario.thresholds =
        vec![sample::must(Metric::Quantile(0.95), 0.05), sample::must(Metric::ErrorShare, 0.01)];
    made.run(&mut slow_buying)
}

#[test]
fn findings_recommendations_and_checklist_read_like_this() {
    insta::assert_snapshot!(told(&with_faults()).0);
}

#[test]
fn where_nothing_was_found_the_report_says_what_was_looked_for() {
    let mut sound = |_: &Asked, random: &mut Random| Answer::after(around(random, 0.02));
    let mut made = Made::open(&[(30, 20.0), (150, 40.0)]);
    made.scenario.thresholds =
        vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::ErrorShare, 0.01)];
    insta::assert_snapshot!(told(&made.run(&mut sound)).0);
}

#[test]
fn what_is_printed_of_a_finding_is_in_the_json_with_its_unit() {
    let (text, value) = told(&with_faults());
    let findings = value["findings"].as_array().unwrap();
    assert!(findings.len() >= 3, "{findings:#?}");
    for finding in findings {
        assert!(text.contains(&finding["claim"].as_str().unwrap()[..20]), "{finding:#}");
        for figure in finding["figures"].as_array().unwrap() {
            assert!(text.contains(figure["printed"].as_str().unwrap()), "{figure:#}");
            assert!(figure["unit"].is_string());
        }
        let stages = &finding["next_experiment"]["changes"];
        assert!(stages.as_array().is_some_and(|changes| !changes.is_empty()), "{finding:#}");
    }
    let budget = findings.iter().find(|finding| finding["rule"] == "over-budget").unwrap();
    assert_eq!((budget["id"].as_str(), budget["unit"].is_null()), (Some("over-budget/service:shop"), true));
    let effects = value["recommendations"].as_array().unwrap().iter().map(|one| &one["projected_effect"]);
    assert!(effects.clone().any(|effect| effect["is_model"] == true) && effects.count() >= 3);
    assert_eq!(value["checklist"]["readiness"], "not-ready");
    assert_eq!(value["checklist"]["rows"].as_array().unwrap().len(), 9);
}

#[test]
fn many_findings_are_bounded_and_the_rest_is_counted() {
    let mut scenario = sample::scenario();
    for index in 0..60 {
        let name = format!("service {index}");
        let step = Step { service: Some(name.clone()), ..Step::get(format!("step {index}"), "/") };
        scenario.journeys[0].steps.push(step);
        scenario.services.push(Service { name, budgets: vec![sample::budget_p95(10)] });
    }
    let (text, value) = told(&KeptRun::from(sample::record(scenario)));
    let n_found = value["findings"].as_array().unwrap().len();
    assert!(n_found >= 60, "{n_found}");
    assert!(text.contains("### 12. ") && !text.contains("### 13. "));
    // 12 in full and 40 in a table.
    assert!(text.contains(&format!("{} lighter ones are left out", n_found - 52)), "{n_found}");
    assert!(text.len() < 60_000, "{}", text.len());
}
