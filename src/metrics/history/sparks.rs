//! Each step's course over the run in a few points, for curves as small as a word.

use std::{ops::Range, time::Duration};

use super::{
    History,
    chunk::BLOCK,
    node::{Outline, Reading},
};
use crate::metrics::HistogramError;

/// One step in one stretch of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Spark {
    pub seconds: Range<u32>,
    /// Requests completed per second that was measured.
    pub per_sec: f64,
    /// 95th percentile of response time, successful requests.
    pub p95: Option<Duration>,
    /// Failed requests ÷ requests.
    pub error_ratio: Option<f64>,
}

impl History {
    /// At most so many equal stretches of the whole run for each step; the last may be shorter.
    // Stretches of more than a block are whole blocks, which are summed up already.
    pub fn sparks(&self, n_points: u32) -> Result<Vec<Vec<Spark>>, HistogramError> {
        let mut sparks = vec![Vec::new(); self.n_steps];
        let extent = self.extent();
        if extent.is_empty() || n_points == 0 {
            return Ok(sparks);
        }
        let (mut first, mut length) = (extent.start, (extent.end - extent.start).div_ceil(n_points));
        if length > BLOCK {
            first = first / BLOCK * BLOCK;
            length = (extent.end - first).div_ceil(n_points).next_multiple_of(BLOCK);
        }
        let mut outline = Outline::default();
        for from in (first..extent.end).step_by(length as usize) {
            let seconds = from.max(extent.start)..(from + length).min(extent.end);
            self.add_sparks(seconds, &mut outline, &mut sparks)?;
        }
        Ok(sparks)
    }

    fn add_sparks(
        &self,
        seconds: Range<u32>,
        outline: &mut Outline,
        sparks: &mut [Vec<Spark>],
    ) -> Result<(), HistogramError> {
        let mut nodes = Vec::new();
        self.cover(seconds.clone(), &mut nodes);
        let spans = self.chunks_within(&seconds).flat_map(|chunk| chunk.within(&seconds));
        let measured: Duration = spans.map(|second| second.load.span()).sum();
        let mut reading = Reading::new(nodes.into_iter(), std::iter::empty());
        for of_step in sparks {
            outline.counters = Default::default();
            outline.response_time.clear();
            reading.next_outline(outline)?;
            let n_requests = outline.counters.n_requests() as f64;
            of_step.push(Spark {
                seconds: seconds.clone(),
                per_sec: if measured.is_zero() { 0.0 } else { n_requests / measured.as_secs_f64() },
                p95: outline.response_time.quantile(0.95),
                error_ratio: outline.counters.error_ratio(),
            });
        }
        Ok(())
    }
}
