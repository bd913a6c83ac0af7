//! The measured response times as models take them: as they are, and drawn anew by blocks of time, never by requests.

use rand::Rng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::analysis::stats::normal_quantile;
use crate::metrics::LatencyHistogram;

use super::{
    N_QUANTILES, QUANTILES,
    base::{Base, Measured},
    model::{Noise, Part, Sample},
    points::Points,
};

/// Values that differ by no more than this share are one where thousands of draws are only held against each other.
const SAME: f64 = 0.02;

/// Steps whose answers have about the same size are one part: two for each doubling.
const SIZES_PER_DOUBLING: f64 = 2.0;

/// The measured response times in blocks, over one list of values for all blocks.
#[derive(Clone, Debug, Default)]
struct Blocks {
    values: Vec<f64>,
    /// Weights by stratum and block, in the order of the values.
    strata: Vec<Vec<Vec<f32>>>,
}

/// What draws are made of.
#[derive(Clone, Debug)]
pub(super) struct Resampler<'a> {
    base: &'a Base,
    groups: Vec<Group>,
    changed: Vec<Blocks>,
    rest: Option<Blocks>,
    call: Option<Blocks>,
    low: Option<Blocks>,
    /// Requests in all blocks.
    n_changed: f64,
    n_low: f64,
    /// Twice the standard error of the changed requests' mean, as a share of it.
    mean_error: f64,
    /// So many requests of the scope tell as much as one independent one, at each percentile.
    phi: [f64; N_QUANTILES],
}

/// Changed steps whose answers have about the same size.
#[derive(Clone, Debug)]
struct Group {
    steps: Vec<usize>,
    mean_bytes: f64,
}

impl<'a> Resampler<'a> {
    /// Changed steps stay apart by the size of their answers only where sizes matter.
    pub fn new(base: &'a Base, sizes_matter: bool) -> Self {
        let groups = groups(&base.changed, sizes_matter);
        let of_group = |group: &Group| Blocks::of(&joined(&base.changed, &group.steps));
        let changed: Vec<Blocks> = groups.iter().map(of_group).collect();
        let low = base.low_load.as_ref().map(|low| Blocks::of(&low.changed.strata));
        let phi = |quantile: f64| {
            let interval = base.intervals.iter().find(|interval| interval.quantile == quantile);
            interval.map_or(1.0, |interval| interval.n_samples as f64 / interval.n_effective)
        };
        Self {
            n_changed: changed.iter().map(Blocks::total).sum(),
            n_low: low.as_ref().map_or(0.0, Blocks::total),
            mean_error: 2.0 * relative_error(&changed),
            phi: QUANTILES.map(phi),
            changed,
            rest: (base.rest.n_ok > 0).then(|| Blocks::of(&base.rest.strata)),
            call: base.call.as_ref().map(|call| Blocks::of(&call.strata)),
            low,
            groups,
            base,
        }
    }

    /// What was measured, bucket by bucket.
    pub fn measured(&self) -> Sample {
        let changed = |group: &Group| {
            let mut all = LatencyHistogram::default();
            group.steps.iter().for_each(|step| all.merge(&self.base.changed[*step].response_time));
            Part { points: Points::of_histogram(&all), mean_bytes: group.mean_bytes }
        };
        let points = |measured: &Measured| Points::of_histogram(&measured.response_time);
        self.sample(
            self.groups.iter().map(changed).collect(),
            (self.base.rest.n_ok > 0).then(|| points(&self.base.rest)),
            self.base.call.as_ref().map(points),
            self.base.low_load.as_ref().map(|low| points(&low.changed)),
        )
    }

    /// The same sample of which nobody measures the outcome.
    pub fn drawn_quietly(&self, random: &mut Xoshiro256PlusPlus) -> Sample {
        Sample { noise: None, ..self.drawn(random) }
    }

    /// What was measured in all blocks, each once.
    pub fn all_blocks(&self) -> Sample {
        self.weighted(&|_, _| 1.0, &|_, _| 1.0)
    }

