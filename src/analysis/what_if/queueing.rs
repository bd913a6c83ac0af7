//! Waiting for one of several workers: M/M/c, and for other service times its extension by Allen and Cunneen, which
//! for one worker is the formula of Pollaczek and Khinchine.

use crate::analysis::{capacity::queueing::erlang_c, stats::ln_gamma};

use super::points::Points;

/// Cells of probability in which service times are held: fine where percentiles are told.
const CELLS: [(f64, usize); 4] = [(0.9, 90), (0.99, 45), (0.999, 45), (0.999_95, 20)];

/// Below this variation service times are all the same.
const CONSTANT: f64 = 1e-4;

/// More workers than any queue that a model is asked about.
pub const MAX_WORKERS: u32 = 10_000;

/// How requests wait at a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// The share of requests that wait at all.
    pub probability: f64,
    /// Over all requests, in seconds.
    pub mean_secs: f64,
}

impl Waiting {
    /// None where the workers cannot keep up.
    pub fn at(workers: u32, per_sec: f64, service_secs: f64, cs_squared: f64) -> Option<Self> {
        let load = per_sec * service_secs;
        let free = f64::from(workers) - load;
        if free <= 0.0 || free.is_nan() {
            return None;
        }
        let probability = erlang_c(workers, load);
        let mean_secs = probability * service_secs / free * (1.0 + cs_squared) / 2.0;
        Some(Self { probability, mean_secs })
    }

    /// The number of workers at which the mean waiting is nearest to what was measured.
    pub fn workers_for(waited_secs: f64, per_sec: f64, service_secs: f64, cs_squared: f64) -> u32 {
        let fewest = (per_sec * service_secs).floor() as u32 + 1;
        let distance = |workers| {
            let waiting = Self::at(workers, per_sec, service_secs, cs_squared);
            waiting.map_or(f64::INFINITY, |waiting| (waiting.mean_secs - waited_secs).abs())
        };
        let mut workers = fewest.min(MAX_WORKERS);
        // Waiting falls with each further worker, so the distance has one least value.
        while workers < MAX_WORKERS && distance(workers + 1) < distance(workers) {
            workers += 1;
        }
        workers
    }
}

/// The shares of probability between which service times are held, rising from 0 to just below 1.
pub fn ranks() -> Vec<f64> {
    let mut ranks = vec![0.0];
    let mut from = 0.0;
    for (until, n) in CELLS {
        ranks.extend((1..=n).map(|step| from + (until - from) * step as f64 / n as f64));
        from = until;
    }
    ranks
}

/// Weibull-distributed times at these ranks: exponential at a variation of 1, constant at 0.
pub fn weibull(ranks: &[f64], mean: f64, cs_squared: f64) -> Vec<f64> {
    if cs_squared < CONSTANT {
        return vec![mean; ranks.len()];
    }
    let exponent = weibull_exponent(cs_squared);
    let scale = mean / ln_gamma(1.0 + exponent).exp();
    ranks.iter().map(|rank| scale * (-(-rank).ln_1p()).powf(exponent)).collect()
}

