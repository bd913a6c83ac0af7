//! The line of the queue in virtual time: order, workers, cache and each fault, held against what is known of them.

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::super::{QueueCache, QueueFaults, QueueStall, ServiceTimes, SlowStart};
use super::*;

/// How one request fared: when it came, and when it was answered unless it was refused.
struct Fate {
    arrived: Duration,
    answer: Result<Served, Refusal>,
}

impl Fate {
    fn response(&self) -> Option<Duration> {
        self.answer.ok().map(|served| served.at - self.arrived)
    }
}

/// Sends Poisson arrivals through a queue, in no time.
fn fates(options: QueueOptions, per_sec: f64, n_requests: u64) -> Vec<Fate> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut line = Line::new(options, 5);
    let mut fates: Vec<Fate> = Vec::new();
    let mut done = Vec::new();
    let mut arrived = Duration::ZERO;
    for _ in 0..n_requests {
        let gap: f64 = Exp1.sample(&mut random);
        arrived += Duration::from_secs_f64(gap / per_sec);
        line.advance(arrived, &mut done);
        let (n, answer) = line.arrive(arrived);
        assert_eq!(n as usize, fates.len());
        let placeholder =
            Served { n, at: arrived, waited: Duration::ZERO, worked: Duration::ZERO, from_cache: false };
        fates.push(Fate { arrived, answer: answer.map(|_| placeholder) });
    }
    line.advance(Duration::from_secs(1_000_000), &mut done);
    for served in done {
        fates[served.n as usize].answer = Ok(served);
    }
    let counts = line.counts;
    assert_eq!((line.n_waiting(), counts.busy, counts.received), (0, 0, n_requests));
    assert_eq!(counts.answered + counts.over_limit + counts.turned_away, n_requests);
    fates
}

