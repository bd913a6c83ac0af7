//! Connection churn and the share of TLS: what opening connections again and again costs.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{LatencyHistogram, RequestPhase, StepStats};
use crate::model::{Connections, Scope};

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureUnit, Finding, Grounds, Rule,
    ScenarioChange, SharePart, weight,
};

/// Requests that a share of connections has to stand on.
const MIN_REQUESTS: u64 = 100;

/// Connections opened ÷ requests from which connections are not kept; ours.
// A browser's user opens one for a whole journey; one request in ten is far from that.
const MAX_OPENED: f64 = 0.10;

/// Connections beyond the first of each user: those have to be opened whatever the target does.
const MIN_PER_USER: f64 = 2.0;
const MIN_OPENED: u64 = 50;

/// Requests sent again because an idle connection turned out to be closed, ÷ requests; ours.
const MAX_SENT_AGAIN: f64 = 0.01;
const MIN_SENT_AGAIN: u64 = 20;

/// The part of all service time from which opening connections is dear; ours.
const DEAR: f64 = 0.05;

/// TLS handshakes' part of all service time that is worth telling; ours.
const MAX_TLS: f64 = 0.10;
const MIN_HANDSHAKES: u64 = 50;

/// All the time that a phase took, in seconds.
pub(super) fn total(phase: &LatencyHistogram) -> f64 {
    phase.mean().map_or(0.0, |mean| mean.as_secs_f64() * phase.n_samples() as f64)
}

/// The phases that only a new connection has.
const OPENING: [RequestPhase; 3] = [RequestPhase::Dns, RequestPhase::Connect, RequestPhase::Tls];

pub fn connection_churn(grounds: &Grounds<'_>) -> Option<Finding> {
    let stats = &grounds.summary.headline.stats;
    let counters = &stats.counters;
    let n_requests = counters.n_requests();
    // A scenario that asks for a connection per request gets what it asks for.
    let is_wanted = grounds.scenario().transport.connections == Connections::PerRequest;
    if !stats.has_phases() || n_requests < MIN_REQUESTS || is_wanted {
        return None;
    }
    let share = |n: u64| n as f64 / n_requests as f64;
    let n_users = f64::from(grounds.summary.generator.peak_users);
    let is_churn = share(counters.n_connections) >= MAX_OPENED
        && counters.n_connections >= MIN_OPENED
        && counters.n_connections as f64 >= MIN_PER_USER * n_users;
    let is_sent_again =
        share(counters.n_reconnects) >= MAX_SENT_AGAIN && counters.n_reconnects >= MIN_SENT_AGAIN;
    if !is_churn && !is_sent_again {
        return None;
    }
    let (seconds, window) = grounds.headline_window();
    let opening: f64 = OPENING.iter().map(|phase| total(stats.phase(*phase))).sum();
    let cost = opening / total(&stats.service_time).max(f64::MIN_POSITIVE);
    let confidence = Confidence::high("connections and requests were counted");
    let claim = if is_churn {
        format!(
            "Connections are not kept: {} were opened for {} ({} of them needed a new one), which took {} of all service \
             time.",
            humanize::count(counters.n_connections),
            humanize::counted(n_requests, "request"),
            humanize::percent(share(counters.n_connections).min(1.0)),
            humanize::percent(cost)
        )
    } else {
        format!(
            "The target closes idle connections: {} ({}) had to be sent again on a new one.",
            humanize::counted(counters.n_reconnects, "request"),
            humanize::percent(share(counters.n_reconnects))
        )
    };
    Some(Finding {
        rule: Rule::ConnectionChurn,
        scope: Scope::Run,
        claim,
        evidence: Evidence {
            seconds,
            window,
            figures: churn_figures(stats, cost),
            chart: phases_chart(stats),
        },
        // Connections that are opened at next to no cost are worth knowing, and little more.
        weight: weight(Rule::ConnectionChurn, &confidence, cost) * if cost < DEAR { 0.7 } else { 1.0 },
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The target or a proxy before it answers with «Connection: close», or allows few requests per connection."
                .to_owned(),
            "It closes idle connections sooner than the users' pauses last.".to_owned(),
            "Failed requests close their connection: look at the errors first.".to_owned(),
        ],
        next_experiment: Experiment {
            name: "a connection per request".to_owned(),
            words: "Run with a connection of its own for each request: if nothing gets slower, the target does not keep \
                    connections now; the difference is what keeping them would be worth."
                .to_owned(),
            changes: vec![ScenarioChange::Connections(Connections::PerRequest)],
        },
    })
}

