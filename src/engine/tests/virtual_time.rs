//! In virtual time, with the scripted transport.

use std::cell::RefCell;
use std::sync::mpsc;
use std::{future::Future, rc::Rc, time::Duration};

use tokio::task::LocalSet;
use tokio::time::{Instant, advance, sleep, sleep_until};

use crate::engine::alarm::Alarm;
use crate::engine::batch::WorkerEnd;
use crate::engine::collector::{Collector, sampled_iterations};
use crate::engine::control::Orders;
use crate::engine::job::{PreparedJob, Stripe};
use crate::engine::recorder::{Outbox, Recorder};
use crate::engine::request::PreparedRequest;
use crate::engine::testing::{ScriptedTransport, answer, open, scenario};
use crate::engine::timers::Timers;
use crate::engine::transport::Exchange;
use crate::engine::worker::Worker;
use crate::engine::{HEAD_START, RunJob};
use crate::metrics::{ErrorGroup, IntervalStats, LatencyHistogram, LoadStats, Outcome, StepStats};
use crate::model::{Extract, LoadModel, Plan, Scenario, Segment, Shape, ThinkTime};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// What came of a simulated run.
struct Simulated {
    intervals: Vec<IntervalStats>,
    errors: Vec<ErrorGroup>,
    ends: Vec<WorkerEnd>,
    /// When requests were sent, in order.
    sends: Vec<Duration>,
}

impl Simulated {
    fn stats_where(&self, includes: impl Fn(Segment, u16) -> bool) -> StepStats {
        let mut total = StepStats::default();
        let rows = self.intervals.iter().flat_map(|interval| &interval.rows);
        for row in rows.filter(|row| includes(row.segment, row.step)) {
            total.merge_encoded(&row.stats).unwrap();
        }
        total
    }

    fn total(&self) -> StepStats {
        self.stats_where(|_, _| true)
    }

    fn start_lag(&self) -> LatencyHistogram {
        let mut total = LatencyHistogram::default();
        self.intervals.iter().for_each(|interval| total.merge_encoded(&interval.load.start_lag).unwrap());
        total
    }

    fn sum(&self, count: impl Fn(&LoadStats) -> u64) -> u64 {
        self.intervals.iter().map(|interval| count(&interval.load)).sum()
    }

    fn n_abandoned(&self) -> u64 {
        self.ends.iter().map(|end| end.n_abandoned).sum()
    }

    fn ended_at(&self) -> Duration {
        self.ends.iter().map(|end| end.at).max().unwrap()
    }
}

struct Simulation {
    scenario: Scenario,
    n_workers: usize,
    /// Orders with the time they are given.
    orders: Option<(Duration, Orders)>,
}

impl Simulation {
    fn of(scenario: Scenario) -> Self {
        Self { scenario, n_workers: 1, orders: None }
    }

    fn stopped_at(mut self, at: Duration) -> Self {
        self.orders = Some((at, Orders { stop_at: Some(at), ..Orders::default() }));
        self
    }

    fn aborted_at(mut self, at: Duration) -> Self {
        self.orders = Some((at, Orders { abort_at: Some(at), ..Orders::default() }));
        self
    }

