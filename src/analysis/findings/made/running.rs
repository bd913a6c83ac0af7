//! A made run as it goes on: users and iterations in order of time, workers that take what comes first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use stagewright::metrics::ErrorGroup;
use stagewright::model::{LoadModel, Plan, ThinkTime};

use super::{Answer, Asked, Made, Random, around, seconds::Second};

/// How long after the load's end requests may come in.
const DRAIN_SECS: u32 = 30;

/// A user or iteration that is about to send a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    pub at: f64,
    /// Which user (closed) or iteration (open).
    pub who: usize,
    pub step: usize,
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.total_cmp(&other.at).then(self.who.cmp(&other.who)).then(self.step.cmp(&other.step))
    }
}

/// A run that is being made.
pub struct Running<'a> {
    pub made: &'a Made,
    pub plan: Plan,
    pub random: Random,
    pub seconds: Vec<Second>,
    pub groups: Vec<ErrorGroup>,
    dues: BinaryHeap<Reverse<Due>>,
    /// When each worker is free.
    workers: Vec<f64>,
    n_before: u64,
    /// Iterations that have yet to send their last step, and the ends of those that have sent it.
    n_under_way: usize,
    ending: BinaryHeap<Reverse<Due>>,
}

impl<'a> Running<'a> {
    pub fn new(made: &'a Made) -> Self {
        let plan = Plan::new(&made.scenario, 1.0);
        let n_seconds = plan.duration().as_secs() as u32 + DRAIN_SECS;
        Self {
            random: Random::seed_from_u64(made.seed),
            dues: BinaryHeap::new(),
            workers: vec![0.0; made.n_workers],
            seconds: vec![Second::default(); n_seconds as usize],
            groups: Vec::new(),
            n_before: 0,
            n_under_way: 0,
            ending: BinaryHeap::new(),
            plan,
            made,
        }
    }

    fn load_secs(&self) -> f64 {
        self.plan.duration().as_secs_f64()
    }

    /// Lets all of it happen.
    pub fn go(&mut self, answer: &mut dyn FnMut(&Asked, &mut Random) -> Answer) {
        if self.plan.is_open() {
            self.begin_iterations();
        } else {
            self.begin_users();
        }
        while let Some(Reverse(due)) = self.dues.pop() {
            if self.begins(due) {
                self.send(due, answer);
            }
        }
    }

    fn begin_iterations(&mut self) {
        let starts: Vec<f64> = self.plan.intended_starts().map(|start| start.as_secs_f64()).collect();
        for (who, at) in starts.into_iter().enumerate() {
            self.dues.push(Reverse(Due { at, who, step: 0 }));
        }
    }

    /// Users come when the profile first asks for them, each with a little delay of its own.
    fn begin_users(&mut self) {
        let mut n_users = 0;
        let n_ticks = (self.load_secs() * 10.0) as u32;
        for tick in 0..n_ticks {
            let at = f64::from(tick) / 10.0;
            let asked = self.plan.level_at(Duration::from_secs_f64(at)).round() as usize;
            for who in n_users..asked {
                let at = at + 0.1 * self.random.random::<f64>();
                self.dues.push(Reverse(Due { at, who, step: 0 }));
            }
            n_users = asked;
        }
    }

    /// Whether an iteration may begin; the open model drops one for which no user is left.
    fn begins(&mut self, due: Due) -> bool {
        if due.step > 0 {
            return true;
        }
        let now = Duration::from_secs_f64(due.at);
        let LoadModel::Open { max_users, .. } = self.plan.model() else {
            let is_asked_for = due.at < self.load_secs() && (due.who as f64) < self.plan.level_at(now);
            if is_asked_for {
                self.second(due.at).load.n_started += 1;
            }
            return is_asked_for;
        };
        let max_users = *max_users as usize;
        while self.ending.peek().is_some_and(|Reverse(other)| other.at <= due.at) {
            self.ending.pop();
        }
        let is_free = self.n_under_way + self.ending.len() < max_users;
        self.n_under_way += usize::from(is_free);
        let load = &mut self.second(due.at).load;
        load.n_due += 1;
        *(if is_free { &mut load.n_started } else { &mut load.n_dropped }) += 1;
        is_free
    }

    /// The second that a moment lies in.
    pub fn second(&mut self, at: f64) -> &mut Second {
        let last = self.seconds.len() - 1;
        &mut self.seconds[(at.max(0.0) as usize).min(last)]
    }

    fn send(&mut self, due: Due, answer: &mut dyn FnMut(&Asked, &mut Random) -> Answer) {
        let lag = around(&mut self.random, self.made.start_lag);
        let sent = due.at + lag;
        let n_busy = self.workers.iter().filter(|free| **free > sent).count();
        let asked = Asked { at: sent, step: due.step, n_before: self.n_before, n_busy };
        self.n_before += 1;
        let given = answer(&asked, &mut self.random);
        let opening = given.opening.map_or(0.0, |(connect, tls)| connect + tls);
        let arrived = sent + opening + 0.0001;
        let done = match given.work_secs {
            Some(work) => self.work(arrived, work),
            None => arrived + 0.001,
        };
        let end = done + given.receive_secs;
        self.record(due, (sent, end), &given, done - sent - opening);
        self.follow(due, end);
    }

    /// When a worker is done with what arrives now: the first that is free takes it.
    fn work(&mut self, arrived: f64, work: f64) -> f64 {
        let worker = (0..self.workers.len())
            .min_by(|a, b| self.workers[*a].total_cmp(&self.workers[*b]))
            .expect("a target has workers");
        let begins = arrived.max(self.workers[worker]);
        let done = begins + work;
        self.workers[worker] = done;
        self.spread(begins, done, |second, secs| second.busy_secs += secs);
        done
    }

    /// Adds to each second what lies in it between two moments.
    pub fn spread(&mut self, from: f64, until: f64, mut add: impl FnMut(&mut Second, f64)) {
        let last = self.seconds.len() as f64;
        let (mut at, until) = (from.max(0.0), until.min(last));
        while at < until {
            let next = (at.floor() + 1.0).min(until);
            add(&mut self.seconds[at as usize], next - at);
            at = next;
        }
    }

    /// What a user or an iteration does after an answer.
    fn follow(&mut self, due: Due, end: f64) {
        let n_steps = self.made.scenario.n_steps();
        let pause = match self.made.scenario.journeys[0].think_time {
            ThinkTime::Uniform { min, max } => {
                self.random.random_range(min.as_secs_f64()..=max.as_secs_f64())
            }
            _ => 0.0,
        };
        let at = end + pause;
        if due.step + 1 < n_steps {
            self.dues.push(Reverse(Due { at, step: due.step + 1, ..due }));
            return;
        }
        self.second(end).load.n_completed += 1;
        if self.plan.is_open() {
            self.n_under_way -= 1;
            self.ending.push(Reverse(Due { at: end, ..due }));
        } else {
            self.dues.push(Reverse(Due { at, step: 0, ..due }));
        }
    }
}
