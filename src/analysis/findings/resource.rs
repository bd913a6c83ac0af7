//! Resource at its ceiling: a series of how far something was used, and what went along with it.
//!
//! Whatever has a share of use for each second can be looked at; now that is the generator's machine. A resource that
//! goes along with latency is a suspect, not a cause.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::analysis::stats::{median, t_two_sided_p};
use crate::humanize;
use crate::metrics::{RunRecord, SecondPoint};
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Hold, Rule, ScenarioChange,
    TimeLine, weight,
};

/// From here on nothing is left to be used.
// SCIENCE §1: CPU > 90 % is where a generator's figures are its own; the same holds for a target.
const CPU_CEILING: f64 = 0.90;
/// Of memory the system needs some itself; ours.
const MEMORY_CEILING: f64 = 0.95;

/// How far below its ceiling it has to be at some lower level; ours.
// What is used up whatever the load is used up by something else, which the self-checks tell.
const ROOM: f64 = 0.10;

/// Seconds by which something may follow something else.
const MAX_LAG: i32 = 5;

/// Pairs of seconds that a correlation has to stand on.
const MIN_PAIRS: usize = 30;

/// The least correlation that is told, and how likely it may be by chance, all lags counted; ours.
const MIN_CORRELATION: f64 = 0.3;
const SIGNIFICANCE: f64 = 0.01;

/// Something that can be used up, with its use in each second.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub name: String,
    pub whose: Whose,
    /// From this share on it is used up.
    pub ceiling: f64,
    /// Its line among those of a run's seconds, where it has one.
    pub line: Option<TimeLine>,
    /// Second and share of use.
    pub values: Vec<(u32, f64)>,
}

/// Whose resource it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of the machine that generator and target share.
    Shared,
    /// Of the generator's machine: the self-checks look at it.
    Generator,
    Target,
}

/// How far two series go along with each other, at the lag where they do most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaggedCorrelation {
    /// Seconds by which the second follows the first.
    pub lag_secs: i32,
    /// Spearman's, of the changes from second to second.
    pub correlation: f64,
    /// To either side, all lags counted.
    pub p_value: f64,
}

impl Resource {
    /// What is known of a run: the machine that made the load.
    pub fn of_run(record: &RunRecord) -> Vec<Self> {
        let lines =
            [("CPU", TimeLine::MachineCpu, CPU_CEILING), ("memory", TimeLine::MachineMemory, MEMORY_CEILING)];
        let resource = |(name, line, ceiling): (&str, TimeLine, f64)| {
            let values: Vec<(u32, f64)> =
                record.points.iter().filter_map(|point| Some((point.second, line.at(point)?))).collect();
            let whose = if crate::analysis::is_loopback(&record.start.base_url) {
                Whose::Shared
            } else {
                Whose::Generator
            };
            (!values.is_empty()).then(|| Self {
                name: name.to_owned(),
                whose,
                ceiling,
                line: Some(line),
                values,
            })
        };
        lines.into_iter().filter_map(resource).collect()
    }

    /// Its use in the seconds of a hold.
    fn within(&self, hold: &Hold<'_>) -> Vec<f64> {
        let seconds = self.values.iter().filter(|(second, _)| hold.seconds.contains(second));
        seconds.map(|(_, value)| *value).collect()
    }

    fn whose_words(&self) -> &'static str {
        match self.whose {
            Whose::Shared => "of the machine that generator and target share",
            Whose::Generator => "of the generator's machine",
            Whose::Target => "of the target",
        }
    }
}

/// How far two series go along with each other in time, from how they change from second to second.
// The changes, since whatever rises with the load goes along with everything that does. Ranks, since latencies have
// spikes. The lag with the strongest correlation is told, and its chance counts for all lags.
pub fn lagged_correlation(first: &[(u32, f64)], second: &[(u32, f64)]) -> Option<LaggedCorrelation> {
    let (first, second) = (changes(first), changes(second));
    let at_lag = |lag: i32| {
        let (correlation, p_value) = spearman(&pairs_at(&first, &second, lag))?;
        Some(LaggedCorrelation { lag_secs: lag, correlation, p_value })
    };
    let lags = -MAX_LAG..=MAX_LAG;
    let n_lags = lags.clone().count() as f64;
    // The sooner explanation where two are as strong.
    let strongest = lags.filter_map(at_lag).max_by(|a, b| {
        let strength = |found: &LaggedCorrelation| (found.correlation.abs(), -found.lag_secs.abs());
        let ((a, a_lag), (b, b_lag)) = (strength(a), strength(b));
        a.total_cmp(&b).then(a_lag.cmp(&b_lag))
    })?;
    Some(LaggedCorrelation { p_value: (strongest.p_value * n_lags).min(1.0), ..strongest })
}

