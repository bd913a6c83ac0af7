//! What is to be measured of a queue with Poisson arrivals, from the theory of M/M/c.

use std::time::Duration;

use super::{QueueCache, QueueOptions, ServiceTimes};

/// The truth about a queue without faults. Rates are those of all requests, the cache's among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueTruth {
    n_workers: usize,
    /// What one worker finishes per second.
    worker_per_sec: f64,
    service: ServiceTimes,
    cache: QueueCache,
    transfer: Duration,
}

const NO_CACHE: QueueCache = QueueCache { hit_ratio: 0.0, latency: Duration::ZERO };

impl QueueTruth {
    /// Of `n_workers` with exponential service times of this mean, and nothing else.
    pub fn new(n_workers: usize, mean_service_time: Duration) -> Self {
        Self::of(&QueueOptions { n_workers, service_time: mean_service_time, ..QueueOptions::default() })
    }

    pub(super) fn of(options: &QueueOptions) -> Self {
        Self {
            n_workers: options.n_workers,
            worker_per_sec: 1.0 / options.service_time.as_secs_f64(),
            service: options.service,
            cache: options.cache.unwrap_or(NO_CACHE),
            transfer: options.transfer_time(),
        }
    }

    /// The requests per second that can be answered: workers ÷ mean service time, and what the cache saves them.
    pub fn ceiling_per_sec(&self) -> f64 {
        self.n_workers as f64 * self.worker_per_sec / (1.0 - self.cache.hit_ratio)
    }

    /// The share of time in which a worker is busy at this rate, 1 at most.
    pub fn utilisation_ratio(&self, per_sec: f64) -> f64 {
        (per_sec / self.ceiling_per_sec()).min(1.0)
    }

    /// The share of the workers' requests that have to wait (Erlang C); none where the queue grows without end, or
    /// service times are not exponential.
    pub fn waiting_ratio(&self, per_sec: f64) -> Option<f64> {
        let ratio = per_sec / self.ceiling_per_sec();
        if self.service != ServiceTimes::Exponential || !(0.0..1.0).contains(&ratio) {
            return None;
        }
        // Erlang's loss formula, worker by worker, which no factorial overflows.
        let offered = ratio * self.n_workers as f64;
        let loss =
            (1..=self.n_workers).fold(1.0, |loss, worker| offered * loss / (worker as f64 + offered * loss));
        Some(loss / (1.0 - ratio * (1.0 - loss)))
    }

