//! A worker's own measurements, and their way to the collector: nothing here is shared per request.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::time::Duration;

use super::batch::{Batch, Sample, SecondCells, WorkerEnd};
use super::errors::FailedAt;
use super::thread_times::ThreadTimes;
use super::traffic::WorkerTraffic;
use crate::metrics::{ErrorExemplar, Outcome};

const HALF_A_HAND_OVER: Duration = Duration::from_millis(50);

/// Collects what one worker measures; times count from the start of the run.
pub(super) struct Recorder {
    batch: Batch,
    /// An empty batch that could not be used last time.
    spare: Option<Batch>,
    outbox: Outbox,
    complete_before: u32,
    n_users: u32,
    n_in_flight: u32,
    n_connections: u32,
    n_abandoned: u64,
    n_lost_users: u32,
    /// Up to when requests in flight are integrated.
    integrated_to: Duration,
    /// Iterations whose real starts are kept.
    sampled: Range<u64>,
    thread: ThreadTimes,
}

/// A worker's way to the collector, and back for empty batches.
pub(super) struct Outbox {
    pub to_collector: SyncSender<Batch>,
    pub emptied: Receiver<Batch>,
}

impl Recorder {
    /// Keeps the real starts of the `sampled` iterations.
    pub fn new(worker: usize, n_steps: usize, sampled: Range<u64>, outbox: Outbox) -> Self {
        Self {
            batch: Batch::new(worker, n_steps),
            spare: None,
            outbox,
            complete_before: 0,
            n_users: 0,
            n_in_flight: 0,
            n_connections: 0,
            n_abandoned: 0,
            n_lost_users: 0,
            integrated_to: Duration::ZERO,
            sampled,
            thread: ThreadTimes::default(),
        }
    }

    /// Begins to measure the calling thread.
    pub fn begin(&mut self) {
        self.thread = ThreadTimes::now();
    }

    /// The second of a moment, or the first that is still open: an answer may have come in a second that was over
    /// before it was read.
    fn second_of(&mut self, at: Duration) -> &mut SecondCells {
        self.batch.second((at.as_secs() as u32).max(self.complete_before))
    }

    /// An iteration of the open model was due.
    pub fn due(&mut self, intended: Duration) {
        self.second_of(intended).n_due += 1;
    }

    /// No virtual user was free for a due iteration.
    pub fn dropped(&mut self, intended: Duration) {
        self.second_of(intended).n_dropped += 1;
    }

    pub fn iteration_started(&mut self, iteration: u64, at: Duration) {
        self.second_of(at).n_started += 1;
        if self.sampled.contains(&iteration) {
            self.batch.starts.push((iteration, at));
        }
    }

    pub fn iteration_completed(&mut self, at: Duration) {
        self.second_of(at).n_completed += 1;
    }

    pub fn sent(&mut self, at: Duration, start_lag: Duration) {
        self.integrate_to(at);
        self.n_in_flight += 1;
        let cells = self.second_of(at);
        cells.n_sent += 1;
        cells.start_lag.record(start_lag);
    }

    pub fn finished(&mut self, at: Duration, sample: &Sample) {
        self.integrate_to(at);
        self.n_in_flight -= 1;
        // Until it was read, the answer passed for being on its way.
        let unread_time = self.integrated_to - at;
        let cells = self.second_of(at);
        cells.unread_time += unread_time;
        cells.record(sample);
    }

    /// A request was given up before it ended.
    pub fn abandoned(&mut self, at: Duration) {
        self.integrate_to(at);
        self.n_in_flight -= 1;
        self.n_abandoned += 1;
    }

    /// Adds up how many requests were in flight for how long, second by second.
    fn integrate_to(&mut self, at: Duration) {
        // Stamps of one task may be a little older than those of another.
        while self.integrated_to < at {
            let next_second = Duration::from_secs(self.integrated_to.as_secs() + 1);
            let until = at.min(next_second);
            let stretch = until - self.integrated_to;
            let from = self.integrated_to;
            if self.n_in_flight > 0 {
                let in_flight_time = stretch * self.n_in_flight;
                self.second_of(from).in_flight_time += in_flight_time;
            }
            self.integrated_to = until;
        }
    }

    /// Notes what the transport has now.
    pub fn note_levels(&mut self, n_connections: u32) {
        self.n_connections = n_connections;
    }

    /// Puts the processor time since the last hand-over to the second in whose course most of it was used.
    fn note_thread(&mut self, now: Duration) {
        let times = ThreadTimes::now();
        let used = times.since(&self.thread);
        self.thread = times;
        let cells = self.second_of(now.saturating_sub(HALF_A_HAND_OVER));
        cells.thread = cells.thread.plus(&used);
    }

    pub fn error(
        &mut self,
        step: u16,
        outcome: Outcome,
        signature: &str,
        at: Duration,
        exemplar: impl FnOnce() -> ErrorExemplar,
    ) {
        let failed_at = FailedAt { at, second: self.second_of(at).second };
        self.batch.errors.record(step, outcome, signature, failed_at, exemplar);
    }

    pub fn user_came(&mut self) {
        self.n_users += 1;
    }

    /// Returns how many are left.
    pub fn user_left(&mut self) -> u32 {
        self.n_users -= 1;
        self.n_users
    }

    /// A fault of the program ended a user.
    pub fn user_lost(&mut self) {
        self.n_lost_users += 1;
    }

