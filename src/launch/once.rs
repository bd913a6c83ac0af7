//! One iteration sent once: the sandbox and the engine in order. Nothing is kept in the library.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::{LaunchError, resolve_secrets};
use crate::engine::{self, OnceEnd, OnceJob, RunJob};
use crate::metrics::StepExchange;
use crate::model::{SandboxUrl, Scenario};
use crate::sandbox::SandboxProcess;

/// What to send once.
pub struct SendOnce {
    pub scenario: Scenario,
    /// Where relative paths of files start: the scenario file's folder, where it has a file.
    pub files_root: Option<PathBuf>,
    /// Index of the journey.
    pub journey: usize,
    /// Index of the only step to be sent, within its journey; none sends all that are enabled.
    pub step: Option<usize>,
    /// Values of variables, in place of the scenario's.
    pub values: BTreeMap<String, String>,
    /// Cancelling it gives up what is in flight.
    pub cancel: CancellationToken,
}

/// Sends once on the calling thread, which waits for it, and tells each step as soon as it is over.
// A target that does not answer is not looked for first: the step that finds out says so.
pub fn send_once(once: SendOnce, tell: impl FnMut(StepExchange)) -> Result<OnceEnd, LaunchError> {
    let scenario = once.scenario.resolved();
    let secrets = resolve_secrets(&scenario)?;
    let wish = SandboxUrl::of(&scenario.base_url);
    let sandbox = wish.map(|wish| SandboxProcess::start(wish.wishes())).transpose()?;
    let base_url = sandbox.as_ref().map_or(scenario.base_url.as_str(), SandboxProcess::base_url).to_owned();
    let run = RunJob {
        scenario,
        time_scale: 1.0,
        base_url,
        candidate_base_url: None,
        files_root: once.files_root,
        secrets,
        n_workers: None,
    };
    let job =
        OnceJob { run, journey: once.journey, step: once.step, values: once.values, cancel: once.cancel };
    Ok(engine::send_once(job, tell)?)
}
