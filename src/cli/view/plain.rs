//! Progress as plain lines: every five seconds, and what is new in between.

use std::collections::HashSet;
use std::time::Duration;

use crate::humanize;
use crate::metrics::{LiveSnapshot, Phase, ThresholdState};
use crate::model::Scenario;

use super::{
    View,
    essentials::{self, stage_words},
    targets::targets,
    tell,
};

/// What the figures of a line cover.
pub const LEGEND: &str = "Rates and latencies are those of the last 5 s; users and requests in flight those of now; errors \
                          count from the start of the run.";

const PAUSE: Duration = Duration::from_secs(5);
/// Kinds of errors that are told when they first occur; the summary tells all of them.
const MAX_TOLD_ERRORS: usize = 10;

/// Progress as plain lines.
pub struct PlainLines {
    scenario: Scenario,
    stage: Option<String>,
    next_at: Duration,
    n_notes: usize,
    n_errors: usize,
    /// Thresholds that were missed at the last look.
    missed: HashSet<usize>,
}

impl PlainLines {
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, stage: None, next_at: PAUSE, n_notes: 0, n_errors: 0, missed: HashSet::new() }
    }

    /// The lines that this snapshot is due.
    fn lines(&mut self, snapshot: &LiveSnapshot) -> Vec<String> {
        let stage = stage_words(snapshot);
        let mut lines = Vec::new();
        if snapshot.elapsed >= self.next_at {
            lines.push(figures(snapshot, &self.scenario));
            while self.next_at <= snapshot.elapsed {
                self.next_at += PAUSE;
            }
        }
        let is_news = matches!(snapshot.phase, Phase::Running | Phase::Draining);
        if is_news && self.stage.as_ref() != Some(&stage) {
            lines.push(format!("— {stage}"));
            self.stage = Some(stage);
        }
        self.news(snapshot, &mut lines);
        let at = humanize::clock(snapshot.elapsed);
        lines.into_iter().map(|line| format!("{at:>5}  {line}")).collect()
    }

    /// Notes, kinds of errors that occur for the first time, limits that begin to be missed or are met again.
    fn news(&mut self, snapshot: &LiveSnapshot, lines: &mut Vec<String>) {
        let notes = snapshot.annotations.iter().skip(self.n_notes);
        lines.extend(notes.map(|note| format!("note at {}: {}", humanize::clock(note.at), note.text)));
        self.n_notes = snapshot.annotations.len();
        let kinds = snapshot.error_groups.iter().take(MAX_TOLD_ERRORS).skip(self.n_errors);
        lines.extend(
            kinds.map(|group| format!("new error: {}", essentials::error_words(group, &self.scenario))),
        );
        self.n_errors = self.n_errors.max(snapshot.error_groups.len());
        for target in targets(snapshot, &self.scenario) {
            let is_missed = target.state == ThresholdState::Missed;
            if is_missed && self.missed.insert(target.index) {
                lines.push(format!("target missed: {}", target.figures));
            } else if !is_missed && self.missed.remove(&target.index) {
                lines.push(format!("target met again: {}", target.figures));
            }
        }
    }
}

fn figures(snapshot: &LiveSnapshot, scenario: &Scenario) -> String {
    let (last, run) = (&snapshot.recent.last, &snapshot.recent.run);
    let [sent, completed] =
        [last.sent_per_sec, last.completed_per_sec].map(|rate| rate.map_or_else(String::new, humanize::rate));
    let asked = match (essentials::asked_requests_per_sec(last, scenario), last.asked_level) {
        (Some(per_sec), _) => format!("asked {}", humanize::rate(per_sec)),
        (None, Some(level)) => format!("asked {}", humanize::level(level, false)),
        (None, None) => return "no second measured yet".to_owned(),
    };
    let [p50, p95, p99, ..] = essentials::percentiles(last);
    let [_, run_p95, ..] = essentials::percentiles(run);
    format!(
        "{asked} · sent {sent} · completed {completed} · {} · p50 {p50} · p95 {p95} ({run_p95} so far) · p99 {p99} · errors {}",
        essentials::load(snapshot),
        essentials::errors_so_far(snapshot)
    )
}

impl View for PlainLines {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        self.lines(snapshot).iter().for_each(|line| tell(line));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::view::tests::{scenario, snapshot};
    use crate::metrics::{Annotation, ErrorGroup, Outcome};

    #[test]
    fn a_run_of_twenty_seconds_says_its_stages_and_a_line_every_five_seconds() {
        let mut view = PlainLines::new(scenario());
        let said: Vec<String> = (0..200).flat_map(|tenth| view.lines(&snapshot(tenth * 100))).collect();
        let line = |at: &str, n: u32| {
            format!(
                "{at:>5}  asked 20.0/s · sent 20.0/s · completed 20.0/s · 1 user · 2 in flight · p50 5.00 ms · \
                 p95 9.00 ms (9.00 ms so far) · p99 12.0 ms · errors 0 of {n} requests (0 %)"
            )
        };
        let expected = [
            " 0:00  — First".to_owned(),
            line("0:05", 100),
            line("0:10", 200),
            " 0:10  — Second".to_owned(),
            line("0:15", 300),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn snapshots_that_come_late_do_not_pile_up_lines() {
        let mut view = PlainLines::new(scenario());
        assert_eq!(view.lines(&snapshot(17_000)).len(), 2);
        assert_eq!(view.lines(&snapshot(17_100)).len(), 0);
    }

    #[test]
    fn what_is_new_is_told_once() {
        let mut view = PlainLines::new(scenario());
        view.lines(&snapshot(1_000));
        let mut news = snapshot(1_100);
        news.annotations = Arc::new(vec![Annotation { at: Duration::from_secs(1), text: "deployed".into() }]);
        news.error_groups = Arc::new(vec![ErrorGroup {
            step: 0,
            outcome: Outcome::Status,
            signature: "HTTP 500".into(),
            n_errors: 1,
            first_seen: Duration::ZERO,
            last_seen: Duration::ZERO,
            exemplars: Vec::new(),
        }]);
        assert_eq!(view.lines(&news), [" 0:01  note at 0:01: deployed", " 0:01  new error: HTTP 500 · Look"]);
        assert_eq!(view.lines(&news).len(), 0);
    }
}
