//! One run as tables of numbers with verdicts: the single source for screen, terminal, report and JSON.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{Aggregate, Caveat, HistogramError, KeptRun, RunDigest, RunRecord, RunTotals, Verdict};
use crate::model::{
    Budget, Metric, PlannedStage, Scenario, Scope, Service, Step, Threshold, ThresholdSeverity, Window,
};

use super::{
    GeneratorFigures, Interleaved, Quality, Reading, ThresholdVerdict, WatchedUse, assess, interleaved,
    judge::{Grounds, judge, run_verdict},
    precision::Intervals,
    words::window_words,
};

/// One run as tables of numbers with verdicts.
#[derive(Clone, Debug)]
pub struct Summary {
    pub verdict: Verdict,
    /// Why the verdict is what it is, one plain sentence each.
    pub reasons: Vec<String>,
    pub quality: Quality,
    /// Everything that weakens the numbers, the heaviest first.
    pub caveats: Vec<Caveat>,
    /// The window of the headline numbers: steady, or the whole run where nothing is steady.
    pub headline_window: Window,
    /// The headline window in words.
    pub headline_words: String,
    pub headline: Aggregate,
    /// Of the headline's percentiles, once they are worked out.
    pub headline_intervals: Intervals,
    /// The whole run, warm-up included.
    pub whole: Aggregate,
    pub stages: Vec<StageRow>,
    /// Headline window, in the order of the scenario.
    pub steps: Vec<ScopeRow>,
    pub services: Vec<ScopeRow>,
    pub budgets: Vec<BudgetResult>,
    pub thresholds: Vec<ThresholdResult>,
    /// What monitors saw, and what their limits come to.
    pub watched: WatchedUse,
    pub generator: GeneratorFigures,
    /// The sides of an interleaved run beside each other; none where its seconds were not looked at.
    pub interleaved: Option<Interleaved>,
    /// The shortest timeout of the steps: all that is known of a request that timed out is that it took longer.
    pub timeout: Duration,
}

/// One stage of the run; warm-up left out.
#[derive(Clone, Debug)]
pub struct StageRow {
    pub name: String,
    pub planned: Duration,
    /// Part of the stage in which load was made and counted.
    pub measured: Duration,
    /// Users (closed) or arrivals per second (open).
    pub start_level: f64,
    pub end_level: f64,
    pub aggregate: Aggregate,
    pub intervals: Intervals,
    /// The run's must and should thresholds of latency and errors, put to this stage alone.
    pub verdict: ThresholdVerdict,
    /// How many thresholds that were; without any, the verdict says nothing.
    pub n_thresholds: usize,
}

/// One step or service in the headline window.
#[derive(Clone, Debug)]
pub struct ScopeRow {
    pub name: String,
    pub scope: Scope,
    /// The step's journey or the service's number of steps, in words.
    pub detail: String,
    pub aggregate: Aggregate,
    pub intervals: Intervals,
}

/// A service's budget and what was measured in the headline window.
#[derive(Clone, Debug)]
pub struct BudgetResult {
    pub service: String,
    pub budget: Budget,
    pub actual: Option<f64>,
    /// Timeouts hide the value: all that is known is that it is longer than `actual`.
    pub is_censored: bool,
    pub verdict: ThresholdVerdict,
}

/// A threshold and what was measured.
#[derive(Clone, Debug)]
pub struct ThresholdResult {
    pub threshold: Threshold,
    /// The threshold's window in words.
    pub window_words: String,
    pub actual: Option<f64>,
    /// Timeouts hide the value: all that is known is that it is longer than `actual`.
    pub is_censored: bool,
    pub verdict: ThresholdVerdict,
}

impl BudgetResult {
    /// What was measured, as it may be printed.
    pub fn reading(&self) -> Option<Reading> {
        let metric = self.budget.metric;
        self.actual.map(|value| Reading { metric, value, is_censored: self.is_censored })
    }
}

impl ThresholdResult {
    /// What was measured, as it may be printed.
    pub fn reading(&self) -> Option<Reading> {
        let metric = self.threshold.metric;
        self.actual.map(|value| Reading { metric, value, is_censored: self.is_censored })
    }
}

