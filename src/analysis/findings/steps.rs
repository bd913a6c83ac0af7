//! One step dominating its journey's time, and services over their budgets.

use std::time::Duration;

use crate::analysis::{
    BudgetResult, ScopeRow, ThresholdVerdict, capitalized, limit_text, limit_words, metric_words,
};
use crate::humanize;
use crate::model::Metric;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    ScenarioChange, SharePart, weight,
};

/// Requests of each step that its share has to stand on.
const MIN_REQUESTS: u64 = 30;

/// The share of a journey's time from which a step dominates it, in journeys of many steps; ours.
const MIN_SHARE: f64 = 0.4;
/// Of fewer steps it takes twice an equal part, and never more than this.
const ENOUGH: f64 = 0.75;

/// How long the experiment holds its level.
const HOLD: Duration = Duration::from_secs(300);

pub fn dominating_steps(grounds: &Grounds<'_>) -> Vec<Finding> {
    let journeys = grounds.scenario().enabled_journeys();
    journeys.filter_map(|(index, journey)| dominating_step(grounds, index, &journey.name)).collect()
}

fn dominating_step(grounds: &Grounds<'_>, journey: usize, name: &str) -> Option<Finding> {
    let sent = grounds.scenario().sent_steps().zip(&grounds.summary.steps);
    let rows: Vec<&ScopeRow> = sent.filter(|((_, of, _), _)| *of == journey).map(|(_, row)| row).collect();
    let mut parts = Vec::new();
    for row in &rows {
        let response_time = &row.aggregate.stats.response_time;
        if response_time.n_samples() < MIN_REQUESTS {
            return None;
        }
        parts.push((*row, response_time.mean()?.as_secs_f64()));
    }
    if parts.len() < 2 {
        return None;
    }
    let whole: f64 = parts.iter().map(|(_, mean)| mean).sum();
    let needed = (2.0 / parts.len() as f64).clamp(MIN_SHARE, ENOUGH);
    parts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let (step, mean) = parts[0];
    let share = mean / whole;
    if whole <= 0.0 || share < needed {
        return None;
    }
    let (seconds, window) = grounds.headline_window();
    let confidence = Confidence::high(format!(
        "{} in the window, each timed",
        humanize::counted(step.aggregate.stats.response_time.n_samples(), "request")
    ));
    Some(Finding {
        rule: Rule::DominatingStep,
        scope: step.scope.clone(),
        claim: format!(
            "Step {} takes {} of the time that a user of journey {name} waits for answers: {} of {} on average.",
            step.name,
            humanize::percent(share),
            humanize::latency_secs(mean),
            humanize::latency_secs(whole)
        ),
        evidence: Evidence {
            seconds,
            window,
            figures: figures(&parts, whole),
            chart: EvidenceChart::Shares {
                what: "Mean response time by step".to_owned(),
                unit: FigureUnit::Seconds,
                parts: parts
                    .iter()
                    .map(|(row, mean)| SharePart { name: row.name.clone(), value: *mean })
                    .collect(),
            },
        },
        weight: weight(Rule::DominatingStep, &confidence, share),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The step may do the journey's real work: a large share is no fault by itself, only where a change pays most."
                .to_owned(),
            "It may wait for something that other steps keep busy.".to_owned(),
        ],
        next_experiment: alone(grounds, name),
    })
}

/// The journey without others, or where there are none, under little load.
fn alone(grounds: &Grounds<'_>, name: &str) -> Experiment {
    let load = &grounds.scenario().load;
    let level = grounds.plan.peak_level();
    if grounds.scenario().enabled_journeys().count() == 1 {
        return Experiment {
            name: "a quarter of the load".to_owned(),
            words: format!(
                "Hold {}: if the step is as slow, its own work takes the time; if it is faster, it waits for its turn.",
                grounds.level_text(level / 4.0)
            ),
            changes: vec![ScenarioChange::hold(load, level / 4.0, HOLD)],
        };
    }
    Experiment {
        name: format!("journey {name} alone"),
        words: format!(
            "Run journey {name} alone under the same load: if the step is as slow, its own work takes the time; if it is \
             faster, it waits for what the others use."
        ),
        changes: vec![
            ScenarioChange::OnlyJourneys(vec![name.to_owned()]),
            ScenarioChange::hold(load, level, HOLD),
        ],
    }
}

fn figures(parts: &[(&ScopeRow, f64)], whole: f64) -> Vec<Figure> {
    let (first, mean) = parts[0];
    let mut figures = vec![
        Figure::share("Share of the journey's response times", mean / whole),
        Figure::secs(format!("Mean response time of step {}", first.name), mean).keyed(FigureKey::StepMean),
        Figure::secs("Mean response times of all its steps together", whole).keyed(FigureKey::JourneyMean),
    ];
    if let Some((second, mean)) = parts.get(1) {
        figures.push(Figure::secs(format!("The next is step {}, mean", second.name), *mean));
    }
    if let Some(p95) = first.aggregate.stats.response_time.quantile(0.95) {
        figures.push(Figure::latency(format!("p95 of step {}", first.name), p95));
    }
    figures
}

pub fn over_budget(grounds: &Grounds<'_>) -> Vec<Finding> {
    let services = grounds.summary.services.iter();
    services.filter_map(|service| service_over_budget(grounds, service)).collect()
}

