//! What is recommended for runs of which it is known what is wrong.

use super::*;
use crate::analysis::findings::made::{Answer, Asked, Made, Random, around};
use crate::analysis::{Diagnosis, sample, summarize_precisely};
use crate::metrics::{Finish, KeptRun};
use crate::model::{Metric, Scenario, validate};

fn of_run(run: &KeptRun) -> (Diagnosis, Summary) {
    let summary = summarize_precisely(run).unwrap();
    let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
    for one in &diagnosis.recommendations {
        assert!(
            !one.stands_on.is_empty() && one.stands_on.iter().all(|basis| !basis.words.is_empty()),
            "{one:#?}"
        );
        assert!(!one.title.is_empty() && one.words.ends_with('.'), "{one:#?}");
        if let Some(text) = one.effect.text() {
            assert!(text == MEASURE_FIRST || text.starts_with("Model, not measured: "), "{text}");
            let has_experiment = one.experiment.is_some() || one.id.matches('/').count() > 1;
            assert!(text != MEASURE_FIRST || has_experiment, "what is to be measured first: {one:#?}");
        }
        if let Some(next) = &one.experiment {
            let changed = next.apply(&run.record.start.scenario);
            assert!(validate(&changed).iter().all(|problem| !problem.is_error()), "{next:#?}");
        }
    }
    let mut ids: Vec<&str> = diagnosis.recommendations.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    let n_all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), n_all, "each has an id of its own: {ids:?}");
    (diagnosis, summary)
}

fn one<'a>(diagnosis: &'a Diagnosis, id: &str) -> &'a Recommendation {
    let all = &diagnosis.recommendations;
    all.iter().find(|one| one.id == id).unwrap_or_else(|| {
        panic!("{id}: {:#?}", all.iter().map(|one| (&one.id, &one.title)).collect::<Vec<_>>())
    })
}

fn slow_buying(asked: &Asked, random: &mut Random) -> Answer {
    Answer::after(around(random, if asked.step == 2 { 0.08 } else { 0.01 }))
}

#[test]
fn a_service_over_its_budget_begins_with_its_slowest_step_and_a_model_of_halving_it() {
    let made = |seed| {
        let mut made = Made::open(&[(60, 20.0)]).seeded(seed);
        made.scenario.services[1].budgets = vec![sample::budget_p95(100)];
        of_run(&made.run(&mut slow_buying)).0
    };
    let first = made(1);
    let budget = one(&first, "over-budget/service:shop");
    assert_eq!(budget.horizon, Horizon::ShortTerm);
    assert!(budget.words.contains("step buy"), "{}", budget.words);
    let ProjectedEffect::Model { words, figures, .. } = &budget.effect else { panic!("{budget:#?}") };
    assert!(words.starts_with("step buy: p95 ") && words.contains(" → "), "{words}");
    let (base, best) = (figures[0].value.unwrap(), figures[1].value.unwrap());
    assert!((best / base - 0.5).abs() < 0.02, "{words}");
    assert_eq!(budget.stands_on[0].id, "over-budget/service:shop");
    let step = one(&first, "dominating-step/step:buy");
    assert!(step.words.contains("Halving it would save"), "{}", step.words);
    // Another run of the same scenario has the same ids, so that what the analyst wrote stays with them.
    let again = made(2);
    let ids = |diagnosis: &Diagnosis| -> Vec<String> {
        diagnosis.recommendations.iter().map(|one| one.id.clone()).collect()
    };
    assert_eq!(ids(&first), ids(&again));
}

#[test]
fn a_missed_target_comes_first_with_what_was_found() {
    let mut made = Made::open(&[(60, 20.0)]);
    made.scenario.thresholds = vec![sample::must(Metric::Quantile(0.95), 0.03)];
    let (diagnosis, _) = of_run(&made.run(&mut slow_buying));
    let target = &diagnosis.recommendations[0];
    assert_eq!((target.id.as_str(), target.horizon), ("target/p95/run/steady", Horizon::Immediate));
    assert!(
        target.words.starts_with("Begin with what was found and weighs most: one step dominates"),
        "{}",
        target.words
    );
    assert_eq!(target.stands_on.len(), 2);
    assert!(target.effect.text().unwrap().contains("the run: p95 "), "{:?}", target.effect);
}

#[test]
fn connections_that_would_be_kept_save_what_opening_them_took() {
    let mut opening = |asked: &Asked, random: &mut Random| Answer {
        opening: Some((0.005, 0.0)),
        ..Answer::after(around(random, if asked.step < 9 { 0.02 } else { 0.0 }))
    };
    let (diagnosis, summary) = of_run(&Made::open(&[(60, 20.0)]).run(&mut opening));
    let ProjectedEffect::Model { figures, .. } = &one(&diagnosis, "connection-churn/run").effect else {
        panic!("{:#?}", diagnosis.recommendations)
    };
    let mean = summary.headline.stats.service_time.mean().unwrap().as_secs_f64();
    assert!((figures[0].value.unwrap() - mean).abs() < 1e-9);
    assert!((figures[0].value.unwrap() - figures[1].value.unwrap() - 0.005).abs() < 0.0002, "{figures:?}");
}

#[test]
fn where_all_is_well_it_says_what_to_watch_and_what_to_test_next() {
    let mut made = Made::open(&[(30, 20.0), (120, 40.0)]);
    made.scenario.thresholds =
        vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::ErrorShare, 0.01)];
    let mut sound = |_: &Asked, random: &mut Random| Answer::after(around(random, 0.02));
    let (diagnosis, summary) = of_run(&made.run(&mut sound));
    assert!(diagnosis.findings.is_empty(), "{:#?} {:?}", diagnosis.findings, summary.reasons);
    let watch = one(&diagnosis, "watch");
    assert!(watch.words.contains("Watch p95 response time of the run"), "{}", watch.words);
    assert_eq!(one(&diagnosis, "soak").horizon, Horizon::LongTerm);
    one(&diagnosis, "baseline");
    one(&diagnosis, "resources");
    let capacity = one(&diagnosis, "capacity");
    assert!(capacity.title.contains("where the capacity ends"), "{capacity:#?}");
    assert!(diagnosis.recommendations.is_sorted_by(|a, b| a.horizon <= b.horizon));
}

#[test]
fn a_run_without_targets_or_without_an_end_is_told_so() {
    let (diagnosis, _) = of_run(&KeptRun::from(sample::record(sample::scenario())));
    one(&diagnosis, "set-targets");
    let scenario =
        Scenario { thresholds: vec![sample::must(Metric::Quantile(0.95), 0.1)], ..sample::scenario() };
    let mut record = sample::record(scenario);
    sample::cut(&mut record, Finish::Stopped, 25);
    let (diagnosis, _) = of_run(&KeptRun::from(record));
    assert!(one(&diagnosis, "no-verdict").title.contains("to its end"));
    assert!(diagnosis.recommendations.iter().all(|one| one.id != "baseline"));
}