    /// Blocks drawn anew, with replacement; the same ones for all that was measured at the same time. And how far a later
    /// run would be off, which has to be held against the outcome.
    pub fn drawn(&self, random: &mut Xoshiro256PlusPlus) -> Sample {
        let mut times = |blocks: Option<&Blocks>| -> Vec<Vec<f32>> {
            let strata = blocks.map(|blocks| blocks.strata.as_slice()).unwrap_or_default();
            strata.iter().map(|stratum| drawn_times(stratum.len(), random)).collect()
        };
        let (base, low) = (times(self.changed.first()), times(self.low.as_ref()));
        let drawn =
            self.weighted(&|stratum, block| base[stratum][block], &|stratum, block| low[stratum][block]);
        let n = self.base.whole.response_time.n_samples() as f64;
        let noise = Noise { z: normal_quantile(random.random()), n, phi: self.phi };
        Sample { noise: Some(noise), ..drawn }
    }

    fn weighted(&self, base: &dyn Fn(usize, usize) -> f32, low: &dyn Fn(usize, usize) -> f32) -> Sample {
        let changed = self
            .changed
            .iter()
            .zip(&self.groups)
            .map(|(blocks, group)| Part { points: blocks.weighted(base), mean_bytes: group.mean_bytes });
        let mut sample = self.sample(
            changed.collect(),
            self.rest.as_ref().map(|blocks| blocks.weighted(base)),
            self.call.as_ref().map(|blocks| blocks.weighted(base)),
            self.low.as_ref().map(|blocks| blocks.weighted(low)),
        );
        // More requests drawn in the same time are a higher rate.
        sample.per_sec *= sample.pooled.total() / self.n_changed;
        sample.low_per_sec *= sample.low.as_ref().map_or(1.0, |low| low.total() / self.n_low);
        sample
    }

    fn sample(
        &self,
        changed: Vec<Part>,
        rest: Option<Points>,
        call: Option<Points>,
        low: Option<Points>,
    ) -> Sample {
        let some = |points: &Points| points.total() > 0.0;
        let changed: Vec<Part> = changed.into_iter().filter(|part| some(&part.points)).collect();
        Sample {
            pooled: Points::pooled(&changed.iter().map(|part| &part.points).collect::<Vec<_>>()),
            changed,
            rest: rest.filter(some),
            call: call.filter(some),
            low: low.filter(some),
            per_sec: self.base.changed_per_sec(),
            low_per_sec: self.base.low_load.as_ref().map_or(0.0, |low| low.per_sec),
            mean_error: self.mean_error,
            noise: None,
        }
    }
}

impl Blocks {
    fn of(strata: &[Vec<LatencyHistogram>]) -> Self {
        let mut found: Vec<f64> = Vec::new();
        let mut each = |histogram: &LatencyHistogram| {
            histogram.for_each_bucket(|bucket, _| found.push(bucket.middle().as_secs_f64()));
        };
        strata.iter().flatten().for_each(&mut each);
        found.sort_by(f64::total_cmp);
        found.dedup();
        // Each group of values that are nearly one begins at its least, and stands at its middle.
        let mut starts: Vec<f64> = Vec::new();
        let mut values: Vec<f64> = Vec::new();
        for value in found {
            match starts.last() {
                Some(start) if value - start <= SAME * start => {
                    if let Some(last) = values.last_mut() {
                        *last = (start + value) / 2.0;
                    }
                }
                _ => {
                    starts.push(value);
                    values.push(value);
                }
            }
        }
        let weights = |block: &LatencyHistogram| {
            let mut weights = vec![0.0; values.len()];
            block.for_each_bucket(|bucket, n| {
                let after = starts.partition_point(|start| *start <= bucket.middle().as_secs_f64());
                weights[after - 1] += n as f32;
            });
            weights
        };
        let stratum = |blocks: &Vec<LatencyHistogram>| blocks.iter().map(weights).collect();
        Self { strata: strata.iter().map(stratum).collect(), values }
    }

