//! The sums that a run's thresholds ask for, kept up while the run goes on.
//!
//! Only what limits stand on is summed up, and thresholds of one scope and window share one sum, so that a look
//! at all of them costs the collector a few milliseconds even with many steps and stages.

use std::{collections::BTreeMap, time::Duration};

use crate::model::{Plan, Scenario, Scope, Segment, Window};

use super::{Aggregate, LoadStats, StepStats, aggregate::n_after};

/// What was measured so far in the scope and window of each threshold.
#[derive(Clone, Debug)]
pub struct LimitTotals {
    plan: Plan,
    load_duration: Duration,
    scopes: Vec<ScopeTotals>,
    /// For each threshold its scope and its window in there.
    places: Vec<(usize, usize)>,
    n_started: u64,
    n_due: u64,
}

/// One scope that thresholds stand on, with the windows that they ask for.
#[derive(Clone, Debug)]
struct ScopeTotals {
    scope: Scope,
    /// Whether it covers a step, by its index.
    covers: Vec<bool>,
    /// Kept, because a changed plan can put stages into a window or out of it.
    segments: BTreeMap<Segment, StepStats>,
    windows: Vec<(Window, Aggregate)>,
}

/// Counts and response times: all that metrics of thresholds are made of.
fn merge_lean(into: &mut StepStats, stats: &StepStats) {
    into.counters.merge(&stats.counters);
    into.response_time.merge(&stats.response_time);
}

impl LimitTotals {
    /// Of a run that has only begun.
    pub fn new(plan: Plan, scenario: &Scenario) -> Self {
        let mut totals = Self {
            plan,
            load_duration: Duration::ZERO,
            scopes: Vec::new(),
            places: Vec::new(),
            n_started: 0,
            n_due: 0,
        };
        for threshold in &scenario.thresholds {
            let place = totals.place(scenario, &threshold.scope, &threshold.window);
            totals.places.push(place);
        }
        totals
    }

    fn place(&mut self, scenario: &Scenario, scope: &Scope, window: &Window) -> (usize, usize) {
        let scopes = &mut self.scopes;
        let at = scopes.iter().position(|known| known.scope == *scope).unwrap_or_else(|| {
            scopes.push(ScopeTotals::new(scenario, scope));
            scopes.len() - 1
        });
        let windows = &mut scopes[at].windows;
        let within = windows.iter().position(|(known, _)| known == window).unwrap_or_else(|| {
            windows.push((window.clone(), Aggregate::default()));
            windows.len() - 1
        });
        (at, within)
    }

    /// Adds requests of one step that were intended for one segment.
    pub fn add_cell(&mut self, segment: Segment, step: u16, stats: &StepStats) {
        for scope in &mut self.scopes {
            if scope.covers.get(usize::from(step)) == Some(&true) {
                scope.add(&self.plan, segment, stats);
            }
        }
    }

    /// Adds how the load stood in a second.
    pub fn add_load(&mut self, load: &LoadStats) {
        self.n_started += load.n_started;
        self.n_due += load.n_due;
    }

    /// Says how long load has been made; windows end there.
    pub fn set_load_duration(&mut self, load_duration: Duration) {
        self.load_duration = load_duration;
        let sent_ratio = (self.n_due > 0).then(|| self.n_started as f64 / self.n_due as f64);
        for (window, sum) in self.scopes.iter_mut().flat_map(|scope| &mut scope.windows) {
            sum.duration = self.plan.window_duration(window, load_duration);
            sum.sent_ratio = sent_ratio;
        }
    }

    /// Follows a plan that was changed while the run goes on.
    pub fn set_plan(&mut self, plan: Plan) {
        self.plan = plan;
        self.scopes.iter_mut().for_each(|scope| scope.sum_up(&self.plan));
        self.set_load_duration(self.load_duration);
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the threshold with this index stands on; phases, service times and errors' times are left out.
    pub fn of_threshold(&self, threshold: usize) -> &Aggregate {
        let (scope, window) = self.places[threshold];
        &self.scopes[scope].windows[window].1
    }
}

impl ScopeTotals {
    fn new(scenario: &Scenario, scope: &Scope) -> Self {
        Self {
            scope: scope.clone(),
            covers: scenario.covered_steps(scope),
            segments: BTreeMap::new(),
            windows: Vec::new(),
        }
    }

    fn add(&mut self, plan: &Plan, segment: Segment, stats: &StepStats) {
        merge_lean(self.segments.entry(segment).or_default(), stats);
        for (window, sum) in &mut self.windows {
            if plan.window_contains(window, segment) {
                merge_lean(&mut sum.stats, stats);
                sum.n_after += n_after(segment, stats);
            }
        }
    }

