//! What a worker measured since its last hand-over, kept apart by second, segment and step.

use std::time::Duration;

use super::errors::ErrorBook;
use super::thread_times::ThreadTimes;
use super::traffic::WorkerTraffic;
use super::transport::Traffic;
use crate::metrics::{LatencyHistogram, Outcome, StepStats};
use crate::model::Segment;

/// What a worker measured since its last hand-over; its memory is used again.
pub(super) struct Batch {
    pub worker: usize,
    /// Nothing will follow for seconds before this one.
    pub complete_before: u32,
    pub n_users: u32,
    pub n_in_flight: u32,
    pub errors: ErrorBook,
    /// Real starts of sampled iterations, by their number.
    pub starts: Vec<(u64, Duration)>,
    /// Set in a worker's last batch.
    pub ended: Option<WorkerEnd>,
    /// What the worker set aside of its traffic; in its last batch.
    pub traffic: Option<WorkerTraffic>,
    seconds: Vec<SecondCells>,
    n_seconds: usize,
    n_steps: usize,
}

/// How a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WorkerEnd {
    pub at: Duration,
    pub n_abandoned: u64,
    /// Users that a fault of the program ended.
    pub n_lost_users: u32,
    pub aborted: bool,
}

/// Everything that happened within one second.
pub(super) struct SecondCells {
    pub second: u32,
    pub n_due: u64,
    pub n_started: u64,
    pub n_dropped: u64,
    pub n_completed: u64,
    pub n_sent: u64,
    /// At the end of the second; set once per worker.
    pub n_users: u32,
    pub n_in_flight: u32,
    pub n_connections: u32,
    /// Requests in flight, integrated over the second.
    pub in_flight_time: Duration,
    /// How much of it was counted for requests whose answers were there already, and not yet read.
    pub unread_time: Duration,
    /// Sum of the service times of the requests that ended.
    pub service_time_total: Duration,
    /// What the worker's thread used.
    pub thread: ThreadTimes,
    pub start_lag: LatencyHistogram,
    segments: Vec<SegmentCells>,
    n_segments: usize,
    n_steps: usize,
}

struct SegmentCells {
    segment: Segment,
    steps: Vec<StepStats>,
}

/// One measured request.
pub(super) struct Sample {
    pub segment: Segment,
    pub step: u16,
    pub outcome: Outcome,
    /// None without an answer.
    pub status: Option<u16>,
    pub response_time: Duration,
    pub service_time: Duration,
    pub traffic: Traffic,
}

#[cfg(test)]
impl Sample {
    /// A successful request that took this long, sent when it was intended.
    pub fn lasting(time: Duration) -> Self {
        Self {
            segment: Segment { stage: 0, warm_up: false },
            step: 0,
            outcome: Outcome::Ok,
            status: Some(200),
            response_time: time,
            service_time: time,
            traffic: Traffic { bytes_sent: 1, bytes_received: 2, ..Traffic::default() },
        }
    }
}

impl Batch {
    pub fn new(worker: usize, n_steps: usize) -> Self {
        Self {
            worker,
            complete_before: 0,
            n_users: 0,
            n_in_flight: 0,
            errors: ErrorBook::default(),
            starts: Vec::new(),
            ended: None,
            traffic: None,
            seconds: Vec::new(),
            n_seconds: 0,
            n_steps,
        }
    }

    /// The cells of a second, empty at first.
    pub fn second(&mut self, second: u32) -> &mut SecondCells {
        let found = self.seconds[..self.n_seconds].iter().rposition(|cells| cells.second == second);
        let index = found.unwrap_or_else(|| {
            if self.n_seconds == self.seconds.len() {
                self.seconds.push(SecondCells::new(self.n_steps));
            }
            self.seconds[self.n_seconds].second = second;
            self.n_seconds += 1;
            self.n_seconds - 1
        });
        &mut self.seconds[index]
    }

    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    pub fn seconds(&self) -> &[SecondCells] {
        &self.seconds[..self.n_seconds]
    }

    /// Empties everything and keeps the memory.
    pub fn clear(&mut self) {
        self.seconds[..self.n_seconds].iter_mut().for_each(SecondCells::clear);
        self.n_seconds = 0;
        self.errors.clear();
        self.starts.clear();
    }
}

