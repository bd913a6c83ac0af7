//! Context and method: what was asked for, and what the words mean.

use crate::humanize;
use crate::model::{Arrivals, Journey, LoadModel, SandboxUrl, Scenario, ThinkTime, Window};
use crate::report::document::{Document, Table};
use crate::report::selection::{most_telling_stages, others_words};

use super::Subject;

/// Steps of a journey that are named.
const MAX_STEPS_NAMED: usize = 12;

pub fn write(document: &mut Document, subject: Subject) {
    let record = subject.record;
    let scenario = &record.start.scenario;
    document.heading(2, "Context and method");
    if !scenario.description.is_empty() {
        document.paragraph(scenario.description.clone());
    }
    document.bullets(facts(subject));
    document.heading(3, "Planned stages");
    document.table(stages(subject));
    document.heading(3, "Journeys");
    document.table(journeys(subject));
    document.heading(3, "How the numbers are made");
    document.bullets(definitions(subject));
}

fn facts(Subject { record, .. }: Subject) -> Vec<String> {
    let plan = record.plan();
    let is_open = plan.is_open();
    let mut facts: Vec<String> = target(&record.start.scenario).into_iter().collect();
    facts.extend([
        model_sentence(&record.start.scenario.load.model),
        format!(
            "Load profile: {} over {}, peak {}.",
            humanize::counted(plan.stages().len() as u64, "stage"),
            humanize::span(plan.duration()),
            humanize::level(plan.peak_level(), is_open)
        ),
    ]);
    if let (Some(n_iterations), Some(n_requests)) = (plan.n_planned_iterations(), plan.n_planned_requests()) {
        facts.push(format!(
            "Planned: {}, {} if all of them start.",
            humanize::counted(n_iterations, "iteration"),
            humanize::counted(n_requests, "request")
        ));
    }
    facts.extend(environment(&record.start.scenario));
    facts.extend(sides(&record.start.scenario));
    facts.push(if plan.warm_up().is_zero() {
        "No warm-up: the run counts from its first request.".to_owned()
    } else {
        format!("Warm-up: the first {} count for nothing but the whole run.", humanize::span(plan.warm_up()))
    });
    if record.start.time_scale != 1.0 {
        facts.push(format!(
            "Time scale {}: stages and warm-up were that much of what the scenario says.",
            record.start.time_scale
        ));
    }
    facts.push(format!(
        "Timeout: a request without an answer after {} failed.",
        humanize::span(record.start.scenario.timeout)
    ));
    facts
}

/// Said where numbers of a practice target could be taken for those of a system.
fn target(scenario: &Scenario) -> Option<String> {
    SandboxUrl::of(&scenario.base_url)?;
    Some(
        "Target: this program's own sandbox, on the generator's machine. It is there to practise on; its numbers say \
         nothing about any other system."
            .to_owned(),
    )
}

fn environment(scenario: &Scenario) -> Option<String> {
    let environment = scenario.chosen_environment()?;
    Some(format!("Environment: {}.", environment.name))
}

fn sides(scenario: &Scenario) -> Option<String> {
    let interleave = scenario.interleave.as_ref()?;
    Some(format!(
        "Interleaved: iterations meant for one block of {} go to one side; blocks come in pairs, one of each side. Of two \
         pairs in a row one has each order; which comes first is drawn (seed {}).",
        humanize::span(interleave.block),
        interleave.seed
    ))
}

fn model_sentence(model: &LoadModel) -> String {
    match model {
        LoadModel::Closed => "Closed model: each user waits for its answer.".to_owned(),
        LoadModel::Open { arrivals, max_users, seed } => {
            let arrivals = match arrivals {
                Arrivals::Constant => "Arrivals are evenly spaced".to_owned(),
                Arrivals::Poisson => format!("Arrivals are random (seed {seed})"),
            };
            format!(
                "Open model: sends on schedule however slow the target is. {arrivals}, with at most {} at once.",
                humanize::counted(u64::from(*max_users), "user")
            )
        }
    }
}

