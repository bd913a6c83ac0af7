//! The figures of both sides in each pair of blocks.

use std::{ops::Range, time::Duration};

use crate::metrics::{Aggregate, HistogramError, History, Outcome, StepStats, WindowSums};
use crate::model::{BlockPair, Metric, Scenario, Side};

use super::QUANTILES;

/// Figures of the run and of each of the baseline's steps that were sent.
pub struct PairedFigures {
    pub whole: ScopeFigures,
    pub steps: Vec<ScopeFigures>,
}

/// Figures of one scope.
#[derive(Default)]
pub struct ScopeFigures {
    pub pairs: Vec<PairFigures>,
    /// All pairs together, by side.
    pub totals: [Aggregate; 2],
}

/// Figures of one scope in one pair, each of the baseline and of the candidate.
#[derive(Clone, Copy, Debug)]
pub struct PairFigures {
    pub first: Side,
    /// Seconds, of successful requests.
    pub quantiles: [[Option<f64>; 2]; QUANTILES.len()],
    pub n_ok: [u64; 2],
    pub n_timeouts: [u64; 2],
    /// None where nothing was answered: it has no logarithm.
    pub throughput: [Option<f64>; 2],
    pub error_ratio: [Option<f64>; 2],
}

impl PairedFigures {
    /// Of pairs in order, read from the seconds in which requests ended.
    pub fn of(
        pairs: &[BlockPair],
        block: Duration,
        scenario: &Scenario,
        history: &History,
        load_end: Duration,
    ) -> Result<Self, HistogramError> {
        let sides: Vec<Option<Side>> =
            scenario.steps().map(|(journey, _)| scenario.journeys[journey].side).collect();
        let n_described = sides.len() / 2;
        let steps: Vec<usize> = steps_of_baseline(scenario).collect();
        let mut figures = Self {
            whole: ScopeFigures::default(),
            steps: steps.iter().map(|_| ScopeFigures::default()).collect(),
        };
        let mut sums = WindowSums::default();
        for pair in pairs {
            history.sum_up(seconds_of(pair, load_end, history), &mut sums)?;
            let of_side = |side| sums.of_steps(|step| sides[step] == Some(side));
            figures.whole.add(pair.first, Side::BOTH.map(of_side), block);
            for (of_step, step) in figures.steps.iter_mut().zip(&steps) {
                let of_both = [*step, *step + n_described];
                of_step.add(pair.first, of_both.map(|index| sums.of_steps(|step| step == index)), block);
            }
        }
        Ok(figures)
    }
}

/// The indexes of the baseline's steps that are sent; those of the candidate are half of all steps further.
pub fn steps_of_baseline(scenario: &Scenario) -> impl Iterator<Item = usize> {
    let of_baseline = |journey: usize| scenario.journeys[journey].side == Some(Side::Baseline);
    scenario.sent_steps().filter(move |(_, journey, _)| of_baseline(*journey)).map(|(index, ..)| index)
}

/// The seconds of which most lies within a pair; what is answered after the end of the load belongs to its last pair.
fn seconds_of(pair: &BlockPair, load_end: Duration, history: &History) -> Range<u32> {
    let rounded = |at: Duration| (at + Duration::from_millis(500)).as_secs() as u32;
    let end = if pair.end >= load_end { history.extent().end } else { rounded(pair.end) };
    rounded(pair.start)..end
}

impl PairFigures {
    fn none(first: Side) -> Self {
        Self {
            first,
            quantiles: Default::default(),
            n_ok: [0; 2],
            n_timeouts: [0; 2],
            throughput: [None; 2],
            error_ratio: [None; 2],
        }
    }
}

impl ScopeFigures {
    fn add(&mut self, first: Side, sides: [StepStats; 2], block: Duration) {
        let mut pair = PairFigures::none(first);
        for (index, stats) in sides.into_iter().enumerate() {
            let aggregate = Aggregate { stats, duration: block, ..Aggregate::default() };
            for (quantile, figures) in QUANTILES.into_iter().zip(&mut pair.quantiles) {
                figures[index] = aggregate.metric(Metric::Quantile(quantile));
            }
            let counters = &aggregate.stats.counters;
            pair.n_ok[index] = counters.n_ok();
            pair.n_timeouts[index] = counters.n_of(Outcome::Timeout);
            pair.throughput[index] = aggregate.throughput_per_sec().filter(|rate| *rate > 0.0);
            pair.error_ratio[index] = counters.error_ratio();
            let total = &mut self.totals[index];
            total.duration += block;
            total.stats.merge_responses(&aggregate.stats);
        }
        self.pairs.push(pair);
    }
}
