//! Think time drawn from its distribution.

use std::time::Duration;

use rand::{Rng as _, distr::Distribution as _};
use rand_distr::{LogNormal, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{ThinkTime, log_normal_sigma};

/// A journey's think time, ready to be drawn from.
pub(super) enum Pause {
    None,
    Fixed(Duration),
    Uniform {
        min: Duration,
        max: Duration,
    },
    /// In seconds.
    Normal(Normal<f64>),
    /// In seconds.
    LogNormal(LogNormal<f64>),
}

impl Pause {
    /// A distribution that cannot be drawn from pauses for its mean.
    pub fn new(think_time: &ThinkTime) -> Self {
        match think_time {
            ThinkTime::None => Self::None,
            ThinkTime::Fixed(pause) => Self::Fixed(*pause),
            ThinkTime::Uniform { min, max } if min < max => Self::Uniform { min: *min, max: *max },
            ThinkTime::Normal { mean, std_dev } => Normal::new(mean.as_secs_f64(), std_dev.as_secs_f64())
                .map_or(Self::Fixed(*mean), Self::Normal),
            ThinkTime::LogNormal { median, p95 } if !median.is_zero() => {
                LogNormal::new(median.as_secs_f64().ln(), log_normal_sigma(*median, *p95))
                    .map_or(Self::Fixed(*median), Self::LogNormal)
            }
            other => Self::Fixed(other.mean()),
        }
    }

    pub fn draw(&self, random: &mut Xoshiro256PlusPlus) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(pause) => *pause,
            Self::Uniform { min, max } => *min + (*max - *min).mul_f64(random.random::<f64>()),
            Self::Normal(normal) => seconds(normal.sample(random)),
            Self::LogNormal(log_normal) => seconds(log_normal.sample(random)),
        }
    }
}

/// Negative draws become no pause, absurdly long ones a day.
fn seconds(drawn: f64) -> Duration {
    Duration::from_secs_f64(drawn.clamp(0.0, 86_400.0))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn mean_of(think_time: &ThinkTime) -> f64 {
        let pause = Pause::new(think_time);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        (0..20_000).map(|_| pause.draw(&mut random).as_secs_f64()).sum::<f64>() / 20_000.0
    }

    #[test]
    fn draws_have_the_mean_that_the_scenario_says() {
        let millis = Duration::from_millis;
        for think_time in [
            ThinkTime::None,
            ThinkTime::Fixed(millis(300)),
            ThinkTime::Uniform { min: millis(500), max: millis(1500) },
            ThinkTime::Uniform { min: millis(500), max: millis(500) },
            ThinkTime::Normal { mean: millis(1000), std_dev: millis(200) },
            ThinkTime::LogNormal { median: millis(800), p95: millis(2000) },
        ] {
            let (drawn, said) = (mean_of(&think_time), think_time.mean().as_secs_f64());
            assert!((drawn - said).abs() < 0.02 * said + 1e-9, "{think_time:?}: {drawn} instead of {said}");
        }
    }

    #[test]
    fn a_wide_normal_never_pauses_less_than_nothing() {
        let second = Duration::from_secs(1);
        let pause = Pause::new(&ThinkTime::Normal { mean: second, std_dev: second * 3 });
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        assert!((0..1000).map(|_| pause.draw(&mut random)).any(|pause| pause.is_zero()));
    }
}
