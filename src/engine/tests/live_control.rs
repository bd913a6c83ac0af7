//! Changes of the plan while its run goes on, in virtual time and over a real loopback connection.

use std::time::Duration;

use super::simulation::{MS, SECOND, Simulated, Simulation, check_sends_follow_the_plan, ok_after, steps};
use crate::engine::testing::{open, scenario};
use crate::model::PlanChangeKind::{self, ExtendStage, Pause, ReplaceFuture, Resume, SkipStage};
use crate::model::{LoadModel, Scenario, Shape, Stage, ThinkTime};

/// Evenly 20 arrivals per second, then 40, ten seconds each.
fn two_rates() -> Scenario {
    steps(scenario(open(100), &[(10, 20.0), (10, 40.0)], &["/"]))
}

/// Ten users for ten seconds, then four for ten more; each iterates about five times a second.
fn two_crowds() -> Scenario {
    let mut described = steps(scenario(LoadModel::Closed, &[(10, 10.0), (10, 4.0)], &["/"]));
    described.journeys[0].think_time = ThinkTime::Fixed(195 * MS);
    described
}

fn held(name: &str, seconds: u64, level: f64) -> Stage {
    Stage { name: name.to_owned(), duration: SECOND * seconds as u32, end_level: level, shape: Shape::Step }
}

async fn run(described: Scenario, n_workers: usize, changes: Vec<(u64, PlanChangeKind)>) -> Simulated {
    let start = Simulation::of(described).on_workers(n_workers);
    let simulation = changes
        .into_iter()
        .fold(start, |run, (millis, kind)| run.changed_at(Duration::from_millis(millis), kind));
    simulation.run(|_, _| ok_after(5 * MS)).await
}

/// Runs with one worker and with two: both start what the changed plan says, no more and no less.
async fn check_starts(changes: Vec<(u64, PlanChangeKind)>, n_expected: u64, load_end: Duration) {
    for n_workers in [1, 2] {
        let simulated = run(two_rates(), n_workers, changes.clone()).await;
        assert_eq!(simulated.sends.len() as u64, n_expected, "{changes:?}");
        assert_eq!(simulated.plan.n_planned_iterations(), Some(n_expected));
        assert_eq!(simulated.plan.load_end(), Some(load_end), "{changes:?}");
        check_sends_follow_the_plan(&simulated);
        assert_eq!(simulated.sum(|load| load.n_dropped), 0);
        let ended_at = simulated.ended_at();
        assert!((load_end..load_end + 20 * MS).contains(&ended_at), "{ended_at:?}");
    }
}

fn n_sent_between(simulated: &Simulated, from_millis: u64, to_millis: u64) -> usize {
    let stretch = Duration::from_millis(from_millis)..Duration::from_millis(to_millis);
    simulated.sends.iter().filter(|sent| stretch.contains(*sent)).count()
}

/// Users that were there at the end of each second.
fn users(simulated: &Simulated) -> Vec<u32> {
    simulated.intervals.iter().map(|interval| interval.load.n_users).collect()
}

