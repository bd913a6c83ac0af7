//! What a run says while it goes on: a live view on a terminal, lines in a pipe, JSON, or nothing.

mod essentials;
mod frame;
mod json_lines;
mod plain;
mod targets;
mod terminal;

use std::io::{self, IsTerminal as _};

use crate::metrics::{LiveSnapshot, LookBack};
use crate::model::Scenario;

use super::{
    args::ProgressArgs,
    out::{complain, print},
};

/// How a run tells of its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Quiet,
    Plain,
    JsonLines,
    Terminal,
}

/// Shows a run that is under way.
pub trait View {
    fn show(&mut self, snapshot: &LiveSnapshot);

    /// Says something that must be known now.
    fn say(&mut self, text: &str) {
        complain(text);
    }

    /// The run has ended.
    fn close(&mut self) {}
}

impl Progress {
    /// What its view shows of the run's past: for people the last second, beside the sums; programs get every one,
    /// however late they read.
    pub fn look_back(self) -> LookBack {
        match self {
            Self::Quiet | Self::Plain | Self::Terminal => LookBack::Second,
            Self::JsonLines => LookBack::Points,
        }
    }

    /// As asked; else live on a terminal, and plain lines in a pipe.
    pub fn choose(args: &ProgressArgs) -> Self {
        match args {
            ProgressArgs { quiet: true, .. } => Self::Quiet,
            ProgressArgs { json_lines: true, .. } => Self::JsonLines,
            ProgressArgs { plain: true, .. } => Self::Plain,
            _ if io::stdout().is_terminal() => Self::Terminal,
            _ => Self::Plain,
        }
    }
}

/// Opens the view of a run of `scenario`; `opening` says what runs.
pub fn open(progress: Progress, scenario: &Scenario, opening: &str) -> Box<dyn View> {
    match progress {
        Progress::Quiet => Box::new(Silent),
        Progress::JsonLines => Box::new(json_lines::JsonLines::new(scenario.clone())),
        Progress::Plain => {
            tell(&format!("{opening}\n{}", plain::LEGEND));
            Box::new(plain::PlainLines::new(scenario.clone()))
        }
        Progress::Terminal => {
            tell(opening);
            Box::new(terminal::TerminalView::new(scenario.clone()))
        }
    }
}

struct Silent;

impl View for Silent {
    fn show(&mut self, _snapshot: &LiveSnapshot) {}
}

/// A line of progress; the run goes on even where it cannot be written.
fn tell(line: &str) {
    if let Err(error) = print(&format!("{line}\n")) {
        complain(&error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::metrics::{Counters, N_OUTCOMES, Phase, Recent, SecondPoint, StretchFigures};
    use crate::model::{Journey, LoadModel, LoadProfile, Plan, Shape, Stage, Step};

    pub fn plan() -> Plan {
        Plan::new(&scenario(), 1.0)
    }

    /// Two stages of ten seconds at 20/s.
    pub fn scenario() -> Scenario {
        let stage = |name: &str| Stage {
            name: name.to_owned(),
            duration: Duration::from_secs(10),
            end_level: 20.0,
            shape: Shape::Step,
        };
        let load = LoadProfile {
            model: LoadModel::open(),
            warm_up: Duration::ZERO,
            graceful_stop: Duration::ZERO,
            stages: vec![stage("First"), stage("Second")],
        };
        let steps = vec![Step::get("Look", "/")];
        Scenario {
            journeys: vec![Journey { steps, ..Journey::new("Shop") }],
            ..Scenario::new("Steady", "http://localhost", load)
        }
    }

    /// A stretch of a run in which each second is like the others.
    fn stretch(from: u32, to: u32) -> StretchFigures {
        let millis = |millis| Some(Duration::from_millis(millis));
        let mut counters = Counters::default();
        counters.n_by_outcome[0] = u64::from(20 * (to - from));
        counters.n_by_status_class[2] = counters.n_by_outcome[0];
        let rate = (to > from).then_some(20.0);
        StretchFigures {
            seconds: from..to,
            span: Duration::from_secs((to - from).into()),
            counters,
            asked_level: rate,
            sent_per_sec: rate,
            completed_per_sec: rate,
            p50: millis(5),
            p75: millis(7),
            p90: millis(8),
            p95: millis(9),
            p99: millis(12),
            p99_9: millis(14),
            max: millis(15),
            start_lag_p99: None,
        }
    }

    /// The view after `millis` of a run that does what is asked.
    pub fn snapshot(millis: u64) -> LiveSnapshot {
        let elapsed = Duration::from_millis(millis);
        let n_seconds = elapsed.as_secs() as u32;
        LiveSnapshot {
            phase: Phase::Running,
            finish: None,
            elapsed,
            plan: Arc::new(plan()),
            stage: plan().stage_at(elapsed),
            history: Arc::new((0..n_seconds).map(second).collect()),
            past: Arc::default(),
            recent: Arc::new(Recent {
                last: stretch(n_seconds.saturating_sub(5), n_seconds),
                run: stretch(0, n_seconds),
            }),
            thresholds: Arc::default(),
            error_groups: Arc::default(),
            annotations: Arc::default(),
            plan_changes: Arc::default(),
            n_requests: 20 * elapsed.as_secs(),
            n_errors: 0,
            n_started: 20 * elapsed.as_secs(),
            n_dropped: 0,
            n_users: 1,
            n_in_flight: 2,
            journal_trouble: None,
        }
    }

    fn second(second: u32) -> SecondPoint {
        let mut n_by_outcome = [0; N_OUTCOMES];
        n_by_outcome[0] = 20;
        SecondPoint {
            second,
            asked_level: 20.0,
            started_per_sec: 20.0,
            dropped_per_sec: 0.0,
            sent_per_sec: 20.0,
            completed_per_sec: 20.0,
            errors_per_sec: 0.0,
            n_by_outcome,
            n_by_status_class: [0, 0, 20, 0, 0, 0],
            p50: Some(Duration::from_millis(5)),
            p75: Some(Duration::from_millis(7)),
            p90: Some(Duration::from_millis(8)),
            p95: Some(Duration::from_millis(9)),
            p99: Some(Duration::from_millis(12)),
            p99_9: Some(Duration::from_millis(14)),
            max: Some(Duration::from_millis(15)),
            service_p95: Some(Duration::from_millis(9)),
            phase_p50: Default::default(),
            start_lag_p99: None,
            n_users: 1,
            n_in_flight: 2,
            mean_in_flight: None,
            n_connections: None,
            busiest_worker_ratio: None,
            host: None,
        }
    }

    #[test]
    fn what_is_asked_for_decides_over_the_terminal() {
        let choose = |quiet, plain, json_lines| Progress::choose(&ProgressArgs { quiet, plain, json_lines });
        assert_eq!(choose(true, false, false), Progress::Quiet);
        assert_eq!(choose(false, true, false), Progress::Plain);
        assert_eq!(choose(false, false, true), Progress::JsonLines);
    }
}