/// How a series changes from one second to the next, where both were read.
pub(super) fn changes(series: &[(u32, f64)]) -> BTreeMap<i64, f64> {
    let pairs = series.windows(2).filter(|pair| pair[1].0 == pair[0].0 + 1);
    pairs.map(|pair| (i64::from(pair[1].0), pair[1].1 - pair[0].1)).collect()
}

/// Changes beside those of the other series so many seconds later.
pub(super) fn pairs_at(first: &BTreeMap<i64, f64>, second: &BTreeMap<i64, f64>, lag: i32) -> Vec<(f64, f64)> {
    let later = |time: &i64| second.get(&(time + i64::from(lag))).copied();
    first.iter().filter_map(|(time, change)| Some((*change, later(time)?))).collect()
}

/// Spearman's correlation with how likely it is by chance; none of few pairs or where a side never changes.
pub(super) fn spearman(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    if pairs.len() < MIN_PAIRS {
        return None;
    }
    let (a, b) = ranks_of(pairs);
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    if scale == 0.0 {
        return None;
    }
    let correlation = (product(&a, &b) / scale).clamp(-1.0, 1.0);
    let n = effective_pairs(pairs)?;
    let t = correlation * ((n - 2.0) / (1.0 - correlation * correlation).max(f64::MIN_POSITIVE)).sqrt();
    Some((correlation, t_two_sided_p(t, n - 2.0)))
}

/// How many pairs would tell as much if none depended on those before it; none where a side never changes.
// Bartlett.
pub(super) fn effective_pairs(pairs: &[(f64, f64)]) -> Option<f64> {
    let (a, b) = ranks_of(pairs);
    let memory = |ranks: &[f64]| {
        let all = product(ranks, ranks);
        (all > 0.0).then(|| product(ranks, &ranks[1..]) / all)
    };
    let both = memory(&a)? * memory(&b)?;
    Some((pairs.len() as f64 * (1.0 - both) / (1.0 + both)).clamp(3.0, pairs.len() as f64))
}

fn ranks_of(pairs: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    let ranks = |side: fn(&(f64, f64)) -> f64| centred_ranks(&pairs.iter().map(side).collect::<Vec<_>>());
    (ranks(|(a, _)| *a), ranks(|(_, b)| *b))
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The rank of each value less the mean rank; equal values share theirs.
fn centred_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mean = (values.len() as f64 - 1.0) / 2.0;
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = from as f64 + (tied.len() as f64 - 1.0) / 2.0 - mean;
        tied.iter().for_each(|index| ranks[*index] = rank);
        from += tied.len();
    }
    ranks
}

pub fn resource_ceilings(grounds: &Grounds<'_>) -> Vec<Finding> {
    // What the generator's own machine lacks, the self-checks tell.
    let of_target = grounds.resources.iter().filter(|resource| resource.whose != Whose::Generator);
    of_target.filter_map(|resource| resource_ceiling(grounds, resource)).collect()
}

fn resource_ceiling(grounds: &Grounds<'_>, resource: &Resource) -> Option<Finding> {
    let at_ceiling = |hold: &&Hold<'_>| {
        let used = median(&resource.within(hold));
        used.is_some_and(|used| used >= resource.ceiling)
    };
    // The lowest level at which it is used up.
    let hold = grounds.holds.iter().filter(at_ceiling).min_by(|a, b| a.level.total_cmp(&b.level))?;
    let used = median(&resource.within(hold))?;
    let series = |figure: fn(&SecondPoint) -> Option<f64>| -> Vec<(u32, f64)> {
        grounds.points().iter().filter_map(|point| Some((point.second, figure(point)?))).collect()
    };
    let latency =
        lagged_correlation(&resource.values, &series(|point| point.p95.map(|latency| latency.as_secs_f64())));
    let throughput = lagged_correlation(&resource.values, &series(|point| Some(point.completed_per_sec)));
    let is_told = |found: &LaggedCorrelation| {
        found.correlation.abs() >= MIN_CORRELATION && found.p_value < SIGNIFICANCE
    };
    let (latency, throughput) = (latency.filter(is_told), throughput.filter(is_told));
    let goes_along = latency.is_some() || throughput.is_some();
    let had_room = grounds.holds.iter().any(|lower| {
        lower.level < hold.level
            && median(&resource.within(lower)).is_some_and(|used| used <= resource.ceiling - ROOM)
    });
    if !goes_along && !had_room {
        return None;
    }
    let confidence = confidence(goes_along, had_room);
    let mut figures = vec![
        Figure::share(format!("{} {}, median", resource.name, resource.whose_words()), used),
        Figure::share("Counts as used up from", resource.ceiling),
    ];
    for (what, found) in [("p95", latency), ("throughput", throughput)] {
        let words = format!("Goes along with {what} (changes by the second, Spearman)");
        match found {
            Some(found) => figures.push(Figure::number(words, found.correlation).told(format!(
                "{}, {}, p {}",
                humanize::signed_decimal(found.correlation, 2),
                lag_words(found.lag_secs, what),
                humanize::p_value(found.p_value)
            ))),
            None => figures.push(Figure { value: None, ..Figure::number(words, 0.0) }.told("not shown")),
        }
    }
    let whose = resource.whose_words();
    let mut other_explanations = vec![
        "It is used up because something else is slow and work piles up: a suspect, not a cause.".to_owned(),
    ];
    if resource.whose == Whose::Shared {
        other_explanations.push(
            "The generator uses the same machine: part of it is its own, which a generator elsewhere would take away."
                .to_owned(),
        );
    }
    let lines = resource.line.into_iter().chain([TimeLine::P95, TimeLine::Completed]).collect();
    Some(Finding {
        rule: Rule::ResourceCeiling,
        scope: Scope::Run,
        claim: format!(
            "The {} {whose} was used up from {} on: {} at the median.",
            resource.name,
            grounds.level_text(hold.level),
            humanize::percent(used)
        ),
        evidence: Evidence {
            seconds: hold.seconds.clone(),
            window: Grounds::hold_words(hold),
            figures,
            chart: EvidenceChart::OverTime {
                seconds: grounds.whole_run(),
                lines,
                marks: Vec::new(),
                limit: Some((
                    resource.ceiling,
                    format!("used up from {}", humanize::percent(resource.ceiling)),
                )),
            },
        },
        weight: weight(Rule::ResourceCeiling, &confidence, used),
        confidence,
        rests_on: None,
        other_explanations,
        next_experiment: experiment(grounds, hold.level),
    })
}

