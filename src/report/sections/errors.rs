//! Errors and throughput: what was asked for, what left, what came back, and what went wrong.

use crate::humanize;
use crate::metrics::{ErrorGroup, Outcome};
use crate::report::{
    charts,
    document::{Document, Table},
};

use super::Subject;

/// Error groups that a report shows; the rest are counted.
const MAX_GROUPS: usize = 20;

/// Letters of a kept answer that a report shows.
const MAX_DETAIL: usize = 300;

pub fn write(document: &mut Document, subject: Subject) {
    document.heading(2, "Error and throughput analysis");
    document.heading(3, "Asked, started, sent, completed");
    let load = [charts::load(subject.paper), charts::concurrency(subject.paper)];
    load.into_iter().flatten().for_each(|chart| document.chart(chart));
    document.table(flow(subject));
    document.heading(3, "Outcomes");
    if let Some(chart) = charts::errors(subject.paper) {
        document.chart(chart);
    }
    document.table(outcomes(subject));
    document.paragraph(failed_latency(subject));
    document.heading(3, "Error groups");
    write_groups(document, subject);
}

fn flow(subject: Subject) -> Table {
    let record = subject.record;
    let sum = |figure: fn(&crate::metrics::LoadStats) -> u64| -> u64 {
        record.intervals.iter().map(|interval| figure(&interval.load)).sum()
    };
    let counters = &subject.summary.whole.stats.counters;
    let seconds = record.end.load_duration.as_secs_f64();
    let note = format!("Window: whole run, {} of load.", humanize::span(record.end.load_duration));
    let mut table = Table::new(note, &["What", "Count", "Mean rate"], 1);
    let mut row = |what: &str, n: u64| {
        let rate =
            if seconds > 0.0 { humanize::rate(n as f64 / seconds) } else { humanize::MISSING.to_owned() };
        table.row([what.to_owned(), humanize::count(n), rate]);
    };
    if subject.is_open() {
        row("Iterations asked for by the profile", sum(|load| load.n_due));
    }
    row("Iterations started", sum(|load| load.n_started));
    if subject.is_open() {
        row("Iterations dropped (no user free)", sum(|load| load.n_dropped));
    }
    row("Iterations completed", sum(|load| load.n_completed));
    row("Requests sent", sum(|load| load.n_sent));
    row("Requests completed", counters.n_requests());
    row("Requests failed", counters.n_errors());
    let mut count = |what: &str, text: String| {
        table.row([what.to_owned(), text, humanize::MISSING.to_owned()]);
    };
    count("Requests abandoned at the end", humanize::count(record.end.n_abandoned));
    if let Some(n_counted) = record.end.n_counted_by_target {
        count("Requests counted by the target", humanize::count(n_counted));
    }
    count("Bytes sent", humanize::bytes(counters.bytes_sent));
    count("Bytes received", humanize::bytes(counters.bytes_received));
    table
}

fn outcomes(subject: Subject) -> Table {
    let (whole, headline) = (&subject.summary.whole.stats.counters, &subject.summary.headline.stats.counters);
    let note = format!("Windows: whole run, and headline ({}).", subject.summary.headline_words);
    let titles = ["Outcome", "Meaning", "Whole run", "Share", "Headline", "Share of headline"];
    let mut table = Table::new(note, &titles, 2);
    let share = |n: u64, of: u64| {
        if of == 0 { humanize::MISSING.to_owned() } else { humanize::percent(n as f64 / of as f64) }
    };
    for outcome in Outcome::ALL {
        let (n, n_headline) = (whole.n_of(outcome), headline.n_of(outcome));
        table.row([
            outcome.name().to_owned(),
            meaning(outcome).to_owned(),
            humanize::count(n),
            share(n, whole.n_requests()),
            humanize::count(n_headline),
            share(n_headline, headline.n_requests()),
        ]);
    }
    table
}

fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "answered as expected",
        Outcome::Connect => "no connection",
        Outcome::Tls => "connection could not be secured",
        Outcome::Timeout => "no complete answer in time",
        Outcome::Protocol => "answer broken or ended too early",
        Outcome::Status => "status of 400 or more, or not the one asked for",
        Outcome::Check => "a check on the answer failed",
    }
}

fn failed_latency(subject: Subject) -> String {
    let stats = &subject.summary.whole.stats;
    let [Some(p50), Some(max)] = [stats.error_time.quantile(0.5), stats.error_time.max()] else {
        return "No request failed.".to_owned();
    };
    format!(
        "Failed requests (whole run) took {} at the median and {} at the longest, from their intended start.",
        humanize::latency(p50),
        humanize::latency(max)
    )
}

fn write_groups(document: &mut Document, subject: Subject) {
    let mut groups: Vec<&ErrorGroup> = subject.record.error_groups.iter().collect();
    if groups.is_empty() {
        document.paragraph("No errors were kept.");
        return;
    }
    groups.sort_by(|a, b| {
        let key = |group: &ErrorGroup| (std::cmp::Reverse(group.n_errors), group.step, group.outcome);
        key(a).cmp(&key(b)).then_with(|| a.signature.cmp(&b.signature))
    });
    let n_more = groups.len().saturating_sub(MAX_GROUPS);
    groups.truncate(MAX_GROUPS);
    let titles = ["Error", "Outcome", "Step", "Count", "First seen", "Last seen"];
    let mut table = Table::new("Window: whole run; times since its start.", &titles, 3);
    for group in &groups {
        table.row([
            group.signature.clone(),
            group.outcome.name().to_owned(),
            step_name(subject, group.step),
            humanize::count(group.n_errors),
            humanize::clock(group.first_seen),
            humanize::clock(group.last_seen),
        ]);
    }
    document.table(table);
    if n_more > 0 {
        document.paragraph(format!(
            "{} with fewer errors are left out; the CSV of errors has all.",
            humanize::counted(n_more as u64, "group")
        ));
    }
    let exemplars = groups.iter().filter_map(|group| exemplar(group)).collect::<Vec<_>>();
    if !exemplars.is_empty() {
        document.paragraph("One of each:");
    }
    document.bullets(exemplars);
}

fn step_name(subject: Subject, index: u16) -> String {
    let step = subject.record.start.scenario.steps().nth(usize::from(index));
    step.map_or_else(|| format!("step {index}"), |(_, step)| step.name.clone())
}

fn exemplar(group: &ErrorGroup) -> Option<String> {
    let exemplar = group.exemplars.first()?;
    Some(format!(
        "{} at {}: {} → {}",
        group.signature,
        humanize::clock(exemplar.at),
        exemplar.request,
        shortened(&exemplar.detail)
    ))
}

fn shortened(detail: &str) -> String {
    match detail.char_indices().nth(MAX_DETAIL) {
        Some((end, _)) => format!("{} …", &detail[..end]),
        None => detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn long_answers_are_cut_between_letters() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(301)), format!("{} …", "é".repeat(300)));
    }

    #[test]
    fn an_exemplar_says_when_what_and_how() {
        let group = ErrorGroup {
            step: 0,
            outcome: Outcome::Status,
            signature: "HTTP 503".into(),
            n_errors: 2,
            first_seen: Duration::ZERO,
            last_seen: Duration::from_secs(61),
            exemplars: vec![crate::metrics::ErrorExemplar {
                at: Duration::from_secs(61),
                request: "GET http://10.0.0.7/".into(),
                detail: "503 busy".into(),
                ..Default::default()
            }],
        };
        assert_eq!(exemplar(&group).unwrap(), "HTTP 503 at 1:01: GET http://10.0.0.7/ → 503 busy");
    }
}