#[track_caller]
fn check_quantiles(options: &QueueOptions, per_sec: f64, tolerance: f64) {
    let fates = fates(options.clone(), per_sec, 400_000);
    let mut times: Vec<f64> = fates.iter().map(|fate| fate.response().unwrap().as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    for quantile in [0.5, 0.75, 0.95, 0.99] {
        let measured = times[(quantile * times.len() as f64) as usize];
        let truth = options.truth().response_quantile(per_sec, quantile).unwrap().as_secs_f64();
        assert!((measured / truth - 1.0).abs() < tolerance, "{per_sec}/s {quantile}: {measured} {truth}");
    }
}

#[test]
fn response_times_are_those_of_the_theory() {
    let usual = QueueOptions::default();
    check_quantiles(&usual, 60.0, 0.01);
    check_quantiles(&usual, 160.0, 0.03);
    check_quantiles(&QueueOptions { n_workers: 1, ..QueueOptions::default() }, 35.0, 0.03);
    let cache = Some(QueueCache { hit_ratio: 0.6, latency: Duration::from_millis(1) });
    check_quantiles(&QueueOptions { cache, ..QueueOptions::default() }, 350.0, 0.02);
}

#[test]
fn beyond_the_ceiling_as_many_are_answered_as_the_ceiling_says() {
    let cache = Some(QueueCache { hit_ratio: 0.5, latency: Duration::from_millis(1) });
    for options in [
        QueueOptions::default(),
        QueueOptions { service: ServiceTimes::Constant, ..QueueOptions::default() },
        QueueOptions { cache, ..QueueOptions::default() },
    ] {
        let ceiling = options.truth().ceiling_per_sec();
        let fates = fates(options, ceiling * 1.5, 200_000);
        let until = fates.last().unwrap().arrived;
        // The cache goes on at half the rate that is sent; the workers are those at their ceiling.
        let by_worker =
            |fate: &&Fate| fate.answer.is_ok_and(|served| !served.from_cache && served.at <= until);
        let per_sec = fates.iter().filter(by_worker).count() as f64 / until.as_secs_f64();
        assert!((per_sec / 200.0 - 1.0).abs() < 0.01, "{per_sec}");
    }
}

#[test]
fn a_constant_service_time_is_taken_to_the_nanosecond() {
    let options = QueueOptions { service: ServiceTimes::Constant, n_workers: 1, ..QueueOptions::default() };
    let mut line = Line::new(options, 1);
    let mut done = Vec::new();
    for millis in [5, 6] {
        assert!(line.arrive(Duration::from_millis(millis)).1.is_ok());
    }
    assert_eq!(line.next_end(), Some(Duration::from_millis(25)));
    // Whoever looks late finds the second one done at its own time.
    line.advance(Duration::from_millis(500), &mut done);
    assert_eq!(done.iter().map(|served| served.at.as_millis()).collect::<Vec<_>>(), [25, 45]);
    assert_eq!((done[1].waited.as_millis(), done[1].worked.as_millis()), (19, 20));
}

fn with_faults(faults: QueueFaults) -> QueueOptions {
    QueueOptions { faults, ..QueueOptions::default() }
}

#[test]
fn so_many_a_second_are_let_in_and_no_more() {
    let limit = with_faults(QueueFaults { limit_per_sec: Some(150), ..QueueFaults::default() });
    let fates = fates(limit, 300.0, 30_000);
    for second in 0..90 {
        let within: Vec<_> = fates.iter().filter(|fate| fate.arrived.as_secs() == second).collect();
        let n_let_in = within.iter().filter(|fate| fate.answer.is_ok()).count();
        assert_eq!(n_let_in, 150.min(within.len()), "second {second}");
        assert!(within[..n_let_in].iter().all(|fate| fate.answer.is_ok()), "those that come first");
    }
    assert!(fates.iter().all(|fate| fate.answer.err() != Some(Refusal::Full)));
}

#[test]
fn beyond_the_places_of_the_queue_requests_are_turned_away() {
    let full = with_faults(QueueFaults { max_waiting: Some(20), ..QueueFaults::default() });
    let below = fates(full.clone(), 100.0, 20_000);
    assert!(below.iter().all(|fate| fate.answer.is_ok()));
    let beyond = fates(full, 400.0, 40_000);
    let n_refused = beyond.iter().filter(|fate| fate.answer.err() == Some(Refusal::Full)).count();
    assert!((0.48..0.52).contains(&(n_refused as f64 / 40_000.0)), "{n_refused}");
    // With 24 in the house nobody waits longer than some 20 services of 5 ms each.
    let longest = beyond.iter().filter_map(Fate::response).max().unwrap();
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[test]
fn nobody_is_answered_while_everything_stops() {
    let stall = QueueStall { every: Duration::from_secs(10), pause: Duration::from_secs(1) };
    let fates =
        fates(with_faults(QueueFaults { stall: Some(stall), ..QueueFaults::default() }), 100.0, 6_000);
    let mut n_in_pauses = 0;
    for fate in &fates {
        let in_pause = |at: Duration| at.as_secs() >= 10 && at.as_secs().is_multiple_of(10);
        n_in_pauses += u32::from(in_pause(fate.arrived));
        assert!(!in_pause(fate.answer.unwrap().at), "{:?}", fate.answer);
    }
    assert!((400..600).contains(&n_in_pauses), "{n_in_pauses}");
    // Who comes at the beginning of a pause waits for its end.
    let longest = fates.iter().filter_map(Fate::response).max().unwrap();
    assert!(longest > Duration::from_millis(990), "{longest:?}");
    let refused_at = Line::new(with_faults(QueueFaults { stall: Some(stall), ..QueueFaults::default() }), 1);
    assert_eq!(refused_at.next_word(Duration::from_millis(10_400)), Duration::from_secs(11));
    assert_eq!(refused_at.next_word(Duration::from_millis(9_400)), Duration::from_millis(9_400));
}

/// The mean time that workers take, in milliseconds, of those who come between two seconds.
fn mean_work(fates: &[Fate], from_secs: u64, to_secs: u64) -> f64 {
    let within: Vec<_> = fates
        .iter()
        .filter(|fate| (from_secs..to_secs).contains(&fate.arrived.as_secs()))
        .map(|fate| fate.answer.unwrap().worked.as_secs_f64() * 1e3)
        .collect();
    within.iter().sum::<f64>() / within.len() as f64
}

/// A queue in which nobody waits, and which takes 20 ms for each request but for its faults.
fn roomy(faults: QueueFaults) -> QueueOptions {
    QueueOptions { n_workers: 100, service: ServiceTimes::Constant, ..with_faults(faults) }
}

#[test]
fn a_slow_start_is_over_when_its_time_is() {
    let slow_start = Some(SlowStart { lasts: Duration::from_secs(20), times: 5.0 });
    let fates = fates(roomy(QueueFaults { slow_start, ..QueueFaults::default() }), 500.0, 30_000);
    for (from, to, times) in [(0, 2, 4.8), (9, 11, 3.0), (18, 20, 1.2), (20, 59, 1.0)] {
        let mean = mean_work(&fates, from, to);
        assert!((mean / (20.0 * times) - 1.0).abs() < 0.01, "from {from} s: {mean}");
    }
}

#[test]
fn a_leak_makes_the_work_longer_by_the_same_each_second() {
    let fates = fates(roomy(QueueFaults { growth_per_sec: 0.02, ..QueueFaults::default() }), 500.0, 30_000);
    for (from, to, times) in [(0, 2, 1.02), (24, 26, 1.5), (49, 51, 2.0)] {
        let mean = mean_work(&fates, from, to);
        assert!((mean / (20.0 * times) - 1.0).abs() < 0.01, "from {from} s: {mean}");
    }
}

#[test]
fn who_is_given_up_while_waiting_takes_no_worker_s_time() {
    let options = QueueOptions { n_workers: 1, service: ServiceTimes::Constant, ..QueueOptions::default() };
    let mut line = Line::new(options, 1);
    let mut done = Vec::new();
    for _ in 0..4 {
        assert!(line.arrive(Duration::ZERO).1.is_ok());
    }
    // The first is worked on already, and the last was never there.
    for n in [0, 2, 9] {
        line.give_up(n);
    }
    assert_eq!((line.n_waiting(), line.counts.given_up), (2, 1));
    line.advance(Duration::from_secs(1), &mut done);
    assert_eq!(
        done.iter().map(|served| (served.n, served.at.as_millis())).collect::<Vec<_>>(),
        [(0, 20), (1, 40), (3, 60)]
    );
}

#[test]
fn faults_come_together() {
    let faults = QueueFaults {
        limit_per_sec: Some(150),
        max_waiting: Some(10),
        stall: Some(QueueStall { every: Duration::from_secs(5), pause: Duration::from_millis(500) }),
        growth_per_sec: 0.01,
        ..QueueFaults::default()
    };
    let fates = fates(with_faults(faults), 250.0, 15_000);
    let n = |refusal| fates.iter().filter(|fate| fate.answer.err() == Some(refusal)).count();
    assert!(
        n(Refusal::OverLimit) > 4_000 && n(Refusal::Full) > 500,
        "{} {}",
        n(Refusal::OverLimit),
        n(Refusal::Full)
    );
}