fn service_over_budget(grounds: &Grounds<'_>, service: &ScopeRow) -> Option<Finding> {
    let of_service = |result: &&BudgetResult| result.service == service.name;
    let over: Vec<&BudgetResult> = grounds
        .summary
        .budgets
        .iter()
        .filter(of_service)
        .filter(|result| result.verdict == ThresholdVerdict::Fail)
        .collect();
    let worst = *over.iter().max_by(|a, b| excess(a).total_cmp(&excess(b)))?;
    let metric = worst.budget.metric;
    let reading = worst.reading()?;
    let confidence = confidence(service, worst);
    let (seconds, window) = grounds.headline_window();
    let factor = reading.value / worst.budget.limit;
    let over_by = humanize::change(factor - 1.0);
    let mut figures: Vec<Figure> = Vec::new();
    for result in &over {
        let metric = result.budget.metric;
        let words = metric_words(metric);
        if let Some(reading) = result.reading() {
            figures.push(Figure::secs(words.clone(), reading.value).told(service.intervals.beside(reading)));
        }
        let limit = limit_words(metric, result.budget.limit);
        figures.push(Figure::secs(format!("Budget of {words}"), result.budget.limit).told(limit));
    }
    figures.push(Figure::count("Requests of the service", service.aggregate.stats.counters.n_requests()));
    let slowest = slowest_step(grounds, &service.name, metric);
    let steps = steps_of(grounds, &service.name, metric);
    let mut claim = format!(
        "Service {} is over its budget: {} is {}, and {} was allowed ({over_by}).",
        service.name,
        metric_words(metric),
        reading.text(),
        limit_text(metric, worst.budget.limit),
    );
    if let Some((name, value)) = slowest.filter(|_| steps.len() > 1) {
        figures.push(Figure::secs(format!("{} of its slowest step, {name}", metric_words(metric)), value));
        claim.push_str(&format!(" Its slowest step is {name}."));
    }
    Some(Finding {
        rule: Rule::OverBudget,
        scope: service.scope.clone(),
        claim,
        evidence: Evidence {
            seconds,
            window,
            figures,
            chart: EvidenceChart::Shares {
                what: format!("{} by step of service {}", capitalized(&metric_words(metric)), service.name),
                unit: FigureUnit::Seconds,
                parts: steps,
            },
        },
        weight: weight(Rule::OverBudget, &confidence, factor - 1.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Under less load the service may hold its budget: the table of stages says at which level it was passed."
                .to_owned(),
            "The budget may be meant for another place: response times here include the way to the generator.".to_owned(),
        ],
        next_experiment: experiment(grounds, &service.name),
    })
}

fn excess(result: &BudgetResult) -> f64 {
    result.actual.map_or(0.0, |actual| actual / result.budget.limit)
}

// A budget is missed by the figure; how sure that is, its interval says.
fn confidence(service: &ScopeRow, worst: &BudgetResult) -> Confidence {
    let interval = service.intervals.at(worst.budget.metric);
    match interval.and_then(|interval| interval.low) {
        _ if worst.is_censored => Confidence::high("requests that timed out took longer still"),
        Some(low) if low.as_secs_f64() > worst.budget.limit => {
            Confidence::high("the whole 95 % interval is above the budget")
        }
        Some(_) => Confidence::medium("the 95 % interval reaches below the budget: run longer to be sure"),
        None => Confidence::low("the run is too short for an interval around the figure"),
    }
}

/// The steps of a service with a metric of each, the slowest first.
fn steps_of(grounds: &Grounds<'_>, service: &str, metric: Metric) -> Vec<SharePart> {
    let sent = grounds.scenario().sent_steps().zip(&grounds.summary.steps);
    let of_service = sent.filter(|((_, _, step), _)| step.service.as_deref() == Some(service));
    let mut parts: Vec<SharePart> = of_service
        .filter_map(|(_, row)| {
            let value = row.aggregate.metric(metric)?;
            Some(SharePart { name: row.name.clone(), value })
        })
        .collect();
    parts.sort_by(|a, b| b.value.total_cmp(&a.value));
    parts
}

fn slowest_step(grounds: &Grounds<'_>, service: &str, metric: Metric) -> Option<(String, f64)> {
    steps_of(grounds, service, metric).into_iter().next().map(|part| (part.name, part.value))
}

fn experiment(grounds: &Grounds<'_>, service: &str) -> Experiment {
    let load = &grounds.scenario().load;
    let peak = grounds.plan.peak_level();
    let levels = [0.25, 0.5, 0.75, 1.0].map(|share| share * peak);
    let with_service = grounds
        .scenario()
        .enabled_journeys()
        .filter(|(_, journey)| journey.enabled_steps().any(|step| step.service.as_deref() == Some(service)));
    let names: Vec<String> = with_service.map(|(_, journey)| journey.name.clone()).collect();
    Experiment {
        name: format!("{service} by level"),
        words: format!(
            "Run the journeys with service {service} alone, at a quarter, half, three quarters and all of the load: over \
             budget at every level, it is the service's own time; only at the higher ones, it waits."
        ),
        changes: vec![
            ScenarioChange::OnlyJourneys(names),
            ScenarioChange::staircase(load, &levels, Duration::from_secs(120)),
        ],
    }
}
