//! From figures of pairs to changes with intervals and verdicts.

use std::time::Duration;

use crate::analysis::Reading;
use crate::analysis::comparison::{Change, ChangeVerdict, CompareOptions};
use crate::analysis::stats::{holm, newcombe};
use crate::metrics::Aggregate;
use crate::model::{Interleave, Metric};

use super::crossover::{PairDifference, crossover};
use super::pairs::{PairFigures, ScopeFigures};
use super::{Doubt, QUANTILES, SideChange, SideVerdict};

/// How many questions are asked at once: the more there are, the more of them chance answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The percentiles of each scope.
    Apart,
    /// The percentiles of all scopes.
    Together,
}

/// What is known of the run beside the figures of its scopes.
#[derive(Clone, Copy)]
pub struct Circumstances {
    /// The shortest timeout.
    pub timeout: Duration,
    pub is_open: bool,
}

/// The changes of each scope.
pub fn changes(scopes: &[ScopeFigures], family: Family, known: Circumstances) -> Vec<Vec<SideChange>> {
    let mut all: Vec<Vec<SideChange>> = scopes.iter().map(|scope| of_scope(scope, known)).collect();
    match family {
        Family::Apart => all.iter_mut().for_each(|changes| adjust(std::slice::from_mut(changes))),
        Family::Together => adjust(&mut all),
    }
    for change in all.iter_mut().flatten() {
        change.verdict = verdict(change);
    }
    all
}

/// Adjusts the p values of percentiles that nothing speaks against.
fn adjust(scopes: &mut [Vec<SideChange>]) {
    let is_asked = |change: &&mut SideChange| matches!(change.metric, Metric::Quantile(_));
    let mut asked: Vec<&mut f64> =
        scopes.iter_mut().flatten().filter(is_asked).filter_map(|change| change.p_value.as_mut()).collect();
    let adjusted = holm(&asked.iter().map(|p_value| **p_value).collect::<Vec<_>>());
    asked.iter_mut().zip(adjusted).for_each(|(p_value, adjusted)| **p_value = adjusted);
}

fn of_scope(scope: &ScopeFigures, known: Circumstances) -> Vec<SideChange> {
    let percentiles = QUANTILES.iter().enumerate().map(|(index, quantile)| {
        let doubt = percentile_doubt(&scope.pairs, *quantile);
        of_ratios(Metric::Quantile(*quantile), scope, doubt, |pair| pair.quantiles[index])
    });
    // The open model's throughput is the timetable's, whatever the sides do.
    let throughput =
        (!known.is_open).then(|| of_ratios(Metric::Throughput, scope, None, |pair| pair.throughput));
    let changes = percentiles.chain(throughput).chain([of_shares(scope)]);
    changes.map(|change| with_readings(change, &scope.totals, known.timeout)).collect()
}

/// The differences of the pairs that have figures on both sides.
fn differences(
    scope: &ScopeFigures,
    figures: impl Fn(&PairFigures) -> [Option<f64>; 2],
) -> Vec<PairDifference> {
    let of_pair = |pair: &PairFigures| {
        let [base, candidate] = figures(pair);
        let difference = candidate? - base?;
        difference.is_finite().then_some(PairDifference { first: pair.first, difference })
    };
    scope.pairs.iter().filter_map(of_pair).collect()
}

/// What keeps a percentile of blocks from being one.
fn percentile_doubt(pairs: &[PairFigures], quantile: f64) -> Option<Doubt> {
    let beyond = 1.0 - quantile;
    let is_hidden = |pair: &PairFigures| {
        (0..2).any(|side| {
            let (n_ok, n_timeouts) = (pair.n_ok[side] as f64, pair.n_timeouts[side] as f64);
            n_timeouts > 0.0 && n_timeouts / (n_ok + n_timeouts) >= beyond - 1e-12
        })
    };
    if pairs.iter().any(is_hidden) {
        return Some(Doubt::HiddenByTimeouts);
    }
    let mean_of =
        |side: usize| pairs.iter().map(|pair| pair.n_ok[side]).sum::<u64>() as f64 / pairs.len() as f64;
    let is_thin = !pairs.is_empty() && mean_of(0).min(mean_of(1)) * beyond < 1.0;
    is_thin.then_some(Doubt::TooFewRequests)
}

