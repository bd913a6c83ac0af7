//! Searches of a queue whose capacity is known: M/M/4, served in order, probe by probe from idle.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::analysis::sample;
use crate::metrics::{
    GeneratorStats, History, IntervalRow, IntervalStats, LatencyHistogram, LoadStats, Outcome, SecondPoint,
    StepStats,
};
use crate::model::{Metric, Scenario, SearchOptions, Segment};

const N_WORKERS: usize = 4;
const SERVED_PER_SEC: f64 = 50.0;
/// At 163/s 95 % of the requests are answered within 100 ms (Erlang's formula).
const TRUTH: f64 = 163.0;
const SETTLE: u32 = 10;
const N_SEARCHES: u64 = 20;

struct Seconds {
    history: History,
    points: Vec<SecondPoint>,
}

/// So many seconds of the queue from idle, request by request.
fn queue(random: &mut Xoshiro256PlusPlus, per_sec: f64, n_seconds: u32) -> Seconds {
    let mut draw = |per_sec: f64| -(1.0 - random.random::<f64>()).ln() / per_sec;
    let n = n_seconds as usize;
    let mut stats = vec![StepStats::default(); n];
    let (mut n_sent, mut in_flight) = (vec![0u64; n], vec![0.0; n]);
    let mut free = [0.0f64; N_WORKERS];
    let mut now = draw(per_sec);
    while now < f64::from(n_seconds) {
        n_sent[now as usize] += 1;
        let (worker, from) = free.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        let end = f64::max(from, now) + draw(SERVED_PER_SEC);
        free[worker] = end;
        let seconds = in_flight.iter_mut().enumerate().take(end as usize + 1).skip(now as usize);
        for (second, in_flight) in seconds {
            let (start, until) = (second as f64, second as f64 + 1.0);
            *in_flight += end.min(until) - now.max(start);
        }
        if let Some(stats) = stats.get_mut(end as usize) {
            stats.response_time.record(Duration::from_secs_f64(end - now));
            stats.counters.n_by_outcome[Outcome::Ok as usize] += 1;
        }
        now += draw(per_sec);
    }
    let mut found = Seconds { history: History::new(2), points: Vec::new() };
    for (second, stats) in stats.iter().enumerate() {
        let load = LoadStats {
            span: Duration::from_secs(1),
            asked_level: per_sec,
            n_due: n_sent[second],
            n_started: n_sent[second],
            n_sent: n_sent[second],
            generator: Some(GeneratorStats {
                in_flight_time: Duration::from_secs_f64(in_flight[second]),
                ..GeneratorStats::default()
            }),
            ..LoadStats::default()
        };
        let segment = Segment { stage: 0, warm_up: false };
        found.points.push(SecondPoint::new(second as u32, &load, stats, &LatencyHistogram::default()));
        let row = IntervalRow { segment, step: 0, stats: stats.encode() };
        found
            .history
            .push(&IntervalStats { second: second as u32, rows: vec![row], errors: Vec::new(), load })
            .unwrap();
    }
    found
}

fn searched(seed: u64) -> SearchOutcome {
    let scenario = Scenario {
        thresholds: vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::ErrorShare, 0.01)],
        search: Some(SearchOptions { start: Some(20.0), ..SearchOptions::default() }),
        ..sample::open_scenario()
    };
    let settings = SearchSettings::of(&scenario).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut search = Search::new(settings.clone());
    let mut from = random.clone();
    loop {
        let (level, n_seconds) = match search.next() {
            Step::Hold(plan) => {
                from = random.clone();
                (plan.level, plan.hold_secs)
            }
            // The same queue from its start on, for longer.
            Step::Extend(plan) => {
                random = from.clone();
                (plan.level, 2 * plan.hold_secs)
            }
            Step::Drain => {
                search.drained();
                continue;
            }
            Step::Done(end) => return SearchOutcome::new(settings, search.probes().to_vec(), end),
        };
        let held = queue(&mut random, level, SETTLE + n_seconds);
        let seconds = SETTLE..SETTLE + n_seconds;
        search.judge(measure(&settings, &held.history, &held.points, &[], seconds).unwrap());
    }
}

#[test]
fn the_capacity_of_a_queue_is_found_within_a_tenth_in_nearly_all_searches() {
    let found: Vec<SearchOutcome> = (1..=N_SEARCHES).map(searched).collect();
    let level = |outcome: &SearchOutcome| outcome.capacity.map(|found| found.level);
    let is_near =
        |outcome: &&SearchOutcome| level(outcome).is_some_and(|level| (level / TRUTH - 1.0).abs() <= 0.1);
    let n_near = found.iter().filter(is_near).count();
    let told: Vec<_> = found.iter().map(|outcome| (level(outcome), outcome.end)).collect();
    assert!(n_near as u64 * 100 >= N_SEARCHES * 95, "{n_near} of {N_SEARCHES}: {told:?}");
}
