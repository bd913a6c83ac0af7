//! Two sides by turns, in virtual time: each iteration goes to the side that its intended start says.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::simulation::{MS, SECOND, Simulated, Simulation, check_sends_follow_the_plan, ok_after};
use crate::engine::testing::{open, scenario};
use crate::model::{Candidate, Interleave, LoadModel, Plan, PlanChangeKind, Scenario, Side, ThinkTime};

type Seen = Vec<(Duration, Side, String)>;

/// Blocks of two seconds.
fn interleaved(mut scenario: Scenario) -> Scenario {
    let candidate = Candidate::BaseUrl("http://candidate".to_owned());
    scenario.interleave = Some(Interleave { block: 2 * SECOND, ..Interleave::with(candidate) });
    scenario.interleaved()
}

/// When each request was sent, to which side, with its path; every answer takes 10 ms.
async fn run(simulation: Simulation) -> (Simulated, Seen) {
    let seen = Rc::new(RefCell::new(Seen::new()));
    let log = Rc::clone(&seen);
    let simulated = simulation
        .run(move |request, sent| {
            let is_candidate = request.url.host_str() == Some("candidate");
            let side = if is_candidate { Side::Candidate } else { Side::Baseline };
            log.borrow_mut().push((sent, side, request.url.path().to_owned()));
            ok_after(10 * MS)
        })
        .await;
    (simulated, seen.take())
}

fn n_of(simulated: &Simulated, step: u16) -> u64 {
    simulated.stats_where(|_, of| of == step).counters.n_ok()
}

#[tokio::test(start_paused = true)]
async fn each_request_goes_to_the_side_of_its_intended_start() {
    for n_workers in [1, 2] {
        let described = interleaved(scenario(open(50), &[(10, 40.0), (21, 40.0)], &["/a"]));
        let (simulated, seen) = run(Simulation::of(described).on_workers(n_workers)).await;
        check_sends_follow_the_plan(&simulated);
        let plan = &simulated.plan;
        let mut seen: Vec<_> = seen.into_iter().map(|(sent, side, _)| (sent, side)).collect();
        seen.sort_by_key(|(sent, _)| *sent);
        assert_eq!(seen.len(), plan.intended_starts().count());
        for (intended, (_, side)) in plan.intended_starts().zip(&seen) {
            assert_eq!(plan.side_at(intended), Some(*side), "intended for {intended:?}");
        }
        let n_candidate = seen.iter().filter(|(_, side)| *side == Side::Candidate).count() as u64;
        assert_eq!(
            [n_of(&simulated, 0), n_of(&simulated, 1)],
            [seen.len() as u64 - n_candidate, n_candidate]
        );
        // Half of the stage that holds, 40/s for 20 s and a second.
        assert!((380..=620).contains(&n_candidate), "{n_candidate}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_iteration_stays_with_its_side_and_a_user_turns_with_its_next_one() {
    let mut described = scenario(LoadModel::Closed, &[(0, 3.0), (24, 3.0)], &["/first", "/second"]);
    described.load.stages[0].shape = crate::model::Shape::Step;
    described.journeys[0].think_time = ThinkTime::Fixed(700 * MS);
    let (simulated, seen) = run(Simulation::of(interleaved(described))).await;
    let plan = &simulated.plan;
    let mut n_crossed = 0;
    for (sent, side, path) in &seen {
        // Which user's it is, is not seen: three of them walk in step, and each waits 700 ms between its requests.
        let begun = if path == "/first" { *sent } else { *sent - 710 * MS };
        // Virtual time goes by the millisecond.
        let near = [begun.saturating_sub(3 * MS), begun].map(|at| plan.side_at(at));
        assert!(near.contains(&Some(*side)), "{path} at {sent:?} to {side:?}");
        n_crossed += u32::from(path == "/second" && plan.side_at(*sent) != Some(*side));
    }
    assert!(n_crossed > 0, "some iterations reach into the other side's block");
    assert!((0..4).all(|step| n_of(&simulated, step) > 15));
}

#[tokio::test(start_paused = true)]
async fn sides_go_on_after_a_pause_where_they_stopped() {
    let described = interleaved(scenario(open(50), &[(0, 50.0), (20, 50.0)], &["/a"]));
    let simulation = Simulation::of(described)
        .changed_at(5 * SECOND, PlanChangeKind::Pause)
        .changed_at(9 * SECOND, PlanChangeKind::Resume);
    let (simulated, mut seen) = run(simulation).await;
    seen.sort_by_key(|(sent, ..)| *sent);
    let plan: &Plan = &simulated.plan;
    for (intended, (_, side, _)) in plan.intended_starts().zip(&seen) {
        assert_eq!(plan.side_at(intended), Some(*side), "intended for {intended:?}");
    }
    assert_eq!(seen.len() as u64, plan.n_planned_iterations().unwrap());
}