    pub fn n_users(&self) -> u32 {
        self.n_users
    }

    /// Offers everything so far to the collector; where it has no room, the next hand-over brings it all.
    pub fn hand_over(&mut self, now: Duration) {
        self.integrate_to(now);
        self.note_thread(now);
        self.complete_seconds_before(now.as_secs() as u32);
        self.batch.n_users = self.n_users;
        self.batch.n_in_flight = self.n_in_flight;
        let empty = self.spare.take().or_else(|| self.outbox.emptied.try_recv().ok());
        let empty = empty.unwrap_or_else(|| Batch::new(self.batch.worker, self.batch.n_steps()));
        let full = std::mem::replace(&mut self.batch, empty);
        if let Err(TrySendError::Full(refused) | TrySendError::Disconnected(refused)) =
            self.outbox.to_collector.try_send(full)
        {
            self.spare = Some(std::mem::replace(&mut self.batch, refused));
        }
    }

    /// The levels at the end of each second are noted once, when it is over.
    fn complete_seconds_before(&mut self, second: u32) {
        for completed in self.complete_before..second {
            let (n_users, n_in_flight) = (self.n_users, self.n_in_flight);
            let n_connections = self.n_connections;
            let cells = self.batch.second(completed);
            (cells.n_users, cells.n_in_flight) = (n_users, n_in_flight);
            cells.n_connections = n_connections;
        }
        self.complete_before = second;
        self.batch.complete_before = second;
    }

    /// Gives the last batch what was set aside of the traffic.
    pub fn carry(&mut self, traffic: WorkerTraffic) {
        self.batch.traffic = Some(traffic);
    }

    /// Hands the last batch over, waiting for room.
    pub fn end(&mut self, now: Duration, aborted: bool) {
        self.integrate_to(now);
        self.note_thread(now);
        self.complete_seconds_before(now.as_secs() as u32);
        (self.batch.n_users, self.batch.n_in_flight) = (self.n_users, self.n_in_flight);
        let (n_abandoned, n_lost_users) = (self.n_abandoned, self.n_lost_users);
        self.batch.ended = Some(WorkerEnd { at: now, n_abandoned, n_lost_users, aborted });
        let empty = Batch::new(self.batch.worker, 0);
        // A collector that is gone has nobody to tell.
        let _ = self.outbox.to_collector.send(std::mem::replace(&mut self.batch, empty));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A recorder, and where its batches arrive, as far as there is room; none is given back.
    fn recorder(room: usize) -> (Recorder, Receiver<Batch>) {
        let (to_collector, batches) = mpsc::sync_channel(room);
        let (_, emptied) = mpsc::sync_channel(1);
        (Recorder::new(0, 1, 0..0, Outbox { to_collector, emptied }), batches)
    }

    #[test]
    fn a_collector_without_room_gets_everything_later() {
        let (mut recorder, batches) = recorder(1);
        let at = Duration::from_millis;
        for n in 0..30 {
            recorder.iteration_started(n, at(n * 100 + 50));
            recorder.user_came();
            recorder.hand_over(at(n * 100 + 100));
        }
        let started = |batch: &Batch| -> Vec<_> {
            batch.seconds().iter().map(|cells| (cells.second, cells.n_started, cells.n_users)).collect()
        };
        let first = batches.recv().unwrap();
        assert_eq!((started(&first), first.complete_before), (vec![(0, 1, 0)], 0));
        recorder.hand_over(at(3_100));
        let rest = batches.recv().unwrap();
        assert_eq!(started(&rest)[..3], [(0, 9, 10), (1, 10, 20), (2, 10, 30)]);
        assert_eq!((rest.complete_before, rest.n_users), (3, 30));
    }

    #[test]
    fn a_request_is_in_flight_until_its_answer_came_however_late_it_is_read() {
        let (mut recorder, batches) = recorder(2);
        let at = Duration::from_millis;
        recorder.sent(at(100), Duration::ZERO);
        recorder.sent(at(120), Duration::ZERO);
        recorder.hand_over(at(200));
        for end in [130, 150] {
            recorder.finished(at(end), &Sample::lasting(at(30)));
        }
        recorder.hand_over(at(300));
        let counted = |batch: &Batch| {
            let cells = &batch.seconds()[0];
            (cells.in_flight_time, cells.unread_time, cells.service_time_total)
        };
        assert_eq!(counted(&batches.recv().unwrap()), (at(180), Duration::ZERO, Duration::ZERO));
        assert_eq!(counted(&batches.recv().unwrap()), (Duration::ZERO, at(120), at(60)));
    }

    #[test]
    fn an_answer_that_came_in_a_second_that_is_over_counts_in_the_next() {
        let (mut recorder, batches) = recorder(2);
        recorder.iteration_started(0, Duration::from_millis(900));
        recorder.hand_over(Duration::from_millis(1_001));
        recorder.iteration_completed(Duration::from_millis(999));
        recorder.hand_over(Duration::from_millis(1_100));
        let completed = |batch: Batch| -> Vec<_> {
            batch.seconds().iter().map(|cells| (cells.second, cells.n_completed)).collect()
        };
        assert_eq!(completed(batches.recv().unwrap()), [(0, 0)]);
        assert_eq!(completed(batches.recv().unwrap()), [(1, 1)]);
    }
}
