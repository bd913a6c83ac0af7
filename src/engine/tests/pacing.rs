//! Paced users, and what is asked of a clock by users who pause, in virtual time.

use super::simulation::{MS, SECOND, Simulation, ok_after, steps};
use crate::engine::testing::scenario;
use crate::metrics::Outcome;
use crate::model::{LoadModel, Scenario, Shape};
use std::time::Duration;

/// Users that are there from the start, each meant to begin an iteration once a second.
fn paced(n_users: f64, seconds: u64) -> Scenario {
    let mut described = scenario(LoadModel::Closed, &[(seconds, n_users)], &["/"]);
    described.load.stages[0].shape = Shape::Step;
    described.journeys[0].pacing = Some(SECOND);
    described
}

#[tokio::test(start_paused = true)]
async fn paced_users_start_on_the_beat_however_long_they_took() {
    let simulated = Simulation::of(paced(1.0, 10))
        .run(|_, sent| ok_after(if sent.as_secs().is_multiple_of(2) { 900 * MS } else { 5 * MS }))
        .await;
    let beats: Vec<Duration> = (0..10).map(|n| SECOND * n).collect();
    assert_eq!(simulated.sends, beats);
    assert_eq!(simulated.start_lag().max(), Some(Duration::from_micros(1)));
}

#[tokio::test(start_paused = true)]
async fn a_late_iteration_starts_at_once_and_its_response_time_tells_the_wait() {
    // The first takes 3.5 s: three beats are missed, and made up for one after the other.
    let simulated = Simulation::of(paced(1.0, 6))
        .run(|_, sent| ok_after(if sent < SECOND { 3_500 * MS } else { 100 * MS }))
        .await;
    assert_eq!(simulated.sends, [0, 3_500, 3_600, 3_700, 4_000, 5_000].map(Duration::from_millis));
    let total = simulated.total();
    // Intended at 1 s, ended at 3.6 s.
    assert!(total.response_time.quantile(0.8).unwrap().abs_diff(2_600 * MS) < 3 * MS);
    assert!(total.service_time.quantile(0.8).unwrap().abs_diff(100 * MS) < MS);
    // It was the target that kept the user from its beats, not the generator.
    assert!(simulated.start_lag().max().unwrap() <= MS);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_gave_a_request_up_after_its_time_was_away_until_then() {
    let mut described = steps(scenario(LoadModel::Closed, &[(2, 1.0), (1, 0.0), (6, 1.0)], &["/"]));
    described.load.graceful_stop = 3 * SECOND;
    described.timeout = 60 * SECOND;
    let simulated = Simulation::of(described)
        .run(|_, sent| ok_after(if sent < SECOND { 50 * SECOND } else { SECOND }))
        .await;
    // Its first time ended at 2 s, the request at 5 s; its second time began at 3 s.
    assert_eq!(simulated.sends[..3], [0, 5_000, 6_000].map(Duration::from_millis));
    assert_eq!(simulated.n_abandoned(), 1);
    assert!(simulated.start_lag().max().unwrap() <= 2 * MS, "{:?}", simulated.start_lag().max());
    assert!(simulated.total().response_time.max().unwrap() < 1_010 * MS);
}

#[tokio::test(start_paused = true)]
async fn users_of_a_ramp_keep_the_beat_of_their_own_beginning() {
    let mut described = paced(4.0, 4);
    described.load.stages[0].shape = Shape::Ramp;
    let simulated = Simulation::of(described).run(|_, _| ok_after(MS)).await;
    // User j comes at j + 0.5 s.
    let starts = [500, 1_500, 1_500, 2_500, 2_500, 2_500, 3_500, 3_500, 3_500, 3_500];
    assert_eq!(simulated.sends, starts.map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_on_its_moment_and_leaves_the_next_beat_alone() {
    let mut described = paced(1.0, 3);
    described.timeout = 1_200 * MS;
    let simulated = Simulation::of(described).run(|_, _| ok_after(60 * SECOND)).await;
    assert_eq!(simulated.sends, [0, 1_200, 2_400].map(Duration::from_millis));
    let total = simulated.total();
    assert_eq!(total.counters.n_of(Outcome::Timeout), 3);
    assert!(total.error_time.min().unwrap().abs_diff(1_200 * MS) < 2 * MS);
}
