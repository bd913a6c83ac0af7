//! What intervals and tests are worth on a queue whose percentiles are known: M/M/1, served in order.
//!
//! Response times of M/M/1 are exponential with rate mu − lambda, and the further up the load, the longer
//! requests depend on each other.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{BlockedSample, N_BLOCKS, percentile_interval, quantile_p_value};
use crate::metrics::LatencyHistogram;

const SERVED_PER_SEC: f64 = 200.0;
const HOLD_SECS: f64 = 120.0;
const N_RUNS: usize = 200;

/// Two minutes of the queue at this load, in blocks by when a request came.
fn queue(random: &mut Xoshiro256PlusPlus, load: f64) -> BlockedSample {
    let arrivals_per_sec = SERVED_PER_SEC * load;
    let mut draw = |per_sec: f64| -(1.0 - random.random::<f64>()).ln() / per_sec;
    let mut blocks = vec![LatencyHistogram::default(); N_BLOCKS];
    // Begins as the queue is found at any moment.
    let mut work = (draw(1.0) + load.ln()).max(0.0) / (SERVED_PER_SEC - arrivals_per_sec);
    let mut now = 0.0;
    loop {
        let gap = draw(arrivals_per_sec);
        now += gap;
        if now >= HOLD_SECS {
            return BlockedSample::of_one_stage(blocks);
        }
        work = (work - gap).max(0.0) + draw(SERVED_PER_SEC);
        let block = (now / HOLD_SECS * N_BLOCKS as f64) as usize;
        blocks[block].record(Duration::from_secs_f64(work));
    }
}

/// What so many runs of a queue say: how often the interval of p99 holds, and how often runs beside each other differ.
struct Worth {
    covered: f64,
    without_high: f64,
    false_alarms: [f64; 3],
}

// Each run is compared with the next, and the last with the first.
fn worth(load: f64, seed: u64) -> Worth {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let truth = Duration::from_secs_f64(100f64.ln() / (SERVED_PER_SEC * (1.0 - load)));
    let (mut n_covered, mut n_open, mut n_alarms) = (0, 0, [0; 3]);
    let first = queue(&mut random, load);
    let mut last = first.clone();
    for run in 1..=N_RUNS {
        let interval = percentile_interval(last.merged(), &last, 0.99).unwrap();
        let is_covered =
            interval.low.is_none_or(|low| low <= truth) && interval.high.is_none_or(|high| high >= truth);
        n_covered += usize::from(is_covered);
        n_open += usize::from(interval.high.is_none());
        let next = if run < N_RUNS { queue(&mut random, load) } else { first.clone() };
        for (n, quantile) in n_alarms.iter_mut().zip([0.5, 0.9, 0.99]) {
            *n += usize::from(quantile_p_value(&last, &next, quantile).unwrap() < 0.05);
        }
        last = next;
    }
    let share = |n: usize| n as f64 / N_RUNS as f64;
    Worth { covered: share(n_covered), without_high: share(n_open), false_alarms: n_alarms.map(share) }
}

impl Worth {
    // At 5 %.
    fn check_false_alarms(&self) {
        for share in self.false_alarms {
            check("false alarms", share, 0.01, 0.09);
        }
    }
}

fn check(what: &str, share: f64, from: f64, to: f64) {
    assert!((from..=to).contains(&share), "{what}: {share} is not within {from} to {to}");
}

/// Checks a coverage against what two batches of as many runs gave, give or take two standard errors of a batch.
fn check_coverage(share: f64, from: f64, to: f64) {
    let error = |share: f64| (share * (1.0 - share) / N_RUNS as f64).sqrt();
    check("coverage", share, from - 2.0 * error(from), to + 2.0 * error(to));
}

// The batches gave 96-97 %, 90-92 % and 88-90 % of coverage, and no upper bound in 62 % and 90 % of runs. In the long
// run it is 95 %, 90 % and 84 %, as an independent program finds too.

#[test]
fn at_half_load_intervals_hold_and_identical_systems_differ_by_chance_only() {
    let worth = worth(0.5, 1);
    check_coverage(worth.covered, 0.96, 0.97);
    check("without upper bound", worth.without_high, 0.0, 0.05);
    worth.check_false_alarms();
}

#[test]
fn at_four_fifths_intervals_hold_and_most_runs_are_too_short_for_an_upper_bound() {
    let worth = worth(0.8, 2);
    check_coverage(worth.covered, 0.90, 0.92);
    check("without upper bound", worth.without_high, 0.55, 0.68);
    worth.check_false_alarms();
}

#[test]
fn near_saturation_nearly_no_run_bounds_its_p99() {
    let worth = worth(0.9, 3);
    check_coverage(worth.covered, 0.88, 0.90);
    check("without upper bound", worth.without_high, 0.86, 0.95);
}

#[test]
fn without_load_identical_systems_differ_by_chance_only() {
    let worth = worth(0.1, 4);
    check("coverage", worth.covered, 0.92, 0.99);
    worth.check_false_alarms();
}
