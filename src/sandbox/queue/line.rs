//! The queue itself, without clock or network: who waits, who is worked on, who is refused. Moments come from outside.
//!
//! A worker takes the next request at the moment at which it ends the one before, however late anybody looks: what
//! a busy machine adds to one answer does not add up, and the capacity is exact.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::QueueOptions;
use super::draws::{QueueDraw, draw};
use super::pauses::Pauses;

/// All requests of the queue.
pub(super) struct Line {
    options: QueueOptions,
    seed: u64,
    pauses: Pauses,
    waiting: VecDeque<Waiting>,
    /// What workers and cache are at, the earliest end first; with its number, so that ends at one moment have an order.
    under_way: BinaryHeap<Reverse<(Duration, u64, UnderWay)>>,
    /// The second of the clock that is counted, and how many requests were let in in it.
    second: (u64, u64),
    pub counts: LineCounts,
}

/// How many requests there were and are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineCounts {
    pub received: u64,
    pub answered: u64,
    /// Of the answered, by the cache.
    pub cached: u64,
    pub over_limit: u64,
    pub turned_away: u64,
    /// Left by their clients while they waited.
    pub given_up: u64,
    pub busy: usize,
}

struct Waiting {
    n: u64,
    /// In working time, as all that follows.
    arrived: Duration,
    draw: QueueDraw,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct UnderWay {
    arrived: Duration,
    begun: Duration,
    by_worker: bool,
}

/// A request whose work is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Served {
    /// Number within the queue, from 0.
    pub n: u64,
    /// On the clock.
    pub at: Duration,
    /// For a worker, pauses left out.
    pub waited: Duration,
    /// By a worker or the cache, pauses left out.
    pub worked: Duration,
    pub from_cache: bool,
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    OverLimit,
    Full,
}

impl Line {
    pub fn new(options: QueueOptions, seed: u64) -> Self {
        Self {
            pauses: Pauses(options.faults.stall),
            options,
            seed,
            waiting: VecDeque::new(),
            under_way: BinaryHeap::new(),
            second: (0, 0),
            counts: LineCounts::default(),
        }
    }

    pub fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes a request in at a moment of the clock, up to which the queue has been [advanced](Self::advance): its number,
    /// and its draw, or why not.
    pub fn arrive(&mut self, clock: Duration) -> (u64, Result<QueueDraw, Refusal>) {
        let n = self.counts.received;
        self.counts.received += 1;
        if self.is_over_limit(clock) {
            self.counts.over_limit += 1;
            return (n, Err(Refusal::OverLimit));
        }
        let drawn = draw(self.options.service, self.seed, n);
        let now = self.pauses.working_at(clock);
        let hit = self.options.cache.filter(|cache| drawn.popularity < cache.hit_ratio);
        if let Some(cache) = hit {
            let fetched = UnderWay { arrived: now, begun: now, by_worker: false };
            self.under_way.push(Reverse((now + cache.latency, n, fetched)));
        } else if self.counts.busy < self.options.n_workers {
            self.counts.busy += 1;
            self.begin(&Waiting { n, arrived: now, draw: drawn }, now);
        } else if self.options.faults.max_waiting.is_some_and(|most| self.waiting.len() >= most) {
            self.counts.turned_away += 1;
            return (n, Err(Refusal::Full));
        } else {
            self.waiting.push_back(Waiting { n, arrived: now, draw: drawn });
        }
        (n, Ok(drawn))
    }

    /// Works on until a moment of the clock, and tells what was done until then, in order.
    pub fn advance(&mut self, clock: Duration, done: &mut Vec<Served>) {
        let now = self.pauses.working_at(clock);
        while self.under_way.peek().is_some_and(|Reverse((end, ..))| *end <= now) {
            let Some(Reverse((end, n, work))) = self.under_way.pop() else { break };
            self.counts.answered += 1;
            done.push(Served {
                n,
                at: self.pauses.clock_at(end),
                waited: work.begun - work.arrived,
                worked: end - work.begun,
                from_cache: !work.by_worker,
            });
            match self.waiting.pop_front_if(|_| work.by_worker) {
                Some(next) => self.begin(&next, end),
                None if work.by_worker => self.counts.busy -= 1,
                None => self.counts.cached += 1,
            }
        }
    }

    /// The moment of the clock at which the next request is done.
    pub fn next_end(&self) -> Option<Duration> {
        self.under_way.peek().map(|Reverse((end, ..))| self.pauses.clock_at(*end))
    }

    /// When somebody who is refused now hears of it: at once, unless everything has stopped.
    pub fn next_word(&self, clock: Duration) -> Duration {
        self.pauses.clock_at(self.pauses.working_at(clock))
    }

    /// Its client has gone: a request that waits leaves the line. A worker does not notice.
    pub fn give_up(&mut self, n: u64) {
        if let Ok(place) = self.waiting.binary_search_by_key(&n, |waiting| waiting.n) {
            self.waiting.remove(place);
            self.counts.given_up += 1;
        }
    }

    fn begin(&mut self, request: &Waiting, now: Duration) {
        let service = self.options.service_time.mul_f64(request.draw.work * self.slowness(now));
        let work = UnderWay { arrived: request.arrived, begun: now, by_worker: true };
        self.under_way.push(Reverse((now + service, request.n, work)));
    }

    /// How many times longer the work takes that begins at this working time.
    fn slowness(&self, now: Duration) -> f64 {
        let secs = now.as_secs_f64();
        let start = self.options.faults.slow_start.map_or(1.0, |start| {
            let left = 1.0 - secs / start.lasts.as_secs_f64();
            1.0 + (start.times - 1.0) * left.max(0.0)
        });
        start * (1.0 + self.options.faults.growth_per_sec * secs)
    }

    fn is_over_limit(&mut self, clock: Duration) -> bool {
        let Some(limit) = self.options.faults.limit_per_sec else { return false };
        if self.second.0 != clock.as_secs() {
            self.second = (clock.as_secs(), 0);
        }
        self.second.1 += 1;
        self.second.1 > limit
    }
}

#[cfg(test)]
mod tests;
