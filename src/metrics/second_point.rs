//! From a second's measurements to its chart point: the same road for a live run and a kept one.

use std::time::Duration;

use super::{HistogramError, IntervalStats, LatencyHistogram, LoadStats, SecondPoint, StepStats};

impl SecondPoint {
    /// The point of a second whose requests of all steps are merged in `stats`.
    pub fn new(second: u32, load: &LoadStats, stats: &StepStats, start_lag: &LatencyHistogram) -> Self {
        let per_sec = |n: u64| rate_per_sec(n, load.span);
        let response_time = &stats.response_time;
        let generator = load.generator.as_ref();
        let span_secs = load.span.as_secs_f64();
        Self {
            second,
            asked_level: load.asked_level,
            started_per_sec: per_sec(load.n_started),
            dropped_per_sec: per_sec(load.n_dropped),
            sent_per_sec: per_sec(load.n_sent),
            completed_per_sec: per_sec(stats.counters.n_requests()),
            errors_per_sec: per_sec(stats.counters.n_errors()),
            n_by_outcome: stats.counters.n_by_outcome,
            n_by_status_class: stats.counters.n_by_status_class,
            p50: response_time.quantile(0.5),
            p75: response_time.quantile(0.75),
            p90: response_time.quantile(0.9),
            p95: response_time.quantile(0.95),
            p99: response_time.quantile(0.99),
            p99_9: response_time.quantile(0.999),
            max: response_time.max(),
            service_p95: stats.service_time.quantile(0.95),
            phase_p50: stats.phases.each_ref().map(|phase| phase.quantile(0.5)),
            start_lag_p99: start_lag.quantile(0.99),
            n_users: load.n_users,
            n_in_flight: load.n_in_flight,
            mean_in_flight: generator
                .filter(|_| span_secs > 0.0)
                .map(|generator| generator.in_flight_time.as_secs_f64() / span_secs),
            n_connections: generator.map(|generator| generator.n_connections),
            busiest_worker_ratio: generator.and_then(|generator| generator.busiest_worker_ratio),
            host: load.host,
        }
    }

    /// The point of a kept second.
    pub fn from_interval(interval: &IntervalStats) -> Result<Self, HistogramError> {
        let mut stats = StepStats::default();
        for row in &interval.rows {
            // A point does not show the latency of errors, so it need not be unpacked.
            stats.counters.merge(&row.stats.counters);
            stats.response_time.merge_encoded(&row.stats.response_time)?;
            stats.service_time.merge_encoded(&row.stats.service_time)?;
            for (mine, theirs) in stats.phases.iter_mut().zip(&row.stats.phases) {
                mine.merge_encoded(theirs)?;
            }
        }
        let start_lag = interval.load.start_lag.decode()?;
        Ok(Self::new(interval.second, &interval.load, &stats, &start_lag))
    }
}

/// A count per second of what was measured; nothing measured is no rate.
fn rate_per_sec(n: u64, span: Duration) -> f64 {
    let seconds = span.as_secs_f64();
    if seconds > 0.0 { n as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{IntervalRow, Outcome};
    use crate::model::Segment;

    fn row(step: u16, millis: &[u64], n_timeouts: u64) -> IntervalRow {
        let mut stats = StepStats::default();
        for latency in millis {
            stats.response_time.record(Duration::from_millis(*latency));
        }
        stats.counters.n_by_outcome[Outcome::Ok as usize] = millis.len() as u64;
        stats.counters.n_by_outcome[Outcome::Timeout as usize] = n_timeouts;
        IntervalRow { segment: Segment { stage: 0, warm_up: false }, step, stats: stats.encode() }
    }

    #[test]
    fn a_kept_second_merges_its_steps_and_scales_by_what_was_measured() {
        let interval = IntervalStats {
            second: 7,
            rows: vec![row(0, &[10, 10, 10], 0), row(1, &[200], 1)],
            errors: Vec::new(),
            load: LoadStats { span: Duration::from_millis(500), n_sent: 6, ..LoadStats::default() },
        };
        let point = SecondPoint::from_interval(&interval).unwrap();
        assert_eq!((point.second, point.completed_per_sec, point.sent_per_sec), (7, 10.0, 12.0));
        assert_eq!(point.errors_per_sec, 2.0);
        assert_eq!(point.p50.unwrap().as_millis(), 10);
        assert_eq!(point.p99.unwrap().as_millis(), 200);
    }

    #[test]
    fn the_generators_figures_are_those_of_the_second_or_none() {
        let mut load = LoadStats { span: Duration::from_millis(500), ..LoadStats::default() };
        let point =
            |load: &LoadStats| SecondPoint::new(0, load, &StepStats::default(), &LatencyHistogram::default());
        assert_eq!((point(&load).mean_in_flight, point(&load).n_connections), (None, None));
        load.generator = Some(crate::metrics::GeneratorStats {
            in_flight_time: Duration::from_secs(2),
            n_connections: 9,
            ..Default::default()
        });
        let measured = point(&load);
        assert_eq!((measured.mean_in_flight, measured.n_connections), (Some(4.0), Some(9)));
        assert_eq!(measured.busiest_worker_ratio, None);
    }

    #[test]
    fn a_second_without_requests_has_no_latency() {
        let interval = IntervalStats { second: 0, rows: vec![], errors: vec![], load: LoadStats::default() };
        let point = SecondPoint::from_interval(&interval).unwrap();
        assert_eq!((point.p95, point.start_lag_p99, point.completed_per_sec), (None, None, 0.0));
    }
}
