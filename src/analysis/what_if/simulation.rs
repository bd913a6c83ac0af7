//! What models are worth on queues whose truth is known: M/M/c, simulated before a change and after it.
//!
//! What is checked is the printed range, from p5 to p95, against what a run after the change measures.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    CallTime, Change, Draws, InputRange, Line, Projection, QUANTILES, Queue,
    base::{Base, LowLoad, Measured},
    project_with,
    tests::base_of,
};
use crate::analysis::stats::N_BLOCKS;
use crate::metrics::LatencyHistogram;

/// Enough to bound a range, and few enough for as many seeds.
const DRAWS: Draws = Draws { n: 80, seed: 7 };

const N_SEEDS: u64 = 30;

/// A queue, and how long it is looked at.
#[derive(Clone, Copy)]
struct Mmc {
    workers: usize,
    service_secs: f64,
    per_sec: f64,
    /// Share and time of hits of a cache in front.
    cache: Option<(f64, f64)>,
    secs: f64,
}

const BEFORE: Mmc = Mmc { workers: 4, service_secs: 0.02, per_sec: 140.0, cache: None, secs: 180.0 };

impl Mmc {
    /// Response times in blocks by when a request came, once the queue has settled.
    fn blocks(self, seed: u64) -> Vec<LatencyHistogram> {
        const SETTLING_SECS: f64 = 20.0;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut blocks = vec![LatencyHistogram::default(); N_BLOCKS];
        // When each worker is free, in nanoseconds, so that they have an order.
        let mut free: BinaryHeap<Reverse<u64>> = (0..self.workers).map(|_| Reverse(0)).collect();
        let mut now = -SETTLING_SECS;
        loop {
            now -= (1.0 - random.random::<f64>()).ln() / self.per_sec;
            if now >= self.secs {
                return blocks;
            }
            let arrived = ((now + SETTLING_SECS) * 1e9) as u64;
            let took = match self.cache.filter(|(ratio, _)| random.random::<f64>() < *ratio) {
                Some((_, hit_secs)) => (hit_secs * 1e9) as u64,
                None => {
                    let work = -self.service_secs * (1.0 - random.random::<f64>()).ln();
                    let Some(Reverse(free_at)) = free.pop() else { return blocks };
                    let end = free_at.max(arrived) + (work * 1e9) as u64;
                    free.push(Reverse(end));
                    end - arrived
                }
            };
            if now >= 0.0 {
                let block = (now / self.secs * N_BLOCKS as f64) as usize;
                blocks[block].record(Duration::from_nanos(took));
            }
        }
    }

    fn base(self, seed: u64) -> Base {
        base_of(vec![self.blocks(seed)], self.secs)
    }

    /// Its percentiles as a long run measures them.
    fn truth(self) -> [f64; 4] {
        let mut all = LatencyHistogram::default();
        for seed in 0..6 {
            Self { secs: 1_000.0, ..self }.blocks(1_000_000 + seed).iter().for_each(|block| all.merge(block));
        }
        QUANTILES.map(|quantile| all.quantile(quantile).unwrap().as_secs_f64())
    }
}

fn known_queue() -> Queue {
    Queue {
        workers: Some(InputRange::exactly(4.0)),
        service_secs: Some(InputRange::between(0.018, 0.022)),
        cs_squared: None,
    }
}

/// In how many seeds each percentile that a later run measures lies within the printed range.
fn shares_inside(after: Mmc, projected: impl Fn(u64) -> Projection) -> [f64; 4] {
    let mut n_inside = [0; 4];
    for seed in 0..N_SEEDS {
        let projection = projected(seed);
        let mut measured = LatencyHistogram::default();
        after.blocks(500_000 + seed).iter().for_each(|block| measured.merge(block));
        for (n, quantile) in n_inside.iter_mut().zip(QUANTILES) {
            let found = measured.quantile(quantile).unwrap().as_secs_f64();
            let percentile = projection.percentile(quantile).unwrap();
            let range =
                percentile.line(Line::Rescaled).unwrap_or_else(|| panic!("{:?}", projection.refusals));
            *n += usize::from((range.low_secs..=range.high_secs).contains(&found));
        }
    }
    n_inside.map(|n| n as f64 / N_SEEDS as f64)
}

#[track_caller]
fn check(shares: [f64; 4]) {
    assert!(shares.iter().all(|share| *share >= 0.9), "{shares:?}");
}