    async fn run<F: Future<Output = Exchange> + 'static>(
        self,
        script: impl Fn(&PreparedRequest, Duration) -> F + 'static,
    ) -> Simulated {
        let started_at = Instant::now() + HEAD_START;
        let transport = ScriptedTransport::new(started_at, script);
        let job = RunJob {
            scenario: self.scenario,
            time_scale: 1.0,
            base_url: "http://test".into(),
            files_root: None,
            n_workers: None,
        };
        let orders = tokio::sync::watch::Sender::new(Orders::default());
        let (to_collector, batches) = mpsc::sync_channel(10_000);
        let mut give_back = Vec::new();
        let mut workers = Vec::new();
        for worker in 0..self.n_workers {
            let (back, emptied) = mpsc::sync_channel(4);
            give_back.push(back);
            let job = PreparedJob::new(&job).unwrap();
            let outbox = Outbox { to_collector: to_collector.clone(), emptied };
            let recorder = Recorder::new(worker, job.n_steps, sampled_iterations(&job.plan), outbox);
            let timers = Timers::new(Alarm::coarse(), started_at);
            let stripe = Stripe { worker, n_workers: self.n_workers };
            workers.push(Worker::new(job, stripe, transport.clone(), recorder, timers));
        }
        let plan = Plan::new(&job.scenario, 1.0);
        let mut collector = Collector::new(plan.clone(), job.scenario.n_steps(), self.n_workers);
        let mut intervals = Vec::new();
        let threads = LocalSet::new();
        for worker in workers {
            threads.spawn_local(worker.run(orders.subscribe()));
        }
        let collecting = async {
            while !collector.have_all_ended() {
                while let Ok(mut batch) = batches.try_recv() {
                    collector.take(&batch);
                    batch.clear();
                    let _ = give_back[batch.worker].try_send(batch);
                }
                while let Some(closed) = collector.close_next(plan.duration(), None) {
                    intervals.push(closed.interval);
                    collector.reuse(closed.cells);
                }
                if let Some((at, ordered)) = &self.orders {
                    if started_at.elapsed() < *at {
                        sleep_until((started_at + *at).min(Instant::now() + 70 * MS)).await;
                        continue;
                    }
                    orders.send_replace(ordered.clone());
                }
                sleep(70 * MS).await;
            }
        };
        threads.run_until(collecting).await;
        while let Some(closed) = collector.close_rest(plan.duration(), None) {
            intervals.push(closed.interval);
        }
        Simulated {
            intervals,
            errors: collector.errors.groups().to_vec(),
            ends: collector.ends().flatten().collect(),
            sends: transport.sends(),
        }
    }
}

async fn ok_after(delay: Duration) -> Exchange {
    sleep(delay).await;
    answer(200, "{}")
}

/// Holds each level from the start of its stage.
fn steps(mut scenario: Scenario) -> Scenario {
    scenario.load.stages.iter_mut().for_each(|stage| stage.shape = Shape::Step);
    scenario
}

fn check_sends_follow_the_plan(scenario: &Scenario, simulated: &Simulated) {
    let intended: Vec<_> = Plan::new(scenario, 1.0).intended_starts().collect();
    assert_eq!(simulated.sends.len(), intended.len());
    for (n, (sent, intended)) in simulated.sends.iter().zip(&intended).enumerate() {
        let lag = sent.checked_sub(*intended);
        // The timer's grain, in virtual time as in real time.
        assert!(lag.is_some_and(|lag| lag <= MS), "iteration {n} due at {intended:?}, sent at {sent:?}");
    }
    for interval in &simulated.intervals {
        let of_second = |at: &&Duration| at.as_secs() == u64::from(interval.second);
        let n_due = intended.iter().filter(of_second).count() as u64;
        assert_eq!(interval.load.n_due, n_due, "second {}", interval.second);
    }
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_ramping_load_start_exactly_as_planned() {
    let stages = [(120, 40.0), (180, 40.0), (60, 90.0), (120, 90.0), (120, 0.0)];
    let described = scenario(open(100), &stages, &["/"]);
    let simulated = Simulation::of(described.clone()).run(|_, _| ok_after(30 * MS)).await;
    check_sends_follow_the_plan(&described, &simulated);
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
    let simulation = Simulation { n_workers: 2, ..Simulation::of(described.clone()) };
    let simulated = simulation.run(|_, _| ok_after(30 * MS)).await;
    check_sends_follow_the_plan(&described, &simulated);
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
    let simulation = Simulation { n_workers: 3, ..Simulation::of(described) };
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
    described.journeys[0].steps[0].extracts = vec![Extract { name: "id".into(), jsonpath: "$.id".into() }];
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
    let simulation = Simulation { n_workers: 2, ..Simulation::of(described) };
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
