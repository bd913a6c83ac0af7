//! What a pause does to users between two requests, in virtual time.

use std::time::Duration;

use super::simulation::{MS, SECOND, Simulated, Simulation, ok_after, steps};
use crate::engine::testing::{open, scenario};
use crate::model::PlanChangeKind::{Pause, Resume};
use crate::model::{LoadModel, Scenario, ThinkTime};

const PAUSED_AT: Duration = Duration::from_millis(3_010);
const PAUSE: Duration = SECOND.saturating_mul(2);
/// What timers add up to in the course of a user's iterations.
const GRAIN: Duration = Duration::from_millis(40);

/// Two requests with 700 ms between them.
fn two_steps(model: LoadModel, level: f64) -> Scenario {
    let mut described = steps(scenario(model, &[(10, level)], &["/a", "/b"]));
    described.journeys[0].think_time = ThinkTime::Fixed(700 * MS);
    described
}

async fn run(described: Scenario, n_workers: usize, is_paused: bool) -> Simulated {
    let simulation = Simulation::of(described).on_workers(n_workers);
    let simulation = if is_paused {
        simulation.changed_at(PAUSED_AT, Pause).changed_at(PAUSED_AT + PAUSE, Resume)
    } else {
        simulation
    };
    simulation.run(|_, _| ok_after(5 * MS)).await
}

/// A run with a pause is the run without, with the pause put in between.
async fn check_nothing_is_lost(described: Scenario) {
    for n_workers in [1, 2] {
        let whole = run(described.clone(), n_workers, false).await;
        let paused = run(described.clone(), n_workers, true).await;
        let moved = |sent: &Duration| if *sent <= PAUSED_AT { *sent } else { *sent + PAUSE };
        let expected: Vec<_> = whole.sends.iter().map(moved).collect();
        assert_eq!(paused.sends.len(), expected.len());
        for (sent, expected) in paused.sends.iter().zip(&expected) {
            assert!(sent.abs_diff(*expected) <= GRAIN, "{sent:?} instead of {expected:?}");
            let is_held = (PAUSED_AT + MS..PAUSED_AT + PAUSE).contains(sent);
            assert!(!is_held, "sent at {sent:?}, during the pause");
        }
        let slowest = paused.total().response_time.max().unwrap();
        assert!(slowest <= 50 * MS, "no pause is in any response time: {slowest:?}");
        assert!(paused.start_lag().max().unwrap() <= 2 * MS);
        assert_eq!(paused.n_abandoned(), 0);
        assert_eq!(paused.sum(|load| load.n_completed), whole.sum(|load| load.n_completed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_between_two_steps_holds_its_next_request_until_the_resumption() {
    check_nothing_is_lost(two_steps(open(100), 10.0)).await;
    check_nothing_is_lost(two_steps(LoadModel::Closed, 10.0)).await;
}

#[tokio::test(start_paused = true)]
async fn users_take_up_their_wait_between_iterations_where_it_stopped() {
    let mut described = steps(scenario(LoadModel::Closed, &[(10, 7.0)], &["/"]));
    described.journeys[0].think_time = ThinkTime::Uniform { min: 300 * MS, max: 900 * MS };
    check_nothing_is_lost(described.clone()).await;
    described.journeys[0].pacing = Some(450 * MS);
    check_nothing_is_lost(described).await;
}

#[tokio::test(start_paused = true)]
async fn a_held_request_is_not_given_up_for_a_pause_longer_than_the_graceful_stop() {
    let mut described = two_steps(LoadModel::Closed, 3.0);
    described.load.graceful_stop = Duration::ZERO;
    let simulation = Simulation::of(described).changed_at(2_900 * MS, Pause);
    let simulated = simulation.changed_at(60 * SECOND, Resume).run(|_, _| ok_after(300 * MS)).await;
    assert_eq!(simulated.sends.iter().filter(|sent| **sent > 60 * SECOND).count(), 3 * 7, "one each second");
    assert!(simulated.total().response_time.max().unwrap() <= 350 * MS);
    assert!(simulated.n_abandoned() <= 3, "only at the very end");
}

#[tokio::test(start_paused = true)]
async fn two_pauses_within_one_wait_hold_the_request_for_both() {
    let simulation = Simulation::of(two_steps(open(10), 1.0));
    let changes = [(600, Pause), (1_600, Resume), (1_700, Pause), (2_700, Resume)];
    let simulation =
        changes.into_iter().fold(simulation, |run, (millis, kind)| run.changed_at(MS * millis, kind));
    let simulated = simulation.run(|_, _| ok_after(5 * MS)).await;
    let second = simulated.sends[1];
    assert!(second.abs_diff(3_205 * MS) <= 5 * MS, "{second:?}: 100 ms before, 100 between, 500 after");
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_pause_sends_nothing_more() {
    for model in [open(100), LoadModel::Closed] {
        let simulation = Simulation::of(two_steps(model, 10.0)).on_workers(2);
        let simulation = simulation.changed_at(PAUSED_AT, Pause).stopped_at(5 * SECOND);
        let simulated = simulation.run(|_, _| ok_after(5 * MS)).await;
        assert!(simulated.sends.iter().all(|sent| *sent <= PAUSED_AT + MS));
        assert!(simulated.ended_at() <= 5_010 * MS, "{:?}", simulated.ended_at());
        assert_eq!(simulated.n_abandoned(), 0, "nothing was in flight");
    }
}
