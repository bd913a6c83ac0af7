//! How sure a percentile is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where a percentile lies at 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PercentileInterval {
    pub quantile: f64,
    pub n_samples: u64,
    /// As many independent requests would tell as much.
    pub n_effective: f64,
    /// None where so few samples lie below that nothing bounds it.
    pub low: Option<Duration>,
    /// None where so few samples lie above that nothing bounds it: the run was too short.
    pub high: Option<Duration>,
}
