//! The last seconds of a run and all of it so far in figures, summed up exactly without keeping its past.

use std::collections::VecDeque;
use std::{ops::Range, time::Duration};

use super::{Counters, HistogramError, LatencyHistogram, LoadStats, LoadSums, StepStats};

/// The last few seconds of a run, and the run so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recent {
    pub last: StretchFigures,
    pub run: StretchFigures,
}

/// All requests that ended within a stretch of a run, in figures; percentiles come from merged histograms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StretchFigures {
    /// Seconds since the start of the run.
    pub seconds: Range<u32>,
    /// How much of the stretch was measured.
    pub span: Duration,
    pub counters: Counters,
    /// Mean users (closed) or arrivals per second (open).
    pub asked_level: Option<f64>,
    pub sent_per_sec: Option<f64>,
    pub completed_per_sec: Option<f64>,
    pub p50: Option<Duration>,
    pub p75: Option<Duration>,
    pub p90: Option<Duration>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    pub p99_9: Option<Duration>,
    pub max: Option<Duration>,
    pub start_lag_p99: Option<Duration>,
}

/// Sums up seconds as they close; its memory does not grow with the run.
#[derive(Debug, Default)]
pub struct RecentSums {
    last: VecDeque<Sums>,
    run: Sums,
    /// The sum of the last seconds; its memory is used again.
    merged: Sums,
}

#[derive(Debug, Default)]
struct Sums {
    seconds: Range<u32>,
    counters: Counters,
    response_time: LatencyHistogram,
    load: LoadSums,
}

impl Recent {
    /// How many seconds the last few are, at most.
    pub const N_SECONDS: usize = 5;
}

impl StretchFigures {
    /// How many seconds it covers.
    pub fn n_seconds(&self) -> u32 {
        self.seconds.end - self.seconds.start
    }
}

impl RecentSums {
    /// Adds a closed second, whose requests of all steps are merged in `stats`; the figures with it.
    pub fn push(
        &mut self,
        second: u32,
        stats: &StepStats,
        load: &LoadStats,
    ) -> Result<Recent, HistogramError> {
        let mut newest = match self.last.len() {
            Recent::N_SECONDS => self.last.pop_front().unwrap_or_default(),
            _ => Sums::default(),
        };
        newest.clear();
        newest.counters = stats.counters;
        newest.response_time.merge(&stats.response_time);
        newest.load.add_load(load)?;
        newest.seconds = second..second + 1;
        self.run.merge(&newest);
        self.last.push_back(newest);
        self.merged.clear();
        for sums in &self.last {
            self.merged.merge(sums);
        }
        Ok(Recent { last: self.merged.figures(), run: self.run.figures() })
    }
}

impl Sums {
    fn clear(&mut self) {
        self.seconds = 0..0;
        self.counters = Counters::default();
        self.response_time.clear();
        self.load.clear();
    }

    fn merge(&mut self, other: &Self) {
        let start = if self.seconds.is_empty() { other.seconds.start } else { self.seconds.start };
        self.seconds = start..other.seconds.end;
        self.counters.merge(&other.counters);
        self.response_time.merge(&other.response_time);
        self.load.merge(&other.load);
    }

    fn figures(&self) -> StretchFigures {
        let quantile = |quantile| self.response_time.quantile(quantile);
        let per_sec = |total: f64| self.load.per_sec(total);
        StretchFigures {
            seconds: self.seconds.clone(),
            span: self.load.span,
            counters: self.counters,
            asked_level: per_sec(self.load.asked_area),
            sent_per_sec: per_sec(self.load.n_sent as f64),
            completed_per_sec: per_sec(self.counters.n_requests() as f64),
            p50: quantile(0.5),
            p75: quantile(0.75),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p99_9: quantile(0.999),
            max: self.response_time.max(),
            start_lag_p99: self.load.start_lag.quantile(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{History, IntervalRow, IntervalStats, Outcome};
    use crate::model::Segment;

    /// A second with one request of each latency, in milliseconds.
    fn second(second: u32, millis: &[u64]) -> (IntervalStats, StepStats) {
        let mut stats = StepStats::default();
        millis.iter().for_each(|latency| stats.response_time.record(Duration::from_millis(*latency)));
        stats.counters.n_by_outcome[Outcome::Ok as usize] = millis.len() as u64;
        let mut start_lag = LatencyHistogram::default();
        start_lag.record(Duration::from_micros(u64::from(second) + 1));
        let load = LoadStats {
            span: Duration::from_secs(1),
            asked_level: f64::from(second),
            n_sent: millis.len() as u64 + 1,
            start_lag: start_lag.encode(),
            ..LoadStats::default()
        };
        let row =
            IntervalRow { segment: Segment { stage: 0, warm_up: false }, step: 0, stats: stats.encode() };
        (IntervalStats { second, rows: vec![row], errors: vec![], load }, stats)
    }

    #[test]
    fn both_stretches_are_what_the_whole_past_sums_up_to() {
        let (mut sums, mut history) = (RecentSums::default(), History::new(1));
        for n in 0..12_u32 {
            let (interval, stats) = second(n, &[u64::from(n) + 1, 3 * u64::from(n) + 2, 900]);
            history.push(&interval).unwrap();
            let recent = sums.push(n, &stats, &interval.load).unwrap();
            let last = (n + 1).saturating_sub(Recent::N_SECONDS as u32)..n + 1;
            for (figures, seconds) in [(&recent.last, last), (&recent.run, 0..n + 1)] {
                let expected = history.sums(seconds.clone()).unwrap();
                let all = expected.all();
                assert_eq!(figures.seconds, seconds);
                assert_eq!(figures.counters, all.counters);
                for (figure, quantile) in
                    [(figures.p50, 0.5), (figures.p95, 0.95), (figures.p99, 0.99), (figures.p99_9, 0.999)]
                {
                    assert_eq!(figure, all.response_time.quantile(quantile), "{seconds:?} {quantile}");
                }
                assert_eq!(figures.sent_per_sec, expected.sent_per_sec());
                assert_eq!(figures.asked_level, expected.asked_level());
                assert_eq!(figures.completed_per_sec, expected.aggregate(all).throughput_per_sec());
                assert_eq!(figures.start_lag_p99, expected.load.start_lag.quantile(0.99));
            }
        }
        assert_eq!(sums.last.len(), Recent::N_SECONDS, "the past is not kept");
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        let recent = RecentSums::default().push(0, &StepStats::default(), &LoadStats::default()).unwrap();
        assert_eq!((recent.last.p95, recent.run.sent_per_sec), (None, None));
        assert_eq!(Recent::default().run.n_seconds(), 0);
    }
}
