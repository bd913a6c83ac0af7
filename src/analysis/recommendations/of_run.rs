//! What to do about a run as a whole: its targets, its length, its capacity, and what was never looked at.

use std::time::Duration;

use crate::analysis::{
    BudgetResult, Margin, Standing, Summary, ThresholdResult, ThresholdVerdict,
    capacity::SloCapacity,
    capitalized,
    findings::{Experiment, ScenarioChange},
    limit_text, metric_words, scope_words,
    words::unfinished_words,
};
use crate::humanize;
use crate::metrics::Verdict;
use crate::model::{Metric, Scope, ThresholdSeverity};

use super::{
    ALL_IS_WELL, Advised, Basis, BasisKind, Horizon, ProjectedEffect, Recommendation,
    projected::{halved_for_run, longest},
};

/// The shortest hold that counts as a soak.
const SOAK: Duration = Duration::from_secs(1_800);

/// How long a soak is recommended to be.
const LONG_SOAK: Duration = Duration::from_secs(3_600);

/// What is recommended weighs as much as the findings of these severities.
const MISSED: f64 = 88.0;
const NO_VERDICT: f64 = 95.0;
const HABIT: f64 = 20.0;
const LATER: f64 = 10.0;

pub fn of_run(run: &Advised<'_>) -> Vec<Recommendation> {
    let mut all = Vec::new();
    all.extend(no_verdict(run));
    all.extend(missed_targets(run));
    all.extend(all_is_well(run));
    all.extend(set_targets(run));
    all.extend(capacity(run));
    all.extend(keep_baseline(run));
    all.extend(soak(run));
    all.extend(watch_resources(run));
    all
}

fn recommend(
    (id, horizon, weight): (&str, Horizon, f64),
    title: impl Into<String>,
    words: impl Into<String>,
    stands_on: Vec<Basis>,
) -> Recommendation {
    Recommendation {
        id: id.to_owned(),
        horizon,
        title: title.into(),
        words: words.into(),
        stands_on,
        effect: ProjectedEffect::ChangesNothing,
        experiment: None,
        weight,
    }
}

fn is_must(result: &ThresholdResult) -> bool {
    result.threshold.severity == ThresholdSeverity::Must
}

fn target_id(result: &ThresholdResult) -> String {
    let threshold = &result.threshold;
    format!("target/{}/{}/{}", threshold.metric, threshold.scope, threshold.window)
}

/// A verdict that could not be given.
fn no_verdict(run: &Advised<'_>) -> Option<Recommendation> {
    let summary = run.summary;
    // An invalid measurement has a finding of its own.
    if summary.verdict != Verdict::Inconclusive || summary.quality.standing == Standing::Invalid {
        return None;
    }
    let reason = summary.reasons.first().cloned().unwrap_or_default();
    let (title, words) = if unfinished_words(run.record.end.finish).is_some() {
        (
            "Let the run go to its end",
            "A run that was cut short carries no verdict, since what was left out may be what fails.",
        )
    } else {
        (
            "Run longer, until each target can be judged",
            "Too little was measured for the targets that are named in the verdict: hold the stages longer, or ask for more.",
        )
    };
    let basis = Basis::new(BasisKind::Verdict, "verdict", reason);
    Some(Recommendation {
        experiment: Some(Experiment::again("again", "Run the same scenario again, to its end.")),
        ..recommend(("no-verdict", Horizon::Immediate, NO_VERDICT), title, words, vec![basis])
    })
}

fn missed_targets(run: &Advised<'_>) -> Vec<Recommendation> {
    let missed = run
        .summary
        .thresholds
        .iter()
        .filter(|result| is_must(result) && result.verdict == ThresholdVerdict::Fail);
    missed.filter_map(|result| missed_target(run, result)).collect()
}

