//! The closed seconds of a run, made for sums over any stretch of them.
//!
//! A request belongs to the second in which it ended. Sums are exact: histograms are merged, never averaged.

mod heat;
mod sums;

use std::{ops::Range, sync::Arc};

pub use heat::{HeatColumn, N_HEAT_BUCKETS, heat_bucket_start};
pub use sums::{LoadSums, WindowSums};

use super::{HistogramError, IntervalStats};

/// The closed seconds of a run; cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct History {
    n_steps: usize,
    seconds: Vec<Arc<IntervalStats>>,
    columns: Vec<Arc<HeatColumn>>,
}

impl History {
    /// Of a run with this many steps; no second is closed yet.
    pub fn new(n_steps: usize) -> Self {
        Self { n_steps, ..Self::default() }
    }

    /// Of seconds in order of time.
    pub fn of(n_steps: usize, intervals: &[IntervalStats]) -> Result<Self, HistogramError> {
        let mut history = Self::new(n_steps);
        intervals.iter().try_for_each(|interval| history.push(interval))?;
        Ok(history)
    }

    /// Adds the next second; some before it may be missing.
    pub fn push(&mut self, interval: &IntervalStats) -> Result<(), HistogramError> {
        self.columns.push(Arc::new(HeatColumn::of(interval)?));
        self.seconds.push(Arc::new(interval.clone()));
        Ok(())
    }

    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// From the first second that is known to the end of the last.
    pub fn extent(&self) -> Range<u32> {
        match (self.seconds.first(), self.seconds.last()) {
            (Some(first), Some(last)) => first.second..last.second + 1,
            _ => 0..0,
        }
    }

    /// The response times of each known second, in order.
    pub fn columns(&self) -> &[Arc<HeatColumn>] {
        &self.columns
    }

    /// Everything that ended within a stretch of seconds, step by step.
    pub fn sums(&self, seconds: Range<u32>) -> Result<WindowSums, HistogramError> {
        let mut sums = WindowSums::empty(self.n_steps, seconds.clone());
        let from = self.seconds.partition_point(|interval| interval.second < seconds.start);
        for interval in self.seconds[from..].iter().take_while(|interval| interval.second < seconds.end) {
            sums.load.add(&interval.load)?;
            for row in &interval.rows {
                if let Some(step) = sums.steps.get_mut(usize::from(row.step)) {
                    step.merge_encoded(&row.stats)?;
                }
            }
        }
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::analysis::sample;
    use crate::metrics::StepStats;

    #[test]
    fn sums_of_a_stretch_are_the_merged_histograms_of_its_seconds_and_no_others() {
        let record = sample::record(sample::scenario());
        let history = History::of(2, &record.intervals).unwrap();
        assert_eq!(history.extent(), 0..40);
        for seconds in [0..40, 3..17, 12..13, 20..20, 30..99] {
            let sums = history.sums(seconds.clone()).unwrap();
            let mut offline = vec![StepStats::default(); 2];
            let within = record.intervals.iter().filter(|interval| seconds.contains(&interval.second));
            let mut n_seconds = 0;
            for interval in within {
                n_seconds += 1;
                for row in &interval.rows {
                    offline[usize::from(row.step)].merge_encoded(&row.stats).unwrap();
                }
            }
            for (mine, theirs) in sums.steps.iter().zip(&offline) {
                assert_eq!(mine.counters, theirs.counters);
                for quantile in [0.0, 0.5, 0.95, 0.99, 0.999, 1.0] {
                    let of = |stats: &StepStats| {
                        (stats.response_time.quantile(quantile), stats.service_time.quantile(quantile))
                    };
                    assert_eq!(of(mine), of(theirs), "{seconds:?}");
                }
            }
            assert_eq!(sums.load.span, Duration::from_secs(n_seconds));
        }
    }
}