fn confidence(goes_along: bool, had_room: bool) -> Confidence {
    match (goes_along, had_room) {
        (true, true) => Confidence::medium(
            "it came to be used up as the load rose, and latency or throughput go along with it: a suspect",
        ),
        (true, false) => {
            Confidence::low("latency or throughput go along with it, but no lower level had room")
        }
        (false, _) => Confidence::low(
            "it came to be used up as the load rose, but nothing was seen to go along with it",
        ),
    }
}

fn lag_words(lag_secs: i32, what: &str) -> String {
    let secs = |lag: i32| humanize::span(Duration::from_secs(u64::from(lag.unsigned_abs())));
    match lag_secs {
        0 => "in the same second".to_owned(),
        lag if lag > 0 => format!("{what} follows {} later", secs(lag)),
        lag => format!("{what} goes {} ahead", secs(lag)),
    }
}

fn experiment(grounds: &Grounds<'_>, level: f64) -> Experiment {
    let levels = [0.25, 0.5, 0.75, 1.0].map(|share| share * level);
    let hold = Duration::from_secs(120);
    Experiment {
        name: "levels below the ceiling".to_owned(),
        words: format!(
            "Hold levels up to {} for {} each, with the generator on another machine if it shares this one: a resource \
             whose use rises in proportion to the load and meets its ceiling where throughput stops is the limit.",
            grounds.level_text(level),
            humanize::span(hold)
        ),
        changes: vec![ScenarioChange::staircase(&grounds.scenario().load, &levels, hold)],
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn noise(seed: u64, n: u32) -> Vec<(u32, f64)> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..n).map(|second| (second, random.random::<f64>())).collect()
    }

    #[test]
    fn a_series_that_follows_another_is_known_with_its_lag() {
        let first = noise(1, 200);
        let later: Vec<(u32, f64)> = noise(2, 200)
            .into_iter()
            .zip(&first)
            .map(|((_, noise), (second, value))| (second + 3, value + 0.3 * noise))
            .collect();
        let found = lagged_correlation(&first, &later).unwrap();
        assert_eq!(found.lag_secs, 3);
        assert!(found.correlation > 0.8 && found.p_value < 1e-6, "{found:?}");
        let back = lagged_correlation(&later, &first).unwrap();
        assert_eq!(back.lag_secs, -3);
    }

    #[test]
    fn what_rises_with_the_load_does_not_go_along_with_everything_that_does() {
        let rising = |seed: u64| -> Vec<(u32, f64)> {
            noise(seed, 200).into_iter().map(|(second, noise)| (second, f64::from(second) + noise)).collect()
        };
        let n_found = (0..60)
            .filter(|seed| {
                lagged_correlation(&rising(2 * seed), &rising(2 * seed + 1))
                    .is_some_and(|found| found.p_value < SIGNIFICANCE)
            })
            .count();
        assert!(n_found <= 2, "{n_found} of 60");
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(centred_ranks(&[5.0, 1.0, 5.0, 2.0]), [1.0, -1.5, 1.0, -0.5]);
    }

    #[test]
    fn a_series_that_stays_the_same_goes_along_with_nothing() {
        let flat: Vec<(u32, f64)> = (0..100).map(|second| (second, 0.5)).collect();
        assert_eq!(lagged_correlation(&flat, &noise(1, 100)), None);
        assert_eq!(lagged_correlation(&noise(1, 20), &noise(2, 20)), None);
    }
}
