//! The closed seconds of a run, made for sums over any stretch of them.
//!
//! A request belongs to the second in which it ended. Sums are exact: histograms are merged, never averaged.

mod chunk;
mod heat;
mod node;
mod sums;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

pub use chunk::Chunk;
pub use heat::{HeatColumn, N_HEAT_BUCKETS, heat_bucket_start};
pub use sums::{LoadSums, WindowSums};

use super::{Counters, HistogramError, IntervalStats, StepStats};
use chunk::{CHUNK, Second};
use node::{Depth, Reading};

/// The closed seconds of a run; cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct History {
    n_steps: usize,
    /// In order; the last one may grow.
    chunks: Vec<Arc<Chunk>>,
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

    /// Of what was packed: chunks in order, and a column for each of their seconds; none where they do not fit.
    pub fn of_packs(n_steps: usize, chunks: Vec<Chunk>, columns: Vec<Arc<HeatColumn>>) -> Option<Self> {
        let seconds = chunks.iter().flat_map(|chunk| &chunk.seconds).map(|second| second.second);
        let is_whole = seconds.eq(columns.iter().map(|column| column.second));
        let is_in_order = chunks.is_sorted_by(|a, b| a.number < b.number);
        (is_whole && is_in_order).then(|| Self {
            n_steps,
            chunks: chunks.into_iter().map(Arc::new).collect(),
            columns,
        })
    }

    /// Adds the next second; some before it may be missing.
    pub fn push(&mut self, interval: &IntervalStats) -> Result<(), HistogramError> {
        let second = Second::new(interval, self.n_steps)?;
        let column = HeatColumn::of(interval)?;
        match self.chunks.last_mut() {
            Some(last) if last.number == second.second / CHUNK => {
                Arc::make_mut(last).push(second, self.n_steps)?;
            }
            Some(last) => {
                let before = Arc::make_mut(last).end(self.n_steps)?;
                self.chunks.push(Arc::new(Chunk::beginning(before, second)));
            }
            None => {
                let before = node::merged(&[], self.n_steps)?;
                self.chunks.push(Arc::new(Chunk::beginning(before, second)));
            }
        }
        self.columns.push(Arc::new(column));
        Ok(())
    }

    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// From the first second that is known to the end of the last.
    pub fn extent(&self) -> Range<u32> {
        let last = self.chunks.last().and_then(|chunk| chunk.seconds.last());
        match (self.chunks.first().and_then(|chunk| chunk.seconds.first()), last) {
            (Some(first), Some(last)) => first.second..last.second + 1,
            _ => 0..0,
        }
    }

    /// The response times of each known second, in order.
    pub fn columns(&self) -> &[Arc<HeatColumn>] {
        &self.columns
    }

    /// The chunks, to be packed and kept.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// Takes out the chunks that have ended, to be packed and kept; what remains takes further seconds.
    pub fn take_ended(&mut self) -> Vec<Arc<Chunk>> {
        let n_ended = self.chunks.len().saturating_sub(1);
        self.chunks.drain(..n_ended).collect()
    }

    /// What it takes in memory.
    pub fn heap_bytes(&self) -> usize {
        let columns = self.columns.iter().map(|column| size_of::<HeatColumn>() + 8 * column.counts.len());
        self.chunks.iter().map(|chunk| chunk.heap_bytes()).sum::<usize>() + columns.sum::<usize>()
    }

    /// Counts and response times of what ended within a stretch of seconds, step by step.
    pub fn sums(&self, seconds: Range<u32>) -> Result<WindowSums, HistogramError> {
        let mut sums = WindowSums::default();
        self.sum_up(seconds, &mut sums)?;
        Ok(sums)
    }

    /// The same in memory that is used again, whatever was summed up in it.
    // Making and giving back the room for hundreds of histograms takes as long as filling it.
    pub fn sum_up(&self, seconds: Range<u32>, sums: &mut WindowSums) -> Result<(), HistogramError> {
        sums.steps.resize_with(self.n_steps, Default::default);
        sums.steps.iter_mut().for_each(StepStats::clear);
        (sums.seconds, sums.load) = (seconds.clone(), LoadSums::default());
        sums.n_by_group.clear();
        let mut reading = self.reading(&seconds, Depth::Responses);
        sums.steps.iter_mut().try_for_each(|step| reading.next_step(step))?;
        sums.load.start_lag = reading.start_lag()?;
        for second in self.seconds_within(&seconds) {
            sums.load.add(&second.load);
            second.add_errors(&mut sums.n_by_group);
        }
        Ok(())
    }

    /// Failures within a stretch of seconds by error group, in the order of the run's groups.
    pub fn n_by_group(&self, seconds: &Range<u32>) -> Vec<u64> {
        let mut n_by_group = Vec::new();
        self.seconds_within(seconds).for_each(|second| second.add_errors(&mut n_by_group));
        n_by_group
    }

    /// Hands out each known second of a stretch with its counts by step and its failures by error group.
    // No histogram is read, so that an hour of seconds costs as much as one sum.
    pub fn for_each_second(
        &self,
        seconds: &Range<u32>,
        mut take: impl FnMut(u32, &[Counters], &[u64]),
    ) -> Result<(), HistogramError> {
        let mut counters = vec![Counters::default(); self.n_steps];
        let mut n_by_group = Vec::new();
        for second in self.seconds_within(seconds) {
            node::counters(&second.node, &mut counters)?;
            n_by_group.clear();
            second.add_errors(&mut n_by_group);
            take(second.second, &counters, &n_by_group);
        }
        Ok(())
    }

    /// All that was measured of what ended within a stretch of seconds, phases and all, step by step.
    pub fn everything(&self, seconds: &Range<u32>) -> Result<Vec<StepStats>, HistogramError> {
        let mut steps = vec![StepStats::default(); self.n_steps];
        let mut reading = self.reading(seconds, Depth::Everything);
        steps.iter_mut().try_for_each(|step| reading.next_step(step))?;
        Ok(steps)
    }

    /// What is to be added up for a stretch, and what is to be taken away from that.
    fn reading(&self, seconds: &Range<u32>, depth: Depth) -> Reading<'_> {
        let extent = self.extent();
        let seconds = seconds.start.max(extent.start)..seconds.end.min(extent.end);
        let (mut added, mut taken) = (Vec::new(), Vec::new());
        let ends = self.nearest(seconds.start).zip(self.nearest(seconds.end));
        match ends.filter(|(from, until)| from.number < until.number) {
            Some((from, until)) => {
                added.push(&*until.before);
                taken.push(&*from.before);
                self.cover(until.start()..seconds.end, &mut added);
                self.cover(seconds.end..until.start(), &mut taken);
                self.cover(seconds.start..from.start(), &mut added);
                self.cover(from.start()..seconds.start, &mut taken);
            }
            None => self.cover(seconds, &mut added),
        }
        Reading::new(added, taken, depth)
    }

    /// The chunk whose start is nearest to a moment.
    fn nearest(&self, second: u32) -> Option<&Chunk> {
        let next = self.chunks.partition_point(|chunk| chunk.start() <= second);
        let around = [next.checked_sub(1), Some(next)].into_iter().flatten();
        around
            .filter_map(|index| self.chunks.get(index))
            .map(|chunk| &**chunk)
            .min_by_key(|chunk| chunk.start().abs_diff(second))
    }

    /// Adds the fewest nodes that make up a stretch; an empty one needs none.
    fn cover<'a>(&'a self, seconds: Range<u32>, nodes: &mut Vec<&'a [u8]>) {
        if !seconds.is_empty() {
            self.chunks_within(&seconds).for_each(|chunk| chunk.cover(&seconds, nodes));
        }
    }

    fn seconds_within(&self, seconds: &Range<u32>) -> impl Iterator<Item = &Arc<Second>> {
        self.chunks_within(seconds).flat_map(|chunk| chunk.within(seconds))
    }

    fn chunks_within(&self, seconds: &Range<u32>) -> impl Iterator<Item = &Chunk> {
        let from = self.chunks.partition_point(|chunk| chunk.start() + CHUNK <= seconds.start);
        let end = seconds.end;
        self.chunks[from..].iter().take_while(move |chunk| chunk.start() < end).map(|chunk| &**chunk)
    }
}
