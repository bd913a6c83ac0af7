//! The live view of a run, drawn up from what the collector has.

use std::{sync::Arc, time::Duration};

use super::batch::SecondCells;
use super::collector::Collector;
use crate::metrics::{
    Annotation, ErrorGroup, Finish, History, IntervalStats, LiveSnapshot, LookBack, Phase, Recent,
    RecentSums, SecondPoint, StepStats, ThresholdLive,
};
use crate::model::{Plan, PlanChange};

/// What snapshots show beyond the present moment.
pub(super) struct LiveView {
    plan: Arc<Plan>,
    look_back: LookBack,
    history: Arc<Vec<SecondPoint>>,
    /// The history of a second ago.
    shorter_history: Arc<Vec<SecondPoint>>,
    past: Arc<History>,
    recent: Arc<Recent>,
    recent_sums: RecentSums,
    thresholds: Arc<Vec<ThresholdLive>>,
    error_groups: Arc<Vec<ErrorGroup>>,
    annotations: Arc<Vec<Annotation>>,
    plan_changes: Arc<Vec<PlanChange>>,
    /// All steps of one second; its memory is used again.
    second: StepStats,
}

/// Where a run is at the moment of a snapshot.
pub(super) struct Moment {
    pub phase: Phase,
    pub finish: Option<Finish>,
    pub elapsed: Duration,
    pub stage: usize,
    pub journal_trouble: Option<String>,
}

impl Moment {
    pub fn before_start() -> Self {
        Self {
            phase: Phase::Preparing,
            finish: None,
            elapsed: Duration::ZERO,
            stage: 0,
            journal_trouble: None,
        }
    }
}

impl LiveView {
    pub fn new(plan: &Plan, n_steps: usize, look_back: LookBack) -> Self {
        Self {
            plan: Arc::new(plan.clone()),
            look_back,
            history: Arc::default(),
            shorter_history: Arc::default(),
            past: Arc::new(History::new(n_steps)),
            recent: Arc::default(),
            recent_sums: RecentSums::default(),
            thresholds: Arc::default(),
            error_groups: Arc::default(),
            annotations: Arc::default(),
            plan_changes: Arc::default(),
            second: StepStats::default(),
        }
    }

    /// Follows the plan with all that was changed in it.
    pub fn replan(&mut self, plan: &Plan, changes: Arc<Vec<PlanChange>>) {
        self.plan = Arc::new(plan.clone());
        self.plan_changes = changes;
    }

    pub fn add_note(&mut self, note: Annotation) {
        Arc::make_mut(&mut self.annotations).push(note);
    }

    /// Takes over how the run stands against its thresholds.
    pub fn set_thresholds(&mut self, thresholds: Vec<ThresholdLive>) {
        self.thresholds = Arc::new(thresholds);
    }

    pub fn add_second(&mut self, cells: &SecondCells, interval: &IntervalStats) {
        self.second.clear();
        cells.cells().for_each(|(_, _, stats)| self.second.merge(stats));
        let point = SecondPoint::new(interval.second, &interval.load, &self.second, &cells.start_lag);
        // Where all of the past is at hand, whoever wants these figures sums them up from it.
        if self.look_back != LookBack::All
            && let Ok(recent) = self.recent_sums.push(interval.second, &self.second, &interval.load)
        {
            self.recent = Arc::new(recent);
        }
        match self.look_back {
            LookBack::All | LookBack::AllAndRecent => {
                // What was encoded a moment ago decodes.
                let _ = Arc::make_mut(&mut self.past).push(interval);
                self.lengthen_history(point);
            }
            LookBack::Points => self.lengthen_history(point),
            LookBack::Second => self.history = Arc::new(vec![point]),
        }
    }

    /// Adds a point without copying the others: readers have the newest history, and nearly always nobody that of
    /// a second ago, so that the two take turns.
    fn lengthen_history(&mut self, point: SecondPoint) {
        let mut next = std::mem::replace(&mut self.shorter_history, Arc::clone(&self.history));
        let points = Arc::make_mut(&mut next);
        points.extend_from_slice(&self.history[points.len()..]);
        points.push(point);
        self.history = next;
    }

    /// Renews what is drawn up once a second.
    pub fn renew(&mut self, error_groups: &[ErrorGroup]) {
        if *error_groups != **self.error_groups {
            self.error_groups = Arc::new(error_groups.to_vec());
        }
    }

    pub fn snapshot(&self, collector: &Collector, moment: Moment) -> LiveSnapshot {
        let totals = collector.totals;
        LiveSnapshot {
            phase: moment.phase,
            finish: moment.finish,
            elapsed: moment.elapsed,
            plan: Arc::clone(&self.plan),
            stage: moment.stage,
            history: Arc::clone(&self.history),
            past: Arc::clone(&self.past),
            recent: Arc::clone(&self.recent),
            thresholds: Arc::clone(&self.thresholds),
            error_groups: Arc::clone(&self.error_groups),
            annotations: Arc::clone(&self.annotations),
            plan_changes: Arc::clone(&self.plan_changes),
            n_requests: totals.n_requests,
            n_errors: totals.n_errors,
            n_started: totals.n_started,
            n_dropped: totals.n_dropped,
            n_users: collector.n_users(),
            n_in_flight: collector.n_in_flight(),
            journal_trouble: moment.journal_trouble,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::batch::Sample;
    use crate::engine::testing::scenario;
    use crate::metrics::{IntervalRow, LoadStats};
    use crate::model::LoadModel;

    #[test]
    fn memory_need_not_grow_with_a_run_and_rates_are_over_all_of_it_all_the_same() {
        let plan = Plan::new(&scenario(LoadModel::Closed, &[(10, 1.0)], &["/"]), 1.0);
        let all = vec![0, 1, 2, 3];
        for (look_back, seconds) in
            [(LookBack::All, all.clone()), (LookBack::AllAndRecent, all), (LookBack::Second, vec![3])]
        {
            let mut live = LiveView::new(&plan, 1, look_back);
            for second in 0..4 {
                let mut cells = SecondCells::new(1);
                cells.record(&Sample::lasting(Duration::from_millis(5)));
                let rows = cells
                    .cells()
                    .map(|(segment, step, stats)| IntervalRow { segment, step, stats: stats.encode() })
                    .collect();
                let load = LoadStats { span: Duration::from_secs(1), ..LoadStats::default() };
                live.add_second(&cells, &IntervalStats { second, rows, errors: vec![], load });
            }
            live.renew(&[]);
            assert_eq!(live.history.iter().map(|point| point.second).collect::<Vec<_>>(), seconds);
            let of_run = match look_back {
                LookBack::All => {
                    let sums = live.past.sums(0..4).unwrap();
                    let aggregate = sums.aggregate(sums.steps[0].clone());
                    (sums.counters().n_requests(), aggregate.throughput_per_sec())
                }
                _ => (live.recent.run.counters.n_requests(), live.recent.run.completed_per_sec),
            };
            assert_eq!(of_run, (4, Some(1.0)));
        }
    }
}
