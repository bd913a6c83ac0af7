//! The shape of a series: its levels, and whether it was flat, warmed up, slowed down or never became steady.

use std::ops::Range;

use crate::analysis::stats::median;

use super::SteadinessClass;
use super::pelt::segment_ends;

/// A change of level has to save so many variances of the noise, times the logarithm of how many values there are.
const PENALTY: f64 = 3.0;

/// Differences of blocks of so many values tell the noise, where there are ten times as many.
const BLOCKS: [usize; 3] = [1, 5, 10];

/// Levels closer than this are one.
const TOLERANCE: f64 = 0.02;

/// The last level has to cover so much of the end.
const FINAL_SHARE: f64 = 0.25;

/// The width of a histogram's bucket: what the logarithm of a median is rounded to.
const RESOLUTION: f64 = 1.0 / 1_024.0;

/// Values around one that tell what is usual there.
const SURROUNDINGS: usize = 200;

/// So many values in a row share their surroundings.
const NEIGHBOURS: usize = 20;

/// So many distances between the 10th and the 90th percentile from the median is far.
const FAR: f64 = 3.0;

/// More of them in a row are no outliers.
const MAX_OUTLIERS_IN_A_ROW: usize = 2;

/// What a series does.
#[derive(Debug, PartialEq)]
pub struct Shape {
    pub class: SteadinessClass,
    pub segments: Vec<Segment>,
    /// The value from which on the last level holds.
    pub steady_from: Option<usize>,
    pub n_outliers: usize,
}

/// Values without a change of level.
#[derive(Debug, PartialEq)]
pub struct Segment {
    pub from: usize,
    pub until: usize,
    /// Their mean, outliers left out.
    pub level: f64,
    pub is_last_level: bool,
}

impl Shape {
    /// Of values above nothing, of which there are at least a segment's.
    // Changes are looked for in logarithms: a queue's waits vary in proportion to their level. And the noise is at least
    // what blocks of five and ten values say: medians of neighbouring seconds depend on each other. With single
    // differences of plain values, as PELT is often given, 20 % of noise-only M/M/1 runs at four fifths of their
    // capacity and half of those at nine tenths had changes of level; so it is 4 % and fewer at either.
    pub fn of(values: &[f64]) -> Self {
        let outliers = outliers(values);
        let kept: Vec<usize> = (0..values.len()).filter(|index| !outliers[*index]).collect();
        let logs: Vec<f64> = kept.iter().map(|index| values[*index].ln()).collect();
        let noise = noise_of(&logs);
        let ends = segment_ends(&logs, PENALTY * (logs.len() as f64).ln() * noise * noise);
        let mut segments: Vec<(Segment, f64)> = Vec::new();
        let mut from = 0;
        for end in ends {
            let members: Vec<f64> = kept[from..end].iter().map(|index| values[*index]).collect();
            let (level, spread) = mean_and_spread(&members);
            let until = kept.get(end).copied().unwrap_or(values.len());
            let begin = segments.last().map_or(0, |(last, _)| last.until);
            segments.push((Segment { from: begin, until, level, is_last_level: false }, spread));
            from = end;
        }
        let mut shape = Self {
            class: SteadinessClass::NeverSteady,
            steady_from: None,
            n_outliers: values.len() - kept.len(),
            segments: Vec::new(),
        };
        if let Some((last, spread)) = segments.last() {
            let (level, reach) = (last.level, spread.max(TOLERANCE * last.level));
            shape.segments = segments.into_iter().map(|(segment, _)| segment).collect();
            for segment in &mut shape.segments {
                segment.is_last_level = (segment.level - level).abs() <= reach;
            }
            shape.classify(values.len());
        }
        shape
    }

    fn classify(&mut self, n_values: usize) {
        let unsettled = self.segments.iter().rposition(|segment| !segment.is_last_level);
        let settled_from = unsettled.map_or(0, |last| self.segments[last].until);
        let Some(last) = self.segments.last() else { return };
        if settled_from as f64 > (1.0 - FINAL_SHARE) * n_values as f64 {
            return;
        }
        let level = last.level;
        let reached = self.segments.iter().position(|segment| segment.is_last_level).unwrap_or(0);
        self.class = match &self.segments[..reached] {
            [] => SteadinessClass::Flat,
            before if before.iter().any(|segment| segment.level < level) => SteadinessClass::Slowdown,
            _ => SteadinessClass::WarmUp,
        };
        self.steady_from = Some(self.segments[reached].from);
    }
}

/// Which values are far from all around them, alone or in pairs: a level would last longer.
// Barrett et al. 2017 leave out every value so far off. Several in a row may be a level of their own, and the very first
// ones a slow start, so these stay.
fn outliers(values: &[f64]) -> Vec<bool> {
    let mut far = Vec::with_capacity(values.len());
    for neighbours in values.chunks(NEIGHBOURS) {
        let middle = far.len() + neighbours.len() / 2;
        let from = middle.saturating_sub(SURROUNDINGS / 2).min(values.len().saturating_sub(SURROUNDINGS));
        let around = sorted(&values[from..values.len().min(from + SURROUNDINGS)]);
        let spread = quantile(&around, 0.9) - quantile(&around, 0.1);
        let usual = quantile(&around, 0.5);
        let reach = FAR * spread.max(TOLERANCE * usual);
        far.extend(neighbours.iter().map(|value| (value - usual).abs() > reach));
    }
    let mut outliers = vec![false; values.len()];
    for row in rows(&far) {
        if row.start > 0 && row.len() <= MAX_OUTLIERS_IN_A_ROW {
            outliers[row].fill(true);
        }
    }
    outliers
}

/// Where flags are set without a gap.
fn rows(flags: &[bool]) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    flags.chunk_by(|one, next| one == next).filter_map(move |row| {
        let from = end;
        end += row.len();
        row[0].then_some(from..end)
    })
}

/// The standard deviation of the values about their level, whatever changes of level there are.
// The middle distance of differences from their middle ÷ (.6745 √2), as one in a few differences is across a change.
fn noise_of(values: &[f64]) -> f64 {
    let of_blocks = |length: usize| {
        // One change of level reaches into 2 × length differences, which must stay a small part of all.
        if values.len() < 10 * length {
            return 0.0;
        }
        let mean = |from: usize| values[from..from + length].iter().sum::<f64>() / length as f64;
        let n_differences = values.len() - 2 * length + 1;
        let differences: Vec<f64> = (0..n_differences).map(|from| mean(from + length) - mean(from)).collect();
        let middle = median(&differences).unwrap_or(0.0);
        let distances: Vec<f64> = differences.iter().map(|difference| (difference - middle).abs()).collect();
        median(&distances).unwrap_or(0.0) / (0.6745 * std::f64::consts::SQRT_2) * (length as f64).sqrt()
    };
    // A value that is rounded to a width varies by that ÷ √12 at least.
    BLOCKS.into_iter().map(of_blocks).fold(RESOLUTION / 12f64.sqrt(), f64::max)
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value that this share of the sorted values does not exceed.
fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}