    /// The response time within which this share of requests is answered; none as in [`Self::waiting_ratio`].
    pub fn response_quantile(&self, per_sec: f64, quantile: f64) -> Option<Duration> {
        let waiting = self.waiting_ratio(per_sec)?;
        let late = |secs: f64| self.later_than(secs, per_sec, waiting);
        let beyond = 1.0 - quantile;
        let mut high = 1.0 / self.worker_per_sec;
        while late(high) > beyond {
            high *= 2.0;
        }
        let (mut low, mut high) = (0.0, high);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if late(middle) > beyond { low = middle } else { high = middle }
        }
        Some(Duration::from_secs_f64(high) + self.transfer)
    }

    /// The highest rate at which this share of requests is answered within the limit; none where they are not even without
    /// load, or service times are not exponential.
    pub fn highest_rate(&self, quantile: f64, limit: Duration) -> Option<f64> {
        let holds = |per_sec| self.response_quantile(per_sec, quantile).is_some_and(|time| time <= limit);
        if !holds(0.0) {
            return None;
        }
        let (mut low, mut high) = (0.0, self.ceiling_per_sec());
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if holds(middle) { low = middle } else { high = middle }
        }
        Some(low)
    }

    /// The share of requests answered later than this, before their bodies are sent.
    // The sum of an exponential service time and, for those that wait, an exponential wait with the rate at which the
    // workers get ahead of arrivals (Gross and Harris, Fundamentals of Queueing Theory, §2.3).
    fn later_than(&self, secs: f64, per_sec: f64, waiting: f64) -> f64 {
        let misses_per_sec = per_sec * (1.0 - self.cache.hit_ratio);
        let elapsed = self.worker_per_sec * secs;
        let service = (-elapsed).exp();
        // How fast the line shortens, in workers, next to the worker that serves.
        let ahead = self.n_workers as f64 - misses_per_sec / self.worker_per_sec - 1.0;
        // As one difference, because near the ceiling one factor would be endless and the other nothing.
        let waited = if ahead.abs() < 1e-9 {
            elapsed * service
        } else {
            (service - (-elapsed * (1.0 + ahead)).exp()) / ahead
        };
        let from_worker = service + waiting * waited;
        let from_cache = if secs < self.cache.latency.as_secs_f64() { 1.0 } else { 0.0 };
        self.cache.hit_ratio * from_cache + (1.0 - self.cache.hit_ratio) * from_worker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: Duration = Duration::from_millis(20);

    fn close(measured: f64, expected: f64) {
        assert!((measured / expected - 1.0).abs() < 1e-4, "{measured} {expected}");
    }

    fn millis(time: Option<Duration>) -> f64 {
        time.unwrap().as_secs_f64() * 1e3
    }

    #[test]
    fn the_ceiling_is_workers_by_mean_service_time_and_a_cache_lifts_it() {
        close(QueueTruth::new(4, MEAN).ceiling_per_sec(), 200.0);
        let cache = Some(QueueCache { hit_ratio: 0.6, latency: Duration::from_millis(1) });
        close(QueueOptions { cache, ..QueueOptions::default() }.truth().ceiling_per_sec(), 500.0);
    }

    #[test]
    fn who_waits_is_erlangs_formula() {
        // Two workers: C = a² / (2 + a)… in closed form 2ρ² / (1 + ρ).
        close(QueueTruth::new(2, MEAN).waiting_ratio(75.0).unwrap(), 2.0 * 0.75 * 0.75 / 1.75);
        // Erlang's tables: 10 servers, 8 erlangs.
        close(QueueTruth::new(10, MEAN).waiting_ratio(400.0).unwrap(), 0.409_18);
        close(QueueTruth::new(1, MEAN).waiting_ratio(40.0).unwrap(), 0.8);
        assert_eq!(QueueTruth::new(4, MEAN).waiting_ratio(200.0), None);
        let constant = QueueOptions { service: ServiceTimes::Constant, ..QueueOptions::default() };
        assert_eq!(constant.truth().waiting_ratio(100.0), None);
    }

    #[test]
    fn response_times_of_one_worker_are_exponential() {
        // M/M/1: quantile q is -ln(1 - q) / (μ - λ).
        let truth = QueueTruth::new(1, MEAN);
        close(millis(truth.response_quantile(40.0, 0.95)), -(0.05_f64.ln()) * 100.0);
        close(millis(truth.response_quantile(0.0, 0.95)), -(0.05_f64.ln()) * 20.0);
        // The other way about: 0.95 within 299.57 ms.
        close(truth.highest_rate(0.95, Duration::from_secs_f64(-(0.05_f64.ln()) / 10.0)).unwrap(), 40.0);
        assert_eq!(truth.highest_rate(0.95, Duration::from_millis(59)), None);
        // However long the limit, the ceiling is not passed.
        let endless = QueueTruth::new(4, MEAN).highest_rate(0.95, Duration::from_secs(10_000)).unwrap();
        assert!((199.9..200.0).contains(&endless), "{endless}");
    }

    #[test]
    fn the_mean_response_time_is_that_of_the_waiting_formula() {
        // The mean is the area above the distribution: W = 1/μ + C / (cμ - λ).
        let truth = QueueTruth::new(4, MEAN);
        for per_sec in [100.0, 150.0, 190.0] {
            let waiting = truth.waiting_ratio(per_sec).unwrap();
            let step = 1e-4;
            let area: f64 = (0..100_000)
                .map(|n| truth.later_than((f64::from(n) + 0.5) * step, per_sec, waiting) * step)
                .sum();
            close(area, 0.02 + waiting / (200.0 - per_sec));
        }
    }

    #[test]
    fn a_cache_turns_a_high_percentile_into_a_lower_one_of_those_who_miss() {
        let cache = Some(QueueCache { hit_ratio: 0.6, latency: Duration::from_millis(1) });
        let cached = QueueOptions { cache, ..QueueOptions::default() }.truth();
        // p99 of all is p97.5 of those who miss; 40 of 100 requests come to the workers.
        close(
            millis(cached.response_quantile(100.0, 0.99)),
            millis(QueueTruth::new(4, MEAN).response_quantile(40.0, 0.975)),
        );
        close(millis(cached.response_quantile(100.0, 0.5)), 1.0);
    }

    #[test]
    fn a_body_on_its_way_comes_on_top() {
        let options =
            QueueOptions { body_bytes: Some(200_000), bytes_per_sec: Some(4e6), ..QueueOptions::default() };
        let more = millis(options.truth().response_quantile(100.0, 0.95))
            - millis(QueueTruth::new(4, MEAN).response_quantile(100.0, 0.95));
        close(more, 50.0);
    }
}
