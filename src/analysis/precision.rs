//! How sure the percentiles of a run's tables are: an interval beside each, from blocks of time of its stages.

use std::{ops::Range, time::Duration};

use super::{
    Reading, Summary,
    comparison::{ComparedRun, ScopeSample, Stretches, part_of_time},
    stats::{BlockedSample, percentile_interval},
    summarize_kept,
};
use crate::humanize;
use crate::metrics::{HistogramError, History, KeptRun, LatencyHistogram, PercentileInterval, RunRecord};
use crate::model::{Metric, Scenario, Scope, Segment};

/// Percentiles that tables show, as quantiles.
const SHOWN: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/// The percentiles that tables show, and those that the scenario sets a limit on, in order.
fn quantiles_of(scenario: &Scenario) -> Vec<f64> {
    let thresholds = scenario.thresholds.iter().map(|threshold| threshold.metric);
    let budgets = scenario.services.iter().flat_map(|service| &service.budgets).map(|budget| budget.metric);
    let limited = thresholds.chain(budgets).filter_map(|metric| match metric {
        Metric::Quantile(quantile) => Some(quantile),
        _ => None,
    });
    let mut quantiles: Vec<f64> = SHOWN.into_iter().chain(limited).collect();
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup();
    quantiles
}

/// The 95 % intervals of one scope's percentiles in one window; empty until they are worked out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intervals(Vec<PercentileInterval>);

impl Intervals {
    fn of(response_time: &LatencyHistogram, blocks: &BlockedSample, quantiles: &[f64]) -> Self {
        Self(
            quantiles
                .iter()
                .filter_map(|quantile| percentile_interval(response_time, blocks, *quantile))
                .collect(),
        )
    }

    /// The interval of a metric that is a percentile.
    pub fn at(&self, metric: Metric) -> Option<&PercentileInterval> {
        let Metric::Quantile(quantile) = metric else { return None };
        self.0.iter().find(|interval| interval.quantile == quantile)
    }

    /// A reading with its interval, where it has one: `74.0 ms (70.1–79.9)`.
    // What timeouts hide is no percentile of the successful requests, whose interval it would be.
    pub fn beside(&self, reading: Reading) -> String {
        match self.at(reading.metric).filter(|_| !reading.is_censored) {
            Some(interval) => format!("{} ({})", reading.text(), interval.short_text()),
            None => reading.text(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in order of their quantiles.
    pub fn all(&self) -> &[PercentileInterval] {
        &self.0
    }
}

/// Bounds in seconds, as short as can be: `70.1–79.9` where both have the same unit, `≥ 70.1 ms` without an upper one.
pub fn short_interval(low: Option<f64>, high: Option<f64>) -> String {
    let text = |bound: Option<f64>| bound.map(humanize::latency_secs);
    match (text(low), text(high)) {
        (Some(low), Some(high)) => match (low.rsplit_once(' '), high.rsplit_once(' ')) {
            (Some((low, unit)), Some((high, same))) if unit == same => format!("{low}–{high}"),
            _ => format!("{low}–{high}"),
        },
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => "no bounds".to_owned(),
    }
}

/// What intervals behind values mean, to stand over a table.
pub const INTERVALS_NOTE: &str = "In brackets the 95 % interval; «≥»: no upper bound, run longer.";

impl PercentileInterval {
    /// Its bounds as short as can be, as they stand behind a value.
    pub fn short_text(&self) -> String {
        let secs = |bound: Option<Duration>| bound.map(|bound| bound.as_secs_f64());
        short_interval(secs(self.low), secs(self.high))
    }

    /// What it stands on, in words.
    pub fn evidence_words(&self) -> String {
        format!(
            "{} successful requests, which tell as much as {} independent ones",
            humanize::count(self.n_samples),
            humanize::count(self.n_effective as u64)
        )
    }

    /// Its bounds with units: `70.1 ms to 79.9 ms`, or what to do where there is no upper one.
    pub fn text(&self) -> String {
        let low = self.low.map_or_else(|| "no lower bound".to_owned(), humanize::latency);
        let high = self.high.map_or_else(|| "no upper bound: run longer".to_owned(), humanize::latency);
        format!("{low} to {high}")
    }
}

/// Sums a kept run up, with an interval beside each percentile of its tables.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn summarize_precisely(run: &KeptRun) -> Result<Summary, HistogramError> {
    summarize_kept(run)?.with_intervals(&run.record, &run.history)
}

impl Summary {
    /// The same summary with an interval beside each percentile of its tables.
    ///
    /// # Errors
    /// Where a kept histogram cannot be read.
    pub fn with_intervals(mut self, record: &RunRecord, history: &History) -> Result<Self, HistogramError> {
        let run = ComparedRun::new(record, &self, history, &Stretches::All)?;
        let scenario = &record.start.scenario;
        let all_steps: Vec<usize> = scenario.sent_steps().map(|(index, _, _)| index).collect();
        let within: Vec<usize> = (0..run.n_stretches())
            .filter(|stretch| {
                let segment = Segment { stage: run.stage_of(*stretch), warm_up: false };
                run.plan.window_contains(&self.headline_window, segment)
            })
            .collect();
        let quantiles = quantiles_of(scenario);
        let intervals = |response_time: &LatencyHistogram, stretches: &[usize], steps: &[usize]| {
            Ok(Intervals::of(response_time, &run.blocks(stretches, steps)?, &quantiles))
        };
        self.headline_intervals = intervals(&self.headline.stats.response_time, &within, &all_steps)?;
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let stretch = (0..run.n_stretches()).find(|stretch| usize::from(run.stage_of(*stretch)) == index);
            if let Some(stretch) = stretch {
                stage.intervals = intervals(&stage.aggregate.stats.response_time, &[stretch], &all_steps)?;
            }
        }
        for (row, step) in self.steps.iter_mut().zip(&all_steps) {
            row.intervals = intervals(&row.aggregate.stats.response_time, &within, &[*step])?;
        }
        for row in &mut self.services {
            let covered = scenario.covered_steps(&row.scope);
            let steps: Vec<usize> = all_steps.iter().copied().filter(|step| covered[*step]).collect();
            row.intervals = intervals(&row.aggregate.stats.response_time, &within, &steps)?;
        }
        Ok(self)
    }

    /// The intervals of a scope in the headline window.
    pub fn intervals_of(&self, scope: &Scope) -> Option<&Intervals> {
        match scope {
            Scope::Run => Some(&self.headline_intervals),
            _ => self
                .steps
                .iter()
                .chain(&self.services)
                .find(|row| row.scope == *scope)
                .map(|row| &row.intervals),
        }
    }
}

/// The intervals of everything that ended within a stretch of closed seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct StretchIntervals {
    pub seconds: Range<u32>,
    pub all: Intervals,
    /// In the order of the scenario's services.
    pub services: Vec<Intervals>,
    /// By the index among all steps; empty for those that are not sent.
    pub steps: Vec<Intervals>,
}

