//! Merges what the workers hand over, and closes each second once nothing more can come for it.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use super::batch::{Batch, SecondCells, WorkerEnd};
use super::errors::ErrorBook;
use super::thread_times::ThreadTimes;
use crate::metrics::{GeneratorStats, HostSample, IntervalRow, IntervalStats, LoadStats, StartsSample};
use crate::model::{Plan, Window};

/// How many consecutive starts are kept as evidence of their gaps.
const MAX_SAMPLED: u64 = 10_000;

const SECOND: Duration = Duration::from_secs(1);

/// Everything measured so far; fed with batches, gives closed seconds.
pub(super) struct Collector {
    /// With the changes so far.
    pub plan: Plan,
    n_steps: usize,
    workers: Vec<WorkerProgress>,
    /// Seconds for which more may come.
    open: BTreeMap<u32, OpenSecond>,
    spare: Vec<SecondCells>,
    next_second: u32,
    pub errors: ErrorBook,
    pub totals: Totals,
    starts: StartsSample,
}

/// A second for which more may come.
struct OpenSecond {
    cells: SecondCells,
    /// What each worker's thread used of it.
    threads: Vec<ThreadTimes>,
}

/// Counts over the whole run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub n_requests: u64,
    pub n_errors: u64,
    pub n_started: u64,
    pub n_dropped: u64,
}

#[derive(Clone, Copy, Default)]
struct WorkerProgress {
    complete_before: u32,
    n_users: u32,
    n_in_flight: u32,
    end: Option<WorkerEnd>,
}

/// A second for which nothing more can come.
pub(super) struct ClosedSecond {
    pub cells: SecondCells,
    pub interval: IntervalStats,
}

impl Collector {
    pub fn new(plan: Plan, n_steps: usize, n_workers: usize) -> Self {
        let first_sampled = sampled_iterations(&plan).start;
        Self {
            plan,
            n_steps,
            workers: vec![WorkerProgress::default(); n_workers],
            open: BTreeMap::new(),
            spare: Vec::new(),
            next_second: 0,
            errors: ErrorBook::default(),
            totals: Totals::default(),
            starts: StartsSample { first_iteration: first_sampled, sent: Vec::new() },
        }
    }

    pub fn take(&mut self, batch: &Batch) {
        for cells in batch.seconds() {
            self.totals.n_started += cells.n_started;
            self.totals.n_dropped += cells.n_dropped;
            for (_, _, stats) in cells.cells() {
                self.totals.n_requests += stats.counters.n_requests();
                self.totals.n_errors += stats.counters.n_errors();
            }
            let (spare, n_steps, n_workers) = (&mut self.spare, self.n_steps, self.workers.len());
            let open = self.open.entry(cells.second).or_insert_with(|| {
                let mut fresh = spare.pop().unwrap_or_else(|| SecondCells::new(n_steps));
                fresh.second = cells.second;
                OpenSecond { cells: fresh, threads: vec![ThreadTimes::default(); n_workers] }
            });
            open.cells.merge(cells);
            let thread = &mut open.threads[batch.worker];
            *thread = thread.plus(&cells.thread);
        }
        for (iteration, sent) in &batch.starts {
            self.keep_start(*iteration, *sent);
        }
        self.errors.merge(&batch.errors);
        self.workers[batch.worker] = WorkerProgress {
            complete_before: batch.complete_before,
            n_users: batch.n_users,
            n_in_flight: batch.n_in_flight,
            end: batch.ended,
        };
    }

    /// Closes the next second for which all workers have reported everything.
    pub fn close_next(&mut self, load_end: Duration, host: Option<HostSample>) -> Option<ClosedSecond> {
        self.has_ready().then(|| self.close(SECOND, load_end, host))
    }

    /// Whether a second can be closed.
    pub fn has_ready(&self) -> bool {
        let going_on = self.workers.iter().filter(|worker| worker.end.is_none());
        let ready_before = going_on.map(|worker| worker.complete_before).min();
        ready_before.is_some_and(|second| self.next_second < second)
    }

    /// Closes the next second once all workers have ended; none when everything is closed.
    pub fn close_rest(&mut self, load_end: Duration, host: Option<HostSample>) -> Option<ClosedSecond> {
        let end = self.workers.iter().filter_map(|worker| worker.end).map(|end| end.at).max();
        let last_seen = self.open.last_key_value().map_or(Duration::ZERO, |(second, _)| SECOND * *second);
        let start = SECOND * self.next_second;
        let span = end.unwrap_or(last_seen + SECOND).saturating_sub(start).min(SECOND);
        // What completed at the very end of a whole second is in a second of no length.
        let is_left = !span.is_zero() || self.open.contains_key(&self.next_second);
        is_left.then(|| self.close(span, load_end, host))
    }

    fn close(&mut self, span: Duration, load_end: Duration, host: Option<HostSample>) -> ClosedSecond {
        let second = self.next_second;
        self.next_second += 1;
        let open = self.open.remove(&second);
        let (cells, threads) = open
            .map_or_else(|| (SecondCells::new(self.n_steps), Vec::new()), |open| (open.cells, open.threads));
        let rows = cells
            .cells()
            .map(|(segment, step, stats)| IntervalRow { segment, step, stats: stats.encode() })
            .collect();
        let middle = SECOND * second + SECOND / 2;
        let load = LoadStats {
            span,
            asked_level: if middle < load_end { self.plan.level_at(middle) } else { 0.0 },
            n_due: cells.n_due,
            n_started: cells.n_started,
            n_dropped: cells.n_dropped,
            n_completed: cells.n_completed,
            n_sent: cells.n_sent,
            n_users: cells.n_users,
            n_in_flight: cells.n_in_flight,
            start_lag: cells.start_lag.encode(),
            host,
            generator: Some(generator_stats(&cells, &threads, span)),
        };
        let errors = self.errors.take_second(second);
        ClosedSecond { cells, interval: IntervalStats { second, rows, errors, load } }
    }

