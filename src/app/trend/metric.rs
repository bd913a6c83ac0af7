//! What a trend can show of each run: numbers that lists keep, so that no run need be opened.

use crate::{app::charts::ChartUnit, model::Metric};

/// A number of a run's digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrendMetric {
    P50,
    P90,
    #[default]
    P95,
    P99,
    Mean,
    Throughput,
    ErrorShare,
}

impl TrendMetric {
    pub const ALL: [Self; 7] =
        [Self::P50, Self::P90, Self::P95, Self::P99, Self::Mean, Self::Throughput, Self::ErrorShare];

    pub fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Mean => "Mean",
            Self::Throughput => "Throughput",
            Self::ErrorShare => "Error share",
        }
    }

    /// What it measures, as the chart's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::P50 => "p50 of response time",
            Self::P90 => "p90 of response time",
            Self::P95 => "p95 of response time",
            Self::P99 => "p99 of response time",
            Self::Mean => "Mean response time",
            Self::Throughput => "Requests completed per second",
            Self::ErrorShare => "Share of requests that failed",
        }
    }

    pub fn unit(self) -> ChartUnit {
        match self {
            Self::P50 | Self::P90 | Self::P95 | Self::P99 | Self::Mean => ChartUnit::Seconds,
            Self::Throughput => ChartUnit::PerSecond,
            Self::ErrorShare => ChartUnit::Ratio,
        }
    }

    /// The same as thresholds name it.
    pub fn metric(self) -> Metric {
        match self {
            Self::P50 => Metric::Quantile(0.5),
            Self::P90 => Metric::Quantile(0.9),
            Self::P95 => Metric::Quantile(0.95),
            Self::P99 => Metric::Quantile(0.99),
            Self::Mean => Metric::Mean,
            Self::Throughput => Metric::Throughput,
            Self::ErrorShare => Metric::ErrorShare,
        }
    }
}
