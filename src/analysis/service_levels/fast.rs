//! The share of requests that were answered fast, straight from counts.

use std::time::Duration;

use crate::analysis::{
    Summary,
    stats::{CONFIDENCE, N_BLOCKS, score_interval, t_upper},
};
use crate::metrics::LatencyHistogram;

use super::{ApdexTarget, counting::Rule};

/// How many of the successful requests were answered within a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct FastShare {
    pub limit: Duration,
    /// Counts are exact up to here, the end of the limit's bucket.
    pub counted_up_to: Duration,
    pub n_fast: u64,
    pub n: u64,
    /// As many independent requests would tell as much; none where the window is too short to tell.
    pub n_effective: Option<f64>,
    /// Its 95 % bounds.
    pub interval: Option<(f64, f64)>,
}

impl FastShare {
    /// Of the successful requests of all valid steps in the headline window; none where there are none.
    // The dispersion of requests is that of the nearest percentile whose interval was worked out: how far requests depend
    // on each other changes little between p95 and p97. A score interval with Student's t holds at both ends, where
    // p ± d would leave the bounds of a share.
    pub fn of(target: &ApdexTarget, summary: &Summary, rule: &Rule) -> Option<Self> {
        let response_time = valid_response_times(summary, rule);
        let n = response_time.n_samples();
        let n_fast = response_time.count_at_most(target.satisfied);
        let ratio = response_time.share_at_most(target.satisfied)?;
        let known = summary.headline_intervals.all().iter();
        let nearest = known.min_by(|a, b| (a.quantile - ratio).abs().total_cmp(&(b.quantile - ratio).abs()));
        let phi = nearest.map(|interval| interval.n_samples as f64 / interval.n_effective);
        let n_effective = phi.map(|phi| n as f64 / phi.max(1.0));
        let reach = t_upper((1.0 - CONFIDENCE) / 2.0, N_BLOCKS as f64 - 1.0);
        let interval = n_effective.and_then(|n| score_interval(ratio * n, n, reach));
        Some(Self {
            limit: target.satisfied,
            counted_up_to: LatencyHistogram::counted_up_to(target.satisfied),
            n_fast,
            n,
            n_effective,
            interval,
        })
    }

    pub fn ratio(&self) -> f64 {
        self.n_fast as f64 / self.n as f64
    }
}

fn valid_response_times(summary: &Summary, rule: &Rule) -> LatencyHistogram {
    let mut all = LatencyHistogram::default();
    for (step, row) in rule.steps_of(summary) {
        if !rule.is_excluded(step) {
            all.merge(&row.aggregate.stats.response_time);
        }
    }
    all
}