    fn total(&self) -> f64 {
        self.strata.iter().flatten().flatten().map(|weight| f64::from(*weight)).sum()
    }

    fn weighted(&self, times: &dyn Fn(usize, usize) -> f32) -> Points {
        let mut weights = vec![0.0_f32; self.values.len()];
        for (stratum, blocks) in self.strata.iter().enumerate() {
            for (block, counts) in blocks.iter().enumerate() {
                let times = times(stratum, block);
                if times > 0.0 {
                    weights.iter_mut().zip(counts).for_each(|(weight, count)| *weight += times * count);
                }
            }
        }
        Points::of_sorted(self.values.clone(), weights.into_iter().map(f64::from).collect())
    }
}

/// How often each of so many blocks counts in a draw.
// One block less than there are is drawn, and counts the more: that has the variance without bias which as many would
// understate by a tenth (Rao and Wu 1988).
fn drawn_times(n_blocks: usize, random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    if n_blocks < 2 {
        return vec![1.0; n_blocks];
    }
    let mut times = vec![0.0; n_blocks];
    let each = n_blocks as f32 / (n_blocks - 1) as f32;
    (1..n_blocks).for_each(|_| times[random.random_range(0..n_blocks)] += each);
    times
}

/// The standard error of the mean of all blocks together, as a share of it, from how block means sway within strata.
fn relative_error(parts: &[Blocks]) -> f64 {
    let n_strata = parts.first().map_or(0, |part| part.strata.len());
    let (mut total, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for stratum in 0..n_strata {
        let n_blocks = parts[0].strata[stratum].len();
        let of_block = |block: usize| {
            parts.iter().fold((0.0, 0.0), |(n, sum), part| {
                let counts = &part.strata[stratum][block];
                let each = part.values.iter().zip(counts).map(|(value, count)| value * f64::from(*count));
                (n + counts.iter().map(|count| f64::from(*count)).sum::<f64>(), sum + each.sum::<f64>())
            })
        };
        let blocks: Vec<(f64, f64)> = (0..n_blocks).map(of_block).filter(|(n, _)| *n > 0.0).collect();
        let (n, all) = blocks.iter().fold((0.0, 0.0), |(n, sum), block| (n + block.0, sum + block.1));
        total += n;
        sum += all;
        if let count @ 2.. = blocks.len() {
            // Σ (s_b − n_b mean)² of the blocks' sums, as for a ratio.
            let squares: f64 = blocks.iter().map(|(m, s)| (s - m * all / n).powi(2)).sum();
            variance += squares * count as f64 / (count as f64 - 1.0);
        }
    }
    if sum > 0.0 && total > 0.0 { variance.sqrt() / sum } else { 0.0 }
}

/// The blocks of some steps together.
fn joined(all: &[Measured], steps: &[usize]) -> Vec<Vec<LatencyHistogram>> {
    let mut joined: Vec<Vec<LatencyHistogram>> = Vec::new();
    for step in steps {
        for (stratum, blocks) in all[*step].strata.iter().enumerate() {
            if joined.len() <= stratum {
                joined.push(vec![LatencyHistogram::default(); blocks.len()]);
            }
            joined[stratum].iter_mut().zip(blocks).for_each(|(into, block)| into.merge(block));
        }
    }
    joined
}

fn groups(changed: &[Measured], sizes_matter: bool) -> Vec<Group> {
    let mut by_size: std::collections::BTreeMap<i64, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, step) in changed.iter().enumerate().filter(|(_, step)| step.n_ok > 0) {
        let size = mean_bytes(&[step]).max(1.0).log2() * SIZES_PER_DOUBLING;
        by_size.entry(if sizes_matter { size.round() as i64 } else { 0 }).or_default().push(index);
    }
    let group = |steps: Vec<usize>| {
        let all: Vec<&Measured> = steps.iter().map(|step| &changed[*step]).collect();
        Group { mean_bytes: mean_bytes(&all), steps }
    };
    by_size.into_values().map(group).collect()
}

