//! One iteration: a virtual user walks through a journey's steps.
//!
//! A failed step does not end the iteration; a step whose variable was not extracted does, unsent.

use std::pin::pin;
use std::time::Duration;

use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::time::{Instant, sleep};

use super::batch::Sample;
use super::checks::Fault;
use super::closed::Stay;
use super::exemplar::exemplar;
use super::feeders::Turn;
use super::job::{PreparedJourney, PreparedStep};
use super::pause::Pause;
use super::request::{Filling, Unsendable, Values};
use super::timers::Seat;
use super::transport::{Exchange, Ready, Transport};
use super::worker::Worker;
use crate::metrics::{ErrorExemplar, Outcome};
use crate::model::{Plan, PlannedStart, Side};

/// An iteration that sent nothing takes this long: without a pause its user would do nothing but start others.
const UNSENT_PAUSE: Duration = Duration::from_millis(100);

/// An independent simulated client.
pub(super) struct VirtualUser<S> {
    session: S,
    /// The side whose session that is.
    side: Side,
    /// The session with the other side, once there is one: neither sees the other's cookies.
    other: Option<Box<S>>,
    seat: Seat,
    random: Xoshiro256PlusPlus,
    /// Among those of all workers.
    number: u64,
    /// With the feeders of its next journey.
    turns: Vec<Turn>,
    /// Values taken out of answers and feeders; each iteration begins anew.
    values: Values,
    busy_until: Duration,
    leave: Leave,
}

/// When a user gives up what is still in flight; never under the open model.
struct Leave {
    by: Duration,
    stay: Option<Stay>,
}

impl Leave {
    /// Whether the plan, as it is by now, lets the user go on.
    fn is_later(&mut self, plan: &Plan) -> bool {
        let Some(stay) = &mut self.stay else { return false };
        stay.follow(plan);
        let before = std::mem::replace(&mut self.by, stay.leave_by(plan));
        before < self.by
    }
}

/// An iteration that is to be walked.
#[derive(Clone, Copy)]
pub(super) struct Assignment {
    pub planned: PlannedStart,
    /// Index of the journey.
    pub journey: usize,
}

impl<S: Default> VirtualUser<S> {
    /// Takes up the session with a side where it left it.
    fn turn_to(&mut self, side: Side) {
        if self.side != side {
            self.side = side;
            std::mem::swap(&mut self.session, self.other.get_or_insert_default());
        }
    }

    pub fn new(seat: Seat, number: u64) -> Self {
        Self {
            session: S::default(),
            side: Side::Baseline,
            other: None,
            seat,
            random: Xoshiro256PlusPlus::seed_from_u64(0),
            number,
            turns: Vec::new(),
            values: Values::new(),
            busy_until: Duration::ZERO,
            leave: Leave { by: Duration::MAX, stay: None },
        }
    }
}

impl<S> VirtualUser<S> {
    /// Makes what is drawn from here on depend on the seed and the index only.
    pub fn reseed(&mut self, seed: u64, index: u64) {
        // An odd multiplier keeps neighbouring seeds from sharing each other's users.
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(index);
        self.random = Xoshiro256PlusPlus::seed_from_u64(mixed);
    }

    /// Its turns with the feeders of the journey that it walks next.
    pub fn turns(&mut self) -> &mut Vec<Turn> {
        &mut self.turns
    }

    /// Begins an iteration with fresh values and the rows of its turns.
    fn begin(&mut self, journey: &PreparedJourney) -> Result<(), Unsendable> {
        self.values.clone_from(&journey.initial_values);
        for (feed, turn) in journey.feeds.iter().zip(&self.turns) {
            feed.fill(*turn, self.number, &mut self.random, &mut self.values)?;
        }
        Ok(())
    }

    pub fn seat(&self) -> Seat {
        self.seat
    }

    /// What is in flight some time after the stay is given up.
    pub fn leave_after(&mut self, stay: Stay, plan: &Plan) {
        self.leave = Leave { by: stay.leave_by(plan), stay: Some(stay) };
    }

    pub fn draw_pause(&mut self, pause: &Pause) -> Duration {
        pause.draw(&mut self.random)
    }

    /// When its last request ended, or was given up.
    pub fn busy_until(&self) -> Duration {
        self.busy_until
    }
}

/// Walks through an iteration; returns when the last request ended, or nothing
/// if it was given up, or not sent any more. From `ready` on nothing but the generator holds the first request back.
pub(super) async fn walk<T: Transport>(
    worker: &Worker<T>,
    user: &mut VirtualUser<T::Session>,
    assignment: Assignment,
    mut ready: Duration,
) -> Option<Duration> {
    let PlannedStart { iteration, mut intended } = assignment.planned;
    let journey = &worker.job.journeys[assignment.journey];
    user.turn_to(journey.side);
    let begun = user.begin(journey);
    let mut end = Duration::ZERO;
    for (position, step) in journey.steps.iter().enumerate() {
        if position > 0 {
            let wait = user.draw_pause(&journey.pause);
            // A pause of the plan holds the request back: it is to be sent when its user's wait has gone on after it.
            intended = worker.think(user, end, wait).await?;
            ready = intended;
        }
        let sent_at = Instant::now();
        if position == 0 {
            worker.recorder.borrow_mut().iteration_started(iteration, worker.timers.since_start(sent_at));
        }
        let mut filling = Filling::new(&user.values, &mut user.random);
        let request = match &begun {
            Ok(()) => worker.transport.ready(&mut user.session, &step.request, &mut filling),
            Err(Unsendable(reason)) => Err(Unsendable(reason.clone())),
        };
        end = match request {
            Ok(request) => send(worker, step, request, Stamps { intended, ready, sent_at }, user).await?,
            Err(unsendable) => {
                note_unsent(worker, step, &unsendable);
                if position == 0 {
                    sleep(UNSENT_PAUSE).await;
                }
                user.busy_until = worker.now();
                return Some(user.busy_until);
            }
        };
        user.busy_until = end;
    }
    worker.recorder.borrow_mut().iteration_completed(end);
    Some(end)
}

