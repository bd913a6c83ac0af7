//! What fate has in store for each request of the queue, by its number.

use rand::{Rng as _, SeedableRng as _};
use rand_distr::{Distribution as _, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::ServiceTimes;

/// What is drawn for one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct QueueDraw {
    /// Its service time as a multiple of the mean.
    pub work: f64,
    /// The share of requests that are for more popular things, uniform in 0 to 1.
    pub popularity: f64,
    /// Uniform in 0 to 1: the request fails when this is below the error share.
    pub luck: f64,
}

/// The draw of the queue's `n`th request (from 0), the same for the same seed.
// A generator of its own for each request: draws do not depend on how requests interleave. All three are drawn
// always, so that with another cache or error share the same request has the same service time.
pub(super) fn draw(service: ServiceTimes, seed: u64, n: u64) -> QueueDraw {
    const STREAM: u64 = 0x7175_6575_6500_0001;
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random =
        Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_mul(STREAM) ^ n.wrapping_add(1).wrapping_mul(GOLDEN));
    let (popularity, luck) = (random.random(), random.random());
    let work = match service {
        ServiceTimes::Exponential => Exp1.sample(&mut random),
        ServiceTimes::Constant => 1.0,
    };
    QueueDraw { work, popularity, luck }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_times_are_exponential_and_know_nothing_of_popularity() {
        let mut draws: Vec<QueueDraw> = (0..40_000).map(|n| draw(ServiceTimes::Exponential, 1, n)).collect();
        let mean = |draws: &[QueueDraw]| draws.iter().map(|draw| draw.work).sum::<f64>() / draws.len() as f64;
        assert!((mean(&draws) - 1.0).abs() < 0.015, "{}", mean(&draws));
        let popular: Vec<_> = draws.iter().filter(|draw| draw.popularity < 0.6).copied().collect();
        assert!((popular.len() as f64 / 40_000.0 - 0.6).abs() < 0.01, "{}", popular.len());
        assert!((mean(&popular) - 1.0).abs() < 0.02, "{}", mean(&popular));
        draws.sort_by(|a, b| a.work.total_cmp(&b.work));
        for quantile in [0.5_f64, 0.95, 0.99] {
            let drawn = draws[(quantile * 40_000.0) as usize].work;
            assert!((drawn / -(1.0 - quantile).ln() - 1.0).abs() < 0.03, "{quantile} {drawn}");
        }
    }

    #[test]
    fn a_seed_gives_the_same_draws_again_and_another_seed_others() {
        let of = |seed, n| draw(ServiceTimes::Exponential, seed, n);
        assert_eq!(of(7, 3), of(7, 3));
        assert_ne!(of(7, 3), of(8, 3));
        assert_ne!(of(7, 3), of(7, 4));
        assert_ne!(of(0, 3), of(0, 4));
        let constant = draw(ServiceTimes::Constant, 7, 3);
        assert_eq!((constant.work, constant.luck), (1.0, of(7, 3).luck));
    }
}
