//! Many statements per request: one statement runs again and again for each request, as where each item of a list is
//! fetched by itself (N+1).

use crate::humanize;
use crate::model::Scope;

use super::traffic::{in_short, statements};
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

pub fn many_statements(grounds: &Grounds<'_>) -> Option<Finding> {
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
        next_experiment: Experiment::again(
            "joined",
            "Fetch the items with one statement (a join, or a list of keys) and run the same again: calls per request should \
             fall to a few.",
        ),
    })
}
