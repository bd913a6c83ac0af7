//! The queue in real time: a thread of its own wakes at the moment at which the next answer is due.
//!
//! The runtime's own timers round up to the next millisecond, which would be a twentieth of a service time of 20 ms.

use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;
use tokio::sync::oneshot;

use super::line::{Line, Refusal, Served};
use super::{QueueOptions, draws::QueueDraw};

/// Where requests of the queue come to; its thread ends when this is dropped.
pub(in crate::sandbox) struct Desk {
    shared: Arc<Shared>,
    pub(super) options: QueueOptions,
}

struct Shared {
    state: Mutex<State>,
    /// Rung when the thread has to wake earlier than it thinks.
    bell: Condvar,
}

struct State {
    line: Line,
    /// When the first request came, from which the queue's clock counts.
    began: Option<Instant>,
    callers: HashMap<u64, oneshot::Sender<Served>>,
    alarms: BinaryHeap<Alarm>,
    /// When the thread wakes by itself; none while it sleeps until the bell.
    wakes_at: Option<Instant>,
    /// Emptied by whoever fills it; kept for its room.
    done: Vec<Served>,
    is_closed: bool,
}

/// Somebody who wants to be woken; the earliest is the greatest.
struct Alarm {
    at: Instant,
    sleeper: oneshot::Sender<()>,
}

/// A request that was let in.
pub(super) struct Place {
    n: u64,
    pub draw: QueueDraw,
    answer: oneshot::Receiver<Served>,
    shared: Arc<Shared>,
    is_served: bool,
}

/// A request that was not let in, and when it may hear of it.
pub(super) struct Refused {
    pub why: Refusal,
    pub told_at: Instant,
}

/// What the queue counts.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct QueueStats {
    received: u64,
    answered: u64,
    cached: u64,
    refused_429: u64,
    refused_503: u64,
    given_up: u64,
    waiting: usize,
    busy: usize,
    workers: usize,
    ceiling_per_sec: f64,
}

