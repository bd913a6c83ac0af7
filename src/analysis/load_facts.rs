//! How the load was made, in words: transport, timer, workers, and what they cost; nothing that was not measured.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{Calibration, RunRecord};

use super::Summary;

/// From how many users on the program itself is a small part of its memory.
const MANY_USERS: u32 = 1_000;

/// What is told, and its value with its unit.
pub type LoadFact = (&'static str, String);

/// How the load was made, over the whole run.
pub fn load_facts(record: &RunRecord, summary: &Summary) -> Vec<LoadFact> {
    let mut facts = set_up(record);
    facts.extend(pauses(record));
    facts.extend(figures(summary));
    facts.extend(calibration(record));
    facts
}

fn set_up(record: &RunRecord) -> Vec<LoadFact> {
    let engine = &record.start.engine;
    let known = |text: &str| if text.is_empty() { "not known".to_owned() } else { text.to_owned() };
    let transport = if engine.transport_reason.is_empty() {
        known(&engine.transport)
    } else {
        format!("{}: {}", engine.transport, engine.transport_reason)
    };
    let mut rows = vec![
        ("Transport", transport),
        ("Timer", known(&engine.timer)),
        ("Arrival of answers", engine.arrivals_told().to_owned()),
        ("Workers", humanize::count(u64::from(engine.n_workers))),
    ];
    rows.extend(engine.max_open_files.map(|n_files| ("Open files allowed", humanize::count(n_files))));
    rows
}

/// How often and how long the load was paused, and why no reading holds any of it.
fn pauses(record: &RunRecord) -> Option<LoadFact> {
    let plan = record.plan();
    let to_the_end = plan.paused_since().map(|since| (since, record.end.load_duration));
    let mut pauses: Vec<(Duration, Duration)> = Vec::new();
    for (from, to) in plan.pauses().chain(to_the_end) {
        match pauses.last_mut() {
            // A change of the plan cuts the pause that it comes in.
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => pauses.push((from, to)),
        }
    }
    let whole: Duration = pauses.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
    let n_pauses = humanize::counted(pauses.len() as u64, "pause");
    let treated = "nothing was sent, connections were kept, and the waits of virtual users stood still. A request \
                   that was held back counts from when it was due after the pause, so that no response time holds a \
                   pause; requests in flight when it began count in full";
    (!pauses.is_empty())
        .then(|| ("Pauses", format!("{n_pauses}, {} in all: {treated}", humanize::span(whole))))
}

fn figures(summary: &Summary) -> Vec<LoadFact> {
    let figures = &summary.generator;
    let whole = &summary.whole.stats;
    let mut rows = Vec::new();
    if let (Some(p50), Some(p99)) = (figures.start_lag_p50, figures.start_lag_p99) {
        rows.push((
            "Start lag",
            format!("{} at the median, {} at p99", humanize::latency(p50), humanize::latency(p99)),
        ));
    }
    let cpu = figures.cpu_per_request.map(humanize::fine_time);
    rows.extend(cpu.map(|cpu| ("Generator CPU per request", cpu)));
    rows.extend(
        figures
            .busiest_worker_ratio
            .map(|ratio| ("Busiest worker, share of a processor", humanize::percent(ratio))),
    );
    rows.extend(figures.mean_in_flight.map(|mean| ("Requests in flight, mean", humanize::number(mean))));
    if whole.has_phases() {
        let opened = humanize::count(whole.counters.n_connections);
        let reuse = whole.counters.reuse_ratio().map(humanize::percent).unwrap_or_default();
        rows.push(("Connections opened", format!("{opened} ({reuse} of the requests reused one)")));
        rows.push(("Sent again on a new connection", humanize::count(whole.counters.n_reconnects)));
    }
    let peak = figures.peak_connections.map(|peak| humanize::count(u64::from(peak)));
    rows.extend(peak.map(|peak| ("Most connections open at once", peak)));
    rows.extend(
        figures
            .peak_memory_bytes
            .map(|bytes| ("Most resident memory", memory_text(bytes, figures.peak_users))),
    );
    rows
}

/// The program's memory, and what that is for each of its users where they are what fills it.
fn memory_text(bytes: u64, n_users: u32) -> String {
    let whole = humanize::bytes(bytes);
    if n_users < MANY_USERS {
        return whole;
    }
    let per_user = humanize::bytes(bytes / u64::from(n_users));
    format!("{whole}, {per_user} for each of {}", humanize::counted(u64::from(n_users), "virtual user"))
}

fn calibration(record: &RunRecord) -> Vec<LoadFact> {
    let Some(Calibration {
        measured_at_unix_millis,
        transport,
        quick,
        requests_per_sec,
        n_workers,
        cpu_per_request,
        floor_p50,
        floor_p99_9,
        ..
    }) = &record.start.calibration
    else {
        return Vec::new();
    };
    let workers = humanize::counted(u64::from(*n_workers), "worker");
    let rough = if *quick { "rough, " } else { "" };
    vec![
        (
            "This machine's ceiling, as calibrated",
            format!(
                "{} by {workers} on {transport}, {} of CPU per request ({rough}{})",
                humanize::rate(*requests_per_sec),
                humanize::fine_time(*cpu_per_request),
                humanize::moment(*measured_at_unix_millis)
            ),
        ),
        (
            "Floor of a reading, as calibrated",
            format!(
                "{} at the median, {} at p99.9, against a target that answers at once",
                humanize::latency(*floor_p50),
                humanize::latency(*floor_p99_9)
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::model::PlanChange;
    use crate::model::PlanChangeKind::{self, ExtendStage, Pause, Resume};

    fn check_pauses(changes: &[(u64, PlanChangeKind)], expected: Option<&str>) {
        let mut record = sample::record(sample::scenario());
        let change = |(at, kind): &(u64, PlanChangeKind)| PlanChange {
            at: Duration::from_secs(*at),
            kind: kind.clone(),
        };
        record.plan_changes = changes.iter().map(change).collect();
        let facts = load_facts(&record, &summarize(&record).unwrap());
        let told = facts
            .iter()
            .find(|(what, _)| *what == "Pauses")
            .map(|(_, value)| value.split(':').next().unwrap());
        assert_eq!(told, expected, "{changes:?}");
    }

    #[test]
    fn pauses_are_told_with_how_they_are_treated() {
        check_pauses(&[], None);
        check_pauses(&[(5, Pause), (8, Resume)], Some("1 pause, 3 s in all"));
        let extended = (6, ExtendStage(Duration::from_secs(1)));
        check_pauses(
            &[(5, Pause), extended.clone(), (8, Resume), (9, Pause), (10, Resume)],
            Some("2 pauses, 4 s in all"),
        );
        check_pauses(&[(35, Pause)], Some("1 pause, 5 s in all"));
        check_pauses(&[(35, Pause), (37, ExtendStage(Duration::from_secs(1)))], Some("1 pause, 5 s in all"));
    }

    #[test]
    fn memory_is_told_per_user_where_users_fill_it() {
        assert_eq!(memory_text(40 << 20, 50), "40.0 MiB");
        assert_eq!(memory_text(48_000_000, 12_000), "45.8 MiB, 3.9 KiB for each of 12,000 virtual users");
    }
}