fn churn_figures(stats: &StepStats, cost: f64) -> Vec<Figure> {
    let counters = &stats.counters;
    let mut figures = vec![
        Figure::count("Connections opened", counters.n_connections),
        Figure::count("Requests", counters.n_requests()),
        Figure::share("Requests that used a connection again", counters.reuse_ratio().unwrap_or(0.0)),
        Figure::count("Requests sent again on a new connection", counters.n_reconnects),
        Figure::share("Share of service time spent on opening connections", cost),
    ];
    for phase in OPENING {
        if let Some(mean) = stats.phase(phase).mean() {
            figures.push(Figure::latency(format!("Mean {} of a new connection", phase.name()), mean));
        }
    }
    figures
}

pub fn tls_share(grounds: &Grounds<'_>) -> Option<Finding> {
    let stats = &grounds.summary.headline.stats;
    let tls = stats.phase(RequestPhase::Tls);
    let share = total(tls) / total(&stats.service_time).max(f64::MIN_POSITIVE);
    if tls.n_samples() < MIN_HANDSHAKES || share < MAX_TLS {
        return None;
    }
    let mean = tls.mean()?;
    let (seconds, window) = grounds.headline_window();
    let confidence =
        Confidence::high(format!("{} were timed", humanize::counted(tls.n_samples(), "handshake")));
    let is_wanted = grounds.scenario().transport.connections == Connections::PerRequest;
    let (other, change) = if is_wanted {
        let other = "The scenario asks for a connection per request: browsers and most clients keep theirs.";
        (other, ScenarioChange::Connections(Connections::PerUser))
    } else {
        let other =
            "Each virtual user is a new client here: real ones may come back and resume their session.";
        (other, ScenarioChange::Connections(Connections::Pooled))
    };
    Some(Finding {
        rule: Rule::TlsShare,
        scope: Scope::Run,
        claim: format!(
            "Securing connections takes {} of all service time: {}, {} each on average.",
            humanize::percent(share),
            humanize::counted(tls.n_samples(), "handshake"),
            humanize::latency(mean)
        ),
        evidence: Evidence {
            seconds,
            window,
            figures: vec![
                Figure::share("Share of service time", share),
                Figure::count("TLS handshakes", tls.n_samples()),
                Figure::latency("Mean handshake", mean),
                Figure::latency("Mean service time", stats.service_time.mean().unwrap_or(Duration::ZERO)),
                Figure::share(
                    "Requests that used a connection again",
                    stats.counters.reuse_ratio().unwrap_or(0.0),
                ),
            ],
            chart: phases_chart(stats),
        },
        weight: weight(Rule::TlsShare, &confidence, share),
        confidence,
        rests_on: None,
        other_explanations: vec![
            other.to_owned(),
            "Handshakes are slow because the target's processors are busy, not by themselves.".to_owned(),
        ],
        next_experiment: Experiment {
            name: "connections kept".to_owned(),
            words: "Run with connections that are kept or shared: what the median service time falls by is what handshakes \
                    cost. Then ask for session resumption and TLS 1.3 on the target."
                .to_owned(),
            changes: vec![change],
        },
    })
}

/// All the time of each phase, the longest first.
fn phases_chart(stats: &StepStats) -> EvidenceChart {
    let mut parts: Vec<SharePart> = RequestPhase::ALL
        .into_iter()
        .filter(|phase| !stats.phase(*phase).is_empty())
        .map(|phase| SharePart { name: phase.name().to_owned(), value: total(stats.phase(phase)) })
        .collect();
    parts.sort_by(|a, b| b.value.total_cmp(&a.value));
    EvidenceChart::Shares {
        what: "Time of all requests by phase".to_owned(),
        unit: FigureUnit::Seconds,
        parts,
    }
}
