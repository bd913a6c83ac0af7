//! What an interleaved run says of its two sides, pair of blocks by pair of blocks.
//!
//! Both blocks of a pair meet the same drift of their surroundings, so it leaves their ratio. Each side has
//! steps of its own: what is answered late stays with its side, and counts in the pair of the second it ended in.

mod change;
mod crossover;
mod pairs;
mod words;

use std::time::Duration;

use crate::metrics::{HistogramError, History, RunRecord};
use crate::model::{Metric, Scenario, Side};

use super::{Reading, shortest_timeout};
use change::{Circumstances, Family, changes};
use pairs::PairedFigures;

/// The percentiles that sides are compared by.
pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// An interleaved run's sides beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Interleaved {
    /// Where the baseline's requests went, in a few words.
    pub baseline: String,
    pub candidate: String,
    pub block: Duration,
    pub n_pairs: usize,
    /// Pairs in which the baseline came first.
    pub n_baseline_first: usize,
    /// How long load was made outside of the pairs that count.
    pub left_out: Duration,
    /// What it comes to, in a sentence or two.
    pub sentence: String,
    pub whole: SideBySide,
    /// One entry for each step that was sent, in the order of the scenario.
    pub steps: Vec<SideBySide>,
}

/// Both sides of a step, or of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct SideBySide {
    pub name: String,
    pub changes: Vec<SideChange>,
}

/// A metric on both sides, over all pairs, with its change from pair to pair.
#[derive(Clone, Debug, PartialEq)]
pub struct SideChange {
    pub metric: Metric,
    pub baseline: Option<Reading>,
    pub candidate: Option<Reading>,
    /// Relative change, or difference where the metric is a share.
    pub change: Option<f64>,
    /// Bounds of the change at 95 % confidence.
    pub interval: Option<(f64, f64)>,
    /// That the change is none; of percentiles, adjusted for how many of them were asked for.
    pub p_value: Option<f64>,
    /// Pairs with figures on both sides.
    pub n_pairs: usize,
    pub verdict: SideVerdict,
}

/// What a metric says of the candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SideVerdict {
    Worse,
    Better,
    Same,
    CannotTell(Doubt),
}

/// Why a metric says nothing of the candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doubt {
    /// Changes up to so much, either way, are not excluded.
    NotExcluded(f64),
    /// With fewer pairs nothing is said.
    TooFewPairs,
    /// The percentile of a block would be the longest of its requests.
    TooFewRequests,
    /// Requests that timed out took longer than is known.
    HiddenByTimeouts,
}

/// Compares the sides of a kept run; none if it was not interleaved.
pub fn interleaved(record: &RunRecord, history: &History) -> Result<Option<Interleaved>, HistogramError> {
    let scenario = &record.start.scenario;
    let Some(interleave) = &scenario.interleave else { return Ok(None) };
    let plan = record.plan();
    let until = record.end.load_duration;
    let pairs = plan.block_pairs(until);
    let figures = PairedFigures::of(&pairs, interleave.block, scenario, history, until)?;
    let known = Circumstances { timeout: shortest_timeout(scenario), is_open: plan.is_open() };
    let whole = changes(std::slice::from_ref(&figures.whole), Family::Apart, known).remove(0);
    let names = std::iter::once("All requests".to_owned()).chain(step_names(scenario));
    let of_steps = changes(&figures.steps, Family::Together, known);
    let mut sides: Vec<SideBySide> = names
        .zip(std::iter::once(whole).chain(of_steps))
        .map(|(name, changes)| SideBySide { name, changes })
        .collect();
    let whole = sides.remove(0);
    let mut interleaved = Interleaved {
        baseline: scenario.side_words(Side::Baseline),
        candidate: scenario.side_words(Side::Candidate),
        block: interleave.block,
        n_pairs: pairs.len(),
        n_baseline_first: pairs.iter().filter(|pair| pair.first == Side::Baseline).count(),
        left_out: until.saturating_sub(interleave.block * 2 * pairs.len() as u32),
        sentence: String::new(),
        whole,
        steps: sides,
    };
    interleaved.sentence = words::sentence(&interleaved);
    Ok(Some(interleaved))
}

/// The names of the baseline's steps that were sent.
fn step_names(scenario: &Scenario) -> impl Iterator<Item = String> {
    pairs::steps_of_baseline(scenario).map(|index| {
        // The index is one of the scenario's own.
        scenario.steps().nth(index).map(|(_, step)| step.name.clone()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests;
