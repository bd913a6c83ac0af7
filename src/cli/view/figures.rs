//! The live figures in words: each names its window.

use crate::humanize;
use crate::metrics::{LiveSnapshot, Phase, SecondPoint};
use crate::model::Plan;

/// The live figures of a moment.
pub struct Figures {
    /// Asked, sent and completed in the last second.
    pub rate: String,
    /// Users and requests in flight now; connections and busiest worker of the last second, where measured.
    pub load: String,
    /// Percentiles of response time in the last second.
    pub latency: String,
    /// Errors since the start of the run.
    pub errors: String,
}

impl Figures {
    pub fn new(snapshot: &LiveSnapshot, plan: &Plan) -> Self {
        let last = snapshot.history.last();
        Self {
            rate: last.map_or_else(|| "no second measured yet".to_owned(), |last| rate(last, plan)),
            load: load(snapshot),
            latency: last.map_or_else(|| "no answer yet".to_owned(), latency),
            errors: errors(snapshot),
        }
    }
}

/// The present stage, or what follows the last one.
pub fn stage_words(snapshot: &LiveSnapshot, plan: &Plan) -> String {
    match snapshot.phase {
        Phase::Preparing => "preparing".to_owned(),
        Phase::Draining => "waiting for requests in flight".to_owned(),
        Phase::Finished => "finished".to_owned(),
        Phase::Running => plan.stages().get(snapshot.stage).map_or(String::new(), |stage| stage.name.clone()),
    }
}

fn rate(last: &SecondPoint, plan: &Plan) -> String {
    format!(
        "asked {} · sent {} · completed {}",
        humanize::level(last.asked_level, plan.is_open()),
        humanize::rate(last.sent_per_sec),
        humanize::rate(last.completed_per_sec)
    )
}

fn load(snapshot: &LiveSnapshot) -> String {
    let mut parts = vec![
        humanize::counted(snapshot.n_users.into(), "user"),
        format!("{} in flight", humanize::count(snapshot.n_in_flight.into())),
    ];
    if let Some(last) = snapshot.history.last() {
        let connections = last.n_connections.map(|n| humanize::counted(n.into(), "connection"));
        parts.extend(connections);
        let busiest = last.busiest_worker_ratio.map(humanize::percent);
        parts.extend(busiest.map(|share| format!("busiest worker {share}")));
    }
    parts.join(" · ")
}

fn latency(last: &SecondPoint) -> String {
    match (last.p50, last.p95, last.p99) {
        (Some(p50), Some(p95), Some(p99)) => format!(
            "p50 {} · p95 {} · p99 {}",
            humanize::latency(p50),
            humanize::latency(p95),
            humanize::latency(p99)
        ),
        _ => "no successful request".to_owned(),
    }
}

fn errors(snapshot: &LiveSnapshot) -> String {
    let of = format!(
        "{} of {}",
        humanize::count(snapshot.n_errors),
        humanize::counted(snapshot.n_requests, "request")
    );
    if snapshot.n_requests == 0 {
        return of;
    }
    let ratio = snapshot.n_errors as f64 / snapshot.n_requests as f64;
    format!("{of} ({})", humanize::percent(ratio))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::view::tests::{plan, snapshot};

    #[test]
    fn connections_and_the_busiest_worker_are_shown_once_they_are_measured() {
        let mut snapshot = snapshot(2_000);
        assert_eq!(Figures::new(&snapshot, &plan()).load, "1 user · 2 in flight");
        let last = Arc::make_mut(&mut snapshot.history).last_mut().unwrap();
        (last.n_connections, last.busiest_worker_ratio) = (Some(3), Some(0.12));
        assert_eq!(
            Figures::new(&snapshot, &plan()).load,
            "1 user · 2 in flight · 3 connections · busiest worker 12 %"
        );
    }
}
