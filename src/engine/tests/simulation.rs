//! Runs in virtual time, with the scripted transport.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::{future::Future, time::Duration};

use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::alarm::Alarm;
use crate::engine::batch::WorkerEnd;
use crate::engine::collector::{Collector, sampled_iterations};
use crate::engine::control::Orders;
use crate::engine::feeders::{Feeders, Shortage};
use crate::engine::job::{PreparedJob, Stripe, seed};
use crate::engine::recorder::{Outbox, Recorder};
use crate::engine::request::{PreparedRequest, Supplies};
use crate::engine::testing::{ScriptedTransport, answer};
use crate::engine::timers::Timers;
use crate::engine::transport::Exchange;
use crate::engine::worker::Worker;
use crate::engine::{HEAD_START, RunJob};
use crate::metrics::{ErrorGroup, IntervalStats, LatencyHistogram, LoadStats, StepStats};
use crate::model::{Plan, PlanChange, PlanChangeKind, Scenario, Segment, Shape};

pub const MS: Duration = Duration::from_millis(1);
pub const SECOND: Duration = Duration::from_secs(1);

/// What came of a simulated run.
pub struct Simulated {
    pub intervals: Vec<IntervalStats>,
    pub errors: Vec<ErrorGroup>,
    pub ends: Vec<WorkerEnd>,
    /// When requests were sent, in order.
    pub sends: Vec<Duration>,
    /// With the changes that were ordered.
    pub plan: Plan,
    /// What the run was told of its feeders.
    pub shortages: Vec<Shortage>,
}

impl Simulated {
    pub fn stats_where(&self, includes: impl Fn(Segment, u16) -> bool) -> StepStats {
        let mut total = StepStats::default();
        let rows = self.intervals.iter().flat_map(|interval| &interval.rows);
        for row in rows.filter(|row| includes(row.segment, row.step)) {
            total.merge_encoded(&row.stats).unwrap();
        }
        total
    }

    pub fn total(&self) -> StepStats {
        self.stats_where(|_, _| true)
    }

    pub fn start_lag(&self) -> LatencyHistogram {
        let mut total = LatencyHistogram::default();
        self.intervals.iter().for_each(|interval| total.merge_encoded(&interval.load.start_lag).unwrap());
        total
    }

    pub fn sum(&self, count: impl Fn(&LoadStats) -> u64) -> u64 {
        self.intervals.iter().map(|interval| count(&interval.load)).sum()
    }

    pub fn n_abandoned(&self) -> u64 {
        self.ends.iter().map(|end| end.n_abandoned).sum()
    }

    pub fn ended_at(&self) -> Duration {
        self.ends.iter().map(|end| end.at).max().unwrap()
    }
}

/// A run in virtual time, before it begins.
pub struct Simulation {
    scenario: Scenario,
    n_workers: usize,
    files_root: Option<PathBuf>,
    /// Larger files are read row by row.
    held_whole: u64,
    /// Orders with the time they are given, each with those before it.
    orders: VecDeque<(Duration, Orders)>,
}

impl Simulation {
    pub fn of(scenario: Scenario) -> Self {
        Self { scenario, n_workers: 1, files_root: None, held_whole: u64::MAX, orders: VecDeque::new() }
    }

    /// With feeders from this folder.
    pub fn fed_from(self, folder: &Path) -> Self {
        Self { files_root: Some(folder.to_owned()), ..self }
    }

    /// With feeders that are read from disk row by row.
    pub fn fed_by_position(self) -> Self {
        Self { held_whole: 0, ..self }
    }

    pub fn on_workers(self, n_workers: usize) -> Self {
        Self { n_workers, ..self }
    }

    pub fn stopped_at(self, at: Duration) -> Self {
        self.ordered(at, |orders| orders.stop_at = Some(at))
    }

    pub fn aborted_at(self, at: Duration) -> Self {
        self.ordered(at, |orders| orders.abort_at = Some(at))
    }

    /// With a change of the plan, ordered a moment before it takes effect.
    pub fn changed_at(self, at: Duration, kind: PlanChangeKind) -> Self {
        self.ordered(at.saturating_sub(50 * MS), |orders| {
            Arc::make_mut(&mut orders.plan_changes).push(PlanChange { at, kind });
        })
    }