fn stages(subject: Subject) -> Table {
    let plan = subject.record.plan();
    let title = if plan.is_open() { "Arrival rate" } else { "Users" };
    let mut table = Table::new("As planned.", &["Stage", "Duration", title], 1);
    let stages = plan.stages();
    let chosen = most_telling_stages(subject.summary, subject.n_shown(stages.len()));
    for stage in chosen.iter().filter_map(|index| stages.get(*index)) {
        table.row([
            stage.name.clone(),
            humanize::span(stage.duration()),
            humanize::levels(stage.start_level, stage.end_level, plan.is_open()),
        ]);
    }
    if chosen.len() < stages.len() {
        let n_more = (stages.len() - chosen.len()) as u64;
        let missing = || humanize::MISSING.to_owned();
        table.row([others_words(n_more, "stage"), missing(), missing()]);
    }
    table
}

fn journeys(subject: Subject) -> Table {
    let scenario = &subject.record.start.scenario;
    let is_paced = scenario.enabled_journeys().any(|(_, journey)| journey.pacing.is_some());
    let mut titles = vec!["Journey", "Steps", "Think time", "Share of iterations"];
    if is_paced {
        titles.insert(3, "Pacing");
    }
    let mut table = Table::new("As planned.", &titles, titles.len() - 1);
    let total: u64 = scenario.enabled_journeys().map(|(_, journey)| u64::from(journey.weight)).sum();
    let n_journeys = scenario.enabled_journeys().count();
    for (_, journey) in scenario.enabled_journeys().take(subject.n_shown(n_journeys)) {
        let share = if total == 0 { 0.0 } else { f64::from(journey.weight) / total as f64 };
        let pacing = journey.pacing.map_or_else(|| "none".to_owned(), humanize::span);
        let mut row = vec![journey.name.clone(), steps_in_order(journey), think_time(&journey.think_time)];
        row.extend(is_paced.then_some(pacing));
        row.push(humanize::percent(share));
        table.row(row);
    }
    let n_more = n_journeys - subject.n_shown(n_journeys);
    if n_more > 0 {
        let missing = std::iter::repeat_n(humanize::MISSING.to_owned(), titles.len() - 1);
        table.row([others_words(n_more as u64, "journey")].into_iter().chain(missing));
    }
    table
}

/// The names of a journey's steps; of a long one the first.
fn steps_in_order(journey: &Journey) -> String {
    let steps: Vec<&str> = journey.enabled_steps().map(|step| step.name.as_str()).collect();
    let n_more = steps.len().saturating_sub(MAX_STEPS_NAMED);
    if n_more < 2 {
        return steps.join(" → ");
    }
    let first = steps[..MAX_STEPS_NAMED].join(" → ");
    format!("{first} → {}", humanize::counted(n_more as u64, "more step"))
}

fn think_time(think_time: &ThinkTime) -> String {
    let span = humanize::span;
    match think_time {
        ThinkTime::None => "none".to_owned(),
        ThinkTime::Fixed(pause) => span(*pause),
        ThinkTime::Uniform { min, max } => format!("{} to {}", span(*min), span(*max)),
        ThinkTime::Normal { mean, std_dev } => format!("normal, {} ± {}", span(*mean), span(*std_dev)),
        ThinkTime::LogNormal { median, p95 } => {
            format!("log-normal, median {}, p95 {}", span(*median), span(*p95))
        }
    }
}

fn definitions(subject: Subject) -> Vec<String> {
    let plan = subject.record.plan();
    let mut definitions = vec![
        "Response time counts from the intended start of a request to its end; it is the headline, and what \
         limits are about. A slow answer cannot hide the requests that had to wait behind it."
            .to_owned(),
        "Service time counts from the send to the end: what the target did, without the wait before it.".to_owned(),
        "Latencies are of successful requests; the share of failed ones stands beside them.".to_owned(),
        "Percentiles come from merged histograms of three significant digits, never from averages of percentiles."
            .to_owned(),
        "Requests count in the stage and window that they were intended for. Throughput is completed requests, \
         failed ones included, per second of the window."
            .to_owned(),
        format!("Headline window: {}, {}.", subject.summary.headline_words, window_length(subject)),
    ];
    let n_after = subject.summary.whole.n_after;
    if n_after > 0 {
        definitions.push(format!(
            "Users ended their iterations after the load: {} count over the whole run, in no stage and in no rate.",
            humanize::counted(n_after, "such request")
        ));
    }
    if subject.summary.headline_window == Window::Steady && plan.has_steady_stages() {
        definitions.push("Steady stages are those that hold their level.".to_owned());
    }
    definitions
}

fn window_length(subject: Subject) -> String {
    format!("{} of load", humanize::span(subject.summary.headline.duration))
}
