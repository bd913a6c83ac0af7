//! The closed model: a set number of virtual users; each starts again when it is done.
//!
//! A user whose time is over finishes its iteration as it would have, within the graceful stop.

use std::{rc::Rc, time::Duration};

use tokio::task::coop::consume_budget;

use super::iteration::{VirtualUser, walk};
use super::transport::Transport;
use super::worker::{UNKNOWN, Worker};
use crate::model::{Plan, PlannedStart, UserWindow};

/// Spawns this worker's share of the users beyond the first `n_spawned` of all; returns how many there are now.
pub(super) fn spawn_users<T: Transport>(worker: &Rc<Worker<T>>, n_spawned: u32) -> u32 {
    let stripe = worker.stripe;
    let n_users = worker.job.most_of(worker.plan().peak_users()).max(n_spawned);
    for user_index in n_spawned..n_users {
        if user_index as usize % stripe.n_workers == stripe.worker {
            worker.spawn(live(Rc::clone(worker), user_index));
        }
    }
    n_users
}

async fn live<T: Transport>(worker: Rc<Worker<T>>, user_index: u32) {
    let mut user = VirtualUser::new(worker.timers.seat(), u64::from(user_index));
    user.reseed(worker.job.seed, u64::from(user_index));
    let mut next_iteration = u64::from(user_index);
    let mut wait = None;
    loop {
        // Still at its last iteration when it should be back: it is ready only then.
        let window = worker.plan().user_window_after(user_index, user.busy_until().max(worker.now()));
        let start = window.map_or(UNKNOWN, |window| window.start);
        if worker.pause_once(&user, start).await {
            continue;
        }
        let Some(window) = window.filter(|window| window.start < worker.load_end()) else { return };
        worker.user_came();
        let _presence = worker.presence();
        let back = user.busy_until().max(window.start);
        let first = wait.and_then(|wait: Wait| wait.over(&worker.plan(), window.start)).unwrap_or(back);
        wait = iterate(&worker, &mut user, &mut next_iteration, Stay { user_index, window }, first).await;
        if worker.load_end() <= worker.now() {
            return;
        }
    }
}

/// A user's stretch of the run, as the plan has it now.
#[derive(Clone, Copy)]
pub(super) struct Stay {
    user_index: u32,
    window: UserWindow,
}

impl Stay {
    /// Takes over the end that a changed plan gives the stretch; none of it is left where the plan lost it.
    // Looked up from the stretch's start, not from now: a worker that learns of a pause when it is over must not
    // start what fell into the pause.
    pub fn follow(&mut self, plan: &Plan) {
        let start = self.window.start;
        let same = plan.user_window_after(self.user_index, start).filter(|window| window.start <= start);
        self.window.end = same.map_or(start, |window| window.end);
    }

    /// When what is in flight is given up; a pause is no reason to.
    pub fn leave_by(&self, plan: &Plan) -> Duration {
        let mut end = self.window.end;
        loop {
            let Some(resumed) = plan.after(end, Duration::ZERO) else { return Duration::MAX };
            let back = (resumed > end).then(|| plan.user_window_after(self.user_index, resumed)).flatten();
            match back.filter(|window| window.start <= resumed) {
                Some(window) => end = window.end,
                None => return resumed.saturating_add(plan.graceful_stop()),
            }
        }
    }
}

/// What a user was waiting for when its stay ended.
#[derive(Clone, Copy)]
struct Wait {
    from: Duration,
    length: Duration,
    /// The end of the stay.
    left_at: Duration,
}

impl Wait {
    /// When it is over for a user that is back at `start`; nothing unless it was a pause that ended the stay. Without
    /// that all users would start at once when a pause is over.
    fn over(self, plan: &Plan, start: Duration) -> Option<Duration> {
        let resumed = plan.after(self.left_at, Duration::ZERO)?;
        let was_paused = self.left_at < resumed && start <= resumed;
        was_paused.then(|| plan.after(self.from, self.length)).flatten().map(|over| over.max(start))
    }
}

/// Iterates until the user's window or the load ends; returns what it was waiting for then. The first iteration is
/// meant to start at `intended`.
async fn iterate<T: Transport>(
    worker: &Worker<T>,
    user: &mut VirtualUser<T::Session>,
    next_iteration: &mut u64,
    mut stay: Stay,
    mut intended: Duration,
) -> Option<Wait> {
    let (mut from, mut length) = (intended, Duration::ZERO);
    let mut plan_version = worker.plan_version();
    loop {
        if worker.plan_version() != plan_version {
            plan_version = worker.plan_version();
            stay.follow(&worker.plan());
        }
        if worker.pause_once(user, intended.min(stay.window.end)).await {
            continue;
        }
        if intended >= stay.window.end || intended >= worker.load_end() {
            return Some(Wait { from, length, left_at: stay.window.end });
        }
        // Requests that fail at once never wait, and would leave no turn to anybody else.
        consume_budget().await;
        let assignment = worker.assign(PlannedStart { iteration: *next_iteration, intended });
        if !worker.take_turns(assignment, user.turns()) {
            return None;
        }
        *next_iteration += 1;
        user.leave_after(stay, &worker.plan());
        // A paced user that is still at the iteration before is late, but not because of the generator.
        let ready = intended.max(user.busy_until());
        // Out of time: what was in flight is abandoned.
        let end = walk(worker, user, assignment, ready).await?;
        let journey = &worker.job.journeys[assignment.journey];
        (from, length) = match journey.pacing {
            Some(pacing) => (intended, pacing),
            None => (end, user.draw_pause(&journey.pause)),
        };
        // While it is paused by then, only a changed plan can tell.
        intended = worker.after(from, length).unwrap_or(UNKNOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::scenario;
    use crate::model::{LoadModel, PlanChange, PlanChangeKind};

    const SECOND: Duration = Duration::from_secs(1);

    /// The end of the first user's stay from the start on, once `changes` are known.
    fn check(changes: &[(u32, PlanChangeKind)], end: Duration) {
        let mut plan = Plan::new(&scenario(LoadModel::Closed, &[(0, 1.0), (10, 1.0)], &["/"]), 1.0);
        let mut stay = Stay { user_index: 0, window: plan.user_window_after(0, Duration::ZERO).unwrap() };
        assert_eq!(stay.window.end, 10 * SECOND);
        for (at, kind) in changes {
            plan.apply(&PlanChange { at: SECOND * *at, kind: kind.clone() });
        }
        stay.follow(&plan);
        assert_eq!(stay.window.end, end, "{changes:?}");
    }

    #[test]
    fn a_stay_ends_with_a_pause_even_if_that_is_known_only_when_it_is_over() {
        let (pause, resume) = ((3, PlanChangeKind::Pause), (5, PlanChangeKind::Resume));
        check(std::slice::from_ref(&pause), 3 * SECOND);
        check(&[pause, resume], 3 * SECOND);
        check(&[(3, PlanChangeKind::ExtendStage(SECOND))], 11 * SECOND);
        check(&[(3, PlanChangeKind::SkipStage)], 3 * SECOND);
        check(&[(0, PlanChangeKind::SkipStage)], Duration::ZERO);
    }
}
