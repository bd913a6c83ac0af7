//! A run made ready: its plan, its journeys with prepared steps, and how many workers share it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::{num::NonZero, thread, time::Duration};

use super::checks::Expectations;
use super::feeders::{Ends, Feed, Feeders, Shortage};
use super::pause::Pause;
use super::request::{Setting, Slots, StepRequest, Supplies, Values, Wants};
use super::secrets::Secrets;
use super::{EngineError, RunJob};
use crate::model::{Connections, HttpVersion, LoadModel, Plan, Scenario, Side, TransportOptions};

/// Everything a worker needs to know of a run; each worker has its own.
pub(super) struct PreparedJob {
    pub plan: Plan,
    pub journeys: Vec<PreparedJourney>,
    pub n_steps: usize,
    pub seed: u64,
    pub secrets: Secrets,
    /// The most users that may start, where some have no row of a feeder, with the words for that.
    pub most_users: Option<(u64, Shortage)>,
    pub ends: Arc<Ends>,
}

pub(super) struct PreparedJourney {
    pub side: Side,
    pub steps: Vec<PreparedStep>,
    pub pause: Pause,
    pub pacing: Option<Duration>,
    /// Values of the variables that its steps extract, at the start of an iteration.
    pub initial_values: Values,
    /// Where each iteration gets a row.
    pub feeds: Vec<Feed>,
    /// The names of all variables that have slots.
    pub value_names: Vec<String>,
}

pub(super) struct PreparedStep {
    /// Index into [`Scenario::steps`].
    pub index: u16,
    pub request: StepRequest,
    pub expectations: Expectations,
    pub timeout: Duration,
}

/// Which part of the plan is a worker's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stripe {
    pub worker: usize,
    pub n_workers: usize,
}

/// One worker makes about this many requests per second with ease: a fifth of what it can.
const REQUESTS_PER_WORKER: f64 = 20_000.0;
const USERS_PER_WORKER: f64 = 20_000.0;
/// Users that never pause ask for as much as they get.
const RESTLESS_USERS_PER_WORKER: f64 = 100.0;
const MAX_WORKERS: usize = 256;

impl PreparedJob {
    /// Whether any request goes, or may go, over TLS.
    pub fn needs_tls(&self) -> bool {
        self.journeys.iter().flat_map(|journey| &journey.steps).any(|step| step.request.may_need_tls())
    }

    /// Prepares a worker's part; `supplies` and `feeders` are those of the whole run.
    pub fn new(job: &RunJob, supplies: &mut Supplies, feeders: &mut Feeders) -> Result<Self, EngineError> {
        Self::wanting(Wants::default(), job, supplies, feeders)
    }

    /// Prepares a job of which every exchange gives at least what `wants` says.
    pub fn wanting(
        wants: Wants,
        job: &RunJob,
        supplies: &mut Supplies,
        feeders: &mut Feeders,
    ) -> Result<Self, EngineError> {
        let scenario = &job.scenario;
        let of_side = |side| constants(&scenario.variables_of(side), supplies.secrets.values());
        let [of_baseline, of_candidate] = Side::BOTH.map(of_side);
        let candidate_base_url = job.candidate_base_url.as_ref().unwrap_or(&job.base_url);
        let mut index = 0;
        let mut journeys = Vec::with_capacity(scenario.journeys.len());
        for journey in &scenario.journeys {
            let side = journey.side.unwrap_or(Side::Baseline);
            let (constants, base_url) = match side {
                Side::Baseline => (&of_baseline, &job.base_url),
                Side::Candidate => (&of_candidate, candidate_base_url),
            };
            let extracts = journey.enabled_steps().flat_map(|step| &step.extracts);
            let names = extracts.map(|extract| extract.name.clone()).collect();
            let mut slots = Slots { constants, names };
            let mut steps = Vec::with_capacity(journey.steps.len());
            for step in &journey.steps {
                index += 1;
                if !(journey.enabled && step.enabled) {
                    continue;
                }
                let hidden = supplies.secrets.clone();
                let unsendable = |error: String| EngineError::Step {
                    step: step.name.clone(),
                    error: hidden.masked(&error).into_owned(),
                };
                let expectations =
                    Expectations::prepare(step, &mut slots).map_err(|error| unsendable(error.0))?;
                let wants = Wants {
                    body: wants.body || expectations.want_body(),
                    headers: wants.headers || expectations.want_headers(),
                    close: closes_connections(&scenario.transport),
                };
                let setting = Setting { base_url, auth: scenario.auth_of(step), wants };
                let request = StepRequest::prepare(step, &setting, &mut slots, supplies)
                    .map_err(|error| unsendable(error.0))?;
                let timeout = step.timeout.unwrap_or(scenario.timeout);
                steps.push(PreparedStep { index: index - 1, request, expectations, timeout });
            }
            let pause = Pause::new(&journey.think_time);
            let feeds = feeders.feeds(&slots.names)?;
            let mut initial_values = slots.initial_values();
            feeds.iter().for_each(|feed| feed.make_room(&mut initial_values));
            let (pacing, value_names) = (journey.pacing, slots.names);
            journeys.push(PreparedJourney { side, steps, pause, pacing, initial_values, feeds, value_names });
        }
        let feeds = journeys.iter().flat_map(|journey| &journey.feeds);
        let most_users = feeds.filter_map(Feed::most_users).min_by_key(|(most, _)| *most);
        let (seed, ends) = (seed(scenario), feeders.ends());
        let plan = Plan::new(scenario, job.time_scale);
        let secrets = supplies.secrets.clone();
        let n_steps = usize::from(index);
        Ok(Self { plan, journeys, n_steps, seed, secrets, most_users, ends })
    }