fn missed_target(run: &Advised<'_>, result: &ThresholdResult) -> Option<Recommendation> {
    let (threshold, reading) = (&result.threshold, result.reading()?);
    let what = of_scope(threshold.metric, &threshold.scope);
    let margin = Margin::of(reading, threshold.limit).text();
    let basis = Basis::new(
        BasisKind::Threshold,
        target_id(result),
        format!(
            "{} ({}) was {}, and its limit is {}: {margin}.",
            capitalized(&what),
            result.window_words,
            reading.text(),
            limit_text(threshold.metric, threshold.limit)
        ),
    );
    let heaviest = run.findings.iter().find(|finding| finding.rests_on.is_none());
    let begin = match heaviest {
        Some(finding) => {
            format!("Begin with what was found and weighs most: {}.", finding.title().to_lowercase())
        }
        None => match longest(run.summary) {
            Some(step) => format!(
                "No rule found what limits it. Begin with step {}, on which the most time is spent in all.",
                run.summary.steps[step].name
            ),
            None => "No rule found what limits it.".to_owned(),
        },
    };
    let effect = match threshold.metric {
        Metric::Quantile(quantile) if threshold.scope == Scope::Run => {
            halved_for_run(run.summary, quantile).map(|(effect, _)| effect)
        }
        _ => None,
    };
    let mut stands_on = vec![basis];
    stands_on.extend(heaviest.map(Basis::of));
    let limit = limit_text(threshold.metric, threshold.limit);
    let direction = if threshold.metric.higher_is_better() { "at least" } else { "within" };
    Some(Recommendation {
        effect: effect.unwrap_or(ProjectedEffect::MeasureFirst),
        experiment: heaviest.map(|finding| finding.next_experiment.clone()),
        ..recommend(
            (&target_id(result), Horizon::Immediate, MISSED),
            format!("Bring {what} to {direction} {limit}"),
            begin,
            stands_on,
        )
    })
}

/// `p95 response time of service Mint`.
fn of_scope(metric: Metric, scope: &Scope) -> String {
    format!("{} of {}", metric_words(metric), scope_words(scope))
}

/// A limit that decides the verdict, and how far a run is from it.
struct Limit {
    id: String,
    what: String,
    margin: Margin,
}

impl Limit {
    /// Must-thresholds and service budgets of which something was measured.
    fn all(summary: &Summary) -> Vec<Self> {
        let of_threshold = |result: &ThresholdResult| {
            let threshold = &result.threshold;
            Some(Self {
                id: target_id(result),
                what: of_scope(threshold.metric, &threshold.scope),
                margin: Margin::of(result.reading()?, threshold.limit),
            })
        };
        let of_budget = |result: &BudgetResult| {
            let (service, budget) = (&result.service, &result.budget);
            Some(Self {
                id: format!("budget/{service}/{}", budget.metric),
                what: of_scope(budget.metric, &Scope::Service(service.clone())),
                margin: Margin::of(result.reading()?, budget.limit),
            })
        };
        let musts = summary.thresholds.iter().filter(|result| is_must(result));
        musts.filter_map(of_threshold).chain(summary.budgets.iter().filter_map(of_budget)).collect()
    }
}

/// No limit was found and all targets are met: what is nearest to its limit is what to watch.
fn all_is_well(run: &Advised<'_>) -> Option<Recommendation> {
    if run.summary.verdict != Verdict::Pass || run.findings.iter().any(|finding| finding.rule.is_limit()) {
        return None;
    }
    let limits = Limit::all(run.summary);
    let room = |limit: &&Limit| limit.margin.room_ratio();
    let closest = limits.iter().filter(|limit| room(limit).is_some());
    let closest = closest.min_by(|a, b| room(a).unwrap_or(0.0).total_cmp(&room(b).unwrap_or(0.0)));
    let verdict = run.summary.reasons.first().cloned().unwrap_or_default();
    let mut stands_on = vec![Basis::new(BasisKind::Verdict, "verdict", verdict)];
    let watch = match closest {
        Some(Limit { id, what, margin }) => {
            let margin = margin.text();
            let words = format!("{} is nearest to its limit: {margin}.", capitalized(what));
            stands_on.push(Basis::new(BasisKind::Threshold, id.clone(), words));
            format!("Watch {what}, which is nearest to its limit ({margin}).")
        }
        None => "Watch response time and error share where the target is used.".to_owned(),
    };
    let words = format!("All targets that were set are met, and no rule found a limit. {watch}");
    let id = (ALL_IS_WELL, Horizon::Immediate, HABIT);
    Some(recommend(id, "Nothing has to be changed now", words, stands_on))
}

fn set_targets(run: &Advised<'_>) -> Option<Recommendation> {
    let scenario = &run.record.start.scenario;
    let is_set = scenario.thresholds.iter().any(|threshold| threshold.severity == ThresholdSeverity::Must);
    (!is_set).then(|| {
        recommend(
            ("set-targets", Horizon::ShortTerm, HABIT + 5.0),
            "Set targets that a run must keep",
            "Without a must-threshold nothing fails, whatever is measured. Set at least p95 response time and error share of \
             the run; limits can be proposed from this run.",
            vec![Basis::new(BasisKind::Verdict, "verdict", "The scenario has no must-threshold.")],
        )
    })
}

