//! Progress as plain lines: at each change of stage, and every five seconds.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{LiveSnapshot, Phase};
use crate::model::Plan;

use super::{
    View,
    figures::{Figures, stage_words},
    tell,
};

/// What the figures of a line cover.
pub const LEGEND: &str =
    "Rates, users and latencies are those of the last second; errors count from the start of the run.";

const PAUSE: Duration = Duration::from_secs(5);

/// Progress as plain lines.
pub struct PlainLines {
    plan: Plan,
    stage: Option<String>,
    next_at: Duration,
}

impl PlainLines {
    pub fn new(plan: Plan) -> Self {
        Self { plan, stage: None, next_at: PAUSE }
    }

    /// The lines that this snapshot is due.
    fn lines(&mut self, snapshot: &LiveSnapshot) -> Vec<String> {
        let stage = stage_words(snapshot, &self.plan);
        let at = humanize::clock(snapshot.elapsed);
        let mut lines = Vec::new();
        if snapshot.elapsed >= self.next_at {
            let Figures { rate, load, latency, errors } = Figures::new(snapshot, &self.plan);
            lines.push(format!("{at:>5}  {rate} · {load} · {latency} · errors {errors}"));
            while self.next_at <= snapshot.elapsed {
                self.next_at += PAUSE;
            }
        }
        let is_news = matches!(snapshot.phase, Phase::Running | Phase::Draining);
        if is_news && self.stage.as_ref() != Some(&stage) {
            lines.push(format!("{at:>5}  — {stage}"));
            self.stage = Some(stage);
        }
        lines
    }
}

impl View for PlainLines {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        self.lines(snapshot).iter().for_each(|line| tell(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::view::tests::{plan, snapshot};

    #[test]
    fn a_run_of_twenty_seconds_says_its_stages_and_a_line_every_five_seconds() {
        let mut view = PlainLines::new(plan());
        let said: Vec<String> = (0..200).flat_map(|tenth| view.lines(&snapshot(tenth * 100))).collect();
        assert_eq!(
            said,
            [
                " 0:00  — First",
                " 0:05  asked 20/s · sent 20.0/s · completed 20.0/s · 1 user · 2 in flight · p50 5.00 ms · p95 9.00 ms · \
                 p99 12.0 ms · errors 0 of 100 requests (0 %)",
                " 0:10  asked 20/s · sent 20.0/s · completed 20.0/s · 1 user · 2 in flight · p50 5.00 ms · p95 9.00 ms · \
                 p99 12.0 ms · errors 0 of 200 requests (0 %)",
                " 0:10  — Second",
                " 0:15  asked 20/s · sent 20.0/s · completed 20.0/s · 1 user · 2 in flight · p50 5.00 ms · p95 9.00 ms · \
                 p99 12.0 ms · errors 0 of 300 requests (0 %)",
            ]
        );
    }

    #[test]
    fn snapshots_that_come_late_do_not_pile_up_lines() {
        let mut view = PlainLines::new(plan());
        assert_eq!(view.lines(&snapshot(17_000)).len(), 2);
        assert_eq!(view.lines(&snapshot(17_100)).len(), 0);
    }
}
