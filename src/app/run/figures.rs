//! What a stretch of a run comes to in figures, worked out once and shown in many frames.

use std::{ops::Range, time::Duration};

use crate::analysis::{Reading, shortest_timeout};
use crate::humanize::{self, MISSING};
use crate::metrics::WindowSums;
use crate::model::{Metric, Scenario};

/// What a stretch comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub seconds: Range<u32>,
    /// How much of it was measured.
    pub span: Duration,
    pub n_requests: u64,
    pub n_errors: u64,
    /// Mean level: users (closed) or arrivals per second (open).
    pub asked_level: Option<f64>,
    pub sent_per_sec: Option<f64>,
    /// As the report prints them: `> 15.0 s` where timeouts hide the value.
    pub throughput: String,
    pub error_share: String,
    pub p50: String,
    pub p95: String,
    pub p99: String,
    pub start_lag_p99: Option<Duration>,
}

impl Figures {
    pub fn new(sums: &WindowSums, scenario: &Scenario) -> Self {
        let aggregate = sums.aggregate(sums.all());
        let timeout = shortest_timeout(scenario);
        let text = |metric| {
            let reading = Reading::of(&aggregate, metric, timeout);
            reading.map_or_else(|| MISSING.to_owned(), |reading| reading.text())
        };
        let counters = &aggregate.stats.counters;
        Self {
            seconds: sums.seconds.clone(),
            span: sums.load.span,
            n_requests: counters.n_requests(),
            n_errors: counters.n_errors(),
            asked_level: sums.asked_level(),
            sent_per_sec: sums.sent_per_sec(),
            throughput: text(Metric::Throughput),
            error_share: text(Metric::ErrorShare),
            p50: text(Metric::Quantile(0.5)),
            p95: text(Metric::Quantile(0.95)),
            p99: text(Metric::Quantile(0.99)),
            start_lag_p99: sums.load.start_lag.quantile(0.99),
        }
    }

    /// Everything in one line.
    pub fn words(&self) -> String {
        let Self { error_share, throughput, p50, p95, p99, .. } = self;
        let n_requests = humanize::counted(self.n_requests, "request");
        format!(
            "{n_requests}  ·  {error_share} errors  ·  {throughput}  ·  p50 {p50}  ·  p95 {p95}  ·  p99 {p99}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{History, Outcome, StepStats};

    #[test]
    fn figures_are_those_of_the_merged_histograms_to_the_last_digit() {
        let record = sample::record(sample::scenario());
        let scenario = &record.start.scenario;
        let history = History::of(scenario.n_steps(), &sample::intervals(&record)).unwrap();
        let figures = Figures::new(&history.sums(3..17).unwrap(), scenario);
        let mut offline = StepStats::default();
        for interval in
            sample::intervals(&record).iter().filter(|interval| (3..17).contains(&interval.second))
        {
            interval.rows.iter().for_each(|row| offline.merge_encoded(&row.stats).unwrap());
        }
        let quantile = |q| humanize::latency(offline.response_time.quantile(q).unwrap());
        assert_eq!([&figures.p50, &figures.p95, &figures.p99], [0.5, 0.95, 0.99].map(quantile).each_ref());
        assert_eq!((figures.n_requests, figures.span.as_secs()), (offline.counters.n_requests(), 14));
        assert_eq!(figures.throughput, humanize::rate(offline.counters.n_requests() as f64 / 14.0));
    }

    #[test]
    fn percentiles_that_timeouts_hide_are_only_known_to_be_longer() {
        let mut record = sample::record(sample::scenario());
        sample::add(&mut record, 5, 0, &[(Outcome::Timeout, Duration::from_secs(30)); 40]);
        let scenario = &record.start.scenario;
        let history = History::of(scenario.n_steps(), &sample::intervals(&record)).unwrap();
        let of = |seconds| Figures::new(&history.sums(seconds).unwrap(), scenario);
        let timeout = humanize::latency(shortest_timeout(scenario));
        assert_eq!(of(5..6).p95, format!("> {timeout}"));
        assert!(!of(6..7).p95.contains('>'));
    }

    #[test]
    fn a_stretch_without_seconds_claims_nothing() {
        let history = History::new(2);
        let figures = Figures::new(&history.sums(0..10).unwrap(), &sample::scenario());
        assert_eq!([figures.p95.as_str(), &figures.error_share, &figures.throughput], [MISSING; 3]);
        assert_eq!((figures.asked_level, figures.sent_per_sec), (None, None));
    }
}