fn mean_bytes(steps: &[&Measured]) -> f64 {
    let n: u64 = steps.iter().map(|step| step.n_requests).sum();
    let bytes: u64 = steps.iter().map(|step| step.bytes_received).sum();
    bytes as f64 / (n as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng as _;

    use super::*;

    fn blocks(shift: u64) -> Vec<LatencyHistogram> {
        let mut blocks = vec![LatencyHistogram::default(); 10];
        (0..2_000u64).for_each(|i| {
            let micros = 10_000 + 17 * (i * 7_919 % 2_000) + shift * (i % 10);
            blocks[i as usize % 10].record(Duration::from_micros(micros));
        });
        blocks
    }

    #[test]
    fn values_that_are_nearly_one_stay_within_a_fiftieth() {
        let blocks = blocks(300);
        let mut all = LatencyHistogram::default();
        blocks.iter().for_each(|block| all.merge(block));
        let coarse = Blocks::of(&[blocks]).weighted(&|_, _| 1.0);
        assert!(coarse.values().len() < 100, "{}", coarse.values().len());
        assert_eq!(coarse.total(), all.n_samples() as f64);
        for quantile in [0.1, 0.5, 0.9, 0.99] {
            let exact = all.quantile(quantile).unwrap().as_secs_f64();
            assert!((coarse.quantile(quantile) / exact - 1.0).abs() < 0.02, "{quantile}");
        }
    }

    #[test]
    fn draws_vary_as_blocks_do_and_have_their_mean() {
        let blocks = Blocks::of(&[blocks(4_000)]);
        let means: Vec<f64> = blocks.strata[0]
            .iter()
            .map(|block| {
                let block = block.iter().map(|weight| f64::from(*weight)).collect();
                Points::of_sorted(blocks.values.clone(), block).mean()
            })
            .collect();
        let mean = means.iter().sum::<f64>() / 10.0;
        let squares: f64 = means.iter().map(|block| (block - mean).powi(2)).sum();
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let drawn: Vec<f64> = (0..4_000)
            .map(|_| {
                let times = drawn_times(10, &mut random);
                blocks.weighted(&|_, block| times[block]).mean()
            })
            .collect();
        let drawn_mean = drawn.iter().sum::<f64>() / 4_000.0;
        let variance = drawn.iter().map(|draw| (draw - drawn_mean).powi(2)).sum::<f64>() / 4_000.0;
        assert!((drawn_mean / mean - 1.0).abs() < 0.005, "{drawn_mean} {mean}");
        // The variance of a mean of ten: their own, without bias, by ten.
        let expected = squares / 9.0 / 10.0;
        assert!((variance / expected - 1.0).abs() < 0.1, "{variance} {expected}");
    }

    #[test]
    fn the_mean_is_as_sure_as_blocks_agree() {
        let each = |means: [u64; 4]| {
            let block = |millis: u64| {
                let mut block = LatencyHistogram::default();
                (0..100).for_each(|_| block.record(Duration::from_millis(millis)));
                block
            };
            relative_error(&[Blocks::of(&[means.map(block).to_vec()])])
        };
        assert_eq!(each([50; 4]), 0.0);
        // 40, 60, 40, 60: a standard deviation of 11.5 by the root of four, of 50.
        assert!((each([40, 60, 40, 60]) - 0.1155).abs() < 0.002, "{}", each([40, 60, 40, 60]));
        assert_eq!(relative_error(&[]), 0.0);
    }

    #[test]
    fn steps_are_one_part_unless_the_size_of_their_answers_matters() {
        let step =
            |bytes_received| Measured { n_requests: 10, n_ok: 10, bytes_received, ..Measured::default() };
        let steps = [step(10_000), step(11_000), step(1_000_000), Measured::default()];
        let told = |sizes_matter| -> Vec<(usize, f64)> {
            groups(&steps, sizes_matter).iter().map(|group| (group.steps.len(), group.mean_bytes)).collect()
        };
        assert_eq!(told(true), [(2, 1_050.0), (1, 100_000.0)]);
        assert_eq!(told(false), [(3, 34_033.333_333_333_336)]);
    }
}