    /// How many of `n_users` users may start; the others are told of, once.
    pub fn most_of(&self, n_users: u32) -> u32 {
        match &self.most_users {
            Some((most, shortage)) if *most < u64::from(n_users) => {
                self.ends.tell(shortage);
                *most as u32
            }
            _ => n_users,
        }
    }
}

/// What everything drawn in a run depends on.
pub(super) fn seed(scenario: &Scenario) -> u64 {
    match scenario.load.model {
        LoadModel::Open { seed, .. } => seed,
        LoadModel::Closed => 1,
    }
}

/// The names whose values do not change during a run; a secret goes before a variable of its name.
pub(super) fn constants(
    variables: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let all = variables.iter().chain(secrets);
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether requests ask for the end of their connection; HTTP/2 has no word for that.
pub(super) fn closes_connections(options: &TransportOptions) -> bool {
    options.connections == Connections::PerRequest && options.http == HttpVersion::Http1
}

impl Stripe {
    /// This worker's part of `total`, the remainder going to the first workers.
    pub fn share_of(self, total: u32) -> u32 {
        let (total, n_workers) = (total as usize, self.n_workers);
        (total / n_workers + usize::from(self.worker < total % n_workers)) as u32
    }
}

/// How many workers a scenario gets on this machine, unless somebody says.
pub(super) fn n_workers(scenario: &Scenario, asked: Option<usize>) -> usize {
    asked.map_or_else(|| n_workers_on(scenario, most_workers()), |asked| asked.clamp(1, MAX_WORKERS))
}

/// How many workers a run gets at most by itself; with more than two processors one is left alone.
pub fn most_workers() -> usize {
    let n_cpus = thread::available_parallelism().map_or(1, NonZero::get);
    if n_cpus > 2 { n_cpus - 1 } else { n_cpus }
}

fn n_workers_on(scenario: &Scenario, most: usize) -> usize {
    let peak = Plan::new(scenario, 1.0).peak_level();
    let wanted = if scenario.load.model.is_open() {
        let n_steps = scenario
            .enabled_journeys()
            .map(|(_, journey)| journey.enabled_steps().count())
            .max()
            .unwrap_or(1);
        peak * n_steps as f64 / REQUESTS_PER_WORKER
    } else if scenario
        .enabled_journeys()
        .all(|(_, journey)| journey.pacing.is_none() && journey.think_time.mean().is_zero())
    {
        peak / RESTLESS_USERS_PER_WORKER
    } else {
        peak / USERS_PER_WORKER
    };
    (wanted.ceil() as usize).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{open, scenario};

    #[test]
    fn workers_follow_the_peak_and_the_machine() {
        let n_workers = |peak: f64, most| n_workers_on(&scenario(open(10), &[(10, peak)], &["/"]), most);
        assert_eq!([n_workers(10.0, 8), n_workers(50_000.0, 8), n_workers(1e6, 8)], [1, 3, 8]);
        let users = |peak: f64| n_workers_on(&scenario(LoadModel::Closed, &[(10, peak)], &["/"]), 8);
        assert_eq!([users(50.0), users(250.0)], [1, 3]);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        let share = |worker| Stripe { worker, n_workers: 3 }.share_of(11);
        assert_eq!([share(0), share(1), share(2)], [4, 4, 3]);
    }
}
