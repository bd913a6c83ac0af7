//! A metric's value as it may be printed: a percentile that timeouts reach into is only known to be longer.

use std::time::Duration;

use crate::metrics::{Aggregate, Outcome, RunDigest, StepStats};
use crate::model::Metric;

use super::words::metric_text;

/// A metric's value, or the bound that is all we know of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub metric: Metric,
    /// In the metric's [`Unit`](crate::model::Unit).
    pub value: f64,
    /// The true value is longer than `value`, which is the timeout.
    pub is_censored: bool,
}

impl Reading {
    /// The metric of an aggregate; `timeout` is the shortest that its requests had.
    pub fn of(aggregate: &Aggregate, metric: Metric, timeout: Duration) -> Option<Self> {
        if is_censored(&aggregate.stats, metric) {
            return Some(Self { metric, value: timeout.as_secs_f64(), is_censored: true });
        }
        aggregate.metric(metric).map(|value| Self { metric, value, is_censored: false })
    }

    /// The value with its unit: `42.1 ms`, or `> 30.0 s` where the timeout hides it.
    pub fn text(&self) -> String {
        let text = metric_text(self.metric, self.value);
        if self.is_censored { format!("> {text}") } else { text }
    }
}

impl RunDigest {
    /// The 95th percentile as it may be printed; none where nothing was measured.
    pub fn p95_reading(&self) -> Option<Reading> {
        let latency = self.p95_beyond.or(self.p95)?;
        let is_censored = self.p95_beyond.is_some();
        Some(Reading { metric: Metric::Quantile(0.95), value: latency.as_secs_f64(), is_censored })
    }
}

/// The share of requests that ended by the timeout among those that succeeded or would have, perhaps.
pub fn censored_ratio(stats: &StepStats) -> f64 {
    let n_timeouts = stats.counters.n_of(Outcome::Timeout);
    let n_unanswered_or_ok = stats.counters.n_ok() + n_timeouts;
    if n_unanswered_or_ok == 0 { 0.0 } else { n_timeouts as f64 / n_unanswered_or_ok as f64 }
}

// A timed-out request took longer than the timeout, and so belongs above every successful one.
fn is_censored(stats: &StepStats, metric: Metric) -> bool {
    let censored = censored_ratio(stats);
    match metric {
        Metric::Quantile(quantile) => censored > 0.0 && censored >= 1.0 - quantile - 1e-12,
        Metric::Max => censored > 0.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::LatencyHistogram;

    fn aggregate(n_ok: u64, n_timeouts: u64) -> Aggregate {
        let mut stats = StepStats::default();
        let mut response_time = LatencyHistogram::default();
        (1..=n_ok).for_each(|millis| response_time.record(Duration::from_millis(millis)));
        stats.counters.n_by_outcome[Outcome::Ok as usize] = n_ok;
        stats.counters.n_by_outcome[Outcome::Timeout as usize] = n_timeouts;
        stats.response_time = response_time;
        Aggregate { stats, duration: Duration::from_secs(1), ..Aggregate::default() }
    }

    fn text(aggregate: &Aggregate, metric: Metric) -> Option<String> {
        Reading::of(aggregate, metric, Duration::from_secs(30)).map(|reading| reading.text())
    }

    #[test]
    fn a_percentile_within_the_timeouts_is_only_known_to_be_longer() {
        let with_timeouts = aggregate(95, 5);
        assert_eq!(text(&with_timeouts, Metric::Quantile(0.95)).unwrap(), "> 30.0 s");
        assert_eq!(text(&with_timeouts, Metric::Quantile(0.99)).unwrap(), "> 30.0 s");
        assert_eq!(text(&with_timeouts, Metric::Max).unwrap(), "> 30.0 s");
        assert_eq!(text(&with_timeouts, Metric::Quantile(0.5)).unwrap(), "48.0 ms");
    }

    #[test]
    fn without_timeouts_nothing_is_hidden() {
        assert_eq!(text(&aggregate(100, 0), Metric::Quantile(0.99)).unwrap(), "99.0 ms");
        assert_eq!(text(&aggregate(0, 0), Metric::Quantile(0.99)), None);
    }
}
