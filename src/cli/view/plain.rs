//! Progress as plain lines: at each change of stage, and every five seconds.

use std::time::Duration;

use crate::humanize;
use crate::metrics::LiveSnapshot;
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
        let at = humanize::span(Duration::from_secs(snapshot.elapsed.as_secs()));
        let mut lines = Vec::new();
        if snapshot.elapsed >= self.next_at {
            let Figures { rate, load, latency, errors } = Figures::new(snapshot, &self.plan);
            lines.push(format!("{at:>8}  {rate} · {load} · {latency} · errors {errors}"));
            while self.next_at <= snapshot.elapsed {
                self.next_at += PAUSE;
            }
        }
        if self.stage.as_ref() != Some(&stage) {
            lines.push(format!("{at:>8}  — {stage}"));
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
