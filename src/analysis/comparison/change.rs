//! One metric of one scope on two sides: how large the change is, how sure that is, and what may be said of it.

use crate::analysis::stats::{
    Estimate, ShareCount, WelchStratum, dispersion, newcombe, percentile_interval, quantile_p_value,
    ratio_interval, run_interval, run_level, welch, welch_stratified, wilson,
};
use crate::humanize;
use crate::model::{Metric, Unit};

use super::measured::{ScopeSample, Stratum};

/// Changes of an error share smaller than this are of no interest: a thousandth of all requests.
pub const RELEVANT_ERROR_CHANGE: f64 = 0.001;

/// Two-sided: a difference that chance alone would show less often is called real.
const SIGNIFICANCE_LEVEL: f64 = 0.05;

/// What may be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// Real, larger than the smallest relevant change, for the better.
    Better,
    /// Real, larger than the smallest relevant change, for the worse.
    Worse,
    /// The whole interval lies within the smallest relevant change.
    Same,
    /// None of these: a change that matters is neither shown nor excluded.
    CannotTell,
}

impl ChangeVerdict {
    pub const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::Same, Self::CannotTell];

    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// What was measured of a metric on one side, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub value: f64,
    /// 95 % interval of the value; a bound that the data cannot give is missing.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Requests that the value stands on, or runs where the run is the unit.
    pub n_samples: u64,
    /// As many independent ones say as much; where it was estimated.
    pub n_effective: Option<f64>,
}

/// Candidate against baseline: relative (0.1 is a tenth more), or in points for shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub size: f64,
    /// 95 % interval of the size, not widened for several metrics.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// How often chance alone shows as much, before it is adjusted; none where the interval itself is the test.
    pub p_value: Option<f64>,
    /// After Holm, over all metrics of one table.
    pub adjusted_p: Option<f64>,
}

/// The two sides of a table's row for one candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateChange {
    pub measured: Option<Measured>,
    pub change: Option<Change>,
    pub verdict: ChangeVerdict,
}

/// What one side shows of a scope: one run, or at least five repetitions of it.
#[derive(Clone, Debug)]
pub(super) enum Evidence {
    Run(Box<ScopeSample>),
    Repetitions(Vec<ScopeSample>),
}

impl Evidence {
    /// Of one sample per run.
    pub fn of(mut samples: Vec<ScopeSample>) -> Self {
        match samples.len() {
            1 => Self::Run(Box::new(samples.swap_remove(0))),
            _ => Self::Repetitions(samples),
        }
    }

    /// The sample of each run.
    pub fn samples(&self) -> &[ScopeSample] {
        match self {
            Self::Run(sample) => std::slice::from_ref(sample),
            Self::Repetitions(samples) => samples,
        }
    }

    /// The value of a metric with its interval.
    pub fn measured(&self, metric: Metric) -> Option<Measured> {
        match self {
            Self::Run(sample) => measured_of_run(sample, metric),
            Self::Repetitions(samples) => {
                let interval = run_interval(&values(samples, metric)?)?;
                Some(Measured {
                    value: interval.mean,
                    low: Some(interval.low),
                    high: Some(interval.high),
                    n_samples: samples.len() as u64,
                    n_effective: None,
                })
            }
        }
    }
}

fn values(samples: &[ScopeSample], metric: Metric) -> Option<Vec<f64>> {
    samples.iter().map(|sample| sample.value(metric)).collect()
}

