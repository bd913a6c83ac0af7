//! How the generator did over the whole run, in numbers; none where nothing was measured.

use std::time::Duration;

use crate::metrics::{HistogramError, LatencyHistogram, RunRecord, RunTotals};

/// How the generator did over the whole run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratorFigures {
    pub start_lag_p50: Option<Duration>,
    pub start_lag_p99: Option<Duration>,
    /// Processor time of all workers ÷ requests completed meanwhile.
    pub cpu_per_request: Option<Duration>,
    /// Mean share of a processor that the busiest worker used.
    pub busiest_worker_ratio: Option<f64>,
    /// Mean number of requests in flight, counted as they came and went.
    pub mean_in_flight: Option<f64>,
    /// Most connections open at the end of a second.
    pub peak_connections: Option<u32>,
    /// Most resident memory of this program.
    pub peak_memory_bytes: Option<u64>,
    /// Most virtual users at the end of a second.
    pub peak_users: u32,
    pub hiccup_p99_9: Option<Duration>,
    pub hiccup_max: Option<Duration>,
}

impl GeneratorFigures {
    pub fn new(record: &RunRecord, totals: &RunTotals) -> Result<Self, HistogramError> {
        let lag = totals.start_lag();
        let seconds = || record.intervals.iter();
        let generators = || seconds().filter_map(|second| second.load.generator.as_ref());
        let mut hiccups = LatencyHistogram::default();
        for generator in generators() {
            hiccups.merge_encoded(&generator.hiccups)?;
        }
        let busiest: Vec<f64> = generators().filter_map(|generator| generator.busiest_worker_ratio).collect();
        Ok(Self {
            start_lag_p50: lag.quantile(0.5),
            start_lag_p99: lag.quantile(0.99),
            cpu_per_request: cpu_per_request(record),
            busiest_worker_ratio: (!busiest.is_empty())
                .then(|| busiest.iter().sum::<f64>() / busiest.len() as f64),
            mean_in_flight: mean_in_flight(record),
            peak_connections: generators().map(|generator| generator.n_connections).max(),
            peak_memory_bytes: seconds()
                .filter_map(|second| second.load.host.map(|host| host.process_memory_bytes))
                .max(),
            peak_users: seconds().map(|second| second.load.n_users).max().unwrap_or(0),
            hiccup_p99_9: hiccups.quantile(0.999),
            hiccup_max: hiccups.max(),
        })
    }
}

// Only seconds in which both are known count on either side.
fn cpu_per_request(record: &RunRecord) -> Option<Duration> {
    let (mut cpu, mut n_requests) = (Duration::ZERO, 0);
    for second in &record.intervals {
        if let Some(spent) = second.load.generator.as_ref().and_then(|generator| generator.worker_cpu) {
            cpu += spent;
            n_requests += second.n_requests;
        }
    }
    (n_requests > 0).then(|| cpu.div_f64(n_requests as f64))
}

fn mean_in_flight(record: &RunRecord) -> Option<f64> {
    let (mut in_flight, mut span) = (Duration::ZERO, Duration::ZERO);
    for second in &record.intervals {
        if let Some(generator) = &second.load.generator {
            in_flight += generator.in_flight_time;
            span += second.load.span;
        }
    }
    (!span.is_zero()).then(|| in_flight.as_secs_f64() / span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn figures(record: &RunRecord) -> GeneratorFigures {
        GeneratorFigures::new(record, &RunTotals::new(record).unwrap()).unwrap()
    }

    #[test]
    fn figures_are_sums_over_the_run() {
        let found = figures(&sample::record(sample::scenario()));
        // 400 µs of processor for 40 requests in each second.
        assert_eq!(found.cpu_per_request, Some(Duration::from_micros(10)));
        assert_eq!(found.start_lag_p99.unwrap().as_micros(), 400);
        assert!((found.mean_in_flight.unwrap() - 1.754).abs() < 1e-9, "{found:?}");
        assert_eq!((found.peak_connections, found.peak_memory_bytes), (Some(50), Some(40 << 20)));
    }

    #[test]
    fn what_was_not_measured_is_none_and_does_not_thin_the_rest() {
        let mut record = sample::record(sample::scenario());
        record.intervals[3].load.generator.as_mut().unwrap().worker_cpu = None;
        assert_eq!(figures(&record).cpu_per_request, Some(Duration::from_micros(10)));
        for interval in &mut record.intervals {
            (interval.load.generator, interval.load.host) = (None, None);
            interval.load.start_lag = Default::default();
        }
        let found = figures(&record);
        assert_eq!(found, GeneratorFigures { peak_users: found.peak_users, ..GeneratorFigures::default() });
    }
}