/// A change by the ratios of pairs: by the differences of logarithms.
fn of_ratios(
    metric: Metric,
    scope: &ScopeFigures,
    doubt: Option<Doubt>,
    figures: impl Fn(&PairFigures) -> [Option<f64>; 2],
) -> SideChange {
    let pairs = differences(scope, |pair| figures(pair).map(|value| value.map(f64::ln)));
    let change = bare(metric, pairs.len());
    if let Some(doubt) = doubt_of(&change, doubt) {
        return SideChange { verdict: SideVerdict::CannotTell(doubt), ..change };
    }
    let Some(found) = crossover(&pairs) else { return change };
    let relative = |of_logs: f64| of_logs.exp() - 1.0;
    SideChange {
        change: Some(relative(found.difference)),
        interval: Some((relative(found.low), relative(found.high))),
        p_value: Some(found.p_value),
        ..change
    }
}

/// The change of the error share: its difference from pair to pair, since a share may be nothing.
// Few errors make equal pairs, whose spread says nothing of how rare they may be: the interval of all counts together
// (Newcombe) is taken in as well, and the wider one holds.
fn of_shares(scope: &ScopeFigures) -> SideChange {
    let pairs = differences(scope, |pair| pair.error_ratio);
    let change = bare(Metric::ErrorShare, pairs.len());
    if let Some(doubt) = doubt_of(&change, None) {
        return SideChange { verdict: SideVerdict::CannotTell(doubt), ..change };
    }
    let counts = |total: &Aggregate| {
        let counters = &total.stats.counters;
        (counters.n_errors() as f64, counters.n_requests() as f64)
    };
    let ((k_base, n_base), (k_candidate, n_candidate)) = (counts(&scope.totals[0]), counts(&scope.totals[1]));
    let found = crossover(&pairs).zip(newcombe(k_candidate, n_candidate, k_base, n_base));
    let Some((paired, counted)) = found else { return change };
    SideChange {
        change: Some(paired.difference),
        interval: Some((paired.low.min(counted.low), paired.high.max(counted.high))),
        ..change
    }
}

fn doubt_of(change: &SideChange, of_figures: Option<Doubt>) -> Option<Doubt> {
    let is_few = change.n_pairs < Interleave::MIN_PAIRS;
    if is_few { Some(Doubt::TooFewPairs) } else { of_figures }
}

fn bare(metric: Metric, n_pairs: usize) -> SideChange {
    SideChange {
        metric,
        baseline: None,
        candidate: None,
        change: None,
        interval: None,
        p_value: None,
        n_pairs,
        verdict: SideVerdict::CannotTell(Doubt::TooFewPairs),
    }
}

fn with_readings(change: SideChange, totals: &[Aggregate; 2], timeout: Duration) -> SideChange {
    let reading = |side: usize| Reading::of(&totals[side], change.metric, timeout);
    SideChange { baseline: reading(0), candidate: reading(1), ..change }
}

/// By the rule of every comparison; what it leaves open is named.
fn verdict(change: &SideChange) -> SideVerdict {
    let (Some(size), Some((low, high))) = (change.change, change.interval) else { return change.verdict };
    let judged = Change { size, low: Some(low), high: Some(high), p_value: change.p_value, adjusted_p: None };
    match judged.verdict(change.metric, CompareOptions::DEFAULT_SMALLEST_RELEVANT) {
        ChangeVerdict::Better => SideVerdict::Better,
        ChangeVerdict::Worse => SideVerdict::Worse,
        ChangeVerdict::Same => SideVerdict::Same,
        ChangeVerdict::CannotTell => SideVerdict::CannotTell(Doubt::NotExcluded(low.abs().max(high.abs()))),
    }
}