impl Desk {
    pub fn open(options: QueueOptions, seed: u64) -> std::io::Result<Self> {
        let state = State {
            line: Line::new(options.clone(), seed),
            began: None,
            callers: HashMap::new(),
            alarms: BinaryHeap::new(),
            wakes_at: None,
            done: Vec::new(),
            is_closed: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), bell: Condvar::new() });
        let keeper = Arc::clone(&shared);
        std::thread::Builder::new().name("queue".to_owned()).spawn(move || keeper.keep_time())?;
        Ok(Self { shared, options })
    }

    /// Takes a request in.
    pub(super) fn arrive(&self) -> Result<Place, Refused> {
        let mut state = self.shared.lock();
        let now = Instant::now();
        let began = *state.began.get_or_insert(now);
        state.settle(now);
        let clock = now - began;
        let (n, arrival) = state.line.arrive(clock);
        let draw = match arrival {
            Ok(draw) => draw,
            Err(why) => return Err(Refused { why, told_at: began + state.line.next_word(clock) }),
        };
        let (caller, answer) = oneshot::channel();
        state.callers.insert(n, caller);
        self.shared.ring_if_late(&state);
        Ok(Place { n, draw, answer, shared: Arc::clone(&self.shared), is_served: false })
    }

    /// Wakes its caller at a moment; at once when it is over.
    pub(super) fn alarm(&self, at: Instant) -> oneshot::Receiver<()> {
        let (sleeper, woken) = oneshot::channel();
        if at <= Instant::now() {
            // Its receiver is at hand.
            let _ = sleeper.send(());
            return woken;
        }
        let mut state = self.shared.lock();
        state.alarms.push(Alarm { at, sleeper });
        self.shared.ring_if_late(&state);
        woken
    }

    pub fn stats(&self) -> QueueStats {
        let mut state = self.shared.lock();
        state.settle(Instant::now());
        let counts = state.line.counts;
        QueueStats {
            received: counts.received,
            answered: counts.answered,
            cached: counts.cached,
            refused_429: counts.over_limit,
            refused_503: counts.turned_away,
            given_up: counts.given_up,
            waiting: state.line.n_waiting(),
            busy: counts.busy,
            workers: self.options.n_workers,
            ceiling_per_sec: self.options.truth().ceiling_per_sec(),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.bell.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring_if_late(&self, state: &State) {
        let due = state.next_due();
        if due.is_some_and(|due| state.wakes_at.is_none_or(|wakes_at| due < wakes_at)) {
            self.bell.notify_one();
        }
    }

    /// What the thread does.
    fn keep_time(&self) {
        wake_promptly();
        let mut state = self.lock();
        while !state.is_closed {
            let now = Instant::now();
            state.settle(now);
            state.wakes_at = state.next_due();
            state = match state.wakes_at {
                None => self.bell.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let waited = self.bell.wait_timeout(state, at.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl State {
    /// Tells everybody what is due.
    fn settle(&mut self, now: Instant) {
        if let Some(began) = self.began {
            self.line.advance(now.saturating_duration_since(began), &mut self.done);
        }
        for served in self.done.drain(..) {
            // Who has gone meanwhile does not hear it.
            let _ = self.callers.remove(&served.n).map(|caller| caller.send(served));
        }
        while self.alarms.peek().is_some_and(|alarm| alarm.at <= now) {
            let _ = self.alarms.pop().map(|alarm| alarm.sleeper.send(()));
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let next_end = self.began.zip(self.line.next_end()).map(|(began, end)| began + end);
        let next_alarm = self.alarms.peek().map(|alarm| alarm.at);
        [next_end, next_alarm].into_iter().flatten().min()
    }
}

impl Place {
    /// Waits for the work to be done; none when the desk closes before.
    pub async fn served(mut self) -> Option<Served> {
        let served = (&mut self.answer).await.ok();
        self.is_served = true;
        served
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_served {
            let mut state = self.shared.lock();
            state.callers.remove(&self.n);
            state.line.give_up(self.n);
        }
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.at.cmp(&self.at)
    }
}

/// Asks the system to wake this thread on time; up to 50 µs later is Linux's default.
fn wake_promptly() {
    #[cfg(target_os = "linux")]
    {
        // A refusal leaves things as they were.
        let _ = rustix::thread::set_current_timer_slack(std::num::NonZero::new(1));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::ServiceTimes;
    use super::super::draws::draw;
    use super::*;

    /// How long something may take that has nothing to wait for.
    const SOON: Duration = Duration::from_secs(5);

    fn one_thread() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn an_idle_worker_takes_its_drawn_time_to_well_below_a_millisecond() {
        let options = QueueOptions { n_workers: 8, ..QueueOptions::default() };
        let desk = Desk::open(options.clone(), 3).unwrap();
        let mut lateness: Vec<Duration> = one_thread().block_on(async {
            let mut late = Vec::new();
            for _ in 0..20 {
                let asked = Instant::now();
                let places: Vec<Place> = (0..8).map(|_| desk.arrive().ok().unwrap()).collect();
                for place in places {
                    let n = place.n;
                    let served = place.served().await.unwrap();
                    let drawn = options.service_time.mul_f64(draw(options.service, 3, n).work);
                    assert_eq!((served.waited, served.worked), (Duration::ZERO, drawn));
                    late.push(asked.elapsed().saturating_sub(drawn));
                }
            }
            late
        });
        lateness.sort();
        // Of those eight the later ones are asked for late themselves; a busy machine holds up a part of the rest.
        assert!(lateness[lateness.len() / 10] < Duration::from_micros(500), "{lateness:?}");
    }

    #[test]
    fn an_alarm_wakes_at_its_moment_and_a_past_one_at_once() {
        let desk = Desk::open(QueueOptions::default(), 1).unwrap();
        one_thread().block_on(async {
            let start = Instant::now();
            let later = desk.alarm(start + Duration::from_millis(30));
            let sooner = desk.alarm(start + Duration::from_millis(10));
            sooner.await.unwrap();
            assert!((Duration::from_millis(10)..SOON).contains(&start.elapsed()));
            later.await.unwrap();
            assert!((Duration::from_millis(30)..SOON).contains(&start.elapsed()));
            desk.alarm(start).await.unwrap();
        });
    }

    #[test]
    fn who_goes_away_leaves_the_line() {
        let options = QueueOptions {
            n_workers: 1,
            service_time: Duration::from_millis(5),
            service: ServiceTimes::Constant,
            ..QueueOptions::default()
        };
        let desk = Desk::open(options, 1).unwrap();
        let first = desk.arrive().ok().unwrap();
        let second = desk.arrive().ok().unwrap();
        let third = desk.arrive().ok().unwrap();
        drop(second);
        let served = one_thread().block_on(third.served()).unwrap();
        assert_eq!((served.n, served.at), (2, Duration::from_millis(10)));
        assert!(one_thread().block_on(first.served()).is_some());
        let stats = desk.stats();
        assert_eq!((stats.received, stats.answered, stats.given_up), (3, 2, 1));
        assert_eq!((stats.waiting, stats.busy), (0, 0));
    }

    #[test]
    fn a_desk_that_closes_lets_nobody_wait_for_ever() {
        let desk =
            Desk::open(QueueOptions { service_time: SOON * 10, ..QueueOptions::default() }, 1).unwrap();
        let shared = Arc::downgrade(&desk.shared);
        let place = desk.arrive().ok().unwrap();
        drop(desk);
        drop(place);
        let start = Instant::now();
        while shared.strong_count() > 0 {
            assert!(start.elapsed() < SOON, "the thread goes on");
            std::thread::yield_now();
        }
    }
}