/// One over the shape whose squared coefficient of variation is this.
fn weibull_exponent(cs_squared: f64) -> f64 {
    // E[X²] ÷ E[X]² = Γ(1 + 2e) ÷ Γ(1 + e)², which rises with e.
    let variation = |e: f64| (ln_gamma(1.0 + 2.0 * e) - 2.0 * ln_gamma(1.0 + e)).exp() - 1.0;
    let (mut low, mut high) = (0.0, 5.0);
    for _ in 0..45 {
        let middle = (low + high) / 2.0;
        if variation(middle) < cs_squared { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// Service times together with waiting, independent of each other, at the same ranks as the service times.
// P(S + W <= x) = G(x) - C ∫ g(s) e^(-θ(x - s)) ds, as the waiting of those who wait is exponential. Between two ranks
// service times are taken to be even, for which the integral has a closed form from one to the next.
pub fn with_waiting(ranks: &[f64], service: &[f64], waiting: Waiting) -> Vec<f64> {
    if waiting.mean_secs <= 0.0 || waiting.probability <= 0.0 {
        return service.to_vec();
    }
    let theta = waiting.probability / waiting.mean_secs;
    let n = ranks.len();
    let mut still = vec![0.0; n];
    for i in 1..n {
        let (mass, width) = (ranks[i] - ranks[i - 1], service[i] - service[i - 1]);
        let decay = -(-theta * width).exp_m1();
        let fresh = if decay > 1e-9 { mass * decay / (theta * width) } else { mass };
        still[i] = still[i - 1] * (1.0 - decay) + fresh;
    }
    let reached: Vec<f64> = (0..n).map(|i| ranks[i] - waiting.probability * still[i]).collect();
    let mut found = Vec::with_capacity(n);
    let mut at = 0;
    for rank in ranks {
        while at + 1 < n && reached[at + 1] < *rank {
            at += 1;
        }
        found.push(if at + 1 < n {
            let (from, until) = (reached[at], reached[at + 1]);
            let share = if until > from { ((rank - from) / (until - from)).clamp(0.0, 1.0) } else { 0.0 };
            service[at] + share * (service[at + 1] - service[at])
        } else {
            // Beyond the longest service time only waiting is left.
            let left = waiting.probability * still[n - 1] / (1.0 - rank).max(1e-9);
            service[n - 1] + (left.ln() / theta).max(0.0)
        });
    }
    found
}

/// By how much response times move, by their rank, when the load of the queue or its service time changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    ranks: Vec<f64>,
    service: Vec<f64>,
    /// What waiting adds at each rank, before and after.
    waits: Vec<(f64, f64)>,
}

/// A walk through a shift by rising ranks.
pub struct ShiftWalk<'a> {
    shift: &'a Shift,
    next: usize,
}

impl Shift {
    /// Of a queue before and after, each as service times at the ranks with how requests wait.
    pub fn new(ranks: &[f64], before: (&[f64], Waiting), after: (&[f64], Waiting)) -> Self {
        let waits = |(service, waiting): (&[f64], Waiting)| -> Vec<f64> {
            let together = with_waiting(ranks, service, waiting);
            together.iter().zip(service).map(|(together, service)| (together - service).max(0.0)).collect()
        };
        Self {
            ranks: ranks.to_vec(),
            service: before.0.to_vec(),
            waits: waits(before).into_iter().zip(waits(after)).collect(),
        }
    }

    /// Goes through it with ranks that rise.
    pub fn walk(&self) -> ShiftWalk<'_> {
        ShiftWalk { shift: self, next: 1 }
    }

    /// What a response time of this rank changes by, in seconds.
    #[cfg(test)]
    fn at(&self, rank: f64, secs: f64) -> f64 {
        self.walk().at(rank, secs)
    }
}

impl ShiftWalk<'_> {
    /// What a response time of this rank changes by, in seconds.
    // Where the model waits less, the measured waiting shrinks by the model's ratio, so that a queue that vanishes takes
    // all of it away and one that stays takes none. Where it waits more, the model's difference is added: a ratio
    // would blow up whatever little was measured.
    pub fn at(&mut self, rank: f64, secs: f64) -> f64 {
        let Shift { ranks, service, waits } = self.shift;
        while self.next + 1 < ranks.len() && ranks[self.next] < rank {
            self.next += 1;
        }
        let (last, next) = (self.next - 1, self.next);
        let share = ((rank - ranks[last]) / (ranks[next] - ranks[last])).clamp(0.0, 1.0);
        let between = |from: f64, until: f64| from + share * (until - from);
        let before = between(waits[last].0, waits[next].0);
        let after = between(waits[last].1, waits[next].1);
        if after >= before {
            return after - before;
        }
        (secs - between(service[last], service[next])).max(0.0) * (after / before - 1.0)
    }
}