    fn sum_up(&mut self, plan: &Plan) {
        for (window, sum) in &mut self.windows {
            (sum.stats, sum.n_after) = (StepStats::default(), 0);
            for (segment, stats) in &self.segments {
                if plan.window_contains(window, *segment) {
                    merge_lean(&mut sum.stats, stats);
                    sum.n_after += n_after(*segment, stats);
                }
            }
        }
    }
}

/// Feeds a kept run's second as the collector does.
#[cfg(test)]
pub(crate) fn feed(
    totals: &mut LimitTotals,
    interval: &super::IntervalStats,
) -> Result<(), super::HistogramError> {
    for row in &interval.rows {
        let mut stats = StepStats::default();
        stats.merge_encoded(&row.stats)?;
        totals.add_cell(row.segment, row.step, &stats);
    }
    totals.add_load(&interval.load);
    totals.set_load_duration(Duration::from_secs(u64::from(interval.second)) + interval.load.span);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{IntervalRow, RunRecord, RunTotals};
    use crate::model::{Metric, PlanChange, PlanChangeKind, Threshold};

    const METRICS: [Metric; 6] = [
        Metric::Quantile(0.5),
        Metric::Quantile(0.99),
        Metric::Max,
        Metric::ErrorShare,
        Metric::Throughput,
        Metric::SentShare,
    ];

    /// One threshold for each scope and window of the sample scenario.
    fn record() -> RunRecord {
        let mut scenario = sample::open_scenario();
        let scopes = [
            Scope::Run,
            Scope::Service("auth".to_owned()),
            Scope::Journey("Browse and enrol".to_owned()),
            Scope::Step("List courses".to_owned()),
        ];
        let windows = [Window::Run, Window::Steady, Window::Stage("Spike (200)".to_owned())];
        for scope in scopes {
            scenario.thresholds.extend(windows.iter().map(|window| Threshold {
                scope: scope.clone(),
                window: window.clone(),
                ..sample::must(Metric::Mean, 1.0)
            }));
        }
        sample::record(scenario)
    }

    fn assert_alike(fed: &LimitTotals, kept: &RunTotals, record: &RunRecord) {
        for (index, threshold) in record.start.scenario.thresholds.iter().enumerate() {
            let expected = kept.select(&threshold.scope, &threshold.window);
            let found = fed.of_threshold(index);
            assert_eq!(found.stats.counters, expected.stats.counters, "{threshold:?}");
            for metric in METRICS {
                assert_eq!(found.metric(metric), expected.metric(metric), "{metric} of {threshold:?}");
            }
        }
    }

    #[test]
    fn requests_after_the_load_count_over_the_whole_run_and_in_no_rate() {
        let record = record();
        let before = RunTotals::new(&record).unwrap();
        let late = IntervalRow { segment: Segment::AFTER, ..record.rows[0].clone() };
        let mut longer = record.clone();
        longer.rows.push(late.clone());
        let after = RunTotals::new(&longer).unwrap();
        let select = |totals: &RunTotals, window| totals.select(&Scope::Run, &window);
        let (whole, longer_whole) = (select(&before, Window::Run), select(&after, Window::Run));
        let n_late = longer_whole.n_after;
        assert!(n_late > 0);
        let n_requests = |sum: &Aggregate| sum.stats.counters.n_requests();
        assert_eq!(n_requests(&longer_whole), n_requests(&whole) + n_late);
        assert_eq!(longer_whole.throughput_per_sec(), whole.throughput_per_sec());
        assert_eq!(select(&after, Window::Steady), select(&before, Window::Steady));
        // While the run goes on as well.
        let mut fed = LimitTotals::new(record.plan(), &record.start.scenario);
        sample::intervals(&record).iter().try_for_each(|interval| feed(&mut fed, interval)).unwrap();
        let mut stats = StepStats::default();
        stats.merge_encoded(&late.stats).unwrap();
        fed.add_cell(late.segment, late.step, &stats);
        assert_alike(&fed, &after, &longer);
    }

    #[test]
    fn a_run_fed_second_by_second_has_the_sums_of_a_kept_one() {
        let record = record();
        let mut fed = LimitTotals::new(record.plan(), &record.start.scenario);
        for interval in &sample::intervals(&record) {
            feed(&mut fed, interval).unwrap();
        }
        assert_alike(&fed, &RunTotals::new(&record).unwrap(), &record);
    }

    #[test]
    fn a_changed_plan_moves_what_was_measured_between_windows() {
        let mut record = record();
        let mut fed = LimitTotals::new(record.plan(), &record.start.scenario);
        for interval in &sample::intervals(&record)[..20] {
            feed(&mut fed, interval).unwrap();
        }
        sample::cut(&mut record, crate::metrics::Finish::Stopped, 20);
        let at = Duration::from_secs(20);
        record.plan_changes.push(PlanChange { at, kind: PlanChangeKind::ReplaceFuture(Vec::new()) });
        fed.set_plan(record.plan());
        assert_alike(&fed, &RunTotals::new(&record).unwrap(), &record);
    }
}
