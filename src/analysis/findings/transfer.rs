//! Transfer-bound: a step's time is mostly the way of its answer, so that fewer bytes are what helps.

use std::time::Duration;

use crate::analysis::ScopeRow;
use crate::humanize;
use crate::metrics::RequestPhase;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureUnit, Finding, Grounds, Rule,
    ScenarioChange, SharePart, connections::total, weight,
};

/// Requests that a share has to stand on.
const MIN_REQUESTS: u64 = 30;

/// The share of receiving in the service time from which it decides; ours.
const MIN_SHARE: f64 = 0.5;

/// The least mean size of an answer, in bytes.
// SCIENCE §7: an initial window carries about 14.6 kB in one round. A smaller answer that takes long to receive
// waits for something else.
const MIN_BYTES: f64 = 16_384.0;

/// The least mean time of receiving, in seconds; ours.
const MIN_SECS: f64 = 0.002;

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

/// How a step's answers come.
struct Transfer<'a> {
    row: &'a ScopeRow,
    share: f64,
    receive: f64,
    bytes: f64,
}

pub fn transfer_bound(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<Transfer<'_>> = grounds.summary.steps.iter().filter_map(transfer_of).collect();
    found.sort_by(|a, b| (b.share * b.bytes).total_cmp(&(a.share * a.bytes)));
    found.iter().take(MAX_STEPS).map(|transfer| told(grounds, transfer)).collect()
}

fn transfer_of(row: &ScopeRow) -> Option<Transfer<'_>> {
    let stats = &row.aggregate.stats;
    let received = stats.phase(RequestPhase::Receive);
    let n_requests = stats.counters.n_requests();
    let (receive, bytes) =
        (received.mean()?.as_secs_f64(), stats.counters.bytes_received as f64 / n_requests as f64);
    let share = total(received) / total(&stats.service_time).max(f64::MIN_POSITIVE);
    let is_bound = received.n_samples() >= MIN_REQUESTS
        && share >= MIN_SHARE
        && bytes >= MIN_BYTES
        && receive >= MIN_SECS;
    is_bound.then_some(Transfer { row, share, receive, bytes })
}

fn told(grounds: &Grounds<'_>, transfer: &Transfer<'_>) -> Finding {
    let Transfer { row, share, receive, bytes } = transfer;
    let stats = &row.aggregate.stats;
    let (seconds, window) = grounds.headline_window();
    let per_connection = bytes / receive;
    let all = grounds.summary.headline.stats.counters.bytes_received as f64
        / grounds.summary.headline.duration.as_secs_f64().max(1.0);
    let confidence = Confidence::high(format!(
        "{} were timed from their first byte to their last",
        humanize::counted(stats.phase(RequestPhase::Receive).n_samples(), "answer")
    ));
    let parts = RequestPhase::ALL
        .into_iter()
        .filter(|phase| !stats.phase(*phase).is_empty())
        .map(|phase| SharePart { name: phase.name().to_owned(), value: total(stats.phase(phase)) })
        .collect();
    let mean_size = humanize::bytes(bytes.round() as u64);
    Finding {
        rule: Rule::TransferBound,
        scope: row.scope.clone(),
        claim: format!(
            "Step {} is bound by transfer: {} of its service time is the way of its answer, {mean_size} on average in {}.",
            row.name,
            humanize::percent(*share),
            humanize::latency_secs(*receive)
        ),
        evidence: Evidence {
            seconds,
            window,
            figures: vec![
                Figure::share("Share of receiving in the service time", *share),
                Figure::secs("Mean time from first to last byte", *receive),
                Figure::new("Mean size of an answer, failed ones included", FigureUnit::Bytes, *bytes),
                Figure::new("Received per second while an answer comes", FigureUnit::BytesPerSecond, per_connection),
                Figure::new("Received per second by all steps together", FigureUnit::BytesPerSecond, all),
                Figure::count("Requests", stats.counters.n_requests()),
            ],
            chart: EvidenceChart::Shares {
                what: format!("Time of all requests of step {} by phase", row.name),
                unit: FigureUnit::Seconds,
                parts,
            },
        },
        weight: weight(Rule::TransferBound, &confidence, *share),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The target writes its answer piece by piece while it works: then its work is the limit, not the way."
                .to_owned(),
            "The generator's network is slower than that of the users, or faster.".to_owned(),
            "The generator reads late: the self-checks of its processors would show it.".to_owned(),
        ],
        next_experiment: experiment(grounds),
    }
}

fn experiment(grounds: &Grounds<'_>) -> Experiment {
    let load = &grounds.scenario().load;
    if !grounds.scenario().transport.compression {
        return Experiment {
            name: "compressed answers".to_owned(),
            words: "Ask for compressed answers: what the response times fall by is what smaller answers are worth, less the \
                    target's work of packing them."
                .to_owned(),
            changes: vec![ScenarioChange::Compression(true)],
        };
    }
    let level = grounds.plan.peak_level();
    Experiment {
        name: "a quarter of the load".to_owned(),
        words: "Hold a quarter of the load: if answers then come faster, they share a way that was full; if not, the size \
                of one answer and the distance decide."
            .to_owned(),
        changes: vec![ScenarioChange::hold(load, level / 4.0, Duration::from_secs(300))],
    }
}
