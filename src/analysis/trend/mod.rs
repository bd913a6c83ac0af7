//! A metric over a scenario's history: where its level changed, which runs stand out, and how the newest runs are.
//!
//! Takes plain points of time and value, so that any history can be looked at. Which runs may stand in one history
//! is the caller's to say: only runs of one scenario, target, machine and program compare.

mod change_points;
mod divisive;
mod segments;
#[cfg(test)]
mod tigerbeetle;
mod words;

use crate::metrics::RunId;
use crate::model::{Metric, Unit};

use change_points::{Place, Search};

/// A history of fewer runs says nothing of changes.
pub const MIN_RUNS: usize = 10;

/// A change is provisional until so many runs follow the first of its level.
pub const N_CONFIRMING_RUNS: usize = 3;

/// Runs looked at together.
pub const WINDOW: usize = 50;

/// What chance may do at most to count as a change.
pub const MAX_P: f64 = 0.001;

/// Smaller changes of a level don't matter, relative to the smaller of both levels.
pub const MIN_RELATIVE_CHANGE: f64 = 0.05;

/// Smaller changes of a share don't matter: a tenth of a percentage point.
pub const MIN_SHARE_CHANGE: f64 = 0.001;

/// At most one run in ten may stand out, at this level.
const OUTLIER_SIGNIFICANCE: f64 = 0.05;

/// One run of a history, or one row of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendPoint {
    pub at_unix_millis: i64,
    /// In the metric's unit; none where the run has no such figure.
    pub value: Option<f64>,
    pub run_id: Option<RunId>,
}

/// What a history is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrendMetric {
    /// A metric of runs.
    OfRuns(Metric),
    /// Plain figures of which nothing is known but which way is better.
    Plain { higher_is_better: bool },
}

impl TrendMetric {
    pub fn higher_is_better(self) -> bool {
        match self {
            Self::OfRuns(metric) => metric.higher_is_better(),
            Self::Plain { higher_is_better } => higher_is_better,
        }
    }

    fn is_share(self) -> bool {
        matches!(self, Self::OfRuns(metric) if metric.unit() == Unit::Ratio)
    }
}

/// How changes are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendScale {
    /// By ratios, on logarithms: noise of latencies and rates is as large as they are.
    Ratios,
    /// By differences: shares are often nothing, of which there is no logarithm.
    Differences,
}

/// A stretch of points at one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendSegment {
    /// Its first and its last point.
    pub first: usize,
    pub last: usize,
    /// Points that have a value.
    pub n_values: usize,
    /// The mean; the geometric one where changes are ratios.
    pub level: f64,
}

/// Where the level changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The first point of the new level.
    pub index: usize,
    /// The last point with a value before it.
    pub index_before: usize,
    pub at_unix_millis: i64,
    pub before: f64,
    pub after: f64,
    /// (After − before) ÷ before, or after − before for shares.
    pub change: f64,
    pub p_value: f64,
    /// Too few runs follow to be sure of it.
    pub is_provisional: bool,
    pub is_worse: bool,
    /// The runs on both sides.
    pub run_before: Option<RunId>,
    pub run_after: Option<RunId>,
}

/// How the newest level compares with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendVerdict {
    Better,
    Worse,
    /// One level throughout.
    Same,
    TooLittleHistory,
}

impl TrendVerdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::TooLittleHistory => "too little history",
        }
    }
}

/// A metric over a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    pub metric: TrendMetric,
    pub scale: TrendScale,
    /// In order of time.
    pub points: Vec<TrendPoint>,
    /// Points that have a usable value.
    pub n_values: usize,
    /// One at least, where there are values.
    pub segments: Vec<TrendSegment>,
    pub change_points: Vec<ChangePoint>,
    /// Points far from their level, in order; they are shown and count as all others do.
    pub outliers: Vec<usize>,
    /// The value of the baseline run, if there is one.
    pub baseline: Option<f64>,
    /// Limits that the scenario sets for the metric.
    pub targets: Vec<f64>,
    pub verdict: TrendVerdict,
}