fn capacity(run: &Advised<'_>) -> Option<Recommendation> {
    let basis = |words: String| vec![Basis::new(BasisKind::Capacity, "capacity", words)];
    let sentence = run.capacity.slo_sentence();
    if let Some(headroom) = run.capacity.headroom.filter(|headroom| headroom.ratio < 0.0) {
        let words = run.capacity.headroom_sentence().unwrap_or_default();
        let lacking = humanize::rate(headroom.demand.requests_per_sec - headroom.capacity_per_sec);
        return Some(recommend(
            ("capacity", Horizon::ShortTerm, 75.0),
            "Raise the capacity to the demand, or the demand to what can be borne",
            format!(
                "What was shown is {lacking} short of the demand: add workers or instances, and measure again."
            ),
            basis(words),
        ));
    }
    let (title, words) = match &run.capacity.slo {
        SloCapacity::NoLevels => (
            "Hold levels, so that a capacity can be told",
            "Put a stage of one level after each ramp, a minute and longer, from low to beyond what is expected.",
        ),
        SloCapacity::Reached(estimate) if estimate.is_at_least() => (
            "Find where the capacity ends",
            "The highest level that was tested met its targets, so that the end was not seen: search for it, or hold higher \
             levels.",
        ),
        SloCapacity::NotMonotone { .. } => (
            "Test the levels again",
            "A higher level met the targets and a lower one missed them: something else than load decided one of the two.",
        ),
        _ => return None,
    };
    Some(Recommendation {
        experiment: higher(run),
        ..recommend(("capacity", Horizon::LongTerm, HABIT), title, words, basis(sentence))
    })
}

/// Levels up to twice the highest that was held.
fn higher(run: &Advised<'_>) -> Option<Experiment> {
    let load = &run.record.start.scenario.load;
    let peak = load.peak();
    (peak > 0.0).then(|| Experiment {
        name: "higher levels".to_owned(),
        words: "Hold rising levels up to twice the highest that was held.".to_owned(),
        changes: vec![ScenarioChange::staircase(
            load,
            &[0.5, 0.75, 1.0, 1.25, 1.5, 2.0].map(|share| share * peak),
            Duration::from_secs(120),
        )],
    })
}

fn keep_baseline(run: &Advised<'_>) -> Option<Recommendation> {
    let is_beside_another = run.record.is_baseline || run.summary.interleaved.is_some();
    let passed = run.summary.verdict == Verdict::Pass;
    (!is_beside_another && passed).then(|| {
        recommend(
            ("baseline", Horizon::ShortTerm, HABIT),
            "Keep this run as the baseline, and repeat it",
            "Mark it as the baseline, repeat it at least five times to learn how far runs differ by themselves, and compare \
             each build with it.",
            vec![Basis::new(BasisKind::Run, "baseline", "The run passed and is no baseline yet.")],
        )
    })
}

fn soak(run: &Advised<'_>) -> Option<Recommendation> {
    let longest = run
        .summary
        .stages
        .iter()
        .filter(|stage| stage.start_level == stage.end_level)
        .map(|stage| stage.measured);
    let longest = longest.max().unwrap_or(Duration::ZERO);
    if longest >= SOAK || run.summary.verdict != Verdict::Pass {
        return None;
    }
    let load = &run.record.start.scenario.load;
    let basis = Basis::new(
        BasisKind::Run,
        "length",
        format!("The longest stage that held its level took {}.", humanize::span(longest)),
    );
    Some(Recommendation {
        experiment: Some(Experiment {
            name: "soak".to_owned(),
            words: format!("Hold half of the highest level for {}.", humanize::span(LONG_SOAK)),
            changes: vec![ScenarioChange::hold(load, load.peak() / 2.0, LONG_SOAK)],
        }),
        ..recommend(
            ("soak", Horizon::LongTerm, LATER + 2.0),
            "Hold a moderate load for an hour and longer",
            "What grows slowly (memory, connections, queues, tables) shows in hours only.",
            vec![basis],
        )
    })
}

fn watch_resources(run: &Advised<'_>) -> Option<Recommendation> {
    let is_shared = crate::analysis::is_loopback(&run.record.start.base_url);
    (!is_shared).then(|| {
        recommend(
            ("resources", Horizon::LongTerm, LATER),
            "Watch the target's resources during runs",
            "The machine that made the load was watched, the target was not: with its processors, memory, pools and database \
             beside the load, a finding can name what is full.",
            vec![Basis::new(BasisKind::Run, "resources", "No resource of the target was measured.")],
        )
    })
}
