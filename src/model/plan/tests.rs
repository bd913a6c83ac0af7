//! The plan as described, and as changed.

use super::*;
use crate::model::{Journey, LoadProfile, Stage, Step, Window};

pub(super) fn scenario(model: LoadModel, stages: &[(u64, f64)], weights: &[u32]) -> Scenario {
    let stage = |(index, (seconds, end_level)): (usize, &(u64, f64))| Stage {
        name: format!("stage {index}"),
        duration: Duration::from_secs(*seconds),
        end_level: *end_level,
        shape: Shape::Ramp,
    };
    let load = LoadProfile {
        model,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: stages.iter().enumerate().map(stage).collect(),
    };
    let journey =
        |weight: &u32| Journey { weight: *weight, steps: vec![Step::get("s", "/")], ..Journey::new("j") };
    Scenario { journeys: weights.iter().map(journey).collect(), ..Scenario::new("s", "sandbox:", load) }
}

fn start(iteration: u64) -> PlannedStart {
    PlannedStart { iteration, intended: Duration::ZERO }
}

#[test]
fn a_trapezoid_starts_exactly_its_area() {
    let plan = Plan::new(&scenario(LoadModel::open(), &[(10, 200.0), (10, 200.0), (10, 0.0)], &[1]), 1.0);
    let starts: Vec<_> = plan.intended_starts().collect();
    assert_eq!(starts.len(), 4_000);
    assert_eq!(plan.n_planned_iterations(), Some(4_000));
    assert!(starts.is_sorted());
    let in_first = starts.iter().filter(|start| **start < Duration::from_secs(10)).count();
    assert_eq!(in_first, 1_000);
    assert_eq!(plan.n_planned_before(Duration::from_secs(10)), Some(1_000));
}

#[test]
fn each_start_is_the_inverse_of_the_area() {
    let plan = Plan::new(&scenario(LoadModel::open(), &[(7, 31.0), (3, 5.0), (4, 90.0)], &[1]), 1.0);
    for (n, start) in plan.intended_starts().enumerate() {
        let area = plan.area_at(start);
        assert!((area - (n as f64 + 0.5)).abs() < 1e-5, "iteration {n} at area {area}");
    }
}

#[test]
fn random_arrivals_repeat_with_their_seed_and_keep_the_rate() {
    let model = LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 10, seed: 7 };
    let plan = Plan::new(&scenario(model, &[(100, 200.0), (100, 200.0)], &[1]), 1.0);
    let starts: Vec<_> = plan.intended_starts().collect();
    assert_eq!(starts, plan.intended_starts().collect::<Vec<_>>());
    // 30,000 expected, standard deviation 173.
    assert!((29_000..31_000).contains(&starts.len()), "{}", starts.len());
}

#[test]
fn users_come_and_go_where_the_level_crosses_them() {
    let plan = Plan::new(&scenario(LoadModel::Closed, &[(10, 10.0), (10, 10.0), (10, 0.0)], &[1]), 1.0);
    assert_eq!(plan.peak_users(), 10);
    let windows = plan.user_windows(0);
    assert_eq!(
        windows,
        [UserWindow { start: Duration::from_millis(500), end: Duration::from_millis(29_500) }]
    );
    assert!(plan.user_windows(10).is_empty());
    for tenth in 0..300 {
        let time = Duration::from_millis(tenth * 100 + 50);
        let there = (0..10)
            .filter(|user| plan.user_windows(*user).iter().any(|w| w.start <= time && time < w.end))
            .count();
        assert_eq!(there as u32, plan.n_users_at(time), "at {time:?}");
    }
}

#[test]
fn journeys_keep_exact_shares_in_every_cycle() {
    let plan = Plan::new(&scenario(LoadModel::Closed, &[(1, 1.0)], &[6, 2, 4]), 1.0);
    let cycle: Vec<_> = (0..6).map(|n| plan.journey_of(start(n))).collect();
    let count = |journey| cycle.iter().filter(|j| **j == journey).count();
    assert_eq!([count(0), count(1), count(2)], [3, 1, 2]);
    assert_eq!(plan.journey_of(start(6)), plan.journey_of(start(0)));
}

#[test]
fn a_rest_or_a_jump_is_not_steady() {
    let mut described = scenario(LoadModel::Closed, &[(10, 10.0), (0, 10.0), (5, 0.0), (5, 0.0)], &[1]);
    described.load.stages[1].shape = Shape::Step;
    let plan = Plan::new(&described, 1.0);
    assert!(!plan.has_steady_stages());
    assert_eq!(plan.window_duration(&Window::Steady, plan.duration()), plan.duration());
}

#[test]
fn steady_means_holding_stages_after_the_warm_up() {
    let mut described = scenario(LoadModel::Closed, &[(10, 10.0), (10, 10.0), (10, 0.0)], &[1]);
    described.load.warm_up = Duration::from_secs(12);
    let plan = Plan::new(&described, 0.5);
    let seconds = |window: &Window| plan.window_duration(window, plan.duration()).as_secs_f64();
    assert_eq!(seconds(&Window::Run), 15.0);
    assert_eq!(seconds(&Window::Steady), 4.0);
    assert_eq!(seconds(&Window::Stage("stage 2".into())), 5.0);
    let segment = plan.segment_at(Duration::from_secs(7));
    assert_eq!(segment, Segment { stage: 1, warm_up: false });
    assert!(plan.window_contains(&Window::Steady, segment));
    assert!(!plan.window_contains(&Window::Steady, plan.segment_at(Duration::from_secs(5))));
    assert!(!plan.window_contains(&Window::Steady, plan.segment_at(Duration::from_secs(11))));
    let contains_after = |window: &Window| plan.window_contains(window, Segment::AFTER);
    assert!(contains_after(&Window::Run) && !contains_after(&Window::Steady));
}

#[test]
fn what_is_switched_off_is_not_planned() {
    let mut described = scenario(LoadModel::open(), &[(10, 2.0)], &[1, 1]);
    described.journeys[0].enabled = false;
    described.journeys[1].steps = ["a", "b", "c"].map(|name| Step::get(name, "/")).into();
    described.journeys[1].steps[1].enabled = false;
    let plan = Plan::new(&described, 1.0);
    assert!((0..10).all(|n| plan.journey_of(start(n)) == 1));
    assert_eq!((plan.n_planned_iterations(), plan.n_planned_requests()), (Some(10), Some(20)));
    let sent: Vec<(usize, &str)> =
        described.sent_steps().map(|(index, _, step)| (index, step.name.as_str())).collect();
    assert_eq!(sent, [(1, "a"), (3, "c")]);
}