impl Summary {
    /// The numbers that lists show.
    pub fn digest(&self) -> RunDigest {
        let percentile = |quantile| self.reading(&self.headline, Metric::Quantile(quantile));
        let known = |quantile| {
            let reading = percentile(quantile).filter(|reading| !reading.is_censored)?;
            Some(Duration::from_secs_f64(reading.value))
        };
        let is_p95_hidden = percentile(0.95).is_some_and(|reading| reading.is_censored);
        let interval = self.headline_intervals.at(Metric::Quantile(0.95)).filter(|_| !is_p95_hidden);
        RunDigest {
            verdict: self.verdict,
            window: self.headline_words.clone(),
            n_requests: self.whole.stats.counters.n_requests(),
            mean: self.headline.stats.response_time.mean(),
            p50: known(0.5),
            p90: known(0.9),
            p95: known(0.95),
            p99: known(0.99),
            quality: Some(self.quality.standing),
            p95_interval: interval.copied(),
            p95_beyond: is_p95_hidden.then_some(self.timeout),
            throughput_per_sec: self.headline.throughput_per_sec().unwrap_or(0.0),
            error_ratio: self.headline.stats.counters.error_ratio(),
        }
    }

    /// A metric of one of this run's aggregates, as it may be printed.
    pub fn reading(&self, aggregate: &Aggregate, metric: Metric) -> Option<Reading> {
        Reading::of(aggregate, metric, self.timeout)
    }
}

/// Sums a run up.
pub fn summarize(record: &RunRecord) -> Result<Summary, HistogramError> {
    let totals = RunTotals::new(record)?;
    let scenario = &record.start.scenario;
    let timeout = shortest_timeout(scenario);
    let headline_window = headline_window(&totals);
    let headline = totals.select(&Scope::Run, &headline_window);
    let quality = assess(record, &totals)?;
    let services = service_rows(scenario, &totals, &headline_window);
    let budgets = budget_results(scenario, &services, timeout);
    let thresholds = threshold_results(scenario, &totals, timeout);
    let watched = WatchedUse::new(record, &confirming_window(&totals).unwrap_or(Window::Steady));
    let (verdict, reasons) = run_verdict(&Grounds {
        finish: record.end.finish,
        quality: &quality,
        headline: &headline,
        thresholds: &thresholds,
        budgets: &budgets,
        series: &watched.results,
    });
    Ok(Summary {
        generator: GeneratorFigures::new(record, &totals)?,
        verdict,
        reasons,
        caveats: quality.caveats.clone(),
        quality,
        headline_words: window_words(&headline_window, totals.plan()),
        headline,
        headline_intervals: Intervals::default(),
        whole: totals.select(&Scope::Run, &Window::Run),
        stages: stage_rows(scenario, &totals, timeout),
        steps: step_rows(scenario, &totals, &headline_window),
        headline_window,
        services,
        budgets,
        thresholds,
        watched,
        interleaved: None,
        timeout,
    })
}

/// Sums a run up whose seconds are at hand, with what only they tell.
pub fn summarize_kept(run: &KeptRun) -> Result<Summary, HistogramError> {
    let interleaved = interleaved(&run.record, &run.history)?;
    Ok(Summary { interleaved, ..summarize(&run.record)? })
}

/// The steady stages where they have requests, else the whole run; of a search the stage that confirms its answer.
// A run stopped during its first ramp has nothing steady; its numbers then say "whole run" beside them.
pub fn headline_window(totals: &RunTotals) -> Window {
    if let Some(confirming) = confirming_window(totals) {
        return confirming;
    }
    let is_measured = !totals.select(&Scope::Run, &Window::Steady).stats.is_empty();
    if is_measured { Window::Steady } else { Window::Run }
}

/// The stage that confirms a search's answer, once it has requests: all other probes are meant to find the end.
fn confirming_window(totals: &RunTotals) -> Option<Window> {
    let window = Window::Stage(totals.plan().confirming_stage()?.name.clone());
    (!totals.select(&Scope::Run, &window).stats.is_empty()).then_some(window)
}

/// The shortest time that any request was waited for.
pub fn shortest_timeout(scenario: &Scenario) -> Duration {
    let of_steps = scenario.sent_steps().map(|(_, _, step)| step.timeout.unwrap_or(scenario.timeout));
    of_steps.min().unwrap_or(scenario.timeout)
}

fn stage_rows(scenario: &Scenario, totals: &RunTotals, timeout: Duration) -> Vec<StageRow> {
    let row = |stage: &PlannedStage| {
        let aggregate = totals.select(&Scope::Run, &Window::Stage(stage.name.clone()));
        let verdicts = stage_verdicts(scenario, &stage.name, &aggregate, timeout);
        StageRow {
            name: stage.name.clone(),
            planned: stage.duration(),
            measured: aggregate.duration,
            start_level: stage.start_level,
            end_level: stage.end_level,
            verdict: worst(&verdicts),
            n_thresholds: verdicts.len(),
            aggregate,
            intervals: Intervals::default(),
        }
    };
    totals.plan().stages().iter().map(row).collect()
}