impl SecondCells {
    pub fn new(n_steps: usize) -> Self {
        Self {
            second: 0,
            n_due: 0,
            n_started: 0,
            n_dropped: 0,
            n_completed: 0,
            n_sent: 0,
            n_users: 0,
            n_in_flight: 0,
            n_connections: 0,
            in_flight_time: Duration::ZERO,
            unread_time: Duration::ZERO,
            service_time_total: Duration::ZERO,
            thread: ThreadTimes::default(),
            start_lag: LatencyHistogram::default(),
            segments: Vec::new(),
            n_segments: 0,
            n_steps,
        }
    }

    pub fn record(&mut self, sample: &Sample) {
        self.service_time_total += sample.service_time;
        let stats = &mut self.segment(sample.segment)[usize::from(sample.step)];
        let counters = &mut stats.counters;
        counters.n_by_outcome[sample.outcome as usize] += 1;
        let class = sample.status.map_or(0, |status| usize::from(status / 100));
        if let Some(count) = counters.n_by_status_class.get_mut(class) {
            *count += 1;
        }
        counters.bytes_sent += sample.traffic.bytes_sent;
        counters.bytes_received += sample.traffic.bytes_received;
        counters.n_connections += u64::from(sample.traffic.n_connections);
        counters.n_reconnects += u64::from(sample.traffic.reconnected);
        if sample.outcome.is_ok() {
            stats.response_time.record(sample.response_time);
            stats.service_time.record(sample.service_time);
            for (phase, time) in sample.traffic.phases.iter() {
                stats.phases[phase as usize].record(time);
            }
        } else {
            stats.error_time.record(sample.response_time);
        }
    }

    /// Cells of all steps for one segment; there are one or two segments in a second, rarely more.
    fn segment(&mut self, segment: Segment) -> &mut [StepStats] {
        let found = self.segments[..self.n_segments].iter().position(|cells| cells.segment == segment);
        let index = found.unwrap_or_else(|| {
            if self.n_segments == self.segments.len() {
                self.segments.push(SegmentCells { segment, steps: Vec::new() });
                self.segments[self.n_segments].steps.resize_with(self.n_steps, StepStats::default);
            }
            self.segments[self.n_segments].segment = segment;
            self.n_segments += 1;
            self.n_segments - 1
        });
        &mut self.segments[index].steps
    }

    /// Segments and steps in which something was measured.
    pub fn cells(&self) -> impl Iterator<Item = (Segment, u16, &StepStats)> {
        self.segments[..self.n_segments].iter().flat_map(|cells| {
            let steps = cells.steps.iter().enumerate().filter(|(_, stats)| !stats.is_empty());
            steps.map(|(step, stats)| (cells.segment, step as u16, stats))
        })
    }

    pub fn merge(&mut self, other: &Self) {
        self.n_due += other.n_due;
        self.n_started += other.n_started;
        self.n_dropped += other.n_dropped;
        self.n_completed += other.n_completed;
        self.n_sent += other.n_sent;
        self.n_users += other.n_users;
        self.n_in_flight += other.n_in_flight;
        self.n_connections += other.n_connections;
        self.in_flight_time += other.in_flight_time;
        self.unread_time += other.unread_time;
        self.service_time_total += other.service_time_total;
        self.thread = self.thread.plus(&other.thread);
        self.start_lag.merge(&other.start_lag);
        for (segment, step, stats) in other.cells() {
            self.segment(segment)[usize::from(step)].merge(stats);
        }
    }

    /// Empties everything and keeps the memory.
    pub fn clear(&mut self) {
        self.cells_mut().filter(|stats| !stats.is_empty()).for_each(StepStats::clear);
        self.start_lag.clear();
        self.n_segments = 0;
        (self.n_due, self.n_started, self.n_dropped) = (0, 0, 0);
        (self.n_completed, self.n_sent) = (0, 0);
        (self.n_users, self.n_in_flight, self.n_connections) = (0, 0, 0);
        (self.in_flight_time, self.unread_time) = (Duration::ZERO, Duration::ZERO);
        self.service_time_total = Duration::ZERO;
        self.thread = ThreadTimes::default();
    }

    fn cells_mut(&mut self) -> impl Iterator<Item = &mut StepStats> {
        self.segments[..self.n_segments].iter_mut().flat_map(|cells| &mut cells.steps)
    }
}
