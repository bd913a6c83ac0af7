//! What must be known of a run that goes on, in words: each figure names its window.

use std::time::Duration;

use crate::analysis::requests_per_iteration;
use crate::humanize::{self, MISSING};
use crate::metrics::{ErrorGroup, LiveSnapshot, Phase, SecondPoint, StretchFigures};
use crate::model::Scenario;

/// Classes of answers by their first digit; the first has none.
const STATUS_CLASSES: [&str; 6] = ["no answer", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// One of the five numbers that are always in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub label: &'static str,
    pub value: String,
    /// Whether it asks for attention.
    pub is_alarming: bool,
}

/// How far something is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub label: String,
    pub ratio: f64,
    /// Where it is, and how long it still takes.
    pub words: String,
}

/// Asked, sent and completed rate, p95 and error share of the last second: the same as in the window.
pub fn numbers(snapshot: &LiveSnapshot, scenario: &Scenario) -> [Number; 5] {
    let last = snapshot.history.last();
    let number = |label, value: Option<String>| Number {
        label,
        value: value.unwrap_or_else(|| MISSING.to_owned()),
        is_alarming: false,
    };
    let asked = match requests_per_iteration(scenario) {
        Some(factor) => number("Asked", last.map(|point| humanize::rate(point.asked_level * factor))),
        None => number("Users asked", last.map(|point| humanize::count(point.asked_level.round() as u64))),
    };
    let error_ratio = last.and_then(error_ratio);
    [
        asked,
        number("Sent", last.map(|point| humanize::rate(point.sent_per_sec))),
        number("Completed", last.map(|point| humanize::rate(point.completed_per_sec))),
        number("p95", last.and_then(|point| point.p95).map(humanize::latency)),
        Number {
            is_alarming: error_ratio.is_some_and(|ratio| ratio > 0.0),
            ..number("Errors", error_ratio.map(humanize::percent))
        },
    ]
}

/// The mean rate of requests that was asked for in a stretch; none where users are asked for.
pub fn asked_requests_per_sec(figures: &StretchFigures, scenario: &Scenario) -> Option<f64> {
    Some(figures.asked_level? * requests_per_iteration(scenario)?)
}

fn error_ratio(point: &SecondPoint) -> Option<f64> {
    (point.completed_per_sec > 0.0).then(|| point.errors_per_sec / point.completed_per_sec)
}

/// The present stage, or what follows the last one.
pub fn stage_words(snapshot: &LiveSnapshot) -> String {
    let stages = snapshot.plan.stages();
    match snapshot.phase {
        Phase::Preparing => "preparing".to_owned(),
        Phase::Draining => "waiting for requests in flight".to_owned(),
        Phase::Finished => "finished".to_owned(),
        Phase::Running => stages.get(snapshot.stage).map_or(String::new(), |stage| stage.name.clone()),
    }
}

/// How far the present stage is, and the whole run.
pub fn progress(snapshot: &LiveSnapshot) -> [Progress; 2] {
    let (plan, elapsed) = (&snapshot.plan, snapshot.elapsed);
    let whole = progress_of("Whole run".to_owned(), Duration::ZERO, plan.duration(), snapshot);
    let stage = plan.stages().get(snapshot.stage).filter(|_| snapshot.phase == Phase::Running);
    let Some(stage) = stage else {
        let label = humanize_first(&stage_words(snapshot));
        let ratio = if snapshot.phase == Phase::Preparing { 0.0 } else { 1.0 };
        return [Progress { label, ratio, words: humanize::clock(elapsed) }, whole];
    };
    let label = format!("{} ({} of {})", stage.name, snapshot.stage + 1, plan.stages().len());
    let mut present = progress_of(label, stage.start, stage.end, snapshot);
    if let Some(since) = snapshot.paused_since() {
        present.words = format!("paused since {}", humanize::clock(since));
    }
    [present, whole]
}

fn progress_of(label: String, start: Duration, end: Duration, snapshot: &LiveSnapshot) -> Progress {
    let length = end.saturating_sub(start);
    let gone = snapshot.elapsed.saturating_sub(start).min(length);
    let left = Duration::from_secs((length - gone).as_secs_f64().ceil() as u64);
    let ratio = gone.as_secs_f64() / length.as_secs_f64().max(f64::MIN_POSITIVE);
    let clock = format!("{} of {}", humanize::clock(gone), humanize::clock(length));
    Progress { label, ratio, words: format!("{clock} · {} left", humanize::span(left)) }
}

fn humanize_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The last seconds in words: `last 5 s`.
pub fn last_words(last: &StretchFigures) -> String {
    format!("last {} s", last.n_seconds().max(1))
}

/// Median, p95, p99, p99.9 and longest response time of a stretch.
pub fn percentiles(figures: &StretchFigures) -> [String; 5] {
    [figures.p50, figures.p95, figures.p99, figures.p99_9, figures.max]
        .map(|latency| latency.map_or_else(|| MISSING.to_owned(), humanize::latency))
}