/// Whether a threshold is put to a stage alone: musts and shoulds of the whole run, on latency and errors.
// Throughput and sent share depend on the load that is asked for, so their limits are meant for their own window.
pub(super) fn is_put_to_stage(threshold: &Threshold, stage: &str) -> bool {
    threshold.scope == Scope::Run
        && threshold.severity != ThresholdSeverity::Info
        && !matches!(threshold.metric, Metric::Throughput | Metric::SentShare)
        && !matches!(&threshold.window, Window::Stage(name) if name != stage)
}

fn stage_verdicts(
    scenario: &Scenario,
    stage: &str,
    aggregate: &Aggregate,
    timeout: Duration,
) -> Vec<ThresholdVerdict> {
    scenario
        .thresholds
        .iter()
        .filter(|threshold| is_put_to_stage(threshold, stage))
        .map(|threshold| judge(aggregate, threshold.metric, threshold.limit, timeout).1)
        .collect()
}

/// A failure beats missing data, which beats a pass.
fn worst(verdicts: &[ThresholdVerdict]) -> ThresholdVerdict {
    [ThresholdVerdict::Fail, ThresholdVerdict::NotEnoughData, ThresholdVerdict::Pass]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict))
        .unwrap_or(ThresholdVerdict::NotEnoughData)
}

fn step_rows(scenario: &Scenario, totals: &RunTotals, window: &Window) -> Vec<ScopeRow> {
    let row = |(index, journey, step): (usize, usize, &Step)| ScopeRow {
        name: step.name.clone(),
        scope: Scope::Step(step.name.clone()),
        detail: scenario.journeys[journey].name.clone(),
        aggregate: totals.select_step(index, window),
        intervals: Intervals::default(),
    };
    scenario.sent_steps().map(row).collect()
}

fn service_rows(scenario: &Scenario, totals: &RunTotals, window: &Window) -> Vec<ScopeRow> {
    let row = |service: &Service| {
        let scope = Scope::Service(service.name.clone());
        let belongs = |step: &Step| step.service.as_ref() == Some(&service.name);
        let n_steps = scenario.sent_steps().filter(|(_, _, step)| belongs(step)).count() as u64;
        ScopeRow {
            name: service.name.clone(),
            detail: humanize::counted(n_steps, "step"),
            aggregate: totals.select(&scope, window),
            intervals: Intervals::default(),
            scope,
        }
    };
    scenario.services.iter().map(row).collect()
}

fn budget_results(scenario: &Scenario, services: &[ScopeRow], timeout: Duration) -> Vec<BudgetResult> {
    let of_service = |(service, row): (&Service, &ScopeRow)| {
        let result = |budget: &Budget| {
            let (reading, verdict) = judge(&row.aggregate, budget.metric, budget.limit, timeout);
            BudgetResult {
                service: service.name.clone(),
                budget: budget.clone(),
                actual: reading.map(|reading| reading.value),
                is_censored: reading.is_some_and(|reading| reading.is_censored),
                verdict,
            }
        };
        service.budgets.iter().map(result).collect::<Vec<_>>()
    };
    scenario.services.iter().zip(services).flat_map(of_service).collect()
}