/// When a request was to be sent, and when it was.
struct Stamps {
    intended: Duration,
    /// From when on nothing but the generator held it back.
    ready: Duration,
    sent_at: Instant,
}

/// A request in flight; one that is dropped before its end was abandoned.
struct InFlight<'a, T> {
    worker: &'a Worker<T>,
    finished: bool,
}

impl<T> Drop for InFlight<'_, T> {
    fn drop(&mut self) {
        if !self.finished {
            self.worker.recorder.borrow_mut().abandoned(self.worker.now());
        }
    }
}

/// Sends one request, judges its answer and records both; returns when it ended, or nothing if it was given up.
async fn send<T: Transport>(
    worker: &Worker<T>,
    step: &PreparedStep,
    request: T::Ready<'_>,
    Stamps { intended, ready, sent_at }: Stamps,
    user: &mut VirtualUser<T::Session>,
) -> Option<Duration> {
    let sent = worker.timers.since_start(sent_at);
    worker.recorder.borrow_mut().sent(sent, sent.saturating_sub(ready));
    let mut in_flight = InFlight { worker, finished: false };
    let key = worker.transport.lookup_key(&user.session, &request);
    let wish = worker.traffic.borrow_mut().wish(step.index, key, sent);
    let timeout = sent.saturating_add(step.timeout);
    let leave = &mut user.leave;
    let exchange = {
        let mut exchanged =
            pin!(worker.transport.exchange(&mut user.session, &request, sent_at, wish.is_any()));
        loop {
            match worker.timers.within(user.seat, timeout.min(leave.by), exchanged.as_mut()).await {
                Some(exchange) => break exchange,
                None if timeout <= leave.by => break Exchange::timed_out(request.n_bytes()),
                None if leave.is_later(&worker.plan()) => {}
                None => {
                    user.busy_until = worker.now();
                    return None;
                }
            }
        }
    };
    in_flight.finished = true;
    let end = worker.timers.since_start(exchange.ended);
    let service_time = end.saturating_sub(sent);
    let fault = match &exchange.answer {
        Ok(answer) => step.expectations.judge(answer, service_time, &mut user.values).err(),
        Err(failure) => Some(Fault { outcome: failure.outcome, signature: (&*failure.signature).into() }),
    };
    if let (true, Ok(answer)) = (wish.is_any(), &exchange.answer) {
        worker.traffic.borrow_mut().take(step.index, wish, sent, answer);
    }
    let mut recorder = worker.recorder.borrow_mut();
    let sample = Sample {
        segment: worker.segment_of(intended),
        step: step.index,
        outcome: fault.as_ref().map_or(Outcome::Ok, |fault| fault.outcome),
        status: exchange.answer.as_ref().ok().map(|answer| answer.status),
        response_time: end.saturating_sub(intended),
        service_time,
        traffic: exchange.traffic,
    };
    recorder.finished(end, &sample);
    if let Some(fault) = fault {
        let secrets = &worker.job.secrets;
        let signature = secrets.masked(&fault.signature);
        recorder.error(step.index, fault.outcome, &signature, end, || {
            let glimpse = worker.transport.glimpse(&user.session, &request, &exchange);
            exemplar(&request.line(), &exchange, &glimpse, end, secrets)
        });
    }
    Some(end)
}

/// A step that could not be sent is no request, but must be seen.
fn note_unsent<T>(worker: &Worker<T>, step: &PreparedStep, unsendable: &Unsendable) {
    let at = worker.now();
    let why = worker.job.secrets.masked(&unsendable.0);
    worker.recorder.borrow_mut().error(step.index, Outcome::Check, &why, at, || ErrorExemplar {
        at,
        request: "not sent".to_owned(),
        detail: format!("{why}; the iteration ended here"),
        ..ErrorExemplar::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::alarm::Alarm;
    use crate::engine::timers::Timers;

    #[tokio::test]
    async fn a_user_has_a_session_of_its_own_with_each_side() {
        let timers = Timers::new(Alarm::coarse(), Instant::now());
        let mut user = VirtualUser::<Vec<&str>>::new(timers.seat(), 0);
        user.session.push("of the baseline");
        user.turn_to(Side::Candidate);
        assert!(user.session.is_empty());
        user.session.push("of the candidate");
        user.turn_to(Side::Baseline);
        user.turn_to(Side::Baseline);
        assert_eq!(user.session, ["of the baseline"]);
        user.turn_to(Side::Candidate);
        assert_eq!(user.session, ["of the candidate"]);
    }
}
