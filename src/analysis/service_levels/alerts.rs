//! Alerts on burn rates, as the SRE Workbook recommends them: what they would do if a run's errors went on.

use std::time::Duration;

const HOUR: u64 = 3_600;

/// Long and short window in seconds, the share of the budget that is used up in the long one, and whether it wakes people.
// The SRE Workbook, chapter 5: 2 % in one hour, 5 % in six, 10 % in three days; the short windows are a twelfth.
const PAIRS: [(u64, u64, f64, bool); 3] =
    [(HOUR, 5 * 60, 0.02, true), (6 * HOUR, 30 * 60, 0.05, true), (72 * HOUR, 6 * HOUR, 0.10, false)];

/// An alert that looks at a long and a short window, and what it would do.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnAlert {
    pub long: Duration,
    pub short: Duration,
    /// The share of the period's budget that is gone when it trips at its limit.
    pub budget_ratio: f64,
    /// It trips above this rate.
    pub burn_rate: f64,
    /// Whether it wakes somebody up, or opens a ticket.
    pub is_page: bool,
    pub outcome: AlertOutcome,
    /// After how long, where it would by the rate that was measured.
    pub after: Option<Duration>,
}

/// What an alert would do if it went on like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertOutcome {
    Trips,
    StaysSilent,
    /// The interval of the burn rate holds its limit.
    CannotTell,
}

impl AlertOutcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Trips => "trips",
            Self::StaysSilent => "stays silent",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// All alerts whose long window fits into the period.
pub fn alerts(period: Duration, burn_rate: f64, interval: Option<(f64, f64)>) -> Vec<BurnAlert> {
    let alert = |(long, short, budget_ratio, is_page): (u64, u64, f64, bool)| {
        let limit = limit(period, long, budget_ratio);
        let outcome = match interval {
            Some((low, _)) if low > limit => AlertOutcome::Trips,
            Some((_, high)) if high <= limit => AlertOutcome::StaysSilent,
            _ => AlertOutcome::CannotTell,
        };
        let long = Duration::from_secs(long);
        let after = (burn_rate > limit).then(|| long.mul_f64(limit / burn_rate));
        BurnAlert {
            long,
            short: Duration::from_secs(short),
            budget_ratio,
            burn_rate: limit,
            is_page,
            outcome,
            after,
        }
    };
    PAIRS.into_iter().filter(|(long, ..)| Duration::from_secs(*long) <= period).map(alert).collect()
}

/// The rate at which this share of the budget is gone after the window.
fn limit(period: Duration, window_secs: u64, budget_ratio: f64) -> f64 {
    budget_ratio * period.as_secs_f64() / window_secs as f64
}
