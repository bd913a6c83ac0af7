//! Sends one iteration, or one step of it, over the transport that a run would use, and shows everything.
//!
//! Think times are left out, feeders give their first row, nothing is recorded, and nothing here is on the way of a run.

mod mask;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::crew::{TransportKit, worker_runtime};
use super::feeders::Feeders;
use super::job::{self, PreparedJob};
use super::request::{Supplies, Wants};
use super::secrets::Secrets;
use super::tokens::TokenDesk;
use super::wire::WireTransport;
use super::{EngineError, RunJob};
use crate::metrics::StepExchange;
use crate::model::{Scenario, Shape, Stage};

use mask::masked;
use walk::Walk;

/// What to send once.
pub struct OnceJob {
    /// The run whose iteration it would be; its load does not matter.
    pub run: RunJob,
    /// Index of the journey.
    pub journey: usize,
    /// Index of the only step to be sent, within its journey; none sends all that are enabled.
    pub step: Option<usize>,
    /// Values of variables, in place of the scenario's: those that earlier steps would have extracted.
    pub values: BTreeMap<String, String>,
    /// Cancelling it gives up what is in flight.
    pub cancel: CancellationToken,
}

/// How an iteration that was sent once ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceEnd {
    /// All steps were sent, or one could not be, which ends an iteration.
    Completed,
    /// The user gave it up; steps told by then stand.
    Cancelled,
}

/// Sends once on the calling thread, which waits for it, and tells each step as soon as it is over.
pub fn send_once(mut once: OnceJob, mut tell: impl FnMut(StepExchange)) -> Result<OnceEnd, EngineError> {
    narrow(&mut once.run.scenario, once.journey, once.step);
    once.run.scenario.variables.extend(std::mem::take(&mut once.values));
    let all = Wants { body: true, headers: true, close: false };
    let secrets = Secrets::from(once.run.secrets.clone());
    let mut supplies = Supplies::new(once.run.files_root.clone(), secrets);
    let mut feeders = Feeders::new(&once.run, job::seed(&once.run.scenario));
    let prepared = PreparedJob::wanting(all, &once.run, &mut supplies, &mut feeders)?;
    let (options, files_root) = (&once.run.scenario.transport, once.run.files_root.as_deref());
    // Fetches tokens; none lives so short that it would have to be renewed.
    drop(TokenDesk::open(&supplies.tokens, &supplies.secrets, options, files_root)?);
    let kit = TransportKit::new(&once.run, &prepared)?;
    let walk = Walk {
        scenario: &once.run.scenario,
        journey: &prepared.journeys[once.journey],
        cancel: &once.cancel,
    };
    let tell = |step| tell(masked(step, &prepared.secrets));
    let runtime = worker_runtime()?;
    Ok(match kit {
        TransportKit::Wire { connections, tls } => {
            runtime.block_on(walk.through(&WireTransport::new(connections, tls), tell))
        }
        TransportKit::Reqwest(transport) => runtime.block_on(walk.through(&transport.showing(), tell)),
    })
}

/// Switches off what is not to be sent, so that a fault elsewhere does not stand in the way.
fn narrow(scenario: &mut Scenario, chosen_journey: usize, chosen_step: Option<usize>) {
    for (index, journey) in scenario.journeys.iter_mut().enumerate() {
        journey.enabled = index == chosen_journey;
        if let (true, Some(chosen)) = (journey.enabled, chosen_step) {
            journey.steps.iter_mut().enumerate().for_each(|(index, step)| step.enabled = index == chosen);
        }
    }
    // The load may not be drawn yet.
    scenario.load.warm_up = Duration::ZERO;
    let duration = Duration::from_secs(1);
    scenario.load.stages = vec![Stage { name: String::new(), duration, end_level: 1.0, shape: Shape::Step }];
}
