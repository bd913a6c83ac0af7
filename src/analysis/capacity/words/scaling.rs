//! The fitted law and the knees in words.

use super::number;
use crate::analysis::capacity::{Concurrency, MIN_LEVELS, Scaling, Usl, UslPeak, UslRefusal};
use crate::humanize;

impl Concurrency {
    /// So many of it, within a sentence: `97 users`, `12.4 requests in flight`.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Users => format!("{} users", number(value)),
            Self::InFlight => format!("{} requests in flight", number(value)),
            Self::Stated => format!("a concurrency of {}", number(value)),
        }
    }

    /// What it is: `users`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::InFlight => "mean requests in flight",
            Self::Stated => "concurrency",
        }
    }

    /// A level that was asked for.
    fn level_text(self, level: f64) -> String {
        match self {
            Self::Users => humanize::level(level, false),
            Self::InFlight => humanize::level(level, true),
            Self::Stated => self.text(level),
        }
    }
}

impl Scaling {
    /// Where throughput would end by the fitted law, or why there is none.
    pub fn usl_sentence(&self) -> String {
        match &self.usl {
            Ok(usl) => self.fitted_sentence(usl),
            Err(refusal) => format!("No scalability curve is fitted: {}.", refusal.words()),
        }
    }

    fn fitted_sentence(&self, usl: &Usl) -> String {
        let highest = self.concurrency.text(usl.max_concurrency);
        let mut sentence = match (usl.peak, usl.limit_per_sec) {
            (Some(peak), _) if peak.is_extrapolated => format!(
                "No peak seen: the fitted curve still rises at the highest level ({highest}); its peak at {} would be \
                 extrapolated.",
                self.concurrency.text(peak.concurrency)
            ),
            (Some(peak), _) => format!(
                "By the fitted curve throughput peaks at {} ({}) with {} (model, not measured).",
                self.concurrency.text(peak.concurrency),
                peak.interval_words(),
                humanize::rate(peak.throughput_per_sec)
            ),
            (None, Some(limit)) => format!(
                "No peak seen: the fitted curve levels out towards {}, γ ÷ α (model, not measured).",
                humanize::rate(limit)
            ),
            (None, None) => {
                format!("No limit seen: throughput grew in proportion to concurrency up to {highest}.")
            }
        };
        if usl.is_rough() {
            sentence += &format!(" Only {} different levels: the figures are rough.", usl.n_levels);
        }
        sentence
    }

    /// Where the curves turn, as an aid for the eye; none where there are too few levels to look.
    pub fn knee_sentence(&self) -> Option<String> {
        if self.n_levels() < MIN_LEVELS {
            return None;
        }
        let at = |level: f64| self.concurrency.level_text(level);
        let turns = match (self.throughput_knee, self.latency_knee) {
            (None, None) => {
                return Some("Neither throughput nor latency has a knee over these levels.".to_owned());
            }
            (Some(throughput), None) => format!("throughput flattens from {} on", at(throughput)),
            (None, Some(latency)) => format!("latency begins to climb at {}", at(latency)),
            (Some(throughput), Some(latency)) => format!(
                "throughput flattens from {} on, latency begins to climb at {}",
                at(throughput),
                at(latency)
            ),
        };
        Some(format!("Knee (Kneedle, an aid for the eye and no capacity): {turns}."))
    }
}

impl UslPeak {
    /// How sure its place is: `95 % interval 89 to 105`.
    pub fn interval_words(&self) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("95 % interval {} to {}", number(low), number(high)),
            (Some(low), None) => {
                format!("at least {}; a curve without a peak fits as well", number(low))
            }
            (None, _) => "a curve without a peak fits as well".to_owned(),
        }
    }
}

impl UslRefusal {
    /// Why, within a sentence.
    pub fn words(self) -> String {
        match self {
            Self::TooFewLevels(n_levels) => format!(
                "it takes at least {MIN_LEVELS} different levels, and there {}",
                match n_levels {
                    0 => "is none".to_owned(),
                    1 => "is 1".to_owned(),
                    n => format!("are {n}"),
                }
            ),
            Self::NoThroughput => "nothing came through at any level".to_owned(),
            Self::NoFit => "none comes near the points".to_owned(),
        }
    }
}
