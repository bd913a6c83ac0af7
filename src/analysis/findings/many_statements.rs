//! Many statements per request: one statement runs again and again for each request, as where each item of a list is
//! fetched by itself (N+1).

use std::cmp::Reverse;

use crate::humanize;
use crate::metrics::TimingFacts;
use crate::model::Scope;

use super::traffic::{Audited, MIN_ANSWERS, audited, confidence_of, in_short, statements};
use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    SharePart, weight,
};

/// Calls of one statement per request from which it is suspected; ours.
const MIN_PER_REQUEST: f64 = 5.0;

/// Requests that the quotient has to stand on; ours.
const MIN_REQUESTS: u64 = 30;

/// Statements that give more rows than this are no fetches of single items; ours.
const MAX_ROWS: f64 = 10.0;

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

/// Parts of `Server-Timing` that a database has, by their usual names.
const DATABASES: [&str; 4] = ["db", "sql", "database", "postgres"];

const AGAIN: &str = "Fetch the items with one statement (a join, or a list of keys) and run the same again: calls per request \
                     should fall to a few.";

pub fn many_statements(grounds: &Grounds<'_>) -> Vec<Finding> {
    of_steps(grounds).into_iter().chain(of_database(grounds)).collect()
}

/// Steps whose answers say themselves how often the database was asked.
fn of_steps(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<(Audited<'_>, &TimingFacts, f64)> = Vec::new();
    for step in audited(grounds) {
        let is_database =
            |timing: &&TimingFacts| DATABASES.contains(&timing.name.to_ascii_lowercase().as_str());
        let timing = step.traffic.timings.iter().find(is_database);
        let Some(timing) = timing.filter(|timing| timing.n_answers >= MIN_ANSWERS) else { continue };
        let Some(times) = timing.number.filter(|times| *times >= MIN_PER_REQUEST) else { continue };
        found.push((step, timing, times));
    }
    found.sort_by_key(|(_, timing, _)| Reverse(timing.took));
    found.truncate(MAX_STEPS);
    found.into_iter().map(|(step, timing, times)| of_step(grounds, &step, timing, times)).collect()
}

fn of_step(grounds: &Grounds<'_>, step: &Audited<'_>, timing: &TimingFacts, times: f64) -> Finding {
    let name = &step.row.name;
    let confidence = confidence_of(timing.n_answers);
    let part = |(name, took): (&str, f64)| SharePart { name: name.to_owned(), value: took };
    let mean = step.row.aggregate.stats.service_time.mean().unwrap_or_default();
    Finding {
        rule: Rule::ManyStatements,
        scope: step.row.scope.clone(),
        claim: format!(
            "Answers of step {name} say that the database was asked {} times for each, in {} together, which looks like one \
             call for each item of a list (N+1).",
            humanize::amount(times),
            humanize::latency(timing.took)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!(
                "{} that were sampled in the whole run, by their header Server-Timing",
                humanize::counted(timing.n_answers, "answer")
            ),
            figures: vec![
                Figure::number("Calls per request", times).keyed(FigureKey::CallsPerRequest),
                Figure::latency("Time of all calls per request", timing.took).keyed(FigureKey::StatementMean),
                Figure::latency("Mean service time of the step", mean),
                Figure::count("Answers that tell it", timing.n_answers),
            ],
            chart: EvidenceChart::Shares {
                what: format!("Mean time of step {name}"),
                unit: FigureUnit::Seconds,
                parts: [
                    ("in the database", timing.took.as_secs_f64()),
                    ("elsewhere", mean.saturating_sub(timing.took).as_secs_f64()),
                ]
                .map(part)
                .to_vec(),
            },
        },
        weight: weight(Rule::ManyStatements, &confidence, 1.0 - MIN_PER_REQUEST / times / 2.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The calls may have work that needs many different rows, which no join gives.".to_owned(),
            "They may run beside each other: then fewer of them save less than their time.".to_owned(),
        ],
        next_experiment: Experiment::again("joined", AGAIN),
    }
}

/// A statement that a watched database counted too often.
fn of_database(grounds: &Grounds<'_>) -> Option<Finding> {
    let n_requests = grounds.summary.whole.stats.counters.n_requests();
    if n_requests < MIN_REQUESTS {
        return None;
    }
    let per_request = |n_calls: u64| n_calls as f64 / n_requests as f64;
    let (monitor, statement) = statements(grounds)
        .filter(|(_, statement)| statement.rows_per_call <= MAX_ROWS)
        .max_by_key(|(_, statement)| statement.n_calls)
        .filter(|(_, statement)| per_request(statement.n_calls) >= MIN_PER_REQUEST)?;
    let times = per_request(statement.n_calls);
    let others = statements(grounds)
        .map(|(_, other)| SharePart { name: in_short(&other.text), value: per_request(other.n_calls) });
    let mut parts: Vec<SharePart> = others.collect();
    parts.sort_by(|a, b| b.value.total_cmp(&a.value));
    parts.truncate(5);
    let confidence = Confidence::medium(
        "calls and requests were counted, each by itself; which request made which call is not known",
    );
    Some(Finding {
        rule: Rule::ManyStatements,
        scope: Scope::Run,
        claim: format!(
            "A statement of {} ran {} times for each request of the run, which looks like one call for each item of a list \
             (N+1): `{}`.",
            monitor.name,
            humanize::number(times),
            in_short(&statement.text)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!("the whole run, as {} counted", monitor.name),
            figures: vec![
                Figure::number("Calls per request", times).keyed(FigureKey::CallsPerRequest),
                Figure::count("Calls", statement.n_calls),
                Figure::count("Requests", n_requests),
                Figure::number("Rows per call", statement.rows_per_call),
                Figure::latency("Mean time of a call", statement.mean_time),
                Figure::secs("Time of all its calls per request", times * statement.mean_time.as_secs_f64())
                    .keyed(FigureKey::StatementMean),
            ],
            chart: EvidenceChart::Shares {
                what: "Calls per request".to_owned(),
                unit: FigureUnit::Number,
                parts,
            },
        },
        weight: weight(Rule::ManyStatements, &confidence, 1.0 - MIN_PER_REQUEST / times / 2.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Something else than this run may have called it: the database counts for all its clients."
                .to_owned(),
            "Requests may have work that needs many different rows, which no join gives.".to_owned(),
        ],
        next_experiment: Experiment::again("joined", AGAIN),
    })
}