fn measured_of_run(sample: &ScopeSample, metric: Metric) -> Option<Measured> {
    let value = sample.value(metric)?;
    let plain = Measured { value, low: None, high: None, n_samples: sample.n_requests, n_effective: None };
    Some(match metric {
        Metric::Quantile(quantile) => {
            let n_samples = sample.response_time.n_samples();
            match percentile_interval(&sample.response_time, &sample.blocks, quantile) {
                Some(interval) => Measured {
                    low: interval.low.map(|low| low.as_secs_f64()),
                    high: interval.high.map(|high| high.as_secs_f64()),
                    n_samples,
                    n_effective: Some(interval.n_effective),
                    ..plain
                },
                None => Measured { n_samples, ..plain },
            }
        }
        Metric::ErrorShare => {
            let (n_errors, n_requests) = effective_errors(sample);
            let (low, high) = wilson(n_errors, n_requests)?;
            Measured { low: Some(low), high: Some(high), n_effective: Some(n_requests), ..plain }
        }
        _ => plain,
    })
}

/// Errors and requests as if they were independent: errors come in bursts.
fn effective_errors(sample: &ScopeSample) -> (f64, f64) {
    let of_stratum = |stratum: &Stratum| {
        let counts = stratum.n_errors.iter().zip(&stratum.n_requests);
        let counts = counts.filter(|(_, n)| **n > 0);
        counts.map(|(n_hits, n)| ShareCount { n_hits: *n_hits, n: *n }).collect()
    };
    let strata: Vec<Vec<ShareCount>> = sample.strata.iter().map(of_stratum).collect();
    let share = sample.n_errors as f64 / sample.n_requests as f64;
    let phi = dispersion(&strata, sample.n_requests, share).map_or(1.0, |dispersion| dispersion.phi);
    (sample.n_errors as f64 / phi, sample.n_requests as f64 / phi)
}

/// What a side shows of a scope, and what was measured of one metric of it.
pub(super) type Shown<'a> = (&'a Evidence, Option<Measured>);

/// How a metric changed from one side to the other.
pub(super) fn change_of(metric: Metric, baseline: Shown<'_>, candidate: Shown<'_>) -> Option<Change> {
    match (baseline.0, candidate.0) {
        (Evidence::Run(base), Evidence::Run(cand)) => match metric {
            Metric::Quantile(quantile) => {
                let p_value = quantile_p_value(&base.blocks, &cand.blocks, quantile);
                Some(quantile_change(baseline.1?, candidate.1?, p_value))
            }
            Metric::ErrorShare => error_change(base, cand),
            _ => mean_change(metric, base, cand),
        },
        (Evidence::Repetitions(base), Evidence::Repetitions(cand)) => repeated_change(metric, base, cand),
        // One run against five says nothing of the one's own spread between runs.
        _ => None,
    }
}

fn quantile_change(base: Measured, cand: Measured, p_value: Option<f64>) -> Change {
    let estimate = |side: Measured| Estimate { value: side.value, low: side.low, high: side.high };
    let (low, high) = ratio_interval(estimate(base), estimate(cand));
    let relative = |ratio: f64| ratio - 1.0;
    Change {
        size: relative(cand.value / base.value),
        low: low.map(relative),
        high: high.map(relative),
        p_value,
        adjusted_p: None,
    }
}

fn error_change(base: &ScopeSample, cand: &ScopeSample) -> Option<Change> {
    let size = cand.value(Metric::ErrorShare)? - base.value(Metric::ErrorShare)?;
    let ((base_errors, base_n), (cand_errors, cand_n)) = (effective_errors(base), effective_errors(cand));
    let interval = newcombe(cand_errors, cand_n, base_errors, base_n)?;
    Some(Change { size, low: Some(interval.low), high: Some(interval.high), p_value: None, adjusted_p: None })
}

/// Of a metric that may be averaged over blocks: a rate, or the mean response time.
fn mean_change(metric: Metric, base: &ScopeSample, cand: &ScopeSample) -> Option<Change> {
    let (from, to) = (base.value(metric)?, cand.value(metric)?);
    let strata = base.strata.iter().zip(&cand.strata).map(|(base, cand)| WelchStratum {
        weight: base.weight(metric) + cand.weight(metric),
        base: base.figures(metric),
        candidate: cand.figures(metric),
    });
    let welch = welch_stratified(&strata.collect::<Vec<_>>());
    let relative = |difference: f64| (from > 0.0).then(|| difference / from);
    Some(Change {
        size: to / from - 1.0,
        low: welch.as_ref().and_then(|welch| relative(welch.low)),
        high: welch.as_ref().and_then(|welch| relative(welch.high)),
        p_value: welch.map(|welch| welch.p_value),
        adjusted_p: None,
    })
}