    /// Takes a closed second's memory back.
    pub fn reuse(&mut self, mut cells: SecondCells) {
        cells.clear();
        self.spare.push(cells);
    }

    fn keep_start(&mut self, iteration: u64, sent: Duration) {
        let index = (iteration - self.starts.first_iteration) as usize;
        let known = &mut self.starts.sent;
        if known.len() <= index {
            known.resize(index + 1, None);
        }
        known[index] = Some(sent);
    }

    /// The real starts of the sampled iterations; none under the closed model.
    pub fn starts(&self) -> Option<StartsSample> {
        (!self.starts.sent.is_empty()).then(|| self.starts.clone())
    }

    pub fn have_all_ended(&self) -> bool {
        self.workers.iter().all(|worker| worker.end.is_some())
    }

    /// How each worker ended; none for one that vanished.
    pub fn ends(&self) -> impl Iterator<Item = Option<WorkerEnd>> {
        self.workers.iter().map(|worker| worker.end)
    }

    pub fn n_users(&self) -> u32 {
        self.workers.iter().map(|worker| worker.n_users).sum()
    }

    pub fn n_in_flight(&self) -> u32 {
        self.workers.iter().map(|worker| worker.n_in_flight).sum()
    }
}

/// The iterations of the open model whose real starts are kept: the first of the steady part.
pub(super) fn sampled_iterations(plan: &Plan) -> Range<u64> {
    let spans = plan.window_spans(&Window::Steady, plan.duration());
    let first = spans.first().and_then(|(from, _)| plan.n_planned_before(*from));
    first.map_or(0..0, |first| first..first + MAX_SAMPLED)
}

fn generator_stats(cells: &SecondCells, threads: &[ThreadTimes], span: Duration) -> GeneratorStats {
    let of_span = |longest: Option<Duration>| {
        longest.filter(|_| !span.is_zero()).map(|longest| longest.as_secs_f64() / span.as_secs_f64())
    };
    GeneratorStats {
        in_flight_time: cells.in_flight_time.saturating_sub(cells.unread_time),
        service_time_total: cells.service_time_total,
        n_connections: cells.n_connections,
        worker_cpu: cells.thread.cpu,
        busiest_worker_ratio: of_span(threads.iter().filter_map(|thread| thread.cpu).max()),
        run_queue_ratio: of_span(threads.iter().filter_map(|thread| thread.run_queue).max()),
        ..GeneratorStats::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::batch::Sample;
    use crate::engine::testing::{open, scenario};

    fn collector(n_workers: usize) -> Collector {
        Collector::new(Plan::new(&scenario(open(10), &[(10, 10.0)], &["/"]), 1.0), 1, n_workers)
    }

    fn batch(worker: usize, complete_before: u32, second: u32, n_requests: u64) -> Batch {
        let mut batch = Batch::new(worker, 1);
        batch.complete_before = complete_before;
        for _ in 0..n_requests {
            batch.second(second).record(&Sample::lasting(Duration::from_millis(10)));
        }
        batch
    }

    fn n_requests(closed: &ClosedSecond) -> u64 {
        closed.interval.rows.iter().map(|row| row.stats.counters.n_requests()).sum()
    }

    #[test]
    fn a_second_closes_once_every_worker_is_past_it() {
        let mut collector = collector(2);
        let close = |collector: &mut Collector| collector.close_next(Duration::from_secs(10), None);
        collector.take(&batch(0, 1, 0, 3));
        assert!(close(&mut collector).is_none());
        collector.take(&batch(1, 0, 0, 4));
        assert!(close(&mut collector).is_none());
        collector.take(&batch(1, 1, 1, 5));
        let closed = close(&mut collector).unwrap();
        assert_eq!((closed.interval.second, n_requests(&closed)), (0, 7));
        assert_eq!((closed.interval.load.span, closed.interval.load.asked_level), (SECOND, 0.5));
        assert!(close(&mut collector).is_none());
        assert_eq!(collector.totals.n_requests, 12);
    }

    #[test]
    fn seconds_without_requests_leave_no_gap_and_the_last_is_as_long_as_it_was() {
        let mut collector = collector(1);
        collector.take(&batch(0, 3, 0, 1));
        let mut last = batch(0, 4, 4, 1);
        let at = Duration::from_millis(4_250);
        last.ended = Some(WorkerEnd { at, n_abandoned: 0, n_lost_users: 0, aborted: false });
        collector.take(&last);
        let closed: Vec<_> =
            std::iter::from_fn(|| collector.close_rest(Duration::from_secs(10), None)).collect();
        assert_eq!(closed.iter().map(n_requests).collect::<Vec<_>>(), [1, 0, 0, 0, 1]);
        assert_eq!(closed[4].interval.load.span, Duration::from_millis(250));
    }

    #[test]
    fn memory_that_is_used_again_holds_nothing_old() {
        let mut collector = collector(1);
        collector.take(&batch(0, 1, 0, 3));
        let closed = collector.close_next(SECOND, None).unwrap();
        collector.reuse(closed.cells);
        collector.take(&batch(0, 2, 1, 2));
        assert_eq!(n_requests(&collector.close_next(SECOND, None).unwrap()), 2);
    }
}
