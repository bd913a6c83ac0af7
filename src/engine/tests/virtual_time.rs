//! In virtual time, with the scripted transport.

use std::cell::RefCell;
use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, advance};

use super::simulation::{MS, SECOND, Simulation, check_sends_follow_the_plan, ok_after, steps};
use crate::engine::HEAD_START;
use crate::engine::testing::{open, scenario};
use crate::metrics::{LatencyHistogram, Outcome};
use crate::model::{Extract, ExtractSource, LoadModel, Plan, Segment, ThinkTime};

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_ramping_load_start_exactly_as_planned() {
    let stages = [(120, 40.0), (180, 40.0), (60, 90.0), (120, 90.0), (120, 0.0)];
    let described = scenario(open(100), &stages, &["/"]);
    let simulated = Simulation::of(described.clone()).run(|_, _| ok_after(30 * MS)).await;
    check_sends_follow_the_plan(&simulated);
    let n_planned = Plan::new(&described, 1.0).n_planned_iterations().unwrap();
    assert_eq!(simulated.total().counters.n_ok(), n_planned);
    assert_eq!(simulated.sum(|load| load.n_completed), n_planned);
    assert_eq!(simulated.sum(|load| load.n_dropped), 0);
    let seconds: Vec<_> = simulated.intervals.iter().map(|interval| interval.second).collect();
    assert_eq!(seconds, (0..seconds.len() as u32).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn two_workers_together_start_exactly_the_plan() {
    let described = scenario(open(101), &[(20, 150.0), (20, 0.0)], &["/"]);
    let simulation = Simulation::of(described.clone()).on_workers(2);
    let simulated = simulation.run(|_, _| ok_after(30 * MS)).await;
    check_sends_follow_the_plan(&simulated);
    assert_eq!(simulated.total().counters.n_ok(), 3_000);
}

#[tokio::test(start_paused = true)]
async fn a_stall_of_the_generator_shows_in_response_time_and_not_in_service_time() {
    let described = steps(scenario(open(500), &[(3, 100.0)], &["/"]));
    let stalled = Rc::new(RefCell::new(false));
    let simulated = Simulation::of(described)
        .run(move |_, sent| {
            let stalls = sent >= SECOND && !stalled.replace(sent >= SECOND);
            async move {
                if stalls {
                    // The whole thread stands still: nothing else runs meanwhile.
                    advance(SECOND).await;
                }
                ok_after(10 * MS).await
            }
        })
        .await;
    let total = simulated.total();
    let n_slow = |times: &LatencyHistogram| {
        (times.n_samples() as f64 * (1.0 - times.share_at_most(50 * MS).unwrap())).round() as u64
    };
    assert_eq!(total.counters.n_ok(), 300);
    assert!((93..=100).contains(&n_slow(&total.response_time)), "{}", n_slow(&total.response_time));
    // The request that stalled the thread, and the one in flight beside it.
    assert!(n_slow(&total.service_time) <= 2, "{}", n_slow(&total.service_time));
    assert!(simulated.start_lag().max().unwrap() > 900 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_target_is_measured_from_every_intended_start() {
    let described = steps(scenario(open(500), &[(10, 100.0)], &["/"]));
    let simulated = Simulation::of(described)
        .run(|_, sent| {
            let frozen = (SECOND..2 * SECOND).contains(&sent);
            ok_after(if frozen { 2 * SECOND - sent } else { MS })
        })
        .await;
    let response_time = simulated.total().response_time;
    // A tenth of all requests waited, evenly between nothing and a second.
    let p95 = response_time.quantile(0.95).unwrap();
    assert!((480 * MS..520 * MS).contains(&p95), "{p95:?}");
    assert!(response_time.max().unwrap() > 980 * MS);
    assert!(simulated.start_lag().max().unwrap() <= 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn iterations_without_a_free_user_are_dropped_and_counted() {
    let described = steps(scenario(open(5), &[(4, 10.0)], &["/"]));
    let simulated = Simulation::of(described).run(|_, _| ok_after(SECOND)).await;
    assert_eq!(simulated.sum(|load| load.n_due), 40);
    assert_eq!(simulated.sum(|load| load.n_started), 20);
    assert_eq!(simulated.sum(|load| load.n_dropped), 20);
    let first = &simulated.intervals[0].load;
    assert_eq!((first.n_due, first.n_dropped, first.n_users, first.n_in_flight), (10, 5, 5, 5));
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_requests_in_flight_finish() {
    let described = steps(scenario(open(50), &[(10, 10.0)], &["/"]));
    let stop = 2_020 * MS;
    let simulated = Simulation::of(described).stopped_at(stop).run(|_, _| ok_after(500 * MS)).await;
    assert_eq!(simulated.total().counters.n_ok(), 20);
    assert_eq!(simulated.sum(|load| load.n_due), 20);
    assert_eq!(simulated.n_abandoned(), 0);
    let ended_at = simulated.ended_at();
    assert!((2_450 * MS..2_460 * MS).contains(&ended_at), "{ended_at:?}");
    let last = simulated.intervals.last().unwrap();
    assert_eq!((last.second, last.load.span), (2, ended_at - 2 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_think_time_short() {
    let mut described = steps(scenario(LoadModel::Closed, &[(60, 3.0)], &["/", "/second"]));
    described.journeys[0].think_time = ThinkTime::Fixed(20 * SECOND);
    let simulated = Simulation::of(described).stopped_at(5 * SECOND).run(|_, _| ok_after(100 * MS)).await;
    // Each user goes through with its iteration at once, and starts no other.
    assert_eq!((simulated.sends.len(), simulated.sum(|load| load.n_completed)), (6, 3));
    assert!(simulated.ended_at() < 5_110 * MS);
}

#[tokio::test(start_paused = true)]
async fn an_abort_gives_up_what_is_in_flight_and_counts_it() {
    let described = steps(scenario(open(50), &[(10, 10.0)], &["/"]));
    let abort = 2_020 * MS;
    let simulated = Simulation::of(described).aborted_at(abort).run(|_, _| ok_after(500 * MS)).await;
    assert_eq!((simulated.total().counters.n_ok(), simulated.n_abandoned()), (15, 5));
    assert_eq!(simulated.ended_at(), abort);
    assert!(simulated.ends[0].aborted);
    assert_eq!(simulated.sum(|load| load.n_sent), 20);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_a_fault_of_ours_ended_is_counted_and_what_it_had_in_flight_too() {
    let described = steps(scenario(LoadModel::Closed, &[(3, 2.0)], &["/"]));
    let faulty = Rc::new(RefCell::new(true));
    let simulated = Simulation::of(described)
        .run(move |_, _| {
            let fails = faulty.replace(false);
            async move {
                assert!(!fails, "on purpose");
                ok_after(SECOND).await
            }
        })
        .await;
    assert_eq!((simulated.ends[0].n_lost_users, simulated.n_abandoned()), (1, 1));
    assert_eq!((simulated.total().counters.n_ok(), simulated.sum(|load| load.n_sent)), (3, 4));
}

#[tokio::test(start_paused = true)]
async fn what_outlasts_the_graceful_stop_is_abandoned() {
    for model in [open(50), LoadModel::Closed] {
        let mut described = steps(scenario(model, &[(2, 4.0)], &["/"]));
        described.timeout = 100 * SECOND;
        described.load.graceful_stop = 3 * SECOND;
        let simulated = Simulation::of(described).run(|_, _| ok_after(50 * SECOND)).await;
        assert_eq!(simulated.n_abandoned(), simulated.sends.len() as u64);
        assert_eq!(simulated.ended_at(), 5 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn users_of_the_closed_model_come_and_go_with_the_profile() {
    let mut described = scenario(LoadModel::Closed, &[(10, 20.0), (10, 20.0), (10, 0.0)], &["/"]);
    described.journeys[0].think_time = ThinkTime::Fixed(200 * MS);
    let plan = Plan::new(&described, 1.0);
    let simulation = Simulation::of(described).on_workers(3);
    let simulated = simulation.run(|_, _| ok_after(5 * MS)).await;
    for interval in &simulated.intervals[..30] {
        // One that finishes its last request may linger; one that crosses a second's end counts on either side.
        let planned = plan.n_users_at(Duration::from_secs(u64::from(interval.second) + 1));
        assert!(interval.load.n_users.abs_diff(planned) <= 1, "{interval:?}, {planned} planned");
    }
    // 20 users for 20 seconds' worth, 205 ms and the timer's grain an iteration.
    assert!((1_850..=1_980).contains(&simulated.sends.len()), "{}", simulated.sends.len());
}

#[tokio::test(start_paused = true)]
async fn think_time_runs_from_the_end_of_the_step_before() {
    let mut described = steps(scenario(LoadModel::Closed, &[(4, 1.0)], &["/", "/second"]));
    described.journeys[0].think_time = ThinkTime::Fixed(SECOND);
    let simulated = Simulation::of(described).run(|_, _| ok_after(100 * MS)).await;
    let expected = [0, 1_100, 2_200, 3_300];
    assert_eq!(simulated.sends.len(), expected.len());
    for (sent, expected) in simulated.sends.iter().zip(expected) {
        assert!(sent.abs_diff(expected * MS) <= 10 * MS, "{sent:?} instead of {expected} ms");
    }
    assert!(simulated.start_lag().max().unwrap() <= 2 * MS);
    let total = simulated.total();
    assert!(total.response_time.max().unwrap() <= 104 * MS, "pauses are in no latency");
    assert!(total.service_time.min().unwrap() >= 99 * MS, "nothing is sent before the run starts");
}

#[tokio::test(start_paused = true)]
async fn an_iteration_ends_as_it_would_have_after_its_users_time() {
    let mut described = steps(scenario(LoadModel::Closed, &[(2, 1.0)], &["/", "/b", "/c"]));
    described.journeys[0].think_time = ThinkTime::Fixed(1_500 * MS);
    let simulated = Simulation::of(described).run(|_, _| ok_after(MS)).await;
    assert_eq!((simulated.sends.len(), simulated.sum(|load| load.n_completed)), (3, 1));
    assert!(simulated.sends[2] > 3 * SECOND);
    assert!(simulated.ended_at() < 3_100 * MS, "the pause after the last step is not waited for");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_recorded_at_its_limit_and_the_iteration_goes_on() {
    let mut described = steps(scenario(open(50), &[(2, 10.0)], &["/slow", "/fast"]));
    described.journeys[0].steps[0].timeout = Some(250 * MS);
    let simulated = Simulation::of(described)
        .run(|request, _| ok_after(if request.url.path() == "/slow" { 9 * SECOND } else { 5 * MS }))
        .await;
    let slow = simulated.stats_where(|_, step| step == 0);
    assert_eq!((slow.counters.n_of(Outcome::Timeout), slow.counters.n_by_status_class[0]), (20, 20));
    assert!(slow.response_time.is_empty());
    assert!(slow.error_time.min().unwrap() >= 249 * MS && slow.error_time.max().unwrap() <= 253 * MS);
    assert_eq!(simulated.stats_where(|_, step| step == 1).counters.n_ok(), 20);
    assert_eq!(simulated.sum(|load| load.n_completed), 20);
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_value_is_missing_is_not_sent_and_ends_the_iteration() {
    let mut described = steps(scenario(open(50), &[(1, 10.0)], &["/", "/{{id}}", "/third"]));
    described.journeys[0].steps[0].extracts =
        vec![Extract { name: "id".into(), source: ExtractSource::JsonPath("$.id".into()) }];
    let simulated = Simulation::of(described).run(|_, _| ok_after(MS)).await;
    assert_eq!(simulated.sends.len(), 10);
    assert_eq!(simulated.total().counters.n_requests(), 10);
    assert_eq!(simulated.sum(|load| load.n_completed), 0);
    let [group] = simulated.errors.as_slice() else { panic!("{:?}", simulated.errors) };
    assert_eq!((group.step, group.outcome, group.n_errors), (1, Outcome::Check, 10));
    assert_eq!(group.signature, "variable `id` was not extracted");
}

#[tokio::test(start_paused = true)]
async fn users_that_cannot_send_anything_do_not_spin() {
    let described = steps(scenario(LoadModel::Closed, &[(2, 1.0)], &["/{{nothing}}"]));
    let simulated = Simulation::of(described).run(|_, _| ok_after(MS)).await;
    assert_eq!((simulated.sends.len(), simulated.errors.len()), (0, 1));
    assert!((15..=20).contains(&simulated.sum(|load| load.n_started)));
}

#[tokio::test(start_paused = true)]
async fn samples_belong_to_the_second_in_which_they_completed() {
    let described = steps(scenario(open(50), &[(20, 37.0)], &["/"]));
    let ends = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&ends);
    let simulation = Simulation::of(described).on_workers(2);
    let started_at = Instant::now() + HEAD_START;
    let simulated = simulation
        .run(move |_, _| {
            let log = Rc::clone(&log);
            async move {
                let exchange = ok_after(130 * MS).await;
                log.borrow_mut().push(started_at.elapsed());
                exchange
            }
        })
        .await;
    for interval in &simulated.intervals {
        let ended = ends.borrow().iter().filter(|end| end.as_secs() == u64::from(interval.second)).count();
        let recorded: u64 = interval.rows.iter().map(|row| row.stats.counters.n_requests()).sum();
        assert_eq!(recorded, ended as u64, "second {}", interval.second);
    }
    assert_eq!(simulated.total().counters.n_requests(), ends.borrow().len() as u64);
}

#[tokio::test(start_paused = true)]
async fn samples_belong_to_the_segment_they_were_intended_for() {
    let mut described = steps(scenario(open(100), &[(2, 10.0), (2, 20.0)], &["/"]));
    described.load.warm_up = SECOND;
    let simulated = Simulation::of(described).run(|_, _| ok_after(1_500 * MS)).await;
    let n_in = |stage, warm_up| {
        let segment = Segment { stage, warm_up };
        simulated.stats_where(|of, _| of == segment).counters.n_requests()
    };
    assert_eq!([n_in(0, true), n_in(0, false), n_in(1, false)], [10, 10, 40]);
}

#[tokio::test(start_paused = true)]
async fn drawn_pauses_repeat_with_the_seed() {
    let mut sends = Vec::new();
    for _ in 0..2 {
        let mut described = steps(scenario(LoadModel::Closed, &[(20, 5.0)], &["/", "/b"]));
        described.journeys[0].think_time = ThinkTime::Normal { mean: SECOND, std_dev: 400 * MS };
        sends.push(Simulation::of(described).run(|_, _| ok_after(MS)).await.sends);
    }
    assert!(sends[0].len() > 50);
    assert_eq!(sends[0], sends[1]);
}

#[tokio::test(start_paused = true)]
async fn what_users_still_ask_for_after_the_load_is_in_no_stage() {
    let closed = || steps(scenario(LoadModel::Closed, &[(2, 10.0)], &["/a", "/b"]));
    let planned = Simulation::of(closed()).run(|_, _| ok_after(300 * MS)).await;
    let stopped = Simulation::of(closed()).stopped_at(800 * MS).run(|_, _| ok_after(300 * MS)).await;
    for (simulated, n_before) in [(planned, 70), (stopped, 30)] {
        let n_of = |is_after| {
            let stats = simulated.stats_where(|segment, _| (segment == Segment::AFTER) == is_after);
            stats.counters.n_requests()
        };
        // Each user is at the first of two steps when the load ends, and does the second as well.
        assert_eq!((n_of(false), n_of(true)), (n_before, 10));
    }
}