fn repeated_change(metric: Metric, base: &[ScopeSample], cand: &[ScopeSample]) -> Option<Change> {
    let (base, cand) = (values(base, metric)?, values(cand, metric)?);
    if metric.unit() == Unit::Ratio {
        let welch = welch(&base, &cand)?;
        let (low, high) = (Some(welch.low), Some(welch.high));
        return Some(Change {
            size: welch.difference,
            low,
            high,
            p_value: Some(welch.p_value),
            adjusted_p: None,
        });
    }
    let change = run_level(&base, &cand)?;
    Some(Change {
        size: change.ratio - 1.0,
        low: Some(change.ratio_interval.0 - 1.0),
        high: Some(change.ratio_interval.1 - 1.0),
        p_value: Some(change.p_value),
        adjusted_p: None,
    })
}

impl Stratum {
    /// A figure that may be averaged, of each block.
    fn figures(&self, metric: Metric) -> Vec<f64> {
        let block = |block: usize| match metric {
            Metric::Throughput => Some(self.n_requests[block] as f64 / self.secs[block]),
            _ => self.means[block],
        };
        (0..self.secs.len()).filter_map(block).collect()
    }

    /// What a stratum adds to the whole: time to a rate, requests to a mean of requests.
    fn weight(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Throughput => self.secs.iter().sum(),
            _ => self.n_ok.iter().map(|n_ok| *n_ok as f64).sum(),
        }
    }
}

impl Change {
    /// What may be said of it, where changes up to `smallest_relevant` do not matter.
    pub fn verdict(&self, metric: Metric, smallest_relevant: f64) -> ChangeVerdict {
        let relevant = if metric.unit() == Unit::Ratio { RELEVANT_ERROR_CHANGE } else { smallest_relevant };
        let is_real = match self.adjusted_p.or(self.p_value) {
            Some(p_value) => p_value < SIGNIFICANCE_LEVEL,
            None => self.low.is_some_and(|low| low > 0.0) || self.high.is_some_and(|high| high < 0.0),
        };
        if is_real && self.size.abs() > relevant {
            let is_better = (self.size > 0.0) == metric.higher_is_better();
            return if is_better { ChangeVerdict::Better } else { ChangeVerdict::Worse };
        }
        match (self.low, self.high) {
            (Some(low), Some(high)) if low >= -relevant && high <= relevant => ChangeVerdict::Same,
            _ => ChangeVerdict::CannotTell,
        }
    }

    /// The largest change that the data do not exclude; none where they exclude nothing.
    pub fn not_excluded(&self) -> Option<f64> {
        Some(self.low?.abs().max(self.high?.abs()))
    }

    /// The size in words: `+9.1 %`.
    pub fn text(&self, metric: Metric) -> String {
        Self::size_text(metric, self.size)
    }

    /// A size of this change with sign: relative, or in points for shares.
    pub fn size_text(metric: Metric, size: f64) -> String {
        match metric.unit() {
            Unit::Ratio => humanize::percent_change(size),
            _ => humanize::change(size),
        }
    }

    /// The interval in words: `+2.1 % to +7.9 %`, and what to do where it has no end.
    pub fn interval_text(&self, metric: Metric) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                format!("{} to {}", Self::size_text(metric, low), Self::size_text(metric, high))
            }
            (Some(low), None) => format!("{} or more: run longer", Self::size_text(metric, low)),
            (None, Some(high)) => format!("{} or less: run longer", Self::size_text(metric, high)),
            (None, None) => "no bounds: run longer".to_owned(),
        }
    }
}
