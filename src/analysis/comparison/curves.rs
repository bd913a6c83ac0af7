//! What a comparison draws: percentile spectra, latency at throughput, differences by quantile.

use std::time::Duration;

use crate::analysis::stats::{ShiftPoint, cliffs_delta, shift_function};
use crate::metrics::{HistogramError, LatencyHistogram};

use super::{
    change::{Evidence, Measured},
    measured::ComparedRun,
    rows::SideRuns,
};
use crate::model::Metric;

/// Points between a quantile and the one half as far from 1, as HdrHistogram's percentile output has them.
const TICKS_PER_HALF: u32 = 5;

/// Response times by quantile, from 0 up to the last one that the number of requests can show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// Quantile and response time, in order.
    pub points: Vec<(f64, Duration)>,
    pub n_samples: u64,
}

/// One held stage of one run: what was delivered, and how fast.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPoint {
    pub stage: String,
    /// Users (closed) or arrivals per second (open).
    pub asked_level: f64,
    /// Requests completed per second.
    pub throughput_per_sec: f64,
    pub p50: Option<Measured>,
    pub p95: Option<Measured>,
    pub p99: Option<Measured>,
}

/// How the whole distribution moved.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeChange {
    /// Candidate − baseline at each decile.
    pub shift: Vec<ShiftPoint>,
    /// How much more often a request of the candidate is slower than one of the baseline than faster: −1 to 1.
    pub cliffs_delta: Option<f64>,
}

impl Spectrum {
    pub(super) fn of(histogram: &LatencyHistogram) -> Self {
        let n_samples = histogram.n_samples();
        let mut points: Vec<(f64, Duration)> = Vec::new();
        let mut rest = 1.0;
        // Beyond the last request there is nothing to be told.
        while rest * n_samples as f64 >= 1.0 {
            for tick in 0..TICKS_PER_HALF {
                let quantile = 1.0 - rest * (1.0 - f64::from(tick) / f64::from(2 * TICKS_PER_HALF));
                points.extend(histogram.quantile(quantile).map(|latency| (quantile, latency)));
            }
            rest /= 2.0;
        }
        Self { points, n_samples }
    }
}

/// All requests that a side's evidence stands on, repetitions merged.
pub(super) fn merged(evidence: &Evidence) -> LatencyHistogram {
    match evidence {
        Evidence::Run(sample) => sample.response_time.clone(),
        Evidence::Repetitions(samples) => {
            let mut all = LatencyHistogram::default();
            samples.iter().for_each(|sample| all.merge(&sample.response_time));
            all
        }
    }
}

/// How a candidate's distribution differs from the baseline's.
pub(super) fn shape_change(baseline: &Evidence, candidate: &Evidence) -> ShapeChange {
    let shift = match (baseline, candidate) {
        (Evidence::Run(base), Evidence::Run(cand)) => {
            shift_function(&base.blocks, &cand.blocks).map(Vec::from).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    ShapeChange { shift, cliffs_delta: cliffs_delta(&merged(candidate), &merged(baseline)) }
}

/// One point per held stage of each run of a side, whether or not other runs have it.
pub(super) fn load_curve(side: &SideRuns<'_>) -> Result<Vec<LoadPoint>, HistogramError> {
    let mut points = Vec::new();
    for run in side.runs.iter().map(|placed| placed.run) {
        for place in 0..run.stretches.len() {
            points.push(load_point(run, place)?);
        }
    }
    points.sort_by(|a, b| a.throughput_per_sec.total_cmp(&b.throughput_per_sec));
    Ok(points)
}

fn load_point(run: &ComparedRun, place: usize) -> Result<LoadPoint, HistogramError> {
    let steps: Vec<usize> = run.start.scenario.sent_steps().map(|(index, _, _)| index).collect();
    let evidence = Evidence::of(vec![run.sample(&[place], &steps)?]);
    let quantile = |quantile| evidence.measured(Metric::Quantile(quantile));
    let stretch = &run.stretches[place];
    Ok(LoadPoint {
        stage: stretch.name.clone(),
        asked_level: stretch.level,
        throughput_per_sec: stretch.throughput_per_sec(),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
    })
}