#[tokio::test(start_paused = true)]
async fn arrivals_wait_through_a_pause_and_none_is_lost() {
    let changes = vec![(3_330, Pause), (7_770, Resume)];
    check_starts(changes.clone(), 600, Duration::from_millis(24_440)).await;
    let simulated = run(two_rates(), 1, changes).await;
    assert_eq!(n_sent_between(&simulated, 3_331, 7_770), 0);
    let asked: Vec<_> = simulated.intervals[3..8].iter().map(|interval| interval.load.asked_level).collect();
    assert_eq!(
        asked,
        [0.0, 0.0, 0.0, 0.0, 0.0],
        "the middles of these seconds are paused, the last by 270 ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_skipped_stage_starts_nothing_more() {
    check_starts(vec![(2_500, SkipStage)], 50 + 400, Duration::from_millis(12_500)).await;
    check_starts(vec![(2_500, SkipStage), (5_000, SkipStage)], 50 + 100, SECOND * 5).await;
}

#[tokio::test(start_paused = true)]
async fn an_extended_stage_holds_its_level_longer() {
    check_starts(vec![(2_500, ExtendStage(30 * SECOND))], 800 + 400, SECOND * 50).await;
    // In the last moment of the run, too.
    check_starts(vec![(19_990, ExtendStage(SECOND))], 600 + 40, SECOND * 21).await;
}

#[tokio::test(start_paused = true)]
async fn a_replaced_future_brings_exactly_its_own_arrivals() {
    let future = vec![held("higher", 5, 90.0), held("lower", 4, 10.0)];
    check_starts(vec![(9_000, ReplaceFuture(future))], 200 + 450 + 40, SECOND * 19).await;
}

#[tokio::test(start_paused = true)]
async fn changes_during_a_pause_count_from_its_end() {
    let changes = vec![
        (3_000, Pause),
        (4_000, ExtendStage(5 * SECOND)),
        (5_000, ReplaceFuture(vec![held("next", 2, 100.0)])),
        (6_000, Resume),
    ];
    check_starts(changes, 300 + 200, SECOND * 20).await;
    let skipped = vec![(3_000, Pause), (4_000, SkipStage), (6_000, Resume)];
    check_starts(skipped, 60 + 400, SECOND * 16).await;
}

#[tokio::test(start_paused = true)]
async fn many_changes_in_a_row_lose_no_arrival_on_a_ramp() {
    let described = scenario(open(100), &[(20, 60.0), (20, 0.0)], &["/"]);
    let changes = vec![
        (4_000, Pause),
        (4_050, Resume),
        (4_100, Pause),
        (9_000, Resume),
        (11_000, ExtendStage(10 * SECOND)),
        (30_000, ReplaceFuture(vec![held("end", 3, 33.0)])),
    ];
    for n_workers in [1, 2] {
        let simulated = run(described.clone(), n_workers, changes.clone()).await;
        check_sends_follow_the_plan(&simulated);
        assert!(simulated.sends.len() > 600, "{}", simulated.sends.len());
    }
}

#[tokio::test(start_paused = true)]
async fn users_leave_for_a_pause_and_come_back() {
    for n_workers in [1, 2] {
        let simulated = run(two_crowds(), n_workers, vec![(3_300, Pause), (6_700, Resume)]).await;
        // One that sends its last request as the pause begins ends it within the pause.
        assert_eq!(n_sent_between(&simulated, 3_310, 6_700), 0);
        // All were half-way through their think time when the pause began.
        assert_eq!(n_sent_between(&simulated, 6_700, 6_790), 0, "its rest comes after the pause");
        assert_eq!(n_sent_between(&simulated, 6_790, 6_830), 10);
        let users = users(&simulated);
        assert_eq!((&users[2..7], users[12], users[14]), (&[10, 0, 0, 0, 10][..], 10, 4), "{users:?}");
        assert_eq!(simulated.plan.load_end(), Some(Duration::from_millis(23_400)));
        // 140 seconds of users, 200 ms and the timer's grain an iteration, one more for each arrival.
        assert!((670..=714).contains(&simulated.sends.len()), "{}", simulated.sends.len());
    }
}

#[tokio::test(start_paused = true)]
async fn users_go_with_a_skipped_stage_and_stay_with_an_extended_one() {
    let skipped = run(two_crowds(), 2, vec![(3_300, SkipStage)]).await;
    assert_eq!(users(&skipped)[2..13], [10, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    assert!(skipped.ended_at() < Duration::from_millis(13_350));
    let extended = run(two_crowds(), 2, vec![(9_500, ExtendStage(4 * SECOND))]).await;
    let users = users(&extended);
    assert_eq!((&users[8..13], &users[14..16]), (&[10; 5][..], &[4; 2][..]), "{users:?}");
    assert_eq!(extended.plan.load_end(), Some(24 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_higher_level_in_the_future_brings_new_users() {
    let changes = vec![(2_000, ReplaceFuture(vec![held("crowd", 5, 30.0), held("few", 3, 1.0)]))];
    for n_workers in [1, 2] {
        let simulated = run(two_crowds(), n_workers, changes.clone()).await;
        let users = users(&simulated);
        assert_eq!((users[9], &users[10..14], &users[15..17]), (10, &[30; 4][..], &[1; 2][..]), "{users:?}");
        assert_eq!(simulated.plan.load_end(), Some(18 * SECOND));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_pause_ends_the_run() {
    for described in [two_rates(), two_crowds()] {
        let simulation = Simulation::of(described).on_workers(2);
        let simulation = simulation.changed_at(3 * SECOND, Pause).stopped_at(5 * SECOND);
        let simulated = simulation.run(|_, _| ok_after(5 * MS)).await;
        assert!((5_000 * MS..5_010 * MS).contains(&simulated.ended_at()), "{:?}", simulated.ended_at());
        assert_eq!(n_sent_between(&simulated, 3_001, 10_000), 0);
        assert_eq!(simulated.n_abandoned(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_is_waited_for_without_turning_in_circles() {
    for described in [two_rates(), two_crowds()] {
        let simulation = Simulation::of(described).changed_at(3 * SECOND, Pause);
        let simulated = simulation.changed_at(603 * SECOND, Resume).run(|_, _| ok_after(5 * MS)).await;
        assert_eq!(simulated.plan.load_end(), Some(620 * SECOND));
        assert_eq!(n_sent_between(&simulated, 3_010, 603_000), 0);
        assert!(simulated.ended_at() < 620 * SECOND + 20 * MS);
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_that_outlasts_a_whole_pause_starts_again_from_its_end() {
    let described = steps(scenario(LoadModel::Closed, &[(10, 1.0)], &["/"]));
    let simulation = Simulation::of(described).changed_at(3 * SECOND, Pause).changed_at(4 * SECOND, Resume);
    let simulated = simulation
        .run(|_, sent| ok_after(if sent > 2_500 * MS && sent < 3 * SECOND { 3 * SECOND } else { 900 * MS }))
        .await;
    let long = simulated.sends.iter().position(|sent| *sent > 2_500 * MS).unwrap();
    let (sent, next) = (simulated.sends[long], simulated.sends[long + 1]);
    assert!(next >= sent + 3 * SECOND && next <= sent + 3_010 * MS, "{sent:?}, then {next:?}");
    assert!(simulated.total().response_time.max().unwrap() <= 3_040 * MS, "no wait counts for the target");
    assert!(simulated.start_lag().max().unwrap() <= 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn an_extension_in_time_keeps_what_is_in_flight() {
    let mut described = steps(scenario(LoadModel::Closed, &[(5, 1.0)], &["/"]));
    described.load.graceful_stop = Duration::ZERO;
    let simulation = Simulation::of(described).changed_at(4_900 * MS, ExtendStage(10 * SECOND));
    let simulated = simulation
        .run(|_, sent| ok_after(if sent > 4 * SECOND && sent < 5 * SECOND { 3 * SECOND } else { 900 * MS }))
        .await;
    assert!(
        simulated.total().response_time.max().unwrap() >= 3 * SECOND,
        "what was sent before 5 s is answered"
    );
    assert_eq!(simulated.plan.load_end(), Some(15 * SECOND));
    assert_eq!((simulated.ended_at(), simulated.n_abandoned()), (15 * SECOND, 1), "only at the very end");
}
