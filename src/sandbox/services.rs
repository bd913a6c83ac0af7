//! The truth about the sandbox: which services there are, how long they take, how many requests they can hold.
//!
//! A request waits for one of its service's workers and then holds it for its drawn service time. Nothing is
//! subtracted for the timer: tokio rounds a sleep up to the next millisecond and wakes about as late again, so
//! what a client sees is the drawn time plus 0.5 to 2 ms, plus the wait for a worker when the service is busy.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_distr::{Distribution as _, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// One service of the sandbox: log-normal service times and a limited number of workers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SandboxService {
    /// First part of its paths.
    pub name: &'static str,
    pub median: Duration,
    pub p95: Duration,
    /// Requests worked on at once; more wait their turn.
    pub n_workers: usize,
}

/// All services. Workers are such that each one's ceiling lies between 450 and 650 requests per second.
pub const SERVICES: [SandboxService; 7] = [
    service("gateway", 6, 12, 4),
    service("auth", 10, 20, 6),
    service("education", 14, 28, 8),
    service("mint", 18, 35, 10),
    service("forge", 12, 24, 7),
    service("sapiens", 22, 42, 12),
    service("family", 30, 56, 16),
];

const fn service(
    name: &'static str,
    median_millis: u64,
    p95_millis: u64,
    n_workers: usize,
) -> SandboxService {
    SandboxService {
        name,
        median: Duration::from_millis(median_millis),
        p95: Duration::from_millis(p95_millis),
        n_workers,
    }
}

/// What fate has in store for one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Draw {
    pub service_time: Duration,
    /// Uniform in 0 to 1: the request fails when this is below the error share.
    pub luck: f64,
}

impl SandboxService {
    /// The standard deviation of the service time's logarithm.
    // ln X ~ N(ln median, sigma), so p95 = median · exp(1.6449 sigma).
    pub fn sigma(&self) -> f64 {
        const Z95: f64 = 1.644_853_626_951_472_6;
        (self.p95.as_secs_f64() / self.median.as_secs_f64()).ln() / Z95
    }

    /// The mean service time.
    pub fn mean(&self) -> Duration {
        self.median.mul_f64((self.sigma().powi(2) / 2.0).exp())
    }

    /// Requests per second that all workers together can finish (Little's law: workers ÷ mean service time).
    pub fn ceiling_per_sec(&self) -> f64 {
        self.n_workers as f64 / self.mean().as_secs_f64()
    }

    /// The draw of this service's `n`th request (from 0), the same for the same seed.
    // A generator of its own for each request: draws do not depend on how requests interleave.
    pub(super) fn draw(&self, seed: u64, n: u64) -> Draw {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let stream = (self.median.as_micros() as u64).wrapping_mul(GOLDEN);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ stream ^ n.wrapping_mul(GOLDEN));
        let z: f64 = StandardNormal.sample(&mut random);
        Draw { service_time: self.median.mul_f64((self.sigma() * z).exp()), luck: random.random() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_millis(service: &SandboxService, seed: u64) -> Vec<f64> {
        let mut millis: Vec<f64> =
            (0..20_000).map(|n| service.draw(seed, n).service_time.as_secs_f64() * 1e3).collect();
        millis.sort_by(f64::total_cmp);
        millis
    }

    #[test]
    fn drawn_service_times_have_the_median_p95_and_mean_of_the_table() {
        for service in &SERVICES {
            let millis = sorted_millis(service, 7);
            let close = |measured: f64, expected: Duration| {
                let expected = expected.as_secs_f64() * 1e3;
                assert!((measured / expected - 1.0).abs() < 0.03, "{}: {measured} {expected}", service.name);
            };
            close(millis[10_000], service.median);
            close(millis[19_000], service.p95);
            close(millis.iter().sum::<f64>() / 20_000.0, service.mean());
        }
    }

    #[test]
    fn a_seed_gives_the_same_draws_again_and_another_seed_others() {
        let auth = &SERVICES[1];
        assert_eq!(sorted_millis(auth, 7), sorted_millis(auth, 7));
        assert_ne!(auth.draw(7, 0), auth.draw(8, 0));
        assert_ne!(auth.draw(7, 0), auth.draw(7, 1));
    }

    #[test]
    fn luck_is_uniform_and_tells_nothing_about_the_service_time() {
        let draws: Vec<Draw> = (0..20_000).map(|n| SERVICES[3].draw(1, n)).collect();
        let unlucky: Vec<&Draw> = draws.iter().filter(|draw| draw.luck < 0.1).collect();
        assert!((1_850..2_150).contains(&unlucky.len()), "{}", unlucky.len());
        let slow = unlucky.iter().filter(|draw| draw.service_time > SERVICES[3].median).count();
        assert!((0.45..0.55).contains(&(slow as f64 / unlucky.len() as f64)));
    }

    #[test]
    fn each_service_has_its_ceiling_at_about_five_hundred_per_second() {
        for service in &SERVICES {
            let ceiling = service.ceiling_per_sec();
            assert!((450.0..650.0).contains(&ceiling), "{} {ceiling}", service.name);
        }
    }
}