#[test]
fn a_cache_in_front_of_a_queue_changes_its_percentiles_as_projected() {
    let change = Change::Cache {
        hit_ratio: InputRange::between(0.45, 0.55),
        hit_secs: InputRange::between(0.001, 0.003),
        lookup_secs: InputRange::exactly(0.0),
    };
    let after = Mmc { cache: Some((0.5, 0.002)), ..BEFORE };
    check(shares_inside(after, |seed| project_with(&BEFORE.base(seed), &change, &known_queue(), DRAWS)));
}

#[test]
fn more_workers_change_percentiles_as_projected() {
    let change = Change::Workers { to: InputRange::exactly(6.0) };
    let after = Mmc { workers: 6, ..BEFORE };
    check(shares_inside(after, |seed| project_with(&BEFORE.base(seed), &change, &known_queue(), DRAWS)));
}

#[test]
fn faster_work_changes_percentiles_as_projected() {
    let change = Change::Faster { speed_up: InputRange::between(1.8, 2.2), call: CallTime::Whole };
    let after = Mmc { service_secs: 0.01, ..BEFORE };
    check(shares_inside(after, |seed| project_with(&BEFORE.base(seed), &change, &known_queue(), DRAWS)));
}

#[test]
fn more_traffic_changes_percentiles_as_projected() {
    let change = Change::Traffic { times: InputRange::exactly(1.4) };
    let (quiet, after) = (Mmc { per_sec: 100.0, ..BEFORE }, BEFORE);
    check(shares_inside(after, |seed| {
        // A stage of the same run measured that rate.
        let base = Base { highest_per_sec: 140.0, ..quiet.base(seed) };
        project_with(&base, &change, &known_queue(), DRAWS)
    }));
}

#[test]
fn a_queue_that_is_told_from_a_stage_of_low_load_projects_as_well() {
    let change = Change::Cache {
        hit_ratio: InputRange::between(0.45, 0.55),
        hit_secs: InputRange::between(0.001, 0.003),
        lookup_secs: InputRange::exactly(0.0),
    };
    let after = Mmc { cache: Some((0.5, 0.002)), ..BEFORE };
    let quiet = Mmc { per_sec: 40.0, ..BEFORE };
    check(shares_inside(after, |seed| {
        let low = quiet.base(seed + 9_000).changed.remove(0);
        let low_load = LowLoad { stage: "Low".to_owned(), per_sec: 40.0, changed: Measured { ..low } };
        let base = Base { low_load: Some(low_load), ..BEFORE.base(seed) };
        let projection = project_with(&base, &change, &Queue::default(), DRAWS);
        assert!(
            projection.busy.as_ref().is_some_and(|busy| (3..=6).contains(&busy.workers)),
            "{projection:?}"
        );
        projection
    }));
}

#[test]
fn with_figures_that_are_exactly_known_a_later_run_s_own_noise_is_within_the_range_too() {
    let change = Change::Cache {
        hit_ratio: InputRange::exactly(0.5),
        hit_secs: InputRange::exactly(0.002),
        lookup_secs: InputRange::exactly(0.0),
    };
    let queue = Queue { service_secs: Some(InputRange::exactly(0.02)), ..known_queue() };
    let after = Mmc { cache: Some((0.5, 0.002)), ..BEFORE };
    check(shares_inside(after, |seed| project_with(&BEFORE.base(seed), &change, &queue, DRAWS)));
}

#[test]
fn in_the_middle_the_queue_s_line_is_the_truth_and_the_other_one_is_careful() {
    let change = Change::Cache {
        hit_ratio: InputRange::exactly(0.5),
        hit_secs: InputRange::exactly(0.002),
        lookup_secs: InputRange::exactly(0.0),
    };
    let queue = Queue { service_secs: Some(InputRange::exactly(0.02)), ..known_queue() };
    let long = Mmc { secs: 4_000.0, ..BEFORE };
    let projection = project_with(&long.base(1), &change, &queue, DRAWS);
    let truth = Mmc { cache: Some((0.5, 0.002)), ..BEFORE }.truth();
    for (quantile, truth) in QUANTILES.into_iter().zip(truth) {
        let percentile = projection.percentile(quantile).unwrap();
        let rescaled = percentile.line(Line::Rescaled).unwrap().secs;
        assert!((rescaled / truth - 1.0).abs() < 0.05, "{quantile}: {rescaled} {truth}");
        let unchanged = percentile.line(Line::Unchanged).unwrap().secs;
        assert!(unchanged >= 0.98 * rescaled, "{quantile}: {unchanged} {rescaled}");
    }
}