impl Trend {
    /// The trend of a metric over these points, which are put in order of time.
    // Ratios need values above nothing: where a metric of ratios is nothing, as the throughput of a run that did
    // nothing, the point counts as one without value.
    pub fn new(metric: TrendMetric, mut points: Vec<TrendPoint>) -> Self {
        points.sort_by_key(|point| point.at_unix_millis);
        let scale = scale(metric, &points);
        let (indices, values): (Vec<usize>, Vec<f64>) = points
            .iter()
            .enumerate()
            .filter_map(|(index, point)| Some((index, scale.taken(point.value?)?)))
            .unzip();
        let places = if values.len() < MIN_RUNS { Vec::new() } else { search(scale).find(&values) };
        let change_points: Vec<_> =
            places.iter().map(|place| change_point(metric, scale, &points, &indices, place)).collect();
        let verdict = match change_points.last() {
            _ if values.len() < MIN_RUNS => TrendVerdict::TooLittleHistory,
            None => TrendVerdict::Same,
            Some(last) if last.is_worse => TrendVerdict::Worse,
            Some(_) => TrendVerdict::Better,
        };
        let starts: Vec<usize> = places.iter().map(|place| place.index).collect();
        Self {
            metric,
            scale,
            n_values: values.len(),
            segments: segments::segments(scale, &indices, &values, &starts),
            outliers: segments::outliers(&indices, &values, &starts, OUTLIER_SIGNIFICANCE),
            change_points,
            baseline: None,
            targets: Vec::new(),
            verdict,
            points,
        }
    }

    /// Whether the newest change may yet turn out to be none.
    pub fn is_provisional(&self) -> bool {
        self.change_points.last().is_some_and(|last| last.is_provisional)
    }
}

impl TrendScale {
    /// A value as it is searched; none where there is no such.
    fn taken(self, value: f64) -> Option<f64> {
        match self {
            Self::Ratios => (value > 0.0 && value.is_finite()).then(|| value.ln()),
            Self::Differences => value.is_finite().then_some(value),
        }
    }

    /// A level in the metric's unit.
    fn given(self, level: f64) -> f64 {
        match self {
            Self::Ratios => level.exp(),
            Self::Differences => level,
        }
    }
}

/// Ratios, but for shares, and for plain figures that are not all above nothing.
fn scale(metric: TrendMetric, points: &[TrendPoint]) -> TrendScale {
    let is_low = |point: &TrendPoint| point.value.is_some_and(|value| value <= 0.0);
    let is_plain = matches!(metric, TrendMetric::Plain { .. });
    if metric.is_share() || is_plain && points.iter().any(is_low) {
        TrendScale::Differences
    } else {
        TrendScale::Ratios
    }
}

fn search(scale: TrendScale) -> Search {
    let (min_magnitude, magnitude): (f64, fn(f64, f64) -> f64) = match scale {
        // The larger of both ratios less one: what max(|m2/m1 - 1|, |m1/m2 - 1|) is of the levels themselves.
        TrendScale::Ratios => (MIN_RELATIVE_CHANGE, |before, after| (after - before).abs().exp_m1()),
        TrendScale::Differences => (MIN_SHARE_CHANGE, |before, after| (after - before).abs()),
    };
    Search { window: WINDOW, max_p: MAX_P, min_magnitude, magnitude }
}

fn change_point(
    metric: TrendMetric,
    scale: TrendScale,
    points: &[TrendPoint],
    indices: &[usize],
    place: &Place,
) -> ChangePoint {
    let (index, index_before) = (indices[place.index], indices[place.index - 1]);
    let (before, after) = (scale.given(place.before), scale.given(place.after));
    ChangePoint {
        index,
        index_before,
        at_unix_millis: points[index].at_unix_millis,
        before,
        after,
        change: match scale {
            TrendScale::Ratios => after / before - 1.0,
            TrendScale::Differences => after - before,
        },
        p_value: place.p_value,
        is_provisional: indices.len() - place.index <= N_CONFIRMING_RUNS,
        is_worse: (after > before) != metric.higher_is_better(),
        run_before: points[index_before].run_id,
        run_after: points[index].run_id,
    }
}

#[cfg(test)]
mod tests;