    fn ordered(mut self, given_at: Duration, order: impl FnOnce(&mut Orders)) -> Self {
        let mut orders = self.orders.back().map_or_else(Orders::default, |(_, before)| before.clone());
        order(&mut orders);
        self.orders.push_back((given_at, orders));
        self
    }

    pub async fn run<F: Future<Output = Exchange> + 'static>(
        mut self,
        script: impl Fn(&PreparedRequest, Duration) -> F + 'static,
    ) -> Simulated {
        let started_at = Instant::now() + HEAD_START;
        let transport = ScriptedTransport::new(started_at, script);
        let job = RunJob {
            scenario: self.scenario,
            time_scale: 1.0,
            base_url: "http://test".into(),
            candidate_base_url: Some("http://candidate".into()),
            files_root: self.files_root,
            secrets: BTreeMap::new(),
            n_workers: None,
        };
        let orders = tokio::sync::watch::Sender::new(Orders::default());
        let mut feeders = Feeders::new(&job, seed(&job.scenario));
        feeders.held_whole = self.held_whole;
        let shortages = Arc::new(Mutex::new(Vec::new()));
        feeders.ends().listen({
            let (orders, shortages) = (orders.clone(), Arc::clone(&shortages));
            move |shortage: &Shortage| {
                if matches!(shortage, Shortage::Over(_)) {
                    orders.send_modify(|orders| orders.stop_at = Some(started_at.elapsed()));
                }
                shortages.lock().unwrap().push(shortage.clone());
            }
        });
        let (to_collector, batches) = mpsc::sync_channel(10_000);
        let mut give_back = Vec::new();
        let mut supplies = Supplies::default();
        let mut workers = Vec::new();
        for worker in 0..self.n_workers {
            let (back, emptied) = mpsc::sync_channel(4);
            give_back.push(back);
            let job = PreparedJob::new(&job, &mut supplies, &mut feeders).unwrap();
            let outbox = Outbox { to_collector: to_collector.clone(), emptied };
            let recorder = Recorder::new(worker, job.n_steps, sampled_iterations(&job.plan), outbox);
            let timers = Timers::new(Alarm::coarse(), started_at);
            let stripe = Stripe { worker, n_workers: self.n_workers };
            workers.push(Worker::new(job, stripe, transport.clone(), recorder, timers));
        }
        let plan = Plan::new(&job.scenario, 1.0);
        let mut collector = Collector::new(plan, job.scenario.n_steps(), self.n_workers);
        let mut intervals = Vec::new();
        let mut load_end = collector.plan.duration();
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
                load_end = orders.borrow().load_end(load_end);
                while let Some(closed) = collector.close_next(load_end, None) {
                    intervals.push(closed.interval);
                    collector.reuse(closed.cells);
                }
                let mut wake_at = Instant::now() + 70 * MS;
                if let Some((given_at, _)) = self.orders.front() {
                    wake_at = wake_at.min(started_at + *given_at);
                }
                sleep_until(wake_at).await;
                let is_due = |(given_at, _): &mut (Duration, Orders)| *given_at <= started_at.elapsed();
                if let Some((_, ordered)) = self.orders.pop_front_if(is_due) {
                    let n_known = orders.borrow().plan_changes.len();
                    ordered.plan_changes[n_known..].iter().for_each(|change| collector.plan.apply(change));
                    load_end = ordered.load_end(collector.plan.load_end().unwrap_or(Duration::MAX));
                    orders.send_replace(ordered);
                }
            }
        };
        threads.run_until(collecting).await;
        while let Some(closed) = collector.close_rest(load_end, None) {
            intervals.push(closed.interval);
        }
        Simulated {
            intervals,
            errors: collector.errors.groups().to_vec(),
            ends: collector.ends().flatten().collect(),
            sends: transport.sends(),
            plan: collector.plan,
            shortages: shortages.lock().unwrap().clone(),
        }
    }
}

pub async fn ok_after(delay: Duration) -> Exchange {
    sleep(delay).await;
    answer(200, "{}")
}

/// Holds each level from the start of its stage.
pub fn steps(mut scenario: Scenario) -> Scenario {
    scenario.load.stages.iter_mut().for_each(|stage| stage.shape = Shape::Step);
    scenario
}

/// Everything planned was sent, and each on time.
pub fn check_sends_follow_the_plan(simulated: &Simulated) {
    let intended: Vec<_> = simulated.plan.intended_starts().collect();
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
