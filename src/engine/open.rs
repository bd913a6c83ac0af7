//! The open model: iterations start on the plan's timetable, whatever the answers do.

use std::cell::{Cell, RefCell};
use std::task::{Poll, Waker};
use std::{future::poll_fn, rc::Rc, time::Duration};

use super::feeders::Turn;
use super::iteration::{Assignment, VirtualUser, walk};
use super::job::Stripe;
use super::transport::Transport;
use super::worker::Worker;
use crate::model::{LoadModel, StartClock};

/// Starts this worker's share of the planned iterations.
pub(super) struct Pacer<'a, T> {
    worker: &'a Rc<Worker<T>>,
    planned: StartClock,
    /// Seats whose user is waiting.
    free: Rc<RefCell<Vec<Rc<Seat>>>>,
    n_seats: u32,
    max_seats: u32,
}

/// Where a waiting virtual user gets its next iteration; tasks live on, so that starting one allocates nothing.
#[derive(Default)]
struct Seat {
    /// Among those of all workers.
    number: u32,
    /// For the iteration that is next.
    turns: RefCell<Vec<Turn>>,
    next: Cell<Option<Assignment>>,
    waker: Cell<Option<Waker>>,
}

impl<'a, T: Transport> Pacer<'a, T> {
    /// Has nothing to start under the closed model.
    pub fn new(worker: &'a Rc<Worker<T>>) -> Self {
        let stripe = worker.stripe;
        let max_users = match worker.plan().model() {
            LoadModel::Open { max_users, .. } => *max_users,
            LoadModel::Closed => 0,
        };
        let planned = StartClock::striped(&worker.plan(), stripe.worker as u64, stripe.n_workers as u64);
        Self { worker, planned, free: Rc::default(), n_seats: 0, max_seats: stripe.share_of(max_users) }
    }

    /// Starts every iteration that is due, each with its own intended start; returns when the next one is.
    pub fn start_due(&mut self, now: Duration) -> Option<Duration> {
        let load_end = self.worker.load_end();
        loop {
            let next = self.planned.peek(&self.worker.plan()).filter(|due| due.intended <= load_end);
            let Some(due) = next.filter(|due| due.intended <= now) else {
                return next.map(|due| due.intended);
            };
            let seat = self.take_seat();
            let assignment = self.worker.assign(due);
            if let Some(seat) = &seat
                && !self.worker.take_turns(assignment, &mut seat.turns.borrow_mut())
            {
                // The load ended before it: it is not due any more.
                self.free.borrow_mut().push(Rc::clone(seat));
                return None;
            }
            self.planned.advance();
            self.worker.recorder.borrow_mut().due(due.intended);
            match seat {
                Some(seat) => {
                    // Busy from now on, not from when its task runs: the drain must wait for it.
                    self.worker.user_came();
                    seat.assign(assignment);
                }
                None => self.worker.recorder.borrow_mut().dropped(due.intended),
            }
        }
    }

    fn take_seat(&mut self) -> Option<Rc<Seat>> {
        if let Some(seat) = self.free.borrow_mut().pop() {
            return Some(seat);
        }
        if self.n_seats == self.max_seats {
            return None;
        }
        let Stripe { worker, n_workers } = self.worker.stripe;
        let number = self.n_seats * n_workers as u32 + worker as u32;
        if self.worker.job.most_of(number + 1) <= number {
            return None;
        }
        self.n_seats += 1;
        let seat = Rc::new(Seat { number, ..Seat::default() });
        self.worker.spawn(serve(Rc::clone(self.worker), Rc::clone(&seat), Rc::clone(&self.free)));
        Some(seat)
    }
}

impl Seat {
    fn assign(&self, assignment: Assignment) {
        self.next.set(Some(assignment));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn next(&self) -> Assignment {
        poll_fn(|context| match self.next.take() {
            Some(assignment) => Poll::Ready(assignment),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

/// One virtual user: walks the iterations that its seat is given.
async fn serve<T: Transport>(worker: Rc<Worker<T>>, seat: Rc<Seat>, free: Rc<RefCell<Vec<Rc<Seat>>>>) {
    let mut user = VirtualUser::new(worker.timers.seat(), u64::from(seat.number));
    loop {
        let assignment = seat.next().await;
        let due = assignment.planned;
        let presence = worker.presence();
        // Which user gets an iteration depends on the answers; what it draws must not.
        user.reseed(worker.job.seed, due.iteration);
        std::mem::swap(user.turns(), &mut seat.turns.borrow_mut());
        walk(&worker, &mut user, assignment, due.intended).await;
        free.borrow_mut().push(Rc::clone(&seat));
        drop(presence);
    }
}
