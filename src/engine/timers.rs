//! Who waits for what on one worker: pauses of its users, and the deadlines of their requests.
//!
//! Both ring through the worker's alarm. A deadline is one number per user and costs a store per request: all of
//! them are looked through a few times a second, and at the moment of the earliest.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::{future::Future, time::Duration};

use pin_project_lite::pin_project;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::alarm::Alarm;

/// How often deadlines are looked through, at least and at most.
const LOOK_EVERY: u64 = 100_000_000;
const LOOK_AGAIN_AFTER: u64 = 1_000_000;

const NEVER: u64 = u64::MAX;
/// Stands in place of a deadline that has passed.
const PASSED: u64 = 0;

/// The waiting of one worker; moments are nanoseconds since the start of the run.
pub(super) struct Timers {
    alarm: Alarm,
    started_at: Instant,
    /// Moments at which pauses end, each with its user's seat.
    pauses: RefCell<BinaryHeap<Reverse<(u64, Seat)>>>,
    seats: RefCell<Vec<Waiting>>,
    next_look: Cell<u64>,
}

/// A user's place among those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat(u32);

struct Waiting {
    deadline: u64,
    pausing: bool,
    waker: Option<Waker>,
}

impl Timers {
    pub fn new(alarm: Alarm, started_at: Instant) -> Self {
        Self {
            alarm,
            started_at,
            pauses: RefCell::default(),
            seats: RefCell::default(),
            next_look: Cell::new(NEVER),
        }
    }

    /// A place for one more user.
    pub fn seat(&self) -> Seat {
        let mut seats = self.seats.borrow_mut();
        seats.push(Waiting { deadline: NEVER, pausing: false, waker: None });
        Seat((seats.len() - 1) as u32)
    }

    /// Waits for the start of the run.
    pub async fn start(&self) {
        while Instant::now() < self.started_at {
            self.alarm.set(self.started_at);
            self.alarm.ring().await;
        }
    }

    pub fn now(&self) -> Duration {
        self.since_start(Instant::now())
    }

    pub fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started_at)
    }

    /// Waits until `at`, or until [`end_pauses`](Self::end_pauses).
    pub fn pause(&self, seat: Seat, at: Duration) -> PauseUntil<'_> {
        PauseUntil { timers: self, seat, at: nanos(at), begun: false }
    }

    /// What `future` comes to, or nothing if it does not by `deadline`.
    pub fn within<F: Future>(&self, seat: Seat, deadline: Duration, future: F) -> Within<'_, F> {
        Within { timers: self, seat, deadline: nanos(deadline), begun: false, future }
    }

    /// Wakes everybody who pauses.
    pub fn end_pauses(&self) {
        let ended = self.pauses.take();
        for Reverse((_, seat)) in ended {
            self.end_pause(seat);
        }
    }

    /// Wakes everybody whose moment has come; returns the next moment, if there is one.
    pub fn fire(&self, now: Duration) -> Option<Duration> {
        let now = nanos(now);
        while let Some(seat) = self.next_pause_by(now) {
            self.end_pause(seat);
        }
        if self.next_look.get() <= now {
            self.look_through_deadlines(now);
        }
        let next_pause = self.pauses.borrow().peek().map_or(NEVER, |Reverse((at, _))| *at);
        let next = next_pause.min(self.next_look.get());
        (next < NEVER).then(|| Duration::from_nanos(next))
    }

    /// Makes the alarm ring at `at` at the latest.
    pub fn set_alarm(&self, at: Duration) {
        self.alarm.set(self.started_at + at);
    }

    /// See [`Alarm::lead`].
    pub fn lead(&self) -> Duration {
        self.alarm.lead()
    }

    /// Waits out the last stretch before `at`, if it is no longer than the lead, while others get their turn.
    pub async fn wait_out(&self, at: Duration) {
        loop {
            let left = at.saturating_sub(self.now());
            if left.is_zero() || left > self.lead() {
                return;
            }
            yield_now().await;
        }
    }

    /// Waits until the alarm rings.
    pub async fn ring(&self) {
        self.alarm.ring().await;
    }

    fn next_pause_by(&self, now: u64) -> Option<Seat> {
        let mut pauses = self.pauses.borrow_mut();
        let due = pauses.peek().is_some_and(|Reverse((at, _))| *at <= now);
        due.then(|| pauses.pop()).flatten().map(|Reverse((_, seat))| seat)
    }

    fn end_pause(&self, seat: Seat) {
        let mut seats = self.seats.borrow_mut();
        let waiting = &mut seats[seat.0 as usize];
        waiting.pausing = false;
        let waker = waiting.waker.clone();
        drop(seats);
        waker.inspect(Waker::wake_by_ref);
    }

    fn look_through_deadlines(&self, now: u64) {
        let mut next = NEVER;
        for waiting in self.seats.borrow_mut().iter_mut().filter(|waiting| waiting.deadline != PASSED) {
            if waiting.deadline <= now {
                waiting.deadline = PASSED;
                waiting.waker.iter().for_each(Waker::wake_by_ref);
            } else {
                next = next.min(waiting.deadline);
            }
        }
        let soonest = now + LOOK_AGAIN_AFTER;
        self.next_look.set(if next == NEVER {
            NEVER
        } else {
            next.clamp(soonest, soonest.max(now + LOOK_EVERY))
        });
    }

    fn set_deadline(&self, seat: Seat, deadline: u64) {
        self.seats.borrow_mut()[seat.0 as usize].deadline = deadline;
        if deadline < self.next_look.get() {
            self.next_look.set(deadline);
            self.alarm.set(self.started_at + Duration::from_nanos(deadline));
        }
    }

    fn clear_deadline(&self, seat: Seat) {
        self.seats.borrow_mut()[seat.0 as usize].deadline = NEVER;
    }

    fn keep_waker(&self, seat: Seat, context: &Context<'_>) {
        let mut seats = self.seats.borrow_mut();
        let kept = &mut seats[seat.0 as usize].waker;
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(context.waker())) {
            *kept = Some(context.waker().clone());
        }
    }
}