impl StretchIntervals {
    /// From blocks of the stretch; all are empty where it is too short to be cut.
    ///
    /// # Errors
    /// Where a kept histogram cannot be read.
    pub fn of(scenario: &Scenario, history: &History, seconds: Range<u32>) -> Result<Self, HistogramError> {
        let stretch = part_of_time(history, seconds.clone())?;
        let quantiles = quantiles_of(scenario);
        let intervals = |steps: &[usize]| {
            let mut sample = ScopeSample::default();
            if let Some(stretch) = &stretch {
                sample.add(stretch, steps)?;
            }
            Ok(Intervals::of(&sample.response_time, &sample.blocks, &quantiles))
        };
        let sent: Vec<usize> = scenario.sent_steps().map(|(index, _, _)| index).collect();
        let of_service = |covered: Vec<bool>| {
            let steps: Vec<usize> = sent.iter().copied().filter(|step| covered[*step]).collect();
            intervals(&steps)
        };
        let of_step = |step| if sent.contains(&step) { intervals(&[step]) } else { Ok(Intervals::default()) };
        let covered = scenario
            .services
            .iter()
            .map(|service| Scope::Service(service.name.clone()))
            .map(|scope| scenario.covered_steps(&scope));
        Ok(Self {
            seconds,
            all: intervals(&sent)?,
            services: covered.map(of_service).collect::<Result<_, _>>()?,
            steps: (0..scenario.n_steps()).map(of_step).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn precise(record: RunRecord) -> Summary {
        summarize_precisely(&KeptRun::from(record)).unwrap()
    }

    #[test]
    fn every_percentile_of_the_tables_has_its_interval_around_it() {
        let summary = precise(sample::record(sample::scenario()));
        let rows = summary.steps.iter().chain(&summary.services).map(|row| (&row.aggregate, &row.intervals));
        let stages = summary.stages.iter().map(|stage| (&stage.aggregate, &stage.intervals));
        for (aggregate, intervals) in
            rows.chain(stages).chain([(&summary.headline, &summary.headline_intervals)])
        {
            let p50 = intervals.at(Metric::Quantile(0.5));
            // The first stage has five seconds after the warm-up: too few for ten blocks.
            let Some(p50) = p50 else {
                assert_eq!(aggregate.duration.as_secs(), 5);
                continue;
            };
            let value = aggregate.stats.response_time.quantile(0.5).unwrap();
            assert!(p50.low.unwrap() <= value && value <= p50.high.unwrap(), "{p50:?}");
            assert_eq!(p50.n_samples, aggregate.stats.counters.n_ok());
        }
        assert!(!summary.headline_intervals.is_empty() && !summary.steps[1].intervals.is_empty());
    }

    #[test]
    fn a_percentile_that_a_limit_stands_on_has_its_interval_too() {
        let mut scenario = sample::scenario();
        scenario.thresholds = vec![sample::must(Metric::Quantile(0.97), 0.1)];
        let summary = precise(sample::record(scenario));
        let quantiles: Vec<f64> =
            summary.headline_intervals.all().iter().map(|interval| interval.quantile).collect();
        assert_eq!(quantiles, [0.5, 0.75, 0.9, 0.95, 0.97, 0.99, 0.999]);
    }

    #[test]
    fn what_has_no_upper_bound_says_what_to_do() {
        let summary = precise(sample::record(sample::scenario()));
        let p99_9 = summary.headline_intervals.at(Metric::Quantile(0.999)).unwrap();
        assert!(p99_9.high.is_none(), "{p99_9:?}");
        assert!(p99_9.text().ends_with("no upper bound: run longer"), "{}", p99_9.text());
        let p50 = summary.headline_intervals.at(Metric::Quantile(0.5)).unwrap().text();
        assert!(p50.contains(" ms to ") && p50.ends_with(" ms"), "{p50}");
    }
}