/// What of the measured times is neither service nor waiting and cannot be more than this: the way there and back.
// Whatever else happens, a request takes its service time and what is constant: at no rank can it be less.
pub fn constant_part(ranks: &[f64], service: &[f64], measured: &Points, unexplained_secs: f64) -> f64 {
    let inner = |rank: &f64| (0.01..=0.5).contains(rank);
    let measured = measured.at_ranks(ranks);
    let least = ranks
        .iter()
        .zip(measured.iter().zip(service))
        .filter(|(rank, _)| inner(rank))
        .map(|(_, (measured, service))| measured - service)
        .fold(f64::INFINITY, f64::min);
    unexplained_secs.min(least).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(measured: f64, expected: f64, relative: f64) {
        assert!((measured - expected).abs() <= relative * expected.abs(), "{measured} is not {expected}");
    }

    #[test]
    fn who_waits_is_erlangs_formula() {
        // Erlang's tables: 10 servers, 8 erlangs; one server waits as often as it is busy.
        close(erlang_c(10, 8.0), 0.409_18, 1e-4);
        close(erlang_c(1, 0.8), 0.8, 1e-12);
        close(erlang_c(2, 1.5), 2.0 * 0.75 * 0.75 / 1.75, 1e-12);
        assert_eq!(erlang_c(4, 4.0), 1.0);
    }

    #[test]
    fn one_worker_waits_as_pollaczek_and_khinchine_say() {
        for (cs_squared, expected) in [(1.0, 0.08), (0.0, 0.04), (3.0, 0.16)] {
            let waiting = Waiting::at(1, 40.0, 0.02, cs_squared).unwrap();
            close(waiting.mean_secs, expected, 1e-12);
        }
        assert_eq!(Waiting::at(4, 200.0, 0.02, 1.0), None);
    }

    #[test]
    fn the_workers_are_found_again_from_how_long_requests_wait() {
        for workers in [1, 4, 16, 250] {
            let per_sec = 0.85 * f64::from(workers) / 0.02;
            let waited = Waiting::at(workers, per_sec, 0.02, 1.0).unwrap().mean_secs;
            assert_eq!(Waiting::workers_for(waited, per_sec, 0.02, 1.0), workers);
        }
    }

    #[test]
    fn service_times_have_the_mean_and_variation_that_is_asked_for() {
        let ranks = ranks();
        assert!(ranks.is_sorted() && ranks[0] == 0.0 && *ranks.last().unwrap() < 1.0);
        for cs_squared in [0.0, 0.1, 0.5, 1.0, 2.0] {
            let times = weibull(&ranks, 0.02, cs_squared);
            let cells = ranks.windows(2).zip(times.windows(2));
            let points = cells.map(|(ranks, times)| ((times[0] + times[1]) / 2.0, ranks[1] - ranks[0]));
            let points = Points::of(points.collect());
            close(points.mean(), 0.02, 0.005);
            assert!((points.cv_squared() - cs_squared).abs() <= 0.03 * cs_squared + 1e-9, "{cs_squared}");
        }
        let exponential = weibull(&ranks, 1.0, 1.0);
        close(exponential[90], 10f64.ln(), 1e-6);
    }

    /// The share of requests of M/M/c that take longer (Gross and Harris, Fundamentals of Queueing Theory, §2.3).
    fn later_than(secs: f64, workers: u32, per_sec: f64, service_secs: f64) -> f64 {
        let waiting = erlang_c(workers, per_sec * service_secs);
        let ahead = f64::from(workers) - per_sec * service_secs - 1.0;
        let exponent = secs / service_secs;
        (-exponent).exp() * (1.0 + waiting * -(-ahead * exponent).exp_m1() / ahead)
    }

    #[test]
    fn service_and_waiting_together_are_the_response_times_of_mmc() {
        let ranks = ranks();
        for (workers, per_sec) in [(4, 160.0), (4, 80.0), (2, 90.0), (12, 540.0)] {
            let waiting = Waiting::at(workers, per_sec, 0.02, 1.0).unwrap();
            let found = with_waiting(&ranks, &weibull(&ranks, 0.02, 1.0), waiting);
            for (rank, secs) in ranks.iter().zip(found).filter(|(rank, _)| (0.05..0.996).contains(*rank)) {
                close(later_than(secs, workers, per_sec, 0.02), 1.0 - rank, 0.01);
            }
        }
    }

    #[test]
    fn a_queue_that_stays_moves_nothing_and_one_that_vanishes_leaves_the_service_time() {
        let ranks = ranks();
        let service = weibull(&ranks, 0.02, 1.0);
        let waiting = |per_sec| Waiting::at(4, per_sec, 0.02, 1.0).unwrap();
        let shift = |from, to| Shift::new(&ranks, (&service, waiting(from)), (&service, waiting(to)));
        assert_eq!(shift(150.0, 150.0).at(0.95, 0.1), 0.0);
        let measured = with_waiting(&ranks, &service, waiting(150.0));
        let expected = with_waiting(&ranks, &service, waiting(80.0));
        for (rank, (from, to)) in ranks.iter().zip(measured.iter().zip(&expected)) {
            close(from + shift(150.0, 80.0).at(*rank, *from), *to, 1e-6);
            close(to + shift(80.0, 150.0).at(*rank, *to), *from, 1e-6);
        }
        let gone = shift(150.0, 1e-6).at(0.95, 0.15);
        close(0.15 + gone, 0.02 * 20f64.ln(), 0.01);
    }

    #[test]
    fn the_way_there_and_back_is_what_no_request_is_without() {
        let ranks = ranks();
        let service = weibull(&ranks, 0.02, 1.0);
        let points = |more: f64| {
            Points::of(
                (0..1_000).map(|i| (0.02 * -(1.0 - (f64::from(i) + 0.5) / 1e3).ln() + more, 1.0)).collect(),
            )
        };
        let found = constant_part(&ranks, &service, &points(0.007), 0.007);
        close(found, 0.007, 0.02);
        assert!(constant_part(&ranks, &service, &points(0.0), 0.004) < 1e-4);
        assert_eq!(constant_part(&ranks, &service, &points(0.007), -0.1), 0.0);
    }
}