/// Users and requests in flight now, and connections at the end of the last second.
pub fn load(snapshot: &LiveSnapshot) -> String {
    let mut parts = vec![
        humanize::counted(snapshot.n_users.into(), "user"),
        format!("{} in flight", humanize::count(snapshot.n_in_flight.into())),
    ];
    let connections = snapshot.history.last().and_then(|last| last.n_connections);
    parts.extend(connections.map(|n| humanize::counted(n.into(), "connection")));
    parts.join(" · ")
}

/// How the generator itself does: start lag of the last seconds, busiest worker of the last one.
pub fn generator(snapshot: &LiveSnapshot) -> Option<String> {
    let lag = snapshot.recent.last.start_lag_p99.map(|lag| {
        format!("start lag p99 {} ({})", humanize::fine_time(lag), last_words(&snapshot.recent.last))
    });
    let busiest = snapshot.history.last().and_then(|last| last.busiest_worker_ratio);
    let busiest = busiest.map(|share| format!("busiest worker {} (last second)", humanize::percent(share)));
    let parts: Vec<_> = lag.into_iter().chain(busiest).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Answers so far by class of status; classes that did not occur are left out.
pub fn answers(figures: &StretchFigures) -> String {
    let counted = STATUS_CLASSES.into_iter().zip(figures.counters.n_by_status_class).skip(1);
    let last = (STATUS_CLASSES[0], figures.counters.n_by_status_class[0]);
    let parts: Vec<_> = counted
        .chain([last])
        .filter(|(_, n)| *n > 0)
        .map(|(class, n)| format!("{class} {}", humanize::count(n)))
        .collect();
    if parts.is_empty() { "none yet".to_owned() } else { parts.join(" · ") }
}

/// Errors since the start of the run.
pub fn errors_so_far(snapshot: &LiveSnapshot) -> String {
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

/// The most frequent kinds of errors with their counts.
pub fn top_errors(snapshot: &LiveSnapshot, scenario: &Scenario) -> Vec<(String, String)> {
    let mut groups: Vec<&ErrorGroup> = snapshot.error_groups.iter().collect();
    groups.sort_by(|a, b| b.n_errors.cmp(&a.n_errors).then_with(|| a.signature.cmp(&b.signature)));
    groups.into_iter().map(|group| (humanize::count(group.n_errors), error_words(group, scenario))).collect()
}

/// A kind of error and its step.
pub fn error_words(group: &ErrorGroup, scenario: &Scenario) -> String {
    let step = scenario.steps().nth(usize::from(group.step)).map_or("", |(_, step)| step.name.as_str());
    // A signature may hold a target's own words; on a terminal a line break in them would break the view.
    let signature = group.signature.replace(char::is_control, " ");
    format!("{signature} · {step}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::view::tests::{scenario, snapshot};

    #[test]
    fn the_five_numbers_are_those_of_the_last_second() {
        let mut snapshot = snapshot(2_000);
        let texts = |snapshot: &LiveSnapshot| {
            numbers(snapshot, &scenario()).map(|number| format!("{} {}", number.label, number.value))
        };
        let expected = ["Asked 20.0/s", "Sent 20.0/s", "Completed 20.0/s", "p95 9.00 ms", "Errors 0 %"];
        assert_eq!(texts(&snapshot), expected);
        Arc::make_mut(&mut snapshot.history).last_mut().unwrap().errors_per_sec = 5.0;
        let share = &numbers(&snapshot, &scenario())[4];
        assert_eq!((share.value.as_str(), share.is_alarming), ("25 %", true));
        Arc::make_mut(&mut snapshot.history).clear();
        assert_eq!(texts(&snapshot)[3], "p95 –");
    }

    #[test]
    fn progress_says_what_is_left_of_the_stage_and_of_the_run() {
        let [stage, whole] = progress(&snapshot(12_500));
        assert_eq!((stage.label.as_str(), stage.ratio), ("Second (2 of 2)", 0.25));
        assert_eq!(stage.words, "0:02 of 0:10 · 8 s left");
        assert_eq!((whole.ratio, whole.words.as_str()), (0.625, "0:12 of 0:20 · 8 s left"));
    }

    #[test]
    fn connections_and_the_busiest_worker_are_shown_once_they_are_measured() {
        let mut snapshot = snapshot(2_000);
        assert_eq!(load(&snapshot), "1 user · 2 in flight");
        assert_eq!(generator(&snapshot), None);
        let last = Arc::make_mut(&mut snapshot.history).last_mut().unwrap();
        (last.n_connections, last.busiest_worker_ratio) = (Some(3), Some(0.12));
        assert_eq!(load(&snapshot), "1 user · 2 in flight · 3 connections");
        assert_eq!(generator(&snapshot).unwrap(), "busiest worker 12 % (last second)");
    }

    #[test]
    fn answers_are_told_by_class_and_those_without_a_status_last() {
        let mut figures = StretchFigures::default();
        assert_eq!(answers(&figures), "none yet");
        figures.counters.n_by_status_class = [2, 0, 1_500, 0, 0, 7];
        assert_eq!(answers(&figures), "2xx 1,500 · 5xx 7 · no answer 2");
    }
}
