//! The closed model: a set number of virtual users; each starts again when it is done.
//!
//! A user whose time is over finishes its iteration as it would have, within the graceful stop.

use std::{rc::Rc, time::Duration};

use tokio::task::{coop::consume_budget, spawn_local};
use tokio::time::timeout_at;

use super::iteration::{VirtualUser, walk};
use super::transport::Transport;
use super::worker::Worker;
use crate::model::UserWindow;

/// Spawns this worker's share of the users; none under the open model.
pub(super) fn spawn_users<T: Transport>(worker: &Rc<Worker<T>>) {
    let stripe = worker.stripe;
    for user_index in (0..worker.job.plan.peak_users()).skip(stripe.worker).step_by(stripe.n_workers) {
        spawn_local(live(Rc::clone(worker), user_index));
    }
}

async fn live<T: Transport>(worker: Rc<Worker<T>>, user_index: u32) {
    let plan = &worker.job.plan;
    let mut user = VirtualUser::default();
    user.reseed(worker.job.seed, u64::from(user_index));
    let mut next_iteration = u64::from(user_index);
    for window in plan.user_windows(user_index) {
        // Still at its last iteration when it should be back: it is ready only then.
        let ready = window.start.max(user.busy_until());
        worker.pause_until(window.start).await;
        if worker.load_end() <= window.start {
            return;
        }
        worker.user_came();
        let _presence = worker.presence();
        let deadline = worker.instant(window.end + plan.graceful_stop());
        let stay = iterate(&worker, &mut user, &mut next_iteration, ready, window);
        // Out of time: what is in flight is abandoned.
        let _ = timeout_at(deadline, stay).await;
    }
}

/// Iterates from `ready` on until the user's window or the load ends.
async fn iterate<T: Transport>(
    worker: &Worker<T>,
    user: &mut VirtualUser<T::Session>,
    next_iteration: &mut u64,
    ready: Duration,
    window: UserWindow,
) {
    let mut intended = ready;
    loop {
        worker.pause_until(intended.min(window.end)).await;
        if intended >= window.end || intended >= worker.load_end() {
            return;
        }
        // Requests that fail at once never wait, and would leave no turn to anybody else.
        consume_budget().await;
        let journey = worker.job.plan.journey_of(*next_iteration);
        *next_iteration += 1;
        let end = walk(worker, user, journey, intended).await;
        intended = end + user.draw_pause(&worker.job.journeys[journey].pause);
    }
}