fn nanos(at: Duration) -> u64 {
    u64::try_from(at.as_nanos()).unwrap_or(NEVER).max(PASSED + 1)
}

/// See [`Timers::pause`].
pub(super) struct PauseUntil<'a> {
    timers: &'a Timers,
    seat: Seat,
    at: u64,
    begun: bool,
}

impl Future for PauseUntil<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let timers = self.timers;
        timers.keep_waker(self.seat, context);
        if self.begun {
            let pausing = timers.seats.borrow()[self.seat.0 as usize].pausing;
            return if pausing { Poll::Pending } else { Poll::Ready(()) };
        }
        self.begun = true;
        timers.seats.borrow_mut()[self.seat.0 as usize].pausing = true;
        timers.pauses.borrow_mut().push(Reverse((self.at, self.seat)));
        timers.alarm.set(timers.started_at + Duration::from_nanos(self.at));
        Poll::Pending
    }
}

pin_project! {
    /// See [`Timers::within`].
    pub(super) struct Within<'a, F> {
        timers: &'a Timers,
        seat: Seat,
        deadline: u64,
        begun: bool,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Within<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(context) {
            this.timers.clear_deadline(*this.seat);
            return Poll::Ready(Some(output));
        }
        if !*this.begun {
            *this.begun = true;
            this.timers.keep_waker(*this.seat, context);
            this.timers.set_deadline(*this.seat, *this.deadline);
        } else if this.timers.seats.borrow()[this.seat.0 as usize].deadline == PASSED {
            this.timers.clear_deadline(*this.seat);
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Fires whatever is due until `future` is ready.
    async fn run<T>(timers: &Timers, future: impl Future<Output = T>) -> T {
        let firing = async {
            loop {
                if let Some(next) = timers.fire(timers.now()) {
                    timers.set_alarm(next);
                }
                timers.ring().await;
            }
        };
        tokio::select! {
            output = future => output,
            () = firing => unreachable!("fires for ever"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_end_in_their_order_and_on_time() {
        let timers = Timers::new(Alarm::coarse(), Instant::now());
        let (early, late) = (timers.seat(), timers.seat());
        let ends = RefCell::new(Vec::new());
        let pause = async |seat, secs| {
            timers.pause(seat, SECOND * secs).await;
            ends.borrow_mut().push(timers.now());
        };
        run(&timers, async { tokio::join!(pause(late, 3), pause(early, 1)) }).await;
        assert_eq!(*ends.borrow(), [SECOND, SECOND * 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_passes_at_its_moment_and_only_if_the_work_is_not_done() {
        let timers = Timers::new(Alarm::coarse(), Instant::now());
        let seat = timers.seat();
        let work = |secs| tokio::time::sleep(SECOND * secs);
        run(&timers, async {
            assert_eq!(timers.within(seat, SECOND * 5, work(1)).await, Some(()));
            assert_eq!(timers.within(seat, SECOND * 4, work(60)).await, None);
            assert_eq!(timers.now(), SECOND * 4);
            // One that passed long ago leaves no trace.
            assert_eq!(timers.within(seat, SECOND * 60, work(1)).await, Some(()));
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_can_be_ended_together() {
        let timers = Timers::new(Alarm::coarse(), Instant::now());
        let seat = timers.seat();
        let pausing = timers.pause(seat, SECOND * 100);
        let ending = async {
            tokio::time::sleep(SECOND).await;
            timers.end_pauses();
        };
        run(&timers, async { tokio::join!(pausing, ending) }).await;
        assert_eq!(timers.now(), SECOND);
    }
}