fn threshold_results(scenario: &Scenario, totals: &RunTotals, timeout: Duration) -> Vec<ThresholdResult> {
    let result = |threshold: &Threshold| {
        let confirming = confirming_window(totals).filter(|_| threshold.window == Window::Steady);
        let window = confirming.unwrap_or_else(|| threshold.window.clone());
        let aggregate = totals.select(&threshold.scope, &window);
        let (reading, verdict) = judge(&aggregate, threshold.metric, threshold.limit, timeout);
        ThresholdResult {
            window_words: window_words(&window, totals.plan()),
            threshold: threshold.clone(),
            actual: reading.map(|reading| reading.value),
            is_censored: reading.is_some_and(|reading| reading.is_censored),
            verdict,
        }
    };
    scenario.thresholds.iter().map(result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample::{self, N_PER_SECOND};
    use crate::metrics::{Finish, LatencyHistogram, Outcome};

    const P95: Metric = Metric::Quantile(0.95);

    fn summary_of(record: &RunRecord) -> Summary {
        summarize(record).unwrap()
    }

    #[test]
    fn the_headline_covers_steady_stages_and_leaves_the_warm_up_out() {
        let mut record = sample::record(sample::scenario());
        // Within the warm-up, within the ramp after it, within the steady stage.
        for (second, millis) in [(2, 9_000), (7, 8_000), (15, 7_000)] {
            sample::add(&mut record, second, 0, &[(Outcome::Ok, Duration::from_millis(millis))]);
        }
        let summary = summary_of(&record);
        let max_secs = |aggregate: &Aggregate| aggregate.metric(Metric::Max).unwrap().round();
        assert_eq!(summary.headline_words, "steady stages, warm-up left out");
        assert_eq!(max_secs(&summary.headline), 7.0);
        assert_eq!(max_secs(&summary.whole), 9.0);
        assert_eq!(
            summary.stages.iter().map(|s| max_secs(&s.aggregate)).collect::<Vec<_>>(),
            [8.0, 7.0, 0.0]
        );
        assert_eq!(
            summary.stages.iter().map(|stage| stage.measured.as_secs()).collect::<Vec<_>>(),
            [5, 20, 10]
        );
        assert_eq!(summary.headline.stats.counters.n_requests(), 20 * 2 * N_PER_SECOND + 1);
        assert!((summary.headline.throughput_per_sec().unwrap() - 40.05).abs() < 1e-9);
    }

    #[test]
    fn merged_percentiles_are_those_of_all_samples() {
        let mut all = LatencyHistogram::default();
        for step in 0..2 {
            for _second in 10..30 {
                (0..N_PER_SECOND).for_each(|k| all.record(sample::latency_of(step, k)));
            }
        }
        let headline = summary_of(&sample::record(sample::scenario())).headline.stats.response_time;
        for quantile in [0.01, 0.5, 0.9, 0.95, 0.99, 0.999] {
            assert_eq!(headline.quantile(quantile), all.quantile(quantile));
        }
    }

    #[test]
    fn steps_and_services_have_their_own_figures() {
        let summary = summary_of(&sample::record(sample::scenario()));
        let p50 = |row: &ScopeRow| row.aggregate.stats.response_time.quantile(0.5).unwrap().as_millis();
        assert_eq!(summary.steps.iter().map(p50).collect::<Vec<_>>(), [29, 58]);
        assert_eq!(summary.services.iter().map(p50).collect::<Vec<_>>(), [29, 58]);
        assert_eq!(summary.steps[0].detail, "Browse and enrol");
        assert_eq!(summary.services[1].detail, "1 step");
    }

    #[test]
    fn a_run_stopped_before_anything_was_steady_shows_the_whole_run_and_says_so() {
        let mut record = sample::record(sample::scenario());
        sample::cut(&mut record, Finish::Stopped, 4);
        let summary = summary_of(&record);
        assert_eq!(summary.headline_window, Window::Run);
        assert_eq!(summary.digest().window, "whole run, warm-up included");
        assert_eq!(summary.digest().n_requests, 4 * 2 * N_PER_SECOND);
    }

    #[test]
    fn a_stage_is_judged_by_latency_and_error_limits_only() {
        let mut scenario = sample::scenario();
        scenario.thresholds = vec![
            sample::must(P95, 0.1),
            sample::must(Metric::Throughput, 1e6),
            sample::must(Metric::ErrorShare, 0.1),
        ];
        let mut record = sample::record(scenario);
        let slow: Vec<_> = (0..60).map(|_| (Outcome::Ok, Duration::from_secs(1))).collect();
        sample::add(&mut record, 35, 1, &slow);
        let summary = summary_of(&record);
        let verdicts: Vec<_> =
            summary.stages.iter().map(|stage| (stage.n_thresholds, stage.verdict)).collect();
        assert_eq!(
            verdicts,
            [(2, ThresholdVerdict::Pass), (2, ThresholdVerdict::Pass), (2, ThresholdVerdict::Fail)]
        );
    }

    #[test]
    fn the_digest_repeats_the_headline() {
        let summary = summary_of(&sample::record(sample::scenario()));
        let digest = summary.digest();
        assert_eq!(digest.p95, summary.headline.stats.response_time.quantile(0.95));
        assert_eq!((digest.verdict, digest.error_ratio), (summary.verdict, Some(0.0)));
        assert_eq!(digest.throughput_per_sec, 40.0);
    }
}
